//! `pending`: pods that are created and not bound.

use super::level::Level;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use super::waits::{WaitEnd, Waits, with_waits};
use crate::units::Span;

pub(super) static GROUP: Group = Group {
    name: "pending",
    about: "Pods that are created and not bound to a node. A wait that is cut short, because the run ends or because \
            the pod is deleted, enters every quantile with the age that the pod had then, and is counted in \
            `censored`; a quantile that falls on such a wait is a lower bound. Quantiles are exact, by nearest rank.",
    metrics: with_waits![
        "pending", "from creation to bind", |run| &run.pending.waits;
        Metric::new("pending.peak", Unit::Count, Better::Lower, PEAK, |run| {
            Some(run.pending.level.peak() as f64)
        }),
        Metric::new("pending.podSeconds", Unit::PodSeconds, Better::Lower, POD_SECONDS, |run| {
            Some(run.pending.level.thing_seconds())
        })
    ],
};

const PEAK: &str = "The most pods that were pending at once, at the end of any instant.";
const POD_SECONDS: &str = "The number of pending pods, integrated over time.";

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
        self.waits.record(age, WaitEnd::CutShort);
    }
}
