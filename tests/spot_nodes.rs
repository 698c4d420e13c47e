//! Nodes on spot instances: notice, drain, end, and the node that comes instead, each at an instant that can be worked out
//! by hand.

#[path = "case/folder.rs"]
mod folder;

use folder::{Case, check_figure, figure};
use overspill::experiment::{Measured, measure};
use overspill::metric::PodRow;
use overspill::scheduler::Evaluator;
use overspill::units::SimTime;

/// One pod that would rather be on a spot node and takes ten requests a second.
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
            - {weight: 100, preference: {matchExpressions: [{key: is, operator: In, values: [spot]}]}}
      containers: [{name: web, image: web, resources: {requests: {cpu: '1', memory: 1Gi}}}]
";

/// Told 10 minutes after the hour of protection, gone 5 minutes later.
fn case(spot: &str) -> Case {
    let spec = format!(
        "  horizon: 150m
  pools:
    cheap: {{count: 1, price: 0.36/h, billing: spot, labels: {{is: spot}}, spot: {{reclaim: {{constant: 10m}}{spot}}}, allocatable: {{cpu: 4, memory: 8Gi, pods: 10}}}}
    stable: {{count: 1, price: 0.72/h, allocatable: {{cpu: 4, memory: 8Gi, pods: 10}}}}
  ecs: {{containerStart: {{constant: 1s}}, ready: {{constant: 2s}}}}
  shutdown: {{constant: 2s}}
  images: {{web: 0}}
  traffic:
    users: {{to: Deployment/default/web, rate: {{constant: 10/s}}, cpuPerThousandRequests: 1}}
"
    );
    Case { spec, manifest: WEB }
}

/// What is told of these reasons, as `SECONDS REASON OBJECT: MESSAGE`.
fn told(run: &Measured, reasons: &[&str]) -> Vec<String> {
    let events = run.observation.events.iter().filter(|event| reasons.contains(&event.reason));
    let line = |event: &overspill::metric::EventRow| {
        format!("{} {} {}: {}", event.time.as_secs_f64(), event.reason, event.object, event.message)
    };
    events.map(line).collect()
}

/// The pods in order of creation, each with its node and when it was created and gone.
fn lives(run: &Measured) -> Vec<(String, u64, Option<u64>)> {
    let life =
        |pod: &PodRow| (pod.node.clone(), pod.created.whole_secs(), pod.finished.map(SimTime::whole_secs));
    run.observation.pods.iter().map(life).collect()
}

/// The notice comes at 4200 s: the pod is evicted then and gone 2 s later, another one is ready on the other node after 3 s.
/// The machine is paid for until 4500 s.
///
/// rule: ecs-spot-protection
/// rule: ecs-spot-drain
#[test]
fn a_spot_node_is_drained_at_the_notice_and_gone_five_minutes_later() {
    let run = case("").measure();
    assert_eq!(
        told(&run, &["InstanceToBeTerminated", "NodeNotSchedulable", "Drained", "DeletingNode"])[..3],
        [
            "4200 InstanceToBeTerminated Node/cheap-1: Spot instance will be released in 5m",
            "4200 NodeNotSchedulable Node/cheap-1: Node cheap-1 status is now: NodeNotSchedulable",
            "4202 Drained Node/cheap-1: node/cheap-1 drained",
        ]
    );
    assert_eq!(told(&run, &["DeletingNode"]).len(), 1);
    assert_eq!(lives(&run), [("cheap-1".to_owned(), 0, Some(4202)), ("stable-1".to_owned(), 4200, None)]);
    // 3 s until the first pod is ready, and 3 s until the second is.
    assert!((figure(&run, "traffic.unserved") - 60.0).abs() < 1e-6);
    check_figure(&run, "spot.nodes", 1.0);
    check_figure(&run, "spot.reclaimedNodes", 1.0);
    check_figure(&run, "spot.replacedNodes", 0.0);
    check_figure(&run, "spot.costEcs", 0.45);
    check_figure(&run, "cost.ecs", 0.45 + 1.8);
    check_figure(&run, "failures.lostPods", 0.0);
}

/// Nobody drains: the pod is lost with its machine. The node is silent from 4500 s and known so 50 s later; until then its
/// requests go to nobody.
///
/// rule: ecs-spot-drain
#[test]
fn without_a_drain_pods_are_lost_with_the_machine() {
    let run = case(", drain: false").measure();
    check_figure(&run, "failures.lostPods", 1.0);
    let lives = lives(&run);
    assert_eq!((lives.len(), lives[0].0.as_str(), lives[1].0.as_str()), (2, "cheap-1", "stable-1"));
    assert!(lives[1].1 > 4550, "{lives:?}");
    assert!(figure(&run, "failures.unserved") >= 500.0 - 1e-6);
}

/// The pool asks at the notice: another instance is there and paid for from 4260 s, and its node ready at 4290 s. It is told
/// at 4260 + 4200 = 8460 s, when the stock is used up, and gone at 8760 s. A Node goes 100 s after its machine.
///
/// rule: ecs-spot-replacement
/// rule: node-provision
#[test]
fn a_pool_gets_another_instance_as_long_as_there_is_stock() {
    let replaced = ", replace: {constant: 1m}, boot: {constant: 30s}, stock: 1";
    let run = case(replaced).measure();
    assert_eq!(
        told(&run, &["InstanceToBeTerminated", "NodeReady", "NoStock"]),
        [
            "4200 InstanceToBeTerminated Node/cheap-1: Spot instance will be released in 5m",
            "4290 NodeReady Node/cheap-2: Node cheap-2 status is now: NodeReady",
            "8460 InstanceToBeTerminated Node/cheap-2: Spot instance will be released in 5m",
            "8460 NoStock Node/cheap-2: pool cheap gets no other instance: the type is out of stock",
        ]
    );
    let nodes: Vec<_> =
        run.observation.nodes.iter().map(|node| (node.name.as_str(), node.added, node.removed)).collect();
    let at = SimTime::from_secs;
    assert_eq!(
        nodes,
        [
            ("cheap-1", at(0), Some(at(4600))),
            ("stable-1", at(0), None),
            ("cheap-2", at(4260), Some(at(8860)))
        ]
    );
    check_figure(&run, "spot.nodes", 2.0);
    check_figure(&run, "spot.replacedNodes", 1.0);
    check_figure(&run, "spot.outOfStock", 1.0);
    check_figure(&run, "spot.reclaimedNodes", 2.0);
    // 4500 s each.
    check_figure(&run, "spot.costEcs", 0.9);
}

/// Another instance is created at 4260 s, registers its Node 10 s later and is ready after 30 s in all. One that would
/// register later than it is ready registers then.
///
/// rule: node-provision
#[test]
fn the_node_of_another_instance_comes_when_its_kubelet_registers() {
    let registered = |register: &str| {
        let replaced = format!(
            ", replace: {{constant: 1m}}, register: {{constant: {register}}}, boot: {{constant: 30s}}"
        );
        let run = case(&replaced).measure();
        assert_eq!(run.observation.nodes[2].added, SimTime::from_secs(4260));
        told(&run, &["RegisteredNode", "NodeReady"])[..2].to_vec()
    };
    let ready = "4290 NodeReady Node/cheap-2: Node cheap-2 status is now: NodeReady";
    let comes = |at: u32| {
        format!("{at} RegisteredNode Node/cheap-2: Node cheap-2 event: Registered Node cheap-2 in Controller")
    };
    assert_eq!(registered("10s"), [comes(4270), ready.to_owned()]);
    assert_eq!(registered("10m"), [comes(4290), ready.to_owned()]);
}

/// There is no other instance of its type at the notice of 4200 s, though the pool would take any number.
///
/// rule: ecs-stock
#[test]
fn an_instance_is_not_replaced_while_its_type_is_out_of_stock() {
    let spec = "  horizon: 2h
  pools:
    cheap:
      instanceType: ecs.c7.2xlarge
      count: 1
      billing: spot
      spot: {reclaim: {constant: 10m}, replace: {constant: 0s}}
  timeline: [{at: 4199s, setStock: {ecs: {ecs.c7.2xlarge: 0}}}, {at: 4201s, setStock: {ecs: {ecs.c7.2xlarge: 5}}}]
";
    let run = Case { spec: spec.to_owned(), manifest: WEB }.measure();
    let missing = "4200 NoStock Node/cheap-1: pool cheap gets no other instance: the type is out of stock";
    assert_eq!(told(&run, &["NoStock"]), [missing]);
    check_figure(&run, "spot.outOfStock", 1.0);
}

/// The price is ten times as high from 5000 s on, when the other instance is there, which is created at the notice of 4200 s.
#[test]
fn nodes_that_replace_others_follow_prices() {
    let spec = "  horizon: 2h
  pools:
    cheap:
      instanceType: ecs.c7.2xlarge
      count: 1
      billing: spot
      spot: {reclaim: {constant: 10m}, replace: {constant: 0s}, boot: {constant: 30s}, stock: 1}
  timeline: [{at: 5000s, setPrice: {ecs: {ecs.c7.2xlarge: 2.60/h}}}]
";
    let run = Case { spec: spec.to_owned(), manifest: WEB }.measure();
    let costs: Vec<_> = run.observation.nodes.iter().map(|node| node.cost.to_micros()).collect();
    // 0.3 of 0.26 an hour for 4500 s; the same for 800 s, and ten times that for the 2200 s that are left.
    assert_eq!(costs, [97_500, 17_333 + 476_667]);
}

/// A pod that waits while the only node is going is bound as soon as the other one is ready, not when it comes.
///
/// rule: node-provision
#[test]
fn a_node_that_comes_takes_pods_when_it_is_ready() {
    let mut case = case(", replace: {constant: 1m}, boot: {constant: 30s}");
    case.spec = case.spec.replace("stable: {count: 1", "stable: {count: 0");
    let run = case.measure();
    let waited: Vec<_> =
        run.observation.pods.iter().map(|pod| pod.scheduled.map(SimTime::whole_secs)).collect();
    assert_eq!(waited[..2], [Some(0), Some(4290)]);
    assert_eq!(run.observation.pods[1].node, "cheap-2");
}

/// The machine is lost at 4499 s, and its Node goes 100 s later, whatever is taken back in between.
#[test]
fn a_node_that_is_lost_already_goes_once() {
    let mut case = case(", replace: {constant: 1m}, boot: {constant: 30s}");
    case.spec.push_str("  timeline: [{at: 4499s, fail: {node: cheap-1, lost: true}}]\n");
    let run = case.measure();
    assert_eq!(told(&run, &["RemovingNode"]).iter().filter(|one| one.contains("cheap-1")).count(), 1);
    check_figure(&run, "spot.replacedNodes", 2.0);
}

/// A node that the autoscaler adds to such a pool is a spot instance too, protected from the creation of its machine on.
///
/// rule: ecs-spot-protection
#[test]
fn nodes_that_an_autoscaler_adds_are_taken_back_too() {
    let mut case = case("");
    case.spec = case.spec.replace("cheap: {count: 1", "cheap: {count: 0, autoscale: {min: 0, max: 2}");
    case.spec = case.spec.replace("stable: {count: 1", "stable: {count: 0");
    case.spec.push_str(
        "  nodeAutoscaler: {kind: cluster-autoscaler, provision: {register: {constant: 30s}, ready: {constant: 30s}}}\n",
    );
    let run = case.measure();
    let first = &run.observation.nodes[0];
    let notices = told(&run, &["InstanceToBeTerminated"]);
    let at = first.added.as_secs_f64() + 4200.0;
    assert_eq!(
        notices[0],
        format!("{at} InstanceToBeTerminated Node/cheap-1: Spot instance will be released in 5m")
    );
    assert_eq!(
        run.observation.pods[1].node, "cheap-2",
        "its pod waits, and the autoscaler gets another node"
    );
    // The second one is told some 4200 s after that, and a third one comes.
    check_figure(&run, "spot.nodes", 3.0);
    check_figure(&run, "spot.reclaimedNodes", 2.0);
}

/// An autoscaler that asks for instances of this pool, of which every one is told `after` its creation and gone 5 minutes
/// later, and has its Node 10 minutes after its creation.
fn slow_to_register(after: &str, until: &str) -> Measured {
    let spec = format!(
        "  horizon: {until}
  pools:
    cheap: {{count: 0, autoscale: {{min: 0, max: 1}}, price: 0.36/h, billing: spot, spot: {{protection: 0s, reclaim: {{constant: {after}}}}}, allocatable: {{cpu: 4, memory: 8Gi, pods: 10}}}}
  nodeAutoscaler: {{kind: cluster-autoscaler, provision: {{register: {{constant: 10m}}, ready: {{constant: 30s}}}}}}
"
    );
    Case { spec, manifest: WEB }.measure()
}

/// Asked for at 10 s, told at 70 s and gone at 370 s, before its Node is there at 610 s: that never comes. The scan of 370 s
/// sees that the pod still waits, and asks for another.
///
/// rule: ecs-spot-unregistered
#[test]
fn an_instance_may_be_gone_before_its_node_comes() {
    let run = slow_to_register("1m", "650s");
    let nodes: Vec<_> =
        run.observation.nodes.iter().map(|node| (node.name.as_str(), node.added, node.removed)).collect();
    let at = SimTime::from_secs;
    assert_eq!(nodes, [("cheap-1", at(10), Some(at(370))), ("cheap-2", at(370), None)]);
    assert_eq!(told(&run, &["RegisteredNode", "InstanceToBeTerminated"]), [""; 0]);
    check_figure(&run, "spot.reclaimedNodes", 1.0);
    // 360 s, and 280 s until 650 s.
    check_figure(&run, "spot.costEcs", 0.064);
}

/// Told at 550 s, registered at 610 s: 4 minutes are left. It is cordoned, and ready at 640 s without taking the pod.
///
/// rule: ecs-spot-unregistered
#[test]
fn a_node_that_comes_after_its_notice_is_drained_at_once() {
    let run = slow_to_register("9m", "840s");
    assert_eq!(
        told(&run, &["InstanceToBeTerminated", "NodeNotSchedulable", "NodeReady", "Drained"]),
        [
            "610 InstanceToBeTerminated Node/cheap-1: Spot instance will be released in 4m",
            "610 NodeNotSchedulable Node/cheap-1: Node cheap-1 status is now: NodeNotSchedulable",
            "610 Drained Node/cheap-1: node/cheap-1 drained",
            "640 NodeReady Node/cheap-1: Node cheap-1 status is now: NodeReady",
        ]
    );
    check_figure(&run, "pods.pendingAtEnd", 1.0);
}

/// Both evaluators see nodes that come and go alike.
#[test]
fn evaluators_agree_on_nodes_that_come() {
    let mut scenario = case(", replace: {constant: 1m}, boot: {constant: 30s}").resolve();
    let cached = measure(&scenario, &mut |_| {});
    scenario.evaluator = Evaluator::Both;
    assert_eq!(measure(&scenario, &mut |_| {}).finished, cached.finished);
}

/// Without a word on how it is taken back, a spot node only costs less: 30 % of 0.26 by the price list.
#[test]
fn a_spot_pool_costs_its_part_and_stays() {
    let spec = "  horizon: 10h
  pools:
    cheap: {instanceType: ecs.c7.2xlarge, count: 1, billing: spot}
    whole: {instanceType: ecs.c7.2xlarge, count: 1}
";
    let run = Case { spec: spec.to_owned(), manifest: WEB }.measure();
    let nodes = &run.observation.nodes;
    assert_eq!(nodes[0].price.0 * 10, nodes[1].price.0 * 3);
    check_figure(&run, "spot.reclaimedNodes", 0.0);
}
