//! Where a pod stands in the units of its policy.

use std::borrow::Cow;

use crate::cluster::{ClassCount, Cluster, Node};
use crate::object::resource_policy::{TryNext, Unit};
use crate::object::{NodeSpec, PodSpec, ResourceList, ResourcePolicy, Resources};
use crate::units::{Bytes, MilliCpu, Span};

/// A pod before the units of a policy.
pub(in super::super) struct Standing<'a> {
    pub(in super::super) policy: Cow<'a, ResourcePolicy>,
    pub(in super::super) pod: &'a PodSpec,
    pub(in super::super) cluster: &'a Cluster,
}

/// What a pod is to do, with the index of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Decision {
    /// It goes to this unit.
    Use(usize),
    /// It waits for this unit.
    Wait(usize),
    /// No unit takes it.
    Exhausted,
}

impl Standing<'_> {
    /// Goes through the units. `passes` says which nodes have room, `waited` how old the pod is.
    pub(in super::super) fn decide(&self, passes: &dyn Fn(&Node) -> bool, waited: Span) -> Decision {
        let mut waits = 0;
        let last = self.policy.units.len().saturating_sub(1);
        for (index, unit) in self.policy.units.iter().enumerate() {
            let is_full = self.is_full(unit);
            if !is_full && self.nodes(unit).any(passes) {
                return Decision::Use(index);
            }
            if index < last && self.stays(unit, is_full, waited, &mut waits) {
                return Decision::Wait(index);
            }
        }
        Decision::Exhausted
    }

    /// Whether a pod that a unit does not take has to wait for it; `waits` counts the units in which it had to.
    fn stays(&self, unit: &Unit, is_full: bool, waited: Span, waits: &mut u64) -> bool {
        match self.policy.try_next {
            TryNext::LackResourceOrExceedMax => false,
            TryNext::ExceedMax => unit.has_limit() && !is_full,
            TryNext::TimeoutOrExceedMax(timeout) => {
                let has_to = if unit.has_limit() { !is_full } else { unit.waits_for_scaling };
                *waits += u64::from(has_to);
                has_to && waited.0 < timeout.0.saturating_mul(*waits)
            }
            TryNext::LackResourceAndNoTerminating => self.has_terminating(unit),
        }
    }

    /// The unit that the pod goes to if it goes to a node: the first that has the node and is not full.
    pub(super) fn unit_for(&self, node: &NodeSpec) -> Option<&Unit> {
        self.policy.units.iter().find(|unit| unit.admits(node) && !self.is_full(unit))
    }

    /// Whether the pod would be one too many.
    pub(super) fn is_full(&self, unit: &Unit) -> bool {
        self.has_its_pods(unit)
            || unit.max_resources.as_ref().is_some_and(|max| self.exceeds_resources(unit, max))
    }

    /// Whether a unit has as many pods as it takes.
    pub(super) fn has_its_pods(&self, unit: &Unit) -> bool {
        let reached = |max: u32| self.counted(unit).map(|(_, number)| number).sum::<i64>() >= i64::from(max);
        unit.max.is_some_and(reached)
    }

    fn exceeds_resources(&self, unit: &Unit, max: &ResourceList) -> bool {
        let used = |amount: &dyn Fn(&Resources) -> i64| -> i64 {
            let others = self.counted(unit).map(|(spec, number)| amount(&spec.requests.placed) * number);
            others.sum::<i64>() + amount(&self.pod.requests.filter)
        };
        max.iter().any(|(name, limit)| match name.as_str() {
            "cpu" => MilliCpu(used(&|all| all.cpu.0)) > MilliCpu(limit.milli_value()),
            "memory" => Bytes(used(&|all| all.memory.0)) > Bytes(limit.value()),
            "ephemeral-storage" => Bytes(used(&|all| all.ephemeral.0)) > Bytes(limit.value()),
            _ => used(&|all| all.scalar(name)) > limit.value(),
        })
    }

    fn nodes(&self, unit: &Unit) -> impl Iterator<Item = &Node> {
        self.cluster.nodes().filter(move |node| unit.admits(&node.spec))
    }

    /// The pods that count in a unit: what they are, and how many.
    fn counted(&self, unit: &Unit) -> impl Iterator<Item = (&PodSpec, i64)> {
        self.nodes(unit).flat_map(move |node| {
            let classes = node.per_class.iter().map(move |count| (count, self.cluster.class(count.class)));
            let counted = classes.filter(move |(_, spec)| self.counts(unit, spec));
            counted.map(move |(count, spec)| (&**spec, self.number(node, count)))
        })
    }

    fn counts(&self, unit: &Unit, other: &PodSpec) -> bool {
        let same = |key: &String| other.labels.get(key) == self.pod.labels.get(key);
        self.policy.selects(other)
            && unit.is_carried_by(other)
            && self.policy.match_label_keys.iter().all(same)
    }

    /// How many pods of one class on a node count.
    fn number(&self, node: &Node, count: &ClassCount) -> i64 {
        if !self.policy.ignore_previous {
            return i64::from(if self.policy.ignore_terminating { count.live } else { count.all });
        }
        let pods = node.pods.iter().map(|&pod| self.cluster.pod(pod));
        let counts = pods.filter(|pod| {
            let ends = self.policy.ignore_terminating && pod.terminating;
            pod.class == count.class && !pod.ran_before && !ends
        });
        counts.count() as i64
    }

    fn has_terminating(&self, unit: &Unit) -> bool {
        let ending = |node: &Node| {
            let ends = |count: &ClassCount| {
                count.all > count.live && self.counts(unit, self.cluster.class(count.class))
            };
            node.per_class.iter().any(ends)
        };
        self.nodes(unit).any(ending)
    }
}
