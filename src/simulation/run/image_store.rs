//! Which images the ECS nodes have, and when their node objects say so.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::id::{ClassId, Interner, NodeId};
use crate::object::PodSpec;
use crate::object::image::normalized;
use crate::simulation::Scenario;
use crate::units::{Bytes, SimTime};

/// An image that pods of a class have.
#[derive(Clone, Debug)]
pub(super) struct PodImage {
    /// Its normalised name.
    pub(super) name: Arc<str>,
    pub(super) size: Bytes,
    number: u32,
}

/// Images by node, each with the instant from which it is there. Names are numbered as they come up.
#[derive(Debug, Default)]
pub(super) struct ImageStore {
    names: Interner,
    of_class: FxHashMap<ClassId, Arc<[PodImage]>>,
    available: FxHashMap<(NodeId, u32), SimTime>,
}

impl ImageStore {
    /// The images of pods of a class in order of name, each once.
    pub(super) fn of_class(&mut self, class: ClassId, pod: &PodSpec, scenario: &Scenario) -> Arc<[PodImage]> {
        if let Some(known) = self.of_class.get(&class) {
            return Arc::clone(known);
        }
        let names: BTreeSet<_> = pod.containers.iter().map(|one| normalized(&one.image)).collect();
        let size =
            |name: &str| scenario.image_sizes.get(name).copied().unwrap_or(scenario.default_image_size);
        let image = |name: String| {
            let number = self.names.intern(&name);
            PodImage { size: size(&name), name: Arc::clone(self.names.text(number)), number }
        };
        let images: Arc<[_]> = names.into_iter().map(image).collect();
        self.of_class.insert(class, Arc::clone(&images));
        images
    }

    /// The image is on the node from `instant` on; an earlier instant stays.
    pub(super) fn arrives(&mut self, node: NodeId, image: &PodImage, instant: SimTime) {
        self.arrives_as(node, image.number, instant);
    }

    /// The node has had an image of this name from the start.
    pub(super) fn was_there(&mut self, node: NodeId, name: &str) {
        let number = self.names.intern(name);
        self.arrives_as(node, number, SimTime::ZERO);
    }

    /// When the image is, or was, there; `None` if nobody has pulled it.
    pub(super) fn available_at(&self, node: NodeId, image: &PodImage) -> Option<SimTime> {
        self.available.get(&(node, image.number)).copied()
    }

    /// A node has failed: what it was pulling has not come.
    pub(super) fn lose_pulls(&mut self, node: NodeId, now: SimTime) {
        self.available.retain(|(at, _), instant| *at != node || *instant <= now);
    }

    fn arrives_as(&mut self, node: NodeId, number: u32, instant: SimTime) {
        let known = self.available.entry((node, number)).or_insert(instant);
        *known = (*known).min(instant);
    }
}
