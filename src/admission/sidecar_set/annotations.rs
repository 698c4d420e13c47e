//! What OpenKruise writes onto the pods that it injects.
//!
//! Upstream adds the time of each injection to the two hashes. It is left out here: pods of one kind stay alike.

use serde_json::{Map, Value, json};

use crate::object::{Labels, PodSpec, SidecarSet};

/// What of each SidecarSet a pod has, by its hash.
pub const HASH: &str = "kruise.io/sidecarset-hash";
/// The same by the hash that does not look at images.
pub const HASH_WITHOUT_IMAGE: &str = "kruise.io/sidecarset-hash-without-image";
/// Names of the SidecarSets, with commas between.
pub const INJECTED_LIST: &str = "kruise.io/sidecarset-injected-list";
/// Which of two containers works, by the name that the SidecarSet gives them.
pub const WORKING_CONTAINER: &str = "kruise.io/sidecarset-working-hotupgrade-container";

const VERSION: &str = "version.sidecarset.kruise.io/";
const ALTERNATIVE: &str = "versionalt.sidecarset.kruise.io/";

/// Whether an annotation is one of those that are written here.
pub fn is_of_injection(key: &str) -> bool {
    [HASH, HASH_WITHOUT_IMAGE, INJECTED_LIST, WORKING_CONTAINER].contains(&key)
        || key.starts_with(VERSION)
        || key.starts_with(ALTERNATIVE)
}

/// The names that a hot-upgrade container comes into pods by.
pub(super) fn twin_names(name: &str) -> (String, String) {
    (format!("{name}-1"), format!("{name}-2"))
}

/// Whether a pod has the containers of a SidecarSet.
pub fn has_been_injected(pod: &PodSpec, set: &str) -> bool {
    pod.annotations.get(INJECTED_LIST).is_some_and(|list| list.split(',').any(|one| one == set))
}

/// The hash of the SidecarSet `set` that a pod was injected with, under [`HASH`] or [`HASH_WITHOUT_IMAGE`].
pub fn hash_of(pod: &PodSpec, key: &str, set: &str) -> Option<String> {
    let all: Value = serde_json::from_str(pod.annotations.get(key)?).ok()?;
    Some(all.get(set)?.get("hash")?.as_str()?.to_owned())
}

/// Writes down that the containers of `set` came.
pub(super) fn note(annotations: &mut Labels, set: &SidecarSet) {
    note_hash(annotations, set);
    let list = annotations.get(INJECTED_LIST).unwrap_or_default();
    let mut injected: Vec<_> = list.split(',').filter(|one| !one.is_empty()).collect();
    injected.push(&set.name);
    injected.sort_unstable();
    annotations.set(INJECTED_LIST, injected.join(","));
    for one in set.containers.iter().filter(|one| one.hot_upgrade.is_some()) {
        let (first, second) = twin_names(&one.container.name);
        for (twin, version, alternative) in [(&first, "1", "0"), (&second, "0", "1")] {
            annotations.set(format!("{VERSION}{twin}"), version);
            annotations.set(format!("{ALTERNATIVE}{twin}"), alternative);
        }
        extend(annotations, WORKING_CONTAINER, &one.container.name, first.into());
    }
}

/// Writes down which containers of `set` a pod has.
pub(super) fn note_hash(annotations: &mut Labels, set: &SidecarSet) {
    let mut names: Vec<_> = set.containers.iter().map(|one| one.container.name.as_str()).collect();
    names.sort_unstable();
    for (key, hash) in [(HASH, &set.hash), (HASH_WITHOUT_IMAGE, &set.hash_without_image)] {
        let entry = json!({ "hash": hash, "sidecarSetName": set.name, "sidecarList": names });
        extend(annotations, key, &set.name, entry);
    }
}

/// Which of the twins that a SidecarSet calls `name` works, and which is idle.
pub(super) fn twins_of(annotations: &Labels, name: &str) -> (String, String) {
    let (first, second) = twin_names(name);
    let known = annotations.get(WORKING_CONTAINER).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let works = known.and_then(|all| Some(all.get(name)?.as_str()? == second));
    if works == Some(true) { (second, first) } else { (first, second) }
}

/// Of the twins that a SidecarSet calls `name`, one takes over from the other: its version is the next.
pub(super) fn take_over(annotations: &mut Labels, name: &str, (new, old): (&str, &str)) {
    let version =
        |twin: &str| annotations.get(&format!("{VERSION}{twin}")).and_then(|text| text.parse::<u32>().ok());
    let next = (version(old).unwrap_or(0) + 1).to_string();
    annotations.set(format!("{VERSION}{new}"), next.clone());
    annotations.set(format!("{ALTERNATIVE}{old}"), next);
    extend(annotations, WORKING_CONTAINER, name, new.into());
}

/// The twin that has worked before is idle from now on.
pub(super) fn retire(annotations: &mut Labels, (works, idle): (&str, &str)) {
    annotations.set(format!("{VERSION}{idle}"), "0");
    annotations.set(format!("{ALTERNATIVE}{works}"), "0");
}

/// Adds an entry to the JSON map of an annotation, whose keys stay in order.
fn extend(annotations: &mut Labels, key: &str, name: &str, value: Value) {
    let known = annotations.get(key).and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
    let mut entries: Vec<_> =
        known.unwrap_or_default().into_iter().filter(|(known, _)| known != name).collect();
    entries.push((name.to_owned(), value));
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    annotations.set(key, Value::from(Map::from_iter(entries)).to_string());
}
