//! Strategic merge patches (apimachinery/pkg/util/strategicpatch/patch.go).

use serde_json::{Map, Value};

use super::as_map;
use crate::scenario::path::merge_keys;

/// What a map of a patch says about itself.
const DIRECTIVE: &str = "$patch";
/// The fields of a map that are kept.
const RETAIN_KEYS: &str = "$retainKeys";
/// In which order a list is to be; what it would be without is good enough here.
const SET_ELEMENT_ORDER: &str = "$setElementOrder/";
/// Values that a list of texts or numbers loses.
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList/";
/// Lists of plain values that are merged and not replaced (`patchStrategy: merge` without a key).
const SETS: [&str; 1] = ["finalizers"];

/// Merges a patch into a map.
pub(super) fn merge(target: &mut Value, patch: &Map<String, Value>) -> Result<(), String> {
    let target = as_map(target);
    match patch.get(DIRECTIVE).and_then(Value::as_str) {
        Some("replace" | "delete") => target.clear(),
        None | Some("merge") => {}
        Some(other) => return Err(format!("Unknown patch type found: {other}")),
    }
    if let Some(kept) = patch.get(RETAIN_KEYS).and_then(Value::as_array) {
        target.retain(|key, _| kept.iter().any(|one| one == key));
    }
    for (key, value) in patch {
        if key == DIRECTIVE || key == RETAIN_KEYS || key.starts_with(SET_ELEMENT_ORDER) {
            continue;
        }
        if let Some(list) = key.strip_prefix(DELETE_FROM_LIST) {
            let gone = value.as_array().cloned().unwrap_or_default();
            if let Some(items) = target.get_mut(list).and_then(Value::as_array_mut) {
                items.retain(|item| !gone.contains(item));
            }
            continue;
        }
        match value {
            Value::Null => _ = target.shift_remove(key),
            Value::Object(inner) => merge(target.entry(key.clone()).or_insert(Value::Null), inner)?,
            Value::Array(items) => merge_list(target.entry(key.clone()).or_insert(Value::Null), key, items)?,
            other => _ = target.insert(key.clone(), other.clone()),
        }
    }
    Ok(())
}

/// Merges the list called `field`: item by item if Kubernetes knows what tells its items apart.
fn merge_list(target: &mut Value, field: &str, patch: &[Value]) -> Result<(), String> {
    let old = match target.take() {
        Value::Array(old) => old,
        _ => Vec::new(),
    };
    let directive = |item: &Value| item.get(DIRECTIVE).and_then(Value::as_str).map(str::to_owned);
    let keys = merge_keys(field);
    let is_whole = |item: &Value| {
        directive(item).as_deref() == Some("replace") && item.as_object().is_some_and(|map| map.len() == 1)
    };
    *target = Value::Array(if patch.iter().any(is_whole) {
        patch.iter().filter(|item| !is_whole(item)).map(plain).collect::<Result<_, _>>()?
    } else if SETS.contains(&field) {
        let new = patch.iter().filter(|item| !old.contains(item)).cloned();
        old.iter().cloned().chain(new).collect()
    } else if keys.is_empty() || patch.iter().any(|item| !item.is_object()) {
        patch.iter().map(plain).collect::<Result<_, _>>()?
    } else {
        merge_items(old, field, patch)?
    });
    Ok(())
}

/// An item of a patch as it becomes part of the object: without directives.
fn plain(item: &Value) -> Result<Value, String> {
    let Value::Object(map) = item else { return Ok(item.clone()) };
    let mut new = Value::Null;
    merge(&mut new, map)?;
    Ok(new)
}

fn merge_items(mut old: Vec<Value>, field: &str, patch: &[Value]) -> Result<Vec<Value>, String> {
    let key = |item: &Value| merge_keys(field).iter().find_map(|key| Some((*key, item.get(key)?.clone())));
    let order: Vec<_> = old.iter().map(key).collect();
    let mut given = Vec::new();
    for item in patch {
        let own = key(item).ok_or_else(|| {
            format!("map: {item} does not contain declared merge key: {}", merge_keys(field)[0])
        })?;
        let place = old.iter().position(|one| key(one).as_ref() == Some(&own));
        let before = place.map(|place| old.remove(place));
        if item.get(DIRECTIVE).and_then(Value::as_str) == Some("delete") {
            continue;
        }
        let mut new = before.unwrap_or(Value::Null);
        merge(&mut new, item.as_object().expect("items of such lists are maps"))?;
        given.push(new);
    }
    let place = |item: &Value| order.iter().position(|one| *one == key(item));
    Ok(merge_sorted(given, old, place))
}

/// The items of the patch and the others in one list: an item that was there keeps its place among those that were
/// (`mergeSortedSlice`), so that new ones come first.
fn merge_sorted(
    given: Vec<Value>,
    others: Vec<Value>,
    place: impl Fn(&Value) -> Option<usize>,
) -> Vec<Value> {
    let (mut given, mut others) = (given.into_iter().peekable(), others.into_iter().peekable());
    let mut all = Vec::new();
    while let (Some(left), Some(right)) = (given.peek(), others.peek()) {
        let goes_after = place(left).zip(place(right)).is_some_and(|(left, right)| left >= right);
        all.extend(if goes_after { others.next() } else { given.next() });
    }
    all.extend(given.chain(others));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object() -> Value {
        json!({"spec": {
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
            "containers": [{"name": "a", "image": "a1", "env": [{"name": "X", "value": "1"}]}, {"name": "b", "image": "b1"}],
            "tolerations": [{"key": "k"}],
        }})
    }

    #[track_caller]
    fn check(patch: Value, path: &str, expected: Value) {
        let mut object = object();
        merge(&mut object, &Map::from_iter([("spec".to_owned(), patch)])).unwrap();
        assert_eq!(object.pointer(&format!("/spec/{path}")).cloned(), Some(expected));
    }

    #[test]
    fn lists_are_merged_by_their_keys() {
        let changed = json!([{"name": "a", "image": "a1", "env": [{"name": "X", "value": "1"}]}, {"name": "b", "image": "b2"}]);
        check(json!({"containers": [{"name": "b", "image": "b2"}]}), "containers", changed);
        // As kubectl's documentation shows it: what is new comes first.
        let names = |patch: Value| {
            let mut object = object();
            merge(&mut object, json!({"spec": {"containers": patch}}).as_object().unwrap()).unwrap();
            let all = object["spec"]["containers"].as_array().unwrap().clone();
            all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(json!([{"name": "c"}])), ["c", "a", "b"]);
        assert_eq!(names(json!([{"name": "a", "$patch": "delete"}])), ["b"]);
        assert_eq!(names(json!([{"$patch": "replace"}, {"name": "c"}])), ["c"]);
        check(
            json!({"containers": [{"name": "a", "env": [{"name": "Y"}]}]}),
            "containers/0/env/1/name",
            json!("X"),
        );
    }

    #[test]
    fn other_lists_and_values_are_replaced() {
        check(json!({"tolerations": [{"key": "m"}]}), "tolerations", json!([{"key": "m"}]));
        let strategy = json!({"strategy": {"type": "Recreate", "rollingUpdate": null}});
        check(strategy, "strategy", json!({"type": "Recreate"}));
        let retain = json!({"strategy": {"$retainKeys": ["type"], "type": "Recreate"}});
        check(retain, "strategy", json!({"type": "Recreate"}));
        check(
            json!({"strategy": {"$patch": "replace", "type": "Recreate"}}),
            "strategy",
            json!({"type": "Recreate"}),
        );
    }

    #[test]
    fn an_item_without_its_key_is_refused() {
        let patch = json!({"spec": {"containers": [{"image": "x"}]}});
        let refused = merge(&mut object(), patch.as_object().unwrap()).unwrap_err();
        assert_eq!(refused, "map: {\"image\":\"x\"} does not contain declared merge key: name");
    }
}
