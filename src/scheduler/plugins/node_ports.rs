//! NodePorts: one host port per node, protocol and address.

use std::sync::Arc;

use crate::cluster::{Cluster, Owners};
use crate::object::PodSpec;
use crate::object::pod::HostPort;
use crate::scheduler::event::{ClusterEvent, WOKEN_BY_ANY_TAINT_CHANGE};
use crate::scheduler::framework::{About, FilterPlugin, FilterReach, Plugin, Rejection};

const ABOUT: About = About {
    name: "NodePorts",
    formula: "rejects a node where a pod has the same host port and protocol on the same address, or either of the two \
              is on 0.0.0.0",
    default_weight: 0,
    source: "framework/plugins/nodeports/node_ports.go:51",
};

struct NodePorts;

/// The plugin.
pub fn plugin() -> Plugin {
    Plugin::new(ABOUT).filtering(NodePorts)
}

fn conflict(wanted: &[HostPort], taken: &[HostPort]) -> bool {
    wanted.iter().any(|port| taken.iter().any(|other| port.conflicts(other)))
}

impl FilterPlugin for NodePorts {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> FilterReach {
        if pod.host_ports.is_empty() {
            return FilterReach::Nothing;
        }
        let pod = Arc::clone(pod);
        FilterReach::Usage(Box::new(move |node| {
            if conflict(&pod.host_ports, &node.host_ports) {
                return Err(Rejection::unschedulable(
                    "node(s) didn't have free ports for the requested pod ports",
                ));
            }
            Ok(())
        }))
    }

    fn wakes(&self, pod: &PodSpec, event: &ClusterEvent<'_>, _: &Cluster) -> bool {
        match event {
            ClusterEvent::NodeAdd(_) => true,
            ClusterEvent::NodeTaint(_) => WOKEN_BY_ANY_TAINT_CHANGE,
            ClusterEvent::PodDelete(gone) => conflict(&pod.host_ports, &gone.host_ports),
            _ => false,
        }
    }
}
