//! The observer: follows every pod and node through the facts of a run.

use std::fmt;

use super::fact::{Fact, HeldUp, Outcome, Overflow};
use super::jobs::Jobs;
use super::overflow::Overflows;
use super::pending::Pending;
use super::pods::Pods;
use super::ready::Readiness;
use super::rows::{EventRow, NodeRecord, NodeRow, PodRecord, PodRow, Stage};
use super::scheduler::Attempts;
use super::starting::Starting;
use super::summary::Summary;
use super::timeline::{Timeline, TimelineRow};
use super::traffic::Traffic;
use super::waits::WaitEnd;
use crate::cost::{Bill, CostSummary};
use crate::id::{NodeId, PodId};
use crate::object::NodeClass;
use crate::units::{Money, Price, SimTime, Span};

/// What an observer must be told beside the facts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The step of the timeline.
    pub sample_every: Span,
    /// The currency of all prices.
    pub currency: String,
}

/// What was seen of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The length of the run.
    pub horizon: Span,
    /// Its figures.
    pub summary: Summary,
    /// The run on a grid of instants.
    pub timeline: Vec<TimelineRow>,
    /// Its pods, in order of creation.
    pub pods: Vec<PodRow>,
    /// Its nodes, in order of addition.
    pub nodes: Vec<NodeRow>,
    /// Its events, in order of time.
    pub events: Vec<EventRow>,
}

/// What the metrics are read from.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(super) horizon: Span,
    pub(super) pods: Pods,
    pub(super) jobs: Jobs,
    pub(super) overflow: Overflows,
    pub(super) pending: Pending,
    pub(super) starting: Starting,
    pub(super) ready: Readiness,
    pub(super) traffic: Traffic,
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
    }
}

/// Reads facts in time order and measures them. It only listens: nothing that it does can alter a run.
pub struct Observer {
    settings: Settings,
    now: SimTime,
    run: Measured,
    timeline: Timeline,
    pods: Vec<PodRecord>,
    nodes: Vec<NodeRecord>,
    events: Vec<EventRow>,
    /// Replicas wanted, by workload; few enough to search.
    desired: Vec<(String, u32)>,
}

impl Observer {
    /// An observer of a run that is about to start.
    pub fn new(settings: Settings) -> Self {
        Self {
            timeline: Timeline::new(settings.sample_every),
            settings,
            now: SimTime::ZERO,
            run: Measured::default(),
            pods: Vec::new(),
            nodes: Vec::new(),
            events: Vec::new(),
            desired: Vec::new(),
        }
    }

    /// Takes note of a fact.
    ///
    /// # Panics
    /// If it is earlier than the one before, or speaks of a pod or node that was never created: a broken invariant of
    /// the simulation.
    pub fn observe(&mut self, now: SimTime, fact: &Fact<'_>) {
        assert!(now >= self.now, "facts are told in time order");
        if now > self.now {
            self.advance(now);
        }
        match *fact {
            Fact::ClusterBilled { price } => self.run.bill.cluster_billed(price, self.now),
            Fact::NodeAdded { .. } => self.node_added(fact),
            Fact::NodeRemoved { node } => self.node_removed(node),
            Fact::PodCreated { .. } => self.pod_created(fact),
            Fact::AttemptFailed { pod } => {
                self.run.scheduler.failed();
                self.pods[pod.index()].row.attempts += 1;
            }
            Fact::PodBound { pod, node, overflow, attempts, .. } => {
                self.pod_bound(pod, node, overflow, attempts);
            }
            Fact::PodHeldUp { pod, by } => self.pod_held_up(pod, by),
            Fact::PodMoved { pod, node } => self.pod_moved(pod, node),
            Fact::PodBilled { pod, price, spec } => self.pod_billed(pod, price, spec),
            Fact::PodAnnotated { .. } => {}
            Fact::PodInjected { pod, containers, .. } => self.pods[pod.index()].row.containers = containers,
            Fact::PodReady { pod } => self.pod_ready(pod),
            Fact::PodUnready { pod } => self.leave_service(pod, Stage::Unready),
            Fact::JobCreated { .. }
            | Fact::JobFinished { .. }
            | Fact::JobDeleted { .. }
            | Fact::JobPodFailed { .. }
            | Fact::ContainerRestarted { .. } => self.run.jobs.observe(now, fact),
            Fact::PodTerminating { pod } => self.leave_service(pod, Stage::Terminating),
            Fact::PodEnded { pod, outcome } => self.pod_ended(pod, outcome),
            Fact::Load { step, requests, unserved, .. } => {
                self.run.traffic.arrived(requests, unserved);
                self.timeline.load(now, step, requests, unserved);
            }
            Fact::ReplicasDesired { workload, replicas } => self.replicas_desired(workload, replicas),
            Fact::Event { kind, reason, object, message } => {
                let (object, message) = (object.to_string(), message.to_string());
                self.events.push(EventRow { time: now, kind, reason, object, message });
            }
        }
    }

    /// The run has ended; what it came to.
    ///
    /// # Panics
    /// If a fact was told of a time after `horizon`, or if the rows do not add up to the totals.
    pub fn finish(mut self, horizon: SimTime) -> Observation {
        assert!(horizon >= self.now, "no fact is later than the end of the run");
        self.advance(horizon);
        self.take_row(horizon);
        self.run.horizon = horizon.since(SimTime::ZERO);
        self.close(horizon);
        let pods: Vec<PodRow> = self.pods.into_iter().map(|pod| pod.into_row(horizon)).collect();
        let nodes: Vec<NodeRow> = self.nodes.into_iter().map(|node| node.into_row(horizon)).collect();
        let run = &mut self.run;
        run.cost = run.bill.summary(horizon, nodes.iter().map(|node| node.idle_cost).sum());
        let by_pod: Money = pods.iter().map(|pod| pod.cost).sum();
        assert_eq!(by_pod, run.cost.virtual_nodes, "pods add up to the integral of their rate");
        let by_node: Money = nodes.iter().map(|node| node.cost).sum();
        assert_eq!(by_node, run.cost.ecs, "so do nodes");
        Observation {
            horizon: run.horizon,
            summary: Summary::of(run, &self.settings.currency),
            timeline: self.timeline.finish(),
            pods,
            nodes,
            events: self.events,
        }
    }

    /// Everything at the present instant has happened: time goes on to `to`.
    fn advance(&mut self, to: SimTime) {
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
        for pod in &self.pods {
            let age = horizon.since(pod.row.created);
            if pod.counted && pod.stage == Stage::Pending {
                self.run.pending.still_waits(age);
            }
            if pod.counted && matches!(pod.stage, Stage::Pending | Stage::Starting) {
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
        assert_eq!(pod.index(), self.pods.len(), "pods are numbered in order of creation");
        if counted {
            self.run.pods.created();
            self.run.pending.created();
        }
        let row = PodRow {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            workload: workload.map(|title| title.to_string()).unwrap_or_default(),
            node: String::new(),
            node_class: None,
            created: self.now,
            scheduled: None,
            ready: None,
            finished: None,
            containers,
            attempts: 0,
            overflow: None,
            billed_spec: String::new(),
            cost: Money::ZERO,
        };
        self.pods.push(PodRecord::new(row, (cpu, memory), counted));
    }

    fn pod_bound(&mut self, pod: PodId, node: NodeId, overflow: Option<Overflow>, attempts: u32) {
        let (pod, on, run) = (&mut self.pods[pod.index()], &mut self.nodes[node.index()], &mut self.run);
        assert_eq!(pod.stage, Stage::Pending, "a pod is bound once");
        on.account.request(pod.requests.0, pod.requests.1, self.now);
        pod.stage = Stage::Starting;
        pod.node = Some(node);
        pod.row.node.clone_from(&on.row.name);
        pod.row.node_class = Some(on.row.class);
        pod.row.scheduled = Some(self.now);
        pod.row.attempts = attempts;
        if attempts > 0 {
            run.scheduler.succeeded();
        }
        if !pod.counted {
            return;
        }
        run.pods.scheduled();
        run.pending.left(self.now.since(pod.row.created), WaitEnd::Met);
        run.starting.level.rise();
        match on.row.class {
            NodeClass::Ecs => run.pods.on_ecs.rise(),
            NodeClass::Virtual => {
                let why = overflow.expect("a pod on a virtual node is there for a reason");
                pod.row.overflow = Some(why);
                run.overflow.bound(why, self.now);
            }
        }
    }

    fn pod_held_up(&mut self, pod: PodId, by: HeldUp) {
        let pod = &mut self.pods[pod.index()];
        if pod.counted && !pod.held_up.contains(&by) {
            pod.held_up.push(by);
            self.run.starting.held_up(by);
        }
    }

    fn pod_moved(&mut self, pod: PodId, node: NodeId) {
        let pod = &mut self.pods[pod.index()];
        let before = pod.node.replace(node).expect("a pod that moves was bound");
        let (cpu, memory) = pod.requests;
        self.nodes[before.index()].account.release(cpu, memory, self.now);
        let on = &mut self.nodes[node.index()];
        assert_eq!(pod.row.node_class, Some(on.row.class), "a pod moves among nodes of one class");
        on.account.request(cpu, memory, self.now);
        pod.row.node.clone_from(&on.row.name);
    }

    fn pod_billed(&mut self, pod: PodId, price: Price, spec: fmt::Arguments<'_>) {
        let pod = &mut self.pods[pod.index()];
        self.run.bill.pod_billed(&mut pod.account, price, self.now);
        pod.row.billed_spec = spec.to_string();
    }

    fn pod_ready(&mut self, pod: PodId) {
        let pod = &mut self.pods[pod.index()];
        if pod.stage == Stage::Unready {
            // Ready again: how long that took the first time is on record.
            pod.stage = Stage::Ready;
            if pod.counted {
                self.run.ready.level.rise();
            }
            return;
        }
        // A pod that is terminating takes no traffic any more, ready or not.
        if pod.stage != Stage::Starting {
            return;
        }
        pod.stage = Stage::Ready;
        pod.row.ready = Some(self.now);
        if pod.counted {
            self.run.starting.level.fall();
            self.run.ready.level.rise();
            self.run.ready.waits.record(self.now.since(pod.row.created), WaitEnd::Met);
        }
    }

    /// The pod takes no more traffic, and waits for nothing any more.
    fn leave_service(&mut self, pod: PodId, next: Stage) {
        let (pod, run) = (&mut self.pods[pod.index()], &mut self.run);
        let stage = std::mem::replace(&mut pod.stage, next);
        if !pod.counted {
            return;
        }
        let age = self.now.since(pod.row.created);
        match stage {
            Stage::Pending => run.pending.left(age, WaitEnd::CutShort),
            Stage::Starting => run.starting.level.fall(),
            Stage::Ready => run.ready.level.fall(),
            Stage::Unready | Stage::Terminating | Stage::Ended => {}
        }
        if matches!(stage, Stage::Pending | Stage::Starting) {
            run.ready.waits.record(age, WaitEnd::CutShort);
        }
    }

    fn pod_ended(&mut self, id: PodId, outcome: Outcome) {
        assert_ne!(self.pods[id.index()].stage, Stage::Ended, "a pod ends once");
        self.leave_service(id, Stage::Ended);
        let (pod, run) = (&mut self.pods[id.index()], &mut self.run);
        pod.row.finished = Some(self.now);
        run.bill.pod_ended(&mut pod.account, self.now);
        if let Some(node) = pod.node {
            self.nodes[node.index()].account.release(pod.requests.0, pod.requests.1, self.now);
        }
        if !pod.counted {
            return;
        }
        run.pods.ended(outcome);
        match (pod.row.node_class, pod.row.overflow) {
            (Some(NodeClass::Ecs), _) => run.pods.on_ecs.fall(),
            (_, Some(why)) => run.overflow.ended(why),
            _ => {}
        }
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
