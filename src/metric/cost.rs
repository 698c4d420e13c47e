//! `cost`: what is paid, for what, and at which rate.

use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use crate::units::Money;

pub(super) static GROUP: Group = Group {
    name: "cost",
    about: "Money in the currency of the price list, `cost.currency`. Nodes, pods and the cluster's own fee add up to the total exactly.",
    metrics: &[
        Metric::new("cost.total", Unit::Money, Better::Lower, "What the run costs.", |run| {
            Some(currency(run.cost.total))
        }),
        Metric::new(PER_MONTH, Unit::Money, Better::Lower, MONTH, |run| {
            let seconds = run.horizon.as_secs_f64();
            (seconds > 0.0).then(|| run.cost.total.as_f64() * (SECONDS_OF_A_MONTH / seconds))
        }),
        Metric::new("cost.perSecondMean", Unit::MoneyPerSecond, Better::Lower, MEAN, |run| {
            let seconds = run.horizon.as_secs_f64();
            (seconds > 0.0).then(|| run.cost.total.as_f64() / seconds)
        }),
        Metric::new("cost.perSecondPeak", Unit::MoneyPerSecond, Better::Lower, PEAK, |run| {
            Some(run.cost.peak_rate.per_second_f64())
        }),
        Metric::new("cost.ecs", Unit::Money, Better::Lower, "What the nodes cost.", |run| {
            Some(run.cost.printed.nodes.0 as f64 / 1e6)
        }),
        Metric::new("cost.virtual", Unit::Money, Better::Lower, VIRTUAL, |run| {
            Some(run.cost.printed.pods.0 as f64 / 1e6)
        }),
        Metric::new("cost.cluster", Unit::Money, Better::Lower, CLUSTER, |run| {
            Some(currency(run.cost.cluster))
        }),
        Metric::new("cost.idleEcs", Unit::Money, Better::Lower, IDLE, |run| {
            Some(currency(run.cost.idle_ecs))
        }),
    ],
};

/// The metric that only a run which stands for others of its length has.
pub(super) const PER_MONTH: &str = "cost.perMonth";
/// The twelfth part of a year of 365 days: 730 hours.
const SECONDS_OF_A_MONTH: f64 = 730.0 * 3600.0;

const MONTH: &str = "What a month of 730 hours costs in which one such run follows the other; only of scenarios that say \
                     `representative: true`.";
const MEAN: &str = "The total divided by the length of the run.";
const PEAK: &str = "The highest rate at which money was spent, at the end of any instant.";
const VIRTUAL: &str = "What the pods on virtual nodes cost, each from its image pull to its end. In pods.csv `billed_spec` \
                       tells what a pod became: `2-4Gi` or `ecs.c6.large` on ECI; `acs 2-4Gi` on ACS, followed by \
                       `performance` and `best-effort` where it is that.";
const CLUSTER: &str = "The fee for the cluster itself; 0 unless the price list has one.";
const IDLE: &str = "Of the cost of ECS nodes, the part paid for what no pod requested: the node's price times \
                    1 − max(cpu, memory requested / allocatable), integrated over time.";

/// Money as a number of the currency, as it is printed.
fn currency(money: Money) -> f64 {
    money.to_micros() as f64 / 1e6
}
