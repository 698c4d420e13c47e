//! A rate that goes up and down in waves, such as that of day and night.

use super::{Law, Rate};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "diurnal-wave",
    statement: "A diurnal rate is mean × (1 + amplitude × cos(2π (t − peakAt) / period)); over whole periods its \
                average is the mean.",
    source: "the first harmonic of daily traffic, as in what is published of web sites; shapes of more harmonics \
             are products and sums of several",
    confidence: Confidence::Estimate,
}];

/// A cosine around a mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Diurnal {
    /// The average over a period.
    pub mean: Rate,
    /// How far it rises above the mean and falls below, as a share of the mean: from 0 to 1.
    pub amplitude: f64,
    /// From one peak to the next; longer than nothing.
    pub period: Span,
    /// When one of the peaks is.
    pub peak_at: SimTime,
}

impl Diurnal {
    /// The time since the last peak.
    fn since_peak(&self, time: SimTime) -> u64 {
        let period = u128::from(self.period.0);
        // A whole number of periods earlier there is a peak too.
        let peak = u128::from(self.peak_at.0) % period;
        ((u128::from(time.0) + period - peak) % period) as u64
    }

    /// The angle of so much time.
    fn angle(&self, nanos: u64) -> f64 {
        std::f64::consts::TAU * (nanos as f64 / self.period.0 as f64)
    }

    /// When quarter `number` of a period ends, from its peak.
    fn quarter(&self, number: u64) -> u64 {
        (u128::from(self.period.0) * u128::from(number)).div_ceil(4) as u64
    }
}

impl Law for Diurnal {
    fn rate_at(&self, time: SimTime) -> Rate {
        let swing = self.amplitude * libm::cos(self.angle(self.since_peak(time)));
        Rate((self.mean.0 * (1.0 + swing)).max(0.0))
    }

    /// The wave is integrated as a product, 2 cos(middle) sin(half the span): the difference of two sines would lose
    /// its digits over short spans.
    fn requests_between(&self, from: SimTime, to: SimTime) -> f64 {
        let length = to.since(from);
        // Whole periods have no wave in them.
        let half = self.angle(length.0 % self.period.0) / 2.0;
        let middle = self.angle(self.since_peak(from)) + half;
        let wave = 2.0 * libm::cos(middle) * libm::sin(half) / std::f64::consts::TAU;
        self.mean.0 * (length.as_secs_f64() + self.amplitude * wave * self.period.as_secs_f64())
    }

    /// Peaks, troughs and the instants in the middle between them: in each quarter the curve goes one way.
    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime> {
        let since = self.since_peak(after);
        let next = (1..=4).map(|number| self.quarter(number)).find(|&end| end > since)?;
        Some(after + Span(next - since))
    }

    fn is_level_at(&self, _: SimTime) -> bool {
        self.amplitude == 0.0 || self.mean == Rate::ZERO
    }

    fn peak(&self) -> Rate {
        Rate(self.mean.0 * (1.0 + self.amplitude))
    }
}
