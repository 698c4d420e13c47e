//! The node autoscaler of a run: what it sees at a scan, and what follows from what it decides.
//!
//! What it asks for is in `requests.rs`, how the nodes come in `run/nodes.rs`, how they go in `removals.rs`.

mod removals;
mod requests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::Run;
use super::event::Event;
use super::pod_state::Creator;
use crate::cluster::Cluster;
use crate::controller::node_autoscaler::{
    Decision, Group, Increase, Member, NodeAutoscaler, Pending, PodView, Reasons, Request, Unremovable, View,
};
use crate::id::{NodeId, PodId};
use crate::metric::Fact;
use crate::object::{NodeSpec, Title};
use crate::rule::{Confidence, Rule};
use crate::simulation::scenario::{NodeAutoscalerKind, NodeAutoscalerSetup, NodeGroupSetup};
use crate::units::SimTime;
use removals::{CANDIDATE, Leaving, TO_BE_DELETED};

/// How nodes go.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "node-deletion",
        statement: "A node that goes gets the taint ToBeDeletedByClusterAutoscaler:NoSchedule and is drained 5 s later: \
                    evictions that a budget refuses are asked for again every 10 s for 2 minutes, and it is looked every \
                    5 s whether the last pod is gone; if that fails, it stays.",
        source: "kubernetes/autoscaler, core/scaledown/actuation/drain.go, actuator.go, delete_in_batch.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "node-release",
        statement: "When a node is drained, its machine is released and paid for no more, and its Node is gone with it.",
        source: "ACK, \"Node scaling\": nodes that are scaled in are removed and their ECS instances released",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "node-deletion-candidates",
        statement: "Nodes that are not needed have the taint DeletionCandidateOfClusterAutoscaler:PreferNoSchedule; a scan \
                    changes ten at most, and none while a delay keeps nodes from going, no pool has one to spare, or it \
                    removes one.",
        source: "kubernetes/autoscaler, core/scaledown/actuation/softtaint.go; --max-bulk-soft-taint-count; \
                 core/static_autoscaler.go `RunOnce`",
        confidence: Confidence::Source,
    },
];

/// Who speaks of it (clusterstate/utils/status.go `StatusConfigMapName`).
const STATUS: Title<'static> =
    Title { kind: "ConfigMap", namespace: Some("kube-system"), name: "cluster-autoscaler-status" };

/// A node of a group.
#[derive(Clone, Copy, Debug)]
struct Machine {
    group: usize,
    /// When it was registered, if that was during the run.
    added: Option<SimTime>,
}

/// The node autoscaler, and what it deals with.
pub(super) struct NodeScaling {
    autoscaler: NodeAutoscaler,
    machines: BTreeMap<NodeId, Machine>,
    /// Machines that were asked for and have no Nodes yet.
    asked: BTreeMap<NodeId, Request>,
    leaving: BTreeMap<NodeId, Leaving>,
    /// Pods that were found to fit nowhere, unless they have a node or are gone meanwhile.
    rejected: BTreeSet<PodId>,
    /// What was last told of pods that no group helps.
    told: BTreeMap<PodId, Reasons>,
    /// What was last told of why nodes stay.
    unremovable: BTreeMap<NodeId, Unremovable>,
    /// How many nodes each pool ever had or was asked for.
    ever: Vec<u32>,
    /// How many nodes each group was asked for.
    made: Vec<usize>,
    /// Whether a scan out of turn is in the calendar.
    scan_is_due: bool,
}

impl NodeScaling {
    fn new(setup: &NodeAutoscalerSetup) -> Self {
        let groups: Vec<Group> = setup.groups.iter().map(|one| one.group.clone()).collect();
        let pools = setup.pools.iter().map(|(_, size, _)| *size).collect();
        Self {
            made: vec![0; groups.len()],
            autoscaler: NodeAutoscaler::new(setup.config.clone(), groups, pools),
            machines: BTreeMap::new(),
            asked: BTreeMap::new(),
            leaving: BTreeMap::new(),
            rejected: BTreeSet::new(),
            told: BTreeMap::new(),
            unremovable: BTreeMap::new(),
            ever: setup.pools.iter().map(|(_, _, count)| *count).collect(),
            scan_is_due: false,
        }
    }

    fn members(&self, cluster: &Cluster) -> Vec<Member> {
        let member = |(&node, machine): (&NodeId, &Machine)| {
            let Machine { group, added } = *machine;
            let ready = is_ready(&cluster.node(node).spec);
            Member { node, group, added, ready, deleting: self.leaving.contains_key(&node) }
        };
        self.machines.iter().map(member).collect()
    }

    /// How many nodes that are not its own are not ready.
    fn unready_others(&self, cluster: &Cluster) -> u32 {
        let unready = cluster.nodes().filter(|node| !is_ready(&node.spec));
        unready.filter(|node| !self.machines.contains_key(&node.id)).count() as u32
    }
}

/// The keys of the taints that an autoscaler sets.
pub(super) const TAINTS: [&str; 2] = [TO_BE_DELETED, CANDIDATE];

fn is_ready(spec: &NodeSpec) -> bool {
    matches!(spec.conditions.get("Ready"), None | Some("True"))
}

impl Run<'_, '_> {
    /// Makes the autoscaler known, with the nodes of its pools that are there, and has it look.
    pub(super) fn begin_node_scaling(&mut self) {
        let scenario = self.scenario;
        let Some(setup) = &scenario.node_autoscaler else { return };
        let mut scaling = NodeScaling::new(setup);
        for (node, own) in (0..).map(NodeId).zip(&scenario.nodes) {
            let is_its = |one: &NodeGroupSetup| one.is_of(&own.pool, &own.instance_type);
            let Some(group) = setup.groups.iter().position(is_its) else { continue };
            let machine = Machine { group, added: None };
            scaling.machines.insert(node, machine);
            scaling.made[group] += 1;
        }
        let interval = scaling.autoscaler.config().scan_interval;
        self.node_scaling = Some(Box::new(scaling));
        self.tell(&Fact::NodesAutoscaled);
        self.at(self.now + interval, Event::NodeScan);
    }

    /// No node could take a pod.
    pub(super) fn autoscaler_sees_rejected(&mut self, pod: PodId) {
        let Some(scaling) = &mut self.node_scaling else { return };
        scaling.rejected.insert(pod);
        let Some(after) = scaling.autoscaler.config().reaction else { return };
        if !std::mem::replace(&mut scaling.scan_is_due, true) {
            self.at(self.now + after, Event::NodeScanSoon);
        }
    }

    /// A scan in its turn.
    pub(super) fn scan_nodes(&mut self) {
        let Some(scaling) = &self.node_scaling else { return };
        let interval = scaling.autoscaler.config().scan_interval;
        self.at(self.now + interval, Event::NodeScan);
        self.scan();
    }

    /// A scan because a pod fits nowhere.
    pub(super) fn scan_nodes_at_once(&mut self) {
        if let Some(scaling) = &mut self.node_scaling {
            scaling.scan_is_due = false;
            self.scan();
        }
    }

    fn scan(&mut self) {
        let Some(mut scaling) = self.node_scaling.take() else { return };
        self.forget_bound(&mut scaling);
        let decision = self.decide(&mut scaling);
        let asked: Vec<NodeId> = scaling.asked.keys().copied().collect();
        self.tell_stays(&mut scaling, &decision.unremovable);
        self.node_scaling = Some(scaling);
        self.follow(decision, &asked);
    }

    /// Tells why nodes stay, once for each new reason.
    fn tell_stays(&mut self, scaling: &mut NodeScaling, unremovable: &[(NodeId, Unremovable)]) {
        for &(node, why) in unremovable {
            let before = scaling.unremovable.insert(node, why);
            if !before.is_some_and(|before| before.is_as(&why)) {
                let words = why.in_words(&self.cluster);
                self.tell(&Fact::NodeStays { node, why: format_args!("{words}") });
            }
        }
    }

    /// Notes which pods still wait.
    fn forget_bound(&self, scaling: &mut NodeScaling) {
        let waits = |pod: &PodId| self.cluster.find_pod(*pod).is_some_and(|one| one.node.is_none());
        scaling.rejected.retain(waits);
        let leaves = |pod: &PodId| {
            let node = self.cluster.find_pod(*pod).and_then(|one| one.node);
            node.is_some_and(|node| scaling.leaving.contains_key(&node))
        };
        scaling.told.retain(|pod, _| waits(pod) || leaves(pod));
    }

    fn decide(&self, scaling: &mut NodeScaling) -> Decision {
        let setup = self.scenario.node_autoscaler.as_ref().expect("there is an autoscaler");
        let sets = self.daemon_sets.iter().zip(&self.scenario.daemon_sets);
        let sets = sets.filter(|(state, _)| state.since.is_some());
        let daemons: Vec<_> = sets.map(|(_, setup)| Arc::new(setup.template.clone())).collect();
        let pending = |&pod: &PodId| Pending {
            pod,
            created: self.pods[pod.index()].created,
            is_daemon: matches!(self.pods[pod.index()].creator, Creator::DaemonSet(_)),
        };
        let pending: Vec<_> = scaling.rejected.iter().map(pending).collect();
        let budgets = self.budgets_now();
        let budgets: Vec<_> =
            budgets.iter().map(|(budget, status)| (budget, status.disruptions_allowed)).collect();
        let requests: Vec<_> = scaling.asked.values().copied().collect();
        let view = View {
            now: self.now,
            seed: self.seed,
            cluster: &self.cluster,
            profiles: &setup.profiles,
            daemons: &daemons,
            pending: &pending,
            members: &scaling.members(&self.cluster),
            unready_others: scaling.unready_others(&self.cluster),
            requests: &requests,
            next_template: &scaling.made,
            budgets: &budgets,
            pod: &|pod| self.pod_seen(pod),
        };
        scaling.autoscaler.scan(&view)
    }

    /// What the autoscaler sees of a pod.
    fn pod_seen(&self, pod: PodId) -> PodView {
        PodView { keeper: self.keeper_of(pod), deleted: self.pods[pod.index()].deleted }
    }

    fn follow(&mut self, decision: Decision, asked: &[NodeId]) {
        for place in decision.given_up {
            self.give_up_node(asked[place]);
        }
        if !decision.scale_up.is_empty() {
            self.grow(&decision.scale_up);
        }
        self.tell_not_triggered(decision.not_triggered);
        if decision.may_remove && decision.remove.is_empty() {
            self.mark_candidates(&decision.unneeded);
        }
        for removal in decision.remove {
            self.begin_removal(removal);
        }
    }

    /// Asks for the nodes that groups are to have more.
    fn grow(&mut self, increases: &[Increase]) {
        let scaling = self.node_scaling.as_ref().expect("there is an autoscaler");
        let name = |one: &Increase| scaling.autoscaler.groups()[one.group].name.clone();
        let names: Vec<_> = increases.iter().map(name).collect();
        let infos: Vec<_> = increases.iter().zip(&names).map(|(one, name)| info(one, name)).collect();
        let plan = format!("[{}]", infos.join(" "));
        for (increase, name) in increases.iter().zip(&names) {
            let Increase { from, nodes, max, .. } = *increase;
            let to = from + nodes;
            self.status(
                "ScaledUpGroup",
                format_args!("Scale-up: setting group {name} size to {to} instead of {from} (max: {max})"),
            );
            let mut created = Vec::new();
            for _ in 0..nodes {
                created.extend(self.ask_for_node(increase.group));
            }
            if created.len() == nodes as usize {
                self.status(
                    "ScaledUpGroup",
                    format_args!("Scale-up: group {name} size set to {to} instead of {from} (max: {max})"),
                );
            }
            self.tell_provisioned(increase, &created);
        }
        if !self.is_instant() {
            for &pod in &increases[0].pods {
                self.pod_event(
                    pod,
                    "Normal",
                    "TriggeredScaleUp",
                    format_args!("pod triggered scale-up: {plan}"),
                );
            }
        }
    }

    fn is_instant(&self) -> bool {
        let setup = self.scenario.node_autoscaler.as_ref();
        setup.is_some_and(|setup| setup.kind == NodeAutoscalerKind::InstantElasticity)
    }

    /// Instant elasticity tells each pod of a node that was asked for, the pods taking turns.
    fn tell_provisioned(&mut self, increase: &Increase, created: &[String]) {
        if !self.is_instant() || created.is_empty() {
            return;
        }
        for (&pod, name) in increase.pods.iter().zip(created.iter().cycle()) {
            let message = format_args!("Provision node {name}, triggered by this pod");
            self.pod_event(pod, "Normal", "ProvisionNode", message);
        }
    }

    /// Tells pods that no group helps, once for each new reason (processors/status/eventing_scale_up_processor.go).
    fn tell_not_triggered(&mut self, not_triggered: Vec<(PodId, Reasons)>) {
        for (pod, reasons) in not_triggered {
            let scaling = self.node_scaling.as_mut().expect("there is an autoscaler");
            if scaling.told.get(&pod) == Some(&reasons) {
                continue;
            }
            let texts: Vec<_> = reasons.iter().map(|(reason, groups)| format!("{groups} {reason}")).collect();
            scaling.told.insert(pod, reasons);
            let texts = texts.join(", ");
            let message = format_args!("pod didn't trigger scale-up: {texts}");
            self.pod_event(pod, "Normal", "NotTriggerScaleUp", message);
        }
    }

    fn status(&mut self, reason: &'static str, message: fmt::Arguments<'_>) {
        let kind = if reason.contains("Fail") || reason.contains("TimedOut") { "Warning" } else { "Normal" };
        self.tell(&Fact::Event { kind, reason, object: STATUS, message });
    }
}

/// A group's growth as events have it.
fn info(increase: &Increase, name: &str) -> String {
    let Increase { from, nodes, max, .. } = increase;
    format!("{{{name} {from}->{} (max: {max})}}", from + nodes)
}
