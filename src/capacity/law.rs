//! Laws of chance for spans of time.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::random::{standard_exponential, standard_normal};
use crate::units::Span;

/// How a span of time is distributed.
///
/// Draws are made here from the generator's bits, with `libm`. A crate of distributions takes its logarithms from the
/// platform as soon as any other dependency turns on the standard library in their common base (`num-traits`), and
/// results must be the same on every machine. A draw takes a fixed number of the generator's outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
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
}

/// With a wider scatter the mean is hundreds of thousands of medians: a slip of the pen.
const LARGEST_SIGMA: f64 = 5.0;

impl Law {
    /// Whether the parameters make sense; to be asked before the first draw.
    pub fn check(&self) -> Result<(), LawError> {
        match *self {
            Self::LogNormal { sigma, .. } if !(0.0..=LARGEST_SIGMA).contains(&sigma) => {
                Err(LawError::Sigma(sigma))
            }
            Self::Uniform { min, max } if min > max => Err(LawError::Bounds { min, max }),
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
        }
    }

    /// The span that half of the draws do not exceed.
    pub fn median(&self) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Exponential { mean } => mean.times(std::f64::consts::LN_2),
            Self::LogNormal { median, .. } => median,
            Self::Uniform { min, max } => Span(u64::midpoint(min.0, max.0)),
        }
    }

    /// The average of many draws.
    pub fn mean(&self) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Exponential { mean } => mean,
            Self::LogNormal { median, sigma } => median.times(libm::exp(sigma * sigma / 2.0)),
            Self::Uniform { min, max } => Span(u64::midpoint(min.0, max.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream, generator};

    const DRAWS: usize = 40_000;
    const SIX: Span = Span::from_secs(6);

    fn draws(law: Law, count: usize) -> Vec<Span> {
        let mut generator = generator(7, Purpose::EciStart, Stream::of(0, 0));
        (0..count).map(|_| law.draw(&mut generator)).collect()
    }

    /// The law's own mean and quantiles, met by many draws within 2 per cent.
    #[track_caller]
    fn check(law: Law, mean: f64, quantiles: [(f64, f64); 3]) {
        let mut seconds: Vec<f64> = draws(law, DRAWS).into_iter().map(Span::as_secs_f64).collect();
        seconds.sort_by(f64::total_cmp);
        let near = |drawn: f64, exact: f64| (drawn - exact).abs() <= 0.02 * exact;
        let drawn_mean = seconds.iter().sum::<f64>() / DRAWS as f64;
        assert!(near(drawn_mean, mean), "mean {drawn_mean} for {mean}");
        assert!(near(law.mean().as_secs_f64(), mean) && near(law.median().as_secs_f64(), quantiles[0].1));
        for (share, exact) in quantiles {
            let drawn = seconds[(share * DRAWS as f64) as usize];
            assert!(near(drawn, exact), "quantile {share} is {drawn} for {exact}");
        }
    }

    #[test]
    fn exponential_draws_follow_the_law() {
        check(Law::Exponential { mean: SIX }, 6.0, [(0.5, 4.158_9), (0.9, 13.815_5), (0.99, 27.631)]);
    }

    /// The ECI sandbox: median 6 s, sigma 0.35, 95 % below about 11 s (6·e^(1.645·0.35) = 10.67 s).
    #[test]
    fn log_normal_draws_follow_the_law() {
        check(
            Law::LogNormal { median: SIX, sigma: 0.35 },
            6.379,
            [(0.5, 6.0), (0.158_66, 4.228_1), (0.95, 10.670)],
        );
    }

    #[test]
    fn uniform_draws_follow_the_law() {
        let law = Law::Uniform { min: Span::from_secs(2), max: Span::from_secs(10) };
        check(law, 6.0, [(0.5, 6.0), (0.1, 2.8), (0.9, 9.2)]);
        let narrow = Law::Uniform { min: Span(5), max: Span(7) };
        let drawn = draws(narrow, 200);
        assert!((5..=7).all(|nanos| drawn.contains(&Span(nanos))), "both bounds are drawn");
        assert!(drawn.iter().all(|span| (5..=7).contains(&span.0)));
    }

    #[test]
    fn draws_are_the_same_on_every_machine_and_in_every_release() {
        let fixture =
            |law| <[u64; 3]>::try_from(draws(law, 3).iter().map(|s| s.0).collect::<Vec<_>>()).unwrap();
        assert_eq!(fixture(Law::Constant(SIX)), [6_000_000_000; 3]);
        assert_eq!(fixture(Law::Exponential { mean: SIX }), [8_963_875_528, 11_515_927_280, 12_628_124_981]);
        assert_eq!(
            fixture(Law::LogNormal { median: SIX, sigma: 0.35 }),
            [8_648_805_667, 3_349_523_984, 7_519_773_242]
        );
        assert_eq!(
            fixture(Law::Uniform { min: SIX, max: Span::from_secs(9) }),
            [6_673_432_867, 6_440_119_532, 6_365_651_272]
        );
    }

    #[test]
    fn a_law_without_scatter_is_constant() {
        for law in [Law::LogNormal { median: SIX, sigma: 0.0 }, Law::Uniform { min: SIX, max: SIX }] {
            assert_eq!(draws(law, 3), [SIX; 3]);
            assert_eq!((law.mean(), law.median()), (SIX, SIX));
        }
        assert_eq!(draws(Law::Exponential { mean: Span::ZERO }, 3), [Span::ZERO; 3]);
    }

    #[test]
    fn senseless_parameters_are_refused() {
        let log_normal = |sigma| Law::LogNormal { median: SIX, sigma }.check();
        assert!(log_normal(0.35).is_ok());
        assert!(log_normal(-0.1).is_err() && log_normal(f64::NAN).is_err() && log_normal(5.1).is_err());
        let uniform = |min, max| Law::Uniform { min: Span(min), max: Span(max) }.check();
        assert!(uniform(1, 1).is_ok());
        assert_eq!(uniform(2, 1), Err(LawError::Bounds { min: Span(2), max: Span(1) }));
    }
}
