//! The bill of a run: what nodes and pods on virtual nodes cost together, now and so far.

use super::account::{Account, NodeAccount};
use super::apportion::{Apportion, Micros};
use super::idle::Idle;
use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, MilliCpu, Money, Price, SimTime, Span};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "cost-ecs",
        statement: "An ECS node costs its price from the creation of its Node object to its deletion, whatever runs \
                    on it; pods on it cost nothing of their own.",
        source: "ECS, \"Pay-as-you-go\": instances are billed by the second while they exist; that the Node object \
                 stands for the instance is an estimate",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "cost-price-change",
        statement: "A change of prices holds from its instant on, for what runs already too: each stretch of time costs its own \
                    price; what was paid for beforehand, a subscription, costs what it did.",
        source: "ECS and ECI, \"Pay-as-you-go\": fees are settled by the hour at the price that holds then",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "cost-eci",
        statement: "A pod on a virtual node costs the price of its billed specification from the start of its image \
                    pull to its end, by the second; the virtual node itself costs nothing.",
        source: "ECI, \"Billing of elastic container instances\"",
        confidence: Confidence::Documented,
    },
];

/// Everything that is paid for in one run. To be told of changes in the order of time, each in constant time: what one
/// node or pod has cost is in its own [`Account`], the bill keeps the rate and its integral.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    ecs: Flow,
    virtual_nodes: Flow,
    cluster: Flow,
    /// What of `ecs` is paid for room that nobody requests.
    idle: Flow,
    /// Until when the flows are reckoned.
    as_of: SimTime,
    /// The highest rate at the end of any instant before `as_of`.
    peak: Price,
}

/// A rate and its integral.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    rate: Price,
    accrued: Money,
}

impl Flow {
    fn after(self, span: Span) -> Money {
        self.accrued + self.rate * span
    }

    fn reprice(&mut self, account: &mut Account, price: Price, now: SimTime) {
        self.rate = self.rate + price - account.price();
        account.reprice(price, now);
    }
}

/// The figures of a bill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostSummary {
    /// Everything.
    pub total: Money,
    /// ECS nodes.
    pub ecs: Money,
    /// Pods on virtual nodes.
    pub virtual_nodes: Money,
    /// The cluster itself.
    pub cluster: Money,
    /// What of `ecs` was paid for room that nobody requested: Σ [`NodeAccount::idle_at`].
    pub idle_ecs: Money,
    /// The highest rate at the end of any instant.
    pub peak_rate: Price,
    /// What the rows of nodes and of pods print.
    pub printed: Printed,
}

/// What the rows of all nodes and of all pods come to, as they are printed: with the cluster's fee they are the total.
///
/// Rows of pods are printed while a run goes on, beside what nodes were to cost when it began; should nodes come, go or
/// change their price, those of nodes take up what that is off, a millionth at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// The rows of nodes.
    pub nodes: Micros,
    /// The rows of pods.
    pub pods: Micros,
}

impl Bill {
    /// A node with so much allocatable exists from `now` on; a virtual one costs nothing itself. Its account is to be
    /// kept in its row.
    ///
    /// # Panics
    /// If `now` lies before an earlier change, as of every change.
    pub fn node_added(&mut self, price: Price, cpu: MilliCpu, memory: Bytes, now: SimTime) -> NodeAccount {
        self.advance(now);
        let mut paid = Account::default();
        self.ecs.reprice(&mut paid, price, now);
        let idle = Idle::new(price, cpu, memory, now);
        let idle_rate = idle.rate();
        self.idle.rate += idle_rate;
        NodeAccount { paid, idle, idle_rate }
    }

    /// A pod that requests so much takes its place on the node.
    pub fn requested(&mut self, node: &mut NodeAccount, cpu: MilliCpu, memory: Bytes, now: SimTime) {
        self.advance(now);
        self.change_idle(node, |idle| idle.request(cpu, memory, now));
    }

    /// A pod that requested so much gives it back.
    pub fn released(&mut self, node: &mut NodeAccount, cpu: MilliCpu, memory: Bytes, now: SimTime) {
        self.requested(node, MilliCpu::ZERO - cpu, Bytes::ZERO - memory, now);
    }

    fn change_idle(&mut self, node: &mut NodeAccount, change: impl FnOnce(&mut Idle)) {
        change(&mut node.idle);
        let before = std::mem::replace(&mut node.idle_rate, node.idle.rate());
        self.idle.rate = self.idle.rate + node.idle_rate - before;
    }

    /// A node costs `price` from `now` on, unless it is gone.
    pub fn node_priced(&mut self, node: &mut NodeAccount, price: Price, now: SimTime) {
        if node.idle.has_ended() {
            return;
        }
        self.advance(now);
        self.ecs.reprice(&mut node.paid, price, now);
        self.change_idle(node, |idle| idle.reprice(price, now));
    }

    /// A node is gone. Doing it twice changes nothing.
    pub fn node_removed(&mut self, node: &mut NodeAccount, now: SimTime) {
        self.advance(now);
        self.ecs.reprice(&mut node.paid, Price::ZERO, now);
        self.change_idle(node, |idle| idle.end(now));
    }

    /// The cluster itself costs `price` from `now` on.
    pub fn cluster_billed(&mut self, price: Price, now: SimTime) {
        self.advance(now);
        self.cluster.rate = price;
    }

    /// A pod on a virtual node costs `price` from `now` on: its image pull starts.
    pub fn pod_billed(&mut self, pod: &mut Account, price: Price, now: SimTime) {
        self.advance(now);
        self.virtual_nodes.reprice(pod, price, now);
    }

    /// A pod has ended; nothing changes for one that is not billed, as on ECS.
    pub fn pod_ended(&mut self, pod: &mut Account, now: SimTime) {
        self.pod_billed(pod, Price::ZERO, now);
    }

    /// What nodes cost now.
    pub fn ecs_rate(&self) -> Price {
        self.ecs.rate
    }

    /// What pods on virtual nodes cost now.
    pub fn virtual_rate(&self) -> Price {
        self.virtual_nodes.rate
    }

    /// What is paid now for room on nodes that nobody requests.
    pub fn idle_rate(&self) -> Price {
        self.idle.rate
    }

    /// What everything costs now.
    pub fn rate(&self) -> Price {
        self.ecs.rate + self.virtual_nodes.rate + self.cluster.rate
    }

    /// What nodes have cost up to `instant`.
    ///
    /// # Panics
    /// If `instant` lies before the last change, as of every amount.
    pub fn ecs_at(&self, instant: SimTime) -> Money {
        self.ecs.after(self.span_to(instant))
    }

    /// What pods on virtual nodes have cost up to `instant`.
    pub fn virtual_at(&self, instant: SimTime) -> Money {
        self.virtual_nodes.after(self.span_to(instant))
    }

    /// What room on nodes that nobody requested has cost up to `instant`, for the timeline: [`NodeAccount::idle_at`] is
    /// exact, this is low by a millionth of it at most.
    pub fn idle_until(&self, instant: SimTime) -> Money {
        self.idle.after(self.span_to(instant))
    }

    /// What the cluster itself has cost up to `instant`.
    pub fn cluster_at(&self, instant: SimTime) -> Money {
        self.cluster.after(self.span_to(instant))
    }

    /// What everything has cost up to `instant`.
    pub fn total_at(&self, instant: SimTime) -> Money {
        self.ecs_at(instant) + self.virtual_at(instant) + self.cluster_at(instant)
    }

    /// What rows print of the time up to `end`, if those of pods were printed beside an `outlay` for nodes.
    pub fn printed(&self, end: SimTime, outlay: Money) -> Printed {
        let pods = Apportion::whole(self.virtual_at(end), outlay);
        let others = self.cluster_at(end).to_micros() + pods.0;
        Printed { nodes: Micros(self.total_at(end).to_micros() - others), pods }
    }

    /// The figures from the start of the run to `end`, when everything at that instant has happened; `idle_ecs` is the
    /// sum over the nodes, and `outlay` as for [`Self::printed`].
    pub fn summary(&self, end: SimTime, idle_ecs: Money, outlay: Money) -> CostSummary {
        let (ecs, virtual_nodes) = (self.ecs_at(end), self.virtual_at(end));
        let peak_rate = self.peak.max(self.rate());
        let cluster = self.cluster_at(end);
        CostSummary {
            total: ecs + virtual_nodes + cluster,
            ecs,
            virtual_nodes,
            cluster,
            idle_ecs,
            peak_rate,
            printed: self.printed(end, outlay),
        }
    }

    fn span_to(&self, instant: SimTime) -> Span {
        assert!(instant >= self.as_of, "a bill knows no {instant}: it has moved on to {}", self.as_of);
        instant.since(self.as_of)
    }

    /// Time goes on to `now`. A rate between two changes of one instant holds for no time and is no peak.
    fn advance(&mut self, now: SimTime) {
        let span = self.span_to(now);
        if span > Span::ZERO {
            self.peak = self.peak.max(self.rate());
            self.ecs.accrued = self.ecs.after(span);
            self.virtual_nodes.accrued = self.virtual_nodes.after(span);
            self.cluster.accrued = self.cluster.after(span);
            self.idle.accrued = self.idle.after(span);
            self.as_of = now;
        }
    }
}

#[cfg(test)]
mod tests;
