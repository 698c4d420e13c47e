//! When nodes are not needed, and what keeps them.

use std::sync::Arc;

use super::super::fixture::{World, at, group, spec};
use super::super::scale_down::SCALE_DOWN_DISABLED;
use super::super::*;
use crate::controller::drain::Keeper;
use crate::object::{NodeClass, NodeSpec, PodSpec};
use crate::units::Span;

fn one_group() -> World {
    World::new(vec![group("web", 0, 4, 16)])
}

/// Two nodes, the first with a pod that could go to the second.
pub(super) fn two_nodes(pod: PodSpec) -> (World, NodeId, PodId) {
    let mut world = one_group();
    let (first, second) = (world.node(0), world.node(0));
    world.runs(second, spec(2000, 1024));
    let pod = world.runs(first, pod);
    (world, first, pod)
}

/// rule: ca-unneeded-time
#[test]
fn a_node_goes_after_ten_minutes_without_need() {
    let mut world = one_group();
    let node = world.node(0);
    assert_eq!(world.scan(0).unneeded, [node]);
    assert_eq!(world.stays(599, node), Some(Unremovable::NotUnneededLongEnough));
    assert_eq!(world.goes(600), [node]);
}

/// rule: ca-unneeded-time
#[test]
fn a_node_that_was_needed_in_between_starts_anew() {
    let (mut world, node, pod) = two_nodes(spec(1000, 1024));
    world.scan(0);
    world.cluster.unbind(pod);
    let more = world.runs(node, spec(3000, 1024));
    world.scan(300);
    world.cluster.unbind(more);
    world.scan(310);
    assert_eq!(world.stays(905, node), Some(Unremovable::NotUnneededLongEnough));
    assert_eq!(world.goes(910), [node]);
}

/// rule: ca-unneeded-time
#[test]
fn a_node_that_is_not_ready_goes_after_twenty_minutes() {
    let mut world = one_group();
    let node = world.node(0);
    world.members[0] = Member { ready: false, ..world.members[0] };
    world.scan(100);
    assert_eq!(world.stays(1299, node), Some(Unremovable::NotUnreadyLongEnough));
    assert_eq!(world.goes(1300), [node]);
}

/// 1999m of 4000m are 0.49975, 2000m are 0.5; 8 GiB of 16 are 0.5 too.
///
/// rule: ca-utilization
#[test]
fn half_of_the_cpu_or_of_the_memory_keeps_a_node() {
    let stays = |pod: PodSpec| {
        let (mut world, node, _) = two_nodes(pod);
        world.stays(0, node)
    };
    assert_eq!(stays(spec(1999, 1024)), Some(Unremovable::NotUnneededLongEnough));
    let half = Unremovable::NotUnderutilized(Utilization(500_000));
    assert_eq!(stays(spec(2000, 1024)), Some(half));
    assert_eq!(stays(spec(100, 8 * 1024)), Some(half));
}

/// rule: ca-utilization
#[test]
fn what_pods_request_keeps_nodes_that_are_not_ready_too() {
    let (mut world, node, _) = two_nodes(spec(2000, 1024));
    world.members[0].ready = false;
    assert_eq!(world.stays(0, node), Some(Unremovable::NotUnderutilized(Utilization(500_000))));
}

/// A pod of 1600m and a daemon of 800m: 0.6 of all, or 1600 of 3200 without it.
///
/// rule: ca-utilization
#[test]
fn daemons_count_unless_they_are_ignored() {
    let stays = |ignore: bool, pod: i64| {
        let mut config = Config::cluster_autoscaler();
        config.scale_down.ignore_daemon_sets_utilization = ignore;
        let mut world = World::with(config, vec![group("web", 0, 4, 16)]);
        let (first, second) = (world.node(0), world.node(0));
        world.runs(second, spec(2000, 0));
        world.runs(first, spec(pod, 0));
        let daemon = world.runs(first, spec(800, 0));
        world.keepers.insert(daemon, Keeper::DaemonSet);
        world.stays(0, first)
    };
    let too_much = |millionths| Some(Unremovable::NotUnderutilized(Utilization(millionths)));
    assert_eq!(stays(false, 1600), too_much(600_000));
    assert_eq!(stays(true, 1600), too_much(500_000));
    assert_eq!(stays(true, 1500), Some(Unremovable::NotUnneededLongEnough));
    assert_eq!(Utilization(512_500).to_string(), "0.512500");
}

/// rule: ca-drain-simulation
#[test]
fn pods_must_fit_elsewhere() {
    let (mut world, node, pod) = two_nodes(spec(1900, 1024));
    assert_eq!(world.scan(0).unneeded, [node]);
    let other = world.members[1].node;
    world.runs(other, spec(200, 0));
    assert_eq!(world.stays(10, node), Some(Unremovable::NoPlaceToMovePods(pod)));
    assert_eq!(world.autoscaler.unneeded.get(&node), None);
}

/// rule: ca-drain-simulation
#[test]
fn what_did_not_fit_is_tried_again_after_five_minutes() {
    let (mut world, node, pod) = two_nodes(spec(1900, 1024));
    let more = world.runs(world.members[1].node, spec(200, 0));
    assert_eq!(world.stays(0, node), Some(Unremovable::NoPlaceToMovePods(pod)));
    world.cluster.unbind(more);
    assert_eq!(world.stays(299, node), Some(Unremovable::NoPlaceToMovePods(pod)));
    assert_eq!(world.scan(300).unneeded, [node]);
}

/// Three nodes of which each could take the pods of one other, but not of two: one is not needed. An empty one is no
/// place to move to.
///
/// rule: ca-drain-simulation
#[test]
fn nodes_that_were_found_before_are_gone() {
    let mut world = one_group();
    let nodes = [world.node(0), world.node(0), world.node(0)];
    for node in nodes {
        world.runs(node, spec(1900, 1024));
    }
    assert_eq!(
        world.scan(0).unneeded,
        [nodes[0]],
        "the second would need the third, which has 3800m by then"
    );
    let mut world = one_group();
    let (busy, empty) = (world.node(0), world.node(0));
    let pod = world.runs(busy, spec(1000, 1024));
    let decision = world.scan(0);
    assert_eq!(decision.unneeded, [empty]);
    assert!(decision.unremovable.contains(&(busy, Unremovable::NoPlaceToMovePods(pod))));
}

/// rule: ca-virtual-destination
#[test]
fn a_virtual_node_is_a_place_to_move_to() {
    let mut world = one_group();
    let node = world.node(0);
    world.runs(node, spec(1000, 1024));
    let mut large = group("large", 0, 1000, 1000).templates.remove(0);
    large.class = NodeClass::Virtual;
    let removes = |world: &mut World| world.scan(0).unneeded;
    assert_eq!(removes(&mut world), []);
    world.autoscaler.forget_node(node);
    world.cluster.add_node(NodeSpec { name: "virtual".to_owned(), ..large });
    assert_eq!(removes(&mut world), [node]);
}

/// The pod was to have ended at 130 with its grace period of 30 s; from 160 on nobody waits for it any more.
///
/// rule: ca-long-terminating
#[test]
fn a_pod_that_does_not_end_is_taken_for_gone() {
    let (mut world, node, pod) = two_nodes(PodSpec { grace: Span::from_secs(30), ..spec(1900, 1024) });
    world.runs(world.members[1].node, spec(200, 0));
    world.deleted.insert(pod, at(100));
    assert_eq!(world.stays(160, node), Some(Unremovable::NoPlaceToMovePods(pod)));
    world.autoscaler.forget_node(node);
    assert_eq!(world.scan(161).unneeded, [node]);
}

/// A node that has failed, full of pods that nobody can end: from 160 on they request nothing, so that it is not needed;
/// it goes as an empty one 20 minutes later.
///
/// rule: ca-long-terminating
/// rule: ca-unneeded-time
#[test]
fn pods_that_do_not_end_keep_no_failed_node() {
    let (mut world, node, pod) = two_nodes(PodSpec { grace: Span::from_secs(30), ..spec(4000, 1024) });
    world.members[0].ready = false;
    world.deleted.insert(pod, at(100));
    assert_eq!(world.stays(160, node), Some(Unremovable::NotUnderutilized(Utilization(1_000_000))));
    assert_eq!(world.stays(170, node), Some(Unremovable::NotUnreadyLongEnough));
    let removal = Removal { node, utilization: Utilization(0), pods: vec![] };
    assert_eq!(world.scan(1370).remove, [removal]);
}

/// The pods of the node that is being drained have room on one of the two others, which is taken by them: the pods of
/// neither could go to the other.
///
/// rule: ca-drained-pods
#[test]
fn pods_that_are_being_drained_take_their_room_elsewhere() {
    let mut world = one_group();
    let nodes = [world.node(0), world.node(0), world.node(0)];
    let leaving = world.runs(nodes[0], spec(1500, 1024));
    world.runs(nodes[0], PodSpec { priority: -11, ..spec(1500, 1024) });
    let others = [world.runs(nodes[1], spec(1500, 1024)), world.runs(nodes[2], spec(1500, 1024))];
    world.members[0].deleting = true;
    let full = NodeSpec { unschedulable: true, ..world.cluster.node(nodes[0]).spec.clone() };
    world.cluster.update_node(nodes[0], full);
    let no_place = |place: usize| (nodes[place + 1], Unremovable::NoPlaceToMovePods(others[place]));
    assert_eq!(world.scan(0).unremovable, [no_place(0), no_place(1)]);
    for node in nodes {
        world.autoscaler.forget_node(node);
    }
    world.deleted.insert(leaving, at(0));
    assert_eq!(world.scan(0).unneeded, [nodes[1]], "one that was told to end is replaced already");
}

/// A pod of 1 core could go to the node that was asked for, but that is not there.
///
/// rule: ca-virtual-destination
#[test]
fn a_node_that_is_to_come_is_no_place_to_move_to() {
    let mut world = one_group();
    let node = world.node(0);
    let pod = world.runs(node, spec(1000, 1024));
    world.requests.push(Request { group: 0, template: 0, since: at(0) });
    assert_eq!(world.stays(0, node), Some(Unremovable::NoPlaceToMovePods(pod)));
}

/// The node was not needed since 0; from the scale-up of 600 on it is not known that it was.
///
/// rule: ca-scale-up-first
#[test]
fn a_scan_that_has_a_group_grow_removes_nothing() {
    let mut world = World::new(vec![group("a", 0, 4, 16), group("b", 1, 8, 32)]);
    let node = world.node(0);
    world.scan(0);
    world.waits(spec(8000, 1024));
    let decision = world.scan(600);
    assert_eq!((decision.scale_up.len(), decision.remove, decision.unneeded), (1, vec![], vec![]));
    assert_eq!(world.autoscaler.unneeded.get(&node), Some(&at(0)));
}

/// rule: ca-scale-down-disabled
#[test]
fn a_node_that_says_so_stays() {
    let mut world = one_group();
    let node = world.node(0);
    let mut spec = world.cluster.node(node).spec.clone();
    spec.annotations.set(SCALE_DOWN_DISABLED, "true");
    world.cluster.update_node(node, spec);
    assert_eq!(world.stays(0, node), Some(Unremovable::ScaleDownDisabledAnnotation));
}

/// rule: ca-min-size
#[test]
fn a_pool_keeps_its_minimum() {
    let mut world = one_group();
    let nodes = [world.node(0), world.node(0), world.node(0)];
    world.autoscaler.pools[0].min = 2;
    world.scan(0);
    let decision = world.scan(600);
    let gone: Vec<_> = decision.remove.iter().map(|one| one.node).collect();
    assert_eq!(gone, [nodes[0]]);
    assert!(decision.unremovable.contains(&(nodes[1], Unremovable::NodeGroupMinSizeReached)));
    world.members.remove(0);
    assert_eq!(world.stays(610, nodes[1]), Some(Unremovable::NodeGroupMinSizeReached));
}

/// A scale-up at 300: nothing goes before 900, though it was not needed since 0.
///
/// rule: ca-cooldown
#[test]
fn nothing_goes_soon_after_a_scale_up() {
    let mut world = World::new(vec![group("a", 0, 4, 16), group("b", 1, 8, 32)]);
    let node = world.node(0);
    world.autoscaler.pools[0].max = 1;
    world.scan(0);
    world.waits(spec(8000, 1024));
    assert_eq!(world.grows(300), [(1, 1)]);
    world.pending.clear();
    assert_eq!(world.stays(899, node), Some(Unremovable::WaitsForOthers));
    assert_eq!(world.goes(900), [node]);
}

/// rule: ca-cooldown
#[test]
fn nothing_goes_soon_after_a_removal_failed() {
    let mut world = one_group();
    let (first, second) = (world.node(0), world.node(0));
    world.scan(0);
    assert_eq!(world.goes(600), [first, second]);
    world.autoscaler.removal_failed(first, at(610));
    assert_eq!(world.goes(789), []);
    assert_eq!(world.goes(790), [second], "the other was not needed all the time");
}

/// Three empty nodes of a pool that removes one at a time: the second goes a minute after the scan that chose the first,
/// whenever the first is gone.
///
/// rule: ca-cooldown
#[test]
fn a_delay_after_a_removal_runs_from_the_scan_that_begins_it() {
    let mut config = Config::cluster_autoscaler();
    config.scale_down.max_parallelism = 1;
    config.scale_down.delay_after_delete = Span::from_secs(60);
    let mut world = World::with(config, vec![group("web", 0, 4, 16)]);
    let nodes = [world.node(0), world.node(0)];
    world.scan(0);
    assert_eq!(world.goes(600), [nodes[0]]);
    world.members.remove(0);
    world.autoscaler.forget_node(nodes[0]);
    assert_eq!(world.stays(659, nodes[1]), Some(Unremovable::WaitsForOthers));
    assert_eq!(world.goes(660), [nodes[1]]);
}

/// After the scale-up of 300 the node of the other group is unneeded, but marked only from 900 on.
///
/// rule: ca-cooldown
#[test]
fn nothing_is_to_be_marked_while_nothing_may_go() {
    let mut config = Config::cluster_autoscaler();
    config.scale_down.unneeded_time = Span::from_secs(1200);
    let mut world = World::with(config, vec![group("a", 0, 4, 16), group("b", 1, 8, 32)]);
    let node = world.node(0);
    let may_remove = |world: &mut World, second: u64| {
        let decision = world.scan(second);
        (decision.unneeded, decision.may_remove)
    };
    assert_eq!(may_remove(&mut world, 0), (vec![node], true));
    world.waits(spec(8000, 1024));
    assert_eq!(may_remove(&mut world, 300), (vec![], false), "a group grows");
    world.pending.clear();
    assert_eq!(may_remove(&mut world, 899), (vec![node], false));
    assert_eq!(may_remove(&mut world, 900), (vec![node], true));
    world.autoscaler.pools[0].min = 1;
    assert_eq!(may_remove(&mut world, 910), (vec![], false), "no pool can spare a node");
}

/// rule: ca-parallelism
#[test]
fn ten_go_at_once_and_one_with_pods() {
    let mut world = one_group();
    let empty: Vec<_> = (0..9).map(|_| world.node(0)).collect();
    let with_pods: Vec<_> = (0..3).map(|_| world.node(0)).collect();
    world.autoscaler.pools[0].max = 20;
    for &node in &with_pods {
        world.runs(node, spec(100, 100));
    }
    let full = world.node(0);
    world.runs(full, spec(2000, 1024));
    world.scan(0);
    let mut expected = empty.clone();
    expected.push(with_pods[0]);
    assert_eq!(world.goes(600), expected);
    for &node in &expected {
        let member = world.members.iter_mut().find(|member| member.node == node).unwrap();
        member.deleting = true;
    }
    assert_eq!(world.goes(610), []);
    world.members.retain(|member| !empty.contains(&member.node));
    assert_eq!(world.goes(620), [], "a node is being drained");
    world.members.retain(|member| !member.deleting);
    assert_eq!(world.goes(630), [with_pods[1]]);
}

/// rule: ca-expendable
#[test]
fn pods_of_low_priority_keep_no_node() {
    let (mut world, node, _) = two_nodes(PodSpec { priority: -11, ..spec(1000, 1024) });
    world.runs(world.members[1].node, spec(1900, 0));
    assert_eq!(world.scan(0).unneeded, [node], "it would fit nowhere, and need not");
}

/// rule: ca-drain-simulation
#[test]
fn pods_of_daemon_sets_need_no_other_place() {
    let mut world = one_group();
    world.daemons.push(Arc::new(spec(100, 100)));
    let node = world.node(0);
    let daemon = world.runs(node, spec(100, 100));
    world.keepers.insert(daemon, Keeper::DaemonSet);
    world.scan(0);
    let removal = Removal { node, utilization: Utilization(25_000), pods: vec![] };
    assert_eq!(world.scan(600).remove, [removal]);
}

#[test]
fn nothing_goes_where_that_is_switched_off() {
    let mut config = Config::cluster_autoscaler();
    config.scale_down.enabled = false;
    config.scale_down.unneeded_time = Span::ZERO;
    let mut world = World::with(config, vec![group("web", 0, 4, 16)]);
    world.node(0);
    assert_eq!(world.goes(0), []);
}
