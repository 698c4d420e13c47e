//! StatefulSets: pods with names that stay, made, deleted and updated one after another.
//!
//! One [`sync`] is one pass of upstream's `updateStatefulSet` (pkg/controller/statefulset/stateful_set_control.go at
//! v1.34.1): what is missing is created from the lowest ordinal up, what is too much is deleted from the highest down, and
//! then one pod of an old template is deleted so that it comes back with the new one. The feature gate
//! MaxUnavailableStatefulSet is alpha there, hence off. Claims of volumes are not modelled.

use crate::object::{Labels, PodSpec};
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "stateful-set-order",
        statement: "A StatefulSet that is OrderedReady makes no pod before all those of lower ordinals are ready and \
                    available, and deletes none before all that stay are, from the highest ordinal down; one that is \
                    Parallel waits for none of them.",
        source: "pkg/controller/statefulset/stateful_set_control.go `processReplica`, `processCondemned`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "stateful-set-identity",
        statement: "A pod of a StatefulSet comes back under its name once the one before is gone, with labels that say \
                    its name and its ordinal.",
        source: "pkg/controller/statefulset/stateful_set_utils.go `newStatefulSetPod`, `updateIdentity`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "stateful-set-update",
        statement: "RollingUpdate replaces the pods of an old template one at a time from the highest ordinal down to \
                    the partition, each once those above are available; pods below the partition keep their template, \
                    and under OnDelete every pod does until somebody deletes it.",
        source: "pkg/controller/statefulset/stateful_set_control.go `updateStatefulSet`",
        confidence: Confidence::Source,
    },
];

/// The label that says a pod's name.
pub const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
/// The label that says its ordinal.
pub const POD_INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";
/// The label that says which template it has.
pub const REVISION_LABEL: &str = "controller-revision-hash";

/// What a StatefulSet is told to do, but for its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// How many pods are wanted.
    pub replicas: u32,
    /// `ordinals.start`: the lowest ordinal.
    pub start: u32,
    /// `podManagementPolicy: Parallel`, rather than OrderedReady.
    pub parallel: bool,
    /// How pods get another template.
    pub update: Update,
    /// `minReadySeconds`: how long a pod must have been ready to be available.
    pub min_ready: Span,
}

/// `updateStrategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// One after another, down to the partition.
    RollingUpdate {
        /// Pods of lower places keep the template that they have.
        partition: u32,
    },
    /// When somebody deletes them.
    OnDelete,
}

/// A pod as its StatefulSet sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Its ordinal.
    pub ordinal: u32,
    /// Since when it is ready, if it is.
    pub ready: Option<SimTime>,
    /// Whether it was told to end.
    pub terminating: bool,
    /// Whether it has the template that the StatefulSet has now.
    pub is_updated: bool,
}

impl Pod {
    /// From when on it is available, if it stays ready.
    fn available_from(&self, spec: &Spec) -> Option<SimTime> {
        self.ready.map(|ready| ready + spec.min_ready)
    }

    /// Whether it is ready for long enough and was not told to end.
    fn is_available(&self, spec: &Spec, now: SimTime) -> bool {
        !self.terminating && self.available_from(spec).is_some_and(|from| from <= now)
    }
}

/// What a sync decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Ordinals of pods to create, each with whether it gets the template that the StatefulSet has now.
    pub create: Vec<(u32, bool)>,
    /// Ordinals of pods to delete, in this order.
    pub delete: Vec<u32>,
    /// When to look again although nothing may have happened.
    pub again: Option<SimTime>,
}

/// Looks at all pods, in order of their ordinals.
pub fn sync(spec: &Spec, pods: &[Pod], now: SimTime) -> Decision {
    let (mut replicas, condemned) = places(spec, pods);
    let mut decision = Decision::default();
    let waiting = pods.iter().filter_map(|pod| pod.available_from(spec)).filter(|&from| from > now);
    decision.again = waiting.min();
    for (ordinal, replica) in (spec.start..).zip(&mut replicas) {
        match replica {
            None => {
                decision.create.push((ordinal, is_updated(spec, ordinal)));
                if !spec.parallel {
                    return decision;
                }
            }
            Some(pod) if !spec.parallel && !pod.is_available(spec, now) => return decision,
            Some(_) => {}
        }
    }
    if condemn(spec, &replicas, &condemned, now, &mut decision) {
        return decision;
    }
    decision.delete.extend(next_to_update(spec, &replicas, now));
    decision
}

/// The pods of the ordinals that are wanted, by place, and those of all others, the highest first.
fn places<'p>(spec: &Spec, pods: &'p [Pod]) -> (Vec<Option<&'p Pod>>, Vec<&'p Pod>) {
    let mut replicas = vec![None; spec.replicas as usize];
    let mut condemned = Vec::new();
    for pod in pods {
        let place = pod.ordinal.checked_sub(spec.start).filter(|&place| place < spec.replicas);
        match place {
            Some(place) => replicas[place as usize] = Some(pod),
            None => condemned.push(pod),
        }
    }
    condemned.sort_by_key(|pod| std::cmp::Reverse(pod.ordinal));
    (replicas, condemned)
}

/// Whether a new pod gets the template that the StatefulSet has now (`isCurrentRevisionNeeded`).
fn is_updated(spec: &Spec, ordinal: u32) -> bool {
    match spec.update {
        Update::RollingUpdate { partition } => ordinal >= spec.start.saturating_add(partition),
        Update::OnDelete => true,
    }
}

/// Deletes pods that are too many; whether the sync is over. One that is OrderedReady deletes a pod only if those that stay,
/// and all others but the lowest that is not available, are.
fn condemn(
    spec: &Spec,
    replicas: &[Option<&Pod>],
    condemned: &[&Pod],
    now: SimTime,
    decision: &mut Decision,
) -> bool {
    if spec.parallel {
        decision.delete.extend(condemned.iter().filter(|pod| !pod.terminating).map(|pod| pod.ordinal));
        return false;
    }
    let Some(highest) = condemned.first() else { return false };
    let is_available = |pod: &Pod| pod.is_available(spec, now);
    let all = replicas.iter().flatten().chain(condemned.iter().rev());
    let first_unavailable = all.copied().find(|pod| !is_available(pod));
    let may_go = is_available(highest) || first_unavailable == Some(highest);
    if !highest.terminating && may_go {
        decision.delete.push(highest.ordinal);
    }
    true
}

/// The pod that is to come back with another template.
fn next_to_update(spec: &Spec, replicas: &[Option<&Pod>], now: SimTime) -> Option<u32> {
    let Update::RollingUpdate { partition } = spec.update else { return None };
    for replica in replicas.iter().skip(partition as usize).rev() {
        // One that was just created is not available yet.
        let pod = (*replica)?;
        if !pod.is_updated && !pod.terminating {
            return Some(pod.ordinal);
        }
        if !pod.is_available(spec, now) {
            return None;
        }
    }
    None
}

/// The name of a pod.
pub fn pod_name(set: &str, ordinal: u32) -> String {
    format!("{set}-{ordinal}")
}

/// The ordinal that a pod's name says, if the pod is one of this set.
pub fn ordinal_of(set: &str, pod: &str) -> Option<u32> {
    let digits = pod.strip_prefix(set)?.strip_prefix('-')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// A pod of a template, with what tells it from its siblings.
pub fn pod_of(template: &PodSpec, set: &str, ordinal: u32) -> PodSpec {
    let mut labels: Labels = template.labels.clone();
    labels.set(POD_NAME_LABEL, pod_name(set, ordinal));
    labels.set(POD_INDEX_LABEL, ordinal.to_string());
    PodSpec { labels, ..template.clone() }
}

#[cfg(test)]
mod tests;
