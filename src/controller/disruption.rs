//! PodDisruptionBudgets: how many pods may be evicted now, and whether this one may.
//!
//! Source: pkg/controller/disruption/disruption.go and pkg/registry/core/pod/storage/eviction.go at v1.34.1. Upstream
//! writes a budget's status some time after its pods have changed, and has a map of the pods that are being evicted until
//! then; here the status is always that of the present moment.

use std::collections::BTreeMap;
use std::fmt;

use crate::object::DisruptionBudget;
use crate::object::disruption_budget::Bound;
use crate::rule::{Confidence, Rule};
use crate::units::IntOrPercent;

/// How many pods may be evicted.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "disruptions-allowed",
        statement: "A budget allows as many disruptions as more of its pods are ready, and not terminating, than are to \
                    be: minAvailable, or what maxUnavailable leaves; none if it expects no pods.",
        source: "pkg/controller/disruption/disruption.go `countHealthyPods`, `updatePdbStatus`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "disruption-expected-pods",
        statement: "Percentages, which round up, and maxUnavailable count from the replicas of the controllers of the pods; \
                    a pod whose controller has no scale makes a budget allow nothing, one without a controller does \
                    not count.",
        source: "pkg/controller/disruption/disruption.go `getExpectedPodCount`, `getExpectedScale`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "eviction",
        statement: "An eviction that its budget does not allow is refused as one too many; one of a pod that two budgets \
                    select is an error; pods that do not run, or terminate already, go whatever their budget.",
        source: "pkg/registry/core/pod/storage/eviction.go `Create`, `canIgnorePDB`, `checkAndDecrement`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "eviction-of-unhealthy-pods",
        statement: "A pod that runs and is not ready goes past its budget if the policy is AlwaysAllow, or if enough others \
                    are healthy.",
        source: "pkg/registry/core/pod/storage/eviction.go `Create`",
        confidence: Confidence::Source,
    },
];

/// A pod that a budget selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pod<K> {
    /// Whether it is ready.
    pub ready: bool,
    /// Whether it was told to end.
    pub terminating: bool,
    /// What keeps it.
    pub controller: Controller<K>,
}

/// What keeps a pod, as far as it has a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller<K> {
    /// Nothing.
    None,
    /// Something that has no scale: a DaemonSet, a Job.
    Unscaled,
    /// A Deployment, or what else has one.
    Scaled {
        /// Which.
        id: K,
        /// How many pods it is to have.
        replicas: u32,
    },
}

/// The status of a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// How many pods it counts on.
    pub expected: u32,
    /// How many of them are to be healthy.
    pub desired_healthy: u32,
    /// How many are.
    pub current_healthy: u32,
    /// How many of those may be evicted.
    pub disruptions_allowed: u32,
    /// Whether the pods that are expected could not be counted.
    pub failed: bool,
}

/// The status of a budget that selects `pods`.
pub fn status<K: Ord>(budget: &DisruptionBudget, pods: &[Pod<K>]) -> Status {
    let current_healthy = pods.iter().filter(|pod| pod.ready && !pod.terminating).count() as u32;
    let Some((expected, desired_healthy)) = expectation(budget.bound, pods) else {
        return Status { current_healthy, failed: true, ..Status::default() };
    };
    let spare = current_healthy.saturating_sub(desired_healthy);
    let disruptions_allowed = if expected == 0 { 0 } else { spare };
    Status { expected, desired_healthy, current_healthy, disruptions_allowed, failed: false }
}

/// How many pods a budget expects, and how many of them are to be healthy; `None` if they cannot be counted.
fn expectation<K: Ord>(bound: Option<Bound>, pods: &[Pod<K>]) -> Option<(u32, u32)> {
    Some(match bound {
        None => (0, 0),
        Some(Bound::MinAvailable(IntOrPercent::Int(count))) => (pods.len() as u32, count),
        Some(Bound::MinAvailable(share)) => {
            let expected = scale(pods)?;
            (expected, share.rounded_up(expected))
        }
        Some(Bound::MaxUnavailable(amount)) => {
            let expected = scale(pods)?;
            (expected, expected.saturating_sub(amount.rounded_up(expected)))
        }
    })
}

/// How many pods the controllers of these are to have, each counted once.
fn scale<K: Ord>(pods: &[Pod<K>]) -> Option<u32> {
    let mut scales = BTreeMap::new();
    for pod in pods {
        match &pod.controller {
            Controller::None => {}
            Controller::Unscaled => return None,
            Controller::Scaled { id, replicas } => _ = scales.insert(id, *replicas),
        }
    }
    Some(scales.values().sum())
}

/// A pod that is to be evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Whether its containers run, and it was not told to end.
    pub running: bool,
    /// Whether it is ready.
    pub ready: bool,
}

/// Why a pod is not evicted, in the API server's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its budget allows none (429); whoever asks may ask again.
    TooManyRequests {
        /// The budget.
        budget: String,
        /// What is left of it.
        status: Status,
    },
    /// It has more than one (500).
    SeveralBudgets,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyRequests { budget, status: Status { desired_healthy, current_healthy, .. } } => write!(
                f,
                "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget {budget} needs \
                 {desired_healthy} healthy pods and has {current_healthy} currently"
            ),
            Self::SeveralBudgets => f.write_str(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            ),
        }
    }
}

/// Asks for the eviction of a pod that these budgets cover; what is granted is taken off the status.
///
/// # Errors
///
/// Why it is refused.
pub fn evict(pod: Candidate, budgets: &mut [(&DisruptionBudget, &mut Status)]) -> Result<(), Refusal> {
    if !pod.running {
        return Ok(());
    }
    let (budget, status) = match budgets {
        [] => return Ok(()),
        [(budget, status)] => (budget, status),
        _ => return Err(Refusal::SeveralBudgets),
    };
    let enough = status.current_healthy >= status.desired_healthy && status.desired_healthy > 0;
    if !pod.ready && (budget.always_evict_unhealthy || enough) {
        return Ok(());
    }
    if status.disruptions_allowed == 0 {
        return Err(Refusal::TooManyRequests { budget: budget.name.clone(), status: **status });
    }
    status.disruptions_allowed -= 1;
    status.current_healthy = status.current_healthy.saturating_sub(u32::from(pod.ready));
    Ok(())
}

#[cfg(test)]
mod tests;
