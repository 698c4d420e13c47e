//! What keeps groups from growing: limits, failures, and nodes that are not ready.

use super::super::fixture::{World, at, group, spec};
use super::super::*;
use crate::object::NodeSpec;
use crate::units::{Bytes, MilliCpu};

fn one_group() -> World {
    World::new(vec![group("web", 0, 4, 16)])
}

/// rule: ca-limits
#[test]
fn no_limit_is_exceeded() {
    let pods = |world: &mut World| (0..20).for_each(|_| _ = world.waits(spec(4000, 1024)));
    let grown = |change: &dyn Fn(&mut Config)| {
        let mut config = Config::cluster_autoscaler();
        change(&mut config);
        let mut world = World::with(config, vec![group("web", 0, 4, 16)]);
        let node = world.node(0);
        world.runs(node, spec(4000, 0));
        pods(&mut world);
        world.grows(0)
    };
    assert_eq!(grown(&|_| ()), [(0, 9)], "the pool may have ten");
    assert_eq!(grown(&|config| config.max_nodes_total = Some(5)), [(0, 4)]);
    assert_eq!(grown(&|config| config.max_cores_total = Some(MilliCpu::from_cores(14))), [(0, 2)]);
    assert_eq!(grown(&|config| config.max_memory_total = Some(Bytes::from_gib(64))), [(0, 3)]);
    let mut world = one_group();
    world.autoscaler.pools[0].max = 1;
    let node = world.node(0);
    world.runs(node, spec(4000, 0));
    world.waits(spec(4000, 1024));
    let told = &world.scan(0).not_triggered[0].1;
    assert_eq!(*told, Reasons::from([("max node group size reached".to_owned(), 1)]));
}

/// rule: ca-limits
#[test]
fn groups_of_one_pool_share_its_size() {
    let mut world = World::new(vec![group("a", 0, 4, 16), group("b", 0, 8, 32)]);
    world.autoscaler.pools[0].max = 2;
    for member in [0, 1] {
        let node = world.node(member);
        world.runs(node, spec(4000, 1024));
        world.runs(node, spec(4000 * i64::try_from(member).unwrap(), 0));
    }
    world.waits(spec(4000, 1024));
    assert_eq!(world.grows(0), []);
}

/// rule: ca-backoff
#[test]
fn a_group_that_failed_is_left_alone() {
    let mut world = one_group();
    world.waits(spec(2000, 1024));
    world.autoscaler.scale_up_failed(0, at(0));
    let decision = world.scan(299);
    let told = Reasons::from([("in backoff after failed scale-up".to_owned(), 1)]);
    assert_eq!((decision.scale_up, &decision.not_triggered[0].1), (vec![], &told));
    assert_eq!(world.grows(300), [(0, 1)]);
}

/// rule: ca-provision-time
#[test]
fn a_node_that_does_not_come_is_given_up() {
    let mut world = World::new(vec![group("a", 0, 4, 16), group("b", 1, 4, 16)]);
    world.waits(spec(2000, 1024));
    world.requests.push(Request { group: 0, template: 0, since: at(0) });
    let decision = world.scan(900);
    assert_eq!((decision.given_up, decision.scale_up.len()), (vec![], 0));
    let decision = world.scan(901);
    assert_eq!((decision.given_up, decision.scale_up[0].group), (vec![0], 1), "the other group steps in");
}

/// Four of eight are more than 45 %; four of nine are not.
///
/// rule: ca-unready
#[test]
fn nothing_is_done_while_too_many_nodes_are_not_ready() {
    let mut world = one_group();
    let nodes: Vec<_> = (0..8).map(|_| world.node(0)).collect();
    for (place, &node) in nodes.iter().enumerate() {
        world.runs(node, spec(4000, 1024));
        let ready = place >= 4;
        world.members[place] = Member { ready, ..world.members[place] };
    }
    world.waits(spec(4000, 1024));
    let decision = world.scan(200);
    assert!(decision.is_unhealthy && decision.scale_up.is_empty());
    let ninth = world.node(0);
    world.runs(ninth, spec(4000, 1024));
    assert_eq!(world.grows(210), [(0, 1)]);
    let few = |unready: usize| {
        let mut world = World::new(vec![group("a", 0, 4, 16), group("b", 1, 4, 16)]);
        for place in 0..5 {
            let node = world.node(usize::from(place == 4));
            world.runs(node, spec(4000, 1024));
            let ready = place >= unready;
            world.members[place] = Member { ready, ..world.members[place] };
        }
        world.waits(spec(4000, 1024));
        world.scan(200).scale_up.len()
    };
    assert_eq!((few(3), few(4)), (1, 0), "three do not matter");
}

/// Four nodes of no group are down: of eight that is too much, of nine it is not.
///
/// rule: ca-unready
#[test]
fn nodes_of_no_group_count_in_the_health_of_the_cluster() {
    let mut world = one_group();
    world.unready_others = 4;
    for _ in 0..8 {
        let node = world.node(0);
        world.runs(node, spec(4000, 1024));
    }
    world.members.truncate(4);
    world.waits(spec(4000, 1024));
    assert!(world.scan(200).is_unhealthy);
    world.cluster.add_node(NodeSpec::named("virtual-kubelet"));
    assert_eq!(world.grows(210), [(0, 1)]);
}
