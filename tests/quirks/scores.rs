//! Scores of resources, taints and images.

use overspill::object::Effect;
use serde_json::json;

use crate::node::node;
use crate::pod::pod;
use crate::world::cluster_of;

const FIT: &str = "NodeResourcesFit";
const BALANCE: &str = "NodeResourcesBalancedAllocation";

/// 8 cores and 16 GiB. The first pod scores by its container alone, 1 core and 1 GiB: (87 + 93)/2. What it leaves to the
/// second is 4 cores and 8 GiB less: (37 + 43)/2.
#[test]
fn pod_level_requests_score_for_pods_on_a_node_and_not_for_the_incoming_one() {
    let containers = |name| pod(name).requests("cpu", "1").requests("memory", "1Gi");
    let whole = |name| containers(name).requests_as_a_whole("cpu", "4").requests_as_a_whole("memory", "8Gi");
    let mut world = cluster_of([node("a")]);
    assert_eq!(world.schedule(&whole("first")).scores(FIT), [90]);
    assert_eq!(world.schedule(&whole("second")).scores(FIT), [40]);
    assert_eq!(world.schedule(&whole("third")).rejected("a"), "Insufficient cpu, Insufficient memory");
}

/// Half of the cpu scores 50, memory that nobody requests scores 0; their mean would be 25.
#[test]
fn a_capacity_ratio_leaves_resources_that_score_0_out_of_the_mean() {
    let shape = json!([{"utilization": 0, "score": 0}, {"utilization": 100, "score": 10}]);
    let ratio = json!({"type": "RequestedToCapacityRatio", "requestedToCapacityRatio": {"shape": shape}});
    let args = json!({"scoringStrategy": ratio});
    let config = json!({"profiles": [{"pluginConfig": [{"name": FIT, "args": args}]}]});
    let new = pod("new").requests("cpu", "4").requests("memory", "0");
    assert_eq!(cluster_of([node("a")]).configured(&config).schedule(&new).scores(FIT), [50]);
}

/// A pod that requests half of the cpu, on a node of 400 MiB. For NodeResourcesFit it counts 200 MiB, half of the node;
/// for NodeResourcesBalancedAllocation it counts none, and the two fractions differ by a half.
#[test]
fn a_missing_request_counts_for_fit_and_not_for_balance() {
    let said = cluster_of([node("a").mib(400)]).schedule(&pod("new").requests("cpu", "4"));
    assert_eq!((said.scores(FIT), said.scores(BALANCE)), (vec![50], vec![75]));
}

#[test]
fn a_pod_that_requests_nothing_is_scored_by_fit_and_skipped_by_balance() {
    let said = cluster_of([node("a")]).schedule(&pod("new"));
    assert_eq!(said.scores(FIT), [98], "100m of 8 cores and 200 MiB of 16 GiB");
    assert!(said.skipped(BALANCE));
}

#[test]
fn without_soft_taints_every_node_scores_100() {
    let mut world = cluster_of([node("a"), node("b").taint("hard", "", Effect::NoSchedule)]);
    let said = world.schedule(&pod("new").tolerates("hard", "", None));
    assert_eq!((said.raw("TaintToleration"), said.scores("TaintToleration")), (vec![0, 0], vec![100, 100]));
}

/// A toleration of NoSchedule alone tolerates no soft taint of the same key.
#[test]
fn soft_taints_are_tolerated_only_by_tolerations_of_this_or_any_effect() {
    let mut world = cluster_of([node("a"), node("b").taint("soft", "", Effect::PreferNoSchedule)]);
    let scores = |effect, world: &mut crate::world::World| {
        world.schedule(&pod("new").tolerates("soft", "", effect)).scores("TaintToleration")
    };
    assert_eq!(scores(Some(Effect::NoSchedule), &mut world), [100, 0]);
    assert_eq!(scores(None, &mut world), [100, 100]);
}

/// 1000 MiB on one node of four count 250 MiB: 100·(250 − 23)/(1000 − 23). Among feasible nodes it would be all of them.
#[test]
fn an_image_counts_by_its_share_of_all_nodes_and_not_of_the_feasible_ones() {
    let far = |name| node(name).taint("far", "", Effect::NoSchedule);
    let mut world = cluster_of([node("a").image("web:1", 1000), far("b"), far("c"), far("d")]);
    assert_eq!(world.schedule(&pod("new").image("web:1")).scores("ImageLocality"), [23]);
}
