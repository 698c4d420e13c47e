//! Which images the nodes have.
//!
//! Source: backend/cache/cache.go `addNodeImageStates` at tag v1.34.1.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::id::{Interner, NodeId};
use crate::object::image::NodeImage;
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "image-size",
    statement: "An image has on every node the size that the first node reported which had it, until all \
                nodes have lost it.",
    source: "pkg/scheduler/backend/cache/cache.go `addNodeImageStates`",
    confidence: Confidence::Source,
}];

/// One image name over all nodes. Its size is what the first node that had it said, for every node.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Image {
    size_bytes: i64,
    nodes: FxHashSet<NodeId>,
}

/// All images by name.
#[derive(Clone, Debug, Default)]
pub struct Images {
    by_name: FxHashMap<Arc<str>, Image>,
    /// Every name that there ever was, and its number.
    names: Interner,
    changes: u64,
}

impl Images {
    pub(super) fn add(&mut self, node: NodeId, images: &[NodeImage]) {
        self.changes += 1;
        for image in images {
            for name in &image.names {
                if let Some(known) = self.by_name.get_mut(name.as_str()) {
                    known.nodes.insert(node);
                    continue;
                }
                let number = self.names.intern(name);
                let name = Arc::clone(self.names.text(number));
                let nodes = FxHashSet::from_iter([node]);
                self.by_name.insert(name, Image { size_bytes: image.size_bytes, nodes });
            }
        }
    }

    pub(super) fn remove(&mut self, node: NodeId, images: &[NodeImage]) {
        self.changes += 1;
        for name in images.iter().flat_map(|image| &image.names) {
            if let Some(image) = self.by_name.get_mut(name.as_str()) {
                image.nodes.remove(&node);
                if image.nodes.is_empty() {
                    self.by_name.remove(name.as_str());
                }
            }
        }
    }

    /// The number of a name that some node has or had; a name keeps its number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.names.number(name)
    }

    /// The name of this number.
    pub fn name(&self, number: u32) -> &str {
        self.names.text(number)
    }

    /// How often the images of a node have changed so far, nodes that came and went included: what was worked out from
    /// images and the number of nodes holds until it is another number.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Size in bytes of an image that `node` has, and how many nodes have it.
    pub fn on_node(&self, name: &str, node: NodeId) -> Option<(i64, usize)> {
        let image = self.by_name.get(name).filter(|image| image.nodes.contains(&node))?;
        Some((image.size_bytes, image.nodes.len()))
    }

    /// Size in bytes of an image that some node has, and how many nodes have it.
    pub fn known(&self, name: &str) -> Option<(i64, usize)> {
        self.by_name.get(name).map(|image| (image.size_bytes, image.nodes.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// rule: image-size
    #[test]
    fn the_first_node_decides_the_size_until_all_have_lost_it() {
        let image = |size_bytes| vec![NodeImage { names: vec!["a:1".into()], size_bytes }];
        let mut images = Images::default();
        images.add(NodeId(0), &image(100));
        images.add(NodeId(1), &image(900));
        assert_eq!(images.on_node("a:1", NodeId(1)), Some((100, 2)));
        images.remove(NodeId(0), &image(100));
        assert_eq!(images.on_node("a:1", NodeId(0)), None);
        images.remove(NodeId(1), &image(900));
        images.add(NodeId(1), &image(900));
        assert_eq!(images.on_node("a:1", NodeId(1)), Some((900, 1)));
    }
}
