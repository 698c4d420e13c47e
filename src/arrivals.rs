//! When the pods of a source arrive, and how many at once: what chance decides follows from the seed, the source and the
//! number of the arrival alone.

mod pod_trace;
mod varying;

use crate::capacity::Law;
use crate::random::{Purpose, Stream, below, generator, standard_exponential, unit};
use crate::rule::{Confidence, Rule};
use crate::traffic::{Draws, Law as _, Shape};
use crate::units::{SimTime, Span};

pub use pod_trace::{PodTrace, PodTraceBuilder, TraceEnd, TracePod};

/// When pods come that no controller makes.
pub(crate) const RULES: &[&[Rule]] = &[SOURCES, pod_trace::RULES];

const SOURCES: &[Rule] = &[
    Rule {
        id: "arrivals-varying",
        statement: "Pods of a source with a varying rate arrive as a Poisson process with that rate: between two of them \
                    the area below the rate is exponential with mean 1, found to the nanosecond and not by thinning.",
        source: "the time change of a Poisson process (textbooks of stochastic processes)",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "arrivals-batch",
        statement: "The pods of a batch arrive at one instant; `max` counts pods, and cuts a batch short.",
        source: "this simulator's own definition",
        confidence: Confidence::Estimate,
    },
];

/// When pods arrive.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// At a mean rate, independently of each other; the mean distance.
    Poisson(Span),
    /// Independently of each other at a rate that varies.
    Varying(Shape),
    /// At distances that are drawn one by one.
    Renewal(Law),
    /// At equal distances.
    Regular {
        /// The distance.
        every: Span,
        /// When the first arrives after the source's start.
        first: Span,
    },
}

impl Arrivals {
    /// The arrivals as they are when the course of their rate has been drawn, if it is left to chance; `stream` is the
    /// source's own.
    #[must_use]
    pub fn drawn(&self, seed: u64, stream: u32, horizon: SimTime) -> Self {
        match self {
            Self::Varying(shape) => Self::Varying(shape.drawn(&mut Draws::new(seed, stream, horizon))),
            settled => settled.clone(),
        }
    }

    /// When arrival `number` happens, of which `last` is the one before, or the source's start; `None` for never.
    pub fn next(&self, number: u64, last: SimTime, seed: u64, stream: Stream) -> Option<SimTime> {
        let draws = || generator(seed, Purpose::Arrival, stream);
        Some(match self {
            Self::Regular { first, .. } if number == 0 => last + *first,
            Self::Regular { every, .. } => last + *every,
            Self::Poisson(mean) => last + Law::Exponential { mean: *mean }.draw(&mut draws()),
            Self::Renewal(distance) => last + distance.draw(&mut draws()),
            Self::Varying(shape) => return varying::reaches(shape, last, standard_exponential(&mut draws())),
        })
    }

    /// How many arrivals are expected from `from` until `to`.
    pub fn expected(&self, from: SimTime, to: SimTime) -> f64 {
        let (from, every) = match self {
            Self::Varying(shape) => return shape.requests_between(from, to),
            Self::Regular { every, first } => (from + *first, *every),
            Self::Poisson(mean) => (from, *mean),
            Self::Renewal(distance) => (from, distance.mean()),
        };
        to.since(from).0 as f64 / every.0.max(1) as f64
    }
}

/// How many pods arrive together.
#[derive(Clone, Debug, PartialEq)]
pub enum BatchSize {
    /// Always so many.
    Constant(u32),
    /// As many as from `min` to `max`, both included, each number as likely.
    Uniform {
        /// The fewest.
        min: u32,
        /// The most.
        max: u32,
    },
    /// At least one, and another after each with the same chance.
    Geometric {
        /// The mean, at least 1.
        mean: f64,
    },
    /// One of these numbers, each with the weight of all up to it.
    Empirical(Vec<(u32, f64)>),
}

impl BatchSize {
    /// One of these numbers, each as likely as its weight says; one of them has a weight.
    pub fn empirical(mut weighted: Vec<(u32, f64)>) -> Self {
        weighted.retain(|&(_, weight)| weight > 0.0);
        let mut total = 0.0;
        for (_, weight) in &mut weighted {
            total += *weight;
            *weight = total;
        }
        Self::Empirical(weighted)
    }

    /// Draws one size.
    pub fn draw(&self, seed: u64, stream: Stream) -> u32 {
        let mut draws = generator(seed, Purpose::BatchSize, stream);
        match self {
            Self::Constant(size) => *size,
            Self::Uniform { min, max } => min + below(&mut draws, (max - min) as usize + 1) as u32,
            Self::Geometric { mean } if *mean <= 1.0 => 1,
            Self::Geometric { mean } => {
                // The inverse: the first number that a share of less than the drawn one exceeds.
                let more = libm::log(unit(&mut draws)) / libm::log1p(-1.0 / mean);
                1 + more.floor() as u32
            }
            Self::Empirical(sizes) => {
                let total = sizes.last().map_or(0.0, |&(_, up_to)| up_to);
                let wanted = unit(&mut draws) * total;
                let place = sizes.partition_point(|&(_, up_to)| up_to < wanted);
                sizes.get(place).or(sizes.last()).map_or(0, |&(size, _)| size)
            }
        }
    }

    /// The average of many draws.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(size) => f64::from(*size),
            Self::Uniform { min, max } => f64::midpoint(f64::from(*min), f64::from(*max)),
            Self::Geometric { mean } => *mean,
            Self::Empirical(sizes) => {
                let mut before = 0.0;
                let mut sum = 0.0;
                for &(size, up_to) in sizes {
                    sum += f64::from(size) * (up_to - before);
                    before = up_to;
                }
                sum / before
            }
        }
    }
}

#[cfg(test)]
mod tests;
