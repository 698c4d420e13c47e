//! Which annotations a scenario keeps: those that a run reads. Anything may stand in the others.

use std::collections::BTreeSet;

use overspill_manifest::Document;
use serde_json::{Map, Value};

use crate::admission::sidecar_set::is_of_injection;
use crate::controller::descheduler::EVICT_ANNOTATION;
use crate::controller::job::COMPLETION_INDEX;
use crate::controller::node_autoscaler::{SAFE_TO_EVICT, SAFE_VOLUMES, SCALE_DOWN_DISABLED};
use crate::controller::replica_set::DELETION_COST_ANNOTATION;
use crate::scenario::inventory::REVISION;
use crate::scenario::outlook::keys::is_pod_annotation;

/// What controllers read, beside what virtual nodes, the mesh and OpenKruise do.
const OF_CONTROLLERS: [&str; 7] = [
    COMPLETION_INDEX,
    DELETION_COST_ANNOTATION,
    EVICT_ANNOTATION,
    REVISION,
    SAFE_TO_EVICT,
    SAFE_VOLUMES,
    SCALE_DOWN_DISABLED,
];

/// Annotations that the units of ResourcePolicies give to pods and know them by.
pub(super) fn of_policies(documents: &[Document]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for document in documents.iter().filter(|one| one.kind == "ResourcePolicy") {
        let value = document.value();
        let units = value.pointer("/spec/units").and_then(Value::as_array).into_iter().flatten();
        let given = units.filter_map(|unit| unit["podAnnotations"].as_object());
        keys.extend(given.flat_map(|given| given.keys().cloned()));
    }
    keys
}

/// Takes out of an object and of its templates the annotations that no run reads, and says how many they were.
pub(super) fn keep_read(value: &mut Value, of_policies: &BTreeSet<String>) -> usize {
    let is_read = |key: &str| {
        OF_CONTROLLERS.contains(&key)
            || is_pod_annotation(key)
            || is_of_injection(key)
            || of_policies.contains(key)
    };
    match value {
        Value::Array(items) => items.iter_mut().map(|item| keep_read(item, of_policies)).sum(),
        Value::Object(fields) => {
            let mut count = 0;
            if let Some(annotations) = fields.get_mut("annotations").and_then(Value::as_object_mut) {
                let before = annotations.len();
                annotations.retain(|key, _| is_read(key));
                count += before - annotations.len();
            }
            if fields.get("annotations").and_then(Value::as_object).is_some_and(Map::is_empty) {
                fields.remove("annotations");
            }
            count + fields.values_mut().map(|field| keep_read(field, of_policies)).sum::<usize>()
        }
        _ => 0,
    }
}
