//! Rates that consist of straight lines, and their exact integrals.

use super::{Law, Rate};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "traffic-integral",
    statement: "The requests of any span are the area below the rate, exactly, whatever the steps are.",
    source: "this simulator's own definition",
    confidence: Confidence::Estimate,
}];

/// A straight line that holds until the next one begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// When it begins.
    pub from: SimTime,
    /// The rate where it begins.
    pub rate: Rate,
    /// By how many requests per second the rate grows every second.
    pub slope: f64,
}

impl Line {
    /// A rate that stays.
    pub const fn level(from: SimTime, rate: Rate) -> Self {
        Self { from, rate, slope: 0.0 }
    }

    /// The line from `start` to `end` over `length`; without length it is the end itself.
    pub fn between(from: SimTime, length: Span, start: Rate, end: Rate) -> Self {
        if length == Span::ZERO {
            return Self::level(from, end);
        }
        Self { from, rate: start, slope: (end.0 - start.0) / length.as_secs_f64() }
    }

    pub(super) fn rate_after(&self, seconds: f64) -> f64 {
        self.rate.0 + self.slope * seconds
    }

    /// The rate at an instant of the line.
    pub(super) fn rate_at(&self, time: SimTime) -> Rate {
        Rate(self.rate_after(time.since(self.from).as_secs_f64()))
    }

    /// The area below the line: its height in the middle times its length.
    pub(super) fn area(&self, from: SimTime, to: SimTime) -> f64 {
        let begin = from.since(self.from).as_secs_f64();
        let length = to.since(from).as_secs_f64();
        self.rate_after(begin + length / 2.0) * length
    }
}

/// A law that consists of straight lines.
pub trait Lines {
    /// The lines in order of time, the first of them from the start on; of two that begin together the later counts.
    /// Each line begins where the one before ended, or jumps; the last is level.
    fn lines(&self) -> impl AsRef<[Line]>;

    /// The line that holds right after `time`.
    fn line_at(&self, time: SimTime) -> Option<Line> {
        self.lines().as_ref().iter().rfind(|line| line.from <= time).copied()
    }
}

impl<T: Lines> Law for T {
    fn rate_at(&self, time: SimTime) -> Rate {
        self.line_at(time).map_or(Rate::ZERO, |line| line.rate_at(time))
    }

    fn requests_between(&self, from: SimTime, to: SimTime) -> f64 {
        let lines = self.lines();
        let lines = lines.as_ref();
        let ends = lines.iter().skip(1).map(|line| line.from).chain([SimTime(u64::MAX)]);
        let parts = lines.iter().zip(ends).map(|(line, end)| (line, line.from.max(from), end.min(to)));
        parts.filter(|(_, begin, end)| begin < end).map(|(line, begin, end)| line.area(begin, end)).sum()
    }

    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime> {
        self.lines().as_ref().iter().map(|line| line.from).find(|&from| from > after)
    }

    fn is_level_at(&self, time: SimTime) -> bool {
        self.lines().as_ref().iter().rfind(|line| line.from <= time).is_none_or(|line| line.slope == 0.0)
    }

    /// Each line ends where the next begins, so that the highest point is the beginning of one.
    fn peak(&self) -> Rate {
        self.lines().as_ref().iter().map(|line| line.rate).fold(Rate::ZERO, Rate::max)
    }
}
