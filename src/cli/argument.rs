//! Where something is on the command line.

use overspill_manifest::{Place, Position, Source};

/// The place of so many characters from a column on, counted from 1, in what was given to an option.
pub(super) fn argument(option: &str, text: &str, column: usize, width: usize) -> Place {
    let position = Position { line: 1, column, width: width.max(1) };
    Source::new(option, text).place(Some(position))
}
