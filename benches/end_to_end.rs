//! A whole scenario through the library: read from files, and run and measured without rows.

#[path = "../tests/scale/catalogue.rs"]
#[allow(dead_code, reason = "the catalogue is shared with tests")]
mod catalogue;
#[path = "world/cpu_time.rs"]
mod cpu_time;

use catalogue::{Large, named};
use cpu_time::CpuTime;
use criterion::{Criterion, Throughput};
use overspill::experiment::measure_into;
use overspill::simulation::Scenario;

fn main() {
    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    let one = named("std-1000x10k");
    let mut group = criterion.benchmark_group("end-to-end");
    group.sample_size(20);
    group.bench_function(format!("read-{}", one.name), |bencher| bencher.iter(|| one.read(None)));
    let scenario = one.read(None).scenario;
    group.throughput(Throughput::Elements(one.pods));
    group.bench_function(format!("run-{}", one.name), |bencher| bencher.iter(|| run(one, &scenario)));
    group.finish();
    criterion.final_summary();
}

fn run(one: &Large, scenario: &Scenario) {
    let (measured, ()) = measure_into(scenario, scenario.default_seed, (), &mut |_| {});
    let completed = measured.observation.summary.get("pods.completed").expect("every run has it").number;
    assert_eq!(completed as u64, one.pods, "every pod is placed and completes");
}
