//! How many pods the load of a starter takes, how many its nodes have room for, and what can be expected of both.

use super::{Method, Starter, TARGET_PERCENT};
use crate::capacity::Reservation;
use crate::traffic::Rate;

/// What part of the load an autoscaler may be wrong about and do nothing, in per cent (pkg/controller/podautoscaler,
/// `--horizontal-pod-autoscaler-tolerance`).
const TOLERANCE_PERCENT: f64 = 10.0;
/// How many times the pods that are there before it a spike may take while few requests are lost (estimate: the rate
/// rises within a minute, and an autoscaler doubles what it has every 15 seconds or adds four pods).
const STEEPEST: f64 = 15.0;
/// The shortest spike of which the first minutes weigh little (estimate).
const SHORTEST_SECONDS: u64 = 20 * 60;

impl Starter {
    /// The highest rate of the load.
    pub(super) fn highest_rate(&self) -> Rate {
        self.load.peak.unwrap_or(self.load.rate).max(self.load.rate)
    }

    /// How many pods this rate takes when the autoscaler is content.
    pub(super) fn pods_at(&self, rate: Rate) -> f64 {
        let cpu = rate.0 / 1000.0 * self.cpu_per_thousand_requests.0 as f64;
        cpu / (self.cpu.milli_value() as f64 * TARGET_PERCENT as f64 / 100.0)
    }

    /// How many pods fit the ECS nodes together.
    pub(super) fn room_on_nodes(&self) -> u64 {
        let kind = self.instance_type;
        let size = Reservation::default().node_size(kind, kind.terway_max_pods());
        let by_cpu = size.cpu_allocatable.0 / self.cpu.milli_value().max(1);
        let by_memory = size.memory_allocatable.0 / self.memory.value().max(1);
        let each = by_cpu.min(by_memory).min(i64::from(size.pods)).max(0);
        u64::from(self.nodes) * each.unsigned_abs()
    }

    /// Whether no pod waits at the end: those of the usual rate have room on the nodes, or go elsewhere.
    pub(super) fn settles(&self) -> bool {
        let usual = self.pods_at(self.load.rate) / (1.0 - TOLERANCE_PERCENT / 100.0);
        self.method != Method::None || libm::ceil(usual) <= self.room_on_nodes() as f64
    }

    /// Whether few requests are lost: the spike is not too steep, lasts, and half of its pods start on nodes, at once.
    pub(super) fn absorbs_its_spike(&self) -> bool {
        let first = self.pods_at(self.load.rate).max(f64::from(self.replicas));
        let most = self.pods_at(self.highest_rate());
        most <= STEEPEST * first
            && most <= 2.0 * self.room_on_nodes() as f64
            && self.load.spike.0 >= SHORTEST_SECONDS * 1_000_000_000
    }
}
