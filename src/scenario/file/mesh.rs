//! The service mesh.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::law::Law;
use crate::scenario::notation::Amount;

/// An ASM instance (or an Istio) that the cluster belongs to: new pods get a sidecar where labels ask for one.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Mesh {
    /// The version of the ASM instance, such as 1.18.0.131. Default: one that meets every precondition.
    pub version: Option<String>,
    /// The type of the cluster. Default: ackPro.
    pub cluster_type: Option<ClusterType>,
    /// The revision of the control plane, which istio.io/rev names. One with a name of its own does not serve
    /// istio-injection. Default: default.
    pub revision: Option<String>,
    /// Whether a pod that labels let through, and that does not say what it wants, gets a sidecar. Default: true.
    pub auto_inject: Option<bool>,
    /// Whether namespaces without a label count as enabled. Default: false.
    pub enable_namespaces_by_default: Option<bool>,
    /// Pods that get no sidecar unless they ask for one. Default: none.
    #[serde(default)]
    pub never_inject_selector: Vec<LabelSelector>,
    /// Pods that get a sidecar although autoInject is false. Default: none.
    #[serde(default)]
    pub always_inject_selector: Vec<LabelSelector>,
    /// What the sidecar is.
    #[serde(default)]
    pub proxy: Proxy,
    /// Whether the sidecar is a native one, an init container with restartPolicy Always. Default: false.
    pub native_sidecar: Option<bool>,
    /// Whether the application starts only after the sidecar is ready. Default: false.
    pub hold_application_until_proxy_starts: Option<bool>,
    /// Whether a CNI plugin redirects the traffic: istio-validation takes the place of istio-init. Default: false.
    pub cni: Option<bool>,
    /// How long a started sidecar takes to be ready. Default: uniform from 1s to 2s (estimate).
    pub ready: Option<Law>,
    /// How much cpu 1000 requests per second use in a sidecar, beside what the application uses. Default: 350m
    /// (Envoy as of Istio 1.10; measured from 200m to 500m, depending on its version).
    pub cpu_per_thousand_requests: Option<Amount>,
    /// How much memory 1000 requests per second hold in a sidecar. Default: 40M (Envoy as of Istio 1.10; 60M as of
    /// 1.24).
    pub memory_per_thousand_requests: Option<Amount>,
}

/// The type of a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ClusterType {
    /// ACK standard (managed, basic).
    AckStandard,
    /// ACK Pro (managed).
    #[default]
    AckPro,
    /// ACK dedicated.
    AckDedicated,
    /// Serverless: every pod runs on ECI by itself. Not simulated.
    Ask,
}

/// The sidecar. Annotations of a pod (sidecar.istio.io/proxyCPU, …) go before this.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Proxy {
    /// Its image, which the init container has too. Default: proxyv2.
    pub image: Option<String>,
    /// The cpu that it requests. Default: 100m.
    pub cpu: Option<Amount>,
    /// The memory that it requests. Default: 128Mi.
    pub memory: Option<Amount>,
    /// The cpu that it may use. Default: "2".
    pub cpu_limit: Option<Amount>,
    /// The memory that it may use. Default: 1Gi.
    pub memory_limit: Option<Amount>,
}

/// A label selector as Kubernetes writes it: all of it must hold. One that says nothing selects nothing.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LabelSelector {
    /// Labels and their values.
    #[serde(default)]
    pub match_labels: IndexMap<String, String>,
    /// Conditions on labels.
    #[serde(default)]
    pub match_expressions: Vec<LabelExpression>,
}

/// A condition on a label.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LabelExpression {
    /// The label.
    pub key: String,
    /// How it compares.
    pub operator: LabelOperator,
    /// With what; for In and NotIn only.
    #[serde(default)]
    pub values: Vec<String>,
}

/// How a label compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum LabelOperator {
    /// Its value is one of the listed ones.
    In,
    /// Its value is none of the listed ones, or it is missing.
    NotIn,
    /// It is there.
    Exists,
    /// It is missing.
    DoesNotExist,
}
