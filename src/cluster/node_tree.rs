//! The order in which nodes are visited: zones in turn.
//!
//! Source: backend/cache/node_tree.go:119 at tag v1.34.1.

use crate::id::NodeId;
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "node-order",
    statement: "Nodes are visited zone by zone in turn: zones in order of first appearance, the nodes of \
                a zone in order of addition, and a zone that was emptied comes back last.",
    source: "pkg/scheduler/backend/cache/node_tree.go",
    confidence: Confidence::Source,
}];

/// Nodes by zone; zones in order of first appearance, nodes of a zone in order of addition.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeTree {
    zones: Vec<(String, Vec<NodeId>)>,
}

impl NodeTree {
    pub(super) fn add(&mut self, node: NodeId, zone: &str) {
        match self.zones.iter_mut().find(|(key, _)| key == zone) {
            Some((_, nodes)) => nodes.push(node),
            None => self.zones.push((zone.to_owned(), vec![node])),
        }
    }

    /// Removes a node; a zone without nodes is forgotten, and comes last if it appears again.
    pub(super) fn remove(&mut self, node: NodeId, zone: &str) {
        if let Some((_, nodes)) = self.zones.iter_mut().find(|(key, _)| key == zone) {
            nodes.retain(|&other| other != node);
        }
        self.zones.retain(|(_, nodes)| !nodes.is_empty());
    }

    /// The first node of each zone, then the second of each, and so on.
    pub(super) fn order(&self) -> Vec<NodeId> {
        let longest = self.zones.iter().map(|(_, nodes)| nodes.len()).max().unwrap_or(0);
        (0..longest)
            .flat_map(|turn| self.zones.iter().filter_map(move |(_, nodes)| nodes.get(turn)))
            .copied()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// rule: node-order
    #[test]
    fn zones_take_turns_and_an_emptied_zone_comes_back_last() {
        let mut tree = NodeTree::default();
        for (node, zone) in [(0, "a"), (1, "a"), (2, "b"), (3, "a"), (4, "c")] {
            tree.add(NodeId(node), zone);
        }
        let order = |tree: &NodeTree| tree.order().into_iter().map(|node| node.0).collect::<Vec<_>>();
        assert_eq!(order(&tree), [0, 2, 4, 1, 3]);
        tree.remove(NodeId(2), "b");
        tree.add(NodeId(5), "b");
        assert_eq!(order(&tree), [0, 4, 5, 1, 3]);
    }
}
