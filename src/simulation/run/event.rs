//! What can happen in a run, and in which order within one instant.

use super::drain::Drainer;
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
    /// A controller's request to delete a pod arrives.
    DeletePod(WorkloadId),
    /// A controller's request to create a pod of a DaemonSet arrives.
    CreateDaemon(DaemonSetId),
    /// A controller's request to delete a pod of a DaemonSet arrives.
    DeleteDaemon(DaemonSetId),
    /// A Job is looked at.
    JobSync(u32),
    /// A CronJob is looked at.
    CronJobSync(u32),
    /// A Job's request to create a pod arrives.
    JobPodComes(u32),
    /// A Job's request to delete a pod arrives.
    JobPodGoes(u32),
    /// A pod's containers run with new images.
    SidecarRuns(PodId),
    /// They are ready.
    SidecarStep(PodId),
    /// Pods of a Deployment have been ready for long enough.
    Rollout(WorkloadId),
    /// A node fails by law.
    NodeFails(NodeId),
    /// A reason for a node to be down is gone.
    NodeReturns(NodeId),
    /// The node lifecycle controller looks.
    NodeLook,
    /// DaemonSets look at nodes that have returned.
    DaemonsLook,
    /// The node autoscaler looks, as it does from time to time.
    NodeScan,
    /// The node autoscaler looks because a pod fits nowhere.
    NodeScanSoon,
    /// The Node of a machine that was created is registered.
    NodeRegisters(NodeId),
    /// A new node is ready.
    NodeBoots(NodeId),
    /// A node that is not needed is drained, or its drain is looked at again.
    NodeLeaves(NodeId),
    /// A node whose machine is lost is deleted.
    NodeDeleted(NodeId),
    /// The spot instance of a node is told that it will be taken back.
    SpotNotice(NodeId),
    /// It is taken back.
    SpotReclaimed(NodeId),
    /// An instance is created in the place of that of a node.
    SpotReplaced(NodeId),
    /// A zone of ECI is back, by its number.
    ZoneReturns(u32),
    /// A pod has tolerated the taints of its node for as long as it does.
    TaintEviction(PodId),
    /// The descheduler looks.
    Deschedule,
    /// A drain asks again for evictions that were refused.
    DrainRetry(Drainer),
    /// A drain has had its time.
    DrainOver(Drainer),
    /// Pods of a StatefulSet have been ready for long enough.
    StatefulSet(WorkloadId),
    /// A StatefulSet's request to create a pod arrives.
    StatefulPodComes(WorkloadId),
    /// A StatefulSet's request to delete a pod arrives.
    StatefulPodGoes(WorkloadId),
    /// A pod that serves is no longer new.
    WarmedUp(PodId),
    /// The load is looked at again.
    Load,
    /// Pods are measured.
    Scrape,
    /// Metrics that are no resources are measured.
    Measure,
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
            | Self::NodeImages(_)
            | Self::NodeFails(_)
            | Self::NodeReturns(_)
            | Self::NodeDeleted(_)
            | Self::SpotNotice(_)
            | Self::SpotReclaimed(_)
            | Self::SpotReplaced(_)
            | Self::NodeRegisters(_)
            | Self::NodeBoots(_)
            | Self::ZoneReturns(_) => Phase::Lifecycle,
            Self::Action(_) | Self::TraceDeletion(_) | Self::DrainRetry(_) | Self::DrainOver(_) => {
                Phase::Action
            }
            Self::Arrival(_)
            | Self::TraceArrival(_)
            | Self::CreatePod(_)
            | Self::DeletePod(_)
            | Self::CreateDaemon(_)
            | Self::DeleteDaemon(_)
            | Self::JobPodComes(_)
            | Self::JobPodGoes(_)
            | Self::StatefulPodComes(_)
            | Self::StatefulPodGoes(_) => Phase::Arrival,
            Self::Load | Self::WarmedUp(_) => Phase::Load,
            Self::Scrape | Self::Measure => Phase::Metrics,
            Self::Autoscale(_)
            | Self::JobSync(_)
            | Self::CronJobSync(_)
            | Self::Rollout(_)
            | Self::StatefulSet(_)
            | Self::NodeLook
            | Self::DaemonsLook
            | Self::Deschedule
            | Self::NodeScan
            | Self::NodeScanSoon
            | Self::NodeLeaves(_)
            | Self::TaintEviction(_) => Phase::Controller,
            Self::Schedule => Phase::Scheduling,
        }
    }

    /// The pod, if it is something that the kubelet of its node brings about.
    pub(super) fn of_kubelet(self) -> Option<PodId> {
        match self {
            Self::PodAssigned(pod)
            | Self::MountDue(pod)
            | Self::PodStarted(pod)
            | Self::PodReady(pod)
            | Self::SidecarStarted(pod, _)
            | Self::WorkDone(pod)
            | Self::SidecarsStop(pod)
            | Self::PodDone(pod)
            | Self::PodGone(pod)
            | Self::SidecarRuns(pod)
            | Self::SidecarStep(pod) => Some(pod),
            _ => None,
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
            Self::Measure => (60, 0),
            Self::StatefulSet(workload) => (61, workload.0),
            Self::StatefulPodComes(workload) => (62, workload.0),
            Self::StatefulPodGoes(workload) => (63, workload.0),
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
            Self::DrainRetry(Drainer::User(action)) => (50, action),
            Self::DrainOver(Drainer::User(action)) => (51, action),
            Self::DrainRetry(Drainer::Reclaim(node)) => (52, node.0),
            Self::DrainOver(Drainer::Reclaim(node)) => (53, node.0),
            Self::SpotNotice(node) => (54, node.0),
            Self::SpotReclaimed(node) => (55, node.0),
            Self::SpotReplaced(node) => (56, node.0),
            Self::DeletePod(workload) => (70, workload.0),
            Self::DeleteDaemon(set) => (71, set.0),
            Self::JobPodGoes(job) => (72, job),
            Self::WarmedUp(pod) => (73, pod.0),
            Self::TaintEviction(pod) => (80, pod.0),
            Self::NodeFails(node) => (81, node.0),
            Self::NodeReturns(node) => (82, node.0),
            Self::NodeLook => (83, 0),
            Self::NodeDeleted(node) => (84, node.0),
            Self::ZoneReturns(zone) => (85, zone),
            Self::DaemonsLook => (86, 0),
            Self::Deschedule => (87, 0),
            Self::TraceArrival(trace) => (90, trace),
            Self::TraceDeletion(pod) => (91, pod.0),
            Self::CronJobSync(cron_job) => (92, cron_job),
            Self::NodeScan => (100, 0),
            Self::NodeScanSoon => (101, 0),
            Self::NodeRegisters(node) => (102, node.0),
            Self::NodeBoots(node) => (103, node.0),
            Self::NodeLeaves(node) => (104, node.0),
        };
        hash.words([at.0, kind, u64::from(entity)]);
    }
}
