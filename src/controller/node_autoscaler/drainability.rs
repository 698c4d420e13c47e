//! Which pods keep their node from being removed (simulator/drainability/rules, utils/drain/drain.go).

use super::ScaleDown;
use crate::controller::drain::Keeper;
use crate::object::volume::LocalVolume;
use crate::object::{DisruptionBudget, PodSpec, Volume};
use crate::units::{SimTime, Span};

/// Whether a pod may be evicted, whatever it is: `true` or `false`.
pub const SAFE_TO_EVICT: &str = "cluster-autoscaler.kubernetes.io/safe-to-evict";
/// Names of volumes that a pod may lose, separated by commas and nothing else.
pub const SAFE_VOLUMES: &str = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";

/// How much longer than its grace period a pod may take to end before it is taken for gone
/// (drain.go `PodLongTerminatingExtraThreshold`).
const LONG_TERMINATING: Span = Span::from_secs(30);

/// What an autoscaler sees of a pod on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodView {
    /// What keeps it.
    pub keeper: Keeper,
    /// When it was told to end, if it was.
    pub deleted: Option<SimTime>,
}

impl PodView {
    /// Whether it should have ended long ago, so that it is taken for gone (drain.go `IsPodLongTerminating`).
    pub(super) fn is_long_terminating(self, spec: &PodSpec, now: SimTime) -> bool {
        self.deleted.is_some_and(|deleted| deleted + spec.grace + LONG_TERMINATING < now)
    }

    /// Whether it has to go before its node does: pods of DaemonSets, and those that are taken for gone, go with it.
    pub fn needs_drain(self, spec: &PodSpec, now: SimTime) -> bool {
        self.keeper != Keeper::DaemonSet && !self.is_long_terminating(spec, now)
    }
}

/// Why a pod keeps its node from being removed, in upstream's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blocker {
    /// Nobody would make it again.
    NotReplicated,
    /// What it has on the node's disk would be lost.
    LocalStorageRequested,
    /// It says so.
    NotSafeToEvictAnnotation,
    /// It belongs to the cluster itself, and no budget says that it may be disrupted.
    UnmovableKubeSystemPod,
    /// Its budget does not allow it.
    NotEnoughPdb,
}

impl Blocker {
    /// As upstream names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotReplicated => "NotReplicated",
            Self::LocalStorageRequested => "LocalStorageRequested",
            Self::NotSafeToEvictAnnotation => "NotSafeToEvictAnnotation",
            Self::UnmovableKubeSystemPod => "UnmovableKubeSystemPod",
            Self::NotEnoughPdb => "NotEnoughPdb",
        }
    }
}

/// What is left of the budgets.
pub(super) type Budgets<'b> = [(&'b DisruptionBudget, u32)];

/// Whether a pod has to find another node before its own can go (`Ok(true)`), or does not matter.
///
/// # Errors
///
/// Why its node cannot go. The rules are asked in upstream's order, and the first that decides does.
pub(super) fn judge(
    config: &ScaleDown,
    spec: &PodSpec,
    pod: PodView,
    now: SimTime,
    budgets: &mut Budgets<'_>,
) -> Result<bool, Blocker> {
    let safe = spec.annotations.get(SAFE_TO_EVICT);
    if !pod.needs_drain(spec, now) {
        return Ok(false);
    }
    let has_budget = budgets.iter().any(|(budget, _)| budget.covers(spec));
    if safe != Some("true") {
        if pod.keeper == Keeper::None {
            return Err(Blocker::NotReplicated);
        }
        if config.skip_nodes_with_system_pods && spec.namespace == "kube-system" && !has_budget {
            return Err(Blocker::UnmovableKubeSystemPod);
        }
        if safe == Some("false") {
            return Err(Blocker::NotSafeToEvictAnnotation);
        }
        if config.skip_nodes_with_local_storage && has_local_storage(spec) {
            return Err(Blocker::LocalStorageRequested);
        }
    }
    let mut covering = budgets.iter_mut().filter(|(budget, _)| budget.covers(spec));
    if covering.any(|(_, allowed)| *allowed == 0) {
        return Err(Blocker::NotEnoughPdb);
    }
    for (_, allowed) in budgets.iter_mut().filter(|(budget, _)| budget.covers(spec)) {
        *allowed -= 1;
    }
    Ok(true)
}

/// Whether a pod has something on its node's disk that it may not lose (drain.go `HasBlockingLocalStorage`).
fn has_local_storage(spec: &PodSpec) -> bool {
    let named = spec.annotations.get(SAFE_VOLUMES).unwrap_or_default();
    let may_be_lost = |volume: &Volume| named.split(',').any(|one| one == volume.name);
    let is_on_disk =
        |volume: &Volume| matches!(volume.local, Some(LocalVolume::EmptyDir | LocalVolume::HostPath));
    spec.volumes.iter().any(|volume| is_on_disk(volume) && !may_be_lost(volume))
}
