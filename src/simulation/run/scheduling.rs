//! The scheduler's part of a run: the queue, one attempt after another, and what follows from each.

use std::fmt;
use std::hash::{BuildHasher, Hash};

use rustc_hash::FxBuildHasher;

use super::clients::Binding;
use super::event::Event;
use super::{Run, Shown, event_of};
use crate::id::{NodeId, PodId};
use crate::metric::{Fact, Outcome as End, Overflow};
use crate::object::{NodeClass, PodSpec};
use crate::scheduler::event::ClusterEvent;
use crate::scheduler::preemption::{Preemption, PreemptionOutcome};
use crate::scheduler::queue::{Popped, Timer};
use crate::scheduler::{Attempt, NO_NODES, Outcome};
use crate::simulation::directed::{is_directed, is_ordered};
use crate::simulation::scenario::Timing;
use crate::units::Span;

impl Run<'_, '_> {
    /// Hands a new pod to the scheduler that it names. One that names another scheduler waits for ever.
    pub(super) fn enqueue(&mut self, pod: PodId) {
        if self.scheduler.profile_of(self.cluster.spec_of(pod)).is_none() {
            self.foreign_pods += 1;
            return;
        }
        self.queue.add(pod, &self.cluster, &self.scheduler, self.now);
        self.queue_changed();
    }

    /// Tells the queue what has happened in the cluster.
    pub(super) fn wake(&mut self, event: &ClusterEvent<'_>) {
        self.queue.happened(event, &self.cluster, &self.scheduler, self.now);
        self.queue_changed();
    }

    /// A pod that waits was deleted.
    pub(super) fn dequeue(&mut self, pod: PodId) {
        self.foreign_pods -= usize::from(self.queue.get(pod).is_none());
        self.queue.deleted(pod);
        self.queue_changed();
    }

    /// A pod that waits is another one than `old` now.
    pub(super) fn requeue(&mut self, pod: PodId, old: &PodSpec) {
        if self.queue.get(pod).is_some() {
            self.queue.updated(pod, old, &self.cluster, &self.scheduler, self.now);
            self.queue_changed();
        }
    }

    /// Puts the next attempt and the queue's next timer into the calendar, where they are not there already.
    pub(super) fn queue_changed(&mut self) {
        if !self.attempt_is_due && self.queue.is_ready() {
            self.attempt_is_due = true;
            self.at(self.scheduler_free_at.max(self.now), Event::Schedule);
        }
        let next = self.queue.next_timer(self.now).map(|(at, _)| at);
        if let Some(at) = next.filter(|&at| self.queue_timer.is_none_or(|known| at < known)) {
            self.queue_timer = Some(at);
            self.at(at, Event::QueueTimer);
        }
    }

    /// A timer of the queue fires; one that was set and is no longer needed finds nothing to do.
    pub(super) fn queue_timer_fired(&mut self) {
        if self.queue_timer == Some(self.now) {
            self.queue_timer = None;
        }
        for timer in [Timer::BackoffCompleted, Timer::UnschedulableLeftover] {
            if timer.is_tick(self.now) {
                self.queue.flush(timer, self.now);
            }
        }
        self.queue_changed();
    }

    /// One scheduling attempt.
    pub(super) fn schedule(&mut self) {
        self.attempt_is_due = false;
        let Some(popped) = self.queue.pop() else { return };
        self.refresh_budgets(popped.pod);
        let attempt = self.scheduler.attempt(&self.cluster, popped.pod, popped.attempt);
        if self.shown == Shown::All {
            (self.watcher)(self.now, &self.cluster, &popped, &attempt);
        }
        self.scheduler_free_at = self.now + self.took(&attempt);
        match &attempt.outcome {
            Outcome::Chosen(node) => self.chosen(&popped, *node, &attempt),
            Outcome::Unschedulable(failure) => {
                let rejectors = attempt.evaluation().rejectors();
                self.retry_in_time(popped.pod, &rejectors);
                self.queue.unschedulable(popped.pod, rejectors, self.now);
                self.write_condition(popped.pod, &failure.text);
                self.failed(popped.pod, format_args!("{}", failure.text.event_text()));
                self.preempt(popped.pod, &failure.preemption);
            }
            Outcome::NoNodes => {
                self.queue.error(popped.pod, self.now);
                self.write_condition(popped.pod, NO_NODES);
                self.failed(popped.pod, format_args!("{NO_NODES}"));
            }
        }
        self.queue_changed();
    }

    /// How long an attempt keeps the scheduler busy.
    fn took(&self, attempt: &Attempt) -> Span {
        let Timing { attempt: base, attempt_per_node, .. } = self.scenario.timing;
        base + Span(attempt_per_node.0 * attempt.examined.unwrap_or(0) as u64)
    }

    /// The scheduler writes down why a pod fits nowhere, if that is another reason than before, and makes no attempt
    /// until the API server has answered (schedule_one.go `updatePod`).
    fn write_condition(&mut self, pod: PodId, why: impl Hash) {
        if self.clients.scheduler.is_instant() {
            return;
        }
        let state = &mut self.pods[pod.index()];
        let condition = Some(FxBuildHasher.hash_one(why));
        if std::mem::replace(&mut state.condition, condition) != condition {
            self.scheduler_free_at = self.clients.scheduler.request(self.scheduler_free_at);
        }
    }

    fn chosen(&mut self, popped: &Popped, node: NodeId, attempt: &Attempt) {
        let &Popped { pod, attempt: attempts, .. } = popped;
        self.trace.words([u64::from(pod.0), u64::from(node.0)]);
        let overflow = self.overflow(pod, node, attempt);
        if overflow == Some(Overflow::Early) {
            self.show_early(popped, attempt);
        }
        self.queue.done(pod);
        let binding = Binding { overflow, attempts };
        let bound = self.clients.scheduler.request(self.scheduler_free_at);
        if bound == self.now {
            self.tell_scheduled(pod, node);
            self.write_before_binding(pod, node);
            self.bind(pod, node, binding);
        } else {
            self.write_before_binding(pod, node);
            self.cluster.bind(pod, node);
            self.clients.binds(pod, binding);
        }
        self.at(bound, Event::PodAssigned(pod));
    }

    /// Shows a pod that overflows early to whoever watches, with everything that was said of it, while more are wanted.
    fn show_early(&mut self, popped: &Popped, attempt: &Attempt) {
        let Shown::Early(more @ 1..) = &mut self.shown else { return };
        *more -= 1;
        let told = self.scheduler.retold(&self.cluster, popped.pod, attempt);
        (self.watcher)(self.now, &self.cluster, popped, &told);
    }

    /// The API server has bound a pod that the scheduler has found a node for.
    pub(super) fn binding_arrives(&mut self, pod: PodId, node: NodeId, binding: Binding) {
        self.tell_scheduled(pod, node);
        self.bound(pod, node, binding);
    }

    fn tell_scheduled(&mut self, pod: PodId, node: NodeId) {
        let (name, node_name) = (&self.cluster.pod(pod).name, self.cluster.node(node).name());
        let namespace = &self.cluster.spec_of(pod).namespace;
        let assigned = format_args!("Successfully assigned {namespace}/{name} to {node_name}");
        (self.listener)(self.now, &event_of(&self.cluster, pod, "Normal", "Scheduled", assigned));
    }

    fn failed(&mut self, pod: PodId, message: fmt::Arguments<'_>) {
        self.pods[pod.index()].rejected.get_or_insert(self.now);
        self.autoscaler_sees_rejected(pod);
        self.tell(&Fact::AttemptFailed { pod });
        self.pod_event(pod, "Warning", "FailedScheduling", message);
    }

    /// Evicts the pods that preemption has found, and nominates the pod to their node. Of nodes that nothing tells
    /// apart the first found is taken, which started at a drawn offset.
    fn preempt(&mut self, pod: PodId, preemption: &Preemption) {
        let PreemptionOutcome::Victims { equals } = &preemption.outcome else { return };
        let first = preemption.candidates.iter().find(|candidate| equals.contains(&candidate.node));
        let Some(candidate) = first else { return };
        let less_important: Vec<_> = self
            .cluster
            .nominated_to(candidate.node)
            .filter(|&other| self.priority(other) < self.priority(pod))
            .collect();
        for other in less_important {
            self.cluster.nominate(other, None);
        }
        self.cluster.nominate(pod, Some(candidate.node));
        let (by, node) = (self.pods[pod.index()].uid, self.cluster.node(candidate.node).name().to_owned());
        for &victim in &candidate.victims {
            let message = format_args!("Preempted by pod {by:016x} on node {node}");
            self.pod_event(victim, "Normal", "Preempted", message);
            self.evict(victim, End::Preempted);
            if let Some(workload) = self.pods[victim.index()].workload() {
                self.reconcile(workload);
            }
        }
    }

    fn priority(&self, pod: PodId) -> i32 {
        self.cluster.spec_of(pod).priority
    }

    /// Why a pod goes to a virtual node: the first that holds of early, full, directed, excluded; `None` on ECS.
    fn overflow(&self, pod: PodId, node: NodeId, attempt: &Attempt) -> Option<Overflow> {
        let is_ecs = |node: NodeId| self.cluster.node(node).spec.class == NodeClass::Ecs;
        if is_ecs(node) {
            return None;
        }
        let spec = self.cluster.spec_of(pod);
        let is_used = |node: NodeId| is_ordered(spec, &self.cluster, &self.cluster.node(node).spec);
        let verdicts = || self.scheduler.verdicts(&self.cluster, pod, attempt);
        let lacked_room = || {
            let by_room = |by: Option<&str>| by == Some("NodeResourcesFit");
            verdicts().any(|(node, by)| by_room(by) && is_ecs(node) && is_used(node))
        };
        Some(if verdicts().any(|(node, by)| by.is_none() && is_ecs(node)) {
            Overflow::Early
        } else if lacked_room() {
            Overflow::Full
        } else if is_directed(spec, &self.cluster, |name| self.names_virtual(name)) {
            Overflow::Directed
        } else {
            Overflow::Excluded
        })
    }

    fn names_virtual(&self, name: &str) -> bool {
        self.cluster.node_named(name).is_some_and(|node| node.spec.class == NodeClass::Virtual)
    }
}
