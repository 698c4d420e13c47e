//! A shape followed through time: only what holds at the moment is looked at.

use super::{Law, Line, Rate, Shape};
use crate::units::SimTime;

/// A part of a rate in a stretch.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// A straight line.
    Line(Line),
    /// Anything else, as a whole.
    Curve(Shape),
}

/// What of a shape holds until it next jumps or bends.
///
/// Within such a stretch it says what the [`Shape`] says, to the last bit for a sum of straight lines that holds no sums,
/// and costs as much as lines are above zero there, however many there are in all.
#[derive(Clone, Debug, Default)]
pub struct Course {
    lines: Vec<Line>,
    curves: Vec<Shape>,
    begin: SimTime,
    end: Option<SimTime>,
    is_known: bool,
}

impl Course {
    /// Goes on to the stretch of `shape` that holds at `time`, which is no earlier than the last that was asked for.
    pub fn follow(&mut self, shape: &Shape, time: SimTime) {
        if self.is_known && self.end.is_none_or(|end| time < end) {
            return;
        }
        self.is_known = true;
        (self.begin, self.end) = (time, shape.next_breakpoint(time));
        self.lines.clear();
        self.curves.clear();
        shape.parts_at(time, &mut |part| match part {
            Part::Line(line) if line.rate == Rate::ZERO && line.slope.abs() <= 0.0 => {}
            Part::Line(line) => self.lines.push(line),
            Part::Curve(curve) => self.curves.push(curve),
        });
    }

    /// Where the stretch ends; `None` if the shape never jumps or bends again.
    pub fn end(&self) -> Option<SimTime> {
        self.end
    }

    /// Whether the rate stays the same all the stretch.
    pub fn is_level(&self) -> bool {
        self.lines.iter().all(|line| line.slope.abs() <= 0.0)
            && self.curves.iter().all(|curve| curve.is_level_at(self.begin))
    }

    /// A rate that is not exceeded between two times within the stretch, the second later than the first. Lines make one
    /// line together, which is highest at an end; of curves each has its own highest rate.
    pub fn highest_between(&self, from: SimTime, to: SimTime) -> Rate {
        let lines_at = |time| self.lines.iter().map(|line| line.rate_at(time).0).sum::<f64>();
        let curves = self.curves.iter().map(|curve| curve.highest_between(from, to).0);
        Rate(lines_at(from).max(lines_at(to)) + curves.sum::<f64>())
    }

    /// How many requests arrive between two times within the stretch.
    pub fn requests_between(&self, from: SimTime, to: SimTime) -> f64 {
        if from >= to {
            return 0.0;
        }
        let areas = self.lines.iter().map(|line| line.area(from, to));
        let curves = self.curves.iter().map(|curve| curve.requests_between(from, to));
        areas.chain(curves).fold(0.0, |sum, area| sum + area)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::{Ramp, Spike, Step};
    use crate::units::Span;
    use proptest::prelude::*;

    fn shape() -> impl Strategy<Value = Shape> {
        let time = || (0_u64..100).prop_map(SimTime::from_secs);
        let span = || (0_u64..40).prop_map(Span::from_secs);
        let rate = || prop_oneof![Just(0.0), 0.0..9000.0].prop_map(Rate);
        let leaf = prop_oneof![
            rate().prop_map(Shape::Constant),
            (time(), rate(), rate()).prop_map(|(at, before, after)| Shape::Step(Step { at, before, after })),
            (time(), span(), rate(), rate()).prop_map(|(at, over, before, after)| Shape::Ramp(Ramp {
                at,
                over,
                before,
                after
            })),
            (time(), span(), span(), span(), rate(), rate()).prop_map(
                |(at, rise, hold, decay, base, peak)| {
                    Shape::Spike(Spike { at, rise, hold, decay, base, peak })
                }
            ),
        ];
        prop_oneof![leaf.clone(), prop::collection::vec(leaf, 1..6).prop_map(Shape::Sum)]
    }

    proptest! {
        #[test]
        fn a_course_says_what_its_shape_says(shape in shape(), steps in prop::collection::vec(1_u64..20_000, 1..40)) {
            let (mut course, mut now) = (Course::default(), SimTime::ZERO);
            for step in steps {
                course.follow(&shape, now);
                prop_assert_eq!(course.end(), shape.next_breakpoint(now));
                let next = course.end().unwrap_or(SimTime(u64::MAX)).min(now + Span::from_millis(step));
                let (ours, its) = (course.requests_between(now, next), shape.requests_between(now, next));
                prop_assert_eq!(ours.to_bits(), its.to_bits());
                now = next;
            }
        }
    }
}
