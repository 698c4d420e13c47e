//! One value per pod, taken out of what a metrics API answered.

use rustc_hash::FxHashMap;

use super::observation::{CustomSample, PodMetrics};
use super::spec::Resource;
use crate::units::{SimTime, Span};

/// One pod's value of one metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// When the window ended.
    pub(super) timestamp: SimTime,
    /// What time the value was averaged over.
    pub(super) window: Span,
    /// The value in thousandths.
    pub(super) value: i64,
}

/// The samples of one metric by pod; of two for one pod the later in the list counts.
#[derive(Debug, Default)]
pub(super) struct Samples<'a> {
    list: Vec<Sample>,
    place_of: FxHashMap<&'a str, usize>,
}

impl<'a> Samples<'a> {
    /// The usage of `resource` by whole pods, or by their container `container`
    /// (pkg/controller/podautoscaler/metrics/client.go, `getPodMetrics` and `getContainerMetrics`).
    pub(super) fn of_resource(
        answer: &[PodMetrics<'a>],
        resource: Resource,
        container: Option<&str>,
    ) -> Self {
        let mut samples = Self::default();
        for pod in answer {
            let usage = match container {
                Some(container) => usage_of_container(pod, resource, container),
                None => usage_of_pod(pod, resource),
            };
            if let Some(value) = usage {
                samples.insert(pod.pod, Sample { timestamp: pod.timestamp, window: pod.window, value });
            }
        }
        samples
    }

    /// The values of a custom metric of pods.
    pub(super) fn of_custom_metric(answer: &[CustomSample<'a>]) -> Self {
        let mut samples = Self::default();
        for sample in answer {
            let CustomSample { pod, timestamp, window, value } = *sample;
            samples.insert(pod, Sample { timestamp, window, value });
        }
        samples
    }

    fn insert(&mut self, pod: &'a str, sample: Sample) {
        let place = *self.place_of.entry(pod).or_insert(self.list.len());
        if place == self.list.len() {
            self.list.push(sample);
        } else {
            self.list[place] = sample;
        }
    }

    /// The sample of the pod called `pod`.
    pub(super) fn of(&self, pod: &str) -> Option<Sample> {
        self.place_of.get(pod).map(|&place| self.list[place])
    }

    /// How many pods have a sample.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// All values added up.
    pub(super) fn total(&self) -> i128 {
        self.list.iter().map(|sample| i128::from(sample.value)).sum()
    }
}

/// A pod's usage: `None` unless every one of its containers, at least one, tells the resource.
fn usage_of_pod(pod: &PodMetrics<'_>, resource: Resource) -> Option<i64> {
    if pod.containers.is_empty() {
        return None;
    }
    pod.containers.iter().map(|container| container.usage.of(resource)).sum()
}

/// The usage of one container; a pod that does not tell it has no sample (an error before Kubernetes 1.32).
fn usage_of_container(pod: &PodMetrics<'_>, resource: Resource, container: &str) -> Option<i64> {
    pod.containers.iter().find(|usage| usage.name == container)?.usage.of(resource)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::hpa::observation::{Amounts, ContainerUsage};

    fn usage(name: &str, cpu: i64, memory: Option<i64>) -> ContainerUsage<'_> {
        ContainerUsage { name, usage: Amounts { cpu: Some(cpu), memory } }
    }

    fn pod<'a>(pod: &'a str, containers: &'a [ContainerUsage<'a>]) -> PodMetrics<'a> {
        PodMetrics { pod, timestamp: SimTime::from_secs(60), window: Span::from_secs(15), containers }
    }

    #[test]
    fn a_pod_is_as_large_as_its_containers_together() {
        let containers = [usage("app", 300, Some(7)), usage("proxy", 50, None)];
        let answer = [pod("a", &containers), pod("b", &[])];
        let cpu = Samples::of_resource(&answer, Resource::Cpu, None);
        assert_eq!(cpu.of("a").unwrap().value, 350);
        assert!(cpu.of("b").is_none(), "no container, no sample");
        let memory = Samples::of_resource(&answer, Resource::Memory, None);
        assert!(memory.of("a").is_none(), "one container without memory spoils the pod");
    }

    #[test]
    fn one_container_is_taken_by_name() {
        let containers = [usage("app", 300, Some(7)), usage("proxy", 50, None)];
        let answer = [pod("a", &containers)];
        assert_eq!(Samples::of_resource(&answer, Resource::Cpu, Some("proxy")).of("a").unwrap().value, 50);
        assert_eq!(Samples::of_resource(&answer, Resource::Cpu, Some("mesh")).len(), 0);
    }
}
