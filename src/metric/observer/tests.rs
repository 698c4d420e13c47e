mod lives;

use std::sync::LazyLock;

use super::*;
use crate::cost::Micros;
use crate::metric::{NodeRow, Observation, PodRow, TimelineRow};
use crate::object::Title;
use crate::traffic::latency::Latencies;
use crate::units::{Bytes, MilliCpu};

const ECS: NodeId = NodeId(0);
const VIRTUAL: NodeId = NodeId(1);

fn observer(sample_every: u64, horizon: u64) -> Observer {
    Observer::new(settings(sample_every, horizon))
}

fn settings(sample_every: u64, horizon: u64) -> Settings {
    let (horizon, sample_every) = (SimTime::from_secs(horizon), Span::from_secs(sample_every));
    Settings { horizon, sample_every, is_representative: false, currency: "USD".to_owned() }
}

fn node(node: NodeId, class: NodeClass, price: &'static str) -> Fact<'static> {
    Fact::NodeAdded {
        node,
        name: if class == NodeClass::Ecs { "ecs-0" } else { "virtual-0" },
        class,
        pool: "gateway",
        instance_type: "ecs.c7.xlarge",
        price: price.parse().unwrap(),
        cpu: MilliCpu::from_cores(4),
        memory: Bytes::from_gib(8),
    }
}

fn pod(pod: u32, milli_cpu: i64, gib: i64, counted: bool) -> Fact<'static> {
    Fact::PodCreated {
        pod: PodId(pod),
        namespace: "default",
        name: "web",
        workload: Some(Title::of("Deployment/default/web")),
        containers: 2,
        cpu: MilliCpu(milli_cpu),
        memory: Bytes::from_gib(gib),
        counted,
    }
}

fn bound(pod: u32, node: NodeId, overflow: Option<Overflow>, attempts: u32) -> Fact<'static> {
    Fact::PodBound { pod: PodId(pod), node, overflow, attempts, sender: None }
}

fn billed(pod: u32, price: &str) -> Fact<'static> {
    Fact::PodBilled { pod: PodId(pod), price: price.parse().unwrap(), spec: format_args!("1-2Gi") }
}

fn ready(pod: u32) -> Fact<'static> {
    Fact::PodReady { pod: PodId(pod) }
}

fn terminating(pod: u32) -> Fact<'static> {
    Fact::PodTerminating { pod: PodId(pod) }
}

fn ended(pod: u32, outcome: Outcome) -> Fact<'static> {
    Fact::PodEnded { pod: PodId(pod), outcome }
}

fn load(step: u64, requests: f64, unserved: f64) -> Fact<'static> {
    static UNKNOWN: LazyLock<Latencies> = LazyLock::new(Latencies::default);
    let (step, latencies) = (Span::from_secs(step), &*UNKNOWN);
    Fact::Load { workload: "Deployment/default/web", step, requests, unserved, latencies }
}

fn observe(observer: &mut Observer, facts: &[(u64, Fact<'_>)]) {
    for (seconds, fact) in facts {
        observer.observe(SimTime::from_secs(*seconds), fact);
    }
}

/// Forty seconds, by hand. A node at 0.001 per second holds a system pod (pod 2) to the end and pod 0 to 22 s; pod 1
/// overflows early at 5 s and costs 0.002 per second from 6 to 30 s; pod 3 waits from 12 s on; pod 4 waits from 25 s
/// until it is deleted at 33 s.
fn forty_seconds() -> Observation {
    let mut observer = observer(10, 40);
    observe(
        &mut observer,
        &[
            (0, node(ECS, NodeClass::Ecs, "3.6/h")),
            (0, node(VIRTUAL, NodeClass::Virtual, "0/h")),
            (0, Fact::ReplicasDesired { workload: "Deployment/default/web", replicas: 2 }),
            (0, pod(0, 1000, 1, true)),
            (0, pod(1, 1000, 1, true)),
            (0, pod(2, 500, 0, false)),
            (0, bound(2, ECS, None, 0)),
            (0, ready(2)),
            (0, bound(0, ECS, None, 1)),
            (0, Fact::AttemptFailed { pod: PodId(1) }),
            (5, bound(1, VIRTUAL, Some(Overflow::Early), 2)),
            (6, billed(1, "7.2/h")),
            (10, ready(0)),
            (12, Fact::ReplicasDesired { workload: "Deployment/default/web", replicas: 3 }),
            (12, pod(3, 1000, 1, true)),
            (15, ready(1)),
            (20, terminating(0)),
            (20, load(20, 200.0, 50.0)),
            (22, ended(0, Outcome::Deleted)),
            (25, pod(4, 1000, 1, true)),
            (30, ended(1, Outcome::Succeeded)),
            (33, terminating(4)),
            (33, ended(4, Outcome::Deleted)),
        ],
    );
    Observation::new(observer.finish())
}

#[test]
fn forty_seconds_come_to_what_was_worked_out_by_hand() {
    let summary = forty_seconds().summary.clone();
    for (path, expected) in [
        ("pods.created", 4.0),
        ("pods.scheduled", 2.0),
        ("pods.completed", 1.0),
        ("pods.pendingAtEnd", 1.0),
        ("pods.preempted", 0.0),
        ("overflow.pods", 1.0),
        ("overflow.share", 0.5),
        ("overflow.podSeconds", 25.0),
        ("overflow.early", 1.0),
        ("overflow.full", 0.0),
        ("overflow.firstAtSeconds", 5.0),
        // Pod 0 is created and bound in one instant; pods 3 and 4 wait together.
        ("pending.peak", 2.0),
        ("pending.podSeconds", 5.0 + 28.0 + 8.0),
        // The waits are 0, 5, 8 (deleted) and 28 (still waiting).
        ("pending.waitSeconds.p50", 5.0),
        ("pending.waitSeconds.p95", 28.0),
        ("pending.waitSeconds.max", 28.0),
        ("pending.waitSeconds.censored", 2.0),
        ("starting.peak", 2.0),
        ("starting.podSeconds", 10.0 + 10.0),
        // 8 (deleted), 10, 15 and 28 (still waiting).
        ("ready.waitSeconds.p50", 10.0),
        ("ready.waitSeconds.p99", 28.0),
        ("ready.waitSeconds.censored", 2.0),
        ("traffic.requests", 200.0),
        ("traffic.unservedShare", 0.25),
        ("cost.total", 0.04 + 0.048),
        ("cost.ecs", 0.04),
        ("cost.virtual", 0.048),
        ("cost.perSecondMean", 0.0022),
        ("cost.perSecondPeak", 0.003),
        // Cpu is the scarcer: 1500m of 4 cores are requested for 22 s, then 500m for 18 s.
        ("cost.idleEcs", 0.001 * (22.0 * 0.625 + 18.0 * 0.875)),
        ("scheduler.attempts", 3.0),
        ("scheduler.decisions", 2.0),
        ("scheduler.failures", 1.0),
    ] {
        let value = summary.get(path).unwrap_or_else(|| panic!("{path} has a value")).number;
        assert!((value - expected).abs() < 1e-9, "{path} is {value}, not {expected}");
    }
    assert!(summary.is_censored("pending.waitSeconds.p99"));
    assert!(!summary.is_censored("pending.waitSeconds.p50"));
}

#[test]
fn the_grid_shows_each_instant_after_its_facts_and_the_mean_rate_before_it() {
    let run = forty_seconds();
    let rows = &run.timeline;
    let counts: Vec<[u64; 7]> = rows
        .iter()
        .map(|row| {
            let TimelineRow { pods_ecs, pods_virtual, pods_virtual_early, pending, starting, ready, .. } =
                *row;
            [row.replicas_desired, pods_ecs, pods_virtual, pods_virtual_early, pending, starting, ready]
        })
        .collect();
    assert_eq!(
        counts,
        [
            [2, 1, 0, 0, 1, 1, 0],
            [2, 1, 1, 1, 0, 1, 1],
            [3, 1, 1, 1, 1, 0, 1],
            [3, 0, 0, 0, 2, 0, 0],
            [3, 0, 0, 0, 1, 0, 0]
        ]
    );
    let rates: Vec<[f64; 4]> = rows
        .iter()
        .map(|row| [row.rps, row.unserved_rps, row.cost_ecs_per_s, row.cost_virtual_per_s])
        .collect();
    let expected = [
        [0.0, 0.0, 0.001, 0.0],
        [10.0, 2.5, 0.001, 0.0008],
        [10.0, 2.5, 0.001, 0.002],
        [0.0, 0.0, 0.001, 0.002],
        [0.0, 0.0, 0.001, 0.0],
    ];
    for (rate, wanted) in rates.iter().flatten().zip(expected.iter().flatten()) {
        assert!((rate - wanted).abs() < 1e-12, "{rates:?}");
    }
}

#[test]
fn a_crest_shows_what_came_and_went_between_two_rows() {
    let mut observer = observer(10, 30);
    observe(
        &mut observer,
        &[
            (0, node(ECS, NodeClass::Ecs, "3.6/h")),
            (3, pod(0, 1000, 1, true)),
            (3, pod(1, 1000, 1, true)),
            (5, bound(0, ECS, None, 1)),
            (5, bound(1, ECS, None, 1)),
            (6, pod(2, 1000, 1, true)),
            (7, bound(2, ECS, None, 1)),
            (8, ready(0)),
            (8, ready(1)),
            (8, ready(2)),
        ],
    );
    let rows = observer.finish().0.timeline;
    assert!(rows.iter().all(|row| (row.pending, row.starting) == (0, 0)));
    let crests: Vec<_> = rows.iter().map(|row| (row.crest.pending, row.crest.waiting)).collect();
    assert_eq!(crests, [(0, 0), (2, 3), (0, 0), (0, 0)]);
}

#[test]
fn rows_tell_the_lives_of_pods_and_nodes() {
    let run = forty_seconds();
    let early = &run.pods[1];
    assert_eq!((early.node.as_str(), early.attempts, early.billed_spec.as_str()), ("virtual-0", 2, "1-2Gi"));
    assert_eq!(
        (early.scheduled, early.finished),
        (Some(SimTime::from_secs(5)), Some(SimTime::from_secs(30)))
    );
    assert_eq!((early.ready_containers(), early.cost.to_micros()), ("2/2".to_owned(), 48_000));
    let waiting = &run.pods[3];
    assert_eq!(
        (waiting.ready_containers(), waiting.node_class, waiting.overflow),
        ("0/2".to_owned(), None, None)
    );
    assert_eq!(run.nodes[0].cost.to_micros(), 40_000);
    assert_eq!(run.nodes[0].idle_cost.to_micros(), 29_500);
    assert_eq!((run.nodes[1].cost, run.nodes[1].idle_cost), (Money::ZERO, Money::ZERO));
}

#[test]
fn a_node_is_paid_for_until_it_is_removed() {
    let mut observer = observer(60, 100);
    observe(
        &mut observer,
        &[(10, node(ECS, NodeClass::Ecs, "3.6/h")), (40, Fact::NodeRemoved { node: ECS })],
    );
    let run = Observation::new(observer.finish());
    assert_eq!(run.nodes[0].cost.to_micros(), 30_000);
    assert_eq!(run.nodes[0].idle_cost.to_micros(), 30_000);
    assert_eq!(run.timeline.len(), 3, "rows at 0, at 60 and at the end of the run");
}

/// Keeps what is printed for the money of nodes and pods.
#[derive(Default)]
struct Printed(Vec<i128>);

impl RowSink for Printed {
    fn takes_events(&self) -> bool {
        false
    }

    fn takes_pods(&self) -> bool {
        true
    }

    fn event(&mut self, _: &EventRow<Title<'_>, fmt::Arguments<'_>>) {}

    fn pod(&mut self, _: &PodRow<&str>, cost: Micros) {
        self.0.push(cost.0);
    }

    fn node(&mut self, _: NodeRow, cost: Micros, _: Micros) {
        self.0.push(cost.0);
    }
}

/// A third of a millionth per second each. When the pod's row is printed, the node is to cost 3 1/3 of them, and with the
/// pod 3 2/3, so that the pod gets one; in the end it costs 3, and both together 3 1/3.
#[test]
fn printed_rows_add_up_though_a_node_goes_after_the_last_of_them() {
    let mut observer = Observer::with_sink(settings(10, 10), Printed::default());
    for (seconds, fact) in [
        (0, node(ECS, NodeClass::Ecs, "0.0012/h")),
        (0, node(VIRTUAL, NodeClass::Virtual, "0/h")),
        (0, pod(0, 1000, 1, true)),
        (0, bound(0, VIRTUAL, Some(Overflow::Full), 1)),
        (0, billed(0, "0.0012/h")),
        (1, ended(0, Outcome::Deleted)),
        (9, Fact::NodeRemoved { node: ECS }),
    ] {
        observer.observe(SimTime::from_secs(seconds), &fact);
    }
    let (overview, Printed(rows)) = observer.finish();
    assert_eq!(rows, [1, 2, 0]);
    let total = overview.summary.get("cost.total").unwrap().number;
    assert!((total * 1e6 - 3.0).abs() < 1e-9, "{total}");
}

#[test]
fn a_run_without_pods_has_no_waits_and_no_first_overflow() {
    let summary = observer(1, 3).finish().0.summary;
    for path in ["overflow.firstAtSeconds", "pending.waitSeconds.p50", "ready.waitSeconds.max"] {
        assert_eq!(summary.get(path), None, "{path}");
    }
    assert_eq!(summary.get("overflow.share").unwrap().number.to_bits(), 0.0_f64.to_bits());
}

/// A pod that is held up by several things counts at each of them once, and only there.
#[test]
fn what_holds_pods_up_is_counted_by_reason() {
    let held = |number, by| Fact::PodHeldUp { pod: PodId(number), by };
    let mut observer = observer(10, 10);
    observe(
        &mut observer,
        &[
            (0, node(ECS, NodeClass::Ecs, "3.6/h")),
            (0, node(VIRTUAL, NodeClass::Virtual, "0/h")),
            (0, pod(0, 1000, 1, true)),
            (0, pod(1, 1000, 1, true)),
            (0, pod(2, 1000, 1, false)),
            (0, bound(0, VIRTUAL, Some(Overflow::Full), 1)),
            (0, held(0, HeldUp::CreationRate)),
            (0, held(1, HeldUp::Quota)),
            (1, held(0, HeldUp::Stock)),
            (2, held(0, HeldUp::Quota)),
            (3, held(0, HeldUp::Stock)),
            (3, held(2, HeldUp::Address)),
        ],
    );
    let summary = observer.finish().0.summary;
    let counted = |name| summary.get(&format!("starting.heldUp.{name}")).map(|value| value.number as u32);
    let counts = ["stock", "quota", "address", "creationRate"].map(counted);
    assert_eq!(counts, [Some(1), Some(2), Some(0), Some(1)]);
}

/// Two nodes at the same price: what the pod requests is idle on the one until it moves there, and on the other after.
#[test]
fn a_pod_that_moves_takes_its_requests_along() {
    let other = NodeId(2);
    let mut observer = observer(10, 10);
    observe(
        &mut observer,
        &[
            (0, node(ECS, NodeClass::Ecs, "3.6/h")),
            (0, node(VIRTUAL, NodeClass::Virtual, "0/h")),
            (0, node(other, NodeClass::Virtual, "0/h")),
            (0, pod(0, 1000, 1, true)),
            (0, bound(0, VIRTUAL, Some(Overflow::Directed), 0)),
            (4, Fact::PodMoved { pod: PodId(0), node: other }),
            (8, ended(0, Outcome::Deleted)),
        ],
    );
    let seen = Observation::new(observer.finish());
    assert_eq!(seen.pods[0].node, seen.nodes[2].name);
    assert_eq!(seen.summary.get("overflow.pods").unwrap().number as u32, 1);
}
