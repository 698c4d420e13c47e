use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::sample::{gateway_spike, gateway_spike_into};
use super::*;
use crate::expression::{Expression, Scope};
use crate::metric::Overview;

fn provenance() -> Provenance {
    Provenance {
        version: "0.1.0".to_owned(),
        scenario: "gateway-spike".to_owned(),
        variant: Some("no-spread".to_owned()),
        seed: 7,
        trace_hash: 0xdead_beef,
        scenario_file: "scenarios/scenario.yaml".to_owned(),
    }
}

fn input(name: &str, text: &str) -> InputFile {
    InputFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

fn expectations(run: &Overview, conditions: &[&str]) -> Vec<Expectation> {
    let judged = |text: &&str| {
        let verdict = Expression::parse(text, Scope::Run)
            .unwrap()
            .judge(&|path| run.summary.get(path).map(|value| value.number));
        Expectation { expression: (*text).to_owned(), verdict }
    };
    conditions.iter().map(judged).collect()
}

fn write_sample(dir: &Path, outputs: &Outputs, inputs: &[InputFile]) -> Result<(), ReportError> {
    let staging = Staging::beside(dir)?;
    let gathered = Gathered::new(outputs.contains(Output::Report));
    let (run, (tables, gathered)) =
        gateway_spike_into((Tables::open(&staging, outputs, Format::Csv)?, gathered));
    let expectations =
        expectations(&run, &["overflow.early == 7", "overflow.excluded > 0 or pods.created < 3"]);
    let record = RunRecord {
        overview: &run,
        gathered: &gathered,
        provenance: &provenance(),
        expectations: &expectations,
        inputs,
    };
    write(staging, &record, tables, outputs)
}

fn inputs() -> Vec<InputFile> {
    vec![input("scenarios/scenario.yaml", "kind: Scenario\n"), input("prices/usd.yaml", "{}")]
}

/// Every file below `dir` by its relative name.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn json(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(&files[name]).unwrap()
}

/// The column of a table, as numbers.
fn column(files: &BTreeMap<String, Vec<u8>>, table: &str, name: &str) -> Vec<f64> {
    let mut reader = csv::Reader::from_reader(files[table].as_slice());
    let place = reader.headers().unwrap().iter().position(|header| header == name).expect(name);
    reader.records().map(|row| row.unwrap()[place].parse().unwrap()).collect()
}

#[test]
fn a_directory_of_results_holds_every_file_and_the_same_bytes_each_time() {
    let parent = tempfile::tempdir().unwrap();
    let (one, other) = (parent.path().join("a/one"), parent.path().join("other"));
    write_sample(&one, &Outputs::all(), &inputs()).unwrap();
    write_sample(&other, &Outputs::all(), &inputs()).unwrap();
    let written = files(&one);
    assert!(written == files(&other), "two runs give the same bytes");
    assert_eq!(
        written.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "events.csv",
            "expectations.json",
            "inputs/prices/usd.yaml",
            "inputs/scenarios/scenario.yaml",
            "nodes.csv",
            "pods.csv",
            "report.html",
            "run.json",
            "summary.json",
            "timeline.csv",
            "timeline.svg",
        ]
    );
    assert_eq!(written["inputs/prices/usd.yaml"], b"{}");
}

#[test]
fn what_idle_nodes_cost_over_time_adds_up() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("run");
    write_sample(&dir, &"timeline,summary".parse().unwrap(), &inputs()).unwrap();
    let written = files(&dir);
    let (idle, ecs) = (column_sum(&written, "cost_idle_ecs_per_s"), column_sum(&written, "cost_ecs_per_s"));
    let told = |path: &str| json(&written, "summary.json")["cost"][path].as_f64().unwrap();
    assert!((idle - told("idleEcs")).abs() < 1e-5, "{idle} and {}", told("idleEcs"));
    assert!(idle < ecs && (ecs - told("ecs")).abs() < 1e-5);
}

/// The integral of a rate of the timeline, which has a row every 8 s; the first row ends no step.
fn column_sum(files: &BTreeMap<String, Vec<u8>>, rate: &str) -> f64 {
    column(files, "timeline.csv", rate)[1..].iter().sum::<f64>() * 8.0
}

#[test]
fn provenance_is_written() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("run");
    write_sample(&dir, &"expectations".parse().unwrap(), &inputs()).unwrap();
    let written = files(&dir);
    let run = json(&written, "run.json");
    for (field, value) in [
        ("version", "0.1.0"),
        ("scenario", "gateway-spike"),
        ("variant", "no-spread"),
        ("traceHash", "00000000deadbeef"),
        ("scenarioFile", "inputs/scenarios/scenario.yaml"),
    ] {
        assert_eq!(run[field], value, "{field}");
    }
    assert_eq!(run["scenarioDigest"], format!("sha256:{}", digest(&inputs())));
    assert_eq!(
        String::from_utf8(written["expectations.json"].clone()).unwrap(),
        r#"[
  {
    "expression": "overflow.early == 7",
    "measured": {
      "overflow.early": 7
    },
    "holds": true
  },
  {
    "expression": "overflow.excluded > 0 or pods.created < 3",
    "measured": {
      "overflow.excluded": 0,
      "pods.created": 64
    },
    "holds": false
  }
]
"#
    );
    assert_eq!(written.len(), 2 + inputs().len(), "only what was asked for");
}

#[test]
fn digests_depend_on_names_and_contents_and_not_on_their_order() {
    let reversed: Vec<InputFile> = inputs().into_iter().rev().collect();
    assert_eq!(digest(&inputs()), digest(&reversed));
    assert_ne!(digest(&[input("a", "bc")]), digest(&[input("ab", "c")]));
    // SHA-256 of the empty message, FIPS 180-4.
    assert_eq!(digest(&[]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn printed_rows_add_up_to_the_printed_total() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("run");
    write_sample(&dir, &Outputs::all(), &[]).unwrap();
    let written = files(&dir);
    let micros = |amounts: Vec<f64>| amounts.iter().map(|amount| (amount * 1e6).round() as i64).sum::<i64>();
    let cost = &json(&written, "summary.json")["cost"];
    let figure = |name: &str| micros(vec![cost[name].as_f64().unwrap()]);
    let (nodes, pods) =
        (micros(column(&written, "nodes.csv", "cost")), micros(column(&written, "pods.csv", "cost")));
    assert_eq!((nodes, pods, nodes + pods), (figure("ecs"), figure("virtual"), figure("total")));
    assert_eq!(micros(column(&written, "nodes.csv", "idle_cost")), figure("idleEcs"));
    assert!(pods > 0);
}

#[test]
fn summary_and_timeline_have_the_names_of_the_contract() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("run");
    write_sample(&dir, &Outputs::all(), &[]).unwrap();
    let written = files(&dir);
    let summary = json(&written, "summary.json");
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(names(&summary), "pods overflow pending starting ready traffic cost scheduler");
    for (group, expected) in [
        ("pods", "created scheduled completed peak pendingAtEnd preempted failed reclaimed"),
        ("overflow", "pods share podSeconds full early excluded directed firstAtSeconds"),
        ("pending", "peak podSeconds waitSeconds"),
        ("starting", "peak podSeconds heldUp"),
        ("ready", "waitSeconds"),
        ("traffic", "requests unserved unservedShare"),
        ("cost", "currency total perSecondMean perSecondPeak ecs virtual cluster idleEcs"),
        ("scheduler", "attempts decisions failures"),
    ] {
        assert_eq!(names(&summary[group]), expected);
    }
    assert_eq!(names(&summary["pending"]["waitSeconds"]), "p50 p95 p99 max censored");
    assert_eq!(names(&summary["starting"]["heldUp"]), "stock quota address creationRate");
    let timeline = String::from_utf8(written["timeline.csv"].clone()).unwrap();
    let header = "time_s,rps,replicas_desired,pods_ecs,pods_virtual,pods_virtual_early,pending,starting,cost_per_s,\
                  cost_ecs_per_s,cost_virtual_per_s,unserved_rps,ready,latency_mean_s,nodes,cost_idle_ecs_per_s";
    assert_eq!(timeline.lines().next(), Some(header));
    assert_eq!(timeline.lines().count(), 1 + 901, "a row every 8 s of two hours, both ends included");
    let pods = String::from_utf8(written["pods.csv"].clone()).unwrap();
    assert_eq!(
        pods.lines().nth(4).unwrap(),
        "istio-ingressgateway-3,istio-system,Deployment/istio-system/istio-ingressgateway,virtual-kubelet-j,virtual,\
         0,15,60,,1/1,1,early,2-4Gi,0.119750"
    );
}

#[test]
fn results_are_replaced_and_other_directories_are_left_alone() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("run");
    write_sample(&dir, &Outputs::all(), &inputs()).unwrap();
    write_sample(&dir, &"summary".parse().unwrap(), &[]).unwrap();
    assert_eq!(files(&dir).len(), 2, "nothing is left of the run before");

    let empty = parent.path().join("empty");
    fs::create_dir(&empty).unwrap();
    write_sample(&empty, &"summary".parse().unwrap(), &[]).unwrap();

    let foreign = parent.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("run.json"), r#"{"kind": "Run"}"#).unwrap();
    let error = write_sample(&foreign, &Outputs::all(), &[]).unwrap_err();
    assert!(error.to_string().contains("holds no results of overspill"), "{error}");
    assert_eq!(files(&foreign).len(), 1);

    let file = parent.path().join("file");
    fs::write(&file, "text").unwrap();
    assert!(matches!(write_sample(&file, &Outputs::all(), &[]), Err(ReportError::NotOurs { .. })));
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 4, "nothing else is left beside them");
}

#[test]
fn inputs_cannot_leave_their_directory() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("run");
    for name in ["../escape", "/absolute", "a/../../b", ""] {
        let error = write_sample(&dir, &Outputs::all(), &[input(name, "")]).unwrap_err();
        assert!(matches!(error, ReportError::InputName { .. }), "{name}");
    }
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0, "a run that fails leaves nothing");
}

#[test]
fn the_terminal_shows_the_run_at_a_glance() {
    let run = gateway_spike();
    let conditions = ["overflow.early > 0", "pending.waitSeconds.p99 <= 10s", "overflow.share < 70%"];
    let text = terminal::summary("gateway-spike", &run, &expectations(&run, &conditions));
    assert_eq!(
        text,
        "gateway-spike: 40 of 64 pods overflow to ECI: 7 early, 33 full, 3.8 % of requests unserved

  pods      64 created, 64 scheduled
  overflow  40 pods, 62 %, the first at 15s
                7 early: ECS had room and was outscored
               33 full: no ECS node had room
  pending   wait p50 15 s, p95 15 s, p99 15 s, max 15 s; at most 15 at once
  ready     wait p50 60 s, p95 60 s, p99 60 s, max 60 s; at most 35 starting at once
  traffic   83 940 000 requests, 3 177 000 unserved (3.8 %)
  cost      3.32 USD: ECS 1.86 (56 % idle), ECI 1.46 in 2h
            0.000461 USD per second on average, 0.000925 at most

  2 of 3 expectations hold
  ✗ pending.waitSeconds.p99 <= 10s   (pending.waitSeconds.p99 = 15 s)
  ✓ overflow.early > 0   (overflow.early = 7)
  ✓ overflow.share < 70%   (overflow.share = 62 %)
"
    );
    let one = terminal::summary("x", &run, &expectations(&run, &["cost.total / overflow.directed > 1"]));
    assert!(
        one.ends_with(
            "  0 of 1 expectation holds
  ✗ cost.total / overflow.directed > 1   (cost.total = 3.3215, overflow.directed = 0, \
             cost.total / overflow.directed divides by zero)
"
        ),
        "{one}"
    );
    let many: Vec<&str> = std::iter::repeat_n("overflow.early > 0", 40).collect();
    assert!(terminal::summary("x", &run, &expectations(&run, &many)).lines().count() <= 25);
}
