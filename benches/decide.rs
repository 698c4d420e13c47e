//! Scheduling decisions in steady state: nodes × classes × spreading × sampling × evaluator.
//!
//! `cargo bench --bench decide -- FILTER` measures by criterion. `cargo bench --bench decide -- --plain N NAME…` makes N
//! decisions under each setting named and prints what they took, for `perf`, `valgrind` and tables; without a name it
//! lists them.

#[path = "world/cpu_time.rs"]
mod cpu_time;
#[path = "../tests/build/node.rs"]
#[allow(dead_code, reason = "words for nodes are shared with tests")]
mod node;
#[path = "../tests/build/pod.rs"]
#[allow(dead_code, reason = "words for pods are shared with tests")]
mod pod;
#[path = "world/setting.rs"]
mod setting;
#[path = "world/steady.rs"]
mod steady;
#[path = "../tests/build/world.rs"]
#[allow(dead_code, reason = "words for clusters are shared with tests")]
mod world;

use std::hint::black_box;

use cpu_time::CpuTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use overspill::clock::{cpu_time, since};
use setting::Setting;
use steady::Steady;

/// Decisions before the first one that is timed: caches are full then.
const WARM_UP: usize = 2_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let Some(("--plain", rest)) = args.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return plainly(rest);
    }
    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    let mut group = criterion.benchmark_group("decide");
    for setting in Setting::all() {
        measure(&mut group, setting);
    }
    group.finish();
    criterion.final_summary();
}

fn measure(group: &mut BenchmarkGroup<'_, CpuTime>, setting: Setting) {
    let mut steady = None;
    group.throughput(Throughput::Elements(1)).bench_function(setting.to_string(), |bencher| {
        let steady = steady.get_or_insert_with(|| warm(setting));
        bencher.iter(|| steady.step());
    });
}

fn warm(setting: Setting) -> Steady {
    let mut steady = Steady::new(setting);
    (0..WARM_UP).for_each(|_| steady.step());
    steady
}

/// `N NAME…`: prints `NAME DECISIONS CPU-SECONDS DECISIONS-PER-SECOND` for each.
fn plainly(args: &[String]) {
    let count = args.first().and_then(|count| count.parse::<u32>().ok());
    let (Some(count), Some(names)) = (count, args.get(1..).filter(|names| !names.is_empty())) else {
        eprintln!("usage: --plain DECISIONS NAME…, where NAME is one of");
        for setting in Setting::all() {
            eprintln!("  {setting}");
        }
        std::process::exit(2);
    };
    for name in names {
        let Some(setting) = Setting::named(name) else {
            eprintln!("error: no setting is called {name}; --plain without names lists them");
            std::process::exit(2);
        };
        let mut steady = warm(setting);
        let begin = cpu_time();
        (0..count).for_each(|_| black_box(&mut steady).step());
        let seconds = since(begin).as_secs_f64();
        println!("{name} {count} {seconds:.3} {:.0}", f64::from(count) / seconds);
    }
}
