//! What admission makes of a new pod, and what a virtual node makes of it: a run does so, and warnings look at it
//! beforehand.

use crate::admission::default_tolerations::add_default_tolerations;
use crate::admission::eci_routing::{Route, route, with_effects};
use crate::admission::istio::proxy_of;
use crate::admission::sidecar_set::{Moment, inject, labelled};
use crate::cluster::Cluster;
use crate::object::{Labels, PodSpec};
use crate::simulation::Scenario;
use crate::simulation::scenario::{KruiseSetup, MeshSetup};

/// What changes pods as they come.
#[derive(Clone, Copy)]
pub(crate) struct Admission<'a> {
    pub(crate) mesh: Option<&'a MeshSetup>,
    pub(crate) kruise: Option<&'a KruiseSetup>,
}

impl<'a> Admission<'a> {
    /// That of a scenario.
    pub(crate) fn of(scenario: &'a Scenario) -> Self {
        Self { mesh: scenario.mesh.as_ref(), kruise: scenario.kruise.as_ref() }
    }

    /// A pod as it is created in the cluster as that is now, and what sends it to ECI past the scheduler, if anything
    /// does. Webhooks come in order of the names of their configurations, so Istio's before OpenKruise's.
    pub(crate) fn admitted(self, pod: &PodSpec, cluster: &Cluster) -> (PodSpec, Option<Route>) {
        let proxied =
            self.mesh.filter(|_| self.is_proxied(pod, cluster)).map(|mesh| mesh.sidecar.inject(pod));
        let pod = proxied.unwrap_or_else(|| pod.clone());
        let pod = self.placed(pod, cluster);
        match route(&pod, cluster).filter(|_| !is_daemon(&pod)) {
            Some(route) => (with_effects(pod, cluster), Some(route)),
            None => (pod, None),
        }
    }

    /// Whether Istio adds its sidecar to a new pod.
    pub(crate) fn is_proxied(self, pod: &PodSpec, cluster: &Cluster) -> bool {
        let unlabelled = Labels::default();
        let namespace = cluster.namespace_labels(&pod.namespace).unwrap_or(&unlabelled);
        proxy_of(pod).is_none() && self.mesh.is_some_and(|mesh| mesh.policy.injects(pod, namespace))
    }

    /// The same for one that its creator has placed, which is neither proxied nor sent anywhere.
    pub(crate) fn placed(self, mut pod: PodSpec, cluster: &Cluster) -> PodSpec {
        add_default_tolerations(&mut pod);
        self.with_sidecars(pod, cluster)
    }

    /// A new pod with the containers of the SidecarSets that select it.
    pub(crate) fn with_sidecars(self, pod: PodSpec, cluster: &Cluster) -> PodSpec {
        let injected = self.kruise.and_then(|_| inject(&pod, cluster, Moment::Creation));
        injected.unwrap_or(pod)
    }

    /// A pod as it is when the virtual kubelet has taken it up: with the label of pods on virtual nodes, and the
    /// containers of the SidecarSets that select it by that; whether there are any. `None` without OpenKruise.
    pub(crate) fn taken_up(self, pod: &PodSpec, cluster: &Cluster) -> Option<(PodSpec, bool)> {
        let kruise = self.kruise?;
        let pod = labelled(pod);
        let injected = kruise.serverless.then(|| inject(&pod, cluster, Moment::OnVirtualNode)).flatten();
        let is_injected = injected.is_some();
        Some((injected.unwrap_or(pod), is_injected))
    }
}

/// Whether a pod belongs to a DaemonSet, known here or not.
pub(crate) fn is_daemon(pod: &PodSpec) -> bool {
    pod.owner.as_ref().is_some_and(|owner| owner.kind == "DaemonSet")
}
