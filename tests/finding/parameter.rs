//! Other nodes, pods and weights: one ECS node, one virtual node, no zone labels, a Service and a ReplicaSet.
//!
//! Source: runs of kube-scheduler v1.34.1 with its default profile, recorded with the project's vectors.

use crate::gateway::Gateway;

#[track_caller]
fn check(gateway: &Gateway, first_elsewhere: usize) {
    assert_eq!(gateway.place().first_elsewhere(), Some(first_elsewhere), "{gateway:?}");
}

#[test]
fn a_larger_ecs_node_hardly_helps() {
    for (ecs_size, first) in
        [(("4", "8Gi"), 3), (("8", "16Gi"), 4), (("16", "32Gi"), 5), (("64", "128Gi"), 5), (("8", "64Gi"), 4)]
    {
        check(&Gateway { ecs_size, ..Gateway::default() }, first);
    }
}

#[test]
fn larger_pods_go_elsewhere_sooner() {
    for (requests, first) in [
        ("cpu: 2, memory: 4Gi", 3),
        ("cpu: 1, memory: 512Mi", 3),
        ("cpu: 500m, memory: 512Mi", 4),
        ("cpu: 100m, memory: 128Mi", 5),
        ("", 5),
    ] {
        check(&Gateway { requests, ..Gateway::default() }, first);
    }
}

#[test]
fn the_size_of_the_virtual_node_hardly_matters() {
    for virtual_size in [("8", "16Gi"), ("64", "256Gi"), ("2300", "6Ti"), ("10000", "40Ti")] {
        check(&Gateway { virtual_size, ..Gateway::default() }, 4);
    }
}

#[test]
fn weights_alone_cannot_prevent_it() {
    for (weights, first) in [
        ((1, 100), 7),
        ((10, 90), 5),
        ((20, 80), 4),
        ((39, 80), 3),
        ((40, 60), 2),
        ((50, 50), 1),
        ((80, 20), 1),
    ] {
        check(&Gateway { weights, ..Gateway::default() }, first);
    }
}

/// Such a node's spread score is 0 raw, that of an empty ECS node 2, so 100 against 0.
#[test]
fn a_virtual_node_without_hostname_takes_every_pod() {
    let placements = Gateway { virtual_hostname: false, ..Gateway::default() }.place();
    assert_eq!(placements.on_ecs(placements.0.len()), 0);
    let spread = &placements.0[0].scores["PodTopologySpread"];
    assert_eq!((spread["ecs-0"], spread["virtual-0"]), ([2, 0, 0], [0, 100, 200]));
}
