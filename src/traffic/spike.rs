//! A rise to a peak and back.

use super::{Line, Lines, Rate};
use crate::units::{SimTime, Span};

/// A rate that rises steadily to a peak, stays there for a while and falls back steadily.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spike {
    /// When the rise begins.
    pub at: SimTime,
    /// How long it rises.
    pub rise: Span,
    /// How long it stays at the peak.
    pub hold: Span,
    /// How long it falls.
    pub decay: Span,
    /// The rate before and after; zero if the scenario is silent, for a spike on top of something else.
    pub base: Rate,
    /// The rate at the peak, base included.
    pub peak: Rate,
}

impl Lines for Spike {
    fn lines(&self) -> impl AsRef<[Line]> {
        let top = self.at + self.rise;
        let descent = top + self.hold;
        [
            Line::level(SimTime::ZERO, self.base),
            Line::between(self.at, self.rise, self.base, self.peak),
            Line::level(top, self.peak),
            Line::between(descent, self.decay, self.peak, self.base),
            Line::level(descent + self.decay, self.base),
        ]
    }
}
