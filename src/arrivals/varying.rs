//! When the area below a rate has grown by so much.

use crate::traffic::{Law, Shape};
use crate::units::{SimTime, Span};

/// The first instant by which `wanted` arrivals are expected since `from`: the inverse of the integral, to the
/// nanosecond; `None` if the rate never comes to that.
pub(super) fn reaches(shape: &Shape, from: SimTime, wanted: f64) -> Option<SimTime> {
    let (mut from, mut missing) = (from, wanted);
    while let Some(to) = shape.next_breakpoint(from) {
        let area = shape.requests_between(from, to);
        if area >= missing {
            return Some(inside(shape, from, to, missing));
        }
        missing -= area;
        from = to;
    }
    // What bends no more is level.
    let rate = shape.rate_at(from).0;
    let seconds = missing / rate;
    (rate > 0.0 && seconds < 1e9).then(|| from + Span::from_secs_f64(seconds))
}

/// The same between two instants, by the end of which there are enough. A level rate is divided by, and on a curve the
/// nanosecond is searched for: the area only grows.
fn inside(shape: &Shape, from: SimTime, to: SimTime, missing: f64) -> SimTime {
    if shape.is_level_at(from) {
        let length = Span::from_secs_f64(missing / shape.rate_at(from).0);
        return (from + length).min(to);
    }
    let (mut low, mut high) = (from.0, to.0);
    while low < high {
        let middle = u64::midpoint(low, high);
        let is_reached = shape.requests_between(from, SimTime(middle)) >= missing;
        (low, high) = if is_reached { (low, middle) } else { (middle + 1, high) };
    }
    SimTime(low)
}
