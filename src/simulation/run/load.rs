//! Traffic: which pods serve it, how much cpu they get for it, and what stays unserved.
//!
//! Between two looks the rate is taken as its mean, so a look is due whenever the rate bends, at every whole second
//! while it changes, and before the set of serving pods changes. In a large cluster only the workload whose pods change
//! is looked at then: see `serving.rs`.

mod contention;
mod group;
mod latency;
mod node;
mod seat;
mod serving;
#[cfg(test)]
mod tests;

use super::Run;
use super::event::Event;
use super::mesh::proxy_cost;
use crate::capacity::cpu_share::{cgroup_weight, usable_on_eci};
use crate::cluster::Cluster;
use crate::id::{ClassId, NodeId, PodId, WorkloadId};
use crate::metric::Fact;
use crate::object::{Container, ContainerRole, NodeClass, PodSpec};
use crate::rule::Rule;
use crate::simulation::Scenario;
use crate::simulation::scenario::BASE_MEMORY;
use crate::traffic::load::{CpuPerThousandRequests, MemoryPerThousandRequests};
use crate::units::{Bytes, MicroCpu, MilliCpu, SimTime, Span};
pub(super) use group::Kind;
use group::Usable;
pub(super) use seat::SeatId;
pub(super) use serving::Serving;
use serving::{Around, Newcomer, Served};

pub(super) const RULES: &[Rule] = serving::RULES;

/// The longest time between two looks while a rate changes, and at contended nodes of a large cluster.
const LOOK_EVERY: Span = Span::from_secs(1);

/// Who serves traffic, and whose requests take cores from them.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) serving: Serving,
    /// Of each class whether it is one of pods of workloads with traffic.
    with_traffic: Vec<bool>,
}

impl Load {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let serving = Serving::new(&scenario.traffic, |first| scenario.of_title(first));
        Self { serving, with_traffic: Vec::new() }
    }

    /// What a request costs the application of a workload, by its first stream.
    pub(super) fn cost_of(&self, workload: WorkloadId) -> Option<CpuPerThousandRequests> {
        self.serving.group(workload).map(group::Group::cost)
    }

    /// What requests to a workload hold in the memory of its application, and what each container holds without any.
    pub(super) fn memory_of(
        &self,
        workload: WorkloadId,
        scenario: &Scenario,
    ) -> (MemoryPerThousandRequests, Bytes) {
        let traffic = &scenario.traffic;
        let of = |group: &group::Group| (group.memory(traffic), group.base_memory(traffic));
        self.serving.group(workload).map_or((MemoryPerThousandRequests::default(), BASE_MEMORY), of)
    }

    /// A pod of a workload is of a class. Adopted pods differ from the template at times.
    pub(super) fn note_class(&mut self, workload: WorkloadId, class: ClassId) {
        if self.serving.group(workload).is_some() {
            let known = self.with_traffic.len().max(class.index() + 1);
            self.with_traffic.resize(known, false);
            self.with_traffic[class.index()] = true;
        }
    }

    /// Whether a class is one of pods of workloads with traffic.
    pub(super) fn has_traffic(&self, class: ClassId) -> bool {
        self.with_traffic.get(class.index()).copied().unwrap_or(false)
    }
}

impl Run<'_, '_> {
    /// The workload by which traffic knows one: the first of its title.
    pub(super) fn served_as(&self, workload: WorkloadId) -> WorkloadId {
        self.scenario.workloads[workload.index()].first_of_title
    }

    /// Looks at the load, and says when to look again.
    pub(super) fn load_changed(&mut self) {
        self.settle_all_load();
        let next = self.with_serving(|serving, around| {
            serving.look_ahead(around);
            serving.next_look(around)
        });
        if let Some(next) = next {
            self.at(next, Event::Load);
        }
    }

    /// Serves everything that has arrived, as far as a change calls for it that is about to happen.
    pub(super) fn settle_load(&mut self) {
        if self.with_serving(Serving::settle_before_change) {
            self.tell_load();
        }
    }

    /// Serves everything that has arrived.
    pub(super) fn settle_all_load(&mut self) {
        self.with_serving(Serving::settle);
        self.tell_load();
    }

    fn tell_load(&mut self) {
        let (scenario, now) = (self.scenario, self.now);
        for Served { workload, since, requests, unserved, lost, latencies } in self.load.serving.told(now) {
            let workload = scenario.workloads[workload.index()].title.as_str();
            let (step, latencies) = (now.since(since), &latencies);
            (self.listener)(now, &Fact::Load { workload, step, requests, unserved, latencies });
            if lost > 0.0 {
                (self.listener)(now, &Fact::RequestsLost { workload, requests: lost });
            }
        }
    }

    /// A pod of a workload begins to serve.
    pub(super) fn joins_service(&mut self, workload: WorkloadId, pod: PodId) {
        let (at, state) = (self.cluster.pod(pod), &self.pods[pod.index()]);
        let node = at.node.expect("a pod that serves is bound");
        let is_shared = self.cluster.node(node).spec.class == NodeClass::Ecs;
        let one = Newcomer {
            pod,
            meter: state.meter.expect("a pod that serves has started"),
            workload,
            class: at.class,
            cores: self.instances.of(pod).map(|instance| instance.spec.cpu()),
            node: is_shared.then_some(node),
            new_since: state.ready.filter(|&ready| ready > SimTime::ZERO && state.unready_since.is_none()),
        };
        let known = self.load.serving.usable(&one);
        let usable = known.unwrap_or_else(|| usable(self.cluster.class(one.class), one.cores, self.scenario));
        let seat = self.with_serving(|serving, around| serving.join(one, usable, around));
        self.pods[pod.index()].seat = seat;
        if let Some(from) = self.load.serving.warm_from(&one).filter(|&from| from > self.now) {
            self.at(from, Event::WarmedUp(pod));
        }
    }

    /// A pod is no longer new, if it still serves and did not begin to later.
    pub(super) fn warmed_up(&mut self, pod: PodId) {
        if let Some(seat) = self.living(pod).and_then(|state| state.seat) {
            self.settle_load();
            self.with_serving(|serving, around| serving.has_warmed_up(seat, around));
        }
    }

    /// A pod serves no more, if it did.
    pub(super) fn leaves_service(&mut self, pod: PodId) {
        if let Some(seat) = self.pods[pod.index()].seat.take() {
            self.with_serving(|serving, around| serving.leave(seat, around));
        }
    }

    /// A pod's node has failed: it serves nothing of what it gets.
    pub(super) fn dies_in_service(&mut self, seat: SeatId) {
        self.with_serving(|serving, around| serving.die(seat, around));
    }

    /// A pod that is bound or bound to be has become one of another class.
    pub(super) fn load_sees_class(&mut self, pod: PodId, old: &PodSpec) {
        let state = self.pods[pod.index()];
        if let Some(workload) = state.workload() {
            self.load.note_class(workload, self.cluster.pod(pod).class);
            if state.seat.is_some()
                && state.meter.is_some()
                && self.cluster.spec_of(pod).containers != old.containers
            {
                self.settle_load();
                self.leaves_service(pod);
                self.joins_service(workload, pod);
            }
        }
        if let Some(node) = self.cluster.pod(pod).node {
            self.load_sees_node(node);
        }
    }

    /// What a node has, or what is taken of it, has changed.
    pub(super) fn load_sees_node(&mut self, node: NodeId) {
        self.with_serving(|serving, around| serving.node_changed(node, around));
    }

    fn with_serving<T>(&mut self, act: impl FnOnce(&mut Serving, &mut Around<'_>) -> T) -> T {
        let Self { load: Load { serving, with_traffic }, pod_metrics, cluster, scenario, now, .. } = self;
        let cores = |node: NodeId| cores_for_load(cluster, node, with_traffic);
        let mut around = Around {
            now: *now,
            horizon: scenario.horizon,
            traffic: &scenario.traffic,
            meters: pod_metrics,
            cores: &cores,
        };
        act(serving, &mut around)
    }
}

/// What pods of a class can use on their node, or in an instance of so many cores.
fn usable(spec: &PodSpec, cores: Option<MilliCpu>, scenario: &Scenario) -> Usable {
    let limit = cpu_limit(spec);
    Usable {
        weight: cgroup_weight(spec.requests.placed.cpu),
        limit: match cores {
            Some(cores) => Some(usable_on_eci(limit, cores)),
            None => limit.map(MicroCpu::from),
        },
        proxy: proxy_cost(spec, scenario),
        cpu_factor: 1.0,
    }
}

/// The cores of an ECS node less what pods without traffic request.
fn cores_for_load(cluster: &Cluster, node: NodeId, with_traffic: &[bool]) -> MicroCpu {
    let node = cluster.node(node);
    let has_traffic = |class: ClassId| with_traffic.get(class.index()).copied().unwrap_or(false);
    let others = node.per_class.iter().filter(|count| !has_traffic(count.class));
    let taken: MilliCpu = others
        .map(|count| MilliCpu(cluster.class(count.class).requests.placed.cpu.0 * i64::from(count.all)))
        .sum();
    let left = node.spec.allocatable.cpu - taken;
    MilliCpu(left.0.max(0)).into()
}

/// The most cpu that a pod may use: the sum of its containers' limits, or no limit if one of them has none. What
/// OpenKruise has injected serves no requests.
fn cpu_limit(pod: &PodSpec) -> Option<MilliCpu> {
    let is_running = |one: &&Container| one.role != ContainerRole::Init && !one.is_injected();
    let running = pod.containers.iter().filter(is_running);
    running.map(|container| container.limits.get("cpu").map(|limit| MilliCpu(limit.milli_value()))).sum()
}
