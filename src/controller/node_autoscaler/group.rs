//! Node groups: what a new node of each would be.

use crate::object::NodeSpec;
use crate::units::{Bytes, MilliCpu, Price};

/// Nodes that are alike. A pool of several instance types is a group for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name: that of the pool, and of the instance type if the pool has several.
    pub name: String,
    /// Which of the pools it belongs to.
    pub pool: usize,
    /// What new nodes are like, one for each zone in turn.
    pub templates: Vec<NodeSpec>,
    /// The cpu of a node, reserved parts included.
    pub cpu: MilliCpu,
    /// The same of memory.
    pub memory: Bytes,
    /// What a node costs.
    pub price: Price,
}

impl Group {
    /// What the `n`-th new node would be like.
    pub fn template(&self, n: usize) -> &NodeSpec {
        &self.templates[n % self.templates.len()]
    }
}

/// How many nodes a pool may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize {
    /// No fewer.
    pub min: u32,
    /// No more.
    pub max: u32,
}
