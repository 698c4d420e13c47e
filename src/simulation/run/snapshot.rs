//! The cluster at one instant of a run, as a look at it finds it.

use std::sync::Arc;

use super::Run;
use super::instances::HeldUp;
use super::pod_state::PodState;
use crate::cluster::Pod;
use crate::controller::hpa;
use crate::id::{PodId, WorkloadId};
use crate::object::{Labels, NodeClass, NodeSpec, PodSpec};
use crate::units::SimTime;

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
    /// Deployments and ReplicaSets.
    pub workloads: Vec<WorkloadView>,
    /// Autoscalers.
    pub autoscalers: Vec<AutoscalerView>,
    /// Services by namespace and name.
    pub services: Vec<ServiceView>,
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
    /// Where it is in its life.
    pub stage: PodStage,
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

impl Run<'_, '_> {
    /// Everything as it is now, which is called `at`: nothing has happened since the last event.
    pub(super) fn snapshot(&self, at: SimTime) -> Snapshot {
        let living = self.cluster.pods().map(|(id, pod)| (Some(id), pod, &self.pods[id.index()]));
        let completed = self.objects.completed.iter().flatten();
        let completed = completed.map(|(pod, state)| (None, pod, state));
        let pods = living.chain(completed).map(|(id, pod, state)| self.pod_at(id, pod, state));
        // Nodes are there from the start.
        let node = |node: &crate::cluster::Node| NodeView { spec: node.spec.clone(), created: SimTime::ZERO };
        Snapshot {
            at,
            pods: pods.collect(),
            nodes: self.cluster.nodes().map(node).collect(),
            namespaces: self.namespaces(),
            workloads: (0..self.workloads.len() as u32)
                .filter_map(|id| self.workload(WorkloadId(id)))
                .collect(),
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
        }
    }

    /// A pod as it is; one that is completed has no number any more.
    fn pod_at(&self, id: Option<PodId>, pod: &Pod, state: &PodState) -> PodView {
        let on_virtual =
            pod.node.is_some_and(|node| self.cluster.node(node).spec.class == NodeClass::Virtual);
        let stage = if id.is_none() {
            PodStage::Completed
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
            node: pod.node.map(node_name),
            nominated: pod.nominated.map(node_name),
            created: state.created,
            rejected: state.rejected,
            bound: state.bound,
            instance: id.and_then(|id| self.instance_of(id, pod)),
            assigned: state.assigned,
            started: state.started,
            ready: state.ready,
            stage,
        }
    }

    /// What became of a pod's call for an instance, if it has called.
    fn instance_of(&self, id: PodId, pod: &Pod) -> Option<InstanceView> {
        self.pods[id.index()].assigned?;
        if let Some(instance) = self.instances.of(id) {
            let (at, sandbox_ready) = (instance.created, instance.sandbox_ready);
            return Some(InstanceView::Created { at, sandbox_ready });
        }
        if let Some(held) = self.instances.held_up(id) {
            let HeldUp { since, reason, message } = held.clone();
            return Some(InstanceView::HeldUp { since, reason, message });
        }
        let message = self.instances.refusal(pod.class)?.to_owned();
        Some(InstanceView::Refused { message })
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
