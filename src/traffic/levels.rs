//! Rates that stay from one instant to the next: what a trace says, and what chance has drawn.

use std::sync::Arc;

use super::{Law, Rate};
use crate::units::SimTime;

/// Up to so many levels are added up one by one: the difference of two running totals is less exact.
const FEW: usize = 64;

/// A rate that jumps from level to level. It is zero before the first; the last one stays.
///
/// A look-up takes logarithmic time, and so does an integral, however many levels it spans.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels(Arc<[Level]>);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Level {
    from: SimTime,
    rate: Rate,
    /// How many requests the levels before have had.
    before: f64,
}

impl Levels {
    /// The levels that begin at these instants, in order of time; of two that begin together the later counts.
    pub fn new(levels: impl IntoIterator<Item = (SimTime, Rate)>) -> Self {
        let mut all: Vec<Level> = Vec::new();
        for (from, rate) in levels {
            debug_assert!(all.last().is_none_or(|last| last.from <= from), "levels are in order of time");
            all.pop_if(|last| last.from == from);
            let before = all.last().map_or(0.0, |last| last.before + last.requests(last.from, from));
            if all.last().is_none_or(|last| last.rate.0.to_bits() != rate.0.to_bits()) {
                all.push(Level { from, rate, before });
            }
        }
        Self(all.into())
    }

    /// How many levels begin at `time` or before.
    fn begun(&self, time: SimTime) -> usize {
        self.0.partition_point(|level| level.from <= time)
    }
}

impl Level {
    fn requests(&self, from: SimTime, to: SimTime) -> f64 {
        self.rate.0 * to.since(from).as_secs_f64()
    }
}

impl Law for Levels {
    fn rate_at(&self, time: SimTime) -> Rate {
        self.begun(time).checked_sub(1).map_or(Rate::ZERO, |index| self.0[index].rate)
    }

    fn requests_between(&self, from: SimTime, to: SimTime) -> f64 {
        let (first, end) = (self.begun(from).saturating_sub(1), self.begun(to));
        if from >= to || end == 0 {
            return 0.0;
        }
        let touched = &self.0[first..end];
        let until = |index: usize| touched.get(index + 1).map_or(to, |next| next.from);
        let part = |index: usize| touched[index].requests(touched[index].from.max(from), until(index));
        let last = touched.len() - 1;
        if last < FEW {
            return (0..=last).map(part).sum();
        }
        part(0) + (touched[last].before - touched[1].before) + part(last)
    }

    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime> {
        self.0.get(self.begun(after)).map(|level| level.from)
    }

    fn is_level_at(&self, _: SimTime) -> bool {
        true
    }

    fn peak(&self) -> Rate {
        self.0.iter().map(|level| level.rate).fold(Rate::ZERO, Rate::max)
    }
}
