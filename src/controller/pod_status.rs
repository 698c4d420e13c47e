//! The parts of a pod's status that controllers look at.

use crate::units::SimTime;

/// Where a pod is in its life (`PodPhase`, staging/src/k8s.io/api/core/v1/types.go).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PodPhase {
    /// Accepted, but not all of its containers have started.
    Pending,
    /// Bound to a node with at least one container running.
    Running,
    /// All containers ended successfully and stay ended.
    Succeeded,
    /// All containers ended, one of them in failure.
    Failed,
    /// The node could not be asked.
    Unknown,
}

impl PodPhase {
    /// Whether the pod's containers have ended for good.
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// The status of a condition: Kubernetes knows three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It cannot be told; not the same as `False` to the HPA, the same as `False` to a ReplicaSet.
    Unknown,
}

/// A pod's Ready condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyCondition {
    /// Whether the pod is ready.
    pub status: ConditionStatus,
    /// When the status last changed.
    pub since: SimTime,
}

impl ReadyCondition {
    /// Whether the pod is ready: "Unknown" is not.
    pub fn is_true(self) -> bool {
        self.status == ConditionStatus::True
    }
}
