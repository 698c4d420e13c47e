//! One rate, then another.

use super::{Line, Lines, Rate};
use crate::units::SimTime;

/// A rate that jumps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// When it jumps.
    pub at: SimTime,
    /// The rate before.
    pub before: Rate,
    /// The rate from then on.
    pub after: Rate,
}

impl Lines for Step {
    fn lines(&self) -> impl AsRef<[Line]> {
        [Line::level(SimTime::ZERO, self.before), Line::level(self.at, self.after)]
    }
}
