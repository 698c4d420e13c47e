//! What admission makes of a new pod: a run creates it so, and warnings look at it so beforehand.

use crate::admission::eci_routing::{Route, route, with_effects};
use crate::admission::istio::proxy_of;
use crate::cluster::Cluster;
use crate::object::{Labels, PodSpec};
use crate::simulation::scenario::MeshSetup;

/// A pod as it is created in the cluster as that is now, and what sends it to ECI past the scheduler, if anything does.
pub(crate) fn admitted(
    pod: &PodSpec,
    mesh: Option<&MeshSetup>,
    cluster: &Cluster,
) -> (PodSpec, Option<Route>) {
    let pod = injected(pod, mesh, cluster).unwrap_or_else(|| pod.clone());
    match route(&pod, cluster) {
        Some(route) => (with_effects(pod, cluster), Some(route)),
        None => (pod, None),
    }
}

/// Whether the injector adds a sidecar to a new pod.
pub(crate) fn is_injected(pod: &PodSpec, mesh: &MeshSetup, cluster: &Cluster) -> bool {
    let unlabelled = Labels::default();
    let namespace = cluster.namespace_labels(&pod.namespace).unwrap_or(&unlabelled);
    proxy_of(pod).is_none() && mesh.policy.injects(pod, namespace)
}

/// A new pod as the injector leaves it; `None` if that is as it came.
fn injected(pod: &PodSpec, mesh: Option<&MeshSetup>, cluster: &Cluster) -> Option<PodSpec> {
    let mesh = mesh.filter(|mesh| is_injected(pod, mesh, cluster))?;
    Some(mesh.sidecar.inject(pod))
}
