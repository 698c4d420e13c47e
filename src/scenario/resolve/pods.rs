//! Pods that are there at the start, and sources of pods.

use k8s_openapi::api::core::v1::PodTemplateSpec;
use overspill_manifest::{JsonPath, code};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Resolver;
use crate::admission::defaulting::default_pod_spec;
use crate::id::{DaemonSetId, WorkloadId};
use crate::object::kubernetes::template_spec;
use crate::object::{Owner, PodSpec};
use crate::scenario::file::{self, Startup};
use crate::scenario::inventory::{Inventory, PodEntry, priority_classes};
use crate::scenario::read::Locator;
use crate::simulation::scenario::{JobSetup, NodeSetup, PodSetup, SourceSetup};
use crate::units::{SimTime, Span};

impl Resolver<'_> {
    /// The pods of the manifests. One that is bound to a node which is not there is left out; a warning has told so.
    pub(super) fn pods(inventory: &Inventory, nodes: &[NodeSetup], jobs: &[JobSetup]) -> Vec<PodSetup> {
        let there: FxHashSet<&str> = nodes.iter().map(|node| node.spec.name.as_str()).collect();
        let keepers = Keepers::of(inventory, jobs);
        let is_left_out = |entry: &&PodEntry| entry.node.as_deref().is_some_and(|name| !there.contains(name));
        let setup = |entry: &PodEntry| PodSetup {
            name: entry.name.clone(),
            spec: entry.spec.clone(),
            node: entry.node.clone(),
            terminating: entry.terminating,
            workload: keepers
                .find("ReplicaSet", entry)
                .or_else(|| keepers.find("StatefulSet", entry))
                .map(WorkloadId),
            daemon_set: keepers.find("DaemonSet", entry).map(DaemonSetId),
            job: keepers.find("Job", entry),
        };
        inventory.pods.iter().filter(|entry| !is_left_out(entry)).map(setup).collect()
    }

    pub(super) fn sources(&mut self, horizon: SimTime) -> Vec<SourceSetup> {
        let loaded = self.loaded;
        let mut sources = Vec::new();
        for (name, source) in &loaded.file.spec.sources {
            let path = Locator::spec().key("sources").key(name);
            sources.extend(self.source(name, source, &path, horizon));
        }
        sources
    }

    fn source(
        &mut self,
        name: &str,
        source: &file::PodSource,
        path: &JsonPath,
        horizon: SimTime,
    ) -> Option<SourceSetup> {
        let template = self.template(name, source, path);
        let lifetime = &source.lifetime;
        let lifetime =
            self.law(&path.key("lifetime"), Some(lifetime), crate::capacity::Law::Constant(Span::ZERO));
        let arrivals = self.arrivals(&path.key("arrivals"), &source.arrivals);
        let batch = self.batch(&path.key("batch"), source.batch.as_ref());
        Some(SourceSetup {
            name: name.to_owned(),
            template: template?,
            arrivals: arrivals?,
            batch: batch?,
            start: SimTime(source.start.map_or(0, |start| start.0.0)),
            end: source.end.map_or(SimTime(horizon.0 + 1), |end| SimTime(end.0.0)),
            max: source.max,
            lifetime: lifetime?,
            starts_up: source.startup.unwrap_or_default() == Startup::Normal,
        })
    }

    fn template(&mut self, name: &str, source: &file::PodSource, path: &JsonPath) -> Option<PodSpec> {
        let template = self.loaded.templates.get(&("sources", name.to_owned()))?.clone();
        let grace = source.grace_period.map(|grace| grace.0);
        self.admitted_template(template, source.namespace(), None, grace, &path.key("template"))
    }

    /// What pods of a template are like that the scenario gives at `path`.
    pub(super) fn admitted_template(
        &mut self,
        mut template: PodTemplateSpec,
        namespace: &str,
        owner: Option<Owner>,
        grace: Option<Span>,
        path: &JsonPath,
    ) -> Option<PodSpec> {
        if let Some(spec) = &mut template.spec {
            default_pod_spec(spec);
        }
        let priorities = priority_classes(self.loaded.objects.iter().map(|loaded| &loaded.stocked));
        let admitted = priorities.admit(template.spec.as_mut());
        match admitted.and_then(|()| template_spec(namespace, &template, owner)) {
            Ok(spec) => Some(PodSpec { grace: grace.unwrap_or(spec.grace), ..spec }),
            Err(problems) => {
                for problem in problems {
                    let inside = problem.path.strip_prefix("template.").unwrap_or(&problem.path);
                    let inside = inside.parse().unwrap_or_else(|_| JsonPath::root());
                    self.say(&code::REFUSED, &path.join(&inside), problem.to_string());
                }
                None
            }
        }
    }
}

/// What owns pods, by kind, namespace and name: its place among its like, of several of one name the first.
struct Keepers<'a>(FxHashMap<(&'static str, &'a str, &'a str), u32>);

impl<'a> Keepers<'a> {
    /// The workloads, by the ReplicaSets that make their pods, the DaemonSets, and the Jobs that are there at the start.
    fn of(inventory: &'a Inventory, jobs: &'a [JobSetup]) -> Self {
        let mut places = FxHashMap::default();
        for (place, one) in (0..).zip(&inventory.workloads) {
            let kind = if one.stateful.is_some() { "StatefulSet" } else { "ReplicaSet" };
            places.entry((kind, one.namespace.as_str(), one.replica_set.as_str())).or_insert(place);
        }
        for (place, one) in (0..).zip(&inventory.daemon_sets) {
            places.entry(("DaemonSet", one.namespace.as_str(), one.name.as_str())).or_insert(place);
        }
        for (place, one) in (0..).zip(jobs).filter(|(_, one)| one.at_start) {
            places.entry(("Job", one.template.namespace.as_str(), one.name.as_str())).or_insert(place);
        }
        Self(places)
    }

    /// The owner of a pod, if it is of this `kind`.
    fn find(&self, kind: &'static str, entry: &PodEntry) -> Option<u32> {
        let owner = entry.spec.owner.as_ref().filter(|owner| owner.kind == kind)?;
        self.0.get(&(kind, entry.spec.namespace.as_str(), owner.name.as_str())).copied()
    }
}
