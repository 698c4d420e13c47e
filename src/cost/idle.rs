//! What an ECS node costs for room that nobody requests.

use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, MilliCpu, Money, Price, SimTime};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "cost-idle",
    statement: "Of what a node costs, the part one less the larger of its requested shares of cpu and memory is paid \
                for nothing.",
    source: "this simulator's own definition",
    confidence: Confidence::Estimate,
}];

/// Integrates, for one node, price × (1 − max(cpu, memory requested / allocatable)) over time.
///
/// The share is a fraction of whole numbers whose denominator depends on which resource is fuller; so the unused
/// amounts of either resource, times the nanoseconds during which that one was the fuller, are summed as whole
/// numbers and divided once, when asked. The answer is low by less than two of the smallest units of [`Money`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Idle {
    price: Price,
    /// What the unused share has cost at earlier prices.
    accrued: Money,
    allocatable_cpu: i64,
    allocatable_memory: i64,
    requested_cpu: MilliCpu,
    requested_memory: Bytes,
    /// When the requests last changed; `None` once the node is gone.
    since: Option<SimTime>,
    /// Thousandths of a core times nanoseconds.
    unused_cpu: i128,
    /// Bytes times nanoseconds.
    unused_memory: i128,
}

impl Idle {
    /// A node at `price` from `now` on, with nothing requested.
    pub(super) fn new(price: Price, cpu: MilliCpu, memory: Bytes, now: SimTime) -> Self {
        Self {
            price,
            accrued: Money::ZERO,
            // A resource of which nothing is allocatable counts as unused as long as nothing is requested of it.
            allocatable_cpu: cpu.0.max(1),
            allocatable_memory: memory.0.max(1),
            requested_cpu: MilliCpu::ZERO,
            requested_memory: Bytes::ZERO,
            since: Some(now),
            unused_cpu: 0,
            unused_memory: 0,
        }
    }

    /// Adds to what is requested of the node from `now` on; negative amounts take away.
    pub(super) fn request(&mut self, cpu: MilliCpu, memory: Bytes, now: SimTime) {
        if self.since.is_some() {
            *self = self.advanced(now);
        }
        self.requested_cpu += cpu;
        self.requested_memory += memory;
    }

    /// The node costs `price` from `now` on.
    pub(super) fn reprice(&mut self, price: Price, now: SimTime) {
        if self.since.is_some() {
            let accrued = self.cost_at(now);
            *self = Self { price, accrued, unused_cpu: 0, unused_memory: 0, ..self.advanced(now) };
        }
    }

    /// Whether the node is gone.
    pub(super) fn has_ended(&self) -> bool {
        self.since.is_none()
    }

    /// Ends the node's time.
    pub(super) fn end(&mut self, now: SimTime) {
        *self = Self { since: None, ..self.advanced(now) };
    }

    /// What is paid now for what nobody requests, low by less than a millionth of the node's price: it is for the timeline,
    /// and made of shifts and small divisions because it is asked for at every change. Nothing once the node is gone.
    pub(super) fn rate(&self) -> Price {
        const BITS: u32 = 24;
        if self.has_ended() {
            return Price::ZERO;
        }
        let share = |requested: i64, all: i64| {
            // What is shifted out is less than a millionth, and nothing of less than a TiB.
            let out = BITS.saturating_sub(all.leading_zeros());
            ((requested.clamp(0, all) as u64 >> out) << BITS) / (all as u64 >> out)
        };
        let cpu = share(self.requested_cpu.0, self.allocatable_cpu);
        let unused = (1 << BITS) - cpu.max(share(self.requested_memory.0, self.allocatable_memory));
        Price((self.price.0 * i128::from(unused)) >> BITS)
    }

    /// What the unused share has cost up to `instant`.
    pub(super) fn cost_at(&self, instant: SimTime) -> Money {
        let now = self.advanced(instant);
        let cpu = share(now.price, now.unused_cpu, now.allocatable_cpu);
        let memory = share(now.price, now.unused_memory, now.allocatable_memory);
        self.accrued + Money(cpu + memory)
    }

    /// The same node with its sums brought up to `instant`.
    fn advanced(mut self, instant: SimTime) -> Self {
        let Some(since) = self.since else { return self };
        let nanos = i128::from(instant.since(since).0);
        let (cpu, memory) = (i128::from(self.requested_cpu.0), i128::from(self.requested_memory.0));
        let (all_cpu, all_memory) = (i128::from(self.allocatable_cpu), i128::from(self.allocatable_memory));
        // cpu / all_cpu >= memory / all_memory, without division.
        if cpu * all_memory >= memory * all_cpu {
            self.unused_cpu += nanos * (all_cpu - cpu).max(0);
        } else {
            self.unused_memory += nanos * (all_memory - memory).max(0);
        }
        self.since = Some(instant.max(since));
        self
    }
}

/// `price × amount / whole`, rounded down, without leaving the range of numbers: a price times bytes times nanoseconds
/// would.
fn share(price: Price, amount: i128, whole: i64) -> i128 {
    let whole = i128::from(whole);
    (amount / whole) * price.0 + (amount % whole) * price.0 / whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::from_secs(seconds)
    }

    fn node(price: &str) -> Idle {
        Idle::new(price.parse().unwrap(), MilliCpu::from_cores(4), Bytes::from_gib(8), at(0))
    }

    /// An hour at 0.8 per hour.
    #[track_caller]
    fn check(requested: (i64, i64), allocatable: (i64, i64), micros: i128) {
        let amounts = |(milli, gib)| (MilliCpu(milli), Bytes::from_gib(gib));
        let (whole, taken) = (amounts(allocatable), amounts(requested));
        let mut node = Idle::new("0.8/h".parse().unwrap(), whole.0, whole.1, at(0));
        node.request(taken.0, taken.1, at(0));
        assert_eq!(node.cost_at(at(3600)).to_micros(), micros, "{requested:?} of {allocatable:?}");
    }

    /// rule: cost-idle
    #[test]
    fn a_node_is_as_idle_as_its_scarcer_resource() {
        check((0, 0), (8000, 16), 800_000);
        check((2000, 2), (8000, 16), 600_000);
        check((2000, 12), (8000, 16), 200_000);
        check((8000, 1), (8000, 16), 0);
        check((9000, 1), (8000, 16), 0);
        check((0, 0), (0, 0), 800_000);
    }

    #[test]
    fn the_fuller_resource_of_each_span_decides() {
        let mut node = node("0.12/h");
        node.request(MilliCpu::from_cores(2), Bytes::from_gib(1), at(0));
        assert_eq!(node.cost_at(at(1800)).to_micros(), 30_000, "half of the cpu is left");
        node.request(MilliCpu::from_cores(-1), Bytes::from_gib(5), at(1800));
        assert_eq!(node.cost_at(at(3600)).to_micros(), 45_000, "a quarter of the memory is left");
    }

    #[test]
    fn an_empty_node_is_all_idle_and_a_full_or_overfull_one_not_at_all() {
        let mut node = node("0.36/h");
        assert_eq!(node.cost_at(at(10)).to_micros(), 1_000);
        node.request(MilliCpu::from_cores(5), Bytes::ZERO, at(10));
        assert_eq!(node.cost_at(at(1000)).to_micros(), 1_000);
    }

    #[test]
    fn each_stretch_of_time_counts_at_its_own_price() {
        let mut node = node("0.36/h");
        node.reprice("0.72/h".parse().unwrap(), at(10));
        node.request(MilliCpu::from_cores(2), Bytes::ZERO, at(20));
        assert_eq!(node.cost_at(at(30)).to_micros(), 1_000 + 2_000 + 1_000);
    }

    #[test]
    fn nothing_is_idle_once_the_node_is_gone() {
        let mut node = node("0.36/h");
        node.end(at(10));
        node.request(MilliCpu::from_cores(-1), Bytes::ZERO, at(20));
        assert_eq!(node.cost_at(at(99)).to_micros(), 1_000);
    }

    #[test]
    fn a_year_of_a_dear_and_large_machine_stays_in_range() {
        let memory = Bytes::from_gib(4096);
        let mut node = Idle::new("1000/h".parse().unwrap(), MilliCpu::from_cores(256), memory, at(0));
        node.request(MilliCpu::ZERO, Bytes(memory.0 / 2), at(0));
        assert_eq!(node.cost_at(at(365 * 86_400)).to_micros(), 4_380_000_000_000);
    }

    proptest! {
        /// Against fractions over a common denominator; the sums may be low by less than two units.
        #[test]
        fn agrees_with_exact_fractions(
            price in 1_i128..1_000_000_000, all_cpu in 1_i64..64, all_memory in 1_i64..64,
            steps in prop::collection::vec((0_i64..64, 0_i64..64, 0_u64..1_000_000), 1..20),
        ) {
            let mut node = Idle::new(Price(price), MilliCpu(all_cpu), Bytes(all_memory), SimTime::ZERO);
            let (mut now, mut before, mut exact) = (SimTime::ZERO, (0, 0), 0_i128);
            for (cpu, memory, nanos) in steps {
                node.request(MilliCpu(cpu - before.0), Bytes(memory - before.1), now);
                before = (cpu, memory);
                let used = i128::from((cpu * all_memory).max(memory * all_cpu));
                let whole = i128::from(all_cpu * all_memory);
                exact += price * i128::from(nanos) * (whole - used).max(0);
                now = SimTime(now.0 + nanos);
            }
            let whole = i128::from(all_cpu * all_memory);
            let used = i128::from((before.0 * all_memory).max(before.1 * all_cpu)).min(whole);
            let off = price * (whole - used) - node.rate().0 * whole;
            prop_assert!(off.abs() <= whole + ((price * whole) >> 23), "the rate is off by {off} of {whole}");
            let low_by = exact - node.cost_at(now).0 * whole;
            prop_assert!((0..2 * whole).contains(&low_by), "{low_by} of {whole}");
        }
    }
}
