//! `starting`: pods that are bound and not Ready.

use super::level::Level;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;

pub(super) static GROUP: Group = Group {
    name: "starting",
    about: "Pods that are bound to a node and not Ready yet: the queue for ECI instances, image pull and start \
            included, until they are Ready or are deleted.",
    metrics: &[
        Metric::new(
            "starting.peak",
            Unit::Count,
            Better::Lower,
            PEAK,
            |run| Some(run.starting.peak() as f64),
        ),
        Metric::new("starting.podSeconds", Unit::PodSeconds, Better::Lower, POD_SECONDS, |run| {
            Some(run.starting.thing_seconds())
        }),
    ],
};

const PEAK: &str = "The most pods that were starting at once, at the end of any instant.";
const POD_SECONDS: &str = "The number of starting pods, integrated over time.";

/// Pods that are bound and not Ready.
pub(crate) type Starting = Level;
