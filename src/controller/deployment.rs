//! Deployments: how their ReplicaSets are sized, in steady state, while they are scaled and during a rollout.
//!
//! One call is one sync of upstream's controller (pkg/controller/deployment at v1.34.1): what is to change now. Upstream
//! syncs again after every change of a ReplicaSet, so whoever carries the changes out asks again until nothing is left.

mod rolling;
mod scaling;
mod strategy;

pub use strategy::{Fenceposts, Strategy};

use crate::rule::{Confidence, Rule};
use crate::units::Span;

/// How a rollout goes.
pub(crate) const RULES: &[&[Rule]] = &[strategy::RULES, rolling::RULES, scaling::RULES, SYNC];

const SYNC: &[Rule] = &[
    Rule {
        id: "deployment-rollback",
        statement: "A template that an older ReplicaSet of the Deployment has is rolled out with that ReplicaSet, \
                    whose pods keep its name; it becomes the newest revision.",
        source: "pkg/controller/deployment/util/deployment_util.go `FindNewReplicaSet`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "deployment-recreate",
        statement: "Recreate deletes every old pod, waits until the last of them is gone and creates the new ones \
                    then.",
        source: "pkg/controller/deployment/recreate.go `rolloutRecreate`, `oldPodsRunning`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "deployment-paused",
        statement: "A paused Deployment starts no rollout and goes on with none; it is scaled all the same.",
        source: "pkg/controller/deployment/deployment_controller.go `syncDeployment`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "deployment-history",
        statement: "Once a rollout is complete, old ReplicaSets beyond `revisionHistoryLimit` (10 by default) are \
                    deleted, the oldest revision first.",
        source: "pkg/controller/deployment/sync.go `cleanupDeployment`",
        confidence: Confidence::Source,
    },
];

/// How many old ReplicaSets are kept by a Deployment that does not say (pkg/apis/apps/v1/defaults.go).
pub const DEFAULT_HISTORY: u32 = 10;

/// What a Deployment asks for beside its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// How many pods it is to have.
    pub replicas: u32,
    /// How one revision follows another.
    pub strategy: Strategy,
    /// How long a pod is ready before it counts as available.
    pub min_ready: Span,
    /// Whether rollouts stand still.
    pub paused: bool,
    /// How many old ReplicaSets are kept.
    pub history: u32,
}

impl Spec {
    /// The sizes that are written onto a ReplicaSet whenever it is scaled.
    pub fn sizes(&self) -> Sizes {
        let surge = self.strategy.fenceposts(self.replicas).surge;
        Sizes { desired: self.replicas, max: self.replicas.saturating_add(surge) }
    }
}

/// How large a Deployment was when one of its ReplicaSets was last scaled: the annotations
/// `deployment.kubernetes.io/desired-replicas` and `max-replicas`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// The Deployment's replicas.
    pub desired: u32,
    /// Its replicas and its surge.
    pub max: u32,
}

/// A ReplicaSet as its Deployment sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaSet {
    /// How many pods it is to have.
    pub replicas: u32,
    /// How many it has that are not terminating.
    pub pods: u32,
    /// How many of those are available.
    pub available: u32,
    /// How many pods of it are still there, terminating ones included.
    pub left: u32,
    /// What is written onto it.
    pub sizes: Option<Sizes>,
    /// Its revision.
    pub revision: u64,
}

/// What a Deployment's controller looks at.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// What is asked for.
    pub spec: &'a Spec,
    /// All ReplicaSets, in order of creation.
    pub sets: &'a [ReplicaSet],
    /// The one that has the Deployment's template.
    pub new: Option<usize>,
}

/// Something that the controller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The ReplicaSet of the Deployment's template is created.
    Create {
        /// With so many pods.
        replicas: u32,
    },
    /// A ReplicaSet gets another size, or, at the same size, other annotations.
    Scale {
        /// Its place in the list.
        set: usize,
        /// How many pods it is to have.
        replicas: u32,
    },
    /// A ReplicaSet of a long gone revision is deleted.
    Forget {
        /// Its place in the list.
        set: usize,
    },
}

impl<'a> Observation<'a> {
    /// The old ReplicaSets with their places.
    fn old(&self) -> impl Iterator<Item = (usize, &'a ReplicaSet)> + use<'a> {
        let new = self.new;
        self.sets.iter().enumerate().filter(move |(place, _)| Some(*place) != new)
    }

    /// The old ReplicaSets that are to have pods (`FilterActiveReplicaSets`).
    fn active_old(&self) -> Vec<(usize, ReplicaSet)> {
        self.old().filter(|(_, set)| set.replicas > 0).map(|(place, set)| (place, *set)).collect()
    }

    /// How many pods all ReplicaSets together are to have.
    fn total(&self) -> u32 {
        self.sets.iter().map(|set| set.replicas).sum()
    }

    fn available(&self) -> u32 {
        self.sets.iter().map(|set| set.available).sum()
    }

    /// Whether the Deployment was scaled since an active ReplicaSet was (`isScalingEvent`).
    fn was_scaled(&self) -> bool {
        let active = self.sets.iter().filter(|set| set.replicas > 0);
        let mut sizes = active.filter_map(|set| set.sizes);
        sizes.any(|sizes| sizes.desired != self.spec.replicas)
    }

    /// Whether only new pods are left, all of them available (`DeploymentComplete`).
    fn is_complete(&self) -> bool {
        let wanted = self.spec.replicas;
        let updated = self.new.map_or(0, |new| self.sets[new].pods);
        let pods: u32 = self.sets.iter().map(|set| set.pods).sum();
        updated == wanted && pods == wanted && self.available() == wanted
    }
}

/// One sync: what is to change now, in order (`syncDeployment`).
pub fn sync(seen: &Observation<'_>) -> Vec<Change> {
    if seen.spec.paused || seen.was_scaled() {
        return scaling::scale(seen);
    }
    let changes = match seen.spec.strategy {
        Strategy::Recreate => recreate(seen),
        Strategy::RollingUpdate { .. } => rolling::roll(seen),
    };
    if changes.is_empty() { clean_up(seen) } else { changes }
}

/// One sync of a rollout by Recreate.
fn recreate(seen: &Observation<'_>) -> Vec<Change> {
    let old = seen.active_old();
    if !old.is_empty() {
        return old.into_iter().map(|(set, _)| Change::Scale { set, replicas: 0 }).collect();
    }
    if seen.old().any(|(_, set)| set.left > 0) {
        return Vec::new();
    }
    let replicas = seen.spec.replicas;
    match seen.new {
        None => vec![Change::Create { replicas }],
        Some(set) if seen.sets[set].replicas != replicas => vec![Change::Scale { set, replicas }],
        Some(_) => Vec::new(),
    }
}

/// Old revisions beyond the limit go, once the rollout is complete.
fn clean_up(seen: &Observation<'_>) -> Vec<Change> {
    let mut old: Vec<_> = seen.old().collect();
    let surplus = old.len().saturating_sub(seen.spec.history as usize);
    if surplus == 0 || !seen.is_complete() {
        return Vec::new();
    }
    old.sort_by_key(|(_, set)| set.revision);
    old.truncate(surplus);
    let empty = old.into_iter().filter(|(_, set)| set.replicas == 0 && set.pods == 0);
    empty.map(|(set, _)| Change::Forget { set }).collect()
}

#[cfg(test)]
mod tests;
