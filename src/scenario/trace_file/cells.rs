//! The cells of a table, row by row, for whoever reads more than instants and counts.

use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};
use overspill_manifest::{Diagnostic, Source, code};

use super::{MOST_TOLD, content, place_of};

/// A table whose rows are read one after the other, without being kept.
pub(in crate::scenario) struct Cells<'s> {
    source: &'s Arc<Source>,
}

/// One row.
pub(in crate::scenario) struct Cell<'r> {
    source: &'r Arc<Source>,
    record: &'r StringRecord,
}

/// What is wrong with a cell.
pub(in crate::scenario) type CellError = Box<Diagnostic>;

impl<'s> Cells<'s> {
    /// The rows below the header of a file.
    pub(in crate::scenario) fn of(source: &'s Arc<Source>) -> Self {
        Self { source }
    }

    /// Shows each row in order; all that is wrong, up to a bound, one mistake of each row.
    pub(in crate::scenario) fn each(
        &self,
        mut read: impl FnMut(&Cell<'_>) -> Result<(), CellError>,
    ) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(content(self.source).as_bytes());
        let mut record = StringRecord::new();
        let mut is_empty = true;
        // What is in memory can be read, and is text.
        while reader.read_record(&mut record).unwrap_or(false) && problems.len() < MOST_TOLD {
            is_empty = false;
            problems.extend(read(&Cell { source: self.source, record: &record }).err().map(|told| *told));
        }
        if is_empty {
            let message = "there is no row below the header";
            problems.push(Diagnostic::new(&code::EMPTY, message).at(self.source.place(None)));
        }
        problems
    }
}

impl Cell<'_> {
    /// The text of a cell; empty where the row ends before it.
    pub(in crate::scenario) fn text(&self, column: usize) -> &str {
        self.record.get(column).map_or("", str::trim)
    }

    /// What the text of a cell means, which must be `what`; `help` says how to mend it.
    pub(in crate::scenario) fn read<T>(
        &self,
        column: usize,
        meaning: impl FnOnce(&str) -> Option<T>,
        what: &str,
        help: &str,
    ) -> Result<T, CellError> {
        let text = self.text(column);
        meaning(text).ok_or_else(|| self.wrong(column, format!("{text:?} is not {what}"), help))
    }

    /// Something wrong with a cell.
    pub(in crate::scenario) fn wrong(&self, column: usize, message: String, help: &str) -> CellError {
        let line = self.record.position().map_or(0, |position| position.line() as usize);
        let place = place_of(self.source, line, column);
        Box::new(Diagnostic::new(&code::WRONG_VALUE, message).at(place).help(help.to_owned()))
    }
}
