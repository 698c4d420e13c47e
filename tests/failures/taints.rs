//! NoExecute taints.

use overspill::units::SimTime;

use super::folder::{Case, check_figure};
use super::{pod, told};

/// Three pods that differ in how long they tolerate the taint `maintenance`.
const PODS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: plain}
spec:
  nodeName: a-1
  containers: [{name: c, image: i}]
---
apiVersion: v1
kind: Pod
metadata: {name: patient}
spec:
  nodeName: a-1
  tolerations: [{key: maintenance, operator: Exists, effect: NoExecute, tolerationSeconds: 30}]
  containers: [{name: c, image: i}]
---
apiVersion: v1
kind: Pod
metadata: {name: stoic}
spec:
  nodeName: a-1
  tolerations: [{key: maintenance, operator: Exists}]
  containers: [{name: c, image: i}]
";

const ONE_NODE: &str = "  horizon: 5m
  pools:
    a: {count: 1, price: 0.26/h, allocatable: {cpu: 8, memory: 32Gi, pods: 20}}
";

/// Pods end 2 s after they were told to.
#[test]
fn a_taint_makes_pods_leave_when_they_tolerate_it_no_longer() {
    let timeline = "  timeline:
    - {at: 60s, taint: {node: a-1, taints: ['maintenance:NoExecute']}}
    - {at: 80s, taint: {node: a-1, taints: ['maintenance:NoExecute-']}}
    - {at: 100s, taint: {node: a-1, taints: ['maintenance=again:NoExecute']}}
";
    let run = Case { spec: format!("{ONE_NODE}{timeline}"), manifest: PODS }.measure();
    assert_eq!(pod(&run, "plain").finished, Some(SimTime::from_secs(62)));
    assert_eq!(pod(&run, "patient").finished, Some(SimTime::from_secs(132)));
    assert_eq!(pod(&run, "stoic").finished, None);
    let expected = [
        "60 TaintManagerEviction Pod/default/plain: Marking for deletion Pod default/plain",
        "80 TaintManagerEviction Pod/default/patient: Cancelling deletion of Pod default/patient",
        "130 TaintManagerEviction Pod/default/patient: Marking for deletion Pod default/patient",
    ];
    assert_eq!(told(&run, &["TaintManagerEviction"]), expected);
    check_figure(&run, "failures.evictedPods", 2.0);
    check_figure(&run, "failures.nodes", 0.0);
}

/// A taint that a node has from the start counts from the start, and for pods that come later from then on.
#[test]
fn taints_of_a_manifest_make_pods_leave_too() {
    let manifest = "
apiVersion: v1
kind: Node
metadata: {name: n}
spec: {taints: [{key: k, effect: NoExecute}]}
status: {allocatable: {cpu: '4', memory: 8Gi, pods: '10'}}
---
apiVersion: v1
kind: Pod
metadata: {name: early}
spec:
  nodeName: n
  tolerations: [{key: k, operator: Exists, tolerationSeconds: 10, effect: NoExecute}]
  containers: [{name: c, image: i}]
";
    let late = "  horizon: 2m
  timeline:
    - at: 30s
      create:
        manifest:
          apiVersion: v1
          kind: Pod
          metadata: {name: late}
          spec:
            tolerations: [{key: k, operator: Exists, tolerationSeconds: 20, effect: NoExecute}]
            containers: [{name: c, image: i}]
    - at: 40s
      create:
        manifest:
          apiVersion: v1
          kind: Pod
          metadata: {name: forced}
          spec: {nodeName: n, containers: [{name: c, image: i}]}
";
    let run = Case { spec: late.to_owned(), manifest }.measure();
    assert_eq!(pod(&run, "early").finished, Some(SimTime::from_secs(12)));
    assert_eq!(pod(&run, "late").finished, Some(SimTime::from_secs(52)));
    assert_eq!(pod(&run, "forced").finished, Some(SimTime::from_secs(42)));
}

/// A run without failures says nothing of them.
#[test]
fn a_run_in_which_nobody_had_to_leave_has_no_such_figures() {
    let run = Case { spec: ONE_NODE.to_owned(), manifest: PODS }.measure();
    assert!(run.observation.summary.get("failures.evictedPods").is_none());
}
