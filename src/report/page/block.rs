//! What sections are made of.

use std::borrow::Cow;

use serde::Serialize;

use super::Charts;
use crate::metric::{Summary, find};
use crate::report::decimal;
use crate::report::plot::Ink;
use crate::report::terminal::figure;

/// One thing in a section.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Block {
    /// A paragraph.
    Text(String),
    /// Headline figures.
    Cards(Vec<Card>),
    /// A table.
    Table(Table),
    /// Pictures over one time axis, with hover and zoom.
    Charts(Charts),
    /// Pictures beside each other, each an SVG with a title of its own.
    Pictures(Vec<String>),
    /// Conditions and what became of them.
    Checks(Vec<Check>),
    /// A text as it stands in a file.
    Source(String),
    /// What is shown when somebody asks for it.
    Fold(Fold),
}

impl Block {
    pub(super) fn is_charts(&self) -> bool {
        matches!(self, Self::Charts(_))
    }
}

/// Blocks behind a line that opens them.
#[derive(Debug, Serialize)]
pub(crate) struct Fold {
    pub(crate) summary: String,
    pub(crate) blocks: Vec<Block>,
}

/// A headline figure.
#[derive(Debug, Serialize)]
pub(crate) struct Card {
    pub(crate) name: &'static str,
    pub(crate) value: Cell,
    /// What is to be known of it.
    pub(crate) note: String,
}

/// A condition.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    /// Whether it holds; `None` if that is open.
    pub(crate) holds: Option<bool>,
    /// What that means, in a word.
    pub(crate) word: &'static str,
    pub(crate) expression: String,
    pub(crate) measured: String,
}

/// A table. The first cell of each row is its heading.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    /// The last row, set apart: a sum.
    pub(crate) foot: Option<Row>,
}

/// A column of a table.
#[derive(Debug, Serialize)]
pub(crate) struct Column {
    pub(crate) name: Cow<'static, str>,
    /// Whether it holds figures, which stand at the right.
    pub(crate) figures: bool,
}

impl Column {
    pub(crate) fn text(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), figures: false }
    }

    pub(crate) fn figures(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), figures: true }
    }
}

/// Cells side by side.
pub(crate) type Row = Vec<Cell>;

/// A cell of a table.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// A remark in small letters.
    note: Option<String>,
    /// The colour that stands for what it says.
    ink: Option<&'static str>,
    /// Whether it says the same as the cell above, and so is only read aloud.
    quiet: bool,
    /// A word that is set apart: `better`, `worse`.
    mark: Option<&'static str>,
    /// The figure of `summary.json` that it shows, or whose mean over many runs it shows.
    metric: Option<&'static str>,
    /// That figure as it stands in JSON.
    value: Option<String>,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number of things; nothing is shown as a dash.
    pub(crate) fn count(number: u64) -> Self {
        Self::new(if number == 0 {
            "–".to_owned()
        } else {
            crate::report::terminal::grouped(number as f64)
        })
    }

    /// A figure of a run, as people read it.
    pub(crate) fn figure(summary: &Summary, path: &'static str) -> Self {
        debug_assert!(find(path).is_some(), "{path} is no metric");
        let value = summary.get(path).map(|value| value.number);
        let bound = if summary.is_censored(path) { "≥ " } else { "" };
        let text = if summary.has(path) { figure(path, value) } else { "–".to_owned() };
        Self { metric: Some(path), value: value.map(decimal), ..Self::new(format!("{bound}{text}")) }
    }

    /// The mean of the figure at `path`, in words.
    pub(crate) fn mean(path: &'static str, mean: Option<f64>, text: impl Into<String>) -> Self {
        Self { metric: Some(path), value: mean.map(decimal), ..Self::new(text) }
    }

    /// The same in other words.
    pub(crate) fn saying(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    /// The same, where it says what the cell above says if `quiet`: then it is only read aloud.
    pub(crate) fn quiet(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    pub(crate) fn with_ink(self, ink: Ink) -> Self {
        Self { ink: Some(ink.name()), ..self }
    }

    pub(crate) fn with_note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    pub(crate) fn with_mark(self, mark: &'static str) -> Self {
        Self { mark: Some(mark).filter(|mark| !mark.is_empty()), ..self }
    }
}
