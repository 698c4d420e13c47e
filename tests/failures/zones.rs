//! Zones that fail.

use overspill::experiment::Measured;
use overspill::units::SimTime;

use super::folder::{Case, check_figure};
use super::{pod, told};

/// Bare pods that are on ECI from the start, one in each zone.
const PODS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: in-h}
spec:
  nodeName: virtual-kubelet-cn-hangzhou-h
  containers: [{name: c, image: i, resources: {requests: {cpu: '2', memory: 4Gi}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: in-j}
spec:
  nodeName: virtual-kubelet-cn-hangzhou-j
  containers: [{name: c, image: i, resources: {requests: {cpu: '2', memory: 4Gi}}}]
";

fn outage(lines: &str) -> Measured {
    let spec = format!(
        "  horizon: 30m
  virtualNodes: {{cn-hangzhou-h: {{}}, cn-hangzhou-j: {{}}}}
  pools:
    n: {{count: 2, zones: [cn-hangzhou-h, cn-hangzhou-j], price: 0.36/h, allocatable: {{cpu: 4, memory: 8Gi, pods: 10}}}}
{lines}"
    );
    Case { spec, manifest: PODS }.measure()
}

/// At 100 s the instance of the zone is gone and paid for no longer; nodes of both classes are unreachable 50 s later. A
/// pod that wants to start there waits until the zone is back at 700 s.
///
/// rule: zone-outage
#[test]
fn a_zone_that_fails_loses_its_instances_and_creates_none() {
    let run = outage(
        "  timeline:
    - {at: 100s, fail: {zone: cn-hangzhou-h, for: 10m}}
    - at: 120s
      create:
        manifest:
          apiVersion: v1
          kind: Pod
          metadata: {name: late}
          spec:
            nodeName: virtual-kubelet-cn-hangzhou-h
            tolerations: [{operator: Exists}]
            containers: [{name: c, image: i, resources: {requests: {cpu: '2', memory: 4Gi}}}]
",
    );
    assert_eq!(pod(&run, "in-h").finished, Some(SimTime::from_secs(100)));
    assert_eq!(pod(&run, "in-j").finished, None);
    let costs = ["in-h", "in-j"].map(|name| pod(&run, name).cost.to_micros());
    assert_eq!(costs[1], costs[0] * 18, "100 s and 1800 s");
    let late = pod(&run, "late").ready.expect("the zone is back");
    assert!(late > SimTime::from_secs(700), "{late}");
    let not_ready = [
        "150 NodeNotReady Node/n-1: Node n-1 status is now: NodeNotReady",
        "150 NodeNotReady Node/virtual-kubelet-cn-hangzhou-h: Node virtual-kubelet-cn-hangzhou-h status is now: NodeNotReady",
    ];
    assert_eq!(told(&run, &["NodeNotReady"]), not_ready);
    check_figure(&run, "failures.lostPods", 1.0);
    check_figure(&run, "failures.nodes", 2.0);
    check_figure(&run, "starting.heldUp.stock", 1.0);
}

/// With several zones to go to, the pod goes where there is one.
#[test]
fn a_pod_that_may_go_to_another_zone_does() {
    let run = outage(
        "  timeline:
    - {at: 100s, fail: {zone: cn-hangzhou-h}}
    - at: 120s
      create:
        manifest:
          apiVersion: v1
          kind: Pod
          metadata:
            name: late
            annotations: {k8s.aliyun.com/eci-schedule-strategy: VSwitchOrdered}
          spec:
            nodeName: virtual-kubelet-cn-hangzhou-h
            tolerations: [{operator: Exists}]
            containers: [{name: c, image: i, resources: {requests: {cpu: '2', memory: 4Gi}}}]
",
    );
    let late = pod(&run, "late").ready.expect("the other zone has room");
    assert!(late < SimTime::from_secs(150), "{late}");
}
