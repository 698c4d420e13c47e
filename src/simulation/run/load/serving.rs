//! Who serves traffic, and until when it is settled.

use rustc_hash::FxHashMap;

use crate::capacity::cpu_share::{Demand, Sharing};
use crate::controller::pod_metrics::{MeterId, MetricsServer};
use crate::id::{ClassId, NodeId, PodId, WorkloadId};
use crate::rule::{Confidence, Rule};
use crate::simulation::scenario::TrafficSetup;
use crate::slab::Slab;
use crate::traffic::latency::Latencies;
use crate::units::{MicroCpu, MilliCpu, SimTime, Span};

use super::LOOK_EVERY;
use super::group::{Group, Kind, KindKey, Part, Usable};
use super::node::NodeLoad;
use super::seat::{Seat, SeatId};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "settled-together",
    statement: "Where more than 1000 pods serve traffic, a pod that comes or goes has its own node looked at but not \
                all others: on other contended nodes the pods of its workload are taken to want their mean over up \
                to a second.",
    source: "this simulator's own approximation, so that a million pods can be simulated; with fewer pods every \
             node is looked at at every change",
    confidence: Confidence::Estimate,
}];

/// Up to so many serving pods everything is settled before any of them comes or goes. With more, that is done once a
/// second, and else only the group is settled whose pod it is, and its node if that is contended.
const SETTLED_TOGETHER: usize = 1000;

/// What a settlement needs to know, and where it writes.
pub(crate) struct Around<'a> {
    pub(crate) now: SimTime,
    pub(crate) horizon: SimTime,
    pub(crate) traffic: &'a [TrafficSetup],
    pub(crate) meters: &'a mut MetricsServer,
    /// The cores of an ECS node that there are for the pods that serve on it.
    pub(crate) cores: &'a dyn Fn(NodeId) -> MicroCpu,
}

/// A pod that begins to serve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newcomer {
    pub(crate) pod: PodId,
    pub(crate) meter: MeterId,
    /// The ReplicaSet that keeps it.
    pub(crate) workload: WorkloadId,
    pub(crate) class: ClassId,
    /// The cores of its instance, if it has one.
    pub(crate) cores: Option<MilliCpu>,
    /// Its node, unless that is a virtual one.
    pub(crate) node: Option<NodeId>,
    /// When it was ready, if that was the first time.
    pub(crate) new_since: Option<SimTime>,
}

/// What became of the requests of a workload since they were last told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Served {
    pub(crate) workload: WorkloadId,
    pub(crate) since: SimTime,
    pub(crate) requests: f64,
    pub(crate) unserved: f64,
    /// Those of the unserved that went to pods of failed nodes.
    pub(crate) lost: f64,
    /// How long the others took, if that is measured.
    pub(crate) latencies: Latencies,
}

/// The pods that serve traffic, by workload and by node.
#[derive(Debug, Default)]
pub(crate) struct Serving {
    pub(super) groups: Vec<Group>,
    /// The group of each workload that serves under the title of the first.
    group_of: FxHashMap<WorkloadId, usize>,
    pub(super) seats: Slab<Seat>,
    /// Up to how many serving pods everything is settled together.
    pub(super) settled_together: usize,
    pub(super) nodes: Vec<NodeLoad>,
    /// The nodes that are looked at by themselves.
    pub(super) hot: Vec<NodeId>,
    /// When everything is to be settled before a change, however many pods there are.
    next_settlement: SimTime,
    /// Pods that are no longer among the steady ones of their kind, with what keeps them.
    pub(super) unsteady: Vec<(WorkloadId, PodId)>,
    /// Whether anybody asks how long requests take.
    pub(super) measures_latency: bool,
    pub(super) sharing: Sharing,
    pub(super) demands: Vec<Demand>,
}

impl Serving {
    /// `of_title` says which workloads ever exist under the title of one.
    pub(crate) fn new(traffic: &[TrafficSetup], of_title: impl Fn(WorkloadId) -> Vec<WorkloadId>) -> Self {
        let mut serving = Self { settled_together: SETTLED_TOGETHER, ..Self::default() };
        for (index, stream) in traffic.iter().enumerate() {
            let place = *serving.group_of.entry(stream.workload).or_insert_with(|| {
                serving.groups.push(Group::new(stream.workload));
                serving.groups.len() - 1
            });
            serving.groups[place].add_stream(index, stream);
            serving.measures_latency |= stream.service_time.is_some();
            for other in of_title(stream.workload) {
                serving.group_of.insert(other, place);
            }
        }
        serving
    }

    /// The serving pods of a workload, or of what shares its title, if traffic goes to it.
    pub(crate) fn group(&self, workload: WorkloadId) -> Option<&Group> {
        self.group_of.get(&workload).map(|&place| &self.groups[place])
    }

    /// The kinds of the pods of one ReplicaSet.
    pub(crate) fn kinds_of(&self, workload: WorkloadId) -> impl Iterator<Item = &Kind> {
        let all = self.group(workload).map_or(&[][..], |group| &group.kinds);
        all.iter().filter(move |kind| kind.workload == workload)
    }

    /// Settles everything before a change, if there are few pods or the last time was in another second. Whether it did.
    pub(crate) fn settle_before_change(&mut self, around: &mut Around<'_>) -> bool {
        let is_due = self.seats.taken() <= self.settled_together || around.now >= self.next_settlement;
        if is_due {
            self.settle(around);
        }
        is_due
    }

    /// Settles everything.
    pub(crate) fn settle(&mut self, around: &mut Around<'_>) {
        self.next_settlement = (around.now + Span(1)).round_up_to(LOOK_EVERY);
        for group in &mut self.groups {
            group.settle(around.now, around.traffic, around.meters);
        }
        for place in 0..self.hot.len() {
            self.settle_node(self.hot[place], around);
        }
    }

    /// Measures the requests since the last time, by the first workload of a title: all of them, and those of each pod
    /// that has served since then.
    pub(crate) fn measure(&mut self) -> impl Iterator<Item = (WorkloadId, (f64, f64))> {
        self.groups.iter_mut().map(|group| (group.workload, group.measure()))
    }

    /// What was not told yet.
    pub(crate) fn told(&mut self, now: SimTime) -> impl Iterator<Item = Served> {
        let news = self.groups.iter_mut().filter(move |group| group.untold.since < now);
        news.map(move |group| {
            let untold = std::mem::take(&mut group.untold);
            group.untold.since = now;
            Served {
                workload: group.workload,
                since: untold.since,
                requests: untold.requests,
                unserved: untold.unserved,
                lost: untold.lost,
                latencies: untold.latencies,
            }
        })
    }

    /// The next bend of any rate, or the next whole second if a rate changes before.
    pub(crate) fn next_look(&mut self, around: &Around<'_>) -> Option<SimTime> {
        let groups = self.groups.iter_mut();
        groups.filter_map(|group| group.next_look(around.now, around.horizon, around.traffic)).min()
    }

    /// Everything is settled: what pods are taken to want is set anew where that is due.
    pub(crate) fn look_ahead(&mut self, around: &mut Around<'_>) {
        for group in 0..self.groups.len() {
            self.move_bound(group, true, around);
        }
    }

    /// What a pod can use, if there were others of its kind.
    pub(crate) fn usable(&self, one: &Newcomer) -> Option<Usable> {
        let is_alike =
            |kind: &&Kind| (kind.workload, kind.class, kind.cores) == (one.workload, one.class, one.cores);
        self.group(one.workload)?.kinds.iter().find(is_alike).map(|kind| kind.usable)
    }

    /// Until when a pod is slow because it is new.
    pub(crate) fn warm_from(&self, one: &Newcomer) -> Option<SimTime> {
        Some(one.new_since? + self.group(one.workload)?.warm_up?.lasts)
    }

    /// A pod begins to serve that can use `usable`. `None` if its workload has no traffic.
    pub(crate) fn join(&mut self, one: Newcomer, usable: Usable, around: &mut Around<'_>) -> Option<SeatId> {
        let place = *self.group_of.get(&one.workload)?;
        self.settle_group(place, around);
        self.settle_if_hot(one.node, around);
        let warms_up = self.warm_from(&one).is_some_and(|from| around.now < from);
        let group = &mut self.groups[place];
        let Newcomer { workload, class, cores, .. } = one;
        let kind = group.kind_of(KindKey { workload, class, cores, warms_up }, usable, around.meters);
        group.ready += 1;
        group.kinds[kind].free += 1;
        around.meters.follow(one.meter, group.kinds[kind].account);
        let in_group = group.on_nodes.len() as u32;
        let seat = self.sit(Seat {
            pod: one.pod,
            meter: one.meter,
            group: place as u32,
            kind: kind as u32,
            node: one.node,
            in_group,
            own: None,
            then: Part::default(),
            is_counted: false,
            is_dead: false,
        });
        if let Some(node) = one.node {
            self.groups[place].on_nodes.push(seat);
            self.stand(seat, node, around);
        }
        self.move_bound(place, false, around);
        Some(seat)
    }

    /// A pod serves no more.
    pub(crate) fn leave(&mut self, id: SeatId, around: &mut Around<'_>) {
        if !self.seats[id.0].is_dead {
            self.die(id, around);
        }
        let group = self.seats[id.0].group();
        self.settle_group(group, around);
        self.groups[group].dead -= 1;
        self.groups[group].ready -= 1;
        self.seats.release(id.0);
        self.move_bound(group, false, around);
    }

    /// A pod still gets its share of the requests and serves none of them.
    pub(crate) fn die(&mut self, id: SeatId, around: &mut Around<'_>) {
        let seat = self.seats[id.0];
        self.settle_group(seat.group(), around);
        self.settle_if_hot(seat.node, around);
        self.groups[seat.group()].dead += 1;
        self.seats[id.0].is_dead = true;
        match seat.own {
            Some(_) => self.return_to_kind(id, around.meters),
            None => self.uncount(id),
        }
        self.groups[seat.group()].kinds[seat.kind()].free -= 1;
        around.meters.rest(seat.meter);
        if let Some(node) = seat.node {
            let bound = self.groups[seat.group()].bound_of(seat.kind());
            self.stand_up(id, node, bound);
            self.review_if_due(node, around);
        }
    }

    /// A pod is no longer new. Everything is settled as before any change.
    pub(crate) fn has_warmed_up(&mut self, id: SeatId, around: &mut Around<'_>) {
        let seat = self.seats[id.0];
        let (from, group) = (seat.kind(), seat.group());
        if seat.is_dead || !self.groups[group].kinds[from].warms_up {
            return;
        }
        self.settle_group(group, around);
        self.settle_if_hot(seat.node, around);
        let Kind { usable, .. } = self.groups[group].kinds[from];
        let key = KindKey { warms_up: false, ..self.groups[group].kinds[from].key() };
        let to = self.groups[group].kind_of(key, usable, around.meters);
        if seat.own.is_none() {
            self.uncount(id);
            self.groups[group].kinds[from].free -= 1;
            self.groups[group].kinds[to].free += 1;
            around.meters.follow(seat.meter, self.groups[group].kinds[to].account);
        }
        if let Some(node) = seat.node {
            self.count_room(node, false);
        }
        self.seats[id.0].kind = to as u32;
        if let Some(node) = seat.node {
            let bound = |kind| self.groups[group].bound_of(kind).0 as i64;
            self.nodes[node.index()].move_bound(bound(to) - bound(from));
            self.count_room(node, true);
            self.review_if_due(node, around);
        }
    }

    /// What there is on a node may have changed, apart from the pods that serve.
    pub(crate) fn node_changed(&mut self, node: NodeId, around: &mut Around<'_>) {
        if self.nodes.get(node.index()).is_some_and(|one| !one.seats.is_empty()) {
            self.review(node, around);
        }
    }

    /// Counts a pod among the steady ones of its kind if its sample is theirs. Whether it is counted.
    pub(crate) fn count_if_steady(&mut self, id: SeatId, meters: &MetricsServer) -> bool {
        let seat = &mut self.seats[id.0];
        if !seat.is_counted && !seat.is_dead && seat.own.is_none() && meters.is_steady(seat.meter) {
            seat.is_counted = true;
            self.groups[seat.group()].kinds[seat.kind()].steady += 1;
        }
        seat.is_counted
    }

    /// Whether a pod is counted among the steady ones of its kind.
    #[cfg(test)]
    pub(super) fn is_steady(&self, id: SeatId) -> bool {
        self.seats[id.0].is_counted
    }

    /// Whether a pod is counted among the steady ones of `kind`.
    pub(crate) fn is_counted_as(&self, id: SeatId, kind: &Kind) -> bool {
        let seat = &self.seats[id.0];
        seat.is_counted && self.groups[seat.group()].kinds[seat.kind()].account == kind.account
    }

    /// Pods that were counted once and are no longer, since this was last asked.
    pub(crate) fn unsteady(&mut self) -> impl Iterator<Item = (WorkloadId, PodId)> {
        self.unsteady.drain(..)
    }

    pub(super) fn settle_group(&mut self, group: usize, around: &mut Around<'_>) {
        self.groups[group].settle(around.now, around.traffic, around.meters);
    }

    fn settle_if_hot(&mut self, node: Option<NodeId>, around: &mut Around<'_>) {
        if let Some(node) = node.filter(|node| self.nodes.get(node.index()).is_some_and(NodeLoad::is_hot)) {
            self.settle_node(node, around);
        }
    }

    fn sit(&mut self, seat: Seat) -> SeatId {
        SeatId(self.seats.put(seat))
    }
}
