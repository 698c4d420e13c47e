//! YAML as kubectl prints it: keys in alphabetical order, lists not indented.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// `value` as a YAML document.
pub fn to_yaml(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => write_map(&mut text, map, 0),
        Value::Array(items) if !items.is_empty() => write_list(&mut text, items, 0),
        other => {
            let _ = writeln!(text, "{}", scalar(other));
        }
    }
    text
}

fn write_map(text: &mut String, map: &Map<String, Value>, indent: usize) {
    let mut keys: Vec<_> = map.iter().collect();
    keys.sort_by_key(|(key, _)| *key);
    for (place, (key, value)) in keys.into_iter().enumerate() {
        // The first key of a list's item stands behind the item's dash.
        if place > 0 || !text.ends_with("- ") {
            let _ = write!(text, "{:indent$}", "");
        }
        let _ = write!(text, "{}:", quoted(key));
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                text.push('\n');
                write_map(text, inner, indent + 2);
            }
            Value::Array(items) if !items.is_empty() => {
                text.push('\n');
                write_list(text, items, indent);
            }
            other => {
                let _ = writeln!(text, " {}", scalar(other));
            }
        }
    }
}

fn write_list(text: &mut String, items: &[Value], indent: usize) {
    for (place, item) in items.iter().enumerate() {
        if place > 0 || !text.ends_with("- ") {
            let _ = write!(text, "{:indent$}", "");
        }
        text.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => write_map(text, map, indent + 2),
            Value::Array(items) if !items.is_empty() => write_list(text, items, indent + 2),
            other => {
                let _ = writeln!(text, "{}", scalar(other));
            }
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// The text as it is where YAML reads it as a text, in quotes otherwise.
fn quoted(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { Value::from(text).to_string() }
}

fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 11] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "~", "nan"];
    let Some(first) = text.chars().next() else { return false };
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || " _./@=,+%:;()'-".contains(c);
    let is_number_like = text.parse::<f64>().is_ok()
        || first.is_ascii_digit() && (text.contains(':') || text.contains('_'))
        || ["0x", "0o", "0b"].iter().any(|prefix| text.starts_with(prefix))
        // A date is a type of its own in YAML 1.1.
        || text.chars().all(|c| c.is_ascii_digit() || "-+.,".contains(c));
    (first.is_ascii_alphanumeric() || matches!(first, '_' | '/'))
        && text.chars().all(is_allowed)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !WORDS.contains(&text.to_lowercase().as_str())
        && !is_number_like
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Source;
    use crate::reading::read_data;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn objects_print_as_kubectl_prints_them() {
        let value = json!({
            "kind": "Pod", "apiVersion": "v1",
            "metadata": {"name": "nginx", "labels": {"alibabacloud.com/eci": "true"}, "annotations": {}},
            "spec": {"containers": [{"name": "c", "args": ["-a", "1"], "ports": []}, {"name": "d"}]},
            "time": "1970-01-01T00:00:38Z",
        });
        let expected = r#"apiVersion: v1
kind: Pod
metadata:
  annotations: {}
  labels:
    alibabacloud.com/eci: "true"
  name: nginx
spec:
  containers:
  - args:
    - "-a"
    - "1"
    name: c
    ports: []
  - name: d
time: "1970-01-01T00:00:38Z"
"#;
        assert_eq!(to_yaml(&value), expected);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let text = prop_oneof!["[ -~]{0,8}", "(0x|1_|\\.)?[0-9a-f.:eE+-]{1,6}", "true|no|~|null|é: #"];
        let leaf = prop_oneof![
            text.prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z0-9/.: ~]{1,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(value in any_value()) {
            let text = to_yaml(&json!({ "a": value }));
            let read = read_data(&Source::new("f.yaml", text.clone()));
            prop_assert!(read.is_ok(), "{}", text);
            prop_assert_eq!(&read.unwrap().value["a"], &value, "{}", text);
        }
    }
}
