//! Parts of a YAML text that can be read by themselves, found line by line.
//!
//! This holds for documents, which a line `---` ends whatever stands before it, and for the items of a list in block
//! style: a line that is indented as the list is begins the next item, unless a quote or bracket is open there, and
//! then neither part can be read by itself. So what is cut in the wrong place is seen when the parts are read.

use serde_json::{Map, Value};

use super::parse_yaml;

/// The documents of `text`, those left out that hold nothing but comments; `None` if it has directives or other marks
/// than plain lines `---`.
pub(crate) fn documents(text: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let is_mark = line.starts_with("---");
        if line.starts_with('%')
            || line.starts_with("...")
            || (is_mark && line.trim_end_matches('\n') != "---")
        {
            return None;
        }
        if is_mark {
            found.push(&text[start..at]);
            start = at + line.len();
        }
        at += line.len();
    }
    found.push(&text[start..]);
    found.retain(|text| text.lines().any(holds_something));
    Some(found)
}

fn holds_something(line: &str) -> bool {
    let line = line.trim_start_matches(' ');
    !line.is_empty() && !line.starts_with('#')
}

/// The List that a document is: without its items, and the text of each of them. `None` if it is none, or is not
/// written in block style.
pub(crate) fn list(document: &str) -> Option<(Map<String, Value>, Vec<&str>)> {
    const KEY: &str = "items:\n";
    let key = if document.starts_with(KEY) { 0 } else { document.find(&format!("\n{KEY}"))? + 1 };
    let (before, below) = (&document[..key], &document[key + KEY.len()..]);
    let (items, after) = items(below);
    let mut list = fields(before)?;
    for (key, value) in fields(after)? {
        list.insert(key, value).is_none().then_some(())?;
    }
    let is_list = list.get("kind")?.as_str()?.ends_with("List") && !list.contains_key("items");
    (is_list && !items.is_empty()).then_some((list, items))
}

/// The items of the list at the beginning of `text`, and what follows it.
fn items(text: &str) -> (Vec<&str>, &str) {
    let indent = indent_of(text);
    let mut items = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if !line.trim_start_matches(' ').trim_end_matches('\n').is_empty() {
            let depth = indent_of(line);
            if depth < indent || (depth == indent && !line[indent..].starts_with("- ")) {
                break;
            }
            if depth == indent && at > start {
                items.push(&text[start..at]);
                start = at;
            }
        }
        at += line.len();
    }
    if at > start {
        items.push(&text[start..at]);
    }
    (items, &text[at..])
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The entries of a text that holds nothing or a map whose keys are not indented: another map would not go on with the
/// one that stands on the other side of the items.
fn fields(text: &str) -> Option<Map<String, Value>> {
    if text.lines().find(|line| holds_something(line)).is_some_and(|first| first.starts_with(' ')) {
        return None;
    }
    let mut values = parse_yaml(text).ok()?;
    match (values.pop(), values.pop()) {
        (None, _) => Some(Map::new()),
        (Some(Value::Object(map)), None) => Some(map),
        _ => None,
    }
}

/// The item that `text` holds as a list of one.
pub(crate) fn item(text: &str) -> Option<Value> {
    let [list] = <[Value; 1]>::try_from(parse_yaml(text).ok()?).ok()?;
    let Value::Array(items) = list else { return None };
    let [item] = <[Value; 1]>::try_from(items).ok()?;
    Some(item)
}
