//! Selectors of labels and nodes, affinity terms, spread constraints.

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::Problems;
use crate::object::selector::{Operator, Requirement};
use crate::object::spread::{InclusionPolicy, WhenUnsatisfiable};
use crate::object::{
    Labels, NodeAffinity, NodeSelector, NodeSelectorTerm, PodAffinity, PodAffinityTerm, Selector,
    SpreadConstraint,
};

/// Reads a label selector: `matchLabels` in order of key, then `matchExpressions`.
pub fn label_selector(problems: &mut Problems, selector: &LabelSelector) -> Selector {
    let equal = selector.match_labels.iter().flatten().map(|(key, value)| Requirement::equals(key, value));
    let mut requirements: Vec<_> = equal.collect();
    let expressions = selector.match_expressions.as_deref().unwrap_or_default();
    requirements.extend(problems.each("matchExpressions", expressions, |problems, one| {
        let values = one.values.clone().unwrap_or_default();
        requirement(problems, &one.key, &one.operator, values, false)
    }));
    Selector { requirements }
}

fn requirement(
    problems: &mut Problems,
    key: &str,
    operator: &str,
    values: Vec<String>,
    on_nodes: bool,
) -> Requirement {
    let parsed = match operator {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Exists" => Operator::Exists,
        "DoesNotExist" => Operator::DoesNotExist,
        "Gt" if on_nodes => Operator::Gt,
        "Lt" if on_nodes => Operator::Lt,
        other => {
            let more = if on_nodes { ", Gt or Lt" } else { "" };
            problems.note("operator", format!("{other:?} must be In, NotIn, Exists, DoesNotExist{more}"));
            Operator::Exists
        }
    };
    match parsed {
        Operator::In | Operator::NotIn if values.is_empty() => {
            problems.note("values", format!("must be specified when `operator` is {operator}"));
        }
        Operator::Gt | Operator::Lt if values.len() != 1 || values[0].parse::<i64>().is_err() => {
            problems.note("values", format!("must be a single integer when `operator` is {operator}"));
        }
        _ => {}
    }
    Requirement { key: key.to_owned(), operator: parsed, values }
}

/// Reads one term of a node selector.
pub fn node_selector_term(problems: &mut Problems, term: &api::NodeSelectorTerm) -> NodeSelectorTerm {
    let mut read = |field: &str, list: Option<&Vec<api::NodeSelectorRequirement>>| {
        problems.each(field, list.map_or(&[], Vec::as_slice), |problems, one| {
            let values = one.values.clone().unwrap_or_default();
            requirement(problems, &one.key, &one.operator, values, true)
        })
    };
    let labels = read("matchExpressions", term.match_expressions.as_ref());
    let fields = read("matchFields", term.match_fields.as_ref());
    if let Some(other) = fields.iter().find(|one| one.key != "metadata.name") {
        problems.note("matchFields", format!("key {:?} must be metadata.name", other.key));
    }
    NodeSelectorTerm { labels, fields }
}

/// Reads a node selector.
pub fn node_selector(problems: &mut Problems, selector: &api::NodeSelector) -> NodeSelector {
    NodeSelector {
        terms: problems.each("nodeSelectorTerms", &selector.node_selector_terms, node_selector_term),
    }
}

pub(crate) fn node_affinity(problems: &mut Problems, affinity: &api::NodeAffinity) -> NodeAffinity {
    let required = affinity.required_during_scheduling_ignored_during_execution.as_ref();
    let preferred = affinity.preferred_during_scheduling_ignored_during_execution.as_deref();
    NodeAffinity {
        required: required.map(|selector| {
            problems.within("requiredDuringSchedulingIgnoredDuringExecution", |problems| {
                if selector.node_selector_terms.is_empty() {
                    problems.note("nodeSelectorTerms", "must have at least one node selector term");
                }
                node_selector(problems, selector)
            })
        }),
        preferred: problems.each(
            "preferredDuringSchedulingIgnoredDuringExecution",
            preferred.unwrap_or_default(),
            |problems, one| {
                let term = problems.within("preference", |p| node_selector_term(p, &one.preference));
                (weight(problems, one.weight), term)
            },
        ),
    }
}

fn weight(problems: &mut Problems, weight: i32) -> i64 {
    if !(1..=100).contains(&weight) {
        problems.note("weight", format!("{weight} must be in the range 1-100"));
    }
    i64::from(weight)
}

/// Affinity or anti-affinity of a pod with the given labels, which `matchLabelKeys` look at.
pub(super) fn pod_affinity(
    problems: &mut Problems,
    required: Option<&Vec<api::PodAffinityTerm>>,
    preferred: Option<&Vec<api::WeightedPodAffinityTerm>>,
    own: &Labels,
) -> PodAffinity {
    PodAffinity {
        required: problems.each(
            "requiredDuringSchedulingIgnoredDuringExecution",
            required.map_or(&[], Vec::as_slice),
            |problems, term| affinity_term(problems, term, own),
        ),
        preferred: problems.each(
            "preferredDuringSchedulingIgnoredDuringExecution",
            preferred.map_or(&[], Vec::as_slice),
            |problems, one| {
                let term =
                    problems.within("podAffinityTerm", |p| affinity_term(p, &one.pod_affinity_term, own));
                (weight(problems, one.weight), term)
            },
        ),
    }
}

fn affinity_term(problems: &mut Problems, term: &api::PodAffinityTerm, own: &Labels) -> PodAffinityTerm {
    if term.topology_key.is_empty() {
        problems.note("topologyKey", "can not be empty");
    }
    let read = |problems: &mut Problems, field: &str, selector: Option<&LabelSelector>| {
        selector.map(|selector| problems.within(field, |problems| label_selector(problems, selector)))
    };
    let mut selector = read(problems, "labelSelector", term.label_selector.as_ref());
    merge_label_keys(selector.as_mut(), term.match_label_keys.as_deref(), own, Operator::In);
    merge_label_keys(selector.as_mut(), term.mismatch_label_keys.as_deref(), own, Operator::NotIn);
    PodAffinityTerm {
        selector,
        namespaces: term.namespaces.clone().unwrap_or_default(),
        namespace_selector: read(problems, "namespaceSelector", term.namespace_selector.as_ref()),
        topology_key: term.topology_key.clone(),
    }
}

/// Adds the pod's own value of each key to the selector, as the API server does on creation; keys that the pod lacks
/// are ignored (pkg/registry/core/pod/strategy.go `applyMatchLabelKeysAndMismatchLabelKeys`).
fn merge_label_keys(
    selector: Option<&mut Selector>,
    keys: Option<&[String]>,
    own: &Labels,
    operator: Operator,
) {
    let Some(selector) = selector else { return };
    for key in keys.unwrap_or_default() {
        if let Some(value) = own.get(key) {
            let values = vec![value.to_owned()];
            selector.requirements.push(Requirement { key: key.clone(), operator, values });
        }
    }
}

/// Reads a topology spread constraint of a pod with the given labels.
pub fn spread_constraint(
    problems: &mut Problems,
    constraint: &api::TopologySpreadConstraint,
    own: &Labels,
) -> SpreadConstraint {
    if constraint.max_skew < 1 {
        problems.note("maxSkew", format!("{} must be greater than zero", constraint.max_skew));
    }
    if constraint.topology_key.is_empty() {
        problems.note("topologyKey", "can not be empty");
    }
    let when_unsatisfiable = when_unsatisfiable(problems, &constraint.when_unsatisfiable);
    if constraint.min_domains.is_some() && when_unsatisfiable == WhenUnsatisfiable::ScheduleAnyway {
        problems.note("minDomains", "can only be set when whenUnsatisfiable is DoNotSchedule");
    }
    let mut selector = constraint
        .label_selector
        .as_ref()
        .map(|selector| problems.within("labelSelector", |problems| label_selector(problems, selector)));
    merge_label_keys(selector.as_mut(), constraint.match_label_keys.as_deref(), own, Operator::In);
    SpreadConstraint {
        max_skew: i64::from(constraint.max_skew),
        topology_key: constraint.topology_key.clone(),
        when_unsatisfiable,
        selector,
        min_domains: i64::from(constraint.min_domains.unwrap_or(1)),
        node_affinity_policy: policy(
            problems,
            "nodeAffinityPolicy",
            constraint.node_affinity_policy.as_deref(),
            InclusionPolicy::Honor,
        ),
        node_taints_policy: policy(
            problems,
            "nodeTaintsPolicy",
            constraint.node_taints_policy.as_deref(),
            InclusionPolicy::Ignore,
        ),
    }
}

fn when_unsatisfiable(problems: &mut Problems, text: &str) -> WhenUnsatisfiable {
    match text {
        "DoNotSchedule" => WhenUnsatisfiable::DoNotSchedule,
        "ScheduleAnyway" => WhenUnsatisfiable::ScheduleAnyway,
        other => {
            problems.note("whenUnsatisfiable", format!("{other:?} must be DoNotSchedule or ScheduleAnyway"));
            WhenUnsatisfiable::ScheduleAnyway
        }
    }
}

fn policy(
    problems: &mut Problems,
    field: &str,
    text: Option<&str>,
    default: InclusionPolicy,
) -> InclusionPolicy {
    match text {
        None => default,
        Some("Honor") => InclusionPolicy::Honor,
        Some("Ignore") => InclusionPolicy::Ignore,
        Some(other) => {
            problems.note(field, format!("{other:?} must be Honor or Ignore"));
            default
        }
    }
}
