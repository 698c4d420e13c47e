//! Untyped Kubernetes objects, one by one, and where each stands.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use crate::header::Header;
use crate::path::JsonPath;
use crate::place::{On, Origin, Place};
use crate::typed::Tree;

/// One Kubernetes object as it was written.
///
/// What is in it is not held as a tree, which is ten times as large as its text: [`Document::value`] reads it when it
/// is asked for.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its `apiVersion`; empty if that is missing.
    pub api_version: String,
    /// Its `kind`; empty if that is missing.
    pub kind: String,
    /// Its namespace, if it names one.
    pub namespace: Option<String>,
    /// Its name; empty if the server is to make one up (`generateName`), or if it is missing.
    pub name: String,
    /// Where it stands.
    pub origin: Origin,
    has_uid: bool,
    has_generated_name: bool,
    names_node: bool,
    body: Body,
}

/// What an object holds.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// The object itself.
    Read(Value),
    /// JSON of it.
    Json(Box<str>),
    /// The bytes of its file that hold its JSON, and what the list around it says of it.
    Written(Range<usize>, Option<Arc<ItemType>>),
}

/// What the items of a typed list such as PodList are; they do not say it themselves when the API itself printed them.
#[derive(Debug)]
pub(crate) struct ItemType {
    pub(crate) api_version: Value,
    pub(crate) kind: String,
}

impl ItemType {
    /// Says it in an item that does not.
    pub(crate) fn complete(&self, item: &mut Value) {
        if let Value::Object(item) = item {
            item.entry("apiVersion").or_insert_with(|| self.api_version.clone());
            item.entry("kind").or_insert_with(|| self.kind.clone().into());
        }
    }
}

/// A file that holds one document of another kind: a scenario, a price list, a scheduler configuration.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// What is in it.
    pub value: Value,
    /// Where it stands.
    pub origin: Origin,
}

impl Body {
    /// The shortest form that gives the same `object` back.
    pub(crate) fn short(object: Value) -> Self {
        // Reading a float may miss its last bit.
        if holds_float(&object) { Self::Read(object) } else { Self::Json(object.to_string().into()) }
    }
}

fn holds_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(holds_float),
        Value::Object(map) => map.values().any(holds_float),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

impl Document {
    pub(crate) fn new(value: Value, origin: Origin) -> Self {
        Self::with_body(Header::of(&value), Body::Read(value), origin)
    }

    pub(crate) fn with_body(header: Header, body: Body, origin: Origin) -> Self {
        let Header { api_version, kind, namespace, name, has_uid, has_generated_name, names_node } = header;
        let namespace = (!namespace.is_empty()).then_some(namespace);
        Self { api_version, kind, namespace, name, origin, has_uid, has_generated_name, names_node, body }
    }

    /// The whole object, read anew if it is not held: ask once for all that is wanted of it.
    pub fn value(&self) -> Cow<'_, Value> {
        let read = |json: &str| -> Value {
            serde_json::from_str(json).expect("what becomes a document was read to its end")
        };
        match &self.body {
            Body::Read(value) => Cow::Borrowed(value),
            Body::Json(json) => Cow::Owned(read(json)),
            Body::Written(bytes, item_type) => {
                let mut value = read(&self.origin.source().text[bytes.clone()]);
                if let Some(item_type) = &item_type {
                    item_type.complete(&mut value);
                }
                Cow::Owned(value)
            }
        }
    }

    /// The whole object, for one look at it.
    pub(crate) fn tree(&self) -> Tree<'_> {
        let read = |json| -> Tree<'_> {
            serde_json::from_str(json).expect("what becomes a document was read to its end")
        };
        match &self.body {
            Body::Read(value) => Tree::of(value),
            Body::Json(json) => read(json),
            Body::Written(bytes, item_type) => {
                let mut tree = read(&self.origin.source().text[bytes.clone()]);
                if let Some(item_type) = item_type {
                    tree.add_missing("apiVersion", Tree::of(&item_type.api_version));
                    tree.add_missing("kind", Tree::Text((&item_type.kind).into()));
                }
                tree
            }
        }
    }

    /// The same place and patches with another `value`: the object after a patch.
    #[must_use]
    pub fn with_value(&self, value: Value) -> Self {
        Self::new(value, self.origin.clone())
    }

    /// The place of `path` in it.
    pub fn place(&self, path: &JsonPath, on: On) -> Place {
        self.origin.place(path, on)
    }

    /// Its namespace: `default` if it names none. What lives in no namespace counts as there too.
    pub fn namespace_or_default(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }

    /// Whether it is the object of this kind, namespace and name.
    pub fn is(&self, kind: &str, namespace: &str, name: &str) -> bool {
        self.kind == kind && self.namespace_or_default() == namespace && self.name == name
    }

    /// Whether a server printed it: it then has a uid, and fields and kinds that nobody wrote.
    pub fn is_server_printed(&self) -> bool {
        self.has_uid
    }

    /// Whether it is a pod that stands on a node.
    pub fn is_bound_pod(&self) -> bool {
        self.names_node && self.kind == "Pod"
    }

    /// Whether it is held as a tree.
    #[cfg(test)]
    pub(crate) fn holds_tree(&self) -> bool {
        matches!(self.body, Body::Read(_))
    }

    /// Whether the server makes its name up.
    pub(crate) fn has_generated_name(&self) -> bool {
        self.has_generated_name
    }

    /// How it is called in messages: `Deployment default/web`.
    pub fn title(&self) -> String {
        let kind = if self.kind.is_empty() { "object" } else { &self.kind };
        match &self.namespace {
            _ if self.name.is_empty() => kind.to_owned(),
            Some(namespace) => format!("{kind} {namespace}/{}", self.name),
            None => format!("{kind} {}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Source;
    use serde_json::json;

    #[test]
    fn the_short_form_holds_the_same() {
        let origin = Origin::new(Source::new("f", ""), 0, JsonPath::root());
        for value in [
            json!({"b": 1, "a": [null, true, "x\n\u{1F600}", -3, u64::MAX], "m": {}}),
            json!({"a": [{"x": 0.1}], "b": 1e9, "c": 5e-324}),
        ] {
            let body = Body::short(value.clone());
            assert_eq!(*Document::with_body(Header::of(&value), body, origin.clone()).value(), value);
        }
    }

    #[test]
    fn floats_are_kept_as_they_are() {
        assert!(matches!(Body::short(json!({"a": [0.5]})), Body::Read(_)));
        assert!(matches!(Body::short(json!({"a": [5]})), Body::Json(_)));
    }
}
