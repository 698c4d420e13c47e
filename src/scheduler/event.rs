//! What happens in a cluster that can make a waiting pod fit.

use crate::object::{NodeSpec, PodSpec};

/// An event as QueueingHints see it (framework/events.go).
#[derive(Clone, Copy, Debug)]
pub enum ClusterEvent<'a> {
    /// A node came.
    NodeAdd(&'a NodeSpec),
    /// A node went.
    NodeDelete(&'a NodeSpec),
    /// A node's allocatable changed.
    NodeAllocatable(NodeChange<'a>),
    /// A node's labels changed.
    NodeLabel(NodeChange<'a>),
    /// A node's taints changed, or it was uncordoned.
    NodeTaint(NodeChange<'a>),
    /// A node's conditions changed.
    NodeCondition(NodeChange<'a>),
    /// A node's annotations changed.
    NodeAnnotation(NodeChange<'a>),
    /// A pod was bound, or came bound.
    PodAdd(&'a PodSpec),
    /// A bound pod was told to end. Upstream has no such event, and none of its plugins listens to it.
    PodTerminating(&'a PodSpec),
    /// A bound pod is gone.
    PodDelete(&'a PodSpec),
    /// The labels of a bound pod changed, or the waiting pod's own.
    PodLabel(PodChange<'a>),
    /// The requests of a bound pod went down, or the waiting pod's own.
    PodScaleDown(PodChange<'a>),
    /// The waiting pod's own tolerations changed.
    PodToleration(PodChange<'a>),
    /// The waiting pod's own last gate is gone.
    PodGatesGone,
}

impl<'a> ClusterEvent<'a> {
    /// The node that may take a pod after this which it did not take before: one that came, or whose allocatable, labels
    /// or taints changed.
    pub fn node_that_may_fit(&self) -> Option<&'a NodeSpec> {
        match self {
            Self::NodeAdd(node) => Some(node),
            Self::NodeAllocatable(change) | Self::NodeLabel(change) | Self::NodeTaint(change) => {
                Some(change.new)
            }
            _ => None,
        }
    }
}

/// A node before and after.
#[derive(Clone, Copy, Debug)]
pub struct NodeChange<'a> {
    /// Before.
    pub old: &'a NodeSpec,
    /// After.
    pub new: &'a NodeSpec,
}

/// A pod before and after.
#[derive(Clone, Copy, Debug)]
pub struct PodChange<'a> {
    /// Before.
    pub old: &'a PodSpec,
    /// After.
    pub new: &'a PodSpec,
    /// Whether it is the waiting pod itself.
    pub own: bool,
}

/// Every change of a taint, or an uncordon, of any node wakes the pods of each plugin that registers Node/Add without
/// Node/UpdateNodeTaint, whatever the hint would say: a "temporary fix" that is on with hints too (scheduler.go:497).
pub const WOKEN_BY_ANY_TAINT_CHANGE: bool = true;

/// The events that one update of a node gives, in upstream's order (framework/events.go:161
/// `NodeSchedulingPropertiesChange`).
pub fn node_events<'a>(old: &'a NodeSpec, new: &'a NodeSpec) -> Vec<ClusterEvent<'a>> {
    let change = NodeChange { old, new };
    let allocatable = old.allocatable != new.allocatable || old.allocatable_pods != new.allocatable_pods;
    [
        (old.unschedulable && !new.unschedulable, ClusterEvent::NodeTaint(change)),
        (allocatable, ClusterEvent::NodeAllocatable(change)),
        (old.labels != new.labels, ClusterEvent::NodeLabel(change)),
        (old.taints != new.taints, ClusterEvent::NodeTaint(change)),
        (old.conditions != new.conditions, ClusterEvent::NodeCondition(change)),
        (old.annotations != new.annotations, ClusterEvent::NodeAnnotation(change)),
    ]
    .into_iter()
    .filter_map(|(happened, event)| happened.then_some(event))
    .collect()
}

/// The events that one update of a pod gives, in upstream's order (framework/events.go `PodSchedulingPropertiesChange`).
/// Upstream gives those of gates and tolerations for bound pods too, which every hint then skips.
pub fn pod_events<'a>(old: &'a PodSpec, new: &'a PodSpec, own: bool) -> Vec<ClusterEvent<'a>> {
    let change = PodChange { old, new, own };
    [
        (old.labels != new.labels, ClusterEvent::PodLabel(change)),
        (scaled_down(old, new), ClusterEvent::PodScaleDown(change)),
        (own && !old.gates.is_empty() && new.gates.is_empty(), ClusterEvent::PodGatesGone),
        (own && old.tolerations.len() != new.tolerations.len(), ClusterEvent::PodToleration(change)),
    ]
    .into_iter()
    .filter_map(|(happened, event)| happened.then_some(event))
    .collect()
}

/// Whether any request went down or away.
fn scaled_down(old: &PodSpec, new: &PodSpec) -> bool {
    let (old, new) = (&old.requests.placed, &new.requests.placed);
    new.cpu < old.cpu
        || new.memory < old.memory
        || new.ephemeral < old.ephemeral
        || old.scalar.iter().any(|(name, &amount)| new.scalar(name) < amount)
}
