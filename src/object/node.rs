//! Nodes as their administrator sees them.

use super::image::NodeImage;
use super::{LABEL_REGION, LABEL_ZONE, Labels, Resources, Taint};

/// What a node is made of, and who is paid for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeClass {
    /// A machine that is paid for while it exists; its pods cost nothing more.
    Ecs,
    /// A virtual node: free itself, each of its pods is an ECI instance that is paid for.
    Virtual,
}

/// A node without what runs on it. Its fields stand in memory as they stand here, amounts first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct NodeSpec {
    /// What pods may request of it.
    pub allocatable: Resources,
    /// How many pods it takes.
    pub allocatable_pods: i64,
    /// Its name.
    pub name: String,
    /// ECS or virtual.
    pub class: NodeClass,
    /// Its labels.
    pub labels: Labels,
    /// Its annotations.
    pub annotations: Labels,
    /// Its taints, in their order.
    pub taints: Vec<Taint>,
    /// Whether it is cordoned.
    pub unschedulable: bool,
    /// The images it has.
    pub images: Vec<NodeImage>,
    /// The ID of a virtual node's vSwitch, where it is known: an eci-profile names zones by it.
    pub vswitch: Option<String>,
    /// Condition types with their status, in order of type.
    pub conditions: Labels,
}

impl NodeSpec {
    /// An ECS node that offers nothing.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            class: NodeClass::Ecs,
            labels: Labels::default(),
            annotations: Labels::default(),
            taints: Vec::new(),
            unschedulable: false,
            allocatable: Resources::default(),
            allocatable_pods: 0,
            images: Vec::new(),
            vswitch: None,
            conditions: Labels::default(),
        }
    }

    /// Cordons or uncordons the node, with the taint that follows from it.
    pub fn set_unschedulable(&mut self, unschedulable: bool) {
        let taint = Taint::unschedulable();
        let is_it = |one: &Taint| one.key == taint.key && one.effect == taint.effect;
        self.unschedulable = unschedulable;
        if !unschedulable {
            self.taints.retain(|one| !is_it(one));
        } else if !self.taints.iter().any(is_it) {
            self.taints.push(taint);
        }
    }

    /// Whether two nodes say the same of themselves, their images left out of account.
    pub fn differs_at_most_in_images(&self, other: &Self) -> bool {
        // Every field is named, so that a new one is not forgotten here.
        let Self {
            name,
            class,
            labels,
            annotations,
            taints,
            unschedulable,
            allocatable,
            allocatable_pods,
            images: _,
            vswitch,
            conditions,
        } = self;
        *name == other.name
            && *class == other.class
            && *labels == other.labels
            && *annotations == other.annotations
            && *taints == other.taints
            && *unschedulable == other.unschedulable
            && *allocatable == other.allocatable
            && *allocatable_pods == other.allocatable_pods
            && *vswitch == other.vswitch
            && *conditions == other.conditions
    }

    /// What the node tree groups by: region and zone, the older labels first
    /// (component-helpers/node/topology/helpers.go:31 `GetZoneKey`); empty if it has neither.
    pub fn zone_key(&self) -> String {
        let label =
            |old: &str, new: &str| self.labels.get(old).or_else(|| self.labels.get(new)).unwrap_or("");
        let region = label("failure-domain.beta.kubernetes.io/region", LABEL_REGION);
        let zone = label("failure-domain.beta.kubernetes.io/zone", LABEL_ZONE);
        if region.is_empty() && zone.is_empty() { String::new() } else { format!("{region}:\0:{zone}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// rule: cordon
    #[test]
    fn a_cordoned_node_has_the_taint_once() {
        let mut node = NodeSpec::named("n");
        node.set_unschedulable(true);
        node.set_unschedulable(true);
        assert_eq!((node.unschedulable, node.taints.as_slice()), (true, &[Taint::unschedulable()][..]));
        node.set_unschedulable(false);
        assert_eq!(node, NodeSpec::named("n"));
    }
}
