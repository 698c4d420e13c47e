//! What the queue knows of one pod.

use std::cmp::Reverse;

use crate::id::ClassId;
use crate::scheduler::Rejectors;
use crate::units::SimTime;

/// Where a pod stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// activeQ: it is tried as soon as its turn comes.
    Active,
    /// podBackoffQ: it is tried when its backoff is over, or when activeQ is empty.
    Backoff,
    /// podErrorBackoffQ: its last attempt ended in an error; it is tried when its backoff is over.
    ErrorBackoff,
    /// unschedulablePods: it waits for an event that may help.
    Unschedulable,
    /// unschedulablePods with a gating plugin: it waits for its gate to go.
    Gated,
    /// It is being tried.
    InFlight,
}

/// When it is a pod's turn in activeQ: the greatest is first.
///
/// The time is that of the last failure, or of the pod's creation if it has not failed yet; moves between the queues do
/// not change it. Upstream leaves open who is first of equals; here it is the one that came, or failed, first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) priority: i32,
    timestamp: Reverse<SimTime>,
    inserted: Reverse<u64>,
}

impl Turn {
    /// The turn of a pod that came or failed at `timestamp`, as the `inserted`-th of all.
    pub(super) fn new(priority: i32, timestamp: SimTime, inserted: u64) -> Self {
        Self { priority, timestamp: Reverse(timestamp), inserted: Reverse(inserted) }
    }

    pub(super) fn timestamp(&self) -> SimTime {
        self.timestamp.0
    }

    /// Time and counter: sorts from the oldest to the newest, whatever the priority.
    pub(super) fn age(&self) -> (SimTime, u64) {
        (self.timestamp.0, self.inserted.0)
    }
}

/// A pod of the queue (framework/types.go `QueuedPodInfo`).
#[derive(Clone, Debug)]
pub struct QueuedPod {
    pub(super) place: Place,
    pub(super) class: ClassId,
    pub(super) turn: Turn,
    pub(super) gate: Option<&'static str>,
    pub(super) rejectors: Rejectors,
    attempts: u32,
    unschedulable_count: u32,
    consecutive_errors: u32,
}

impl QueuedPod {
    /// A new pod.
    pub(super) fn new(place: Place, class: ClassId, turn: Turn, gate: Option<&'static str>) -> Self {
        Self {
            place,
            class,
            turn,
            gate,
            rejectors: Rejectors::new(),
            attempts: 0,
            unschedulable_count: 0,
            consecutive_errors: 0,
        }
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        self.place
    }

    /// How often it was tried, the attempt under way included.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The plugins that rejected it in its last attempt; none before the first, after an error, and during an attempt.
    pub fn rejectors(&self) -> &Rejectors {
        &self.rejectors
    }

    /// The plugin that keeps it from being queued.
    pub fn gated_by(&self) -> Option<&'static str> {
        self.gate
    }

    /// When it failed last, or was created if it has not failed yet.
    pub fn timestamp(&self) -> SimTime {
        self.turn.timestamp()
    }

    /// An attempt begins.
    pub(super) fn take_off(&mut self) {
        self.place = Place::InFlight;
        self.attempts += 1;
        self.rejectors.clear();
    }

    /// An attempt ended without a node; without rejectors it ended in an error. Errors do not count as rejections, and
    /// a rejection ends a row of errors (scheduling_queue.go:852 `AddUnschedulableIfNotPresent`).
    pub(super) fn come_back(&mut self, rejectors: Rejectors, now: SimTime, inserted: u64) {
        if rejectors.is_empty() {
            self.consecutive_errors += 1;
        } else {
            self.unschedulable_count += 1;
            self.consecutive_errors = 0;
        }
        self.rejectors = rejectors;
        self.turn = Turn::new(self.turn.priority, now, inserted);
    }

    /// How many failures its backoff is for.
    pub(super) fn failures(&self) -> u32 {
        if self.consecutive_errors > 0 { self.consecutive_errors } else { self.unschedulable_count }
    }
}
