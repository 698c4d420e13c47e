//! What an HPA sees at one sync: the target's scale, its pods, and the answers of the metrics APIs.

use std::collections::BTreeMap;

use super::spec::Resource;
use crate::controller::pod_status::{PodPhase, ReadyCondition};
use crate::units::{Bytes, MilliCpu, SimTime, Span};

/// All that one sync looks at.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The moment of the sync.
    pub now: SimTime,
    /// `spec.replicas` of the target: what was asked for.
    pub spec_replicas: i32,
    /// `status.replicas` of the target: what there is.
    pub status_replicas: i32,
    /// The pods that the target selects.
    pub pods: &'a [Pod<'a>],
    /// What the metrics APIs answer.
    pub metrics: &'a Metrics<'a>,
    /// Why the API server refuses to store a new size; `None` if it does not.
    pub scale_update_error: Option<&'a str>,
}

/// A pod as the HPA sees it, or several that look alike. The slices may be shared by all pods of one template.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'a> {
    /// Its name, by which samples refer to it.
    pub name: &'a str,
    /// How many pods there are of which all of this is true, apart from the name: the sample is that of each of them.
    pub count: u32,
    /// Its phase.
    pub phase: PodPhase,
    /// Whether it is being deleted.
    pub deleted: bool,
    /// When the kubelet took it up.
    pub start: Option<SimTime>,
    /// Its Ready condition.
    pub ready: Option<ReadyCondition>,
    /// Its regular containers.
    pub containers: &'a [Container<'a>],
    /// Its restartable init containers.
    pub sidecars: &'a [Container<'a>],
    /// Its pod-level requests, if it has any.
    pub pod_requests: Option<Amounts>,
}

/// A container's name and requests.
#[derive(Clone, Copy, Debug)]
pub struct Container<'a> {
    /// The name.
    pub name: &'a str,
    /// The requests.
    pub requests: Amounts,
}

/// Amounts of the resources that HPAs know, in thousandths as `Quantity.MilliValue()` gives them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Thousandths of a core.
    pub cpu: Option<i64>,
    /// Thousandths of a byte.
    pub memory: Option<i64>,
}

impl Amounts {
    /// From the simulator's units.
    pub fn new(cpu: Option<MilliCpu>, memory: Option<Bytes>) -> Self {
        Self { cpu: cpu.map(|cpu| cpu.0), memory: memory.map(|memory| memory.0.saturating_mul(1000)) }
    }

    /// The amount of `resource`.
    pub const fn of(self, resource: Resource) -> Option<i64> {
        match resource {
            Resource::Cpu => self.cpu,
            Resource::Memory => self.memory,
        }
    }
}

/// Why a metrics API did not answer, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError(pub String);

/// The answers of the metrics APIs, by the key of a metric, which is its name where it has no selector. A key that is
/// absent from a map is a metric that the API does not know.
#[derive(Clone, Debug)]
pub struct Metrics<'a> {
    /// The resource metrics API: usage of the target's pods, at most one entry per pod.
    pub pods: Result<&'a [PodMetrics<'a>], ApiError>,
    /// The custom metrics API for pods, by metric.
    pub custom: BTreeMap<&'a str, Result<Vec<CustomSample<'a>>, ApiError>>,
    /// The custom metrics API for objects, by metric, in thousandths.
    pub objects: BTreeMap<&'a str, Result<i64, ApiError>>,
    /// The external metrics API, by metric, in thousandths; the values are added up.
    pub external: BTreeMap<&'a str, Result<Vec<i64>, ApiError>>,
}

impl<'a> Metrics<'a> {
    /// Only the resource metrics API answers.
    pub const fn resources(pods: &'a [PodMetrics<'a>]) -> Self {
        Self { pods: Ok(pods), custom: BTreeMap::new(), objects: BTreeMap::new(), external: BTreeMap::new() }
    }
}

/// What the resource metrics API tells about one pod.
#[derive(Clone, Copy, Debug)]
pub struct PodMetrics<'a> {
    /// The pod's name.
    pub pod: &'a str,
    /// When the window ended.
    pub timestamp: SimTime,
    /// What time the usage was averaged over.
    pub window: Span,
    /// Usage per container.
    pub containers: &'a [ContainerUsage<'a>],
}

/// Usage of one container.
#[derive(Clone, Copy, Debug)]
pub struct ContainerUsage<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its usage.
    pub usage: Amounts,
}

/// What the custom metrics API tells about one pod.
#[derive(Clone, Copy, Debug)]
pub struct CustomSample<'a> {
    /// The pod's name.
    pub pod: &'a str,
    /// When the window ended.
    pub timestamp: SimTime,
    /// What time the value was averaged over; [`DEFAULT_WINDOW`] if the API is silent.
    pub window: Span,
    /// The value in thousandths.
    pub value: i64,
}

/// The window of a custom metric that tells none (`metricServerDefaultMetricWindow`,
/// pkg/controller/podautoscaler/metrics/client.go).
pub const DEFAULT_WINDOW: Span = Span::from_secs(60);
