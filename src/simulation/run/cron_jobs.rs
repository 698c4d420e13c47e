//! CronJobs in a run: Jobs come by schedule.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Run;
use super::event::Event;
use super::jobs::JobState;
use crate::controller::cron_job::{self, Child, CronJob, Decision};
use crate::metric::Fact;
use crate::object::{PodSpec, Title};
use crate::random::Stream;
use crate::simulation::Scenario;
use crate::simulation::scenario::CronJobSetup;
use crate::units::SimTime;

/// Draws of CronJobs' pods are kept apart from all others.
const FIRST_GROUP: u32 = 7 << 29;

/// The draws of the pods of one Job: they follow from its CronJob and its scheduled time, whatever other Jobs there were.
pub(super) fn stream(cron_job: u32, job_name: &str, ordinal: u32) -> Stream {
    let minutes = job_name.rsplit('-').next().and_then(|digits| digits.parse::<u32>().ok());
    Stream::of(FIRST_GROUP + cron_job, ordinal).round(minutes.unwrap_or(0))
}

/// A CronJob.
#[derive(Clone, Debug)]
pub struct CronJobView {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it is told to do.
    pub spec: cron_job::Spec,
    /// What the pods of its Jobs are like.
    pub template: PodSpec,
    /// How many of its Jobs are active.
    pub active: usize,
    /// The scheduled time of its last Job.
    pub last_schedule: Option<SimTime>,
    /// When it was created.
    pub created: SimTime,
}

/// One CronJob as a run has it.
#[derive(Debug)]
pub(super) struct CronJobState {
    pub(super) setup: Arc<CronJobSetup>,
    pub(super) controller: CronJob,
    /// Since when it exists; `None` before, and once it was deleted.
    pub(super) since: Option<SimTime>,
    /// Its Jobs, of which some may have been deleted.
    pub(super) jobs: Vec<u32>,
    /// When it is looked at next, if that is in the calendar.
    due: Option<SimTime>,
}

impl CronJobState {
    /// The CronJobs of a scenario before they exist.
    pub(super) fn all(scenario: &Scenario) -> Vec<Self> {
        let state = |setup: &CronJobSetup| Self {
            setup: Arc::new(setup.clone()),
            controller: CronJob::new(&setup.name, setup.spec.clone(), scenario.starts_at),
            since: None,
            jobs: Vec::new(),
            due: None,
        };
        scenario.cron_jobs.iter().map(state).collect()
    }
}

impl Run<'_, '_> {
    /// The instant of the calendar that it is.
    fn date(&self) -> Timestamp {
        let passed = SignedDuration::from_nanos(i64::try_from(self.now.0).unwrap_or(i64::MAX));
        self.scenario.starts_at.checked_add(passed).unwrap_or(Timestamp::MAX)
    }

    /// A CronJob comes to exist.
    pub(super) fn create_cron_job(&mut self, cron_job: u32) {
        let date = self.date();
        let state = &mut self.cron_jobs[cron_job as usize];
        state.setup = Arc::new(self.scenario.cron_jobs[cron_job as usize].clone());
        state.controller = CronJob::new(&state.setup.name, state.setup.spec.clone(), date);
        state.since = Some(self.now);
        self.sync_cron_job(cron_job);
    }

    /// A CronJob is told something else; Jobs that there are stay as they are.
    pub(super) fn change_cron_job(&mut self, cron_job: u32, setup: &CronJobSetup) {
        let date = self.date();
        let state = &mut self.cron_jobs[cron_job as usize];
        let old = &state.controller.spec;
        let is_other = (&old.schedule, &old.zone_name) != (&setup.spec.schedule, &setup.spec.zone_name);
        state.setup = Arc::new(setup.clone());
        state.controller.spec = setup.spec.clone();
        if is_other {
            let again = state.controller.after_change(date);
            self.look_at_cron_job(cron_job, again);
        } else {
            self.sync_cron_job(cron_job);
        }
    }

    /// Deletes a CronJob; the garbage collector deletes its Jobs with their pods.
    pub(super) fn delete_cron_job(&mut self, cron_job: u32) {
        let state = &mut self.cron_jobs[cron_job as usize];
        if state.since.take().is_none() {
            return;
        }
        state.due = None;
        for job in std::mem::take(&mut state.jobs) {
            self.delete_job(job);
        }
    }

    /// Something has happened to a Job: the CronJob that has made it looks at once.
    pub(super) fn cron_job_notices(&mut self, job: u32) {
        let Some(cron_job) = self.jobs[job as usize].cron_job else { return };
        if self.cron_jobs[cron_job as usize].since.is_some() {
            self.cron_jobs[cron_job as usize].due = Some(self.now);
            self.at(self.now, Event::CronJobSync(cron_job));
        }
    }

    /// It is time to look at a CronJob.
    pub(super) fn cron_job_due(&mut self, cron_job: u32) {
        let due = &mut self.cron_jobs[cron_job as usize].due;
        // One that was looked at in the meantime has nothing due any more.
        if *due == Some(self.now) {
            *due = None;
            self.sync_cron_job(cron_job);
        }
    }

    fn look_at_cron_job(&mut self, cron_job: u32, again: Option<Timestamp>) {
        let start = self.scenario.starts_at;
        let after = again.and_then(|at| u64::try_from(at.duration_since(start).as_nanos()).ok());
        let at = after.map(|nanos| SimTime(nanos).max(self.now));
        self.cron_jobs[cron_job as usize].due = at;
        if let Some(at) = at {
            self.at(at, Event::CronJobSync(cron_job));
        }
    }

    fn sync_cron_job(&mut self, cron_job: u32) {
        let date = self.date();
        let there = &self.jobs;
        let state = &mut self.cron_jobs[cron_job as usize];
        if state.since.is_none() {
            return;
        }
        state.jobs.retain(|&job| there[job as usize].since.is_some());
        let child = |&number: &u32| {
            let job = &there[number as usize];
            let status = job.job.status();
            let finished = status.finished.map(|(_, verdict)| verdict.is_ok());
            Child { number, name: job.setup.name.clone(), started: status.started, finished }
        };
        let children: Vec<Child> = state.jobs.iter().map(child).collect();
        let decision = state.controller.sync(date, &children);
        self.look_at_cron_job(cron_job, decision.again);
        self.carry_out_cron_job(cron_job, decision);
    }

    fn carry_out_cron_job(&mut self, cron_job: u32, decision: Decision) {
        let setup = self.cron_jobs[cron_job as usize].setup.clone();
        for (kind, reason, message) in &decision.events {
            let (object, message) = (Title::of(&setup.title), format_args!("{message}"));
            self.tell(&Fact::Event { kind, reason, object, message });
        }
        let due = self.cron_jobs[cron_job as usize].due;
        for job in decision.delete {
            self.delete_job(job);
        }
        // What it has deleted itself is no news.
        self.cron_jobs[cron_job as usize].due = due;
        let Some(scheduled) = decision.create else { return };
        let job = setup.job_of(scheduled);
        let (number, name) = (self.jobs.len() as u32, job.name.clone());
        self.jobs.push(JobState::new(Arc::new(job), Some(cron_job)));
        let state = &mut self.cron_jobs[cron_job as usize];
        state.jobs.push(number);
        state.controller.has_created(number, &name, scheduled);
        let (object, message) = (Title::of(&setup.title), format_args!("Created job {name}"));
        self.tell(&Fact::Event { kind: "Normal", reason: "SuccessfulCreate", object, message });
        self.create_job(number);
    }

    /// A CronJob as kubectl would show it, if it exists.
    pub(super) fn cron_job_at(&self, state: &CronJobState) -> Option<CronJobView> {
        let start = self.scenario.starts_at;
        let since_start =
            |at: Timestamp| SimTime(u64::try_from(at.duration_since(start).as_nanos()).unwrap_or(0));
        Some(CronJobView {
            namespace: state.setup.job.template.namespace.clone(),
            name: state.setup.name.clone(),
            spec: state.controller.spec.clone(),
            template: state.setup.job.template.clone(),
            active: state.controller.active(),
            last_schedule: state.controller.last_schedule().map(since_start),
            created: state.since?,
        })
    }
}
