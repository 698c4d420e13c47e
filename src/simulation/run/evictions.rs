//! NoExecute taints: pods leave their nodes when the taint-eviction controller says so.

use std::collections::BTreeSet;

use super::Run;
use super::event::Event;
use crate::controller::taint_eviction::{TaintEviction, Verdict};
use crate::id::{NodeId, PodId};
use crate::metric::{Fact, Outcome};
use crate::object::{Effect, Taint};

/// The reason of all events of the controller.
const REASON: &str = "TaintManagerEviction";

/// Who is to leave, and the nodes that make pods leave.
#[derive(Debug, Default)]
pub(super) struct Evictions {
    controller: TaintEviction,
    tainted: BTreeSet<NodeId>,
}

impl Evictions {
    /// A node is gone.
    pub(super) fn forget_node(&mut self, node: NodeId) {
        self.tainted.remove(&node);
    }
}

fn evicting(taints: &[Taint]) -> impl Iterator<Item = &Taint> {
    taints.iter().filter(|taint| taint.effect == Effect::NoExecute)
}

impl Run<'_, '_> {
    /// Nodes of the manifests may have NoExecute taints from the start.
    pub(super) fn look_at_all_taints(&mut self) {
        let tainted = self.cluster.nodes().filter(|node| evicting(&node.spec.taints).next().is_some());
        let tainted: Vec<_> = tainted.map(|node| node.id).collect();
        for node in tainted {
            self.taints_changed(node, &[]);
        }
    }

    /// A node had the taints `old` before, and may have others now.
    pub(super) fn taints_changed(&mut self, node: NodeId, old: &[Taint]) {
        let new = &self.cluster.node(node).spec.taints;
        if evicting(old).eq(evicting(new)) {
            return;
        }
        if evicting(new).next().is_some() {
            self.evictions.tainted.insert(node);
        } else {
            self.evictions.tainted.remove(&node);
        }
        let mut pods = self.cluster.node(node).pods.clone();
        pods.sort_unstable();
        for pod in pods {
            self.look_at_taints(pod, node);
        }
    }

    /// A pod has come to a node.
    pub(super) fn comes_to_taints(&mut self, pod: PodId, node: NodeId) {
        if self.evictions.tainted.contains(&node) {
            self.look_at_taints(pod, node);
        }
    }

    fn look_at_taints(&mut self, pod: PodId, node: NodeId) {
        // Pods may have gone with those that were looked at before.
        if self.living(pod).is_none_or(super::PodState::is_terminating) {
            return;
        }
        let spec = self.cluster.spec_of(pod).clone();
        let taints = &self.cluster.node(node).spec.taints;
        let verdict = self.evictions.controller.look(pod, taints, &spec.tolerations, self.now);
        let Verdict { cancelled, deletion } = verdict;
        if cancelled {
            self.tell_cancelled(pod);
        }
        match deletion {
            Some(at) if at == self.now => self.evict_from_taints(pod),
            Some(at) => self.at(at, Event::TaintEviction(pod)),
            None => {}
        }
    }

    fn tell_cancelled(&mut self, pod: PodId) {
        let name = self.cluster.full_name(pod);
        self.pod_event(pod, "Normal", REASON, format_args!("Cancelling deletion of Pod {name}"));
    }

    /// A pod has tolerated its node's taints for as long as it does.
    pub(super) fn evict_from_taints(&mut self, pod: PodId) {
        if self.living(pod).is_none() || !self.evictions.controller.takes(pod, self.now) {
            return;
        }
        let name = self.cluster.full_name(pod);
        self.pod_event(pod, "Normal", REASON, format_args!("Marking for deletion Pod {name}"));
        self.tell(&Fact::PodTainted { pod });
        let workload = self.pods[pod.index()].workload();
        self.evict(pod, Outcome::Evicted);
        if let Some(workload) = workload {
            self.reconcile(workload);
        }
    }

    /// A pod is about to be gone: nothing is left to evict.
    pub(super) fn leaves_taints(&mut self, pod: PodId) {
        if self.evictions.controller.cancel(pod) {
            self.tell_cancelled(pod);
        }
    }
}
