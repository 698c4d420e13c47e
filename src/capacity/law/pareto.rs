//! Pareto's law between two bounds.

use crate::units::Span;

/// The share of the unbounded law that lies above the upper bound.
fn beyond(min: Span, max: Span, alpha: f64) -> f64 {
    libm::pow(min.0 as f64 / max.0 as f64, alpha)
}

/// The span above which a share `above` of the draws lie.
pub(super) fn inverse(min: Span, max: Span, alpha: f64, above: f64) -> Span {
    let cut = beyond(min, max, alpha);
    let survival = cut + above * (1.0 - cut);
    min.times(libm::pow(survival, -1.0 / alpha)).clamp(min, max)
}

/// The mean: the integral of the share that is above, from nothing to the upper bound.
pub(super) fn mean(min: Span, max: Span, alpha: f64) -> Span {
    if min == max {
        return min;
    }
    let (cut, ratio) = (beyond(min, max, alpha), max.0 as f64 / min.0 as f64);
    let exponent = 1.0 - alpha;
    // The integral of x^-alpha from 1 to the ratio; near an exponent of nothing it is the logarithm.
    let tail = if exponent.abs() < 1e-9 {
        libm::log(ratio)
    } else {
        libm::expm1(exponent * libm::log(ratio)) / exponent
    };
    min.times(1.0 + (tail - cut * (ratio - 1.0)) / (1.0 - cut))
}
