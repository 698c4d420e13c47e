//! What the deletion of a pod costs its ReplicaSet.

use super::Run;
use crate::controller::replica_set::{DELETION_COST_ANNOTATION, Standing};
use crate::id::PodId;
use crate::object::NodeClass;
use crate::scheduler::plugins::resource_policy::NAME;

impl Run<'_, '_> {
    /// What a pod's deletion costs its ReplicaSet.
    pub(super) fn deletion_cost(&self, pod: PodId) -> i32 {
        let node = self.bound_node(pod).map(|node| self.cluster.node(node));
        self.scenario.scale_in.cost(Standing {
            unit: self.unit_of(pod),
            on_virtual_node: node.is_some_and(|node| node.spec.class == NodeClass::Virtual),
            written: self.cluster.spec_of(pod).annotations.get(DELETION_COST_ANNOTATION),
        })
    }

    /// The number of the unit of a ResourcePolicy in which a pod stands. One that stands in none was there before the
    /// policy, and counts as of a further one (estimate).
    fn unit_of(&self, pod: PodId) -> Option<usize> {
        let spec = self.cluster.spec_of(pod);
        self.scheduler.profile_of(spec)?.filter_named(NAME)?;
        let policy = self.cluster.owners().policy_of(spec)?;
        let node = self.cluster.node(self.bound_node(pod)?);
        Some(policy.unit_of(spec, &node.spec).unwrap_or(policy.units.len()))
    }
}
