//! `starting`: pods that are bound and not Ready.

use super::fact::HeldUp;
use super::level::Level;
use super::registry::{Better, Group, Metric};
use super::unit::Unit;

pub(super) static GROUP: Group = Group {
    name: "starting",
    about: "Pods that are bound to a node and not Ready yet: the queue for ECI instances, image pull and start \
            included, until they are Ready or are deleted; and how many of them ECI has held up, by what. A pod \
            counts at everything that has held it up.",
    metrics: &[
        Metric::new("starting.peak", Unit::Count, Better::Lower, PEAK, |run| {
            Some(run.starting.level.peak() as f64)
        }),
        Metric::new("starting.podSeconds", Unit::PodSeconds, Better::Lower, POD_SECONDS, |run| {
            Some(run.starting.level.thing_seconds())
        }),
        Metric::new("starting.heldUp.stock", Unit::Count, Better::Lower, STOCK, |run| {
            Some(run.starting.count(HeldUp::Stock) as f64)
        }),
        Metric::new("starting.heldUp.quota", Unit::Count, Better::Lower, QUOTA, |run| {
            Some(run.starting.count(HeldUp::Quota) as f64)
        }),
        Metric::new("starting.heldUp.address", Unit::Count, Better::Lower, ADDRESS, |run| {
            Some(run.starting.count(HeldUp::Address) as f64)
        }),
        Metric::new("starting.heldUp.creationRate", Unit::Count, Better::Lower, CREATION_RATE, |run| {
            Some(run.starting.count(HeldUp::CreationRate) as f64)
        }),
    ],
};

const PEAK: &str = "The most pods that were starting at once, at the end of any instant.";
const POD_SECONDS: &str = "The number of starting pods, integrated over time.";

const STOCK: &str = "Pods whose ECI instance had to wait because its specification was out of stock.";
const QUOTA: &str = "Pods whose ECI instance had to wait because the vCPU quota was used up.";
const ADDRESS: &str = "Pods whose ECI instance had to wait because the zone's vSwitch had no free address.";
const CREATION_RATE: &str = "Pods whose ECI instance had to wait for the rate limit of creation.";

/// Pods that are bound and not Ready.
#[derive(Debug, Default)]
pub(crate) struct Starting {
    pub(super) level: Level,
    /// How many pods each reason has held up, whatever else did.
    held_up: [u64; 4],
}

impl Starting {
    /// A pod is held up by something for the first time.
    pub(super) fn held_up(&mut self, by: HeldUp) {
        self.held_up[by as usize] += 1;
    }

    fn count(&self, by: HeldUp) -> u64 {
        self.held_up[by as usize]
    }
}
