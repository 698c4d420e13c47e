//! The state at the start of a run.

use super::admission::Admitted;
use super::arrivals::SourceState;
use super::clients::Clients;
use super::cron_jobs::CronJobState;
use super::custom_metrics::CustomMetrics;
use super::daemons::DaemonSetState;
use super::disruption::Disruption;
use super::drain::Drains;
use super::event::Event;
use super::evictions::Evictions;
use super::failures::Failures;
use super::image_store::ImageStore;
use super::instances::Instances;
use super::jobs::JobState;
use super::load::Load;
use super::mounts::Mounts;
use super::nodes::Comers;
use super::objects::Objects;
use super::pod_state::{Creator, PodStates};
use super::replicas::WorkloadState;
use super::upgrades::Upgrades;
use super::{Listener, Run, Shown, Watcher};
use crate::admission::default_tolerations::with_default_tolerations;
use crate::capacity::eci::Platform;
use crate::controller::hpa::Hpa;
use crate::controller::pod_metrics::MetricsServer;
use crate::engine::{Calendar, TraceHash};
use crate::id::{NodeId, PodId, WorkloadId};
use crate::metric::{Fact, Overflow, Sender};
use crate::object::{NodeClass, NodeSpec, PodSpec};
use crate::random::Stream;
use crate::rule::{Confidence, Rule};
use crate::scheduler::queue::Queue;
use crate::scheduler::{Evaluator, PreemptionMode, Scheduler, TieBreak};
use crate::simulation::Scenario;
use crate::simulation::scenario::{MANIFEST_GROUP, NodeSetup, PodSetup};
use crate::units::{Price, SimTime};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const RULES: &[Rule] = &[Rule {
    id: "pods-ending-at-start",
    statement: "A pod of the manifests that was told to end does not count for its owner, keeps its room, and ends as long \
                after the start of the run as a pod takes that is deleted then.",
    source: "for how long it has been ending is not looked at",
    confidence: Confidence::Estimate,
}];

impl<'a, 'l> Run<'a, 'l> {
    /// Everything as it is at time zero, with the first events in the calendar.
    pub(super) fn start(
        scenario: &'a Scenario,
        seed: u64,
        evaluator: Evaluator,
        listener: &'a mut Listener<'l>,
        watcher: &'a mut Watcher<'l>,
    ) -> Self {
        let tie_break = TieBreak::Random { seed };
        let mut run = Self {
            scenario,
            seed,
            listener,
            watcher,
            shown: Shown::Early(0),
            now: SimTime::ZERO,
            calendar: Calendar::new(),
            trace: TraceHash::default(),
            cluster: scenario.surroundings.clone(),
            scheduler: Scheduler::new(scenario.profiles.clone(), tie_break, PreemptionMode::On)
                .with_evaluator(evaluator),
            queue: Queue::new(scenario.queue),
            scheduler_free_at: SimTime::ZERO,
            attempt_is_due: false,
            queue_timer: None,
            pods: PodStates::default(),
            workloads: Vec::new(),
            daemon_sets: Vec::new(),
            deployments: BTreeMap::new(),
            stateful_sets: BTreeMap::new(),
            autoscalers: Vec::new(),
            jobs: Vec::new(),
            cron_jobs: CronJobState::all(scenario),
            load: Load::new(scenario),
            pod_metrics: MetricsServer::new(),
            custom_metrics: CustomMetrics::default(),
            instances: Instances::default(),
            platform: Platform::new(&scenario.eci.platform),
            images: ImageStore::default(),
            mounts: Mounts::default(),
            sources: SourceState::all(scenario, seed),
            traced: vec![0; scenario.pod_traces.len()],
            foreign_pods: 0,
            admitted: Admitted::default(),
            objects: Objects::new(scenario),
            upgrades: Upgrades::default(),
            disruption: Disruption::default(),
            drains: Drains::new(),
            evictions: Evictions::default(),
            failures: Failures::default(),
            comers: Comers::default(),
            node_scaling: None,
            prices: &scenario.prices,
            image_cache: scenario.eci.image_cache,
            clients: Clients::new(&scenario.timing),
        };
        if let Some(fee) = &scenario.prices.cluster_fee {
            run.tell(&Fact::ClusterBilled { price: fee.value });
        }
        run.add_nodes();
        run.add_workloads();
        run.add_jobs();
        run.add_pods();
        run.look_at_all_taints();
        run.expect_failures();
        run.expect_spot_notices();
        run.begin();
        run.begin_node_scaling();
        run
    }

    fn add_nodes(&mut self) {
        for setup in &self.scenario.nodes {
            let node = self.cluster.add_node(setup.spec.clone());
            self.images_were_there(node, &setup.spec);
            self.tell_added(node, setup, &setup.spec.name, setup.price);
            if setup.spot.is_some() {
                self.tell(&Fact::NodeIsSpot { node });
            }
        }
    }

    /// A node has the images that it says it has.
    pub(super) fn images_were_there(&mut self, node: NodeId, spec: &NodeSpec) {
        for image in spec.images.iter().flat_map(|image| &image.names) {
            self.images.was_there(node, image);
        }
    }

    /// Tells of a machine of this name that was set up so.
    pub(super) fn tell_added(&mut self, node: NodeId, setup: &NodeSetup, name: &str, price: Price) {
        self.tell(&Fact::NodeAdded {
            node,
            name,
            class: setup.spec.class,
            pool: &setup.pool,
            instance_type: &setup.instance_type,
            price,
            cpu: setup.spec.allocatable.cpu,
            memory: setup.spec.allocatable.memory,
        });
    }

    fn add_workloads(&mut self) {
        for (index, setup) in (0..).zip(&self.scenario.workloads) {
            let is_there = setup.at_start && !setup.waits && setup.stateful.is_none();
            let (desired, since) = if is_there { (setup.replicas, Some(SimTime::ZERO)) } else { (0, None) };
            self.workloads.push(WorkloadState::new(WorkloadId(index), desired, since));
            if setup.at_start {
                self.add_deployment(WorkloadId(index), is_there);
                self.add_stateful_set(WorkloadId(index));
            }
        }
        for setup in &self.scenario.daemon_sets {
            let since = setup.at_start.then_some(SimTime::ZERO);
            self.daemon_sets.push(DaemonSetState::new(since));
        }
        for setup in &self.scenario.autoscalers {
            self.autoscalers.push(Hpa::new(setup.namespace.clone(), setup.spec.clone(), setup.config));
        }
    }

    fn add_jobs(&mut self) {
        for setup in &self.scenario.jobs {
            self.jobs.push(JobState::new(Arc::new(setup.clone()), None));
        }
    }

    /// Pods of the manifests: the bound ones ran before, and count in no figure.
    fn add_pods(&mut self) {
        for (ordinal, setup) in (0..).zip(&self.scenario.pods) {
            let PodSetup { name, spec, node, terminating, workload, daemon_set, job } = setup;
            let keeper = workload.map(Creator::Workload).or(daemon_set.map(Creator::DaemonSet));
            let creator = keeper.or(job.map(Creator::Job)).unwrap_or(Creator::Manifest);
            let draws = Stream::of(MANIFEST_GROUP, ordinal);
            let node = node.as_ref().and_then(|name| self.cluster.node_named(name)).map(|node| node.id);
            let pod = match node {
                None => self.receive_pod(name, spec, creator, draws),
                Some(node) => self.place_pod(name, spec, creator, draws, node),
            };
            if let Some(set) = daemon_set {
                self.daemon_sets[set.index()].pods.push(pod);
            }
            if let Some(job) = *job {
                self.adopt_job_pod(job, pod);
            }
            if *terminating {
                self.delete(pod);
            }
        }
    }

    /// A pod that was on its node before the run.
    fn place_pod(
        &mut self,
        name: &str,
        spec: &Arc<PodSpec>,
        creator: Creator,
        draws: Stream,
        node: NodeId,
    ) -> PodId {
        let class = self.cluster.intern(with_default_tolerations(spec));
        let pod = self.create_pod(name, class, creator, draws, false);
        self.cluster.bind(pod, node);
        self.load_sees_node(node);
        self.cluster.mark_ran_before(pod);
        let on_virtual = self.cluster.node(node).spec.class == NodeClass::Virtual;
        let overflow = on_virtual.then_some(Overflow::Directed);
        let sender = Some(Sender::BeforeRun);
        self.pods[pod.index()].bound = Some(self.now);
        self.tell(&Fact::PodBound { pod, node, overflow, attempts: 0, sender });
        self.ran_before(pod);
        pod
    }

    /// Puts the first events into the calendar.
    fn begin(&mut self) {
        self.reconcile_all_daemons();
        for (workload, setup) in (0..).map(WorkloadId).zip(&self.scenario.workloads) {
            if setup.at_start {
                let has_pods = !self.workloads[workload.index()].pods.is_empty();
                if !setup.adopted && !setup.waits && !has_pods {
                    self.tell_scaling(workload, 0, setup.replicas);
                }
                self.scale(workload, setup.replicas);
            }
        }
        for (job, setup) in (0..).zip(&self.scenario.jobs) {
            if setup.at_start {
                self.create_job(job);
            }
        }
        for (cron_job, setup) in (0..).zip(&self.scenario.cron_jobs) {
            if setup.at_start {
                self.create_cron_job(cron_job);
            }
        }
        for (index, timed) in (0..).zip(&self.scenario.timeline) {
            self.at(timed.at, Event::Action(index));
        }
        if self.scenario.descheduler.is_some() {
            self.at(SimTime::ZERO, Event::Deschedule);
        }
        for source in 0..self.scenario.sources.len() as u32 {
            let start = self.scenario.sources[source as usize].start;
            self.expect_arrival(source, start);
        }
        for trace in 0..self.scenario.pod_traces.len() as u32 {
            self.expect_traced(trace);
        }
        if !self.scenario.traffic.is_empty() {
            self.at(SimTime::ZERO, Event::Load);
        }
        if !self.scenario.autoscalers.is_empty() {
            self.at(SimTime::ZERO, Event::Scrape);
        }
        if self.scenario.asks_for_custom_metrics() {
            self.at(SimTime::ZERO, Event::Measure);
        }
        for (index, setup) in (0..).zip(&self.scenario.autoscalers) {
            if setup.at_start {
                self.at(SimTime::ZERO + setup.config.sync_period, Event::Autoscale(index));
            }
        }
    }
}
