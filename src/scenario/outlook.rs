//! Where pods will be able to go, told before they are created: what a person would want to know beforehand.

mod conflicts;
mod eligibility;

use overspill_manifest::{Code, Diagnostic, Document, JsonPath, On, Place};
use serde_json::Value;

use super::file::Spec;
use super::inventory::{Inventory, Job, PodEntry, Workload};
use super::read::Locator;
use crate::object::{NodeSpec, PodSpec};

/// Pods of one kind, and where what they are like is written.
struct Subject<'a> {
    spec: &'a PodSpec,
    /// The path of what holds `metadata` and `spec`.
    base: JsonPath,
    file: File<'a>,
}

/// What holds a subject.
enum File<'a> {
    Manifest(&'a Document),
    Scenario(&'a Locator, &'a Value),
    /// It was made of something that no document shows.
    Nowhere,
}

/// A source of pods of a scenario: its name, what its pods are like, and its template as written.
pub(super) struct SourceTemplate<'a> {
    pub(super) name: &'a str,
    pub(super) spec: &'a PodSpec,
    pub(super) written: &'a Value,
    pub(super) locator: &'a Locator,
}

/// Warnings about all pods that are still to be placed. Without nodes nothing is said of where they fit.
pub(super) fn outlook(
    documents: &[Document],
    inventory: &Inventory,
    nodes: &[&NodeSpec],
    sources: &[SourceTemplate<'_>],
) -> Vec<Diagnostic> {
    let cluster = inventory.surroundings();
    let workloads = inventory.workloads.iter().filter(|one| !one.template.containers.is_empty());
    let waits = |pod: &&PodEntry| pod.node.is_none() && pod.spec.owner.is_none();
    let subjects = workloads
        .map(|workload| of_workload(documents, workload))
        .chain(inventory.jobs.iter().map(|job| of_job(documents, job)))
        .chain(inventory.pods.iter().filter(waits).map(|pod| of_pod(documents, pod)))
        .chain(sources.iter().map(of_source));
    let mut told = conflicts::of_namespaces(documents);
    told.extend(conflicts::of_profile(documents, inventory, nodes));
    for subject in subjects {
        told.extend(conflicts::of_pods(&subject, &cluster));
        if !nodes.is_empty() {
            told.extend(eligibility::of_pods(&subject, &cluster, nodes));
        }
    }
    told
}

/// The same of manifests without a scenario, whose nodes are those of the manifests.
pub fn outlook_of_manifests(documents: &[Document], inventory: &Inventory) -> Vec<Diagnostic> {
    let nodes: Vec<_> = inventory.nodes.iter().collect();
    outlook(documents, inventory, &nodes, &[])
}

fn of_workload<'a>(documents: &'a [Document], workload: &'a Workload) -> Subject<'a> {
    let base = JsonPath::root().key("spec").key("template");
    let file = find(documents, workload.kind, &workload.namespace, &workload.name);
    Subject { spec: &workload.template, base, file }
}

fn of_job<'a>(documents: &'a [Document], job: &'a Job) -> Subject<'a> {
    let base = JsonPath::root().key("spec").key("template");
    Subject { spec: &job.template, base, file: find(documents, "Job", &job.namespace, &job.name) }
}

fn of_pod<'a>(documents: &'a [Document], pod: &'a PodEntry) -> Subject<'a> {
    let file = find(documents, "Pod", &pod.spec.namespace, &pod.name);
    Subject { spec: &pod.spec, base: JsonPath::root(), file }
}

fn of_source<'a>(source: &SourceTemplate<'a>) -> Subject<'a> {
    let base = Locator::spec().key("sources").key(source.name).key("template");
    Subject { spec: source.spec, base, file: File::Scenario(source.locator, source.written) }
}

fn find<'a>(documents: &'a [Document], kind: &str, namespace: &str, name: &str) -> File<'a> {
    let own = documents.iter().find(|document| document.is(kind, namespace, name));
    own.map_or(File::Nowhere, File::Manifest)
}

impl Subject<'_> {
    /// A warning about the field at `path` below the pod's metadata or specification, or about what is nearest to it.
    fn warn(&self, code: &Code, path: &JsonPath, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, message).at(self.place(path))
    }

    fn place(&self, path: &JsonPath) -> Option<Place> {
        let whole = self.base.join(path);
        match self.file {
            File::Manifest(document) => {
                let on = if whole.get(&document.value).is_some_and(is_short) { On::Value } else { On::Key };
                Some(document.place(&whole, on))
            }
            File::Scenario(locator, written) => {
                let is_short = path.get(written).is_some_and(is_short);
                Some(if is_short { locator.value(&whole) } else { locator.key(&whole) })
            }
            File::Nowhere => None,
        }
    }
}

/// Whether a value stands in one line, so that it rather than its name is to be shown.
fn is_short(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// All scenario sources whose pods are known.
pub(super) fn sources<'a>(
    spec: &'a Spec,
    locator: &'a Locator,
    templates: impl Iterator<Item = (&'a str, &'a PodSpec)>,
) -> Vec<SourceTemplate<'a>> {
    let of = |(name, pods): (&'a str, &'a PodSpec)| {
        let written = &spec.sources.get(name)?.template;
        Some(SourceTemplate { name, spec: pods, written, locator })
    };
    templates.filter_map(of).collect()
}
