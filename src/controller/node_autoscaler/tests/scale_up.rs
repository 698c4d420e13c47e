//! When groups grow, and which.

use std::sync::Arc;

use super::super::fixture::{World, at, group, spec};
use super::super::*;
use crate::controller::daemon_set;
use crate::object::spread::{InclusionPolicy, WhenUnsatisfiable};
use crate::object::{
    Effect, LABEL_HOSTNAME, LABEL_ZONE, Labels, NodeClass, NodeSpec, PodSpec, Resources, Selector,
    SpreadConstraint, Taint,
};
use crate::units::{Bytes, MilliCpu, Span};

fn one_group() -> World {
    World::new(vec![group("web", 0, 4, 16)])
}

/// rule: ca-trigger
#[test]
fn pods_that_no_node_could_take_get_nodes() {
    let mut world = one_group();
    let full = world.node(0);
    world.runs(full, spec(3000, 1024));
    assert_eq!(world.grows(0), [], "nobody waits");
    let pod = world.waits(spec(2000, 1024));
    let decision = world.scan(10);
    let increase = Increase { group: 0, from: 1, nodes: 1, max: 10, pods: vec![pod] };
    assert_eq!((decision.scale_up, decision.not_triggered), (vec![increase], vec![]));
}

/// A pod that a virtual node can host is bound there, and is never among those that wait; should one be told as waiting,
/// it is found to fit.
///
/// rule: ca-trigger
#[test]
fn a_virtual_node_that_takes_the_pod_keeps_it_silent() {
    let mut world = one_group();
    let allocatable =
        Resources { cpu: MilliCpu::from_cores(5000), memory: Bytes::from_gib(5000), ..Resources::default() };
    let taint = Taint {
        key: "virtual-kubelet.io/provider".to_owned(),
        value: "alibabacloud".to_owned(),
        effect: Effect::NoSchedule,
    };
    world.cluster.add_node(NodeSpec {
        class: NodeClass::Virtual,
        allocatable,
        allocatable_pods: 5000,
        taints: vec![taint.clone()],
        ..NodeSpec::named("virtual-kubelet")
    });
    let mut tolerant = spec(2000, 1024);
    tolerant.tolerations = vec![crate::object::Toleration {
        key: taint.key,
        exists: true,
        value: String::new(),
        effect: None,
        seconds: None,
    }];
    world.waits(tolerant);
    assert_eq!(world.grows(0), []);
    world.waits(spec(2000, 1024));
    assert_eq!(world.grows(10), [(0, 1)], "one that does not tolerate its taint still wants a node");
}

/// rule: ca-expendable
#[test]
fn pods_of_low_priority_start_nothing_and_take_no_room() {
    let mut world = one_group();
    world.waits(PodSpec { priority: -11, ..spec(2000, 1024) });
    assert_eq!(world.grows(0), []);
    let node = world.node(0);
    world.runs(node, PodSpec { priority: -11, ..spec(3000, 1024) });
    world.waits(spec(3000, 1024));
    assert_eq!(world.grows(10), [], "it would have the room of the pod that does not count");
    world.waits(PodSpec { priority: -10, ..spec(3000, 1024) });
    assert_eq!(world.grows(20), [(0, 1)]);
}

/// rule: ca-young-pods
#[test]
fn young_pods_wait() {
    let mut config = Config::cluster_autoscaler();
    config.new_pod_scale_up_delay = Span::from_secs(60);
    let mut world = World::with(config, vec![group("web", 0, 4, 16)]);
    let node = world.node(0);
    world.scan(0);
    world.waits_since(590, spec(5000, 1024));
    assert_eq!(world.goes(640), [node], "they are as if they were not there");
    world.pending.clear();
    world.waits_since(600, spec(3000, 1024));
    world.runs(node, spec(3000, 1024));
    assert_eq!(world.grows(659), []);
    assert_eq!(world.grows(660), [(0, 1)]);
}

/// Three pods, of which one fits: the older of the others was created at 599. The scan of 600 waits for more of them, and
/// lets no node go that was not needed since 0; that of 601 has a group grow for both.
///
/// rule: ca-new-pods
#[test]
fn a_scan_waits_for_more_while_all_pods_are_new() {
    let mut world = one_group();
    world.node(0);
    world.scan(0);
    for created in [599, 599, 600] {
        world.waits_since(created, spec(4000, 1024));
    }
    let decision = world.scan(600);
    assert_eq!((decision.scale_up, decision.remove, decision.not_triggered), (vec![], vec![], vec![]));
    assert_eq!(world.grows(601), [(0, 2)]);
    let mut world = World::with(Config::instant_elasticity(), vec![group("web", 0, 4, 16)]);
    world.waits_since(600, spec(4000, 1024));
    assert_eq!(world.grows(600), [(0, 1)], "instant elasticity has a delay of its own");
}

/// rule: ca-daemon-pods
#[test]
fn daemons_start_nothing() {
    let mut world = one_group();
    world.waits(spec(2000, 1024));
    world.pending[0].is_daemon = true;
    assert_eq!(world.grows(0), []);
}

/// rule: ca-schedulable
/// rule: ca-starting
#[test]
fn room_that_is_there_or_to_come_is_counted_first() {
    let mut world = one_group();
    let node = world.node(0);
    world.runs(node, spec(1000, 1024));
    world.waits(spec(3000, 1024));
    assert_eq!(world.grows(0), [], "it fits by now");
    world.waits(spec(3000, 1024));
    world.waits(spec(3000, 1024));
    world.requests.push(Request { group: 0, template: 0, since: at(0) });
    assert_eq!(world.grows(10), [(0, 1)], "one is there, one was asked for, one is missing");
    world.requests.push(Request { group: 0, template: 0, since: at(10) });
    assert_eq!(world.grows(20), []);
    world.requests.clear();
    let starting = world.node(0);
    world.members[1] = Member { ready: false, added: Some(at(20)), ..world.members[1] };
    let mut spec_of_it = world.cluster.node(starting).spec.clone();
    spec_of_it.taints.push(Taint {
        key: NOT_READY.to_owned(),
        value: String::new(),
        effect: Effect::NoSchedule,
    });
    world.cluster.update_node(starting, spec_of_it);
    assert_eq!(world.grows(919), [(0, 1)], "the one that starts counts as if it were ready");
    assert_eq!(world.grows(920), [(0, 2)], "but not after 15 minutes");
}

/// rule: ca-schedulable
#[test]
fn important_pods_take_the_room_first() {
    let mut world = one_group();
    world.node(0);
    let least = world.waits(spec(4000, 1024));
    world.waits(PodSpec { priority: 5, ..spec(4000, 1024) });
    assert_eq!(world.scan(0).scale_up[0].pods, [least]);
}

/// rule: ca-filters
#[test]
fn a_group_is_asked_as_the_scheduler_would_ask_its_nodes() {
    let mut tainted = group("tainted", 1, 4, 16);
    let taint = Taint { key: "own".to_owned(), value: String::new(), effect: Effect::NoSchedule };
    tainted.templates[0].taints.push(taint);
    let mut world = World::new(vec![group("small", 0, 1, 16), tainted, group("web", 2, 4, 16)]);
    let selecting =
        |pool: &str| PodSpec { node_selector: Some(Labels::from_iter([("pool", pool)])), ..spec(2000, 1024) };
    world.waits(selecting("web"));
    assert_eq!(world.grows(0), [(2, 1)]);
    world.pending.clear();
    let pod = world.waits(selecting("tainted"));
    let decision = world.scan(10);
    assert_eq!(decision.scale_up, []);
    let reasons = [
        ("node(s) didn't match Pod's node affinity/selector", 2),
        ("node(s) had untolerated taint {own: }", 1),
    ];
    let reasons = reasons.map(|(reason, groups)| (reason.to_owned(), groups)).into();
    assert_eq!(decision.not_triggered, [(pod, reasons)]);
}

/// rule: ca-filters
#[test]
fn daemons_take_their_part_of_a_new_node() {
    let mut world = one_group();
    world.waits(spec(4000, 1024));
    assert_eq!(world.grows(0), [(0, 1)]);
    world.daemons.push(Arc::new(daemon_set::with_tolerations(spec(100, 100))));
    assert_eq!(world.grows(10), []);
    assert_eq!(world.scan(20).not_triggered[0].1, Reasons::from([("Insufficient cpu".to_owned(), 1)]));
}

/// Pods of 3, 2, 2, 1 and 1 cores on nodes of 4: 3 + 1, 2 + 2, 1.
///
/// rule: ca-estimate
#[test]
fn the_largest_pods_are_packed_first() {
    let mut world = one_group();
    for cores in [1, 2, 3, 1, 2] {
        world.waits(spec(cores * 1000, 512));
    }
    assert_eq!(world.grows(0), [(0, 3)]);
    world.autoscaler.pools[0].max = 2;
    let decision = world.scan(10);
    assert_eq!((decision.scale_up[0].nodes, decision.scale_up[0].pods.len()), (2, 4), "one pod is left over");
}

/// A pod that takes half the cpu counts for less than one that takes a quarter of the cpu and half the memory.
///
/// rule: ca-estimate
#[test]
fn size_is_the_share_of_cpu_plus_the_share_of_memory() {
    let mut world = one_group();
    let wide = world.waits(spec(2000, 0));
    let tall = world.waits(spec(1000, 8 * 1024));
    assert_eq!(world.scan(0).scale_up[0].pods, [tall, wide]);
}

/// rule: ca-estimate
#[test]
fn one_scale_up_is_bounded() {
    let mut config = Config::cluster_autoscaler();
    config.max_nodes_per_scale_up = 3;
    let mut world = World::with(config, vec![group("web", 0, 4, 16)]);
    for _ in 0..5 {
        world.waits(spec(4000, 1024));
    }
    assert_eq!(world.grows(0), [(0, 3)]);
}

fn spreading(key: &str) -> PodSpec {
    let labels = Labels::from_iter([("app", "web")]);
    let constraint = SpreadConstraint {
        max_skew: 1,
        topology_key: key.to_owned(),
        when_unsatisfiable: WhenUnsatisfiable::DoNotSchedule,
        selector: Some(Selector::equals(&labels)),
        min_domains: 1,
        node_affinity_policy: InclusionPolicy::Honor,
        node_taints_policy: InclusionPolicy::Ignore,
    };
    PodSpec { labels, spread: vec![constraint], ..spec(100, 100) }
}

/// rule: ca-estimate
#[test]
fn pods_that_spread_over_nodes_get_nodes_enough() {
    let mut world = one_group();
    for _ in 0..3 {
        world.waits(spreading(LABEL_HOSTNAME));
    }
    assert_eq!(world.grows(0), [(0, 1)], "an even spread over one new node takes them all");
    let mut world = one_group();
    let node = world.node(0);
    for _ in 0..2 {
        world.runs(node, spreading(LABEL_HOSTNAME));
    }
    world.runs(node, spec(3800, 0));
    for _ in 0..3 {
        world.waits(spreading(LABEL_HOSTNAME));
    }
    assert_eq!(world.grows(0), [(0, 1)]);
}

/// Two zones with two pods each may not differ by more than one: the group of one zone helps one pod more only.
///
/// rule: ca-estimate
#[test]
fn pods_that_spread_over_zones_are_helped_as_far_as_the_spread_allows() {
    let zone = |name: &str, zone: &str, pool: usize| {
        let mut group = group(name, pool, 4, 16);
        group.templates[0].labels.set(LABEL_ZONE, zone);
        group
    };
    let mut world = World::new(vec![zone("a", "zone-a", 0), zone("b", "zone-b", 1)]);
    world.autoscaler.pools[1].max = 1;
    for group in [0, 1] {
        let node = world.node(group);
        world.runs(node, spreading(LABEL_ZONE));
        world.runs(node, spec(3900, 0));
    }
    for _ in 0..3 {
        world.waits(spreading(LABEL_ZONE));
    }
    let decision = world.scan(0);
    assert_eq!((decision.scale_up[0].group, decision.scale_up[0].pods.len()), (0, 1));
}

/// rule: ca-one-group
#[test]
fn one_group_grows_in_a_scan() {
    let only =
        |pool: &str| PodSpec { node_selector: Some(Labels::from_iter([("pool", pool)])), ..spec(2000, 1024) };
    let mut world = World::new(vec![group("a", 0, 4, 16), group("b", 1, 4, 16)]);
    world.waits(only("a"));
    world.waits(only("b"));
    let first = world.grows(0);
    assert_eq!(first.len(), 1);
    world.requests.push(Request { group: first[0].0, template: 0, since: at(0) });
    assert_eq!(world.grows(10), [(1 - first[0].0, 1)]);
}

/// rule: ca-least-waste
#[test]
fn the_expander_chooses_between_groups_that_help() {
    let mut config = Config::cluster_autoscaler();
    config.expanders = vec![Expander::LeastWaste];
    let groups = vec![group("large", 0, 16, 64), group("fitting", 1, 4, 16), group("small", 2, 2, 8)];
    let mut world = World::with(config, groups);
    world.waits(spec(4000, 16 * 1024));
    assert_eq!(world.grows(0), [(1, 1)]);
}

/// rule: ca-balance
#[test]
fn groups_that_are_alike_grow_evenly_if_they_are_balanced() {
    let alike = || {
        let mut groups = vec![group("a", 0, 4, 16), group("b", 1, 4, 16), group("c", 2, 8, 16)];
        for one in &mut groups {
            one.templates[0].labels = Labels::from_iter([(LABEL_ZONE, one.name.as_str())]);
        }
        groups
    };
    let mut config = Config::cluster_autoscaler();
    config.expanders = vec![Expander::LeastWaste];
    config.balance_similar_node_groups = true;
    let mut world = World::with(config, alike());
    let node = world.node(0);
    world.runs(node, spec(4000, 0));
    for _ in 0..3 {
        world.waits(spec(4000, 16 * 1024));
    }
    assert_eq!(world.grows(0), [(0, 1), (1, 2)], "two and two");
}

/// rule: ca-not-triggered
#[test]
fn pods_are_told_that_no_group_helps_them_only_if_none_grows() {
    let mut world = one_group();
    let large = world.waits(spec(5000, 1024));
    let small = world.waits(spec(1000, 1024));
    let decision = world.scan(0);
    assert_eq!((decision.scale_up[0].pods.clone(), decision.not_triggered), (vec![small], vec![]));
    world.pending.retain(|pending| pending.pod == large);
    let told = world.scan(10).not_triggered;
    assert_eq!(told, [(large, Reasons::from([("Insufficient cpu".to_owned(), 1)]))]);
}

/// rule: ca-ack-defaults
#[test]
fn ack_has_defaults_of_its_own() {
    let (upstream, ack) = (Config::cluster_autoscaler(), Config::ack_cluster_autoscaler());
    assert_eq!((upstream.scan_interval, ack.scan_interval), (Span::from_secs(10), Span::from_secs(60)));
    assert_eq!((upstream.expanders, ack.expanders), (vec![Expander::Random], vec![Expander::LeastWaste]));
    assert!(upstream.scale_down.skip_nodes_with_local_storage);
    assert!(!ack.scale_down.skip_nodes_with_local_storage);
    assert_eq!(ack.scale_down.max_graceful_termination, Span::from_secs(14_400));
}

/// rule: ca-instant-elasticity
#[test]
fn instant_elasticity_reacts_at_once_in_batches() {
    let config = Config::instant_elasticity();
    assert!(config.reaction.is_some_and(|after| after > Span::from_secs(3) && after < Span::from_secs(4)));
    let mut world = World::with(config, vec![group("web", 0, 4, 16)]);
    world.autoscaler.pools[0].max = 1000;
    for _ in 0..200 {
        world.waits(spec(4000, 1024));
    }
    assert_eq!(world.grows(0), [(0, 180)]);
}
