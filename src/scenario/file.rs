//! The scenario file as it is typed: no default is filled in here.
//!
//! The doc comments become the descriptions of the JSON Schema that `overspill schema` prints, defaults included.
//! A default marked *estimate* has no published source.

mod descheduler;
mod kruise;
mod law;
mod load;
mod mesh;
mod metrics;
mod node_autoscaler;
mod place;
mod pod_trace;
mod shape;
mod timeline;
mod work;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::notation::{Amount, Duration};

pub use descheduler::{Descheduler, DeschedulerPolicy, NodeAffinityType};
pub use kruise::Kruise;
pub use law::{BatchSize, Empirical, Law};
pub use load::{Arrivals, PodSource, ServiceTime, Startup, Traffic, WarmUp};
pub use mesh::{ClusterType, LabelOperator, LabelSelector, Mesh, Proxy};
pub use metrics::{Metric, MetricSource};
pub use node_autoscaler::{Autoscale, Expander, NodeAutoscaler, NodeAutoscalerKind, Provision, ScaleDown};
pub use place::{
    Acs, Billing, Eci, Ecs, NodeFailures, Pool, PoolSpot, Preemption, Reservation, Spot, VirtualNode,
};
pub use pod_trace::{CpuUnit, MemoryUnit, PodTrace, TraceOwner};
pub use shape::{Bursts, Diurnal, FlashCrowd, Shape, State, TimeUnit, Trace};
pub use timeline::{
    Annotating, Cordoning, Deletion, Draining, EciPriceSetting, Failing, ImageSetting, Labelling, Objects,
    Patching, PodRun, PriceSetting, QuotaSetting, Restarting, Scaling, StockSetting, Tainting, TimelineStep,
};
pub use work::{Sidecars, Work};

/// A scenario: what Kubernetes manifests do not say about a burst cluster and its load.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ScenarioFile {
    /// The version of this format.
    pub api_version: ApiVersion,
    /// What kind of file this is.
    pub kind: Kind,
    /// How the scenario is called.
    pub metadata: Metadata,
    /// What is simulated.
    pub spec: Spec,
}

/// The version of the scenario format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum ApiVersion {
    /// The only one so far.
    #[serde(rename = "overspill/v1alpha1")]
    V1Alpha1,
}

/// The kind of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Kind {
    /// A scenario.
    Scenario,
}

/// How the scenario is called.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Metadata {
    /// Its name; results go to out/NAME by default.
    pub name: String,
}

/// What is simulated.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Spec {
    /// How long is simulated.
    pub horizon: Duration,
    /// Whether any other time of that length is like it, so that a month costs as much as so many of them: results then
    /// have `cost.perMonth`. A day is, and a spike is not. Default: false.
    #[serde(default)]
    pub representative: bool,
    /// The instant of the calendar at which the run starts, as RFC 3339 has it (2026-01-05T08:00:00+08:00): CronJobs go by
    /// it. Default: 1970-01-01T00:00:00Z, a Thursday.
    pub starts_at: Option<String>,
    /// What all randomness is drawn from. Default: 1.
    pub seed: Option<u64>,
    /// Files and folders of Kubernetes manifests, relative to this file. Of a folder, its *.yaml, *.yml and *.json
    /// are read, sorted by name. Default: none.
    #[serde(default)]
    pub manifests: Vec<String>,
    /// A KubeSchedulerConfiguration file, relative to this file. Default: upstream's default profile.
    pub scheduler_configuration: Option<String>,
    /// The price list file, relative to this file.
    pub price_list: String,
    /// Sizes of images by the name that pods use. They decide how long a pull takes.
    #[serde(default)]
    pub images: IndexMap<String, Amount>,
    /// The size in bytes of every image that is not in `images`. Default: 100Mi (estimate).
    pub default_image_size: Option<Amount>,
    /// ECS node pools by name. Their nodes exist for the whole run, unless they are lost or taken back, or `nodeAutoscaler`
    /// adds and removes some.
    #[serde(default)]
    pub pools: IndexMap<String, Pool>,
    /// What adds and removes nodes of the pools with `autoscale`. Default: nothing.
    pub node_autoscaler: Option<NodeAutoscaler>,
    /// Virtual nodes by zone: one for each zone of which a vSwitch is configured.
    #[serde(default)]
    pub virtual_nodes: IndexMap<String, VirtualNode>,
    /// How pods start on virtual nodes.
    #[serde(default)]
    pub eci: Eci,
    /// What ACS does differently, for pods on virtual nodes that carry its labels.
    #[serde(default)]
    pub acs: Acs,
    /// How pods start on ECS nodes.
    #[serde(default)]
    pub ecs: Ecs,
    /// The service mesh. Default: none, and nothing is injected.
    pub mesh: Option<Mesh>,
    /// OpenKruise. Default: none, and SidecarSets do nothing.
    pub kruise: Option<Kruise>,
    /// Who evicts pods so that they may run on better nodes. Default: nobody.
    pub descheduler: Option<Descheduler>,
    /// How long a pod takes to end once it was told to; its grace period cuts this short. Default: 2s (estimate).
    pub shutdown: Option<Law>,
    /// Latencies and periods of the control plane.
    #[serde(default)]
    pub control_plane: ControlPlane,
    /// Streams of requests to workloads, by name.
    #[serde(default)]
    pub traffic: IndexMap<String, Traffic>,
    /// Metrics that autoscalers ask for beside cpu and memory, by name. Where traffic goes to the target of an autoscaler,
    /// `requests_per_second`, `http_requests_per_second` and `istio_requests_per_second` of pods, of Services and of
    /// workloads need no entry.
    #[serde(default)]
    pub metrics: IndexMap<String, Metric>,
    /// Sources of bare pods that run for a while and end, by name.
    #[serde(default)]
    pub sources: IndexMap<String, PodSource>,
    /// Pods that come and go as a trace says, by name.
    #[serde(default)]
    pub pod_traces: IndexMap<String, PodTrace>,
    /// What the pods of Jobs and bare pods do, by any name. Every Job needs an entry; a bare pod without one runs on.
    #[serde(default)]
    pub work: IndexMap<String, Work>,
    /// How long sidecars take that start before their pod's application and exit after it.
    #[serde(default)]
    pub sidecars: Sidecars,
    /// What somebody does with kubectl during the run. Steps of one instant happen in the order in which they stand
    /// here. Default: nothing.
    #[serde(default)]
    pub timeline: Vec<TimelineStep>,
    /// What is written into the results.
    #[serde(default)]
    pub output: Output,
    /// Conditions on the results, such as `overflow.early > 0`; `run` exits with 1 if one does not hold.
    #[serde(default)]
    pub expect: Vec<String>,
    /// Variations of this scenario by name: each a map of PATH to the value that stands there instead (null takes it
    /// away). A PATH is dotted and begins inside `spec` (`pools.gateway.count`), or leads into a manifest:
    /// `manifests/KIND/NAMESPACE/NAME:/json/pointer`.
    #[serde(default)]
    pub variants: IndexMap<String, IndexMap<String, Value>>,
}

/// Latencies and periods of the control plane. The defaults of the autoscaler's are those of kube-controller-manager
/// v1.34 (`--horizontal-pod-autoscaler-*`).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ControlPlane {
    /// Where the defaults of latencies, rates and ages below come from: `upstream`, from Kubernetes, or `instant`, where
    /// nothing takes time and nothing is limited. Default: upstream.
    pub timing: Option<TimingDefaults>,
    /// How long one scheduling attempt takes beside what it takes for each node. Default: 220us (kube-scheduler v1.34.1,
    /// measured).
    pub attempt_latency: Option<Duration>,
    /// How long one scheduling attempt takes for each node that it looks at. Default: 1250ns (measured too).
    pub attempt_latency_per_node: Option<Duration>,
    /// How long the API server takes to bind a pod once the scheduler asks for it, and to take up why a pod fits nowhere.
    /// Default: 10ms (estimate).
    pub bind_latency: Option<Duration>,
    /// How many requests per second the scheduler makes after its burst; 0 for no limit. Default: `clientConnection.qps`
    /// of the KubeSchedulerConfiguration, or 50 as kube-scheduler has it.
    pub scheduler_qps: Option<f64>,
    /// How many requests the scheduler makes at once. Default: `clientConnection.burst` of the
    /// KubeSchedulerConfiguration, or 100 as kube-scheduler has it.
    pub scheduler_burst: Option<u32>,
    /// How long one request of a controller to the API server takes: creating or deleting a pod. Default: 10ms
    /// (estimate).
    pub client_latency: Option<Duration>,
    /// How many requests per second each controller makes after its burst (kube-controller-manager's `--kube-api-qps`);
    /// 0 for no limit. Default: 20.
    pub kube_api_qps: Option<f64>,
    /// How many requests each controller makes at once (kube-controller-manager's `--kube-api-burst`). Default: 30.
    pub kube_api_burst: Option<u32>,
    /// How often pod metrics are measured (metrics-server's `--metric-resolution`). Default: 15s.
    pub metrics_resolution: Option<Duration>,
    /// How often metrics are measured that are no resources: the interval of Prometheus' scrapes. A rate is the mean of
    /// the last interval, anything else the value at its end. Default: 30s (Prometheus Operator).
    pub custom_metrics_period: Option<Duration>,
    /// How long before the whole multiples of `metricsResolution` pods are measured, and so how old what an autoscaler of
    /// that period sees at least is. Shorter than `metricsResolution`. Default: half of that, by which the clocks of
    /// metrics-server and autoscaler are apart on average, and 5s, half of the kubelet's `--housekeeping-interval`;
    /// five sixths of `metricsResolution` at most (estimate): 12.5s.
    pub metrics_age: Option<Duration>,
    /// How often the autoscaler looks (`--horizontal-pod-autoscaler-sync-period`). Default: 15s.
    pub hpa_sync_period: Option<Duration>,
    /// Which pods a ReplicaSet gives up first, as far as its own order lets (ACK documents the order and not how it comes
    /// about): `upstream`, as Kubernetes alone; `byUnits`, those that a ResourcePolicy selects in the reverse order of
    /// its units; `eciFirst`, the same, and of all other pods those on virtual nodes, as ACK Pro does for pods that go to
    /// ECI by affinity; a pod-deletion-cost of their own comes first. Pods of StatefulSets and Jobs go in the order that
    /// they have anyway. Default: byUnits.
    pub scale_in: Option<ScaleIn>,
    /// How long the autoscaler waits before it follows a lower recommendation, where the object itself does not say.
    /// Default: 5m.
    pub hpa_downscale_stabilization: Option<Duration>,
    /// How far from 1 the ratio of measured to wanted may be before the autoscaler acts. Default: 0.1.
    pub hpa_tolerance: Option<f64>,
    /// Whether autoscalers may have tolerances of their own (`behavior.scaleUp.tolerance`; feature gate
    /// HPAConfigurableTolerance, alpha in v1.34). Default: false, and the API server drops the field.
    pub hpa_configurable_tolerance: Option<bool>,
    /// How long after its start a pod's cpu is left out unless it is ready and was measured since. Default: 5m.
    pub cpu_initialization_period: Option<Duration>,
    /// How long after its start a pod that was never ready counts as not yet ready. Default: 30s.
    pub initial_readiness_delay: Option<Duration>,
}

/// Which pods a ReplicaSet gives up first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ScaleIn {
    /// As Kubernetes alone.
    Upstream,
    /// Those of the later units of a ResourcePolicy.
    ByUnits,
    /// The same, and those on virtual nodes.
    EciFirst,
}

/// Where the defaults of latencies and rates come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TimingDefaults {
    /// From Kubernetes.
    #[default]
    Upstream,
    /// Nothing takes time, and nothing is limited.
    Instant,
}

/// What is written into the results.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Output {
    /// The step of the timeline. Default: a thousandth of the horizon, rounded up to a second.
    pub sample_every: Option<Duration>,
}
