//! The figures of a run that are kept on record, and how two records differ.

use std::fs;
use std::path::Path;

use overspill::metric::Summary;
use overspill::report::decimal;
use overspill::simulation::Finished;
use serde_json::{Map, Value, json};

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

/// Whether records are to be written anew.
pub(crate) fn bless() -> bool {
    std::env::var_os("OVERSPILL_BLESS").is_some_and(|value| value == "1")
}

/// Writes what was seen into the record `file` if that is asked for, and says where the record differs from it.
pub(crate) fn complaints(title: &str, file: &Path, seen: &Value) -> Vec<String> {
    if bless() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, format!("{seen:#}\n")).unwrap();
    }
    match fs::read_to_string(file).map(|text| serde_json::from_str::<Value>(&text)) {
        Err(_) => vec![format!("{title}: no figures are on record")],
        Ok(on_record) => differences(title, &on_record.unwrap(), seen),
    }
}

/// What is recorded of a run, with numbers as results print them.
pub(crate) fn seen(seed: u64, summary: &Summary, finished: Finished) -> Value {
    let number = |path: &&str| match summary.get(path) {
        Some(value) => serde_json::from_str(&decimal(value.number)).expect("a printed number is JSON"),
        None => Value::Null,
    };
    let figures: Map<String, Value> =
        HEADLINES.iter().map(|path| ((*path).to_owned(), number(path))).collect();
    json!({
        "seed": seed,
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
