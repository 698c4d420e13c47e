//! A number of things over time.

use crate::units::Span;

/// Nanoseconds in a second, for printing integrals.
const NANOS_PER_SECOND: f64 = 1e9;

/// How many things are in some state: now, at most, and integrated over time. All of it in whole numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level {
    now: u64,
    peak: u64,
    thing_nanos: u128,
}

impl Level {
    /// One more thing is in the state.
    pub(crate) fn rise(&mut self) {
        self.now += 1;
    }

    /// One thing has left the state.
    pub(crate) fn fall(&mut self) {
        self.now = self.now.checked_sub(1).expect("what leaves a state has entered it");
    }

    /// The level stays as it is for `span`. Only a level that is held counts for the peak, so that what comes and
    /// goes within one instant is never seen.
    pub(crate) fn hold(&mut self, span: Span) {
        self.peak = self.peak.max(self.now);
        self.thing_nanos += u128::from(self.now) * u128::from(span.0);
    }

    /// The number of things now.
    pub(crate) const fn now(&self) -> u64 {
        self.now
    }

    /// The largest number that was held.
    pub(crate) const fn peak(&self) -> u64 {
        self.peak
    }

    /// The integral over time in things times seconds.
    pub(crate) fn thing_seconds(&self) -> f64 {
        self.thing_nanos as f64 / NANOS_PER_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_and_goes_within_an_instant_is_not_seen() {
        let mut level = Level::default();
        level.rise();
        level.rise();
        level.fall();
        level.hold(Span::from_secs(10));
        level.rise();
        level.rise();
        level.fall();
        level.hold(Span::from_millis(500));
        level.fall();
        level.hold(Span::ZERO);
        assert_eq!((level.now(), level.peak(), level.thing_nanos), (1, 2, 11_000_000_000));
        assert!((level.thing_seconds() - 11.0).abs() < 1e-12);
    }
}
