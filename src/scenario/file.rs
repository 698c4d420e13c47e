//! The scenario file as it is typed: no default is filled in here.
//!
//! The doc comments become the descriptions of the JSON Schema that `overspill schema` prints, defaults included.
//! A default marked *estimate* has no published source.

mod kruise;
mod law;
mod load;
mod mesh;
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

pub use kruise::Kruise;
pub use law::{BatchSize, Empirical, Law};
pub use load::{Arrivals, PodSource, Startup, Traffic};
pub use mesh::{ClusterType, LabelOperator, LabelSelector, Mesh, Proxy};
pub use place::{Acs, Billing, Eci, Ecs, Pool, Preemption, Reservation, Spot, VirtualNode};
pub use pod_trace::{CpuUnit, MemoryUnit, PodTrace, TraceOwner};
pub use shape::{Bursts, Diurnal, FlashCrowd, Shape, State, TimeUnit, Trace};
pub use timeline::{
    Annotating, Deletion, ImageSetting, Labelling, Objects, PodRun, Scaling, Tainting, TimelineStep,
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
    /// ECS node pools by name. Their nodes exist for the whole run.
    #[serde(default)]
    pub pools: IndexMap<String, Pool>,
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
    /// How long a pod takes to end once it was told to; its grace period cuts this short. Default: 2s (estimate).
    pub shutdown: Option<Law>,
    /// Latencies and periods of the control plane.
    #[serde(default)]
    pub control_plane: ControlPlane,
    /// Streams of requests to workloads, by name.
    #[serde(default)]
    pub traffic: IndexMap<String, Traffic>,
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
    /// How long one scheduling attempt takes. Default: 0s.
    pub attempt_latency: Option<Duration>,
    /// How long it takes to bind a pod after it was placed. Default: 0s.
    pub bind_latency: Option<Duration>,
    /// How long one request of a controller to the API server takes. Default: 0s.
    pub client_latency: Option<Duration>,
    /// How often pod metrics are measured (metrics-server's `--metric-resolution`). Default: 15s.
    pub metrics_resolution: Option<Duration>,
    /// How often the autoscaler looks (`--horizontal-pod-autoscaler-sync-period`). Default: 15s.
    pub hpa_sync_period: Option<Duration>,
    /// Whether pods that a ResourcePolicy selects are taken away in the reverse order of its units, as far as the
    /// ReplicaSet's own order lets (ACK documents the order and not how it comes about). Default: true.
    pub scale_in_by_units: Option<bool>,
    /// How long the autoscaler waits before it follows a lower recommendation, where the object itself does not say.
    /// Default: 5m.
    pub hpa_downscale_stabilization: Option<Duration>,
    /// How far from 1 the ratio of measured to wanted may be before the autoscaler acts. Default: 0.1.
    pub hpa_tolerance: Option<f64>,
    /// How long after its start a pod's cpu is left out unless it is ready and was measured since. Default: 5m.
    pub cpu_initialization_period: Option<Duration>,
    /// How long after its start a pod that was never ready counts as not yet ready. Default: 30s.
    pub initial_readiness_delay: Option<Duration>,
}

/// What is written into the results.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Output {
    /// The step of the timeline. Default: a thousandth of the horizon, rounded up to a second.
    pub sample_every: Option<Duration>,
}
