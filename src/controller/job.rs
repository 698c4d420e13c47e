//! Jobs: how many pods there are, when a Job is complete or has failed, and what follows from that.
//!
//! One sync looks at the Job's pods and at what has ended since the last one, as upstream's does
//! (pkg/controller/job/job_controller.go at v1.34.1, `syncJob` and `manageJob`). Pod failure policies, success
//! policies, backoff limits per index and replacement of failed pods only are not simulated.

mod backoff;
mod naming;
mod removal;

use std::collections::BTreeSet;

use super::pod_status::{PodPhase, ReadyCondition};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

use backoff::Backoff;
pub use naming::{COMPLETION_INDEX, name_pods};

/// What decides what becomes of a Job.
pub(crate) const RULES: &[&[Rule]] = &[COURSE, backoff::RULES, removal::RULES];

const COURSE: &[Rule] = &[
    Rule {
        id: "job-active-pods",
        statement: "A Job with completions keeps as many pods active as are still to succeed, parallelism at \
                    most; one without keeps parallelism until the first has succeeded, and makes none after \
                    that.",
        source: "pkg/controller/job/job_controller.go `manageJob`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "job-complete",
        statement: "A Job is complete when completions pods have succeeded, or without completions one has, \
                    and none is active any more.",
        source: "pkg/controller/job/job_controller.go `syncJob`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "job-backoff-limit",
        statement: "A Job fails when more pods than backoffLimit have failed, or, with restartPolicy \
                    OnFailure, when the restarts of its living pods reach backoffLimit; its active pods are \
                    deleted.",
        source: "pkg/controller/job/job_controller.go `syncJob`, `pastBackoffLimitOnFailure`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "job-deadline",
        statement: "A Job fails activeDeadlineSeconds after it was started or resumed, and its active pods are \
                    deleted.",
        source: "pkg/controller/job/job_controller.go `pastActiveDeadline`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "job-finishes-last",
        statement: "A Job gets its Complete or Failed condition when none of its pods is terminating any more.",
        source: "pkg/controller/job/job_controller.go `enactJobFinished`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "job-suspend",
        statement: "The active pods of a suspended Job are deleted and count as no failures; resumed, it is \
                    started anew.",
        source: "pkg/controller/job/job_controller.go `manageJob`, `syncJob`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "job-deleted-pods",
        statement: "A Job's pod that somebody else deletes counts as failed and is replaced at once.",
        source: "pkg/controller/job/job_controller.go `isPodFailed`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "job-indexes",
        statement: "An Indexed Job makes a pod for each of the lowest indexes below completions that have \
                    neither succeeded nor an active pod, and is complete when each has succeeded.",
        source: "pkg/controller/job/indexed_job_utils.go `firstPendingIndexes`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "job-sync-batch",
        statement: "The Job controller looks at what has happened to a pod one second later, at a change of \
                    the Job at once.",
        source: "pkg/controller/job/job_controller.go `SyncJobBatchPeriod`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "job-ttl",
        statement: "A finished Job is deleted with its pods ttlSecondsAfterFinished later.",
        source: "pkg/controller/ttlafterfinished/ttlafterfinished_controller.go `processTTL`",
        confidence: Confidence::Source,
    },
];

/// How long the controller collects changes of pods before it looks (`SyncJobBatchPeriod`).
pub const SYNC_BATCH: Span = Span::from_secs(1);

/// How many pods one sync creates or deletes at most (`MaxPodCreateDeletePerSync`).
const MOST_PER_SYNC: usize = 500;

/// What a Job is told to do; the API server's defaults are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The most pods that are active at once.
    pub parallelism: u32,
    /// How many pods are to succeed; `None` for a work queue, of which one pod's success is enough.
    pub completions: Option<u32>,
    /// How many failures are one too many less one.
    pub backoff_limit: u32,
    /// How long it may be active.
    pub active_deadline: Option<Span>,
    /// How long it stays after it has finished; `None` for ever.
    pub ttl: Option<Span>,
    /// Whether it is to have no pods for now.
    pub suspend: bool,
    /// Whether each pod has an index of its own.
    pub indexed: bool,
    /// Whether its pods' containers are started again in place.
    pub restarts_in_place: bool,
}

/// A pod of a Job that has not ended.
#[derive(Clone, Copy, Debug)]
pub struct Pod {
    /// Whether it has a node.
    pub bound: bool,
    /// Its phase.
    pub phase: PodPhase,
    /// Its Ready condition.
    pub ready: Option<ReadyCondition>,
    /// When it was created.
    pub created: SimTime,
    /// Whether it was told to end.
    pub terminating: bool,
    /// How often its containers were started again.
    pub restarts: u32,
    /// Its index, in an Indexed Job.
    pub index: Option<u32>,
}

/// A pod that has ended, or that somebody else has deleted, since the last sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: SimTime,
    /// Whether it has succeeded.
    pub succeeded: bool,
    /// Its index, in an Indexed Job.
    pub index: Option<u32>,
}

/// Why a Job has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Too many of its pods have.
    BackoffLimitExceeded,
    /// It took too long.
    DeadlineExceeded,
}

impl Failure {
    /// The reason of condition and event.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::BackoffLimitExceeded => "BackoffLimitExceeded",
            Self::DeadlineExceeded => "DeadlineExceeded",
        }
    }

    /// Their message.
    pub const fn message(self) -> &'static str {
        match self {
            Self::BackoffLimitExceeded => "Job has reached the specified backoff limit",
            Self::DeadlineExceeded => "Job was active longer than specified deadline",
        }
    }
}

/// How a Job ends.
pub type Verdict = Result<(), Failure>;

/// Where a Job stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// When it was started, or resumed.
    pub started: Option<SimTime>,
    /// How many pods have succeeded.
    pub succeeded: u32,
    /// How many have failed.
    pub failed: u32,
    /// The indexes that have succeeded.
    pub indexes: BTreeSet<u32>,
    /// What it will come to as soon as its last pods have gone.
    pub target: Option<Verdict>,
    /// When it has finished, and how.
    pub finished: Option<(SimTime, Verdict)>,
    /// Whether it stands still by request.
    pub suspended: bool,
}

/// What a sync decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Pods to create, each with its index in an Indexed Job.
    pub create: Vec<Option<u32>>,
    /// Pods to delete, as places in the list that was looked at, in this order.
    pub delete: Vec<usize>,
    /// Whether those who are deleted count as failures.
    pub deletions_count: bool,
    /// When to look again although nothing may have happened.
    pub again: Option<SimTime>,
    /// What is to be told: type, reason and message of events.
    pub events: Vec<(&'static str, &'static str, &'static str)>,
    /// Whether the Job is to be deleted.
    pub expired: bool,
}

/// One Job.
#[derive(Clone, Debug)]
pub struct Job {
    /// What it is told to do.
    pub spec: Spec,
    status: Status,
    backoff: Backoff,
}

impl Job {
    /// A Job that nobody has looked at yet.
    pub fn new(spec: Spec) -> Self {
        Self { spec, status: Status::default(), backoff: Backoff::default() }
    }

    /// A Job that had so many succeeded and failed pods before.
    #[must_use]
    pub fn that_had(mut self, succeeded: u32, failed: u32) -> Self {
        (self.status.succeeded, self.status.failed) = (succeeded, failed);
        self
    }

    /// Where it stands.
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// Looks at the Job's pods and at those that have ended since the last sync, in order of time.
    pub fn sync(&mut self, now: SimTime, pods: &[Pod], ended: &[Ended]) -> Decision {
        let mut decision = Decision::default();
        if let Some((at, _)) = self.status.finished {
            self.expire(now, at, &mut decision);
            return decision;
        }
        if self.status.started.is_none() && !self.spec.suspend {
            self.status.started = Some(now);
        }
        self.count(ended);
        let active: Vec<usize> = (0..pods.len()).filter(|&place| !pods[place].terminating).collect();
        if self.status.target.is_none() {
            self.follow_suspension(now, &mut decision);
            self.status.target = self.failure(now, pods, &mut decision).map(Err);
        }
        let left = match self.status.target {
            Some(Err(_)) => {
                decision.delete.clone_from(&active);
                decision.deletions_count = true;
                0
            }
            Some(Ok(())) => 0,
            None => self.manage(now, pods, &active, &mut decision),
        };
        if self.status.target.is_none() && self.is_complete(left) {
            self.status.target = Some(Ok(()));
        }
        let is_quiet = decision.delete.is_empty() && pods.iter().all(|pod| !pod.terminating);
        if let Some(verdict) = self.status.target.filter(|_| is_quiet) {
            self.finish(now, verdict, &mut decision);
        }
        decision
    }

    /// Takes those into account that have ended.
    fn count(&mut self, ended: &[Ended]) {
        for one in ended {
            match (one.succeeded, one.index) {
                (false, _) => self.status.failed += 1,
                (true, None) => self.status.succeeded += 1,
                (true, Some(index)) => {
                    if self.spec.completions.is_some_and(|all| index < all) {
                        self.status.indexes.insert(index);
                    }
                    self.status.succeeded = self.status.indexes.len() as u32;
                }
            }
        }
        self.backoff.learn(ended);
    }

    /// Why the Job has failed by now, if it has; otherwise the decision is to look again at its deadline.
    fn failure(&self, now: SimTime, pods: &[Pod], decision: &mut Decision) -> Option<Failure> {
        if self.status.failed > self.spec.backoff_limit || self.restarted_too_often(pods) {
            return Some(Failure::BackoffLimitExceeded);
        }
        let deadline = self.status.started? + self.spec.active_deadline?;
        if self.spec.suspend {
            return None;
        }
        if now >= deadline {
            return Some(Failure::DeadlineExceeded);
        }
        decision.look_again(deadline);
        None
    }

    fn restarted_too_often(&self, pods: &[Pod]) -> bool {
        if !self.spec.restarts_in_place {
            return false;
        }
        let restarts: u32 = pods.iter().map(|pod| pod.restarts).sum();
        if self.spec.backoff_limit == 0 { restarts > 0 } else { restarts >= self.spec.backoff_limit }
    }

    /// Brings the active pods to their number; how many are active then.
    fn manage(&mut self, now: SimTime, pods: &[Pod], active: &[usize], decision: &mut Decision) -> usize {
        if self.spec.suspend {
            decision.delete = removal::first(pods, active, active.len());
            return 0;
        }
        let wanted = self.wanted(active.len());
        let doubled =
            if self.spec.indexed { removal::doubled(pods, active, self.completions()) } else { Vec::new() };
        let surplus = active.len().saturating_sub(wanted).max(doubled.len());
        if surplus > 0 {
            let others: Vec<_> = active.iter().copied().filter(|place| !doubled.contains(place)).collect();
            let more = surplus - doubled.len();
            decision.delete = doubled;
            decision.delete.extend(removal::first(pods, &others, more));
            decision.delete.truncate(MOST_PER_SYNC);
            return active.len() - decision.delete.len();
        }
        let missing = wanted - active.len();
        if missing == 0 {
            return active.len();
        }
        if let Some(until) = self.backoff.until().filter(|&until| until > now) {
            decision.look_again(until);
            return active.len();
        }
        decision.create = self.indexes_to_create(pods, active, missing.min(MOST_PER_SYNC));
        active.len() + decision.create.len()
    }

    /// How many pods are to be active, of which `active` are.
    fn wanted(&self, active: usize) -> usize {
        let parallelism = self.spec.parallelism as usize;
        match self.spec.completions {
            None if self.status.succeeded > 0 => active,
            None => parallelism,
            Some(all) => (all.saturating_sub(self.status.succeeded) as usize).min(parallelism),
        }
    }

    fn completions(&self) -> u32 {
        self.spec.completions.unwrap_or(0)
    }

    fn indexes_to_create(&self, pods: &[Pod], active: &[usize], count: usize) -> Vec<Option<u32>> {
        if !self.spec.indexed {
            return vec![None; count];
        }
        let busy: BTreeSet<u32> = active.iter().filter_map(|&place| pods[place].index).collect();
        let free = |index: &u32| !busy.contains(index) && !self.status.indexes.contains(index);
        (0..self.completions()).filter(free).take(count).map(Some).collect()
    }

    fn follow_suspension(&mut self, now: SimTime, decision: &mut Decision) {
        if self.status.suspended == self.spec.suspend {
            return;
        }
        self.status.suspended = self.spec.suspend;
        if self.spec.suspend {
            decision.events.push(("Normal", "Suspended", "Job suspended"));
        } else {
            decision.events.push(("Normal", "Resumed", "Job resumed"));
            // The deadline counts anew, so this comes before anybody looks at it.
            self.status.started = Some(now);
        }
    }

    fn is_complete(&self, active: usize) -> bool {
        let enough = match self.spec.completions {
            None => self.status.succeeded > 0,
            Some(all) => self.status.succeeded >= all,
        };
        enough && active == 0
    }

    fn finish(&mut self, now: SimTime, verdict: Verdict, decision: &mut Decision) {
        self.status.finished = Some((now, verdict));
        decision.again = None;
        decision.events.push(match verdict {
            Ok(()) => ("Normal", "Completed", "Job completed"),
            Err(failure) => ("Warning", failure.reason(), failure.message()),
        });
        self.expire(now, now, decision);
    }

    fn expire(&self, now: SimTime, finished: SimTime, decision: &mut Decision) {
        let Some(ttl) = self.spec.ttl else { return };
        if now >= finished + ttl {
            decision.expired = true;
        } else {
            decision.look_again(finished + ttl);
        }
    }
}

impl Decision {
    /// Looks again at `instant`, if not earlier.
    fn look_again(&mut self, instant: SimTime) {
        self.again = Some(self.again.map_or(instant, |again| again.min(instant)));
    }
}

#[cfg(test)]
mod tests;
