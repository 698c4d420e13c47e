//! What a scenario may well say, but hardly means: autoscalers that never act.

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use super::population::Population;
use crate::controller::hpa::{MetricSpec, Resource, ResourceTarget};
use crate::object::{ContainerRole, PodSpec};
use crate::scenario::inventory::{Autoscaler, Inventory};
use crate::simulation::scenario::WorkloadSetup;

impl Resolver<'_> {
    /// Warns of autoscalers that never act.
    pub(super) fn doubt_autoscalers(&mut self, inventory: &Inventory, population: &Population) {
        for autoscaler in &inventory.autoscalers {
            let is_target = |workload: &&WorkloadSetup| workload.title == autoscaler.target;
            let Some(target) = population.workloads.iter().find(is_target) else { continue };
            if target.replicas == 0 {
                self.doubt_disabled(autoscaler);
            }
            for (index, metric) in autoscaler.spec.metrics.iter().enumerate() {
                self.doubt_metric(autoscaler, index, metric, &target.template);
            }
        }
    }

    /// An autoscaler leaves a target with no replicas alone (pkg/controller/podautoscaler/horizontal.go
    /// `reconcileAutoscaler`, condition ScalingDisabled; a minimum of 0 is behind a feature gate).
    fn doubt_disabled(&mut self, autoscaler: &Autoscaler) {
        let path = JsonPath::root().key("spec").key("scaleTargetRef");
        let message = format!(
            "{} has no replicas: this autoscaler is disabled until somebody scales it up (ScalingDisabled)",
            autoscaler.target
        );
        let help = "let the target have at least one replica".to_owned();
        let place = self.place_of("HorizontalPodAutoscaler", &autoscaler.namespace, &autoscaler.name, &path);
        self.say_at(place, &code::NEVER_SCALES, message, Some(help));
    }

    fn doubt_metric(&mut self, autoscaler: &Autoscaler, index: usize, metric: &MetricSpec, pod: &PodSpec) {
        let Some(container) = without_request(metric, pod) else { return };
        let effect = match autoscaler.spec.metrics.len() {
            1 => "this autoscaler will never scale",
            _ => "this metric will never count, and the autoscaler never scales down",
        };
        let message = format!("container {container} has no cpu request: {effect}");
        let path = JsonPath::root().key("spec").key("metrics").index(index);
        let place = self.place_of("HorizontalPodAutoscaler", &autoscaler.namespace, &autoscaler.name, &path);
        let help = "utilization is measured against requests: give every container one".to_owned();
        self.say_at(place, &code::NEVER_SCALES, message, Some(help));
    }
}

/// The first container whose lack of a cpu request spoils a metric of utilization
/// (pkg/controller/podautoscaler/replica_calculator.go `calculateRequests`).
fn without_request<'p>(metric: &MetricSpec, pod: &'p PodSpec) -> Option<&'p str> {
    let only = match metric {
        MetricSpec::Resource { resource: Resource::Cpu, target: ResourceTarget::Utilization(_) } => None,
        MetricSpec::ContainerResource {
            container,
            resource: Resource::Cpu,
            target: ResourceTarget::Utilization(_),
        } => Some(container.as_str()),
        _ => return None,
    };
    if only.is_none() && pod.pod_level.is_some() {
        return None;
    }
    let counted = pod
        .containers
        .iter()
        .filter(|one| one.role != ContainerRole::Init && only.is_none_or(|name| one.name == name));
    counted
        .map(|one| (one, one.requests.contains_key("cpu")))
        .find(|(_, has)| !has)
        .map(|(one, _)| one.name.as_str())
}
