//! Jobs in a run: their pods come, end and go as the Job controller decides.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Run;
use super::clients::Controller;
use super::cron_jobs;
use super::event::Event;
use super::pod_state::Creator;
use crate::admission::pod_name::TakenNames;
use crate::controller::job::{self, COMPLETION_INDEX, Decision, Ended, SYNC_BATCH};
use crate::controller::slow_start::SlowStart;
use crate::id::PodId;
use crate::metric::Fact;
use crate::object::{PodSpec, Title};
use crate::random::Stream;
use crate::simulation::scenario::JobSetup;
use crate::units::SimTime;

/// Draws of Jobs' pods are kept apart from those of workloads, which count from zero, and of sources.
const FIRST_GROUP: u32 = 3 << 30;

/// One Job.
#[derive(Debug)]
pub(super) struct JobState {
    /// What it is.
    pub(super) setup: Arc<JobSetup>,
    /// The CronJob that has made it, if one has.
    pub(super) cron_job: Option<u32>,
    pub(super) job: job::Job,
    /// Since when it exists; `None` before, and once it was deleted.
    pub(super) since: Option<SimTime>,
    /// Its pods that are not gone, in order of creation.
    pub(super) pods: Vec<PodId>,
    /// Pods that ended since it was last looked at.
    ended: Vec<Ended>,
    /// Requests to create a pod that are to be made, or on their way, each with its index.
    coming: VecDeque<Option<u32>>,
    batches: SlowStart,
    /// Pods whose deletion was asked for, and whether that counts as no failure.
    going: VecDeque<(PodId, bool)>,
    /// How many pods it ever created.
    created: u32,
    names: TakenNames,
    indexes: FxHashMap<PodId, u32>,
    /// When it is looked at next, if that is in the calendar.
    due: Option<SimTime>,
}

impl JobState {
    pub(super) fn new(setup: Arc<JobSetup>, cron_job: Option<u32>) -> Self {
        let (succeeded, failed) = setup.had;
        Self {
            job: job::Job::new(setup.spec).that_had(succeeded, failed),
            setup,
            cron_job,
            since: None,
            pods: Vec::new(),
            ended: Vec::new(),
            coming: VecDeque::new(),
            batches: SlowStart::default(),
            going: VecDeque::new(),
            created: 0,
            names: TakenNames::default(),
            indexes: FxHashMap::default(),
            due: None,
        }
    }

    /// Whether requests of its last sync are to be made, or on their way.
    fn is_syncing(&self) -> bool {
        !self.batches.is_over() || !self.going.is_empty()
    }
}

impl Run<'_, '_> {
    /// A Job comes to exist.
    pub(super) fn create_job(&mut self, job: u32) {
        self.jobs[job as usize].since = Some(self.now);
        let setup = self.jobs[job as usize].setup.clone();
        self.tell(&Fact::JobCreated { job: &setup.title });
        self.sync_job(job);
    }

    /// A Job is told something else.
    pub(super) fn change_job(&mut self, job: u32, spec: job::Spec) {
        self.jobs[job as usize].job.spec = spec;
        self.sync_job(job);
    }

    /// Deletes a Job; the garbage collector deletes its pods, finished ones too.
    pub(super) fn delete_job(&mut self, job: u32) {
        let state = &mut self.jobs[job as usize];
        if state.since.take().is_none() {
            return;
        }
        state.coming.clear();
        state.batches.give_up();
        let pods = state.pods.clone();
        if state.job.status().finished.is_none() {
            let setup = state.setup.clone();
            self.tell(&Fact::JobDeleted { job: &setup.title });
        }
        self.cron_job_notices(job);
        for pod in pods {
            self.pods[pod.index()].disowned = true;
            self.delete(pod);
        }
        self.objects.forget_finished(|state| state.creator == Creator::Job(job));
    }

    /// Has a Job looked at, not later than `at`.
    fn look_at_job(&mut self, job: u32, at: SimTime) {
        let state = &mut self.jobs[job as usize];
        if state.since.is_some() && state.due.is_none_or(|due| at < due) {
            state.due = Some(at);
            self.at(at, Event::JobSync(job));
        }
    }

    /// It is time to look at a Job.
    pub(super) fn job_due(&mut self, job: u32) {
        let due = &mut self.jobs[job as usize].due;
        // One that was looked at earlier in the meantime has nothing due any more.
        if *due == Some(self.now) {
            *due = None;
            self.sync_job(job);
        }
    }

    /// Looks at a Job, unless requests are on their way: then it is looked at after the last of them.
    fn sync_job(&mut self, job: u32) {
        let state = &self.jobs[job as usize];
        if state.since.is_none() || state.is_syncing() {
            return;
        }
        let pods = state.pods.clone();
        let views: Vec<_> = pods.iter().map(|&pod| self.job_view(job, pod)).collect();
        let now = self.now;
        let state = &mut self.jobs[job as usize];
        let ended = std::mem::take(&mut state.ended);
        let decision = state.job.sync(now, &views, &ended);
        self.carry_out(job, &pods, &decision);
        if !decision.expired
            && let Some(at) = decision.again
        {
            self.look_at_job(job, at);
        }
    }

    fn carry_out(&mut self, job: u32, pods: &[PodId], decision: &Decision) {
        let going = decision.delete.iter().map(|&place| (pods[place], !decision.deletions_count));
        self.jobs[job as usize].going = going.collect();
        for _ in 0..self.request(Controller::Job, decision.delete.len(), Event::JobPodGoes(job)) {
            self.delete_job_pod(job);
        }
        let state = &mut self.jobs[job as usize];
        state.coming.extend(&decision.create);
        state.batches = SlowStart::of(state.coming.len());
        self.create_job_pods(job);
        for &(kind, reason, message) in &decision.events {
            self.job_event(job, kind, reason, format_args!("{message}"));
        }
        self.tell_if_finished(job);
        if decision.expired {
            self.delete_job(job);
        }
    }

    fn tell_if_finished(&mut self, job: u32) {
        let now = self.now;
        let state = &self.jobs[job as usize];
        let (Some((at, verdict)), Some(since)) = (state.job.status().finished, state.since) else { return };
        if at == now {
            let (setup, took) = (state.setup.clone(), at.since(since));
            self.tell(&Fact::JobFinished { job: &setup.title, completed: verdict.is_ok(), took });
            self.cron_job_notices(job);
        }
    }

    /// A request to create a pod is answered; after the last of them the Job is looked at again.
    pub(super) fn job_pod_comes(&mut self, job: u32) {
        let state = &mut self.jobs[job as usize];
        if state.since.is_none() || state.coming.is_empty() {
            state.batches.answered();
            self.sync_job(job);
            return;
        }
        self.create_job_pod(job);
        self.create_job_pods(job);
        self.sync_job(job);
    }

    /// A request to delete a pod is answered; after the last of them the Job is looked at again.
    pub(super) fn job_pod_goes(&mut self, job: u32) {
        self.delete_job_pod(job);
        self.sync_job(job);
    }

    /// Asks for pods, batch by batch, until a batch takes time.
    fn create_job_pods(&mut self, job: u32) {
        loop {
            let batch = self.jobs[job as usize].batches.next_batch();
            if batch == 0 {
                return;
            }
            for _ in 0..self.request(Controller::Job, batch, Event::JobPodComes(job)) {
                self.create_job_pod(job);
            }
        }
    }

    /// The API server deletes the next of the pods that a Job gives up, if nobody else has.
    fn delete_job_pod(&mut self, job: u32) {
        let going = &self.jobs[job as usize].going;
        let (pod, disowned) = *going.front().expect("as many requests as pods are on their way");
        if self.living(pod).is_some_and(|state| !state.is_terminating()) {
            let name = self.cluster.pod(pod).name.clone();
            self.pods[pod.index()].disowned = disowned;
            self.delete(pod);
            self.job_event(job, "Normal", "SuccessfulDelete", format_args!("Deleted pod: {name}"));
        }
        self.jobs[job as usize].going.pop_front();
    }

    /// The API server creates a pod for a Job.
    fn create_job_pod(&mut self, job: u32) {
        let state = &mut self.jobs[job as usize];
        state.batches.answered();
        let setup = state.setup.clone();
        let Some(index) = state.coming.pop_front() else { return };
        let draws = match state.cron_job {
            None => Stream::of(FIRST_GROUP + job, state.created),
            Some(cron_job) => cron_jobs::stream(cron_job, &setup.name, state.created),
        };
        state.created += 1;
        let base = index.map_or_else(|| setup.name.clone(), |index| format!("{}-{index}", setup.name));
        let name = state.names.draw(&base, self.seed, draws);
        let template = index.map(|index| indexed(&setup.template, index));
        let template = template.as_ref().unwrap_or(&setup.template);
        let pod = self.receive_pod(&name, template, Creator::Job(job), draws);
        let state = &mut self.jobs[job as usize];
        state.pods.push(pod);
        state.indexes.extend(index.map(|index| (pod, index)));
        self.job_event(job, "Normal", "SuccessfulCreate", format_args!("Created pod: {name}"));
    }

    /// A pod of the manifests that a Job had before.
    pub(super) fn adopt_job_pod(&mut self, job: u32, pod: PodId) {
        let index = self.cluster.spec_of(pod).annotations.get(COMPLETION_INDEX);
        let index = index.and_then(|text| text.parse().ok());
        let state = &mut self.jobs[job as usize];
        state.pods.push(pod);
        state.indexes.extend(index.map(|index: u32| (pod, index)));
    }

    /// A pod was told to end by somebody else, or has ended: its Job learns of it.
    pub(super) fn job_pod_ended(&mut self, pod: PodId, succeeded: bool) {
        let Creator::Job(job) = self.pods[pod.index()].creator else { return };
        let state = &mut self.jobs[job as usize];
        if !self.pods[pod.index()].disowned {
            let index = state.indexes.get(&pod).copied();
            state.ended.push(Ended { at: self.now, succeeded, index });
            if !succeeded {
                self.tell(&Fact::JobPodFailed { pod });
            }
        }
        self.job_notices(pod);
    }

    /// A pod is gone from the cluster.
    pub(super) fn job_forgets(&mut self, pod: PodId) {
        if let Creator::Job(job) = self.pods[pod.index()].creator {
            let state = &mut self.jobs[job as usize];
            state.pods.retain(|&other| other != pod);
            state.indexes.remove(&pod);
            self.job_notices(pod);
        }
    }

    /// Something has happened to a pod: its Job is looked at a little later.
    pub(super) fn job_notices(&mut self, pod: PodId) {
        if let Creator::Job(job) = self.pods[pod.index()].creator {
            self.look_at_job(job, self.now + SYNC_BATCH);
        }
    }

    /// A pod as its Job sees it.
    fn job_view(&self, job: u32, pod: PodId) -> job::Pod {
        let state = &self.pods[pod.index()];
        job::Pod {
            bound: self.bound_node(pod).is_some(),
            phase: state.phase(),
            ready: state.ready_condition(),
            created: state.created,
            terminating: state.is_terminating(),
            restarts: state.restarts,
            index: self.jobs[job as usize].indexes.get(&pod).copied(),
        }
    }

    fn job_event(&mut self, job: u32, kind: &'static str, reason: &'static str, message: fmt::Arguments<'_>) {
        let setup = self.jobs[job as usize].setup.clone();
        self.tell(&Fact::Event { kind, reason, object: Title::of(&setup.title), message });
    }
}

/// A template with the index of one pod.
fn indexed(template: &PodSpec, index: u32) -> PodSpec {
    let mut pod = template.clone();
    pod.labels.set(COMPLETION_INDEX, index.to_string());
    pod.annotations.set(COMPLETION_INDEX, index.to_string());
    pod
}
