//! podBackoffQ and podErrorBackoffQ: pods whose backoff is not over, and how long a backoff is.
//!
//! Source: pkg/scheduler/backend/queue/backoff_queue.go at tag v1.34.1.

use std::cmp::Reverse;

use priority_queue::PriorityQueue;
use rustc_hash::FxBuildHasher;

use super::queued_pod::{QueuedPod, Turn};
use crate::id::PodId;
use crate::scheduler::SchedulerConfig;
use crate::units::{SimTime, Span};

/// Backoffs end on these steps while pods may be popped from backoffQ (backoff_queue.go
/// `backoffQOrderingWindowDuration`).
const WINDOW: Span = Span::from_secs(1);

/// What is set up when the scheduler starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `podInitialBackoffSeconds`: the backoff after the first failure.
    pub initial_backoff: Span,
    /// `podMaxBackoffSeconds`: the longest backoff.
    pub max_backoff: Span,
    /// The feature gate SchedulerPopFromBackoffQ: whether a pod is tried during its backoff when activeQ is empty.
    pub pop_from_backoff: bool,
}

impl Default for Settings {
    /// Upstream's: one second, ten seconds, and the gate on (apis/config/v1/defaults.go
    /// `SetDefaults_KubeSchedulerConfiguration`; pkg/features/kube_features.go).
    fn default() -> Self {
        Self { initial_backoff: Span::from_secs(1), max_backoff: Span::from_secs(10), pop_from_backoff: true }
    }
}

impl From<&SchedulerConfig> for Settings {
    fn from(config: &SchedulerConfig) -> Self {
        let SchedulerConfig { initial_backoff, max_backoff, .. } = *config;
        Self { initial_backoff, max_backoff, ..Self::default() }
    }
}

impl Settings {
    /// Which instant stands for `at` in comparisons: with the feature gate, the start of its second.
    fn aligned(&self, at: SimTime) -> SimTime {
        if self.pop_from_backoff { SimTime(at.0 - at.0 % WINDOW.0) } else { at }
    }

    /// The initial backoff, doubled with every failure after the first, at most the longest.
    fn duration(&self, failures: u32) -> Span {
        let doublings = failures - 1;
        let longest = self.max_backoff.0.checked_shr(doublings).unwrap_or(0);
        if self.initial_backoff.0 > longest {
            self.max_backoff
        } else {
            Span(self.initial_backoff.0 << doublings)
        }
    }

    /// When a pod's backoff ends; `None` for one that has not failed.
    pub(super) fn expiry(&self, pod: &QueuedPod) -> Option<SimTime> {
        let failures = pod.failures();
        (failures > 0).then(|| self.aligned(pod.timestamp() + self.duration(failures)))
    }

    /// Whether a backoff that ends at `expiry` is still on: one that ends in this very second is.
    pub(super) fn is_on(&self, expiry: SimTime, now: SimTime) -> bool {
        expiry >= self.aligned(now)
    }
}

/// When it is a pod's turn in a backoff queue: by the end of its backoff, then as in activeQ. The greatest is first.
///
/// Without the feature gate upstream looks at the end alone; nobody can tell, because pods then only leave together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct BackoffTurn {
    expiry: Reverse<SimTime>,
    turn: Turn,
}

/// One of the two queues.
#[derive(Clone, Default)]
pub(super) struct BackoffQueue {
    heap: PriorityQueue<PodId, BackoffTurn, FxBuildHasher>,
}

impl BackoffQueue {
    pub(super) fn push(&mut self, id: PodId, expiry: SimTime, turn: Turn) {
        self.heap.push(id, BackoffTurn { expiry: Reverse(expiry), turn });
    }

    pub(super) fn remove(&mut self, id: PodId) {
        self.heap.remove(&id);
    }

    /// The pod whose backoff ends first, whether it has ended or not.
    pub(super) fn pop(&mut self) -> Option<PodId> {
        self.heap.pop().map(|(id, _)| id)
    }

    /// The next pod whose backoff is over.
    pub(super) fn pop_completed(&mut self, settings: &Settings, now: SimTime) -> Option<PodId> {
        let expiry = self.next_expiry()?;
        if settings.is_on(expiry, now) { None } else { self.pop() }
    }

    /// When the first backoff ends.
    pub(super) fn next_expiry(&self) -> Option<SimTime> {
        self.heap.peek().map(|(_, place)| place.expiry.0)
    }

    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// All pods, in the order in which they are popped.
    pub(super) fn list(&self) -> Vec<PodId> {
        self.heap.clone().into_sorted_vec()
    }
}
