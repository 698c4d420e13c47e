//! A zone of nodes: how many of them are ready, and how fast the others get the taint that makes pods leave.

use std::collections::VecDeque;

use crate::id::NodeId;
use crate::units::{SimTime, Span};

/// The time between two nodes at `--node-eviction-rate`, 0.1 per second.
const USUAL_INTERVAL: Span = Span::from_secs(10);
/// The time between two nodes at `--secondary-node-eviction-rate`, 0.01 per second.
const SECONDARY_INTERVAL: Span = Span::from_secs(100);
/// `--large-cluster-size-threshold`: in zones of no more nodes partial disruption stops the queue.
const LARGE_ZONE: usize = 50;
/// `--unhealthy-zone-threshold`, in percent.
const UNHEALTHY_PERCENT: usize = 55;
/// Of so many nodes that are not ready no zone takes notice.
const FEW: usize = 2;

/// How a zone is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZoneState {
    /// Most nodes are ready.
    #[default]
    Normal,
    /// Too many are not.
    Partial,
    /// None is.
    Full,
}

/// A zone.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    /// How many nodes it has.
    pub(super) size: usize,
    /// How many of them are not ready.
    pub(super) unready: usize,
    /// Those that wait for their taint.
    pub(super) queue: VecDeque<NodeId>,
    /// As of the last look.
    state: ZoneState,
    /// The time from one node to the next; `None` if the queue stands still.
    interval: Option<Span>,
    /// When the next may have its turn.
    free_at: SimTime,
}

impl Default for Zone {
    fn default() -> Self {
        Self {
            size: 0,
            unready: 0,
            queue: VecDeque::new(),
            state: ZoneState::Normal,
            interval: Some(USUAL_INTERVAL),
            free_at: SimTime::ZERO,
        }
    }
}

impl Zone {
    /// How it is doing now (`ComputeZoneState`).
    pub(super) fn present_state(&self) -> ZoneState {
        if self.unready == self.size {
            ZoneState::Full
        } else if self.unready > FEW && self.unready * 100 >= self.size * UNHEALTHY_PERCENT {
            ZoneState::Partial
        } else {
            ZoneState::Normal
        }
    }

    /// Whether the next look finds it in another state.
    pub(super) fn is_to_change(&self) -> bool {
        self.present_state() != self.state
    }

    /// It is in its present state from now on, and its queue moves on as it should (`setLimiterInZone`).
    pub(super) fn enter_state(&mut self, now: SimTime) {
        self.state = self.present_state();
        let interval = match self.state {
            ZoneState::Normal | ZoneState::Full => Some(USUAL_INTERVAL),
            ZoneState::Partial if self.size > LARGE_ZONE => Some(SECONDARY_INTERVAL),
            ZoneState::Partial => None,
        };
        self.swap_limiter(interval, now);
    }

    /// Its queue stands still, and it counts as without any ready node.
    pub(super) fn stop(&mut self, now: SimTime) {
        self.state = ZoneState::Full;
        self.queue.clear();
        self.swap_limiter(None, now);
    }

    /// Another rate holds from now on. If the next in the queue had to wait under the old one, it has to wait for the
    /// whole of a new interval (scheduler/rate_limited_queue.go `SwapLimiter`).
    fn swap_limiter(&mut self, interval: Option<Span>, now: SimTime) {
        let waits = self.interval.is_none() || self.free_at > now;
        self.interval = interval;
        self.free_at = if waits { now + interval.unwrap_or_default() } else { now };
    }

    /// Takes the next node whose turn it is.
    pub(super) fn next_in_queue(&mut self, now: SimTime) -> Option<NodeId> {
        let interval = self.interval.filter(|_| self.free_at <= now)?;
        let node = self.queue.pop_front()?;
        self.free_at = now + interval;
        Some(node)
    }

    /// When the next node has its turn, after `now`.
    pub(super) fn moves_at(&self, now: SimTime) -> Option<SimTime> {
        self.interval.filter(|_| !self.queue.is_empty())?;
        Some(self.free_at.max(now))
    }
}
