//! PodTopologySpread.

use overspill::object::{LABEL_HOSTNAME, LABEL_ZONE, Selector, SpreadConstraint};

use crate::node::node;
use crate::pod::{APod, evenly_over, pod, rather_evenly_over, selector};
use crate::world::{World, cluster_of};

const SPREAD: &str = "PodTopologySpread";
const SKEWED: &str = "node(s) didn't match pod topology spread constraints";

fn web(name: &str) -> APod {
    pod(name).label("app", "web")
}

/// With so many pods `app=web` on a node.
fn crowded(world: World, node: &str, count: usize) -> World {
    (0..count).fold(world, |world, number| world.with(&web(&format!("{node}-{number}")).on(node)))
}

#[test]
fn where_all_nodes_are_equally_full_each_of_them_scores_100() {
    let world = crowded(crowded(cluster_of([node("a"), node("b")]), "a", 1), "b", 1);
    let said =
        { world }.schedule(&web("new").spread(rather_evenly_over(LABEL_HOSTNAME, selector("app", "web"))));
    assert_eq!((said.raw(SPREAD), said.scores(SPREAD)), (vec![1, 1], vec![100, 100]));
}

/// 100·(max + min − raw)/max: raw 1 of 1·ln 4 and raw 4 of 3·ln 4, so that the fuller node has 100·1/4 and not 0.
#[test]
fn the_fullest_node_scores_more_than_0_where_the_emptiest_has_pods() {
    let world = crowded(crowded(cluster_of([node("a"), node("b")]), "a", 3), "b", 1);
    let said =
        { world }.schedule(&web("new").spread(rather_evenly_over(LABEL_HOSTNAME, selector("app", "web"))));
    assert_eq!((said.raw(SPREAD), said.scores(SPREAD)), (vec![4, 1], vec![25, 100]));
}

/// Three domains, and not two: 5·ln(3 + 2) for the host and for the zone, with 2 and 4 for the skews, is 22; with
/// ln(2 + 2) for the zone it would be 21. The node itself is asked only about its hostname.
#[test]
fn under_default_spreading_nodes_without_a_zone_are_one_more_zone() {
    let nodes = [node("a").zone("x"), node("b").zone("y"), node("c")];
    let said = crowded(cluster_of(nodes).service("app", "web"), "a", 5).schedule(&web("new"));
    assert_eq!(said.raw(SPREAD), [22, 6, 2]);
}

#[test]
fn under_default_spreading_a_node_without_hostname_wins_even_against_an_empty_one() {
    let nodes = [node("a"), node("virtual").without(LABEL_HOSTNAME)];
    let said = cluster_of(nodes).service("app", "web").schedule(&web("new"));
    assert_eq!((said.raw(SPREAD), said.scores(SPREAD)), (vec![2, 0], vec![0, 100]));
}

#[test]
fn under_constraints_of_its_own_a_node_without_the_key_scores_0() {
    let nodes = [node("a"), node("virtual").without(LABEL_HOSTNAME)];
    let constraint = rather_evenly_over(LABEL_HOSTNAME, selector("app", "web"));
    let said = cluster_of(nodes).schedule(&web("new").spread(constraint));
    assert_eq!(said.scores(SPREAD), [100, 0]);
}

#[test]
fn any_constraint_of_its_own_switches_the_default_ones_off() {
    let world = || cluster_of([node("a"), node("b")]).service("app", "web");
    let harmless = SpreadConstraint { max_skew: 100, ..evenly_over(LABEL_HOSTNAME, selector("app", "web")) };
    assert!(!world().schedule(&web("new")).skipped(SPREAD));
    assert!(world().schedule(&web("new").spread(harmless)).skipped(SPREAD), "though it is a hard one");
}

/// A skew of 0, which the API server would refuse, tells that the pod counts itself.
#[test]
fn an_empty_selector_counts_no_pods_but_the_incoming_one() {
    let world = || crowded(cluster_of([node("a").zone("x"), node("b").zone("y")]), "a", 3);
    let by = |selector| evenly_over(LABEL_ZONE, selector);
    assert_eq!(world().schedule(&web("new").spread(by(selector("app", "web")))).rejected("a"), SKEWED);
    assert_eq!(world().schedule(&web("new").spread(by(Selector::default()))).0.feasible, ["a", "b"]);
    let strict = SpreadConstraint { max_skew: 0, ..by(Selector::default()) };
    assert_eq!(world().schedule(&web("new").spread(strict)).rejected("b"), SKEWED);
}

#[test]
fn a_constraint_without_a_selector_counts_nobody() {
    let constraint =
        SpreadConstraint { max_skew: 0, selector: None, ..evenly_over(LABEL_ZONE, Selector::default()) };
    let mut world = crowded(cluster_of([node("a").zone("x"), node("b").zone("y")]), "a", 3);
    assert_eq!(world.schedule(&web("new").spread(constraint)).0.feasible, ["a", "b"]);
}

#[test]
fn too_few_domains_count_as_if_one_were_empty() {
    let mut world = crowded(cluster_of([node("a").zone("x")]), "a", 1);
    let constraint = evenly_over(LABEL_ZONE, selector("app", "web"));
    let demanding = SpreadConstraint { min_domains: 2, ..constraint.clone() };
    assert_eq!(world.schedule(&web("new").spread(demanding)).rejected("a"), SKEWED);
    assert_eq!(world.schedule(&web("new").spread(constraint)).chosen(), Some("a"));
}

/// Hostnames are counted by node when nodes are scored, and by value when they are filtered.
#[test]
fn two_nodes_of_one_hostname_are_scored_apart_and_filtered_together() {
    let host = |name| node(name).label(LABEL_HOSTNAME, "same");
    let world = || crowded(cluster_of([host("a"), host("b"), node("c")]), "a", 1);
    let soft = rather_evenly_over(LABEL_HOSTNAME, selector("app", "web"));
    assert_eq!(world().schedule(&web("new").spread(soft)).raw(SPREAD), [2, 0, 0]);
    let hard = evenly_over(LABEL_HOSTNAME, selector("app", "web"));
    assert_eq!(world().schedule(&web("new").spread(hard)).0.feasible, ["c"]);
}

#[test]
fn pods_that_are_being_deleted_do_not_count() {
    let mut world = crowded(cluster_of([node("a"), node("b")]), "a", 1);
    let old = world.cluster.pods().next().expect("one is there").0;
    let constraint = evenly_over(LABEL_HOSTNAME, selector("app", "web"));
    assert_eq!(world.schedule(&web("new").spread(constraint.clone())).rejected("a"), SKEWED);
    let mut world = crowded(cluster_of([node("a"), node("b")]), "a", 1);
    world.cluster.terminate(old);
    assert_eq!(world.schedule(&web("new").spread(constraint)).0.feasible, ["a", "b"]);
}

/// The ReplicaSet selects the pods that are counted; whether it selects the one that it owns is not asked. Raw scores are
/// 3·ln 4 + 2 and 2.
#[test]
fn an_owner_need_not_select_its_pod_for_default_spreading_to_act() {
    let world =
        || crowded(cluster_of([node("a"), node("b")]).replica_set("rs", selector("app", "web")), "a", 3);
    let said = world().schedule(&pod("new").label("app", "other").owned_by("rs"));
    assert_eq!((said.raw(SPREAD), said.scores(SPREAD)), (vec![6, 2], vec![33, 100]));
    assert!(world().schedule(&web("new")).skipped(SPREAD), "without an owner nothing is spread");
}
