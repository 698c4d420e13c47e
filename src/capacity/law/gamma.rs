//! Gamma's law.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::random::{standard_normal, unit};

/// A number of the gamma law with this shape and scale 1, by Marsaglia and Tsang ("A simple method for generating gamma
/// variables", 2000). They reject some of their draws, so that these come from a generator of their own: whatever is
/// drawn next is the same.
pub(super) fn standard(shape: f64, generator: &mut ChaCha8Rng) -> f64 {
    let mut own = ChaCha8Rng::seed_from_u64(generator.next_u64());
    if shape >= 1.0 {
        return of_shape_above_one(shape, &mut own);
    }
    let boost = libm::pow(unit(&mut own), 1.0 / shape);
    of_shape_above_one(shape + 1.0, &mut own) * boost
}

fn of_shape_above_one(shape: f64, own: &mut ChaCha8Rng) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = standard_normal(own);
        let root = 1.0 + c * x;
        let cube = root * root * root;
        if cube > 0.0 && libm::log(unit(own)) < 0.5 * x * x + d * (1.0 - cube + libm::log(cube)) {
            return d * cube;
        }
    }
}
