//! A file's text to documents.

#[cfg(test)]
mod agreement;
mod piecewise;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::diagnostic::{Diagnostic, code};
use crate::document::{DataFile, Document, ItemType};
use crate::path::JsonPath;
use crate::place::{On, Origin, Source};
use crate::yaml;

pub use piecewise::is_no_data_file;

/// The objects of a file, and what is wrong with the rest of it.
#[derive(Debug, Default)]
pub struct Documents {
    /// The objects, in the order of the file.
    pub documents: Vec<Document>,
    /// What is wrong with the file's text or with the outer form of an object.
    pub diagnostics: Vec<Diagnostic>,
}

/// The one document of a file.
pub fn read_data(source: &Arc<Source>) -> Result<DataFile, Box<Diagnostic>> {
    let values = parse(source)?;
    let found = values.len();
    let origin = Origin::new(source.clone(), 0, JsonPath::root());
    match <[Value; 1]>::try_from(values) {
        Ok([value]) => Ok(DataFile { value, origin }),
        Err(_) if found == 0 => Err(Box::new(empty(source))),
        Err(_) => {
            let message = format!("expected one document, found {found}; they are separated by `---`");
            let second = Origin::new(source.clone(), 1, JsonPath::root()).place(&JsonPath::root(), On::Value);
            Err(Box::new(Diagnostic::new(&code::NOT_AN_OBJECT, message).at(second)))
        }
    }
}

/// The Kubernetes objects of a file: every document of it, Lists taken apart.
///
/// A large file is read piece by piece where its form allows that, so that the tree of one object is held at a time.
pub fn read_documents(source: &Arc<Source>) -> Documents {
    piecewise::read(source).unwrap_or_else(|| read_whole(source))
}

/// The same, however the text is written, from the tree of the whole file; and what is wrong with a text is told here.
pub(crate) fn read_whole(source: &Arc<Source>) -> Documents {
    let mut read = Documents::default();
    match parse(source) {
        Err(diagnostic) => read.diagnostics.push(*diagnostic),
        Ok(values) if values.is_empty() => read.diagnostics.push(empty(source)),
        Ok(values) => {
            for (number, value) in values.into_iter().enumerate() {
                read.add(value, Origin::new(source.clone(), number, JsonPath::root()));
            }
        }
    }
    read
}

/// The Kubernetes objects of a value that stands at `origin` inside another file: one object, a List, or several in a
/// plain list.
pub fn read_inline(value: Value, origin: &Origin) -> Documents {
    let mut read = Documents::default();
    match value {
        Value::Array(items) => {
            for (index, item) in items.into_iter().enumerate() {
                let origin = origin.within(&JsonPath::root().index(index));
                read.add(item, origin);
            }
        }
        object => read.add(object, origin.clone()),
    }
    read
}

fn parse(source: &Arc<Source>) -> Result<Vec<Value>, Box<Diagnostic>> {
    yaml::parse(&source.text).map_err(|error| {
        Box::new(Diagnostic::new(&code::SYNTAX, error.message).at(source.place(error.position)))
    })
}

fn empty(source: &Arc<Source>) -> Diagnostic {
    Diagnostic::new(&code::EMPTY, "there is no document in this file").at(source.place(None))
}

impl Documents {
    pub(crate) fn add(&mut self, value: Value, origin: Origin) {
        let Value::Object(mut object) = value else {
            let message = "expected a Kubernetes object: a map with apiVersion, kind and metadata";
            let place = origin.place(&JsonPath::root(), On::Value);
            self.diagnostics.push(Diagnostic::new(&code::NOT_AN_OBJECT, message).at(place));
            return;
        };
        let Some(items) = take_items(&mut object) else {
            self.add_object(Document::new(Value::Object(object), origin));
            return;
        };
        let item_type = item_type(&object);
        let base = origin.place(&JsonPath::root(), On::Value).full_path().key("items");
        for (index, mut item) in items.into_iter().enumerate() {
            if let Some(item_type) = &item_type {
                item_type.complete(&mut item);
            }
            self.add(item, Origin::new(origin.source().clone(), origin.document(), base.index(index)));
        }
    }

    pub(crate) fn add_object(&mut self, document: Document) {
        let generated = document.has_generated_name() && document.kind == "Pod";
        let missing = [
            ("apiVersion", document.api_version.is_empty()),
            ("kind", document.kind.is_empty()),
            ("metadata.name", document.name.is_empty() && !generated),
        ];
        let missing: Vec<&str> =
            missing.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect();
        if !missing.is_empty() {
            let message = format!("{} has no {}", document.title(), missing.join(" and no "));
            let place = document.place(&JsonPath::root(), On::Value);
            self.diagnostics.push(Diagnostic::new(&code::NO_KIND, message).at(place));
        }
        self.documents.push(document);
    }
}

/// Whether a kind is that of a List.
pub(crate) fn is_list_kind(kind: &str) -> bool {
    kind.ends_with("List")
}

/// The items of a List, taken out of it; `None` if it is not one.
fn take_items(object: &mut Map<String, Value>) -> Option<Vec<Value>> {
    let is_list = is_list_kind(object.get("kind")?.as_str()?);
    match object.get_mut("items") {
        Some(Value::Array(items)) if is_list => Some(std::mem::take(items)),
        // An empty list is printed as null by some versions of the API server.
        Some(Value::Null) if is_list => Some(Vec::new()),
        _ => None,
    }
}

/// What the items of a typed list are.
pub(crate) fn item_type(list: &Map<String, Value>) -> Option<ItemType> {
    let kind = list.get("kind")?.as_str()?.strip_suffix("List").filter(|kind| !kind.is_empty())?;
    Some(ItemType { api_version: list.get("apiVersion")?.clone(), kind: kind.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::locate;

    fn read(text: &str) -> Documents {
        read_documents(&Source::new("f.yaml", text))
    }

    #[test]
    fn lists_are_taken_apart() {
        let read = read(
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Node, metadata: {name: a}}\n\
             - {apiVersion: v1, kind: PodList, items: [{metadata: {name: p, namespace: n}}]}\n\
             ---\n{apiVersion: v1, kind: Namespace, metadata: {name: n}}\n---\n{kind: PodList, items: null}\n",
        );
        let titles: Vec<String> = read.documents.iter().map(Document::title).collect();
        assert_eq!(titles, ["Node a", "Pod n/p", "Namespace n"]);
        assert_eq!(read.diagnostics, []);
        let mut said = [Diagnostic::new(&code::WRONG_VALUE, "x")
            .at(read.documents[1].place(&"metadata.name".parse().unwrap(), On::Value))];
        locate(&mut said);
        let position = said[0].place.as_ref().and_then(|place| place.position).unwrap();
        assert_eq!((position.line, position.column), (5, 61));
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let read = read(text);
        let said: Vec<&str> = read.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn every_object_says_what_it_is() {
        check("metadata: {name: x}\n", &["object x has no apiVersion and no kind"]);
        check(
            "{apiVersion: v1, kind: Node}",
            &["key must be a string (a text that begins with `{` or `[` is read as JSON)"],
        );
        check("apiVersion: v1\nkind: Node\n", &["Node has no metadata.name"]);
        check("apiVersion: v1\nkind: Pod\nmetadata: {generateName: x-}\n", &[]);
        check("- a\n", &["expected a Kubernetes object: a map with apiVersion, kind and metadata"]);
        check("# nothing\n", &["there is no document in this file"]);
    }

    #[test]
    fn objects_may_stand_inside_another_file() {
        let text =
            "spec:\n  with:\n  - apiVersion: v1\n    kind: Node\n    metadata: {name: a}\n  - kind: Pod\n";
        let file = read_data(&Source::new("f.yaml", text)).unwrap();
        let path: JsonPath = "spec.with".parse().unwrap();
        let read = read_inline(path.get(&file.value).unwrap().clone(), &file.origin.within(&path));
        assert_eq!(read.documents[0].title(), "Node a");
        let name = read.documents[0].place(&"metadata.name".parse().unwrap(), On::Value);
        let mut said = [Diagnostic::new(&code::WRONG_VALUE, "x").at(name)];
        said[0].message.clone_from(&read.diagnostics[0].message);
        locate(&mut said);
        let position = said[0].place.as_ref().and_then(|place| place.position).unwrap();
        assert_eq!((position.line, position.column), (5, 22));
        assert_eq!(said[0].message, "Pod has no apiVersion and no metadata.name");
    }

    #[test]
    fn a_data_file_is_one_document() {
        assert!(read_data(&Source::new("f", "a: 1\n")).is_ok());
        let error = read_data(&Source::new("f", "a: 1\n---\nb: 1\n")).unwrap_err();
        assert_eq!(error.message, "expected one document, found 2; they are separated by `---`");
    }
}
