//! Traffic that strays from its shape at random.

use super::drawn::ShapeDraws;
use super::{Law, Levels, Rate, Shape};
use crate::random::{Purpose, standard_normal};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "traffic-noise",
    statement: "Noise multiplies a shape by a log-normal factor with mean 1 and the given standard deviation, drawn \
                anew for every interval.",
    source: "this simulator's own definition: the factor is positive and leaves the mean as it is",
    confidence: Confidence::Estimate,
}];

/// A shape with noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Noise {
    /// What is strayed from.
    pub of: Box<Shape>,
    /// The standard deviation of the factor.
    pub deviation: f64,
    /// How long a factor holds; longer than nothing.
    pub every: Span,
}

impl Noise {
    /// The factors.
    pub(super) fn drawn(&self, draws: &ShapeDraws) -> Levels {
        // The mean of a log-normal number is exp(mu + variance / 2).
        let variance = libm::log1p(self.deviation * self.deviation);
        let (mu, sigma) = (-variance / 2.0, libm::sqrt(variance));
        Levels::new(intervals(draws.horizon, self.every).map(|(number, from)| {
            let normal = standard_normal(&mut draws.of(Purpose::Noise, number));
            (from, Rate(libm::exp(mu + sigma * normal)))
        }))
    }
}

/// The intervals of a run, numbered from 0, and when they begin.
pub(super) fn intervals(horizon: SimTime, every: Span) -> impl Iterator<Item = (u32, SimTime)> {
    let count = horizon.0.div_ceil(every.0);
    (0..u32::try_from(count).unwrap_or(u32::MAX))
        .map(move |number| (number, SimTime(u64::from(number) * every.0)))
}

/// Until the factors are drawn they are 1.
impl Law for Noise {
    fn rate_at(&self, time: SimTime) -> Rate {
        self.of.rate_at(time)
    }

    fn requests_between(&self, from: SimTime, to: SimTime) -> f64 {
        self.of.requests_between(from, to)
    }

    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime> {
        self.of.next_breakpoint(after)
    }

    fn is_level_at(&self, time: SimTime) -> bool {
        self.of.is_level_at(time)
    }

    fn peak(&self) -> Rate {
        self.of.peak()
    }

    fn highest_between(&self, from: SimTime, to: SimTime) -> Rate {
        self.of.highest_between(from, to)
    }
}
