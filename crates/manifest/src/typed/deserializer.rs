//! A serde deserializer over a [`Tree`] that knows where it is and compares fields with those of the type.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::Rules;
use super::error::{Failure, FieldError, FieldErrorKind};
use super::tree::Tree;
use crate::path::{JsonPath, Segment};

/// One try to read a value.
pub(super) struct Pass<'r> {
    rules: Rules,
    /// What earlier tries failed on: read as if it were not there.
    removed: &'r BTreeSet<JsonPath>,
    /// What is wrong but keeps nothing else from being read.
    found: RefCell<Vec<FieldError>>,
}

impl<'r> Pass<'r> {
    pub(super) fn new(rules: Rules, removed: &'r BTreeSet<JsonPath>) -> Self {
        Self { rules, removed, found: RefCell::new(Vec::new()) }
    }

    pub(super) fn root<'v, 'p>(&'p self, value: &'v Tree<'v>) -> Node<'v, 'p> {
        Node { value, at: At::Root, pass: self }
    }

    pub(super) fn into_found(self) -> Vec<FieldError> {
        self.found.into_inner()
    }

    fn is_removed(&self, at: At<'_>) -> bool {
        !self.removed.is_empty() && self.removed.contains(&at.path())
    }
}

/// The way here from the root, kept on the stack: it becomes a path only when something is wrong.
#[derive(Clone, Copy)]
enum At<'p> {
    Root,
    Key(&'p At<'p>, &'p str),
    Index(&'p At<'p>, usize),
}

impl At<'_> {
    fn path(self) -> JsonPath {
        let mut segments = Vec::new();
        let mut at = self;
        loop {
            at = match at {
                At::Root => break,
                At::Key(parent, key) => {
                    segments.push(Segment::Key(key.to_owned()));
                    *parent
                }
                At::Index(parent, index) => {
                    segments.push(Segment::Index(index));
                    *parent
                }
            };
        }
        segments.into_iter().rev().collect()
    }
}

/// A value, the way to it, and the try that it is part of.
#[derive(Clone, Copy)]
pub(super) struct Node<'v, 'p> {
    value: &'v Tree<'v>,
    at: At<'p>,
    pass: &'p Pass<'p>,
}

impl<'v> Node<'v, '_> {
    fn visit_list<V: Visitor<'v>>(self, items: &'v [Tree<'v>], visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_seq(Items { items: items.iter().enumerate(), list: self })
    }

    fn visit_fields<V: Visitor<'v>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let Tree::Map(map) = self.value else {
            return Err(self.wrong_type(&visitor));
        };
        visitor.visit_map(Entries { rest: map.iter(), value: None, fields: Some(fields), map: self })
    }

    fn wrong_type(self, expected: &dyn serde::de::Expected) -> Failure {
        match self.value {
            Tree::Null => Failure::invalid_type(Unexpected::Unit, expected),
            Tree::Bool(value) => Failure::invalid_type(Unexpected::Bool(*value), expected),
            Tree::Text(text) => Failure::invalid_type(Unexpected::Str(text), expected),
            Tree::List(_) => Failure::invalid_type(Unexpected::Seq, expected),
            Tree::Map(_) => Failure::invalid_type(Unexpected::Map, expected),
            Tree::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => Failure::invalid_type(Unexpected::Unsigned(number), expected),
                (None, Some(number)) => Failure::invalid_type(Unexpected::Signed(number), expected),
                (None, None) => {
                    Failure::invalid_type(Unexpected::Float(number.as_f64().unwrap_or(f64::NAN)), expected)
                }
            },
        }
    }

    /// Notes the fields that the struct called `name` must have and this map has not.
    fn check_required(self, name: &str) {
        for required in (self.pass.rules.required)(name) {
            if self.value.get(required).is_none_or(Tree::is_null) {
                let kind = FieldErrorKind::Missing { name: (*required).to_owned() };
                self.pass.found.borrow_mut().push(FieldError { path: self.at.path(), kind });
            }
        }
    }

    fn located<T>(self, result: Result<T, Failure>) -> Result<T, Failure> {
        result.map_err(|failure| failure.at(|| self.at.path()))
    }
}

impl<'v> Deserializer<'v> for Node<'v, '_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.located(match self.value {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(value) => visitor.visit_bool(*value),
            Tree::Text(text) => visitor.visit_borrowed_str(text),
            Tree::List(items) => self.visit_list(items, visitor),
            Tree::Map(map) => {
                visitor.visit_map(Entries { rest: map.iter(), value: None, fields: None, map: self })
            }
            Tree::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
        })
    }

    fn deserialize_option<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.located(if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) })
    }

    fn deserialize_newtype_struct<V: Visitor<'v>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        if name != "Quantity" {
            return self.located(visitor.visit_newtype_struct(self));
        }
        let text = match self.value {
            Tree::Text(text) => text.clone().into_owned(),
            Tree::Number(number) => number.to_string(),
            _ => return self.located(Err(self.wrong_type(&"a quantity such as 500m, 2 or 1Gi"))),
        };
        if !is_quantity(&text) {
            let reason = format!("{text:?} is not a quantity: write it like 500m, 2, 1.5, 64Mi, 2Gi or 1e3");
            return self.located(Err(Failure::custom(reason)));
        }
        self.located(visitor.visit_newtype_struct(StringDeserializer::new(text)))
    }

    fn deserialize_struct<V: Visitor<'v>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        if matches!(self.value, Tree::Map(_)) {
            self.check_required(name);
        }
        self.located(self.visit_fields(fields, visitor))
    }

    fn deserialize_enum<V: Visitor<'v>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.located(match self.value {
            Tree::Text(name) => visitor.visit_enum(Variant { name, content: None, node: self }),
            Tree::Map(map) if map.len() == 1 => match map.iter().next() {
                Some((name, content)) => {
                    visitor.visit_enum(Variant { name, content: Some(content), node: self })
                }
                None => Err(Failure::taken_out()),
            },
            other => Err(Failure::new(FieldErrorKind::not_one_of(other, variants))),
        })
    }

    fn deserialize_ignored_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        <V: Visitor<'v>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier
    }
}

/// Whether `text` has the form of a Kubernetes quantity (`Quantity` of apimachinery/pkg/api/resource, its grammar).
fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let is_number = number.bytes().any(|b| b.is_ascii_digit()) && number.matches('.').count() <= 1;
    let is_suffix = match suffix.strip_suffix('i') {
        Some(binary) => matches!(binary, "K" | "M" | "G" | "T" | "P" | "E"),
        None if matches!(suffix, "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E") => true,
        None => suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| exponent.parse::<i32>().is_ok()),
    };
    is_number && is_suffix
}

struct Items<'v, 'p> {
    items: std::iter::Enumerate<std::slice::Iter<'v, Tree<'v>>>,
    list: Node<'v, 'p>,
}

impl<'v> SeqAccess<'v> for Items<'v, '_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'v>>(&mut self, seed: T) -> Result<Option<T::Value>, Failure> {
        for (index, value) in self.items.by_ref() {
            let at = At::Index(&self.list.at, index);
            if !self.list.pass.is_removed(at) {
                return seed.deserialize(Node { value, at, pass: self.list.pass }).map(Some);
            }
        }
        Ok(None)
    }
}

struct Entries<'v, 'p> {
    rest: std::slice::Iter<'v, (Cow<'v, str>, Tree<'v>)>,
    value: Option<(&'v str, &'v Tree<'v>)>,
    /// The fields of a struct; `None` for a map, whose keys are free.
    fields: Option<&'static [&'static str]>,
    map: Node<'v, 'p>,
}

impl Entries<'_, '_> {
    /// Whether the type is to see this entry.
    fn counts(&self, key: &str, value: &Tree<'_>) -> bool {
        let at = At::Key(&self.map.at, key);
        if let Some(known) = self.fields {
            if !known.contains(&key) {
                let kind = FieldErrorKind::Unknown { name: key.to_owned(), known };
                self.map.pass.found.borrow_mut().push(FieldError { path: at.path(), kind });
                return false;
            }
            if value.is_null() {
                return false;
            }
        }
        !self.map.pass.is_removed(at)
    }
}

impl<'v> MapAccess<'v> for Entries<'v, '_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'v>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        while let Some((key, value)) = self.rest.next() {
            if self.counts(key, value) {
                self.value = Some((key, value));
                let at = At::Key(&self.map.at, key);
                return seed
                    .deserialize(BorrowedStrDeserializer::new(key))
                    .map(Some)
                    .map_err(|failure: Failure| failure.at(|| at.path()));
            }
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'v>>(&mut self, seed: T) -> Result<T::Value, Failure> {
        let (key, value) = self.value.take().expect("serde asks for a value after its key only");
        seed.deserialize(Node { value, at: At::Key(&self.map.at, key), pass: self.map.pass })
    }
}

/// An externally tagged enum: a bare name, or a map of one entry.
struct Variant<'v, 'p> {
    name: &'v str,
    content: Option<&'v Tree<'v>>,
    node: Node<'v, 'p>,
}

impl<'v> EnumAccess<'v> for Variant<'v, '_> {
    type Error = Failure;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'v>>(self, seed: S) -> Result<(S::Value, Self), Failure> {
        let variant = seed.deserialize(self.name.into_deserializer())?;
        Ok((variant, self))
    }
}

impl<'v> Variant<'v, '_> {
    fn with_content<T>(self, read: impl FnOnce(Node<'v, '_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let Some(value) = self.content else {
            let name = self.name;
            return Err(Failure::custom(format!("`{name}` needs a value: write `{name}: …`")));
        };
        let at = At::Key(&self.node.at, self.name);
        if self.node.pass.is_removed(at) {
            return Err(Failure::taken_out());
        }
        let node = Node { value, at, pass: self.node.pass };
        node.located(read(node))
    }
}

impl<'v> VariantAccess<'v> for Variant<'v, '_> {
    type Error = Failure;

    fn unit_variant(self) -> Result<(), Failure> {
        match self.content {
            None | Some(Tree::Null) => Ok(()),
            Some(_) => Err(Failure::custom(format!("`{0}` takes no value: write just `{0}`", self.name))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'v>>(self, seed: T) -> Result<T::Value, Failure> {
        self.with_content(|node| seed.deserialize(node))
    }

    fn tuple_variant<V: Visitor<'v>>(self, _len: usize, visitor: V) -> Result<V::Value, Failure> {
        self.with_content(|node| node.deserialize_seq(visitor))
    }

    fn struct_variant<V: Visitor<'v>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.with_content(|node| node.visit_fields(fields, visitor))
    }
}

#[cfg(test)]
mod tests {
    use super::is_quantity;

    #[test]
    fn quantities_are_told_from_other_texts() {
        for text in ["1", "0.5", ".5", "5.", "100m", "-1", "+2Gi", "1e9", "1E-3", "1E", "1Ei", "1e+3", "3u"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", "m", "1 Gi", "1gi", "1.2.3", "0x10", "1GiB", "1Ki2", "ten", "1mi", "1e", "--1"] {
            assert!(!is_quantity(text), "{text}");
        }
    }
}
