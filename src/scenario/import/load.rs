//! What autoscaled workloads use while nobody says what their traffic is: as much cpu as their autoscalers have seen.

use overspill_manifest::Document;
use serde_json::Value;

use crate::controller::hpa::{MetricSpec, Resource, ResourceTarget};
use crate::scenario::inventory::{Autoscaler, Inventory, Workload};
use crate::traffic::Rate;
use crate::units::{MilliCpu, Quantity};

/// The rate that stands for today's load where nobody knows it.
pub(super) const STAND_IN: Rate = Rate(1000.0);

/// What an autoscaled workload uses today.
#[derive(Debug)]
pub(super) struct TodaysLoad<'i> {
    pub(super) workload: &'i Workload,
    /// What all its pods use together.
    pub(super) cpu: MilliCpu,
    /// How that is known, as a clause.
    pub(super) how: String,
}

impl TodaysLoad<'_> {
    /// The cpu of a thousand requests per second, if there are so many: in whole thousandths of a core, at least one.
    pub(super) fn cpu_per_thousand_requests(&self, rate: Rate) -> MilliCpu {
        let exact = self.cpu.0 as f64 * 1000.0 / rate.0;
        MilliCpu((exact as i64).max(1))
    }
}

/// The loads of all workloads whose autoscalers go by cpu, in the order of the autoscalers.
pub(super) fn todays_loads<'i>(inventory: &'i Inventory, documents: &[Document]) -> Vec<TodaysLoad<'i>> {
    let mut loads: Vec<TodaysLoad<'i>> = Vec::new();
    for autoscaler in &inventory.autoscalers {
        let is_target = |workload: &&Workload| workload.title() == autoscaler.target;
        let Some(workload) = inventory.workloads.iter().find(is_target) else { continue };
        let is_it =
            |one: &&Document| one.is("HorizontalPodAutoscaler", &autoscaler.namespace, &autoscaler.name);
        let printed = documents.iter().find(is_it);
        let seen = printed.and_then(|document| seen(&document.value()));
        let load = seen.or_else(|| wanted(autoscaler, workload));
        loads.extend(load.map(|(cpu, how)| TodaysLoad { workload, cpu, how }));
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
