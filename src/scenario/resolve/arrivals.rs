//! When the pods of a source arrive, and how many at once.

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use crate::arrivals::{Arrivals, BatchSize};
use crate::capacity::Law;
use crate::scenario::file;
use crate::traffic::Rate;
use crate::units::Span;

impl Resolver<'_> {
    pub(super) fn arrivals(&mut self, path: &JsonPath, arrivals: &file::Arrivals) -> Option<Arrivals> {
        use file::Arrivals as Given;
        match arrivals {
            Given::Poisson { rate } if rate.0 > Rate::ZERO => {
                Some(Arrivals::Poisson(Span::from_secs_f64(1.0 / rate.0.0)))
            }
            Given::Regular { every, first } if every.0 > Span::ZERO => {
                Some(Arrivals::Regular { every: every.0, first: first.map_or(Span::ZERO, |first| first.0) })
            }
            Given::Varying { rate } => {
                self.traffic_shape(&path.key("varying").key("rate"), rate).map(Arrivals::Varying)
            }
            Given::Renewal { distance } => {
                let path = path.key("renewal").key("distance");
                let law = self.law(&path, Some(distance), Law::Constant(Span::ZERO))?;
                if law.mean() > Span::ZERO {
                    return Some(Arrivals::Renewal(law));
                }
                self.say(&code::DO_NOT_FIT, &path, "must be longer than 0s in the mean");
                None
            }
            Given::Poisson { .. } => {
                self.say(&code::DO_NOT_FIT, &path.key("poisson").key("rate"), "must be more than 0/s");
                None
            }
            Given::Regular { .. } => {
                self.say(&code::DO_NOT_FIT, &path.key("regular").key("every"), "must be longer than 0s");
                None
            }
        }
    }

    /// How many pods come with each arrival: one, where nothing is said.
    pub(super) fn batch(&mut self, path: &JsonPath, given: Option<&file::BatchSize>) -> Option<BatchSize> {
        use file::BatchSize as Given;
        let (at, wrong) = match given {
            None => return Some(BatchSize::Constant(1)),
            Some(Given::Constant(size)) if *size > 0 => return Some(BatchSize::Constant(*size)),
            Some(Given::Constant(_)) => ("constant", "must be at least 1"),
            Some(Given::Uniform { min, max }) if min <= max && *max > 0 => {
                return Some(BatchSize::Uniform { min: *min, max: *max });
            }
            Some(Given::Uniform { .. }) => ("uniform", "`max` must be at least 1 and no less than `min`"),
            Some(Given::Geometric { mean }) if (1.0..=1e6).contains(mean) => {
                return Some(BatchSize::Geometric { mean: *mean });
            }
            Some(Given::Geometric { .. }) => ("geometric", "`mean` must be between 1 and 1000000"),
            Some(Given::Empirical { values, weights }) => {
                let path = path.key("empirical");
                let weights = self.weights(&path.key("weights"), values.len(), weights)?;
                let all: Vec<(u32, f64)> = values.iter().copied().zip(weights).collect();
                if all.iter().any(|&(size, weight)| size > 0 && weight > 0.0) {
                    return Some(BatchSize::empirical(all));
                }
                self.say(&code::DO_NOT_FIT, &path, "must have a value of at least 1 with a weight above 0");
                return None;
            }
        };
        self.say(&code::DO_NOT_FIT, &path.key(at), wrong);
        None
    }

    /// The weights of `count` values: equal ones, where none are given.
    pub(super) fn weights(&mut self, path: &JsonPath, count: usize, given: &[f64]) -> Option<Vec<f64>> {
        let message = if given.is_empty() {
            return Some(vec![1.0; count]);
        } else if given.len() != count {
            format!("{} given: there must be as many as values, {count}", given.len())
        } else if given.iter().any(|weight| !(0.0..f64::INFINITY).contains(weight)) {
            "must be numbers from 0".to_owned()
        } else {
            return Some(given.to_vec());
        };
        self.say(&code::DO_NOT_FIT, path, message);
        None
    }
}
