//! Recorded decisions of kube-scheduler v1.34.1 against `overspill`'s, attempt by attempt and field by field.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use overspill::admission::priority::PriorityClasses;
use overspill::cluster::Cluster;
use overspill::id::PodId;
use overspill::random::Stream;
use overspill::scenario::inventory::{Inventory, Stocked, pod_entry};
use overspill::scheduler::config::ConfigFile;
use overspill::scheduler::{PreemptionMode, Registry, Scheduler, SchedulerConfig, TieBreak};
use overspill::simulation::one_shot::{Victims, place};
use overspill::units::SimTime;
use overspill_manifest::{Decoder, Object, Source, read_documents};
use serde_json::{Map, Value, json};

use crate::vectors::{Difference, narrow, read_vector};

/// What was compared.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Cases by kind.
    pub(crate) cases: BTreeMap<String, usize>,
    /// Attempts of all cases.
    pub(crate) attempts: usize,
    /// Attempts that are marked ambiguous and left out.
    pub(crate) left_out: usize,
    /// Files of kinds that are not known.
    pub(crate) unknown: Vec<String>,
}

/// Every kind of recorded case.
const KINDS: [&str; 12] = ["k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "n1", "p1", "s1"];

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<_> = self.cases.iter().map(|(kind, cases)| format!("{kind} {cases}")).collect();
        write!(
            f,
            "{} cases ({}), {} attempts compared, ",
            self.case_count(),
            kinds.join(", "),
            self.attempts
        )?;
        write!(f, "{} left out as ambiguous", self.left_out)?;
        if !self.unknown.is_empty() {
            write!(f, ", kinds left out: {}", self.unknown.join(", "))?;
        }
        Ok(())
    }
}

impl Tally {
    /// Cases of every kind.
    pub(crate) fn case_count(&self) -> usize {
        self.cases.values().sum()
    }
}

/// Compares every case of a folder; the first difference of each case is returned with both sides.
pub(crate) fn check(dir: &Path) -> (Tally, Vec<Difference>) {
    let mut tally = Tally::default();
    let mut differences = Vec::new();
    for path in crate::vectors::files(dir) {
        let data = read_vector(&path);
        let kind = data["kind"].as_str().unwrap_or_default().to_owned();
        if !KINDS.contains(&kind.as_str()) {
            tally.unknown.push(path.display().to_string());
            continue;
        }
        let got = replay(&data["case"]);
        let wanted = data["expected"]["results"].as_array().expect("a case expects results");
        *tally.cases.entry(kind).or_default() += 1;
        let ambiguous = wanted.iter().filter(|result| result["ambiguous"] == true).count();
        tally.attempts += wanted.len() - ambiguous;
        tally.left_out += ambiguous;
        differences.extend(first_difference(&path, &data["expected"], &got));
    }
    (tally, differences)
}

/// Runs a case through the scheduler, in process.
fn replay(case: &Value) -> Value {
    let (mut cluster, _) = inventory(case).cluster();
    let pending = create_pending(&mut cluster, case);
    let mut scheduler = scheduler(case);
    let evict = case["mode"] == "preempt";
    let report =
        place(&mut cluster, &mut scheduler, &pending, if evict { Victims::Evict } else { Victims::Report });
    cluster.check().expect("the ledger holds after a replay");
    serde_json::to_value(&report).expect("a report can be written")
}

/// Everything of a case that is there from the start.
pub(crate) fn inventory(case: &Value) -> Inventory {
    const LISTS: [(&str, &str, &str); 8] = [
        ("nodes", "v1", "Node"),
        ("namespaces", "v1", "Namespace"),
        ("services", "v1", "Service"),
        ("replicasets", "apps/v1", "ReplicaSet"),
        ("statefulsets", "apps/v1", "StatefulSet"),
        ("replicationcontrollers", "v1", "ReplicationController"),
        ("pdbs", "policy/v1", "PodDisruptionBudget"),
        ("pods", "v1", "Pod"),
    ];
    let listed = LISTS.iter().flat_map(|(list, version, kind)| {
        case[*list].as_array().into_iter().flatten().map(move |object| with_kind(object, version, kind))
    });
    let list = json!({"apiVersion": "v1", "kind": "List", "items": listed.collect::<Vec<_>>()});
    let objects: Vec<_> = decode(&list).into_iter().map(Stocked::Object).collect();
    Inventory::of(&objects).unwrap_or_else(|problems| panic!("a recorded object is refused: {problems:?}"))
}

fn with_kind(object: &Value, version: &str, kind: &str) -> Value {
    let mut object = object.clone();
    object["apiVersion"] = version.into();
    object["kind"] = kind.into();
    object
}

fn decode(list: &Value) -> Vec<Object> {
    let source = Source::new("case.json", list.to_string());
    let mut decoder = Decoder::new(false);
    read_documents(&source).documents.iter().filter_map(|document| decoder.decode(document)).collect()
}

/// Pending pods, of which those of kind n1 carry a `nodeName` that the NodeName filter is to see.
fn create_pending(cluster: &mut Cluster, case: &Value) -> Vec<PodId> {
    let priorities = PriorityClasses::of(std::iter::empty());
    let pods = case["pending"].as_array().into_iter().flatten();
    pods.enumerate()
        .map(|(ordinal, pod)| {
            let pod: Pod = serde_json::from_value(pod.clone()).expect("a recorded pod decodes");
            let mut entry = pod_entry(&pod, &priorities).expect("a recorded pod is valid");
            Arc::make_mut(&mut entry.spec).node_name = entry.node.take();
            entry.create(cluster, Stream::of(1, ordinal as u32), SimTime::ZERO)
        })
        .collect()
}

fn scheduler(case: &Value) -> Scheduler {
    let file: ConfigFile = match &case["config"] {
        Value::Null => ConfigFile::default(),
        config => serde_json::from_value(config.clone()).expect("a recorded configuration decodes"),
    };
    let mut config = SchedulerConfig::resolve(&file, &Registry::upstream())
        .unwrap_or_else(|problems| panic!("a recorded configuration is refused: {problems:?}"));
    let percentage = case["percentageOfNodesToScore"].as_u64().unwrap_or(100) as u8;
    for profile in &mut config.profiles {
        profile.percentage_of_nodes_to_score = percentage;
    }
    Scheduler::new(config.profiles, TieBreak::Name, PreemptionMode::On)
}

/// The first field that differs, with both sides.
fn first_difference(path: &Path, expected: &Value, got: &Value) -> Option<Difference> {
    let difference = |what: String, want: &Value, got: &Value| {
        let (what, want, got) = narrow(what, want, got);
        Some(Difference { file: path.display().to_string(), what, want, got })
    };
    let results = expected["results"].as_array()?;
    for (number, want) in results.iter().enumerate().filter(|(_, want)| want["ambiguous"] != true) {
        let have = &got["results"][number];
        let single = want["feasible"].as_array().is_some_and(|nodes| nodes.len() == 1);
        let (want, have) = (in_order(want), in_order(have));
        for key in want.keys().chain(have.keys()) {
            // With one feasible node the real scheduler does not score at all; the recorder still did.
            let unscored = single && ["scores", "skipScore", "total", "best"].contains(&key.as_str());
            let (want, have) = (want.get(key), have.get(key));
            if want != have && !unscored {
                let null = Value::Null;
                let what = format!("attempt {number} of {}: {key}", results[number]["pod"]);
                return difference(what, want.unwrap_or(&null), have.unwrap_or(&null));
            }
        }
    }
    ["nodeOrder", "final"].iter().find_map(|key| {
        (expected[*key] != got[*key]).then(|| difference((*key).to_owned(), &expected[*key], &got[*key]))?
    })
}

/// An attempt with what has no order put in order and what is empty left out.
fn in_order(result: &Value) -> Map<String, Value> {
    let mut result = result.clone();
    let sort = |list: &mut Value| {
        if let Some(list) = list.as_array_mut() {
            list.sort_by_key(Value::to_string);
        }
    };
    for key in ["skipScore", "feasible", "best"] {
        sort(&mut result[key]);
    }
    for verdict in result["filtered"].as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
        sort(&mut verdict["reasons"]);
    }
    if result["preFilter"].is_object() {
        sort(&mut result["preFilter"]["reasons"]);
    }
    let is_empty = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    let fields = result.as_object().expect("an attempt is an object");
    fields
        .iter()
        .filter(|(_, value)| !is_empty(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
