//! Traces of pods, from the file to the rows of the results.

#[path = "case/folder.rs"]
mod folder;

use std::fmt::Write as _;
use std::fs;

use folder::{Case, check_figure};
use overspill::experiment::Measured;
use overspill::simulation::run;
use overspill::units::SimTime;
use tempfile::TempDir;

/// The runs of one trace: `fields` are those of `spec.podTraces.old`, beside its file.
fn case(csv: &str, horizon: &str, fields: &str) -> (TempDir, Case) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pods.csv");
    fs::write(&file, csv).unwrap();
    let spec = format!(
        "  horizon: {horizon}
  pools:
    room: {{count: 2, allocatable: {{cpu: '8', memory: 32Gi, pods: '110', nvidia.com/gpu: '1'}}, price: 0.26/h}}
  podTraces:
    old: {{file: {}, startup: none, {fields}}}
",
        file.display()
    );
    (folder, Case { spec, manifest: "" })
}

fn measured(csv: &str, horizon: &str, fields: &str) -> Measured {
    let (_folder, case) = case(csv, horizon, fields);
    case.measure()
}

/// Name, creation, and end in seconds.
fn lives(run: &Measured) -> Vec<(&str, u64, Option<u64>)> {
    run.observation
        .pods
        .iter()
        .map(|pod| (pod.name.as_str(), pod.created.whole_secs(), pod.finished.map(SimTime::whole_secs)))
        .collect()
}

const TRACE: &str = "\
instance,role,app,cpu,memory,gpu,created,deleted
Pod_0,CN,web,1,2.0,0,,
pod_1,HN,web,1,2.0,0,,
pod_2,CN,web,1,2.0,0,10,70
pod_3,CN,batch,2,4.0,1,20,50
pod_4,CN,,16,4.0,0,30,90
";
const FIELDS: &str = "create: created, delete: deleted, cpu: cpu, memory: memory, gpu: gpu, app: app, name: instance, \
                      gracePeriod: 0s, where: {role: [CN]}";

/// Each pod comes and goes when its row says; one without instants is there from the start to the end, and one that fits
/// nowhere is deleted while it waits.
///
/// rule: pod-trace-start
/// rule: pod-trace-end
#[test]
fn pods_come_and_go_as_their_rows_say() {
    let run = measured(TRACE, "2m", FIELDS);
    // The trace's earliest instant is the start of the run.
    assert_eq!(
        lives(&run),
        [("pod-0", 0, None), ("pod-2", 0, Some(60)), ("pod-3", 10, Some(40)), ("pod-4", 20, Some(80))]
    );
    let workloads: Vec<_> = run.observation.pods.iter().map(|pod| pod.workload.as_str()).collect();
    assert_eq!(workloads, ["PodTrace/old/web", "PodTrace/old/web", "PodTrace/old/batch", "PodTrace/old"]);
    check_figure(&run, "pods.created", 4.0);
    check_figure(&run, "pods.scheduled", 3.0);
    check_figure(&run, "pending.podSeconds", 60.0);
}

#[test]
fn a_part_begins_later_goes_faster_and_starts_within_the_run() {
    let run = measured(TRACE, "2m", &format!("{FIELDS}, from: 15, to: 25, start: 1m, timeScale: 0.5"));
    assert_eq!(
        lives(&run),
        [("pod-0", 60, None), ("pod-2", 60, Some(87)), ("pod-3", 62, Some(77))],
        "pods of before are there when the part begins, and no other comes after it"
    );
}

#[test]
fn lifetimes_count_from_readiness_and_end_in_success() {
    let csv = "created,runs,cpu\n0,30,1\n5,1m,8\n10,20s,9\n";
    let run = measured(csv, "2m", "create: created, lifetime: runs, cpu: cpu");
    assert_eq!(lives(&run), [("old-1", 0, Some(30)), ("old-2", 5, Some(65)), ("old-3", 10, None)]);
    check_figure(&run, "pods.completed", 2.0);
    check_figure(&run, "pods.pendingAtEnd", 1.0);
}

/// Pods of one app are owned where the scenario says so, and then default spreading acts on them: four of them go to both
/// nodes in turn.
#[test]
fn owned_pods_are_spread() {
    let csv = "app\nweb\nweb\nweb\nweb\n";
    let run = measured(csv, "1m", "app: app, owner: replicaSet");
    let on = |node: &str| run.observation.pods.iter().filter(|pod| pod.node == node).count();
    let nodes: Vec<&str> = run.observation.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(nodes.iter().map(|node| on(node)).collect::<Vec<_>>(), [2, 2]);
    assert!(run.observation.pods.iter().all(|pod| pod.workload == "ReplicaSet/default/web"));
}

/// Devices are requested as such: each of the two nodes has one.
#[test]
fn devices_are_requested() {
    let run = measured("gpu\n1\n1\n1\n0\n", "1m", "gpu: gpu");
    check_figure(&run, "pods.scheduled", 3.0);
    check_figure(&run, "pods.pendingAtEnd", 1.0);
}

/// The run of a long trace keeps one arrival ahead, whatever is still to come, and the same again is the same.
#[test]
fn long_traces_are_run_row_by_row() {
    let mut csv = "created,deleted,cpu\n".to_owned();
    for number in 0..3000_u32 {
        writeln!(csv, "{},{},1", number / 3, number / 3 + 2).unwrap();
    }
    let (_folder, case) = case(&csv, "20m", "create: created, delete: deleted, cpu: cpu, gracePeriod: 0s");
    let scenario = case.resolve();
    let (first, second) = (run(&scenario, &mut |_, _| {}), run(&scenario, &mut |_, _| {}));
    assert_eq!(first, second);
    let measured = case.measure();
    check_figure(&measured, "pods.created", 3000.0);
    check_figure(&measured, "pods.scheduled", 3000.0);
}
