//! Pods as they once came and went.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::load::Startup;
use super::shape::TimeUnit;
use crate::scenario::notation::{Duration, TraceTime};

/// Pods from a CSV file with a header line: a row for each pod. The pods are bare unless `owner` says otherwise; what the
/// file does not say of them, the template does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PodTrace {
    /// The file, relative to this one; it may be compressed with gzip.
    pub file: String,
    /// The column with the instant at which each pod is created: a timestamp (RFC 3339, or YYYY-MM-DD hh:mm:ss, which counts
    /// as UTC) or a number. A pod whose cell is empty is there when the trace begins. Default: all are.
    pub create: Option<String>,
    /// The column with the instant at which each pod is deleted, bound or not. A pod whose cell is empty stays to the
    /// end. Either this or `lifetime`. Default: all stay.
    pub delete: Option<String>,
    /// The column with the time that each pod runs once it is ready, and then completes: a number of `timeUnit`. A pod
    /// whose cell is empty stays to the end.
    pub lifetime: Option<String>,
    /// What a number in these columns counts. Default: s, or ms for instants of which the first is 100000000000 or more.
    pub time_unit: Option<TimeUnit>,
    /// The column with the cpu that each pod requests: numbers of `cpuUnit` or Kubernetes quantities such as 500m. An
    /// empty cell is no request. Default: the template says.
    pub cpu: Option<String>,
    /// What a plain number in that column counts. Default: cores.
    pub cpu_unit: Option<CpuUnit>,
    /// The column with the memory that each pod requests: numbers of `memoryUnit` or Kubernetes quantities such as 4Gi.
    /// Default: the template says.
    pub memory: Option<String>,
    /// What a plain number in that column counts. Default: Gi where the greatest is below 4096, Mi where it is below
    /// 16777216, B otherwise (estimate).
    pub memory_unit: Option<MemoryUnit>,
    /// The column with the devices that each pod requests. Default: none.
    pub gpu: Option<String>,
    /// The extended resource of these devices. Default: nvidia.com/gpu.
    pub gpu_resource: Option<String>,
    /// The column with what pods belong to; it becomes the label `appLabel`. Default: they belong to nothing.
    pub app: Option<String>,
    /// The label that says what a pod belongs to. Default: app.
    pub app_label: Option<String>,
    /// What owns the pods of one `app`. Default: none.
    pub owner: Option<TraceOwner>,
    /// The column with the names of pods. What a name may not hold becomes `-`, and a name that comes again gets its row's
    /// number. Default: NAME-1, NAME-2, … in order of creation.
    pub name: Option<String>,
    /// The rows that are used: those whose cell in each of these columns is one of these texts. Default: all.
    #[serde(default, rename = "where")]
    pub filter: IndexMap<String, Vec<String>>,
    /// Where in the trace the part begins that is used. Pods that were created before and not deleted are there then.
    /// Default: at the earliest instant of its rows.
    pub from: Option<TraceTime>,
    /// Where that part ends: later pods are not created. Default: it does not end.
    pub to: Option<TraceTime>,
    /// The instant of the run at which the part begins. Default: 0s.
    pub start: Option<Duration>,
    /// What all time of the trace is multiplied by: with 0.1 it goes ten times as fast. Default: 1.
    pub time_scale: Option<f64>,
    /// What the pods are like: a Kubernetes PodTemplateSpec (metadata.labels, metadata.annotations, spec). Requests of the
    /// trace become those of its first container. Default: one container without requests.
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub template: Option<Value>,
    /// The namespace of the pods. Default: default.
    pub namespace: Option<String>,
    /// Whether the pods take time to start. Default: normal.
    pub startup: Option<Startup>,
    /// The pods' grace period, instead of the template's.
    pub grace_period: Option<Duration>,
}

impl PodTrace {
    /// The namespace of the pods.
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }
}

/// A unit of cpu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CpuUnit {
    /// Cores.
    Cores,
    /// Thousandths of a core.
    Millicores,
}

/// A unit of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum MemoryUnit {
    /// Bytes.
    B,
    /// 1024 bytes.
    Ki,
    /// 1024 Ki.
    Mi,
    /// 1024 Mi.
    Gi,
    /// 1000 bytes.
    #[serde(rename = "k")]
    Kilo,
    /// A million bytes.
    M,
    /// A thousand million bytes.
    G,
}

impl MemoryUnit {
    /// Its suffix in Kubernetes' notation.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::B => "",
            Self::Ki => "Ki",
            Self::Mi => "Mi",
            Self::Gi => "Gi",
            Self::Kilo => "k",
            Self::M => "M",
            Self::G => "G",
        }
    }
}

/// What owns pods of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TraceOwner {
    /// Nothing: they are bare, and not spread unless a Service selects them.
    #[default]
    None,
    /// A ReplicaSet for each app, which only names them: the scheduler spreads them as those of a ReplicaSet, and the trace
    /// alone makes and deletes them.
    ReplicaSet,
}
