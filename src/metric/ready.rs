//! `ready`: how long it takes from a pod's creation until it serves.

use super::level::Level;
use super::registry::{Group, Metric};
use super::waits::{Waits, with_waits};

pub(super) static GROUP: Group = Group {
    name: "ready",
    about: "From the creation of a pod until all its containers are ready: pending and starting together. Waits that \
            are cut short enter as they do in `pending`.",
    metrics: with_waits!["ready", "from creation to Ready", |run| &run.ready.waits],
};

/// Pods that are Ready and take traffic, and how long it took.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    pub(super) level: Level,
    pub(super) waits: Waits,
}
