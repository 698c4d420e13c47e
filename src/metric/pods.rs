//! `pods`: what became of the pods.

use super::fact::Outcome;
use super::level::Level;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;

pub(super) static GROUP: Group = Group {
    name: "pods",
    about: "What became of the pods.",
    metrics: &[
        Metric::new("pods.created", Unit::Count, Better::Neither, "Pods created.", |run| {
            Some(run.pods.created as f64)
        }),
        Metric::new("pods.scheduled", Unit::Count, Better::Neither, "Pods bound to a node.", |run| {
            Some(run.pods.scheduled as f64)
        }),
        Metric::new(
            "pods.completed",
            Unit::Count,
            Better::Neither,
            "Pods whose containers ended by themselves, successfully.",
            |run| Some(run.pods.completed as f64),
        ),
        Metric::new(
            "pods.peak",
            Unit::Count,
            Better::Neither,
            "The most pods that existed at once, pending and terminating ones too, at the end of any instant.",
            |run| Some(run.pods.alive.peak() as f64),
        ),
        Metric::new(
            "pods.pendingAtEnd",
            Unit::Count,
            Better::Lower,
            "Pods that were still without a node when the run ended.",
            |run| Some(run.pending.level.now() as f64),
        ),
        Metric::new(
            "pods.preempted",
            Unit::Count,
            Better::Lower,
            "Pods evicted in favour of a pod of higher priority.",
            |run| Some(run.pods.preempted as f64),
        ),
        Metric::new(
            "pods.failed",
            Unit::Count,
            Better::Lower,
            "Pods that the platform gave up before their containers ran: failed fast, or pending for too long.",
            |run| Some(run.pods.failed as f64),
        ),
        Metric::new(
            "pods.reclaimed",
            Unit::Count,
            Better::Lower,
            "Pods that ended because their spot or best-effort instance was taken back.",
            |run| Some(run.pods.reclaimed as f64),
        ),
    ],
};

/// Counts of pods by what became of them, those that exist, and those of them on ECS nodes.
#[derive(Debug, Default)]
pub(crate) struct Pods {
    created: u64,
    pub(super) scheduled: u64,
    completed: u64,
    preempted: u64,
    failed: u64,
    reclaimed: u64,
    pub(super) alive: Level,
    pub(super) on_ecs: Level,
}

impl Pods {
    pub(super) fn created(&mut self) {
        self.created += 1;
        self.alive.rise();
    }

    pub(super) fn scheduled(&mut self) {
        self.scheduled += 1;
    }

    pub(super) fn ended(&mut self, outcome: Outcome) {
        self.alive.fall();
        match outcome {
            Outcome::Succeeded => self.completed += 1,
            Outcome::Preempted => self.preempted += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Reclaimed => self.reclaimed += 1,
            Outcome::Deleted | Outcome::ContainerFailed | Outcome::Evicted | Outcome::Lost => {}
        }
    }
}
