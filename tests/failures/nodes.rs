//! Nodes that fail.

use overspill::experiment::Measured;
use overspill::scheduler::Evaluator;
use overspill::units::{Money, SimTime};

use super::folder::{Case, check_figure, figure};
use super::{pod, told};

/// One pod that would rather be on the first node, and takes ten requests a second.
const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - {weight: 100, preference: {matchExpressions: [{key: is, operator: In, values: [first]}]}}
      containers: [{name: web, image: web, resources: {requests: {cpu: '1', memory: 1Gi}}}]
";

/// Nodes first-1 and second-1; a pod is ready 3 s after its images are there.
fn web(timeline: &str) -> Case {
    let spec = format!(
        "  horizon: 20m
  pools:
    first: {{count: 1, price: 0.36/h, labels: {{is: first}}, allocatable: {{cpu: 4, memory: 8Gi, pods: 10}}}}
    second: {{count: 1, price: 0.36/h, allocatable: {{cpu: 4, memory: 8Gi, pods: 10}}}}
  ecs: {{containerStart: {{constant: 1s}}, ready: {{constant: 2s}}}}
  images: {{web: 0}}
  traffic:
    users: {{to: Deployment/default/web, rate: {{constant: 10/s}}, cpuPerThousandRequests: 1}}
{timeline}"
    );
    Case { spec, manifest: WEB }
}

const EVENTS: [&str; 7] = [
    "NodeNotReady",
    "NodeReady",
    "TaintManagerEviction",
    "SandboxChanged",
    "DeletingNode",
    "RemovingNode",
    "SuccessfulCreate",
];

/// The names of the pods, in order of creation.
fn names(run: &Measured) -> Vec<&str> {
    run.observation.pods.iter().map(|pod| pod.name.as_str()).collect()
}

const fn secs(seconds: u64) -> SimTime {
    SimTime::from_secs(seconds)
}

/// Silent at 100 s, unreachable at 150 s, tainted with NoExecute at 155 s, evicted 300 s later and replaced at once; the
/// old pod is gone when the node is back. For 50 s requests go to a pod that serves none of them.
///
/// rule: node-failure
#[test]
fn a_node_that_fails_for_long_loses_its_pods() {
    let run = web("  timeline: [{at: 100s, fail: {node: first-1, for: 10m}}]\n").measure();
    let [old, new] = names(&run)[..] else { panic!("{:?}", names(&run)) };
    let expected = [
        format!("0 SuccessfulCreate ReplicaSet/default/web: Created pod: {old}"),
        "150 NodeNotReady Node/first-1: Node first-1 status is now: NodeNotReady".to_owned(),
        format!("150 NodeNotReady Pod/default/{old}: Node is not ready"),
        format!("455 TaintManagerEviction Pod/default/{old}: Marking for deletion Pod default/{old}"),
        format!("455 SuccessfulCreate ReplicaSet/default/web: Created pod: {new}"),
        "700 NodeReady Node/first-1: Node first-1 status is now: NodeReady".to_owned(),
    ];
    let mut told = told(&run, &EVENTS);
    let set = told[0].split(": ").next().unwrap().to_owned();
    for one in &mut told {
        *one = one.replace(set.trim_start_matches("0 SuccessfulCreate "), "ReplicaSet/default/web");
    }
    assert_eq!(told, expected);
    assert_eq!((pod(&run, old).node.as_str(), pod(&run, old).finished), ("first-1", Some(secs(700))));
    assert_eq!((pod(&run, new).node.as_str(), pod(&run, new).ready), ("second-1", Some(secs(458))));
    assert!((figure(&run, "failures.unserved") - 500.0).abs() < 1e-6);
    // 3 s until the first pod is ready, and from the failure until the second is.
    assert!((figure(&run, "traffic.unserved") - 10.0 * (3.0 + 358.0)).abs() < 1e-6);
    check_figure(&run, "failures.nodes", 1.0);
    check_figure(&run, "failures.nodeSeconds", 600.0);
    check_figure(&run, "failures.evictedPods", 1.0);
    check_figure(&run, "failures.lostPods", 0.0);
    // The machine is paid for all the time.
    check_figure(&run, "cost.ecs", 0.24);
}

/// The taint comes at 155 s and goes at 225 s, at the first look after the node is back. The pod starts anew at 220 s.
///
/// rule: node-restart
#[test]
fn a_node_that_is_back_in_time_keeps_its_pods() {
    let run = web("  timeline: [{at: 100s, fail: {node: first-1, for: 2m}}]\n").measure();
    let [only] = names(&run)[..] else { panic!("{:?}", names(&run)) };
    let expected = [
        "150 NodeNotReady Node/first-1: Node first-1 status is now: NodeNotReady".to_owned(),
        format!("150 NodeNotReady Pod/default/{only}: Node is not ready"),
        "220 NodeReady Node/first-1: Node first-1 status is now: NodeReady".to_owned(),
        format!(
            "220 SandboxChanged Pod/default/{only}: Pod sandbox changed, it will be killed and re-created."
        ),
        format!("225 TaintManagerEviction Pod/default/{only}: Cancelling deletion of Pod default/{only}"),
    ];
    assert_eq!(told(&run, &EVENTS)[1..], expected);
    assert!((figure(&run, "failures.unserved") - 500.0).abs() < 1e-6);
    assert!((figure(&run, "traffic.unserved") - 10.0 * (3.0 + 123.0)).abs() < 1e-6);
    assert_eq!(pod(&run, only).finished, None);
}

/// Nobody has noticed; all the same the containers start anew.
#[test]
fn a_node_that_is_back_before_anybody_knows_restarts_its_pods() {
    let run = web("  timeline: [{at: 100s, fail: {node: first-1, for: 30s}}]\n").measure();
    assert_eq!(told(&run, &["NodeNotReady", "NodeReady", "TaintManagerEviction"]), [""; 0]);
    assert_eq!(told(&run, &["SandboxChanged"]).len(), 1);
    assert!((figure(&run, "failures.unserved") - 300.0).abs() < 1e-6);
    assert!((figure(&run, "traffic.unserved") - 10.0 * (3.0 + 33.0)).abs() < 1e-6);
}

/// Known at 150 s, first seen by the garbage collector at 160 s, and gone 40 s later. The machine is paid for until it is
/// lost, 100 s of 0.0001, and the other for all of the 1200 s.
///
/// rule: node-lost
#[test]
fn a_node_that_is_lost_is_deleted_with_its_pods_and_paid_for_no_longer() {
    let run = web("  timeline: [{at: 100s, fail: {node: first-1, lost: true}}]\n").measure();
    let [old, new] = names(&run)[..] else { panic!("{:?}", names(&run)) };
    assert_eq!(pod(&run, old).finished, Some(secs(200)));
    assert_eq!((pod(&run, new).node.as_str(), pod(&run, new).ready), ("second-1", Some(secs(203))));
    let first = &run.observation.nodes[0];
    assert_eq!(
        (first.name.as_str(), first.removed, first.cost.to_micros()),
        ("first-1", Some(secs(200)), 10_000)
    );
    check_figure(&run, "cost.ecs", 0.13);
    check_figure(&run, "failures.lostPods", 1.0);
    check_figure(&run, "failures.nodeSeconds", 100.0);
    assert_eq!(told(&run, &["DeletingNode", "RemovingNode"]).len(), 2);
}

/// The Node of a machine that is lost can be cordoned until it is deleted; after that there is none.
#[test]
fn a_lost_node_is_known_until_it_is_deleted() {
    let run = web("  timeline:
    - {at: 100s, fail: {node: first-1, lost: true}}
    - {at: 190s, cordon: {node: first-1}}
    - {at: 300s, uncordon: {node: first-1}}
")
    .measure();
    assert_eq!(told(&run, &["NodeNotSchedulable", "NotFound"]).len(), 2);
}

/// A cluster without a ready node evicts nobody: its controller may be what is cut off.
///
/// rule: node-all-zones
#[test]
fn nobody_is_evicted_where_no_node_is_ready() {
    let timeline = "  timeline:
    - {at: 100s, fail: {node: first-1}}
    - {at: 100s, fail: {node: second-1}}
";
    let run = web(timeline).measure();
    assert_eq!(names(&run).len(), 1);
    check_figure(&run, "failures.evictedPods", 0.0);
    check_figure(&run, "failures.nodeSeconds", 2200.0);
}

/// A pod of a Job that is not to be restarted has failed with its node; one that waits for its node has not.
#[test]
fn work_that_is_not_to_be_restarted_fails_with_its_node() {
    let manifest = "
apiVersion: v1
kind: Pod
metadata: {name: never}
spec: {restartPolicy: Never, containers: [{name: c, image: web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: again}
spec: {restartPolicy: OnFailure, containers: [{name: c, image: web}]}
";
    let spec = "  horizon: 10m
  pools: {n: {count: 1, price: 0.36/h, allocatable: {cpu: 4, memory: 8Gi, pods: 10}}}
  ecs: {containerStart: {constant: 1s}, ready: {constant: 2s}}
  images: {web: 0}
  work:
    one: {of: Pod/default/never, duration: {constant: 100s}}
    other: {of: Pod/default/again, duration: {constant: 100s}}
  timeline: [{at: 60s, fail: {node: n-1, for: 30s}}]
";
    let run = Case { spec: spec.to_owned(), manifest }.measure();
    assert_eq!(pod(&run, "never").finished, Some(secs(90)));
    // Its containers run again at 91 s, for 100 s.
    assert_eq!(pod(&run, "again").finished, Some(secs(191)));
    check_figure(&run, "pods.completed", 1.0);
}

/// Every 160 s for 60 s, the last time for the 20 s that are left.
#[test]
fn nodes_fail_and_are_repaired_by_law() {
    let spec = "  horizon: 10m
  pools:
    n:
      count: 4
      price: 0.36/h
      allocatable: {cpu: 4, memory: 8Gi, pods: 10}
      failures: {every: {constant: 100s}, repair: {constant: 60s}}
    steady: {count: 5, price: 0.36/h, allocatable: {cpu: 1, memory: 8Gi, pods: 2}}
";
    let run = Case { spec: spec.to_owned(), manifest: WEB }.measure();
    check_figure(&run, "failures.nodes", 16.0);
    check_figure(&run, "failures.nodeSeconds", 4.0 * 200.0);
    assert_eq!(told(&run, &["NodeReady"]).len(), 12);
}

/// Many pods in two zones: nodes fail by law, one is lost, and a zone fails, so that pods are evicted, replaced and
/// started anew, on nodes that come and go.
fn turmoil(evaluator: Evaluator) -> Measured {
    let manifest = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 24
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      topologySpreadConstraints:
        - {maxSkew: 2, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
      containers: [{name: web, image: web, resources: {requests: {cpu: '1', memory: 1Gi}}}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: agent, resources: {requests: {cpu: 100m}}}]}
";
    let spec = "  horizon: 1h
  pools:
    n:
      count: 12
      zones: [cn-hangzhou-h, cn-hangzhou-i]
      price: 0.36/h
      allocatable: {cpu: 4, memory: 8Gi, pods: 10}
      failures: {every: {exponential: {mean: 30m}}, repair: {lognormal: {median: 5m, sigma: 1}}}
  virtualNodes: {cn-hangzhou-h: {}, cn-hangzhou-i: {}}
  sources:
    batch:
      arrivals: {poisson: {rate: 0.1/s}}
      lifetime: {exponential: {mean: 3m}}
      template:
        spec:
          tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]
          containers: [{name: c, image: c, resources: {requests: {cpu: 500m, memory: 64Mi}}}]
  traffic:
    users: {to: Deployment/default/web, rate: {constant: 400/s}, cpuPerThousandRequests: 1}
  timeline:
    - {at: 5m, fail: {node: n-3, lost: true}}
    - {at: 20m, fail: {zone: cn-hangzhou-h, for: 12m}}
    - {at: 22m, scale: {resource: deployment/default/web, replicas: 30}}
    - {at: 25m, fail: {node: n-1, for: 15m}}
    - {at: 45m, scale: {resource: deployment/default/web, replicas: 20}}
";
    let mut scenario = Case { spec: spec.to_owned(), manifest }.resolve();
    scenario.evaluator = evaluator;
    overspill::experiment::measure(&scenario, &mut |_| {})
}

/// Every invariant is checked after every event. The run is the same for both evaluators, and its money adds up.
#[test]
fn a_run_with_many_failures_holds_together() {
    let (cached, reference) = (turmoil(Evaluator::Cached), turmoil(Evaluator::Reference));
    assert_eq!(cached.finished, reference.finished);
    assert_eq!(cached.observation, reference.observation);
    assert_eq!(turmoil(Evaluator::Both).finished, reference.finished);
    for path in ["failures.evictedPods", "failures.lostPods", "failures.unserved"] {
        assert!(figure(&cached, path) > 0.0, "{path}");
    }
    let seen = &cached.observation;
    let nodes: Money = seen.nodes.iter().map(|node| node.cost).sum();
    let pods: Money = seen.pods.iter().map(|pod| pod.cost).sum();
    assert!((figure(&cached, "cost.total") * 1e6 - (nodes + pods).to_micros() as f64).abs() < 0.5);
    let lives =
        seen.pods.iter().filter(|pod| pod.finished.is_none() && pod.workload == "Deployment/default/web");
    assert!(lives.count() >= 20);
}
