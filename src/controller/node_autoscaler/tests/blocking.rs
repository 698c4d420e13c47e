//! Which pods keep their node from being removed.

use super::super::drainability::{Blocker, SAFE_TO_EVICT, SAFE_VOLUMES};
use super::super::fixture::spec;
use super::super::*;
use super::scale_down::two_nodes;
use crate::controller::drain::Keeper;
use crate::object::volume::LocalVolume;
use crate::object::{DisruptionBudget, Labels, PodSpec, Selector, Volume};

fn blocker(pod: PodSpec, keeper: Keeper) -> Option<Blocker> {
    let (mut world, node, id) = two_nodes(pod);
    world.keepers.insert(id, keeper);
    match world.stays(0, node) {
        Some(Unremovable::BlockedByPod(by, blocker)) if by == id => Some(blocker),
        Some(Unremovable::NotUnneededLongEnough) => None,
        other => panic!("{other:?}"),
    }
}

fn annotated(pod: PodSpec, key: &str, value: &str) -> PodSpec {
    PodSpec { annotations: Labels::from_iter([(key, value)]), ..pod }
}

/// rule: ca-blocking-pods
#[test]
fn pods_that_nobody_would_make_again_keep_their_node() {
    let bare = spec(100, 100);
    assert_eq!(blocker(bare.clone(), Keeper::None), Some(Blocker::NotReplicated));
    assert_eq!(blocker(bare.clone(), Keeper::Other), None);
    assert_eq!(blocker(annotated(bare.clone(), SAFE_TO_EVICT, "true"), Keeper::None), None);
    let unsafe_to_evict = annotated(bare, SAFE_TO_EVICT, "false");
    assert_eq!(blocker(unsafe_to_evict.clone(), Keeper::Other), Some(Blocker::NotSafeToEvictAnnotation));
    assert_eq!(blocker(unsafe_to_evict, Keeper::DaemonSet), None);
}

/// rule: ca-blocking-pods
#[test]
fn pods_of_the_system_and_local_storage_keep_their_node() {
    let system = PodSpec { namespace: "kube-system".to_owned(), ..spec(100, 100) };
    assert_eq!(blocker(system, Keeper::Other), Some(Blocker::UnmovableKubeSystemPod));
    let cache = with_volumes(&[("cache", Some(LocalVolume::EmptyDir))]);
    assert_eq!(blocker(cache, Keeper::Other), Some(Blocker::LocalStorageRequested));
}

fn with_volumes(volumes: &[(&str, Option<LocalVolume>)]) -> PodSpec {
    let volume = |(name, local): &(&str, Option<LocalVolume>)| {
        let (name, local) = ((*name).to_owned(), *local);
        Volume { name, files: Vec::new(), local, injected_by: None }
    };
    PodSpec { volumes: volumes.iter().map(volume).collect(), ..spec(100, 100) }
}

/// All volumes on the node's disk must be named, and a blank is part of a name.
///
/// rule: ca-local-storage
#[test]
fn local_storage_is_what_is_on_the_disk_of_the_node() {
    use LocalVolume::{EmptyDir, HostPath, InMemory};
    let blocks = |pod: PodSpec| blocker(pod, Keeper::Other) == Some(Blocker::LocalStorageRequested);
    assert!(blocks(with_volumes(&[("a", Some(EmptyDir))])));
    assert!(blocks(with_volumes(&[("a", Some(HostPath))])));
    assert!(!blocks(with_volumes(&[("a", Some(InMemory)), ("b", None)])));
    let two = with_volumes(&[("a", Some(EmptyDir)), ("b", Some(HostPath))]);
    let blocks_naming = |names: &str| blocks(annotated(two.clone(), SAFE_VOLUMES, names));
    assert!(!blocks_naming("b,a"));
    assert!(blocks_naming("a"));
    assert!(blocks_naming("b, a"));
}

fn budget() -> DisruptionBudget {
    DisruptionBudget {
        namespace: "kube-system".to_owned(),
        name: "dns".to_owned(),
        selector: Some(Selector::equals(&Labels::default())),
        bound: None,
        always_evict_unhealthy: false,
    }
}

/// rule: ca-blocking-pods
#[test]
fn a_budget_decides_about_pods_of_the_system_too() {
    let system = PodSpec { namespace: "kube-system".to_owned(), ..spec(100, 100) };
    let (mut world, node, pod) = two_nodes(system.clone());
    world.budgets.push((budget(), 1));
    assert_eq!(world.scan(0).unneeded, [node]);
    world.budgets[0].1 = 0;
    let blocked = |pod| Some(Unremovable::BlockedByPod(pod, Blocker::NotEnoughPdb));
    assert_eq!(world.stays(10, node), blocked(pod));
    // Two nodes with such a pod each: what one takes of the budget the other cannot have.
    let (mut world, node, _) = two_nodes(system.clone());
    let third = world.node(0);
    let another = world.runs(third, system);
    world.budgets.push((budget(), 1));
    let decision = world.scan(0);
    assert_eq!(decision.unneeded, [node]);
    assert_eq!(decision.unremovable[1], (third, blocked(another).unwrap()));
}
