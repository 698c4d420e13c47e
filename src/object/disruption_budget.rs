//! PodDisruptionBudgets: which pods are to be disrupted a few at a time only.

use super::{PodSpec, Selector};
use crate::units::IntOrPercent;

/// A PodDisruptionBudget without its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisruptionBudget {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Which pods it covers; `None` covers none, an empty one all of the namespace.
    pub selector: Option<Selector>,
    /// How many of them are to be there; `None` allows no disruption.
    pub bound: Option<Bound>,
    /// Whether pods that are not ready may always be evicted (`unhealthyPodEvictionPolicy: AlwaysAllow`), and not only
    /// as long as enough others are.
    pub always_evict_unhealthy: bool,
}

/// How many pods are to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At least so many are to be healthy.
    MinAvailable(IntOrPercent),
    /// At most so many may not be.
    MaxUnavailable(IntOrPercent),
}

impl DisruptionBudget {
    /// Whether evictions of a pod count against it (pkg/registry/core/pod/storage/eviction.go
    /// `getPodDisruptionBudgets`).
    pub fn covers(&self, pod: &PodSpec) -> bool {
        self.namespace == pod.namespace && self.selector.as_ref().is_some_and(|one| one.matches(&pod.labels))
    }
}
