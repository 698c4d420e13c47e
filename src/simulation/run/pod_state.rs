//! What a run knows of one pod beyond the cluster.

use crate::controller::pod_status::{ConditionStatus, PodPhase, ReadyCondition};
use crate::id::WorkloadId;
use crate::metric::{Outcome, Sender};
use crate::units::SimTime;

/// Who created a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Creator {
    /// It stood in the manifests by itself.
    Manifest,
    /// A workload keeps it.
    Workload(WorkloadId),
    /// A source: which, and the number of the arrival.
    Source(u32, u32),
}

/// One pod's life so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct PodState {
    pub(super) creator: Creator,
    /// A number that stands for the pod's UID.
    pub(super) uid: u64,
    pub(super) created: SimTime,
    /// What sends it to ECI past the scheduler, if anything does.
    pub(super) sender: Option<Sender>,
    /// When it was first found to fit nowhere.
    pub(super) rejected: Option<SimTime>,
    /// When it was bound.
    pub(super) bound: Option<SimTime>,
    /// When its kubelet took it up.
    pub(super) assigned: Option<SimTime>,
    /// When its containers began to run.
    pub(super) started: Option<SimTime>,
    /// When it became ready.
    pub(super) ready: Option<SimTime>,
    /// Why it was told to end, if it was.
    pub(super) terminating: Option<Outcome>,
}

impl PodState {
    pub(super) fn new(creator: Creator, uid: u64, created: SimTime) -> Self {
        Self {
            creator,
            uid,
            created,
            sender: None,
            rejected: None,
            bound: None,
            assigned: None,
            started: None,
            ready: None,
            terminating: None,
        }
    }

    /// The workload that keeps it.
    pub(super) fn workload(&self) -> Option<WorkloadId> {
        match self.creator {
            Creator::Workload(workload) => Some(workload),
            _ => None,
        }
    }

    /// Its phase as controllers see it.
    pub(super) fn phase(&self) -> PodPhase {
        if self.started.is_some() { PodPhase::Running } else { PodPhase::Pending }
    }

    /// Its Ready condition; the kubelet sets one as soon as it has the pod.
    pub(super) fn ready_condition(&self) -> Option<ReadyCondition> {
        let assigned = self.assigned?;
        Some(match self.ready {
            Some(since) => ReadyCondition { status: ConditionStatus::True, since },
            None => ReadyCondition { status: ConditionStatus::False, since: assigned },
        })
    }

    /// Whether it was told to end.
    pub(super) fn is_terminating(&self) -> bool {
        self.terminating.is_some()
    }
}
