//! `spot`: spot instances, what they cost and how often they are taken back.

use std::collections::BTreeSet;

use super::fact::Fact;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use crate::id::NodeId;
use crate::units::Money;

pub(super) static GROUP: Group = Group {
    name: "spot",
    about: "Spot instances: those that nodes are made of, and those of pods on virtual nodes. Their cost is a part of \
            `cost.ecs` and of `cost.virtual`. How many pods on virtual nodes were taken back says `pods.reclaimed`. Runs \
            without spot instances do not have these figures.",
    metrics: &[
        Metric::new(
            "spot.nodes",
            Unit::Count,
            Better::Neither,
            "Nodes on spot instances, all that ever were.",
            |run| Some(run.spot.nodes.len() as f64),
        ),
        Metric::new("spot.reclaimedNodes", Unit::Count, Better::Lower, RECLAIMED, |run| {
            Some(run.spot.reclaimed as f64)
        }),
        Metric::new("spot.replacedNodes", Unit::Count, Better::Neither, REPLACED, |run| {
            Some(run.spot.replaced as f64)
        }),
        Metric::new("spot.outOfStock", Unit::Count, Better::Lower, MISSING, |run| {
            Some(run.spot.missing as f64)
        }),
        Metric::new(
            "spot.costEcs",
            Unit::Money,
            Better::Lower,
            "What nodes on spot instances cost.",
            |run| Some(run.spot.ecs.to_micros() as f64 / 1e6),
        ),
        Metric::new("spot.costVirtual", Unit::Money, Better::Lower, COST_VIRTUAL, |run| {
            Some(run.spot.virtual_nodes.to_micros() as f64 / 1e6)
        }),
    ],
};

const RECLAIMED: &str = "Nodes whose spot instance was taken back.";
const REPLACED: &str = "Nodes that came in the place of others.";
const MISSING: &str =
    "How often a pool got no instance in the place of one that was to be taken back, for want of stock.";
const COST_VIRTUAL: &str = "What spot instances of pods on virtual nodes cost.";

/// What is known of spot instances.
#[derive(Debug, Default)]
pub(crate) struct Spot {
    nodes: BTreeSet<NodeId>,
    pods: u64,
    reclaimed: u64,
    replaced: u64,
    missing: u64,
    pub(super) ecs: Money,
    pub(super) virtual_nodes: Money,
}

impl Spot {
    /// Whether the run has any.
    pub(super) fn any(&self) -> bool {
        self.pods > 0 || !self.nodes.is_empty()
    }

    /// Whether a node is made of one.
    pub(super) fn has_node(&self, node: u32) -> bool {
        self.nodes.contains(&NodeId(node))
    }

    /// Takes note of a fact about spot instances.
    pub(super) fn observe(&mut self, fact: &Fact<'_>) {
        match *fact {
            Fact::NodeIsSpot { node } => _ = self.nodes.insert(node),
            Fact::PodIsSpot { .. } => self.pods += 1,
            Fact::SpotNodeReclaimed { .. } => self.reclaimed += 1,
            Fact::SpotNodeReplaced { .. } => self.replaced += 1,
            Fact::SpotNodeMissing { .. } => self.missing += 1,
            _ => {}
        }
    }
}
