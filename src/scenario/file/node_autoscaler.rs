//! What adds and removes nodes.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::law::Law;
use crate::scenario::notation::{Amount, Duration};

/// An autoscaler of nodes: pools with `autoscale` grow for pods that are Unschedulable, and shrink when nodes are not
/// needed. Settings are those of cluster-autoscaler's flags.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NodeAutoscaler {
    /// Which autoscaler it is. It decides the defaults: ACK's, or upstream's.
    pub kind: NodeAutoscalerKind,
    /// How often it looks. Default: 60s on ACK, 10s upstream.
    pub scan_interval: Option<Duration>,
    /// How long after a pod was found to fit nowhere instant elasticity looks. Default: 3500ms (measured: 3 to 4 s).
    pub reaction: Option<Duration>,
    /// Which group grows where several could, each expander deciding between those that the one before finds equal.
    /// Default: least-waste on ACK, random upstream.
    pub expander: Option<Vec<Expander>>,
    /// For the expander `priority`: patterns of group names, regular expressions, by priority; the highest that matches
    /// wins. A group is called as its pool, or POOL/INSTANCETYPE where the pool has several types.
    #[serde(default)]
    pub priorities: IndexMap<String, Vec<String>>,
    /// Whether groups that are alike grow evenly. Default: false.
    pub balance_similar_node_groups: Option<bool>,
    /// Pods that are younger do not count. Default: 0s.
    pub new_pod_scale_up_delay: Option<Duration>,
    /// Pods of lower priority do not count. Default: -10.
    pub expendable_pods_priority_cutoff: Option<i32>,
    /// The most nodes that one scan asks for. Default: 180 for instant elasticity, 1000 for cluster-autoscaler.
    pub max_nodes_per_scale_up: Option<u32>,
    /// The most nodes of the cluster, virtual ones included. Default: no bound.
    pub max_nodes_total: Option<u32>,
    /// The most cpu of all groups together. Default: no bound.
    pub max_cores_total: Option<Amount>,
    /// The most memory of all groups together. Default: no bound.
    pub max_memory_total: Option<Amount>,
    /// When a node that was asked for is given up. Default: 15m.
    pub max_node_provision_time: Option<Duration>,
    /// When nodes go.
    #[serde(default)]
    pub scale_down: ScaleDown,
    /// How new nodes come.
    #[serde(default)]
    pub provision: Provision,
}

/// Which autoscaler it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum NodeAutoscalerKind {
    /// cluster-autoscaler with upstream's defaults.
    #[serde(rename = "cluster-autoscaler")]
    ClusterAutoscaler,
    /// cluster-autoscaler as ACK sets it up ("node auto scaling").
    #[serde(rename = "ack-cluster-autoscaler")]
    AckClusterAutoscaler,
    /// ACK's node instant elasticity (GOATScaler), the default of ACK since Kubernetes 1.24.
    #[serde(rename = "instant-elasticity")]
    InstantElasticity,
}

/// Which group grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expander {
    /// One is drawn.
    Random,
    /// The one whose new nodes would be left with the least.
    LeastWaste,
    /// The one that helps the most pods.
    MostPods,
    /// The one of the highest priority, by `priorities`.
    Priority,
    /// The one that costs the least for what the pods are worth.
    Price,
}

/// When nodes go.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ScaleDown {
    /// Whether nodes go at all. Default: true.
    pub enabled: Option<bool>,
    /// A node may go while less than this share of its cpu and of its memory is requested. Default: 0.5.
    pub utilization_threshold: Option<f64>,
    /// How long a node must have been unneeded. Default: 10m.
    pub unneeded_time: Option<Duration>,
    /// The same of a node that is not ready. Default: 20m.
    pub unready_time: Option<Duration>,
    /// How long after a scale-up no node goes. Default: 10m.
    pub delay_after_add: Option<Duration>,
    /// How long after a node went no other goes. Default: 0s, so that the next scan decides.
    pub delay_after_delete: Option<Duration>,
    /// How long after a removal failed no node goes. Default: 3m.
    pub delay_after_failure: Option<Duration>,
    /// Whether a node stays for pods of kube-system that no PodDisruptionBudget covers. Default: true.
    pub skip_nodes_with_system_pods: Option<bool>,
    /// Whether a node stays for pods with emptyDir volumes. Default: false on ACK, true upstream.
    pub skip_nodes_with_local_storage: Option<bool>,
    /// Whether pods of DaemonSets count as if they and what they take were not there. Default: false.
    pub ignore_daemon_sets_utilization: Option<bool>,
    /// The longest that pods are given to end. Default: 14400s on ACK, 600s upstream.
    pub max_graceful_termination: Option<Duration>,
}

/// How new nodes come: a machine is paid for from the request on.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Provision {
    /// From the request until the Node is registered. Default: uniform from 9500ms to 12500ms (measured on ACK).
    pub register: Option<Law>,
    /// From then until the Node is ready. Default: for instant elasticity one of 35500ms, 36500ms, 38500ms and 54500ms
    /// (measured on ACK); else lognormal with median 45s and sigma 0.2 (estimate).
    pub ready: Option<Law>,
    /// The share of requests that find no machine: their group is left alone for a while. Default: 0.
    pub failure_share: Option<f64>,
}

/// How many nodes an autoscaler may give a pool.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Autoscale {
    /// No fewer than this. Default: 0.
    #[serde(default)]
    pub min: u32,
    /// No more than this, of all instance types together.
    pub max: u32,
    /// Further instance types that new nodes may have, each of which is a node group of its own. Default: none.
    #[serde(default)]
    pub instance_types: Vec<String>,
}
