//! Where something is inside a document: `spec.containers[0].resources`.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

/// One step of a [`JsonPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Into a map.
    Key(String),
    /// Into a list; the first item is 0.
    Index(usize),
}

/// The way from the root of a document to one of its values.
///
/// Written with dots and brackets; a key that holds anything but letters, digits, `-`, `_` and `/` stands in double
/// quotes: `metadata.labels."app.kubernetes.io/name"`. [`FromStr`] reads what [`fmt::Display`] writes, and `.0` for `[0]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JsonPath(Vec<Segment>);

/// Why a text is not a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a path: {reason}")]
pub struct ParsePathError {
    text: String,
    reason: &'static str,
}

impl ParsePathError {
    /// What is wrong with it.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl JsonPath {
    /// The document itself.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The path of `name` in the map that this path leads to.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        self.child(Segment::Key(name.to_owned()))
    }

    /// The path of item `index` of the list that this path leads to.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.child(Segment::Index(index))
    }

    /// The path one `segment` further.
    #[must_use]
    pub fn child(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// This path, continued by `rest`.
    #[must_use]
    pub fn join(&self, rest: &Self) -> Self {
        Self(self.0.iter().chain(&rest.0).cloned().collect())
    }

    /// The path without its last segment; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// The steps from the root.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this path leads to `ancestor` or to something inside it.
    pub fn starts_with(&self, ancestor: &Self) -> bool {
        self.0.starts_with(&ancestor.0)
    }

    /// What is there in `document`.
    pub fn get<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(document, |value, segment| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) => value.get(index),
        })
    }

    /// The same, to be changed.
    pub fn get_mut<'v>(&self, document: &'v mut Value) -> Option<&'v mut Value> {
        self.0.iter().try_fold(document, |value, segment| match segment {
            Segment::Key(key) => value.get_mut(key),
            Segment::Index(index) => value.get_mut(index),
        })
    }

    /// The path with `[]` for every index, so that the same field of many items is one: `.spec.containers[].image`.
    pub fn without_indices(&self) -> String {
        let mut text = String::new();
        for segment in &self.0 {
            match segment {
                Segment::Index(_) => text.push_str("[]"),
                Segment::Key(key) => {
                    text.push('.');
                    text.push_str(key);
                }
            }
        }
        text
    }
}

impl FromIterator<Segment> for JsonPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

fn is_plain(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
    !key.is_empty() && key.chars().all(plain) && !key.bytes().all(|b| b.is_ascii_digit())
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    let dot = if i == 0 { "" } else { "." };
                    if is_plain(key) { write!(f, "{dot}{key}")? } else { write!(f, "{dot}\"{key}\"")? }
                }
            }
        }
        Ok(())
    }
}

impl FromStr for JsonPath {
    type Err = ParsePathError;

    fn from_str(text: &str) -> Result<Self, ParsePathError> {
        let refuse = |reason| ParsePathError { text: text.to_owned(), reason };
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (segment, tail) = if let Some(bracketed) = rest.strip_prefix('[') {
                let (index, tail) = bracketed.split_once(']').ok_or_else(|| refuse("a `[` is not closed"))?;
                let index = index.parse().map_err(|_| refuse("a list index is a whole number"))?;
                (Segment::Index(index), tail)
            } else {
                let rest = if segments.is_empty() {
                    rest
                } else {
                    rest.strip_prefix('.').ok_or_else(|| refuse("names are separated by dots"))?
                };
                next_name(rest).map_err(refuse)?
            };
            segments.push(segment);
            rest = tail;
        }
        if segments.is_empty() { Err(refuse("it is empty")) } else { Ok(Self(segments)) }
    }
}

/// The first name of `text`, and what follows it.
fn next_name(text: &str) -> Result<(Segment, &str), &'static str> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (name, tail) = quoted.split_once('"').ok_or("a quote is not closed")?;
        return Ok((Segment::Key(name.to_owned()), tail));
    }
    let (name, tail) = text.split_at(text.find(['.', '[']).unwrap_or(text.len()));
    if name.is_empty() {
        return Err("a name between two dots is empty");
    }
    let segment = name.parse().map_or_else(|_| Segment::Key(name.to_owned()), Segment::Index);
    Ok((segment, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_printed_and_read_back() {
        let path =
            JsonPath::root().key("spec").key("containers").index(0).key("x.y/z").key("8080").key("a-b");
        assert_eq!(path.to_string(), r#"spec.containers[0]."x.y/z"."8080".a-b"#);
        assert_eq!(path.to_string().parse::<JsonPath>().unwrap(), path);
        assert_eq!("a.0.b".parse::<JsonPath>().unwrap(), JsonPath::root().key("a").index(0).key("b"));
    }

    #[test]
    fn what_is_not_a_path_is_refused() {
        for text in ["", ".", "a..b", "a.", "a[1", "a[x]", "a.\"b", "a[0]b", "\"a\"b"] {
            assert!(text.parse::<JsonPath>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_path_leads_to_a_value() {
        let document = serde_json::json!({"a": [{"b": 1}]});
        assert_eq!("a[0].b".parse::<JsonPath>().unwrap().get(&document), Some(&Value::from(1)));
        assert_eq!("a[1].b".parse::<JsonPath>().unwrap().get(&document), None);
    }
}
