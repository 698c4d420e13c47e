//! Which pods ACK has a ReplicaSet give up first.

use super::Run;
use crate::controller::replica_set::{DELETION_COST_ANNOTATION, deletion_cost};
use crate::id::PodId;
use crate::scheduler::plugins::resource_policy::NAME;

impl Run<'_, '_> {
    /// What a pod's deletion costs its ReplicaSet. Where a ResourcePolicy orders the pods, the pods of a later unit cost
    /// less, whatever their annotation says.
    pub(super) fn deletion_cost(&self, pod: PodId) -> i32 {
        let spec = self.cluster.spec_of(pod);
        let written = || deletion_cost(spec.annotations.get(DELETION_COST_ANNOTATION));
        self.unit_cost(pod).unwrap_or_else(written)
    }

    fn unit_cost(&self, pod: PodId) -> Option<i32> {
        let spec = self.cluster.spec_of(pod);
        let profile = self.scheduler.profile_of(spec)?;
        if !self.scenario.scale_in_by_units || profile.filter_named(NAME).is_none() {
            return None;
        }
        let policy = self.cluster.owners().policy_of(spec)?;
        let node = self.cluster.node(self.cluster.pod(pod).node?);
        // One that stands in no unit was there before the policy and goes first of all (estimate).
        let unit = policy.unit_of(spec, &node.spec).unwrap_or(policy.units.len());
        i32::try_from(unit).ok().map(|unit| -unit)
    }
}
