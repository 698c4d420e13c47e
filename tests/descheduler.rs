//! The descheduler in runs of which every instant can be worked out by hand: pods that go to a virtual node because the
//! only ECS node is full until seven minutes, and may come back then.

#[path = "case/folder.rs"]
mod folder;

use folder::{Case, check_figure, figure};
use overspill::experiment::Measured;

/// `filler` takes all of the ECS node; `web` tolerates the virtual node, and its pods are to be as `$rest` says.
macro_rules! filler_and_web {
    ($($rest:expr),*) => {
        concat!(
            "
apiVersion: apps/v1
kind: Deployment
metadata: {name: filler}
spec:
  replicas: 1
  selector: {matchLabels: {app: filler}}
  template:
    metadata: {labels: {app: filler}}
    spec:
      containers: [{name: filler, image: web, resources: {requests: {cpu: '4', memory: 1Gi}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
",
            $($rest,)*
            "      tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]
      containers: [{name: web, image: web, resources: {requests: {cpu: '1', memory: 2Gi}}}]
"
        )
    };
}

/// They would rather be on the ECS node.
macro_rules! prefers_ecs {
    () => {
        "      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - {weight: 100, preference: {matchExpressions: [{key: type, operator: NotIn, values: [virtual-kubelet]}]}}
"
    };
}

/// A constraint of their own, on a label that no node has, keeps default spreading away.
macro_rules! not_spread {
    () => {
        "      topologySpreadConstraints:
        - {maxSkew: 1, topologyKey: nowhere, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
"
    };
}

const WEB: &str = filler_and_web!(prefers_ecs!(), not_spread!());

/// The same where default spreading has its say, and nobody prefers anything.
const SPREAD: &str = filler_and_web!();

/// The same where nobody is spread, and nobody prefers anything.
const INDIFFERENT: &str = filler_and_web!(not_spread!());

fn case(manifest: &'static str, descheduler: &str, timeline: &str) -> Case {
    let spec = format!(
        "  horizon: 32m
  pools: {{ecs: {{count: 1, price: 0.36/h, allocatable: {{cpu: 4, memory: 16Gi, pods: 10}}}}}}
  virtualNodes: {{cn-hangzhou-j: {{}}}}
  eci: {{sandbox: {{constant: 6s}}, containerStart: {{constant: 1s}}, ready: {{constant: 1s}}}}
  ecs: {{containerStart: {{constant: 1s}}, ready: {{constant: 1s}}}}
  shutdown: {{constant: 2s}}
  images: {{web: 0}}
  descheduler: {{{descheduler}}}
  timeline:
    - {{at: 7m, scale: {{resource: deployment/default/filler, replicas: 0}}}}
{timeline}"
    );
    Case { spec, manifest }
}

/// What is told of a reason, as `SECONDS MESSAGE`.
fn told(run: &Measured, reason: &str) -> Vec<String> {
    let events = run.observation.events.iter().filter(|event| event.reason == reason);
    events.map(|event| format!("{} {}", event.time.as_secs_f64(), event.message)).collect()
}

/// Room comes at 7m2s; the next look is at 10m.
///
/// rule: descheduler-interval
/// rule: descheduler-virtual-nodes-first
/// rule: descheduler-order
#[test]
fn pods_come_back_at_the_first_look_after_there_is_room() {
    let run = case(WEB, "policy: VirtualNodesFirst", "").measure();
    let sentence = "pod eviction from virtual-kubelet-cn-hangzhou-j node by sigs.k8s.io/descheduler";
    assert_eq!(told(&run, "VirtualNodesFirst"), vec![format!("600 {sentence}"); 3]);
    assert_eq!(told(&run, "EvictionByEvictionAPI"), vec!["600 Eviction API: evicting"; 3]);
    for (path, value) in [
        ("rounds", 7.0),
        ("evicted", 3.0),
        ("refused", 0.0),
        ("returnedToEcs", 3.0),
        ("returnedToVirtual", 0.0),
    ] {
        check_figure(&run, &format!("descheduler.{path}"), value);
    }
    check_figure(&run, "descheduler.notReplaced", 0.0);
    check_figure(&run, "overflow.pods", 3.0);
    // Three instances from the start of their image pull at 6 s until two seconds after the eviction.
    let seconds: Vec<_> = run.observation.pods.iter().filter_map(|pod| pod.finished).collect();
    assert_eq!(seconds.iter().filter(|end| end.as_secs_f64().to_bits() == 602.0_f64.to_bits()).count(), 3);
}

/// Room for one is promised to one.
///
/// rule: descheduler-virtual-nodes-first
#[test]
fn no_more_pods_are_sent_away_than_there_is_room_for() {
    let mut case = case(WEB, "policy: VirtualNodesFirst", "");
    case.spec = case.spec.replace("cpu: 4, memory: 16Gi, pods: 10", "cpu: 4, memory: 16Gi, pods: 2");
    let run = case.measure();
    check_figure(&run, "descheduler.evicted", 2.0);
    check_figure(&run, "descheduler.returnedToEcs", 2.0);
}

/// One of three may be missing: one goes in each round, and the others are refused.
///
/// rule: descheduler-interval
#[test]
fn a_budget_lets_one_go_in_each_round() {
    let budget = "    - at: 1m
      create:
        manifest:
          apiVersion: policy/v1
          kind: PodDisruptionBudget
          metadata: {name: web, namespace: default}
          spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
";
    let policy = "policy: VirtualNodesFirst, evictionFailureEventNotification: true";
    let run = case(WEB, policy, budget).measure();
    let times: Vec<_> =
        told(&run, "VirtualNodesFirst").iter().map(|one| one.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(times, ["600", "900", "1200"]);
    check_figure(&run, "descheduler.refused", 3.0);
    let failed = told(&run, "EvictionFailed");
    assert_eq!(failed.len(), 3);
    assert!(
        failed[0].starts_with(
            "600 pod eviction from virtual-kubelet-cn-hangzhou-j node by sigs.k8s.io/descheduler failed: Cannot evict pod \
             as it would violate the pod's disruption budget."
        ),
        "{}",
        failed[0]
    );
    check_figure(&run, "descheduler.returnedToEcs", 3.0);
}

/// rule: descheduler-limits
#[test]
fn a_limit_ends_a_round() {
    let policy =
        "policy: VirtualNodesFirst, maxNoOfPodsToEvictTotal: 2, evictionFailureEventNotification: true";
    let run = case(WEB, policy, "").measure();
    let failed = told(&run, "EvictionFailed");
    assert_eq!(failed.len(), 1);
    assert!(failed[0].ends_with("failed: total eviction limit exceeded (2)"), "{}", failed[0]);
    let times: Vec<_> =
        told(&run, "VirtualNodesFirst").iter().map(|one| one.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(times, ["600", "600", "900"]);
    check_figure(&run, "descheduler.refused", 0.0);
}

/// The ECS node is preferred and full, and stays so in the first two rounds: the strategy does not ask whether it has room.
/// At 5m three go and come back to the virtual node; from 10m on there is room.
///
/// rule: descheduler-node-affinity
#[test]
fn node_affinity_evicts_in_vain_unless_it_asks_for_room() {
    let policy = "policy: RemovePodsViolatingNodeAffinity";
    let run = case(WEB, policy, "").measure();
    check_figure(&run, "descheduler.evicted", 6.0);
    check_figure(&run, "descheduler.returnedToVirtual", 3.0);
    check_figure(&run, "descheduler.returnedToEcs", 3.0);
    let run = case(WEB, &format!("{policy}, nodeFit: true"), "").measure();
    check_figure(&run, "descheduler.evicted", 3.0);
    check_figure(&run, "descheduler.returnedToEcs", 3.0);
}

/// With two virtual nodes `nodeFit` is no help: each pod fits on the other one.
///
/// rule: descheduler-node-affinity
#[test]
fn node_fit_is_met_by_another_virtual_node() {
    let mut case = case(WEB, "policy: RemovePodsViolatingNodeAffinity, nodeFit: true", "");
    case.spec = case.spec.replace("{cn-hangzhou-j: {}}", "{cn-hangzhou-j: {}, cn-hangzhou-k: {}}");
    let run = case.measure();
    check_figure(&run, "descheduler.evicted", 6.0);
    check_figure(&run, "descheduler.returnedToVirtual", 3.0);
}

/// Default spreading and least allocation send some of them back to the virtual node, round after round.
///
/// rule: descheduler-does-not-place
#[test]
fn default_spreading_sends_pods_back_to_the_virtual_node() {
    let run = case(SPREAD, "policy: VirtualNodesFirst", "").measure();
    let (evicted, vain) =
        (figure(&run, "descheduler.evicted"), figure(&run, "descheduler.returnedToVirtual"));
    assert!(vain >= 3.0 && evicted > 3.0, "{evicted} evicted, {vain} of them in vain");
    assert!(told(&run, "VirtualNodesFirst").last().unwrap().starts_with("1800 "), "it goes on to the end");
}

/// A pod is spared for as long as it is younger than that, and those above the threshold always are.
///
/// rule: descheduler-protection
#[test]
fn young_pods_and_important_ones_stay() {
    let run = case(WEB, "policy: VirtualNodesFirst, minPodAge: 12m", "").measure();
    assert!(told(&run, "VirtualNodesFirst").iter().all(|one| one.starts_with("900 ")));
    check_figure(&run, "descheduler.evicted", 3.0);
    let run = case(WEB, "policy: VirtualNodesFirst, priorityThreshold: 0", "").measure();
    check_figure(&run, "descheduler.evicted", 0.0);
}

/// Nobody is spread, and nobody prefers anything: for least allocation the virtual node scores best.
///
/// rule: descheduler-does-not-place
#[test]
fn least_allocation_sends_all_pods_back_to_the_virtual_node() {
    let run = case(INDIFFERENT, "policy: VirtualNodesFirst", "").measure();
    check_figure(&run, "descheduler.returnedToEcs", 0.0);
    // Three pods in each of the looks at 10, 15, 20, 25 and 30 minutes.
    check_figure(&run, "descheduler.returnedToVirtual", 15.0);
}
