use super::*;
use proptest::prelude::*;

const CORES: MilliCpu = MilliCpu::from_cores(4);
const MEMORY: Bytes = Bytes::from_gib(8);

fn at(seconds: u64) -> SimTime {
    SimTime::from_secs(seconds)
}

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

/// One node at 0.36/h, half of it requested from 50 s on, and one pod at 0.72/h from 60 s to 80 s.
fn small_run() -> (Bill, NodeAccount, Account) {
    let (mut bill, mut pod) = (Bill::default(), Account::default());
    let mut node = bill.node_added(price("0.36/h"), CORES, MEMORY, at(0));
    bill.requested(&mut node, MilliCpu::from_cores(2), Bytes::from_gib(1), at(50));
    bill.pod_billed(&mut pod, price("0.72/h"), at(60));
    bill.pod_ended(&mut pod, at(80));
    (bill, node, pod)
}

/// rule: cost-ecs
/// rule: cost-eci
#[test]
fn a_small_run_by_hand() {
    let (bill, node, pod) = small_run();
    let summary = bill.summary(at(100), node.idle_at(at(100)), node.cost_at(at(100)));
    assert_eq!(summary.ecs.to_micros(), 10_000, "100 s at 0.0001/s");
    assert_eq!(summary.virtual_nodes.to_micros(), 4_000, "20 s at 0.0002/s");
    assert_eq!(summary.total, summary.ecs + summary.virtual_nodes);
    assert_eq!(summary.idle_ecs.to_micros(), 7_500, "50 s whole, 50 s half");
    assert_eq!(summary.peak_rate, price("1.08/h"));
    assert_eq!(
        (bill.ecs_rate(), bill.virtual_rate(), bill.rate()),
        (node.paid.price(), Price::ZERO, price("0.36/h"))
    );
    assert_eq!(node.idle_at(at(50)).to_micros(), 5_000);
    assert_eq!((node.cost_at(at(100)), pod.cost_at(at(100))), (summary.ecs, summary.virtual_nodes));
}

#[test]
fn what_a_step_costs_is_the_difference_of_two_totals() {
    let (mut bill, mut pod) = (Bill::default(), Account::default());
    bill.node_added(price("0.36/h"), CORES, MEMORY, at(0));
    bill.pod_billed(&mut pod, price("0.72/h"), at(5));
    let at_ten = bill.total_at(at(10));
    bill.pod_ended(&mut pod, at(15));
    let step = bill.total_at(at(20)) - at_ten;
    assert_eq!(step, price("0.72/h") * Span::from_secs(10), "0.36 and half of 0.72");
}

#[test]
fn released_requests_are_idle_again_until_the_node_is_gone() {
    let (mut bill, mut node, _) = small_run();
    bill.released(&mut node, MilliCpu::from_cores(2), Bytes::from_gib(1), at(100));
    assert_eq!(node.idle_at(at(110)).to_micros(), 8_500);
    assert_eq!((bill.idle_rate(), bill.idle_until(at(110)).to_micros()), (price("0.36/h"), 8_500));
    bill.node_removed(&mut node, at(110));
    bill.node_removed(&mut node, at(150));
    bill.node_priced(&mut node, price("7.2/h"), at(160));
    assert_eq!(node.idle_at(at(200)).to_micros(), 8_500);
    assert_eq!(node.cost_at(at(200)).to_micros(), 11_000);
    assert_eq!(bill.ecs_at(at(200)), node.cost_at(at(200)));
    assert_eq!((bill.rate(), bill.idle_rate()), (Price::ZERO, Price::ZERO));
}

#[test]
fn a_rate_that_holds_for_no_time_is_no_peak() {
    let (mut bill, mut pods) = (Bill::default(), [Account::default(); 3]);
    bill.pod_billed(&mut pods[0], price("1/h"), at(0));
    bill.pod_billed(&mut pods[1], price("5/h"), at(10));
    bill.pod_ended(&mut pods[1], at(10));
    assert_eq!(bill.summary(at(20), Money::ZERO, Money::ZERO).peak_rate, price("1/h"));
    bill.pod_billed(&mut pods[2], price("2/h"), at(20));
    assert_eq!(
        bill.summary(at(20), Money::ZERO, Money::ZERO).peak_rate,
        price("3/h"),
        "the last instant has an end too"
    );
}

#[test]
fn virtual_nodes_and_pods_on_ecs_cost_nothing() {
    let (mut bill, mut pod) = (Bill::default(), Account::default());
    let mut node = bill.node_added(Price::ZERO, CORES, MEMORY, at(0));
    bill.requested(&mut node, CORES, Bytes::ZERO, at(1));
    bill.pod_ended(&mut pod, at(2));
    assert_eq!(bill.total_at(at(10)), Money::ZERO);
    assert_eq!(
        (node.cost_at(at(10)), node.idle_at(at(10)), pod.cost_at(at(10))),
        (Money::ZERO, Money::ZERO, Money::ZERO)
    );
}

#[test]
#[should_panic(expected = "it has moved on to 5s")]
fn the_past_cannot_be_asked_for() {
    let mut bill = Bill::default();
    bill.pod_billed(&mut Account::default(), Price(1), at(5));
    bill.total_at(at(4));
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

/// What happens to the node or pod of a number, in the order of time.
#[derive(Clone, Copy, Debug)]
enum Change {
    StartNode(usize, i128),
    StartPod(usize, i128),
    EndNode(usize),
    EndPod(usize),
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

/// A bill with the accounts that rows would hold.
struct Books {
    bill: Bill,
    nodes: Vec<Option<NodeAccount>>,
    pods: Vec<Account>,
}

impl Books {
    fn apply(&mut self, now: SimTime, change: Change) {
        let bill = &mut self.bill;
        match change {
            Change::StartNode(id, price) => {
                self.nodes[id] = Some(bill.node_added(Price(price), CORES, MEMORY, now));
            }
            Change::StartPod(id, price) => bill.pod_billed(&mut self.pods[id], Price(price), now),
            Change::EndNode(id) => bill.node_removed(self.nodes[id].as_mut().unwrap(), now),
            Change::EndPod(id) => bill.pod_ended(&mut self.pods[id], now),
        }
    }
}

proptest! {
    /// Σ pods + Σ nodes = ∫ rate dt = total, to the last unit, at every change and at the end.
    #[test]
    fn money_is_conserved(nodes in intervals(12), pods in intervals(40), after in 0_u64..10_u64.pow(12)) {
        let accounts = (vec![None; nodes.len()], vec![Account::default(); pods.len()]);
        let mut books = Books { bill: Bill::default(), nodes: accounts.0, pods: accounts.1 };
        let (mut integral, mut peak, mut last) = (Money::ZERO, Price::ZERO, 0);
        let changes = changes(&nodes, &pods);
        let end = changes.last().map_or(0, |(instant, _)| *instant) + after;
        for (instant, change) in changes {
            integral += books.bill.rate() * Span(instant - last);
            if instant > last {
                peak = peak.max(books.bill.rate());
            }
            last = instant;
            prop_assert_eq!(books.bill.total_at(SimTime(instant)), integral);
            let defined: Money = nodes.iter().chain(&pods).map(|paid| cost_until(*paid, instant)).sum();
            prop_assert_eq!(defined, integral);
            books.apply(SimTime(instant), change);
        }
        let end = SimTime(end);
        let accounts: Vec<_> = books.nodes.into_iter().flatten().collect();
        let idle: Money = accounts.iter().map(|node| node.idle_at(end)).sum();
        let summary = books.bill.summary(end, idle, books.bill.ecs_at(end));
        for (account, paid) in accounts.iter().zip(&nodes) {
            prop_assert_eq!(account.cost_at(end), cost_until(*paid, end.0));
        }
        let by_pod: Money = books.pods.iter().map(|pod| pod.cost_at(end)).sum();
        prop_assert_eq!((summary.virtual_nodes, summary.ecs + by_pod, summary.total), (by_pod, integral, integral));
        prop_assert_eq!(books.bill.rate(), Price::ZERO, "everything has ended");
        prop_assert_eq!(summary.peak_rate, peak);
        let low_by = summary.ecs.0 - summary.idle_ecs.0;
        prop_assert!((0..=2 * nodes.len() as i128).contains(&low_by), "nothing was requested: all is idle, {}", low_by);
    }
}
