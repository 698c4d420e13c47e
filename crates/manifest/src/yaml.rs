//! Text to untyped values: the one module that knows the YAML library.
//!
//! Scalars get the types that kubectl gives them: `true` is a boolean but `yes` and `on` stay strings (kubectl, whose
//! YAML 1.1 reader makes them booleans, then refuses them wherever a string is wanted), `0644` is octal, and numbers
//! that fit no integer are floats.

pub(crate) mod pieces;
mod positions;
pub(crate) mod unique;

use serde_json::Value;
use serde_saphyr::{Error, MergeKeyPolicy, Options};

use crate::place::Position;

pub(crate) use positions::find_positions;
use unique::{Unique, twice};

/// Why a text cannot be read, and where.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) position: Option<Position>,
}

/// The documents of `text` in order, empty ones left out. Text that begins with `{` or `[` is JSON, as for kubectl.
pub(crate) fn parse(text: &str) -> Result<Vec<Value>, SyntaxError> {
    let text = without_mark(text);
    if is_json(text) { parse_json(text) } else { parse_yaml(text) }
}

/// `text` without a byte-order mark.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Whether `text` is taken for JSON.
pub(crate) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

fn parse_json(text: &str) -> Result<Vec<Value>, SyntaxError> {
    let values = serde_json::Deserializer::from_str(text).into_iter();
    values.map(|value| value.map(|Unique(value)| value)).collect::<Result<_, _>>().map_err(|error| {
        let place = format!(" at line {} column {}", error.line(), error.column());
        let mut message = error.to_string().replace(&place, "");
        if !error.is_data() {
            message.push_str(" (a text that begins with `{` or `[` is read as JSON)");
        }
        let position = Some(Position { line: error.line(), column: error.column().max(1), width: 1 });
        SyntaxError { message, position }
    })
}

/// The documents of `text`, which is YAML.
pub(crate) fn parse_yaml(text: &str) -> Result<Vec<Value>, SyntaxError> {
    serde_saphyr::from_multiple_with_options(text, options()).map_err(|error| {
        let message = match error.without_snippet() {
            Error::DuplicateMappingKey { key: Some(key), .. } => twice(key),
            other => without_location(&other.to_string()).to_owned(),
        };
        let location = error.location().filter(|location| location.line() > 0);
        SyntaxError {
            message,
            position: location.map(|location| Position {
                line: location.line() as usize,
                column: location.column() as usize,
                width: 1,
            }),
        }
    })
}

/// `message` without the place that the library appends or prepends: it is shown in its own way.
fn without_location(message: &str) -> &str {
    message.rfind(" at line ").map_or(message, |end| &message[..end])
}

/// Everything that a dump of a large cluster needs, and nothing that would let a small text grow without bound:
/// the limits on aliases keep their defaults.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_documents: usize::MAX,
            max_total_scalar_bytes: usize::MAX,
            max_depth: 128,
        },
        merge_keys: MergeKeyPolicy::Merge,
        legacy_octal_numbers: true,
        strict_booleans: true,
        with_snippet: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(scalar: &str, expected: impl Into<Value>) {
        let documents = parse(&format!("a: {scalar}\n")).unwrap();
        assert_eq!(documents, [json!({"a": expected.into()})], "{scalar}");
    }

    #[test]
    fn scalars_have_the_types_that_kubectl_gives_them() {
        check("true", true);
        check("\"true\"", "true");
        check("yes", "yes");
        check("on", "on");
        check("'7'", "7");
        check("7", 7);
        check("-7", -7);
        check("0x1F", 31);
        check("0644", 420);
        check("0.5", 0.5);
        check("1e9", 1e9);
        check("1e-3", 1e-3);
        check("100m", "100m");
        check("2024-01-01", "2024-01-01");
        check("1:30", "1:30");
        check("~", ());
        check("null", ());
        check("", ());
        check("1.34.1", "1.34.1");
        check("18446744073709551615", u64::MAX);
        check("18446744073709551616", 18_446_744_073_709_551_616.0);
        check("!!str 5", "5");
    }

    #[test]
    fn documents_are_separated_and_empty_ones_left_out() {
        let documents = parse("---\na: 1\n---\n# nothing\n---\nnull\n---\nb: 2\n").unwrap();
        assert_eq!(documents, [json!({"a": 1}), json!({"b": 2})]);
        assert_eq!(parse("{\"a\": 1}\n{\"b\": 2}").unwrap(), [json!({"a": 1}), json!({"b": 2})]);
        assert_eq!(parse("# only a comment\n").unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn merge_keys_and_aliases_are_expanded() {
        let documents = parse("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: *x\n").unwrap();
        assert_eq!(documents[0]["y"], json!({"a": 1, "b": 3}));
        assert_eq!(documents[0]["z"], json!({"a": 1, "b": 2}));
    }

    #[test]
    fn a_key_twice_is_refused() {
        let error = parse("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(error.position.map(|p| (p.line, p.column)), Some((3, 1)), "{error:?}");
        let error = parse("{\"a\": 1,\n  \"b\": 2,\n  \"a\": 3}").unwrap_err();
        assert_eq!(error.position.map(|p| (p.line, p.column)), Some((3, 5)), "{error:?}");
        assert_eq!(error.message, "the key `a` stands here twice");
    }

    #[test]
    fn large_files_are_within_the_budget() {
        let item = "- {a: 1, b: 2, c: 3, d: 4}\n";
        let documents = parse(&item.repeat(100_000)).unwrap();
        assert_eq!(documents[0].as_array().map(Vec::len), Some(100_000));
    }
}
