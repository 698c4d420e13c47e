//! A target to test with: pods that request one core each and have run for an hour.

use super::observation::{
    Amounts, Container, ContainerUsage, CustomSample, DEFAULT_WINDOW, Metrics, Observation, Pod, PodMetrics,
};
use super::spec::{MetricSpec, Resource, ResourceTarget};
use crate::controller::pod_status::{ConditionStatus, PodPhase, ReadyCondition};
use crate::units::{SimTime, Span};

/// When the tests' time begins: late enough for pods to be old.
pub(super) const START: SimTime = SimTime::from_secs(10_000);

/// The request of every pod, if it has one.
const CORE: Amounts = Amounts { cpu: Some(1000), memory: None };

/// A workload as an HPA sees it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pods: Vec<TargetPod>,
    pub(super) spec_replicas: i32,
    pub(super) status_replicas: i32,
    /// What each pod requests.
    pub(super) request: Amounts,
}

#[derive(Clone, Debug)]
struct TargetPod {
    name: String,
    count: u32,
    phase: PodPhase,
    deleted: bool,
    usage: Option<i64>,
}

impl Target {
    /// Ready pods, each using so many millicores.
    pub(super) fn using(millicores: &[i64]) -> Self {
        let none = Self { pods: Vec::new(), spec_replicas: 0, status_replicas: 0, request: CORE };
        millicores.iter().fold(none, |target, &usage| target.and(1, PodPhase::Running, Some(usage)))
    }

    /// Adds `count` pods without a sample.
    pub(super) fn and_missing(self, count: usize) -> Self {
        self.and(count, PodPhase::Running, None)
    }

    /// Adds `count` pending pods.
    pub(super) fn and_pending(self, count: usize) -> Self {
        self.and(count, PodPhase::Pending, None)
    }

    /// Adds `count` ready pods that are being deleted, at full load.
    pub(super) fn and_deleted(self, count: usize) -> Self {
        let mut target = self.and(count, PodPhase::Running, Some(1000));
        target.pods.iter_mut().rev().take(count).for_each(|pod| pod.deleted = true);
        target
    }

    /// The same pods under another `spec.replicas`.
    pub(super) fn with_spec(self, spec_replicas: i32) -> Self {
        Self { spec_replicas, ..self }
    }

    /// The same, with pods that look alike shown as one each.
    pub(super) fn counted_together(mut self) -> Self {
        let look = |pod: &TargetPod| (pod.phase, pod.deleted, pod.usage);
        let mut together: Vec<TargetPod> = Vec::new();
        for pod in self.pods {
            match together.iter_mut().find(|other| look(other) == look(&pod)) {
                Some(other) => other.count += 1,
                None => together.push(pod),
            }
        }
        self.pods = together;
        self
    }

    fn and(mut self, count: usize, phase: PodPhase, usage: Option<i64>) -> Self {
        for _ in 0..count {
            let name = format!("pod-{}", self.pods.len());
            self.pods.push(TargetPod { name, count: 1, phase, deleted: false, usage });
        }
        self.spec_replicas += count as i32;
        self.status_replicas += count as i32;
        self
    }

    /// Shows the target to `look` as it is at `now`. Besides cpu there are memory and the pods' metric `qps`, as large as
    /// their cpu, and the object and external metric `load`, as large as all cpu together.
    pub(super) fn seen<T>(&self, now: SimTime, look: impl FnOnce(&mut Observation<'_>) -> T) -> T {
        let containers = [Container { name: "app", requests: self.request }];
        let long_ago = SimTime(START.0 - Span::from_secs(3600).0);
        let views: Vec<Pod<'_>> = self.pods.iter().map(|pod| pod.view(&containers, long_ago)).collect();
        let sampled: Vec<(&str, i64)> =
            self.pods.iter().filter_map(|pod| Some((pod.name.as_str(), pod.usage?))).collect();
        let usages: Vec<[ContainerUsage<'_>; 1]> =
            sampled.iter().map(|&(_, cpu)| [usage_of_app(cpu)]).collect();
        let pods: Vec<PodMetrics<'_>> = sampled
            .iter()
            .zip(&usages)
            .map(|(&(pod, _), containers)| PodMetrics {
                pod,
                timestamp: now,
                window: Span::from_secs(15),
                containers,
            })
            .collect();
        let total = sampled.iter().map(|(_, cpu)| cpu).sum();
        let mut metrics = Metrics::resources(&pods);
        let qps = sampled.iter().map(|&(pod, value)| CustomSample {
            pod,
            timestamp: now,
            window: DEFAULT_WINDOW,
            value,
        });
        metrics.custom.insert("qps", Ok(qps.collect()));
        metrics.objects.insert("load", Ok(total));
        metrics.external.insert("load", Ok(vec![total]));
        let Self { spec_replicas, status_replicas, .. } = *self;
        look(&mut Observation {
            now,
            spec_replicas,
            status_replicas,
            pods: &views,
            metrics: &metrics,
            scale_update_error: None,
        })
    }
}

impl TargetPod {
    fn view<'a>(&'a self, containers: &'a [Container<'a>], since: SimTime) -> Pod<'a> {
        Pod {
            name: &self.name,
            count: self.count,
            phase: self.phase,
            deleted: self.deleted,
            start: Some(since),
            ready: (self.phase == PodPhase::Running)
                .then_some(ReadyCondition { status: ConditionStatus::True, since }),
            containers,
            sidecars: &[],
            pod_requests: None,
        }
    }
}

const fn usage_of_app(cpu: i64) -> ContainerUsage<'static> {
    ContainerUsage { name: "app", usage: Amounts { cpu: Some(cpu), memory: Some(cpu) } }
}

/// Cpu at `percent` of the requests.
pub(super) const fn cpu_utilization(percent: i32) -> MetricSpec {
    MetricSpec::Resource { resource: Resource::Cpu, target: ResourceTarget::Utilization(percent) }
}
