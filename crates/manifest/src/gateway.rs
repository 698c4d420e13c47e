//! `IstioGateway`, the resource by which ASM makes a gateway's Deployment, Service and autoscaler.
//!
//! Source: ASM, "ASM gateway CRD reference".

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Affinity, EnvVar, ResourceRequirements, Toleration};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use k8s_openapi::{NamespaceResourceScope, Resource};
use serde::Deserialize;
use serde_json::Value;

/// An ingress or egress gateway of ASM.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct IstioGateway {
    /// `istio.alibabacloud.com/v1beta1`.
    #[serde(default)]
    pub api_version: String,
    /// `IstioGateway`.
    #[serde(default)]
    pub kind: String,
    /// Its name and labels.
    #[serde(default)]
    pub metadata: ObjectMeta,
    /// What it is like.
    #[serde(default)]
    pub spec: IstioGatewaySpec,
    /// What a server reports of it.
    pub status: Option<Value>,
}

impl Resource for IstioGateway {
    const API_VERSION: &'static str = "istio.alibabacloud.com/v1beta1";
    const GROUP: &'static str = "istio.alibabacloud.com";
    const KIND: &'static str = "IstioGateway";
    const VERSION: &'static str = "v1beta1";
    const URL_PATH_SEGMENT: &'static str = "istiogateways";
    type Scope = NamespaceResourceScope;
}

/// What a gateway is like.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct IstioGatewaySpec {
    /// Where its traffic goes.
    pub gateway_type: Option<GatewayType>,
    /// The clusters that it runs in.
    #[serde(default)]
    pub cluster_ids: Vec<String>,
    /// The ports of its Service.
    #[serde(default)]
    pub ports: Vec<GatewayPort>,
    /// `LoadBalancer`, `NodePort` or `ClusterIP`.
    pub service_type: Option<String>,
    /// Annotations of its Service.
    #[serde(default)]
    pub service_annotations: BTreeMap<String, String>,
    /// `Cluster` or `Local`.
    pub external_traffic_policy: Option<String>,
    /// The address of its load balancer.
    #[serde(rename = "loadBalancerIP")]
    pub load_balancer_ip: Option<String>,
    /// How many pods it has at first, or always without autoscaling.
    pub replica_count: Option<i32>,
    /// Whether it has an autoscaler.
    pub autoscale_enabled: Option<bool>,
    /// The fewest pods that the autoscaler keeps.
    pub min_replicas: Option<i32>,
    /// The most.
    pub max_replicas: Option<i32>,
    /// The cpu utilisation that the autoscaler aims at.
    pub cpu: Option<GatewayUtilization>,
    /// The memory utilisation that the autoscaler aims at.
    pub memory: Option<GatewayUtilization>,
    /// Requests and limits of its container.
    pub resources: Option<ResourceRequirements>,
    /// Labels of the nodes that it may run on.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// Its affinity.
    pub affinity: Option<Affinity>,
    /// The taints that it tolerates.
    pub tolerations: Option<Vec<Toleration>>,
    /// Annotations of its pods.
    #[serde(default)]
    pub pod_annotations: BTreeMap<String, String>,
    /// Labels of its pods.
    #[serde(default)]
    pub pod_labels: BTreeMap<String, String>,
    /// Environment variables of its container.
    #[serde(default)]
    pub env: Vec<EnvVar>,
    /// Whether it uses the node's network.
    pub host_network: Option<bool>,
    /// How it resolves names.
    pub dns_policy: Option<String>,
    /// Whether it runs as root.
    pub run_as_root: Option<bool>,
    /// How many pods a rollout adds at once.
    pub rolling_max_surge: Option<IntOrString>,
    /// How many pods a rollout takes away at once.
    pub rolling_max_unavailable: Option<IntOrString>,
    /// Kernel parameters.
    pub kernel: Option<Value>,
    /// Compression of responses.
    pub compression: Option<Value>,
    /// What happens when a container starts and before it stops.
    pub lifecycle: Option<Value>,
    /// When it is ready.
    pub readiness_probe: Option<Value>,
    /// ConfigMaps that are mounted.
    pub config_volumes: Option<Value>,
    /// Secrets that are mounted.
    pub secret_volumes: Option<Value>,
    /// Other values in single clusters.
    pub overrides: Option<Value>,
}

/// Where a gateway's traffic goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GatewayType {
    /// Into the mesh.
    Ingress,
    /// Out of it.
    Egress,
}

/// A port of a gateway's Service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GatewayPort {
    /// Its name.
    pub name: Option<String>,
    /// Its number.
    pub port: i32,
    /// The port of the pods.
    pub target_port: Option<i32>,
    /// The port of the nodes.
    pub node_port: Option<i32>,
    /// `TCP`, `HTTP`, `HTTP2`, `HTTPS` and the like.
    pub protocol: Option<String>,
}

/// A utilisation to aim at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GatewayUtilization {
    /// Percent of the request.
    pub target_average_utilization: i32,
}

#[cfg(test)]
mod tests {
    use crate::{Decoder, Source, read_documents};

    #[test]
    fn misspelt_fields_are_told_at_every_depth() {
        let text = "apiVersion: istio.alibabacloud.com/v1beta1\nkind: IstioGateway\nmetadata: {name: x}\n\
                    spec: {toleration: [], ports: [{port: 80, targetport: 80}], gatewayType: inward}\n";
        let mut decoder = Decoder::new(false);
        let read = read_documents(&Source::new("f.yaml", text));
        decoder.decode(&read.documents[0]);
        let told: Vec<_> = decoder.finish().into_iter().map(|one| (one.message, one.help)).collect();
        let message = |text: &str| told.iter().find(|(message, _)| message.contains(text)).expect(text);
        assert_eq!(message("`toleration`").1.as_deref(), Some("did you mean `tolerations`?"));
        assert_eq!(message("`targetport`").1.as_deref(), Some("did you mean `targetPort`?"));
        assert_eq!(message("`inward`").0, "expected one of ingress, egress, found `inward`");
    }
}
