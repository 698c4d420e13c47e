//! The calendar of events in steady state, by how many events are to come.

#[path = "world/churn.rs"]
mod churn;
#[path = "world/cpu_time.rs"]
mod cpu_time;

use churn::Churn;
use cpu_time::CpuTime;
use criterion::{Criterion, Throughput};

fn main() {
    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    let mut group = criterion.benchmark_group("calendar");
    for pending in [1_000, 100_000] {
        let mut churn = Churn::new(pending);
        group.throughput(Throughput::Elements(2)).bench_function(format!("{pending}-pending"), |bencher| {
            bencher.iter(|| churn.step());
        });
    }
    group.finish();
    criterion.final_summary();
}
