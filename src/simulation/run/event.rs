//! What can happen in a run, and in which order within one instant.

use crate::engine::TraceHash;
use crate::id::{DaemonSetId, NodeId, PodId, WorkloadId};
use crate::units::SimTime;

/// The phases of one instant, in their order: the queue's timers come first, as in upstream's recorded timelines, and
/// scheduling last, when everything else of the instant is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Timers of the scheduling queue.
    QueueTimer,
    /// Pods start, get ready, end.
    Lifecycle,
    /// A user acts.
    Action,
    /// Pods arrive.
    Arrival,
    /// The load changes.
    Load,
    /// Pods are measured.
    Metrics,
    /// Controllers act.
    Controller,
    /// The scheduler takes the next pod.
    Scheduling,
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Pods may have waited long enough in the scheduling queue.
    QueueTimer,
    /// A pod has waited for as long as a plugin made it.
    PodDue(PodId),
    /// The kubelet, or the virtual kubelet, learns of a pod.
    PodAssigned(PodId),
    /// An ECI instance is paid for from now on.
    PodBilled(PodId),
    /// A request for an ECI instance is looked at, for the first time or again.
    InstanceRequested(PodId),
    /// A pod on a virtual node has had its time to start.
    InstanceOverdue(PodId),
    /// An instance is told that it will be taken back.
    ReclaimNotice(PodId),
    /// An instance is taken back.
    Reclaimed(PodId),
    /// The volumes of a pod that could not be mounted are tried again.
    MountDue(PodId),
    /// A pod's containers run.
    PodStarted(PodId),
    /// A pod is ready.
    PodReady(PodId),
    /// A sidecar runs, before the applications of its pod do: which of the containers.
    SidecarStarted(PodId, u16),
    /// The container that does a pod's work has ended.
    WorkDone(PodId),
    /// The applications of a deleted pod have ended, and its marked sidecars are told to.
    SidecarsStop(PodId),
    /// All containers of a pod have ended by themselves.
    PodDone(PodId),
    /// A terminating pod is gone.
    PodGone(PodId),
    /// A node tells which images it has.
    NodeImages(NodeId),
    /// A user does the next thing of the timeline.
    Action(u32),
    /// A source creates its next pod.
    Arrival(u32),
    /// A trace creates its next pods.
    TraceArrival(u32),
    /// A trace deletes a pod.
    TraceDeletion(PodId),
    /// A controller's request to create a pod arrives.
    CreatePod(WorkloadId),
    /// A controller's request to create a pod of a DaemonSet arrives.
    CreateDaemon(DaemonSetId),
    /// A Job is looked at.
    JobSync(u32),
    /// A CronJob is looked at.
    CronJobSync(u32),
    /// A Job's request to create a pod arrives.
    JobPodComes(u32),
    /// A pod's containers run with new images.
    SidecarRuns(PodId),
    /// They are ready.
    SidecarStep(PodId),
    /// Pods of a Deployment have been ready for long enough.
    Rollout(WorkloadId),
    /// The load is looked at again.
    Load,
    /// Pods are measured.
    Scrape,
    /// An autoscaler looks at its workload.
    Autoscale(u32),
    /// The scheduler takes the next pod.
    Schedule,
}

impl Event {
    /// The phase in which it happens.
    pub(super) fn phase(self) -> Phase {
        match self {
            Self::QueueTimer | Self::PodDue(_) => Phase::QueueTimer,
            Self::PodAssigned(_)
            | Self::PodBilled(_)
            | Self::InstanceRequested(_)
            | Self::InstanceOverdue(_)
            | Self::ReclaimNotice(_)
            | Self::Reclaimed(_)
            | Self::MountDue(_)
            | Self::PodStarted(_)
            | Self::PodReady(_)
            | Self::SidecarStarted(..)
            | Self::WorkDone(_)
            | Self::SidecarsStop(_)
            | Self::PodDone(_)
            | Self::PodGone(_)
            | Self::SidecarRuns(_)
            | Self::SidecarStep(_)
            | Self::NodeImages(_) => Phase::Lifecycle,
            Self::Action(_) | Self::TraceDeletion(_) => Phase::Action,
            Self::Arrival(_)
            | Self::TraceArrival(_)
            | Self::CreatePod(_)
            | Self::CreateDaemon(_)
            | Self::JobPodComes(_) => Phase::Arrival,
            Self::Load => Phase::Load,
            Self::Scrape => Phase::Metrics,
            Self::Autoscale(_) | Self::JobSync(_) | Self::CronJobSync(_) | Self::Rollout(_) => {
                Phase::Controller
            }
            Self::Schedule => Phase::Scheduling,
        }
    }

    /// Takes the event into the trace.
    pub(super) fn trace(self, at: SimTime, hash: &mut TraceHash) {
        let (kind, entity) = match self {
            Self::QueueTimer => (1, 0),
            Self::PodAssigned(pod) => (2, pod.0),
            Self::PodBilled(pod) => (3, pod.0),
            Self::PodStarted(pod) => (4, pod.0),
            Self::PodReady(pod) => (5, pod.0),
            Self::PodDone(pod) => (6, pod.0),
            Self::PodGone(pod) => (7, pod.0),
            Self::NodeImages(node) => (8, node.0),
            Self::Arrival(source) => (9, source),
            Self::CreatePod(workload) => (10, workload.0),
            Self::Load => (11, 0),
            Self::Scrape => (12, 0),
            Self::Autoscale(autoscaler) => (13, autoscaler),
            Self::Schedule => (14, 0),
            Self::Action(action) => (15, action),
            Self::PodDue(pod) => (20, pod.0),
            Self::InstanceRequested(pod) => (21, pod.0),
            Self::InstanceOverdue(pod) => (22, pod.0),
            Self::ReclaimNotice(pod) => (23, pod.0),
            Self::Reclaimed(pod) => (24, pod.0),
            Self::CreateDaemon(set) => (30, set.0),
            Self::SidecarStarted(pod, _) => (35, pod.0),
            Self::WorkDone(pod) => (36, pod.0),
            Self::SidecarsStop(pod) => (37, pod.0),
            Self::JobSync(job) => (38, job),
            Self::JobPodComes(job) => (39, job),
            Self::MountDue(pod) => (40, pod.0),
            Self::Rollout(workload) => (45, workload.0),
            Self::SidecarStep(pod) => (46, pod.0),
            Self::SidecarRuns(pod) => (47, pod.0),
            Self::TraceArrival(trace) => (80, trace),
            Self::CronJobSync(cron_job) => (82, cron_job),
            Self::TraceDeletion(pod) => (81, pod.0),
        };
        hash.words([at.0, kind, u64::from(entity)]);
    }
}
