//! Reading piece by piece gives what reading whole gives: documents, objects, and diagnostics at their places.

use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Documents, piecewise, read_documents, read_whole};
use crate::{Decoder, Diagnostic, Source, locate};

/// Everything that can be told of what was read: the objects, the diagnostics, and where these are if all places are
/// known. The whole way knows none in JSON texts after the first of a file.
fn shown(read: Documents) -> (Vec<String>, Vec<String>, Option<Vec<String>>) {
    let mut decoder = Decoder::new(false);
    let mut objects = Vec::new();
    for document in &read.documents {
        let object = decoder.decode(document);
        let header = (document.title(), &document.api_version, document.is_server_printed());
        objects.push(format!("{header:?} {} {} {object:?}", document.is_bound_pod(), document.value()));
    }
    let mut diagnostics = read.diagnostics;
    diagnostics.extend(decoder.finish());
    locate(&mut diagnostics);
    let path = |one: &Diagnostic| one.place.as_ref().map(|place| place.path.to_string());
    let told = |one: &Diagnostic| format!("{} {} {:?} {:?}", one.code, one.message, one.help, path(one));
    let position = |one: &Diagnostic| {
        let position = one.place.as_ref()?.position?;
        Some(format!("{} {position:?}", told(one)))
    };
    let placed = diagnostics.iter().map(position).collect();
    let mut told: Vec<_> = diagnostics.iter().map(told).collect();
    told.sort();
    (objects, told, placed)
}

#[track_caller]
fn check(text: &str) {
    let source: Arc<Source> = Source::new("f", text);
    let (objects, told, placed) = shown(read_documents(&source));
    let whole = shown(read_whole(&source));
    assert_eq!((objects, told), (whole.0, whole.1), "{text}");
    if whole.2.is_some() && !holds_empty_block(text) {
        assert_eq!(placed, whole.2, "{text}");
    }
}

/// Whether a block scalar holds nothing. The parser has it where the next thing stands, and nothing follows in a piece.
fn holds_empty_block(text: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let is_block = |line: &str| line.ends_with(['|', '>']) || line.ends_with("|-");
    let is_empty = |(index, line): (usize, &&str)| {
        is_block(line) && lines.get(index + 1).is_none_or(|next| indent(next) <= indent(line))
    };
    lines.iter().enumerate().any(is_empty)
}

/// A second `items` would take the place of the first without a word.
#[test]
fn a_key_that_stands_twice_in_json_is_told_at_its_place() {
    for text in [
        "{\"apiVersion\": \"v1\", \"kind\": \"List\",\n \"items\": [{}], \"items\": []}",
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n \"items\": [{}], \"items\": []}",
    ] {
        let (objects, told, _) = shown(read_documents(&Source::new("f", text)));
        assert_eq!(objects, [] as [String; 0]);
        assert_eq!(told, ["E0002 the key `items` stands here twice None Some(\"\")"], "{text}");
    }
}

/// As `kubectl get -o yaml` writes, its lists `indent` deeper than their keys.
fn yaml(value: &Value, depth: usize, indent: usize, text: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (index, (key, value)) in map.iter().enumerate() {
                let gap = if index > 0 { " ".repeat(depth) } else { String::new() };
                let quoted = Value::from(key.as_str()).to_string();
                let key = if key.starts_with('-') { &quoted } else { key };
                write!(text, "{gap}{key}:").unwrap();
                let nested = match value {
                    Value::Array(items) if !items.is_empty() => Some(depth + indent),
                    Value::Object(map) if !map.is_empty() => Some(depth + 2),
                    _ => None,
                };
                let gap = nested.map_or(" ".to_owned(), |below| format!("\n{}", " ".repeat(below)));
                text.push_str(&gap);
                yaml(value, nested.unwrap_or(depth), indent, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                let gap = if index > 0 { " ".repeat(depth) } else { String::new() };
                write!(text, "{gap}- ").unwrap();
                yaml(item, depth + 2, indent, text);
            }
        }
        Value::String(lines) if lines.contains('\n') && !lines.contains(['"', '\u{1}']) => {
            let below = " ".repeat(depth + 1);
            text.push_str("|-\n");
            for line in lines.lines() {
                writeln!(text, "{below}{line}").unwrap();
            }
        }
        scalar => writeln!(text, "{scalar}").unwrap(),
    }
}

/// A List, or another root, in one of the forms that it may be written in.
fn written(root: &Value, form: usize) -> String {
    let in_yaml = |indent| {
        let mut text = String::new();
        yaml(root, 0, indent, &mut text);
        text
    };
    match form {
        0 => root.to_string(),
        1 => serde_json::to_string_pretty(root).unwrap(),
        2 => format!("\n  {root}\n{root}"),
        3 => in_yaml(0),
        4 => in_yaml(2),
        5 => in_yaml(4),
        6 => format!("---\n{}---\n# nothing\n---\n{}", in_yaml(0), in_yaml(2)),
        _ => in_yaml(0).replace('\n', "\r\n"),
    }
}

const FORMS: usize = 8;

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!(0.1)),
        "[a-z-]{0,6}".prop_map(Value::from),
        Just(json!("a\n- b: \"ü\"\n\n  # c\n---x\nitems:")),
        Just(json!("two\n- lines")),
        Just(json!("true")),
        Just(json!("# x: {}")),
    ]
}

/// Values under names that a pod has and that it has not, of right types and of wrong ones.
fn part() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("name"),
        Just("nodeName"),
        Just("containers"),
        Just("items"),
        Just("kind"),
        Just("labels"),
        Just("- x"),
    ];
    scalar().prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..3).prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

prop_compose! {
    fn item()(
        kind in prop::option::weighted(0.9, prop_oneof![
            4 => Just("Pod"), 1 => Just("Node"), 1 => Just("Endpoints"), 1 => Just("PodList"), 1 => Just("List"),
        ]),
        version in prop::option::weighted(0.9, Just("v1")),
        name in prop::option::weighted(0.9, "[a-c]"),
        uid in prop::option::of(Just("u")),
        node in prop::option::of("[a-b]?"),
        items in prop::option::weighted(0.3, part()),
        more in part(),
        last in scalar(),
    ) -> Value {
        let mut object = Map::new();
        let mut metadata = Map::new();
        metadata.extend(name.map(|name| ("name".to_owned(), name.into())));
        metadata.extend(uid.map(|uid| ("uid".to_owned(), uid.into())));
        object.extend(version.map(|version| ("apiVersion".to_owned(), version.into())));
        object.insert("metadata".to_owned(), metadata.into());
        object.extend(kind.map(|kind| ("kind".to_owned(), kind.into())));
        let containers = json!([{"name": "c", "more": more, "image": last}]);
        object.insert("spec".to_owned(), json!({"nodeName": node, "containers": containers}));
        object.extend(items.map(|items| ("items".to_owned(), items)));
        object.into()
    }
}

prop_compose! {
    fn list()(
        kind in prop_oneof![4 => Just("List"), 1 => Just("PodList"), 1 => Just("Pod")],
        items in prop::collection::vec(prop_oneof![9 => item(), 1 => scalar()], 0..6),
        kind_first in any::<bool>(),
        version in prop_oneof![4 => Just(Some(json!("v1"))), 1 => Just(None)],
    ) -> Value {
        let mut list = Map::new();
        list.extend(version.map(|version| ("apiVersion".to_owned(), version)));
        if kind_first {
            list.insert("kind".to_owned(), kind.into());
        }
        list.insert("items".to_owned(), items.into());
        list.insert("kind".to_owned(), kind.into());
        list.insert("metadata".to_owned(), json!({"resourceVersion": ""}));
        list.into()
    }
}

/// Texts that break a file, or that seem to.
const DAMAGE: [&str; 16] = [
    "\"",
    "'",
    "{",
    "]",
    "\n",
    "- ",
    "\n- ",
    "\n---\n",
    "\n...\n",
    ": ",
    " ",
    "&a ",
    "*a",
    "# ",
    "|",
    "\nitems:\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn lists_are_read_alike(list in list(), form in 0..FORMS) {
        check(&written(&list, form));
    }

    #[test]
    fn damaged_lists_are_read_alike(
        list in list(),
        form in 0..FORMS,
        damage in prop::sample::select(&DAMAGE[..]),
        at in any::<prop::sample::Index>(),
        cut in 0..3_usize,
    ) {
        let text = written(&list, form);
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len() + 1);
        let end = (at + cut).min(chars.len());
        let before: String = chars[..at].iter().collect();
        let after: String = chars[end..].iter().collect();
        check(&format!("{before}{damage}{after}"));
    }
}

/// What is compared here is not the whole way with itself.
#[test]
fn dumps_are_read_piece_by_piece() {
    let item =
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}, "x": [1, {"y": "a\nb"}]});
    let list = json!({"apiVersion": "v1", "items": [item, item], "kind": "List", "metadata": {}});
    for form in 0..FORMS - 1 {
        let source = Source::new("f", written(&list, form));
        assert!(piecewise::is_no_data_file(&source), "{}", source.text);
        let read = piecewise::read(&source).unwrap_or_else(|| panic!("{}", source.text));
        assert!(read.documents.iter().all(|document| !document.holds_tree()), "{}", source.text);
    }
}

#[test]
fn corners_are_read_alike() {
    for text in [
        "\u{feff}{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": [{\"kind\": \"Pdo\"}]}",
        "{\"kind\": \"List\", \"items\": [{\"a\": 1e999}]}",
        "{\"kind\": \"List\", \"items\": [], \"items\": [{}]}",
        "{\"kind\": \"List\", \"items\": [{}], \"kind\": \"Pod\"}",
        "{\"kind\": \"List\", \"items\": null} null 5",
        "{\"kind\": \"List\", \"items\": [], \"metadata\": {\"a\": 1, \"a\": 2}}",
        "{\"kind\": \"List\", \"items\": [{\"kind\": \"Pod\", \"spec\": {\"b\": 1, \"b\": 2}}]}",
        "a: \"x\nitems:\n- y\nb\"\nkind: List\n",
        "kind: List\nitems:\n- &a {kind: Pod}\n- *a\n",
        "kind: List\nitems:\n- a: |+\n    x\n\n\n- {kind: Pod, b: &b 1, c: *b}\n\n# end\n",
        "kind: List\nitems:\n# first\n- kind: Pod\n",
        "kind: List\nitems:\n- kind: Pod\n# between\n- kind: Pod\n",
        "kind: List\nitems:\n- kind: Pod\n  spec: {a: [\n  b]}\nkind: Pod\n",
        "kind: List\nitems:\n- - kind: Pod\n- \n- kind: Pdo\n",
        "items:\n- kind: Pod",
        "kind: List\nitems:\n    - kind: Pod\n  metadata: {}\n",
        "kind: List\nitems:\n    - kind: Pod\n      a: |-\n       b\n  metadata: {}\n",
        "  apiVersion: v1\nitems:\n- kind: Pod\nkind: List\n",
        "%YAML 1.2\n---\nkind: List\nitems:\n- kind: Pod\n",
        "|\nitems:\n- kind: List\n",
        "\u{feff}kind: List\nitems:\n- kind: Pdo\n",
        "kind: Pod\r\rspec: {x: 1}\r\n---\nkind: Pdo\nü: {kind: 1}\n",
    ] {
        check(text);
    }
}
