//! Nodes in a few words.

use overspill::object::image::NodeImage;
use overspill::object::{Effect, LABEL_HOSTNAME, LABEL_ZONE, Taint};
use overspill::{Bytes, MilliCpu, NodeSpec};

/// A node that is being described.
#[derive(Clone, Debug)]
pub(crate) struct ANode(pub(crate) NodeSpec);

/// A node of 8 cores, 16 GiB and 110 pods that bears its name as hostname.
pub(crate) fn node(name: &str) -> ANode {
    let mut spec = NodeSpec { allocatable_pods: 110, ..NodeSpec::named(name) };
    spec.allocatable.cpu = MilliCpu::from_cores(8);
    spec.allocatable.memory = Bytes::from_gib(16);
    spec.labels.set(LABEL_HOSTNAME, name);
    ANode(spec)
}

impl ANode {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// With so many thousandths of a core.
    pub(crate) fn millis(mut self, millis: i64) -> Self {
        self.0.allocatable.cpu = MilliCpu(millis);
        self
    }

    /// With so many bytes of memory.
    pub(crate) fn bytes(mut self, bytes: i64) -> Self {
        self.0.allocatable.memory = Bytes(bytes);
        self
    }

    /// With so many MiB of memory.
    pub(crate) fn mib(self, mib: i64) -> Self {
        self.bytes(Bytes::from_mib(mib).0)
    }

    /// With room for so many pods.
    pub(crate) fn pods(mut self, pods: i64) -> Self {
        self.0.allocatable_pods = pods;
        self
    }

    /// With so many of an extended resource.
    pub(crate) fn device(mut self, name: &str, count: i64) -> Self {
        self.0.allocatable.scalar.insert(name.to_owned(), count);
        self
    }

    /// In a zone.
    pub(crate) fn zone(self, zone: &str) -> Self {
        self.label(LABEL_ZONE, zone)
    }

    /// With a label.
    pub(crate) fn label(mut self, key: &str, value: &str) -> Self {
        self.0.labels.set(key, value);
        self
    }

    /// Without a label.
    pub(crate) fn without(mut self, key: &str) -> Self {
        self.0.labels.0.remove(key);
        self
    }

    /// With a taint.
    pub(crate) fn taint(mut self, key: &str, value: &str, effect: Effect) -> Self {
        self.0.taints.push(Taint { key: key.to_owned(), value: value.to_owned(), effect });
        self
    }

    /// Cordoned.
    pub(crate) fn cordoned(mut self) -> Self {
        self.0.unschedulable = true;
        self
    }

    /// With an image of so many MiB.
    pub(crate) fn image(mut self, name: &str, mib: i64) -> Self {
        self.0.images.push(NodeImage { names: vec![name.to_owned()], size_bytes: mib << 20 });
        self
    }
}
