//! OpenKruise in a run: containers that come into pods on virtual nodes.

use super::Run;
use crate::id::PodId;
use crate::metric::Fact;
use crate::scheduler::event::pod_events;
use crate::simulation::admitted::Admission;

impl Run<'_, '_> {
    /// The virtual kubelet takes a pod up: it gets the label of pods on virtual nodes, and the containers of the
    /// SidecarSets that select it by now. On its node it counts for what it counted before.
    pub(super) fn label_on_virtual_node(&mut self, pod: PodId) {
        let old = self.cluster.spec_of(pod).clone();
        let Some((new, is_injected)) = Admission::of(self.scenario).taken_up(&old, &self.cluster) else {
            return;
        };
        self.rewrite(pod, new);
        let new = self.cluster.spec_of(pod).clone();
        if is_injected {
            let is_new = |name: &String| old.containers.iter().all(|one| one.name != *name);
            let added: Vec<_> = new.containers.iter().map(|one| one.name.clone()).filter(is_new).collect();
            self.tell(&Fact::PodInjected { pod, containers: new.ready_containers(), added: &added });
        }
        for event in pod_events(&old, &new, false) {
            self.wake(&event);
        }
    }
}
