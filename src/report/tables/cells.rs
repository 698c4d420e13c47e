//! Rows as cells, whatever is made of them.

use std::fmt;
use std::io;

use crate::cost::Micros;
use crate::object::Title;
use crate::units::SimTime;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// Seconds since the start of the run.
    Seconds,
    /// A whole number.
    Count,
    /// Any number.
    Number,
    /// Money in millionths.
    Money,
}

/// The name of a column, and what it holds.
pub(super) type Column = (&'static str, Kind);

/// Takes the cells of a row, from left to right, each by the method of its column's kind. Empty text and a time that is
/// not there are missing.
pub(super) trait Cells {
    fn text(&mut self, text: &str);

    /// Text that is still to be put together.
    fn words(&mut self, words: fmt::Arguments<'_>);

    /// The title of an object, as text.
    fn title(&mut self, title: &Title<'_>);

    /// How many of how many, as text.
    fn ratio(&mut self, some: u32, all: u32);

    fn seconds(&mut self, time: Option<SimTime>);

    fn count(&mut self, count: i64);

    fn number(&mut self, number: f64);

    fn money(&mut self, amount: Micros);
}

/// A row of a table.
pub(super) trait Row {
    /// Hands out its cells.
    fn fill(&self, cells: &mut impl Cells);
}

/// A file that takes rows.
pub(super) trait Rows {
    /// Takes a row.
    fn write(&mut self, row: &impl Row) -> io::Result<()>;

    /// Writes what is left.
    fn finish(self) -> io::Result<()>;
}
