//! Nodes that go, and those that stay.

use overspill::experiment::Measured;

use super::folder::{Case, check_figure};
use super::{WEB, nodes, pool, scale, spec, told};

/// With a DaemonSet, and a budget that a step of the timeline may change.
fn manifest() -> &'static str {
    let text = format!(
        "{WEB}---
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: agent}}
spec:
  selector: {{matchLabels: {{app: agent}}}}
  template:
    metadata: {{labels: {{app: agent}}}}
    spec:
      containers:
        - name: agent
          image: agent
          resources: {{requests: {{cpu: 100m, memory: 100Mi}}}}
"
    );
    Box::leak(text.into_boxed_str())
}

fn run(horizon: &str, pools: &str, timeline: &str) -> Measured {
    Case { spec: spec(horizon, pools, "", timeline), manifest: manifest() }.measure()
}

/// Asked for at 10 s, ready at 50 s, when its pod would fit nowhere else: it is looked at again at 350 s. The pod is gone at
/// 102 s, and there is the agent alone. At 950 s it was not needed for 10 minutes; it goes 5 s later with its agent, which
/// nobody has lost.
#[test]
fn an_empty_node_goes_with_its_daemons() {
    let run = run("17m", &pool("web", 0, "{max: 3}"), &(scale(5, 1) + &scale(100, 0)));
    let told = told(&run, &["ScaleDownEmpty", "ScaleDown", "ScaleDownFailed"]);
    let expected = [
        "950 ScaleDownEmpty ConfigMap/kube-system/cluster-autoscaler-status: Scale-down: removing empty node \"web-1\"",
        "950 ScaleDown Node/web-1: marked the node as toBeDeleted/unschedulable",
        "955 ScaleDown Node/web-1: node removed by cluster autoscaler",
    ];
    assert_eq!(told, expected);
    // 945 s.
    assert_eq!(nodes(&run), ["web-1 10 955 94500"]);
    assert!(run.observation.summary.get("failures.lostPods").is_none(), "nothing has failed");
    check_figure(&run, "nodes.removed", 1.0);
}

/// The same, but that a pod comes at 952 s: its node is not empty any more, and takes pods again at 955 s.
///
/// rule: node-deletion
#[test]
fn a_node_that_is_not_empty_any_more_stays() {
    let pools = pool("web", 0, "{max: 1}");
    let tolerant = manifest().replace(
        "    spec:\n      containers:\n        - name: web",
        "    spec:\n      tolerations: [{operator: Exists}]\n      containers:\n        - name: web",
    );
    let timeline = scale(5, 1) + &scale(100, 0) + &scale(952, 1);
    let manifest: &'static str = Box::leak(tolerant.into_boxed_str());
    let run = Case { spec: spec("17m", &pools, "", &timeline), manifest }.measure();
    let told = told(&run, &["ScaleDown", "ScaleDownFailed"]);
    let expected = [
        "950 ScaleDown Node/web-1: marked the node as toBeDeleted/unschedulable",
        "955 ScaleDownFailed Node/web-1: failed to drain the node, aborting ScaleDown: node is not empty any more",
    ];
    assert_eq!(told, expected);
    check_figure(&run, "nodes.removed", 0.0);
    check_figure(&run, "pods.pendingAtEnd", 0.0);
}

/// Nodes of the start are removed like others, down to the minimum.
#[test]
fn nodes_of_the_start_go_too() {
    let run = run("15m", &pool("web", 3, "{min: 1, max: 3}"), &scale(5, 0));
    let removed: Vec<_> = nodes(&run);
    assert_eq!(removed, ["web-1 0 615 61500", "web-2 0 615 61500", "web-3 0 - 90000"]);
    check_figure(&run, "nodes.peak", 3.0);
}

/// Of two full nodes one fails at 100 s. At 455 s, 5 minutes after that is known, its three pods are told to end, which
/// nobody does: 60 s later they are taken for gone. The scan of 520 s finds the node not needed; 20 minutes later it goes,
/// as an empty one, and its pods, which others stand in for, with it.
///
/// rule: ca-long-terminating
#[test]
fn a_node_that_has_failed_goes_with_pods_that_nobody_ends() {
    let timeline = scale(5, 6) + "    - {at: 100s, fail: {node: web-1}}\n";
    let run = run("1729s", &pool("web", 2, "{min: 1, max: 2}"), &timeline);
    let told = told(&run, &["ScaleDownEmpty", "ScaleDown", "ScaleDownFailed"]);
    let expected = [
        "1720 ScaleDownEmpty ConfigMap/kube-system/cluster-autoscaler-status: Scale-down: removing empty node \"web-1\"",
        "1720 ScaleDown Node/web-1: marked the node as toBeDeleted/unschedulable",
        "1725 ScaleDown Node/web-1: node removed by cluster autoscaler",
    ];
    assert_eq!(told, expected);
    assert_eq!(nodes(&run), ["web-1 0 1725 172500", "web-2 0 - 172900"]);
    check_figure(&run, "failures.evictedPods", 3.0);
}

/// Two nodes with a pod each, one of which is not needed since 10 s: marked at 610 s, drained at 615 s. Meanwhile the budget
/// allows nothing any more.
fn drained_against_a_budget(after: &str) -> Measured {
    let budget = "---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  minAvailable: 0
  selector: {matchLabels: {app: web}}
";
    let manifest: &'static str = Box::leak(format!("{WEB}{budget}").into_boxed_str());
    let allow = |seconds: u32, least: &str| {
        format!(
            "    - {{at: {seconds}s, patch: {{resource: pdb/default/web, patch: {{spec: {{minAvailable: {least}}}}}}}}}\n"
        )
    };
    let mut timeline = scale(1, 2) + &allow(612, "2");
    if !after.is_empty() {
        timeline += &allow(650, after);
    }
    Case { spec: spec("780s", &pool("web", 2, "{min: 1, max: 2}"), "", &timeline), manifest }.measure()
}

/// From 615 s to 735 s thirteen evictions are refused, ten seconds apart; after 2 minutes the node stays.
///
/// rule: node-deletion
#[test]
fn a_drain_that_a_budget_refuses_is_given_up() {
    let run = drained_against_a_budget("");
    let told = told(&run, &["ScaleDownFailed"]);
    let failed = "735 ScaleDownFailed Node/web-1: failed to drain the node, aborting ScaleDown: failed to evict pods in time";
    assert_eq!(told, [failed]);
    check_figure(&run, "disruption.refused", 13.0);
    check_figure(&run, "nodes.removed", 0.0);
}

/// The budget allows it again at 650 s: the pod is evicted at 655 s and gone at 657 s, which is seen at 660 s.
///
/// rule: node-deletion
#[test]
fn a_drain_goes_on_when_the_budget_allows_it() {
    let run = drained_against_a_budget("1");
    check_figure(&run, "disruption.refused", 4.0);
    assert_eq!(nodes(&run), ["web-1 0 660 66000", "web-2 0 - 78000"]);
}
