//! `ready`: how long it takes from a pod's creation until it serves.

use super::level::Level;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use super::waits::Waits;

pub(super) static GROUP: Group = Group {
    name: "ready",
    about: "From the creation of a pod until all its containers are ready: pending and starting together. Pods \
            that were not ready when the run ended, or when they were deleted, enter as they do in `pending`.",
    metrics: &[
        Metric::of_waits(
            "ready.waitSeconds.p50",
            P50,
            |run| run.ready.waits.percentile(50),
            |run| run.ready.waits.is_unmet(50),
        ),
        Metric::of_waits(
            "ready.waitSeconds.p95",
            P95,
            |run| run.ready.waits.percentile(95),
            |run| run.ready.waits.is_unmet(95),
        ),
        Metric::of_waits(
            "ready.waitSeconds.p99",
            P99,
            |run| run.ready.waits.percentile(99),
            |run| run.ready.waits.is_unmet(99),
        ),
        Metric::of_waits(
            "ready.waitSeconds.max",
            MAX,
            |run| run.ready.waits.percentile(100),
            |run| run.ready.waits.is_unmet(100),
        ),
        Metric::new("ready.waitSeconds.censored", Unit::Count, Better::Lower, CENSORED, |run| {
            Some(run.ready.waits.censored() as f64)
        }),
    ],
};

const P50: &str = "Half of the pods waited no longer from creation to Ready.";
const P95: &str = "95 of 100 pods waited no longer from creation to Ready.";
const P99: &str = "99 of 100 pods waited no longer from creation to Ready.";
const MAX: &str = "The longest wait from creation to Ready.";
const CENSORED: &str = "Pods that were still waiting to be Ready when the run ended.";

/// Pods that are Ready and take traffic, and how long it took.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    pub(super) level: Level,
    pub(super) waits: Waits,
}
