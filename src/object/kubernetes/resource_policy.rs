//! ResourcePolicies.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use overspill_manifest::{self as api, TryNextPolicy, UnitResource};

use super::{FieldProblem, Problems, label_selector, namespace_of, resource_list};
use crate::object::resource_policy::{
    DEFAULT_TIMEOUT, ResourcePolicy, TryNext, Unit, WAIT_FOR_SCALING_LABEL,
};
use crate::object::{Labels, NodeClass};
use crate::units::Span;

/// Reads a ResourcePolicy. Units of `acs` and `elastic` count as virtual and as ECS; whoever reads says that they are
/// not simulated.
pub fn resource_policy(policy: &api::ResourcePolicy) -> Result<ResourcePolicy, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let spec = &policy.spec;
    let read = problems.within("spec", |problems| {
        let selector = LabelSelector {
            match_labels: spec.selector.clone(),
            match_expressions: spec.match_expressions.clone(),
        };
        if spec.units.is_empty() {
            problems.note("units", "must have at least one unit");
        }
        ResourcePolicy {
            namespace: namespace_of(&policy.metadata).to_owned(),
            name: policy.metadata.name.clone().unwrap_or_default(),
            selector: label_selector(problems, &selector),
            units: problems.each("units", &spec.units, unit),
            ignore_previous: spec.ignore_previous_pod.unwrap_or(false),
            ignore_terminating: spec.ignore_terminating_pod.unwrap_or(true),
            match_label_keys: spec.match_label_keys.clone().unwrap_or_default(),
            try_next: try_next(problems, spec.when_try_next_units.as_ref()),
        }
    });
    problems.into_result(read)
}

fn unit(problems: &mut Problems, unit: &api::Unit) -> Unit {
    let mut pod_labels = labels(unit.pod_labels.as_ref());
    // It steers the scheduler, is not written to pods and not looked for in them.
    let waits = pod_labels.0.remove(WAIT_FOR_SCALING_LABEL).is_some_and(|value| value == "true");
    if unit.max.is_some_and(|max| max < 0) {
        problems.note("max", "must be greater than or equal to 0");
    }
    Unit {
        class: match unit.resource {
            UnitResource::Ecs | UnitResource::Elastic => NodeClass::Ecs,
            UnitResource::Eci | UnitResource::Acs => NodeClass::Virtual,
        },
        node_selector: labels(unit.node_selector.as_ref()),
        max: unit.max.map(|max| max.max(0) as u32),
        max_resources: unit
            .max_resources
            .as_ref()
            .map(|list| resource_list(problems, "maxResources", Some(list))),
        pod_labels,
        pod_annotations: labels(unit.pod_annotations.as_ref()),
        waits_for_scaling: waits,
    }
}

fn labels(given: Option<&BTreeMap<String, String>>) -> Labels {
    Labels(given.cloned().unwrap_or_default())
}

fn try_next(problems: &mut Problems, given: Option<&api::TryNextUnits>) -> TryNext {
    let timeout = given.and_then(|given| given.timeout.as_deref());
    let timeout = timeout.map_or(DEFAULT_TIMEOUT, |text| {
        text.parse::<Span>().unwrap_or_else(|error| {
            problems.note("whenTryNextUnits.timeout", error.to_string());
            DEFAULT_TIMEOUT
        })
    });
    match given.and_then(|given| given.policy) {
        None | Some(TryNextPolicy::LackResourceOrExceedMax) => TryNext::LackResourceOrExceedMax,
        Some(TryNextPolicy::ExceedMax) => TryNext::ExceedMax,
        Some(TryNextPolicy::TimeoutOrExceedMax) => TryNext::TimeoutOrExceedMax(timeout),
        Some(TryNextPolicy::LackResourceAndNoTerminating) => TryNext::LackResourceAndNoTerminating,
    }
}
