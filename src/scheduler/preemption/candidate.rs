//! Which pods would have to leave one node, and which node is the best to free.

use std::cmp::Reverse;

use crate::cluster::{Budget, Cluster};
use crate::id::{NodeId, PodId};
use crate::scheduler::framework::Rejection;
use crate::scheduler::profile::Profile;
use crate::scheduler::reference::Filters;

/// A node that evicting pods would make fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The node.
    pub node: NodeId,
    /// The pods to evict, most important first.
    pub victims: Vec<PodId>,
    /// Evictions among them that a disruption budget does not allow.
    pub budget_violations: usize,
}

/// Importance of a pod: priority, then the earlier start (pkg/scheduler/util/utils.go `MoreImportantPod`).
fn importance(cluster: &Cluster, pod: PodId) -> (Reverse<i32>, i64) {
    (Reverse(cluster.spec_of(pod).priority), cluster.pod(pod).start_seconds)
}

/// The fewest pods to evict from `node` so that `pod` fits (`SelectVictimsOnNode`): all of lower priority go, then they
/// are taken back, first those whose eviction breaks a budget, most important first, as long as the pod fits.
pub(super) fn on_node(
    profile: &Profile,
    cluster: &Cluster,
    pod: PodId,
    node: NodeId,
) -> Result<Candidate, Rejection> {
    let priority = cluster.spec_of(pod).priority;
    let lower = |&&other: &&PodId| cluster.spec_of(other).priority < priority;
    let mut potential: Vec<_> = cluster.node(node).pods.iter().filter(lower).copied().collect();
    if potential.is_empty() {
        return Err(Rejection::unresolvable("No preemption victims found for incoming pod"));
    }
    potential.sort_by_key(|&other| (importance(cluster, other), other));
    let mut trial = Trial { profile, cluster: cluster.clone(), pod, node };
    for &other in &potential {
        trial.cluster.unbind(other);
    }
    trial.fits()?;
    let (violating, harmless) = split_by_budget(cluster, &potential);
    let (evicted_violating, evicted) = (trial.take_back(&violating), trial.take_back(&harmless));
    let budget_violations = evicted_violating.len();
    let mut victims = [evicted_violating, evicted].concat();
    victims.sort_by_key(|&other| (importance(cluster, other), other));
    Ok(Candidate { node, victims, budget_violations })
}

/// A copy of the cluster on which evictions are tried.
struct Trial<'a> {
    profile: &'a Profile,
    cluster: Cluster,
    pod: PodId,
    node: NodeId,
}

impl Trial<'_> {
    fn fits(&self) -> Result<(), Rejection> {
        let spec = self.profile.seen(self.cluster.spec_of(self.pod), self.cluster.owners());
        let filters = Filters::prepare(self.profile, &self.cluster, self.pod, &spec);
        let verdict = filters.and_then(|filters| filters.verdict(self.cluster.node(self.node)));
        verdict.map_err(|refused| refused.rejection)
    }

    /// Puts pods back one by one; those with which the pod does not fit stay evicted.
    fn take_back(&mut self, pods: &[PodId]) -> Vec<PodId> {
        let mut evicted = Vec::new();
        for &other in pods {
            self.cluster.bind(other, self.node);
            if self.fits().is_err() {
                self.cluster.unbind(other);
                evicted.push(other);
            }
        }
        evicted
    }
}

/// Pods whose eviction breaks a disruption budget, and the others (`filterPodsWithPDBViolation`).
fn split_by_budget(cluster: &Cluster, pods: &[PodId]) -> (Vec<PodId>, Vec<PodId>) {
    let budgets = cluster.owners().budgets();
    let mut allowed: Vec<_> = budgets.iter().map(|budget| budget.disruptions_allowed).collect();
    pods.iter().partition(|&&pod| {
        let mut broken = false;
        for (budget, allowed) in budgets.iter().zip(&mut allowed) {
            if covers(cluster, budget, pod) {
                *allowed -= 1;
                broken |= *allowed < 0;
            }
        }
        broken
    })
}

/// Whether a budget covers a pod; an empty selector and a pod without labels match nothing here.
fn covers(cluster: &Cluster, budget: &Budget, pod: PodId) -> bool {
    let spec = cluster.spec_of(pod);
    let selects =
        budget.spec.selector.as_ref().is_some_and(|one| !one.is_empty() && one.matches(&spec.labels));
    let under_way = budget.disrupted.iter().any(|name| **name == *cluster.pod(pod).name);
    selects && !spec.labels.is_empty() && budget.spec.namespace == spec.namespace && !under_way
}

/// The nodes that are best to free, told apart by nothing but chance, in order of name (preemption.go:624
/// `pickOneNodeForPreemption`).
pub(super) fn best(cluster: &Cluster, candidates: &[Candidate]) -> Vec<NodeId> {
    let key = |candidate: &Candidate| {
        let priority = |&victim: &PodId| i64::from(cluster.spec_of(victim).priority);
        let highest = candidate.victims.first().map(priority);
        // Priorities are lifted above zero, so that more victims are never better for being negative.
        let sum: i64 = candidate.victims.iter().map(|victim| priority(victim) + (1 << 31)).sum();
        let top = candidate.victims.iter().filter(|victim| Some(priority(victim)) == highest);
        let earliest = top.map(|&victim| cluster.pod(victim).start_seconds).min();
        (candidate.budget_violations, highest, sum, candidate.victims.len(), Reverse(earliest))
    };
    let least = candidates.iter().map(key).min();
    let equals = candidates.iter().filter(|one| Some(key(one)) == least);
    let mut equals: Vec<_> = equals.map(|candidate| candidate.node).collect();
    equals.sort_by_key(|&node| cluster.node(node).name());
    equals
}
