//! What happens to a pod when it is created, before any scheduler sees it.

pub mod default_tolerations;
pub mod defaulting;
pub mod eci_routing;
pub mod istio;
pub mod pod_name;
pub mod priority;
pub mod sidecar_set;

use crate::rule::Rule;

/// What happens to a pod on creation.
pub(crate) const RULES: &[&[Rule]] = &[
    defaulting::RULES,
    default_tolerations::RULES,
    eci_routing::RULES,
    istio::RULES,
    istio::sidecar::RULES,
    istio::gateway::RULES,
    sidecar_set::RULES,
    sidecar_set::UPGRADE_RULES,
];
