//! Room on nodes that pods were sent away for in one round.

use std::collections::BTreeMap;

use crate::id::NodeId;
use crate::object::{NodeSpec, Resources};
use crate::units::{Bytes, MilliCpu};

/// What each node is expected to take soon.
#[derive(Clone, Debug, Default)]
pub struct Promises(BTreeMap<NodeId, Expected>);

#[derive(Clone, Debug, Default)]
struct Expected {
    requests: Resources,
    pods: i64,
}

/// What a node has and what is taken of it.
#[derive(Clone, Copy, Debug)]
pub struct Usage<'a> {
    /// What it says of itself.
    pub spec: &'a NodeSpec,
    /// What its pods request.
    pub requested: &'a Resources,
    /// How many they are.
    pub pods: usize,
}

impl Promises {
    /// Whether a node has room for `request` beside its pods and those that are expected there.
    pub fn leave_room(&self, node: NodeId, usage: Usage<'_>, request: &Resources) -> bool {
        let none = Expected::default();
        let expected = self.0.get(&node).unwrap_or(&none);
        let mut taken = usage.requested.clone();
        taken.add(&expected.requests);
        let whole = &usage.spec.allocatable;
        usage.pods as i64 + expected.pods < usage.spec.allocatable_pods
            && (request.cpu <= MilliCpu::ZERO || request.cpu <= whole.cpu - taken.cpu)
            && (request.memory <= Bytes::ZERO || request.memory <= whole.memory - taken.memory)
            && (request.ephemeral <= Bytes::ZERO || request.ephemeral <= whole.ephemeral - taken.ephemeral)
            && request
                .scalar
                .iter()
                .all(|(name, &amount)| amount <= 0 || amount <= whole.scalar(name) - taken.scalar(name))
    }

    /// A pod is expected on a node.
    pub fn promise(&mut self, node: NodeId, request: &Resources) {
        let expected = self.0.entry(node).or_default();
        expected.requests.add(request);
        expected.pods += 1;
    }
}
