//! Plugins of the default profile whose work is a part of the scheduler itself here: the queue's order, and binding.

use crate::scheduler::framework::{About, ExtensionPoint, Plugin};

/// PrioritySort: the order of [`Queue`](crate::scheduler::Queue).
pub fn priority_sort() -> Plugin {
    let about = About {
        name: "PrioritySort",
        formula: "the higher priority first, then the earlier creation or last failure",
        default_weight: 0,
        source: "apis/config/v1/default_plugins.go:30, backend/queue/scheduling_queue.go:852",
    };
    Plugin::new(about).built_in(ExtensionPoint::QueueSort)
}

/// DefaultBinder: whoever applies a decision to the cluster binds the pod.
pub fn default_binder() -> Plugin {
    let about = About {
        name: "DefaultBinder",
        formula: "binds the pod to the chosen node",
        default_weight: 0,
        source: "apis/config/v1/default_plugins.go:30",
    };
    Plugin::new(about).built_in(ExtensionPoint::Bind)
}
