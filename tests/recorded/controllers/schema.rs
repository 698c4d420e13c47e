//! The recorded input of the HPA controller, and how it becomes ours.

use std::collections::BTreeMap;

use overspill::controller::hpa::{
    Amounts, ApiError, Behavior, Change, Container, ContainerUsage, CustomSample, DEFAULT_MIN_REPLICAS,
    DEFAULT_WINDOW, MetricError, MetricSpec, Metrics, Pod, PodMetrics, Resource, ResourceTarget,
    ScalingPolicy, ScalingRules, SelectPolicy, Spec, SyncError, ValueTarget,
};
use overspill::controller::pod_status::{ConditionStatus, PodPhase, ReadyCondition};
use overspill::units::{Quantity, Span};
use serde::Deserialize;

use super::moment;

#[derive(Deserialize)]
pub(super) struct RecordedMetric {
    r#type: String,
    target: String,
    value: i64,
    #[serde(default)]
    resource: String,
    #[serde(default)]
    container: String,
    #[serde(default)]
    name: String,
}

impl RecordedMetric {
    pub(super) fn spec(&self) -> MetricSpec {
        let value_target = || match self.target.as_str() {
            "Value" => ValueTarget::Value(self.value),
            _ => ValueTarget::AverageValue(self.value),
        };
        let resource_target = || match self.target.as_str() {
            "Utilization" => ResourceTarget::Utilization(i32::try_from(self.value).expect("a percentage")),
            _ => ResourceTarget::AverageValue(self.value),
        };
        let resource = if self.resource == "cpu" { Resource::Cpu } else { Resource::Memory };
        match self.r#type.as_str() {
            "Resource" => MetricSpec::Resource { resource, target: resource_target() },
            "ContainerResource" => MetricSpec::ContainerResource {
                container: self.container.clone(),
                resource,
                target: resource_target(),
            },
            "Pods" => MetricSpec::Pods { metric: self.name.as_str().into(), target_average: self.value },
            // The recorded objects are all Services.
            "Object" => MetricSpec::Object {
                kind: "Service".to_owned(),
                object: "object".to_owned(),
                metric: self.name.as_str().into(),
                target: value_target(),
            },
            "External" => MetricSpec::External { metric: self.name.as_str().into(), target: value_target() },
            other => panic!("unknown type of metric {other}"),
        }
    }
}

#[derive(Deserialize)]
struct RecordedContainer {
    name: String,
    cpu: Option<i64>,
    memory: Option<i64>,
}

impl RecordedContainer {
    const fn amounts(&self) -> Amounts {
        Amounts { cpu: self.cpu, memory: self.memory }
    }

    fn requests(all: Option<&Vec<Self>>) -> Vec<Container<'_>> {
        all.into_iter().flatten().map(|it| Container { name: &it.name, requests: it.amounts() }).collect()
    }
}

#[derive(Deserialize)]
pub(super) struct RecordedPod {
    pub(super) name: String,
    phase: String,
    #[serde(default)]
    deleted: bool,
    start_ms: Option<i64>,
    ready: Option<String>,
    ready_since_ms: Option<i64>,
    containers: Option<Vec<RecordedContainer>>,
    sidecars: Option<Vec<RecordedContainer>>,
    pod_cpu: Option<i64>,
    pod_memory: Option<i64>,
}

/// Recorded pods with their containers in our shape.
pub(super) struct Pods<'a>(Vec<(&'a RecordedPod, Vec<Container<'a>>, Vec<Container<'a>>)>);

impl<'a> Pods<'a> {
    pub(super) fn new(recorded: Option<&'a Vec<RecordedPod>>) -> Self {
        let with_containers = |pod: &'a RecordedPod| {
            let containers = RecordedContainer::requests(pod.containers.as_ref());
            (pod, containers, RecordedContainer::requests(pod.sidecars.as_ref()))
        };
        Self(recorded.into_iter().flatten().map(with_containers).collect())
    }

    pub(super) fn views(&'a self) -> Vec<Pod<'a>> {
        let view =
            |(pod, containers, sidecars): &'a (&RecordedPod, Vec<Container<'a>>, Vec<Container<'a>>)| {
                let pod_requests = Amounts { cpu: pod.pod_cpu, memory: pod.pod_memory };
                Pod {
                    name: &pod.name,
                    count: 1,
                    phase: phase(&pod.phase),
                    deleted: pod.deleted,
                    start: pod.start_ms.map(moment),
                    ready: ready(pod.ready.as_deref(), pod.ready_since_ms),
                    containers,
                    sidecars,
                    pod_requests: (pod_requests != Amounts::default()).then_some(pod_requests),
                }
            };
        self.0.iter().map(view).collect()
    }
}

pub(super) fn phase(text: &str) -> PodPhase {
    match text {
        "Pending" => PodPhase::Pending,
        "Running" => PodPhase::Running,
        "Succeeded" => PodPhase::Succeeded,
        "Failed" => PodPhase::Failed,
        "Unknown" => PodPhase::Unknown,
        other => panic!("unknown phase {other}"),
    }
}

pub(super) fn ready(status: Option<&str>, since_ms: Option<i64>) -> Option<ReadyCondition> {
    let status = match status? {
        "True" => ConditionStatus::True,
        "False" => ConditionStatus::False,
        "Unknown" => ConditionStatus::Unknown,
        "" => return None,
        other => panic!("unknown status {other}"),
    };
    Some(ReadyCondition { status, since: moment(since_ms.unwrap_or_default()) })
}

#[derive(Deserialize, Default)]
pub(super) struct RecordedData {
    #[serde(default)]
    pod_metrics_error: bool,
    pod_metrics: Option<Vec<RecordedPodMetrics>>,
    custom: Option<BTreeMap<String, RecordedCustom>>,
    object: Option<BTreeMap<String, RecordedObject>>,
    external: Option<BTreeMap<String, RecordedExternal>>,
}

#[derive(Deserialize)]
struct RecordedPodMetrics {
    pod: String,
    t_ms: i64,
    window_ms: u64,
    containers: Option<Vec<RecordedContainer>>,
}

#[derive(Deserialize)]
struct RecordedCustom {
    #[serde(default)]
    error: bool,
    samples: Option<Vec<RecordedSample>>,
}

#[derive(Deserialize)]
struct RecordedSample {
    pod: String,
    t_ms: i64,
    window_s: Option<u64>,
    value: i64,
}

impl RecordedSample {
    fn view(&self) -> CustomSample<'_> {
        let window = self.window_s.map_or(DEFAULT_WINDOW, Span::from_secs);
        CustomSample { pod: &self.pod, timestamp: moment(self.t_ms), window, value: self.value }
    }
}

#[derive(Deserialize)]
struct RecordedObject {
    #[serde(default)]
    error: bool,
    #[serde(default)]
    value: i64,
}

#[derive(Deserialize)]
struct RecordedExternal {
    #[serde(default)]
    error: bool,
    values: Option<Vec<i64>>,
}

fn answer<T>(failed: bool, value: T) -> Result<T, ApiError> {
    if failed {
        Err(ApiError("the server is currently unable to handle the request".to_owned()))
    } else {
        Ok(value)
    }
}

impl RecordedData {
    pub(super) fn usages(&self) -> Vec<Vec<ContainerUsage<'_>>> {
        self.pod_metrics.iter().flatten().map(usages_of).collect()
    }

    pub(super) fn pod_metrics<'a>(&'a self, usages: &'a [Vec<ContainerUsage<'a>>]) -> Vec<PodMetrics<'a>> {
        let pods = self.pod_metrics.iter().flatten().zip(usages);
        pods.map(|(recorded, containers)| PodMetrics {
            pod: &recorded.pod,
            timestamp: moment(recorded.t_ms),
            window: Span::from_millis(recorded.window_ms),
            containers,
        })
        .collect()
    }

    pub(super) fn metrics<'a>(&'a self, pods: &'a [PodMetrics<'a>]) -> Metrics<'a> {
        let custom = self.custom.iter().flatten();
        let objects = self.object.iter().flatten();
        let external = self.external.iter().flatten();
        Metrics {
            pods: answer(self.pod_metrics_error, pods),
            custom: custom.map(|(name, it)| (name.as_str(), answer(it.error, it.samples()))).collect(),
            objects: objects.map(|(name, it)| (name.as_str(), answer(it.error, it.value))).collect(),
            external: external
                .map(|(name, it)| (name.as_str(), answer(it.error, it.values.clone().unwrap_or_default())))
                .collect(),
        }
    }
}

fn usages_of(pod: &RecordedPodMetrics) -> Vec<ContainerUsage<'_>> {
    let containers = pod.containers.iter().flatten();
    containers.map(|it| ContainerUsage { name: &it.name, usage: it.amounts() }).collect()
}

impl RecordedCustom {
    fn samples(&self) -> Vec<CustomSample<'_>> {
        self.samples.iter().flatten().map(RecordedSample::view).collect()
    }
}

#[derive(Deserialize)]
pub(super) struct RecordedHpa {
    min: Option<i32>,
    max: i32,
    metrics: Vec<RecordedMetric>,
    behavior: Option<RecordedBehavior>,
}

#[derive(Deserialize)]
struct RecordedBehavior {
    scale_up: Option<RecordedRules>,
    scale_down: Option<RecordedRules>,
}

#[derive(Deserialize)]
struct RecordedRules {
    stabilization_s: Option<u64>,
    select: Option<String>,
    policies: Option<Vec<RecordedPolicy>>,
    tolerance_m: Option<i128>,
}

#[derive(Deserialize)]
struct RecordedPolicy {
    r#type: String,
    value: i32,
    period_s: u64,
}

impl RecordedHpa {
    pub(super) fn spec(&self) -> Spec {
        Spec {
            min_replicas: self.min.unwrap_or(DEFAULT_MIN_REPLICAS),
            max_replicas: self.max,
            metrics: self.metrics.iter().map(RecordedMetric::spec).collect(),
            behavior: self.behavior.as_ref().map(|behavior| Behavior {
                scale_up: rules(behavior.scale_up.as_ref(), ScalingRules::default_up()),
                scale_down: rules(behavior.scale_down.as_ref(), ScalingRules::default_down()),
            }),
        }
    }
}

fn rules(recorded: Option<&RecordedRules>, defaults: ScalingRules) -> ScalingRules {
    let Some(recorded) = recorded else { return defaults };
    let select = recorded.select.as_deref().map(|select| match select {
        "Max" => SelectPolicy::Max,
        "Min" => SelectPolicy::Min,
        "Disabled" => SelectPolicy::Disabled,
        other => panic!("unknown policy {other}"),
    });
    let policy = |it: &RecordedPolicy| {
        let change = if it.r#type == "Pods" { Change::Pods(it.value) } else { Change::Percent(it.value) };
        ScalingPolicy { change, period: Span::from_secs(it.period_s) }
    };
    ScalingRules {
        stabilisation: recorded.stabilization_s.map(Span::from_secs).or(defaults.stabilisation),
        select: select.unwrap_or(defaults.select),
        policies: recorded
            .policies
            .as_ref()
            .map_or(defaults.policies, |policies| policies.iter().map(policy).collect()),
        tolerance: recorded.tolerance_m.map(Quantity::from_milli),
    }
}

/// The recorded name of an error.
pub(super) fn class_of(error: &MetricError) -> &'static str {
    match error {
        MetricError::Api { .. } => "MetricsAPIError",
        MetricError::NoMetricsReturned { .. } => "NoMetricsReturned",
        MetricError::NoPods => "NoPods",
        MetricError::NoMetricsForTargetedPods => "NoMetricsForTargetedPods",
        MetricError::MissingRequest { .. } => "MissingRequest",
        MetricError::MissingPodLevelRequest { .. } => "MissingPodLevelRequest",
        MetricError::NoMatchingPods => "NoMatchingPods",
    }
}

/// The recorded name of what went wrong in a sync.
pub(super) fn class_of_sync(error: &SyncError) -> &'static str {
    match error {
        SyncError::Metric(error) => class_of(error),
        SyncError::FailRescale(_) => "FailRescale",
    }
}
