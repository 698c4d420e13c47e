//! StatefulSets as kubectl would show them, and what `schedule` makes of them.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

const SCENARIO: &str = "apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {name: small}
spec:
  horizon: 10m
  defaultImageSize: 0
  manifests: [manifests.yaml]
  priceList: prices.yaml
  ecs: {containerStart: {constant: 9s}, ready: {constant: 1s}}
  pools: {node: {instanceType: ecs.c7.xlarge, count: 2}}
";

const MANIFESTS: &str = "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'db:1', resources: {requests: {cpu: 100m}}}]}
";

/// Nodes of a dump, for a cluster without a scenario.
const NODE: &str = "apiVersion: v1
kind: Node
metadata: {name: n}
status: {allocatable: {cpu: '4', memory: 8Gi, pods: '110'}}
";

#[test]
fn kubectl_prints_what_the_controller_counts() {
    let session = Session::new().with("scenario.yaml", SCENARIO).with("prices.yaml", PRICES);
    let session = session.with("manifests.yaml", MANIFESTS);
    let ran = session.run("run scenario.yaml --out run");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let row = |name: &str, at: &str| {
        let printed = session.run(&format!("get run {name} -o wide --at {at}")).printed();
        let row = printed.lines().nth(1).unwrap_or_default().to_owned();
        row.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("sts", "15s"), ["db", "1/3", "15s", "db", "db:1"]);
    assert_eq!(row("statefulsets.apps", "5m"), ["db", "3/3", "5m", "db", "db:1"]);
    let all = session.run("get run all --at 5m").printed();
    assert!(all.contains("statefulset.apps/db") && !all.contains("replicaset"), "{all}");
    let labels = session.run("get run pod db-1 --show-labels --at 5m").printed();
    let expected = "apps.kubernetes.io/pod-index=1,";
    assert!(
        labels.contains(expected) && labels.contains("statefulset.kubernetes.io/pod-name=db-1"),
        "{labels}"
    );
    let events = session.run("get run events --at 5m").printed();
    assert!(events.contains("create Pod db-2 in StatefulSet db successful"), "{events}");
    let json = session.run("get run sts db -o json --at 15s").printed();
    let set: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let status = serde_json::json!({
        "replicas": 2, "readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 2,
    });
    assert_eq!(set["status"], status);
}

#[test]
fn schedule_places_the_pods_that_it_lacks() {
    let own = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: db-1, labels: {app: db}, ownerReferences: [{apiVersion: \
        apps/v1, kind: StatefulSet, name: db, uid: u, controller: true}]}\nspec: {nodeName: n, containers: [{name: db}]}\n";
    let session = Session::new().with("node.yaml", NODE).with("set.yaml", format!("{MANIFESTS}{own}"));
    let printed = session.run("schedule -f node.yaml -f set.yaml").stdout;
    for name in ["db-0", "db-2"] {
        assert!(printed.contains(name), "{printed}");
    }
    assert!(!printed.contains("db-3"), "{printed}");
}

/// A pod that is deleted comes again under its name: both lives are told, and the one of then where it is asked for.
#[test]
fn explain_tells_each_life_of_a_pod_that_comes_again() {
    let timeline = "  timeline: [{at: 5m, delete: {resource: pod/default/db-1}}]\n";
    let session = Session::new().with("scenario.yaml", format!("{SCENARIO}{timeline}"));
    let session = session.with("prices.yaml", PRICES).with("manifests.yaml", MANIFESTS);
    session.run("run scenario.yaml --quiet --out run").printed();
    let lives =
        |args: &str| session.run(&format!("explain run db-1{args}")).printed().matches(" created\n").count();
    assert_eq!([lives(""), lives(" --at 4m")], [2, 1]);
}
