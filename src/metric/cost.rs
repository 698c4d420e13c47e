//! `cost`: what is paid, for what, and at which rate.

use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use crate::units::{Bytes, MilliCpu, Money, Price, Span};

pub(super) static GROUP: Group = Group {
    name: "cost",
    about: "Money in the currency of the price list, `cost.currency`. Nodes and pods add up to the total exactly.",
    metrics: &[
        Metric::new("cost.total", Unit::Money, Better::Lower, "What the run costs.", |run| {
            Some(currency(run.cost.total()))
        }),
        Metric::new("cost.perSecondMean", Unit::MoneyPerSecond, Better::Lower, MEAN, |run| {
            let seconds = run.horizon.as_secs_f64();
            (seconds > 0.0).then(|| run.cost.total().as_f64() / seconds)
        }),
        Metric::new("cost.perSecondPeak", Unit::MoneyPerSecond, Better::Lower, PEAK, |run| {
            Some(run.cost.peak.per_second_f64())
        }),
        Metric::new("cost.ecs", Unit::Money, Better::Lower, "What the nodes cost.", |run| {
            Some(currency(run.cost.nodes))
        }),
        Metric::new("cost.virtual", Unit::Money, Better::Lower, VIRTUAL, |run| {
            // As rows are printed: what is left of the printed total.
            Some((run.cost.total().to_micros() - run.cost.nodes.to_micros()) as f64 / 1e6)
        }),
        Metric::new("cost.idleEcs", Unit::Money, Better::Lower, IDLE, |run| Some(currency(run.cost.idle))),
    ],
};

const MEAN: &str = "The total divided by the length of the run.";
const PEAK: &str = "The highest rate at which money was spent, at the end of any instant.";
const VIRTUAL: &str = "What the pods on virtual nodes cost, each from its image pull to its end.";
const IDLE: &str = "Of the cost of ECS nodes, the part paid for what no pod requested: the node's price times \
                    1 − max(cpu, memory requested / allocatable), integrated over time.";

/// Money as a number of the currency, as it is printed.
fn currency(money: Money) -> f64 {
    money.to_micros() as f64 / 1e6
}

/// What was spent so far, and at which rate it is spent now.
#[derive(Debug, Default)]
pub(crate) struct Bill {
    /// What the nodes cost that exist now.
    pub(super) node_rate: Price,
    /// What the pods cost that are billed now.
    pub(super) pod_rate: Price,
    pub(super) nodes: Money,
    pub(super) pods: Money,
    /// Of `nodes`, what was paid for nothing; known when the run has ended.
    pub(super) idle: Money,
    peak: Price,
}

impl Bill {
    /// The rates stay as they are for `span`.
    pub(super) fn hold(&mut self, span: Span) {
        self.peak = self.peak.max(self.node_rate + self.pod_rate);
        self.nodes += self.node_rate * span;
        self.pods += self.pod_rate * span;
    }

    /// Everything spent so far.
    pub(super) fn total(&self) -> Money {
        self.nodes + self.pods
    }
}

/// What `span` of a node's time at `price` paid for cpu and memory that no pod had requested: the price times one less
/// the larger of the two requested shares, which never exceed one. Rounded down to the unit of [`Money`], some 10⁻²² of
/// the currency.
pub(super) fn idle(
    price: Price,
    span: Span,
    requested: (MilliCpu, Bytes),
    allocatable: (MilliCpu, Bytes),
) -> Money {
    let cpu = (i128::from(requested.0.0), i128::from(allocatable.0.0));
    let memory = (i128::from(requested.1.0), i128::from(allocatable.1.0));
    let (used, all) = if cpu.0 * memory.1 >= memory.0 * cpu.1 { cpu } else { memory };
    let paid = (price * span).0;
    if all <= 0 {
        return Money(paid);
    }
    let free = (all - used).max(0);
    // Divided first, so that years of dear nodes with much memory stay within the integer.
    Money(paid / all * free + paid % all * free / all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An hour at 0.8 per hour.
    #[track_caller]
    fn check(requested: (i64, i64), allocatable: (i64, i64), micros: i128) {
        let amounts = |(cpu, gib)| (MilliCpu(cpu), Bytes::from_gib(gib));
        let price: Price = "0.8/h".parse().unwrap();
        let paid = idle(price, Span::from_secs(3600), amounts(requested), amounts(allocatable));
        assert_eq!(paid.to_micros(), micros, "{requested:?} of {allocatable:?}");
    }

    #[test]
    fn a_node_is_as_idle_as_its_scarcer_resource() {
        check((0, 0), (8000, 16), 800_000);
        check((2000, 2), (8000, 16), 600_000);
        check((2000, 12), (8000, 16), 200_000);
        check((8000, 1), (8000, 16), 0);
        check((9000, 1), (8000, 16), 0);
        check((0, 0), (0, 0), 800_000);
    }

    proptest! {
        #[test]
        fn idle_time_is_exact_to_the_unit(price in 0_i128..1 << 40, nanos in 0_u64..1 << 45, used in 0_i64..4000) {
            let (price, span) = (Price(price), Span(nanos));
            let idle = idle(price, span, (MilliCpu(used), Bytes(0)), (MilliCpu(4000), Bytes(1)));
            prop_assert_eq!(idle.0, (price * span).0 * i128::from(4000 - used) / 4000);
        }
    }
}
