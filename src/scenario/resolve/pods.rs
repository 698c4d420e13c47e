//! Pods that are there at the start, and sources of pods.

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use crate::admission::defaulting::default_pod_spec;
use crate::id::{DaemonSetId, WorkloadId};
use crate::object::PodSpec;
use crate::object::kubernetes::template_spec;
use crate::scenario::file::{self, Startup};
use crate::scenario::inventory::{Inventory, PodEntry, priority_classes};
use crate::scenario::read::Locator;
use crate::simulation::scenario::{Arrivals, JobSetup, NodeSetup, PodSetup, SourceSetup};
use crate::traffic::Rate;
use crate::units::{SimTime, Span};

impl Resolver<'_> {
    /// The pods of the manifests. One that is bound to a node which is not there is left out; a warning has told so.
    pub(super) fn pods(inventory: &Inventory, nodes: &[NodeSetup], jobs: &[JobSetup]) -> Vec<PodSetup> {
        let mut pods = Vec::new();
        for entry in &inventory.pods {
            let is_there = |name: &String| nodes.iter().any(|node| node.spec.name == *name);
            if entry.node.as_ref().is_some_and(|name| !is_there(name)) {
                continue;
            }
            pods.push(PodSetup {
                name: entry.name.clone(),
                spec: entry.spec.clone(),
                node: entry.node.clone(),
                workload: keeper(inventory, entry),
                daemon_set: daemon_keeper(inventory, entry),
                job: job_of(jobs, entry),
            });
        }
        pods
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
        Some(SourceSetup {
            name: name.to_owned(),
            template: template?,
            arrivals: arrivals?,
            start: SimTime(source.start.map_or(0, |start| start.0.0)),
            end: source.end.map_or(SimTime(horizon.0 + 1), |end| SimTime(end.0.0)),
            max: source.max,
            lifetime: lifetime?,
            starts_up: source.startup.unwrap_or_default() == Startup::Normal,
        })
    }

    fn template(&mut self, name: &str, source: &file::PodSource, path: &JsonPath) -> Option<PodSpec> {
        let mut template = self.loaded.templates.get(name)?.clone();
        if let Some(spec) = &mut template.spec {
            default_pod_spec(spec);
        }
        let priorities = priority_classes(self.loaded.objects.iter().map(|loaded| &loaded.object));
        let admitted = priorities.admit(template.spec.as_mut());
        match admitted.and_then(|()| template_spec(source.namespace(), &template, None)) {
            Ok(spec) => {
                Some(PodSpec { grace: source.grace_period.map_or(spec.grace, |grace| grace.0), ..spec })
            }
            Err(problems) => {
                for problem in problems {
                    let inside = problem.path.strip_prefix("template.").unwrap_or(&problem.path);
                    let inside = inside.parse().unwrap_or_else(|_| JsonPath::root());
                    self.say(&code::REFUSED, &path.key("template").join(&inside), problem.to_string());
                }
                None
            }
        }
    }

    fn arrivals(&mut self, path: &JsonPath, arrivals: &file::Arrivals) -> Option<Arrivals> {
        match arrivals {
            file::Arrivals::Poisson { rate } if rate.0 > Rate::ZERO => {
                Some(Arrivals::Poisson(Span::from_secs_f64(1.0 / rate.0.0)))
            }
            file::Arrivals::Regular { every, first } if every.0 > Span::ZERO => {
                Some(Arrivals::Regular { every: every.0, first: first.map_or(Span::ZERO, |first| first.0) })
            }
            file::Arrivals::Poisson { .. } => {
                self.say(&code::DO_NOT_FIT, &path.key("poisson").key("rate"), "must be more than 0/s");
                None
            }
            file::Arrivals::Regular { .. } => {
                self.say(&code::DO_NOT_FIT, &path.key("regular").key("every"), "must be longer than 0s");
                None
            }
        }
    }
}

/// The DaemonSet that owns a pod.
fn daemon_keeper(inventory: &Inventory, entry: &PodEntry) -> Option<DaemonSetId> {
    let place = inventory.daemon_sets.iter().position(|set| set.owns(&entry.spec));
    place.map(|place| DaemonSetId(place as u32))
}

/// The workload that owns a pod by its ReplicaSet.
fn keeper(inventory: &Inventory, entry: &PodEntry) -> Option<WorkloadId> {
    let owner = entry.spec.owner.as_ref().filter(|owner| owner.kind == "ReplicaSet")?;
    let same = |workload: &crate::scenario::inventory::Workload| {
        workload.namespace == entry.spec.namespace && workload.replica_set == owner.name
    };
    inventory.workloads.iter().position(same).map(|place| WorkloadId(place as u32))
}

/// The Job that a pod of the manifests belongs to.
fn job_of(jobs: &[JobSetup], entry: &PodEntry) -> Option<u32> {
    let owner = entry.spec.owner.as_ref().filter(|owner| owner.kind == "Job")?;
    let is_it = |job: &JobSetup| {
        job.at_start && job.name == owner.name && job.template.namespace == entry.spec.namespace
    };
    jobs.iter().position(is_it).map(|place| place as u32)
}
