//! Scaling while a rollout is under way, and of paused Deployments (pkg/controller/deployment/sync.go `scale`).

use super::{Change, Observation, ReplicaSet, Strategy};
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "proportional-scaling",
    statement: "A Deployment that is scaled while several of its ReplicaSets have pods gives each a share in \
                proportion to its size, the largest first, which also takes what rounding leaves over; together \
                they come to replicas and maxSurge.",
    source: "pkg/controller/deployment/sync.go `scale`; pkg/controller/deployment/util/deployment_util.go \
             `GetReplicaSetProportion`",
    confidence: Confidence::Source,
}];

/// Brings the ReplicaSets to the Deployment's size without going on with a rollout.
pub(super) fn scale(seen: &Observation<'_>) -> Vec<Change> {
    let wanted = seen.spec.replicas;
    if let Some(only) = active_or_latest(seen) {
        let is_right = seen.sets[only].replicas == wanted;
        return if is_right { Vec::new() } else { vec![Change::Scale { set: only, replicas: wanted }] };
    }
    if is_saturated(seen) {
        let old = seen.active_old().into_iter();
        return old.map(|(set, _)| Change::Scale { set, replicas: 0 }).collect();
    }
    match seen.spec.strategy {
        Strategy::RollingUpdate { .. } => scale_in_proportion(seen),
        Strategy::Recreate => Vec::new(),
    }
}

/// The only ReplicaSet that is to have pods or, if none is, the latest (`FindActiveOrLatest`).
fn active_or_latest(seen: &Observation<'_>) -> Option<usize> {
    let active: Vec<_> = (0..seen.sets.len()).filter(|&place| seen.sets[place].replicas > 0).collect();
    match active[..] {
        [] => seen.new.or_else(|| seen.sets.len().checked_sub(1)),
        [only] => Some(only),
        _ => None,
    }
}

/// Whether the new ReplicaSet is all that is wanted (`IsSaturated`).
fn is_saturated(seen: &Observation<'_>) -> bool {
    let wanted = seen.spec.replicas;
    let new = seen.new.map(|new| seen.sets[new]);
    new.is_some_and(|set| {
        set.replicas == wanted
            && set.sizes.is_some_and(|sizes| sizes.desired == wanted)
            && set.available == wanted
    })
}

fn scale_in_proportion(seen: &Observation<'_>) -> Vec<Change> {
    let spec = seen.spec;
    let allowed = if spec.replicas > 0 { i64::from(spec.sizes().max) } else { 0 };
    let to_add = allowed - i64::from(seen.total());
    let mut active: Vec<_> = seen
        .sets
        .iter()
        .enumerate()
        .filter(|(_, set)| set.replicas > 0)
        .map(|(at, set)| (at, *set))
        .collect();
    // The largest first; of equals the newest when there is something to add, the oldest when not.
    active.sort_by_key(|(_, set)| std::cmp::Reverse(set.replicas));
    if to_add > 0 {
        active.sort_by_key(|&(place, set)| std::cmp::Reverse((set.replicas, place)));
    }
    let mut added = 0;
    let mut sizes: Vec<i64> = Vec::new();
    for (_, set) in &active {
        let share = proportion(set, seen, to_add, added);
        sizes.push(i64::from(set.replicas) + share);
        added += share;
    }
    if let Some(first) = sizes.first_mut() {
        *first = (*first + to_add - added).max(0);
    }
    let changed = active.into_iter().zip(sizes).filter_map(|((set, old), size)| {
        let replicas = u32::try_from(size).expect("a set is not scaled below nothing");
        (replicas != old.replicas || old.sizes != Some(spec.sizes()))
            .then_some(Change::Scale { set, replicas })
    });
    changed.collect()
}

/// A ReplicaSet's part of `to_add` pods, of which `added` are given away (`GetReplicaSetProportion`).
fn proportion(set: &ReplicaSet, seen: &Observation<'_>, to_add: i64, added: i64) -> i64 {
    let allowed = to_add - added;
    if to_add == 0 || allowed == 0 {
        return 0;
    }
    let fraction = fraction(set, seen);
    if to_add > 0 { fraction.min(allowed) } else { fraction.max(allowed) }
}

/// By how much a ReplicaSet changes if it keeps its part of the Deployment (`getReplicaSetFraction`).
fn fraction(set: &ReplicaSet, seen: &Observation<'_>) -> i64 {
    let own = i64::from(set.replicas);
    if seen.spec.replicas == 0 {
        return -own;
    }
    let written = set.sizes.map(|sizes| sizes.max).filter(|&max| max > 0);
    let before = i64::from(written.unwrap_or_else(|| seen.sets.iter().map(|set| set.pods).sum()));
    if before == 0 {
        return 0;
    }
    // Rounded to the nearest, halves up, as upstream rounds its float.
    let size = (2 * own * i64::from(seen.spec.sizes().max) + before) / (2 * before);
    size - own
}
