//! OpenKruise.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Law;
use super::mesh::ClusterType;

/// ack-kruise and what it works with: SidecarSets are injected into new pods, and into pods on virtual nodes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Kruise {
    /// The version of ack-kruise, such as 1.3.0. Default: one that meets every precondition.
    pub version: Option<String>,
    /// The version of the ACK Virtual Node component, such as 2.13.0. Default: one that meets every precondition.
    pub virtual_node_version: Option<String>,
    /// The version of Kubernetes, such as 1.30. Default: one that meets every precondition.
    pub kubernetes_version: Option<String>,
    /// The type of the cluster. Default: ackPro.
    pub cluster_type: Option<ClusterType>,
    /// Whether the feature gate SidecarSetServerlessPod of the API server is on: without it nothing is injected into
    /// pods on virtual nodes. Default: false, as in a new cluster.
    pub sidecar_set_serverless_pod: Option<bool>,
    /// How long the postStart hook of a hot upgrade takes to move the state over to the new container. Default: 5s
    /// (estimate).
    pub migration: Option<Law>,
}
