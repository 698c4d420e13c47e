//! cluster-autoscaler: how many nodes a cluster should have, and which of them are not needed.
//!
//! It is asked at every scan. What it sees is a [`View`]: the cluster, the pods that no node could take, the nodes of its
//! groups and those that were asked for. What it answers is a [`Decision`]. Whether a pod fits a node it asks the filter
//! plugins of the scheduler, on a copy of the cluster ([`Snapshot`](snapshot::Snapshot)) in which it may try things out.
//! ACK's node instant elasticity decides alike, with other settings ([`Config::instant_elasticity`]).
//!
//! Source: kubernetes/autoscaler, cluster-autoscaler (core/static_autoscaler.go, core/scaleup/orchestrator, estimator,
//! expander, core/scaledown, simulator, clusterstate) and its FAQ.

mod backoff;
mod balance;
mod config;
mod drainability;
mod estimate;
pub mod expander;
mod group;
mod health;
mod pending;
mod rules;
mod scale_down;
mod scale_up;
mod snapshot;
mod utilization;
mod view;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::id::{NodeId, PodId};
use crate::object::NodeSpec;
use crate::units::{Price, SimTime, Span};

use backoff::Backoff;
use snapshot::Snapshot;

pub use config::{Config, ScaleDown};
pub use drainability::{Blocker, PodView, SAFE_TO_EVICT, SAFE_VOLUMES};
pub use expander::Expander;
pub use group::{Group, PoolSize};
pub use scale_down::{Removal, SCALE_DOWN_DISABLED, Unremovable};
pub use scale_up::{Increase, Reasons};
pub use utilization::Utilization;
pub use view::{Member, Pending, Request, View};

pub(crate) use rules::RULES;

/// The key of the taint of nodes that are not ready (staging/src/k8s.io/api/core/v1/well_known_taints.go).
pub const NOT_READY: &str = "node.kubernetes.io/not-ready";

/// What one scan comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// Groups that grow, with the pods that they grow for.
    pub scale_up: Vec<Increase>,
    /// Pods that no group can help, each with why.
    pub not_triggered: Vec<(PodId, Reasons)>,
    /// Requests for nodes that are given up, by their places in [`View::requests`].
    pub given_up: Vec<usize>,
    /// Nodes that go now.
    pub remove: Vec<Removal>,
    /// Nodes that are not needed, in the order in which they were found.
    pub unneeded: Vec<NodeId>,
    /// Whether nodes might go now, if any were unneeded for long enough.
    pub may_remove: bool,
    /// The other nodes of the groups, each with why it stays.
    pub unremovable: Vec<(NodeId, Unremovable)>,
    /// Whether so many nodes are not ready that nothing is done.
    pub is_unhealthy: bool,
}

/// The autoscaler between two scans.
#[derive(Debug)]
pub struct NodeAutoscaler {
    config: Config,
    groups: Vec<Group>,
    pools: Vec<PoolSize>,
    backoff: Vec<Backoff>,
    unneeded: BTreeMap<NodeId, SimTime>,
    /// Until when a node that could not be drained is not looked at again.
    recheck: BTreeMap<NodeId, (SimTime, Unremovable)>,
    last_scale_up: Option<SimTime>,
    last_removal: Option<SimTime>,
    last_failed_removal: Option<SimTime>,
    scans: u32,
}

impl NodeAutoscaler {
    /// An autoscaler of these groups, each of which belongs to one of the pools.
    pub fn new(config: Config, groups: Vec<Group>, pools: Vec<PoolSize>) -> Self {
        let backoff = vec![Backoff::default(); groups.len()];
        Self {
            config,
            groups,
            pools,
            backoff,
            unneeded: BTreeMap::new(),
            recheck: BTreeMap::new(),
            last_scale_up: None,
            last_removal: None,
            last_failed_removal: None,
            scans: 0,
        }
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// New nodes of a group cost something else from now on.
    pub fn set_price(&mut self, group: usize, price: Price) {
        self.groups[group].price = price;
    }

    /// One scan (static_autoscaler.go `RunOnce`): requests that took too long are given up; if pods want for nodes, a
    /// group grows; if none does, nodes that were not needed for long enough go.
    pub fn scan(&mut self, view: &View<'_>) -> Decision {
        self.scans += 1;
        let mut decision = Decision { given_up: self.give_up(view), ..Decision::default() };
        if !health::is_cluster_healthy(&self.config, view) {
            self.unneeded.clear();
            decision.is_unhealthy = true;
            return decision;
        }
        let spare = self.spare_of_pools(view);
        decision.may_remove = self.may_remove(view.now, &spare);
        let candidates = self.candidates(view, &spare, &mut decision.unremovable);
        if view.pending.is_empty() && candidates.is_empty() {
            self.unneeded.clear();
            return decision;
        }
        let mut snapshot = Snapshot::of(view, &self.config);
        self.add_upcoming(view, &mut snapshot, &decision.given_up);
        let mut wanting = pending::to_help(view, &self.config, &mut snapshot);
        let delay = self.config.new_pod_scale_up_delay;
        wanting.retain(|pod| view.now.since(pod.created) >= delay);
        let are_new = pending::are_all_new(&wanting, self.config.unschedulable_pod_buffer, view.now);
        if !wanting.is_empty() && !are_new {
            self.scale_up(view, &snapshot, &wanting, &mut decision);
        }
        decision.may_remove &= decision.scale_up.is_empty() && !are_new;
        if decision.scale_up.is_empty() && self.config.scale_down.enabled {
            self.scale_down(view, snapshot, candidates, spare, &mut decision);
        }
        decision
    }

    /// Requests that have taken longer than they may: their groups grow no more for a while
    /// (clusterstate.go `updateScaleRequests`, static_autoscaler.go `removeOldUnregisteredNodes`).
    fn give_up(&mut self, view: &View<'_>) -> Vec<usize> {
        let most = self.config.max_node_provision_time;
        let overdue = |request: &Request| view.now.since(request.since) > most;
        let given_up: Vec<_> =
            (0..view.requests.len()).filter(|&place| overdue(&view.requests[place])).collect();
        for &place in &given_up {
            self.scale_up_failed(view.requests[place].group, view.now);
        }
        given_up
    }

    /// Nodes that were asked for, or are not ready yet, count as if they were there and as their group has them
    /// (clusterstate.go `GetUpcomingNodes`).
    fn add_upcoming(&self, view: &View<'_>, snapshot: &mut Snapshot<'_>, given_up: &[usize]) {
        let requested = view.requests.iter().enumerate().filter(|(place, _)| !given_up.contains(place));
        for (_, request) in requested {
            snapshot.add_node(self.groups[request.group].template(request.template), view.daemons);
        }
        for member in view.members.iter().filter(|one| !one.deleting && one.is_starting(view.now)) {
            let spec = view.cluster.node(member.node).spec.clone();
            let template = self.groups[member.group].template(0);
            let (taints, unschedulable) = (template.taints.clone(), template.unschedulable);
            snapshot.add_node(&NodeSpec { taints, unschedulable, ..spec }, view.daemons);
        }
    }

    /// A group did not grow as it was asked to.
    pub fn scale_up_failed(&mut self, group: usize, now: SimTime) {
        self.backoff[group].failed(&self.config, now);
    }

    /// A node of a group is ready, that was asked for.
    pub fn node_came(&mut self, group: usize) {
        self.backoff[group].succeeded();
    }

    /// A node is gone, whoever deleted it.
    pub fn forget_node(&mut self, node: NodeId) {
        self.unneeded.remove(&node);
        self.recheck.remove(&node);
    }

    /// A node could not be drained: it stays.
    pub fn removal_failed(&mut self, node: NodeId, now: SimTime) {
        self.last_failed_removal = Some(now);
        self.forget_node(node);
    }

    /// Whether nodes may go now (static_autoscaler.go `isScaleDownInCooldown`): no delay forbids it, and a pool has more
    /// than it is to have.
    fn may_remove(&self, now: SimTime, spare: &[u32]) -> bool {
        let cools_down = self.cooldown_until().is_some_and(|until| now < until);
        self.config.scale_down.enabled && !cools_down && spare.iter().any(|&nodes| nodes > 0)
    }

    /// Until when nothing is removed, whatever is not needed (static_autoscaler.go `isScaleDownInCooldown`).
    pub fn cooldown_until(&self) -> Option<SimTime> {
        let ScaleDown { delay_after_add, delay_after_delete, delay_after_failure, .. } =
            self.config.scale_down;
        let ends = |last: Option<SimTime>, delay: Span| last.map(|last| last + delay);
        [
            ends(self.last_scale_up, delay_after_add),
            ends(self.last_removal, delay_after_delete),
            ends(self.last_failed_removal, delay_after_failure),
        ]
        .into_iter()
        .flatten()
        .max()
    }
}
