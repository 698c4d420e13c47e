use super::*;
use Action::{Evict, NotReady, Spare};

fn at(seconds: u64) -> SimTime {
    SimTime::from_secs(seconds)
}

const fn node(number: u32) -> NodeId {
    NodeId(number)
}

/// Given zones of so many ready nodes; nodes are numbered through, zone by zone.
fn given(sizes: &[(&str, usize)]) -> NodeLifecycle {
    let mut controller = NodeLifecycle::default();
    for (zone, size) in sizes {
        (0..*size).for_each(|_| controller.node_added(zone));
    }
    controller
}

/// What it does until `until`, looking whenever it wants to.
fn actions(controller: &mut NodeLifecycle, from: u64, until: u64) -> Vec<(u64, Action)> {
    let (mut now, mut done) = (at(from), Vec::new());
    while let Some(next) = controller.next_look(now).filter(|next| *next <= at(until)) {
        now = next;
        done.extend(controller.look(now).into_iter().map(|action| (now.whole_secs(), action)));
    }
    done
}

#[test]
fn given_ready_nodes_there_is_nothing_to_see() {
    assert_eq!(given(&[("h", 3)]).next_look(at(0)), None);
}

/// rule: node-monitor-grace
/// rule: node-no-execute
#[test]
fn given_a_silent_node_when_its_grace_is_over_then_it_is_not_ready_and_at_the_next_look_evicted() {
    let mut controller = given(&[("h", 3)]);
    controller.falls_silent(node(0), "h", at(100));
    assert_eq!(actions(&mut controller, 100, 1000), [(150, NotReady(node(0))), (155, Evict(node(0)))]);
    let mut controller = given(&[("h", 3)]);
    controller.falls_silent(node(0), "h", at(101));
    assert_eq!(actions(&mut controller, 101, 1000), [(155, NotReady(node(0))), (160, Evict(node(0)))]);
}

/// rule: node-no-execute
#[test]
fn given_several_silent_nodes_then_one_is_evicted_every_ten_seconds() {
    let mut controller = given(&[("h", 10)]);
    (0..3).for_each(|number| controller.falls_silent(node(number), "h", at(100)));
    let done = actions(&mut controller, 100, 1000);
    let evicted: Vec<_> = done.iter().filter(|(_, action)| matches!(action, Evict(_))).collect();
    assert_eq!(evicted, [&(155, Evict(node(0))), &(165, Evict(node(1))), &(175, Evict(node(2)))]);
}

/// rule: node-returns
#[test]
fn given_an_evicted_node_when_it_answers_then_it_is_spared_at_the_next_look() {
    let mut controller = given(&[("h", 3)]);
    controller.falls_silent(node(0), "h", at(100));
    actions(&mut controller, 100, 200);
    assert!(controller.answers(node(0)), "it was not ready");
    assert_eq!(actions(&mut controller, 201, 1000), [(205, Spare(node(0)))]);
    assert_eq!(controller.next_look(at(205)), None);
}

#[test]
fn given_a_silent_node_when_it_answers_in_time_then_nothing_has_happened() {
    let mut controller = given(&[("h", 3)]);
    controller.falls_silent(node(0), "h", at(100));
    assert!(!controller.answers(node(0)), "nobody knows");
    assert_eq!(actions(&mut controller, 120, 1000), []);
}

#[test]
fn given_a_node_that_answers_for_a_moment_then_it_is_spared_and_found_again() {
    let mut controller = given(&[("h", 3)]);
    controller.falls_silent(node(0), "h", at(100));
    actions(&mut controller, 100, 200);
    controller.answers(node(0));
    controller.falls_silent(node(0), "h", at(201));
    let expected = [(205, Spare(node(0))), (255, NotReady(node(0))), (260, Evict(node(0)))];
    assert_eq!(actions(&mut controller, 201, 1000), expected);
}

/// Three of five are 60 %. The first has been evicted before the zone's state is known to be another.
///
/// rule: node-zone-states
#[test]
fn given_a_small_zone_in_partial_disruption_then_nobody_is_evicted_until_it_is_over() {
    let mut controller = given(&[("h", 5), ("i", 1)]);
    (0..3).for_each(|number| controller.falls_silent(node(number), "h", at(100)));
    let done = actions(&mut controller, 100, 300);
    assert_eq!(done, [0, 1, 2].map(|number| (150, NotReady(node(number)))));
    controller.answers(node(2));
    // Normal again at 305 s; the queue, which had to wait, does so for a whole interval more.
    let expected = [(315, Evict(node(0))), (325, Evict(node(1)))];
    assert_eq!(actions(&mut controller, 301, 1000), expected);
}

/// rule: node-zone-states
#[test]
fn given_a_large_zone_in_partial_disruption_then_nodes_are_evicted_more_slowly() {
    let mut controller = given(&[("h", 60), ("i", 1)]);
    (0..33).for_each(|number| controller.falls_silent(node(number), "h", at(100)));
    let done = actions(&mut controller, 100, 360);
    let evicted: Vec<_> = done.into_iter().filter(|(_, action)| matches!(action, Evict(_))).collect();
    assert_eq!(evicted, [0, 1, 2].map(|number| (155 + 100 * u64::from(number), Evict(node(number)))));
}

/// rule: node-zone-states
#[test]
fn given_a_zone_without_a_ready_node_then_it_is_evicted_at_the_usual_rate() {
    let mut controller = given(&[("h", 3), ("i", 1)]);
    (0..3).for_each(|number| controller.falls_silent(node(number), "h", at(100)));
    let done = actions(&mut controller, 100, 1000);
    let evicted: Vec<_> = done.into_iter().filter(|(_, action)| matches!(action, Evict(_))).collect();
    assert_eq!(evicted, [0, 1, 2].map(|number| (155 + 10 * u64::from(number), Evict(node(number)))));
}

/// rule: node-all-zones
#[test]
fn given_no_ready_node_anywhere_then_taints_go_and_nobody_is_evicted_until_one_is_back() {
    let mut controller = given(&[("h", 1), ("i", 2)]);
    controller.falls_silent(node(0), "h", at(100));
    controller.falls_silent(node(1), "i", at(120));
    controller.falls_silent(node(2), "i", at(120));
    let expected = [
        (150, NotReady(node(0))),
        (155, Evict(node(0))),
        (170, NotReady(node(1))),
        (170, NotReady(node(2))),
        (170, Spare(node(0))),
    ];
    assert_eq!(actions(&mut controller, 100, 500), expected);
    controller.answers(node(2));
    // Known at 505 s; every queue had to wait, so that each begins a whole interval later.
    let expected = [(515, Evict(node(0))), (515, Evict(node(1)))];
    assert_eq!(actions(&mut controller, 501, 1000), expected);
}

/// rule: node-all-zones
#[test]
fn given_a_node_that_fell_silent_while_all_were_down_then_it_gets_its_grace_anew() {
    let mut controller = given(&[("h", 1)]);
    controller.falls_silent(node(0), "h", at(100));
    actions(&mut controller, 100, 200);
    controller.answers(node(0));
    controller.falls_silent(node(0), "h", at(202));
    assert_eq!(actions(&mut controller, 202, 1000), [(255, NotReady(node(0)))]);
}

#[test]
fn given_a_silent_node_when_it_is_deleted_then_its_zone_is_without_it() {
    let mut controller = given(&[("h", 2), ("i", 1)]);
    controller.falls_silent(node(0), "h", at(100));
    actions(&mut controller, 100, 152);
    controller.node_removed(node(0), "h");
    assert_eq!(actions(&mut controller, 152, 1000), []);
    controller.falls_silent(node(1), "h", at(1000));
    let expected = [(1050, NotReady(node(1))), (1055, Evict(node(1)))];
    assert_eq!(actions(&mut controller, 1000, 2000), expected);
}

#[test]
fn given_a_silent_node_that_waits_for_its_taint_when_it_moves_then_it_waits_in_its_new_zone() {
    let mut controller = given(&[("h", 4), ("i", 1)]);
    (0..2).for_each(|number| controller.falls_silent(node(number), "h", at(100)));
    actions(&mut controller, 100, 156);
    controller.node_moved(node(1), "h", "i");
    assert_eq!(actions(&mut controller, 157, 1000), [(157, Evict(node(1)))]);
}
