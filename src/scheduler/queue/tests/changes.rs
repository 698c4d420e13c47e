//! The rules of what happens in the cluster and to the pods themselves, one by one.

use super::*;

/// rule: queue-event
#[test]
fn an_event_moves_only_pods_whose_rejectors_take_it_for_help() {
    let mut world = World::new();
    let by_fit = world.rejected(asking(100), FIT);
    let by_taint = world.rejected(asking(100), "TaintToleration");
    world.at(10.0).room();
    world.stands(by_fit, Place::Active);
    world.stands(by_taint, Place::Unschedulable);
}

/// rule: queue-event
#[test]
fn any_one_of_several_rejectors_is_enough() {
    let mut world = World::new();
    let pod = world.add(asking(100));
    assert_eq!(world.pop(), pod);
    world.queue.unschedulable(pod, Rejectors::from(["NodeAffinity", FIT, "TaintToleration"]), world.now);
    world.at(10.0).room();
    world.stands(pod, Place::Active);
}

/// rule: queue-event
#[test]
fn a_woken_pod_backs_off_for_what_is_left_of_its_backoff() {
    for (woken_at, place) in [(0.5, Place::Backoff), (1.9, Place::Backoff), (2.0, Place::Active)] {
        let mut world = World::new();
        let pod = world.rejected(asking(100), FIT);
        world.at(woken_at).room();
        world.stands(pod, place);
    }
}

/// rule: queue-event
#[test]
fn an_event_touches_neither_gated_pods_nor_those_that_are_queued_already() {
    let mut world = World::new();
    let backing_off = world.rejected(asking(100), FIT);
    world.room();
    let [gated, active] = [gated(&["a"]), asking(100)].map(|spec| world.add(spec));
    world.at(5.0).room();
    world.stands(backing_off, Place::Backoff);
    world.stands(gated, Place::Gated);
    world.stands(active, Place::Active);
}

/// rule: queue-update
#[test]
fn an_update_in_the_active_or_a_backoff_queue_only_works_out_the_turn_anew() {
    let mut world = World::new();
    let [first, second] = [(); 2].map(|()| world.add(important(0)));
    world.at(1.0).update(second, |spec| spec.priority = 1);
    assert_eq!(world.queue.list(Place::Active), [second, first]);
    world.reject(second, FIT);
    world.reject(first, FIT);
    world.room();
    world.update(first, |spec| spec.priority = 2);
    assert_eq!(world.queue.list(Place::Backoff), [first, second]);
    assert_eq!(world.queue.get(first).unwrap().timestamp(), seconds(1.0));
}

/// rule: queue-update
#[test]
fn hints_look_at_the_pod_as_it_is_now() {
    let mut world = World::new();
    let pod = world.add(asking(1000));
    world.update(pod, |spec| spec.requests.filter.cpu = MilliCpu(2000));
    world.reject(pod, FIT);
    world.at(10.0).happens(&ClusterEvent::NodeAdd(&node("small", 1500)));
    world.stands(pod, Place::Unschedulable);
    world.update(pod, |spec| spec.requests.filter.cpu = MilliCpu(1200));
    world.stands(pod, Place::Unschedulable);
    world.happens(&ClusterEvent::NodeAdd(&node("small", 1500)));
    world.stands(pod, Place::Active);
}

/// rule: queue-update
#[test]
fn a_waiting_pods_own_change_wakes_it_alone() {
    let mut world = World::new();
    let [pod, other] = [(); 2].map(|()| world.rejected(asking(100), FIT));
    world.at(10.0).update(pod, |spec| spec.requests.placed.cpu = MilliCpu(50));
    world.stands(pod, Place::Active);
    world.stands(other, Place::Unschedulable);
}

/// rule: queue-gate
#[test]
fn only_the_removal_of_the_last_gate_counts() {
    let mut world = World::new();
    let pod = world.add(gated(&["a", "b"]));
    world.at(1.0).update(pod, |spec| spec.labels.set("app", "x"));
    world.at(2.0).update(pod, |spec| drop(spec.gates.pop()));
    world.stands(pod, Place::Gated);
    let younger = world.at(3.0).add(asking(100));
    world.at(4.0).update(pod, |spec| spec.gates.clear());
    world.stands(pod, Place::Active);
    assert_eq!(world.queue.list(Place::Active), [pod, younger], "it keeps the time of its creation");
}

/// rule: queue-delete
#[test]
fn a_deleted_pod_is_gone_from_every_place_and_wakes_nobody() {
    let mut world = World::new();
    let waiting = world.rejected(asking(100), FIT);
    let backing_off = world.rejected(asking(100), FIT);
    world.update(backing_off, |spec| spec.requests.placed.cpu = MilliCpu(50));
    let error = world.at(0.5).add(asking(100));
    world.fail_by_error(error);
    let alike = world.rejected(asking(100), FIT);
    let [gated, active] = [gated(&["a"]), asking(100)].map(|spec| world.add(spec));
    for pod in [backing_off, error, alike, gated, active, active] {
        world.queue.deleted(pod);
        world.stands(waiting, Place::Unschedulable);
    }
    world.queue.deleted(waiting);
    assert!(world.queue.is_empty() && world.queue.check().is_ok());
}

/// rule: queue-delete
#[test]
fn a_pod_created_again_starts_over() {
    let mut world = World::new();
    let first = world.rejected(asking(100), FIT);
    world.queue.deleted(first);
    let second = world.at(5.0).add(asking(100));
    let pod = world.queue.get(second).unwrap();
    assert_eq!((pod.attempts(), pod.timestamp()), (0, seconds(5.0)));
    world.reject(second, FIT);
    assert_eq!(world.queue.backoff_until(second), Some(seconds(6.0)));
}
