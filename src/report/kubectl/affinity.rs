//! Affinity and topology spread constraints of pods, for `-o yaml` and `-o json`.

use serde_json::{Map, Value, json};

use crate::object::affinity::{NodeAffinity, PodAffinity, PodAffinityTerm};
use crate::object::selector::{Operator, Requirement};
use crate::object::spread::{InclusionPolicy, SpreadConstraint, WhenUnsatisfiable};
use crate::object::{NodeSelectorTerm, PodSpec, Selector};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// `spec.affinity` of a pod, if it has any.
pub(super) fn of(spec: &PodSpec) -> Option<Value> {
    let all = [
        ("nodeAffinity", node_affinity(&spec.node_affinity)),
        ("podAffinity", pod_affinity(&spec.pod_affinity)),
        ("podAntiAffinity", pod_affinity(&spec.pod_anti_affinity)),
    ];
    let own: Map<_, _> = all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    (!own.is_empty()).then(|| own.into())
}

/// `spec.topologySpreadConstraints` of a pod, if it has any.
pub(super) fn spread(spec: &PodSpec) -> Option<Value> {
    (!spec.spread.is_empty()).then(|| spec.spread.iter().map(spread_constraint).collect())
}

fn spread_constraint(one: &SpreadConstraint) -> Value {
    let when = match one.when_unsatisfiable {
        WhenUnsatisfiable::DoNotSchedule => "DoNotSchedule",
        WhenUnsatisfiable::ScheduleAnyway => "ScheduleAnyway",
    };
    let policy = |policy| match policy {
        InclusionPolicy::Honor => "Honor",
        InclusionPolicy::Ignore => "Ignore",
    };
    let mut value = json!({
        "maxSkew": one.max_skew,
        "topologyKey": one.topology_key,
        "whenUnsatisfiable": when,
        "nodeAffinityPolicy": policy(one.node_affinity_policy),
        "nodeTaintsPolicy": policy(one.node_taints_policy),
    });
    // It is 1 where nothing is written, and may be written beside DoNotSchedule alone.
    if one.min_domains != 1 {
        value["minDomains"] = one.min_domains.into();
    }
    if let Some(given) = &one.selector {
        value["labelSelector"] = selector(given);
    }
    value
}

fn pod_affinity(affinity: &PodAffinity) -> Option<Value> {
    let mut own = Map::new();
    if !affinity.required.is_empty() {
        own.insert(REQUIRED.to_owned(), affinity.required.iter().map(pod_term).collect());
    }
    if !affinity.preferred.is_empty() {
        let preferred = affinity.preferred.iter();
        let preferred =
            preferred.map(|(weight, one)| json!({ "weight": weight, "podAffinityTerm": pod_term(one) }));
        own.insert(PREFERRED.to_owned(), preferred.collect());
    }
    (!own.is_empty()).then(|| own.into())
}

fn pod_term(term: &PodAffinityTerm) -> Value {
    let mut value = json!({ "topologyKey": term.topology_key });
    if !term.namespaces.is_empty() {
        value["namespaces"] = term.namespaces.clone().into();
    }
    for (key, given) in [("labelSelector", &term.selector), ("namespaceSelector", &term.namespace_selector)] {
        if let Some(given) = given {
            value[key] = selector(given);
        }
    }
    value
}

/// A label selector: the API's `matchLabels` and `matchExpressions` say the same.
fn selector(selector: &Selector) -> Value {
    if selector.is_empty() {
        return json!({});
    }
    json!({ "matchExpressions": selector.requirements.iter().map(requirement).collect::<Vec<_>>() })
}

fn node_affinity(affinity: &NodeAffinity) -> Option<Value> {
    let mut own = Map::new();
    if let Some(required) = &affinity.required {
        let terms: Vec<_> = required.terms.iter().map(term).collect();
        own.insert(REQUIRED.to_owned(), json!({ "nodeSelectorTerms": terms }));
    }
    if !affinity.preferred.is_empty() {
        let preferred = affinity.preferred.iter();
        let preferred = preferred.map(|(weight, one)| json!({ "weight": weight, "preference": term(one) }));
        own.insert(PREFERRED.to_owned(), preferred.collect());
    }
    (!own.is_empty()).then(|| own.into())
}

fn term(term: &NodeSelectorTerm) -> Value {
    let mut value = Map::new();
    for (key, all) in [("matchExpressions", &term.labels), ("matchFields", &term.fields)] {
        if !all.is_empty() {
            value.insert(key.to_owned(), all.iter().map(requirement).collect());
        }
    }
    value.into()
}

fn requirement(one: &Requirement) -> Value {
    let mut value = json!({ "key": one.key, "operator": format!("{:?}", one.operator) });
    if !matches!(one.operator, Operator::Exists | Operator::DoesNotExist) {
        value["values"] = one.values.clone().into();
    }
    value
}
