//! What is told of a plan, and that it is no more than the runs show.

use super::*;
use crate::units::SimTime;

fn text(question: &Question, search: &Search) -> String {
    let record = PlanRecord {
        version: "0",
        scenario: "shop",
        variant: None,
        scenario_file: "shop.yaml",
        horizon: SimTime::ZERO,
        currency: "USD",
        question,
        search,
        inputs: &[],
    };
    record.text()
}

#[track_caller]
fn check_along(axis: &str, seeds: u64, wait: impl Fn(usize, u64) -> f64, expected: Option<&str>) {
    let question = question(&[axis], &[WAIT], seeds);
    let found = find_in(&question, |place, seed| (place as f64, wait(place, seed)));
    let text = text(&question, &found);
    let told = text.lines().find_map(|line| line.split_once(" the constraints ").map(|(_, told)| told));
    assert_eq!(told, expected, "{text}");
}

#[test]
fn of_the_way_along_a_setting_no_more_is_told_than_was_run() {
    let count = "pools.base.count=1..4";
    check_along(count, 30, |_, _| 99.0, Some("are met by no value"));
    check_along(count, 30, |_, _| 1.0, Some("are met by every value, as far as was run"));
    check_along(count, 1, |_, _| 1.0, Some("are met by every value, as far as was run"));
    check_along(count, 1, |_, _| 99.0, None);
    let rising = |place: usize, _| if place < 2 { 99.0 } else { 1.0 };
    let rises = "are met from some value on, and by every later one";
    check_along("pools.base.count=1..5", 30, rising, Some(&format!("{rises}, as far as was run")));
    check_along("pools.base.count=1..4", 30, rising, Some(rises));
    // One run of seven misses it at a value, of which nothing can be said then.
    let open = |place: usize, seed: u64| if place == 1 && seed.is_multiple_of(7) { 99.0 } else { 1.0 };
    check_along("pools.base.count=1..2", 30, open, None);
    // Between values that miss and meet it, it is only how it looks.
    let between = |place: usize, seed: u64| if place == 0 { 99.0 } else { open(place, seed) };
    check_along("pools.base.count=1..3", 30, between, Some(&format!("{rises}, as far as was run")));
    for unordered in ["variant=base,a,b", "pools.base.instanceType=a,b,c", "pools.base.count=4,2,8"] {
        check_along(unordered, 30, rising, None);
    }
}

#[test]
fn constraints_on_means_are_told_by_means() {
    let world = |place: usize, seed: u64| (10.0 * place as f64 + 20.0 * chance(seed, 9), 1.0);
    let question = question(&["pools.base.count=1..2"], &["mean(cost.total) >= 10"], 10);
    let found = find_in(&question, world);
    let told = text(&question, &found);
    assert_eq!(found.trials[0].met(), None, "no run meets or misses it");
    assert!(
        told.contains("Constraints are to be met by means over all runs, shown with 95 % confidence"),
        "{told}"
    );
    assert!(told.contains("mean(cost.total) >= 10 (cost.total [USD] = "), "{told}");
    assert!(!told.contains("10 of 10 runs"), "{told}");
    assert!(told.contains(" ± "), "{told}");
}

#[test]
fn what_is_open_of_a_mean_is_told_with_it() {
    let world = |_, seed: u64| (20.0 * chance(seed, 9), 1.0);
    let open = question(&["pools.base.count=1..1"], &["mean(cost.total) >= 9"], 10);
    let found = find_in(&open, world);
    assert!(matches!(found.answer.doubts.as_slice(), [Doubt::Unsettled { place: 0, seeds: None }]));
    let told = text(&open, &found);
    let doubt = told.lines().find(|line| line.starts_with("  ? cost.total [USD] = ")).expect("it is told");
    assert!(
        doubt.contains(
            " against mean(cost.total) >= 9 does not show that it meets the constraints; nobody can say"
        ),
        "{doubt}"
    );
}

#[test]
fn one_run_is_told_of_as_one() {
    let question = question(&["pools.base.count=1..1"], &[WAIT], 1);
    let found = find_in(&question, |_, _| (1.0, 1.0));
    let told = text(&question, &found);
    assert!(told.contains("? 1 of 1 run does not show that it meets the constraints"), "{told}");
}

#[test]
fn without_constraints_none_are_told_of() {
    let question = question(&["pools.base.count=1..3"], &[], 30);
    let found = find_in(&question, |place, _| (place as f64, 1.0));
    assert_eq!((found.answer.place, found.answer.is_certain()), (Some(0), true));
    let told = text(&question, &found);
    assert!(told.contains("There are no constraints; means ± half-widths of 95 % intervals."), "{told}");
    assert!(!told.contains("meets") && !told.contains("to be met"), "{told}");
}

#[test]
fn what_has_no_value_is_neither_the_answer_nor_a_doubt() {
    let question = question(&["pools.base.count=1..3"], &[], 30);
    let made = |wanted: &[(usize, u64)]| -> Result<Vec<Replication>, Infallible> {
        let one = |&(place, seed): &(usize, u64)| {
            // The first value has no cost in a single run.
            let cost = (place > 0 || seed != 2).then_some(place as f64);
            let summary = Summary::of_figures(&[("cost.total", cost, false)]);
            Replication { seed, finished: Finished { trace_hash: 0, events: 0 }, summary, holds: Vec::new() }
        };
        Ok(wanted.iter().map(one).collect())
    };
    let found = search(&question, made).unwrap_or_else(|never| match never {});
    assert_eq!((found.answer.place, found.answer.is_certain()), (Some(1), true), "{:?}", found.answer);
    assert_eq!(found.trials[0].runs().len(), 3, "more runs would tell nothing");
    let told = text(&question, &found);
    assert!(told.contains("no value\n") && !told.contains("may be cheaper"), "{told}");
}

#[test]
fn intervals_that_say_less_are_marked() {
    let mut question = question(&["pools.base.count=1..1"], &[], 10);
    question.objective = find("pending.waitSeconds.p99").unwrap();
    let found = find_in(&question, |_, seed| (1.0, 20.0 * chance(seed, 9)));
    let told = text(&question, &found);
    assert_eq!(told.matches(" (approximate)").count(), 2, "in the table and of the answer: {told}");
}
