//! NodeUnschedulable: keeps pods off cordoned nodes.

use std::sync::Arc;

use crate::cluster::{Cluster, Owners};
use crate::object::taint::{Effect, Taint, tolerated};
use crate::object::{NodeSpec, PodSpec};
use crate::scheduler::event::ClusterEvent;
use crate::scheduler::framework::{About, FilterPlugin, FilterReach, Plugin, Rejection};

const ABOUT: About = About {
    name: "NodeUnschedulable",
    formula: "rejects a cordoned node unless the pod tolerates `node.kubernetes.io/unschedulable:NoSchedule`",
    default_weight: 0,
    source: "framework/plugins/nodeunschedulable/node_unschedulable.go:49",
};

struct NodeUnschedulable;

/// The plugin.
pub fn plugin() -> Plugin {
    Plugin::new(ABOUT).filtering(NodeUnschedulable)
}

/// The taint that a cordoned node is taken to have.
fn cordoned() -> Taint {
    let key = "node.kubernetes.io/unschedulable".to_owned();
    Taint { key, value: String::new(), effect: Effect::NoSchedule }
}

impl FilterPlugin for NodeUnschedulable {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> FilterReach {
        let tolerates = tolerated(&cordoned(), &pod.tolerations);
        FilterReach::Spec(Box::new(move |node| {
            if node.spec.unschedulable && !tolerates {
                return Err(Rejection::unresolvable("node(s) were unschedulable"));
            }
            Ok(())
        }))
    }

    fn wakes(&self, _: &PodSpec, event: &ClusterEvent<'_>, _: &Cluster) -> bool {
        let opened = |old: Option<&NodeSpec>, new: &NodeSpec| {
            !new.unschedulable && old.is_none_or(|old| old.unschedulable)
        };
        match event {
            ClusterEvent::NodeAdd(node) => opened(None, node),
            ClusterEvent::NodeTaint(change) => opened(Some(change.old), change.new),
            ClusterEvent::PodToleration(change) => tolerated(&cordoned(), &change.new.tolerations),
            _ => false,
        }
    }
}
