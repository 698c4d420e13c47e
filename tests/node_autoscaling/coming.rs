//! Nodes that come, and those that do not.

use overspill::experiment::Measured;

use overspill::simulation::run_and_look;
use overspill::units::SimTime;

use super::folder::{Case, check_figure};
use super::{WEB, nodes, pool, scale, spec, told};

fn run(spec: String) -> Measured {
    Case { spec, manifest: WEB }.measure()
}

/// No node at all, one pod from 5 s on: asked for at 10 s, there at 20 s, ready at 50 s.
///
/// rule: node-provision
#[test]
fn a_cluster_grows_from_nothing() {
    let run = run(spec("2m", &pool("web", 0, "{max: 3}"), "", &scale(5, 1)));
    check_figure(&run, "pending.podSeconds", 45.0);
    check_figure(&run, "nodes.ready", 1.0);
    // From 10 s to 120 s.
    assert_eq!(nodes(&run), ["web-1 10 - 11000"]);
    check_figure(&run, "nodes.nodeSeconds", 110.0);
}

/// Requests that find no machine: the first at 10 s, the next when the group is looked at again 5 minutes later, the third
/// after 10 more.
#[test]
fn a_group_without_stock_is_left_alone_for_longer_each_time() {
    let autoscaler = "    provision: {register: {constant: 10s}, ready: {constant: 30s}, failureShare: 1}\n";
    let spec = spec("20m", &pool("web", 0, "{max: 3}"), "", &scale(5, 1));
    let spec =
        spec.replace("    provision: {register: {constant: 10s}, ready: {constant: 30s}}\n", autoscaler);
    let run = run(spec);
    let told = told(&run, &["FailedToScaleUpGroup", "NotTriggerScaleUp"]);
    let pod = told[1].split(' ').nth(2).unwrap().to_owned();
    let failed = |at: u32| {
        format!(
            "{at} FailedToScaleUpGroup ConfigMap/kube-system/cluster-autoscaler-status: Scale-up failed for group web: out \
             of stock"
        )
    };
    let waits =
        format!("20 NotTriggerScaleUp {pod} pod didn't trigger scale-up: 1 in backoff after failed scale-up");
    assert_eq!(told, [failed(10), waits, failed(310), failed(910)]);
    check_figure(&run, "nodes.added", 0.0);
}

/// A machine that takes 20 minutes is given up at the first scan more than 15 minutes after 10 s: it costs 910 s.
#[test]
fn a_machine_that_does_not_come_is_released() {
    let spec = spec("920s", &pool("web", 0, "{max: 3}"), "", &scale(5, 1));
    let run = run(spec.replace("register: {constant: 10s}", "register: {constant: 20m}"));
    let timed_out = "920 ScaleUpTimedOut ConfigMap/kube-system/cluster-autoscaler-status: Nodes added to group web failed to \
                     register within 15m";
    assert_eq!(told(&run, &["ScaleUpTimedOut"]), [timed_out]);
    assert_eq!(nodes(&run), ["web-1 10 920 91000"]);
}

/// A pod of 5 cores fits no node of 4, and says so once.
#[test]
fn pods_that_no_group_helps_say_why() {
    let large = WEB.replace("cpu: \"1\"", "cpu: \"5\"");
    let manifest: &'static str = Box::leak(large.into_boxed_str());
    let run = Case { spec: spec("2m", &pool("web", 0, "{max: 3}"), "", &scale(5, 1)), manifest }.measure();
    let told = told(&run, &["NotTriggerScaleUp", "TriggeredScaleUp"]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("10 ") && told[0].ends_with("pod didn't trigger scale-up: 1 Insufficient cpu")
    );
}

/// Two instance types: one pod of 3 cores leaves the least of the smaller, six leave the least of the larger.
#[test]
fn a_pool_of_several_types_is_a_group_for_each() {
    let pools = "    web: {count: 0, instanceType: ecs.c7.xlarge, autoscale: {max: 5, instanceTypes: [ecs.c7.2xlarge]}}\n";
    let types = |replicas: u32| {
        let expander = "    expander: [least-waste]\n";
        let run = run(spec("2m", pools, expander, &scale(5, replicas)));
        let types: Vec<_> = run.observation.nodes.iter().map(|node| node.instance_type.clone()).collect();
        types
    };
    assert_eq!(types(3), ["ecs.c7.xlarge"]);
    assert_eq!(types(7), ["ecs.c7.2xlarge"]);
}

/// Rejected at 5 s, asked for at 8.5 s, there 10 s and ready 40 s after that.
#[test]
fn instant_elasticity_does_not_wait_for_its_turn() {
    let spec = spec("2m", &pool("web", 0, "{max: 3}"), "", &scale(5, 1));
    let run = run(spec.replace("kind: cluster-autoscaler", "kind: instant-elasticity"));
    check_figure(&run, "pending.podSeconds", 43.5);
    assert_eq!(nodes(&run), ["web-1 8.5 - 11150"]);
    let told = told(&run, &["ProvisionNode", "TriggeredScaleUp"]);
    assert!(told.len() == 1 && told[0].starts_with("8.5 ProvisionNode Pod/default/web-"), "{told:?}");
}

/// There is no machine from 0 on, so that both requests fail at 10 s and at 310 s; from 400 s on there is one. The group is
/// looked at again 10 minutes after the second failure. Once that node is ready, the group is not left alone any more.
///
/// rule: ecs-stock
#[test]
fn a_type_may_be_out_of_stock_for_a_while() {
    let pools = "    web: {count: 0, instanceType: ecs.c7.xlarge, autoscale: {max: 3}}\n";
    let stock = |seconds: u32, left: &str| {
        format!("    - {{at: {seconds}s, setStock: {{ecs: {{ecs.c7.xlarge: {left}}}}}}}\n")
    };
    let last = |left: &str| {
        let timeline = stock(0, "0") + &scale(5, 6) + &stock(400, left);
        let run = run(spec("17m", pools, "", &timeline));
        let failed = told(&run, &["FailedToScaleUpGroup"]);
        let failed: Vec<_> = failed.iter().map(|one| one.split(' ').next().unwrap().to_owned()).collect();
        let added = run.observation.nodes.iter().map(|node| node.added.whole_secs());
        (failed, added.collect::<Vec<_>>())
    };
    let times = |seconds: &[&str]| seconds.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
    assert_eq!(last("1"), (times(&["10", "10", "310", "310", "910", "950"]), vec![910]));
    assert_eq!(last("null"), (times(&["10", "10", "310", "310"]), vec![910, 910]));
}

/// The timeline's taints of a node that goes replace those that a user has set, and no others.
#[test]
fn taints_of_a_user_leave_those_of_the_autoscaler() {
    let timeline = scale(5, 0) + "    - {at: 612s, taint: {node: web-1, taints: [\"a=b:NoSchedule\"]}}\n";
    let case = Case { spec: spec("15m", &pool("web", 1, "{max: 1}"), "", &timeline), manifest: WEB };
    let (snapshot, _) = run_and_look(&case.resolve(), SimTime::from_secs(613), &mut |_, _| {});
    let keys: Vec<_> = snapshot.nodes[0].spec.taints.iter().map(|taint| taint.key.as_str()).collect();
    assert_eq!(keys, ["a", "DeletionCandidateOfClusterAutoscaler", "ToBeDeletedByClusterAutoscaler"]);
}

/// New nodes cost what the list says when it changes: 10 s to 60 s at 0.36 an hour, then twice that.
#[test]
fn nodes_that_were_added_follow_prices() {
    let pools = "    web: {count: 0, instanceType: ecs.c7.2xlarge, autoscale: {max: 3}}\n";
    let timeline =
        format!("{}    - {{at: 60s, setPrice: {{ecs: {{ecs.c7.2xlarge: 0.72/h}}}}}}\n", scale(5, 1));
    let run = run(spec("110s", pools, "", &timeline));
    let at_first = 50.0 * 0.260 / 3600.0;
    let cost = run.observation.nodes[0].cost.to_micros();
    assert_eq!(cost, ((at_first + 50.0 * 0.0002) * 1e6_f64).round() as i128);
}

/// A node that fails while it boots, at 30 s, boots anew when it returns at 100 s.
///
/// rule: node-provision
#[test]
fn a_node_that_fails_before_it_is_ready_boots_anew() {
    let timeline = scale(5, 1) + "    - {at: 30s, fail: {node: web-1, for: 70s}}\n";
    let run = run(spec("3m", &pool("web", 0, "{max: 3}"), "", &timeline));
    let ready = "130 NodeReady Node/web-1: Node web-1 status is now: NodeReady";
    assert_eq!(told(&run, &["NodeReady"]), [ready]);
}

/// The node that is to be drained at 20 s is asked for at 10 s and there then; the other one never is, which is told when
/// its time comes.
#[test]
fn a_timeline_may_name_nodes_that_are_to_come() {
    let verbs = "    - {at: 20s, drain: {node: web-1, ignoreDaemonSets: true}}
    - {at: 20s, uncordon: {node: web-1}}
    - {at: 60s, cordon: {node: web-2}}
";
    let run = run(spec("2m", &pool("web", 0, "{max: 3}"), "", &(scale(5, 1) + verbs)));
    let reasons = ["NodeNotSchedulable", "Drained", "NodeSchedulable", "NotFound"];
    assert_eq!(
        told(&run, &reasons),
        [
            "20 NodeNotSchedulable Node/web-1: Node web-1 status is now: NodeNotSchedulable",
            "20 Drained Node/web-1: node/web-1 drained",
            "20 NodeSchedulable Node/web-1: Node web-1 status is now: NodeSchedulable",
            "60 NotFound Node/web-2: nodes \"web-2\" not found",
        ]
    );
}

/// A Node of a manifest has the name that the next node would have.
#[test]
fn new_nodes_have_names_of_their_own() {
    let node = "---
apiVersion: v1
kind: Node
metadata: {name: web-1}
status: {allocatable: {cpu: 500m, memory: 1Gi, pods: 10}}
";
    let manifest: &'static str = Box::leak(format!("{WEB}{node}").into_boxed_str());
    let spec = spec("2m", &pool("web", 0, "{max: 3}"), "", &scale(5, 1));
    let run = Case { spec, manifest }.measure();
    let names: Vec<_> = run.observation.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["web-1", "web-2"]);
}

/// rule: ca-pod-price
#[test]
fn pods_are_worth_what_they_would_cost_on_eci() {
    let pools = pool("web", 0, "{max: 3}");
    let case = Case { spec: spec("2m", &pools, "    expander: [price]\n", &scale(5, 1)), manifest: WEB };
    let scenario = case.resolve();
    let config = scenario.node_autoscaler.expect("there is an autoscaler").config;
    let prices = &scenario.prices;
    assert_eq!(config.pod_prices, (prices.eci_vcpu.value, prices.eci_memory_gib.value));
}
