//! What one attempt looks like in JSON: the shape of the recorded decisions, so that both can be held together.

use std::collections::BTreeMap;

use serde::Serialize;

use super::chosen;
use crate::cluster::{Cluster, Node};
use crate::id::{NodeId, PodId};
use crate::scheduler::framework::{Code, Rejection};
use crate::scheduler::preemption::{Preemption, PreemptionOutcome};
use crate::scheduler::{Attempt, Evaluation, NO_NODES, Outcome, Refused};

/// All attempts and the cluster afterwards.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Every attempt in order; a pod that preempted is there twice.
    pub results: Vec<AttemptRecord>,
    /// Names of the nodes in the order in which attempts visit them.
    pub node_order: Vec<String>,
    /// What is requested of each node at the end.
    #[serde(rename = "final")]
    pub usage: BTreeMap<String, NodeUse>,
}

/// One attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptRecord {
    /// `NAMESPACE/NAME`.
    pub pod: String,
    /// The profile, unless it is the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Whether no profile schedules the pod, or it is being deleted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignored: bool,
    /// Whether the pod goes to ECI by label or eci-profile, past every scheduler.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub routed: bool,
    /// What holds the pod back from the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gated: Option<String>,
    /// Why there was no attempt at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    /// The PreFilter that rejected the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_filter: Option<Verdict>,
    /// Nodes that passed every filter, in order of name.
    pub feasible: Vec<String>,
    /// The others, with the first filter that rejected each.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub filtered: BTreeMap<String, Verdict>,
    /// Score plugins that had nothing to say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_score: Vec<&'static str>,
    /// Raw, normalised and weighted score by plugin and node.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<&'static str, BTreeMap<String, [i64; 3]>>,
    /// Sum of the weighted scores by node.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub total: BTreeMap<String, i64>,
    /// Nodes with the greatest total, in order of name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub best: Vec<String>,
    /// The node that the pod was bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// Why no node fits, in the words of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit_error: Option<FitErrorRecord>,
    /// What preemption found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preempt: Option<PreemptRecord>,
    /// Where in the node order the search started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<usize>,
    /// How many nodes were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed: Option<usize>,
}

/// A rejection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Who rejected.
    pub plugin: &'static str,
    /// Why.
    pub reasons: Vec<String>,
    /// Whether preemption could help.
    pub code: Code,
}

/// The text of a failure in its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FitErrorRecord {
    /// What the filters said.
    pub filter: String,
    /// What PostFilter added.
    pub post_filter: String,
    /// Both.
    pub full: String,
}

/// What preemption found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreemptRecord {
    /// The node to be freed.
    pub nominated: String,
    /// Nodes that nothing but chance tells from it.
    pub nominated_set: Vec<String>,
    /// The pods to evict from it, most important first.
    pub victims: Vec<String>,
    /// All nodes that could be freed.
    pub candidates: BTreeMap<String, CandidateRecord>,
}

/// A node that could be freed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CandidateRecord {
    /// The pods to evict, most important first.
    pub victims: Vec<String>,
    /// Evictions that a disruption budget does not allow.
    pub pdb_violations: usize,
}

/// What is requested of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeUse {
    /// Cpu in thousandths of a core.
    pub cpu: i64,
    /// Memory in bytes.
    pub mem: i64,
    /// Ephemeral storage in bytes.
    pub eph: i64,
    /// Everything else by name; a resource that was once requested stays, at zero.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scalar: BTreeMap<String, i64>,
    /// Cpu, each container that requests none counted with 100m.
    pub nz_cpu: i64,
    /// Memory, each container that requests none counted with 200Mi.
    pub nz_mem: i64,
    /// Its pods as `NAMESPACE/NAME`, in order of name.
    pub pods: Vec<String>,
}

impl Report {
    pub(super) fn new(results: Vec<AttemptRecord>, cluster: &Cluster) -> Self {
        let name = |&node: &NodeId| cluster.node(node).name().to_owned();
        Self {
            results,
            node_order: cluster.order().iter().map(name).collect(),
            usage: cluster.nodes().map(|node| (node.name().to_owned(), NodeUse::of(cluster, node))).collect(),
        }
    }
}

impl NodeUse {
    fn of(cluster: &Cluster, node: &Node) -> Self {
        let mut pods: Vec<_> = node.pods.iter().map(|&pod| cluster.full_name(pod)).collect();
        pods.sort();
        Self {
            cpu: node.requested.cpu.0,
            mem: node.requested.memory.0,
            eph: node.requested.ephemeral.0,
            scalar: node.requested.scalar.clone(),
            nz_cpu: node.non_zero_cpu.0,
            nz_mem: node.non_zero_memory.0,
            pods,
        }
    }
}

impl AttemptRecord {
    fn named(cluster: &Cluster, pod: PodId) -> Self {
        let scheduler = &cluster.spec_of(pod).scheduler_name;
        let profile = (scheduler != crate::object::pod::DEFAULT_SCHEDULER).then(|| scheduler.clone());
        Self { pod: cluster.full_name(pod), profile, ..Self::default() }
    }

    pub(super) fn ignored(cluster: &Cluster, pod: PodId) -> Self {
        Self { ignored: true, profile: None, ..Self::named(cluster, pod) }
    }

    pub(super) fn gated(cluster: &Cluster, pod: PodId, why: String) -> Self {
        Self { gated: Some(why), profile: None, ..Self::named(cluster, pod) }
    }

    pub(super) fn routed(cluster: &Cluster, pod: PodId, node: Option<NodeId>) -> Self {
        let chosen = node.map(|node| cluster.node(node).name().to_owned());
        let error =
            chosen.is_none().then_some("the pod is to run on ECI, and the cluster has no virtual node");
        Self { routed: true, chosen, error, profile: None, ..Self::named(cluster, pod) }
    }

    /// What an attempt to place `pod` looks like; `cluster` is as the attempt saw it.
    pub fn of(cluster: &Cluster, pod: PodId, attempt: &Attempt) -> Self {
        let name = |&node: &NodeId| cluster.node(node).name().to_owned();
        let evaluation = attempt.evaluation();
        let sorted = |nodes: &[NodeId]| {
            let mut names: Vec<_> = nodes.iter().map(name).collect();
            names.sort();
            names
        };
        let refused = |(node, refused): &(NodeId, Refused)| (name(node), Verdict::of(refused));
        let mut record = Self {
            pre_filter: evaluation.pre_filter_rejection.as_ref().map(Verdict::of),
            feasible: sorted(&evaluation.feasible),
            filtered: evaluation.refused.iter().map(refused).collect(),
            skip_score: evaluation.skipped_scores.clone(),
            scores: scores(evaluation, name),
            total: evaluation.feasible.iter().map(name).zip(evaluation.totals.iter().copied()).collect(),
            best: sorted(&evaluation.best),
            chosen: chosen(attempt).as_ref().map(name),
            start: attempt.examined.map(|_| attempt.start),
            processed: attempt.examined,
            ..Self::named(cluster, pod)
        };
        match &attempt.outcome {
            Outcome::Chosen(_) => {}
            Outcome::NoNodes => record.error = Some(NO_NODES),
            Outcome::Unschedulable(failure) => {
                record.preempt = preemption(cluster, &failure.preemption);
                record.fit_error = Some(FitErrorRecord {
                    filter: failure.text.filter.clone(),
                    post_filter: failure.text.post_filter.clone(),
                    full: failure.text.full(),
                });
            }
        }
        record
    }
}

fn scores(
    evaluation: &Evaluation,
    name: impl Fn(&NodeId) -> String,
) -> BTreeMap<&'static str, BTreeMap<String, [i64; 3]>> {
    let of_plugin = |plugin: &crate::scheduler::reference::PluginScores| {
        let triple = |place: usize| {
            let normalized = plugin.normalized[place];
            [plugin.raw[place].unwrap_or(0), normalized, normalized * plugin.weight]
        };
        let by_node = evaluation.feasible.iter().enumerate().map(|(place, node)| (name(node), triple(place)));
        (plugin.plugin, by_node.collect())
    };
    evaluation.scores.iter().map(of_plugin).collect()
}

fn preemption(cluster: &Cluster, preemption: &Preemption) -> Option<PreemptRecord> {
    let PreemptionOutcome::Victims { equals } = &preemption.outcome else { return None };
    let name = |&node: &NodeId| cluster.node(node).name().to_owned();
    let victims = |pods: &[PodId]| pods.iter().map(|&pod| cluster.full_name(pod)).collect::<Vec<_>>();
    let best = preemption.candidates.iter().find(|one| Some(&one.node) == equals.first())?;
    let candidates = preemption.candidates.iter().map(|one| {
        let record =
            CandidateRecord { victims: victims(&one.victims), pdb_violations: one.budget_violations };
        (name(&one.node), record)
    });
    Some(PreemptRecord {
        nominated: name(&best.node),
        nominated_set: equals.iter().map(name).collect(),
        victims: victims(&best.victims),
        candidates: candidates.collect(),
    })
}

impl Verdict {
    fn of(refused: &Refused) -> Self {
        let Rejection { code, reasons } = &refused.rejection;
        let reasons = reasons.iter().map(|reason| reason.clone().into_owned()).collect();
        Self { plugin: refused.plugin, reasons, code: *code }
    }
}
