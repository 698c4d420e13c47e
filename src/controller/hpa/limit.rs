//! What bounds and rates leave of a size.

use super::rate::{ScaleHistory, upper_limit_without_behavior};
use super::spec::Spec;
use crate::units::SimTime;

/// What cut a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    None,
    ScaleUp,
    TooMany,
    ScaleDown,
    TooFew,
}

impl Limit {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::None => "DesiredWithinRange",
            Self::ScaleUp => "ScaleUpLimit",
            Self::TooMany => "TooManyReplicas",
            Self::ScaleDown => "ScaleDownLimit",
            Self::TooFew => "TooFewReplicas",
        }
    }

    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::None => "the desired count is within the acceptable range",
            Self::ScaleUp => "the desired replica count is increasing faster than the maximum scale rate",
            Self::TooMany => "the desired replica count is more than the maximum replica count",
            Self::ScaleDown => "the desired replica count is decreasing faster than the maximum scale rate",
            Self::TooFew => "the desired replica count is less than the minimum replica count",
        }
    }
}

/// Cuts the size that is `wanted` to rate and bounds (`convertDesiredReplicasWithRules` and
/// `convertDesiredReplicasWithBehaviorRate`, pkg/controller/podautoscaler/horizontal.go at v1.34.1).
///
/// Without a behaviour both bounds hold and only growth has a rate. With one, only the direction of the change is
/// looked at: a size that stays is within range whatever the bounds say.
pub(super) fn cut(
    spec: &Spec,
    history: &ScaleHistory,
    current: i32,
    wanted: i32,
    now: SimTime,
) -> (i32, Limit) {
    let lowest = (spec.min_replicas, Limit::TooFew);
    let most = |rate: i32| {
        if spec.max_replicas > rate { (rate, Limit::ScaleUp) } else { (spec.max_replicas, Limit::TooMany) }
    };
    let (lower, upper) = match &spec.behavior {
        None => (Some(lowest), Some(most(upper_limit_without_behavior(current)))),
        Some(behavior) if wanted > current => {
            (None, Some(most(history.upper_limit(current, &behavior.scale_up, now))))
        }
        Some(behavior) if wanted < current => {
            let rate = history.lower_limit(current, &behavior.scale_down, now);
            (Some(if spec.min_replicas < rate { (rate, Limit::ScaleDown) } else { lowest }), None)
        }
        Some(_) => (None, None),
    };
    match (lower, upper) {
        (Some(lower), _) if wanted < lower.0 => lower,
        (_, Some(upper)) if wanted > upper.0 => upper,
        _ => (wanted, Limit::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::hpa::spec::{Behavior, ScalingPolicy, ScalingRules};

    #[track_caller]
    fn check(behavior: Option<&Behavior>, current: i32, wanted: i32, expected: (i32, Limit)) {
        let spec = Spec { min_replicas: 3, max_replicas: 30, metrics: vec![], behavior: behavior.cloned() };
        let history = ScaleHistory::default();
        assert_eq!(cut(&spec, &history, current, wanted, SimTime::from_secs(60)), expected);
    }

    /// oracle: recorded decisions of the HPA controller, "Legacy".
    #[test]
    fn without_a_behaviour_a_size_doubles_at_most() {
        check(None, 10, 12, (12, Limit::None));
        check(None, 10, 21, (20, Limit::ScaleUp));
        check(None, 15, 99, (30, Limit::TooMany));
        check(None, 20, 99, (30, Limit::TooMany));
        check(None, 10, 1, (3, Limit::TooFew));
        check(None, 2, 2, (3, Limit::TooFew));
    }

    /// oracle: recorded decisions of the HPA controller, "Behavior".
    #[test]
    fn with_a_behaviour_only_the_direction_of_the_change_is_limited() {
        let two_pods = |rules| ScalingRules { policies: vec![ScalingPolicy::pods(2, 60)], ..rules };
        let behavior = Behavior {
            scale_up: two_pods(ScalingRules::default_up()),
            scale_down: two_pods(ScalingRules::default_down()),
        };
        check(Some(&behavior), 10, 15, (12, Limit::ScaleUp));
        check(Some(&behavior), 29, 35, (30, Limit::TooMany));
        check(Some(&behavior), 28, 35, (30, Limit::TooMany));
        check(Some(&behavior), 10, 5, (8, Limit::ScaleDown));
        check(Some(&behavior), 4, 1, (3, Limit::TooFew));
        check(Some(&behavior), 5, 1, (3, Limit::TooFew));
        check(Some(&behavior), 2, 2, (2, Limit::None));
        check(Some(&behavior), 40, 40, (40, Limit::None));
    }
}
