//! The rows of a table, in node order, as columns.

use super::bits::Bits;
use super::code::DEAD;
use crate::cluster::Cluster;
use crate::id::NodeId;

/// The refusal of a node that passes.
pub(super) const PASSES: u8 = u8::MAX;

/// The code of a row that has not been worked out.
pub(super) const UNKNOWN: u8 = u8::MAX;

/// Which node stands in which row.
#[derive(Default)]
pub(super) struct Layout {
    /// The nodes in their order.
    pub(super) order: Vec<NodeId>,
    /// The row of each node, by its index.
    rows: Vec<u32>,
}

impl Layout {
    pub(super) fn of(cluster: &Cluster) -> Self {
        let order = cluster.order().to_vec();
        let most = order.iter().map(|node| node.index() + 1).max().unwrap_or(0);
        let mut rows = vec![u32::MAX; most];
        for (row, node) in (0..).zip(&order) {
            rows[node.index()] = row;
        }
        Self { order, rows }
    }

    pub(super) fn row(&self, node: NodeId) -> usize {
        self.rows[node.index()] as usize
    }
}

/// What is known of every node, column by column.
pub(super) struct Rows {
    /// The first filter that rejects the node by what it says of itself, by its place in the profile.
    pub(super) refused_by_spec: Vec<u8>,
    /// The first filter that rejects the node, of those that look no further than it.
    pub(super) refused: Vec<u8>,
    /// The node's kind, see [`super::code::Codes`].
    pub(super) group: Vec<u16>,
    /// What its usage scores, weighted; 0 if it is rejected.
    pub(super) usage: Vec<i16>,
    /// What each score of the usage has for it, row by row; only where somebody may have to be blamed.
    pub(super) usage_parts: Option<Vec<i16>>,
    /// The code that it has when it passes; [`UNKNOWN`] if that may have changed.
    pub(super) own_code: Vec<u8>,
    /// Its code; [`DEAD`] if it is rejected.
    pub(super) code: Vec<u8>,
    /// Whether it passes.
    pub(super) feasible: Bits,
    /// Whether something on it has changed since.
    pub(super) stale: Bits,
    /// Whether it says something else of itself since.
    pub(super) spec_stale: Bits,
}

impl Rows {
    /// Rows of which nothing is known yet.
    pub(super) fn unknown(count: usize) -> Self {
        Self {
            refused_by_spec: vec![PASSES; count],
            refused: vec![PASSES; count],
            group: vec![0; count],
            usage: vec![0; count],
            usage_parts: None,
            own_code: vec![UNKNOWN; count],
            code: vec![DEAD; count],
            feasible: Bits::empty(count),
            stale: Bits::full(count),
            spec_stale: Bits::full(count),
        }
    }

    /// Nothing is known any more of pods and codes.
    pub(super) fn all_stale(&mut self) {
        self.stale = Bits::full(self.code.len());
        self.own_code.fill(UNKNOWN);
    }

    /// The pods on a node have changed, none of which any score counts one by one.
    pub(super) fn usage_changed(&mut self, row: usize) {
        self.stale.insert(row);
    }

    /// The pods on a node have changed that some score counts.
    pub(super) fn code_changed(&mut self, row: usize) {
        self.stale.insert(row);
        self.own_code[row] = UNKNOWN;
    }

    /// A node says something else of itself.
    pub(super) fn spec_changed(&mut self, row: usize) {
        self.code_changed(row);
        self.spec_stale.insert(row);
    }
}
