//! The shipped scenario that is worked out by hand in its header.

use std::path::Path;

use overspill::experiment::{Measured, measure};
use overspill::object::NodeSpec;
use overspill::scenario::{ReadOptions, read, resolve};
use overspill::scheduler::Registry;
use overspill::simulation::{Scenario, run_and_look};
use overspill::units::SimTime;

use super::{nodes, told};

fn scenario() -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/autoscaler-by-hand/scenario.yaml");
    let loaded = read(&file, &ReadOptions::default()).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    resolve(&loaded, &Registry::ack()).unwrap_or_else(|wrong| panic!("{wrong:?}")).scenario
}

fn run() -> Measured {
    measure(&scenario(), &mut |_| {})
}

/// rule: node-provision
/// rule: node-release
#[test]
fn every_event_happens_when_the_header_says() {
    let reasons = [
        "ScaledUpGroup",
        "TriggeredScaleUp",
        "NotTriggerScaleUp",
        "RegisteredNode",
        "NodeReady",
        "ScaleDown",
        "ScaleDownEmpty",
        "EvictionByEvictionAPI",
        "RemovingNode",
    ];
    let run = run();
    let status = "ConfigMap/kube-system/cluster-autoscaler-status";
    let told = told(&run, &reasons);
    let burst = told[2].split(": ").next().unwrap().rsplit_once(' ').unwrap().1.to_owned();
    let removing =
        run.observation.events.iter().find(|event| event.message.starts_with("Scale-down")).unwrap();
    let expected = [
        format!("110 ScaledUpGroup {status}: Scale-up: setting group web size to 3 instead of 2 (max: 3)"),
        format!("110 ScaledUpGroup {status}: Scale-up: group web size set to 3 instead of 2 (max: 3)"),
        format!("110 TriggeredScaleUp {burst}: pod triggered scale-up: [{{web 2->3 (max: 3)}}]"),
        format!("110 TriggeredScaleUp {burst}: pod triggered scale-up: [{{web 2->3 (max: 3)}}]"),
        "120 RegisteredNode Node/web-3: Node web-3 event: Registered Node web-3 in Controller".to_owned(),
        "150 NodeReady Node/web-3: Node web-3 status is now: NodeReady".to_owned(),
        format!("1050 ScaleDown {status}: {}", removing.message),
        "1050 ScaleDown Node/web-3: marked the node as toBeDeleted/unschedulable".to_owned(),
        format!("1055 ScaleDown {burst}: deleting pod for node scale down"),
        format!("1055 EvictionByEvictionAPI {burst}: Eviction API: evicting"),
        format!("1055 ScaleDown {burst}: deleting pod for node scale down"),
        format!("1055 EvictionByEvictionAPI {burst}: Eviction API: evicting"),
        "1060 ScaleDown Node/web-3: node removed by cluster autoscaler".to_owned(),
        "1060 RemovingNode Node/web-3: Node web-3 event: Removing Node web-3 from Controller".to_owned(),
    ];
    assert_eq!(told, expected);
    assert!(burst.starts_with("Pod/default/burst-"));
    let is_right = removing
        .message
        .starts_with("Scale-down: removing node web-3, utilization: 0.450000, pods to reschedule: burst-");
    assert!(is_right, "{}", removing.message);
    // 1200 s and 950 s at a ten-thousandth a second.
    assert_eq!(nodes(&run), ["web-1 0 - 120000", "web-2 0 - 120000", "web-3 110 1060 95000"]);
}

/// When pods were created, bound, ready and gone.
type Life = (f64, Option<f64>, Option<f64>, Option<f64>);

fn lives(run: &Measured, workload: &str) -> Vec<Life> {
    let seconds = |at: Option<SimTime>| at.map(SimTime::as_secs_f64);
    let pods = run.observation.pods.iter().filter(|pod| pod.name.starts_with(workload));
    pods.map(|pod| {
        (pod.created.as_secs_f64(), seconds(pod.scheduled), seconds(pod.ready), seconds(pod.finished))
    })
    .collect()
}

/// The first eight are ready at 4 s, and two of them gone at 302 s.
#[test]
fn the_first_pods_are_where_the_header_says() {
    let run = run();
    assert_eq!(lives(&run, "short-"), [(0.0, Some(0.0), Some(4.0), Some(302.0)); 2]);
    assert_eq!(lives(&run, "steady-"), [(0.0, Some(0.0), Some(4.0), None); 6]);
}

/// The pods of `burst`: bound at 150 s and ready at 154 s, gone at 1057 s; and those that follow, ready 2 s after 1055 s.
///
/// rule: node-provision
#[test]
fn every_pod_is_where_the_header_says() {
    let run = run();
    let lives = lives(&run, "burst-");
    let started = run
        .observation
        .events
        .iter()
        .filter(|event| event.reason == "Started" && event.object.starts_with("Pod/default/burst-"));
    let started: Vec<f64> = started.map(|event| event.time.as_secs_f64()).collect();
    assert_eq!(started, [153.0, 153.0, 1056.0, 1056.0]);
    let before = (100.0, Some(150.0), Some(154.0), Some(1057.0));
    let after = (1055.0, Some(1055.0), Some(1057.0), None);
    assert_eq!(lives, [before, before, after, after]);
}

fn third_node(second: u64) -> Option<NodeSpec> {
    let at = SimTime::from_secs(second);
    let (snapshot, _) = run_and_look(&scenario(), at, &mut |_, _| {});
    snapshot.nodes.into_iter().map(|node| node.spec).find(|node| node.name == "web-3")
}

/// The node is not needed since 450, but nothing may go until 710, 10 minutes after the scale-up.
///
/// rule: node-not-ready-taint
/// rule: node-deletion-candidates
#[test]
fn taints_say_how_it_stands_with_a_node() {
    let taints = |second: u64| {
        let node = third_node(second).unwrap_or_else(|| panic!("there is no third node at {second}"));
        let taints =
            node.taints.iter().map(|taint| format!("{}={}:{:?}", taint.key, taint.value, taint.effect));
        (node.conditions.get("Ready").map(str::to_owned), taints.collect::<Vec<_>>())
    };
    let candidate = "DeletionCandidateOfClusterAutoscaler=710:PreferNoSchedule";
    assert_eq!(third_node(119), None);
    let not_ready = "node.kubernetes.io/not-ready=:NoSchedule".to_owned();
    assert_eq!(taints(120), (Some("False".to_owned()), vec![not_ready]));
    let ready = || Some("True".to_owned());
    assert_eq!(taints(150), (ready(), vec![]));
    assert_eq!(taints(709), (ready(), vec![]));
    assert_eq!(taints(710), (ready(), vec![candidate.to_owned()]));
    let leaves = "ToBeDeletedByClusterAutoscaler=1050:NoSchedule".to_owned();
    assert_eq!(taints(1050), (ready(), vec![candidate.to_owned(), leaves]));
    assert_eq!(third_node(1060), None);
}
