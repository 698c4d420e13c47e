//! What the cluster is asked to do: requests to workloads, and pods that come and go.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::Shape;
use super::law::{BatchSize, Law};
use crate::scenario::notation::{Amount, Duration, Rate};

/// Requests to a workload.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Traffic {
    /// The workload, as KIND/NAMESPACE/NAME: `Deployment/istio-system/istio-ingressgateway`. An ASM gateway may stand
    /// for its Deployment: `IstioGateway/istio-system/ingressgateway`.
    pub to: String,
    /// How many requests there are over time.
    pub rate: Shape,
    /// How much cpu 1000 requests per second use. Default: 350m (Envoy as of Istio 1.10; measured from 200m to 500m,
    /// depending on its version).
    pub cpu_per_thousand_requests: Option<Amount>,
    /// How much memory 1000 requests per second hold in a pod, beside `baseMemory`. Default: 40M (Envoy as of Istio
    /// 1.10; 60M as of 1.24).
    pub memory_per_thousand_requests: Option<Amount>,
    /// The memory that each container of a pod holds without requests. Of several streams to one workload the first
    /// says it. Default: 64Mi (estimate).
    pub base_memory: Option<Amount>,
    /// What the time of requests depends on beside their cpu. Where it is given, if only as `{}`, the summary tells how
    /// long requests take: `traffic.latencySeconds`. Default: that is not measured.
    pub service_time: Option<ServiceTime>,
    /// New pods are slow for a while. Streams to the same workload agree on it. Default: they are not.
    pub warm_up: Option<WarmUp>,
}

/// What the time of requests depends on beside their cpu.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ServiceTime {
    /// What each request waits for others, without using cpu. Default: 0s.
    pub base: Option<Duration>,
    /// The coefficient of variation of the cpu time of a request: 0 if all take the same, 1 for exponential times, at
    /// most 10. Default: 1.
    pub cv: Option<f64>,
    /// The longest that a request waits for a core; where requests want more than there is, those that are served wait
    /// that long. Default: 15s (Envoy's timeout of a route).
    pub queue_timeout: Option<Duration>,
}

/// For how long new pods are slow, and how much.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WarmUp {
    /// How long after it was ready for the first time.
    #[serde(rename = "for")]
    pub lasts: Duration,
    /// How many times as much cpu a request takes meanwhile; at least 1.
    pub cpu_factor: f64,
}

/// A source of bare pods, each of which runs for a while and then completes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PodSource {
    /// When pods arrive.
    pub arrivals: Arrivals,
    /// How many pods come with each arrival. Default: one.
    pub batch: Option<BatchSize>,
    /// No pod arrives before this instant. Default: 0s.
    pub start: Option<Duration>,
    /// No pod arrives at this instant or later. Default: the horizon.
    pub end: Option<Duration>,
    /// No more pods than this arrive. Default: no bound.
    pub max: Option<u64>,
    /// How long a pod runs once it is ready.
    pub lifetime: Law,
    /// The pods: a Kubernetes PodTemplateSpec (metadata.labels, metadata.annotations, spec).
    #[schemars(with = "serde_json::Map<String, Value>")]
    pub template: Value,
    /// The namespace of the pods. Default: default.
    pub namespace: Option<String>,
    /// Whether the pods take time to start. Default: normal.
    pub startup: Option<Startup>,
    /// The pods' grace period, instead of the template's.
    pub grace_period: Option<Duration>,
}

impl PodSource {
    /// The namespace of the pods.
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }
}

/// When pods arrive.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Arrivals {
    /// Independently of each other, at a mean rate.
    Poisson {
        /// The mean rate.
        rate: Rate,
    },
    /// Independently of each other, at a rate that varies: any shape that traffic has, read as pods.
    Varying {
        /// The rate over time of the run.
        rate: Shape,
    },
    /// At distances that are drawn one by one, the first from the source's start.
    Renewal {
        /// How the distances are distributed.
        distance: Law,
    },
    /// At equal distances.
    Regular {
        /// The distance.
        every: Duration,
        /// When the first arrives, from the source's start. Default: 0s.
        first: Option<Duration>,
    },
}

/// Whether pods take time to start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Startup {
    /// They do not: a pod is ready when it is bound.
    None,
    /// They do, as the nodes that they run on say.
    #[default]
    Normal,
}
