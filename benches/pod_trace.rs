//! A trace of a million pods, from the file to the figures: the processor time and the memory that it takes.
//!
//! `cargo bench --bench pod_trace` writes the file, of a day of pods that live for ten minutes in the mean, and runs it twice:
//! with pods that belong to nothing, and with two hundred apps, each with a label of its own. A label makes pods another
//! class to the scheduler, and what it keeps of a class grows old between two of its pods.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use overspill::capacity::Law;
use overspill::clock::{cpu_time, since};
use overspill::experiment::measure_into;
use overspill::random::{Purpose, Stream, generator};
use overspill::scenario::{ReadOptions, read, resolve};
use overspill::scheduler::Registry;
use overspill::units::Span;
use rand::RngExt as _;

const PODS: u32 = 1_000_000;
const SECONDS: f64 = 86_400.0;
const MEAN_LIFE: Span = Span::from_secs(600);
const APPS: u32 = 200;

fn main() {
    let folder = tempfile::tempdir().expect("a folder for the trace");
    write_trace(&folder.path().join("pods.csv")).expect("room for 40 MB");
    for (what, fields) in [("pods that belong to nothing", ""), ("pods of 200 apps", ", app: app")] {
        let begin = cpu_time();
        let (scheduled, cost) = run(folder.path(), fields);
        let seconds = since(begin).as_secs_f64();
        println!(
            "{what}: {scheduled:.0} of {PODS} scheduled in {seconds:.2} s of processor time, {cost:.2} USD"
        );
        if let Some(peak) = peak_mebibytes() {
            println!("    at most {peak} MiB so far");
        }
    }
}

fn write_trace(path: &Path) -> std::io::Result<()> {
    let mut draws = generator(1, Purpose::Arrival, Stream::of(0, 0));
    let law = Law::Exponential { mean: MEAN_LIFE };
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "name,app,cpu,memory,create,delete")?;
    for pod in 0..PODS {
        let create = SECONDS * f64::from(pod) / f64::from(PODS);
        let lives = law.draw(&mut draws).as_secs_f64();
        let (app, cpu, memory) =
            (draws.random_range(0..APPS), 1 << draws.random_range(0..3), draws.random_range(1..3));
        writeln!(file, "p-{pod},app-{app},{cpu},{memory},{create:.3},{:.3}", create + lives)?;
    }
    file.flush()
}

/// How many pods were scheduled, and what everything cost.
fn run(folder: &Path, fields: &str) -> (f64, f64) {
    let file = folder.join("scenario.yaml");
    let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("prices/cn-hangzhou-usd.yaml");
    let text = format!(
        "apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {{name: million}}
spec:
  horizon: 25h
  priceList: {}
  pools:
    p: {{count: 500, allocatable: {{cpu: '64', memory: 256Gi, pods: '220'}}, zones: [cn-hangzhou-h], price: 1/h}}
  podTraces:
    t: {{file: pods.csv, name: name, cpu: cpu, memory: memory, create: create, delete: delete{fields}}}
",
        prices.display()
    );
    fs::write(&file, text).expect("room for a scenario");
    let loaded = read(&file, &ReadOptions::default()).expect("the scenario is well-formed");
    let scenario = resolve(&loaded, &Registry::ack()).expect("and has sense").scenario;
    let (measured, ()) = measure_into(&scenario, scenario.default_seed, (), &mut |_| {});
    let figure = |path: &str| measured.observation.summary.get(path).expect("every run has it").number;
    (figure("pods.scheduled"), figure("cost.total"))
}

/// The most memory that the process had, where the system tells (Linux).
fn peak_mebibytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? >> 10)
}
