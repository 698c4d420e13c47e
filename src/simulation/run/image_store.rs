//! Which images the ECS nodes have, and when their node objects say so.

use rustc_hash::FxHashMap;

use crate::id::NodeId;
use crate::units::SimTime;

/// Images by node, each with the instant from which it is there.
#[derive(Debug, Default)]
pub(super) struct ImageStore {
    available: FxHashMap<(NodeId, String), SimTime>,
}

impl ImageStore {
    /// The image is on the node from `instant` on; an earlier instant stays.
    pub(super) fn arrives(&mut self, node: NodeId, image: &str, instant: SimTime) {
        let known = self.available.entry((node, image.to_owned())).or_insert(instant);
        *known = (*known).min(instant);
    }

    /// When the image is, or was, there; `None` if nobody has pulled it.
    pub(super) fn available_at(&self, node: NodeId, image: &str) -> Option<SimTime> {
        self.available.get(&(node, image.to_owned())).copied()
    }
}
