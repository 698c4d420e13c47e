//! Metrics that are no resources: measured at intervals of their own, and told to autoscalers who ask for them.

use std::collections::BTreeMap;

use super::Run;
use super::event::Event;
use super::pod_state::PodState;
use crate::controller::hpa::{CustomSample, MetricSpec, Metrics};
use crate::id::WorkloadId;
use crate::rule::{Confidence, Rule};
use crate::simulation::scenario::{MetricSource, is_requests_per_second};
use crate::traffic::Law;
use crate::units::{SimTime, Span};

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "custom-metrics",
    statement: "Metrics that are no resources are measured at intervals of their own: a rate is the mean of the last \
                interval, anything else the value at its end; a pod has none until it was measured twice.",
    source: "Prometheus, \"Query functions\", `rate()`, over a range of two scrapes as prometheus-adapter asks for it",
    confidence: Confidence::Estimate,
}];

/// Requests per second in thousandths.
#[derive(Clone, Copy, Debug, Default)]
struct Requests {
    /// Of all pods.
    all: i64,
    /// Of each pod that served.
    per_pod: i64,
}

/// What was measured last.
#[derive(Debug, Default)]
pub(super) struct CustomMetrics {
    /// The beginning and the end of the last interval.
    window: Option<(SimTime, SimTime)>,
    /// When was measured last.
    last: Option<SimTime>,
    /// Requests by the first workload of a title.
    requests: BTreeMap<WorkloadId, Requests>,
    /// The values of the scenario's metrics in thousandths; `None` for one that is not to be had.
    values: Vec<Option<i64>>,
}

impl CustomMetrics {
    /// What is known of a pod: nothing, if it was not measured twice, or whether it served at the end of the interval.
    pub(super) fn knows(&self, pod: &PodState) -> Option<bool> {
        let (from, to) = self.window?;
        pod.started.filter(|&started| started <= from)?;
        Some(pod.ready.is_some_and(|ready| ready <= to))
    }
}

/// The samples of pods for an autoscaler, by what is known of each.
pub(super) struct PodValue<'n> {
    pub(super) name: &'n str,
    pub(super) serves: bool,
}

impl Run<'_, '_> {
    /// Measures all metrics that are no resources.
    pub(super) fn measure(&mut self) {
        self.settle_all_load();
        let before = self.custom_metrics.last.replace(self.now);
        self.custom_metrics.window = before.map(|before| (before, self.now));
        let seconds = before.map(|before| self.now.since(before).as_secs_f64());
        for (workload, (all, per_pod)) in self.load.serving.measure() {
            let milli =
                |requests: f64| seconds.map_or(0, |seconds| (requests * 1000.0 / seconds).round() as i64);
            let requests = Requests { all: milli(all), per_pod: milli(per_pod) };
            self.custom_metrics.requests.insert(workload, requests);
        }
        let metrics = &self.scenario.custom_metrics;
        self.custom_metrics.values = metrics.metrics.iter().map(|one| self.value_of(&one.source)).collect();
        self.at(self.now + metrics.period, Event::Measure);
    }

    fn value_of(&self, source: &MetricSource) -> Option<i64> {
        match source {
            MetricSource::Requests(workloads) => {
                self.custom_metrics.window?;
                let of = |workload| self.custom_metrics.requests.get(workload).map_or(0, |one| one.all);
                Some(workloads.iter().map(of).sum())
            }
            MetricSource::Series(shape) => Some((shape.rate_at(self.now).0 * 1000.0).round() as i64),
            MetricSource::CompletionsLeft(job) => {
                let state = &self.jobs[*job as usize];
                state.since?;
                let left = state.job.spec.completions?.saturating_sub(state.job.status().succeeded);
                Some(i64::from(left) * 1000)
            }
        }
    }

    /// Tells the autoscaler of `workload` what it asks for beside cpu and memory.
    pub(super) fn tell_custom_metrics<'m>(
        &self,
        told: &mut Metrics<'m>,
        asked: &'m [MetricSpec],
        (namespace, workload): (&str, WorkloadId),
        pods: &[PodValue<'m>],
    ) {
        for metric in asked {
            let Some(name) = metric.name() else { continue };
            let place = self.scenario.custom_metrics.find(metric, namespace);
            let value = place.and_then(|place| *self.custom_metrics.values.get(place)?);
            match metric {
                MetricSpec::Pods { .. } => {
                    let source = place.map(|place| &self.scenario.custom_metrics.metrics[place].source);
                    let is_own = match source {
                        None => is_requests_per_second(name),
                        Some(MetricSource::Requests(workloads)) => **workloads == [workload],
                        Some(_) => false,
                    };
                    let values = self.values_of_pods(is_own.then_some(workload), value, pods);
                    told.custom.insert(&name.key, Ok(values));
                }
                MetricSpec::Object { .. } => {
                    told.objects.extend(value.map(|value| (name.key.as_str(), Ok(value))));
                }
                _ => _ = told.external.insert(&name.key, Ok(value.into_iter().collect())),
            }
        }
    }

    /// Each pod has its own requests per second, where the metric is those of a workload's own pods; else all have the
    /// same value.
    fn values_of_pods<'m>(
        &self,
        own: Option<WorkloadId>,
        value: Option<i64>,
        pods: &[PodValue<'m>],
    ) -> Vec<CustomSample<'m>> {
        let Some((_, timestamp)) = self.custom_metrics.window else { return Vec::new() };
        let requests = own.and_then(|workload| self.custom_metrics.requests.get(&workload));
        let of_pod = |pod: &PodValue<'_>| match requests {
            Some(requests) => Some(if pod.serves { requests.per_pod } else { 0 }),
            None => value,
        };
        let window: Span = self.scenario.custom_metrics.period;
        let sample =
            |pod: &PodValue<'m>| Some(CustomSample { pod: pod.name, timestamp, window, value: of_pod(pod)? });
        pods.iter().filter_map(sample).collect()
    }
}
