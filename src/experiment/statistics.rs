//! What can be said of a figure that was measured several times: mean, spread, the interval of the mean, quantiles.
//!
//! Runs with different seeds draw independently, so that their figures are a random sample. All results are the same
//! bytes whatever the order of the sample: it is put in order first.

mod proportion;

pub use proportion::Proportion;

use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};

/// Numbers that were measured independently of each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// In ascending order.
    sorted: Vec<f64>,
    mean: f64,
    /// The sum of the squared distances from the mean.
    squares: f64,
}

/// Where the true mean lies, as far as a sample tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// The distance from the middle to either end.
    pub fn half_width(self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Whether zero lies outside.
    pub fn excludes_zero(self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

impl Sample {
    /// A sample of finite numbers, in any order.
    ///
    /// Mean and squares are taken of the distances from the smallest number, so that little is lost where the numbers are
    /// large and close to each other, and nothing where they are equal.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        assert!(sorted.iter().all(|number| number.is_finite()), "a sample has finite numbers");
        sorted.sort_by(f64::total_cmp);
        let Some(&base) = sorted.first() else { return Self { sorted, mean: 0.0, squares: 0.0 } };
        let above = sorted.iter().map(|number| number - base).sum::<f64>() / sorted.len() as f64;
        let squares =
            sorted.iter().map(|number| number - base - above).map(|distance| distance * distance).sum();
        Self { sorted, mean: base + above, squares }
    }

    /// How many numbers there are.
    pub fn n(&self) -> usize {
        self.sorted.len()
    }

    /// The arithmetic mean; `None` of no numbers.
    pub fn mean(&self) -> Option<f64> {
        (self.n() > 0).then_some(self.mean)
    }

    /// The standard deviation √(Σ(x − mean)² / (n − 1)); `None` of fewer than two numbers.
    pub fn sd(&self) -> Option<f64> {
        (self.n() > 1).then(|| (self.squares / (self.n() - 1) as f64).sqrt())
    }

    /// Student's interval of the mean at a level of confidence between 0 and 1: mean ± t·sd/√n, where t is the quantile
    /// (1 + level) / 2 of the t distribution with n − 1 degrees of freedom (Student, *The Probable Error of a Mean*,
    /// 1908). It is exact for normal numbers and approximate for others, the better the more there are. `None` of fewer
    /// than two numbers.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let half = student_quantile(level, self.n() as f64 - 1.0)? * self.sd()? / (self.n() as f64).sqrt();
        Some(Interval { low: self.mean - half, high: self.mean + half })
    }

    /// Welch's interval of how much the mean is above that of a sample that was measured independently: the difference
    /// ± t·√(sd²/n + sd²/n), the two terms being those of either sample, where t has the degrees of freedom of Welch and
    /// Satterthwaite (Welch, *The Generalization of "Student's" Problem when Several Different Population Variances are
    /// Involved*, 1947). `None` if either has fewer than two numbers.
    pub fn interval_above(&self, other: &Self, level: f64) -> Option<Interval> {
        let of_mean = |sample: &Self| Some(sample.sd()?.powi(2) / sample.n() as f64);
        let (ours, theirs) = (of_mean(self)?, of_mean(other)?);
        let above = self.mean - other.mean;
        let variance = ours + theirs;
        let half = if variance > 0.0 {
            let part = |of_mean: f64, n: usize| of_mean.powi(2) / (n as f64 - 1.0);
            let degrees = variance.powi(2) / (part(ours, self.n()) + part(theirs, other.n()));
            student_quantile(level, degrees)? * variance.sqrt()
        } else {
            0.0
        };
        Some(Interval { low: above - half, high: above + half })
    }

    /// The percentile by nearest rank: of n numbers in ascending order, number ⌈n·percent/100⌉ (Hyndman and Fan, *Sample
    /// Quantiles in Statistical Packages*, 1996, definition 1), as waits have theirs. `None` of no numbers.
    pub fn percentile(&self, percent: usize) -> Option<f64> {
        let rank = (self.n() * percent).div_ceil(100).max(1);
        self.sorted.get(rank - 1).copied()
    }

    /// The smallest number.
    pub fn min(&self) -> Option<f64> {
        self.sorted.first().copied()
    }

    /// The largest number.
    pub fn max(&self) -> Option<f64> {
        self.sorted.last().copied()
    }
}

/// What a figure differs by between two lists of runs with the same seeds.
///
/// The same seed draws the same load and the same start-up times for both, so that the differences vary less than the
/// figures do: the interval of their mean is narrower than that of two independent samples (common random numbers: Law,
/// *Simulation Modeling and Analysis*, 5th edition, section 11.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Paired {
    /// One minus the other, of the seeds with which both have a value.
    pub differences: Sample,
    /// With how many seeds one of them has none.
    pub unpaired: usize,
}

impl Paired {
    /// Compares two lists in which the same place means the same seed.
    pub fn of(pairs: impl IntoIterator<Item = (Option<f64>, Option<f64>)>) -> Self {
        let mut unpaired = 0;
        let difference = |(one, other): (Option<f64>, Option<f64>)| {
            let both = one.zip(other).map(|(one, other)| one - other);
            unpaired += usize::from(both.is_none());
            both
        };
        let differences = Sample::of(pairs.into_iter().filter_map(difference));
        Self { differences, unpaired }
    }
}

/// Between which numbers the true one lies that was estimated of a sample, with confidence `level` that it is not below and
/// as much that it is not above, where `without` are the estimates from the same sample without each of its members (the jackknife: Tukey,
/// *Bias and Confidence in not-quite Large Samples*, 1958). Of a mean it is Student's.
pub fn jackknife(estimate: f64, without: &[f64], level: f64) -> (f64, f64) {
    let n = without.len() as f64;
    let Some(quantile) = student_quantile(2.0 * level - 1.0, n - 1.0) else {
        return (f64::NEG_INFINITY, f64::INFINITY);
    };
    let middle = without.iter().sum::<f64>() / n;
    let squares: f64 = without.iter().map(|one| (one - middle).powi(2)).sum();
    let half = quantile * ((n - 1.0) / n * squares).sqrt();
    (estimate - half, estimate + half)
}

/// The distance from the mean, in standard errors, that a t distribution keeps with the probability `level`; `None`
/// without a degree of freedom.
///
/// The library's quantile is good to ten digits below 5000 degrees of freedom and to five at 100 000; two steps of
/// Newton's method on its distribution function, which is better, bring nine digits everywhere. It is rounded to nine
/// places, so that machines whose logarithms differ in the last bit agree on it.
fn student_quantile(level: f64, degrees_of_freedom: f64) -> Option<f64> {
    const NEWTON_STEPS: usize = 2;
    assert!(level > 0.0 && level < 1.0, "a level of confidence lies between 0 and 1");
    let law = StudentsT::new(0.0, 1.0, degrees_of_freedom).ok()?;
    let below = f64::midpoint(1.0, level);
    let step = |quantile: f64, _| quantile - (law.cdf(quantile) - below) / law.pdf(quantile);
    let quantile = (0..NEWTON_STEPS).fold(law.inverse_cdf(below), step);
    Some((quantile * 1e9).round() / 1e9)
}

#[cfg(test)]
mod tests;
