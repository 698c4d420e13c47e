//! Untyped values to typed ones, with every error found at once.
//!
//! serde stops at the first error. So an error's value is taken out and the rest is tried again, until what is left
//! can be read; a field that is missing only because it was taken out is not complained of. Unknown fields are seen
//! before the type's own code sees them, by comparing with the field names that it hands to the deserializer.

mod deserializer;
mod error;
mod tree;

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::path::{JsonPath, Segment};
use deserializer::Pass;
use error::Failure;

pub use error::{FieldError, FieldErrorKind};
pub(crate) use tree::{Key, Tree};

/// The most errors of one value: it is a different kind of text then, and more would not help.
const MOST_ERRORS: usize = 50;

/// What a type demands that its serde code does not check.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The fields that a struct of this name (as it tells serde) must have.
    pub required: fn(&str) -> &'static [&'static str],
}

impl Default for Rules {
    /// No demands.
    fn default() -> Self {
        Self { required: |_| &[] }
    }
}

/// What [`decode_value`] made of a value.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    /// The typed value without its wrong parts; `None` if nothing is left without them. Right only if there are no `errors`.
    pub value: Option<T>,
    /// Everything wrong, unknown fields aside.
    pub errors: Vec<FieldError>,
    /// The fields that do not exist; they are left out of `value`.
    pub unknown: Vec<FieldError>,
}

impl<T> Reading<T> {
    /// The value, if all is well.
    pub fn into_result(self) -> Result<T, Vec<FieldError>> {
        match self.value {
            Some(value) if self.errors.is_empty() && self.unknown.is_empty() => Ok(value),
            _ => Err(self.errors.into_iter().chain(self.unknown).collect()),
        }
    }
}

/// Reads `value` as a `T`, and finds everything that is wrong with it.
///
/// A null for a field of a struct is as if the field were absent, as the API server has it. A Kubernetes `Quantity`
/// may be a number.
pub fn decode_value<T: DeserializeOwned>(value: &Value, rules: Rules) -> Reading<T> {
    decode_tree(&Tree::of(value), rules)
}

/// The same of a value that is only borrowed.
pub(crate) fn decode_tree<T: DeserializeOwned>(tree: &Tree<'_>, rules: Rules) -> Reading<T> {
    let mut reading = Reading { value: None, errors: Vec::new(), unknown: Vec::new() };
    let mut removed = BTreeSet::new();
    while reading.errors.len() < MOST_ERRORS {
        let pass = Pass::new(rules, &removed);
        let result = T::deserialize(pass.root(tree));
        for error in pass.into_found() {
            let list = if error.is_unknown() { &mut reading.unknown } else { &mut reading.errors };
            if !list.contains(&error) {
                list.push(error);
            }
        }
        match result {
            Ok(value) => {
                reading.value = Some(value);
                break;
            }
            Err(failure) => {
                if !take_out(failure, &mut removed, &mut reading.errors) {
                    break;
                }
            }
        }
    }
    reading
}

/// Takes what failed out of the next try and notes why, unless taking out something else was the reason.
/// `false` if there is nothing left to try.
fn take_out(failure: Failure, removed: &mut BTreeSet<JsonPath>, errors: &mut Vec<FieldError>) -> bool {
    let (path, error) = failure.into_error();
    if let Some(error) = error {
        let our_doing = match &error.kind {
            FieldErrorKind::Missing { name } => removed.contains(&path.child(Segment::Key(name.clone()))),
            _ => false,
        };
        if !our_doing && !errors.contains(&error) {
            errors.push(error);
        }
    }
    !path.is_root() && removed.insert(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Outer {
        name: String,
        count: Option<u32>,
        #[serde(default)]
        inner: BTreeMap<String, Inner>,
        #[serde(default)]
        list: Vec<Inner>,
        shape: Option<Shape>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Inner {
        size: u8,
        on: Option<bool>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    enum Shape {
        Flat,
        Round(u32),
        Box { width: u32, height: Option<u32> },
        Sum(Vec<Shape>),
    }

    #[track_caller]
    fn check(value: &Value, expected: &[&str]) -> Option<Outer> {
        let reading = decode_value::<Outer>(value, Rules::default());
        let told: Vec<String> = reading
            .errors
            .iter()
            .chain(&reading.unknown)
            .map(|error| format!("{}: {}", error.path, error.kind))
            .collect();
        assert_eq!(told, expected);
        reading.value
    }

    #[test]
    fn a_right_value_is_read() {
        let shape = json!({"sum": [{"round": 3}, "flat", {"box": {"width": 2}}]});
        let outer =
            check(&json!({"name": "x", "list": [{"size": 3}], "count": null, "shape": shape}), &[]).unwrap();
        assert_eq!(outer.list, [Inner { size: 3, on: None }]);
        let summands = vec![Shape::Round(3), Shape::Flat, Shape::Box { width: 2, height: None }];
        assert_eq!(outer.shape, Some(Shape::Sum(summands)));
    }

    #[test]
    fn all_errors_are_found_at_once() {
        let value = json!({
            "name": 1, "cuont": 3, "count": "many",
            "inner": {"a": {"size": 300}, "b": {"on": "true"}, "c": {"size": 1, "off": true}},
            "list": [{"size": "x"}, {"size": 2, "on": 3}, 7],
        });
        check(
            &value,
            &[
                "name: expected a string, found the number 1",
                "count: expected a whole number, found the string \"many\"",
                "inner.a.size: expected a whole number from 0 to 255, found the number 300",
                "inner.b.on: expected true or false, found the string \"true\"",
                "inner.b: missing field `size`",
                "list[0].size: expected a whole number from 0 to 255, found the string \"x\"",
                "list[1].on: expected true or false, found the number 3",
                "list[2]: expected a map, found the number 7",
                "cuont: unknown field `cuont`",
                "inner.c.off: unknown field `off`",
            ],
        );
    }

    #[test]
    fn a_field_missing_because_it_was_wrong_is_told_once() {
        assert_eq!(check(&json!({"name": [1]}), &["name: expected a string, found a list"]), None);
        assert_eq!(check(&json!({"inner": {}}), &[": missing field `name`"]), None);
        assert_eq!(check(&json!([1]), &[": expected a map, found a list"]), None);
        assert_eq!(check(&json!({"name": null}), &[": missing field `name`"]), None);
    }

    #[test]
    fn enums_tell_their_variants() {
        let with = |shape: Value| json!({"name": "x", "shape": shape});
        let all = "expected one of flat, round, box, sum";
        check(&with(json!("flta")), &[&format!("shape: {all}, found `flta`")]);
        check(&with(json!({"rond": 1})), &[&format!("shape: {all}, found `rond`")]);
        check(&with(json!({"round": 1, "flat": 1})), &[&format!("shape: {all}, found a map of 2 entries")]);
        check(&with(json!(5)), &[&format!("shape: {all}, found the number 5")]);
        check(&with(json!("round")), &["shape: `round` needs a value: write `round: …`"]);
        check(
            &with(json!({"sum": [{"round": "x"}, {"box": {"hight": 1}}]})),
            &[
                "shape.sum[0].round: expected a whole number, found the string \"x\"",
                "shape.sum[1].box: missing field `width`",
                "shape.sum[1].box.hight: unknown field `hight`",
            ],
        );
    }

    #[test]
    fn what_is_right_survives_what_is_wrong() {
        let reading = decode_value::<Outer>(&json!({"name": "x", "count": -1, "other": 2}), Rules::default());
        assert_eq!(reading.value.as_ref().map(|outer| outer.name.as_str()), Some("x"));
        assert!(reading.into_result().is_err());
    }

    #[test]
    fn a_value_full_of_errors_ends() {
        let list: Vec<Value> = (0..200).map(|i| json!({"size": format!("{i}")})).collect();
        let reading = decode_value::<Outer>(&json!({"name": "x", "list": list}), Rules::default());
        assert_eq!(reading.errors.len(), MOST_ERRORS);
    }
}
