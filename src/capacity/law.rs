//! Laws of chance for spans of time.

mod empirical;
mod gamma;
mod pareto;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::random::{standard_exponential, standard_normal, unit};
use crate::units::Span;

pub use empirical::{Empirical, EmpiricalError};

/// How a span of time is distributed.
///
/// Draws are made here from the generator's bits, with `libm`. A crate of distributions takes its logarithms from the
/// platform as soon as any other dependency turns on the standard library in their common base (`num-traits`), and
/// results must be the same on every machine. A draw takes a fixed number of the generator's outputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Always the same.
    Constant(Span),
    /// Exponential: no memory.
    Exponential {
        /// The mean.
        mean: Span,
    },
    /// Log-normal: the logarithm is normal.
    LogNormal {
        /// The median: half of the draws are below.
        median: Span,
        /// The standard deviation of the logarithm, a pure number.
        sigma: f64,
    },
    /// Every nanosecond from `min` to `max`, both included, is as likely.
    Uniform {
        /// The smallest.
        min: Span,
        /// The largest.
        max: Span,
    },
    /// Weibull: the longer it has lasted, the less likely it is to end soon (shape below 1), or the more (above 1).
    Weibull {
        /// The scale: 63 % of the draws are below.
        scale: Span,
        /// The shape, a pure number.
        shape: f64,
    },
    /// Gamma; with a whole shape the sum of so many exponential spans (Erlang's law).
    Gamma {
        /// The mean.
        mean: Span,
        /// The shape, a pure number: the square of mean over standard deviation.
        shape: f64,
    },
    /// Pareto between two bounds: a heavy tail that is cut off.
    Pareto {
        /// The smallest.
        min: Span,
        /// The largest.
        max: Span,
        /// The exponent of the tail, a pure number: the smaller, the heavier.
        alpha: f64,
    },
    /// As it was measured: one of the values, each as likely as its weight says.
    Empirical(Empirical),
}

/// Why a law makes no sense.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LawError {
    /// Sigma is not a number that scatter could have.
    #[error("sigma is {0}: give the standard deviation of the logarithm, from 0 to 5")]
    Sigma(f64),
    /// The bounds are the wrong way round.
    #[error("min {min} is above max {max}: swap them")]
    Bounds {
        /// The lower bound given.
        min: Span,
        /// The upper bound given.
        max: Span,
    },
    /// The shape is not a number within reason.
    #[error("shape is {0}: give a number from {LEAST_SHAPE} to {GREATEST_SHAPE}")]
    Shape(f64),
    /// The exponent is not a number within reason.
    #[error("alpha is {0}: give a number from {LEAST_SHAPE} to {GREATEST_SHAPE}")]
    Alpha(f64),
    /// A Pareto law begins at nothing.
    #[error("min is 0s: a Pareto law begins above nothing")]
    FromNothing,
}

/// With a wider scatter the mean is hundreds of thousands of medians: a slip of the pen.
const LARGEST_SIGMA: f64 = 5.0;
/// With a smaller shape the mean of Weibull's law is millions of scales: a slip of the pen.
const LEAST_SHAPE: f64 = 0.1;
/// With a greater one a law is as good as constant.
const GREATEST_SHAPE: f64 = 1000.0;

impl Law {
    /// Whether the parameters make sense; to be asked before the first draw.
    pub fn check(&self) -> Result<(), LawError> {
        let is_shape = |shape: f64| (LEAST_SHAPE..=GREATEST_SHAPE).contains(&shape);
        match *self {
            Self::LogNormal { sigma, .. } if !(0.0..=LARGEST_SIGMA).contains(&sigma) => {
                Err(LawError::Sigma(sigma))
            }
            Self::Uniform { min, max } | Self::Pareto { min, max, .. } if min > max => {
                Err(LawError::Bounds { min, max })
            }
            Self::Weibull { shape, .. } | Self::Gamma { shape, .. } if !is_shape(shape) => {
                Err(LawError::Shape(shape))
            }
            Self::Pareto { alpha, .. } if !is_shape(alpha) => Err(LawError::Alpha(alpha)),
            Self::Pareto { min: Span::ZERO, .. } => Err(LawError::FromNothing),
            _ => Ok(()),
        }
    }

    /// Draws one span.
    pub fn draw(&self, generator: &mut ChaCha8Rng) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Exponential { mean } => mean.times(standard_exponential(generator)),
            Self::LogNormal { median, sigma } => median.times(libm::exp(sigma * standard_normal(generator))),
            Self::Uniform { min, max } => {
                let choices = u128::from(max.0.saturating_sub(min.0)) + 1;
                Span(min.0 + ((u128::from(generator.next_u64()) * choices) >> 64) as u64)
            }
            Self::Weibull { scale, shape } => {
                scale.times(libm::pow(standard_exponential(generator), 1.0 / shape))
            }
            Self::Gamma { mean, shape } => mean.times(gamma::standard(shape, generator) / shape),
            Self::Pareto { min, max, alpha } => pareto::inverse(min, max, alpha, unit(generator)),
            Self::Empirical(ref measured) => measured.draw(generator),
        }
    }

    /// The average of many draws.
    pub fn mean(&self) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Exponential { mean } | Self::Gamma { mean, .. } => mean,
            Self::LogNormal { median, sigma } => median.times(libm::exp(sigma * sigma / 2.0)),
            Self::Uniform { min, max } => Span(u64::midpoint(min.0, max.0)),
            Self::Weibull { scale, shape } => scale.times(libm::tgamma(1.0 + 1.0 / shape)),
            Self::Pareto { min, max, alpha } => pareto::mean(min, max, alpha),
            Self::Empirical(ref measured) => measured.mean(),
        }
    }
}

#[cfg(test)]
mod tests;
