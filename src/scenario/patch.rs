//! What `kubectl patch` makes of an object, by each of its three types of patches.

mod json;
mod strategic;

use serde_json::{Map, Value};

/// How a patch is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PatchType {
    /// A strategic merge patch: maps are merged, and lists of which Kubernetes knows the merge key.
    #[default]
    Strategic,
    /// A JSON merge patch (RFC 7386): maps are merged, everything else is replaced.
    Merge,
    /// A JSON patch (RFC 6902): a list of operations.
    Json,
}

impl PatchType {
    /// The object after the patch.
    ///
    /// # Errors
    ///
    /// Why the API server cannot apply it.
    pub fn apply(self, object: &Value, patch: &Value) -> Result<Value, String> {
        let mut new = object.clone();
        match self {
            Self::Json => json::apply(&mut new, patch)?,
            Self::Merge => merge(&mut new, map(patch)?),
            Self::Strategic => strategic::merge(&mut new, map(patch)?)?,
        }
        Ok(new)
    }

    /// Whether a patch says something about what is at `path` of the object, or about something in it.
    pub fn concerns(self, patch: &Value, path: &[&str]) -> bool {
        let pointer = format!("/{}", path.join("/"));
        match self {
            Self::Merge | Self::Strategic => patch.pointer(&pointer).is_some(),
            Self::Json => {
                let operations = patch.as_array().into_iter().flatten();
                let mut paths = operations.filter_map(|one| one.get("path").and_then(Value::as_str));
                paths.any(|path| pointer.starts_with(path) || path.starts_with(&pointer))
            }
        }
    }
}

fn map(patch: &Value) -> Result<&Map<String, Value>, String> {
    patch.as_object().ok_or_else(|| "a merge patch is a map of the fields that change".to_owned())
}

/// The map at a place; what is no map becomes one.
fn as_map(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("it has just become a map")
}

/// RFC 7386, `MergePatch`.
fn merge(target: &mut Value, patch: &Map<String, Value>) {
    let target = as_map(target);
    for (key, value) in patch {
        match value {
            Value::Null => _ = target.shift_remove(key),
            Value::Object(inner) => merge(target.entry(key.clone()).or_insert(Value::Null), inner),
            other => _ = target.insert(key.clone(), other.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The example of RFC 7386.
    #[test]
    fn a_merge_patch_merges_maps_and_replaces_the_rest() {
        let object = json!({"a": "b", "c": {"d": "e", "f": "g"}, "list": [1, 2]});
        let patch = json!({"a": "z", "c": {"f": null, "h": {"i": 1}}, "list": [3]});
        let expected = json!({"a": "z", "c": {"d": "e", "h": {"i": 1}}, "list": [3]});
        assert_eq!(PatchType::Merge.apply(&object, &patch), Ok(expected));
        assert!(PatchType::Merge.apply(&object, &json!([])).is_err());
    }

    #[test]
    fn what_a_patch_concerns_is_known_of_each_type() {
        let path = ["spec", "replicas"];
        let merge = json!({"spec": {"replicas": 3}});
        assert!(PatchType::Merge.concerns(&merge, &path));
        assert!(!PatchType::Strategic.concerns(&json!({"spec": {"paused": true}}), &path));
        let operation = |path: &str| json!([{"op": "replace", "path": path, "value": 3}]);
        assert!(PatchType::Json.concerns(&operation("/spec/replicas"), &path));
        assert!(PatchType::Json.concerns(&operation("/spec"), &path));
        assert!(!PatchType::Json.concerns(&operation("/spec/paused"), &path));
    }
}
