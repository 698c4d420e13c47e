//! How long requests take, and what new pods take.

use super::{Newcomer, Serving, World, near, stream, usable};
use crate::id::{ClassId, NodeId, PodId, WorkloadId};
use crate::simulation::run::load::group::Usable;
use crate::simulation::scenario::TrafficSetup;
use crate::traffic::latency::{Latencies, Queue, ServiceTime, Wait};
use crate::traffic::load::WarmUp;
use crate::units::{MilliCpu, SimTime, Span};

/// Everything that was told until `seconds`.
fn latencies_until(world: &mut World, seconds: u64) -> &Latencies {
    world.go_to(SimTime::from_secs(seconds));
    world.with(Serving::settle);
    world.hear();
    &world.latencies
}

/// Two pods on a node of four cores, 1000 requests of 1 ms each. One may use half a core and gets it, 500 requests go
/// unserved and the others wait as long as anybody. The other has no limit, and waits for what it uses and what idles.
///
/// rule: pod-cores
#[test]
fn requests_wait_for_the_cores_that_their_pod_could_use() {
    for is_hot in [false, true] {
        let time = ServiceTime { queue_timeout: Span::from_millis(10), ..ServiceTime::default() };
        let service_time = Some(time);
        let cores = MilliCpu::from_cores(if is_hot { 2 } else { 4 });
        let mut world = World::new(vec![TrafficSetup { service_time, ..stream(2000.0, 1000) }], cores, 1000);
        world.go_to(SimTime::ZERO);
        world.join(0, 0, Some(0));
        world.join(0, 1, Some(0));
        let all = latencies_until(&mut world, 10);
        // On a node that cannot be contended the pod without limit uses 1 of the 2.5 cores that it is taken to want at
        // most since it was alone; its neighbour is taken to use as large a part of its half core, which leaves 2.8.
        let cores = if is_hot { 1.5 } else { 3.8 };
        let queue = Queue { cores, busy: 1.0, service_s: 0.001, cv_squared: 1.0 };
        let mut expected = Latencies::default();
        expected.served(&time, 0.001, queue.wait(), 10_000.0);
        expected.served(&time, 0.002, Wait::Full, 5000.0);
        assert!(near(all.requests(), 15_000.0), "{}", all.requests());
        let [ours, its] = [all, &expected].map(Latencies::seconds);
        assert!((ours - its).abs() < 1e-6 * its, "{ours} is not {its}");
        assert_eq!(all.quantile(0.9), expected.quantile(0.9));
    }
}

/// Nobody asks, so that nothing is told; and of two streams to one workload only that which is asked for, though its
/// requests wait for those of the other.
#[test]
fn only_the_time_of_streams_that_ask_for_it_is_measured() {
    let mut world = World::new(vec![stream(100.0, 1000)], MilliCpu::from_cores(4), 1000);
    world.join(0, 1, Some(0));
    assert!(latencies_until(&mut world, 10).is_empty());
    let asked = TrafficSetup { service_time: Some(ServiceTime::default()), ..stream(100.0, 1000) };
    let mut world = World::new(vec![stream(300.0, 1000), asked], MilliCpu::from_cores(4), 1000);
    world.go_to(SimTime::ZERO);
    world.join(0, 1, Some(0));
    let all = latencies_until(&mut world, 10);
    assert!(near(all.requests(), 1000.0));
    // Half a core, of which 0.4 are in use: 2 ms / (1 - 0.8).
    assert!(near(all.mean().unwrap(), 0.01), "{:?}", all.mean());
}

/// A pod of one core that is new for ten seconds takes three times as much cpu: 1000 requests of 0.5 ms are 1.5 cores, a
/// third of them go unserved, and one core is in use; then half a core is enough.
///
/// rule: warm-up
#[test]
fn a_new_pod_serves_less_and_uses_more() {
    let warm_up = Some(WarmUp { lasts: Span::from_secs(10), cpu_factor: 3.0 });
    let service_time = Some(ServiceTime::default());
    for node in [None, Some(0)] {
        let mut world = World::new(
            vec![TrafficSetup { service_time, warm_up, ..stream(1000.0, 500) }],
            MilliCpu::from_cores(1),
            1000,
        );
        world.now = SimTime::from_secs(5);
        world.with(Serving::settle);
        world.next_look = None;
        world.hear();
        let before = world.unserved;
        let meter = world.meters.begin();
        let one = Newcomer {
            pod: PodId(0),
            meter,
            workload: WorkloadId(0),
            class: ClassId(9),
            cores: None,
            node: node.map(NodeId),
            new_since: Some(world.now),
        };
        let usable = Usable { limit: Some(MilliCpu::from_cores(1).into()), ..usable(0) };
        assert_eq!(world.serving.warm_from(&one), Some(SimTime::from_secs(15)));
        let seat = world.with(|serving, around| serving.join(one, usable, around)).unwrap();
        let core_seconds = |world: &World| world.meters.cpu_time(meter) as f64 / 1e15;
        world.now = SimTime::from_secs(15);
        world.with(Serving::settle_before_change);
        world.with(|serving, around| serving.has_warmed_up(seat, around));
        assert!(near(core_seconds(&world), 10.0), "{}", core_seconds(&world));
        world.now = SimTime::from_secs(25);
        world.with(Serving::settle);
        world.hear();
        assert!(near(core_seconds(&world), 15.0), "{}", core_seconds(&world));
        assert!(near(world.unserved - before, 10_000.0 / 3.0), "{}", world.unserved - before);
        // What was served of the first ten thousand waited in a full queue, the second met one core that was half in use.
        let full = 20_000.0 / 3.0 * (15.0 + 0.0015);
        let seconds = world.latencies.seconds();
        assert!(near(seconds, full + 10_000.0 * 0.001), "{seconds}");
        world.with(|serving, around| serving.leave(seat, around));
    }
}
