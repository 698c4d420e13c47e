//! Load over time, and what serving it costs.
//!
//! Traffic is a pure function of time: [`Shape`] says how many requests per second arrive at an instant, how many arrive
//! between two, and when the shape next bends. [`load`] turns requests into the cpu that pods want, and the cpu they get
//! into requests served.
//!
//! A new shape is a file with a [`Law`] and one line in [`Shape`]; one that consists of straight lines only lists them
//! and inherits exact integrals.

mod course;
mod line;
pub mod load;
mod ramp;
mod rate;
mod spike;
mod step;

pub use course::Course;
pub use line::{Line, Lines};
pub use ramp::Ramp;
pub use rate::{ParseRateError, Rate};
pub use spike::Spike;
pub use step::Step;

use crate::rule::Rule;
use crate::units::SimTime;

/// What load is and what it costs.
pub(crate) const RULES: &[&[Rule]] = &[line::RULES, load::RULES];

/// A rate as a function of time.
pub trait Law {
    /// The rate at `time`; where it jumps, the one after the jump.
    fn rate_at(&self, time: SimTime) -> Rate;

    /// How many requests arrive from `from` until `to`: the integral of the rate; zero if `to` is not later.
    fn requests_between(&self, from: SimTime, to: SimTime) -> f64;

    /// The first instant after `after` at which the rate jumps or bends; `None` if it never does again.
    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime>;
}

/// The shape of traffic.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// The same rate all the time.
    Constant(Rate),
    /// One rate, then another.
    Step(Step),
    /// A rate that changes steadily from one value to another.
    Ramp(Ramp),
    /// A rise to a peak and back.
    Spike(Spike),
    /// Several shapes on top of each other.
    Sum(Vec<Shape>),
}

impl Shape {
    fn law(&self) -> &dyn Law {
        match self {
            Self::Constant(rate) => rate,
            Self::Step(step) => step,
            Self::Ramp(ramp) => ramp,
            Self::Spike(spike) => spike,
            Self::Sum(shapes) => shapes,
        }
    }

    /// Shows the straight lines that hold right after `time`: together they are the rate.
    fn lines_at(&self, time: SimTime, show: &mut impl FnMut(Line)) {
        let line = match self {
            Self::Constant(rate) => rate.line_at(time),
            Self::Step(step) => step.line_at(time),
            Self::Ramp(ramp) => ramp.line_at(time),
            Self::Spike(spike) => spike.line_at(time),
            Self::Sum(shapes) => return shapes.iter().for_each(|shape| shape.lines_at(time, show)),
        };
        line.into_iter().for_each(show);
    }
}

impl Law for Shape {
    fn rate_at(&self, time: SimTime) -> Rate {
        self.law().rate_at(time)
    }

    fn requests_between(&self, from: SimTime, to: SimTime) -> f64 {
        self.law().requests_between(from, to)
    }

    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime> {
        self.law().next_breakpoint(after)
    }
}

/// Shapes on top of each other.
impl Law for Vec<Shape> {
    fn rate_at(&self, time: SimTime) -> Rate {
        Rate(self.iter().map(|shape| shape.rate_at(time).0).sum())
    }

    fn requests_between(&self, from: SimTime, to: SimTime) -> f64 {
        self.iter().map(|shape| shape.requests_between(from, to)).sum()
    }

    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime> {
        self.iter().filter_map(|shape| shape.next_breakpoint(after)).min()
    }
}

#[cfg(test)]
mod tests;
