//! `scheduler`: how much work the scheduler had.

use super::registry::{Better, Group, Metric};
use super::unit::Unit;

pub(super) static GROUP: Group = Group {
    name: "scheduler",
    about: "The work of the scheduler, for all pods that it handled.",
    metrics: &[
        Metric::new("scheduler.attempts", Unit::Count, Better::Neither, ATTEMPTS, |run| {
            Some((run.scheduler.decisions + run.scheduler.failures) as f64)
        }),
        Metric::new("scheduler.decisions", Unit::Count, Better::Neither, DECISIONS, |run| {
            Some(run.scheduler.decisions as f64)
        }),
        Metric::new("scheduler.failures", Unit::Count, Better::Lower, FAILURES, |run| {
            Some(run.scheduler.failures as f64)
        }),
    ],
};

const ATTEMPTS: &str = "Scheduling attempts.";
const DECISIONS: &str = "Attempts that found a node.";
const FAILURES: &str = "Attempts that found none.";

/// Scheduling attempts so far, by their result.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    decisions: u64,
    failures: u64,
}

impl Attempts {
    pub(super) fn succeeded(&mut self) {
        self.decisions += 1;
    }

    pub(super) fn failed(&mut self) {
        self.failures += 1;
    }
}
