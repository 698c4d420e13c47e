//! What autoscaled workloads use while nobody says what their traffic is: as much cpu as their autoscalers have seen.

use overspill_manifest::{Diagnostic, Document};
use serde_json::Value;

use super::{Wishes, checks};
use crate::controller::hpa::{MetricSpec, Resource, ResourceTarget};
use crate::scenario::drafting::Load;
use crate::scenario::inventory::{Autoscaler, Inventory, Workload};
use crate::traffic::Rate;
use crate::units::{MilliCpu, Quantity, Span};

/// The rate that stands for today's load where nobody knows it.
const STAND_IN: Load = Load { rate: Rate(1000.0), peak: None, spike: Span::ZERO };

/// The traffic of one workload.
pub(super) struct Stream<'i> {
    pub(super) workload: &'i Workload,
    pub(super) load: Load,
    /// The cpu of a thousand requests per second, if it is known.
    pub(super) cpu: Option<MilliCpu>,
    /// What the figures rest on.
    pub(super) why: String,
    /// How many pods there were and how many the autoscaler wanted, where these differ.
    pub(super) moving: Option<(i64, i64)>,
}

/// What an autoscaled workload uses today.
#[derive(Debug)]
struct TodaysLoad<'i> {
    workload: &'i Workload,
    /// What all its pods use together.
    cpu: MilliCpu,
    /// How that is known, as a clause.
    how: String,
    /// As in [`Stream`].
    moving: Option<(i64, i64)>,
}

/// The traffic of all workloads of which anything is known.
pub(super) fn streams<'i>(
    inventory: &'i Inventory,
    documents: &[Document],
    wishes: &Wishes<'_>,
) -> Result<Vec<Stream<'i>>, Box<Diagnostic>> {
    let loads = todays_loads(inventory, documents);
    let titles: Vec<String> = loads.iter().map(|load| load.workload.title()).collect();
    let wanted = match (&wishes.load, &wishes.to) {
        (None, None) => None,
        (_, Some(title)) => Some(checks::workload(inventory, title)?),
        (Some(_), None) => Some(checks::only_one(inventory, &titles)?),
    };
    let is_wanted = |workload: &Workload| wanted.is_some_and(|wanted| wanted.title() == workload.title());
    let stream = |today: &TodaysLoad<'i>| today.stream(wishes.load.filter(|_| is_wanted(today.workload)));
    let mut streams: Vec<Stream<'i>> = loads.iter().map(stream).collect();
    if let (Some(load), Some(workload)) = (wishes.load, wanted)
        && !titles.contains(&workload.title())
    {
        let why = "no autoscaler tells what its pods use: cpuPerThousandRequests has its default.".to_owned();
        streams.push(Stream { workload, load, cpu: None, why, moving: None });
    }
    Ok(streams)
}

impl<'i> TodaysLoad<'i> {
    /// The traffic that uses it: as much as was given, or what stands for it.
    fn stream(&self, given: Option<Load>) -> Stream<'i> {
        let load = given.unwrap_or(STAND_IN);
        let of_rate = match given {
            Some(_) => "which serve this rate today",
            None => "and this rate stands for that: put the real one here",
        };
        let cpu = Some(self.cpu_per_thousand_requests(load.rate));
        let why = format!("{}, {of_rate}.", self.how);
        Stream { workload: self.workload, load, cpu, why, moving: self.moving }
    }

    /// The cpu of a thousand requests per second, if there are so many: in whole thousandths of a core, at least one.
    fn cpu_per_thousand_requests(&self, rate: Rate) -> MilliCpu {
        let exact = self.cpu.0 as f64 * 1000.0 / rate.0;
        MilliCpu((exact as i64).max(1))
    }
}

/// The loads of all workloads whose autoscalers go by cpu, in the order of the autoscalers.
fn todays_loads<'i>(inventory: &'i Inventory, documents: &[Document]) -> Vec<TodaysLoad<'i>> {
    let mut loads: Vec<TodaysLoad<'i>> = Vec::new();
    for autoscaler in &inventory.autoscalers {
        let is_target = |workload: &&Workload| workload.title() == autoscaler.target;
        let Some(workload) = inventory.workloads.iter().find(is_target) else { continue };
        let is_it =
            |one: &&Document| one.is("HorizontalPodAutoscaler", &autoscaler.namespace, &autoscaler.name);
        let printed = documents.iter().find(is_it);
        let moving = printed.and_then(|document| moving(&document.value()));
        let seen = printed.and_then(|document| seen(&document.value()));
        let load = seen.or_else(|| wanted(autoscaler, workload));
        loads.extend(load.map(|(cpu, how)| TodaysLoad { workload, cpu, how, moving }));
    }
    loads.retain(|load| load.cpu > MilliCpu::ZERO);
    loads
}

/// What the autoscaler has seen last, as its status tells.
fn seen(autoscaler: &Value) -> Option<(MilliCpu, String)> {
    let status = &autoscaler["status"];
    let replicas = status["currentReplicas"].as_i64()?;
    let metrics = status["currentMetrics"].as_array()?;
    let cpu = metrics.iter().find(|one| one["resource"]["name"] == "cpu")?;
    let average: Quantity = cpu["resource"]["current"]["averageValue"].as_str()?.parse().ok()?;
    let all = MilliCpu(average.milli_value().saturating_mul(replicas));
    Some((all, format!("the autoscaler has seen {average} in each of {replicas} pods")))
}

/// How many pods there were and how many the autoscaler wanted, where these differ.
fn moving(autoscaler: &Value) -> Option<(i64, i64)> {
    let replicas = |field| autoscaler["status"][field].as_i64();
    let (current, desired) = (replicas("currentReplicas")?, replicas("desiredReplicas")?);
    (current != desired).then_some((current, desired))
}

/// What the autoscaler wants them to use.
fn wanted(autoscaler: &Autoscaler, workload: &Workload) -> Option<(MilliCpu, String)> {
    let each = autoscaler.spec.metrics.iter().find_map(|metric| match metric {
        MetricSpec::Resource { resource: Resource::Cpu, target } => Some(match target {
            ResourceTarget::Utilization(percent) => {
                workload.template.requests.filter.cpu.0.saturating_mul(i64::from(*percent)) / 100
            }
            ResourceTarget::AverageValue(milli) => *milli,
        }),
        _ => None,
    })?;
    let all = MilliCpu(each.saturating_mul(i64::from(workload.replicas)));
    let (each, replicas) = (MilliCpu(each), workload.replicas);
    Some((all, format!("the autoscaler tells no usage, but wants {each} in each of {replicas} pods")))
}
