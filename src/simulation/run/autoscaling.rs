//! Horizontal pod autoscalers: what they see of a run, and what they make of it.

use super::Run;
use super::event::Event;
use crate::admission::istio::proxy_of;
use crate::controller::hpa::{Amounts, Container, ContainerUsage, Metrics, Observation, Pod, PodMetrics};
use crate::controller::pod_metrics::Sample;
use crate::id::PodId;
use crate::metric::Fact;
use crate::object::{ContainerRole, PodSpec, Title};
use crate::simulation::scenario::AutoscalerSetup;
use crate::units::{Bytes, MilliCpu};

impl Run<'_, '_> {
    /// metrics-server reads all pods.
    pub(super) fn scrape(&mut self) {
        self.settle_load();
        self.pod_metrics.scrape(self.now);
        self.at(self.now + self.scenario.metrics_resolution, Event::Scrape);
    }

    /// One sync of an autoscaler.
    pub(super) fn autoscale(&mut self, index: u32) {
        let setup = &self.scenario.autoscalers[index as usize];
        if self.objects.autoscalers[index as usize].is_none() {
            return;
        }
        let Some(target) = self.current(setup.workload) else {
            self.find_no_target(index);
            return;
        };
        let listed = self.pods_of_workload(target);
        let names: Vec<_> = listed.iter().map(|&pod| self.cluster.pod(pod).name.clone()).collect();
        let specs: Vec<_> = listed.iter().map(|&pod| self.cluster.spec_of(pod).clone()).collect();
        let containers: Vec<_> = specs.iter().map(|spec| Containers::of(spec)).collect();
        let pods: Vec<_> = listed
            .iter()
            .zip(&names)
            .zip(&containers)
            .map(|((&pod, name), containers)| self.pod_view(pod, name, containers))
            .collect();
        let sampled: Vec<(usize, Sample)> = listed
            .iter()
            .enumerate()
            .filter_map(|(place, &pod)| Some((place, self.pod_metrics.sample(pod)?)))
            .collect();
        let application = self.load.cost_of(setup.workload).map_or(MilliCpu::ZERO, |cost| cost.0);
        let usages: Vec<_> = sampled
            .iter()
            .map(|(place, sample)| {
                let spec = &specs[*place];
                usage(spec, sample.cpu, application, self.proxy_cost(spec))
            })
            .collect();
        let samples: Vec<_> = sampled
            .iter()
            .zip(&usages)
            .map(|((place, sample), containers)| PodMetrics {
                pod: &names[*place],
                timestamp: sample.timestamp,
                window: sample.window,
                containers,
            })
            .collect();
        let active = listed.iter().filter(|pod| !self.pods[pod.index()].is_terminating()).count();
        let desired = self.wanted_of(target);
        let outcome = self.autoscalers[index as usize].sync(&Observation {
            now: self.now,
            spec_replicas: desired as i32,
            status_replicas: active as i32,
            pods: &pods,
            metrics: &Metrics::resources(&samples),
            scale_update_error: None,
        });
        let object = autoscaler_title(setup);
        for event in &outcome.events {
            self.tell(&Fact::Event {
                kind: event.kind,
                reason: event.reason,
                object,
                message: format_args!("{}", event.message),
            });
        }
        if outcome.replicas != desired as i32 {
            self.scale(target, outcome.replicas.max(0) as u32);
        }
        self.at(self.now + setup.config.sync_period, Event::Autoscale(index));
    }

    /// The target is not there: the sync ends at once (horizontal.go `reconcileAutoscaler`).
    fn find_no_target(&mut self, index: u32) {
        let setup = &self.scenario.autoscalers[index as usize];
        let Title { kind, name, .. } = Title::of(&self.scenario.workloads[setup.workload.index()].title);
        self.tell(&Fact::Event {
            kind: "Warning",
            reason: "FailedGetScale",
            object: autoscaler_title(setup),
            message: format_args!("{}s.apps {name:?} not found", kind.to_lowercase()),
        });
        self.at(self.now + setup.config.sync_period, Event::Autoscale(index));
    }

    /// A pod as an autoscaler sees it.
    fn pod_view<'v>(&self, pod: PodId, name: &'v str, containers: &'v Containers<'v>) -> Pod<'v> {
        let state = &self.pods[pod.index()];
        Pod {
            name,
            phase: state.phase(),
            deleted: state.is_terminating(),
            start: state.assigned,
            ready: state.ready_condition(),
            containers: &containers.main,
            sidecars: &containers.sidecars,
            pod_requests: None,
        }
    }
}

/// The containers of a pod as an autoscaler sees them.
struct Containers<'s> {
    main: Vec<Container<'s>>,
    sidecars: Vec<Container<'s>>,
}

impl<'s> Containers<'s> {
    fn of(spec: &'s PodSpec) -> Self {
        Self {
            main: with_requests(spec, ContainerRole::Main),
            sidecars: with_requests(spec, ContainerRole::Sidecar),
        }
    }
}

/// The containers of one role with their requests.
fn with_requests(spec: &PodSpec, role: ContainerRole) -> Vec<Container<'_>> {
    let amounts = |container: &crate::object::Container| {
        let cpu = container.requests.get("cpu").map(|quantity| MilliCpu(quantity.milli_value()));
        let memory = container.requests.get("memory").map(|quantity| Bytes(quantity.value()));
        Amounts::new(cpu, memory)
    };
    let of_role = spec.containers.iter().filter(|container| container.role == role);
    of_role.map(|container| Container { name: &container.name, requests: amounts(container) }).collect()
}

/// What each container of a pod uses: the application, which is the first main container that OpenKruise has not
/// injected, and the injected proxy share the load in the ratio of what a request costs them; the others idle.
fn usage(spec: &PodSpec, cpu: MilliCpu, application: MilliCpu, proxy: MilliCpu) -> Vec<ContainerUsage<'_>> {
    let injected = proxy_of(spec).map(|container| container.name.as_str());
    let both = (application + proxy).0.max(1);
    let of_proxy = MilliCpu(cpu.0 * proxy.0 / both);
    let mut left = Some(cpu - of_proxy);
    let running = spec.containers.iter().filter(|container| container.role != ContainerRole::Init);
    running
        .map(|container| {
            let cpu = if injected == Some(container.name.as_str()) {
                of_proxy
            } else if container.role == ContainerRole::Main && !container.is_injected() {
                left.take().unwrap_or_default()
            } else {
                MilliCpu::ZERO
            };
            ContainerUsage { name: &container.name, usage: Amounts::new(Some(cpu), None) }
        })
        .collect()
}

fn autoscaler_title(setup: &AutoscalerSetup) -> Title<'_> {
    let namespace = Some(setup.namespace.as_str());
    Title { kind: "HorizontalPodAutoscaler", namespace, name: &setup.name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::istio::Sidecar;
    use crate::object;

    /// A pod of an application and a logger, with Envoy if `sidecar` injects it.
    fn pod(sidecar: Option<Sidecar>) -> PodSpec {
        let containers = ["app", "logger"].map(object::Container::named).to_vec();
        let pod = PodSpec { containers, ..PodSpec::empty("default") };
        sidecar.map_or_else(|| pod.clone(), |sidecar| sidecar.inject(&pod))
    }

    #[track_caller]
    fn check(sidecar: Option<Sidecar>, proxy: i64, expected: &[(&str, i64)]) {
        let pod = pod(sidecar);
        let usage = usage(&pod, MilliCpu(901), MilliCpu(100), MilliCpu(proxy));
        let used: Vec<_> = usage.iter().map(|one| (one.name, one.usage.cpu.unwrap_or_default())).collect();
        assert_eq!(used, expected);
    }

    #[test]
    fn the_proxy_and_the_application_share_the_load() {
        let hold = Sidecar { holds_application: true, ..Sidecar::default() };
        let native = Sidecar { native: true, ..Sidecar::default() };
        check(None, 0, &[("app", 901), ("logger", 0)]);
        check(Some(Sidecar::default()), 200, &[("app", 301), ("logger", 0), ("istio-proxy", 600)]);
        check(Some(hold), 200, &[("istio-proxy", 600), ("app", 301), ("logger", 0)]);
        check(Some(native), 200, &[("istio-proxy", 600), ("app", 301), ("logger", 0)]);
    }
}
