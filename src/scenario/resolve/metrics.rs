//! Metrics of autoscalers beside cpu and memory: who supplies them.

use std::collections::BTreeSet;

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use super::load::find;
use super::population::Population;
use crate::controller::hpa::MetricSpec;
use crate::id::WorkloadId;
use crate::object::{ContainerRole, Labels, Title};
use crate::scenario::coming::Manifests;
use crate::scenario::file;
use crate::scenario::inventory::{Autoscaler, Inventory};
use crate::scenario::read::Locator;
use crate::simulation::scenario::{
    CustomMetricsSetup, JobSetup, MetricScope, MetricSetup, MetricSource, WorkloadSetup,
    is_requests_per_second,
};
use crate::traffic::Rate;
use crate::traffic::load::milli_rate;
use crate::units::{Bytes, SimTime, Span};

/// How often metrics are scraped that are no resources, where the scenario does not say (Prometheus Operator, API
/// reference, `PrometheusSpec.scrapeInterval`).
const PERIOD: Span = Span::from_secs(30);

impl Resolver<'_> {
    /// All metrics that somebody may ask for: those that are declared, and the well-known ones of objects.
    pub(super) fn custom_metrics(
        &mut self,
        inventories: &[&Inventory],
        workloads: &[WorkloadSetup],
        jobs: &[JobSetup],
    ) -> CustomMetricsSetup {
        let loaded = self.loaded;
        let mut metrics = Vec::new();
        for (name, metric) in &loaded.file.spec.metrics {
            let path = Locator::spec().key("metrics").key(name).key("from");
            let Some(source) = self.metric_source(&path, &metric.from, inventories, workloads, jobs) else {
                continue;
            };
            let labels = metric.labels.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            let labels = labels.collect::<Labels>();
            metrics.push(MetricSetup { name: name.clone(), labels, scope: MetricScope::Any, source });
        }
        for autoscaler in inventories.iter().flat_map(|inventory| &inventory.autoscalers) {
            let found = autoscaler
                .spec
                .metrics
                .iter()
                .filter_map(|metric| well_known(metric, &autoscaler.namespace, inventories, workloads));
            metrics.extend(found);
        }
        let given = self.spec().control_plane.custom_metrics_period.map_or(PERIOD, |given| given.0);
        let path = Locator::spec().key("controlPlane").key("customMetricsPeriod");
        let period = self.longer_than_nothing(&path, given).unwrap_or(PERIOD);
        CustomMetricsSetup { period, metrics }
    }

    fn metric_source(
        &mut self,
        path: &JsonPath,
        source: &file::MetricSource,
        inventories: &[&Inventory],
        workloads: &[WorkloadSetup],
        jobs: &[JobSetup],
    ) -> Option<MetricSource> {
        match source {
            file::MetricSource::RequestsTo(title) => {
                let mut meant = inventories.iter().map(|inventory| inventory.scaled_as(title));
                let found = meant.find_map(|title| find(workloads, title));
                if found.is_none() {
                    self.unknown_workload(&path.key("requestsTo"), title, inventories[0], workloads);
                }
                found.map(|workload| MetricSource::Requests(vec![workload]))
            }
            file::MetricSource::Series(shape) => {
                self.traffic_shape(&path.key("series"), shape).map(MetricSource::Series)
            }
            file::MetricSource::CompletionsLeft(title) => {
                let path = path.key("completionsLeft");
                let Some(job) = jobs.iter().position(|job| job.title == *title) else {
                    if self.workloads_complete {
                        self.unknown_name(&path, "Jobs", title, jobs.iter().map(|job| job.title.as_str()));
                    }
                    return None;
                };
                if jobs[job].spec.completions.is_none() {
                    self.say(&code::DO_NOT_FIT, &path, "a Job without `completions` lacks none");
                    return None;
                }
                Some(MetricSource::CompletionsLeft(job as u32))
            }
        }
    }

    /// Warns of traffic that takes pods above their memory limits, even if there are as many as there can be: the kubelet
    /// would kill the container, which is not modelled.
    pub(super) fn doubt_memory(&mut self, inventory: &Inventory, population: &Population, horizon: SimTime) {
        let loaded = self.loaded;
        let mut told = BTreeSet::new();
        for (name, traffic) in &loaded.file.spec.traffic {
            let Some(workload) = find(&population.workloads, inventory.scaled_as(&traffic.to)) else {
                continue;
            };
            let setup = &population.workloads[workload.index()];
            let Some((container, held, limit)) = above_limit(workload, setup, population, horizon) else {
                continue;
            };
            if told.insert(workload) {
                let path = Locator::spec().key("traffic").key(name);
                let message = format!(
                    "container {container} of {} would hold {}Mi at the highest rate, above its limit of \
                     {limit}: it is not killed here and holds no more than the limit",
                    setup.title,
                    held.0 >> 20,
                );
                let help = "raise the memory limit or the number of pods, or say what requests hold by \
                            `memoryPerThousandRequests`"
                    .to_owned();
                self.say_with_help(&code::NOT_MODELLED, &path, message, Some(help));
            }
        }
    }

    /// Warns of a metric that nobody supplies.
    pub(super) fn doubt_supply(
        &mut self,
        manifests: Manifests<'_>,
        autoscaler: &Autoscaler,
        (index, metric): (usize, &MetricSpec),
        population: &Population,
    ) {
        let Some(name) = metric.name() else { return };
        let of_pods = matches!(metric, MetricSpec::Pods { .. });
        let Some(target) = find(&population.workloads, &autoscaler.target) else { return };
        let target = population.workloads[target.index()].first_of_title;
        let has_traffic = population.traffic.iter().any(|stream| stream.workload == target);
        let metrics = &population.custom_metrics;
        if metrics.find(metric, &autoscaler.namespace).is_some()
            || (of_pods && has_traffic && is_requests_per_second(name))
        {
            return;
        }
        let effect = match autoscaler.spec.metrics.len() {
            1 => "this autoscaler will never scale",
            _ => "this metric will never count, and the autoscaler never scales down",
        };
        let name = &name.name;
        let is_declared = metrics.metrics.iter().any(|one| one.name == *name);
        let (what, help) = if is_declared {
            let help = "write the labels that the selector asks for into `labels` of the metric".to_owned();
            ("its selector does not match the labels of", help)
        } else {
            let help = format!(
                "say where it comes from: `metrics: {{{name}: {{from: {{requestsTo: {}}}}}}}`, or `series`, or \
                 `completionsLeft`",
                autoscaler.target
            );
            ("nobody supplies", help)
        };
        let path = JsonPath::root().key("spec").key("metrics").index(index);
        let place = manifests.place_in_autoscaler(autoscaler, &path);
        self.say_at(place, &code::NEVER_SCALES, format!("{what} the metric {name}: {effect}"), Some(help));
    }
}

/// The container that serves the requests of a workload, what it would hold at the highest rate, and its limit, if that is
/// less. There are as many pods as the largest autoscaler allows.
fn above_limit<'s>(
    workload: WorkloadId,
    setup: &'s WorkloadSetup,
    population: &Population,
    horizon: SimTime,
) -> Option<(&'s str, Bytes, Bytes)> {
    let sized = population.autoscalers.iter().filter(|one| one.workload == workload);
    let most = sized.map(|one| one.spec.max_replicas).max();
    let pods = most.map_or(setup.replicas, |most| most.max(0) as u32).max(1);
    let mut application = setup.template.containers.iter();
    let application = application.find(|one| one.role == ContainerRole::Main && !one.is_injected())?;
    let limit = Bytes(application.limits.get("memory")?.value());
    let streams = || population.traffic.iter().filter(|stream| stream.workload == workload);
    let base = streams().next()?.base_memory;
    let held = streams().map(|stream| {
        let rate = Rate(stream.shape.highest_until(horizon).0 / f64::from(pods));
        stream.memory.held_at(milli_rate(rate))
    });
    let held = held.fold(base, |all, one| Bytes(all.0.saturating_add(one.0)));
    (held > limit).then_some((application.name.as_str(), held, limit))
}

/// The requests per second of a Service, which are those of the workloads that it selects, or of a workload.
fn well_known(
    metric: &MetricSpec,
    namespace: &str,
    inventories: &[&Inventory],
    workloads: &[WorkloadSetup],
) -> Option<MetricSetup> {
    let MetricSpec::Object { kind, object, metric, .. } = metric else { return None };
    if !is_requests_per_second(metric) {
        return None;
    }
    let all = (0..).map(WorkloadId).zip(workloads).filter(|(id, setup)| setup.first_of_title == *id);
    let found: Vec<WorkloadId> = if kind == "Service" {
        let mut services = inventories.iter().flat_map(|inventory| &inventory.services);
        let service = services.find(|one| one.namespace == namespace && one.name == *object)?;
        let selects = |setup: &WorkloadSetup| {
            let labels = &setup.template.labels;
            setup.template.namespace == namespace
                && service.selector.0.iter().all(|(key, value)| labels.get(key) == Some(value.as_str()))
        };
        all.filter(|(_, setup)| selects(setup)).map(|(id, _)| id).collect()
    } else {
        let title = Title { kind, namespace: Some(namespace), name: object }.to_string();
        all.filter(|(_, setup)| setup.title == title).map(|(id, _)| id).collect()
    };
    let scope =
        MetricScope::Object { kind: kind.clone(), namespace: namespace.to_owned(), name: object.clone() };
    let (name, source) = (metric.name.clone(), MetricSource::Requests(found));
    Some(MetricSetup { name, labels: Labels::default(), scope, source })
}
