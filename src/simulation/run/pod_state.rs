//! What a run knows of one pod beyond the cluster.

use std::ops::{Index, IndexMut};

use super::load::SeatId;
use crate::controller::pod_metrics::MeterId;
use crate::controller::pod_status::{ConditionStatus, PodPhase, ReadyCondition};
use crate::controller::restart_backoff::RestartBackoff;
use crate::id::{DaemonSetId, WorkloadId};
use crate::metric::{Outcome, Sender};
use crate::sparse::Sparse;
use crate::units::SimTime;

/// Who created a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Creator {
    /// It stood in the manifests by itself.
    Manifest,
    /// A workload keeps it.
    Workload(WorkloadId),
    /// A DaemonSet keeps it.
    DaemonSet(DaemonSetId),
    /// A source: which, and the number of the arrival.
    Source(u32, u32),
    /// A trace: which, and the number of the pod.
    Trace(u32, u32),
    /// A Job: which.
    Job(u32),
}

/// Where the container stands that does a pod's work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Work {
    /// It does not run yet, or the pod has no work that ends by itself.
    #[default]
    None,
    /// It runs.
    Runs,
    /// It has ended and will be started again.
    Waits {
        /// When it ended.
        ended: SimTime,
    },
    /// It has ended for good.
    Done {
        /// Whether the pod will have succeeded.
        succeeded: bool,
    },
}

/// What a run knows of each pod, for as long as the pod is there.
#[derive(Default)]
pub(super) struct PodStates(Sparse<PodState>);

impl PodStates {
    /// The next pod is there.
    pub(super) fn add(&mut self, creator: Creator, uid: u64, created: SimTime) {
        self.0.push(PodState::new(creator, uid, created));
    }

    /// The pod is gone.
    pub(super) fn forget(&mut self, number: usize) {
        self.0.take(number);
    }
}

impl Index<usize> for PodStates {
    type Output = PodState;
    fn index(&self, number: usize) -> &PodState {
        self.0.get(number).expect("a pod that is asked for exists")
    }
}

impl IndexMut<usize> for PodStates {
    fn index_mut(&mut self, number: usize) -> &mut PodState {
        self.0.get_mut(number).expect("a pod that is changed exists")
    }
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
    /// What stands for the reason that its condition gives.
    pub(super) condition: Option<u64>,
    /// When it was bound.
    pub(super) bound: Option<SimTime>,
    /// When its kubelet took it up.
    pub(super) assigned: Option<SimTime>,
    /// When its volumes could be mounted.
    pub(super) mounted: Option<SimTime>,
    /// Whether its node has begun to start its containers, with the images that it had then.
    pub(super) is_starting: bool,
    /// When its containers began to run.
    pub(super) started: Option<SimTime>,
    /// When it became ready.
    pub(super) ready: Option<SimTime>,
    /// Since when it is not ready any more, if it was and is to be again.
    pub(super) unready_since: Option<SimTime>,
    /// Why it was told to end, if it was.
    pub(super) terminating: Option<Outcome>,
    /// When it was.
    pub(super) deleted: Option<SimTime>,
    /// When the first of its sidecars began to run, where those start before the applications.
    pub(super) begun: Option<SimTime>,
    /// When all its sidecars are ready.
    pub(super) sidecars_ready: Option<SimTime>,
    pub(super) work: Work,
    /// How often its containers were started again, and when the one before the last start ended.
    pub(super) restarts: u32,
    pub(super) last_end: Option<SimTime>,
    pub(super) backoff: RestartBackoff,
    /// It becomes ready no earlier: what was to make it ready before came from a container that has ended, or only from
    /// the sidecars of one that starts.
    pub(super) ready_from: SimTime,
    /// Whether the controller that made it has deleted it, so that its end is no failure.
    pub(super) disowned: bool,
    /// How it has ended.
    pub(super) ended: Option<Outcome>,
    /// When it has.
    pub(super) finished: Option<SimTime>,
    /// Its meter, from its start on.
    pub(super) meter: Option<MeterId>,
    /// While it serves traffic: its place among those who do.
    pub(super) seat: Option<SeatId>,
}

impl PodState {
    fn new(creator: Creator, uid: u64, created: SimTime) -> Self {
        Self {
            creator,
            uid,
            created,
            sender: None,
            rejected: None,
            condition: None,
            bound: None,
            assigned: None,
            mounted: None,
            is_starting: false,
            started: None,
            ready: None,
            unready_since: None,
            terminating: None,
            deleted: None,
            begun: None,
            sidecars_ready: None,
            work: Work::None,
            restarts: 0,
            last_end: None,
            backoff: RestartBackoff::default(),
            ready_from: SimTime::ZERO,
            disowned: false,
            ended: None,
            finished: None,
            meter: None,
            seat: None,
        }
    }

    /// Whether the container that does its work does not run any more, for now or for good.
    pub(super) fn work_is_over(&self) -> bool {
        matches!(self.work, Work::Waits { .. } | Work::Done { .. })
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
        Some(if let Some(since) = self.ready {
            ReadyCondition { status: ConditionStatus::True, since }
        } else {
            let since = self.unready_since.unwrap_or(assigned);
            ReadyCondition { status: ConditionStatus::False, since }
        })
    }

    /// Whether it was told to end.
    pub(super) fn is_terminating(&self) -> bool {
        self.terminating.is_some()
    }
}
