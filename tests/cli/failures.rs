//! What `get`, `explain` and `run` say of nodes that fail and of pods that have to leave.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

const WEB: &str = "
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {kubernetes.io/os: linux}
      containers: [{name: web, image: web, resources: {requests: {cpu: '1', memory: 1Gi}}}]
";

/// A pod on node a-1, which fails at 2 minutes for 10; b-1 comes into question once a-1 does not.
fn ran() -> (Session, String) {
    let text = "apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {name: small}
spec:
  horizon: 30m
  manifests: [web.yaml]
  priceList: prices.yaml
  pools:
    a: {instanceType: ecs.c7.2xlarge, count: 1}
    b: {instanceType: ecs.c7.2xlarge, count: 1, taints: ['spare:PreferNoSchedule']}
  timeline: [{at: 2m, fail: {node: a-1, for: 10m}}]
";
    let session =
        Session::new().with("scenario.yaml", text).with("prices.yaml", PRICES).with("web.yaml", WEB);
    let ran = session.run("run scenario.yaml --evaluator both --out run");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (session, ran.stdout)
}

/// The cells of the only row that begins with `name`.
#[track_caller]
fn row(session: &Session, args: &str, name: &str) -> Vec<String> {
    let printed = session.run(args).printed();
    let mut rows = printed.lines().filter(|line| line.starts_with(name));
    let row = rows.next().unwrap_or_else(|| panic!("no {name} in {printed}"));
    row.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn nodes_that_fail_are_shown_as_kubectl_shows_them() {
    let (session, printed) = ran();
    assert!(printed.contains("failures  1 node down, 1 pod evicted\n"), "{printed}");
    let status = |at: &str| row(&session, &format!("get run nodes --at {at}"), "a-1")[1].clone();
    assert_eq!(
        ["2m", "2m49s", "2m50s", "11m59s", "12m"].map(status),
        ["Ready", "Ready", "NotReady", "NotReady", "Ready"]
    );
    let yaml = session.run("get run node a-1 -o yaml --at 5m").printed();
    for line in
        ["effect: NoExecute", "effect: NoSchedule", "key: node.kubernetes.io/unreachable", "status: Unknown"]
    {
        assert!(yaml.contains(line), "{line} in {yaml}");
    }
    assert!(!session.run("get run node a-1 -o yaml --at 13m").printed().contains("unreachable"));
}

/// Evicted at 2m55s + 5m, and Terminating until the node is back.
#[test]
fn a_pod_of_a_failed_node_terminates_until_the_node_is_back() {
    let (session, _) = ran();
    let pods = |at: &str| {
        let printed = session.run(&format!("get run pods -o wide --at {at}")).printed();
        let cells = |line: &str| {
            let cells: Vec<_> = line.split_whitespace().collect();
            [cells[1], cells[2], cells[6]].join(" ")
        };
        let mut pods: Vec<_> = printed.lines().skip(1).map(cells).collect();
        pods.sort();
        pods
    };
    assert_eq!(pods("2m30s"), ["1/1 Running a-1"]);
    assert_eq!(pods("3m"), ["0/1 Running a-1"]);
    assert_eq!(pods("9m"), ["0/1 Terminating a-1", "1/1 Running b-1"]);
    assert_eq!(pods("13m"), ["1/1 Running b-1"]);
    let yaml = session.run("get run pods -o yaml --at 1m").printed();
    assert_eq!(yaml.matches("tolerationSeconds: 300").count(), 2, "{yaml}");
}

#[test]
fn explain_tells_why_a_pod_had_to_leave() {
    let (session, _) = ran();
    let name = row(&session, "get run pods --at 1m", "web-")[0].clone();
    let told = session.run(&format!("explain run default/{name}")).printed();
    for line in [
        "NodeNotReady: Node is not ready",
        &format!("TaintManagerEviction: Marking for deletion Pod default/{name}"),
        "gone: evicted",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
}
