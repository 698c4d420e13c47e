//! What has changed in a cluster, in order, for those who keep something that they worked out from it.
//!
//! The log of single nodes holds the last [`KEPT`] changes. Whoever reads it remembers how far it has read; one that has fallen behind
//! what is kept must look at everything anew.

use crate::id::{ClassId, NodeId};

/// How many changes are kept.
const KEPT: usize = 1 << 17;

/// One change of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A pod of a class came to the node, or left it.
    Pods {
        /// The node.
        node: NodeId,
        /// The pod's class.
        class: ClassId,
        /// How many more pods of the class the node has that are not terminating.
        live: i8,
    },
    /// The node says something else of itself.
    Spec(NodeId),
    /// The node has other images.
    Images(NodeId),
    /// The node has one more image.
    Image {
        /// The node.
        node: NodeId,
        /// The number of the image's name, see [`Images::name`](super::Images::name).
        image: u32,
    },
}

/// The last changes of a cluster.
#[derive(Debug, Default)]
pub struct Changes {
    ring: Vec<Change>,
    written: u64,
    era: Era,
}

/// Between two changes of one of these everything that stands in node order, or was worked out from what selects pods
/// and from the labels of namespaces, stays where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Era {
    order: u64,
    owners: u64,
    namespaces: u64,
}

/// A copy of a cluster is another cluster, of which nobody has read anything yet.
impl Clone for Changes {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Changes {
    pub(super) fn note(&mut self, change: Change) {
        let place = self.written as usize % KEPT;
        match self.ring.get_mut(place) {
            Some(old) => *old = change,
            None => self.ring.push(change),
        }
        self.written += 1;
    }

    pub(super) fn reordered(&mut self) {
        self.era.order += 1;
    }

    pub(super) fn owners_changed(&mut self) {
        self.era.owners += 1;
    }

    pub(super) fn namespaces_changed(&mut self) {
        self.era.namespaces += 1;
    }

    /// Which order of nodes, owners and namespaces there are.
    pub fn era(&self) -> Era {
        self.era
    }

    /// How many changes there ever were: what to remember after having looked at everything.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// The changes since `read` of them were known; `None` if not all of those are kept.
    pub fn since(&self, read: u64) -> Option<impl Iterator<Item = Change>> {
        let missed = self.written.checked_sub(read)?;
        (missed <= KEPT as u64).then(|| (read..self.written).map(|one| self.ring[one as usize % KEPT]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(count: u32) -> Changes {
        let mut changes = Changes::default();
        (0..count).for_each(|node| changes.note(Change::Spec(NodeId(node))));
        changes
    }

    #[test]
    fn what_was_read_is_not_told_again_and_what_is_lost_is_told_as_lost() {
        let log = changes(3);
        let told: Vec<_> = log.since(1).expect("it is kept").collect();
        assert_eq!(told, [Change::Spec(NodeId(1)), Change::Spec(NodeId(2))]);
        let long = changes(KEPT as u32 + 2);
        assert!(long.since(1).is_none() && long.since(0).is_none());
        let oldest = long.since(2).expect("it is kept").next();
        assert_eq!(oldest, Some(Change::Spec(NodeId(2))));
    }

    #[test]
    fn a_copy_has_a_log_of_its_own() {
        assert_eq!(changes(5).clone().written(), 0);
    }
}
