//! Which pods may come in the course of a scenario, and what they find then.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::Incoming;
use super::population::Population;
use crate::id::WorkloadId;
use crate::object::{Labels, NodeSpec};
use crate::scenario::coming::{Coming, Manifests, State, of_source};
use crate::scenario::inventory::Inventory;
use crate::scenario::read::Loaded;

/// What pods may find at the start or after a step of the timeline.
#[derive(Debug)]
pub(super) struct Moment {
    /// The step; `None` for the start.
    pub(super) step: Option<usize>,
    /// The labels of every namespace.
    pub(super) namespaces: Vec<(String, Labels)>,
    /// The nodes; moments between which none was changed share them.
    pub(super) nodes: Rc<[NodeSpec]>,
    /// The workloads that make pods.
    pub(super) workloads: BTreeSet<WorkloadId>,
}

/// The manifests of the start, then those of each step of the timeline.
pub(super) fn all_manifests<'a>(
    loaded: &'a Loaded,
    inventory: &'a Inventory,
    population: &'a Population,
) -> Vec<Manifests<'a>> {
    let start = Manifests { documents: &loaded.documents, inventory };
    let steps = loaded.timeline.iter().zip(&population.later);
    let steps =
        steps.map(|(step, later)| Manifests { documents: &step.documents, inventory: &later.inventory });
    std::iter::once(start).chain(steps).collect()
}

/// All pods that may come, those of the start first. A template makes pods at any time while its workload is there.
pub(super) fn comings<'a>(
    loaded: &'a Loaded,
    manifests: &[Manifests<'a>],
    population: &'a Population,
    incoming: &'a Incoming,
) -> Vec<Coming<'a>> {
    let moments = &population.moments;
    let states = states(manifests[0].inventory, moments);
    let mut comings = Vec::new();
    for (index, manifests) in manifests.iter().enumerate() {
        let step = index.checked_sub(1);
        let id = |place: usize| match step {
            None => Some(WorkloadId(place as u32)),
            Some(step) => population.later[step].workloads.get(place).copied(),
        };
        let Some(first) = moments.iter().position(|moment| moment.step == step) else { continue };
        for (place, mut coming) in manifests.templates() {
            coming.may_find(&states[first]);
            let lives = |moment: &Moment| id(place).is_some_and(|id| moment.workloads.contains(&id));
            for (state, _) in states.iter().zip(moments).skip(first).filter(|(_, moment)| lives(moment)) {
                coming.may_find(state);
            }
            comings.push(coming);
        }
        for mut coming in manifests.jobs().chain(manifests.cron_jobs()).chain(manifests.bare_pods()) {
            coming.may_find(&states[first]);
            comings.push(coming);
        }
    }
    for source in &incoming.sources {
        let Some(file) = loaded.file.spec.sources.get(&source.name) else { continue };
        let written = ("sources", source.name.as_str(), &file.template);
        let mut coming = of_source(written, &source.template, &loaded.locator);
        for state in &states {
            coming.may_find(state);
        }
        comings.push(coming);
    }
    for trace in &incoming.traces {
        let Some(file) = loaded.file.spec.pod_traces.get(&trace.name) else { continue };
        for pod in trace.examples() {
            let written = ("podTraces", trace.name.as_str(), file.template.as_ref().unwrap_or(&Value::Null));
            let mut coming = of_source(written, pod, &loaded.locator);
            for state in &states {
                coming.may_find(state);
            }
            comings.push(coming);
        }
    }
    comings
}

/// The state of each moment.
fn states(inventory: &Inventory, moments: &[Moment]) -> Vec<Rc<State>> {
    let mut states: Vec<Rc<State>> = Vec::new();
    let mut before: Option<&Moment> = None;
    for moment in moments {
        let is_same =
            |other: &Moment| other.namespaces == moment.namespaces && Rc::ptr_eq(&other.nodes, &moment.nodes);
        let known = states.last().filter(|_| before.is_some_and(is_same)).cloned();
        let state = known.unwrap_or_else(|| {
            let mut cluster = inventory.surroundings();
            for (name, labels) in &moment.namespaces {
                cluster.set_namespace(name, labels.clone());
            }
            Rc::new(State { cluster, nodes: moment.nodes.clone() })
        });
        states.push(state);
        before = Some(moment);
    }
    states
}
