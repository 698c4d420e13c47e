//! Places in files: as paths while nothing is wrong, as lines once they are asked for.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::path::JsonPath;
use crate::yaml;

/// A file's text.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The file's name as a user knows it.
    pub file: String,
    /// What is in it.
    pub text: String,
}

/// A line and column, both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// How many characters of the line are meant, at least 1.
    pub width: usize,
}

/// Which part of `key: value` a place means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// The key; for a list item the item.
    Key,
    /// The value.
    Value,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub source: Arc<Source>,
    /// The path inside the object.
    pub path: JsonPath,
    /// Whether the key or the value is meant.
    pub on: On,
    /// The line and column; `None` until [`locate`] has looked for it, or if it cannot be found.
    pub position: Option<Position>,
    document: usize,
    base: JsonPath,
    part: Option<Part>,
}

/// The part of a text that holds one document or one item of a List. What is in it is found without reading the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Where in the text it is.
    pub(crate) bytes: Range<usize>,
    /// Whether the text there is a list of one item, as with the items of a YAML list.
    pub(crate) is_list: bool,
    /// How many segments of a path lead to it.
    pub(crate) depth: usize,
}

/// Where an object stands: its file, which document of it, and the path inside that document (for a List's items).
#[derive(Clone, Debug)]
pub struct Origin {
    source: Arc<Source>,
    document: usize,
    base: JsonPath,
    part: Option<Part>,
    /// What was not written there but put in afterwards, and where that was written.
    patches: Vec<(JsonPath, Place)>,
}

impl Source {
    /// The `text` of `file`.
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { file: file.into(), text: text.into() })
    }

    /// A place of known position, such as that of a syntax error.
    pub fn place(self: &Arc<Self>, position: Option<Position>) -> Place {
        let origin = Origin::new(self.clone(), 0, JsonPath::root());
        Place { position, ..origin.place(&JsonPath::root(), On::Value) }
    }
}

impl Origin {
    /// The object at `base` of document number `document` (from 0, empty ones not counted) of `source`.
    pub fn new(source: Arc<Source>, document: usize, base: JsonPath) -> Self {
        Self { source, document, base, part: None, patches: Vec::new() }
    }

    /// The same for an object that is all of these bytes of the text, or the one item of the list there.
    pub(crate) fn in_part(self, bytes: Range<usize>, is_list: bool) -> Self {
        let part = Part { bytes, is_list, depth: self.base.segments().len() };
        Self { part: Some(part), ..self }
    }

    /// The file that the object stands in.
    pub fn file(&self) -> &str {
        &self.source.file
    }

    /// The place of `path` inside the object.
    pub fn place(&self, path: &JsonPath, on: On) -> Place {
        if let Some((patched, place)) = self.patch_of(path) {
            let inside = path.segments()[patched.segments().len()..].iter().cloned().collect();
            return Place { path: place.path.join(&inside), on, ..place.clone() };
        }
        Place {
            source: self.source.clone(),
            path: path.clone(),
            on,
            position: None,
            document: self.document,
            base: self.base.clone(),
            part: self.part.clone(),
        }
    }

    /// Where the object stands that is written at `path` inside this one.
    #[must_use]
    pub fn within(&self, path: &JsonPath) -> Self {
        let inside = |whole: &JsonPath, start: &JsonPath| -> JsonPath {
            whole.segments()[start.segments().len()..].iter().cloned().collect()
        };
        let around = self.patch_of(path).map(|_| (JsonPath::root(), self.place(path, On::Value)));
        let below = self.patches.iter().filter(|(patched, _)| patched.starts_with(path));
        let below = below.map(|(patched, place)| (inside(patched, path), place.clone()));
        Self {
            source: self.source.clone(),
            document: self.document,
            base: self.base.join(path),
            part: self.part.clone(),
            patches: around.into_iter().chain(below).collect(),
        }
    }

    pub(crate) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    pub(crate) fn document(&self) -> usize {
        self.document
    }

    /// From now on what is at `path` was written at `place`: a variant put it there.
    pub fn patched(&mut self, path: JsonPath, place: Place) {
        self.patches.push((path, place));
    }

    /// Whether what is at `path` was put there by a patch.
    pub fn is_patched(&self, path: &JsonPath) -> bool {
        self.patch_of(path).is_some()
    }

    fn patch_of(&self, path: &JsonPath) -> Option<&(JsonPath, Place)> {
        self.patches.iter().rev().find(|(patched, _)| path.starts_with(patched))
    }
}

impl Place {
    /// The file's name.
    pub fn file(&self) -> &str {
        &self.source.file
    }

    /// The path from the root of the document, through the lists that the object was taken from.
    pub(crate) fn full_path(&self) -> JsonPath {
        self.base.join(&self.path)
    }

    /// The part of the text that it is in, if that is known.
    pub(crate) fn part(&self) -> Option<&Part> {
        self.part.as_ref()
    }

    /// Which document of the file it is in, from 0.
    pub(crate) fn document(&self) -> usize {
        self.document
    }
}

/// Finds the lines of all `diagnostics`, reading once more what holds them, and sorts them by file and line.
///
/// Files keep the order in which they first appear; diagnostics without a file come last.
pub fn locate(diagnostics: &mut [Diagnostic]) {
    let mut sources: Vec<Arc<Source>> = Vec::new();
    for place in diagnostics.iter().filter_map(|diagnostic| diagnostic.place.as_ref()) {
        if !sources.iter().any(|source| Arc::ptr_eq(source, &place.source)) {
            sources.push(place.source.clone());
        }
    }
    for source in &sources {
        let unknown: Vec<&mut Place> = diagnostics
            .iter_mut()
            .filter_map(|diagnostic| diagnostic.place.as_mut())
            .filter(|place| Arc::ptr_eq(&place.source, source) && place.position.is_none())
            .collect();
        yaml::find_positions(&source.text, unknown);
    }
    diagnostics.sort_by_key(|diagnostic| match &diagnostic.place {
        Some(place) => {
            let file = sources.iter().position(|source| Arc::ptr_eq(source, &place.source));
            (file.unwrap_or(usize::MAX), place.position)
        }
        None => (usize::MAX, None),
    });
}
