//! The descheduler.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::scenario::notation::Duration;

/// A descheduler (kubernetes-sigs/descheduler): has pods evicted through the eviction API, so that the scheduler may find
/// them better nodes. Fields are called as in a DeschedulerPolicy where it has them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Descheduler {
    /// What it evicts.
    pub policy: DeschedulerPolicy,
    /// How often it looks, from the start of the run on (`deschedulingInterval`). Default: 5m (its Helm chart).
    pub interval: Option<Duration>,
    /// Of RemovePodsViolatingNodeAffinity: which affinity counts. Default: preferredDuringSchedulingIgnoredDuringExecution.
    pub node_affinity_type: Option<NodeAffinityType>,
    /// Of RemovePodsViolatingNodeAffinity: whether a pod is evicted only if some other node takes it. Default: false, as
    /// upstream. VirtualNodesFirst always looks for room on an ECS node.
    pub node_fit: Option<bool>,
    /// Pods that their kubelet has known for less time are spared. Default: 0s.
    pub min_pod_age: Option<Duration>,
    /// Pods of this priority and above are spared. Default: those of a critical priority (2000000000).
    pub priority_threshold: Option<i32>,
    /// Pods whose owner has fewer pods are spared. Default: 0.
    pub min_replicas: Option<u32>,
    /// Whether pods with an emptyDir are evicted too; those with the proxy of a mesh have one. Default: false.
    pub evict_local_storage_pods: Option<bool>,
    /// How many pods it evicts from one node in one round. Default: no limit.
    pub max_no_of_pods_to_evict_per_node: Option<u32>,
    /// How many pods of one namespace it evicts in one round. Default: no limit.
    pub max_no_of_pods_to_evict_per_namespace: Option<u32>,
    /// How many pods it evicts in one round. Default: no limit.
    pub max_no_of_pods_to_evict_total: Option<u32>,
    /// Whether an eviction that a limit or a PodDisruptionBudget does not allow is told as an event. Default: false.
    pub eviction_failure_event_notification: Option<bool>,
}

/// What a descheduler evicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum DeschedulerPolicy {
    /// Pods on virtual nodes that an ECS node takes: it passes the scheduler's filters for the pod, and has room that is not
    /// promised to another pod of the same round. This simulator's own.
    VirtualNodesFirst,
    /// Pods that another node suits better by their node affinity, whether or not it has room: upstream's strategy, by which
    /// users bring pods back to the nodes that they prefer.
    RemovePodsViolatingNodeAffinity,
}

/// Which node affinity of a pod counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NodeAffinityType {
    /// Its node is to be one that it selects.
    RequiredDuringSchedulingIgnoredDuringExecution,
    /// Its node is to be one that it prefers most.
    PreferredDuringSchedulingIgnoredDuringExecution,
}
