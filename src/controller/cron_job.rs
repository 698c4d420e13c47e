//! CronJobs: when their next Job is due, and what becomes of those before it.
//!
//! One sync looks at the Jobs that a CronJob has made, as upstream's does (pkg/controller/cronjob/cronjob_controllerv2.go at
//! v1.34.1, `syncCronJob` and `cleanupFinishedJobs`).

pub mod schedule;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};
use schedule::Schedule;

/// What decides what a CronJob does.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "cron-schedule",
        statement: "A CronJob's schedule has the five fields of cron, their names, ranges, steps and lists, `@hourly` and \
                    its like, and `@every`; where the days of month and week are both restricted, either will do; 7 is no \
                    day of the week.",
        source: "github.com/robfig/cron v3 `ParseStandard`, `SpecSchedule.Next`, `dayMatches`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "cron-delay",
        statement: "A CronJob is looked at 0.1 s after each time of its schedule, and at once when it or one of its Jobs \
                    changes.",
        source: "pkg/controller/cronjob/cronjob_controllerv2.go `nextScheduleDelta`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "cron-missed",
        statement: "Of the times that have passed since the last Job, or since the CronJob was created, only the latest gets \
                    one, unless it is startingDeadlineSeconds ago.",
        source: "pkg/controller/cronjob/utils.go `mostRecentScheduleTime`, `nextScheduleTime`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "cron-concurrency",
        statement: "While a Job of the CronJob is active, Allow makes another beside it, Forbid none, which is made up for \
                    when the Job has finished, and Replace deletes it first.",
        source: "pkg/controller/cronjob/cronjob_controllerv2.go `syncCronJob`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "cron-history",
        statement: "Of its finished Jobs a CronJob keeps the successfulJobsHistoryLimit and failedJobsHistoryLimit that \
                    were started last, and deletes the others.",
        source: "pkg/controller/cronjob/cronjob_controllerv2.go `cleanupFinishedJobs`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "cron-job-names",
        statement: "A Job of a CronJob is called by it and the minutes since 1970 of its scheduled time.",
        source: "pkg/controller/cronjob/cronjob_controllerv2.go `getJobName`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "cron-time-zone",
        statement: "A CronJob without timeZone goes by UTC.",
        source: "the time zone of kube-controller-manager, which a managed control plane does not show",
        confidence: Confidence::Estimate,
    },
];

/// How long after a time of the schedule the controller looks (`nextScheduleDelta`).
const DELAY: SignedDuration = SignedDuration::from_millis(100);
/// More missed times than this are told of.
const MANY: i64 = 100;

/// What happens to a Job that is still active when the next is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Concurrency {
    /// The next runs beside it.
    #[default]
    Allow,
    /// The next waits for it.
    Forbid,
    /// It is deleted.
    Replace,
}

/// What a CronJob is told to do; the API server's defaults are filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The schedule as it is written.
    pub written: String,
    /// When Jobs are due.
    pub schedule: Schedule,
    /// The name of the time zone, if one is given.
    pub zone_name: Option<String>,
    /// The time zone.
    pub zone: TimeZone,
    /// What happens to a Job that is still active.
    pub concurrency: Concurrency,
    /// How late a Job may be started.
    pub starting_deadline: Option<Span>,
    /// Whether it makes no Jobs for now.
    pub suspend: bool,
    /// How many Jobs that have succeeded it keeps.
    pub successful_history: u32,
    /// How many that have failed.
    pub failed_history: u32,
}

/// One of a CronJob's Jobs that exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// The number by which decisions name it.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// When it was started, if it was.
    pub started: Option<SimTime>,
    /// Whether it has finished, and then whether it is complete.
    pub finished: Option<bool>,
}

/// What a sync decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Jobs to delete, before any is created.
    pub delete: Vec<u32>,
    /// The scheduled time of a Job to create.
    pub create: Option<Timestamp>,
    /// When to look again although nothing may have happened.
    pub again: Option<Timestamp>,
    /// What is to be told: type, reason and message of events.
    pub events: Vec<(&'static str, &'static str, String)>,
}

/// One CronJob.
#[derive(Clone, Debug)]
pub struct CronJob {
    /// What it is told to do.
    pub spec: Spec,
    name: String,
    created: Timestamp,
    last_schedule: Option<Timestamp>,
    /// Its Jobs that it takes to be active: number and name.
    active: Vec<(u32, String)>,
}

/// The times of a schedule that have passed.
struct Passed {
    /// What the times are counted from.
    since: Timestamp,
    latest: Option<Timestamp>,
    are_many: bool,
}

/// The name of the Job of a scheduled time.
pub fn job_name(cron_job: &str, scheduled: Timestamp) -> String {
    format!("{cron_job}-{}", scheduled.as_second().div_euclid(60))
}

impl CronJob {
    /// A CronJob that was created at `created`.
    pub fn new(name: &str, spec: Spec, created: Timestamp) -> Self {
        Self { spec, name: name.to_owned(), created, last_schedule: None, active: Vec::new() }
    }

    /// How many Jobs it takes to be active.
    pub fn active(&self) -> usize {
        self.active.len()
    }

    /// The scheduled time of its last Job.
    pub fn last_schedule(&self) -> Option<Timestamp> {
        self.last_schedule
    }

    /// A Job of a scheduled time was created.
    pub fn has_created(&mut self, number: u32, name: &str, scheduled: Timestamp) {
        self.active.push((number, name.to_owned()));
        self.last_schedule = Some(scheduled);
    }

    /// When the controller looks next at a CronJob whose schedule was changed.
    pub fn after_change(&self, now: Timestamp) -> Option<Timestamp> {
        self.next_look(now)
    }

    /// Looks at the Jobs that exist.
    pub fn sync(&mut self, now: Timestamp, jobs: &[Child]) -> Decision {
        let mut decision = Decision::default();
        self.follow(jobs, &mut decision);
        if !self.spec.suspend {
            self.start(now, &mut decision);
        }
        self.clean_up(jobs, &mut decision);
        decision
    }

    /// Takes Jobs that have finished, or that somebody has deleted, out of the active ones.
    fn follow(&mut self, jobs: &[Child], decision: &mut Decision) {
        self.active.retain(|(number, name)| {
            let Some(job) = jobs.iter().find(|job| job.number == *number) else {
                decision.tell("MissingJob", format!("Active job went missing: {name}"));
                return false;
            };
            if let Some(is_complete) = job.finished {
                let condition = if is_complete { "Complete" } else { "Failed" };
                let message = format!("Saw completed job: {name}, condition: {condition}");
                decision.tell("SawCompletedJob", message);
            }
            job.finished.is_none()
        });
    }

    /// Creates the Job that is due, if one is and may be.
    fn start(&mut self, now: Timestamp, decision: &mut Decision) {
        decision.again = self.next_look(now);
        let passed = self.passed(now, true);
        let Some(scheduled) = passed.latest else { return };
        if passed.are_many {
            let message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
            decision.events.push(("Warning", "TooManyMissedTimes", message.to_owned()));
        }
        let deadline = self.spec.starting_deadline.and_then(|span| scheduled.checked_add(signed(span)).ok());
        if deadline.is_some_and(|deadline| deadline < now) {
            let at = scheduled.strftime("%a, %d %b %Y %H:%M:%S +0000");
            let message = format!("Missed scheduled time to start a job: {at}");
            decision.events.push(("Warning", "MissSchedule", message));
            return;
        }
        let name = job_name(&self.name, scheduled);
        if self.last_schedule == Some(scheduled) || self.active.iter().any(|(_, active)| *active == name) {
            return;
        }
        match self.spec.concurrency {
            Concurrency::Forbid if !self.active.is_empty() => {
                let message =
                    "Not starting job because prior execution is running and concurrency policy is Forbid";
                decision.tell("JobAlreadyActive", message.to_owned());
                return;
            }
            Concurrency::Replace => {
                for (number, name) in std::mem::take(&mut self.active) {
                    decision.delete(number, &name);
                }
            }
            _ => {}
        }
        decision.create = Some(scheduled);
        decision.again = self.spec.schedule.next(scheduled.max(now), &self.spec.zone).and_then(delayed);
    }

    /// Deletes what has finished and is more than is kept.
    fn clean_up(&self, jobs: &[Child], decision: &mut Decision) {
        for (is_complete, kept) in [(true, self.spec.successful_history), (false, self.spec.failed_history)] {
            let mut finished: Vec<&Child> =
                jobs.iter().filter(|job| job.finished == Some(is_complete)).collect();
            finished.sort_by(|a, b| (a.started, &a.name).cmp(&(b.started, &b.name)));
            let surplus = finished.len().saturating_sub(kept as usize);
            for job in &finished[..surplus] {
                decision.delete(job.number, &job.name);
            }
        }
    }

    /// When to look next: a little after the next time of the schedule.
    fn next_look(&self, now: Timestamp) -> Option<Timestamp> {
        let passed = self.passed(now, false);
        let from = passed.latest.unwrap_or(passed.since);
        self.spec.schedule.next(from, &self.spec.zone).and_then(delayed)
    }

    /// The times of the schedule since the last Job, or since the CronJob was created; with `in_time` no earlier than
    /// the deadline of starts allows.
    fn passed(&self, now: Timestamp, in_time: bool) -> Passed {
        let mut since = self.last_schedule.unwrap_or(self.created);
        if let Some(span) = self.spec.starting_deadline.filter(|_| in_time)
            && let Ok(earliest) = now.checked_sub(signed(span))
        {
            since = since.max(earliest);
        }
        let next = |after: Timestamp| self.spec.schedule.next(after, &self.spec.zone).filter(|at| *at <= now);
        let none = Passed { since, latest: None, are_many: false };
        let Some(first) = next(since) else { return none };
        let Some(second) = next(first) else { return Passed { latest: Some(first), ..none } };
        // A rough count by the first distance, from which the latest is then looked for.
        let distance = (second.as_second() - first.as_second()).max(1);
        let count = (now.as_second() - first.as_second()) / distance + 1;
        let jump = SignedDuration::from_secs((count - 2).max(-1) * distance);
        let mut latest = None;
        let mut at = first.checked_add(jump).unwrap_or(first);
        while let Some(due) = next(at) {
            (latest, at) = (Some(due), due);
        }
        Passed { since, latest: latest.or(Some(second)), are_many: count > MANY }
    }
}

impl Decision {
    fn tell(&mut self, reason: &'static str, message: String) {
        self.events.push(("Normal", reason, message));
    }

    fn delete(&mut self, number: u32, name: &str) {
        if !self.delete.contains(&number) {
            self.delete.push(number);
            self.tell("SuccessfulDelete", format!("Deleted job {name}"));
        }
    }
}

fn delayed(at: Timestamp) -> Option<Timestamp> {
    at.checked_add(DELAY).ok()
}

fn signed(span: Span) -> SignedDuration {
    SignedDuration::from_nanos(i64::try_from(span.0).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
