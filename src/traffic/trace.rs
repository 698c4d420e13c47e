//! Traffic as it once was: the levels of a trace, put somewhere into a run.

use super::{Law, Levels, Rate};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "trace-count",
        statement: "A trace's number of requests arrives evenly from its row's instant to the next row's; where rows \
                    are missing (the next is at least twice the median distance away) it arrives within that \
                    distance and nothing in the rest, and the last row lasts that long too.",
        source: "how logs are counted: intervals without requests have no row",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "trace-rate",
        statement: "A trace's rate holds from its row's instant to the next row's, over missing rows too; the last \
                    row holds for the median distance.",
        source: "how sampled values are read where nothing else is known",
        confidence: Confidence::Estimate,
    },
];

/// A trace in a run: nothing arrives before it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    levels: Levels,
    length: Span,
    requests: f64,
    start: SimTime,
    repeats: bool,
}

impl Trace {
    /// Levels that begin at zero and end after `length`, longer than nothing, from `start` of the run on: once, or
    /// again and again.
    pub fn new(
        levels: impl IntoIterator<Item = (SimTime, Rate)>,
        length: Span,
        start: SimTime,
        repeats: bool,
    ) -> Self {
        let end = SimTime(length.0);
        let levels = levels.into_iter().take_while(|(from, _)| *from < end);
        let levels = Levels::new(levels.chain([(end, Rate::ZERO)]));
        let requests = levels.requests_between(SimTime::ZERO, end);
        Self { levels, length, requests, start, repeats }
    }

    /// How many requests it has, once through.
    pub fn requests(&self) -> f64 {
        self.requests
    }

    /// When it ends, if it does.
    pub fn end(&self) -> Option<SimTime> {
        (!self.repeats).then(|| self.start + self.length)
    }

    /// How often it is over, and where in it `time` is; `time` is not before its start.
    fn place(&self, time: SimTime) -> (u64, SimTime) {
        let since = time.since(self.start).0;
        if self.repeats {
            (since / self.length.0, SimTime(since % self.length.0))
        } else {
            (0, SimTime(since))
        }
    }
}

impl Law for Trace {
    fn rate_at(&self, time: SimTime) -> Rate {
        if time < self.start { Rate::ZERO } else { self.levels.rate_at(self.place(time).1) }
    }

    fn requests_between(&self, from: SimTime, to: SimTime) -> f64 {
        let (first, begin) = self.place(from.max(self.start));
        let (last, end) = self.place(to.max(self.start));
        if from >= to || first == last {
            return self.levels.requests_between(begin, end);
        }
        let rest = self.levels.requests_between(begin, SimTime(self.length.0));
        let whole = (last - first - 1) as f64 * self.requests;
        rest + whole + self.levels.requests_between(SimTime::ZERO, end)
    }

    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime> {
        if after < self.start {
            return Some(self.start);
        }
        let (_, place) = self.place(after);
        let end = self.repeats.then_some(SimTime(self.length.0));
        let next = self.levels.next_breakpoint(place).or(end)?;
        Some(after + next.since(place))
    }

    fn is_level_at(&self, _: SimTime) -> bool {
        true
    }

    fn peak(&self) -> Rate {
        self.levels.peak()
    }
}
