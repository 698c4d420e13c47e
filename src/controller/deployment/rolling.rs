//! Rolling updates (pkg/controller/deployment/rolling.go at v1.34.1).

use super::{Change, Observation, ReplicaSet};
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "rolling-update-surge",
        statement: "The new ReplicaSet grows as far as all ReplicaSets together want no more pods than replicas and \
                    maxSurge.",
        source: "pkg/controller/deployment/util/deployment_util.go `NewRSNewReplicas`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "rolling-update-availability",
        statement: "Old ReplicaSets shrink, the oldest first, by as many pods as are available beyond replicas less \
                    maxUnavailable; new pods that are not available yet hold them back.",
        source: "pkg/controller/deployment/rolling.go `reconcileOldReplicaSets`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "rolling-update-unhealthy-first",
        statement: "Old pods that are not available go first of all: that makes nothing worse.",
        source: "pkg/controller/deployment/rolling.go `cleanupUnhealthyReplicas`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "min-ready-seconds",
        statement: "A pod counts as available once it has been ready for minReadySeconds.",
        source: "pkg/api/v1/pod/util.go `IsPodAvailable`",
        confidence: Confidence::Source,
    },
];

/// One sync of a rolling update: the new ReplicaSet grows if it can, or else the old ones shrink if they can.
pub(super) fn roll(seen: &Observation<'_>) -> Vec<Change> {
    let grown = grow_new(seen);
    if grown.is_empty() { shrink_old(seen) } else { grown }
}

/// `reconcileNewReplicaSet`, and the creation of the ReplicaSet in `getNewReplicaSet`.
fn grow_new(seen: &Observation<'_>) -> Vec<Change> {
    let wanted = seen.spec.replicas;
    let present = seen.new.map_or(0, |new| seen.sets[new].replicas);
    let replicas = if present > wanted { wanted } else { present + room(seen, wanted - present) };
    match seen.new {
        None => vec![Change::Create { replicas }],
        Some(_) if replicas == present => Vec::new(),
        Some(set) => vec![Change::Scale { set, replicas }],
    }
}

/// How many of `missing` pods there is room for between all ReplicaSets' pods and the surge.
fn room(seen: &Observation<'_>, missing: u32) -> u32 {
    seen.spec.sizes().max.saturating_sub(seen.total()).min(missing)
}

/// `reconcileOldReplicaSets`.
fn shrink_old(seen: &Observation<'_>) -> Vec<Change> {
    let mut old = seen.active_old();
    let unavailable_new =
        seen.new.map_or(0, |new| signed(seen.sets[new].replicas) - signed(seen.sets[new].available));
    let fewest = fewest_available(seen);
    let most = signed(seen.total()) - fewest - unavailable_new;
    if old.is_empty() || most <= 0 {
        return Vec::new();
    }
    let mut changes = clean_unhealthy(&mut old, most);
    changes.extend(shrink(&mut old, signed(seen.available()) - fewest));
    changes
}

/// So many pods have to be available all the time.
fn fewest_available(seen: &Observation<'_>) -> i64 {
    let replicas = seen.spec.replicas;
    signed(replicas) - signed(seen.spec.strategy.fenceposts(replicas).unavailable)
}

/// Takes away at most `most` pods that are not available (`cleanupUnhealthyReplicas`).
fn clean_unhealthy(old: &mut [(usize, ReplicaSet)], most: i64) -> Vec<Change> {
    let mut left = most;
    take(old, |set| {
        let unhealthy = signed(set.replicas) - signed(set.available);
        let taken = unhealthy.clamp(0, left.max(0));
        left -= taken;
        taken
    })
}

/// Takes away `surplus` pods, from the oldest ReplicaSet on (`scaleDownOldReplicaSetsForRollingUpdate`).
fn shrink(old: &mut [(usize, ReplicaSet)], surplus: i64) -> Vec<Change> {
    let mut left = surplus.max(0);
    take(old, |set| {
        let taken = signed(set.replicas).min(left);
        left -= taken;
        taken
    })
}

/// Scales each set down by as much as `how_many` says.
fn take(old: &mut [(usize, ReplicaSet)], mut how_many: impl FnMut(&ReplicaSet) -> i64) -> Vec<Change> {
    let mut changes = Vec::new();
    for (place, set) in old {
        let taken = u32::try_from(how_many(set)).expect("a set is scaled down by no more than it has");
        if taken > 0 {
            set.replicas -= taken;
            changes.push(Change::Scale { set: *place, replicas: set.replicas });
        }
    }
    changes
}

fn signed(count: u32) -> i64 {
    i64::from(count)
}
