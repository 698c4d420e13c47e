//! Settings that exclude or override each other, and labels that mean nothing as they are written.

use overspill_manifest::{Diagnostic, Document, JsonPath, On, code, did_you_mean};
use serde_json::Value;

use super::Subject;
use crate::admission::eci_routing::{ECI_LABEL, Route, route};
use crate::cluster::Cluster;
use crate::controller::replica_set::DELETION_COST_ANNOTATION;
use crate::object::resource_policy::BURST_RESOURCE_ANNOTATION;
use crate::object::{NodeSpec, PodSpec, ResourcePolicy, ZoneStrategy};
use crate::scenario::inventory::Inventory;

/// What the pods' own settings have against each other.
pub(super) fn of_pods(subject: &Subject<'_>, cluster: &Cluster) -> Vec<Diagnostic> {
    let policy = cluster.owners().policy_of(subject.spec);
    let mut told = match route(subject.spec, cluster) {
        Some(route) => overridden(subject, route, policy),
        None => excluding(subject, policy),
    };
    let written = subject.spec.labels.get(ECI_LABEL);
    if written.is_some_and(|value| !is_sound(value)) {
        let path = metadata("labels").key(ECI_LABEL);
        told.push(not_true(subject.warn(&code::WITHOUT_EFFECT, &path, unread(ECI_LABEL, written))));
    }
    let strategy = subject.spec.annotations.get(ZoneStrategy::ANNOTATION);
    if strategy.is_some_and(|value| ZoneStrategy::from_value(value).is_none()) {
        let path = metadata("annotations").key(ZoneStrategy::ANNOTATION);
        let message = unread(ZoneStrategy::ANNOTATION, strategy);
        told.push(subject.warn(&code::WITHOUT_EFFECT, &path, message).help(ZoneStrategy::MEND.to_owned()));
    }
    told
}

fn metadata(field: &str) -> JsonPath {
    JsonPath::root().key("metadata").key(field)
}

/// Whether a value of the ECI label does what it says.
fn is_sound(value: &str) -> bool {
    matches!(value, "true" | "false")
}

fn unread(key: &str, value: Option<&str>) -> String {
    format!("`{key}` has no effect with the value {:?}", value.unwrap_or_default())
}

fn not_true(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help("write \"true\", in quotes and in lower case, to send pods to ECI".to_owned())
}

/// Everything that a pod asks for in vain because it goes to ECI anyway.
fn overridden(subject: &Subject<'_>, route: Route, policy: Option<&ResourcePolicy>) -> Vec<Diagnostic> {
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
fn excluding(subject: &Subject<'_>, policy: Option<&ResourcePolicy>) -> Vec<Diagnostic> {
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

/// ECI labels of namespaces that are not written as they must be.
pub(super) fn of_namespaces(documents: &[Document]) -> Vec<Diagnostic> {
    let path = metadata("labels").key(ECI_LABEL);
    let wrong = documents.iter().filter(|document| document.kind == "Namespace").filter_map(|document| {
        let value = path.get(&document.value).and_then(Value::as_str)?;
        (!is_sound(value)).then(|| {
            let diagnostic = Diagnostic::new(&code::WITHOUT_EFFECT, unread(ECI_LABEL, Some(value)));
            not_true(diagnostic.at(document.place(&path, On::Value)))
        })
    });
    wrong.collect()
}

/// vSwitches of the eci-profile that no virtual node has.
pub(super) fn of_profile(
    documents: &[Document],
    inventory: &Inventory,
    nodes: &[&NodeSpec],
) -> Vec<Diagnostic> {
    let Some(profile) = &inventory.eci_profile else { return Vec::new() };
    let is_it = |document: &&Document| document.kind == "ConfigMap" && document.name == "eci-profile";
    let Some(document) = documents.iter().find(is_it) else { return Vec::new() };
    let place = document.place(&JsonPath::root().key("data").key("vswitchIds"), On::Value);
    let known: Vec<&str> = nodes.iter().filter_map(|node| node.vswitch.as_deref()).collect();
    let unknown = profile.vswitch_ids.iter().filter(|id| !known.contains(&id.as_str()));
    let tell = |id: &String| {
        let help = did_you_mean(id, "vSwitches", known.iter().copied())
            .unwrap_or_else(|| "give the virtual node of its zone its `vswitchId`".to_owned());
        let message = format!("no virtual node has the vSwitch {id}: its zone is not used");
        Diagnostic::new(&code::WITHOUT_EFFECT, message).at(place.clone()).help(help)
    };
    // Without any node nobody can know them.
    if nodes.is_empty() { Vec::new() } else { unknown.map(tell).collect() }
}
