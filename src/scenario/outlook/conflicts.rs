//! Settings that exclude or override each other, and labels that mean nothing as they are written.

use overspill_manifest::{Diagnostic, Document, JsonPath, On, code};
use serde_json::Value;

use super::keys::{self, Holder};
use crate::admission::eci_routing::{ECI_LABEL, Route, route};
use crate::cluster::Cluster;
use crate::controller::replica_set::DELETION_COST_ANNOTATION;
use crate::object::resource_policy::BURST_RESOURCE_ANNOTATION;
use crate::object::{PodSpec, ResourcePolicy, ZoneStrategy};
use crate::scenario::coming::Coming;

/// What the pods' own settings have against each other.
pub(super) fn of_pods(subject: &Coming<'_>, cluster: &Cluster) -> Vec<Diagnostic> {
    let policy = cluster.owners().policy_of(subject.spec);
    let mut told = match route(subject.spec, cluster) {
        Some(route) => overridden(subject, route, policy),
        None => excluding(subject, policy),
    };
    let written = subject.spec.labels.get(ECI_LABEL);
    if written.is_some_and(|value| !is_sound(value)) {
        let path = metadata("labels").key(ECI_LABEL);
        let warning = subject.warn(&code::WITHOUT_EFFECT, &path, unread(ECI_LABEL, written));
        told.push(warning.help(TRUE.to_owned()));
    }
    let strategy = subject.spec.annotations.get(ZoneStrategy::ANNOTATION);
    if strategy.is_some_and(|value| ZoneStrategy::from_value(value).is_none()) {
        let path = metadata("annotations").key(ZoneStrategy::ANNOTATION);
        let message = unread(ZoneStrategy::ANNOTATION, strategy);
        told.push(subject.warn(&code::WITHOUT_EFFECT, &path, message).help(ZoneStrategy::MEND.to_owned()));
    }
    told
}

pub(super) fn metadata(field: &str) -> JsonPath {
    JsonPath::root().key("metadata").key(field)
}

/// Whether a value of the ECI label does what it says.
fn is_sound(value: &str) -> bool {
    matches!(value, "true" | "false")
}

fn unread(key: &str, value: Option<&str>) -> String {
    format!("`{key}` has no effect with the value {:?}", value.unwrap_or_default())
}

const TRUE: &str = "write \"true\", in quotes and in lower case, to send pods to ECI";

/// Everything that a pod asks for in vain because it goes to ECI anyway.
fn overridden(subject: &Coming<'_>, route: Route, policy: Option<&ResourcePolicy>) -> Vec<Diagnostic> {
    let PodSpec { namespace, node_selector, node_affinity, spread, annotations, .. } = subject.spec;
    let by = match route {
        Route::PodLabel => "the ECI label overrides it".to_owned(),
        Route::NamespaceLabel => format!("the ECI label of namespace {namespace} overrides it"),
        Route::Profile => "the eci-profile overrides it".to_owned(),
    };
    let affinity = node_affinity.required.is_some()
        || !node_affinity.preferred.is_empty()
        || !subject.spec.pod_affinity.is_empty()
        || !subject.spec.pod_anti_affinity.is_empty();
    let spec = JsonPath::root().key("spec");
    let burst = metadata("annotations").key(BURST_RESOURCE_ANNOTATION);
    let fields = [
        (node_selector.is_some(), spec.key("nodeSelector"), "nodeSelector"),
        (affinity, spec.key("affinity"), "affinity"),
        (!spread.is_empty(), spec.key("topologySpreadConstraints"), "topologySpreadConstraints"),
        (annotations.get(BURST_RESOURCE_ANNOTATION).is_some(), burst, BURST_RESOURCE_ANNOTATION),
    ];
    let mut told: Vec<_> = fields
        .into_iter()
        .filter(|(is_there, ..)| *is_there)
        .map(|(_, path, name)| {
            subject.warn(&code::EXCLUDE_EACH_OTHER, &path, format!("`{name}` has no effect: {by}"))
        })
        .collect();
    if let Some(policy) = policy {
        let message = format!("ResourcePolicy {} has no effect on these pods: {by}", policy.name);
        told.push(subject.warn(&code::EXCLUDE_EACH_OTHER, &JsonPath::root().key("metadata"), message));
    }
    told
}

/// What cannot be used together with a ResourcePolicy, and what is no longer to be used.
fn excluding(subject: &Coming<'_>, policy: Option<&ResourcePolicy>) -> Vec<Diagnostic> {
    let annotations = &subject.spec.annotations;
    let mut told = Vec::new();
    if let Some(burst) = annotations.get(BURST_RESOURCE_ANNOTATION) {
        let path = metadata("annotations").key(BURST_RESOURCE_ANNOTATION);
        let (code, message) = if ["eci", "eci_only"].contains(&burst) {
            let message = format!("ACK has discontinued `{BURST_RESOURCE_ANNOTATION}` since Kubernetes 1.24");
            (&code::WITHOUT_EFFECT, message)
        } else {
            let message = format!(
                "{burst:?} is no value of `{BURST_RESOURCE_ANNOTATION}`: these pods are never scheduled"
            );
            (&code::NOWHERE_TO_GO, message)
        };
        let help =
            "a ResourcePolicy with units of ecs and eci does the same; here the annotation works as it did";
        told.push(subject.warn(code, &path, message).help(help.to_owned()));
    }
    let Some(policy) = policy else { return told };
    for (annotation, why) in [
        (BURST_RESOURCE_ANNOTATION, "ACK does not support both, and here both restrict the pods"),
        (DELETION_COST_ANNOTATION, "the order of its units decides which pods go first"),
    ] {
        if annotations.get(annotation).is_some() {
            let message =
                format!("`{annotation}` excludes ResourcePolicy {}, which selects these pods", policy.name);
            let path = metadata("annotations").key(annotation);
            told.push(subject.warn(&code::EXCLUDE_EACH_OTHER, &path, message).help(why.to_owned()));
        }
    }
    told
}

/// Labels of namespaces that are not written as they must be.
pub(super) fn of_namespaces(documents: &[Document]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for document in documents.iter().filter(|document| document.kind == "Namespace") {
        let value = document.value();
        for (field, holder) in
            [("labels", Holder::NamespaceLabel), ("annotations", Holder::NamespaceAnnotation)]
        {
            let path = metadata(field);
            let written = path.get(&value).and_then(Value::as_object);
            for (key, value) in written.into_iter().flatten() {
                let Some((message, help)) = doubtful(holder, key, value.as_str().unwrap_or_default()) else {
                    continue;
                };
                let place = document.place(&path.key(key), On::Value);
                told.push(Diagnostic::new(&code::WITHOUT_EFFECT, message).at(place).help(help));
            }
        }
    }
    told
}

/// What is doubtful about a label that a namespace gets, and how to mend it.
pub(in crate::scenario) fn doubtful_namespace_label(key: &str, value: &str) -> Option<(String, String)> {
    doubtful(Holder::NamespaceLabel, key, value)
}

fn doubtful(holder: Holder, key: &str, value: &str) -> Option<(String, String)> {
    if key == ECI_LABEL && holder == Holder::NamespaceLabel {
        return (!is_sound(value)).then(|| (unread(key, Some(value)), TRUE.to_owned()));
    }
    keys::doubt(holder, key)
}
