//! `disruption`: what became of drains and evictions.

use super::fact::Fact;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;

pub(super) static GROUP: Group = Group {
    name: "disruption",
    about: "What became of drains and of evictions through the API, whoever asks for them. Runs in which nobody drains a \
            node or asks for an eviction do not have these figures.",
    metrics: &[
        Metric::new("disruption.drained", Unit::Count, Better::Neither, "Drains that were done.", |run| {
            Some(run.disruption.drained as f64)
        }),
        Metric::new("disruption.failedDrains", Unit::Count, Better::Lower, FAILED, |run| {
            Some(run.disruption.failed as f64)
        }),
        Metric::new("disruption.evictions", Unit::Count, Better::Neither, EVICTIONS, |run| {
            Some(run.disruption.evictions as f64)
        }),
        Metric::new("disruption.refused", Unit::Count, Better::Lower, REFUSED, |run| {
            Some(run.disruption.refused as f64)
        }),
    ],
};

const FAILED: &str = "Drains that were refused, went wrong or ran out of time.";
const EVICTIONS: &str = "Pods that the eviction API has told to end.";
const REFUSED: &str =
    "Requests for an eviction that a PodDisruptionBudget refused; kubectl asks again every 5 s.";

/// Counts of drains and evictions.
#[derive(Debug, Default)]
pub(crate) struct Disruptions {
    drains: u64,
    drained: u64,
    failed: u64,
    evictions: u64,
    refused: u64,
}

impl Disruptions {
    /// Whether the run has any.
    pub(super) fn any(&self) -> bool {
        self.drains + self.evictions + self.refused > 0
    }

    /// Takes note of a fact about drains and evictions.
    pub(super) fn observe(&mut self, fact: &Fact<'_>) {
        match fact {
            Fact::DrainBegun => self.drains += 1,
            Fact::NodeDrained { done: true } => self.drained += 1,
            Fact::NodeDrained { done: false } => self.failed += 1,
            Fact::PodEvicted { .. } => self.evictions += 1,
            Fact::EvictionRefused { .. } | Fact::DescheduleRefused { .. } => self.refused += 1,
            _ => {}
        }
    }
}
