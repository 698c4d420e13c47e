//! Every pod that may come, and where what it is like is written: manifests, ASM gateways, sources, and what the steps
//! of a timeline bring. Whoever warns of pods asks here.

use std::rc::Rc;

use overspill_manifest::{Code, Diagnostic, Document, JsonPath, On, Place};
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::inventory::{Autoscaler, Gateway, Inventory, PodEntry, Workload};
use super::read::Locator;
use crate::admission::istio::gateway::{NAMESPACE, path_in_gateway};
use crate::cluster::Cluster;
use crate::object::{NodeSpec, PodSpec, Title};

/// Pods of one kind that may come.
pub(super) struct Coming<'a> {
    /// What makes them, as messages call it: `Deployment/NAMESPACE/NAME`, `source NAME`.
    pub(super) title: String,
    /// What they are like as their template has them: before admission.
    pub(super) spec: &'a PodSpec,
    /// The node that they are bound to from the start.
    pub(super) node: Option<&'a str>,
    /// The workload that they are of, by which autoscalers name it.
    pub(super) workload: Option<String>,
    /// What they may find when they come: the states differ in the labels of their namespace. At least one.
    pub(super) states: Vec<Rc<State>>,
    /// The path of what holds `metadata` and `spec`.
    base: JsonPath,
    home: Home<'a>,
}

/// What pods find when they come.
pub(super) struct State {
    /// Namespaces and everything that selects pods; no nodes and no pods.
    pub(super) cluster: Cluster,
    /// The nodes, as they are labelled and tainted by then.
    pub(super) nodes: Rc<[NodeSpec]>,
}

/// What holds the template of pods.
#[derive(Clone, Copy)]
enum Home<'a> {
    Manifest(&'a Document),
    /// ASM makes their Deployment of it.
    Gateway(&'a Document),
    Source(&'a Locator, &'a Value),
    /// It was made of something that no document shows.
    Nowhere,
}

/// Documents, and what was taken stock of in them.
#[derive(Clone, Copy)]
pub(super) struct Manifests<'a> {
    pub(super) documents: &'a [Document],
    pub(super) inventory: &'a Inventory,
}

/// Documents by kind, namespace and name, for whoever looks up many; of several of one name the first.
struct Directory<'a>(FxHashMap<(&'a str, &'a str, &'a str), &'a Document>);

impl<'a> Manifests<'a> {
    /// The templates of the workloads, in their order. One without containers makes no pods that are known.
    pub(super) fn templates(self) -> impl Iterator<Item = (usize, Coming<'a>)> {
        let workloads = self.inventory.workloads.iter().enumerate();
        let directory = self.directory(&["Deployment", "ReplicaSet", "StatefulSet"]);
        workloads
            .filter(|(_, one)| !one.template.containers.is_empty())
            .map(move |(index, one)| (index, self.of_workload(one, &directory)))
    }

    /// The templates of the Jobs.
    pub(super) fn jobs(self) -> impl Iterator<Item = Coming<'a>> {
        let directory = self.directory(&["Job"]);
        self.inventory.jobs.iter().map(move |job| Coming {
            title: job.title(),
            spec: &job.template,
            node: None,
            workload: None,
            states: Vec::new(),
            base: JsonPath::root().key("spec").key("template"),
            home: self.home_in(&directory, "Job", &job.namespace, &job.name),
        })
    }

    /// The templates of the CronJobs.
    pub(super) fn cron_jobs(self) -> impl Iterator<Item = Coming<'a>> {
        let directory = self.directory(&["CronJob"]);
        let base = JsonPath::root().key("spec").key("jobTemplate").key("spec").key("template");
        self.inventory.cron_jobs.iter().map(move |one| Coming {
            title: one.title(),
            spec: &one.job.template,
            node: None,
            workload: None,
            states: Vec::new(),
            base: base.clone(),
            home: self.home_in(&directory, "CronJob", &one.namespace, &one.name),
        })
    }

    /// The pods that stand here themselves. Those that something owns are like its template.
    pub(super) fn bare_pods(self) -> impl Iterator<Item = Coming<'a>> {
        let pods = self.inventory.pods.iter().filter(|pod| pod.spec.owner.is_none());
        let directory = self.directory(&["Pod"]);
        pods.map(move |pod| self.of_pod(pod, &directory))
    }

    fn of_workload(self, workload: &'a Workload, directory: &Directory<'a>) -> Coming<'a> {
        let target = workload.title();
        let home = self.home_in(directory, workload.kind, &workload.namespace, &workload.name);
        let gateway = matches!(home, Home::Gateway(_)).then(|| self.gateway(&target)).flatten();
        Coming {
            title: gateway.map_or_else(|| target.clone(), |gateway| gateway.title.clone()),
            spec: &workload.template,
            node: None,
            workload: Some(target),
            states: Vec::new(),
            base: JsonPath::root().key("spec").key("template"),
            home,
        }
    }

    fn of_pod(self, pod: &'a PodEntry, directory: &Directory<'a>) -> Coming<'a> {
        let namespace = &pod.spec.namespace;
        Coming {
            title: Title { kind: "Pod", namespace: Some(namespace), name: &pod.name }.to_string(),
            spec: &pod.spec,
            node: pod.node.as_deref(),
            workload: None,
            states: Vec::new(),
            base: JsonPath::root(),
            home: self.home_in(directory, "Pod", namespace, &pod.name),
        }
    }

    /// The documents of these kinds.
    fn directory(self, kinds: &[&str]) -> Directory<'a> {
        let mut found = FxHashMap::default();
        for document in self.documents.iter().filter(|document| kinds.contains(&document.kind.as_str())) {
            let key = (document.kind.as_str(), document.namespace_or_default(), document.name.as_str());
            found.entry(key).or_insert(document);
        }
        Directory(found)
    }

    fn home_in(self, directory: &Directory<'a>, kind: &str, namespace: &str, name: &str) -> Home<'a> {
        self.home_at(directory.0.get(&(kind, namespace, name)).copied(), kind, namespace, name)
    }

    fn home(self, kind: &str, namespace: &str, name: &str) -> Home<'a> {
        let own = self.documents.iter().find(|document| document.is(kind, namespace, name));
        self.home_at(own, kind, namespace, name)
    }

    /// The object's `own` document, or that of the gateway that it was made of.
    fn home_at(self, own: Option<&'a Document>, kind: &str, namespace: &str, name: &str) -> Home<'a> {
        if let Some(own) = own {
            return Home::Manifest(own);
        }
        let made = Title { kind: "Deployment", namespace: Some(namespace), name }.to_string();
        let is_made = matches!(kind, "Deployment" | "HorizontalPodAutoscaler");
        let gateway = if is_made { self.gateway(&made) } else { None };
        gateway.and_then(|one| self.document_of(one)).map_or(Home::Nowhere, Home::Gateway)
    }

    /// The gateway that a workload was made of. Its autoscaler has the same name.
    fn gateway(self, workload: &str) -> Option<&'a Gateway> {
        self.inventory.gateways.iter().find(|gateway| gateway.workload == workload)
    }

    fn document_of(self, gateway: &Gateway) -> Option<&'a Document> {
        let Title { kind, namespace, name } = Title::of(&gateway.title);
        let is_it = |document: &&Document| {
            let own = document.namespace.as_deref().unwrap_or(NAMESPACE);
            document.kind == kind && document.name == name && Some(own) == namespace
        };
        self.documents.iter().find(is_it)
    }

    /// The place of `path` in the manifest of an object, or of what stands for it in the gateway that it was made of.
    pub(super) fn place(self, kind: &str, namespace: &str, name: &str, path: &JsonPath) -> Option<Place> {
        match self.home(kind, namespace, name) {
            Home::Manifest(document) => Some(document.place(path, On::Value)),
            Home::Gateway(document) => Some(document.place(&in_gateway(path), On::Value)),
            Home::Source(..) | Home::Nowhere => None,
        }
    }

    /// The place of `path` in the manifest of an autoscaler.
    pub(super) fn place_in_autoscaler(self, autoscaler: &Autoscaler, path: &JsonPath) -> Option<Place> {
        self.place("HorizontalPodAutoscaler", &autoscaler.namespace, &autoscaler.name, path)
    }
}

/// The place of `path` in the manifest of an object, wherever that stands.
pub(super) fn place_in(
    all: &[Manifests<'_>],
    kind: &str,
    namespace: &str,
    name: &str,
    path: &JsonPath,
) -> Option<Place> {
    all.iter().find_map(|manifests| manifests.place(kind, namespace, name, path))
}

/// The pods of a source or of a trace of the scenario, which stands in a section under a name with this template.
pub(super) fn of_source<'a>(
    (section, name, written): (&str, &str, &'a Value),
    spec: &'a PodSpec,
    locator: &'a Locator,
) -> Coming<'a> {
    Coming {
        title: if section == "sources" { format!("source {name}") } else { format!("pod trace {name}") },
        spec,
        node: None,
        workload: None,
        states: Vec::new(),
        base: Locator::spec().key(section).key(name).key("template"),
        home: Home::Source(locator, written),
    }
}

impl Coming<'_> {
    /// A warning about the field at `path` below the pod's metadata or specification, or about what is nearest to it.
    pub(super) fn warn(&self, code: &Code, path: &JsonPath, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, message).at(self.place(path))
    }

    /// The place of that field.
    pub(super) fn place(&self, path: &JsonPath) -> Option<Place> {
        let whole = self.base.join(path);
        match self.home {
            Home::Manifest(document) => Some(shown(document, &whole)),
            Home::Gateway(document) => Some(shown(document, &in_gateway(&whole))),
            Home::Source(locator, written) => {
                let is_short = path.get(written).is_some_and(is_short);
                Some(if is_short { locator.value(&whole) } else { locator.key(&whole) })
            }
            Home::Nowhere => None,
        }
    }

    /// The place of what they are called by.
    pub(super) fn place_of_name(&self) -> Option<Place> {
        let name = JsonPath::root().key("metadata").key("name");
        match self.home {
            Home::Manifest(document) | Home::Gateway(document) => Some(document.place(&name, On::Value)),
            Home::Source(locator, _) => Some(locator.value(&self.base)),
            Home::Nowhere => None,
        }
    }

    /// Adds what they may find, unless it is the same to them as what they may find anyway.
    pub(super) fn may_find(&mut self, state: &Rc<State>) {
        let namespace = &self.spec.namespace;
        let is_same = |known: &Rc<State>| {
            Rc::ptr_eq(known, state)
                || known.cluster.namespace_labels(namespace) == state.cluster.namespace_labels(namespace)
        };
        if !self.states.iter().any(is_same) {
            self.states.push(state.clone());
        }
    }
}

/// The place of what `path` means in a Deployment or autoscaler, in the gateway that it was made of.
fn in_gateway(path: &JsonPath) -> JsonPath {
    path_in_gateway(&path.to_string()).parse().unwrap_or_else(|_| path.clone())
}

fn shown(document: &Document, path: &JsonPath) -> Place {
    let on = if path.get(&document.value()).is_some_and(is_short) { On::Value } else { On::Key };
    document.place(path, on)
}

/// Whether a value stands in one line, so that it rather than its name is to be shown.
fn is_short(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}
