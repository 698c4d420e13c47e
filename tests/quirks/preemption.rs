//! What follows when no node fits.

use overspill::object::{Effect, NodeSelectorTerm};
use serde_json::json;

use crate::node::node;
use crate::pod::{APod, nodes_called, pod, selector};
use crate::world::{World, cluster_of};

/// Half a node.
fn half(name: &str) -> APod {
    pod(name).requests("cpu", "4")
}

/// Node `a` with two pods of priority −10, node `b` with the given ones; a whole node fits only after an eviction.
fn full(b: &[APod]) -> World {
    let world = cluster_of([node("a"), node("b")])
        .with(&half("a-1").priority(-10).on("a"))
        .with(&half("a-2").priority(-10).on("a"));
    b.iter().fold(world, World::with)
}

/// DynamicResources, which answers first, misses the state that its own PreFilter would have written.
#[test]
fn after_a_prefilter_has_ended_the_attempt_the_failure_says_not_found() {
    let [a, b] = ["a", "b"].map(|name| nodes_called(&[name]).fields);
    let nowhere = NodeSelectorTerm { fields: [a, b].concat(), labels: Vec::new() };
    let mut world = cluster_of([node("a"), node("b")]).with(&half("old").priority(-10).on("a"));
    let said = world.schedule(&pod("new").only_where(nowhere));
    assert_eq!(said.failure(), "0/2 nodes are available: pod affinity terms conflict. not found");
}

#[test]
fn a_failure_says_on_how_many_nodes_preemption_would_not_help() {
    let nodes = [node("a").millis(1), node("b"), node("c").taint("far", "", Effect::NoSchedule)];
    let mut world = cluster_of(nodes).with(&half("old").on("b"));
    assert_eq!(
        world.schedule(&pod("new").requests("cpu", "8")).failure(),
        "0/3 nodes are available: 1 node(s) had untolerated taint {far: }, 2 Insufficient cpu. \
         no new claims to deallocate, preemption: 0/3 nodes are available: \
         1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."
    );
}

#[test]
fn a_pod_that_evicts_nobody_says_so() {
    let said = full(&[]).schedule(&pod("new").requests("cpu", "9").peaceful());
    assert_eq!(
        said.0.fit_error.expect("nothing fits").post_filter,
        "no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never."
    );
}

#[test]
fn without_preemption_only_resource_claims_are_mentioned() {
    let config =
        json!({"profiles": [{"plugins": {"postFilter": {"disabled": [{"name": "DefaultPreemption"}]}}}]});
    let said = full(&[half("b-1").on("b")]).configured(&config).schedule(&pod("new").requests("cpu", "8"));
    assert_eq!(said.0.fit_error.expect("nothing fits").post_filter, "no new claims to deallocate");
    assert!(said.0.preempt.is_none());
}

#[test]
fn a_preemption_that_helps_adds_nothing_to_the_failure() {
    let said = full(&[half("b-1").on("b")]).schedule(&pod("new").requests("cpu", "8"));
    assert_eq!(said.failure(), "0/2 nodes are available: 2 Insufficient cpu.");
    assert_eq!(said.0.preempt.expect("node a can be freed").victims, ["default/a-1", "default/a-2"]);
}

/// The plain sums are −20 for two victims and −10 for one; each priority counts 2³¹ more, and the fewer win.
#[test]
fn more_victims_are_never_better_for_being_of_negative_priority() {
    let world = || full(&[pod("b-1").requests("cpu", "8").priority(-10).on("b")]);
    let said = world().schedule(&pod("new").requests("cpu", "8"));
    assert_eq!(said.0.preempt.expect("either node can be freed").nominated, "b");
}

/// The pods that started last are thought to lose least.
#[test]
fn of_equal_victims_those_that_started_last_go() {
    let mut world = full(&[half("b-1").priority(-10).on("b"), half("b-2").priority(-10).on("b")]);
    let pods: Vec<_> = world.cluster.pods().map(|(id, _)| id).collect();
    for (&pod, start) in pods.iter().zip([10, 40, 20, 30]) {
        world.cluster.start_pod(pod, start);
    }
    let preempt = world.schedule(&pod("new").requests("cpu", "8")).0.preempt.expect("either can be freed");
    assert_eq!(preempt.nominated, "b", "its first victim started at 20, that of a at 10");
    assert_eq!(preempt.victims, ["default/b-1", "default/b-2"], "the most important first");
}

/// The victim that a budget protects is taken back first, though the other one is the more important.
#[test]
fn a_budget_protects_a_pod_even_from_a_more_important_one() {
    let mut world = cluster_of([node("a")])
        .with(&half("important").priority(-1).on("a"))
        .with(&half("protected").priority(-10).label("app", "db").on("a"))
        .budget(selector("app", "db"), 0);
    let preempt = world.schedule(&half("new")).0.preempt.expect("one of them can go");
    assert_eq!(preempt.victims, ["default/important"]);
    assert_eq!(preempt.candidates["a"].pdb_violations, 0);
}
