//! What pools pay by contract, and what a month costs.

use crate::folder::{Case, check_figure, figure};
use overspill::experiment::measure;

/// What an hour of one ecs.c7.2xlarge costs, of which the list has 0.26 USD, where the pool says this too.
#[track_caller]
fn check_hour(pool: &str, expected: f64) {
    let spec =
        format!("  horizon: 1h\n  pools:\n    base: {{count: 1, instanceType: ecs.c7.2xlarge{pool}}}\n");
    check_figure(&Case { spec, manifest: "" }.measure(), "cost.total", expected);
}

/// rule: pool-contract
#[test]
fn a_pool_pays_what_its_contract_says() {
    check_hour("", 0.26);
    check_hour(", billing: subscription", 0.156);
    check_hour(", billing: subscription, priceFactor: 0.35", 0.091);
    check_hour(", billing: savingsPlan, priceFactor: 0.5", 0.13);
    check_hour(", billing: spot, priceFactor: 0.2", 0.052);
    check_hour(", discount: 15%", 0.221);
    check_hour(", discount: 10%, billing: subscription, priceFactor: 0.5", 0.117);
    check_hour(", discount: 25%, price: 0.4/h", 0.3);
}

/// rule: pool-contract
#[test]
fn a_contract_outlives_the_price_list() {
    let steps = "  timeline:\n    - {at: 30m, setPrice: {spot: 0.9, ecs: {ecs.c7.2xlarge: 0.52/h}}}\n";
    let spec = format!(
        "  horizon: 1h
  pools:
    cut: {{count: 1, instanceType: ecs.c7.2xlarge, discount: 50%}}
    spot: {{count: 1, instanceType: ecs.c7.2xlarge, billing: spot, priceFactor: 0.5}}
    year: {{count: 1, instanceType: ecs.c7.2xlarge, billing: subscription, priceFactor: 0.5}}
{steps}"
    );
    let run = Case { spec, manifest: "" }.measure();
    // Half of the price for each; it doubles after half an hour, but for what was paid for by the month.
    check_figure(&run, "cost.total", 2.0 * (0.065 + 0.13) + 0.13);
}

#[test]
fn a_month_is_told_of_where_a_run_stands_for_it() {
    let case = |word: &str| Case {
        spec: format!(
            "  horizon: 2h\n{word}  pools:\n    base: {{count: 1, price: 0.5/h, allocatable: {{cpu: 4}}}}\n"
        ),
        manifest: "",
    };
    let run = case("  representative: true\n").measure();
    check_figure(&run, "cost.perMonth", 365.0);
    let silent = case("").measure();
    assert!(!silent.observation.summary.has("cost.perMonth"));
    assert_eq!(figure(&silent, "cost.total").to_bits(), figure(&run, "cost.total").to_bits());
    let again = measure(&case("  representative: true\n").resolve(), &mut |_| {});
    assert_eq!(again.finished.trace_hash, silent.finished.trace_hash, "nothing else changes");
}
