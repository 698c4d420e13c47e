//! How many feasible nodes are enough.

use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "node-sampling",
    statement: "Of 100 nodes and more, an attempt looks for 50 − nodes/125 percent of them (5 at least, \
                or what the profile sets), and never for fewer than 100.",
    source: "pkg/scheduler/schedule_one.go `numFeasibleNodesToFind`",
    confidence: Confidence::Source,
}];

/// Below this many nodes all are looked at, and never are fewer enough (schedule_one.go:55 `minFeasibleNodesToFind`).
const MIN_NODES: usize = 100;
/// The least percentage of nodes under the adaptive rule (schedule_one.go:60 `minFeasibleNodesPercentageToFind`).
const MIN_PERCENTAGE: usize = 5;

/// How many feasible nodes an attempt looks for among `nodes`; percentage 0 means adaptive
/// (schedule_one.go:697 `numFeasibleNodesToFind`).
pub fn feasible_nodes_to_find(nodes: usize, percentage: u8) -> usize {
    if nodes < MIN_NODES {
        return nodes;
    }
    let percentage = match percentage {
        0 => 50_usize.saturating_sub(nodes / 125).max(MIN_PERCENTAGE),
        given => usize::from(given.min(100)),
    };
    (nodes * percentage / 100).max(MIN_NODES)
}

#[cfg(test)]
mod tests {
    use super::feasible_nodes_to_find;

    /// rule: node-sampling
    #[test]
    fn the_adaptive_rule_is_upstreams() {
        for (nodes, percentage, expected) in [
            (99, 0, 99),
            (100, 0, 100),
            (1000, 0, 420),
            (5000, 0, 500),
            (10_000, 0, 500),
            (300, 10, 100),
            (1000, 50, 500),
            (1000, 100, 1000),
        ] {
            assert_eq!(
                feasible_nodes_to_find(nodes, percentage),
                expected,
                "{nodes} nodes at {percentage} %"
            );
        }
    }
}
