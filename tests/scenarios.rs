//! The shipped scenarios: each runs, does what its header says, costs what it must, and gives the figures on record.

#[path = "scenarios/books.rs"]
mod books;
#[path = "scenarios/record.rs"]
mod record;
#[path = "scenarios/shipped.rs"]
mod shipped;
#[path = "scenarios/written.rs"]
mod written;

use overspill::expression::{Expression, Scope};
use overspill::simulation::run;
use shipped::{ALL, Shipped, named};

#[test]
fn every_scenario_states_at_least_three_expectations_and_they_hold() {
    for one in ALL.iter() {
        assert!(one.expectations.len() >= 3, "{}: {} expectations", one.title, one.expectations.len());
        for expectation in &one.expectations {
            let (text, verdict) = (expectation.text(), one.measured.judge(expectation));
            assert!(verdict.holds, "{}: {text} does not hold: {:?}", one.title, verdict.measured);
        }
    }
}

/// The block `# Derived by hand:` in the header of a scenario ends its steps with `=> EXPRESSION`.
#[test]
fn what_is_derived_by_hand_is_what_is_measured() {
    for one in ALL.iter().filter(|one| one.variant.is_none()) {
        let derived = derived_by_hand(one);
        assert!(!derived.is_empty(), "{}: nothing is derived by hand", one.title);
        for text in derived {
            let expression = Expression::parse(text, Scope::Run).unwrap_or_else(|error| panic!("{error}"));
            let verdict = one.measured.judge(&expression);
            assert!(verdict.holds, "{}: {text} does not hold: {:?}", one.title, verdict.measured);
        }
    }
}

fn derived_by_hand(one: &Shipped) -> Vec<&str> {
    let header = one.text.lines().take_while(|line| line.starts_with('#'));
    let block = header.skip_while(|line| *line != "# Derived by hand:");
    block.filter_map(|line| Some(line.split_once("=> ")?.1)).collect()
}

/// Who listens is told everything and can change nothing: without anybody listening the run is the same.
#[test]
fn metrics_do_not_alter_a_run() {
    for one in ALL.iter() {
        assert_eq!(run(&one.scenario, &mut |_, _| {}), one.measured.finished, "{}", one.title);
    }
}

#[test]
fn another_seed_is_another_run() {
    let one = named("gateway-spike");
    let mut scenario = one.resolve();
    scenario.seed += 1;
    let other = run(&scenario, &mut |_, _| {});
    assert_ne!(other.trace_hash, one.measured.finished.trace_hash);
}

/// The header of gateway-spike works out the scores of the tenth pod.
#[test]
fn the_tenth_pod_of_the_gateway_is_the_first_early_one() {
    let pods = &named("gateway-spike").measured.observation.pods;
    let early: Vec<usize> = (0..10).filter(|&place| pods[place].overflow.is_some()).collect();
    assert_eq!(early, [9]);
}

#[test]
fn the_variant_without_spread_is_the_scenario_without_spread() {
    let (variant, scenario) = (named("gateway-spike/no-spread"), named("gateway-spike-no-spread"));
    assert_eq!(variant.measured.finished, scenario.measured.finished);
    assert_eq!(variant.measured.observation.summary, scenario.measured.observation.summary);
}

/// Two ways to go wrong at once: each is named, with the number of nodes that it concerns.
#[test]
fn pods_that_wait_for_ever_are_told_both_reasons() {
    let one = named("gateway-pending");
    let failures = one.measured.observation.events.iter().filter(|event| event.reason == "FailedScheduling");
    let both = "0/4 nodes are available: 1 node(s) had untolerated taint {virtual-kubelet.io/provider: alibabacloud}, \
                3 node(s) didn't match Pod's node affinity/selector. ";
    assert!(failures.clone().all(|event| event.message.starts_with(both)));
    assert_eq!(failures.count(), 220);
}
