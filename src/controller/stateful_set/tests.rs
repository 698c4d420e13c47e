//! Given a StatefulSet and its pods, when it looks at them, then what it creates and deletes.

use super::*;

const NOW: SimTime = SimTime::from_secs(1000);

const ORDERED: Spec = Spec {
    replicas: 3,
    start: 0,
    parallel: false,
    update: Update::RollingUpdate { partition: 0 },
    min_ready: Span::ZERO,
};

/// A pod that has been ready for a while and has the present template.
fn ready(ordinal: u32) -> Pod {
    Pod { ordinal, ready: Some(SimTime::from_secs(900)), terminating: false, is_updated: true }
}

fn starting(ordinal: u32) -> Pod {
    Pod { ready: None, ..ready(ordinal) }
}

fn ending(ordinal: u32) -> Pod {
    Pod { terminating: true, ..ready(ordinal) }
}

fn old(ordinal: u32) -> Pod {
    Pod { is_updated: false, ..ready(ordinal) }
}

#[track_caller]
fn check(given: Spec, pods: &[Pod], creates: &[u32], deletes: &[u32]) {
    let decision = sync(&given, pods, NOW);
    let created: Vec<u32> = decision.create.iter().map(|&(ordinal, _)| ordinal).collect();
    assert_eq!((created.as_slice(), decision.delete.as_slice()), (creates, deletes));
}

/// rule: stateful-set-order
#[test]
fn pods_come_one_after_another_each_when_those_below_are_ready() {
    check(ORDERED, &[], &[0], &[]);
    check(ORDERED, &[starting(0)], &[], &[]);
    check(ORDERED, &[ready(0)], &[1], &[]);
    check(ORDERED, &[ready(0), ready(1), ready(2)], &[], &[]);
    check(ORDERED, &[ready(0), ready(2)], &[1], &[]);
    check(ORDERED, &[starting(0), ready(2)], &[], &[]);
    check(ORDERED, &[ending(0), ready(1)], &[], &[]);
    check(Spec { start: 5, ..ORDERED }, &[ready(5)], &[6], &[]);
}

/// rule: stateful-set-order
#[test]
fn pods_go_from_the_highest_down_when_all_that_stay_are_ready() {
    let given = Spec { replicas: 1, ..ORDERED };
    check(given, &[ready(0), ready(1), ready(2)], &[], &[2]);
    check(given, &[ready(0), ready(1), ending(2)], &[], &[]);
    check(given, &[starting(0), ready(1), ready(2)], &[], &[]);
    check(given, &[ready(0), ready(1), starting(2)], &[], &[2]);
    check(given, &[ready(0), starting(1), starting(2)], &[], &[]);
    check(given, &[ready(0), starting(1), ready(2)], &[], &[2]);
    check(Spec { start: 1, ..given }, &[ready(0), ready(1)], &[], &[0]);
    check(Spec { replicas: 0, ..ORDERED }, &[ready(0)], &[], &[0]);
}

/// rule: stateful-set-order
#[test]
fn a_parallel_set_waits_for_nobody() {
    let given = Spec { parallel: true, ..ORDERED };
    check(given, &[], &[0, 1, 2], &[]);
    check(given, &[starting(0), ending(1)], &[2], &[]);
    check(Spec { replicas: 1, ..given }, &[starting(0), ready(1), ending(2), ready(3)], &[], &[3, 1]);
}

/// rule: stateful-set-order
#[test]
fn a_pod_is_waited_for_until_it_is_available() {
    let given = Spec { min_ready: Span::from_secs(120), ..ORDERED };
    let decision = sync(&given, &[ready(0)], NOW);
    assert_eq!(decision, Decision { again: Some(SimTime::from_secs(1020)), ..Decision::default() });
    let decision = sync(&given, &[ready(0)], SimTime::from_secs(1020));
    assert_eq!((decision.create, decision.again), (vec![(1, true)], None));
}

/// rule: stateful-set-update
#[test]
fn an_update_takes_one_pod_at_a_time_from_the_highest_down() {
    check(ORDERED, &[old(0), old(1), old(2)], &[], &[2]);
    check(ORDERED, &[old(0), old(1), Pod { terminating: true, ..old(2) }], &[], &[]);
    check(ORDERED, &[old(0), old(1)], &[2], &[]);
    check(ORDERED, &[old(0), old(1), starting(2)], &[], &[]);
    check(ORDERED, &[old(0), old(1), ready(2)], &[], &[1]);
    check(ORDERED, &[old(0), ready(1), ready(2)], &[], &[0]);
    let given = Spec { parallel: true, ..ORDERED };
    check(given, &[old(0), old(1), starting(2)], &[], &[]);
}

/// rule: stateful-set-update
#[test]
fn pods_below_the_partition_keep_their_template() {
    let given = Spec { update: Update::RollingUpdate { partition: 2 }, start: 1, ..ORDERED };
    check(given, &[old(1), old(2), old(3)], &[], &[3]);
    check(given, &[old(1), old(2), ready(3)], &[], &[]);
    assert_eq!(sync(&given, &[old(1), ready(3)], NOW).create, [(2, false)], "as it was");
    assert_eq!(sync(&given, &[old(1), old(2)], NOW).create, [(3, true)]);
}

/// rule: stateful-set-update
#[test]
fn on_delete_updates_what_somebody_deletes() {
    let given = Spec { update: Update::OnDelete, ..ORDERED };
    check(given, &[old(0), old(1), old(2)], &[], &[]);
    assert_eq!(sync(&given, &[old(0), old(2)], NOW).create, [(1, true)]);
}

/// rule: stateful-set-identity
#[test]
fn pods_are_called_and_labelled_by_their_ordinal() {
    let pod = pod_of(&PodSpec::empty("shop"), "web", 7);
    assert_eq!(pod.labels.get(POD_NAME_LABEL), Some("web-7"));
    assert_eq!(pod.labels.get(POD_INDEX_LABEL), Some("7"));
    assert_eq!(ordinal_of("web", "web-7"), Some(7));
    for other in ["web", "web-", "web-+7", "web-a", "wob-7", "web-1-7"] {
        assert_eq!(ordinal_of("web", other), None, "{other}");
    }
}
