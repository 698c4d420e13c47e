//! A pod's place among those that serve.

use crate::controller::pod_metrics::{AccountId, MeterId};
use crate::id::{NodeId, PodId};

use super::group::Part;

/// A pod that serves. The number is free for another once it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeatId(pub(super) u32);

impl Seat {
    /// The place of its group.
    pub(super) fn group(&self) -> usize {
        self.group as usize
    }

    /// The place of its kind among those of its group.
    pub(super) fn kind(&self) -> usize {
        self.kind as usize
    }
}

/// One pod that serves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub(super) pod: PodId,
    pub(super) meter: MeterId,
    pub(super) group: u32,
    pub(super) kind: u32,
    /// Its ECS node; a virtual node is shared with nobody.
    pub(super) node: Option<NodeId>,
    /// Its place among those of its group on ECS nodes.
    pub(super) in_group: u32,
    /// While its node is contended: its own account, and what pods of its group were to serve when the node was settled.
    pub(super) own: Option<AccountId>,
    pub(super) then: Part,
    /// Whether it is one of the steady ones of its kind.
    pub(super) is_counted: bool,
    /// Whether its node has failed, so that it serves nothing of what it gets.
    pub(super) is_dead: bool,
}
