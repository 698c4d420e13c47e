//! Nodes that go: marked, drained, deleted (core/scaledown/actuation).

use std::collections::BTreeSet;

use super::super::Run;
use super::super::event::Event;
use crate::controller::node_autoscaler::Removal;
use crate::id::{NodeId, PodId};
use crate::metric::{Fact, Outcome};
use crate::object::{Effect, Taint};
use crate::units::{SimTime, Span};

/// The taint of a node that goes (utils/taints/taints.go).
pub(super) const TO_BE_DELETED: &str = "ToBeDeletedByClusterAutoscaler";
/// The taint of a node that is not needed.
pub(super) const CANDIDATE: &str = "DeletionCandidateOfClusterAutoscaler";
/// How many nodes get or lose the latter in a scan (`--max-bulk-soft-taint-count`).
const SOFT_TAINTS: usize = 10;
/// How long it waits before it asks again for an eviction (actuation/drain.go `DefaultEvictionRetryTime`).
const RETRY_AFTER: Span = Span::from_secs(10);
/// How often it looks whether pods are gone (actuation/drain.go).
const LOOK_EVERY: Span = Span::from_secs(5);
/// How much longer than their grace period it waits for pods (actuation/drain.go `DefaultPodEvictionHeadroom`).
const HEADROOM: Span = Span::from_secs(30);

/// A node on its way out.
#[derive(Debug)]
pub(super) struct Leaving {
    /// Whether it had no pods to evict when it was chosen.
    is_empty: bool,
    /// When its drain began.
    began: Option<SimTime>,
    /// Pods that are to go before it does.
    pods: Vec<PodId>,
    /// Those of them that are not evicted yet.
    wanted: Vec<PodId>,
    /// When the last of them was.
    evicted: Option<SimTime>,
}

impl Run<'_, '_> {
    /// A node is marked, and will be drained.
    pub(super) fn begin_removal(&mut self, removal: Removal) {
        let Removal { node, utilization, pods } = removal;
        let name = self.cluster.node(node).name().to_owned();
        if pods.is_empty() {
            self.status("ScaleDownEmpty", format_args!("Scale-down: removing empty node {name:?}"));
        } else {
            let names: Vec<_> = pods.iter().map(|&pod| self.cluster.pod(pod).name.to_string()).collect();
            let names = names.join(",");
            self.status("ScaleDown", format_args!(
                "Scale-down: removing node {name}, utilization: {utilization}, pods to reschedule: {names}"
            ));
        }
        let value = self.timestamp();
        self.update_node(node, |spec| {
            spec.taints.push(Taint { key: TO_BE_DELETED.to_owned(), value, effect: Effect::NoSchedule });
        });
        self.node_event(
            &name,
            "Normal",
            "ScaleDown",
            format_args!("marked the node as toBeDeleted/unschedulable"),
        );
        let Some(scaling) = &mut self.node_scaling else { return };
        let is_empty = pods.is_empty();
        let leaving = Leaving { is_empty, began: None, pods: Vec::new(), wanted: Vec::new(), evicted: None };
        scaling.leaving.insert(node, leaving);
        let delay = scaling.autoscaler.config().scale_down.delay_after_taint;
        self.at(self.now + delay, Event::NodeLeaves(node));
    }

    /// The present as taints have it: seconds of the Unix epoch.
    fn timestamp(&self) -> String {
        let seconds = self.scenario.starts_at.as_second() + self.now.whole_secs() as i64;
        seconds.to_string()
    }

    /// The pods that are to go before their node does, in order of namespace and name.
    fn pods_to_go(&self, node: NodeId) -> Vec<PodId> {
        let mut pods = self.pods_by_name(node);
        pods.retain(|&pod| self.pod_seen(pod).needs_drain(self.cluster.spec_of(pod), self.now));
        pods
    }

    /// A node that goes is looked at: pods are evicted, or waited for, or there are none any more.
    pub(in super::super) fn node_leaves(&mut self, node: NodeId) {
        if self.cluster.find_node(node).is_none() {
            return;
        }
        if !self.drain_begins(node) {
            self.removal_fails(node, "node is not empty any more");
            return;
        }
        let there = self.pods_by_name(node);
        let Some(scaling) = &mut self.node_scaling else { return };
        let settings = scaling.autoscaler.config().scale_down.clone();
        let Some(leaving) = scaling.leaving.get_mut(&node) else { return };
        if !there.iter().any(|pod| leaving.pods.contains(pod)) {
            self.delete_node(node);
            return;
        }
        let began = leaving.began.unwrap_or(self.now);
        let wanted = std::mem::take(&mut leaving.wanted);
        let refused = self.evict_from_leaving(wanted, settings.max_graceful_termination);
        let Some(leaving) = self.node_scaling.as_mut().and_then(|one| one.leaving.get_mut(&node)) else {
            return;
        };
        if refused.is_empty() {
            let evicted = *leaving.evicted.get_or_insert(self.now);
            if self.now >= evicted + settings.max_graceful_termination + HEADROOM {
                self.removal_fails(node, "pods are still running on it");
            } else {
                self.at(self.now + LOOK_EVERY, Event::NodeLeaves(node));
            }
            return;
        }
        leaving.wanted = refused;
        if self.now >= began + settings.max_pod_eviction_time {
            self.removal_fails(node, "failed to evict pods in time");
        } else {
            self.at(self.now + RETRY_AFTER, Event::NodeLeaves(node));
        }
    }

    /// Notes which pods of a node are to go, when it is looked at for the first time; whether it may go with them.
    fn drain_begins(&mut self, node: NodeId) -> bool {
        let pods = self.pods_to_go(node);
        let scaling = self.node_scaling.as_mut();
        let Some(leaving) = scaling.and_then(|one| one.leaving.get_mut(&node)) else { return true };
        if leaving.began.is_some() {
            return true;
        }
        leaving.began = Some(self.now);
        leaving.wanted.clone_from(&pods);
        leaving.pods = pods;
        leaving.pods.is_empty() || !leaving.is_empty
    }

    /// Evicts pods as their budgets allow; those that are left.
    fn evict_from_leaving(&mut self, wanted: Vec<PodId>, most: Span) -> Vec<PodId> {
        let mut budgets = self.budgets_now();
        let mut refused = Vec::new();
        for pod in wanted {
            if self.living(pod).is_none_or(super::super::PodState::is_terminating) {
                continue;
            }
            if self.may_evict(pod, &mut budgets).is_err() {
                self.tell(&Fact::EvictionRefused { pod });
                refused.push(pod);
                continue;
            }
            let message = format_args!("deleting pod for node scale down");
            self.pod_event(pod, "Normal", "ScaleDown", message);
            self.tell_evicted(pod);
            let grace = self.cluster.spec_of(pod).grace.min(most);
            self.evict_and_replace(pod, Some(grace));
        }
        refused
    }

    /// A node has no pods any more: its machine is released.
    fn delete_node(&mut self, node: NodeId) {
        let name = self.cluster.node(node).name().to_owned();
        let Some(scaling) = &mut self.node_scaling else { return };
        scaling.autoscaler.forget_node(node);
        self.node_event(&name, "Normal", "ScaleDown", format_args!("node removed by cluster autoscaler"));
        self.remove_node(node, Outcome::Deleted);
    }

    /// A node cannot go: it takes pods again.
    fn removal_fails(&mut self, node: NodeId, why: &str) {
        let name = self.cluster.node(node).name().to_owned();
        let Some(scaling) = &mut self.node_scaling else { return };
        scaling.leaving.remove(&node);
        scaling.autoscaler.removal_failed(node, self.now);
        self.update_node(node, |spec| spec.taints.retain(|taint| taint.key != TO_BE_DELETED));
        self.node_event(
            &name,
            "Warning",
            "ScaleDownFailed",
            format_args!("failed to drain the node, aborting ScaleDown: {why}"),
        );
        self.expect_daemons_look();
    }

    /// Nodes that are not needed are to be avoided; those that are needed again are not.
    pub(super) fn mark_candidates(&mut self, unneeded: &[NodeId]) {
        let Some(scaling) = &self.node_scaling else { return };
        let is_marked =
            |node: NodeId| self.cluster.node(node).spec.taints.iter().any(|taint| taint.key == CANDIDATE);
        let unneeded: BTreeSet<_> = unneeded.iter().copied().collect();
        let differs = |node: &NodeId| is_marked(*node) != unneeded.contains(node);
        let there = scaling.machines.keys().copied().filter(|node| !scaling.leaving.contains_key(node));
        let changed: Vec<_> = there.filter(differs).take(SOFT_TAINTS).collect();
        for node in changed {
            let value = self.timestamp();
            let marks = unneeded.contains(&node);
            self.update_node(node, |spec| {
                spec.taints.retain(|taint| taint.key != CANDIDATE);
                if marks {
                    let effect = Effect::PreferNoSchedule;
                    spec.taints.push(Taint { key: CANDIDATE.to_owned(), value, effect });
                }
            });
        }
    }

    /// A node is gone.
    pub(in super::super) fn autoscaler_forgets(&mut self, node: NodeId) {
        let Some(scaling) = &mut self.node_scaling else { return };
        scaling.machines.remove(&node);
        scaling.asked.remove(&node);
        scaling.leaving.remove(&node);
        scaling.unremovable.remove(&node);
        scaling.autoscaler.forget_node(node);
    }
}
