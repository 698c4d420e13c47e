//! Whether a node could take a pod, asked without an attempt: what cluster-autoscaler asks of clusters that are not there,
//! and a descheduler of pods that have a node.

use super::Profile;
use super::reference::{Filters, Refused};
use crate::cluster::Cluster;
use crate::id::{NodeId, PodId};

/// The first of these nodes that passes every filter of a profile.
///
/// # Errors
///
/// What the last of them said; `None` if there was no node to ask.
pub fn first_fit(
    profile: &Profile,
    cluster: &Cluster,
    pod: PodId,
    nodes: impl IntoIterator<Item = NodeId>,
) -> Result<NodeId, Option<Refused>> {
    let spec = profile.seen(cluster.spec_of(pod), cluster.owners());
    let filters = Filters::prepare(profile, cluster, pod, &spec).map_err(Some)?;
    let mut last = None;
    for node in nodes {
        match filters.alone(cluster.node(node)) {
            Ok(()) => return Ok(node),
            Err(refused) => last = Some(refused),
        }
    }
    Err(last)
}

/// All nodes that pass every filter of a profile, in node order.
pub(super) fn every_fit(profile: &Profile, cluster: &Cluster, pod: PodId) -> Vec<NodeId> {
    let spec = profile.seen(cluster.spec_of(pod), cluster.owners());
    let Ok(filters) = Filters::prepare(profile, cluster, pod, &spec) else { return Vec::new() };
    let mut nodes = filters.candidates();
    nodes.retain(|&node| filters.verdict(cluster.node(node)).is_ok());
    nodes
}
