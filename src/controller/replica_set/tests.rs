use super::*;
use crate::controller::pod_status::ConditionStatus;

const NOW: SimTime = SimTime::from_secs(100_000);

fn ago(seconds: u64) -> SimTime {
    SimTime::from_secs(100_000 - seconds)
}

fn ready_for(seconds: u64) -> ReadyCondition {
    ReadyCondition { status: ConditionStatus::True, since: ago(seconds) }
}

/// A pod that has run on node 1 for a while.
fn pod(uid: &str) -> Pod<&str> {
    Pod {
        uid,
        node: Some(NodeId(1)),
        phase: PodPhase::Running,
        deleted: false,
        ready: Some(ready_for(5000)),
        created: Some(ago(5010)),
        deletion_cost: 0,
        restarts: 0,
        sidecar_restarts: 0,
    }
}

/// The first of the two is deleted first, whatever their order in the list.
#[track_caller]
fn check(first: Pod<&str>, second: Pod<&str>) {
    assert_eq!(victims(&[first, second], &[], 1, NOW), [0]);
    assert_eq!(victims(&[second, first], &[], 1, NOW), [1]);
}

/// Given five pods, when three are wanted, then two go: the one that is not bound, and the one that is not ready; when
/// seven are wanted, two come; one that ends is none of them.
#[test]
fn a_sync_comes_to_its_size_by_the_pods_that_matter_least() {
    let ready = pod("b");
    let unbound = Pod { node: None, phase: PodPhase::Pending, ready: None, ..pod("u") };
    let starting = Pod { ready: None, ..pod("s") };
    let ending = Pod { deleted: true, ..pod("e") };
    let pods = [ready, starting, pod("c"), ending, unbound, pod("d")];
    let active = pods.iter().filter(|pod| pod.is_active()).count();
    assert_eq!(correction(active, 3), Correction::Delete(2));
    assert_eq!(victims(&pods, &[], 2, NOW), [4, 1]);
    assert_eq!(correction(active, 7), Correction::Create(2));
    assert_eq!(correction(active, 5), Correction::Nothing);
}

/// oracle: recorded scale-down orders, "Victims"; criteria in their order, each against all that come after it.
/// rule: scale-down-order
#[test]
fn criteria_decide_in_upstreams_order() {
    let dear = i32::MAX;
    let unbound = Pod { node: None, phase: PodPhase::Pending, ready: None, deletion_cost: dear, ..pod("z") };
    check(unbound, Pod { phase: PodPhase::Pending, ready: None, ..pod("a") });
    check(Pod { phase: PodPhase::Pending, ready: None, deletion_cost: dear, ..pod("z") }, pod("a"));
    check(Pod { phase: PodPhase::Unknown, deletion_cost: dear, ..pod("z") }, pod("a"));
    let unknown = ReadyCondition { status: ConditionStatus::Unknown, since: ago(9000) };
    check(Pod { ready: Some(unknown), deletion_cost: dear, ..pod("z") }, pod("a"));
    check(
        Pod { deletion_cost: -1, ready: Some(ready_for(50_000)), ..pod("z") },
        Pod { restarts: 9, ..pod("a") },
    );
    check(Pod { ready: Some(ready_for(2000)), ..pod("z") }, Pod { restarts: 9, ..pod("a") });
    check(Pod { restarts: 2, ..pod("z") }, Pod { restarts: 1, sidecar_restarts: 5, ..pod("a") });
    check(Pod { sidecar_restarts: 2, created: Some(ago(50_000)), ..pod("z") }, pod("a"));
    check(Pod { created: Some(ago(100)), ..pod("z") }, pod("a"));
    check(Pod { created: None, ..pod("z") }, Pod { created: Some(ago(1)), ..pod("a") });
}

/// rule: scale-down-ages
#[test]
fn ages_of_one_bucket_are_told_apart_by_uid_alone() {
    // 5000 s and 5100 s are both below 2^43 ns = 8796 s and above 2^42 ns.
    check(
        Pod { ready: Some(ready_for(5100)), ..pod("a") },
        Pod { ready: Some(ready_for(5000)), restarts: 9, ..pod("b") },
    );
}

/// rule: scale-down-order
#[test]
fn the_more_crowded_node_loses_first_and_siblings_count() {
    let elsewhere = |uid| Pod { node: Some(NodeId(2)), ..pod(uid) };
    let pods = [pod("a"), elsewhere("b"), elsewhere("c")];
    assert_eq!(ranks(&pods, &[]), [1, 2, 2]);
    assert_eq!(victims(&pods, &[], 1, NOW), [1]);
    let siblings = [pod("x"), pod("y"), Pod { deleted: true, ..elsewhere("z") }];
    assert_eq!(ranks(&pods, &siblings), [3, 2, 2]);
    assert_eq!(victims(&pods, &siblings, 1, NOW), [0]);
}

#[test]
fn inactive_pods_are_no_victims_and_all_active_ones_go_in_the_order_given() {
    let pods = [
        Pod { deleted: true, ..pod("a") },
        pod("c"),
        Pod { phase: PodPhase::Succeeded, ..pod("d") },
        Pod { restarts: 3, ..pod("b") },
    ];
    assert_eq!(victims(&pods, &[], 1, NOW), [3]);
    assert_eq!(victims(&pods, &[], 2, NOW), [1, 3]);
    assert_eq!(victims(&pods, &[], 9, NOW), [1, 3]);
}

/// oracle: "+5", "007", "abc", 2147483648 count as 0, "-0" is fine.
#[test]
fn deletion_costs_are_read_strictly() {
    let costs = [
        (None, 0),
        (Some("0"), 0),
        (Some("10"), 10),
        (Some("-10"), -10),
        (Some("-0"), 0),
        (Some("-007"), -7),
        (Some("+5"), 0),
        (Some("007"), 0),
        (Some("abc"), 0),
        (Some(""), 0),
        (Some("1e3"), 0),
        (Some("2147483647"), i32::MAX),
        (Some("2147483648"), 0),
        (Some("-2147483648"), i32::MIN),
    ];
    for (annotation, cost) in costs {
        assert_eq!(deletion_cost(annotation), cost, "{annotation:?}");
    }
}

/// rule: replica-set-burst
#[test]
fn corrections_come_in_bursts_of_500() {
    assert_eq!(correction(3, 3), Correction::Nothing);
    assert_eq!(correction(3, 10), Correction::Create(7));
    assert_eq!(correction(0, 1200), Correction::Create(500));
    assert_eq!(correction(10, 3), Correction::Delete(7));
    assert_eq!(correction(1200, 0), Correction::Delete(500));
}
