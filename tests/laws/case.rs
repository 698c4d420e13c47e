//! Any cluster and any pods: up to six nodes and a dozen pods that use most of what plugins look at.

use overspill::object::spread::WhenUnsatisfiable;
use overspill::object::{Effect, LABEL_HOSTNAME, LABEL_ZONE, PodAffinityTerm, SpreadConstraint};
use overspill::simulation::one_shot::Report;
use overspill::{PreemptionMode, TieBreak};
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::node::{ANode, node};
use crate::pod::{APod, evenly_over, labelled, pod, pods_with, selector};
use crate::world::{World, cluster_of, scheduler};

/// A cluster with pods on it, and pods that come to it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The nodes, in order of addition.
    pub(crate) nodes: Vec<ANode>,
    /// Pods that are bound already, fitting or not.
    pub(crate) placed: Vec<APod>,
    /// Pods that come, in their order.
    pub(crate) pending: Vec<APod>,
    /// The KubeSchedulerConfiguration.
    pub(crate) config: Value,
}

/// The label that Services and ReplicaSets select by.
pub(crate) const APP: &str = "app";
const TIER: &str = "tier";
const TAINTED: &str = "dedicated";
const DEVICE: &str = "example.com/device";

impl Case {
    /// The cluster without the pods that come. Ties are drawn by lot, which knows no names. Nobody is evicted: the
    /// choice between nodes that are equally good to free goes by name.
    pub(crate) fn world(&self) -> World {
        let scheduler = scheduler(&self.config, TieBreak::Random { seed: 7 }, PreemptionMode::Off);
        let world = cluster_of(self.nodes.clone())
            .service(APP, "a")
            .replica_set("b", selector(APP, "b"))
            .namespace("other", "team", "other")
            .decided_by(scheduler);
        self.placed.iter().fold(world, World::with)
    }

    /// What becomes of the pods that come.
    pub(crate) fn run(&self) -> Report {
        self.world().schedule_all(&self.pending)
    }

    /// All pods.
    pub(crate) fn pods_mut(&mut self) -> impl Iterator<Item = &mut APod> {
        self.placed.iter_mut().chain(&mut self.pending)
    }
}

/// Any case at all, with the default profile. Its pods are of a few kinds, so that some are of one class.
pub(crate) fn any_case() -> impl Strategy<Value = Case> {
    let nodes = prop::collection::vec(any_node(), 1..=6);
    let kinds = prop::collection::vec(any_pod(), 1..=4);
    let placed = prop::collection::vec((any::<Index>(), any::<Index>()), 0..=8);
    let pending = prop::collection::vec(any::<Index>(), 1..=12);
    (nodes, kinds, placed, pending).prop_map(|(nodes, kinds, placed, pending)| {
        let nodes: Vec<_> = (0..).zip(nodes).map(|(number, node)| named(node, &node_name(number))).collect();
        let bound = |(number, (kind, node)): (usize, &(Index, Index))| {
            kind.get(&kinds).clone().called(format!("old-{number}")).on(node.get(&nodes).name())
        };
        let coming =
            |(number, kind): (usize, &Index)| kind.get(&kinds).clone().called(format!("new-{number}"));
        let placed = placed.iter().enumerate().map(bound).collect();
        let pending = pending.iter().enumerate().map(coming).collect();
        Case { placed, pending, nodes, config: json!({}) }
    })
}

/// The name of the node of this number.
pub(crate) fn node_name(number: usize) -> String {
    format!("node-{number}")
}

/// A node under another name, which its hostname follows.
pub(crate) fn named(mut node: ANode, name: &str) -> ANode {
    name.clone_into(&mut node.0.name);
    if node.0.labels.get(LABEL_HOSTNAME).is_some() { node.label(LABEL_HOSTNAME, name) } else { node }
}

fn any_node() -> impl Strategy<Value = ANode> {
    let room = (500..16_000_i64, 512..32_768_i64, select(vec![3, 110]), 0..3_i64);
    let labels = (of(select(vec!["x", "y"])), of(select(vec!["gold", "iron"])), prop::bool::weighted(0.9));
    let moods = (prop::bool::weighted(0.2), 0..3_usize, prop::bool::weighted(0.1), of(20..900_i64));
    (room, labels, moods).prop_map(|((millis, mib, pods, devices), (zone, tier, host), moods)| {
        let (tainted, soft_taints, cordoned, image) = moods;
        let mut node = node("unnamed").millis(millis).mib(mib).pods(pods).device(DEVICE, devices);
        node = zone.into_iter().fold(node, ANode::zone);
        node = tier.into_iter().fold(node, |node, tier| node.label(TIER, tier));
        node = image.into_iter().fold(node, |node, mib| node.image("web:1", mib));
        node = if tainted { node.taint(TAINTED, "yes", Effect::NoSchedule) } else { node };
        for number in 0..soft_taints {
            node = node.taint(&format!("soft-{number}"), "", Effect::PreferNoSchedule);
        }
        let node = if cordoned { node.cordoned() } else { node };
        if host { node } else { node.without(LABEL_HOSTNAME) }
    })
}

fn any_pod() -> impl Strategy<Value = APod> {
    (any_plain_pod(), of(any_constraint()), weighted(0.3, any_term())).prop_map(|(pod, constraint, term)| {
        let pod = constraint.into_iter().fold(pod, APod::spread);
        term.into_iter().fold(pod, with_term)
    })
}

/// A pod that says nothing of other pods.
fn any_plain_pod() -> impl Strategy<Value = APod> {
    let requests = (of(0..3000_u32), of(0..4096_u32), weighted(0.1, 1..3_u32));
    let marks =
        (prop::bool::weighted(0.8), select(vec!["a", "b", "c"]), prop::bool::weighted(0.4), any::<bool>());
    let nodes = (of(1..=100_i64), prop::bool::weighted(0.1), weighted(0.15, select(vec![80, 443])));
    (requests, marks, nodes).prop_map(|((cpu, memory, device), marks, (weight, iron, port))| {
        let (in_default, app, owned, tolerant) = marks;
        let mut pod = pod("unnamed").label(APP, app).image("web:1");
        pod = cpu.into_iter().fold(pod, |pod, millis| pod.requests("cpu", &format!("{millis}m")));
        pod = memory.into_iter().fold(pod, |pod, mib| pod.requests("memory", &format!("{mib}Mi")));
        pod = device.into_iter().fold(pod, |pod, count| pod.requests(DEVICE, &count.to_string()));
        pod = weight.into_iter().fold(pod, |pod, weight| pod.prefers(weight, TIER, "gold"));
        pod = port.into_iter().fold(pod, APod::host_port);
        pod = if iron { pod.only_where(labelled(TIER, "iron")) } else { pod };
        pod = if owned { pod.owned_by("b") } else { pod };
        pod = if in_default { pod } else { pod.namespace("other") };
        let tolerated = pod.clone().tolerates(TAINTED, "yes", None).tolerates("soft-0", "", None);
        if tolerant { tolerated } else { pod }
    })
}

fn any_constraint() -> impl Strategy<Value = SpreadConstraint> {
    let keys = select(vec![LABEL_HOSTNAME, LABEL_ZONE, TIER]);
    (keys, 1..=3_i64, select(vec!["a", "b"]), any::<bool>()).prop_map(|(key, max_skew, app, hard)| {
        let mut constraint = evenly_over(key, selector(APP, app));
        constraint.max_skew = max_skew;
        if !hard {
            constraint.when_unsatisfiable = WhenUnsatisfiable::ScheduleAnyway;
        }
        constraint
    })
}

/// What a pod says of others: whom, which of four things, and how much that weighs.
fn any_term() -> impl Strategy<Value = (PodAffinityTerm, u8, i64)> {
    let term = |(key, app): (&str, &str)| pods_with(APP, app, key);
    let keys = select(vec![LABEL_HOSTNAME, LABEL_ZONE]);
    ((keys, select(vec!["a", "b", "c"])).prop_map(term), 0..4_u8, 1..=100_i64)
}

fn with_term(pod: APod, (term, kind, weight): (PodAffinityTerm, u8, i64)) -> APod {
    match kind {
        0 => pod.only_near(term),
        1 => pod.only_apart_from(term),
        2 => pod.prefers_near(weight, term),
        _ => pod.with(|pod| pod.pod_anti_affinity.preferred.push((weight, term))),
    }
}
