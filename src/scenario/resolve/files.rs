//! ConfigMaps and Secrets that pods mount and nothing brings.

use std::collections::BTreeSet;

use overspill_manifest::{Diagnostic, JsonPath, code};

use super::Resolver;
use super::kruise::Candidates;
use crate::controller::volume_mounts::object_of;
use crate::object::volume::{FileObject, FileReference};
use crate::object::{PodSpec, SidecarSet};
use crate::simulation::scenario::KruiseSetup;

/// Kubernetes puts it into every namespace by itself.
const PUBLISHED: &str = "kube-root-ca.crt";

impl Resolver<'_> {
    /// Warns of files that are never there, or that no SidecarSet may ever read.
    pub(super) fn doubt_files(
        &mut self,
        candidates: &Candidates<'_>,
        known: &BTreeSet<FileObject>,
        kruise: Option<&KruiseSetup>,
    ) {
        let comes =
            |set: &&SidecarSet| kruise.is_some_and(|one| one.serverless || !set.is_for_virtual_nodes());
        for set in candidates.sidecar_sets().filter(comes) {
            if let Some(message) = unreadable(set, candidates, known) {
                let path = ["spec", "volumes"];
                self.say_of_set(&code::NEVER_STARTS, set, &path, &message, None);
            }
        }
        for inventory in candidates.inventories() {
            for workload in &inventory.workloads {
                let Some(object) = presumed(&workload.template, known) else { continue };
                let path = ["spec", "template", "spec", "volumes"];
                let path = path.iter().fold(JsonPath::root(), |path, key| path.key(key));
                let place = self.place_of(workload.kind, &workload.namespace, &workload.name, &path);
                let FileObject { source, namespace, name } = object;
                if name.contains('/') {
                    let message = format!("pods never start: no {} is called {name:?}", source.kind());
                    let help = "write its name alone: only SidecarSets mount what is in other namespaces";
                    let diagnostic = Diagnostic::new(&code::NEVER_STARTS, message);
                    self.diagnostics.push(diagnostic.at(place).help(help.to_owned()));
                    continue;
                }
                let message = format!("{} {namespace}/{name} is not among the manifests", source.kind());
                let help =
                    "pods start as if it were there; write it into a manifest or a step to have them wait";
                let diagnostic = Diagnostic::new(&code::NOT_MODELLED, message);
                self.diagnostics.push(diagnostic.at(place).help(help.to_owned()));
            }
        }
    }
}

/// Why pods with the containers of a SidecarSet never start.
fn unreadable(set: &SidecarSet, candidates: &Candidates<'_>, known: &BTreeSet<FileObject>) -> Option<String> {
    let mounted = |name: &String| set.containers.iter().any(|one| one.container.mounts.contains(name));
    let volumes = set.volumes.iter().filter(|volume| mounted(&volume.name));
    let files = volumes.flat_map(|volume| volume.files.iter().filter(|file| !file.optional));
    for FileReference { source, name, .. } in files {
        // What a plain name means depends on the pod.
        let Some((namespace, name)) = name.split_once('/') else { continue };
        let object = FileObject { source: *source, namespace: namespace.to_owned(), name: name.to_owned() };
        let kind = source.kind();
        if namespace.is_empty() || name.contains('/') {
            let written = format!("{namespace}/{name}");
            return Some(format!(
                "pods never start: {written:?} is neither NAME nor NAMESPACE/NAME of a {kind}"
            ));
        }
        if !known.contains(&object) {
            return Some(format!("pods never start: {kind} {namespace}/{name} is never there"));
        }
        // A pod may read what is in its own namespace.
        if !candidates.selected(set).any(|pod| pod.namespace != namespace) {
            continue;
        }
        let mut bindings = candidates.bindings().filter(|binding| binding.namespace == namespace);
        if !bindings.any(|binding| binding.allows(&set.name, *source, name)) {
            let message = format!(
                "pods never start: no SidecarSetResourceBinding of {namespace} lets SidecarSet {} read {kind} {name}",
                set.name
            );
            return Some(message);
        }
    }
    None
}

/// The first file that a pod mounts and that nothing brings.
fn presumed(pod: &PodSpec, known: &BTreeSet<FileObject>) -> Option<FileObject> {
    let mounted = |name: &String| pod.containers.iter().any(|one| one.mounts.contains(name));
    let volumes = pod.volumes.iter().filter(|volume| mounted(&volume.name));
    let mut needed = volumes.flat_map(|volume| {
        let files = volume.files.iter().filter(|file| !file.optional && file.name != PUBLISHED);
        files.map(|file| object_of(pod, volume, file))
    });
    needed.find(|object| !known.contains(object))
}
