//! Traffic: which pods serve it, how much cpu they get for it, and what stays unserved.
//!
//! Between two looks the rate is taken as its mean, so a look is due whenever the rate bends, at every whole second
//! while it changes, and before the set of serving pods changes.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Run;
use super::event::Event;
use crate::capacity::cpu_share::{Demand, cgroup_weight, share, usable_on_eci};
use crate::id::{ClassId, NodeId, PodId, WorkloadId};
use crate::metric::Fact;
use crate::object::{Container, ContainerRole, NodeClass, PodSpec};
use crate::simulation::Scenario;
use crate::traffic::Law;
use crate::traffic::load::{CpuPerThousandRequests, Grant, serve, wanted_by_each};
use crate::units::{MicroCpu, MilliCpu, SimTime, Span};

/// The longest time between two looks while a rate changes.
const LOOK_EVERY: Span = Span::from_secs(1);

/// One workload's serving pods.
#[derive(Debug)]
struct Serving {
    workload: WorkloadId,
    /// All workloads of its title, it being the first.
    of_title: Vec<WorkloadId>,
    /// Indices into the scenario's traffic.
    streams: Vec<usize>,
    cost: CpuPerThousandRequests,
    pods: Vec<PodId>,
}

/// Who serves traffic, and until when it is settled.
#[derive(Debug, Default)]
pub(super) struct Load {
    serving: Vec<Serving>,
    settled: SimTime,
}

/// What one pod asks of its node, and where its grant goes.
struct Claim {
    node: NodeId,
    demand: Demand,
    cost: CpuPerThousandRequests,
    group: usize,
    pod: PodId,
}

/// What a pod of one class can use on its node.
#[derive(Clone, Copy)]
struct Usable {
    /// Its weight among the pods of the node.
    weight: u32,
    /// The most cpu.
    limit: Option<MicroCpu>,
    /// What a thousand requests per second cost in its proxy.
    proxy: MilliCpu,
}

impl Load {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let traffic = &scenario.traffic;
        let mut serving: Vec<Serving> = Vec::new();
        for (index, stream) in traffic.iter().enumerate() {
            match serving.iter_mut().find(|one| one.workload == stream.workload && one.cost == stream.cost) {
                Some(one) => one.streams.push(index),
                None => serving.push(Serving {
                    workload: stream.workload,
                    of_title: scenario.of_title(stream.workload),
                    streams: vec![index],
                    cost: stream.cost,
                    pods: Vec::new(),
                }),
            }
        }
        Self { serving, settled: SimTime::ZERO }
    }

    /// A pod of a workload begins to serve.
    pub(super) fn joins(&mut self, workload: WorkloadId, pod: PodId) {
        for one in self.serving.iter_mut().filter(|one| one.workload == workload) {
            one.pods.push(pod);
        }
    }

    /// What a request costs the application of a workload, by its first stream.
    pub(super) fn cost_of(&self, workload: WorkloadId) -> Option<CpuPerThousandRequests> {
        self.serving.iter().find(|one| one.workload == workload).map(|one| one.cost)
    }

    /// A pod of a workload serves no more.
    pub(super) fn leaves(&mut self, workload: WorkloadId, pod: PodId) {
        for one in self.serving.iter_mut().filter(|one| one.workload == workload) {
            one.pods.retain(|&other| other != pod);
        }
    }
}

impl Run<'_, '_> {
    /// The workload by which traffic knows one: the first of its title.
    pub(super) fn served_as(&self, workload: WorkloadId) -> WorkloadId {
        self.scenario.workloads[workload.index()].first_of_title
    }

    /// Looks at the load, and says when to look again.
    pub(super) fn load_changed(&mut self) {
        self.settle_load();
        if let Some(next) = self.next_look() {
            self.at(next, Event::Load);
        }
    }

    /// The next bend of any rate, or the next whole second if a rate changes before.
    fn next_look(&self) -> Option<SimTime> {
        let next = |shape: &crate::traffic::Shape| {
            let bend = shape.next_breakpoint(self.now);
            let end = bend.unwrap_or(self.scenario.horizon);
            let middle = SimTime(self.now.0.midpoint(end.0));
            let level = shape.rate_at(self.now).0.to_bits() == shape.rate_at(middle).0.to_bits();
            if level { bend } else { Some(end.min((self.now + Span(1)).round_up_to(LOOK_EVERY))) }
        };
        self.scenario.traffic.iter().filter_map(|stream| next(&stream.shape)).min()
    }

    /// Serves everything that has arrived since the last look, by the pods that were ready in between.
    pub(super) fn settle_load(&mut self) {
        let (from, step) = (self.load.settled, self.now.since(self.load.settled));
        if step == Span::ZERO {
            return;
        }
        self.load.settled = self.now;
        let requests: Vec<f64> = self.load.serving.iter().map(|one| self.requests(one, from)).collect();
        let mut grants: Vec<Vec<Grant>> = vec![Vec::new(); requests.len()];
        let claims = self.claims(&requests, step);
        let with_traffic = self.classes_with_traffic();
        for node in claims.chunk_by(|a, b| a.node == b.node) {
            let demands: Vec<_> = node.iter().map(|claim| claim.demand).collect();
            let capacity = self.cpu_for_load(node[0].node, &with_traffic);
            let granted = capacity
                .map_or_else(|| demands.iter().map(Demand::capped).collect(), |all| share(all, &demands));
            for (claim, cpu) in node.iter().zip(granted) {
                grants[claim.group].push(Grant { cost: claim.cost, cpu });
                self.pod_metrics.set_usage(claim.pod, cpu, from);
            }
        }
        for (group, (requests, granted)) in requests.into_iter().zip(grants).enumerate() {
            let one = &self.load.serving[group];
            let served = serve(requests, step, &granted);
            let workload = self.scenario.workloads[one.workload.index()].title.as_str();
            self.tell(&Fact::Load { workload, step, requests, unserved: served.unserved });
        }
    }

    /// Requests that arrived for a workload since `from`.
    fn requests(&self, one: &Serving, from: SimTime) -> f64 {
        let shapes = one.streams.iter().map(|&stream| &self.scenario.traffic[stream].shape);
        shapes.map(|shape| shape.requests_between(from, self.now)).sum()
    }

    /// What every serving pod asks for, node by node.
    fn claims(&self, requests: &[f64], step: Span) -> Vec<Claim> {
        let mut claims = Vec::new();
        let mut usable = FxHashMap::default();
        for (group, (one, requests)) in self.load.serving.iter().zip(requests).enumerate() {
            for &pod in &one.pods {
                let (class, node) = (self.cluster.pod(pod).class, self.cluster.pod(pod).node);
                let node = node.expect("a pod that serves is bound");
                let cores = self.instances.of(pod).map(|instance| instance.spec.cpu());
                let usable = usable.entry((class, cores)).or_insert_with_key(|key| self.usable(*key));
                let Usable { weight, limit, proxy } = *usable;
                let cost = CpuPerThousandRequests(one.cost.0 + proxy);
                let want = wanted_by_each(*requests, step, cost, one.pods.len());
                claims.push(Claim { node, demand: Demand { want, weight, limit }, cost, group, pod });
            }
        }
        claims.sort_by_key(|claim| claim.node);
        claims
    }

    /// What pods of a class can use on their node, or in an instance of so many cores.
    fn usable(&self, (class, cores): (ClassId, Option<MilliCpu>)) -> Usable {
        let spec = self.cluster.class(class);
        let limit = cpu_limit(spec);
        Usable {
            weight: cgroup_weight(spec.requests.placed.cpu),
            limit: match cores {
                Some(cores) => Some(usable_on_eci(limit, cores)),
                None => limit.map(MicroCpu::from),
            },
            proxy: self.proxy_cost(spec),
        }
    }

    /// The classes of the pods of all workloads that serve traffic; adopted pods differ from the template at times.
    fn classes_with_traffic(&self) -> FxHashSet<ClassId> {
        let ids = self.load.serving.iter().flat_map(|one| &one.of_title);
        let workloads = ids.map(|id| &self.workloads[id.index()]);
        workloads.flat_map(|workload| &workload.pods).map(|&pod| self.cluster.pod(pod).class).collect()
    }

    /// The cores of an ECS node less what pods without traffic request; `None` for a virtual node, where each pod has
    /// cores of its own.
    fn cpu_for_load(&self, node: NodeId, with_traffic: &FxHashSet<ClassId>) -> Option<MicroCpu> {
        let node = self.cluster.node(node);
        if node.spec.class == NodeClass::Virtual {
            return None;
        }
        let others = node.per_class.iter().filter(|count| !with_traffic.contains(&count.class));
        let taken: MilliCpu = others
            .map(|count| {
                MilliCpu(self.cluster.class(count.class).requests.placed.cpu.0 * i64::from(count.all))
            })
            .sum();
        let left = node.spec.allocatable.cpu - taken;
        Some(MilliCpu(left.0.max(0)).into())
    }
}

/// The most cpu that a pod may use: the sum of its containers' limits, or no limit if one of them has none. What
/// OpenKruise has injected serves no requests.
fn cpu_limit(pod: &PodSpec) -> Option<MilliCpu> {
    let is_running = |one: &&Container| one.role != ContainerRole::Init && !one.is_injected();
    let running = pod.containers.iter().filter(is_running);
    running.map(|container| container.limits.get("cpu").map(|limit| MilliCpu(limit.milli_value()))).sum()
}
