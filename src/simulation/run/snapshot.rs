//! The cluster at one instant of a run, as a look at it finds it.

mod stateful_sets;

use std::sync::Arc;

use super::Run;
pub use super::cron_jobs::CronJobView;
use super::instances::HeldUp;
use super::pod_state::{PodState, Work};
use crate::admission::sidecar_set::{HASH, has_been_injected, hash_of};
use crate::cluster::Pod;
use crate::controller::daemon_set::wanted;
use crate::controller::{disruption, hpa, job};
use crate::id::{DaemonSetId, PodId, WorkloadId};
use crate::metric::Outcome;
use crate::object::{
    ContainerRole, DisruptionBudget, Labels, NodeClass, NodeSpec, PodSpec, ResourceKind, SidecarSet,
};
use crate::simulation::action::ObjectName;
use crate::units::SimTime;

pub use stateful_sets::StatefulSetView;

/// Everything that exists at one instant.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The instant.
    pub at: SimTime,
    /// Pods in order of creation, and those that have completed.
    pub pods: Vec<PodView>,
    /// Nodes in order of addition.
    pub nodes: Vec<NodeView>,
    /// Namespaces by name.
    pub namespaces: Vec<NamespaceView>,
    /// Deployments.
    pub deployments: Vec<DeploymentView>,
    /// ReplicaSets.
    pub workloads: Vec<WorkloadView>,
    /// StatefulSets.
    pub stateful_sets: Vec<StatefulSetView>,
    /// DaemonSets.
    pub daemon_sets: Vec<DaemonSetView>,
    /// Jobs.
    pub jobs: Vec<JobView>,
    /// CronJobs.
    pub cron_jobs: Vec<CronJobView>,
    /// Autoscalers.
    pub autoscalers: Vec<AutoscalerView>,
    /// Services by namespace and name.
    pub services: Vec<ServiceView>,
    /// SidecarSets, bindings, ConfigMaps and Secrets.
    pub kept: Vec<KeptView>,
    /// What has become of each SidecarSet, by name.
    pub sidecar_sets: Vec<SidecarSetView>,
    /// What each PodDisruptionBudget asks for, and allows.
    pub budgets: Vec<(DisruptionBudget, disruption::Status)>,
}

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

/// A node.
#[derive(Clone, Debug)]
pub struct NodeView {
    /// What it says of itself.
    pub spec: NodeSpec,
    /// When it was added.
    pub created: SimTime,
}

/// A namespace.
#[derive(Clone, Debug)]
pub struct NamespaceView {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// When it was created.
    pub created: SimTime,
    /// Whether it was told to end.
    pub terminating: bool,
}

/// A ReplicaSet, on its own or for a Deployment.
#[derive(Clone, Debug)]
pub struct WorkloadView {
    /// `KIND/NAMESPACE/NAME` of what a user scales.
    pub title: String,
    /// The name of the ReplicaSet.
    pub replica_set: String,
    /// What its pods are like.
    pub template: PodSpec,
    /// What it selects by: each key with its requirement as a text, in order.
    pub selector: Vec<(String, String)>,
    /// How many pods it is to have.
    pub desired: u32,
    /// How many it has that are not terminating.
    pub active: u32,
    /// How many of those are ready.
    pub ready: u32,
    /// When it was created.
    pub created: SimTime,
}

/// A DaemonSet.
#[derive(Clone, Debug)]
pub struct DaemonSetView {
    /// Its name.
    pub name: String,
    /// What its pods are like.
    pub template: PodSpec,
    /// What it selects by: each key with its requirement as a text, in order.
    pub selector: Vec<(String, String)>,
    /// For how many nodes it is to have a pod.
    pub desired: u32,
    /// For how many of those it has one, bound or not.
    pub current: u32,
    /// On how many of those the oldest is ready.
    pub ready: u32,
    /// For how many others it has one.
    pub misplaced: u32,
    /// When it was created.
    pub created: SimTime,
}

/// A Job.
#[derive(Clone, Debug)]
pub struct JobView {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it is told to do.
    pub spec: job::Spec,
    /// Where it stands.
    pub status: job::Status,
    /// What its pods are like.
    pub template: PodSpec,
    /// How many of its pods are active.
    pub active: u32,
    /// How many of those are ready.
    pub ready: u32,
    /// When it was created.
    pub created: SimTime,
}

/// A Deployment.
#[derive(Clone, Debug)]
pub struct DeploymentView {
    /// `Deployment/NAMESPACE/NAME`.
    pub title: String,
    /// What its pods are to be like.
    pub template: PodSpec,
    /// What it selects by: each key with its requirement as a text, in order.
    pub selector: Vec<(String, String)>,
    /// How many pods it is to have.
    pub desired: u32,
    /// How many it has that are not terminating.
    pub active: u32,
    /// How many of those have the present template.
    pub updated: u32,
    /// How many of them are ready.
    pub ready: u32,
    /// How many are available.
    pub available: u32,
    /// When it was created.
    pub created: SimTime,
}

/// An autoscaler.
#[derive(Clone, Debug)]
pub struct AutoscalerView {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `KIND/NAMESPACE/NAME` of what it sizes.
    pub target: String,
    /// What it is told to do.
    pub spec: hpa::Spec,
    /// What it last saw and did.
    pub status: hpa::Status,
    /// When it was created.
    pub created: SimTime,
}

/// A Service.
#[derive(Clone, Debug)]
pub struct ServiceView {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created: SimTime,
}

/// An object that others look up.
#[derive(Clone, Debug)]
pub struct KeptView {
    /// Its kind.
    pub kind: ResourceKind,
    /// Its namespace, empty for what lives in none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created: SimTime,
}

/// What has become of a SidecarSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidecarSetView {
    /// Its name.
    pub name: String,
    /// Living pods that have its containers.
    pub matched: u32,
    /// Those of them that have them as they are now.
    pub updated: u32,
    /// Those of them that are ready.
    pub ready: u32,
}

impl Run<'_, '_> {
    /// Everything as it is now, which is called `at`: nothing has happened since the last event.
    pub(super) fn snapshot(&self, at: SimTime) -> Snapshot {
        let living = self.cluster.pods().map(|(id, pod)| (Some(id), pod, &self.pods[id.index()]));
        let finished = self.objects.finished.iter().flatten();
        let finished = finished.map(|(pod, state)| (None, pod, state));
        let pods = living.chain(finished).map(|(id, pod, state)| self.pod_at(id, pod, state));
        let node = |node: &crate::cluster::Node| NodeView {
            spec: node.spec.clone(),
            created: self.node_since(node.id),
        };
        let kept = |((kind, object), &created): (&(ResourceKind, ObjectName), &SimTime)| KeptView {
            kind: *kind,
            namespace: object.namespace.clone(),
            name: object.name.clone(),
            created,
        };
        Snapshot {
            at,
            pods: pods.collect(),
            nodes: self.cluster.nodes().map(node).collect(),
            namespaces: self.namespaces(),
            deployments: self.deployments.keys().map(|&first| self.deployment_view(first)).collect(),
            workloads: (0..self.workloads.len() as u32)
                .filter_map(|id| self.workload(WorkloadId(id)))
                .collect(),
            stateful_sets: self.stateful_sets.keys().map(|&first| self.stateful_set_view(first)).collect(),
            daemon_sets: self.daemon_set_ids().filter_map(|set| self.daemon_set(set)).collect(),
            jobs: (0..self.jobs.len()).filter_map(|index| self.job_at(index)).collect(),
            cron_jobs: self.cron_jobs.iter().filter_map(|state| self.cron_job_at(state)).collect(),
            autoscalers: (0..self.autoscalers.len()).filter_map(|index| self.autoscaler(index)).collect(),
            services: self
                .objects
                .services
                .iter()
                .map(|(object, &created)| ServiceView {
                    namespace: object.namespace.clone(),
                    name: object.name.clone(),
                    created,
                })
                .collect(),
            kept: self.objects.kept.iter().map(kept).collect(),
            sidecar_sets: self.cluster.owners().sidecar_sets().map(|set| self.sidecar_set(set)).collect(),
            budgets: self
                .cluster
                .owners()
                .budgets()
                .iter()
                .map(|one| (one.spec.clone(), self.budget_status(&one.spec)))
                .collect(),
        }
    }

    /// Counts as OpenKruise's controller does (pkg/controller/sidecarset/sidecarset_processor.go).
    fn sidecar_set(&self, set: &SidecarSet) -> SidecarSetView {
        let mut view = SidecarSetView { name: set.name.clone(), matched: 0, updated: 0, ready: 0 };
        for (id, pod) in self.cluster.pods() {
            let spec = self.cluster.class(pod.class);
            if self.pods[id.index()].is_terminating() || !has_been_injected(spec, &set.name) {
                continue;
            }
            view.matched += 1;
            view.updated += u32::from(hash_of(spec, HASH, &set.name).as_ref() == Some(&set.hash));
            view.ready += u32::from(self.pods[id.index()].ready.is_some());
        }
        view
    }

    /// A pod as it is; one that has ended has no number any more.
    fn pod_at(&self, id: Option<PodId>, pod: &Pod, state: &PodState) -> PodView {
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

    fn job_at(&self, index: usize) -> Option<JobView> {
        let state = &self.jobs[index];
        let setup = &state.setup;
        let pods = state.pods.iter().map(|pod| &self.pods[pod.index()]);
        let active: Vec<_> = pods.filter(|pod| !pod.is_terminating()).collect();
        Some(JobView {
            namespace: setup.template.namespace.clone(),
            name: setup.name.clone(),
            spec: state.job.spec,
            status: state.job.status().clone(),
            template: setup.template.clone(),
            active: active.len() as u32,
            ready: active.iter().filter(|pod| pod.ready.is_some()).count() as u32,
            created: state.since?,
        })
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

    fn namespaces(&self) -> Vec<NamespaceView> {
        let view = |(name, state): (&String, &super::objects::NamespaceState)| {
            let own = || Labels::from_iter([("kubernetes.io/metadata.name", name.as_str())]);
            NamespaceView {
                name: name.clone(),
                labels: self.cluster.namespace_labels(name).cloned().unwrap_or_else(own),
                created: state.created,
                terminating: state.terminating,
            }
        };
        self.objects.namespaces.iter().map(view).collect()
    }

    fn deployment_view(&self, first: WorkloadId) -> DeploymentView {
        let deployment = &self.deployments[&first];
        let setup = &self.scenario.workloads[deployment.template.index()];
        let sets = self.sets_of(deployment);
        let ready = |set: WorkloadId| {
            let pods = self.workloads[set.index()].pods.iter().map(|pod| &self.pods[pod.index()]);
            pods.filter(|pod| !pod.is_terminating() && pod.ready.is_some()).count() as u32
        };
        let is_new = |set: &&WorkloadId| **set == deployment.template;
        DeploymentView {
            title: setup.title.clone(),
            template: setup.template.clone(),
            selector: setup.selector.in_words(),
            desired: deployment.spec.replicas,
            active: sets.iter().map(|set| set.pods).sum(),
            updated: deployment
                .sets()
                .iter()
                .zip(&sets)
                .filter(|(id, _)| is_new(id))
                .map(|(_, set)| set.pods)
                .sum(),
            ready: deployment.sets().into_iter().map(ready).sum(),
            available: sets.iter().map(|set| set.available).sum(),
            created: deployment.since,
        }
    }

    fn workload(&self, id: WorkloadId) -> Option<WorkloadView> {
        let (setup, state) = (&self.scenario.workloads[id.index()], &self.workloads[id.index()]);
        let pods = state.pods.iter().map(|pod| &self.pods[pod.index()]);
        let active: Vec<_> = pods.filter(|pod| !pod.is_terminating()).collect();
        Some(WorkloadView {
            title: setup.title.clone(),
            replica_set: setup.replica_set.clone(),
            template: setup.template.clone(),
            selector: setup.selector.in_words(),
            desired: state.desired,
            active: active.len() as u32,
            ready: active.iter().filter(|pod| pod.ready.is_some()).count() as u32,
            created: state.since?,
        })
    }

    /// A DaemonSet with what its controller counts (`updateDaemonSetStatus`).
    fn daemon_set(&self, set: DaemonSetId) -> Option<DaemonSetView> {
        let (setup, state) = (&self.scenario.daemon_sets[set.index()], &self.daemon_sets[set.index()]);
        let created = state.since?;
        let by_node = self.daemons_by_node(set);
        let (mut desired, mut current, mut ready, mut misplaced) = (0, 0, 0, 0);
        for node in self.cluster.nodes() {
            let pods = by_node.get(&node.id);
            if !wanted(&setup.template, &node.spec).to_run {
                misplaced += u32::from(pods.is_some());
                continue;
            }
            desired += 1;
            current += u32::from(pods.is_some());
            let oldest = pods.and_then(|pods| {
                let order = |&&id: &&PodId| (self.bound_node(id).is_none(), id);
                pods.iter().min_by_key(order)
            });
            ready += u32::from(oldest.is_some_and(|pod| self.pods[pod.index()].ready.is_some()));
        }
        Some(DaemonSetView {
            name: setup.name.clone(),
            template: setup.template.clone(),
            selector: setup.selector.in_words(),
            desired,
            current,
            ready,
            misplaced,
            created,
        })
    }

    fn autoscaler(&self, index: usize) -> Option<AutoscalerView> {
        let (setup, hpa) = (&self.scenario.autoscalers[index], &self.autoscalers[index]);
        Some(AutoscalerView {
            namespace: setup.namespace.clone(),
            name: setup.name.clone(),
            target: self.scenario.workloads[setup.workload.index()].title.clone(),
            spec: hpa.spec.clone(),
            status: hpa.status().clone(),
            created: self.objects.autoscalers[index]?,
        })
    }
}
