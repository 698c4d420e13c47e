//! Pods that are being tried, and the events that come meanwhile.
//!
//! Who will reject a pod is not known before its attempt ends. Upstream keeps the events and puts them to the hints of
//! the rejectors at the end (active_queue.go `inFlightEvents`). Here every plugin is asked when an event comes and the
//! answers are kept, which is the same unless the pod itself is changed between an event and the end of its attempt.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::Question;
use crate::id::PodId;
use crate::scheduler::Rejectors;

/// What a pod has missed during its attempt.
#[derive(Clone, Debug, Default)]
pub(super) struct Missed {
    /// Plugins whose hints would have woken it.
    woken_by: Rejectors,
    /// Whether pods were moved because they had waited for too long, which counts as an event for everyone.
    leftover_flush: bool,
}

impl Missed {
    /// Whether any of it would have woken a pod with these rejectors.
    pub(super) fn wakes(&self, rejectors: &Rejectors) -> bool {
        self.leftover_flush || !self.woken_by.is_disjoint(rejectors)
    }
}

/// The pods that are being tried.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight {
    pods: IndexMap<PodId, Missed, FxBuildHasher>,
}

impl InFlight {
    pub(super) fn take_off(&mut self, id: PodId) {
        self.pods.insert(id, Missed::default());
    }

    /// Ends an attempt; `None` if the pod is not in flight.
    pub(super) fn land(&mut self, id: PodId) -> Option<Missed> {
        self.pods.swap_remove(&id)
    }

    /// Keeps what the hints of a pod's plugins say to an event.
    pub(super) fn hear(&mut self, id: PodId, question: &Question<'_>) {
        if let Some(missed) = self.pods.get_mut(&id) {
            missed.woken_by.extend(question.helpers());
        }
    }

    /// Every pod of these hears that the others were moved because of their age.
    pub(super) fn hear_leftover_flush(&mut self) {
        for missed in self.pods.values_mut() {
            missed.leftover_flush = true;
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = PodId> {
        self.pods.keys().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.pods.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }
}
