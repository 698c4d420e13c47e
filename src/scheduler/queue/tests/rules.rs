//! The rules of order, failure, backoff and the two flushes, one by one.

use super::*;
use crate::object::selector::{Operator, Requirement};
use crate::object::{NodeSelector, NodeSelectorTerm};

/// rule: queue-order
#[test]
fn active_queue_goes_by_priority_then_by_time_then_by_insertion() {
    let mut world = World::new();
    let [old, equal] = [0, 0].map(|priority| world.add(important(priority)));
    let high = world.at(1.0).add(important(5));
    let [young, low] = [0, -1].map(|priority| world.at(2.0).add(important(priority)));
    assert_eq!(world.queue.list(Place::Active), [high, old, equal, young, low]);
    assert_eq!([(); 5].map(|()| world.pop()), [high, old, equal, young, low]);
}

/// rule: queue-order
#[test]
fn a_woken_pod_goes_by_when_it_failed_not_by_when_it_was_woken() {
    let mut world = World::new();
    let failed = world.rejected(asking(100), FIT);
    let younger = world.at(20.0).add(asking(100));
    world.at(30.0).room();
    assert_eq!(world.queue.list(Place::Active), [failed, younger]);
}

/// rule: queue-order
#[test]
fn a_pod_that_failed_again_goes_behind_those_that_came_meanwhile() {
    let mut world = World::new();
    let failed = world.rejected(asking(100), FIT);
    world.at(20.0).room();
    assert_eq!(world.pop(), failed);
    let younger = world.at(21.0).add(asking(100));
    world.at(22.0).queue.unschedulable(failed, Rejectors::from([FIT]), seconds(22.0));
    world.at(40.0).room();
    assert_eq!(world.queue.list(Place::Active), [younger, failed]);
}

/// rule: queue-add
#[test]
fn a_gated_pod_is_not_tried() {
    let mut world = World::new();
    let pod = world.add(gated(&["a"]));
    world.stands(pod, Place::Gated);
    assert_eq!(world.queue.get(pod).unwrap().gated_by(), Some("SchedulingGates"));
    assert_eq!(world.queue.pop(), None);
}

/// rule: queue-pop
#[test]
fn an_empty_active_queue_pops_the_backoff_queue_at_once() {
    for (settings, from) in [(Settings::default(), Some(Place::Backoff)), (gate_off(), None)] {
        let mut world = World::with(settings);
        let pod = world.rejected(asking(100), FIT);
        world.room();
        world.stands(pod, Place::Backoff);
        assert_eq!(world.queue.is_ready(), from.is_some());
        assert_eq!(world.queue.pop().map(|popped| popped.from), from);
    }
}

/// rule: queue-pop
#[test]
fn active_queue_is_popped_before_the_backoff_queue() {
    let mut world = World::new();
    let backing_off = world.rejected(important(9), FIT);
    world.room();
    let active = world.at(0.5).add(important(0));
    assert_eq!([world.pop(), world.pop()], [active, backing_off]);
}

/// rule: queue-pop
#[test]
fn each_pop_counts_an_attempt_and_forgets_the_rejectors() {
    let mut world = World::new();
    let pod = world.rejected(asking(100), FIT);
    assert_eq!(world.queue.get(pod).unwrap().rejectors(), &Rejectors::from([FIT]));
    world.room();
    assert_eq!(world.queue.pop().unwrap(), Popped { pod, attempt: 2, from: Place::Backoff });
    assert!(world.queue.get(pod).unwrap().rejectors().is_empty());
}

/// rule: queue-unschedulable
#[test]
fn a_rejected_pod_waits_unless_an_event_helped_during_its_attempt() {
    for (rejector, place) in [(FIT, Place::Backoff), ("TaintToleration", Place::Unschedulable)] {
        let mut world = World::new();
        let pod = world.add(asking(100));
        world.room();
        assert_eq!(world.pop(), pod, "what came before the attempt does not count");
        world.room();
        world.at(0.1).queue.unschedulable(pod, Rejectors::from([rejector]), seconds(0.1));
        world.stands(pod, place);
    }
}

/// rule: queue-rejectors
#[test]
fn rejectors_are_all_that_rejected_a_node_or_restricted_the_search() {
    let mut world = World::new();
    for (name, cpu, unschedulable) in [("small", 50, false), ("cordoned", 1000, true)] {
        world.cluster.add_node(NodeSpec { unschedulable, ..node(name, cpu) });
    }
    let named = |names: &[&str]| {
        let fields = vec![Requirement {
            key: "metadata.name".to_owned(),
            operator: Operator::In,
            values: names.iter().map(|&name| name.to_owned()).collect(),
        }];
        let mut spec = asking(100);
        let terms = vec![NodeSelectorTerm { fields, ..NodeSelectorTerm::default() }];
        spec.node_affinity.required = Some(NodeSelector { terms });
        spec
    };
    for (spec, expected) in [
        (asking(100), vec![FIT, "NodeUnschedulable"]),
        (named(&["small"]), vec!["NodeAffinity", FIT]),
        (named(&["small", "cordoned"]), vec!["NodeAffinity", FIT, "NodeUnschedulable"]),
        (named(&[]), vec!["NodeAffinity"]),
    ] {
        let pod = world.add(spec);
        world.run();
        let rejectors = world.queue.get(pod).unwrap().rejectors();
        assert_eq!(rejectors.iter().copied().collect::<Vec<_>>(), expected);
    }
}

/// rule: queue-unschedulable
#[test]
fn each_event_helps_a_pod_in_flight_once() {
    let mut world = World::new();
    let pod = world.add(asking(100));
    assert_eq!(world.pop(), pod);
    world.room();
    world.queue.unschedulable(pod, Rejectors::from([FIT]), SimTime::ZERO);
    world.reject(pod, FIT);
    world.stands(pod, Place::Unschedulable);
}

/// rule: queue-unschedulable
#[test]
fn a_change_of_the_pod_itself_during_its_attempt_counts_like_an_event() {
    let mut world = World::new();
    let [pod, other] = [(); 2].map(|()| world.add(asking(100)));
    assert_eq!([world.pop(), world.pop()], [pod, other]);
    world.update(pod, |spec| spec.requests.placed.cpu = MilliCpu(50));
    for (pod, place) in [(pod, Place::Backoff), (other, Place::Unschedulable)] {
        world.queue.unschedulable(pod, Rejectors::from([FIT]), SimTime::ZERO);
        world.stands(pod, place);
    }
}

/// rule: queue-unschedulable
#[test]
fn the_leftover_flush_of_others_counts_as_an_event_for_pods_in_flight() {
    for (flushed_at, place) in [(330.0, Place::Backoff), (300.0, Place::Unschedulable)] {
        for other in [asking(100), gated(&["a"])] {
            let mut world = World::new();
            world.add(other);
            if world.queue.is_ready() {
                let other = world.pop();
                world.queue.unschedulable(other, Rejectors::from([FIT]), SimTime::ZERO);
            }
            let pod = world.at(299.0).add(asking(100));
            assert_eq!(world.pop(), pod);
            world.at(flushed_at).flush(Timer::UnschedulableLeftover);
            world.queue.unschedulable(pod, Rejectors::from(["TaintToleration"]), world.now);
            world.stands(pod, place);
        }
    }
}

/// rule: queue-unschedulable
#[test]
fn a_pod_that_was_deleted_or_bound_during_its_attempt_does_not_come_back() {
    let mut world = World::new();
    let [deleted, bound] = [(); 2].map(|()| world.add(asking(100)));
    assert_eq!([world.pop(), world.pop()], [deleted, bound]);
    world.queue.deleted(deleted);
    world.queue.unschedulable(deleted, Rejectors::from([FIT]), SimTime::ZERO);
    world.queue.error(deleted, SimTime::ZERO);
    world.queue.done(bound);
    assert!(world.queue.is_empty() && world.queue.check().is_ok());
}

/// rule: queue-error
#[test]
fn an_error_backs_off_apart_and_leaves_by_the_flush_alone() {
    let mut world = World::new();
    let pod = world.add(asking(100));
    world.fail_by_error(pod);
    world.stands(pod, Place::ErrorBackoff);
    world.at(0.5).room();
    world.at(1.0).flush(Timer::BackoffCompleted);
    world.stands(pod, Place::ErrorBackoff);
    assert_eq!(world.queue.pop(), None, "it is never popped early");
    world.at(2.0).flush(Timer::BackoffCompleted);
    world.stands(pod, Place::Active);
}

/// rule: queue-error
#[test]
fn a_rejection_resets_the_count_of_errors_and_errors_leave_that_of_rejections() {
    let mut world = World::new();
    let pod = world.add(asking(100));
    let mut backoffs = Vec::new();
    for (at, is_error) in [(0.0, true), (10.0, true), (20.0, false), (30.0, true), (40.0, false)] {
        world.at(at).flush(Timer::BackoffCompleted);
        world.room();
        if is_error {
            world.fail_by_error(pod);
        } else {
            world.reject(pod, FIT);
        }
        backoffs.push(world.queue.backoff_until(pod).unwrap().as_secs_f64() - at);
    }
    assert_eq!(backoffs, [1.0, 2.0, 1.0, 1.0, 2.0]);
}

/// rule: queue-backoff
#[test]
fn backoff_doubles_up_to_the_longest() {
    for (initial, longest, expected) in [
        (1, 10, vec![1, 2, 4, 8, 10, 10, 10]),
        (2, 20, vec![2, 4, 8, 16, 20, 20, 20]),
        (3, 3, vec![3, 3, 3, 3, 3, 3, 3]),
        (5, 60, vec![5, 10, 20, 40, 60, 60, 60]),
    ] {
        let [initial_backoff, max_backoff] = [initial, longest].map(Span::from_secs);
        let mut world = World::with(Settings { initial_backoff, max_backoff, ..Settings::default() });
        let pod = world.add(asking(100));
        let mut backoffs = Vec::new();
        for _ in &expected {
            world.reject(pod, FIT);
            backoffs.push(world.queue.backoff_until(pod).unwrap().whole_secs());
            world.room();
        }
        assert_eq!(backoffs, expected);
    }
}

/// rule: queue-backoff
#[test]
fn backoff_never_overflows_however_often_a_pod_fails() {
    let mut world = World::new();
    let pod = world.add(asking(100));
    for _ in 0..100 {
        world.reject(pod, FIT);
        world.room();
    }
    assert_eq!(world.queue.backoff_until(pod), Some(seconds(10.0)));
}

/// rule: queue-backoff
#[test]
fn a_new_pod_has_no_backoff() {
    let mut world = World::new();
    let pod = world.add(asking(100));
    assert_eq!(world.queue.backoff_until(pod), None);
}

/// rule: queue-backoff-order
#[test]
fn backoff_queue_goes_by_second_then_by_priority_then_by_time() {
    let mut world = World::new();
    let mut failing = |at, priority| world.at(at).rejected(important(priority), FIT);
    let [first, high, low] = [(0.2, 0), (1.6, 5), (1.1, 0)].map(|(at, priority)| failing(at, priority));
    let late_low = failing(1.9, 0);
    world.room();
    assert_eq!(world.queue.list(Place::Backoff), [first, high, low, late_low]);
    assert_eq!([(); 4].map(|()| world.pop()), [first, high, low, late_low]);
}

/// rule: queue-flush-backoff
#[test]
fn the_backoff_flush_moves_all_whose_backoff_is_over_from_both_queues() {
    let mut world = World::new();
    let error = world.add(asking(100));
    world.fail_by_error(error);
    let [ripe, unripe] = [0.4, 1.4].map(|at| world.at(at).rejected(asking(100), FIT));
    world.room();
    world.at(2.0).flush(Timer::BackoffCompleted);
    world.stands(error, Place::Active);
    world.stands(ripe, Place::Active);
    world.stands(unripe, Place::Backoff);
}

/// rule: queue-flush-leftover
#[test]
fn a_pod_is_tried_anyway_after_more_than_five_minutes_at_a_tick_of_thirty_seconds() {
    for (failed_at, tried_at) in [(0.0, 330.0), (29.999, 330.0), (30.0, 360.0), (31.0, 360.0)] {
        let mut world = World::new();
        let pod = world.at(failed_at).rejected(asking(100), FIT);
        assert_eq!(
            world.queue.next_timer(world.now),
            Some((seconds(tried_at), Timer::UnschedulableLeftover))
        );
        world.at(tried_at - 30.0).flush(Timer::UnschedulableLeftover);
        world.stands(pod, Place::Unschedulable);
        world.at(tried_at).flush(Timer::UnschedulableLeftover);
        world.stands(pod, Place::Active);
    }
}

/// rule: queue-flush-leftover
#[test]
fn a_leftover_pod_that_still_backs_off_goes_to_the_backoff_queue() {
    let long = Span::from_secs(3600);
    let mut world = World::with(Settings { initial_backoff: long, max_backoff: long, ..Settings::default() });
    let pod = world.rejected(asking(100), FIT);
    world.at(330.0).flush(Timer::UnschedulableLeftover);
    world.stands(pod, Place::Backoff);
}

/// rule: queue-flush-leftover
#[test]
fn a_gated_pod_is_never_flushed() {
    let mut world = World::new();
    let pod = world.add(gated(&["a"]));
    assert_eq!(world.queue.next_timer(SimTime::ZERO), None);
    world.at(3600.0).flush(Timer::UnschedulableLeftover);
    world.stands(pod, Place::Gated);
}

/// rule: queue-activate
#[test]
fn an_activated_pod_is_tried_whatever_its_backoff() {
    let mut world = World::with(gate_off());
    let pod = world.rejected(asking(100), FIT);
    world.stands(pod, Place::Unschedulable);
    world.queue.activate(pod);
    world.stands(pod, Place::Active);
    world.reject(pod, FIT);
    world.room();
    world.stands(pod, Place::Backoff);
    world.queue.activate(pod);
    world.stands(pod, Place::Active);
    let gated = world.add(gated(&["a"]));
    world.queue.activate(gated);
    world.stands(gated, Place::Gated);
    assert_eq!(world.pop(), pod);
    world.queue.activate(pod);
    world.stands(pod, Place::InFlight);
}
