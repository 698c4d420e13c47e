//! Pods as a look at the cluster finds them.

use std::sync::Arc;

use crate::cluster::Pod;
use crate::id::PodId;
use crate::metric::Outcome;
use crate::object::{ContainerRole, NodeClass, PodSpec};
use crate::simulation::run::Run;
use crate::simulation::run::instances::HeldUp;
use crate::simulation::run::pod_state::{PodState, Work};
use crate::units::SimTime;

/// A pod.
#[derive(Clone, Debug)]
pub struct PodView {
    /// Its name.
    pub name: String,
    /// What it is.
    pub spec: Arc<PodSpec>,
    /// The name of its node.
    pub node: Option<String>,
    /// The name of the node that is being freed for it.
    pub nominated: Option<String>,
    /// When it was created.
    pub created: SimTime,
    /// When it was first found to fit nowhere.
    pub rejected: Option<SimTime>,
    /// When it was bound.
    pub bound: Option<SimTime>,
    /// Its ECI instance, on a virtual node.
    pub instance: Option<InstanceView>,
    /// When its kubelet took it up.
    pub assigned: Option<SimTime>,
    /// When its containers began to run.
    pub started: Option<SimTime>,
    /// When it became ready.
    pub ready: Option<SimTime>,
    /// When it became unready, if it was ready before and is not.
    pub unready: Option<SimTime>,
    /// Where it is in its life.
    pub stage: PodStage,
    /// How its containers differ from each other.
    pub containers: Containers,
}

/// How the containers of a pod differ from each other, as far as they do not all run or wait together.
#[derive(Clone, Debug, Default)]
pub struct Containers {
    /// Whether the first of its sidecars runs, although the applications may not.
    pub begun: bool,
    /// How many of its sidecars are ready.
    pub sidecars_ready: u32,
    /// What has become of the container that does its work, if it does not run.
    pub work: Option<WorkView>,
    /// How many containers are started again for now, so that it is not ready.
    pub restarting: u32,
    /// How often containers were started again.
    pub restarts: u32,
    /// When the one before the last start ended.
    pub last_end: Option<SimTime>,
}

/// What does a pod's work does not run any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkView {
    /// It will be started again.
    Waits,
    /// It has ended for good.
    Done {
        /// Whether it ended well.
        succeeded: bool,
        /// Whether other containers beside init containers and native sidecars run.
        others_run: bool,
    },
}

/// An ECI instance, or the lack of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceView {
    /// It can never be created.
    Refused {
        /// Why.
        message: String,
    },
    /// It is waited for.
    HeldUp {
        /// Since when.
        since: SimTime,
        /// Why, as a condition of the pod names it.
        reason: &'static str,
        /// The same in words.
        message: String,
    },
    /// It is there.
    Created {
        /// Since when.
        at: SimTime,
        /// Since when its sandbox is ready.
        sandbox_ready: Option<SimTime>,
    },
}

/// Where a pod is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodStage {
    /// On its way, or running.
    Alive,
    /// On a virtual node, and no instance can be created for it.
    ProviderFailed,
    /// Told to end.
    Terminating,
    /// Its containers have ended by themselves.
    Completed,
    /// They have, and one of them in failure.
    Failed,
    /// The platform has given it up.
    GivenUp,
    /// Its spot instance was taken back.
    Reclaimed,
}

impl Run<'_, '_> {
    /// A pod as it is; one that has ended has no number any more.
    pub(super) fn pod_at(&self, id: Option<PodId>, pod: &Pod, state: &PodState) -> PodView {
        let on_virtual =
            pod.node.is_some_and(|node| self.cluster.node(node).spec.class == NodeClass::Virtual);
        let stage = if id.is_none() {
            match state.ended {
                Some(Outcome::ContainerFailed) => PodStage::Failed,
                Some(Outcome::Failed | Outcome::Lost) => PodStage::GivenUp,
                Some(Outcome::Reclaimed) => PodStage::Reclaimed,
                _ => PodStage::Completed,
            }
        } else if state.is_terminating() {
            PodStage::Terminating
        } else if on_virtual && state.assigned.is_some() && self.instances.is_refused(pod.class) {
            PodStage::ProviderFailed
        } else {
            PodStage::Alive
        };
        let node_name = |node| self.cluster.node(node).name().to_owned();
        PodView {
            name: pod.name.to_string(),
            spec: self.as_written_back(id, pod),
            node: pod.node.filter(|_| state.bound.is_some()).map(node_name),
            nominated: pod.nominated.map(node_name),
            created: state.created,
            rejected: state.rejected,
            bound: state.bound,
            instance: id.and_then(|id| self.instance_of(id, pod)),
            assigned: state.assigned,
            started: state.started,
            ready: state.ready,
            unready: match (state.ready, state.work) {
                (Some(_), Work::Waits { ended }) => Some(ended),
                (Some(_), _) => state.finished,
                (None, _) => state.unready_since,
            },
            stage,
            containers: self.containers_at(id, state),
        }
    }

    /// What became of a pod's call for an instance, if it has called.
    fn instance_of(&self, id: PodId, pod: &Pod) -> Option<InstanceView> {
        self.pods[id.index()].assigned?;
        if let Some(instance) = self.instances.of(id) {
            // The conditions of ACS instances are not documented.
            let (at, sandbox_ready) = (instance.created, instance.sandbox_ready);
            return (!instance.spec.is_acs()).then_some(InstanceView::Created { at, sandbox_ready });
        }
        if let Some(held) = self.instances.held_up(id) {
            let HeldUp { since, reason, message } = held.clone();
            return Some(InstanceView::HeldUp { since, reason, message });
        }
        let message = self.instances.refusal(pod.class)?;
        Some(InstanceView::Refused { message })
    }

    fn containers_at(&self, id: Option<PodId>, state: &PodState) -> Containers {
        let work = match (state.work, id) {
            (Work::Waits { .. }, _) => Some(WorkView::Waits),
            (Work::Done { succeeded }, Some(pod)) => {
                let (spec, worker) = (self.cluster.spec_of(pod), self.worker(pod));
                let mut main = (0..).zip(&spec.containers).filter(|(_, one)| one.role == ContainerRole::Main);
                let others_run = main.any(|(place, _)| Some(place) != worker);
                Some(WorkView::Done { succeeded, others_run })
            }
            _ => None,
        };
        let is_ready = state.sidecars_ready.is_some_and(|ready| ready <= self.now);
        let sidecars = id
            .filter(|_| is_ready)
            .map_or(0, |pod| self.parts(pod).into_iter().filter(|part| part.is_sidecar()).count() as u32);
        Containers {
            begun: state.begun.is_some(),
            sidecars_ready: sidecars,
            work,
            restarting: id.map_or(0, |pod| self.upgrades.restarting(pod)),
            restarts: state.restarts,
            last_end: state.last_end,
        }
    }

    /// What a pod is, with what the platform has written onto it.
    fn as_written_back(&self, id: Option<PodId>, pod: &Pod) -> Arc<PodSpec> {
        let mut spec = self.cluster.class(pod.class).clone();
        if let Some(instance) = id.and_then(|id| self.instances.of(id)) {
            for (key, value) in &instance.annotations.0 {
                Arc::make_mut(&mut spec).annotations.set(key, value);
            }
        }
        spec
    }
}
