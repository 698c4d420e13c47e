//! What an HPA tells about itself: conditions, events, and the status of its object.

use super::replica_calculator::CurrentMetric;
use crate::units::SimTime;

/// The status of the HPA's object as of its last sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `spec.replicas` of the target at the sync.
    pub current_replicas: i32,
    /// The size that the last successful sync wanted.
    pub desired_replicas: i32,
    /// When the size was last changed.
    pub last_scale_time: Option<SimTime>,
    /// The metrics' values in the order of the spec, `None` for one that failed; `None` as a whole if the sync did
    /// not look at metrics.
    pub current_metrics: Option<Vec<Option<CurrentMetric>>>,
    /// The conditions.
    pub conditions: Conditions,
}

/// The conditions of an HPA; each is absent until it is first set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Whether the target can be scaled, and whether stabilisation holds it.
    pub able_to_scale: Option<Condition>,
    /// Whether the metrics give a size.
    pub scaling_active: Option<Condition>,
    /// Whether bounds or rates cut the size.
    pub scaling_limited: Option<Condition>,
}

impl Conditions {
    /// The conditions that are set, by Kubernetes' name, in the order in which it lists them.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Condition)> {
        let named = [
            ("AbleToScale", &self.able_to_scale),
            ("ScalingActive", &self.scaling_active),
            ("ScalingLimited", &self.scaling_limited),
        ];
        named.into_iter().filter_map(|(name, condition)| Some((name, condition.as_ref()?)))
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Whether it holds; an HPA's conditions are never unknown.
    pub holds: bool,
    /// Why, in one CamelCase word.
    pub reason: &'static str,
    /// Why, in a sentence.
    pub message: String,
    /// When `holds` last changed.
    pub last_transition: SimTime,
}

/// What is to be said of a condition, before it is known whether that is news.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) holds: bool,
    pub(super) reason: &'static str,
    pub(super) message: String,
}

impl Finding {
    pub(super) fn new(holds: bool, reason: &'static str, message: impl Into<String>) -> Self {
        Self { holds, reason, message: message.into() }
    }

    /// Makes this the state of `condition`; its time of transition stays unless `holds` changes.
    pub(super) fn set(self, condition: &mut Option<Condition>, now: SimTime) {
        let unchanged = condition.as_ref().filter(|old| old.holds == self.holds);
        let last_transition = unchanged.map_or(now, |old| old.last_transition);
        let Self { holds, reason, message } = self;
        *condition = Some(Condition { holds, reason, message, last_transition });
    }
}

/// A Kubernetes event about the HPA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `Normal` or `Warning`.
    pub kind: &'static str,
    /// Why, in one CamelCase word.
    pub reason: &'static str,
    /// The text.
    pub message: String,
}

impl Event {
    pub(super) fn normal(reason: &'static str, message: String) -> Self {
        Self { kind: "Normal", reason, message }
    }

    pub(super) fn warning(reason: &'static str, message: String) -> Self {
        Self { kind: "Warning", reason, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_transition_moves_only_when_the_status_changes() {
        let mut condition = None;
        let at = SimTime::from_secs;
        Finding::new(true, "ReadyForNewScale", "a").set(&mut condition, at(15));
        Finding::new(true, "ScaleDownStabilized", "b").set(&mut condition, at(30));
        let state = condition.clone().unwrap();
        assert_eq!((state.reason, state.last_transition), ("ScaleDownStabilized", at(15)));
        Finding::new(false, "FailedUpdateScale", "c").set(&mut condition, at(45));
        assert_eq!(condition.unwrap().last_transition, at(45));
    }
}
