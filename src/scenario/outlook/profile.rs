//! The eci-profile: whether it is one at all, and whether what it names is there.

use overspill_manifest::{Diagnostic, Document, JsonPath, On, code, did_you_mean, nearest};
use serde_json::Value;

use super::keys::{self, Holder};
use crate::object::NodeSpec;
use crate::object::kubernetes::{ECI_PROFILE, ECI_PROFILE_KEYS};
use crate::scenario::coming::Manifests;

/// What is doubtful about the eci-profile, and about what may have been meant to be it.
pub(super) fn of_profile(manifests: &Manifests<'_>, nodes: &[NodeSpec]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let (namespace, name) = ECI_PROFILE;
    for map in manifests.documents.iter().filter(|document| document.kind == "ConfigMap") {
        if map.is("ConfigMap", namespace, name) {
            told.extend(unknown_keys(map));
            told.extend(unknown_vswitches(map, manifests, nodes));
            told.extend(doubtful_effects(map, manifests));
        } else {
            told.extend(mistaken(map));
        }
    }
    told
}

/// A ConfigMap that looks like the eci-profile and is not.
fn mistaken(map: &Document) -> Option<Diagnostic> {
    let (namespace, name) = ECI_PROFILE;
    let (message, field) = if map.name == name {
        (format!("an eci-profile is read in {namespace} only"), "namespace")
    } else if map.namespace_or_default() == namespace && !nearest(&map.name, [name]).is_empty() {
        (format!("the eci-profile is the ConfigMap {name}: this one is not read"), "name")
    } else {
        return None;
    };
    let metadata = JsonPath::root().key("metadata");
    let written = metadata.key(field);
    let is_there = written.get(&map.value()).is_some();
    let place =
        map.place(if is_there { &written } else { &metadata }, if is_there { On::Value } else { On::Key });
    let help = format!("write `metadata: {{name: {name}, namespace: {namespace}}}`");
    Some(Diagnostic::new(&code::WITHOUT_EFFECT, message).at(place).help(help))
}

fn unknown_keys(map: &Document) -> Vec<Diagnostic> {
    let data = JsonPath::root().key("data");
    let value = map.value();
    let written = data.get(&value).and_then(Value::as_object).into_iter().flatten();
    let unknown = written.map(|(key, _)| key).filter(|key| !ECI_PROFILE_KEYS.contains(&key.as_str()));
    let tell = |key: &String| {
        let message = format!("an eci-profile has no key `{key}` that is known here: it has no effect");
        let help = did_you_mean(key, "keys", ECI_PROFILE_KEYS);
        Diagnostic::new(&code::WITHOUT_EFFECT, message).at(map.place(&data.key(key), On::Key)).help(help)
    };
    unknown.map(tell).collect()
}

/// vSwitches that no virtual node has.
fn unknown_vswitches(map: &Document, manifests: &Manifests<'_>, nodes: &[NodeSpec]) -> Vec<Diagnostic> {
    let Some(profile) = &manifests.inventory.eci_profile else { return Vec::new() };
    let place = map.place(&JsonPath::root().key("data").key("vswitchIds"), On::Value);
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

/// Labels and annotations that selectors add and that do nothing where they stand.
fn doubtful_effects(map: &Document, manifests: &Manifests<'_>) -> Vec<Diagnostic> {
    let Some(profile) = &manifests.inventory.eci_profile else { return Vec::new() };
    let place = map.place(&JsonPath::root().key("data").key("selectors"), On::Value);
    let mut told = Vec::new();
    for selector in &profile.selectors {
        let both = [(&selector.labels, Holder::PodLabel), (&selector.annotations, Holder::PodAnnotation)];
        for (added, holder) in both {
            for (message, help) in added.0.keys().filter_map(|key| keys::doubt(holder, key)) {
                let message = format!("selector {}: {message}", selector.name);
                told.push(Diagnostic::new(&code::WITHOUT_EFFECT, message).at(place.clone()).help(help));
            }
        }
    }
    told
}
