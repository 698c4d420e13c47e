//! `nodes`: how many ECS nodes there were, where a node autoscaler adds and removes them.

use std::collections::BTreeSet;

use super::fact::Fact;
use super::level::Level;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use crate::id::NodeId;
use crate::object::NodeClass;
use crate::units::Span;

pub(super) static GROUP: Group = Group {
    name: "nodes",
    about: "ECS nodes, where a node autoscaler adds and removes them. A node counts from when its machine is paid for until \
            it is gone. Runs without a node autoscaler do not have these figures.",
    metrics: &[
        Metric::new(
            "nodes.peak",
            Unit::Count,
            Better::Neither,
            "The most ECS nodes that there were at once.",
            |run| Some(run.nodes.level.peak() as f64),
        ),
        Metric::new(
            "nodes.added",
            Unit::Count,
            Better::Neither,
            "Machines that the autoscaler asked for and got, whether or not a Node came of them.",
            |run| Some(run.nodes.added as f64),
        ),
        Metric::new("nodes.ready", Unit::Count, Better::Neither, "Those of them that became ready.", |run| {
            Some(run.nodes.ready as f64)
        }),
        Metric::new(
            "nodes.removed",
            Unit::Count,
            Better::Neither,
            "ECS nodes that went in the course of the run, machines without a Node among them.",
            |run| Some(run.nodes.removed as f64),
        ),
        Metric::new(
            "nodes.nodeSeconds",
            Unit::Seconds,
            Better::Lower,
            "The number of ECS nodes, integrated over time.",
            |run| Some(run.nodes.level.thing_seconds()),
        ),
    ],
};

/// The ECS nodes.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    /// Whether there is an autoscaler.
    pub(super) any: bool,
    pub(super) level: Level,
    which: BTreeSet<NodeId>,
    added: u64,
    ready: u64,
    removed: u64,
}

impl Nodes {
    pub(super) fn hold(&mut self, span: Span) {
        if self.any {
            self.level.hold(span);
        }
    }

    pub(super) fn observe(&mut self, fact: &Fact<'_>) {
        match *fact {
            Fact::NodesAutoscaled => self.any = true,
            Fact::NodeAdded { node, class: NodeClass::Ecs, .. } => {
                self.level.rise();
                self.which.insert(node);
                self.added += u64::from(self.any);
            }
            Fact::NodeReady { .. } => self.ready += 1,
            Fact::NodeRemoved { node } if self.which.remove(&node) => {
                self.level.fall();
                self.removed += u64::from(self.any);
            }
            _ => {}
        }
    }
}
