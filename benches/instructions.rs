//! Instructions of what a run spends its time on, counted under valgrind: the same on every run and machine, which
//! times are not.
//!
//! `cargo bench --bench gate` holds the counts against `benches/baseline.json`. It needs valgrind, and
//! `cargo install gungraun-runner --locked` in the version that Cargo.lock names.

#![expect(missing_docs, reason = "gungraun makes modules of its own")]

#[path = "world/backlog.rs"]
mod backlog;
#[path = "../tests/scale/catalogue.rs"]
#[allow(dead_code, reason = "the catalogue is shared with tests")]
mod catalogue;
#[path = "world/churn.rs"]
mod churn;
#[path = "../tests/build/node.rs"]
#[allow(dead_code, reason = "words for nodes are shared with tests")]
mod node;
#[path = "../tests/build/pod.rs"]
#[allow(dead_code, reason = "words for pods are shared with tests")]
mod pod;
#[path = "world/setting.rs"]
#[allow(dead_code, reason = "settings are shared with other benches")]
mod setting;
#[path = "world/steady.rs"]
mod steady;
#[path = "../tests/build/world.rs"]
#[allow(dead_code, reason = "words for clusters are shared with tests")]
mod world;

use backlog::Backlog;
use churn::Churn;
use gungraun::{Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};
use overspill::experiment::measure_into;
use overspill::simulation::Scenario;
use setting::Setting;
use steady::Steady;

const DECISIONS: usize = 2_000;
const EVENTS: usize = 20_000;
const PODS: usize = 2_000;

fn steady(name: &str) -> Steady {
    let mut steady = Steady::new(Setting::named(name).expect("it is one of the settings"));
    (0..DECISIONS).for_each(|_| steady.step());
    steady
}

#[library_benchmark]
#[bench::plain_1000(args = ("1000-8-plain-adaptive-cached"), setup = steady)]
#[bench::plain_1000_all(args = ("1000-8-plain-all-cached"), setup = steady)]
#[bench::spread_1000(args = ("1000-8-spread-adaptive-cached"), setup = steady)]
#[bench::spread_1000_64_classes(args = ("1000-64-spread-all-cached"), setup = steady)]
#[bench::gateway_1000(args = ("1000-8-gateway-adaptive-cached"), setup = steady)]
#[bench::spread_5000(args = ("5000-8-spread-adaptive-cached"), setup = steady)]
fn decide(mut steady: Steady) -> Steady {
    (0..DECISIONS).for_each(|_| steady.step());
    steady
}

#[library_benchmark]
#[bench::by_1000(args = (1_000), setup = Churn::new)]
#[bench::by_100000(args = (100_000), setup = Churn::new)]
fn calendar(mut churn: Churn) -> Churn {
    (0..EVENTS).for_each(|_| churn.step());
    churn
}

#[library_benchmark]
#[bench::with_10000_waiting(args = (10_000), setup = Backlog::new)]
fn pass_the_queue(mut backlog: Backlog) -> Backlog {
    (0..PODS).for_each(|_| backlog.pass());
    backlog
}

#[library_benchmark]
#[bench::of_2000(args = (PODS), setup = Backlog::new)]
fn reject_and_wake(mut backlog: Backlog) -> Backlog {
    backlog.reject_and_wake();
    backlog
}

fn scenario(name: &str) -> Scenario {
    catalogue::named(name).read(None).scenario
}

#[library_benchmark]
#[bench::std_100x10k(args = ("std-100x10k"), setup = scenario)]
fn run(scenario: Scenario) -> Scenario {
    let (measured, ()) = measure_into(&scenario, scenario.default_seed, (), &mut |_| {});
    let completed = measured.observation.summary.get("pods.completed").map(|value| value.number as u64);
    assert_eq!(completed, Some(10_000), "every pod is placed and completes");
    scenario
}

library_benchmark_group!(
    name = counted,
    benchmarks = [decide, calendar, pass_the_queue, reject_and_wake, run]
);

// Instructions alone: what caches would do is not modelled well enough to gate by.
main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = counted
);
