//! `jobs`: what became of the Jobs.

use super::fact::Fact;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use super::waits::{WaitEnd, Waits};
use crate::units::{SimTime, Span};

pub(super) static GROUP: Group = Group {
    name: "jobs",
    about: "What became of the Jobs. Runs without Jobs do not have these figures. Jobs that were deleted before they had \
            finished count as created only.",
    metrics: &[
        Metric::new("jobs.created", Unit::Count, Better::Neither, "Jobs created.", |run| {
            Some(run.jobs.created as f64)
        }),
        Metric::new("jobs.completed", Unit::Count, Better::Higher, "Jobs that are complete.", |run| {
            Some(run.jobs.completed as f64)
        }),
        Metric::new("jobs.failed", Unit::Count, Better::Lower, "Jobs that have failed.", |run| {
            Some(run.jobs.failed as f64)
        }),
        Metric::new(
            "jobs.unfinishedAtEnd",
            Unit::Count,
            Better::Lower,
            "Jobs that were neither complete nor had failed when the run ended.",
            |run| Some(run.jobs.open.len() as f64),
        ),
        Metric::new(
            "jobs.failedPods",
            Unit::Count,
            Better::Lower,
            "Pods that counted as failed to their Job, for whatever reason.",
            |run| Some(run.jobs.failed_pods as f64),
        ),
        Metric::new(
            "jobs.restarts",
            Unit::Count,
            Better::Lower,
            "How often containers were started again that had ended.",
            |run| Some(run.jobs.restarts as f64),
        ),
        Metric::of_waits(
            "jobs.seconds.p50",
            "Half of the Jobs finished no later after their creation.",
            50,
            |run| &run.jobs.durations,
        ),
        Metric::of_waits(
            "jobs.seconds.p95",
            "95 of 100 Jobs finished no later after their creation.",
            95,
            |run| &run.jobs.durations,
        ),
        Metric::of_waits(
            "jobs.seconds.max",
            "The longest time from a Job's creation until it finished.",
            100,
            |run| &run.jobs.durations,
        ),
    ],
};

/// Counts of Jobs by what became of them.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    created: u64,
    completed: u64,
    failed: u64,
    failed_pods: u64,
    restarts: u64,
    durations: Waits,
    /// Those that exist and have not finished, with the times of their creation; few enough to search.
    open: Vec<(String, SimTime)>,
}

impl Jobs {
    /// Whether the run has any.
    pub(super) fn any(&self) -> bool {
        self.created > 0
    }

    /// Takes note of a fact about Jobs.
    pub(super) fn observe(&mut self, now: SimTime, fact: &Fact<'_>) {
        match *fact {
            Fact::JobCreated { job } => {
                self.created += 1;
                self.open.push((job.to_owned(), now));
            }
            Fact::JobFinished { job, completed, took } => {
                *(if completed { &mut self.completed } else { &mut self.failed }) += 1;
                self.durations.record(took, WaitEnd::Met);
                self.close(job);
            }
            Fact::JobDeleted { job } => self.close(job),
            Fact::JobPodFailed { .. } => self.failed_pods += 1,
            Fact::ContainerRestarted { .. } => self.restarts += 1,
            _ => {}
        }
    }

    fn close(&mut self, job: &str) {
        self.open.retain(|(open, _)| open != job);
    }

    /// The run has ended.
    pub(super) fn finish(&mut self, horizon: SimTime) {
        let ages: Vec<Span> = self.open.iter().map(|(_, since)| horizon.since(*since)).collect();
        for age in ages {
            self.durations.record(age, WaitEnd::CutShort);
        }
        self.durations.settle();
    }
}
