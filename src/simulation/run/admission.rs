//! Pods as they come to the API server: admission, creation, and the way to a node.

use super::Run;
use super::daemons::is_daemon;
use super::pod_state::Creator;
use crate::admission::eci_routing::{route, with_effects};
use crate::id::PodId;
use crate::object::PodSpec;
use crate::random::Stream;

impl Run<'_, '_> {
    /// A new pod comes to the API server: it goes through admission as the cluster is now (webhooks in order of the names
    /// of their configurations, so Istio's before OpenKruise's), is created, and handed to the scheduler, or bound at
    /// once if it goes to ECI by label or eci-profile.
    pub(super) fn receive_pod(
        &mut self,
        name: &str,
        spec: &PodSpec,
        creator: Creator,
        draws: Stream,
    ) -> PodId {
        let spec = self.with_sidecars(self.injected(spec).unwrap_or_else(|| spec.clone()));
        if !is_daemon(&spec)
            && let Some(route) = route(&spec, &self.cluster)
        {
            let spec = with_effects(spec, &self.cluster);
            let pod = self.create_pod(name, spec, creator, draws, true);
            self.send_to_eci(pod, route);
            return pod;
        }
        let pod = self.create_pod(name, spec, creator, draws, true);
        self.enqueue(pod);
        pod
    }
}
