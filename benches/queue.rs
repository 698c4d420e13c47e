//! The scheduling queue: pods that pass through it, and pods that are rejected and woken.

#[path = "world/backlog.rs"]
mod backlog;
#[path = "world/cpu_time.rs"]
mod cpu_time;
#[path = "../tests/build/node.rs"]
#[allow(dead_code, reason = "words for nodes are shared with tests")]
mod node;
#[path = "../tests/build/pod.rs"]
#[allow(dead_code, reason = "words for pods are shared with tests")]
mod pod;
#[path = "../tests/build/world.rs"]
#[allow(dead_code, reason = "words for clusters are shared with tests")]
mod world;

use backlog::Backlog;
use cpu_time::CpuTime;
use criterion::{Criterion, Throughput};

fn main() {
    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    let mut group = criterion.benchmark_group("queue");
    for waiting in [0, 10_000] {
        let mut backlog = Backlog::new(waiting);
        group.throughput(Throughput::Elements(1)).bench_function(
            format!("pass-{waiting}-waiting"),
            |bencher| {
                bencher.iter(|| backlog.pass());
            },
        );
    }
    for waiting in [100, 10_000] {
        let mut backlog = Backlog::new(waiting);
        let throughput = Throughput::Elements(waiting as u64);
        group.throughput(throughput).bench_function(format!("reject-and-wake-{waiting}"), |bencher| {
            bencher.iter(|| backlog.reject_and_wake());
        });
    }
    group.finish();
    criterion.final_summary();
}
