//! The observer: follows every pod and node through the facts of a run.

mod hand_over;

use std::fmt;

use super::descheduler::Descheduling;
use super::disruption::Disruptions;
use super::fact::{Fact, HeldUp, Outcome, Overflow};
use super::failures::Failures;
use super::jobs::Jobs;
use super::lives::{Lives, Living, Stage, When};
use super::names::Names;
use super::nodes::Nodes;
use super::observation::{OnVirtual, Overview};
use super::overflow::Overflows;
use super::pending::Pending;
use super::pods::Pods;
use super::ready::Readiness;
use super::rows::{EventRow, NodeRecord, NodeRow};
use super::scheduler::Attempts;
use super::sink::{Collected, RowSink};
use super::spot::Spot;
use super::starting::Starting;
use super::summary::Summary;
use super::timeline::{Requests, Timeline};
use super::traffic::Traffic;
use super::waits::WaitEnd;
use crate::cost::{Apportion, Bill, CostSummary};
use crate::id::{NodeId, PodId};
use crate::object::NodeClass;
use crate::units::{Money, Price, SimTime, Span};

/// What an observer must be told beside the facts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The end of the run.
    pub horizon: SimTime,
    /// The step of the timeline.
    pub sample_every: Span,
    /// Whether any other time of the length of the run is like it.
    pub is_representative: bool,
    /// The currency of all prices.
    pub currency: String,
}

/// What the metrics are read from.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(super) horizon: Span,
    pub(super) is_representative: bool,
    pub(super) pods: Pods,
    pub(super) jobs: Jobs,
    pub(super) disruption: Disruptions,
    pub(super) descheduler: Descheduling,
    pub(super) overflow: Overflows,
    pub(super) pending: Pending,
    pub(super) starting: Starting,
    pub(super) ready: Readiness,
    pub(super) traffic: Traffic,
    pub(super) failures: Failures,
    pub(super) spot: Spot,
    pub(super) nodes: Nodes,
    pub(super) bill: Bill,
    /// What the bill came to; known when the run has ended.
    pub(super) cost: CostSummary,
    pub(super) scheduler: Attempts,
}

impl Measured {
    /// Everything stays as it is for `span`.
    fn hold(&mut self, span: Span) {
        self.pods.alive.hold(span);
        self.pods.on_ecs.hold(span);
        self.overflow.level.hold(span);
        self.overflow.early.hold(span);
        self.pending.level.hold(span);
        self.starting.level.hold(span);
        self.ready.level.hold(span);
        if self.failures.any() {
            self.failures.hold(span);
        }
        self.nodes.hold(span);
    }
}

/// Reads facts in time order and measures them. It only listens: nothing that it does can alter a run. Rows go to a
/// sink as soon as they are final.
pub struct Observer<S = Collected> {
    settings: Settings,
    sink: S,
    now: SimTime,
    run: Measured,
    timeline: Timeline,
    pods: Lives,
    names: Names,
    on_virtual: OnVirtual,
    /// What all pods that have ended have cost.
    spent_on_pods: Money,
    /// What the nodes are to cost by what was known when time first went on: rows of pods are printed beside it.
    outlay: Option<Money>,
    /// How the costs of pods are printed.
    apportion: Apportion,
    nodes: Vec<NodeRecord>,
    /// Replicas wanted, by workload; few enough to search.
    desired: Vec<(String, u32)>,
}

impl Observer {
    /// An observer of a run that is about to start; it keeps all rows.
    pub fn new(settings: Settings) -> Self {
        Self::with_sink(settings, Collected::default())
    }
}

impl<S: RowSink> Observer<S> {
    /// An observer of a run that is about to start; rows go to `sink`.
    pub fn with_sink(settings: Settings, sink: S) -> Self {
        Self {
            timeline: Timeline::new(settings.sample_every),
            settings,
            now: SimTime::ZERO,
            run: Measured::default(),
            pods: Lives::new(sink.takes_pods()),
            names: Names::default(),
            on_virtual: OnVirtual::default(),
            spent_on_pods: Money::ZERO,
            outlay: None,
            apportion: Apportion::default(),
            nodes: Vec::new(),
            desired: Vec::new(),
            sink,
        }
    }

    /// Takes note of a fact.
    ///
    /// # Panics
    /// If it is earlier than the one before, or speaks of a node that was never added or of a pod that does not live: a
    /// broken invariant of the simulation.
    pub fn observe(&mut self, now: SimTime, fact: &Fact<'_>) {
        assert!(now >= self.now, "facts are told in time order");
        if now > self.now {
            self.advance(now);
        }
        match *fact {
            Fact::ClusterBilled { price } => self.run.bill.cluster_billed(price, self.now),
            Fact::NodesAutoscaled | Fact::NodeReady { .. } => self.run.nodes.observe(fact),
            Fact::NodeAdded { .. } => {
                self.node_added(fact);
                self.run.nodes.observe(fact);
            }
            Fact::NodeReleased { node } => {
                self.run.bill.node_removed(&mut self.nodes[node.index()].account, now);
            }
            Fact::NodePriced { node, price } => {
                let node = &mut self.nodes[node.index()];
                self.run.bill.node_priced(&mut node.account, price, self.now);
                node.row.price = price;
            }
            Fact::NodeRemoved { node } => {
                self.node_removed(node);
                self.run.failures.observe(fact);
                self.run.nodes.observe(fact);
            }
            Fact::PodCreated { .. } => self.pod_created(fact),
            Fact::AttemptFailed { pod } => {
                self.run.scheduler.failed();
                self.pods.get(pod).line.attempts += 1;
            }
            Fact::PodBound { pod, node, overflow, attempts, .. } => {
                self.pod_bound(pod, node, overflow, attempts);
            }
            Fact::PodHeldUp { pod, by } => self.pod_held_up(pod, by),
            Fact::PodMoved { pod, node } => self.pod_moved(pod, node),
            Fact::PodBilled { pod, price, spec } => self.pod_billed(pod, price, spec),
            Fact::PodAnnotated { .. } | Fact::NodeStays { .. } => {}
            Fact::PodInjected { pod, containers, .. } => self.pods.get(pod).line.containers = containers,
            Fact::PodReady { pod } => self.pod_ready(pod),
            Fact::PodUnready { pod } => self.leave_service(pod, Stage::Unready),
            Fact::JobCreated { .. }
            | Fact::JobFinished { .. }
            | Fact::JobDeleted { .. }
            | Fact::JobPodFailed { .. }
            | Fact::ContainerRestarted { .. } => self.run.jobs.observe(now, fact),
            Fact::NodeFailed { .. }
            | Fact::NodeRecovered { .. }
            | Fact::PodTainted { .. }
            | Fact::PodLost { .. }
            | Fact::RequestsLost { .. } => self.run.failures.observe(fact),
            Fact::DrainBegun
            | Fact::NodeDrained { .. }
            | Fact::PodEvicted { .. }
            | Fact::EvictionRefused { .. } => self.run.disruption.observe(fact),
            Fact::PodDescheduled { pod, .. } | Fact::DescheduleRefused { pod } => {
                let workload = self.pods.get(pod).line.workload;
                self.run.descheduler.observe(now, fact, workload);
                self.run.disruption.observe(fact);
            }
            Fact::PodIsSpot { pod } => {
                self.pods.get(pod).is_spot = true;
                self.run.spot.observe(fact);
            }
            Fact::NodeIsSpot { .. }
            | Fact::SpotNodeNoticed { .. }
            | Fact::SpotNodeReclaimed { .. }
            | Fact::SpotNodeReplaced { .. }
            | Fact::SpotNodeMissing { .. } => self.run.spot.observe(fact),
            Fact::DeschedulerLooks => self.run.descheduler.observe(now, fact, 0),
            Fact::PodTerminating { pod } => self.leave_service(pod, Stage::Terminating),
            Fact::PodEnded { pod, outcome } => self.pod_ended(pod, outcome),
            Fact::Load { step, requests, unserved, latencies, .. } => {
                self.run.traffic.arrived(requests, unserved, latencies);
                let (timed, seconds) = (latencies.requests(), latencies.seconds());
                self.timeline.load(now, step, Requests { arrived: requests, unserved, timed, seconds });
            }
            Fact::ReplicasDesired { workload, replicas } => self.replicas_desired(workload, replicas),
            Fact::Event { kind, reason, object, message } => {
                if self.sink.takes_events() {
                    self.sink.event(&EventRow { time: now, kind, reason, object, message });
                }
            }
        }
    }

    /// The run has ended; what it came to, and where its rows went.
    ///
    /// # Panics
    /// If a fact was told of a time after the horizon, or if the rows do not add up to the totals.
    pub fn finish(mut self) -> (Overview, S) {
        let horizon = self.settings.horizon;
        assert!(horizon >= self.now, "no fact is later than the end of the run");
        self.advance(horizon);
        self.take_row(horizon);
        self.run.horizon = horizon.since(SimTime::ZERO);
        self.run.is_representative = self.settings.is_representative;
        self.close(horizon);
        for pod in self.pods.ids() {
            self.hand_over(pod);
        }
        let (by_node, idle) = self.hand_on_nodes(horizon);
        let outlay = self.outlay();
        let run = &mut self.run;
        run.cost = run.bill.summary(horizon, idle, outlay);
        assert_eq!(self.spent_on_pods, run.cost.virtual_nodes, "pods add up to the integral of their rate");
        assert_eq!(by_node, run.cost.ecs, "so do nodes");
        let overview = Overview {
            horizon: run.horizon,
            summary: Summary::of(run, &self.settings.currency),
            timeline: self.timeline.finish(),
            on_virtual: self.on_virtual,
            pending_waits: run.pending.waits.histogram(),
            ready_waits: run.ready.waits.histogram(),
        };
        (overview, self.sink)
    }

    /// What rows of pods are printed beside.
    fn outlay(&mut self) -> Money {
        *self.outlay.get_or_insert_with(|| self.run.bill.ecs_at(self.settings.horizon))
    }

    /// Everything at the present instant has happened: time goes on to `to`.
    fn advance(&mut self, to: SimTime) {
        self.outlay();
        while self.timeline.next() < to {
            let mark = self.timeline.next();
            self.hold_until(mark);
            self.take_row(mark);
        }
        self.hold_until(to);
    }

    fn hold_until(&mut self, to: SimTime) {
        self.run.hold(to.since(self.now));
        self.timeline.hold(&self.run);
        self.now = to;
    }

    fn take_row(&mut self, time: SimTime) {
        let desired = self.desired.iter().map(|(_, replicas)| u64::from(*replicas)).sum();
        self.timeline.take(time, desired, &self.run);
    }

    /// Waits and levels of what still lives when the run ends.
    fn close(&mut self, horizon: SimTime) {
        // What happened at the very last instant was never held.
        self.run.hold(Span::ZERO);
        for pod in self.pods.iter() {
            let age = horizon.since(pod.line.created);
            if pod.line.counted && pod.stage == Stage::Pending {
                self.run.pending.still_waits(age);
            }
            if pod.line.counted && matches!(pod.stage, Stage::Pending | Stage::Starting) {
                self.run.ready.waits.record(age, WaitEnd::CutShort);
            }
        }
        self.run.pending.waits.settle();
        self.run.ready.waits.settle();
        self.run.jobs.finish(horizon);
    }

    fn node_added(&mut self, fact: &Fact<'_>) {
        let &Fact::NodeAdded { node, name, class, pool, instance_type, price, cpu, memory } = fact else {
            return;
        };
        assert_eq!(node.index(), self.nodes.len(), "nodes are numbered in order of addition");
        let account = self.run.bill.node_added(price, cpu, memory, self.now);
        let row = NodeRow {
            name: name.to_owned(),
            class,
            pool: pool.to_owned(),
            instance_type: instance_type.to_owned(),
            added: self.now,
            removed: None,
            cpu,
            memory,
            price,
            cost: Money::ZERO,
            idle_cost: Money::ZERO,
        };
        self.nodes.push(NodeRecord { row, account });
    }

    fn node_removed(&mut self, node: NodeId) {
        let node = &mut self.nodes[node.index()];
        self.run.bill.node_removed(&mut node.account, self.now);
        node.row.removed.get_or_insert(self.now);
    }

    fn pod_created(&mut self, fact: &Fact<'_>) {
        let &Fact::PodCreated { pod, namespace, name, workload, containers, cpu, memory, counted } = fact
        else {
            return;
        };
        if counted {
            self.run.pods.created();
            self.run.pending.created();
        }
        let names = &mut self.names;
        let none = names.number("");
        let workload = workload.map_or(none, |title| names.number_of(format_args!("{title}")));
        let texts = (names.number(namespace), workload, none);
        let living = Living::new(self.now, texts, containers, (cpu, memory), counted);
        self.pods.create(pod, name, living);
    }

    fn pod_bound(&mut self, pod: PodId, node: NodeId, overflow: Option<Overflow>, attempts: u32) {
        let (pod, on, run) = (self.pods.get(pod), &mut self.nodes[node.index()], &mut self.run);
        assert_eq!(pod.stage, Stage::Pending, "a pod is bound once");
        run.bill.requested(&mut on.account, pod.requests.0, pod.requests.1, self.now);
        pod.stage = Stage::Starting;
        pod.line.node = Some(node);
        pod.line.scheduled = When::at(self.now);
        pod.line.attempts = attempts;
        if attempts > 0 {
            run.scheduler.succeeded();
        }
        if run.descheduler.any() {
            run.descheduler.bound(pod.line.workload, pod.line.created, on.row.class);
        }
        if !pod.line.counted {
            return;
        }
        run.pods.scheduled();
        run.pending.left(self.now.since(pod.line.created), WaitEnd::Met);
        run.starting.level.rise();
        match on.row.class {
            NodeClass::Ecs => run.pods.on_ecs.rise(),
            NodeClass::Virtual => {
                let why = overflow.expect("a pod on a virtual node is there for a reason");
                pod.line.overflow = Some(why);
                run.overflow.bound(why, self.now);
            }
        }
    }

    fn pod_held_up(&mut self, pod: PodId, by: HeldUp) {
        let pod = self.pods.get(pod);
        if pod.line.counted && pod.is_news(by) {
            self.run.starting.held_up(by);
        }
    }

    fn pod_moved(&mut self, pod: PodId, node: NodeId) {
        let pod = self.pods.get(pod);
        let before = pod.line.node.replace(node).expect("a pod that moves was bound");
        let (cpu, memory) = pod.requests;
        let left = &mut self.nodes[before.index()];
        self.run.bill.released(&mut left.account, cpu, memory, self.now);
        let class = left.row.class;
        let on = &mut self.nodes[node.index()];
        assert_eq!(class, on.row.class, "a pod moves among nodes of one class");
        self.run.bill.requested(&mut on.account, cpu, memory, self.now);
    }

    fn pod_billed(&mut self, pod: PodId, price: Price, spec: fmt::Arguments<'_>) {
        let pod = self.pods.get(pod);
        self.run.bill.pod_billed(&mut pod.account, price, self.now);
        pod.line.spec = self.names.number_of(spec);
    }

    fn pod_ready(&mut self, pod: PodId) {
        let pod = self.pods.get(pod);
        if pod.stage == Stage::Unready {
            // Ready again: how long that took the first time is on record.
            pod.stage = Stage::Ready;
            if pod.line.counted {
                self.run.ready.level.rise();
            }
            return;
        }
        // A pod that is terminating takes no traffic any more, ready or not.
        if pod.stage != Stage::Starting {
            return;
        }
        pod.stage = Stage::Ready;
        pod.line.ready = When::at(self.now);
        if pod.line.counted {
            self.run.starting.level.fall();
            self.run.ready.level.rise();
            self.run.ready.waits.record(self.now.since(pod.line.created), WaitEnd::Met);
        }
    }

    /// The pod takes no more traffic, and waits for nothing any more.
    fn leave_service(&mut self, pod: PodId, next: Stage) {
        let (pod, run) = (self.pods.get(pod), &mut self.run);
        let stage = std::mem::replace(&mut pod.stage, next);
        if !pod.line.counted {
            return;
        }
        let age = self.now.since(pod.line.created);
        match stage {
            Stage::Pending => run.pending.left(age, WaitEnd::CutShort),
            Stage::Starting => run.starting.level.fall(),
            Stage::Ready => run.ready.level.fall(),
            Stage::Unready | Stage::Terminating => {}
        }
        if matches!(stage, Stage::Pending | Stage::Starting) {
            run.ready.waits.record(age, WaitEnd::CutShort);
        }
    }

    fn pod_ended(&mut self, id: PodId, outcome: Outcome) {
        self.leave_service(id, Stage::Terminating);
        let (pod, run) = (self.pods.get(id), &mut self.run);
        pod.line.finished = When::at(self.now);
        run.bill.pod_ended(&mut pod.account, self.now);
        let on = pod.line.node.map(|node| &mut self.nodes[node.index()]);
        let class = on.map(|on| {
            run.bill.released(&mut on.account, pod.requests.0, pod.requests.1, self.now);
            on.row.class
        });
        if pod.line.counted {
            run.pods.ended(outcome);
            match (class, pod.line.overflow) {
                (Some(NodeClass::Ecs), _) => run.pods.on_ecs.fall(),
                (_, Some(why)) => run.overflow.ended(why),
                _ => {}
            }
        }
        self.hand_over(id);
    }

    fn replicas_desired(&mut self, workload: &str, replicas: u32) {
        match self.desired.iter_mut().find(|(name, _)| name == workload) {
            Some((_, wanted)) => *wanted = replicas,
            None => self.desired.push((workload.to_owned(), replicas)),
        }
    }
}

#[cfg(test)]
mod tests;
