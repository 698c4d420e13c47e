//! Affinity between pods.

use overspill::object::selector::{Operator, Requirement};
use overspill::object::{LABEL_HOSTNAME, LABEL_ZONE, PodAffinityTerm, Selector};
use serde_json::json;

use crate::node::node;
use crate::pod::{pod, pods_with};
use crate::world::cluster_of;

const APART: &str = "node(s) didn't match pod anti-affinity rules";

/// Pods called db in namespaces of teams by this operator.
fn databases_of_teams(operator: Operator, teams: &[&str]) -> PodAffinityTerm {
    let values = teams.iter().map(|&team| team.to_owned()).collect();
    let requirement = Requirement { key: "team".to_owned(), operator, values };
    let namespace_selector = Some(Selector { requirements: vec![requirement] });
    PodAffinityTerm { namespace_selector, ..pods_with("app", "db", LABEL_HOSTNAME) }
}

/// Upstream looks the selected namespaces up and then means to clear the selector, but does so on a copy; the selector
/// goes on to be matched against no labels at all, and NotIn accepts these.
#[test]
fn a_namespace_selector_that_accepts_no_labels_accepts_every_namespace() {
    let mut world = cluster_of([node("a")])
        .namespace("of-b", "team", "b")
        .with(&pod("old").namespace("of-b").label("app", "db").on("a"));
    let not_in_b = pod("new").only_apart_from(databases_of_teams(Operator::NotIn, &["b"]));
    assert_eq!(world.schedule(&not_in_b).rejected("a"), APART, "though it is of team b");
    let in_c = pod("new").only_apart_from(databases_of_teams(Operator::In, &["c"]));
    assert_eq!(world.schedule(&in_c).chosen(), Some("a"));
}

/// Terms of pods that are there are matched against the labels of the incoming pod's namespace, as they should be.
#[test]
fn the_namespace_selector_of_a_pod_that_is_there_does_what_it_says() {
    let old = pod("old").only_apart_from(databases_of_teams(Operator::NotIn, &["b"])).on("a");
    let mut world =
        cluster_of([node("a")]).namespace("of-b", "team", "b").namespace("of-c", "team", "c").with(&old);
    let of_c = world.schedule(&pod("new").namespace("of-c").label("app", "db"));
    assert_eq!(of_c.rejected("a"), "node(s) didn't satisfy existing pods anti-affinity rules");
    let of_b = world.schedule(&pod("new").namespace("of-b").label("app", "db"));
    assert_eq!(of_b.chosen(), Some("a"));
}

#[test]
fn the_first_of_pods_that_must_be_together_may_go_wherever_the_key_is() {
    let together = pods_with("app", "web", LABEL_ZONE);
    let mut world = cluster_of([node("a"), node("b").zone("x")]);
    let stranger = pod("stranger").only_near(together.clone());
    assert_eq!(world.schedule(&stranger).rejected("b"), "node(s) didn't match pod affinity rules");
    let first = world.schedule(&pod("first").label("app", "web").only_near(together));
    assert_eq!(first.chosen(), Some("b"));
    assert_eq!(first.rejected("a"), "node(s) didn't match pod affinity rules", "it has no zone");
    assert_eq!(world.schedule(&stranger).chosen(), Some("b"), "now that there is one");
}

#[test]
fn where_all_nodes_are_equally_near_each_of_them_scores_0() {
    let mut world =
        cluster_of([node("a").zone("x"), node("b").zone("x")]).with(&pod("old").label("app", "web").on("a"));
    let said = world.schedule(&pod("new").prefers_near(50, pods_with("app", "web", LABEL_ZONE)));
    assert_eq!((said.raw("InterPodAffinity"), said.scores("InterPodAffinity")), (vec![50, 50], vec![0, 0]));
}

/// `hardPodAffinityWeight` is 1 unless it is configured.
#[test]
fn a_pod_that_must_be_near_others_draws_them_to_itself() {
    let old = pod("old").only_near(pods_with("app", "web", LABEL_HOSTNAME)).on("b");
    let new = pod("new").label("app", "web");
    let world = || cluster_of([node("a"), node("b")]).with(&old);
    let said = world().schedule(&new);
    assert_eq!((said.raw("InterPodAffinity"), said.scores("InterPodAffinity")), (vec![0, 1], vec![0, 100]));
    let args = json!({"hardPodAffinityWeight": 0});
    let config = json!({"profiles": [{"pluginConfig": [{"name": "InterPodAffinity", "args": args}]}]});
    assert!(world().configured(&config).schedule(&new).skipped("InterPodAffinity"));
}
