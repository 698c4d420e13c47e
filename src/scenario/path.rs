//! PATH: the address of a value in a scenario or in one of its manifests, and putting another value there.

use std::str::FromStr;

use overspill_manifest::{JsonPath, Segment, did_you_mean};
use serde_json::{Map, Value};

/// Where a PATH leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Into the scenario's `spec`: `pools.gateway.count`.
    Spec(Vec<String>),
    /// Into a manifest: `manifests/KIND/NAMESPACE/NAME:/json/pointer`; a kind without namespaces leaves it empty or out.
    Manifest {
        /// The kind.
        kind: String,
        /// The namespace; `None` means `default` for a kind that has namespaces.
        namespace: Option<String>,
        /// The name.
        name: String,
        /// The steps of the JSON pointer.
        pointer: Vec<String>,
    },
}

/// Why a text is not a PATH.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a PATH: {reason}")]
pub struct ParseAddressError {
    text: String,
    reason: String,
}

/// Why a value cannot be put where a PATH leads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// Nothing of this name is there.
    #[error("there is no `{name}` in {place}")]
    NoSuchName {
        /// What was looked for.
        name: String,
        /// Where.
        place: String,
        /// What there is instead.
        known: Vec<String>,
    },
    /// The path goes on, but there is nothing inside.
    #[error("`{place}` is neither a map nor a list: nothing is inside it")]
    NothingInside {
        /// Where it ends.
        place: String,
    },
}

impl PatchError {
    /// What may have been meant.
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::NoSuchName { name, known, .. } => {
                did_you_mean(name, "names", known.iter().map(String::as_str))
            }
            Self::NothingInside { .. } => None,
        }
    }
}

impl FromStr for Address {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, ParseAddressError> {
        let refuse = |reason: &str| ParseAddressError { text: text.to_owned(), reason: reason.to_owned() };
        let Some(rest) = text.strip_prefix("manifests/") else {
            let path: JsonPath = text.parse().map_err(|error: overspill_manifest::ParsePathError| {
                ParseAddressError { text: text.to_owned(), reason: error.reason().to_owned() }
            })?;
            return Ok(Self::Spec(path.segments().iter().map(step_of).collect()));
        };
        let form = "into a manifest it is manifests/KIND/NAMESPACE/NAME:/json/pointer";
        let (object, pointer) = rest.split_once(":/").ok_or_else(|| refuse(form))?;
        let parts: Vec<&str> = object.split('/').collect();
        let (kind, namespace, name) = match parts[..] {
            [kind, name] => (kind, "", name),
            [kind, namespace, name] => (kind, namespace, name),
            _ => return Err(refuse(form)),
        };
        if kind.is_empty() || name.is_empty() || pointer.is_empty() {
            return Err(refuse(form));
        }
        // RFC 6901: ~1 is a slash, ~0 a tilde.
        let pointer = pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        let namespace = Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty());
        Ok(Self::Manifest { kind: kind.to_owned(), namespace, name: name.to_owned(), pointer })
    }
}

fn step_of(segment: &Segment) -> String {
    match segment {
        Segment::Key(key) => key.clone(),
        Segment::Index(index) => index.to_string(),
    }
}

/// The parts of a scenario whose entries users name: a name that is not there is a mistake, not a new entry.
const NAMED: [&str; 4] = ["pools", "virtualNodes", "traffic", "sources"];

/// Puts `new` at `steps` of a scenario's `spec`, and tells its path in there.
pub fn patch_spec(spec: &mut Value, steps: &[String], new: Value) -> Result<JsonPath, PatchError> {
    if let [section, name, _, ..] = steps
        && NAMED.contains(&section.as_str())
        && spec.get(section).and_then(|section| section.get(name)).is_none()
    {
        let entries = spec.get(section).and_then(Value::as_object);
        let known = entries.map(|entries| entries.keys().cloned().collect()).unwrap_or_default();
        return Err(PatchError::NoSuchName { name: name.clone(), place: section.clone(), known });
    }
    patch(spec, steps, new)
}

/// Puts `new` at `steps` of `root`, and tells the path where that is; null takes away what is there.
///
/// A step into a list is an index, or the value of its Kubernetes merge key (a container's name); `-` appends. Maps
/// on the way that do not exist are made: whether a field of that name may exist is found out when the result is read.
pub fn patch(root: &mut Value, steps: &[String], new: Value) -> Result<JsonPath, PatchError> {
    let mut path = JsonPath::root();
    let mut field = "";
    let mut current = root;
    let Some((last, way)) = steps.split_last() else {
        *current = new;
        return Ok(path);
    };
    for step in way {
        if current.is_null() {
            *current = Value::Object(Map::new());
        }
        current = match current {
            Value::Object(map) => {
                path = path.key(step);
                map.entry(step.clone()).or_insert(Value::Null)
            }
            Value::Array(items) => {
                let index = item_index(items, field, step, &path)?;
                path = path.index(index);
                &mut items[index]
            }
            _ => return Err(PatchError::NothingInside { place: path.to_string() }),
        };
        field = step;
    }
    put(current, field, last, &path, new)
}

fn put(
    container: &mut Value,
    field: &str,
    step: &str,
    path: &JsonPath,
    new: Value,
) -> Result<JsonPath, PatchError> {
    if container.is_null() {
        *container = Value::Object(Map::new());
    }
    match container {
        Value::Object(map) => {
            if !new.is_null() {
                map.insert(step.to_owned(), new);
            } else if map.shift_remove(step).is_none() {
                let known = map.keys().cloned().collect();
                return Err(no_such_name(step, path, known));
            }
            Ok(path.key(step))
        }
        Value::Array(items) if step == "-" => {
            items.push(new);
            Ok(path.index(items.len() - 1))
        }
        Value::Array(items) => {
            let index = item_index(items, field, step, path)?;
            if new.is_null() {
                items.remove(index);
            } else {
                items[index] = new;
            }
            Ok(path.index(index))
        }
        _ => Err(PatchError::NothingInside { place: path.to_string() }),
    }
}

/// Which item of the list called `field` a step means: an index if there is such an item, else a merge key's value.
fn item_index(items: &[Value], field: &str, step: &str, path: &JsonPath) -> Result<usize, PatchError> {
    if let Some(index) = step.parse().ok().filter(|&index: &usize| index < items.len()) {
        return Ok(index);
    }
    let merge_keys = merge_keys(field);
    let key_of = |item: &Value| merge_keys.iter().find_map(|key| item.get(key)).map(scalar_text);
    if let Some(index) = items.iter().position(|item| key_of(item).as_deref() == Some(step)) {
        return Ok(index);
    }
    let name_of = |(index, item): (usize, &Value)| key_of(item).unwrap_or_else(|| index.to_string());
    Err(no_such_name(step, path, items.iter().enumerate().map(name_of).collect()))
}

fn no_such_name(name: &str, place: &JsonPath, known: Vec<String>) -> PatchError {
    PatchError::NoSuchName { name: name.to_owned(), place: place.to_string(), known }
}

fn scalar_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// The field that tells the items of a list apart (`patchMergeKey` in Kubernetes v1.34's API types); none if they
/// can be told apart by their place only, as tolerations and taints.
pub(super) fn merge_keys(list: &str) -> &'static [&'static str] {
    match list {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets"
        | "resourceClaims"
        | "schedulingGates" => &["name"],
        "volumeMounts" => &["mountPath"],
        "volumeDevices" => &["devicePath"],
        // A container's, and a Service's.
        "ports" => &["containerPort", "port"],
        "topologySpreadConstraints" => &["topologyKey"],
        "hostAliases" => &["ip"],
        "conditions" | "addresses" => &["type"],
        "ownerReferences" => &["uid"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deployment() -> Value {
        json!({"metadata": {"name": "web"}, "spec": {"template": {"spec": {
            "containers": [
                {"name": "app", "ports": [{"containerPort": 80}, {"containerPort": 8080}]},
                {"name": "side", "env": [{"name": "A", "value": "1"}]},
            ],
            "tolerations": [{"key": "a"}],
        }}}})
    }

    #[track_caller]
    fn check(pointer: &str, new: impl Into<Value>, expected: Result<&str, &str>) {
        let new = new.into();
        let mut document = deployment();
        let text = format!("manifests/Deployment/default/web:{pointer}");
        let Ok(Address::Manifest { pointer, .. }) = text.parse() else { panic!("{text}") };
        let result = patch(&mut document, &pointer, new.clone());
        if let Ok(path) = &result {
            let expected = Some(&new).filter(|new| !new.is_null());
            assert_eq!(path.get(&document), expected, "{document}");
        }
        let result = result.map(|path| path.to_string()).map_err(|error| error.to_string());
        assert_eq!(result.as_deref().map_err(String::as_str), expected);
    }

    const CONTAINERS: &str = "/spec/template/spec/containers";

    #[test]
    fn items_are_found_by_index_and_by_merge_key() {
        check(
            &format!("{CONTAINERS}/side/env/A/value"),
            "2",
            Ok("spec.template.spec.containers[1].env[0].value"),
        );
        check(
            &format!("{CONTAINERS}/0/ports/8080/protocol"),
            "UDP",
            Ok("spec.template.spec.containers[0].ports[1].protocol"),
        );
        check(
            "/spec/template/spec/tolerations/0",
            json!({"key": "b"}),
            Ok("spec.template.spec.tolerations[0]"),
        );
        check("/spec/template/spec/tolerations/-", json!({}), Ok("spec.template.spec.tolerations[1]"));
        check("/spec/template", (), Ok("spec.template"));
    }

    #[test]
    fn maps_on_the_way_are_made() {
        let path = "spec.template.spec.nodeSelector.\"a.b/c\"";
        check("/spec/template/spec/nodeSelector/a.b~1c", "d", Ok(path));
    }

    #[test]
    fn steps_that_lead_nowhere_are_told() {
        check("/spec/tmeplate", (), Err("there is no `tmeplate` in spec"));
        let missing = "there is no `sied` in spec.template.spec.containers";
        check(&format!("{CONTAINERS}/sied/image"), "x", Err(missing));
        check(
            "/spec/template/spec/tolerations/a",
            1,
            Err("there is no `a` in spec.template.spec.tolerations"),
        );
        check(
            "/metadata/name/x/y",
            1,
            Err("`metadata.name` is neither a map nor a list: nothing is inside it"),
        );
    }

    #[test]
    fn advice_names_the_merge_keys() {
        let mut document = deployment();
        let steps = ["spec", "template", "spec", "containers", "sied"].map(ToOwned::to_owned);
        let error = patch(&mut document, &steps, json!({})).unwrap_err();
        assert_eq!(error.advice().as_deref(), Some("did you mean `side`?"));
    }

    #[test]
    fn named_entries_must_exist_but_new_ones_can_be_given_whole() {
        let spec = json!({"pools": {"gateway": {"count": 3}}});
        let patched = |path: &str, new: Value| {
            let mut spec = spec.clone();
            let Ok(Address::Spec(steps)) = path.parse() else { panic!("{path}") };
            patch_spec(&mut spec, &steps, new).map(|_| spec)
        };
        assert_eq!(patched("pools.gateway.count", json!(5)).unwrap()["pools"]["gateway"]["count"], 5);
        assert_eq!(patched("pools.new", json!({"count": 1})).unwrap()["pools"]["new"]["count"], 1);
        assert_eq!(
            patched("controlPlane.hpaTolerance", json!(0.2)).unwrap()["controlPlane"]["hpaTolerance"],
            0.2
        );
        let error = patched("pools.gatewy.count", json!(5)).unwrap_err();
        assert_eq!(error.to_string(), "there is no `gatewy` in pools");
        assert_eq!(error.advice().as_deref(), Some("did you mean `gateway`?"));
    }

    #[test]
    fn addresses_are_told_apart() {
        let node = Address::Manifest {
            kind: "Node".to_owned(),
            namespace: None,
            name: "n".to_owned(),
            pointer: vec!["spec".to_owned()],
        };
        assert_eq!("manifests/Node/n:/spec".parse(), Ok(node.clone()));
        assert_eq!("manifests/Node//n:/spec".parse(), Ok(node));
        assert_eq!("manifests.0".parse(), Ok(Address::Spec(vec!["manifests".to_owned(), "0".to_owned()])));
        for text in
            ["", "manifests/Node", "manifests/Node/n", "manifests/a/b/c/d:/x", "manifests//n:/x", "a..b"]
        {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
