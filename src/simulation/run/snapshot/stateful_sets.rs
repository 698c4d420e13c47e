//! StatefulSets as a look at the cluster finds them.

use crate::id::WorkloadId;
use crate::object::PodSpec;
use crate::simulation::run::Run;
use crate::units::SimTime;

/// A StatefulSet.
#[derive(Clone, Debug)]
pub struct StatefulSetView {
    /// `StatefulSet/NAMESPACE/NAME`.
    pub title: String,
    /// What its pods are to be like.
    pub template: PodSpec,
    /// How many pods it is to have.
    pub desired: u32,
    /// How many there are.
    pub replicas: u32,
    /// How many of them are ready.
    pub ready: u32,
    /// How many are available.
    pub available: u32,
    /// How many have the present template.
    pub updated: u32,
    /// When it was created.
    pub created: SimTime,
}

impl Run<'_, '_> {
    pub(super) fn stateful_set_view(&self, first: WorkloadId) -> StatefulSetView {
        let (set, counts) = (&self.stateful_sets[&first], self.count_stateful_set(first));
        let setup = &self.scenario.workloads[set.template.index()];
        StatefulSetView {
            title: setup.title.clone(),
            template: setup.template.clone(),
            desired: set.spec.replicas,
            replicas: counts.replicas,
            ready: counts.ready,
            available: counts.available,
            updated: counts.updated,
            created: set.since,
        }
    }
}
