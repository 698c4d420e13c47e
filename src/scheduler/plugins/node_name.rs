//! NodeName: keeps a pod that names its node to that node.

use std::sync::Arc;

use crate::cluster::{Cluster, Owners};
use crate::object::PodSpec;
use crate::scheduler::event::{ClusterEvent, WOKEN_BY_ANY_TAINT_CHANGE};
use crate::scheduler::framework::{About, FilterPlugin, FilterReach, Plugin, Rejection};

const ABOUT: About = About {
    name: "NodeName",
    formula: "rejects every node but the one that `spec.nodeName` names",
    default_weight: 0,
    source: "framework/plugins/nodename/node_name.go:43",
};

struct NodeName;

/// The plugin.
pub fn plugin() -> Plugin {
    Plugin::new(ABOUT).filtering(NodeName)
}

impl FilterPlugin for NodeName {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> FilterReach {
        // Where the field is empty the Filter passes every node; upstream asks it all the same.
        let pod = Arc::clone(pod);
        FilterReach::Spec(Box::new(move |node| match &pod.node_name {
            Some(name) if name != node.name() => {
                Err(Rejection::unresolvable("node(s) didn't match the requested node name"))
            }
            _ => Ok(()),
        }))
    }

    fn wakes(&self, _: &PodSpec, event: &ClusterEvent<'_>, _: &Cluster) -> bool {
        match event {
            ClusterEvent::NodeAdd(_) => true,
            ClusterEvent::NodeTaint(_) => WOKEN_BY_ANY_TAINT_CHANGE,
            _ => false,
        }
    }
}
