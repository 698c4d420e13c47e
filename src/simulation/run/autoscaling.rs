//! Horizontal pod autoscalers: what they see of a run, and what they make of it.

mod look;

use std::borrow::Cow;

use super::Run;
use super::event::Event;
use super::mesh::proxy_cost;
use crate::admission::istio::proxy_of;
use crate::controller::hpa::{
    Amounts, Container, ContainerUsage, Hpa, Metrics, Observation, Outcome, Pod, PodMetrics,
};
use crate::controller::pod_metrics::Sample;
use crate::id::WorkloadId;
use crate::metric::Fact;
use crate::object::{ContainerRole, PodSpec, Title};
use crate::simulation::scenario::AutoscalerSetup;
use crate::units::{Bytes, MilliCpu, SimTime, Span};
use look::Look;

impl Run<'_, '_> {
    /// metrics-server reads all pods.
    pub(super) fn scrape(&mut self) {
        self.settle_all_load();
        self.pod_metrics.scrape(self.now);
        let (every, phase) = (self.scenario.metrics_resolution, self.metrics_phase());
        let rounds = self.now.0.checked_sub(phase.0).map_or(0, |past| past / every.0 + 1);
        self.at(SimTime(phase.0 + rounds * every.0), Event::Scrape);
    }

    /// When after a whole multiple of the resolution pods are read. The first reading of a run is at its start, whatever
    /// this is: metrics-server was there before.
    fn metrics_phase(&self) -> Span {
        let (every, age) = (self.scenario.metrics_resolution, self.scenario.metrics_age);
        if age == Span::ZERO { Span::ZERO } else { Span(every.0 - age.0) }
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
        let sets = self.sets_of_workload(target);
        let active: usize = sets.iter().map(|set| self.workloads[set.index()].active).sum();
        let desired = self.wanted_of(target);
        let looks = self.look_at_pods(&sets, &setup.config);
        // Its pods keep their names while it is shown them.
        let mut autoscalers = std::mem::take(&mut self.autoscalers);
        let hpa = &mut autoscalers[index as usize];
        let outcome = self.sync(hpa, setup.workload, &looks, (desired as i32, active as i32));
        self.autoscalers = autoscalers;
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

    /// Shows an autoscaler its target: a workload, its pods, how many are asked for and how many there are.
    fn sync(
        &self,
        hpa: &mut Hpa,
        workload: WorkloadId,
        looks: &[Look],
        (spec_replicas, status_replicas): (i32, i32),
    ) -> Outcome {
        let application = self.load.cost_of(workload).map_or(MilliCpu::ZERO, |cost| cost.0);
        let names: Vec<_> = looks.iter().enumerate().map(|(place, look)| self.name_of(place, look)).collect();
        let seen: Vec<_> = looks
            .iter()
            .map(|look| {
                let spec = &**self.cluster.class(look.class);
                let proxy = proxy_cost(spec, self.scenario);
                let used = look.sample.map(|sample| usage(spec, sample.cpu, application, proxy));
                (Containers::of(spec), used)
            })
            .collect();
        let pods: Vec<_> = looks
            .iter()
            .zip(&names)
            .zip(&seen)
            .map(|((look, name), (Containers { main, sidecars }, _))| Pod {
                containers: main,
                sidecars,
                ..look.view(name)
            })
            .collect();
        let samples: Vec<_> = looks
            .iter()
            .zip(&names)
            .zip(&seen)
            .filter_map(|((look, name), (_, used))| {
                let Sample { timestamp, window, .. } = look.sample?;
                Some(PodMetrics { pod: name, timestamp, window, containers: used.as_deref()? })
            })
            .collect();
        hpa.sync(&Observation {
            now: self.now,
            spec_replicas,
            status_replicas,
            pods: &pods,
            metrics: &Metrics::resources(&samples),
            scale_update_error: None,
        })
    }

    /// What an autoscaler calls pods that look alike: the name of the first of them, or, where that will not be asked
    /// for, one that no pod has.
    fn name_of(&self, place: usize, look: &Look) -> Cow<'_, str> {
        let first = look.first.1.map(|pod| Cow::Borrowed(&*self.cluster.pod(pod).name));
        first.unwrap_or_else(|| Cow::Owned(format!("#{place}")))
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
