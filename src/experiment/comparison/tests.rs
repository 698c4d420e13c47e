use super::*;
use crate::experiment::seeds_table;
use crate::expression::{Expression, Scope};

/// Two variants with three seeds each. The load differs much between seeds and little between the variants.
const TABLE: &str = "\
variant,seed,pods.created,overflow.firstAtSeconds,pending.waitSeconds.p99,overflow.pods,cost.total,lower_bounds
base,1,100,,10,3,2,
base,2,200,5,20,3,3,
base,3,300,6,30,3,4,
other,1,101,4,10,3,1.9,
other,2,201,4,600,3,2.8,pending.waitSeconds.p99
other,3,301,4,30,3,3.85,
";

fn parties(text: &str) -> Vec<Party> {
    let cases = seeds_table::read(text.as_bytes()).unwrap().into_iter();
    cases.map(|(name, series)| Party { name: name.unwrap(), series }).collect()
}

fn compared() -> Comparison {
    Comparison::with_first(parties(TABLE))
}

fn mark(path: &str) -> Mark {
    compared().difference(1, path).unwrap().mark(crate::metric::find(path).unwrap().better)
}

#[test]
fn the_first_is_the_baseline() {
    let comparison = compared();
    assert_eq!(comparison.difference(0, "cost.total"), None);
    assert_eq!(comparison.baseline_of(1).map(|party| party.name.as_str()), Some("base"));
    assert_eq!(comparison.metrics().count(), 5);
}

#[test]
fn differences_are_taken_seed_by_seed() {
    let cost = compared().difference(1, "cost.total").unwrap();
    assert_eq!(cost.pairs, Some(3));
    assert!((cost.mean.unwrap() + 0.15).abs() < 1e-12);
    assert!((cost.sd.unwrap() - 0.05).abs() < 1e-12);
    assert!((cost.relative.unwrap() + 0.05).abs() < 1e-12);
    // -0.15 ± 4.3027 · 0.05 / √3 just excludes zero; of independent samples it would be ± 2.3.
    assert_eq!(cost.is_beyond_chance(), Some(true));
    assert_eq!(mark("cost.total"), Mark::Better);
    assert_eq!(mark("pods.created"), Mark::Differs, "every seed has one more");
}

#[test]
fn equal_figures_do_not_differ() {
    let pods = compared().difference(1, "overflow.pods").unwrap();
    assert!(pods.is_none);
    assert_eq!((pods.mean, pods.is_beyond_chance()), (Some(0.0), Some(false)));
}

#[test]
fn seeds_without_a_value_make_no_pair() {
    let first = compared().difference(1, "overflow.firstAtSeconds").unwrap();
    assert_eq!((first.pairs, first.mean), (Some(2), Some(-1.5)));
    assert!((first.relative.unwrap() + 1.5 / 5.5).abs() < 1e-12, "of the baseline in the pairs");
}

#[test]
fn lower_bounds_are_not_told_from_chance() {
    let wait = compared().difference(1, "pending.waitSeconds.p99").unwrap();
    assert!(wait.has_bounds && wait.interval.is_some());
    assert_eq!(wait.is_beyond_chance(), None);
    assert_eq!(mark("pending.waitSeconds.p99"), Mark::Untold);
}

#[test]
fn other_seeds_are_compared_as_independent() {
    let theirs = parties(&TABLE.replace(",1,", ",7,")).remove(0);
    let ours = parties(TABLE).remove(1);
    let cost = Difference::of(&ours.series, &theirs.series, "cost.total");
    assert_eq!((cost.pairs, cost.sd), (None, None));
    assert_eq!(cost.is_beyond_chance(), Some(false));
    let paired = compared().difference(1, "cost.total").unwrap().interval.unwrap();
    assert!(cost.interval.unwrap().half_width() > 10.0 * paired.half_width());
}

fn holds_for(text: &str) -> Vec<usize> {
    let expression = Expression::parse(text, Scope::Comparison).unwrap();
    compared().judge(&expression).held().map(|outcome| outcome.place).collect()
}

#[test]
fn conditions_are_judged_by_means() {
    assert_eq!(holds_for("cost.total < 2.9"), [1], "2.85 on average, and 3 in the base");
    assert_eq!(holds_for("cost.total > 2.9"), [0], "the baseline is judged too");
    assert_eq!(holds_for("cost.total < baseline.cost.total * 96%"), [1]);
    assert_eq!(holds_for("cost.total < baseline.cost.total * 94%"), [0; 0]);
    assert_eq!(holds_for("cost.total == baseline.cost.total"), [0; 0], "it is not held against itself");
}

#[test]
fn conditions_without_values_are_undecided() {
    let judged = |text: &str| compared().judge(&Expression::parse(text, Scope::Comparison).unwrap());
    let ready = judged("ready.waitSeconds.p99 > 10s");
    assert!(ready.outcomes.iter().all(Outcome::is_undecided));
    let wait = judged("pending.waitSeconds.p99 > 10m");
    assert_eq!((wait.held().count(), wait.outcomes.iter().any(Outcome::is_undecided)), (0, false));
    assert_eq!(wait.outcomes[1].bounds, ["pending.waitSeconds.p99"]);
    assert!(judged("1 / (overflow.pods - 3) > 0").outcomes[0].is_undecided());
}

/// rule: approximate-intervals
#[test]
fn an_interval_is_approximate_if_either_side_is() {
    let series = |count: u64| {
        let rows: Vec<String> = (1..=count).map(|seed| format!("one,{seed},{},\n", seed * seed)).collect();
        parties(&format!("variant,seed,pending.waitSeconds.p99,lower_bounds\n{}", rows.concat()))
            .remove(0)
            .series
    };
    let path = "pending.waitSeconds.p99";
    let is_rough = |ours, theirs| Difference::of(&series(ours), &series(theirs), path).is_approximate(path);
    // Intervals of ten runs hold the true mean too seldom, those of three and of thirty do not.
    assert_eq!([(3, 30), (3, 10), (10, 3), (30, 10)].map(|(a, b)| is_rough(a, b)), [false, true, true, true]);
}
