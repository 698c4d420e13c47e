use super::*;
use proptest::prelude::*;

const NODE: NodeId = NodeId(0);
const CORES: MilliCpu = MilliCpu::from_cores(4);
const MEMORY: Bytes = Bytes::from_gib(8);

fn at(seconds: u64) -> SimTime {
    SimTime::from_secs(seconds)
}

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

/// One node at 0.36/h for 100 s, half of it requested from 50 s on, and one pod at 0.72/h from 60 s to 80 s.
fn small_run() -> Bill {
    let mut bill = Bill::default();
    bill.node_added(NODE, price("0.36/h"), CORES, MEMORY, at(0));
    bill.requested(NODE, MilliCpu::from_cores(2), Bytes::from_gib(1), at(50));
    bill.pod_billed(PodId(3), price("0.72/h"), at(60));
    bill.pod_ended(PodId(3), at(80));
    bill
}

#[test]
fn a_small_run_by_hand() {
    let bill = small_run();
    let summary = bill.summary(at(100));
    assert_eq!(summary.ecs.to_micros(), 10_000, "100 s at 0.0001/s");
    assert_eq!(summary.virtual_nodes.to_micros(), 4_000, "20 s at 0.0002/s");
    assert_eq!(summary.total, summary.ecs + summary.virtual_nodes);
    assert_eq!(summary.idle_ecs.to_micros(), 7_500, "50 s whole, 50 s half");
    assert_eq!(summary.mean_rate, price("0.504/h"), "0.014 in 100 s");
    assert_eq!(summary.peak_rate, price("1.08/h"));
    assert_eq!(bill.rate(), price("0.36/h"));
    assert_eq!(bill.node_idle_at(NODE, at(50)).to_micros(), 5_000);
}

#[test]
fn the_mean_over_a_step_is_the_difference_of_two_totals() {
    let mut bill = Bill::default();
    bill.node_added(NODE, price("0.36/h"), CORES, MEMORY, at(0));
    bill.pod_billed(PodId(0), price("0.72/h"), at(5));
    let at_ten = bill.total_at(at(10));
    bill.pod_ended(PodId(0), at(15));
    let step = bill.total_at(at(20)) - at_ten;
    assert_eq!(mean_rate(step, Span::from_secs(10)), price("0.72/h"), "0.36 and half of 0.72");
    assert_eq!(mean_rate(step, Span::ZERO), Price::ZERO);
}

#[test]
fn released_requests_are_idle_again() {
    let mut bill = small_run();
    bill.released(NODE, MilliCpu::from_cores(2), Bytes::from_gib(1), at(100));
    assert_eq!(bill.summary(at(110)).idle_ecs.to_micros(), 8_500);
    bill.node_removed(NODE, at(110));
    assert_eq!(bill.summary(at(200)).idle_ecs.to_micros(), 8_500);
    assert_eq!(bill.node_cost_at(NODE, at(200)).to_micros(), 11_000);
}

#[test]
fn a_rate_that_holds_for_no_time_is_no_peak() {
    let mut bill = Bill::default();
    bill.pod_billed(PodId(0), price("1/h"), at(0));
    bill.pod_billed(PodId(1), price("5/h"), at(10));
    bill.pod_ended(PodId(1), at(10));
    assert_eq!(bill.summary(at(20)).peak_rate, price("1/h"));
    bill.pod_billed(PodId(2), price("2/h"), at(20));
    assert_eq!(bill.summary(at(20)).peak_rate, price("1/h"));
    assert_eq!(bill.summary(at(21)).peak_rate, price("3/h"));
}

#[test]
fn virtual_nodes_and_pods_on_ecs_cost_nothing() {
    let mut bill = Bill::default();
    bill.requested(NODE, CORES, MEMORY, at(0));
    bill.pod_ended(PodId(0), at(1));
    bill.node_removed(NODE, at(2));
    let summary = bill.summary(at(10));
    assert_eq!((summary.total, summary.idle_ecs), (Money::ZERO, Money::ZERO));
    assert_eq!(bill.pod_cost_at(PodId(0), at(10)), Money::ZERO);
}

/// Something paid for: a price and when it starts and ends.
type Interval = (i128, u64, u64);

/// What it costs up to `instant`, straight from the definition.
fn cost_until((price, start, end): Interval, instant: u64) -> Money {
    Price(price) * Span(end.min(instant).saturating_sub(start))
}

fn intervals(most: usize) -> impl Strategy<Value = Vec<Interval>> {
    let interval = (0_i128..10_i128.pow(12), 0_u64..10_u64.pow(13), 0_u64..10_u64.pow(13));
    prop::collection::vec(interval.prop_map(|(price, a, b)| (price, a.min(b), a.max(b))), 0..most)
}

/// What happens to a bill, in the order of time.
#[derive(Clone, Copy, Debug)]
enum Change {
    StartNode(u32, i128),
    StartPod(u32, i128),
    EndNode(u32),
    EndPod(u32),
}

fn changes(nodes: &[Interval], pods: &[Interval]) -> Vec<(u64, Change)> {
    let mut changes = Vec::new();
    for (id, (price, start, end)) in (0..).zip(nodes) {
        changes.extend([(*start, Change::StartNode(id, *price)), (*end, Change::EndNode(id))]);
    }
    for (id, (price, start, end)) in (0..).zip(pods) {
        changes.extend([(*start, Change::StartPod(id, *price)), (*end, Change::EndPod(id))]);
    }
    // Stable: what starts and ends at one instant keeps that order.
    changes.sort_by_key(|(instant, _)| *instant);
    changes
}

fn apply(bill: &mut Bill, instant: u64, change: Change) {
    let now = SimTime(instant);
    match change {
        Change::StartNode(id, price) => bill.node_added(NodeId(id), Price(price), CORES, MEMORY, now),
        Change::StartPod(id, price) => bill.pod_billed(PodId(id), Price(price), now),
        Change::EndNode(id) => bill.node_removed(NodeId(id), now),
        Change::EndPod(id) => bill.pod_ended(PodId(id), now),
    }
}

proptest! {
    /// Σ pods + Σ nodes = ∫ rate dt = total, to the last unit, at every change and at the end.
    #[test]
    fn money_is_conserved(nodes in intervals(12), pods in intervals(40), after in 0_u64..10_u64.pow(12)) {
        let mut bill = Bill::default();
        let (mut integral, mut peak, mut last) = (Money::ZERO, Price::ZERO, 0);
        let changes = changes(&nodes, &pods);
        let end = changes.last().map_or(0, |(instant, _)| *instant) + after;
        for (instant, change) in changes {
            integral += bill.rate() * Span(instant - last);
            if instant > last {
                peak = peak.max(bill.rate());
            }
            last = instant;
            prop_assert_eq!(bill.total_at(SimTime(instant)), integral);
            let defined: Money = nodes.iter().chain(&pods).map(|paid| cost_until(*paid, instant)).sum();
            prop_assert_eq!(defined, integral);
            apply(&mut bill, instant, change);
        }
        let summary = bill.summary(SimTime(end));
        for (id, paid) in (0..).zip(&nodes) {
            prop_assert_eq!(bill.node_cost_at(NodeId(id), SimTime(end)), cost_until(*paid, end));
        }
        let by_pod: Money = (0..pods.len() as u32).map(|id| bill.pod_cost_at(PodId(id), SimTime(end))).sum();
        prop_assert_eq!(summary.ecs + by_pod, integral);
        prop_assert_eq!(summary.total, integral);
        prop_assert_eq!(bill.rate(), Price::ZERO, "everything has ended");
        prop_assert_eq!(summary.peak_rate, peak);
        let low_by = summary.ecs.0 - summary.idle_ecs.0;
        prop_assert!((0..=2 * nodes.len() as i128).contains(&low_by), "nothing was requested: all is idle, {}", low_by);
    }
}
