//! How fast the number of replicas may change: past changes, policies, and the limit without a behaviour.

use super::spec::{Change, ScalingRules, SelectPolicy};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "hpa-rate",
        statement: "A behaviour's policies allow so many pods or percent per period, less what changed in it \
                    in either direction; the default allows doubling or four more in 15 s, and any \
                    shrinking.",
        source: "pkg/controller/podautoscaler/horizontal.go `calculateScaleUpLimitWithScalingRules`, \
                 pkg/apis/autoscaling/v2/defaults.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "hpa-doubling",
        statement: "Without a behaviour one sync at most doubles a workload, or brings it to 4.",
        source: "pkg/controller/podautoscaler/horizontal.go `calculateScaleUpLimit`",
        confidence: Confidence::Source,
    },
];

/// A change of the number of replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ScaleEvent {
    /// How many replicas were added or removed; never negative.
    change: i32,
    at: SimTime,
    /// Its place may be taken: it was once older than every period of its direction.
    outdated: bool,
}

/// The changes of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ScaleEvents(Vec<ScaleEvent>);

impl ScaleEvents {
    /// The changes newer than `period`; one exactly that old is out.
    fn change_within(&self, period: Span, now: SimTime) -> i32 {
        self.0.iter().filter(|event| now.since(event.at) < period).map(|event| event.change).sum()
    }

    /// Stores a change in place of the last outdated one.
    fn record(&mut self, change: i32, longest_period: Span, now: SimTime) {
        for event in &mut self.0 {
            event.outdated |= now.since(event.at) > longest_period;
        }
        let newest = ScaleEvent { change, at: now, outdated: false };
        match self.0.iter_mut().rfind(|event| event.outdated) {
            Some(old) => *old = newest,
            None => self.0.push(newest),
        }
    }
}

/// The changes of an HPA with a behaviour, both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ScaleHistory {
    up: ScaleEvents,
    down: ScaleEvents,
}

impl ScaleHistory {
    /// Stores a change from `from` to `to` replicas under the rules of its direction.
    pub(super) fn record(&mut self, from: i32, to: i32, rules: &ScalingRules, now: SimTime) {
        let longest_period = rules.policies.iter().map(|policy| policy.period).max().unwrap_or_default();
        let events = if to > from { &mut self.up } else { &mut self.down };
        events.record((to - from).abs(), longest_period, now);
    }

    /// The most replicas that `rules` allow now (`calculateScaleUpLimitWithScalingRules`,
    /// pkg/controller/podautoscaler/horizontal.go at v1.34.1).
    pub(super) fn upper_limit(&self, current: i32, rules: &ScalingRules, now: SimTime) -> i32 {
        let limits = rules.policies.iter().map(|policy| {
            let base = self.replicas_before(policy.period, current, now);
            match policy.change {
                Change::Pods(pods) => base.saturating_add(pods),
                // Rounded up, so that a small percentage of few replicas still allows one more.
                Change::Percent(percent) => grown(base, percent).ceil() as i32,
            }
        });
        let limit = match rules.select {
            SelectPolicy::Disabled => None,
            SelectPolicy::Min => limits.min(),
            SelectPolicy::Max => limits.max(),
        };
        limit.unwrap_or(current).max(current)
    }

    /// The fewest replicas that `rules` allow now (`calculateScaleDownLimitWithBehaviors`, the same file).
    pub(super) fn lower_limit(&self, current: i32, rules: &ScalingRules, now: SimTime) -> i32 {
        let limits = rules.policies.iter().map(|policy| {
            let base = self.replicas_before(policy.period, current, now);
            match policy.change {
                Change::Pods(pods) => base.saturating_sub(pods),
                Change::Percent(percent) => grown(base, -percent) as i32,
            }
        });
        let limit = match rules.select {
            SelectPolicy::Disabled => None,
            SelectPolicy::Min => limits.max(),
            SelectPolicy::Max => limits.min(),
        };
        limit.unwrap_or(current).min(current)
    }

    /// The replicas that there were a period ago, as far as this HPA changed them; both directions count.
    fn replicas_before(&self, period: Span, current: i32, now: SimTime) -> i32 {
        current - self.up.change_within(period, now) + self.down.change_within(period, now)
    }
}

/// `base` plus `percent` percent of it, in upstream's order of operations.
fn grown(base: i32, percent: i32) -> f64 {
    f64::from(base) * (1.0 + f64::from(percent) / 100.0)
}

/// The most replicas that one sync may ask for without a behaviour: the double, at least 4 (`calculateScaleUpLimit`,
/// pkg/controller/podautoscaler/horizontal.go at v1.34.1).
pub(super) fn upper_limit_without_behavior(current: i32) -> i32 {
    current.saturating_mul(2).max(4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::hpa::spec::ScalingPolicy;

    const NOW: SimTime = SimTime::from_secs(1000);

    fn rules(select: SelectPolicy, policies: &[ScalingPolicy]) -> ScalingRules {
        ScalingRules { stabilisation: None, select, policies: policies.to_vec(), tolerance: None }
    }

    /// rule: hpa-rate
    #[test]
    fn default_rules_double_or_add_four() {
        let history = ScaleHistory::default();
        let limit = |current| history.upper_limit(current, &ScalingRules::default_up(), NOW);
        assert_eq!([limit(1), limit(4), limit(10)], [5, 8, 20]);
        assert_eq!(history.lower_limit(10, &ScalingRules::default_down(), NOW), 0);
    }

    #[test]
    fn percentages_round_up_when_growing_and_towards_zero_when_shrinking() {
        let ten_percent = rules(SelectPolicy::Max, &[ScalingPolicy::percent(10, 60)]);
        let history = ScaleHistory::default();
        assert_eq!(history.upper_limit(3, &ten_percent, NOW), 4);
        assert_eq!(history.lower_limit(3, &ten_percent, NOW), 2, "2.7 is cut off");
    }

    #[test]
    fn the_selected_policy_is_the_largest_or_smallest_change_or_none() {
        let policies = [ScalingPolicy::pods(2, 60), ScalingPolicy::percent(50, 60)];
        let history = ScaleHistory::default();
        let limits = |select| {
            let rules = rules(select, &policies);
            (history.lower_limit(10, &rules, NOW), history.upper_limit(10, &rules, NOW))
        };
        assert_eq!(limits(SelectPolicy::Max), (5, 15));
        assert_eq!(limits(SelectPolicy::Min), (8, 12));
        assert_eq!(limits(SelectPolicy::Disabled), (10, 10));
    }

    /// oracle: "per policy base = cur - added + removed in the period (events strictly newer than now-period; both
    /// directions counted !)".
    /// rule: hpa-rate
    #[test]
    fn changes_of_the_period_use_up_the_allowance_and_leave_it_when_as_old_as_the_period() {
        let four_a_minute = rules(SelectPolicy::Max, &[ScalingPolicy::pods(4, 60)]);
        let mut history = ScaleHistory::default();
        history.record(10, 13, &four_a_minute, SimTime::from_secs(940));
        history.record(13, 12, &four_a_minute, SimTime::from_secs(950));
        let limit = |seconds| history.upper_limit(12, &four_a_minute, SimTime::from_secs(seconds));
        assert_eq!(limit(999), 14, "12 - 3 + 1 + 4");
        assert_eq!(limit(1000), 17, "the growth is a minute old: 12 + 1 + 4");
        assert_eq!(limit(1010), 16);
    }

    #[test]
    fn a_limit_never_crosses_the_current_size() {
        let two_a_minute = rules(SelectPolicy::Max, &[ScalingPolicy::pods(2, 60)]);
        let mut history = ScaleHistory::default();
        history.record(2, 12, &two_a_minute, SimTime::from_secs(990));
        assert_eq!(history.upper_limit(12, &two_a_minute, NOW), 12, "12 - 10 + 2 = 4 is below");
    }

    /// rule: hpa-doubling
    #[test]
    fn without_a_behaviour_a_sync_doubles_at_most() {
        assert_eq!([0, 1, 2, 3, 50].map(upper_limit_without_behavior), [4, 4, 4, 6, 100]);
    }
}
