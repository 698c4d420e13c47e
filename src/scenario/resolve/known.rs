//! The objects that exist at some point of a timeline, as the API server would know them: what is asked for by name is
//! looked up here before anything runs.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::comings::Moment;
use super::timeline::There;
use crate::id::{DaemonSetId, WorkloadId};
use crate::object::{Labels, NodeClass, NodeSpec, PodSpec, ResourceKind, SidecarSet, Taint, Title};
use crate::scenario::inventory::{Inventory, PodEntry};
use crate::simulation::action::{Kept, ObjectName};
use crate::simulation::scenario::{AutoscalerSetup, DaemonSetSetup, WorkloadSetup};

/// Namespaces that every cluster has.
pub(super) const BUILT_IN_NAMESPACES: [&str; 4] =
    ["default", "kube-node-lease", "kube-public", "kube-system"];

/// What names an object: its kind, its namespace (empty for what lives in none) and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) kind: ResourceKind,
    pub(super) namespace: String,
    pub(super) name: String,
}

impl Key {
    pub(super) fn new(kind: ResourceKind, namespace: &str, name: &str) -> Self {
        Self { kind, namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// As a scenario writes it: `pod/NAMESPACE/NAME`, `namespace/NAME`.
    pub(super) fn text(&self) -> String {
        let namespace = self.kind.is_namespaced().then_some(self.namespace.as_str());
        Title { kind: self.kind.singular(), namespace, name: &self.name }.to_string()
    }
}

/// What is known of an object.
#[derive(Clone, Debug)]
pub(super) enum Held {
    Namespace {
        labels: Labels,
    },
    Node {
        class: NodeClass,
        labels: Labels,
        annotations: Labels,
        taints: Vec<Taint>,
        unschedulable: bool,
    },
    Pod(Arc<PodSpec>),
    Workload(WorkloadId),
    DaemonSet(DaemonSetId),
    Autoscaler(u32),
    Job(u32),
    CronJob(u32),
    Service,
    /// What nothing works on by itself: a binding, a ConfigMap, a Secret.
    Kept,
    /// Likewise, but it says what may become of it.
    SidecarSet(Box<SidecarSet>),
}

impl Held {
    /// An object that nothing works on by itself.
    pub(super) fn of(kept: Kept) -> Self {
        match kept {
            Kept::SidecarSet(set) => Self::SidecarSet(set),
            Kept::Binding(_) | Kept::Budget(_) | Kept::File(..) => Self::Kept,
        }
    }
}

/// Every object that exists.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) objects: BTreeMap<Key, Held>,
}

impl Known {
    /// What there is at the start.
    pub(super) fn at_start(
        There { inventory, nodes, daemon_sets, jobs, cron_jobs, .. }: &There<'_>,
        namespaces: &[String],
        workloads: &[WorkloadSetup],
        autoscalers: &[AutoscalerSetup],
    ) -> Self {
        let mut known = Self::default();
        for name in namespaces {
            let labels = inventory.namespaces.iter().find(|(known, _)| known == name);
            let labels = labels.map_or_else(
                || Labels::from_iter([("kubernetes.io/metadata.name", name.as_str())]),
                |(_, labels)| labels.clone(),
            );
            known.insert(ResourceKind::Namespace, "", name, Held::Namespace { labels });
        }
        for (id, set) in (0..).map(DaemonSetId).zip(*daemon_sets).filter(|(_, one)| one.at_start) {
            known.objects.insert(daemon_set_key(set), Held::DaemonSet(id));
        }
        for node in nodes.iter().map(|setup| &setup.spec) {
            let held = Held::Node {
                class: node.class,
                labels: node.labels.clone(),
                annotations: node.annotations.clone(),
                taints: node.taints.clone(),
                unschedulable: node.unschedulable,
            };
            known.insert(ResourceKind::Node, "", &node.name, held);
        }
        for pod in &inventory.pods {
            known.add_pod(pod);
        }
        for (id, workload) in (0..).map(WorkloadId).zip(workloads).filter(|(_, one)| one.at_start) {
            let key = workload_key(workload);
            known.objects.insert(key, Held::Workload(id));
        }
        for (index, one) in (0..).zip(autoscalers) {
            let kind = ResourceKind::HorizontalPodAutoscaler;
            known.insert(kind, &one.namespace, &one.name, Held::Autoscaler(index));
        }
        for (index, one) in (0..).zip(*jobs).filter(|(_, one)| one.at_start) {
            known.insert(ResourceKind::Job, &one.template.namespace, &one.name, Held::Job(index));
        }
        for (index, one) in (0..).zip(*cron_jobs).filter(|(_, one)| one.at_start) {
            let namespace = &one.job.template.namespace;
            known.insert(ResourceKind::CronJob, namespace, &one.name, Held::CronJob(index));
        }
        for (namespace, name) in &inventory.service_names {
            known.insert(ResourceKind::Service, namespace, name, Held::Service);
        }
        for one in inventory.kept() {
            let ObjectName { namespace, name } = one.name();
            known.insert(one.kind(), &namespace, &name, Held::of(one));
        }
        known
    }

    /// What pods find that come now.
    pub(super) fn moment(&self, step: Option<usize>, nodes: Rc<[NodeSpec]>) -> Moment {
        let mut moment = Moment { step, namespaces: Vec::new(), nodes, workloads: BTreeSet::new() };
        for (key, held) in &self.objects {
            match held {
                Held::Namespace { labels } => moment.namespaces.push((key.name.clone(), labels.clone())),
                Held::Workload(id) => _ = moment.workloads.insert(*id),
                _ => {}
            }
        }
        moment
    }

    /// Nodes as they are labelled and tainted now.
    pub(super) fn nodes(&self, nodes: &[NodeSpec]) -> Rc<[NodeSpec]> {
        let now = nodes.iter().map(|node| {
            let mut node = node.clone();
            if let Some(Held::Node { labels, annotations, taints, unschedulable, .. }) =
                self.objects.get(&Key::new(ResourceKind::Node, "", &node.name))
            {
                node.labels.clone_from(labels);
                node.annotations.clone_from(annotations);
                node.taints.clone_from(taints);
                node.unschedulable = *unschedulable;
            }
            node
        });
        now.collect()
    }

    fn insert(&mut self, kind: ResourceKind, namespace: &str, name: &str, held: Held) {
        self.objects.insert(Key::new(kind, namespace, name), held);
    }

    pub(super) fn add_pod(&mut self, pod: &PodEntry) {
        let held = Held::Pod(pod.spec.clone());
        self.insert(ResourceKind::Pod, &pod.spec.namespace, &pod.name, held);
    }

    pub(super) fn has_namespace(&self, name: &str) -> bool {
        self.objects.contains_key(&Key::new(ResourceKind::Namespace, "", name))
    }

    /// Takes away a namespace and everything in it.
    pub(super) fn remove_namespace(&mut self, name: &str) {
        self.objects.retain(|key, _| {
            key.namespace != name && (key.kind != ResourceKind::Namespace || key.name != name)
        });
    }

    /// The objects of one kind, as a scenario writes them.
    pub(super) fn texts(&self, kind: ResourceKind) -> Vec<String> {
        self.objects.keys().filter(|key| key.kind == kind).map(Key::text).collect()
    }

    /// Names of one kind.
    pub(super) fn names(&self, kind: ResourceKind) -> Vec<&str> {
        self.objects.keys().filter(|key| key.kind == kind).map(|key| key.name.as_str()).collect()
    }
}

/// What names a workload.
pub(super) fn workload_key(workload: &WorkloadSetup) -> Key {
    let Title { kind, namespace, name } = Title::of(&workload.title);
    let kind = ResourceKind::from_name(kind).expect("a workload is of a kind that has a name");
    Key::new(kind, namespace.expect("a workload lives in a namespace"), name)
}

/// What names a DaemonSet.
pub(super) fn daemon_set_key(set: &DaemonSetSetup) -> Key {
    Key::new(ResourceKind::DaemonSet, &set.template.namespace, &set.name)
}

/// The namespaces that exist at the start: those that every cluster has, those of the manifests, and those that
/// something of the manifests lives in.
pub(super) fn namespaces(inventory: &Inventory) -> Vec<String> {
    let built_in = BUILT_IN_NAMESPACES.map(str::to_owned);
    let named = inventory.namespaces.iter().map(|(name, _)| name.clone());
    let of_pods = inventory.pods.iter().map(|pod| pod.spec.namespace.clone());
    let of_workloads = inventory.workloads.iter().map(|one| one.namespace.clone());
    let of_daemon_sets = inventory.daemon_sets.iter().map(|one| one.namespace.clone());
    let of_jobs = inventory.jobs.iter().map(|one| one.namespace.clone());
    let of_cron_jobs = inventory.cron_jobs.iter().map(|one| one.namespace.clone());
    let of_selectors = inventory.selectors.iter().map(|one| one.namespace.clone());
    let of_autoscalers = inventory.autoscalers.iter().map(|one| one.namespace.clone());
    let of_services = inventory.service_names.iter().map(|(namespace, _)| namespace.clone());
    let of_kept = inventory.kept().map(|one| one.name().namespace).filter(|name| !name.is_empty());
    let all = built_in
        .into_iter()
        .chain(named)
        .chain(of_pods)
        .chain(of_workloads)
        .chain(of_jobs)
        .chain(of_cron_jobs);
    let all = all.chain(of_selectors).chain(of_daemon_sets).chain(of_autoscalers).chain(of_services);
    let mut all: Vec<_> = all.chain(of_kept).collect();
    all.sort();
    all.dedup();
    all
}
