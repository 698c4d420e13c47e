//! How long requests take at the pods that serve them.

use crate::id::NodeId;
use crate::traffic::latency::{Queue, Wait};
use crate::traffic::load::MeanCost;
use crate::units::MicroCpu;

use super::group::{Group, Share, Usable};
use super::serving::Serving;

/// The cpu of a pod over a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cpu {
    pub(super) wanted: MicroCpu,
    pub(super) granted: MicroCpu,
    /// What it could have had beside that, apart from its limit; `None` for a pod that shares its cores with nobody.
    pub(super) idle: Option<MicroCpu>,
}

impl Cpu {
    /// The cores that its requests wait for.
    fn cores(&self, limit: Option<MicroCpu>) -> f64 {
        let there = self.idle.map(|idle| MicroCpu(self.granted.0 + idle.0));
        match (there, limit) {
            (Some(there), Some(limit)) => there.min(limit).cores(),
            (Some(cores), None) | (None, Some(cores)) => cores.cores(),
            (None, None) => f64::INFINITY,
        }
    }
}

/// What there is for the pods of a kind on nodes that cannot be contended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Room {
    pods: u64,
    /// The cores of their nodes in millionths, those of a node counted for each of its pods.
    cores: u128,
    /// What all pods there are taken to want at most, counted likewise.
    bounds: u128,
}

impl Room {
    /// What idles on such a node while each pod of the kind uses so much of what it is taken to want at most, and all
    /// others there as large a part.
    pub(super) fn idle(&self, used: MicroCpu, bound: MicroCpu) -> Option<MicroCpu> {
        if self.pods == 0 {
            return None;
        }
        let (cores, bounds) = (self.cores / u128::from(self.pods), self.bounds / u128::from(self.pods));
        let in_use = bounds * u128::from(used.min(bound).0) / u128::from(bound.0.max(1));
        Some(MicroCpu(cores.saturating_sub(in_use) as u64))
    }
}

impl Serving {
    /// Counts what a node has for its pods, or counts it no more; a node that is looked at by itself has no part in it.
    pub(super) fn count_room(&mut self, node: NodeId, is_there: bool) {
        let there = &self.nodes[node.index()];
        if !self.measures_latency || there.is_hot() {
            return;
        }
        for &(_, id) in &there.seats {
            let seat = &self.seats[id.0];
            let room = &mut self.groups[seat.group()].kinds[seat.kind()].room;
            let (cores, bound) = (u128::from(there.cores.0), u128::from(there.bound));
            if is_there {
                *room = Room { pods: room.pods + 1, cores: room.cores + cores, bounds: room.bounds + bound };
            } else {
                *room = Room { pods: room.pods - 1, cores: room.cores - cores, bounds: room.bounds - bound };
            }
        }
    }
}

impl Group {
    /// Whether anybody asks how long requests take.
    pub(super) fn measures_latency(&self) -> bool {
        self.streams.iter().any(|stream| stream.time.is_some())
    }

    /// Tells how long `served` requests have taken at pods with such cpu.
    pub(super) fn tell_latency(&mut self, share: &Share, usable: &Usable, cpu: Cpu, served: f64) {
        if served <= 0.0 || !self.measures_latency() {
            return;
        }
        let arrived: f64 = self.streams.iter().map(|stream| stream.arrived).sum();
        let parts = self.streams.iter().map(|stream| {
            let service_s = usable.cost(MeanCost::of(stream.cost)).seconds();
            (stream.arrived / arrived, service_s, stream.time)
        });
        let (mut service_s, mut square) = (0.0, 0.0);
        for (part, one, time) in parts.clone() {
            let cv = time.unwrap_or_default().cv;
            service_s += part * one;
            square += part * one * one * (1.0 + cv * cv);
        }
        let cv_squared = (square / (service_s * service_s) - 1.0).max(0.0);
        let queue = Queue { cores: cpu.cores(usable.limit), busy: share.busy(usable), service_s, cv_squared };
        let wait = if cpu.granted < cpu.wanted { Wait::Full } else { queue.wait() };
        // Hundredths are enough, so that requests which have met the same can be counted together.
        let stretch = (queue.stretch() * 100.0).round() / 100.0;
        for (part, one, time) in parts {
            if let Some(time) = time {
                self.untold.latencies.served(&time, one * stretch, wait, served * part);
            }
        }
    }
}
