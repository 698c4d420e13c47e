//! What a scenario may well say, but hardly means: autoscalers that never act.

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use super::population::Population;
use crate::controller::hpa::{MetricSpec, Resource, ResourceTarget};
use crate::object::{Container, ContainerRole, PodSpec};
use crate::scenario::coming::{Coming, Manifests};
use crate::scenario::inventory::Autoscaler;
use crate::simulation::admitted::Admission;
use crate::simulation::scenario::WorkloadSetup;

impl Resolver<'_> {
    /// Warns of autoscalers that never act.
    pub(super) fn doubt_autoscalers(
        &mut self,
        manifests: &[Manifests<'_>],
        comings: &[Coming<'_>],
        population: &Population,
    ) {
        for manifests in manifests {
            for autoscaler in &manifests.inventory.autoscalers {
                let is_target = |workload: &&WorkloadSetup| workload.title == autoscaler.target;
                let Some(target) = population.workloads.iter().find(is_target) else { continue };
                if target.replicas == 0 {
                    self.doubt_disabled(manifests, autoscaler);
                }
                self.doubt_tolerances(manifests, autoscaler);
                for metric in autoscaler.spec.metrics.iter().enumerate() {
                    self.doubt_supply(*manifests, autoscaler, metric, population);
                }
                let is_made = |coming: &&Coming<'_>| coming.workload.as_ref() == Some(&autoscaler.target);
                let Some(pods) = comings.iter().find(is_made) else { continue };
                for (index, metric) in autoscaler.spec.metrics.iter().enumerate() {
                    self.doubt_metric(*manifests, autoscaler, (index, metric), pods, population.admission());
                }
            }
        }
    }

    /// An autoscaler leaves a target with no replicas alone (pkg/controller/podautoscaler/horizontal.go
    /// `reconcileAutoscaler`, condition ScalingDisabled; a minimum of 0 is behind a feature gate).
    fn doubt_disabled(&mut self, manifests: &Manifests<'_>, autoscaler: &Autoscaler) {
        let path = JsonPath::root().key("spec").key("scaleTargetRef");
        let message = format!(
            "{} has no replicas: this autoscaler is disabled until somebody scales it up (ScalingDisabled)",
            autoscaler.target
        );
        let help = "let the target have at least one replica".to_owned();
        let place = manifests.place_in_autoscaler(autoscaler, &path);
        self.say_at(place, &code::NEVER_SCALES, message, Some(help));
    }

    /// The API server drops tolerances where the feature gate is off (pkg/registry/autoscaling/horizontalpodautoscaler/
    /// strategy.go `dropDisabledFields`).
    fn doubt_tolerances(&mut self, manifests: &Manifests<'_>, autoscaler: &Autoscaler) {
        let Some(behavior) = &autoscaler.spec.behavior else { return };
        if self.spec().control_plane.hpa_configurable_tolerance == Some(true) {
            return;
        }
        for (direction, rules) in [("scaleUp", &behavior.scale_up), ("scaleDown", &behavior.scale_down)] {
            if rules.tolerance.is_none() {
                continue;
            }
            let path = ["spec", "behavior", direction, "tolerance"];
            let path = path.iter().fold(JsonPath::root(), |path, key| path.key(key));
            let message = "`tolerance` has no effect: the feature gate HPAConfigurableTolerance is off, and the API \
                           server drops the field";
            let help = "write `controlPlane: {hpaConfigurableTolerance: true}` for a cluster that has it on"
                .to_owned();
            let place = manifests.place_in_autoscaler(autoscaler, &path);
            self.say_at(place, &code::WITHOUT_EFFECT, message, Some(help));
        }
    }

    fn doubt_metric(
        &mut self,
        manifests: Manifests<'_>,
        autoscaler: &Autoscaler,
        (index, metric): (usize, &MetricSpec),
        pods: &Coming<'_>,
        admission: Admission<'_>,
    ) {
        let mut created = pods.states.iter().map(|state| admission.admitted(pods.spec, &state.cluster).0);
        let Some((resource, container)) = created.find_map(|pod| without_request(metric, &pod)) else {
            return;
        };
        let effect = match autoscaler.spec.metrics.len() {
            1 => "this autoscaler will never scale",
            _ => "this metric will never count, and the autoscaler never scales down",
        };
        let message = format!("container {container} has no {resource} request: {effect}");
        let path = JsonPath::root().key("spec").key("metrics").index(index);
        let place = manifests.place_in_autoscaler(autoscaler, &path);
        let is_written = pods.spec.containers.iter().any(|one| one.name == container);
        let annotation = match resource {
            Resource::Cpu => "proxyCPU",
            Resource::Memory => "proxyMemory",
        };
        let help = if is_written {
            "utilization is measured against requests: give every container one".to_owned()
        } else {
            format!(
                "it is injected: with an annotation that sizes it the proxy has what annotations say and nothing \
                 else, so add sidecar.istio.io/{annotation}"
            )
        };
        self.say_at(place, &code::NEVER_SCALES, message, Some(help));
    }
}

/// The resource and the first container whose lack of a request for it spoils a metric of utilization
/// (pkg/controller/podautoscaler/replica_calculator.go `calculateRequests`).
fn without_request(metric: &MetricSpec, pod: &PodSpec) -> Option<(Resource, String)> {
    let (resource, only) = match metric {
        MetricSpec::Resource { resource, target: ResourceTarget::Utilization(_) } => (*resource, None),
        MetricSpec::ContainerResource { container, resource, target: ResourceTarget::Utilization(_) } => {
            (*resource, Some(container.as_str()))
        }
        _ => return None,
    };
    if only.is_none() && pod.pod_level.is_some() {
        return None;
    }
    let mut counted = pod
        .containers
        .iter()
        .filter(|one| one.role != ContainerRole::Init && only.is_none_or(|name| one.name == name));
    let lacks = |one: &&Container| !one.requests.contains_key(&resource.to_string());
    counted.find(lacks).map(|one| (resource, one.name.clone()))
}
