//! Horizontal pod autoscalers: what they see of a run, and what they make of it.

use super::Run;
use super::event::Event;
use crate::controller::hpa::{Amounts, Container, ContainerUsage, Metrics, Observation, Pod, PodMetrics};
use crate::controller::pod_metrics::Sample;
use crate::id::PodId;
use crate::metric::Fact;
use crate::object::{ContainerRole, PodSpec};
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
        let workload = &self.workloads[setup.workload.index()];
        let spec = self.cluster.class(workload.class).clone();
        let (containers, sidecars) =
            (containers(&spec, ContainerRole::Main), containers(&spec, ContainerRole::Sidecar));
        let listed = workload.pods.clone();
        let names: Vec<_> = listed.iter().map(|&pod| self.cluster.pod(pod).name.clone()).collect();
        let pods: Vec<_> = listed
            .iter()
            .zip(&names)
            .map(|(&pod, name)| self.pod_view(pod, name, &containers, &sidecars))
            .collect();
        let sampled: Vec<(PodId, &str, Sample)> = listed
            .iter()
            .zip(&names)
            .filter_map(|(&pod, name)| Some((pod, &**name, self.pod_metrics.sample(pod)?)))
            .collect();
        let usages: Vec<_> = sampled.iter().map(|(.., sample)| usage(&spec, sample.cpu)).collect();
        let samples: Vec<_> = sampled
            .iter()
            .zip(&usages)
            .map(|((_, pod, sample), containers)| PodMetrics {
                pod,
                timestamp: sample.timestamp,
                window: sample.window,
                containers,
            })
            .collect();
        let active = listed.iter().filter(|pod| !self.pods[pod.index()].is_terminating()).count();
        let desired = workload.desired;
        let outcome = self.autoscalers[index as usize].sync(&Observation {
            now: self.now,
            spec_replicas: desired as i32,
            status_replicas: active as i32,
            pods: &pods,
            metrics: &Metrics::resources(&samples),
            scale_update_error: None,
        });
        let object = format!("HorizontalPodAutoscaler/{}/{}", setup.namespace, setup.name);
        for event in &outcome.events {
            self.tell(&Fact::Event {
                kind: event.kind,
                reason: event.reason,
                object: &object,
                message: &event.message,
            });
        }
        if outcome.replicas != desired as i32 {
            self.scale(setup.workload, outcome.replicas.max(0) as u32);
        }
        self.at(self.now + setup.config.sync_period, Event::Autoscale(index));
    }

    /// A pod as an autoscaler sees it.
    fn pod_view<'v>(
        &self,
        pod: PodId,
        name: &'v str,
        containers: &'v [Container<'v>],
        sidecars: &'v [Container<'v>],
    ) -> Pod<'v> {
        let state = &self.pods[pod.index()];
        Pod {
            name,
            phase: state.phase(),
            deleted: state.is_terminating(),
            start: state.assigned,
            ready: state.ready_condition(),
            containers,
            sidecars,
            pod_requests: None,
        }
    }
}

/// The containers of one role with their requests.
fn containers(spec: &PodSpec, role: ContainerRole) -> Vec<Container<'_>> {
    let amounts = |container: &crate::object::Container| {
        let cpu = container.requests.get("cpu").map(|quantity| MilliCpu(quantity.milli_value()));
        let memory = container.requests.get("memory").map(|quantity| Bytes(quantity.value()));
        Amounts::new(cpu, memory)
    };
    let of_role = spec.containers.iter().filter(|container| container.role == role);
    of_role.map(|container| Container { name: &container.name, requests: amounts(container) }).collect()
}

/// What each container of a pod uses: the first main container serves the traffic, the others idle.
fn usage(spec: &PodSpec, cpu: MilliCpu) -> Vec<ContainerUsage<'_>> {
    let mut left = Some(cpu);
    let running = spec.containers.iter().filter(|container| container.role != ContainerRole::Init);
    running
        .map(|container| {
            let serves = container.role == ContainerRole::Main;
            let cpu = if serves { left.take() } else { None }.unwrap_or_default();
            ContainerUsage { name: &container.name, usage: Amounts::new(Some(cpu), None) }
        })
        .collect()
}
