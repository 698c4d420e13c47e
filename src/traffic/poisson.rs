//! Requests that arrive independently of each other: their number scatters by itself.

use rand_chacha::ChaCha8Rng;

use super::drawn::ShapeDraws;
use super::noise::intervals;
use super::{Law, Levels, Rate, Shape};
use crate::random::{Purpose, unit};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "poisson-requests",
    statement: "The number of requests in an interval is a Poisson number whose mean is the shape's area there; they \
                arrive evenly within the interval.",
    source: "a Poisson process; numbers with a mean of ten or more by transformed rejection: W. Hörmann, The \
             transformed rejection method for generating Poisson random variables (1993), algorithm PTRS",
    confidence: Confidence::Estimate,
}];

/// From this mean on numbers are drawn by rejection; below, counting is quicker.
const MANY: f64 = 10.0;

/// A shape whose requests arrive by chance.
#[derive(Clone, Debug, PartialEq)]
pub struct Poisson {
    /// The mean rate.
    pub of: Box<Shape>,
    /// The length of an interval; longer than nothing.
    pub every: Span,
}

impl Poisson {
    /// The rates, if `requests` says how many are expected between two instants.
    pub(super) fn drawn(&self, draws: &ShapeDraws, requests: impl Fn(SimTime, SimTime) -> f64) -> Levels {
        Levels::new(intervals(draws.horizon, self.every).map(|(number, from)| {
            let mean = requests(from, from + self.every);
            let count = poisson(mean, &mut draws.of(Purpose::Requests, number));
            (from, Rate(count / self.every.as_secs_f64()))
        }))
    }
}

/// A Poisson number with this mean.
fn poisson(mean: f64, draws: &mut ChaCha8Rng) -> f64 {
    if mean >= MANY {
        return by_rejection(mean, draws);
    }
    let (end, mut product, mut count) = (libm::exp(-mean), unit(draws), 0.0);
    while product > end {
        product *= unit(draws);
        count += 1.0;
    }
    count
}

/// Hörmann's PTRS: nine draws of ten are accepted at once, without a logarithm.
fn by_rejection(mean: f64, draws: &mut ChaCha8Rng) -> f64 {
    let b = 0.931 + 2.53 * libm::sqrt(mean);
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let v_r = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let u = unit(draws) - 0.5;
        let v = unit(draws);
        let us = 0.5 - libm::fabs(u);
        let count = libm::floor((2.0 * a / us + b) * u + mean + 0.43);
        if us >= 0.07 && v <= v_r {
            return count;
        }
        // The unit number can be 1, and then nothing is left of `us`.
        if us <= 0.0 || count < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        let hat = libm::log(v * inverse_alpha / (a / (us * us) + b));
        if hat <= count * libm::log(mean) - mean - libm::lgamma(count + 1.0) {
            return count;
        }
    }
}

/// Until the numbers are drawn they are their means.
impl Law for Poisson {
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
