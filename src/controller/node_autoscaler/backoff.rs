//! Groups that could not grow are left alone for a while (utils/backoff/exponential_backoff.go).

use super::Config;
use crate::units::{SimTime, Span};

/// How long a group is left alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backoff {
    last: Option<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Failure {
    at: SimTime,
    lasts: Span,
}

impl Backoff {
    /// The group did not grow: what it is left alone for doubles, unless the last failure is long past. A failure while
    /// it is left alone already changes nothing.
    pub(super) fn failed(&mut self, config: &Config, now: SimTime) {
        let lasts = match self.last {
            Some(last) if now < last.at + last.lasts => return,
            Some(last) if now.since(last.at) <= config.backoff_reset => {
                Span(last.lasts.0.saturating_mul(2)).min(config.max_backoff)
            }
            _ => config.initial_backoff,
        };
        self.last = Some(Failure { at: now, lasts });
    }

    /// The group has grown as it was asked to.
    pub(super) fn succeeded(&mut self) {
        self.last = None;
    }

    /// Whether it is left alone.
    pub(super) fn holds(&self, now: SimTime) -> bool {
        self.last.is_some_and(|last| now < last.at + last.lasts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: u64) -> SimTime {
        SimTime::from_secs(60 * minute)
    }

    /// 5 minutes from 0, 10 from 5, 20 from 15, 30 from 35, 30 again from 65; after three hours without a failure 5.
    ///
    /// rule: ca-backoff
    #[test]
    fn what_a_group_is_left_alone_for_doubles_up_to_half_an_hour() {
        let config = Config::cluster_autoscaler();
        let mut backoff = Backoff::default();
        assert!(!backoff.holds(minute(0)));
        for (fails, ends) in [(0, 5), (5, 15), (15, 35), (35, 65), (65, 95), (276, 281)] {
            backoff.failed(&config, minute(fails));
            assert!(backoff.holds(minute(ends - 1)) && !backoff.holds(minute(ends)), "failed at {fails}");
        }
        backoff.failed(&config, minute(282));
        backoff.failed(&config, minute(283));
        assert!(!backoff.holds(minute(292)), "a failure in the meantime does not count");
        backoff.succeeded();
        backoff.failed(&config, minute(300));
        assert!(!backoff.holds(minute(305)), "it starts anew");
    }
}
