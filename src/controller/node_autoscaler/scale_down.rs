//! Which nodes are not needed, and which of those go (core/scaledown/{eligibility,planner,unneeded,budgets},
//! simulator/cluster.go `SimulateNodeRemoval`).

use std::collections::BTreeSet;

use super::drainability::{Blocker, judge};
use super::snapshot::Snapshot;
use super::utilization::{Utilization, utilization};
use super::{Decision, Member, NodeAutoscaler, View};
use crate::cluster::Cluster;
use crate::id::{NodeId, PodId};
use crate::object::DisruptionBudget;
use crate::units::SimTime;

/// The annotation that keeps a node from being removed.
pub const SCALE_DOWN_DISABLED: &str = "cluster-autoscaler.kubernetes.io/scale-down-disabled";

/// A node that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The node.
    pub node: NodeId,
    /// How much of it is requested.
    pub utilization: Utilization,
    /// Its pods that are evicted before, in order of creation; pods of DaemonSets are not among them.
    pub pods: Vec<PodId>,
}

/// Why a node stays (simulator/cluster.go `UnremovableReason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unremovable {
    /// Its annotation says so.
    ScaleDownDisabledAnnotation,
    /// Its pods request too much of it.
    NotUnderutilized(Utilization),
    /// It was not needed for too short a time.
    NotUnneededLongEnough,
    /// It was not ready for too short a time.
    NotUnreadyLongEnough,
    /// Its pool has no more nodes than it is to have.
    NodeGroupMinSizeReached,
    /// One of its pods would fit nowhere else.
    NoPlaceToMovePods(PodId),
    /// One of its pods may not be evicted.
    BlockedByPod(PodId, Blocker),
    /// It can go, and does as soon as the delays are over and others are gone.
    WaitsForOthers,
}

impl Unremovable {
    /// As upstream names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScaleDownDisabledAnnotation => "ScaleDownDisabledAnnotation",
            Self::NotUnderutilized(_) => "NotUnderutilized",
            Self::NotUnneededLongEnough => "NotUnneededLongEnough",
            Self::NotUnreadyLongEnough => "NotUnreadyLongEnough",
            Self::NodeGroupMinSizeReached => "NodeGroupMinSizeReached",
            Self::NoPlaceToMovePods(_) => "NoPlaceToMovePods",
            Self::BlockedByPod(..) => "BlockedByPod",
            Self::WaitsForOthers => "WaitsForOthers",
        }
    }

    /// Whether this is the same reason as another, whatever is requested by now.
    pub fn is_as(&self, other: &Self) -> bool {
        matches!((self, other), (Self::NotUnderutilized(_), Self::NotUnderutilized(_))) || self == other
    }

    /// The reason, and what is behind it.
    pub fn in_words(&self, cluster: &Cluster) -> String {
        let pod = |pod: PodId| format!("{}/{}", cluster.spec_of(pod).namespace, cluster.pod(pod).name);
        let name = self.name();
        match *self {
            Self::NotUnderutilized(share) => format!("{name}: {share} of it is requested"),
            Self::NoPlaceToMovePods(id) => format!("{name}: {} fits nowhere else", pod(id)),
            Self::BlockedByPod(id, blocker) => format!("{name}: {}, {}", pod(id), blocker.name()),
            _ => name.to_owned(),
        }
    }
}

/// What a node would take to go.
pub(super) struct Candidate {
    member: Member,
    utilization: Utilization,
    is_empty: bool,
}

/// A node whose pods all fit elsewhere.
struct Removable {
    member: Member,
    utilization: Utilization,
    pods: Vec<PodId>,
}

/// Whether a node has pods that are to go before it does.
fn needs_drain(view: &View<'_>, node: NodeId) -> bool {
    let pods = &view.cluster.node(node).pods;
    pods.iter().any(|&pod| (view.pod)(pod).needs_drain(view.cluster.spec_of(pod), view.now))
}

impl NodeAutoscaler {
    /// Notes which nodes are not needed, and has those go that were not for long enough.
    pub(super) fn scale_down(
        &mut self,
        view: &View<'_>,
        mut snapshot: Snapshot<'_>,
        candidates: Vec<Candidate>,
        spare: Vec<u32>,
        decision: &mut Decision,
    ) {
        let removable = self.removable(view, &mut snapshot, candidates, &mut decision.unremovable);
        let still: BTreeSet<_> = removable.iter().map(|one| one.member.node).collect();
        self.unneeded.retain(|node, _| still.contains(node));
        for one in &removable {
            self.unneeded.entry(one.member.node).or_insert(view.now);
        }
        decision.unneeded = removable.iter().map(|one| one.member.node).collect();
        let ripe = self.ripe(view, removable, &mut decision.unremovable);
        if !decision.may_remove {
            let waits = ripe.iter().map(|one| (one.member.node, Unremovable::WaitsForOthers));
            decision.unremovable.extend(waits);
            return;
        }
        decision.remove = self.within_limits(view, ripe, spare, &mut decision.unremovable);
        if !decision.remove.is_empty() {
            self.last_removal = Some(view.now);
        }
    }

    /// Nodes that may go for what they say and what is requested of them, the empty ones first, then those that were
    /// not needed before (core/scaledown/eligibility/eligibility.go `FilterOutUnremovable`,
    /// processors/scaledowncandidates/previouscandidates).
    pub(super) fn candidates(
        &mut self,
        view: &View<'_>,
        spare: &[u32],
        stays: &mut Vec<(NodeId, Unremovable)>,
    ) -> Vec<Candidate> {
        self.recheck.retain(|_, (until, _)| view.now < *until);
        if !self.config.scale_down.enabled {
            return Vec::new();
        }
        let mut candidates = Vec::new();
        for member in view.members {
            if member.deleting {
                continue;
            }
            match self.eligible(view, spare, member) {
                Ok(candidate) => candidates.push(candidate),
                Err(why) => stays.push((member.node, why)),
            }
        }
        candidates.sort_by_key(|one| (!one.is_empty, !self.unneeded.contains_key(&one.member.node)));
        candidates
    }

    fn eligible(&self, view: &View<'_>, spare: &[u32], member: &Member) -> Result<Candidate, Unremovable> {
        let settings = &self.config.scale_down;
        if let Some((_, why)) = self.recheck.get(&member.node) {
            return Err(*why);
        }
        let node = view.cluster.node(member.node);
        if node.spec.annotations.get(SCALE_DOWN_DISABLED) == Some("true") {
            return Err(Unremovable::ScaleDownDisabledAnnotation);
        }
        if member.is_starting(view.now) {
            return Err(Unremovable::NotUnreadyLongEnough);
        }
        if spare[self.groups[member.group].pool] == 0 {
            return Err(Unremovable::NodeGroupMinSizeReached);
        }
        let utilization = utilization(view, member.node, settings.ignore_daemon_sets_utilization);
        if utilization.0 >= u64::from(settings.utilization_threshold) {
            return Err(Unremovable::NotUnderutilized(utilization));
        }
        let is_empty = !needs_drain(view, member.node);
        Ok(Candidate { member: *member, utilization, is_empty })
    }

    /// How many nodes each pool has more than it is to have.
    pub(super) fn spare_of_pools(&self, view: &View<'_>) -> Vec<u32> {
        let size = |pool: usize| view.size_of(|group| self.groups[group].pool == pool);
        let pools = self.pools.iter().enumerate();
        pools.map(|(pool, bounds)| size(pool).saturating_sub(bounds.min)).collect()
    }

    /// The candidates whose pods all fit elsewhere, each as if those before it were gone already.
    fn removable(
        &mut self,
        view: &View<'_>,
        snapshot: &mut Snapshot<'_>,
        candidates: Vec<Candidate>,
        stays: &mut Vec<(NodeId, Unremovable)>,
    ) -> Vec<Removable> {
        let leaving = view.members.iter().filter(|member| member.deleting).map(|member| member.node);
        let leaving: BTreeSet<_> = leaving.collect();
        let there = view.cluster.order().iter().copied();
        let mut places: Vec<_> = there.filter(|node| !leaving.contains(node)).collect();
        let mut budgets = view.budgets.to_vec();
        let mut removable = Vec::new();
        let mut occupied = 0;
        for Candidate { member, utilization, is_empty } in candidates {
            let node = member.node;
            if !is_empty && occupied >= self.config.scale_down.non_empty_candidates {
                stays.push((node, Unremovable::WaitsForOthers));
                continue;
            }
            occupied += usize::from(!is_empty);
            match self.moves(view, snapshot, node, &places, &mut budgets) {
                Ok(pods) => {
                    places.retain(|&place| place != node);
                    removable.push(Removable { member, utilization, pods });
                }
                Err(why) => {
                    self.recheck.insert(node, (view.now + self.config.scale_down.recheck_after, why));
                    stays.push((node, why));
                }
            }
        }
        removable
    }

    /// The pods of a node, each of which is put elsewhere in the snapshot, but on no node that is to come or to go
    /// (processors/nodes/pre_filtering_processor.go `GetPodDestinationCandidates`); or nothing has changed, and why.
    fn moves(
        &self,
        view: &View<'_>,
        snapshot: &mut Snapshot<'_>,
        node: NodeId,
        places: &[NodeId],
        budgets: &mut Vec<(&DisruptionBudget, u32)>,
    ) -> Result<Vec<PodId>, Unremovable> {
        let mut left = budgets.clone();
        let mut pods = snapshot.cluster.node(node).pods.clone();
        pods.sort_unstable();
        let mut moving = Vec::new();
        for pod in pods {
            let spec = view.cluster.spec_of(pod);
            match judge(&self.config.scale_down, spec, (view.pod)(pod), view.now, &mut left) {
                Ok(true) => moving.push(pod),
                Ok(false) => {}
                Err(blocker) => return Err(Unremovable::BlockedByPod(pod, blocker)),
            }
        }
        for &pod in &moving {
            snapshot.cluster.unbind(pod);
        }
        for (done, &pod) in moving.iter().enumerate() {
            if snapshot.place(pod, places, Some(node)).is_err() {
                for &pod in &moving[..done] {
                    snapshot.cluster.unbind(pod);
                }
                for &pod in &moving {
                    snapshot.cluster.bind(pod, node);
                }
                return Err(Unremovable::NoPlaceToMovePods(pod));
            }
        }
        *budgets = left;
        Ok(moving)
    }

    /// Those that were not needed, or not ready, for long enough (core/scaledown/unneeded/nodes.go `RemovableAt`).
    /// Upstream wants more than that time, and starts each loop a little later than the interval says; here loops are
    /// exact, and that time is enough: the loop is the same.
    fn ripe(
        &self,
        view: &View<'_>,
        removable: Vec<Removable>,
        stays: &mut Vec<(NodeId, Unremovable)>,
    ) -> Vec<Removable> {
        let settings = &self.config.scale_down;
        let is_ripe = |one: &Removable| {
            let ready = one.member.ready;
            let since = self.unneeded.get(&one.member.node).copied().unwrap_or(view.now);
            let has_been = |since: SimTime| view.now.since(since);
            if ready && has_been(since) < settings.unneeded_time {
                return Err(Unremovable::NotUnneededLongEnough);
            }
            if !ready && has_been(since) < settings.unready_time {
                return Err(Unremovable::NotUnreadyLongEnough);
            }
            Ok(())
        };
        let mut ripe = Vec::new();
        for one in removable {
            match is_ripe(&one) {
                Ok(()) => ripe.push(one),
                Err(why) => stays.push((one.member.node, why)),
            }
        }
        ripe
    }

    /// As many as may go at once, the empty ones first, none of which its pool cannot spare
    /// (core/scaledown/budgets/budgets.go `CropNodes`).
    fn within_limits(
        &self,
        view: &View<'_>,
        ripe: Vec<Removable>,
        mut spare: Vec<u32>,
        stays: &mut Vec<(NodeId, Unremovable)>,
    ) -> Vec<Removal> {
        let settings = &self.config.scale_down;
        let leaving = || view.members.iter().filter(|member| member.deleting);
        let drained = leaving().filter(|member| needs_drain(view, member.node));
        let mut drains = settings.max_drain_parallelism.saturating_sub(drained.count());
        let mut all = settings.max_parallelism.saturating_sub(leaving().count());
        let mut going = Vec::new();
        for one in ripe {
            let Removable { member: Member { node, group, .. }, utilization, pods } = one;
            let spare = &mut spare[self.groups[group].pool];
            let has_pods = !pods.is_empty();
            if *spare == 0 {
                stays.push((node, Unremovable::NodeGroupMinSizeReached));
            } else if all == 0 || has_pods && drains == 0 {
                stays.push((node, Unremovable::WaitsForOthers));
            } else {
                *spare -= 1;
                all -= 1;
                drains -= usize::from(has_pods);
                going.push(Removal { node, utilization, pods });
            }
        }
        going
    }
}
