//! `pending`: pods that are created and not bound.

use super::level::Level;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use super::waits::{WaitEnd, Waits};
use crate::units::Span;

pub(super) static GROUP: Group = Group {
    name: "pending",
    about: "Pods that are created and not bound to a node. A pod that still waits when the run ends enters every \
            quantile with its age, and one that was deleted while it waited with its age then; quantiles are exact, \
            by nearest rank.",
    metrics: &[
        Metric::new("pending.peak", Unit::Count, Better::Lower, PEAK, |run| {
            Some(run.pending.level.peak() as f64)
        }),
        Metric::new("pending.podSeconds", Unit::PodSeconds, Better::Lower, POD_SECONDS, |run| {
            Some(run.pending.level.thing_seconds())
        }),
        Metric::of_waits(
            "pending.waitSeconds.p50",
            P50,
            |run| run.pending.waits.percentile(50),
            |run| run.pending.waits.is_unmet(50),
        ),
        Metric::of_waits(
            "pending.waitSeconds.p95",
            P95,
            |run| run.pending.waits.percentile(95),
            |run| run.pending.waits.is_unmet(95),
        ),
        Metric::of_waits(
            "pending.waitSeconds.p99",
            P99,
            |run| run.pending.waits.percentile(99),
            |run| run.pending.waits.is_unmet(99),
        ),
        Metric::of_waits(
            "pending.waitSeconds.max",
            MAX,
            |run| run.pending.waits.percentile(100),
            |run| run.pending.waits.is_unmet(100),
        ),
        Metric::new("pending.waitSeconds.censored", Unit::Count, Better::Lower, CENSORED, |run| {
            Some(run.pending.waits.censored() as f64)
        }),
    ],
};

const PEAK: &str = "The most pods that were pending at once, at the end of any instant.";
const POD_SECONDS: &str = "The number of pending pods, integrated over time.";
const P50: &str = "Half of the pods waited no longer from creation to bind.";
const P95: &str = "95 of 100 pods waited no longer from creation to bind.";
const P99: &str = "99 of 100 pods waited no longer from creation to bind.";
const MAX: &str = "The longest wait from creation to bind.";
const CENSORED: &str = "Pods that were still pending when the run ended.";

/// Pending pods, and how long they waited.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(super) level: Level,
    pub(super) waits: Waits,
}

impl Pending {
    pub(super) fn created(&mut self) {
        self.level.rise();
    }

    /// A pod left the state after `age`; see [`WaitEnd`] for what became of it.
    pub(super) fn left(&mut self, age: Span, end: WaitEnd) {
        self.level.fall();
        self.waits.record(age, end);
    }

    /// A pod is still pending at the end of the run, `age` after its creation.
    pub(super) fn still_waits(&mut self, age: Span) {
        self.waits.record(age, WaitEnd::Censored);
    }
}
