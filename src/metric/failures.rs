//! `failures`: nodes that failed, and what that did to pods and requests.

use std::collections::BTreeSet;

use super::fact::Fact;
use super::level::Level;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use crate::id::NodeId;
use crate::units::Span;

pub(super) static GROUP: Group = Group {
    name: "failures",
    about: "Nodes that failed, pods that had to leave, and requests that nobody answered because of it. Runs in which \
            no node failed and no taint made a pod leave do not have these figures.",
    metrics: &[
        Metric::new("failures.nodes", Unit::Count, Better::Lower, "How often a node failed.", |run| {
            Some(run.failures.nodes as f64)
        }),
        Metric::new("failures.nodeSeconds", Unit::Seconds, Better::Lower, NODE_SECONDS, |run| {
            Some(run.failures.down.thing_seconds())
        }),
        Metric::new("failures.evictedPods", Unit::Count, Better::Lower, EVICTED, |run| {
            Some(run.failures.evicted as f64)
        }),
        Metric::new("failures.lostPods", Unit::Count, Better::Lower, LOST, |run| {
            Some(run.failures.lost as f64)
        }),
        Metric::new("failures.unserved", Unit::Requests, Better::Lower, UNSERVED, |run| {
            Some(run.failures.unserved)
        }),
    ],
};

const NODE_SECONDS: &str = "The number of nodes that were down, integrated over time.";
const EVICTED: &str = "Pods that were told to end by a NoExecute taint of their node, DaemonSets' and those from before the run too.";
const LOST: &str =
    "Pods that were gone with their node or their instance, before anybody had told them to end.";
const UNSERVED: &str = "Of the unserved requests, those that went to pods of failed nodes: until a pod is known not to be ready, it \
                        gets its share of them.";

/// What failed, and what came of it.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    nodes: u64,
    down: Level,
    /// Which nodes are down.
    which: BTreeSet<NodeId>,
    evicted: u64,
    lost: u64,
    unserved: f64,
}

impl Failures {
    /// Whether there is anything to tell.
    pub(super) fn any(&self) -> bool {
        self.nodes + self.evicted + self.lost > 0
    }

    pub(super) fn hold(&mut self, span: Span) {
        self.down.hold(span);
    }

    fn is_down_no_more(&mut self, node: NodeId) {
        if self.which.remove(&node) {
            self.down.fall();
        }
    }

    pub(super) fn observe(&mut self, fact: &Fact<'_>) {
        match *fact {
            Fact::NodeFailed { node } => {
                self.nodes += 1;
                self.down.rise();
                self.which.insert(node);
            }
            Fact::NodeRecovered { node } | Fact::NodeRemoved { node } => self.is_down_no_more(node),
            Fact::PodTainted { .. } => self.evicted += 1,
            Fact::PodLost { .. } => self.lost += 1,
            Fact::RequestsLost { requests, .. } => self.unserved += requests,
            _ => {}
        }
    }
}
