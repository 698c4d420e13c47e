//! unschedulablePods: pods that wait for an event, and pods that wait for their gate to go.
//!
//! A hint looks at nothing of the pod but what its class has, so pods of one class that the same plugins rejected are
//! asked about once. What an event costs grows with the kinds of waiting pods, not with their number.

use std::collections::BTreeMap;

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::queued_pod::{QueuedPod, Turn};
use crate::id::{ClassId, PodId};
use crate::scheduler::Rejectors;
use crate::units::SimTime;

/// All that hints can tell apart: pods with the same cause are woken by the same events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Cause {
    /// What the pod is.
    pub(super) class: ClassId,
    /// Who rejected it.
    pub(super) rejectors: Rejectors,
}

impl Cause {
    fn of(pod: &QueuedPod) -> Self {
        Self { class: pod.class, rejectors: pod.rejectors.clone() }
    }
}

/// Pods from the oldest timestamp to the newest.
type ByAge = BTreeMap<(SimTime, u64), PodId>;

/// The pods that wait, gated ones apart.
#[derive(Clone, Debug, Default)]
pub(super) struct UnschedulablePods {
    by_cause: IndexMap<Cause, IndexSet<PodId, FxBuildHasher>, FxBuildHasher>,
    rejected: ByAge,
    gated: ByAge,
}

impl UnschedulablePods {
    pub(super) fn insert(&mut self, id: PodId, pod: &QueuedPod) {
        self.rejected.insert(pod.turn.age(), id);
        self.by_cause.entry(Cause::of(pod)).or_default().insert(id);
    }

    /// Takes out a pod that is not gated.
    pub(super) fn remove(&mut self, id: PodId, pod: &QueuedPod) {
        self.rejected.remove(&pod.turn.age());
        let cause = Cause::of(pod);
        let alike = self.by_cause.get_mut(&cause).expect("a waiting pod is listed under its cause");
        alike.swap_remove(&id);
        if alike.is_empty() {
            self.by_cause.swap_remove(&cause);
        }
    }

    pub(super) fn insert_gated(&mut self, id: PodId, turn: Turn) {
        self.gated.insert(turn.age(), id);
    }

    pub(super) fn remove_gated(&mut self, turn: Turn) {
        self.gated.remove(&turn.age());
    }

    /// The pods whose cause an event helps; they stay until they are removed.
    pub(super) fn helped(&self, helps: impl Fn(&Cause) -> bool) -> Vec<PodId> {
        let causes = self.by_cause.iter().filter(|(cause, _)| helps(cause));
        causes.flat_map(|(_, pods)| pods.iter().copied()).collect()
    }

    /// Pods that are not gated, from the oldest to the newest.
    pub(super) fn rejected(&self) -> impl Iterator<Item = (SimTime, PodId)> {
        self.rejected.iter().map(|(&(timestamp, _), &id)| (timestamp, id))
    }

    /// Gated pods, from the oldest to the newest.
    pub(super) fn gated(&self) -> impl Iterator<Item = (SimTime, PodId)> {
        self.gated.iter().map(|(&(timestamp, _), &id)| (timestamp, id))
    }

    pub(super) fn rejected_len(&self) -> usize {
        self.rejected.len()
    }

    pub(super) fn gated_len(&self) -> usize {
        self.gated.len()
    }
}
