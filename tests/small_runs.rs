//! Small runs of the whole loop, of which everything can be worked out by hand.

#[path = "small_runs/control_plane.rs"]
mod control_plane;
#[path = "case/folder.rs"]
mod folder;
#[path = "small_runs/scale_down.rs"]
mod scale_down;

use folder::{Case, check_figure, figure};
use overspill::experiment::{Measured, measure, measure_into};
use overspill::metric::PodRow;
use overspill::units::SimTime;

/// Eight pods that request one core each and may use two.
const WEB: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 8
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]
      containers:
        - name: web
          image: web
          resources:
            requests: {cpu: "1", memory: 1Gi}
            limits: {cpu: "2", memory: 4Gi}
"#;

/// Runs [`WEB`] on the given nodes for five minutes: from the second on, every pod gets requests for 1.5 cores.
fn web_on(nodes: &str) -> Measured {
    let spec = format!(
        "  horizon: 5m
{nodes}  traffic:
    users:
      to: Deployment/default/web
      rate: {{step: {{at: 1m, from: 0/s, to: 12000/s}}}}
      cpuPerThousandRequests: 1
"
    );
    Case { spec, manifest: WEB }.measure()
}

/// The eight cores of the node are eight twelfths of what the load asks for; each instance has two cores of its own.
#[test]
fn a_packed_ecs_node_throttles_and_eci_does_not() {
    let node = r#"{count: 1, price: 0.26/h, allocatable: {cpu: 8, memory: 32Gi, pods: "20"}}"#;
    let ecs = web_on(&format!("  pools:\n    packed: {node}\n"));
    let eci = web_on("  virtualNodes:\n    cn-hangzhou-j: {}\n");
    check_figure(&ecs, "overflow.pods", 0.0);
    check_figure(&eci, "overflow.pods", 8.0);
    check_figure(&eci, "traffic.requests", figure(&ecs, "traffic.requests"));
    assert!((figure(&ecs, "traffic.unserved") - 4000.0 * 240.0).abs() < 1e-3);
    check_figure(&eci, "traffic.unserved", 0.0);
}

fn living(run: &Measured) -> impl Iterator<Item = &PodRow> {
    run.observation.pods.iter().filter(|pod| pod.finished.is_none())
}

/// The autoscaler caps 40 replicas at 5 as soon as it looks, at 3 s, when two of six batches are created. The ReplicaSet
/// finishes its sync first, as upstream's does, and has the surplus deleted then.
#[test]
fn a_replica_set_that_shrinks_while_it_creates_finishes_creating_first() {
    let manifest = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 40
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: 100m, memory: 64Mi}}}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
";
    let spec = r#"  horizon: 2m
  controlPlane: {timing: instant, clientLatency: 1s, hpaSyncPeriod: 3s}
  pools:
    all: {count: 1, price: 0.26/h, allocatable: {cpu: 8, memory: 32Gi, pods: "100"}}
"#;
    let run = Case { spec: spec.to_owned(), manifest }.measure();
    check_figure(&run, "pods.created", 40.0);
    assert_eq!(living(&run).count(), 5);
    let ends = run.observation.pods.iter().filter_map(|pod| pod.finished);
    // The last batch is answered at 6 s, and the deletions at 7 s; the pods shut down for 2 s.
    assert_eq!(ends.filter(|&end| end == SimTime::from_secs(9)).count(), 35);
}

/// The important pod takes the place of one of two replicas for 20 s; the ReplicaSet replaces the victim at once, and
/// the replacement gets its place when the important pod is done.
#[test]
fn a_replica_that_is_preempted_is_replaced() {
    let manifest = r#"
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: important}
value: 1000
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: "1", memory: 1Gi}}}]
"#;
    let spec = r#"  horizon: 2m
  pools:
    two: {count: 1, price: 0.26/h, allocatable: {cpu: 2, memory: 32Gi, pods: "10"}}
  sources:
    alarm:
      arrivals: {regular: {every: 1m, first: 30s}}
      max: 1
      lifetime: {constant: 20s}
      startup: none
      template:
        spec:
          priorityClassName: important
          containers: [{name: alarm, image: alarm, resources: {requests: {cpu: "1", memory: 1Gi}}}]
"#;
    let run = Case { spec: spec.to_owned(), manifest }.measure();
    check_figure(&run, "pods.preempted", 1.0);
    let replacement = run.observation.pods.last().unwrap();
    assert_eq!(replacement.created, SimTime::from_secs(30));
    // The victim shuts down for 2 s, the important pod runs for 20 s from then on.
    assert_eq!(replacement.scheduled, Some(SimTime::from_secs(52)));
    assert_eq!(living(&run).count(), 2);
}

/// A pod that a server printed differs from its template by what was filled in. It serves all the same, and what it
/// requests is not taken from the cores a second time.
#[test]
fn an_adopted_replica_has_the_cores_that_it_requests() {
    let manifest = r#"
apiVersion: v1
kind: Node
metadata: {name: node-a}
status: {allocatable: {cpu: "2", memory: 8Gi, pods: "10"}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web, uid: 5d5dcd2e-0000-4000-8000-000000000001}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: "1", memory: 1Gi}}}]
---
apiVersion: v1
kind: Pod
metadata:
  name: web-abcde
  labels: {app: web}
  ownerReferences:
    - {apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: 5d5dcd2e-0000-4000-8000-000000000001, controller: true}
spec:
  nodeName: node-a
  tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute}]
  containers: [{name: web, image: web, resources: {requests: {cpu: "1", memory: 1Gi}}}]
"#;
    let spec = "  horizon: 1m
  traffic:
    users: {to: ReplicaSet/default/web, rate: {constant: 1500/s}, cpuPerThousandRequests: 1}
";
    let run = Case { spec: spec.to_owned(), manifest }.measure();
    assert_eq!(run.observation.pods.len(), 1, "it is adopted, not created again");
    check_figure(&run, "traffic.unserved", 0.0);
}

/// Who takes which rows changes neither the run nor what is measured.
#[test]
fn a_run_whose_rows_nobody_takes_is_the_same_run() {
    let spec = "  horizon: 5m\n  virtualNodes:\n    cn-hangzhou-j: {}\n".to_owned();
    let scenario = Case { spec, manifest: WEB }.resolve();
    let with_rows = measure(&scenario, &mut |_| {});
    let (without, ()) = measure_into(&scenario, scenario.default_seed, (), &mut |_| {});
    assert_eq!(with_rows.finished, without.finished);
    assert_eq!(*with_rows.observation, without.observation);
    assert!(with_rows.observation.pods.len() == 8 && !with_rows.observation.events.is_empty());
}
