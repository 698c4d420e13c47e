//! Load over time, and what serving it costs.
//!
//! Traffic is a pure function of time: [`Shape`] says how many requests per second arrive at an instant, how many arrive
//! between two, and when the shape next bends. What chance decides is drawn before a run begins ([`Shape::drawn`]).
//! [`load`] turns requests into the cpu that pods want, and the cpu they get into requests served.
//!
//! A new shape is a file with a [`Law`] and one line in [`Shape`]; one that consists of straight lines only lists them
//! and inherits exact integrals, and one that is left to chance draws [`Levels`].

mod bursts;
mod course;
mod diurnal;
mod drawn;
mod flash_crowd;
pub mod latency;
mod levels;
mod line;
pub mod load;
mod markov_modulated;
mod noise;
mod poisson;
mod product;
mod ramp;
mod rate;
mod spike;
mod step;
mod trace;

pub use bursts::Bursts;
pub use course::Course;
pub use diurnal::Diurnal;
pub use drawn::Draws;
pub use flash_crowd::FlashCrowd;
pub use levels::Levels;
pub use line::{Line, Lines};
pub use markov_modulated::{MarkovModulated, State};
pub use noise::Noise;
pub use poisson::Poisson;
pub use product::Product;
pub use ramp::Ramp;
pub use rate::{ParseRateError, Rate};
pub use spike::Spike;
pub use step::Step;
pub use trace::Trace;

use crate::rule::Rule;
use crate::units::SimTime;

/// What load is and what it costs.
pub(crate) const RULES: &[&[Rule]] = &[
    line::RULES,
    diurnal::RULES,
    flash_crowd::RULES,
    product::RULES,
    bursts::RULES,
    markov_modulated::RULES,
    noise::RULES,
    poisson::RULES,
    drawn::RULES,
    trace::RULES,
    load::RULES,
    latency::RULES,
];

/// A rate as a function of time.
pub trait Law {
    /// The rate at `time`; where it jumps, the one after the jump.
    fn rate_at(&self, time: SimTime) -> Rate;

    /// How many requests arrive from `from` until `to`: the integral of the rate; zero if `to` is not later.
    fn requests_between(&self, from: SimTime, to: SimTime) -> f64;

    /// The first instant after `after` at which the rate jumps or bends; `None` if it never does again. A curve that
    /// bends all the time has some where it turns: between two breakpoints it only rises or only falls.
    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime>;

    /// Whether the rate stays as it is at `time` until the next breakpoint.
    fn is_level_at(&self, time: SimTime) -> bool;

    /// A rate that is never exceeded.
    fn peak(&self) -> Rate;

    /// A rate that is not exceeded from `from` until `to`, `to` excluded, where `to` is later and there is no breakpoint
    /// between them. A rate that goes one way there has its highest at an end.
    fn highest_between(&self, from: SimTime, to: SimTime) -> Rate {
        // The instant before is as near to `to` as time knows, and a jump may be there.
        self.rate_at(from).max(self.rate_at(SimTime(to.0 - 1).max(from)))
    }
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
    /// Waves, such as those of day and night.
    Diurnal(Diurnal),
    /// A steep rise and a long tail.
    FlashCrowd(FlashCrowd),
    /// Bursts at random.
    Bursts(Bursts),
    /// States at random.
    MarkovModulated(MarkovModulated),
    /// Another shape, with random factors.
    Noise(Noise),
    /// Another shape, of which the requests arrive by chance.
    Poisson(Poisson),
    /// As it once was.
    Trace(Trace),
    /// What was drawn.
    Levels(Levels),
    /// Several shapes on top of each other.
    Sum(Vec<Shape>),
    /// Several shapes that multiply each other.
    Product(Product),
}

impl Shape {
    /// A rate that is not exceeded before `end`, and hardly ever above the highest that there is; what chance decides
    /// and nobody has drawn counts as its mean. O(breakpoints).
    pub fn highest_until(&self, end: SimTime) -> Rate {
        let (mut from, mut highest) = (SimTime::ZERO, Rate::ZERO);
        while from < end {
            let to = self.next_breakpoint(from).unwrap_or(end).min(end);
            highest = highest.max(self.highest_between(from, to));
            from = to;
        }
        highest
    }

    fn law(&self) -> &dyn Law {
        match self {
            Self::Constant(rate) => rate,
            Self::Step(step) => step,
            Self::Ramp(ramp) => ramp,
            Self::Spike(spike) => spike,
            Self::Diurnal(diurnal) => diurnal,
            Self::FlashCrowd(crowd) => crowd,
            Self::Bursts(bursts) => bursts,
            Self::MarkovModulated(chain) => chain,
            Self::Noise(noise) => noise,
            Self::Poisson(poisson) => poisson,
            Self::Trace(trace) => trace,
            Self::Levels(levels) => levels,
            Self::Sum(shapes) => shapes,
            Self::Product(product) => product,
        }
    }

    /// Shows the parts of the rate that hold right after `time`: together they are the rate.
    fn parts_at(&self, time: SimTime, show: &mut impl FnMut(course::Part)) {
        use course::Part;
        let line = match self {
            Self::Constant(rate) => rate.line_at(time),
            Self::Step(step) => step.line_at(time),
            Self::Ramp(ramp) => ramp.line_at(time),
            Self::Spike(spike) => spike.line_at(time),
            Self::Sum(shapes) => return shapes.iter().for_each(|shape| shape.parts_at(time, show)),
            level if level.is_level_at(time) => Some(Line::level(time, level.rate_at(time))),
            curve => return show(Part::Curve(curve.clone())),
        };
        line.map(Part::Line).into_iter().for_each(show);
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

    fn is_level_at(&self, time: SimTime) -> bool {
        self.law().is_level_at(time)
    }

    fn peak(&self) -> Rate {
        self.law().peak()
    }

    fn highest_between(&self, from: SimTime, to: SimTime) -> Rate {
        self.law().highest_between(from, to)
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

    fn is_level_at(&self, time: SimTime) -> bool {
        self.iter().all(|shape| shape.is_level_at(time))
    }

    fn peak(&self) -> Rate {
        Rate(self.iter().map(|shape| shape.peak().0).sum())
    }

    /// Of two shapes one may rise while the other falls: then neither end has the highest rate.
    fn highest_between(&self, from: SimTime, to: SimTime) -> Rate {
        Rate(self.iter().map(|shape| shape.highest_between(from, to).0).sum())
    }
}

#[cfg(test)]
mod tests;
