//! The pods that share the requests of one workload, and what each of them wants.

use crate::controller::pod_metrics::{AccountId, MetricsServer};
use crate::id::{ClassId, WorkloadId};
use crate::simulation::scenario::TrafficSetup;
use crate::traffic::latency::{Latencies, ServiceTime};
use crate::traffic::load::{
    CpuPerThousandRequests, MeanCost, MemoryPerThousandRequests, WarmUp, milli_rate, rate_per_pod,
};
use crate::traffic::{Course, Rate};
use crate::units::{Bytes, MicroCpu, MilliCpu, SimTime, Span};

use super::LOOK_EVERY;
use super::latency::{Cpu, Room};
use super::seat::SeatId;

/// What a pod can use of its node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usable {
    /// Its weight among the pods of the node.
    pub(crate) weight: u32,
    /// The most cpu.
    pub(crate) limit: Option<MicroCpu>,
    /// What a thousand requests per second cost in its proxy.
    pub(crate) proxy: MilliCpu,
    /// How many times as much cpu its application takes as when it is warm.
    pub(crate) cpu_factor: f64,
}

impl Usable {
    /// What requests cost it that cost an application so much.
    pub(super) fn cost(&self, application: MeanCost) -> MeanCost {
        application.times(self.cpu_factor).behind(self.proxy)
    }
}

/// Pods of a group that use the same cpu unless their node is contended.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The ReplicaSet that keeps them.
    pub(crate) workload: WorkloadId,
    /// Their class when they began to serve.
    pub(crate) class: ClassId,
    /// The cores of their instance, if they have one.
    pub(crate) cores: Option<MilliCpu>,
    /// Whether they are slow because they are new.
    pub(super) warms_up: bool,
    pub(super) usable: Usable,
    /// What those of them use who get all they want.
    pub(crate) account: AccountId,
    /// How many get all they want.
    pub(super) free: usize,
    /// How many of those are counted as steady.
    pub(crate) steady: u32,
    /// What they have beside them, if that matters.
    pub(super) room: Room,
}

/// What makes pods of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KindKey {
    pub(super) workload: WorkloadId,
    pub(super) class: ClassId,
    pub(super) cores: Option<MilliCpu>,
    /// Whether they are slow because they are new.
    pub(super) warms_up: bool,
}

impl Kind {
    pub(super) fn key(&self) -> KindKey {
        let Self { workload, class, cores, warms_up, .. } = *self;
        KindKey { workload, class, cores, warms_up }
    }

    /// What each would use that wanted so much.
    fn capped(&self, wanted: MicroCpu) -> MicroCpu {
        self.usable.limit.map_or(wanted, |limit| wanted.min(limit))
    }
}

/// Requests per pod, and what they cost its application: thousandths of a core per thousand requests, times requests.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    pub(super) requests: f64,
    work: f64,
}

impl Part {
    fn plus(self, other: Self) -> Self {
        Self { requests: self.requests + other.requests, work: self.work + other.work }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self { requests: self.requests - other.requests, work: self.work - other.work }
    }

    fn times(self, factor: f64) -> Self {
        Self { requests: self.requests * factor, work: self.work * factor }
    }

    fn cost(self) -> MeanCost {
        MeanCost(if self.requests > 0.0 { self.work / self.requests } else { 0.0 })
    }
}

/// One step of a group: over it the rate is taken as its mean.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    from: SimTime,
    requests: f64,
    rate_per_pod: Rate,
    part: f64,
    cost: MeanCost,
    /// Bytes in memory per thousand requests per second, in the mean.
    memory: f64,
}

/// What one pod of a group was to serve over a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    /// Requests.
    pub(super) part: f64,
    rate: Rate,
    cost: MeanCost,
}

impl Share {
    /// Its rate in thousandths of a request per second.
    pub(super) fn milli_rate(&self) -> u32 {
        milli_rate(self.rate)
    }

    /// The cpu that a pod wants for it.
    pub(super) fn wanted(&self, usable: &Usable) -> MicroCpu {
        usable.cost(self.cost).wanted(self.rate)
    }

    /// The same in cores, not rounded.
    pub(super) fn busy(&self, usable: &Usable) -> f64 {
        usable.cost(self.cost).seconds() * self.rate.0
    }

    /// The requests that it cannot serve with `granted`.
    pub(super) fn lacking(&self, usable: &Usable, granted: MicroCpu, step: Span) -> f64 {
        usable.cost(self.cost).lacking(self.part, self.wanted(usable), granted, step)
    }
}

/// Requests of some time that were not told yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Untold {
    pub(super) since: SimTime,
    pub(super) requests: f64,
    pub(super) unserved: f64,
    /// Those of the unserved that went to dead pods.
    pub(super) lost: f64,
    /// How long those took that were served, if that is measured.
    pub(super) latencies: Latencies,
}

#[derive(Debug)]
pub(super) struct Stream {
    /// Its place in the scenario's traffic.
    index: usize,
    pub(super) cost: CpuPerThousandRequests,
    /// What the time of its requests depends on, if that is measured.
    pub(super) time: Option<ServiceTime>,
    course: Course,
    /// How many requests it had in the last step in which there were any.
    pub(super) arrived: f64,
}

/// The serving pods of one workload.
#[derive(Debug)]
pub(crate) struct Group {
    /// The first workload of its title.
    pub(super) workload: WorkloadId,
    pub(super) streams: Vec<Stream>,
    /// For how long new pods are slow, if they are.
    pub(super) warm_up: Option<WarmUp>,
    /// How many pods share the requests.
    pub(super) ready: usize,
    /// How many of them serve nothing: their nodes have failed, and nobody knows yet.
    pub(super) dead: usize,
    pub(super) kinds: Vec<Kind>,
    /// Those of the pods that stand on ECS nodes.
    pub(super) on_nodes: Vec<SeatId>,
    /// Until when everything is settled.
    settled: SimTime,
    last: Step,
    /// What each pod that served all the time was to serve since the start.
    pub(super) part: Part,
    pub(super) untold: Untold,
    /// Requests since the start.
    arrived: f64,
    /// Requests since the start, and the part of each pod, when they were last measured.
    measured: (f64, f64),
    /// The highest rate until `peak_until`, of all pods together.
    peak: Part,
    peak_until: SimTime,
    /// What each pod is taken to want per second at most.
    bound: Part,
}

/// How far above what is coming a bound is set, so that it need not move at each change.
const SLACK: f64 = 1.25;
/// How much lower than its bound the load must be for the bound to be lowered.
const MUCH_LOWER: f64 = 0.5;
/// A mean rate may be above all rates by the last bits of its division.
const ROUNDING: f64 = 1.0 + 1e-9;

/// A billion cores: bounds go no higher, so that their sums stay numbers.
const FAR_ABOVE_ANY_NODE: MicroCpu = MicroCpu(1_000_000_000_000_000);

impl Group {
    pub(super) fn new(workload: WorkloadId) -> Self {
        Self {
            workload,
            streams: Vec::new(),
            warm_up: None,
            ready: 0,
            dead: 0,
            kinds: Vec::new(),
            on_nodes: Vec::new(),
            settled: SimTime::ZERO,
            last: Step::default(),
            part: Part::default(),
            untold: Untold::default(),
            arrived: 0.0,
            measured: (0.0, 0.0),
            peak: Part::default(),
            peak_until: SimTime::ZERO,
            bound: Part::default(),
        }
    }

    pub(super) fn add_stream(&mut self, index: usize, setup: &TrafficSetup) {
        let &TrafficSetup { cost, service_time: time, warm_up, .. } = setup;
        self.streams.push(Stream { index, cost, time, course: Course::default(), arrived: 0.0 });
        self.warm_up = self.warm_up.or(warm_up);
    }

    /// What a request costs the application, by the first stream.
    pub(super) fn cost(&self) -> CpuPerThousandRequests {
        self.streams[0].cost
    }

    /// Measures the requests since the last time: all of them, and those of each pod that has served since then.
    pub(super) fn measure(&mut self) -> (f64, f64) {
        let now = (self.arrived, self.part.requests);
        let before = std::mem::replace(&mut self.measured, now);
        (now.0 - before.0, now.1 - before.1)
    }

    /// What the requests of the last step hold in memory in the mean.
    pub(super) fn memory(&self, traffic: &[TrafficSetup]) -> MemoryPerThousandRequests {
        match self.last.requests {
            requests if requests > 0.0 => MemoryPerThousandRequests(Bytes(self.last.memory.round() as i64)),
            _ => traffic[self.streams[0].index].memory,
        }
    }

    /// What its pods hold in each container without requests, by the first stream.
    pub(super) fn base_memory(&self, traffic: &[TrafficSetup]) -> Bytes {
        traffic[self.streams[0].index].base_memory
    }

    /// The place of the kind of these pods, which is new if there was none before.
    pub(super) fn kind_of(&mut self, key: KindKey, usable: Usable, meters: &mut MetricsServer) -> usize {
        if let Some(place) = self.kinds.iter().position(|kind| kind.key() == key) {
            return place;
        }
        let (account, room) = (meters.open(), Room::default());
        let KindKey { workload, class, cores, warms_up } = key;
        let cpu_factor = self.warm_up.filter(|_| warms_up).map_or(1.0, |warm_up| warm_up.cpu_factor);
        let usable = Usable { cpu_factor, ..usable };
        let kind = Kind { workload, class, cores, warms_up, usable, account, free: 0, steady: 0, room };
        self.kinds.push(kind);
        self.kinds.len() - 1
    }

    /// Serves what has arrived since the last step, by the pods that get all they want: O(streams and kinds). What pods
    /// of contended nodes lack comes on top when their nodes are settled.
    pub(super) fn settle(&mut self, now: SimTime, traffic: &[TrafficSetup], meters: &mut MetricsServer) {
        let (from, span) = (self.settled, now.since(self.settled));
        if span == Span::ZERO {
            return;
        }
        self.settled = now;
        self.last = self.step(from, now, traffic);
        let share = self.last_share();
        let rate = share.milli_rate();
        let mut unserved = if self.ready == 0 { self.last.requests } else { 0.0 };
        for place in 0..self.kinds.len() {
            let kind = &self.kinds[place];
            if kind.free == 0 {
                continue;
            }
            let (usable, free, room) = (kind.usable, kind.free as f64, kind.room);
            let wanted = share.wanted(&usable);
            let granted = kind.capped(wanted);
            meters.used(kind.account, granted, span);
            meters.serves(kind.account, rate);
            let lacking = share.lacking(&usable, granted, span);
            unserved += lacking * free;
            let cpu = Cpu { wanted, granted, idle: room.idle(granted, self.bound_of(place)) };
            self.tell_latency(&share, &usable, cpu, (share.part - lacking) * free);
        }
        if self.dead > 0 {
            let lost = share.part * self.dead as f64;
            self.untold.lost += lost;
            unserved += lost;
        }
        self.arrived += self.last.requests;
        self.untold.requests += self.last.requests;
        self.untold.unserved += unserved;
        self.part = self.part.plus(Part { requests: share.part, work: share.part * share.cost.0 });
    }

    fn step(&mut self, from: SimTime, to: SimTime, traffic: &[TrafficSetup]) -> Step {
        let (mut requests, mut work, mut memory) = (0.0, 0.0, 0.0);
        for stream in &mut self.streams {
            stream.course.follow(&traffic[stream.index].shape, from);
            let arrived = stream.course.requests_between(from, to);
            requests += arrived;
            work += arrived * MeanCost::of(stream.cost).0;
            memory += arrived * traffic[stream.index].memory.0.0 as f64;
            if arrived > 0.0 {
                stream.arrived = arrived;
            }
        }
        let memory = if requests > 0.0 { memory / requests } else { 0.0 };
        // What costs the same is not divided by what it was multiplied with, for the sake of the last bit.
        let is_uniform = self.streams.iter().all(|stream| stream.cost == self.cost());
        let cost = if is_uniform { MeanCost::of(self.cost()) } else { Part { requests, work }.cost() };
        let rate_per_pod = rate_per_pod(Rate(requests / to.since(from).as_secs_f64()), self.ready);
        let part = if self.ready == 0 { 0.0 } else { requests / self.ready as f64 };
        Step { from, requests, rate_per_pod, part, cost, memory }
    }

    fn last_share(&self) -> Share {
        Share { part: self.last.part, rate: self.last.rate_per_pod, cost: self.last.cost }
    }

    /// What each pod was to serve since `since`, when `part` was what `then` is; all of it is settled.
    pub(super) fn share_since(&self, since: SimTime, then: Part, step: Span) -> Share {
        if self.last.from == since {
            return self.last_share();
        }
        let part = self.part.minus(then);
        let rate = Rate((part.requests / step.as_secs_f64()).max(0.0));
        Share { part: part.requests, rate, cost: part.cost() }
    }

    /// The most that a pod of `kind` is taken to want.
    pub(super) fn bound_of(&self, kind: usize) -> MicroCpu {
        Self::cap(&self.kinds[kind], self.bound)
    }

    fn cap(kind: &Kind, bound: Part) -> MicroCpu {
        let application = bound.work * kind.usable.cpu_factor;
        let wanted = application + bound.requests * MeanCost::default().behind(kind.usable.proxy).0;
        kind.capped(MicroCpu((wanted * ROUNDING).ceil() as u64).min(FAR_ABOVE_ANY_NODE))
    }

    /// Raises the bound if the load until the next look may exceed it, or, if it `may_fall`, lowers one that is far
    /// above. The answer is by how much that changes what each pod of a kind is taken to want, if it changes anything.
    pub(super) fn move_bound(
        &mut self,
        now: SimTime,
        horizon: SimTime,
        traffic: &[TrafficSetup],
        may_fall: bool,
    ) -> Option<Vec<i64>> {
        if now >= self.peak_until {
            self.look_ahead(now, horizon, traffic);
        }
        let coming = self.peak.times(if self.ready == 0 { 0.0 } else { 1.0 / self.ready as f64 });
        let exceeds = |bound: Part| coming.requests > bound.requests || coming.work > bound.work;
        let is_far_below = || may_fall && !exceeds(self.bound.times(MUCH_LOWER));
        if !exceeds(self.bound) && (self.ready == 0 || !is_far_below()) {
            return None;
        }
        let before = std::mem::replace(&mut self.bound, coming.times(SLACK));
        let moved = |kind: &Kind| Self::cap(kind, self.bound).0 as i64 - Self::cap(kind, before).0 as i64;
        let moves: Vec<i64> = self.kinds.iter().map(moved).collect();
        moves.iter().any(|&by| by != 0).then_some(moves)
    }

    /// The highest rates until the next look.
    fn look_ahead(&mut self, now: SimTime, horizon: SimTime, traffic: &[TrafficSetup]) {
        self.peak = Part::default();
        self.peak_until = (now + Span(1)).round_up_to(LOOK_EVERY);
        let mut is_level = true;
        let mut end = horizon.max(now + Span(1));
        for stream in &mut self.streams {
            stream.course.follow(&traffic[stream.index].shape, now);
            end = end.min(stream.course.end().unwrap_or(end));
            is_level &= stream.course.is_level();
        }
        self.peak_until = if is_level { end } else { end.min(self.peak_until) };
        for stream in &self.streams {
            let rate = stream.course.highest_between(now, self.peak_until).0 * ROUNDING;
            self.peak = self.peak.plus(Part { requests: rate, work: rate * MeanCost::of(stream.cost).0 });
        }
    }

    /// The next bend of a rate, or the next whole second if one changes before.
    pub(super) fn next_look(
        &mut self,
        now: SimTime,
        horizon: SimTime,
        traffic: &[TrafficSetup],
    ) -> Option<SimTime> {
        let next = |stream: &mut Stream| {
            stream.course.follow(&traffic[stream.index].shape, now);
            let bend = stream.course.end();
            let next_second = || bend.unwrap_or(horizon).min((now + Span(1)).round_up_to(LOOK_EVERY));
            if stream.course.is_level() { bend } else { Some(next_second()) }
        };
        self.streams.iter_mut().filter_map(next).min()
    }
}
