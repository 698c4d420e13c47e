//! What an object says of itself before the rest of it is of interest: its kind, its name, who made it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::typed::Key;
use crate::yaml::unique::{repeated, twice};

/// What is read of every object, whatever its kind. A text that is missing, or is none, is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// Whether it has a uid, as everything has that a server printed.
    pub(crate) has_uid: bool,
    /// Whether it has `generateName`.
    pub(crate) has_generated_name: bool,
    /// Whether `spec.nodeName` names a node.
    pub(crate) names_node: bool,
}

impl Header {
    /// That of an object that was read.
    pub(crate) fn of(object: &Value) -> Self {
        let text = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            api_version: text("/apiVersion"),
            kind: text("/kind"),
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name"),
            has_uid: object.pointer("/metadata/uid").is_some_and(Value::is_string),
            has_generated_name: object.pointer("/metadata/generateName").is_some(),
            names_node: !text("/spec/nodeName").is_empty(),
        }
    }

    /// That of an object that is written as JSON. The text is read to its end, so that it can be read again later, but
    /// nothing of it is kept. `None` if it is no object; a key that stands twice in one map is an error.
    pub(crate) fn of_json(text: &str) -> serde_json::Result<Option<Self>> {
        let mut header = Self::default();
        let mut is_object = false;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let mut keys = Vec::new();
        let walk = Walk { at: At::Root, header: &mut header, is_object: &mut is_object, keys: &mut keys };
        walk.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(is_object.then_some(header))
    }

    /// Notes the value at `at`: its text, if it is one.
    fn note(&mut self, at: At, text: Option<&str>) {
        let owned = || text.unwrap_or_default().to_owned();
        match at {
            At::ApiVersion => self.api_version = owned(),
            At::Kind => self.kind = owned(),
            At::Namespace => self.namespace = owned(),
            At::Name => self.name = owned(),
            At::Uid => self.has_uid = text.is_some(),
            At::GenerateName => self.has_generated_name = true,
            At::NodeName => self.names_node = text.is_some_and(|text| !text.is_empty()),
            At::Root | At::Metadata | At::Spec | At::Elsewhere => {}
        }
    }
}

/// Where in the object a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Root,
    ApiVersion,
    Kind,
    Metadata,
    Namespace,
    Name,
    Uid,
    GenerateName,
    Spec,
    NodeName,
    Elsewhere,
}

impl At {
    fn key(self, key: &str) -> Self {
        match (self, key) {
            (Self::Root, "apiVersion") => Self::ApiVersion,
            (Self::Root, "kind") => Self::Kind,
            (Self::Root, "metadata") => Self::Metadata,
            (Self::Root, "spec") => Self::Spec,
            (Self::Metadata, "namespace") => Self::Namespace,
            (Self::Metadata, "name") => Self::Name,
            (Self::Metadata, "uid") => Self::Uid,
            (Self::Metadata, "generateName") => Self::GenerateName,
            (Self::Spec, "nodeName") => Self::NodeName,
            _ => Self::Elsewhere,
        }
    }
}

/// Reads a value to its end and notes what the header wants of it.
struct Walk<'h, 'de> {
    at: At,
    header: &'h mut Header,
    is_object: &'h mut bool,
    /// The keys so far of all maps that the value stands in.
    keys: &'h mut Vec<Cow<'de, str>>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.header.note(self.at, Some(text));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.header.note(self.at, None);
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { at, header, is_object, keys } = self;
        header.note(at, None);
        loop {
            let (header, is_object, keys) = (&mut *header, &mut *is_object, &mut *keys);
            let item = Walk { at: At::Elsewhere, header, is_object, keys };
            if items.next_element_seed(item)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Self { at, header, is_object, keys } = self;
        header.note(at, None);
        *is_object |= at == At::Root;
        let own = keys.len();
        while let Some(Key(key)) = entries.next_key()? {
            let at = at.key(&key);
            keys.push(key);
            let (header, is_object, keys) = (&mut *header, &mut *is_object, &mut *keys);
            entries.next_value_seed(Walk { at, header, is_object, keys })?;
        }
        if let Some(key) = repeated(&keys[own..]) {
            return Err(A::Error::custom(twice(key)));
        }
        keys.truncate(own);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways to a header agree.
    #[track_caller]
    fn check(text: &str) -> Header {
        let header = Header::of_json(text).unwrap().expect("an object");
        assert_eq!(header, Header::of(&serde_json::from_str(text).unwrap()), "{text}");
        header
    }

    #[test]
    fn a_header_is_read_without_the_rest() {
        let pod = check(
            r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"nodeName": "n", "x": [{"name": "no"}]},
                "metadata": {"uid": "u", "name": "p", "namespace": "s", "labels": {"name": "no"}}}"#,
        );
        assert_eq!([pod.name.as_str(), &pod.namespace, &pod.kind, &pod.api_version], ["p", "s", "Pod", "v1"]);
        assert!(pod.has_uid && pod.names_node && !pod.has_generated_name);
    }

    #[test]
    fn what_is_no_text_is_empty() {
        check(
            r#"{"kind": 1, "apiVersion": ["v1"], "metadata": {"name": {"name": "x"}, "uid": 5, "generateName": null}}"#,
        );
        check(r#"{"kind": null, "metadata": "name", "spec": [{"nodeName": "n"}]}"#);
        check(r#"{"spec": {"nodeName": ""}}"#);
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        for text in [
            r#"{"metadata": {"name": "a"}, "kind": "A", "metadata": {"namespace": "b"}}"#,
            r#"{"kind": "A", "spec": {"x": [{"y": 1, "\u0079": 2}]}}"#,
        ] {
            let error = Header::of_json(text).expect_err("a key stands twice");
            assert!(error.to_string().contains("stands here twice"), "{error}");
        }
        check(r#"{"kind": "A", "spec": {"kind": {"kind": [{"kind": 1}, {"kind": 2}]}}}"#);
    }

    #[test]
    fn what_cannot_be_read_whole_is_refused() {
        for text in ["{\"a\": 1e999}", "{\"a\": \"\\ud800\"}", "{\"a\": 1} 2", "{\"a\" 1}"] {
            assert!(Header::of_json(text).is_err(), "{text}");
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
        assert_eq!(Header::of_json("[1]").unwrap(), None);
    }
}
