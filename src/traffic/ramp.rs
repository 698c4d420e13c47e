//! A rate that changes steadily from one value to another.

use super::{Line, Lines, Rate};
use crate::units::{SimTime, Span};

/// A rate that changes steadily and then stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// When the change begins.
    pub at: SimTime,
    /// How long it takes.
    pub over: Span,
    /// The rate before.
    pub before: Rate,
    /// The rate after.
    pub after: Rate,
}

impl Lines for Ramp {
    fn lines(&self) -> impl AsRef<[Line]> {
        [
            Line::level(SimTime::ZERO, self.before),
            Line::between(self.at, self.over, self.before, self.after),
            Line::level(self.at + self.over, self.after),
        ]
    }
}
