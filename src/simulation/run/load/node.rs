//! An ECS node whose pods serve.

use crate::units::{MicroCpu, SimTime};

use super::seat::SeatId;

/// What serves on one node.
///
/// As long as what its pods are taken to want at most is there for all of them, a node is not contended and needs no
/// look: each pod gets what it wants. A node where that is not certain is looked at by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeLoad {
    /// Its pods that serve, each with its group, by group and in order of their beginning.
    pub(super) seats: Vec<(u32, SeatId)>,
    /// What they are taken to want at most, all together.
    pub(super) bound: u64,
    /// The cores that there are for them, as of the last look.
    pub(super) cores: MicroCpu,
    /// If it may be contended: until when it is settled.
    pub(super) settled: Option<SimTime>,
}

impl NodeLoad {
    /// Whether it is looked at by itself.
    pub(super) fn is_hot(&self) -> bool {
        self.settled.is_some()
    }

    /// Whether its pods may want more than there is.
    pub(super) fn may_be_contended(&self) -> bool {
        self.bound > self.cores.0
    }

    /// Its pods are taken to want so much more, or less.
    pub(super) fn move_bound(&mut self, by: i64) {
        self.bound = self.bound.checked_add_signed(by).expect("a sum of bounds is not negative");
    }
}
