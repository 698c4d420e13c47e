//! Nodes that take no more pods, and nodes that take pods again.

use super::Run;
use crate::object::NodeClass;

impl Run<'_, '_> {
    /// Cordons a node or takes that back. Its kubelet tells of it (pkg/kubelet/kubelet_node_status.go
    /// `recordNodeSchedulableEvent`); the virtual kubelet does not.
    pub(super) fn cordon(&mut self, name: &str, unschedulable: bool) {
        let Some(node) = self.node_or_refusal(name) else { return };
        let spec = &self.cluster.node(node).spec;
        let (before, class) = (spec.unschedulable, spec.class);
        if before == unschedulable {
            return;
        }
        self.change_node(name, |node| node.set_unschedulable(unschedulable));
        if class == NodeClass::Ecs {
            let reason = if unschedulable { "NodeNotSchedulable" } else { "NodeSchedulable" };
            self.node_event(name, "Normal", reason, format_args!("Node {name} status is now: {reason}"));
        }
    }
}
