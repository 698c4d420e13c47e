//! What the descheduler decides, given what it sees.

use super::*;
use crate::object::{NodeSpec, Resources};
use crate::units::{Bytes, MilliCpu};

fn pod() -> Pod {
    Pod {
        owner: Owner::Other { pods: Some(3) },
        priority: 0,
        terminating: false,
        has_empty_dir: false,
        age: Some(Span::from_secs(60)),
        is_marked: false,
    }
}

/// defaultevictor.go `addAllConstraints`: every constraint by itself spares a pod.
///
/// rule: descheduler-protection
#[test]
fn given_a_protected_pod_then_it_is_spared_unless_it_is_marked() {
    let default = Protection::default();
    assert!(!default.spares(&pod()));
    let critical = i32::try_from(2_000_000_000_i64).unwrap();
    for spared in [
        Pod { owner: Owner::None, ..pod() },
        Pod { owner: Owner::DaemonSet, ..pod() },
        Pod { terminating: true, ..pod() },
        Pod { has_empty_dir: true, ..pod() },
        Pod { priority: critical, ..pod() },
    ] {
        assert!(default.spares(&spared), "{spared:?}");
        assert!(!default.spares(&Pod { is_marked: true, ..spared }), "{spared:?}");
    }
    assert!(!default.spares(&Pod { priority: critical - 1, ..pod() }));
}

/// rule: descheduler-protection
#[test]
fn given_settings_then_they_bound_age_priority_replicas_and_storage() {
    let aged = Protection { min_pod_age: Some(Span::from_secs(60)), ..Protection::default() };
    assert!(!aged.spares(&pod()), "as old as that is old enough");
    assert!(aged.spares(&Pod { age: Some(Span::from_secs(59)), ..pod() }));
    assert!(aged.spares(&Pod { age: None, ..pod() }), "no kubelet has it yet");
    let ranked = Protection { priority_threshold: Some(100), ..Protection::default() };
    assert!(ranked.spares(&Pod { priority: 100, ..pod() }));
    assert!(!ranked.spares(&Pod { priority: 99, ..pod() }));
    let few = Protection { min_replicas: Some(3), ..Protection::default() };
    assert!(!few.spares(&pod()));
    assert!(few.spares(&Pod { owner: Owner::Other { pods: Some(2) }, ..pod() }));
    let one = Protection { min_replicas: Some(1), ..Protection::default() };
    assert!(!one.spares(&Pod { owner: Owner::Other { pods: Some(0) }, ..pod() }), "1 is as good as none");
    let storage = Protection { evicts_local_storage: true, ..Protection::default() };
    assert!(!storage.spares(&Pod { has_empty_dir: true, ..pod() }));
}

fn suits() -> Suits {
    Suits { says_so: true, selects_here: true, here: 0, best: 80, fits: Fits::Here }
}

/// node_affinity.go `Deschedule`: the best node counts whether or not it has room.
///
/// rule: descheduler-node-affinity
#[test]
fn given_a_better_node_without_room_then_the_pod_goes_all_the_same() {
    assert!(violates(AffinityType::Preferred, false, suits()));
    assert!(!violates(AffinityType::Preferred, true, suits()), "nodeFit asks for a node that takes it");
    assert!(violates(AffinityType::Preferred, true, Suits { fits: Fits::Elsewhere, ..suits() }));
    assert!(!violates(AffinityType::Preferred, false, Suits { here: 80, ..suits() }));
    assert!(!violates(AffinityType::Preferred, false, Suits { says_so: false, ..suits() }));
    assert!(!violates(AffinityType::Required, false, suits()));
    let left = Suits { selects_here: false, ..suits() };
    assert!(violates(AffinityType::Required, false, left));
    assert!(!violates(AffinityType::Required, false, Suits { fits: Fits::Nowhere, ..left }));
}

/// evictions.go `EvictPod`: the total comes first, then the node's limit, then the namespace's.
///
/// rule: descheduler-limits
#[test]
fn given_limits_then_each_ends_the_evictions_of_its_own() {
    let limits = Limits { per_node: Some(2), per_namespace: Some(3), total: Some(4) };
    let (a, b, c) = (NodeId(0), NodeId(1), NodeId(2));
    let mut round = Round::new(limits);
    round.evicted(a, "x");
    assert_eq!(round.allows(a, "x"), Ok(()));
    round.evicted(a, "x");
    assert_eq!(round.allows(a, "y"), Err(Reached::Node(2)));
    round.evicted(b, "x");
    assert_eq!(round.allows(b, "x"), Err(Reached::Namespace(3)));
    round.evicted(b, "y");
    assert_eq!(round.allows(c, "z"), Err(Reached::Total(4)));
    assert_eq!(Round::new(limits).allows(c, "z"), Ok(()), "every round begins anew");
    assert_eq!(Reached::Total(4).to_string(), "total eviction limit exceeded (4)");
}

/// rule: descheduler-virtual-nodes-first
#[test]
fn given_room_for_two_then_no_third_pod_is_promised_it() {
    let resources =
        |cpu, memory| Resources { cpu: MilliCpu(cpu), memory: Bytes(memory), ..Resources::default() };
    let spec = NodeSpec { allocatable: resources(4000, 8), allocatable_pods: 10, ..NodeSpec::named("ecs") };
    let (taken, request) = (resources(1000, 1), resources(1500, 1));
    let usage = Usage { spec: &spec, requested: &taken, pods: 1 };
    let mut promises = Promises::default();
    for _ in 0..2 {
        assert!(promises.leave_room(NodeId(0), usage, &request));
        promises.promise(NodeId(0), &request);
    }
    assert!(!promises.leave_room(NodeId(0), usage, &request));
    assert!(promises.leave_room(NodeId(1), usage, &request), "of another node nothing was promised");
    let few = NodeSpec { allocatable_pods: 3, ..spec.clone() };
    let usage = Usage { spec: &few, requested: &Resources::default(), pods: 1 };
    assert!(!promises.leave_room(NodeId(0), usage, &Resources::default()), "two are expected there");
}
