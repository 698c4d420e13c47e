//! A token bucket: how fast a rate-limited service takes requests.

use std::num::NonZeroU32;

use crate::rule::{Confidence, Rule};
use crate::units::SimTime;

pub(super) const RULES: &[Rule] = &[Rule {
    id: "eci-creation-rate",
    statement: "Creations of ECI instances pass a token bucket of 100 that gains 20 a second, and so do deletions.",
    source: "ECI, \"Limits\" (help.aliyun.com/en/eci/product-overview/limits)",
    confidence: Confidence::Documented,
}];

/// Calls of CreateContainerGroup that a full bucket lets through at once. Source: "ECI limits"
/// (help.aliyun.com/en/eci/product-overview/limits).
pub const CREATE_CONTAINER_GROUP_BURST: NonZeroU32 = NonZeroU32::new(100).expect("not zero");

/// Calls of CreateContainerGroup per second after the burst. Same source.
pub const CREATE_CONTAINER_GROUP_REFILL: NonZeroU32 = NonZeroU32::new(20).expect("not zero");

/// Calls of DeleteContainerGroup that a full bucket lets through at once. Same source.
pub const DELETE_CONTAINER_GROUP_BURST: NonZeroU32 = CREATE_CONTAINER_GROUP_BURST;

/// Calls of DeleteContainerGroup per second after the burst. Same source.
pub const DELETE_CONTAINER_GROUP_REFILL: NonZeroU32 = CREATE_CONTAINER_GROUP_REFILL;

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// A queue before a bucket of tokens, first come, first served. It draws nothing and rounds nothing but the instant
/// of admission, up to the next nanosecond.
///
/// Instead of a level that refills it keeps the instant at which the bucket will be full again: each token taken moves
/// that instant by one token's refill time, and a token is there as long as it lies less than a whole burst ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBucket {
    burst: NonZeroU32,
    /// So many tokens come in [`period`](Self::period).
    refill: NonZeroU32,
    /// In nanoseconds.
    period: u128,
    /// When the bucket will be full again, in nanoseconds times the refill, so that it is a whole number.
    full_at: u128,
}

impl TokenBucket {
    /// A full bucket of `burst` tokens that gains `refill_per_second` tokens a second.
    pub const fn new(burst: NonZeroU32, refill_per_second: NonZeroU32) -> Self {
        Self { burst, refill: refill_per_second, period: NANOS_PER_SECOND, full_at: 0 }
    }

    /// A full bucket of `burst` tokens that gains `refill` tokens in a thousand seconds: rates that are no whole number
    /// per second, exactly.
    pub const fn per_thousand_seconds(burst: NonZeroU32, refill: NonZeroU32) -> Self {
        Self { burst, refill, period: 1000 * NANOS_PER_SECOND, full_at: 0 }
    }

    /// Takes a token for a request that comes at `now`, and says when it is admitted. Requests are to be told in the
    /// order in which they come; then none overtakes another.
    pub fn admit(&mut self, now: SimTime) -> SimTime {
        let rate = u128::from(self.refill.get());
        let whole_burst_but_one = u128::from(self.burst.get() - 1) * self.period;
        let comes = u128::from(now.0) * rate;
        let admitted = comes.max(self.full_at.saturating_sub(whole_burst_but_one));
        self.full_at = self.full_at.max(admitted) + self.period;
        SimTime(admitted.div_ceil(rate) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;
    use proptest::prelude::*;

    fn create_container_group() -> TokenBucket {
        TokenBucket::new(CREATE_CONTAINER_GROUP_BURST, CREATE_CONTAINER_GROUP_REFILL)
    }

    fn bucket(burst: u32, refill: u32) -> TokenBucket {
        TokenBucket::new(burst.try_into().unwrap(), refill.try_into().unwrap())
    }

    /// rule: eci-creation-rate
    #[test]
    fn a_batch_waits_for_the_refill_behind_the_burst() {
        let mut bucket = create_container_group();
        let admitted: Vec<SimTime> = (0..1000).map(|_| bucket.admit(SimTime::ZERO)).collect();
        assert_eq!(admitted[99], SimTime::ZERO, "the burst");
        assert_eq!(admitted[100], SimTime::ZERO + Span::from_millis(50));
        assert_eq!(admitted[499], SimTime::from_secs(20), "(500 - 100) / 20");
        assert_eq!(admitted[999], SimTime::from_secs(45), "(1000 - 100) / 20");
    }

    #[test]
    fn idle_time_refills_the_bucket_but_not_beyond_the_burst() {
        let mut bucket = bucket(2, 1);
        for _ in 0..3 {
            bucket.admit(SimTime::ZERO);
        }
        let later = SimTime::from_secs(100);
        let admitted = [(); 4].map(|()| bucket.admit(later).whole_secs());
        assert_eq!(admitted, [100, 100, 101, 102]);
    }

    #[test]
    fn a_partly_refilled_token_is_kept_exactly() {
        let mut bucket = bucket(1, 3);
        let admitted = [(); 4].map(|()| bucket.admit(SimTime::ZERO).0);
        assert_eq!(admitted, [0, 333_333_334, 666_666_667, 1_000_000_000], "thirds do not drift");
    }

    #[test]
    fn rates_need_not_be_whole_numbers() {
        let mut bucket = TokenBucket::per_thousand_seconds(2.try_into().unwrap(), 12_500.try_into().unwrap());
        let admitted = [(); 5].map(|()| bucket.admit(SimTime::ZERO).0 / 1_000_000);
        assert_eq!(admitted, [0, 0, 80, 160, 240], "12.5 a second");
    }

    /// The plain model: a level that refills with time, in billionths of a token.
    struct Level {
        tokens: u64,
        now: u64,
    }

    impl Level {
        fn admit(&mut self, burst: u32, refill: u32, came: SimTime) -> SimTime {
            const TOKEN: u64 = 1_000_000_000;
            let refill = u64::from(refill);
            let waits_from = came.0.max(self.now);
            let refilled = self.tokens + (waits_from - self.now) * refill;
            let level = refilled.min(u64::from(burst) * TOKEN);
            let wait = TOKEN.saturating_sub(level).div_ceil(refill);
            *self = Self { tokens: level + wait * refill - TOKEN, now: waits_from + wait };
            SimTime(self.now)
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_level_that_refills(
            burst in 1_u32..5,
            refill in 1_u32..7,
            gaps in prop::collection::vec(0_u64..900_000_000, 1..60),
        ) {
            let mut limited = bucket(burst, refill);
            let mut level = Level { tokens: u64::from(burst) * 1_000_000_000, now: 0 };
            let mut now = SimTime::ZERO;
            for gap in gaps {
                now += Span(gap);
                prop_assert_eq!(limited.admit(now), level.admit(burst, refill, now));
            }
        }
    }
}
