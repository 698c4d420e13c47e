//! ReplicaSets: how many pods to create, and which to delete when there are too many.
//!
//! The order of deletion is upstream's (`ActivePodsWithRanks`, pkg/controller/controller_utils.go at v1.34.1, with
//! the feature gates LogarithmicScaleDown and PodDeletionCost on). It is *not transitive*: pods that became ready at
//! different moments of one bucket are compared by UID, pods that became ready at the same moment by their restarts.
//! Upstream's unstable sort makes of that what the order of its cache happens to be; here the sort is stable, so that
//! the result is a function of the input.

mod scale_in;
mod victim;

use rustc_hash::FxHashMap;

use super::pod_status::{PodPhase, ReadyCondition};
use crate::id::NodeId;
use crate::rule::{Confidence, Rule};
use crate::units::SimTime;
use victim::Candidate;

pub use scale_in::{ScaleIn, Standing};

/// What decides how many pods there are, and which of them go.
pub(crate) const RULES: &[&[Rule]] = &[SIZE, victim::RULES, scale_in::RULES];

const SIZE: &[Rule] = &[Rule {
    id: "replica-set-burst",
    statement: "One sync of a ReplicaSet creates or deletes 500 pods at most.",
    source: "pkg/controller/replicaset/replica_set.go `BurstReplicas`",
    confidence: Confidence::Source,
}];

/// How many pods one sync creates or deletes at most (`BurstReplicas`, pkg/controller/replicaset/replica_set.go).
pub const BURST_REPLICAS: usize = 500;

/// The annotation that makes a pod cheaper or dearer to delete than its siblings.
pub const DELETION_COST_ANNOTATION: &str = "controller.kubernetes.io/pod-deletion-cost";

/// A pod as a ReplicaSet sees it.
#[derive(Clone, Copy, Debug)]
pub struct Pod<U> {
    /// Its UID, the last word between equals: a text, or a number that is ordered as its text would be.
    pub uid: U,
    /// Its node, once it is bound.
    pub node: Option<NodeId>,
    /// Its phase.
    pub phase: PodPhase,
    /// Whether it is being deleted.
    pub deleted: bool,
    /// Its Ready condition.
    pub ready: Option<ReadyCondition>,
    /// When it was created.
    pub created: Option<SimTime>,
    /// What [`deletion_cost`] makes of its annotation.
    pub deletion_cost: i32,
    /// Restarts of the regular container that restarted most.
    pub restarts: u32,
    /// Restarts of the restartable init container that restarted most; plain init containers do not count.
    pub sidecar_restarts: u32,
}

impl<U> Pod<U> {
    /// Whether the pod counts as a replica: neither ended nor being deleted (`IsPodActive`).
    pub const fn is_active(&self) -> bool {
        !self.phase.is_finished() && !self.deleted
    }
}

/// What a ReplicaSet does to come to its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// As many active pods as wanted.
    Nothing,
    /// So many are missing.
    Create(usize),
    /// So many are too many.
    Delete(usize),
}

/// What brings `active` pods to `wanted`, at most [`BURST_REPLICAS`] at a time (`manageReplicas`,
/// pkg/controller/replicaset/replica_set.go); a larger difference takes several syncs.
pub const fn correction(active: usize, wanted: usize) -> Correction {
    let difference = active.abs_diff(wanted);
    let step = if difference < BURST_REPLICAS { difference } else { BURST_REPLICAS };
    if step == 0 {
        Correction::Nothing
    } else if active < wanted {
        Correction::Create(step)
    } else {
        Correction::Delete(step)
    }
}

/// The value of the pod-deletion-cost annotation, as strict as upstream reads it (`GetDeletionCostFromPodAnnotations`,
/// pkg/apis/core/v1/helper/helpers.go): a plus sign, leading zeros, anything but an `int32` count as 0.
pub fn deletion_cost(annotation: Option<&str>) -> i32 {
    let text = annotation.unwrap_or("0");
    let well_begun = text == "0" || text.starts_with(['-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    if well_begun { text.parse().unwrap_or(0) } else { 0 }
}

/// The `surplus` pods to delete, as places in `pods`, the first victim first.
///
/// Inactive pods are left out. `siblings` are the pods of the owner's other ReplicaSets: together with `pods` they say
/// how crowded a node is. If all active pods must go, they go in the order given.
pub fn victims<U: Ord>(pods: &[Pod<U>], siblings: &[Pod<U>], surplus: usize, now: SimTime) -> Vec<usize> {
    let active = (0..pods.len()).filter(|&place| pods[place].is_active());
    let mut order: Vec<usize> =
        if surplus < active.clone().count() { deletion_order(pods, siblings, now) } else { active.collect() };
    order.truncate(surplus);
    order
}

/// The active pods of `pods` as places in it, in the order in which they would be deleted.
pub fn deletion_order<U: Ord>(pods: &[Pod<U>], siblings: &[Pod<U>], now: SimTime) -> Vec<usize> {
    let ranks = ranks(pods, siblings);
    let active = (0..pods.len()).filter(|&place| pods[place].is_active());
    let candidates: Vec<_> =
        active.map(|place| Candidate::new(place, &pods[place], ranks[place], now)).collect();
    let order = victim::sort(candidates.iter().collect(), |a, b| a.precedes(b));
    order.into_iter().map(|candidate| candidate.place).collect()
}

/// For each pod, how many active pods of the owner are on its node (`getPodsRankedByRelatedPodsOnSameNode`,
/// pkg/controller/replicaset/replica_set.go). Pods without a node share one place.
pub fn ranks<U>(pods: &[Pod<U>], siblings: &[Pod<U>]) -> Vec<usize> {
    let mut crowd: FxHashMap<Option<NodeId>, usize> = FxHashMap::default();
    for pod in pods.iter().chain(siblings).filter(|pod| pod.is_active()) {
        *crowd.entry(pod.node).or_default() += 1;
    }
    pods.iter().map(|pod| crowd.get(&pod.node).copied().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests;
