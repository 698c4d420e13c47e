//! Bursts that come at random, independently of each other.

use super::drawn::ShapeDraws;
use super::{Levels, Line, Lines, Rate};
use crate::random::{Purpose, standard_exponential};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "poisson-bursts",
    statement: "Bursts begin as a Poisson process, each lasts for an exponential time, and those that overlap add up: \
                the average rate is base + height × arrivals × lasts, from the start of the run on.",
    source: "shot noise (Campbell's theorem); the number of bursts at an instant is that of customers in M/M/∞",
    confidence: Confidence::Estimate,
}];

/// So many mean lengths before the run the process begins: of what began earlier, one burst in 10⁸ would be left.
const RUN_IN: u64 = 20;

/// Bursts on top of a base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bursts {
    /// The rate between bursts.
    pub base: Rate,
    /// What each burst adds.
    pub height: Rate,
    /// The mean time from the beginning of one burst to that of the next; longer than nothing.
    pub every: Span,
    /// The mean length of a burst.
    pub lasts: Span,
}

impl Bursts {
    /// The average rate.
    pub fn mean(&self) -> Rate {
        let bursts = self.lasts.as_secs_f64() / self.every.as_secs_f64();
        Rate(self.base.0 + self.height.0 * bursts)
    }

    fn run_in(&self) -> Span {
        Span(self.lasts.0.saturating_mul(RUN_IN))
    }

    /// How many bursts are drawn in the mean for a run.
    pub fn expected(&self, horizon: SimTime) -> f64 {
        (horizon + self.run_in()).as_secs_f64() / self.every.as_secs_f64()
    }

    pub(super) fn drawn(&self, draws: &ShapeDraws) -> Levels {
        // Time counts from the beginning of the run-in here, and from that of the run in `edges`.
        let zero = SimTime(self.run_in().0);
        let in_run = |time: SimTime| SimTime(time.since(zero).0);
        let end = draws.horizon + self.run_in();
        let mut edges: Vec<(SimTime, i64)> = Vec::new();
        let mut begins = SimTime::ZERO;
        for number in 0.. {
            let mut draw = draws.of(Purpose::Burst, number);
            begins += self.every.times(standard_exponential(&mut draw));
            if begins >= end {
                break;
            }
            let ends = begins + self.lasts.times(standard_exponential(&mut draw));
            if ends > zero {
                edges.extend([(in_run(begins), 1), (in_run(ends), -1)]);
            }
        }
        edges.sort_unstable();
        let mut bursts = 0;
        let levels = edges.into_iter().map(|(at, change)| {
            bursts += change;
            // Several edges may share an instant, and ends are sorted before beginnings.
            (at, Rate(self.base.0 + self.height.0 * bursts as f64))
        });
        Levels::new([(SimTime::ZERO, self.base)].into_iter().chain(levels))
    }
}

/// Until they are drawn, bursts are their average.
impl Lines for Bursts {
    fn lines(&self) -> impl AsRef<[Line]> {
        [Line::level(SimTime::ZERO, self.mean())]
    }
}
