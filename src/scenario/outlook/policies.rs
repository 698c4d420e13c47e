//! ResourcePolicies that select nobody, that stand in each other's way, or that say what nobody reads.

use overspill_manifest::{Diagnostic, Document, JsonPath, On, code, did_you_mean};
use serde_json::Value;

use super::conflicts::metadata;
use crate::object::selector::Operator;
use crate::object::{PodSpec, ResourcePolicy};
use crate::scenario::coming::{Coming, Manifests};

/// The policy by which a wait has an end.
const WITH_TIMEOUT: &str = "TimeoutOrExceedMax";

/// What is doubtful about the ResourcePolicies.
pub(super) fn of_policies(manifests: &Manifests<'_>, comings: &[Coming<'_>]) -> Vec<Diagnostic> {
    let policies = &manifests.inventory.policies;
    let running = manifests.inventory.pods.iter().map(|pod| &*pod.spec);
    let pods: Vec<&PodSpec> = comings.iter().map(|coming| coming.spec).chain(running).collect();
    let mut told = Vec::new();
    for (index, policy) in policies.iter().enumerate() {
        let document =
            manifests.documents.iter().find(|one| one.is("ResourcePolicy", &policy.namespace, &policy.name));
        let Some(document) = document else { continue };
        told.extend(selects_nobody(policy, document, &pods));
        told.extend(shadowed(policy, document, &policies[..index], comings));
        told.extend(idle_timeout(document));
    }
    told
}

fn selects_nobody(policy: &ResourcePolicy, document: &Document, pods: &[&PodSpec]) -> Option<Diagnostic> {
    if pods.iter().any(|pod| policy.selects(pod)) {
        return None;
    }
    let elsewhere = pods.iter().find(|pod| policy.selector.matches(&pod.labels));
    let help = match elsewhere {
        Some(pod) => {
            let other = &pod.namespace;
            Some(format!(
                "it would select pods of namespace {other}: a policy is for pods of its own namespace"
            ))
        }
        None => nearest_value(policy, pods),
    };
    let message = format!("ResourcePolicy {} selects no pod of namespace {}", policy.name, policy.namespace);
    let selector = JsonPath::root().key("spec").key("selector");
    let (path, on) = match elsewhere {
        None if selector.get(&document.value()).is_some() => (selector, On::Key),
        _ => (metadata("name"), On::Value),
    };
    Some(Diagnostic::new(&code::WITHOUT_EFFECT, message).at(document.place(&path, on)).help(help))
}

/// What a value of the selector may have meant that no pod has.
fn nearest_value(policy: &ResourcePolicy, pods: &[&PodSpec]) -> Option<String> {
    let neighbours = || pods.iter().filter(|pod| pod.namespace == policy.namespace);
    let wanted = policy.selector.requirements.iter().filter(|one| one.operator == Operator::In);
    wanted.flat_map(|one| one.values.iter().map(move |value| (&one.key, value))).find_map(|(key, value)| {
        let mut values: Vec<_> = neighbours().filter_map(|pod| pod.labels.get(key)).collect();
        values.sort_unstable();
        values.dedup();
        if values.contains(&value.as_str()) {
            return None;
        }
        did_you_mean(value, &format!("values of the label {key}"), values)
    })
}

/// Pods that an earlier policy selects too, which they then go by.
fn shadowed(
    policy: &ResourcePolicy,
    document: &Document,
    earlier: &[ResourcePolicy],
    comings: &[Coming<'_>],
) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for first in earlier {
        let both = |coming: &&Coming<'_>| first.selects(coming.spec) && policy.selects(coming.spec);
        let Some(coming) = comings.iter().find(both) else { continue };
        let message = format!(
            "ResourcePolicy {} has no effect on pods of {}: ResourcePolicy {} selects them too",
            policy.name, coming.title, first.name
        );
        let help =
            "ACK does not say which of the two holds: here it is the one that comes first; let each pod \
                    be selected by one"
                .to_owned();
        let place = document.place(&metadata("name"), On::Value);
        told.push(Diagnostic::new(&code::EXCLUDE_EACH_OTHER, message).at(place).help(help));
    }
    told
}

/// A timeout where nothing waits for it.
fn idle_timeout(document: &Document) -> Option<Diagnostic> {
    let next = JsonPath::root().key("spec").key("whenTryNextUnits");
    let timeout = next.key("timeout");
    let written = document.value();
    timeout.get(&written)?;
    let policy = next.key("policy");
    let policy = policy.get(&written).and_then(Value::as_str).unwrap_or("LackResourceOrExceedMax");
    (policy != WITH_TIMEOUT).then(|| {
        let message = format!("`timeout` has no effect with the policy {policy}");
        let help = format!("only {WITH_TIMEOUT} waits for it");
        Diagnostic::new(&code::WITHOUT_EFFECT, message).at(document.place(&timeout, On::Value)).help(help)
    })
}
