//! The gamma law with mean 1.

/// A gamma law, by its shape: the inverse of the squared coefficient of variation.
#[derive(Clone, Debug)]
pub(super) struct Gamma {
    shape: f64,
    /// Numbers that stand for parts of equal weight.
    points: Vec<f64>,
}

/// Into so many parts the law is divided.
const PARTS: usize = 128;
/// Terms of a series and of a continued fraction, which need far fewer.
const TERMS: usize = 10_000;
const EPSILON: f64 = 1e-14;

impl Gamma {
    pub(super) fn new(cv: f64) -> Self {
        let shape = 1.0 / (cv * cv);
        let point = |part: usize| quantile(shape, (part as f64 + 0.5) / PARTS as f64);
        Self { shape, points: (0..PARTS).map(point).collect() }
    }

    /// The probability of more than `x`.
    pub(super) fn tail(&self, x: f64) -> f64 {
        upper(self.shape, self.shape * x)
    }

    /// The mean of a function of the number.
    pub(super) fn mean_of(&self, function: impl Fn(f64) -> f64) -> f64 {
        self.points.iter().map(|&point| function(point)).sum::<f64>() / PARTS as f64
    }
}

/// The number that the law is below with this probability.
fn quantile(shape: f64, probability: f64) -> f64 {
    // Between logarithms that no shape of interest leaves.
    let (mut low, mut high) = (-690.0, 14.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if upper(shape, libm::exp(middle)) > 1.0 - probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    libm::exp(low) / shape
}

/// The regularised upper incomplete gamma function: below its mean by the series, above by the continued fraction
/// (Abramowitz and Stegun, 6.5.29 and 6.5.31).
fn upper(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let factor = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    if x < shape + 1.0 { 1.0 - factor * series(shape, x) } else { factor * fraction(shape, x) }
}

fn series(shape: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0 / shape, 1.0 / shape);
    for number in 1..TERMS {
        term *= x / (shape + number as f64);
        sum += term;
        if term < sum * EPSILON {
            break;
        }
    }
    sum
}

/// By Lentz's algorithm, which keeps the ratios of numerators and denominators.
fn fraction(shape: f64, x: f64) -> f64 {
    let mut addend = x + 1.0 - shape;
    let mut below = 1.0 / addend;
    let (mut above, mut value) = (f64::INFINITY, below);
    for number in 1..TERMS {
        let number = number as f64;
        let factor = -number * (number - shape);
        addend += 2.0;
        below = 1.0 / (factor * below + addend);
        above = addend + factor / above;
        value *= above * below;
        if (above * below - 1.0).abs() < EPSILON {
            break;
        }
    }
    value
}
