//! A crowd that comes at once and loses interest slowly.

use super::{Law, Line, Rate};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "flash-crowd-decay",
    statement: "After a flash crowd's peak what is above the base halves every half-life; after twenty of them, when \
                a millionth is left, it is over.",
    source: "what is published of flash crowds: a steep rise and a long tail; the tail's form is this simulator's own",
    confidence: Confidence::Estimate,
}];

/// How many half-lives the tail has.
const HALF_LIVES: u64 = 20;

/// How many half-lives are from one breakpoint of the tail to the next.
const STRIDE: u64 = 4;

/// A rate that rises steadily to a peak, stays there for a while and falls exponentially.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlashCrowd {
    /// When the rise begins.
    pub at: SimTime,
    /// How long it rises; nothing for a jump.
    pub rise: Span,
    /// How long it stays at the peak.
    pub hold: Span,
    /// In what time half of what is above the base goes; longer than nothing.
    pub half_life: Span,
    /// The rate before and after.
    pub base: Rate,
    /// The rate at the peak, base included.
    pub peak: Rate,
}

impl FlashCrowd {
    fn top(&self) -> SimTime {
        self.at + self.rise
    }

    fn descent(&self) -> SimTime {
        self.top() + self.hold
    }

    fn end(&self) -> SimTime {
        self.mark(HALF_LIVES)
    }

    /// So many half-lives into the tail.
    fn mark(&self, half_lives: u64) -> SimTime {
        self.descent() + Span(self.half_life.0.saturating_mul(half_lives))
    }

    fn height(&self) -> f64 {
        self.peak.0 - self.base.0
    }

    /// What is left of the height at an instant of the tail, as a share.
    fn left(&self, time: SimTime) -> f64 {
        libm::exp2(-(time.since(self.descent()).0 as f64) / self.half_life.0 as f64)
    }

    /// The requests above the base of a span inside the tail.
    fn tail(&self, from: SimTime, to: SimTime) -> f64 {
        let lives = to.since(from).0 as f64 / self.half_life.0 as f64;
        let gone = -libm::expm1(-lives * std::f64::consts::LN_2);
        self.height() * self.left(from) * gone * self.half_life.as_secs_f64() / std::f64::consts::LN_2
    }
}

impl Law for FlashCrowd {
    fn rate_at(&self, time: SimTime) -> Rate {
        if time < self.at || time >= self.end() {
            self.base
        } else if time < self.top() {
            Line::between(self.at, self.rise, self.base, self.peak).rate_at(time)
        } else if time < self.descent() {
            self.peak
        } else {
            Rate(self.base.0 + self.height() * self.left(time))
        }
    }

    fn requests_between(&self, from: SimTime, to: SimTime) -> f64 {
        let within = |begin: SimTime, end: SimTime| (from.max(begin), to.min(end));
        let length = |(begin, end): (SimTime, SimTime)| end.since(begin).as_secs_f64();
        let mut requests = self.base.0 * to.since(from).as_secs_f64();
        let (begin, end) = within(self.at, self.top());
        if begin < end {
            let rise = Line::between(self.at, self.rise, Rate::ZERO, Rate(self.height()));
            requests += rise.area(begin, end);
        }
        requests += self.height() * length(within(self.top(), self.descent()));
        let (begin, end) = within(self.descent(), self.end());
        if begin < end {
            requests += self.tail(begin, end);
        }
        requests
    }

    fn next_breakpoint(&self, after: SimTime) -> Option<SimTime> {
        let tail = (0..=HALF_LIVES / STRIDE).map(|number| self.mark(number * STRIDE));
        [self.at, self.top()].into_iter().chain(tail).find(|&mark| mark > after)
    }

    fn is_level_at(&self, time: SimTime) -> bool {
        let is_at_peak = self.top() <= time && time < self.descent();
        time < self.at || is_at_peak || time >= self.end() || self.base == self.peak
    }

    fn peak(&self) -> Rate {
        self.base.max(self.peak)
    }
}
