//! Past recommendations, which hold changes back.

use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "hpa-stabilisation",
    statement: "A workload shrinks no further than the highest recommendation of the last five minutes \
                or of the behaviour's window; the size at the first sync counts as one.",
    source: "pkg/controller/podautoscaler/horizontal.go `stabilizeRecommendation`, \
             `stabilizeRecommendationWithBehaviors`",
    confidence: Confidence::Source,
}];

/// What the metrics asked for at one sync, before anything limited it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Recommendation {
    replicas: i32,
    at: SimTime,
}

/// The recommendations of an HPA. Entries that no window reaches are overwritten in place, as upstream does it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Recommendations(Vec<Recommendation>);

impl Recommendations {
    /// The size at the first sync counts as recommended: so a scale-down waits for a whole window after the start.
    pub(super) fn record_initial(&mut self, replicas: i32, now: SimTime) {
        if self.0.is_empty() {
            self.0.push(Recommendation { replicas, at: now });
        }
    }

    /// Without a behaviour: the highest recommendation of the downscale window, to which an entry exactly as old as
    /// the window still belongs (`stabilizeRecommendation`, pkg/controller/podautoscaler/horizontal.go at v1.34.1).
    pub(super) fn stabilise_downscale(&mut self, proposed: i32, window: Span, now: SimTime) -> i32 {
        let is_old = |entry: &Recommendation| now.since(entry.at) > window;
        let recent = self.0.iter().filter(|&entry| !is_old(entry)).map(|entry| entry.replicas);
        let highest = recent.fold(proposed, i32::max);
        self.record(proposed, now, is_old);
        highest
    }

    /// With a behaviour: `current`, brought between the lowest recommendation of the upscale window and the highest
    /// of the downscale window. Here an entry exactly as old as a window is out of it
    /// (`stabilizeRecommendationWithBehaviors`, the same file).
    pub(super) fn stabilise(&mut self, current: i32, proposed: i32, windows: Windows, now: SimTime) -> i32 {
        let within = |window: Span| {
            let recent = self.0.iter().filter(move |entry| now.since(entry.at) < window);
            recent.map(|entry| entry.replicas)
        };
        let lowest = within(windows.up).fold(proposed, i32::min);
        let highest = within(windows.down).fold(proposed, i32::max);
        let longest = windows.up.max(windows.down);
        self.record(proposed, now, |entry| now.since(entry.at) > longest);
        current.max(lowest).min(highest)
    }

    /// Puts the newest recommendation in place of the last old one.
    fn record(&mut self, replicas: i32, now: SimTime, is_old: impl Fn(&Recommendation) -> bool) {
        let newest = Recommendation { replicas, at: now };
        match self.0.iter_mut().rfind(|entry| is_old(entry)) {
            Some(old) => *old = newest,
            None => self.0.push(newest),
        }
    }
}

/// The stabilisation windows of a behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Windows {
    /// How long lower recommendations hold growth back.
    pub(super) up: Span,
    /// How long higher recommendations hold shrinking back.
    pub(super) down: Span,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(entries: &[(u64, i32)]) -> Recommendations {
        let entry = |&(seconds, replicas)| Recommendation { replicas, at: SimTime::from_secs(seconds) };
        Recommendations(entries.iter().map(entry).collect())
    }

    /// oracle: "The first sync stores the initial spec as a recommendation".
    /// rule: hpa-stabilisation
    #[test]
    fn the_first_size_holds_for_a_whole_window() {
        let mut recommendations = Recommendations::default();
        let window = Span::from_secs(300);
        recommendations.record_initial(8, SimTime::ZERO);
        assert_eq!(recommendations.stabilise_downscale(2, window, SimTime::from_secs(15)), 8);
        assert_eq!(recommendations.stabilise_downscale(2, window, SimTime::from_secs(300)), 8, "inclusive");
        assert_eq!(recommendations.stabilise_downscale(2, window, SimTime::from_secs(315)), 2);
    }

    /// oracle: "an entry exactly 60 s old is out; legacy keeps it".
    /// rule: hpa-stabilisation
    #[test]
    fn with_a_behaviour_an_entry_as_old_as_the_window_is_out() {
        let windows = Windows { up: Span::ZERO, down: Span::from_secs(60) };
        let at = |seconds| after(&[(0, 9)]).stabilise(9, 3, windows, SimTime::from_secs(seconds));
        assert_eq!(at(59), 9);
        assert_eq!(at(60), 3);
    }

    #[test]
    fn windows_only_hold_or_move_towards_the_recommendation() {
        let windows = Windows { up: Span::from_secs(60), down: Span::from_secs(60) };
        let stabilise = |current, proposed| {
            after(&[(0, 4), (15, 7)]).stabilise(current, proposed, windows, SimTime::from_secs(30))
        };
        assert_eq!(stabilise(5, 9), 5, "4 was recommended a moment ago");
        assert_eq!(stabilise(3, 9), 4, "at least 4 all the time");
        assert_eq!(stabilise(9, 2), 7, "7 was recommended a moment ago");
        assert_eq!(stabilise(6, 2), 6, "7 holds it, but does not lift it");
    }

    #[test]
    fn the_last_entry_that_no_window_reaches_is_overwritten() {
        let mut recommendations = after(&[(0, 4), (10, 5), (200, 6)]);
        let windows = Windows { up: Span::ZERO, down: Span::from_secs(60) };
        recommendations.stabilise(6, 6, windows, SimTime::from_secs(210));
        assert_eq!(recommendations, after(&[(0, 4), (210, 6), (200, 6)]));
    }
}
