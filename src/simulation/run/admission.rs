//! Pods as they come to the API server: admission, creation, and the way to a node.

use super::Run;
use super::pod_state::Creator;
use crate::id::PodId;
use crate::object::PodSpec;
use crate::random::Stream;
use crate::simulation::admitted::Admission;

impl Run<'_, '_> {
    /// A new pod comes to the API server: it goes through admission as the cluster is now, is created, and handed to
    /// the scheduler, or bound at once if it goes to ECI by label or eci-profile.
    pub(super) fn receive_pod(
        &mut self,
        name: &str,
        spec: &PodSpec,
        creator: Creator,
        draws: Stream,
    ) -> PodId {
        let (spec, route) = Admission::of(self.scenario).admitted(spec, &self.cluster);
        let pod = self.create_pod(name, spec, creator, draws, true);
        match route {
            Some(route) => self.send_to_eci(pod, route),
            None => self.enqueue(pod),
        }
        pod
    }
}
