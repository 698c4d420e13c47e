//! What the manifests hold, in the simulator's own terms: nodes, pods, and everything that selects or makes pods.

mod cron_jobs;
mod daemon_sets;
mod gateway;
mod jobs;
mod replicas;
mod services;
mod stocked;
mod workloads;

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use overspill_manifest::Object;

use crate::admission::defaulting::{default_pod, default_pod_spec};
use crate::admission::priority::PriorityClasses;
use crate::cluster::{Budget, Cluster, Service};
use crate::id::PodId;
use crate::object::kubernetes::{
    self, FieldProblem, Problems, check_metadata, disruption_budget, is_eci_profile, is_finished,
    namespace_of, node_spec, pod_spec, resource_binding, resource_policy, sidecar_pod, sidecar_set,
};
use crate::object::sidecar_set::ResourceBinding;
use crate::object::volume::{FileObject, FileSource};
use crate::object::{EciProfile, Labels, NodeSpec, PodSpec, ResourcePolicy, SidecarSet};
use crate::random::Stream;
use crate::simulation::action::Kept;
use crate::simulation::scenario::MANIFEST_GROUP;
use crate::units::SimTime;

pub use cron_jobs::CronJob;
pub use daemon_sets::DaemonSet;
pub use gateway::Gateway;
pub use jobs::Job;
pub use stocked::{AdmittedPod, Specs, Stocked};
pub use workloads::{Autoscaler, REVISION, TEMPLATE_HASH, Workload, WorkloadSelector, deployment_workload};

/// Everything in a set of manifests that a simulation uses, in their order.
#[derive(Debug, Default)]
pub struct Inventory {
    /// Nodes.
    pub nodes: Vec<NodeSpec>,
    /// Namespaces with their labels.
    pub namespaces: Vec<(String, Labels)>,
    /// Pods that stand in the manifests themselves; finished ones are left out.
    pub pods: Vec<PodEntry>,
    /// Namespace and name of every Service.
    pub service_names: Vec<(String, String)>,
    /// Services that select pods.
    pub services: Vec<Service>,
    /// What ReplicaSets, StatefulSets and ReplicationControllers select.
    pub selectors: Vec<WorkloadSelector>,
    /// Disruption budgets.
    pub budgets: Vec<Budget>,
    /// Deployments and ReplicaSets that keep a number of pods.
    pub workloads: Vec<Workload>,
    /// DaemonSets.
    pub daemon_sets: Vec<DaemonSet>,
    /// Jobs that have not finished.
    pub jobs: Vec<Job>,
    /// CronJobs.
    pub cron_jobs: Vec<CronJob>,
    /// Horizontal pod autoscalers.
    pub autoscalers: Vec<Autoscaler>,
    /// ASM gateways; their workloads and autoscalers are among the others.
    pub gateways: Vec<Gateway>,
    /// ACK's ResourcePolicies.
    pub policies: Vec<ResourcePolicy>,
    /// ACK's eci-profile.
    pub eci_profile: Option<EciProfile>,
    /// OpenKruise's SidecarSets.
    pub sidecar_sets: Vec<SidecarSet>,
    /// What they may read of other namespaces.
    pub bindings: Vec<ResourceBinding>,
    /// ConfigMaps and Secrets.
    pub files: Vec<FileObject>,
}

/// A pod of the manifests.
#[derive(Clone, Debug)]
pub struct PodEntry {
    /// Its name.
    pub name: String,
    /// What it is; pods of one specification share it.
    pub spec: Arc<PodSpec>,
    /// The node it is bound to.
    pub node: Option<String>,
    /// The node that is being freed for it.
    pub nominated: Option<String>,
    /// Whether it was told to end.
    pub terminating: bool,
    /// When it started, in seconds of the Unix epoch.
    pub start_seconds: Option<i64>,
}

/// A problem with one object of the list that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectProblem {
    /// Which object, by its index.
    pub object: usize,
    /// Which field, and what is wrong with it.
    pub problem: FieldProblem,
}

impl Inventory {
    /// Takes stock of `objects`; all problems with them are told at once.
    pub fn of<'a>(
        objects: impl IntoIterator<Item = &'a Stocked, IntoIter: Clone>,
    ) -> Result<Self, Vec<ObjectProblem>> {
        let objects = objects.into_iter();
        let priorities = priority_classes(objects.clone());
        Self::admitted(objects, &priorities)
    }

    /// The same for objects that come later, into a cluster that has other priority classes than those among them.
    pub fn admitted<'a>(
        objects: impl IntoIterator<Item = &'a Stocked>,
        priorities: &PriorityClasses,
    ) -> Result<Self, Vec<ObjectProblem>> {
        let objects = objects.into_iter();
        let mut inventory = Self::default();
        let mut problems = Vec::new();
        // Gateways come last: what a server made of them may stand among the others.
        let is_gateway = |(_, one): &(usize, &Stocked)| matches!(one.object(), Some(Object::IstioGateway(_)));
        let (gateways, others): (Vec<_>, Vec<_>) = objects.enumerate().partition(is_gateway);
        for (index, stocked) in others.into_iter().chain(gateways) {
            let found = match stocked {
                Stocked::Object(object) => inventory.add_checked(object, priorities),
                Stocked::Pod(pod) => inventory.add_admitted(pod),
            };
            problems.extend(found.into_iter().map(|problem| ObjectProblem { object: index, problem }));
        }
        workloads::adopt(&mut inventory);
        if problems.is_empty() { Ok(inventory) } else { Err(problems) }
    }

    /// Adds an object and tells what is wrong with it.
    fn add_checked(&mut self, object: &Object, priorities: &PriorityClasses) -> Vec<FieldProblem> {
        let mut metadata = Problems::new();
        check_metadata(&mut metadata, object.metadata());
        let mut found = metadata.into_result(()).err().unwrap_or_default();
        found.extend(self.add(object, priorities).err().unwrap_or_default());
        found
    }

    fn add_admitted(&mut self, pod: &AdmittedPod) -> Vec<FieldProblem> {
        let mut found = pod.metadata.clone();
        match &pod.entry {
            Ok(entry) => self.pods.extend(entry.clone()),
            Err(problems) => found.extend(problems.iter().cloned()),
        }
        found
    }

    fn add(&mut self, object: &Object, priorities: &PriorityClasses) -> Result<(), Vec<FieldProblem>> {
        match object {
            Object::Node(node) => self.nodes.push(node_spec(node)?),
            Object::Namespace(namespace) => self.namespaces.push(named_labels(namespace)),
            Object::Pod(pod) if is_finished(pod) => {}
            Object::Pod(pod) => self.pods.push(pod_entry(pod, priorities)?),
            Object::Service(service) => {
                services::check(service)?;
                self.service_names.push(names(&service.metadata));
                self.services.extend(selecting(service));
            }
            Object::CronJob(cron_job) => self.cron_jobs.push(cron_jobs::read(cron_job, priorities)?),
            Object::Job(job) if jobs::is_finished(job) => {}
            Object::Job(job) => self.jobs.push(jobs::read(job, priorities)?),
            Object::PodDisruptionBudget(budget) => self.budgets.push(read_budget(budget)?),
            Object::ResourcePolicy(policy) => self.policies.push(resource_policy(policy)?),
            Object::ConfigMap(map) => {
                if is_eci_profile(map) {
                    self.eci_profile = Some(kubernetes::eci_profile(map)?);
                }
                self.files.push(file_object(FileSource::ConfigMap, &map.metadata));
            }
            Object::Secret(secret) => {
                self.files.push(file_object(FileSource::Secret, &secret.metadata));
            }
            Object::SidecarSet(set) => {
                let mut pod = sidecar_pod(set);
                default_pod_spec(&mut pod);
                self.sidecar_sets.push(sidecar_set(set, &pod)?);
            }
            Object::SidecarSetResourceBinding(binding) => self.bindings.push(resource_binding(binding)?),
            Object::DaemonSet(set) => self.daemon_sets.push(daemon_sets::read(set, priorities)?),
            Object::PriorityClass(_) => {}
            Object::IstioGateway(one) => gateway::add(self, one, priorities)?,
            other => workloads::add(self, other, priorities)?,
        }
        Ok(())
    }

    /// A cluster with all nodes, with the bound pods on them and the others waiting, in order. Pods that are bound to
    /// nodes which are not there are left out.
    pub fn cluster(&self) -> (Cluster, Vec<PodId>) {
        let mut cluster = self.surroundings();
        for node in &self.nodes {
            cluster.add_node(node.clone());
        }
        let mut waiting = Vec::new();
        for (ordinal, entry) in self.pods.iter().enumerate() {
            let pod = entry.create(&mut cluster, Stream::of(MANIFEST_GROUP, ordinal as u32), SimTime::ZERO);
            match &entry.node {
                None => waiting.push(pod),
                Some(name) => match cluster.node_named(name).map(|node| node.id) {
                    Some(node) => entry.place(&mut cluster, pod, node),
                    None => {
                        cluster.remove_pod(pod);
                    }
                },
            }
        }
        (cluster, waiting)
    }

    /// A cluster without nodes and pods that knows everything that selects pods.
    pub fn surroundings(&self) -> Cluster {
        let mut cluster = Cluster::new();
        for (name, labels) in &self.namespaces {
            cluster.set_namespace(name, labels.clone());
        }
        let owners = cluster.owners_mut();
        for service in &self.services {
            owners.add_service(service.clone());
        }
        for one in &self.selectors {
            owners.add_workload(one.kind, &one.namespace, &one.name, one.selector.clone());
        }
        for budget in &self.budgets {
            owners.put_budget(budget.clone());
        }
        for policy in &self.policies {
            owners.add_policy(policy.clone());
        }
        if let Some(profile) = &self.eci_profile {
            owners.set_eci_profile(profile.clone());
        }
        for set in &self.sidecar_sets {
            owners.put_sidecar_set(set.clone());
        }
        for binding in &self.bindings {
            cluster.files_mut().put_binding(binding.clone());
        }
        for file in &self.files {
            cluster.files_mut().put(file.clone());
        }
        cluster
    }

    /// The objects that others look up and that do nothing by themselves.
    pub fn kept(&self) -> impl Iterator<Item = Kept> + '_ {
        let profile = |file: &FileObject| self.eci_profile.clone().filter(|_| EciProfile::is_kept_in(file));
        let sets = self.sidecar_sets.iter().cloned().map(|set| Kept::SidecarSet(Box::new(set)));
        let bindings = self.bindings.iter().cloned().map(Kept::Binding);
        let budgets = self.budgets.iter().map(|one| Kept::Budget(Box::new(one.spec.clone())));
        let sets = sets.chain(budgets);
        sets.chain(bindings).chain(self.files.iter().map(move |file| Kept::File(file.clone(), profile(file))))
    }
}

impl PodEntry {
    /// Creates the pod, bound to nothing.
    pub fn create(&self, cluster: &mut Cluster, draws: Stream, now: SimTime) -> PodId {
        let class = cluster.intern(self.spec.clone());
        let pod = cluster.create_pod(&self.name, class, draws, now);
        if let Some(seconds) = self.start_seconds {
            cluster.start_pod(pod, seconds);
        }
        let nominated = self.nominated.as_ref().and_then(|name| cluster.node_named(name)).map(|node| node.id);
        cluster.nominate(pod, nominated.filter(|_| self.node.is_none()));
        pod
    }

    /// Binds the pod as the manifest has it.
    pub fn place(&self, cluster: &mut Cluster, pod: PodId, node: crate::id::NodeId) {
        cluster.bind(pod, node);
        cluster.mark_ran_before(pod);
        if self.terminating {
            cluster.terminate(pod);
        }
    }
}

/// Reads a pod; one with `spec.nodeName` is bound.
pub fn pod_entry(pod: &api::Pod, priorities: &PriorityClasses) -> Result<PodEntry, Vec<FieldProblem>> {
    let mut pod = pod.clone();
    priorities.admit(pod.spec.as_mut())?;
    entry_of(pod)
}

/// Reads a pod that has its priority.
fn entry_of(mut pod: api::Pod) -> Result<PodEntry, Vec<FieldProblem>> {
    default_pod(&mut pod);
    let spec = Arc::new(pod_spec(&pod)?);
    let status = pod.status.unwrap_or_default();
    let nominated = status.nominated_node_name.filter(|name| !name.is_empty());
    Ok(PodEntry {
        name: pod.metadata.name.or(pod.metadata.generate_name).unwrap_or_default(),
        node: pod.spec.and_then(|spec| spec.node_name).filter(|name| !name.is_empty()),
        spec,
        nominated,
        terminating: pod.metadata.deletion_timestamp.is_some(),
        start_seconds: status.start_time.map(|time| time.0.as_second()),
    })
}

/// The classes that stand in the manifests, and those that pods show which a server has admitted.
pub(super) fn priority_classes<'a>(objects: impl Iterator<Item = &'a Stocked> + Clone) -> PriorityClasses {
    let mut priorities = PriorityClasses::of(objects.clone().filter_map(|one| match one.object() {
        Some(Object::PriorityClass(class)) => Some(&**class),
        _ => None,
    }));
    for one in objects {
        one.teach(&mut priorities);
    }
    priorities
}

fn file_object(source: FileSource, metadata: &ObjectMeta) -> FileObject {
    let (namespace, name) = names(metadata);
    FileObject { source, namespace, name }
}

/// Namespace and name of what lives in a namespace.
fn names(metadata: &ObjectMeta) -> (String, String) {
    (namespace_of(metadata).to_owned(), metadata.name.clone().unwrap_or_default())
}

fn named_labels(namespace: &api::Namespace) -> (String, Labels) {
    let metadata = &namespace.metadata;
    let name = metadata.name.clone().unwrap_or_default();
    let mut labels = Labels(metadata.labels.clone().unwrap_or_default());
    // The API server puts the name there (pkg/apis/core/v1/defaults.go `SetDefaults_Namespace`).
    labels.set("kubernetes.io/metadata.name", name.clone());
    (name, labels)
}

/// A Service that selects pods.
fn selecting(service: &api::Service) -> Option<Service> {
    let selector = service.spec.as_ref()?.selector.clone()?;
    let (namespace, name) = names(&service.metadata);
    Some(Service { namespace, name, selector: Labels(selector) })
}

/// A budget with the status that it was printed with; without one it allows nothing yet.
fn read_budget(budget: &PodDisruptionBudget) -> Result<Budget, Vec<FieldProblem>> {
    let status = budget.status.clone().unwrap_or_default();
    let disrupted: BTreeMap<_, _> = status.disrupted_pods.unwrap_or_default();
    Ok(Budget {
        spec: disruption_budget(budget)?,
        disruptions_allowed: i64::from(status.disruptions_allowed),
        disrupted: disrupted.into_keys().collect(),
    })
}
