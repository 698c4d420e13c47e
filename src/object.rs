//! The Kubernetes object model as the simulator uses it: what the scheduler and the bill read, and nothing else.
//!
//! Everything here is plain data that never changes after it was made; state lives in [`crate::cluster`].

pub mod affinity;
pub mod disruption_budget;
pub mod eci_profile;
pub mod image;
pub mod kubernetes;
pub mod labels;
pub mod names;
pub mod node;
pub mod pod;
pub mod requests;
pub mod resource_kind;
pub mod resource_policy;
pub mod resources;
pub mod selector;
pub mod sidecar_set;
pub mod spread;
pub mod taint;
pub mod title;
pub mod volume;
pub mod zone_strategy;

#[cfg(test)]
pub(crate) mod fixture;

pub use affinity::{NodeAffinity, PodAffinity, PodAffinityTerm};
pub use disruption_budget::DisruptionBudget;
pub use eci_profile::EciProfile;
pub use labels::Labels;
pub use node::{NodeClass, NodeSpec};
pub use pod::{Container, ContainerRole, Owner, PodSpec, RestartPolicy};
pub use requests::ResourceList;
pub use resource_kind::ResourceKind;
pub use resource_policy::ResourcePolicy;
pub use resources::Resources;
pub use selector::{NodeSelector, NodeSelectorTerm, Requirement, Selector};
pub use sidecar_set::SidecarSet;
pub use spread::SpreadConstraint;
pub use taint::{Effect, Taint, Toleration};
pub use title::Title;
pub use volume::Volume;
pub use zone_strategy::ZoneStrategy;

use crate::rule::Rule;

/// How Kubernetes reads its objects.
pub(crate) const RULES: &[&[Rule]] = &[requests::RULES, selector::RULES, taint::RULES, eci_profile::RULES];

/// Label of a node that carries its own name.
pub const LABEL_HOSTNAME: &str = "kubernetes.io/hostname";
/// The label that tells a node's instance type.
pub const LABEL_INSTANCE_TYPE: &str = "node.kubernetes.io/instance-type";
/// Label of a node's zone.
pub const LABEL_ZONE: &str = "topology.kubernetes.io/zone";
/// Label of a node's region.
pub const LABEL_REGION: &str = "topology.kubernetes.io/region";
