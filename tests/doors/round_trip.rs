//! From a dump to a scenario and back: nodes and bound pods stay what they are, and pods that wait land where
//! `overspill schedule` puts them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::DUMP;
use crate::session::{CLUSTER, Session};

/// Everything that `get` can print and `import` reads.
const KINDS: &str = "nodes,namespaces,pods,deployments,replicasets,statefulsets,daemonsets,services,hpa,pdb";

/// A shipped scenario, by its whole path.
fn shipped(name: &str) -> String {
    format!("{}/scenarios/{name}/scenario.yaml", env!("CARGO_MANIFEST_DIR"))
}

fn objects(json: &str) -> Vec<Value> {
    let list: Value = serde_json::from_str(json).expect("it is JSON");
    list["items"].as_array().cloned().unwrap_or_else(|| vec![list])
}

fn text<'v>(object: &'v Value, at: &str) -> Option<&'v str> {
    object.pointer(at).and_then(Value::as_str)
}

/// The node of each pod, by namespace and name.
fn nodes_of_pods(objects: &[Value]) -> BTreeMap<String, Option<String>> {
    let pods = objects.iter().filter(|object| object["kind"] == "Pod");
    let name = |pod: &Value, at| text(pod, at).unwrap_or_default().to_owned();
    pods.map(|pod| {
        let title = format!("{}/{}", name(pod, "/metadata/namespace"), name(pod, "/metadata/name"));
        (title, text(pod, "/spec/nodeName").map(str::to_owned))
    })
    .collect()
}

/// What each node says of itself.
fn nodes(objects: &[Value]) -> Vec<Value> {
    let nodes = objects.iter().filter(|object| object["kind"] == "Node");
    let own = |node: &Value| {
        json!([
            node["metadata"]["name"],
            node["metadata"]["labels"],
            node["spec"],
            node["status"]["allocatable"]
        ])
    };
    nodes.map(own).collect()
}

/// The dump with every third pod that a ReplicaSet owns waiting for a node again.
fn with_waiting_pods(dump: &str) -> String {
    let mut all = objects(dump);
    let is_owned = |object: &&mut Value| object["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet";
    let pods = all.iter_mut().filter(|object| object["kind"] == "Pod").filter(is_owned);
    for pod in pods.step_by(3) {
        pod["spec"].as_object_mut().expect("a pod has a specification").remove("nodeName");
        pod.as_object_mut().expect("it is a map").remove("status");
    }
    json!({"apiVersion": "v1", "kind": "List", "items": all}).to_string()
}

/// Imports the dump, runs what comes of it, and prints its objects after a second.
fn imported(session: &Session) -> Vec<Value> {
    let told = session.run("import dump.json --out cluster");
    assert_eq!(told.code, 0, "{}", told.stderr);
    let ran = session.run("run cluster/scenario.yaml --out out --quiet");
    assert!(ran.code < 2, "{}", ran.stderr);
    objects(&session.run(&format!("get out {KINDS} -A -o json --at 1s")).printed())
}

/// Holds a run of the imported dump against `schedule` on the dump itself; how many pods waited.
#[track_caller]
fn check(dump: &str) -> usize {
    let session = Session::new().with("dump.json", dump);
    let scheduled = session.run("schedule -f dump.json -o json");
    assert_eq!(scheduled.code, 0, "{}", scheduled.stderr);
    let scheduled: Value = serde_json::from_str(&scheduled.stdout).expect("it is JSON");
    let after = imported(&session);
    let there = nodes_of_pods(&after);
    let before = objects(dump);
    assert_eq!(nodes(&before).len(), nodes(&after).len());
    let mut waiting = 0;
    for (pod, node) in nodes_of_pods(&before) {
        let is_waiting = node.is_none();
        let expected = node.or_else(|| {
            let results = scheduled["results"].as_array().expect("there are results");
            let own = results.iter().rfind(|one| one["pod"] == *pod).expect("each was tried");
            own["chosen"].as_str().map(str::to_owned)
        });
        waiting += usize::from(is_waiting);
        assert_eq!(there.get(&pod), Some(&expected), "{pod}");
    }
    waiting
}

/// What kubectl would print of a shipped scenario's run at some instant.
fn printed(name: &str, at: &str) -> String {
    let session = Session::new();
    let ran = session.run(&format!("run {} --out out --quiet", shipped(name)));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    session.run(&format!("get out {KINDS} -A -o json --at {at}")).printed()
}

#[test]
fn what_a_run_prints_comes_back_as_it_was() {
    for (name, at) in
        [("gateway-spike", "45m"), ("rolling-update-overflow", "12m"), ("zone-outage-in-spike", "20m")]
    {
        let dump = printed(name, at);
        let session = Session::new().with("dump.json", &dump);
        let (before, after) = (objects(&dump), imported(&session));
        assert_eq!(nodes(&before), nodes(&after), "{name}");
        let bound = |objects: &[Value]| {
            let mut all = nodes_of_pods(objects);
            all.retain(|_, node| node.is_some());
            all
        };
        let (before, after) = (bound(&before), bound(&after));
        assert!(before.len() > 5, "{name}: {before:?}");
        for (pod, node) in before {
            assert_eq!(after.get(&pod), Some(&node), "{name}: {pod}");
        }
    }
}

#[test]
fn pods_that_wait_land_where_schedule_puts_them() {
    for (name, at, least) in [
        ("gateway-spike", "45m", 20),
        ("gateway-spike-no-spread", "45m", 20),
        ("zone-outage-in-spike", "20m", 3),
    ] {
        let dump = with_waiting_pods(&printed(name, at));
        let waiting = check(&dump);
        assert!(waiting >= least, "{name}: only {waiting} pods wait");
    }
}

/// As kubectl prints them, with everything that a server adds.
#[test]
fn so_do_those_of_recorded_dumps() {
    for dump in [DUMP, CLUSTER] {
        let read = overspill_manifest::read_documents(&overspill_manifest::Source::new("dump.yaml", dump));
        let items: Vec<Value> = read.documents.iter().map(|one| one.value().into_owned()).collect();
        let ended = |item: &Value| matches!(text(item, "/status/phase"), Some("Succeeded" | "Failed"));
        let living: Vec<_> = items.into_iter().filter(|item| !ended(item)).collect();
        let dump = json!({"apiVersion": "v1", "kind": "List", "items": living}).to_string();
        assert!(check(&dump) >= 1);
        assert!(check(&with_waiting_pods(&dump)) >= 2);
    }
}
