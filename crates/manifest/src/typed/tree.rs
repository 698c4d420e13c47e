//! A value for one reading of it: texts are borrowed where they can be, and maps are lists of entries.
//!
//! Most of what a large dump holds is read once and dropped; a [`Value`] would copy every text and hash every key of it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// A value out of a text.
#[derive(Debug, PartialEq)]
pub(crate) enum Tree<'t> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'t, str>),
    List(Vec<Tree<'t>>),
    /// Every key stands once: a text in which one does not becomes no document.
    Map(Vec<(Cow<'t, str>, Tree<'t>)>),
}

impl<'t> Tree<'t> {
    /// The same as `value`.
    pub(crate) fn of(value: &'t Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::Text(text.into()),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(map) => {
                Self::Map(map.iter().map(|(key, value)| (key.into(), Self::of(value))).collect())
            }
        }
    }

    /// Whether nothing is there.
    pub(crate) fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// What is at the key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(own, _)| own == key).map(|(_, value)| value)
    }

    /// Adds an entry to a map that has no such key.
    pub(crate) fn add_missing(&mut self, key: &'t str, value: Self) {
        if self.get(key).is_none()
            && let Self::Map(entries) = self
        {
            entries.push((key.into(), value));
        }
    }
}

impl<'t> Deserialize<'t> for Tree<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'t> Visitor<'t> for TreeVisitor {
    type Value = Tree<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree<'t>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree<'t>, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Tree<'t>, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Tree<'t>, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Tree<'t>, E> {
        Ok(Number::from_f64(number).map_or(Tree::Null, Tree::Number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'t str) -> Result<Tree<'t>, E> {
        Ok(Tree::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree<'t>, E> {
        Ok(Tree::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<Tree<'t>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'t>>(self, mut entries: A) -> Result<Tree<'t>, A::Error> {
        let mut map = Vec::new();
        while let Some(Key(key)) = entries.next_key()? {
            map.push((key, entries.next_value()?));
        }
        Ok(Tree::Map(map))
    }
}

/// A key, borrowed if it can be.
pub(crate) struct Key<'t>(pub(crate) Cow<'t, str>);

impl<'t> Deserialize<'t> for Key<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'t> Visitor<'t> for KeyVisitor {
    type Value = Key<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, key: &'t str) -> Result<Key<'t>, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Key<'t>, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reading a text and taking over a value of it agree, the order of keys included.
    #[track_caller]
    fn check(text: &str) {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::from_str::<Tree<'_>>(text).unwrap(), Tree::of(&value), "{text}");
    }

    #[test]
    fn a_text_is_read_as_its_value() {
        check(r#"{"a": [null, true, "x", "\n\u00fc", -1, 18446744073709551615, 0.1, 1e300], "\u0062": {}}"#);
        check("[]");
    }

    #[test]
    fn texts_are_borrowed() {
        let text = r#"["plain", "esc\n"]"#;
        let Tree::List(items) = serde_json::from_str(text).unwrap() else { panic!("a list") };
        let is_borrowed = |item: &Tree<'_>| matches!(item, Tree::Text(Cow::Borrowed(_)));
        assert_eq!(items.iter().map(is_borrowed).collect::<Vec<_>>(), [true, false]);
    }
}
