//! OpenKruise in a run: containers that come into pods as they are created, and into pods on virtual nodes.

use super::Run;
use crate::admission::sidecar_set::{Moment, inject, labelled};
use crate::id::PodId;
use crate::metric::Fact;
use crate::object::PodSpec;
use crate::scheduler::event::pod_events;

impl Run<'_, '_> {
    /// A new pod with the containers of the SidecarSets that select it.
    pub(super) fn with_sidecars(&self, pod: PodSpec) -> PodSpec {
        let injected = self.scenario.kruise.and_then(|_| inject(&pod, &self.cluster, Moment::Creation));
        injected.unwrap_or(pod)
    }

    /// The virtual kubelet takes a pod up: it gets the label of pods on virtual nodes, and the containers of the
    /// SidecarSets that select it by now. On its node it counts for what it counted before.
    pub(super) fn label_on_virtual_node(&mut self, pod: PodId) {
        let Some(kruise) = self.scenario.kruise else { return };
        let old = self.cluster.spec_of(pod).clone();
        let mut new = labelled(&old);
        let injected =
            kruise.serverless.then(|| inject(&new, &self.cluster, Moment::OnVirtualNode)).flatten();
        let is_injected = injected.is_some();
        if let Some(injected) = injected {
            new = injected;
        }
        self.rewrite(pod, new);
        let new = self.cluster.spec_of(pod).clone();
        if is_injected {
            self.tell(&Fact::PodInjected { pod, containers: new.ready_containers() });
        }
        for event in pod_events(&old, &new, false) {
            self.wake(&event);
        }
    }
}
