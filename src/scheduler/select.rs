//! The choice among nodes with the same best score.

use rand::RngExt;

use crate::cluster::Cluster;
use crate::id::{NodeId, PodId};
use crate::random::{Purpose, generator};
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "tie-break",
    statement: "Among the nodes of the best total one is drawn, each with the same chance, by a draw \
                that belongs to the pod and the attempt.",
    source: "pkg/scheduler/schedule_one.go `selectHost`; the same distribution, other draws",
    confidence: Confidence::Source,
}];

/// How equals are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TieBreak {
    /// By a uniform draw, keyed by pod and attempt: the distribution of upstream's reservoir sampling
    /// (schedule_one.go:894 `selectHost`), whose own draws cannot be repeated.
    Random {
        /// The seed of the run.
        seed: u64,
    },
    /// By the smallest name, as the recorded decisions do.
    Name,
}

impl TieBreak {
    /// Where the search for preemption candidates starts among `count` nodes.
    pub(super) fn preemption_offset(
        self,
        cluster: &Cluster,
        pod: PodId,
        attempt: u32,
        count: usize,
    ) -> usize {
        match self {
            Self::Name => 0,
            Self::Random { seed } => {
                let stream = cluster.pod(pod).draws.round(attempt);
                generator(seed, Purpose::Preemption, stream).random_range(0..count)
            }
        }
    }
}

/// One of the best nodes; `None` if there are none.
pub(super) fn choose(
    tie_break: TieBreak,
    cluster: &Cluster,
    pod: PodId,
    attempt: u32,
    best: &[NodeId],
) -> Option<NodeId> {
    choose_of(tie_break, cluster, pod, attempt, best.len(), |n| best[n])
}

/// One of `count` best nodes, of which `best` tells one by its place among them.
pub(super) fn choose_of(
    tie_break: TieBreak,
    cluster: &Cluster,
    pod: PodId,
    attempt: u32,
    count: usize,
    best: impl Fn(usize) -> NodeId,
) -> Option<NodeId> {
    match (tie_break, count) {
        (_, 0) => None,
        (_, 1) => Some(best(0)),
        (TieBreak::Name, _) => (0..count).map(best).min_by_key(|&node| cluster.node(node).name()),
        (TieBreak::Random { seed }, _) => {
            let stream = cluster.pod(pod).draws.round(attempt);
            Some(best(generator(seed, Purpose::TieBreak, stream).random_range(0..count)))
        }
    }
}
