//! The cluster at one instant of a run, as a look at it finds it.

mod pods;
mod stateful_sets;

use super::Run;
pub use super::cron_jobs::CronJobView;
use crate::admission::sidecar_set::{HASH, has_been_injected, hash_of};
use crate::controller::daemon_set::wanted;
use crate::controller::{disruption, hpa, job};
use crate::id::{DaemonSetId, PodId, WorkloadId};
use crate::object::{DisruptionBudget, Labels, NodeSpec, PodSpec, ResourceKind, SidecarSet};
use crate::simulation::action::ObjectName;
use crate::units::SimTime;

pub use pods::{Containers, InstanceView, PodStage, PodView, WorkView};
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
            created: self.node_registered(node.id),
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
