//! SidecarSets: which pods get new images next.
//!
//! One call is one look of OpenKruise's controller (openkruise/kruise pkg/controller/sidecarset/sidecarset_strategy.go):
//! it looks again whenever a pod has changed.

use std::cmp::Ordering;

use super::pod_status::{PodPhase, ReadyCondition};
use crate::object::sidecar_set::{PodCount, UpdateStrategy};
use crate::rule::{Confidence, Rule};
use crate::units::SimTime;

/// Which pods are upgraded, and when.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "sidecarset-update-order",
        statement: "Pods are upgraded in this order: unscheduled before scheduled, pending before unknown before \
                    running, not ready before ready, ready for a short time before a long one, restarted often \
                    before seldom, newer before older.",
        source: "openkruise/kruise pkg/controller/sidecarset/sidecarset_strategy.go `SortUpdateIndexes`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "sidecarset-max-unavailable",
        statement: "No more pods are upgraded at a time than `maxUnavailable` (1 by default; a percentage rounds up): \
                    upgraded pods count until they are ready again, and pods that were not ready before do not \
                    count.",
        source: "openkruise/kruise pkg/controller/sidecarset/sidecarset_strategy.go `calculateUpgradeCount`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "sidecarset-partition",
        statement: "The last `partition` pods of the order stay as they are (none by default); a percentage rounds \
                    up, but below 100% at least one of several pods is upgraded.",
        source: "openkruise/kruise pkg/util/tools.go `CalculatePartitionReplicas`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "sidecarset-update-selection",
        statement: "With `paused` or the type NotUpdate no pod is upgraded; a selector of the update strategy leaves \
                    the pods out that it does not select.",
        source: "openkruise/kruise pkg/controller/sidecarset/sidecarset_processor.go `UpdateSidecarSet`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "sidecarset-image-only",
        statement: "Only images are changed in running pods: a pod whose injected containers differ in anything else \
                    stays as it is, and only new pods get the change.",
        source: "openkruise/kruise pkg/control/sidecarcontrol/sidecarset_control.go `IsSidecarSetUpgradable`",
        confidence: Confidence::Source,
    },
];

/// How a pod's injected containers stand to the SidecarSet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// They are as the SidecarSet has them.
    Present,
    /// They have other images.
    Behind,
    /// They differ in more than images.
    Incompatible,
}

/// A pod as a SidecarSet sees it.
#[derive(Clone, Copy, Debug)]
pub struct Pod {
    /// Whether it has a node.
    pub scheduled: bool,
    /// Its phase.
    pub phase: PodPhase,
    /// Its Ready condition.
    pub ready: Option<ReadyCondition>,
    /// How often its containers were started again.
    pub restarts: u32,
    /// When it was created.
    pub created: SimTime,
    /// How its containers stand to the SidecarSet.
    pub version: Version,
    /// Whether no upgrade of it is under way.
    pub settled: bool,
    /// Whether the update strategy selects it.
    pub selected: bool,
}

impl Pod {
    /// Whether it counts as ready (`IsPodReady`): during a hot upgrade it does not, although it serves.
    fn is_ready(&self) -> bool {
        self.settled && self.phase == PodPhase::Running && self.condition()
    }

    fn condition(&self) -> bool {
        self.ready.is_some_and(ReadyCondition::is_true)
    }
}

/// The pods to upgrade now, as places in `pods`, in order. `pods` are all that the SidecarSet has been injected into and
/// that are not terminating.
pub fn next_upgrades(strategy: &UpdateStrategy, pods: &[Pod]) -> Vec<usize> {
    if strategy.paused || !strategy.rolling {
        return Vec::new();
    }
    let waits = |pod: &Pod| pod.version == Version::Behind && pod.settled && pod.selected;
    let mut waiting: Vec<usize> = (0..pods.len()).filter(|&place| waits(&pods[place])).collect();
    waiting.sort_by(|&a, &b| order(&pods[a], &pods[b]));
    waiting.truncate(waiting.len().saturating_sub(kept_old(strategy.partition, pods.len())));
    let most = rounded_up(strategy.max_unavailable, pods.len());
    let is_away = |pod: &&Pod| pod.version == Version::Present && !pod.is_ready();
    let mut away = pods.iter().filter(is_away).count();
    let may_go = |&place: &usize| {
        let was_ready = pods[place].is_ready();
        if was_ready && away >= most {
            return false;
        }
        away += usize::from(was_ready);
        true
    };
    waiting.into_iter().take_while(may_go).collect()
}

/// Which of two pods is upgraded first (`ActivePods.Less`, pkg/controller/controller_utils.go).
fn order(a: &Pod, b: &Pod) -> Ordering {
    let phase = |pod: &Pod| match pod.phase {
        PodPhase::Pending => 0,
        PodPhase::Unknown => 1,
        _ => 2,
    };
    let since = |pod: &Pod| pod.ready.filter(|_| pod.condition()).map(|ready| ready.since);
    let early = a.scheduled.cmp(&b.scheduled).then(phase(a).cmp(&phase(b)));
    let ready = a.condition().cmp(&b.condition()).then(since(b).cmp(&since(a)));
    early.then(ready).then(b.restarts.cmp(&a.restarts)).then(b.created.cmp(&a.created))
}

fn kept_old(partition: PodCount, total: usize) -> usize {
    let kept = rounded_up(partition, total).min(total);
    let is_all = matches!(partition, PodCount::Percent(100..) | PodCount::Pods(_));
    if kept == total && total > 1 && !is_all { total - 1 } else { kept }
}

fn rounded_up(count: PodCount, total: usize) -> usize {
    match count {
        PodCount::Pods(pods) => pods as usize,
        PodCount::Percent(percent) => (total * percent as usize).div_ceil(100),
    }
}

#[cfg(test)]
mod tests;
