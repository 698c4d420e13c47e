//! The incremental way against the plain one, which settles every pod at every change.

mod latency;
mod plain;

use proptest::prelude::*;

use super::group::Usable;
use super::seat::SeatId;
use super::serving::{Around, Newcomer, Served, Serving};
use crate::capacity::cpu_share::cgroup_weight;
use crate::controller::pod_metrics::{MeterId, MetricsServer, Sample};
use crate::id::{ClassId, NodeId, PodId, WorkloadId};
use crate::simulation::scenario::TrafficSetup;
use crate::traffic::latency::{Latencies, ServiceTime};
use crate::traffic::load::{CpuPerThousandRequests, MemoryPerThousandRequests};
use crate::traffic::{Diurnal, FlashCrowd, Product, Ramp, Rate, Shape, Spike, Step};
use crate::units::{Bytes, MicroCpu, MilliCpu, SimTime, Span};
use plain::Plain;

const HORIZON: SimTime = SimTime::from_secs(100_000);
const NODES: usize = 4;

/// What a pod of a class requests, may use, and costs in its proxy.
const CLASSES: [(i64, Option<i64>, i64); 4] =
    [(500, None, 0), (500, Some(500), 0), (1000, Some(1500), 200), (100, Some(4000), 0)];

fn usable(class: usize) -> Usable {
    let (request, limit, proxy) = CLASSES[class];
    let limit = limit.map(|limit| MicroCpu::from(MilliCpu(limit)));
    Usable { weight: cgroup_weight(MilliCpu(request)), limit, proxy: MilliCpu(proxy), cpu_factor: 1.0 }
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Change {
    Join {
        workload: u32,
        class: usize,
        node: Option<usize>,
    },
    Leave(usize),
    Scrape,
    /// A node has so many millicores for the pods that serve.
    Cores {
        node: usize,
        milli: u64,
    },
}

/// A pod in both worlds.
#[derive(Clone, Copy)]
struct Pod {
    seat: Option<SeatId>,
    meter: MeterId,
    plain: usize,
}

/// Both ways side by side.
struct World {
    traffic: Vec<TrafficSetup>,
    serving: Serving,
    meters: MetricsServer,
    plain: Plain,
    cores: [MicroCpu; NODES],
    now: SimTime,
    next_look: Option<SimTime>,
    pods: Vec<Pod>,
    requests: f64,
    unserved: f64,
    latencies: Latencies,
}

impl World {
    fn new(traffic: Vec<TrafficSetup>, cores: MilliCpu, settled_together: usize) -> Self {
        let mut serving = Serving::new(&traffic, |first| vec![first]);
        serving.settled_together = settled_together;
        let plain = Plain::new(&traffic);
        Self {
            traffic,
            serving,
            meters: MetricsServer::new(),
            plain,
            cores: [cores.into(); NODES],
            now: SimTime::ZERO,
            next_look: Some(SimTime::ZERO),
            pods: Vec::new(),
            requests: 0.0,
            unserved: 0.0,
            latencies: Latencies::default(),
        }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Serving, &mut Around<'_>) -> T) -> T {
        let cores = |node: NodeId| self.cores[node.index()];
        let mut around = Around {
            now: self.now,
            horizon: HORIZON,
            traffic: &self.traffic,
            meters: &mut self.meters,
            cores: &cores,
        };
        act(&mut self.serving, &mut around)
    }

    fn settle_all(&mut self) {
        self.with(Serving::settle);
        self.plain.settle(self.now, &self.traffic, &self.cores);
        self.hear();
    }

    fn settle_before_change(&mut self) {
        self.with(Serving::settle_before_change);
        self.plain.settle(self.now, &self.traffic, &self.cores);
    }

    fn hear(&mut self) {
        for Served { requests, unserved, latencies, .. } in self.serving.told(self.now) {
            self.requests += requests;
            self.unserved += unserved;
            self.latencies.add(&latencies);
        }
    }

    /// Goes to a time, with a look at the load wherever one is due.
    fn go_to(&mut self, time: SimTime) {
        while let Some(look) = self.next_look.filter(|&look| look <= time) {
            self.now = look;
            self.settle_all();
            self.next_look = self.with(|serving, around| {
                serving.look_ahead(around);
                serving.next_look(around)
            });
        }
        self.now = time;
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Join { workload, class, node } => {
                self.settle_before_change();
                self.join(workload, class, node);
            }
            Change::Leave(place) if !self.pods.is_empty() => {
                self.settle_before_change();
                let place = place % self.pods.len();
                let Pod { seat, plain, .. } = self.pods[place];
                if let Some(seat) = self.pods[place].seat.take().and(seat) {
                    self.with(|serving, around| serving.leave(seat, around));
                    self.plain.leave(plain);
                }
            }
            Change::Leave(_) => {}
            Change::Scrape => {
                self.settle_all();
                self.meters.scrape(self.now);
                self.plain.scrape(self.now);
            }
            Change::Cores { node, milli } => {
                self.settle_all();
                self.cores[node] = MilliCpu(milli as i64).into();
                self.with(|serving, around| serving.node_changed(NodeId(node as u32), around));
            }
        }
    }

    fn join(&mut self, workload: u32, class: usize, node: Option<usize>) {
        let meter = self.meters.begin();
        let one = Newcomer {
            pod: PodId(self.pods.len() as u32),
            meter,
            workload: WorkloadId(workload),
            class: ClassId(class as u32),
            cores: None,
            node: node.map(|node| NodeId(node as u32)),
            new_since: None,
        };
        let seat = self.with(|serving, around| serving.join(one, usable(class), around));
        assert!(seat.is_some(), "every workload here has traffic");
        let plain = self.plain.join(workload as usize, usable(class), node);
        self.pods.push(Pod { seat, meter, plain });
    }

    /// Of each request that was served it is known how long it took, and of no other.
    fn check_latencies(&self) {
        let (timed, served) = (self.latencies.requests(), self.requests - self.unserved);
        assert!((timed - served).abs() <= 1e-9 * self.requests.max(1.0), "{timed} is not {served}");
        if let Some(longest) = self.latencies.longest() {
            let mean = self.latencies.mean().unwrap();
            assert!(mean > 0.0 && mean.is_finite() && mean <= longest, "{mean} of {longest}");
        }
    }

    /// Counts steady pods, as autoscalers do, and compares what they are taken to use.
    fn check_samples(&mut self) {
        for pod in &self.pods {
            let sample = self.meters.sample(pod.meter);
            let without_rate = sample.map(|sample| Sample { milli_rate: 0, ..sample });
            assert_eq!(without_rate, self.plain.sample(pod.plain), "pod {}", pod.plain);
            let Some(seat) = pod.seat.filter(|&seat| self.serving.count_if_steady(seat, &self.meters)) else {
                continue;
            };
            let kinds = (0..2).flat_map(|workload| self.serving.kinds_of(WorkloadId(workload)));
            let kind = kinds.into_iter().find(|kind| self.serving.is_counted_as(seat, kind));
            assert_eq!(Some(self.meters.steady_sample(kind.unwrap().account)), sample);
        }
        let counted = |pod: &&Pod| pod.seat.is_some_and(|seat| self.serving.is_steady(seat));
        let steady: u32 =
            (0..2).flat_map(|id| self.serving.kinds_of(WorkloadId(id))).map(|kind| kind.steady).sum();
        assert_eq!(self.pods.iter().filter(counted).count() as u32, steady);
    }
}

fn traffic(costs: [i64; 2], shapes: [Shape; 2]) -> Vec<TrafficSetup> {
    let setup = |((workload, cost), shape)| TrafficSetup {
        workload: WorkloadId(workload),
        shape,
        cost: CpuPerThousandRequests(MilliCpu(cost)),
        memory: MemoryPerThousandRequests(Bytes::from_mib(40)),
        base_memory: Bytes::from_mib(64),
        service_time: Some(ServiceTime::default()),
        warm_up: None,
    };
    (0..).zip(costs).zip(shapes).map(setup).collect()
}

fn any_change() -> impl Strategy<Value = Change> {
    let node = prop_oneof![3 => (0..NODES).prop_map(Some), 1 => Just(None)];
    prop_oneof![
        8 => (0_u32..2, 0..CLASSES.len(), node).prop_map(|(workload, class, node)| Change::Join { workload, class, node }),
        5 => any::<usize>().prop_map(Change::Leave),
        3 => Just(Change::Scrape),
        1 => (0..NODES, 0_u64..9000).prop_map(|(node, milli)| Change::Cores { node, milli }),
    ]
}

fn any_changes(millis: impl Strategy<Value = u64>) -> impl Strategy<Value = Vec<(u64, Change)>> {
    prop::collection::vec((millis, any_change()), 1..80)
}

fn any_time() -> impl Strategy<Value = SimTime> {
    (0_u64..60).prop_map(SimTime::from_secs)
}

fn any_rate() -> impl Strategy<Value = Rate> {
    (0.0..20_000.0).prop_map(Rate)
}

/// Shapes that are no straight lines, some of which are highest between the ends of a stretch.
fn any_curve() -> impl Strategy<Value = Shape> {
    let wave =
        (any_rate(), 0.0..=1.0, 3_u64..60, any_time()).prop_map(|(mean, amplitude, period, peak_at)| {
            Shape::Diurnal(Diurnal { mean, amplitude, period: Span::from_secs(period), peak_at })
        });
    let crowd = (any_time(), 0_u64..9, 0_u64..9, 1_u64..20, any_rate(), any_rate()).prop_map(
        |(at, rise, hold, half_life, base, peak)| {
            let [rise, hold, half_life] = [rise, hold, half_life].map(Span::from_secs);
            Shape::FlashCrowd(FlashCrowd { at, rise, hold, half_life, base, peak })
        },
    );
    let line = |over, before, after| {
        Shape::Ramp(Ramp { at: SimTime::ZERO, over, before: Rate(before), after: Rate(after) })
    };
    let hill = (any_rate(), (0_u64..60).prop_map(Span::from_secs)).prop_map(move |(rate, over)| {
        let factors = vec![Shape::Constant(Rate(4.0 * rate.0)), line(over, 0.0, 1.0), line(over, 1.0, 0.0)];
        Shape::Product(Product(factors))
    });
    let single = prop_oneof![wave, crowd, hill];
    prop_oneof![
        2 => single.clone(),
        1 => (any_rate(), single.clone(), single.clone()).prop_map(|(base, a, b)| {
            Shape::Sum(vec![Shape::Constant(base), a, b])
        }),
        1 => (0.0..2.0, single.clone(), (0.0..=1.0, 3_u64..60)).prop_map(|(factor, of, (amplitude, period))| {
            let (period, peak_at) = (Span::from_secs(period), SimTime::ZERO);
            let wave = Diurnal { mean: Rate(factor), amplitude, period, peak_at };
            Shape::Product(Product(vec![of, Shape::Diurnal(wave)]))
        }),
    ]
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let (time, rate) = (any_time, any_rate);
    let span = || (0_u64..20).prop_map(Span::from_secs);
    let lines = prop_oneof![
        rate().prop_map(Shape::Constant),
        (time(), rate(), rate()).prop_map(|(at, before, after)| Shape::Step(Step { at, before, after })),
        (time(), span(), rate(), rate()).prop_map(|(at, over, before, after)| Shape::Ramp(Ramp {
            at,
            over,
            before,
            after
        })),
        (time(), span(), span(), rate()).prop_map(|(at, rise, hold, peak)| {
            Shape::Sum(vec![
                Shape::Constant(Rate(10.0)),
                Shape::Spike(Spike { at, rise, hold, decay: rise, base: Rate::ZERO, peak }),
            ])
        }),
    ];
    prop_oneof![lines, any_curve()]
}

fn near(ours: f64, its: f64) -> bool {
    (ours - its).abs() <= 1e-9 * its.abs().max(1.0)
}

/// Plays the changes in both worlds, and compares them where everything is settled: cpu times and samples to the last
/// bit, requests to nine digits.
fn play(traffic: Vec<TrafficSetup>, cores: u64, settled_together: usize, changes: &[(u64, Change)]) -> World {
    let mut world = World::new(traffic, MilliCpu(cores as i64), settled_together);
    for &(millis, change) in changes {
        world.go_to(world.now + Span::from_millis(millis));
        world.apply(change);
        if matches!(change, Change::Scrape) {
            world.check_samples();
        }
    }
    world.go_to(world.now + Span::from_secs(1));
    world.settle_all();
    for pod in &world.pods {
        assert_eq!(world.meters.cpu_time(pod.meter), world.plain.cpu_time(pod.plain), "pod {}", pod.plain);
    }
    assert!(near(world.requests, world.plain.requests), "{} {}", world.requests, world.plain.requests);
    assert!(near(world.unserved, world.plain.unserved), "{} {}", world.unserved, world.plain.unserved);
    world.check_latencies();
    world
}

proptest! {
    /// A few pods: everything is settled at every change.
    #[test]
    fn few_pods_use_what_the_plain_way_gives_them(
        shapes in [any_shape(), any_shape()], cores in 500_u64..16_000, changes in any_changes(0_u64..4000),
    ) {
        play(traffic([350, 900], shapes), cores, 1000, &changes);
    }

    /// Many pods, where all changes fall on whole seconds.
    #[test]
    fn many_pods_do_too_from_second_to_second(
        shapes in [any_shape(), any_shape()], cores in 500_u64..16_000,
        changes in any_changes((0_u64..4).prop_map(|seconds| seconds * 1000)),
    ) {
        play(traffic([350, 900], shapes), cores, 0, &changes);
    }

    /// Many pods and changes at any time, where there is room for all and no limit: cpu times differ by the rounding up
    /// to millionths of a core, once in each step here and there.
    #[test]
    fn many_pods_with_room_do_too_at_any_time(
        rates in [0.0..20_000.0, 0.0..20_000.0], changes in any_changes(0_u64..1500),
    ) {
        let shapes = rates.map(|rate| Shape::Constant(Rate(rate)));
        let mut world = World::new(traffic([350, 900], shapes), MilliCpu::from_cores(1_000_000), 0);
        for (millis, change) in changes {
            world.go_to(world.now + Span::from_millis(millis));
            match change {
                Change::Join { workload, node, .. } => world.apply(Change::Join { workload, node, class: 0 }),
                Change::Cores { .. } => {}
                other => world.apply(other),
            }
        }
        world.settle_all();
        for pod in &world.pods {
            let ours = world.meters.cpu_time(pod.meter);
            let off = ours.abs_diff(world.plain.cpu_time(pod.plain));
            prop_assert!(off <= u128::from(world.now.0) * 2, "pod {} is off by {off}", pod.plain);
        }
        prop_assert!(near(world.unserved, world.plain.unserved));
    }

    /// Many pods, contended nodes, changes at any time: what is not unserved was paid for with cpu time, and nodes give
    /// no more than they have.
    #[test]
    fn requests_of_many_pods_are_served_or_not(
        shapes in [any_shape(), any_shape()], cores in 500_u64..9000, changes in any_changes(0_u64..1500),
    ) {
        let mut world = World::new(traffic([350, 900], shapes), MilliCpu(cores as i64), 0);
        let mut costs = Vec::new();
        for (millis, change) in changes {
            world.go_to(world.now + Span::from_millis(millis));
            if let Change::Join { workload, class, .. } = change {
                costs.push(([350.0, 900.0][workload as usize] + CLASSES[class].2 as f64) / 1e6);
            }
            if !matches!(change, Change::Cores { .. }) {
                world.apply(change);
            }
        }
        world.settle_all();
        world.check_latencies();
        let core_seconds = |pod: &Pod| world.meters.cpu_time(pod.meter) as f64 / 1e15;
        let served: f64 = world.pods.iter().zip(&costs).map(|(pod, cost)| core_seconds(pod) / cost).sum();
        // Each pod may use a millionth of a core more than its requests take, which is a request in 350 s.
        let rounding = world.now.as_secs_f64() * world.pods.len() as f64 / 350.0 + 1e-6 * world.requests;
        prop_assert!((served + world.unserved - world.requests).abs() <= rounding);
        prop_assert!(near(world.requests, world.plain.requests));
        let on_nodes = world.pods.iter().filter(|pod| world.plain.is_on_node(pod.plain)).map(core_seconds).sum::<f64>();
        let there_is = (NODES as u64 * cores) as f64 / 1e3 * world.now.as_secs_f64();
        prop_assert!(on_nodes <= there_is * (1.0 + 1e-9));
    }
}

/// A pod joins elsewhere in the middle of a second, so that one on a node of a single core wants 1.5 cores first, and
/// then half of that. Few pods are looked at at once: it gets 1 core, then 0.75. With many it is taken to want 1.125.
///
/// rule: settled-together
#[test]
fn many_pods_on_contended_nodes_want_the_mean_of_a_second() {
    for (settled_together, cpu_seconds, unserved) in [(1000, 0.875, 250.0), (0, 1.0, 125.0)] {
        let mut world = World::new(vec![stream(1500.0, 1000)], MilliCpu::from_cores(1), settled_together);
        world.go_to(SimTime::ZERO);
        world.join(0, 0, Some(0));
        world.now = SimTime::ZERO + Span::from_millis(500);
        world.with(Serving::settle_before_change);
        world.join(0, 0, None);
        world.now = SimTime::from_secs(1);
        world.with(Serving::settle);
        world.hear();
        let used = world.meters.cpu_time(world.pods[0].meter) as f64 / 1e15;
        assert!(near(used, cpu_seconds), "{settled_together}: {used}");
        assert!(near(world.unserved, unserved), "{settled_together}: {}", world.unserved);
    }
}

/// Requests of two streams that cost something else take what they cost together, and a limit holds for both.
#[test]
fn streams_of_several_costs_are_served_by_the_same_pods() {
    let mut world =
        World::new(vec![stream(1000.0, 100), stream(1000.0, 500)], MilliCpu::from_cores(64), 1000);
    world.go_to(SimTime::ZERO);
    world.with(|serving, _| assert_eq!(serving.group(WorkloadId(0)).unwrap().cost().0, MilliCpu(100)));
    world.join(0, 0, Some(0));
    world.join(0, 1, Some(0));
    world.now = SimTime::from_secs(10);
    world.with(Serving::settle);
    world.hear();
    let cpu = |world: &World, pod: usize| world.meters.cpu_time(world.pods[pod].meter) / 10_000_000_000;
    assert_eq!(cpu(&world, 0), 300_000, "half of 100m + 500m");
    assert_eq!((world.requests.round(), world.unserved.round()), (20_000.0, 0.0));
    world.join(0, 1, None);
    world.go_to(SimTime::from_secs(10));
    assert_eq!(cpu(&world, 1), 300_000);
}

fn stream(rate: f64, cost: i64) -> TrafficSetup {
    TrafficSetup {
        workload: WorkloadId(0),
        shape: Shape::Constant(Rate(rate)),
        cost: CpuPerThousandRequests(MilliCpu(cost)),
        memory: MemoryPerThousandRequests::default(),
        base_memory: Bytes::ZERO,
        service_time: None,
        warm_up: None,
    }
}
