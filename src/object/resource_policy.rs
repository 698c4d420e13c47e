//! ResourcePolicy: in which order kinds of nodes are used for the pods that it selects.

use super::{Labels, NodeClass, NodeSpec, PodSpec, ResourceList, Selector};
use crate::units::Span;

/// The label of a unit that makes its pods wait for ECS nodes to come although the unit has no `max`. It is not written
/// to the pods.
pub const WAIT_FOR_SCALING_LABEL: &str = "k8s.aliyun.com/resource-policy-wait-for-ecs-scaling";

/// The annotation of a pod that may go to ECI, in use before there were ResourcePolicies: `eci` or `eci_only`.
pub const BURST_RESOURCE_ANNOTATION: &str = "alibabacloud.com/burst-resource";

/// How long a pod waits in a unit under [`TryNext::TimeoutOrExceedMax`] where the policy does not say.
pub const DEFAULT_TIMEOUT: Span = Span::from_secs(15 * 60);

/// A ResourcePolicy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// Its namespace, whose pods it is for.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Which of them; an empty selector means all.
    pub selector: Selector,
    /// What is used, the first first. There is at least one.
    pub units: Vec<Unit>,
    /// Whether pods that ran before the policy was there do not count.
    pub ignore_previous: bool,
    /// Whether terminating pods do not count.
    pub ignore_terminating: bool,
    /// Labels by whose values pods are counted apart.
    pub match_label_keys: Vec<String>,
    /// When a pod may go on to the next unit.
    pub try_next: TryNext,
}

/// Nodes that are used together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// ECS nodes or virtual nodes.
    pub class: NodeClass,
    /// Labels that they have.
    pub node_selector: Labels,
    /// The most pods in the unit.
    pub max: Option<u32>,
    /// The most that its pods may request together, for each resource that is named.
    pub max_resources: Option<ResourceList>,
    /// Labels that its pods get, and by which they are counted.
    pub pod_labels: Labels,
    /// Annotations that its pods get, and by which they are counted.
    pub pod_annotations: Labels,
    /// Whether it has [`WAIT_FOR_SCALING_LABEL`].
    pub waits_for_scaling: bool,
}

/// When a pod may go on from a unit to the next (`whenTryNextUnits`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryNext {
    /// If the unit has no room or is full.
    LackResourceOrExceedMax,
    /// If the unit is full or has no limit.
    ExceedMax,
    /// If the unit is full, or has no room and the pod has waited for this long.
    TimeoutOrExceedMax(Span),
    /// If the unit has no room or is full, and none of its pods is terminating.
    LackResourceAndNoTerminating,
}

impl ResourcePolicy {
    /// Whether a pod is one of those that it is for.
    pub fn selects(&self, pod: &PodSpec) -> bool {
        pod.namespace == self.namespace && self.selector.matches(&pod.labels)
    }

    /// Whether it lets pods onto virtual nodes, which the scheduler then tolerates by itself.
    pub fn uses_virtual_nodes(&self) -> bool {
        self.units.iter().any(|unit| unit.class == NodeClass::Virtual)
    }

    /// The unit that a pod on a node counts in: the first that has the node and whose labels and annotations the pod
    /// carries.
    pub fn unit_of(&self, pod: &PodSpec, node: &NodeSpec) -> Option<usize> {
        self.units.iter().position(|unit| unit.admits(node) && unit.is_carried_by(pod))
    }
}

impl Unit {
    /// A unit of all nodes of a class, without limit.
    pub fn of(class: NodeClass) -> Self {
        Self {
            class,
            node_selector: Labels::default(),
            max: None,
            max_resources: None,
            pod_labels: Labels::default(),
            pod_annotations: Labels::default(),
            waits_for_scaling: false,
        }
    }

    /// Whether a node belongs to it.
    pub fn admits(&self, node: &NodeSpec) -> bool {
        node.class == self.class && node.labels.contains_all(&self.node_selector)
    }

    /// Whether it says how many pods it takes.
    pub fn has_limit(&self) -> bool {
        self.max.is_some() || self.max_resources.is_some()
    }

    /// Whether a pod carries the labels and annotations that the unit's pods get.
    pub fn is_carried_by(&self, pod: &PodSpec) -> bool {
        pod.labels.contains_all(&self.pod_labels) && pod.annotations.contains_all(&self.pod_annotations)
    }

    /// Its kind, as a policy writes it.
    pub fn resource(&self) -> &'static str {
        match self.class {
            NodeClass::Ecs => "ecs",
            NodeClass::Virtual => "eci",
        }
    }
}
