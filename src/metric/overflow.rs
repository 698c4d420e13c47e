//! `overflow`: pods on virtual nodes, and why they are there.

use super::fact::Overflow;
use super::level::Level;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use crate::units::SimTime;

pub(super) static GROUP: Group = Group {
    name: "overflow",
    about: "Pods bound to a virtual node, and why. The first that holds of early, full, directed and excluded.",
    metrics: &[
        Metric::new("overflow.pods", Unit::Count, Better::Lower, "Pods bound to a virtual node.", |run| {
            Some(run.overflow.pods() as f64)
        }),
        Metric::new("overflow.share", Unit::Share, Better::Lower, SHARE, |run| {
            Some(run.overflow.pods() as f64 / run.pods.scheduled.max(1) as f64)
        }),
        Metric::new("overflow.podSeconds", Unit::PodSeconds, Better::Lower, POD_SECONDS, |run| {
            Some(run.overflow.level.thing_seconds())
        }),
        Metric::new("overflow.full", Unit::Count, Better::Neither, FULL, |run| {
            Some(run.overflow.count(Overflow::Full) as f64)
        }),
        Metric::new("overflow.early", Unit::Count, Better::Lower, EARLY, |run| {
            Some(run.overflow.count(Overflow::Early) as f64)
        }),
        Metric::new("overflow.excluded", Unit::Count, Better::Lower, EXCLUDED, |run| {
            Some(run.overflow.count(Overflow::Excluded) as f64)
        }),
        Metric::new("overflow.directed", Unit::Count, Better::Neither, DIRECTED, |run| {
            Some(run.overflow.count(Overflow::Directed) as f64)
        }),
        Metric::new("overflow.firstAtSeconds", Unit::Seconds, Better::Higher, FIRST, |run| {
            run.overflow.first.map(SimTime::as_secs_f64)
        }),
    ],
};

const SHARE: &str = "Of all pods bound, the part bound to virtual nodes; 0 if none was bound.";
const POD_SECONDS: &str =
    "The number of living pods on virtual nodes, integrated over time: from bind to end.";
const FULL: &str = "Some ECS node was eligible, and had no room for what the pod requests.";
const EARLY: &str = "An ECS node had passed every filter, and was outscored by the virtual node or lost the draw among equals.";
const EXCLUDED: &str =
    "No ECS node was eligible for another reason, such as a missing toleration: the silent bill.";
const DIRECTED: &str = "The pod itself names virtual nodes, whatever ECS nodes exist.";
const FIRST: &str = "When the first pod was bound to a virtual node; null if none was.";

/// Counts and levels of pods on virtual nodes.
#[derive(Debug, Default)]
pub(crate) struct Overflows {
    counts: [u64; 4],
    first: Option<SimTime>,
    /// Pods that live on virtual nodes.
    pub(super) level: Level,
    /// Those of them that are there early.
    pub(super) early: Level,
}

impl Overflows {
    pub(super) fn bound(&mut self, why: Overflow, now: SimTime) {
        self.counts[why as usize] += 1;
        self.first.get_or_insert(now);
        self.level.rise();
        if why == Overflow::Early {
            self.early.rise();
        }
    }

    pub(super) fn ended(&mut self, why: Overflow) {
        self.level.fall();
        if why == Overflow::Early {
            self.early.fall();
        }
    }

    fn count(&self, why: Overflow) -> u64 {
        self.counts[why as usize]
    }

    fn pods(&self) -> u64 {
        self.counts.iter().sum()
    }
}
