//! Horizontal pod autoscalers: what they see of a run, and what they make of it.

mod look;
mod usage;

use std::borrow::Cow;

use super::Run;
use super::custom_metrics::PodValue;
use super::event::Event;
use super::mesh::{proxy_cost, proxy_memory};
use crate::controller::hpa::{Hpa, Metrics, Observation, Outcome, Pod, PodMetrics};
use crate::controller::pod_metrics::Sample;
use crate::id::WorkloadId;
use crate::metric::Fact;
use crate::object::Title;
use crate::simulation::scenario::AutoscalerSetup;
use crate::units::MilliCpu;
use look::{Look, Sight};
use usage::{Containers, Costs};

impl Run<'_, '_> {
    /// metrics-server reads all pods.
    pub(super) fn scrape(&mut self) {
        self.settle_all_load();
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
        let sets = self.sets_of_workload(target);
        let active: usize = sets.iter().map(|set| self.workloads[set.index()].active).sum();
        let desired = self.wanted_of(target);
        let sight = Sight::of(&self.autoscalers[index as usize].spec, &setup.config, self.now);
        let looks = self.look_at_pods(&sets, sight);
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
        let (memory, base_memory) = self.load.memory_of(workload, self.scenario);
        let names: Vec<_> = looks.iter().enumerate().map(|(place, look)| self.name_of(place, look)).collect();
        let seen: Vec<_> = looks
            .iter()
            .map(|look| {
                let spec = &**self.cluster.class(look.class);
                let costs = Costs {
                    cpu: [application, proxy_cost(spec, self.scenario)],
                    memory: [memory, proxy_memory(spec, self.scenario)],
                    base_memory,
                };
                (Containers::of(spec), look.sample.map(|sample| costs.usage(spec, sample)))
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
        let mut metrics = Metrics::resources(&samples);
        let known: Vec<_> = looks
            .iter()
            .zip(&names)
            .filter_map(|(look, name)| Some(PodValue { name, serves: look.known? }))
            .collect();
        let asked: Vec<_> =
            hpa.spec.metrics.iter().filter(|metric| metric.name().is_some()).cloned().collect();
        self.tell_custom_metrics(&mut metrics, &asked, (&hpa.namespace, workload), &known);
        hpa.sync(&Observation {
            now: self.now,
            spec_replicas,
            status_replicas,
            pods: &pods,
            metrics: &metrics,
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

fn autoscaler_title(setup: &AutoscalerSetup) -> Title<'_> {
    let namespace = Some(setup.namespace.as_str());
    Title { kind: "HorizontalPodAutoscaler", namespace, name: &setup.name }
}
