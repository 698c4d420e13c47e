//! Nodes that take no more pods, and nodes that take pods again.

use super::Run;
use crate::metric::Fact;
use crate::object::{NodeClass, Title};

impl Run<'_, '_> {
    /// Cordons a node or takes that back. Its kubelet tells of it (pkg/kubelet/kubelet_node_status.go
    /// `recordNodeSchedulableEvent`); the virtual kubelet does not.
    pub(super) fn cordon(&mut self, name: &str, unschedulable: bool) {
        let node = self.cluster.node_named(name).expect("a node that is cordoned was looked up");
        let (before, class) = (node.spec.unschedulable, node.spec.class);
        if before == unschedulable {
            return;
        }
        self.change_node(name, |node| node.set_unschedulable(unschedulable));
        if class == NodeClass::Ecs {
            let reason = if unschedulable { "NodeNotSchedulable" } else { "NodeSchedulable" };
            self.node_event(name, "Normal", reason, &format!("Node {name} status is now: {reason}"));
        }
    }

    /// Tells a Kubernetes event of a node.
    pub(super) fn node_event(&mut self, node: &str, kind: &'static str, reason: &'static str, message: &str) {
        let object = Title { kind: "Node", namespace: None, name: node };
        self.tell(&Fact::Event { kind, reason, object, message: format_args!("{message}") });
    }
}
