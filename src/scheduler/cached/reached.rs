//! What attempts have come by: tests ask, so that none of it goes untested.

/// How often attempts met what is hard to get right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// The attempt was the reference's.
    pub left_to_reference: u64,
    /// The search went past the end of the node order.
    pub wrapped: u64,
    /// The search ended before it had seen all nodes.
    pub stopped: u64,
    /// More than one node was best.
    pub tied: u64,
    /// The least or the greatest raw score of a plugin was not what it was in the attempt before.
    pub keys_changed: u64,
    /// There were too many codes, and the domains were counted as the reference does it.
    pub codes_ran_out: u64,
    /// A filter looked at the cluster.
    pub direct_filters: u64,
    /// A score looked at the cluster.
    pub direct_scores: u64,
    /// More had changed than the log kept.
    pub fell_behind: u64,
}
