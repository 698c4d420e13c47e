//! The bill of a run: nodes, pods on virtual nodes, and what of the nodes stood idle.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::idle::IdleNode;
use super::meter::Meter;
use crate::id::{NodeId, PodId};
use crate::units::{Bytes, MilliCpu, Money, Price, SimTime, Span};

/// Everything that is paid for in one run, from the start of the run to any later instant. To be told of changes in
/// the order of time.
///
/// ECS nodes cost their price from creation to deletion. Pods on virtual nodes cost the price of their instance from
/// the start of the image pull to their end. Pods on ECS nodes and virtual nodes themselves cost nothing.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    nodes: Meter<NodeId>,
    pods: Meter<PodId>,
    idle: IndexMap<NodeId, IdleNode, FxBuildHasher>,
    /// The highest rate that held for any time before `as_of`.
    peak: Price,
    as_of: SimTime,
}

/// The figures of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostSummary {
    /// Everything.
    pub total: Money,
    /// ECS nodes.
    pub ecs: Money,
    /// Pods on virtual nodes.
    pub virtual_nodes: Money,
    /// What of `ecs` paid for room that nobody requested: Σ node cost × (1 − max(cpu, memory requested /
    /// allocatable)).
    pub idle_ecs: Money,
    /// The total over the length of the run, rounded to the nearest nano-currency per hour.
    pub mean_rate: Price,
    /// The highest rate that held for any time at all.
    pub peak_rate: Price,
}

impl Bill {
    /// An ECS node exists from `now` on, with so much allocatable.
    ///
    /// # Panics
    /// If it exists already, or `now` lies before an earlier change.
    pub fn node_added(&mut self, node: NodeId, price: Price, cpu: MilliCpu, memory: Bytes, now: SimTime) {
        self.advance(now);
        self.nodes.start(node, price, now);
        self.idle.insert(node, IdleNode::new(price, cpu, memory, now));
    }

    /// An ECS node is gone; does nothing for a node that was never added, as a virtual one.
    pub fn node_removed(&mut self, node: NodeId, now: SimTime) {
        self.advance(now);
        self.nodes.stop(node, now);
        if let Some(idle) = self.idle.get_mut(&node) {
            idle.end(now);
        }
    }

    /// A pod that requests so much was bound to `node`; does nothing for a node that was never added.
    pub fn requested(&mut self, node: NodeId, cpu: MilliCpu, memory: Bytes, now: SimTime) {
        if let Some(idle) = self.idle.get_mut(&node) {
            idle.request(cpu, memory, now);
        }
    }

    /// A pod that requested so much has ended on `node`; does nothing for a node that was never added.
    pub fn released(&mut self, node: NodeId, cpu: MilliCpu, memory: Bytes, now: SimTime) {
        self.requested(node, MilliCpu::ZERO - cpu, Bytes::ZERO - memory, now);
    }

    /// A pod on a virtual node costs `price` from `now` on: its image pull starts.
    ///
    /// # Panics
    /// If it is billed already, or `now` lies before an earlier change.
    pub fn pod_billed(&mut self, pod: PodId, price: Price, now: SimTime) {
        self.advance(now);
        self.pods.start(pod, price, now);
    }

    /// A pod has ended; does nothing for a pod that is not billed, as one on ECS.
    pub fn pod_ended(&mut self, pod: PodId, now: SimTime) {
        self.advance(now);
        self.pods.stop(pod, now);
    }

    /// What is paid now.
    pub fn rate(&self) -> Price {
        self.nodes.rate() + self.pods.rate()
    }

    /// What everything has cost up to `instant`, which lies not before the last change. The mean rate over a step is
    /// [`mean_rate`] of the difference of two totals.
    pub fn total_at(&self, instant: SimTime) -> Money {
        self.nodes.total_at(instant) + self.pods.total_at(instant)
    }

    /// What `node` has cost up to `instant`; nothing if it was never added.
    pub fn node_cost_at(&self, node: NodeId, instant: SimTime) -> Money {
        self.nodes.cost_at(node, instant)
    }

    /// What of that paid for room that nobody requested.
    pub fn node_idle_at(&self, node: NodeId, instant: SimTime) -> Money {
        self.idle.get(&node).map_or(Money::ZERO, |idle| idle.cost_at(instant))
    }

    /// What `pod` has cost up to `instant`; nothing if it was never billed.
    pub fn pod_cost_at(&self, pod: PodId, instant: SimTime) -> Money {
        self.pods.cost_at(pod, instant)
    }

    /// The figures from the start of the run to `end`, which lies not before the last change.
    pub fn summary(&self, end: SimTime) -> CostSummary {
        let (ecs, virtual_nodes) = (self.nodes.total_at(end), self.pods.total_at(end));
        let total = ecs + virtual_nodes;
        CostSummary {
            total,
            ecs,
            virtual_nodes,
            idle_ecs: self.idle.values().map(|node| node.cost_at(end)).sum(),
            mean_rate: mean_rate(total, end.since(SimTime::ZERO)),
            peak_rate: self.peak_before(end),
        }
    }

    /// A rate between two changes of one instant holds for no time and is no peak.
    fn peak_before(&self, instant: SimTime) -> Price {
        if instant > self.as_of { self.peak.max(self.rate()) } else { self.peak }
    }

    fn advance(&mut self, now: SimTime) {
        self.peak = self.peak_before(now);
        self.as_of = self.as_of.max(now);
    }
}

/// The rate that comes to `money` over `span`, rounded to the nearest nano-currency per hour; zero over no time.
pub fn mean_rate(money: Money, span: Span) -> Price {
    let nanos = i128::from(span.0);
    if nanos == 0 { Price::ZERO } else { Price((money.0 + nanos / 2).div_euclid(nanos)) }
}

#[cfg(test)]
mod tests;
