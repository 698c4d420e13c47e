//! Which nodes are looked at, in which order, and which pod is which.

use overspill::object::LABEL_ZONE;
use overspill::scheduler::Queue;
use overspill::scheduler::event::ClusterEvent;
use overspill::scheduler::queue::Settings;
use overspill::simulation::one_shot::{Victims, place};
use overspill::{Outcome, PreemptionMode, SimTime, Span, TieBreak};
use serde_json::json;

use crate::node::node;
use crate::pod::{nodes_called, pod};
use crate::world::{cluster_of, scheduler};

#[test]
fn without_score_plugins_one_feasible_node_is_enough_and_scores_1() {
    let config = json!({"profiles": [{"plugins": {"score": {"disabled": [{"name": "*"}]}}}]});
    let mut world = cluster_of([node("c"), node("b"), node("a")]).configured(&config);
    let said = world.schedule(&pod("first"));
    assert_eq!((said.0.feasible.as_slice(), said.0.total["c"]), (["c".to_owned()].as_slice(), 1));
    assert_eq!(world.schedule(&pod("second")).chosen(), Some("b"), "the search went on from there");
}

/// Upstream does not score a single feasible node. Here it is, so that every placement can be explained; the choice is
/// the same.
#[test]
fn a_single_feasible_node_is_scored_all_the_same() {
    let mut world = cluster_of([node("a"), node("b").cordoned()]);
    let said = world.schedule(&pod("new").requests("cpu", "4").requests("memory", "8Gi"));
    assert_eq!((said.chosen(), said.0.total["a"]), (Some("a"), 300 + 50 + 100));
}

#[test]
fn a_nominated_node_that_takes_the_pod_is_the_only_one_looked_at() {
    let mut world = cluster_of([node("a"), node("b")]);
    let nominated = world.create(&pod("new").requests("cpu", "1"));
    let there = world.cluster.node_named("b").expect("it is there").id;
    world.cluster.nominate(nominated, Some(there));
    let mut scheduler = scheduler(&json!({}), TieBreak::Name, PreemptionMode::On);
    let report = place(&mut world.cluster, &mut scheduler, &[nominated], Victims::Report);
    let record = &report.results[0];
    assert_eq!((record.feasible.as_slice(), record.processed), (["b".to_owned()].as_slice(), None));
    assert_eq!(scheduler.next_start(), 0, "the next search starts where this one would have");
}

#[test]
fn an_attempt_that_a_prefilter_ends_does_not_move_the_start_of_the_next() {
    let mut world = cluster_of([node("a"), node("b"), node("c")]);
    let torn = nodes_called(&["a"]);
    let torn = overspill::object::NodeSelectorTerm {
        fields: [torn.fields, nodes_called(&["b"]).fields].concat(),
        ..torn
    };
    let only_a = pod("only-a").only_where(nodes_called(&["a"]));
    assert_eq!(world.schedule(&only_a).0.processed, Some(1));
    let said = world.schedule(&pod("torn").only_where(torn));
    assert!(said.0.pre_filter.is_some() && said.0.processed.is_none());
    assert_eq!(
        world.schedule(&pod("next")).0.start,
        Some(1),
        "the first one moved it by the node that it saw"
    );
}

/// The names of the labels changed in Kubernetes 1.17; where a node has both, the older one groups it.
#[test]
fn nodes_are_ordered_by_the_older_zone_label_where_they_have_both() {
    const OLD: &str = "failure-domain.beta.kubernetes.io/zone";
    let nodes = [node("a").zone("x"), node("b").zone("x"), node("c").label(LABEL_ZONE, "x").label(OLD, "y")];
    assert_eq!(cluster_of(nodes).schedule_all([]).node_order, ["a", "c", "b"]);
}

/// Names come back, pods do not: the new pod has no attempts behind it, no backoff, and draws of its own.
#[test]
fn a_pod_that_is_deleted_and_created_again_under_its_name_is_a_new_pod() {
    let mut world = cluster_of([node("a").millis(100)]);
    let mut scheduler = scheduler(&json!({}), TieBreak::Name, PreemptionMode::On);
    let mut queue = Queue::new(Settings::default());
    let mut now = SimTime::ZERO;
    let described = pod("web").requests("cpu", "1");
    let first = world.create(&described);
    queue.add(first, &world.cluster, &scheduler, now);
    for expected in [1, 2] {
        let popped = queue.pop().expect("it is its turn");
        assert_eq!((popped.pod, popped.attempt), (first, expected));
        let attempt = scheduler.attempt(&world.cluster, first, popped.attempt);
        assert!(matches!(attempt.outcome, Outcome::Unschedulable(_)));
        queue.unschedulable(first, attempt.evaluation().rejectors(), now);
        now += Span::from_secs(60);
        queue.happened(&ClusterEvent::NodeAdd(&node("b").0), &world.cluster, &scheduler, now);
    }
    queue.deleted(first);
    world.cluster.remove_pod(first);
    let second = world.create(&described);
    queue.add(second, &world.cluster, &scheduler, now);
    assert!(queue.get(first).is_none() && world.cluster.find_pod(first).is_none());
    assert_eq!(queue.backoff_until(second), None);
    let popped = queue.pop().expect("it is its turn");
    assert_eq!((popped.pod, popped.attempt), (second, 1));
    assert_ne!(first, second);
}
