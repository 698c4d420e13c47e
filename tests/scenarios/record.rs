//! The figures on record: `results/expected/SCENARIO.json`, and `results/expected/SCENARIO/VARIANT.json`.
//!
//! They change only when what is simulated changes, in a commit that says why; `OVERSPILL_BLESS=1 cargo test --test
//! scenarios` writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use overspill::report::decimal;
use serde_json::{Map, Value, json};

use crate::shipped::{ALL, Shipped, root};
use crate::written::files_below;

/// The figures that are recorded of each run.
const HEADLINES: [&str; 24] = [
    "pods.created",
    "pods.scheduled",
    "pods.pendingAtEnd",
    "overflow.pods",
    "overflow.share",
    "overflow.podSeconds",
    "overflow.full",
    "overflow.early",
    "overflow.excluded",
    "overflow.firstAtSeconds",
    "pending.peak",
    "pending.podSeconds",
    "pending.waitSeconds.p99",
    "starting.peak",
    "ready.waitSeconds.p50",
    "ready.waitSeconds.p99",
    "traffic.requests",
    "traffic.unserved",
    "cost.total",
    "cost.ecs",
    "cost.virtual",
    "cost.idleEcs",
    "cost.perSecondPeak",
    "scheduler.attempts",
];

#[test]
fn the_figures_are_those_on_record() {
    let bless = std::env::var_os("OVERSPILL_BLESS").is_some_and(|value| value == "1");
    let mut complaints = Vec::new();
    for one in ALL.iter() {
        let (file, seen) = (file_of(one), seen(one));
        if bless {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, format!("{seen:#}\n")).unwrap();
        }
        match fs::read_to_string(&file).map(|text| serde_json::from_str::<Value>(&text)) {
            Err(_) => complaints.push(format!("{}: no figures are on record", one.title)),
            Ok(on_record) => complaints.extend(differences(&one.title, &on_record.unwrap(), &seen)),
        }
    }
    assert!(
        complaints.is_empty(),
        "{}\nif this is meant: OVERSPILL_BLESS=1 cargo test --test scenarios, and say why in the commit",
        complaints.join("\n")
    );
}

#[test]
fn nothing_else_is_on_record() {
    let of_scenarios: BTreeSet<PathBuf> = ALL.iter().map(file_of).collect();
    for file in files_below(&root().join("results/expected")) {
        assert!(of_scenarios.contains(&file), "{} belongs to no scenario: remove it", file.display());
    }
}

fn file_of(one: &Shipped) -> PathBuf {
    root().join("results/expected").join(format!("{}.json", one.title))
}

/// What is recorded of a run, with numbers as results print them.
fn seen(one: &Shipped) -> Value {
    let number = |path: &&str| match one.figure(path) {
        Some(number) => serde_json::from_str(&decimal(number)).expect("a printed number is JSON"),
        None => Value::Null,
    };
    let figures: Map<String, Value> =
        HEADLINES.iter().map(|path| ((*path).to_owned(), number(path))).collect();
    let finished = one.measured.finished;
    json!({
        "seed": one.scenario.default_seed,
        "events": finished.events,
        "traceHash": format!("{:016x}", finished.trace_hash),
        "figures": figures,
    })
}

fn differences(title: &str, on_record: &Value, seen: &Value) -> Vec<String> {
    let parts = ["seed", "events", "traceHash"].map(|key| format!("/{key}"));
    let figures = HEADLINES.iter().map(|path| format!("/figures/{path}"));
    let differs = |pointer: String| {
        let (before, now) = (on_record.pointer(&pointer), seen.pointer(&pointer));
        let shown = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
        let path = pointer.trim_start_matches("/figures").trim_start_matches('/');
        (before != now).then(|| format!("{title}: {path} was {}, is {}", shown(before), shown(now)))
    };
    parts.into_iter().chain(figures).filter_map(differs).collect()
}
