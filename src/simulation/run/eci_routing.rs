//! Pods that go to ECI by label or eci-profile, and what the profile adds to pods on virtual nodes.

use super::Run;
use super::event::Event;
use crate::admission::eci_routing::{annotated, zones};
use crate::id::{NodeId, PodId};
use crate::metric::Overflow;
use crate::object::PodSpec;
use crate::scheduler::Rejectors;

impl Run<'_, '_> {
    /// Binds a new pod that goes to ECI, without a scheduler. Without a virtual node it waits for ever.
    pub(super) fn send_to_eci(&mut self, pod: PodId) {
        let Some(node) = self.eci_zone(pod) else {
            self.foreign_pods += 1;
            let message = "the pod is to run on ECI, and the cluster has no virtual node";
            self.pod_event(pod, "Warning", "FailedScheduling", message);
            return;
        };
        self.trace.words([u64::from(pod.0), u64::from(node.0)]);
        self.bind(pod, node, Some(Overflow::Directed), 0);
    }

    /// The virtual node of the zone that takes a pod.
    fn eci_zone(&self, pod: PodId) -> Option<NodeId> {
        let draws = self.cluster.pod(pod).draws;
        zones(self.cluster.spec_of(pod), &self.cluster, self.scenario.seed, draws).first().copied()
    }

    /// Adds to a pod that was bound to a virtual node what the eci-profile has for it.
    pub(super) fn annotate_on_eci(&mut self, pod: PodId) {
        if let Some(spec) = annotated(self.cluster.spec_of(pod), &self.cluster) {
            self.rewrite(pod, spec);
        }
    }

    /// Writes to a pod what plugins have to write before it is bound.
    pub(super) fn write_before_binding(&mut self, pod: PodId, node: NodeId) {
        if let Some(spec) = self.scheduler.written(&self.cluster, pod, node) {
            self.rewrite(pod, spec);
        }
    }

    /// Makes a pod what `spec` says.
    pub(super) fn rewrite(&mut self, pod: PodId, spec: PodSpec) {
        let class = self.cluster.intern(spec);
        self.cluster.reclassify(pod, class);
    }

    /// Has a rejected pod tried again when the wait is over that a plugin has imposed on it.
    pub(super) fn retry_in_time(&mut self, pod: PodId, rejectors: &Rejectors) {
        if let Some(at) = self.scheduler.retry_at(&self.cluster, pod, rejectors) {
            self.at(at, Event::PodDue(pod));
        }
    }

    /// The wait of a pod is over; one that has a node by now, or is gone, finds nothing to do.
    pub(super) fn pod_due(&mut self, pod: PodId) {
        self.queue.activate(pod);
        self.queue_changed();
    }
}
