//! NodeUnschedulable: keeps pods off cordoned nodes.

use std::sync::Arc;

use crate::cluster::{Cluster, Owners};
use crate::object::taint::{Taint, tolerated};
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

impl FilterPlugin for NodeUnschedulable {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> FilterReach {
        let tolerates = tolerated(&Taint::unschedulable(), &pod.tolerations);
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
            ClusterEvent::PodToleration(change) => {
                tolerated(&Taint::unschedulable(), &change.new.tolerations)
            }
            _ => false,
        }
    }
}
