//! One run: pops events from the calendar until the horizon and tells what happened as facts.
//!
//! Each file below this one holds the handlers of one subject. A handler reads the state, changes it, schedules what
//! follows and tells facts; nothing that listens to the facts can change the run.

mod actions;
mod admission;
mod arrivals;
mod autoscaling;
mod clients;
mod containers;
mod cordon;
mod creation;
mod cron_jobs;
mod custom_metrics;
mod daemons;
mod descheduler;
mod disruption;
mod drain;
mod eci_routing;
mod event;
mod evictions;
mod failures;
mod image_store;
pub(crate) mod instances;
mod jobs;
mod kept;
mod lifecycle;
mod load;
mod mesh;
mod mounts;
mod node_autoscaling;
mod nodes;
mod objects;
mod platform;
mod pod_state;
mod pod_traces;
mod replicas;
mod rollouts;
mod scale_in;
mod scheduling;
mod sidecars;
pub mod snapshot;
mod spot_nodes;
mod start;
mod stateful_sets;
mod upgrades;
mod zones;

use std::collections::BTreeMap;
use std::fmt;

use crate::capacity::eci::Platform;
use crate::cluster::Cluster;
use crate::controller::hpa::Hpa;
use crate::controller::pod_metrics::MetricsServer;
use crate::cost::PriceList;
use crate::engine::{Calendar, TraceHash};
use crate::id::{PodId, WorkloadId};
use crate::metric::Fact;
use crate::object::Title;
use crate::rule::Rule;
use crate::scheduler::queue::{Popped, Queue};
use crate::scheduler::{Attempt, Evaluator, Scheduler};
use crate::units::SimTime;

use super::Scenario;
use admission::Admitted;
use arrivals::SourceState;
use clients::Clients;
use cron_jobs::CronJobState;
use custom_metrics::CustomMetrics;
use daemons::DaemonSetState;
use disruption::Disruption;
use drain::Drains;
use event::Event;
use evictions::Evictions;
use failures::Failures;
use image_store::ImageStore;
use instances::Instances;
use jobs::JobState;
use load::Load;
use mounts::Mounts;
use node_autoscaling::NodeScaling;
use nodes::Comers;
use objects::Objects;
use pod_state::{PodState, PodStates};
use replicas::WorkloadState;
use rollouts::DeploymentState;
pub use snapshot::Snapshot;
use stateful_sets::StatefulSetState;
use upgrades::Upgrades;

/// What a run takes for granted.
pub(super) const RULES: &[&[Rule]] = &[
    load::RULES,
    custom_metrics::RULES,
    node_autoscaling::RULES,
    nodes::RULES,
    spot_nodes::RULES,
    start::RULES,
];

/// Who listens to the facts of a run, in order of time.
pub type Listener<'a> = dyn FnMut(SimTime, &Fact<'_>) + 'a;

/// What is left to say when a run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The rolling hash over all events and decisions.
    pub trace_hash: u64,
    /// How many events there were.
    pub events: u64,
}

/// Who looks over the scheduler's shoulder: told of attempts before anything follows from them.
pub type Watcher<'a> = dyn FnMut(SimTime, &Cluster, &Popped, &Attempt) + 'a;

/// Which attempts a watcher is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// All: the evaluator tells everything.
    All,
    /// The next so many by which a pod overflows early.
    Early(u32),
}

/// Runs a scenario to its horizon, with its own seed.
pub fn run(scenario: &Scenario, listener: &mut Listener<'_>) -> Finished {
    run_with_seed(scenario, scenario.default_seed, listener)
}

/// Runs a scenario to its horizon. Several threads may run the same scenario at once.
pub fn run_with_seed(scenario: &Scenario, seed: u64, listener: &mut Listener<'_>) -> Finished {
    let scenario = &*scenario.with_drawn_traffic(seed);
    let mut watcher = |_: SimTime, _: &Cluster, _: &Popped, _: &Attempt| {};
    drive(Run::start(scenario, seed, scenario.evaluator, listener, &mut watcher), |_, _| {})
}

/// Runs a scenario to its horizon, with somebody watching the scheduler: the reference, which tells everything.
pub fn run_watched(scenario: &Scenario, listener: &mut Listener<'_>, watcher: &mut Watcher<'_>) -> Finished {
    let scenario = &*scenario.with_drawn_traffic(scenario.default_seed);
    let mut run = Run::start(scenario, scenario.default_seed, Evaluator::Reference, listener, watcher);
    run.shown = Shown::All;
    drive(run, |_, _| {})
}

/// Runs a scenario to its horizon, with somebody watching the first `early` attempts by which a pod overflows early. The
/// evaluator stays what it is: the reference is asked about these alone.
pub fn run_and_show(
    scenario: &Scenario,
    seed: u64,
    early: u32,
    listener: &mut Listener<'_>,
    watcher: &mut Watcher<'_>,
) -> Finished {
    let scenario = &*scenario.with_drawn_traffic(seed);
    let mut run = Run::start(scenario, seed, scenario.evaluator, listener, watcher);
    run.shown = Shown::Early(early);
    drive(run, |_, _| {})
}

/// Runs a scenario to its horizon, and looks at everything as it is at `at`, after all that happens then.
pub fn run_and_look(scenario: &Scenario, at: SimTime, listener: &mut Listener<'_>) -> (Snapshot, Finished) {
    let scenario = &*scenario.with_drawn_traffic(scenario.default_seed);
    let mut snapshot = None;
    let mut watcher = |_: SimTime, _: &Cluster, _: &Popped, _: &Attempt| {};
    let mut run = Run::start(scenario, scenario.default_seed, scenario.evaluator, listener, &mut watcher);
    run.objects.finished = Some(Vec::new());
    let finished = drive(run, |run, next| {
        if next > at && snapshot.is_none() {
            snapshot = Some(run.snapshot(at));
        }
    });
    (snapshot.expect("whoever looks is asked once more at the end"), finished)
}

/// Runs to the horizon. `look` sees the state before every event and, at the end of time, once more.
fn drive(mut run: Run<'_, '_>, mut look: impl FnMut(&Run<'_, '_>, SimTime)) -> Finished {
    let scenario = run.scenario;
    let mut place = Place { seed: run.seed, events: 0, now: SimTime::ZERO };
    while let Some(next) = run.calendar.pop(scenario.horizon) {
        look(&run, next.at);
        place.events += 1;
        place.now = next.at;
        run.now = next.at;
        run.cluster.set_now(next.at);
        next.event.trace(next.at, &mut run.trace);
        if run.failures.is_quiet() || !run.is_void(&next) {
            run.handle(next.event);
        }
        run.check();
    }
    run.now = scenario.horizon;
    run.settle_all_load();
    look(&run, SimTime(u64::MAX));
    Finished { trace_hash: run.trace.value(), events: place.events }
}

/// A Kubernetes event of a pod. Nothing is put into words before somebody writes it down.
fn event_of<'f>(
    cluster: &'f Cluster,
    pod: PodId,
    kind: &'static str,
    reason: &'static str,
    message: fmt::Arguments<'f>,
) -> Fact<'f> {
    let (namespace, name) = (Some(cluster.spec_of(pod).namespace.as_str()), &*cluster.pod(pod).name);
    Fact::Event { kind, reason, object: Title { kind: "Pod", namespace, name }, message }
}

/// Where a run stands. If an invariant breaks, this is told on the way out, so that the run can be repeated up to there.
struct Place {
    seed: u64,
    events: u64,
    now: SimTime,
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("  in the run with seed {}, at event {}, {}", self.seed, self.events, self.now);
        }
    }
}

/// The state of a run.
struct Run<'a, 'l> {
    scenario: &'a Scenario,
    seed: u64,
    listener: &'a mut Listener<'l>,
    watcher: &'a mut Watcher<'l>,
    shown: Shown,
    now: SimTime,
    calendar: Calendar<Event>,
    trace: TraceHash,
    cluster: Cluster,
    scheduler: Scheduler,
    queue: Queue,
    /// When the scheduler may start its next attempt, and whether that is in the calendar.
    scheduler_free_at: SimTime,
    attempt_is_due: bool,
    /// The earliest timer of the queue that is in the calendar.
    queue_timer: Option<SimTime>,
    pods: PodStates,
    workloads: Vec<WorkloadState>,
    daemon_sets: Vec<DaemonSetState>,
    /// The Deployments that exist, by the first workload of their title.
    deployments: BTreeMap<WorkloadId, DeploymentState>,
    /// The StatefulSets that exist, by the first workload of their title.
    stateful_sets: BTreeMap<WorkloadId, StatefulSetState>,
    autoscalers: Vec<Hpa>,
    jobs: Vec<JobState>,
    cron_jobs: Vec<CronJobState>,
    load: Load,
    pod_metrics: MetricsServer,
    custom_metrics: CustomMetrics,
    instances: Instances,
    platform: Platform,
    images: ImageStore,
    mounts: Mounts,
    sources: Vec<SourceState>,
    /// How many pods of each trace have come.
    traced: Vec<u32>,
    /// Pods that wait for another scheduler, or for a virtual node that is not there.
    foreign_pods: usize,
    admitted: Admitted,
    objects: Objects,
    upgrades: Upgrades,
    disruption: Disruption,
    drains: Drains,
    evictions: Evictions,
    failures: Failures,
    /// Nodes that have come since the start.
    comers: Comers<'a>,
    /// The node autoscaler, if there is one.
    node_scaling: Option<Box<NodeScaling>>,
    /// The prices that hold now.
    prices: &'a PriceList,
    /// Whether images come from an image cache now, where a pod does not say.
    image_cache: bool,
    clients: Clients,
}

impl Run<'_, '_> {
    fn handle(&mut self, event: Event) {
        match event {
            Event::QueueTimer => self.queue_timer_fired(),
            Event::PodDue(pod) => self.pod_due(pod),
            Event::PodAssigned(pod) => self.pod_assigned(pod),
            Event::PodBilled(pod) => self.pod_billed(pod),
            Event::InstanceRequested(pod) => self.request_instance(pod),
            Event::InstanceOverdue(pod) => self.instance_overdue(pod),
            Event::ReclaimNotice(pod) => self.reclaim_notice(pod),
            Event::Reclaimed(pod) => self.reclaimed(pod),
            Event::MountDue(pod) => self.mount_due(pod),
            Event::PodStarted(pod) => self.pod_started(pod),
            Event::PodReady(pod) => self.pod_ready(pod),
            Event::SidecarStarted(pod, place) => self.sidecar_started(pod, place),
            Event::WorkDone(pod) => self.work_done(pod),
            Event::SidecarsStop(pod) => self.sidecars_stop(pod),
            Event::PodDone(pod) => self.pod_done(pod),
            Event::PodGone(pod) => self.pod_gone(pod),
            Event::NodeImages(node) => self.node_images(node),
            Event::Action(action) => self.act(action),
            Event::Arrival(source) => self.arrival(source),
            Event::TraceArrival(trace) => self.trace_arrival(trace),
            Event::TraceDeletion(pod) => self.delete(pod),
            Event::CreatePod(workload) => self.replica_comes(workload),
            Event::DeletePod(workload) => self.replica_goes(workload),
            Event::CreateDaemon(set) => self.daemon_comes(set),
            Event::DeleteDaemon(set) => self.daemon_goes(set),
            Event::JobSync(job) => self.job_due(job),
            Event::CronJobSync(cron_job) => self.cron_job_due(cron_job),
            Event::JobPodComes(job) => self.job_pod_comes(job),
            Event::JobPodGoes(job) => self.job_pod_goes(job),
            Event::SidecarRuns(pod) => self.sidecar_runs(pod),
            Event::SidecarStep(pod) => self.sidecar_step(pod),
            Event::Rollout(workload) => self.look_at_rollout(workload),
            Event::Deschedule => self.deschedule(),
            Event::DrainRetry(action) => self.go_on_draining(action),
            Event::DrainOver(action) => self.drain_over(action),
            Event::NodeFails(node) => self.fails_by_law(node),
            Event::NodeReturns(node) => self.node_returns(node),
            Event::NodeLook => self.look_at_nodes(),
            Event::DaemonsLook => self.reconcile_all_daemons(),
            Event::NodeScan => self.scan_nodes(),
            Event::NodeScanSoon => self.scan_nodes_at_once(),
            Event::NodeRegisters(node) => self.node_registers(node),
            Event::NodeBoots(node) => self.node_boots(node),
            Event::NodeLeaves(node) => self.node_leaves(node),
            Event::NodeDeleted(node) => self.node_deleted(node),
            Event::SpotNotice(node) => self.spot_notice(node),
            Event::SpotReclaimed(node) => self.spot_reclaimed(node),
            Event::SpotReplaced(node) => self.spot_replaced(node),
            Event::ZoneReturns(zone) => self.zone_returns(zone),
            Event::TaintEviction(pod) => self.evict_from_taints(pod),
            Event::StatefulSet(workload) => self.look_at_stateful_set(workload),
            Event::StatefulPodComes(workload) => self.stateful_pod_comes(workload),
            Event::StatefulPodGoes(workload) => self.stateful_pod_goes(workload),
            Event::Load => self.load_changed(),
            Event::WarmedUp(pod) => self.warmed_up(pod),
            Event::Scrape => self.scrape(),
            Event::Measure => self.measure(),
            Event::Autoscale(autoscaler) => self.autoscale(autoscaler),
            Event::Schedule => self.schedule(),
        }
    }

    /// Schedules `event` at an instant; what lies after the horizon never happens and is not kept.
    fn at(&mut self, instant: SimTime, event: Event) {
        if instant <= self.scenario.horizon {
            self.calendar.schedule(instant, event.phase() as u8, event);
        }
    }

    fn tell(&mut self, fact: &Fact<'_>) {
        (self.listener)(self.now, fact);
    }

    /// Tells a Kubernetes event of a pod.
    fn pod_event(
        &mut self,
        pod: PodId,
        kind: &'static str,
        reason: &'static str,
        message: fmt::Arguments<'_>,
    ) {
        (self.listener)(self.now, &event_of(&self.cluster, pod, kind, reason, message));
    }

    /// Tells a Kubernetes event of a node.
    fn node_event(
        &mut self,
        node: &str,
        kind: &'static str,
        reason: &'static str,
        message: fmt::Arguments<'_>,
    ) {
        let object = Title { kind: "Node", namespace: None, name: node };
        self.tell(&Fact::Event { kind, reason, object, message });
    }

    /// In test runs and debug builds every invariant is checked after every event.
    fn check(&self) {
        #[cfg(debug_assertions)]
        if let Err(broken) = self.check_all() {
            panic!("broken invariant at {}: {broken}", self.now);
        }
    }

    #[cfg(debug_assertions)]
    fn check_all(&self) -> Result<(), String> {
        self.cluster.check()?;
        self.queue.check()?;
        self.check_places()
    }

    /// Every pod is in exactly one place: it waits in the queue, or has a node, or belongs to another scheduler. Looks at
    /// living pods only, so that long runs stay quick.
    #[cfg(debug_assertions)]
    fn check_places(&self) -> Result<(), String> {
        let bound = || self.cluster.nodes().flat_map(|node| node.pods.iter().copied());
        if let Some(pod) = bound().find(|&pod| self.queue.get(pod).is_some()) {
            return Err(format!("pod {} is bound and queued", self.cluster.full_name(pod)));
        }
        let (placed, queued) = (bound().count(), self.queue.pod_count());
        let accounted = placed + queued + self.foreign_pods;
        if accounted == self.cluster.pod_count() {
            return Ok(());
        }
        Err(format!("{} pods live, and {accounted} have a place", self.cluster.pod_count()))
    }
}
