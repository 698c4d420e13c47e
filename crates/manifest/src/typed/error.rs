//! What is wrong with one field.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use super::tree::Tree;
use crate::nearest::did_you_mean;
use crate::path::JsonPath;

/// What is wrong with the value at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The value; for an unknown field its own path, for a missing one that of the map that lacks it.
    pub path: JsonPath,
    /// What is wrong.
    pub kind: FieldErrorKind,
}

/// What can be wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldErrorKind {
    /// The value has another type.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// What was wanted.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The value has the right type, but means nothing.
    #[error("{0}")]
    Invalid(String),
    /// The value is none of the names that are allowed.
    #[error("expected {}, found {found}", one_of(known))]
    NotOneOf {
        /// What is there.
        found: String,
        /// The name that was tried, if it is one.
        name: Option<String>,
        /// The names that are allowed.
        known: &'static [&'static str],
    },
    /// There is no such field.
    #[error("unknown field `{name}`")]
    Unknown {
        /// The field.
        name: String,
        /// The fields that there are.
        known: &'static [&'static str],
    },
    /// A required field is missing.
    #[error("missing field `{name}`")]
    Missing {
        /// The field.
        name: String,
    },
}

impl FieldError {
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.kind, FieldErrorKind::Unknown { .. })
    }

    /// How to mend it, if that can be guessed.
    pub fn advice(&self) -> Option<String> {
        match &self.kind {
            FieldErrorKind::Unknown { name, known } => did_you_mean(name, "fields", known.iter().copied()),
            FieldErrorKind::NotOneOf { name: Some(name), known, .. } => {
                let near = crate::nearest(name, known.iter().copied());
                near.first().map(|near| format!("did you mean `{near}`?"))
            }
            FieldErrorKind::WrongType { expected, found } if expected == "a list" => list_advice(found),
            FieldErrorKind::WrongType { expected, found } => quoting_advice(expected, found),
            _ => None,
        }
    }
}

fn one_of(names: &[&str]) -> String {
    let one_of = if names.len() > 1 { "one of " } else { "" };
    format!("{one_of}{}", names.join(", "))
}

/// One item where a list is wanted is a list of one.
fn list_advice(found: &str) -> Option<String> {
    let item = found.strip_prefix("the string ").or_else(|| found.strip_prefix("the number "))?;
    let text = item.trim_matches('"');
    let is_plain =
        !text.is_empty() && text.chars().all(|one| one.is_ascii_alphanumeric() || "-_./".contains(one));
    Some(format!("write it as a list: [{}]", if is_plain { text } else { item }))
}

fn quoting_advice(expected: &str, found: &str) -> Option<String> {
    let scalar = found.starts_with("the number") || matches!(found, "true" | "false");
    let text = found.strip_prefix("the string ").map(|quoted| quoted.trim_matches('"'));
    if expected == "a string" && scalar {
        return Some("write it in quotes".to_owned());
    }
    let unquoted = match text? {
        "true" | "false" => expected == "true or false",
        text => expected.contains("number") && text.parse::<f64>().is_ok(),
    };
    unquoted.then(|| "write it without quotes".to_owned())
}

/// serde's error while a pass runs: what is wrong, and where once the deserializer has told it.
#[derive(Debug)]
pub(super) struct Failure {
    path: Option<JsonPath>,
    /// `None`: a part that the surrounding value cannot do without was taken out after an earlier error.
    kind: Option<FieldErrorKind>,
}

impl Failure {
    pub(super) fn new(kind: FieldErrorKind) -> Self {
        Self { path: None, kind: Some(kind) }
    }

    pub(super) fn taken_out() -> Self {
        Self { path: None, kind: None }
    }

    /// The same failure at the path that `place` tells, if none was told yet: the innermost one counts.
    pub(super) fn at(mut self, place: impl FnOnce() -> JsonPath) -> Self {
        self.path.get_or_insert_with(place);
        self
    }

    pub(super) fn into_error(self) -> (JsonPath, Option<FieldError>) {
        let path = self.path.unwrap_or_default();
        let error = self.kind.map(|kind| FieldError { path: path.clone(), kind });
        (path, error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Some(kind) => kind.fmt(f),
            None => f.write_str("a part was taken out"),
        }
    }
}

impl std::error::Error for Failure {}

impl Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(FieldErrorKind::Invalid(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let range = if is_number(found) { range_of(&expected) } else { None };
        let expected =
            range.map_or_else(|| in_plain_words(&expected), |range| format!("a whole number {range}"));
        Self::new(FieldErrorKind::WrongType { expected, found: name_of(found) })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        let (found, name) = (format!("`{variant}`"), Some(variant.to_owned()));
        Self::new(FieldErrorKind::NotOneOf { found, name, known })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(FieldErrorKind::Missing { name: field.to_owned() })
    }
}

impl FieldErrorKind {
    /// None of the names in `known`, of which exactly one was to be given.
    pub(super) fn not_one_of(value: &Tree<'_>, known: &'static [&'static str]) -> Self {
        let found = match value {
            Tree::Map(map) if map.len() != 1 => format!("a map of {} entries", map.len()),
            other => name_of_value(other),
        };
        Self::NotOneOf { found, name: None, known }
    }
}

/// What a reader of the text sees there.
fn name_of(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        // A whole number that fits no integer was rounded on the way here; its text is shown beside the message.
        Unexpected::Float(number) if number.fract() == 0.0 && number.abs() > 1e15 => {
            format!("a number of about {number:.3e}")
        }
        Unexpected::Float(number) => format!("the number {number}"),
        Unexpected::Str(text) => format!("the string {text:?}"),
        Unexpected::Unit | Unexpected::Option => "null".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map | Unexpected::StructVariant => "a map".to_owned(),
        other => other.to_string(),
    }
}

fn name_of_value(value: &Tree<'_>) -> String {
    match value {
        Tree::Null => "null".to_owned(),
        Tree::Bool(value) => value.to_string(),
        Tree::Number(number) => format!("the number {number}"),
        Tree::Text(text) => format!("the string {text:?}"),
        Tree::List(_) => "a list".to_owned(),
        Tree::Map(_) => "a map".to_owned(),
    }
}

fn is_number(found: Unexpected<'_>) -> bool {
    matches!(found, Unexpected::Signed(_) | Unexpected::Unsigned(_) | Unexpected::Float(_))
}

/// What an integer type takes.
fn range_of(integer: &str) -> Option<String> {
    let (least, most) = match integer {
        "u8" => (0, u64::from(u8::MAX)),
        "u16" => (0, u64::from(u16::MAX)),
        "u32" => (0, u64::from(u32::MAX)),
        "u64" => (0, u64::MAX),
        "i32" => (i64::from(i32::MIN), i32::MAX as u64),
        "i64" => (i64::MIN, i64::MAX as u64),
        _ => return None,
    };
    Some(format!("from {least} to {most}"))
}

/// serde's and Rust's names of types in words that need neither.
fn in_plain_words(expected: &str) -> String {
    match expected {
        "u8" => "a whole number from 0 to 255".to_owned(),
        "u16" => "a whole number from 0 to 65535".to_owned(),
        "i32" | "i64" | "u32" | "u64" | "usize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "IntOrString" => "a whole number or a string".to_owned(),
        "string" => "a string".to_owned(),
        struct_name if struct_name.starts_with("struct ") => "a map".to_owned(),
        variant if variant.starts_with("struct variant ") => "a map".to_owned(),
        // Kubernetes' types name themselves.
        name if name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains(' ') => {
            format!("a map ({name})")
        }
        other => other.to_owned(),
    }
}
