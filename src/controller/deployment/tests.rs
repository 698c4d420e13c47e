use super::*;
use crate::units::IntOrPercent::{self, Int, Percent};

fn rolling(replicas: u32, max_surge: IntOrPercent, max_unavailable: IntOrPercent) -> Spec {
    Spec {
        replicas,
        strategy: Strategy::RollingUpdate { max_surge, max_unavailable },
        min_ready: Span::ZERO,
        paused: false,
        history: DEFAULT_HISTORY,
    }
}

/// A ReplicaSet of so many pods, so many of them available, that was scaled last when the Deployment was as `spec` says.
fn set(spec: &Spec, replicas: u32, available: u32) -> ReplicaSet {
    let sizes = Some(spec.sizes());
    ReplicaSet { replicas, pods: replicas, available, left: replicas, sizes, revision: 1 }
}

fn synced(spec: &Spec, sets: &[ReplicaSet], new: Option<usize>) -> Vec<Change> {
    sync(&Observation { spec, sets, new })
}

/// Given an old ReplicaSet and a new one, the new one comes to `expected`, or stays.
#[track_caller]
fn check_growth(replicas: u32, surge: u32, old: u32, new: u32, expected: Option<u32>) {
    // Nothing may become unavailable: the old one shrinks only as far as new pods are available, and none is.
    let spec = rolling(replicas, Int(surge), Int(0));
    let sets = [set(&spec, old, old.min(replicas)), set(&spec, new, 0)];
    let expected: Vec<_> = expected.map(|replicas| Change::Scale { set: 1, replicas }).into_iter().collect();
    assert_eq!(synced(&spec, &sets, Some(1)), expected);
}

/// pkg/controller/deployment/rolling_test.go `TestDeploymentController_reconcileNewReplicaSet`
/// rule: rolling-update-surge
#[test]
fn the_new_set_grows_as_far_as_the_surge_allows() {
    check_growth(10, 2, 10, 0, Some(2));
    check_growth(10, 2, 5, 0, Some(7));
    check_growth(10, 2, 10, 2, None);
    check_growth(10, 2, 2, 11, Some(10));
    check_growth(10, 0, 4, 3, Some(6));
}

/// Given so many old pods (some available) and new ones, the old set comes to the sizes of `expected`, one by one.
#[track_caller]
fn check_shrinking(unavailable: u32, old: (u32, u32), new: (u32, u32), expected: &[u32]) {
    let spec = rolling(10, Int(0), Int(unavailable));
    let sets = [set(&spec, old.0, old.1), set(&spec, new.0, new.1)];
    let changes = synced(&spec, &sets, Some(1));
    let expected: Vec<_> = expected.iter().map(|&replicas| Change::Scale { set: 0, replicas }).collect();
    assert_eq!(changes, expected);
}

/// pkg/controller/deployment/rolling_test.go `TestDeploymentController_reconcileOldReplicaSets`
/// rule: rolling-update-availability
#[test]
fn old_sets_shrink_as_far_as_enough_pods_stay_available() {
    check_shrinking(2, (10, 10), (0, 0), &[8]);
    check_shrinking(2, (8, 8), (2, 0), &[]);
    check_shrinking(2, (8, 8), (2, 1), &[7]);
    check_shrinking(2, (8, 8), (2, 2), &[6]);
    check_shrinking(2, (0, 0), (10, 10), &[]);
    // With nothing allowed by either bound one pod may be unavailable.
    check_shrinking(0, (10, 10), (0, 0), &[9]);
}

/// pkg/controller/deployment/rolling_test.go `TestDeploymentController_cleanupUnhealthyReplicas`
/// rule: rolling-update-unhealthy-first
#[test]
fn old_pods_that_are_not_available_go_first() {
    check_shrinking(2, (10, 8), (0, 0), &[8]);
    check_shrinking(2, (10, 9), (0, 0), &[9, 8]);
    // Nothing of the old set serves: only as much goes as the bound leaves.
    check_shrinking(2, (10, 0), (0, 0), &[8]);
}

/// Sets are in order of creation: the first is the oldest.
/// rule: rolling-update-availability
#[test]
fn the_oldest_set_shrinks_first() {
    let spec = rolling(10, Int(0), Int(4));
    let sets = [set(&spec, 3, 3), set(&spec, 7, 7), set(&spec, 0, 0)];
    let shrunk = [Change::Scale { set: 0, replicas: 0 }, Change::Scale { set: 1, replicas: 6 }];
    // The new set has room only once the old ones have shrunk.
    assert_eq!(synced(&spec, &sets, Some(2)), shrunk);
}

/// rule: rolling-update-surge
#[test]
fn a_new_template_gets_a_set_of_its_own() {
    let spec = rolling(10, Percent(25), Percent(25));
    assert_eq!(synced(&spec, &[set(&spec, 10, 10)], None), [Change::Create { replicas: 3 }]);
    assert_eq!(synced(&spec, &[], None), [Change::Create { replicas: 10 }]);
}

/// rule: deployment-rollback
#[test]
fn an_earlier_template_has_its_set_already() {
    let spec = rolling(4, Int(1), Int(0));
    let sets = [set(&spec, 0, 0), set(&spec, 4, 4)];
    assert_eq!(synced(&spec, &sets, Some(0)), [Change::Scale { set: 0, replicas: 1 }]);
}

/// rule: deployment-recreate
#[test]
fn recreate_waits_for_the_last_old_pod() {
    let spec = Spec { strategy: Strategy::Recreate, ..rolling(3, Int(0), Int(0)) };
    let old = set(&spec, 3, 3);
    assert_eq!(synced(&spec, &[old], None), [Change::Scale { set: 0, replicas: 0 }]);
    let ending = ReplicaSet { left: 1, ..set(&spec, 0, 0) };
    assert_eq!(synced(&spec, &[ending], None), []);
    let gone = set(&spec, 0, 0);
    assert_eq!(synced(&spec, &[gone], None), [Change::Create { replicas: 3 }]);
    assert_eq!(synced(&spec, &[gone, gone], Some(1)), [Change::Scale { set: 1, replicas: 3 }]);
}

/// rule: deployment-paused
#[test]
fn a_paused_deployment_is_scaled_and_not_rolled_out() {
    let paused = |replicas| Spec { paused: true, ..rolling(replicas, Int(1), Int(1)) };
    let before = set(&paused(4), 4, 4);
    assert_eq!(synced(&paused(4), &[before], None), []);
    assert_eq!(synced(&paused(6), &[before], None), [Change::Scale { set: 0, replicas: 6 }]);
    assert_eq!(synced(&paused(4), &[], None), []);
}

/// Given the sizes of all sets (the last is the new one) of a Deployment that is scaled, they come to `after`.
#[track_caller]
fn check_scaling(from: u32, to: u32, surge: u32, before: &[u32], after: &[u32]) {
    let (old, spec) = (rolling(from, Int(surge), Int(0)), rolling(to, Int(surge), Int(0)));
    let sets: Vec<_> = before.iter().map(|&size| set(&old, size, size)).collect();
    let mut sizes = before.to_vec();
    for change in synced(&spec, &sets, Some(before.len() - 1)) {
        let Change::Scale { set, replicas } = change else { panic!("{change:?} scales nothing") };
        sizes[set] = replicas;
    }
    assert_eq!(sizes, after);
}

/// pkg/controller/deployment/sync_test.go `TestScale`
/// rule: proportional-scaling
#[test]
fn every_set_keeps_its_share_of_a_deployment_that_is_scaled() {
    check_scaling(10, 12, 0, &[10], &[12]);
    check_scaling(10, 5, 0, &[10], &[5]);
    check_scaling(10, 20, 0, &[2, 8], &[4, 16]);
    check_scaling(10, 20, 0, &[5, 5], &[10, 10]);
    check_scaling(5, 10, 0, &[2, 3], &[4, 6]);
    check_scaling(10, 5, 0, &[2, 8], &[1, 4]);
    check_scaling(10, 5, 0, &[5, 5], &[2, 3]);
    check_scaling(10, 0, 0, &[4, 6], &[0, 0]);
    // With a surge of 3 the thirteen pods of before become twenty-eight: 5/13 of 28 are 10.8.
    check_scaling(10, 25, 3, &[8, 5], &[17, 11]);
    // What rounding leaves over goes to the largest.
    check_scaling(6, 7, 0, &[2, 2, 2], &[2, 2, 3]);
}

/// rule: proportional-scaling
#[test]
fn a_set_that_was_scaled_knows_the_new_size() {
    let (old, spec) = (rolling(10, Int(0), Int(0)), rolling(11, Int(0), Int(0)));
    let sets = [set(&old, 1, 1), set(&old, 9, 9)];
    // The smaller set keeps its size and learns that the Deployment has another: else it would be scaled for ever.
    let changes = [Change::Scale { set: 1, replicas: 10 }, Change::Scale { set: 0, replicas: 1 }];
    assert_eq!(synced(&spec, &sets, Some(1)), changes);
}

/// rule: deployment-history
#[test]
fn old_revisions_are_forgotten_when_the_rollout_is_complete() {
    let spec = Spec { history: 1, ..rolling(2, Int(1), Int(0)) };
    let of = |revision, replicas| ReplicaSet { revision, ..set(&spec, replicas, replicas) };
    let sets = [of(4, 0), of(2, 0), of(3, 0), of(5, 2)];
    assert_eq!(synced(&spec, &sets, Some(3)), [Change::Forget { set: 1 }, Change::Forget { set: 2 }]);
    let waiting = [of(2, 0), of(3, 0), ReplicaSet { available: 1, ..of(5, 2) }];
    assert_eq!(synced(&spec, &waiting, Some(2)), []);
}

/// A run of syncs with pods that get available one by one keeps both bounds all the time and ends with new pods only.
/// rule: rolling-update-fenceposts
#[test]
fn every_rollout_keeps_its_bounds_and_ends() {
    for (replicas, surge, unavailable) in small_rollouts(12) {
        let spec = rolling(replicas, Int(surge), Int(unavailable));
        let bounds = spec.strategy.fenceposts(replicas);
        let mut sets = vec![set(&spec, replicas, replicas)];
        let mut new = None;
        for _ in 0..200 {
            for change in synced(&spec, &sets, new) {
                carry_out(&spec, &mut sets, &mut new, change);
            }
            let (total, available) = (
                sets.iter().map(|set| set.pods).sum::<u32>(),
                sets.iter().map(|set| set.available).sum::<u32>(),
            );
            assert!(total <= replicas + bounds.surge, "{spec:?} {sets:?}");
            assert!(available + bounds.unavailable >= replicas, "{spec:?} {sets:?}");
            if let Some(waiting) = sets.iter_mut().find(|set| set.available < set.pods) {
                waiting.available += 1;
            }
        }
        assert_eq!(sets.iter().map(|set| set.available).collect::<Vec<_>>(), [0, replicas], "{spec:?}");
    }
}

fn small_rollouts(most: u32) -> impl Iterator<Item = (u32, u32, u32)> {
    let pairs = move |replicas| (0..4).flat_map(move |surge| (0..4).map(move |less| (replicas, surge, less)));
    (1..most).flat_map(pairs)
}

fn carry_out(spec: &Spec, sets: &mut Vec<ReplicaSet>, new: &mut Option<usize>, change: Change) {
    match change {
        Change::Create { replicas } => {
            *new = Some(sets.len());
            sets.push(set(spec, replicas, 0));
        }
        Change::Scale { set: place, replicas } => {
            let (one, sizes) = (&mut sets[place], Some(spec.sizes()));
            let available = one.available.min(replicas);
            *one = ReplicaSet { replicas, pods: replicas, available, left: replicas, sizes, ..*one };
        }
        Change::Forget { .. } => {}
    }
}
