//! The scheduling queue of kube-scheduler v1.34.1: which pod is tried next, and when one that failed is tried again.
//!
//! A pod stands in exactly one [`Place`]. The queue holds no cluster and no clock: it is told what happens, and
//! [`Queue::next_timer`] says when it wants to be called. Time 0 is a whole second of the wall clock and the start of
//! the queue.
//!
//! Source: pkg/scheduler/backend/queue/{scheduling_queue,active_queue,backoff_queue}.go at tag v1.34.1.

mod backoff_queue;
mod in_flight;
mod queued_pod;
mod rules;
mod timer;
mod unschedulable_pods;

use priority_queue::PriorityQueue;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::event::{ClusterEvent, pod_events};
use super::profile::FilterEntry;
use super::{Profile, Rejectors, Scheduler};
use crate::cluster::Cluster;
use crate::id::PodId;
use crate::object::PodSpec;
use crate::units::SimTime;

pub use backoff_queue::Settings;
pub use queued_pod::{Place, QueuedPod};
pub use timer::Timer;

pub(super) use rules::RULES;

use backoff_queue::BackoffQueue;
use in_flight::InFlight;
use queued_pod::Turn;
use unschedulable_pods::UnschedulablePods;

/// The pods that are to be scheduled.
#[derive(Clone, Default)]
pub struct Queue {
    settings: Settings,
    pods: FxHashMap<PodId, QueuedPod>,
    active: PriorityQueue<PodId, Turn, FxBuildHasher>,
    backoff: BackoffQueue,
    errors: BackoffQueue,
    waiting: UnschedulablePods,
    in_flight: InFlight,
    inserted: u64,
}

/// A pod whose attempt begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Popped {
    /// The pod.
    pub pod: PodId,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// Where it stood: [`Place::Active`] or [`Place::Backoff`].
    pub from: Place,
}

/// An event, and the pod whose plugins are asked what it means for it.
struct Question<'a> {
    pod: &'a PodSpec,
    profile: &'a Profile,
    event: &'a ClusterEvent<'a>,
    cluster: &'a Cluster,
}

impl<'a> Question<'a> {
    fn new(
        pod: &'a PodSpec,
        event: &'a ClusterEvent<'a>,
        cluster: &'a Cluster,
        scheduler: &'a Scheduler,
    ) -> Self {
        Self { pod, profile: profile_of(scheduler, pod), event, cluster }
    }

    /// Whether the hint of any of the pod's rejectors says that the event may help.
    fn helps(&self, rejectors: &Rejectors) -> bool {
        self.profile.filters.iter().any(|entry| rejectors.contains(entry.name()) && self.hint_of(entry))
    }

    /// The plugins whose hints say that the event may help.
    fn helpers(&self) -> impl Iterator<Item = &'static str> {
        self.profile.filters.iter().filter(|entry| self.hint_of(entry)).map(FilterEntry::name)
    }

    fn hint_of(&self, entry: &FilterEntry) -> bool {
        entry.part().wakes(self.pod, self.event, self.cluster)
    }
}

fn profile_of<'a>(scheduler: &'a Scheduler, spec: &PodSpec) -> &'a Profile {
    scheduler.profile_of(spec).expect("only pods of a profile are queued")
}

fn gate(scheduler: &Scheduler, spec: &PodSpec) -> Option<&'static str> {
    profile_of(scheduler, spec).gate(spec).map(|(plugin, _)| plugin)
}

impl Queue {
    /// A queue without pods, started at time 0.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// A pod was created that is bound to no node and belongs to a profile: it goes to activeQ, unless a PreEnqueue
    /// plugin gates it.
    pub fn add(&mut self, id: PodId, cluster: &Cluster, scheduler: &Scheduler, now: SimTime) {
        let spec = cluster.spec_of(id);
        let turn = Turn::new(spec.priority, now, self.next_insertion());
        let pod = QueuedPod::new(Place::Active, cluster.pod(id).class, turn, gate(scheduler, spec));
        let known = self.pods.insert(id, pod);
        debug_assert!(known.is_none(), "pod {id} was queued twice");
        self.enqueue(id, now);
    }

    /// Whether [`Queue::pop`] would give a pod.
    pub fn is_ready(&self) -> bool {
        !self.active.is_empty() || self.settings.pop_from_backoff && !self.backoff.is_empty()
    }

    /// Takes the pod that is tried next. When activeQ is empty, the one whose backoff ends first is tried at once,
    /// however long its backoff still is; pods that back off after an error are not.
    ///
    /// The pod is in flight until [`Queue::done`], [`Queue::unschedulable`] or [`Queue::error`].
    pub fn pop(&mut self) -> Option<Popped> {
        let (id, from) = match self.active.pop() {
            Some((id, _)) => (id, Place::Active),
            None if self.settings.pop_from_backoff => (self.backoff.pop()?, Place::Backoff),
            None => return None,
        };
        let pod = self.pods.get_mut(&id).expect("a pod that is popped is known");
        pod.take_off();
        self.in_flight.take_off(id);
        Some(Popped { pod: id, attempt: pod.attempts(), from })
    }

    /// The attempt found a node and the pod is about to be bound: the queue forgets it. To be called before the event
    /// of the bound pod.
    pub fn done(&mut self, id: PodId) {
        if self.in_flight.land(id).is_some() {
            self.pods.remove(&id);
        }
    }

    /// No node fits, because of `rejectors` (see [`Evaluation::rejectors`](super::Evaluation::rejectors)): the pod
    /// waits for an event that one of them takes for help. If such an event came during the attempt, the pod backs off
    /// instead. Nothing happens if the pod was deleted meanwhile.
    pub fn unschedulable(&mut self, id: PodId, rejectors: Rejectors, now: SimTime) {
        debug_assert!(!rejectors.is_empty(), "a pod that nobody rejected failed by an error");
        let Some(missed) = self.in_flight.land(id) else { return };
        let woken = missed.wakes(&rejectors);
        self.come_back(id, rejectors, now);
        if woken {
            self.enqueue(id, now);
        } else {
            self.wait(id);
        }
    }

    /// The attempt ended in an error, as it does when there are no nodes: the pod is tried again after its backoff,
    /// whatever happens meanwhile. Nothing happens if the pod was deleted during the attempt.
    pub fn error(&mut self, id: PodId, now: SimTime) {
        if self.in_flight.land(id).is_some() {
            self.come_back(id, Rejectors::new(), now);
            self.enqueue(id, now);
        }
    }

    /// Something happened in the cluster: pods that it may help leave unschedulablePods, and pods in flight will know.
    /// Changes of a waiting pod itself go to [`Queue::updated`] instead.
    pub fn happened(
        &mut self,
        event: &ClusterEvent<'_>,
        cluster: &Cluster,
        scheduler: &Scheduler,
        now: SimTime,
    ) {
        for id in self.in_flight.ids().collect::<Vec<_>>() {
            let spec = cluster.class(self.pods[&id].class);
            self.in_flight.hear(id, &Question::new(spec, event, cluster, scheduler));
        }
        let helped = self.waiting.helped(|cause| {
            let spec = cluster.class(cause.class);
            Question::new(spec, event, cluster, scheduler).helps(&cause.rejectors)
        });
        for id in helped {
            self.wake(id, now);
        }
    }

    /// A plugin wants a waiting pod to be tried: it goes to activeQ, however long its backoff still is. One that is
    /// gated or under way stays where it is.
    pub fn activate(&mut self, id: PodId) {
        let place = self.pods.get(&id).map(QueuedPod::place);
        if matches!(place, Some(Place::Unschedulable | Place::Backoff | Place::ErrorBackoff)) {
            self.take_out(id);
            self.put(id, Place::Active);
        }
    }

    /// A pod of the queue is another one than `old` now: in activeQ and the backoff queues its turn is worked out anew;
    /// in unschedulablePods its own rejectors are asked whether that may help, or the gating plugin whether the gate is
    /// gone. Other pods do not notice.
    pub fn updated(
        &mut self,
        id: PodId,
        old: &PodSpec,
        cluster: &Cluster,
        scheduler: &Scheduler,
        now: SimTime,
    ) {
        let spec = cluster.spec_of(id);
        let events = pod_events(old, spec, true);
        let place = self.take_out(id);
        let pod = self.pods.get_mut(&id).expect("a pod that is taken out is known");
        pod.class = cluster.pod(id).class;
        pod.turn.priority = spec.priority;
        pod.gate = gate(scheduler, spec);
        let helped =
            events.iter().any(|event| Question::new(spec, event, cluster, scheduler).helps(&pod.rejectors));
        match place {
            Place::Unschedulable if !helped => self.wait(id),
            Place::Unschedulable | Place::Gated => self.enqueue(id, now),
            Place::InFlight => {
                for event in &events {
                    self.in_flight.hear(id, &Question::new(spec, event, cluster, scheduler));
                }
            }
            Place::Active | Place::Backoff | Place::ErrorBackoff => self.put(id, place),
        }
    }

    /// A pod that is not bound was deleted: the queue forgets it. One of the same name that comes later is a new pod.
    pub fn deleted(&mut self, id: PodId) {
        if self.pods.contains_key(&id) {
            self.take_out(id);
            self.in_flight.land(id);
            self.pods.remove(&id);
        }
    }

    /// What the queue knows of a pod; `None` if it is not, or no longer, to be scheduled.
    pub fn get(&self, id: PodId) -> Option<&QueuedPod> {
        self.pods.get(&id)
    }

    /// When the backoff of a pod ends; `None` if it has not failed.
    pub fn backoff_until(&self, id: PodId) -> Option<SimTime> {
        self.settings.expiry(self.pods.get(&id)?)
    }

    /// How many pods stand in one place.
    pub fn len(&self, place: Place) -> usize {
        match place {
            Place::Active => self.active.len(),
            Place::Backoff => self.backoff.len(),
            Place::ErrorBackoff => self.errors.len(),
            Place::Unschedulable => self.waiting.rejected_len(),
            Place::Gated => self.waiting.gated_len(),
            Place::InFlight => self.in_flight.len(),
        }
    }

    /// How many pods there are in all places together.
    pub fn pod_count(&self) -> usize {
        self.pods.len()
    }

    /// Whether there is no pod at all.
    pub fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }

    /// The pods of one place: in activeQ and the backoff queues in the order in which they leave, in unschedulablePods
    /// the one that failed first is first.
    pub fn list(&self, place: Place) -> Vec<PodId> {
        match place {
            Place::Active => self.active.clone().into_sorted_vec(),
            Place::Backoff => self.backoff.list(),
            Place::ErrorBackoff => self.errors.list(),
            Place::Unschedulable => self.waiting.rejected().map(|(_, id)| id).collect(),
            Place::Gated => self.waiting.gated().map(|(_, id)| id).collect(),
            Place::InFlight => self.in_flight.ids().collect(),
        }
    }

    /// Checks that every pod stands in exactly one place, the one it says; the error says which does not.
    pub fn check(&self) -> Result<(), String> {
        use Place::{Active, Backoff, ErrorBackoff, Gated, InFlight, Unschedulable};
        let places = [Active, Backoff, ErrorBackoff, Unschedulable, Gated, InFlight];
        let listed = places.map(|place| (place, self.list(place)));
        for (place, id) in listed.iter().flat_map(|(place, ids)| ids.iter().map(move |id| (*place, id))) {
            let says = self.pods.get(id).map(QueuedPod::place);
            if says != Some(place) {
                return Err(format!("pod {id} stands in {place:?} and is thought to stand in {says:?}"));
            }
        }
        let total: usize = listed.iter().map(|(_, ids)| ids.len()).sum();
        if total == self.pods.len() { Ok(()) } else { Err("a pod of the queue stands nowhere".to_owned()) }
    }

    fn next_insertion(&mut self) -> u64 {
        self.inserted += 1;
        self.inserted
    }

    fn come_back(&mut self, id: PodId, rejectors: Rejectors, now: SimTime) {
        let inserted = self.next_insertion();
        let pod = self.pods.get_mut(&id).expect("a pod in flight is known");
        pod.come_back(rejectors, now, inserted);
    }

    /// Moves a pod out of unschedulablePods.
    fn wake(&mut self, id: PodId, now: SimTime) {
        self.take_out(id);
        self.enqueue(id, now);
    }

    /// Puts a pod that is to be tried, and stands nowhere, where it belongs: its gate goes before its backoff
    /// (scheduling_queue.go:1169 `requeuePodWithQueueingStrategy`).
    fn enqueue(&mut self, id: PodId, now: SimTime) {
        let pod = &self.pods[&id];
        let backs_off = self.settings.expiry(pod).is_some_and(|expiry| self.settings.is_on(expiry, now));
        let place = match pod.gate {
            Some(_) => Place::Gated,
            None if backs_off && pod.rejectors.is_empty() => Place::ErrorBackoff,
            None if backs_off => Place::Backoff,
            None => Place::Active,
        };
        self.put(id, place);
    }

    fn wait(&mut self, id: PodId) {
        self.put(id, Place::Unschedulable);
    }

    /// Puts a pod that stands nowhere into one place.
    fn put(&mut self, id: PodId, place: Place) {
        let pod = self.pods.get_mut(&id).expect("a pod that is put somewhere is known");
        pod.place = place;
        let expiry = || self.settings.expiry(pod).expect("a pod that backs off has failed");
        match place {
            Place::Active => {
                self.active.push(id, pod.turn);
            }
            Place::Backoff => self.backoff.push(id, expiry(), pod.turn),
            Place::ErrorBackoff => self.errors.push(id, expiry(), pod.turn),
            Place::Unschedulable => self.waiting.insert(id, pod),
            Place::Gated => self.waiting.insert_gated(id, pod.turn),
            Place::InFlight => unreachable!("pods only take off by being popped"),
        }
    }

    /// Takes a pod out of where it stands; a pod in flight stays there.
    fn take_out(&mut self, id: PodId) -> Place {
        let pod = &self.pods[&id];
        match pod.place {
            Place::Active => {
                self.active.remove(&id);
            }
            Place::Backoff => self.backoff.remove(id),
            Place::ErrorBackoff => self.errors.remove(id),
            Place::Unschedulable => self.waiting.remove(id, pod),
            Place::Gated => self.waiting.remove_gated(pod.turn),
            Place::InFlight => {}
        }
        pod.place
    }
}

#[cfg(test)]
mod tests;
