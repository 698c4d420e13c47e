//! The shipped scenarios: each runs, does what its header says, costs what it must, and gives the figures on record.

#[path = "scenarios/books.rs"]
mod books;
#[path = "scenarios/derived.rs"]
mod derived;
#[path = "scenarios/figures.rs"]
mod figures;
#[path = "scenarios/record.rs"]
mod record;
#[path = "scenarios/shipped.rs"]
mod shipped;
#[path = "scenarios/written.rs"]
mod written;

use derived::derived_by_hand;
use overspill::expression::{Expression, Scope};
use overspill::report::{plot::timeline_svg, terminal};
use overspill::simulation::run;
use shipped::{ALL, named};

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
        let derived = derived_by_hand(&one.text);
        assert!(!derived.is_empty(), "{}: nothing is derived by hand", one.title);
        for text in derived {
            let expression = Expression::parse(text, Scope::Run).unwrap_or_else(|error| panic!("{error}"));
            let verdict = one.measured.judge(&expression);
            assert!(verdict.holds, "{}: {text} does not hold: {:?}", one.title, verdict.measured);
        }
    }
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
    scenario.default_seed += 1;
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

/// Ten pods wait for a node that has no room and are deleted when the load falls: all their waits were cut short,
/// though none lasts to the end.
#[test]
fn a_quantile_is_a_lower_bound_only_where_waits_were_cut_short() {
    let one = named("gateway-missing-toleration-virtual");
    assert_eq!(one.figure("pods.pendingAtEnd"), Some(0.0));
    for group in ["pending", "ready"] {
        assert_eq!(one.figure(&format!("{group}.waitSeconds.censored")), Some(10.0), "{group}");
    }
    for one in ALL.iter() {
        let summary = &one.measured.observation.summary;
        for (group, quantile) in ["pending", "ready"].into_iter().flat_map(|group| {
            ["p50", "p95", "p99", "max"].map(|quantile| (group, format!("{group}.waitSeconds.{quantile}")))
        }) {
            let cut_short = one.figure(&format!("{group}.waitSeconds.censored")) > Some(0.0);
            assert!(cut_short || !summary.is_censored(&quantile), "{}: {quantile}", one.title);
        }
    }
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

/// The picture and the first line say what matters: what waited, what was never ready, what was not served.
#[test]
fn pictures_say_what_went_wrong() {
    #[track_caller]
    fn check(title: &str, finding: &str, below: &str) {
        let observation = &named(title).measured.observation;
        let summary = terminal::summary("run", observation, &[]);
        assert_eq!(summary.lines().next(), Some(format!("run: {finding}").as_str()));
        let picture = timeline_svg(observation, "run");
        assert!(picture.contains(&format!("<title>run: {finding}</title>")), "{title}");
        assert!(picture.contains(below), "{title} does not say {below}");
    }
    check(
        "gateway-pending",
        "none of 10 pods found a node, 10 still pending at the end, no request served",
        "\n0 of 10 pods became ready · 1.56 USD",
    );
    check(
        "gateway-missing-toleration-virtual",
        "no overflow: 39 of 49 pods on ECS, up to 13 waited up to 32.5 min, 10 never ready, 28 % of requests unserved",
        "\np99 until ready ≥ 32.5 min · 0.52 USD",
    );
    check(
        "gateway-spike/one-ecs-node",
        "46 of 85 pods overflow to ECI: 28 early, 18 full",
        "\n99 % of pods ready within 13.6 s · 2.52 USD",
    );
    check("gateway-spike", "20 of 84 pods overflow to ECI: all early", "\n99 % of pods ready within 15 s");
}

/// The summary says what came and went while pods ran, and calls nothing a drain that was none.
#[test]
fn summaries_tell_of_nodes_and_evictions() {
    let lines = |title: &str| {
        let summary = terminal::summary("run", &named(title).measured.observation, &[]);
        let kinds = ["nodes", "spot", "returns", "evictions", "drains"];
        let is_told = |line: &&str| line.split_whitespace().next().is_some_and(|kind| kinds.contains(&kind));
        summary.lines().filter(is_told).map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    let by_hand = ["nodes     1 added, 1 removed; at most 3 at once", "evictions 2 pods evicted"];
    assert_eq!(lines("autoscaler-by-hand"), by_hand);
    let returns = "returns   8 pods evicted in 289 rounds: 8 back on ECS";
    assert_eq!(lines("rebalancing"), [returns, "evictions 8 pods evicted after 12 refusals"]);
    let spot = "spot      4 nodes, 3 taken back, 3 replaced";
    assert_eq!(lines("spot-pools"), [spot, "drains    3 drains done; 8 pods evicted"]);
    assert_eq!(lines("gateway-spike"), [""; 0]);
}
