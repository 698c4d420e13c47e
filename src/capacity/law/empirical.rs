//! Laws that were measured.

use std::sync::Arc;

use rand_chacha::ChaCha8Rng;

use crate::random::unit;
use crate::units::Span;

/// Measured values, each with the weight of all up to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Empirical {
    values: Arc<[(Span, f64)]>,
}

/// Why values are no law.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EmpiricalError {
    /// None of them has any weight.
    #[error("there must be at least one value with a weight above 0")]
    Empty,
    /// A weight is negative or no number.
    #[error("weight {0} must be a number from 0")]
    Weight(f64),
}

impl Empirical {
    /// The law by which each value is as likely as its weight says.
    pub fn new(weighted: impl IntoIterator<Item = (Span, f64)>) -> Result<Self, EmpiricalError> {
        let mut weighted: Vec<(Span, f64)> = weighted.into_iter().collect();
        if let Some(&(_, weight)) = weighted.iter().find(|(_, weight)| !(0.0..f64::INFINITY).contains(weight))
        {
            return Err(EmpiricalError::Weight(weight));
        }
        weighted.retain(|&(_, weight)| weight > 0.0);
        weighted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut total = 0.0;
        for (_, weight) in &mut weighted {
            total += *weight;
            *weight = total;
        }
        if weighted.is_empty() {
            return Err(EmpiricalError::Empty);
        }
        Ok(Self { values: weighted.into() })
    }

    fn total(&self) -> f64 {
        self.values[self.values.len() - 1].1
    }

    /// Draws one value, by the inverse of the distribution: a greater number draws a value that is no smaller.
    pub(super) fn draw(&self, generator: &mut ChaCha8Rng) -> Span {
        let wanted = unit(generator) * self.total();
        let place = self.values.partition_point(|&(_, up_to)| up_to < wanted);
        self.values[place.min(self.values.len() - 1)].0
    }

    /// The average, by weight.
    pub(super) fn mean(&self) -> Span {
        let mut before = 0.0;
        let mut sum = 0.0;
        for &(value, up_to) in self.values.iter() {
            sum += value.as_secs_f64() * (up_to - before);
            before = up_to;
        }
        Span::from_secs_f64(sum / self.total())
    }
}
