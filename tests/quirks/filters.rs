//! Who rejects a node, and in which words.

use k8s_openapi::api::core::v1::Pod;
use overspill::object::kubernetes::pod_spec;
use overspill::object::{Effect, LABEL_HOSTNAME};
use overspill::scheduler::framework::Code;
use serde_json::json;

use crate::node::node;
use crate::pod::{labelled, nodes_called, pod};
use crate::world::cluster_of;

const OUTSIDE: &str = "node(s) didn't match Pod's node affinity/selector";

#[test]
fn a_taint_without_a_value_ends_in_a_colon_and_a_space() {
    let said = cluster_of([node("a").taint("dedicated", "", Effect::NoSchedule)]).schedule(&pod("new"));
    assert_eq!(said.rejected("a"), "node(s) had untolerated taint {dedicated: }");
}

#[test]
fn only_the_first_untolerated_taint_is_named() {
    let tainted = node("a")
        .taint("tolerated", "yes", Effect::NoSchedule)
        .taint("soft", "yes", Effect::PreferNoSchedule)
        .taint("second", "yes", Effect::NoExecute)
        .taint("third", "yes", Effect::NoSchedule);
    let said = cluster_of([tainted]).schedule(&pod("new").tolerates("tolerated", "yes", None));
    assert_eq!(said.rejected("a"), "node(s) had untolerated taint {second: yes}");
}

#[test]
fn a_node_counts_in_each_of_its_reasons() {
    let nodes = [node("a").millis(100).mib(100).pods(0), node("b").millis(100)];
    let said = cluster_of(nodes).schedule(&pod("new").requests("cpu", "1").requests("memory", "1Gi"));
    let filter = &said.0.fit_error.as_ref().expect("nothing fits").filter;
    assert_eq!(
        filter,
        "0/2 nodes are available: 1 Insufficient memory, 1 Too many pods, 2 Insufficient cpu."
    );
}

/// Evicting pods would mend what is taken, but not what the node lacks as a whole, and so it mends nothing.
#[test]
fn one_request_beyond_the_whole_node_makes_the_rejection_final() {
    let world = || cluster_of([node("a").mib(1024)]).with(&pod("old").requests("cpu", "8").on("a"));
    let code = |memory: &str| {
        let said = world().schedule(&pod("new").requests("cpu", "1").requests("memory", memory));
        said.0.filtered["a"].code
    };
    assert_eq!(code("1Gi"), Code::Unschedulable);
    assert_eq!(code("2Gi"), Code::UnschedulableAndUnresolvable);
}

#[test]
fn ignored_resources_are_only_ever_extended_ones() {
    let args = json!({"ignoredResources": ["cpu", "example.com/device"]});
    let config = json!({"profiles": [{"pluginConfig": [{"name": "NodeResourcesFit", "args": args}]}]});
    let new = pod("new").requests("cpu", "9").requests("example.com/device", "9");
    let said = cluster_of([node("a")]).configured(&config).schedule(&new);
    assert_eq!(said.rejected("a"), "Insufficient cpu");
}

#[test]
fn a_pod_is_kept_to_named_nodes_only_if_every_term_names_some() {
    let world = || cluster_of([node("a"), node("b").label("tier", "gold"), node("c")]);
    let by_name = pod("new").only_where(nodes_called(&["a"]));
    let said = world().schedule(&by_name);
    assert_eq!(said.rejected("c"), "node(s) didn't satisfy plugin(s) [NodeAffinity]");
    assert_eq!(said.0.processed, Some(1), "the others are not even looked at");
    let said = world().schedule(&by_name.only_where(labelled("tier", "gold")));
    assert_eq!(said.rejected("c"), OUTSIDE);
    assert_eq!(said.0.processed, Some(3));
}

#[test]
fn affinity_that_the_profile_adds_is_asked_before_the_pods_own() {
    let terms = json!([{"matchExpressions": [{"key": "tier", "operator": "Exists"}]}]);
    let required = json!({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}});
    let args = json!({"addedAffinity": required});
    let config = json!({"profiles": [{"pluginConfig": [{"name": "NodeAffinity", "args": args}]}]});
    let mut world = cluster_of([node("a"), node("b").label("tier", "gold")]).configured(&config);
    let said = world.schedule(&pod("new").only_where(labelled("tier", "iron")));
    assert_eq!(said.rejected("a"), "node(s) didn't match scheduler-enforced node affinity");
    assert_eq!(said.rejected("b"), OUTSIDE);
}

#[test]
fn a_cordoned_node_takes_a_pod_that_tolerates_its_taint() {
    let tolerant = pod("new").tolerates("node.kubernetes.io/unschedulable", "", Some(Effect::NoSchedule));
    let mut world = cluster_of([node("a").cordoned()]);
    assert_eq!(world.schedule(&pod("other")).rejected("a"), "node(s) were unschedulable");
    assert_eq!(world.schedule(&tolerant).chosen(), Some("a"));
}

/// Host ports are kept as a set and not counted.
#[test]
fn the_first_to_go_of_two_pods_with_one_host_port_frees_it() {
    let mut world = cluster_of([node("a")])
        .with(&pod("first").host_port(80).on("a"))
        .with(&pod("second").host_port(80).on("a"));
    let new = pod("new").host_port(80);
    assert_eq!(
        world.schedule(&new).rejected("a"),
        "node(s) didn't have free ports for the requested pod ports"
    );
    let first = world.cluster.pods().find(|(_, pod)| &*pod.name == "first").expect("it is there").0;
    world.cluster.remove_pod(first);
    assert_eq!(world.schedule(&new).chosen(), Some("a"), "though the second still listens there");
}

#[test]
fn host_ports_of_init_containers_count_only_if_they_are_sidecars() {
    let ports = |init: serde_json::Value| {
        let spec = json!({"initContainers": [init], "containers": [{"name": "main"}]});
        let pod: Pod = serde_json::from_value(json!({"spec": spec})).expect("it is a pod");
        pod_spec(&pod).expect("it is a good one").host_ports.len()
    };
    let port = json!([{"containerPort": 80, "hostPort": 80}]);
    assert_eq!(ports(json!({"name": "init", "ports": port})), 0);
    assert_eq!(ports(json!({"name": "init", "ports": port, "restartPolicy": "Always"})), 1);
}

#[test]
fn a_pod_with_gates_is_not_tried_and_all_its_gates_are_named() {
    let gated = pod("new").with(|pod| pod.gates = vec!["b".to_owned(), "a".to_owned()]);
    let said = cluster_of([node("a")]).schedule(&gated);
    assert_eq!(said.0.gated.as_deref(), Some("waiting for scheduling gates: [b a]"));
    assert!(said.0.feasible.is_empty() && said.0.fit_error.is_none());
}

/// The hostname is a label like any other: nothing holds it to the node's name.
#[test]
fn a_selector_by_hostname_goes_by_the_label_and_not_by_the_name() {
    let mut world = cluster_of([node("a").label(LABEL_HOSTNAME, "b"), node("b").label(LABEL_HOSTNAME, "a")]);
    let new = pod("new").only_where(labelled(LABEL_HOSTNAME, "a"));
    assert_eq!(world.schedule(&new).chosen(), Some("b"));
}
