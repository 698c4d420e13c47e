//! What adds and removes nodes.

use super::NodeSetup;
use crate::capacity::Law;
use crate::controller::node_autoscaler::{Config, Group, PoolSize};
use crate::scheduler::Profile;

/// Which autoscaler it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeAutoscalerKind {
    /// cluster-autoscaler.
    ClusterAutoscaler,
    /// ACK's node instant elasticity.
    InstantElasticity,
}

/// A node autoscaler.
#[derive(Clone)]
pub struct NodeAutoscalerSetup {
    /// Which it is: they differ in what they tell.
    pub kind: NodeAutoscalerKind,
    /// Its settings.
    pub config: Config,
    /// Its groups.
    pub groups: Vec<NodeGroupSetup>,
    /// The names of its pools with their sizes, and how many nodes each has at the start.
    pub pools: Vec<(String, PoolSize, u32)>,
    /// The filters that it knows, by scheduler.
    pub profiles: Vec<Profile>,
    /// How new nodes come.
    pub provision: ProvisionSetup,
}

/// A node group.
#[derive(Clone, Debug)]
pub struct NodeGroupSetup {
    /// What the autoscaler knows of it.
    pub group: Group,
    /// What new nodes are like, one for each zone in turn; they differ in their zone alone.
    pub machines: Vec<NodeSetup>,
}

impl NodeGroupSetup {
    /// Whether machines of this pool and instance type belong to it.
    pub fn is_of(&self, pool: &str, instance_type: &str) -> bool {
        self.machines.iter().any(|one| one.pool == pool && one.instance_type == instance_type)
    }
}

/// How new nodes come.
#[derive(Clone, Debug, PartialEq)]
pub struct ProvisionSetup {
    /// From the request, when the machine is paid for, until the Node is registered.
    pub register: Law,
    /// From then until the Node is ready.
    pub ready: Law,
    /// There is no machine where a draw of 64 bits is below this.
    pub fails_below: u128,
}
