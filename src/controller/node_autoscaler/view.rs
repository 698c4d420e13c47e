//! What an autoscaler sees.

use std::sync::Arc;

use super::drainability::PodView;
use crate::cluster::Cluster;
use crate::id::{NodeId, PodId};
use crate::object::{DisruptionBudget, PodSpec};
use crate::scheduler::Profile;
use crate::units::{SimTime, Span};

/// For how long a node may start (clusterstate.go `MaxNodeStartupTime`).
const MAX_NODE_STARTUP: Span = Span::from_secs(15 * 60);

/// A pod with condition PodScheduled false for the reason Unschedulable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The pod.
    pub pod: PodId,
    /// When it was created.
    pub created: SimTime,
    /// Whether a DaemonSet made it.
    pub is_daemon: bool,
}

/// A node of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The node.
    pub node: NodeId,
    /// Its group.
    pub group: usize,
    /// When it was registered; `None` if it has been there since long before the run.
    pub added: Option<SimTime>,
    /// Whether it is ready.
    pub ready: bool,
    /// Whether it is being deleted.
    pub deleting: bool,
}

impl Member {
    /// Whether it is not ready, and young enough to be taken for one that starts (clusterstate.go
    /// `updateReadinessStats`).
    pub fn is_starting(&self, now: SimTime) -> bool {
        !self.ready && self.added.is_some_and(|added| now < added + MAX_NODE_STARTUP)
    }
}

/// A node that was asked for and is not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its group.
    pub group: usize,
    /// Which of the group's templates it is made by.
    pub template: usize,
    /// When it was asked for.
    pub since: SimTime,
}

/// What an autoscaler sees at one moment.
pub struct View<'a> {
    /// The moment.
    pub now: SimTime,
    /// What its draws are keyed by.
    pub seed: u64,
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The scheduler's profiles: their filters decide what fits.
    pub profiles: &'a [Profile],
    /// What DaemonSets would put onto a new node.
    pub daemons: &'a [Arc<PodSpec>],
    /// Pods that no node could take.
    pub pending: &'a [Pending],
    /// The nodes of its groups, in order of creation.
    pub members: &'a [Member],
    /// How many nodes of no group are not ready.
    pub unready_others: u32,
    /// The nodes that were asked for.
    pub requests: &'a [Request],
    /// By which template the next new node of each group is made.
    pub next_template: &'a [usize],
    /// The budgets, with how many disruptions each allows.
    pub budgets: &'a [(&'a DisruptionBudget, u32)],
    /// What it sees of a pod on a node.
    pub pod: &'a dyn Fn(PodId) -> PodView,
}

impl View<'_> {
    /// How many nodes a pool has or will have, those that are being deleted left out.
    pub fn size_of(&self, is_of_pool: impl Fn(usize) -> bool) -> u32 {
        let there = self.members.iter().filter(|one| !one.deleting && is_of_pool(one.group)).count();
        let to_come = self.requests.iter().filter(|one| is_of_pool(one.group)).count();
        (there + to_come) as u32
    }
}
