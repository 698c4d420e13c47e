//! Objects that are patched.

use crate::folder::Case;
use crate::told::Told;

const PLACE: &str = "  horizon: 20m
  defaultImageSize: 0
  ecs: {containerStart: {constant: 0s}, ready: {constant: 10s}}
  pools:
    a: {count: 1, price: 0.26/h, allocatable: {cpu: 8, memory: 32Gi, pods: '100'}}
    b: {count: 1, price: 0.26/h, allocatable: {cpu: 8, memory: 32Gi, pods: '100'}}
";

const WEB: &str = "# Pods
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: w, resources: {requests: {cpu: 100m}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 8
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, labels: {app: bare}}
spec: {nodeSelector: {disk: ssd}, containers: [{name: c, image: c}]}
";

fn told(steps: &str) -> Told {
    Told::of(&Case { spec: format!("{PLACE}  timeline:\n{steps}"), manifest: WEB }.resolve())
}

fn patch(at: &str, resource: &str, kind: &str, patch: &str) -> String {
    format!("    - {{at: {at}, patch: {{resource: {resource}, type: {kind}, patch: {patch}}}}}\n")
}

fn scalings(told: &Told) -> Vec<(u64, String)> {
    let sizes = |message: &str| message.split(" from ").nth(1).unwrap().to_owned();
    told.of_reason("ScalingReplicaSet").into_iter().map(|(at, message)| (at, sizes(message))).collect()
}

/// Each type of patch changes the object as it is by then: the second container stays when the first gets another image.
#[test]
fn a_deployment_is_patched_in_each_way() {
    let web = "deployment/default/web";
    let containers = |item: &str| format!("{{spec: {{template: {{spec: {{containers: [{item}]}}}}}}}}");
    let steps = patch("1m", web, "merge", "{spec: {strategy: {type: Recreate, rollingUpdate: null}}}")
        + &patch("2m", web, "strategic", &containers("{name: log, image: l}"))
        + &patch("4m", web, "json", "[{op: replace, path: /spec/replicas, value: 3}]")
        + &patch("6m", web, "strategic", &containers("{name: web, image: w2}"));
    let told = told(&steps);
    let expected =
        [(0, "0 to 2"), (120, "2 to 0"), (122, "0 to 2"), (240, "2 to 3"), (360, "3 to 0"), (362, "0 to 3")];
    assert_eq!(scalings(&told), expected.map(|(at, sizes)| (at, sizes.to_owned())));
    let started = |from: u64, container: &str| {
        let own = format!("Started container {container}");
        told.of_reason("Started").iter().filter(|(at, message)| *at >= from && *message == own).count()
    };
    assert_eq!((started(0, "log"), started(360, "log"), started(360, "web")), (6, 3, 3));
}

#[test]
fn a_deployment_that_is_paused_rolls_nothing_out() {
    let paused = |at: &str, value: bool| {
        patch(at, "deployment/default/web", "merge", &format!("{{spec: {{paused: {value}}}}}"))
    };
    let image = "    - {at: 2m, setImage: {resource: deployment/default/web, images: {web: w2}}}\n";
    let told = told(&(paused("1m", true) + image + &paused("5m", false)));
    let first = scalings(&told).into_iter().find(|(at, _)| *at > 0);
    assert_eq!(first, Some((300, "0 to 1".to_owned())));
}

#[test]
fn an_autoscaler_goes_by_its_new_bounds() {
    let told = told(&patch("5m", "hpa/default/web", "merge", "{spec: {minReplicas: 5}}"));
    assert_eq!(scalings(&told)[1..], [(300, "2 to 5".to_owned())]);
}

#[test]
fn a_budget_is_patched_and_lets_a_drain_go_on() {
    let drain = "    - {at: 5m, drain: {node: a-1, force: true}}\n";
    let more = patch("6m", "pdb/default/web", "merge", "{spec: {maxUnavailable: 1}}");
    let told = told(&(drain.to_owned() + &more));
    assert_eq!(told.of_reason("EvictionByEvictionAPI").iter().map(|(at, _)| *at).collect::<Vec<_>>(), [360]);
}

/// A label makes a node eligible, a cordon and a taint keep pods away, and null takes them back.
#[test]
fn a_node_is_patched() {
    let node = |at: &str, text: &str| patch(at, "node/a-1", "strategic", text);
    let steps = node("1m", "{metadata: {labels: {disk: ssd}}, spec: {unschedulable: true}}")
        + &node("2m", "{spec: {unschedulable: null, taints: [{key: k, effect: NoSchedule}]}}")
        + &node("3m", "{spec: {taints: null}}");
    let told = told(&steps);
    let bare: Vec<_> = told
        .events
        .iter()
        .filter(|(_, object, reason, _)| object == "Pod/default/bare" && *reason == "Scheduled")
        .map(|(at, ..)| *at)
        .collect();
    assert_eq!(bare, [180]);
    assert_eq!(told.of_reason("NodeNotSchedulable").len(), 1);
}
