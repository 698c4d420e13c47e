//! Traffic and autoscalers: who serves it, and who sizes them.

use std::collections::BTreeSet;

use overspill_manifest::{Document, JsonPath, code};

use super::Resolver;
use crate::controller::hpa;
use crate::id::WorkloadId;
use crate::object::Title;
use crate::scenario::coming::Manifests;
use crate::scenario::inventory::{Autoscaler, Inventory};
use crate::scenario::notation::Amount;
use crate::scenario::read::Locator;
use crate::simulation::scenario::{AutoscalerSetup, BASE_MEMORY, TrafficSetup, WorkloadSetup};
use crate::traffic::load::{CpuPerThousandRequests, MemoryPerThousandRequests};
use crate::units::{Bytes, MilliCpu, Span};

/// What a thousand requests per second cost where the scenario does not say: Envoy of Istio 1.10 (Istio, "Performance
/// and Scalability").
const CPU_PER_THOUSAND_REQUESTS: MilliCpu = MilliCpu(350);

/// What a thousand requests per second hold in memory where the scenario does not say: Envoy of Istio 1.10 (Istio,
/// "Performance and Scalability").
const MEMORY_PER_THOUSAND_REQUESTS: Bytes = Bytes(40_000_000);

/// More memory than any machine has: beyond it the arithmetic of bytes would overflow.
const MOST_MEMORY: Bytes = Bytes(1 << 60);

/// The most that a thousand requests per second may cost, a thousand cores for each: no request takes that, and far
/// beyond it the arithmetic of cpu would overflow.
pub(super) const MOST_CPU_PER_THOUSAND_REQUESTS: MilliCpu = MilliCpu::from_cores(1_000_000);

impl Resolver<'_> {
    pub(super) fn traffic(
        &mut self,
        inventory: &Inventory,
        workloads: &[WorkloadSetup],
    ) -> Vec<TrafficSetup> {
        let loaded = self.loaded;
        let mut streams = Vec::new();
        for (name, traffic) in &loaded.file.spec.traffic {
            let path = Locator::spec().key("traffic").key(name);
            let shape = self.traffic_shape(&path.key("rate"), &traffic.rate);
            let cost = self.cost(&path, traffic.cpu_per_thousand_requests);
            let memory = self.memory_cost(&path, traffic.memory_per_thousand_requests);
            let base = self.memory_of(&path.key("baseMemory"), traffic.base_memory, BASE_MEMORY);
            let service_time = self.service_time(&path, traffic);
            let warm_up = self.warm_up(&path, traffic, cost);
            let Some(workload) = find(workloads, inventory.scaled_as(&traffic.to)) else {
                self.unknown_workload(&path.key("to"), &traffic.to, inventory, workloads);
                continue;
            };
            if let (Some(shape), Some(cost), Some(memory), Some(base_memory)) = (shape, cost, memory, base) {
                let stream =
                    TrafficSetup { workload, shape, cost, memory, base_memory, service_time, warm_up };
                self.agree_on_warm_up(&path, &stream, &streams);
                streams.push(stream);
            }
        }
        streams
    }

    /// Tells that there is no workload called `title`. Where some of the manifests are broken, what they name counts as
    /// there; where some cannot be read at all, nobody knows.
    pub(super) fn unknown_workload(
        &mut self,
        path: &JsonPath,
        title: &str,
        inventory: &Inventory,
        workloads: &[WorkloadSetup],
    ) {
        let loaded = self.loaded;
        let mut titles: Vec<String> = workloads.iter().map(|workload| workload.title.clone()).collect();
        titles.extend(inventory.gateways.iter().map(|gateway| gateway.title.clone()));
        if !self.workloads_complete {
            let scaled = |document: &&Document| {
                matches!(document.kind.as_str(), "Deployment" | "ReplicaSet" | "StatefulSet" | "IstioGateway")
            };
            titles.extend(loaded.documents.iter().filter(scaled).map(title_of));
        }
        let has_name_of = |other: &str| {
            let (this, other) = (Title::of(title), Title::of(other));
            (this.namespace, this.name) == (other.namespace, other.name)
        };
        let whole: BTreeSet<usize> = loaded.objects.iter().map(|object| object.document).collect();
        let is_broken = |index: &usize| !whole.contains(index);
        let mut broken = (0..loaded.documents.len()).filter(is_broken);
        let may_be_meant = titles.iter().any(|one| one == title)
            || broken.any(|index| has_name_of(&title_of(&loaded.documents[index])));
        if loaded.documents_complete && !may_be_meant {
            self.unknown_name(path, "workloads", title, titles.iter().map(String::as_str));
        }
    }

    /// What a request costs where `cpuPerThousandRequests` below `path` may say so.
    pub(super) fn cost(&mut self, path: &JsonPath, given: Option<Amount>) -> Option<CpuPerThousandRequests> {
        let cpu = given.map_or(CPU_PER_THOUSAND_REQUESTS, |given| MilliCpu(given.0.milli_value()));
        if cpu <= MilliCpu::ZERO {
            self.say(&code::DO_NOT_FIT, &path.key("cpuPerThousandRequests"), "must be greater than 0");
            return None;
        }
        if cpu > MOST_CPU_PER_THOUSAND_REQUESTS {
            let most = MOST_CPU_PER_THOUSAND_REQUESTS.0 / 1000;
            let message = format!("must be at most {most} cores");
            self.say(&code::DO_NOT_FIT, &path.key("cpuPerThousandRequests"), message);
            return None;
        }
        Some(CpuPerThousandRequests(cpu))
    }

    /// What requests hold in memory where `memoryPerThousandRequests` below `path` may say so.
    pub(super) fn memory_cost(
        &mut self,
        path: &JsonPath,
        given: Option<Amount>,
    ) -> Option<MemoryPerThousandRequests> {
        let path = path.key("memoryPerThousandRequests");
        self.memory_of(&path, given, MEMORY_PER_THOUSAND_REQUESTS).map(MemoryPerThousandRequests)
    }

    fn memory_of(&mut self, path: &JsonPath, given: Option<Amount>, default: Bytes) -> Option<Bytes> {
        let bytes = given.map_or(default, |given| Bytes(given.0.value()));
        if bytes < Bytes::ZERO || bytes > MOST_MEMORY {
            self.say(&code::DO_NOT_FIT, path, "must be from 0 to 1Ei");
            return None;
        }
        Some(bytes)
    }

    pub(super) fn autoscalers(
        &mut self,
        manifests: Manifests<'_>,
        workloads: &[WorkloadSetup],
        at_start: bool,
    ) -> Vec<AutoscalerSetup> {
        let config = self.autoscaler_config();
        let mut setups = Vec::new();
        for autoscaler in &manifests.inventory.autoscalers {
            let spec = JsonPath::root().key("spec");
            let Some(workload) = find(workloads, &autoscaler.target) else {
                let message = format!("it has no effect: there is no {}", autoscaler.target);
                let place = manifests.place_in_autoscaler(autoscaler, &spec.key("scaleTargetRef"));
                self.say_at(place, &code::WITHOUT_EFFECT, message, None);
                continue;
            };
            setups.push(AutoscalerSetup { at_start, ..setup(autoscaler, workload, config) });
        }
        setups
    }

    fn autoscaler_config(&mut self) -> hpa::Config {
        let given = self.spec().control_plane.clone();
        let defaults = hpa::Config::default();
        let span = |given: Option<crate::scenario::notation::Duration>, default| {
            given.map_or(default, |given| given.0)
        };
        let path = Locator::spec().key("controlPlane");
        let sync_period = span(given.hpa_sync_period, defaults.sync_period);
        if sync_period == Span::ZERO {
            self.say(&code::DO_NOT_FIT, &path.key("hpaSyncPeriod"), "must be longer than 0s");
        }
        let tolerance = given.hpa_tolerance.unwrap_or(defaults.tolerance);
        if !(0.0..=10.0).contains(&tolerance) {
            self.say(&code::DO_NOT_FIT, &path.key("hpaTolerance"), "must be between 0 and 10");
        }
        hpa::Config {
            sync_period,
            downscale_stabilisation: span(
                given.hpa_downscale_stabilization,
                defaults.downscale_stabilisation,
            ),
            tolerance,
            cpu_initialization_period: span(
                given.cpu_initialization_period,
                defaults.cpu_initialization_period,
            ),
            initial_readiness_delay: span(given.initial_readiness_delay, defaults.initial_readiness_delay),
            configurable_tolerance: given
                .hpa_configurable_tolerance
                .unwrap_or(defaults.configurable_tolerance),
        }
    }
}

fn setup(autoscaler: &Autoscaler, workload: WorkloadId, config: hpa::Config) -> AutoscalerSetup {
    AutoscalerSetup {
        namespace: autoscaler.namespace.clone(),
        name: autoscaler.name.clone(),
        at_start: true,
        workload,
        spec: autoscaler.spec.clone(),
        config,
    }
}

fn title_of(document: &Document) -> String {
    let Document { kind, name, .. } = document;
    Title { kind, namespace: Some(document.namespace_or_default()), name }.to_string()
}

pub(super) fn find(workloads: &[WorkloadSetup], title: &str) -> Option<WorkloadId> {
    workloads.iter().position(|workload| workload.title == title).map(|place| WorkloadId(place as u32))
}
