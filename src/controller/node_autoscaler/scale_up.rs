//! Which group grows, and by how much (core/scaleup/orchestrator/orchestrator.go).

use std::collections::BTreeMap;

use super::balance::{are_alike, shares};
use super::estimate::{Alike, Estimate, Making, estimate};
use super::expander::{self, Market, Offer};
use super::snapshot::Snapshot;
use super::{Decision, NodeAutoscaler, Pending, View, health};
use crate::id::{ClassId, NodeId, PodId};
use crate::units::{Bytes, MilliCpu};

/// Why no group helps a pod: each reason with how many groups have it.
pub type Reasons = BTreeMap<String, u32>;

/// A group that grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Increase {
    /// The group.
    pub group: usize,
    /// How many nodes it has and has asked for.
    pub from: u32,
    /// How many more it gets.
    pub nodes: u32,
    /// How many its pool may have.
    pub max: u32,
    /// The pods that it grows for.
    pub pods: Vec<PodId>,
}

/// Why a group is not looked at (core/scaleup/orchestrator/skippedreasons.go, rejectedreasons.go).
const MAX_SIZE: &str = "max node group size reached";
const BACKOFF: &str = "in backoff after failed scale-up";
const NOT_READY: &str = "not ready for scale-up";
const LIMIT: &str = "max cluster cpu, memory limit reached";
const MAX_NODES: &str = "max total nodes in cluster reached";

/// A group with what it could do.
struct Possible {
    group: usize,
    estimate: Estimate,
}

impl NodeAutoscaler {
    /// Looks for a group that helps, and has it grow. Pods are told that no group helps them only where none grows
    /// (processors/status/eventing_scale_up_processor.go).
    pub(super) fn scale_up(
        &mut self,
        view: &View<'_>,
        snapshot: &Snapshot<'_>,
        pending: &[Pending],
        decision: &mut Decision,
    ) {
        let alike = alike(snapshot, pending);
        let mut reasons: Vec<Reasons> = vec![Reasons::new(); alike.len()];
        let mut helped = vec![false; alike.len()];
        let mut options = Vec::new();
        for group in 0..self.groups.len() {
            if let Err(reason) = self.may_grow(view, group) {
                for one in &mut reasons {
                    *one.entry(reason.to_owned()).or_default() += 1;
                }
                continue;
            }
            let making = self.making(view, group);
            let mut trial = snapshot.clone();
            let first = trial.add_node(making.group.template(making.first_template), view.daemons);
            let fitting = fitting(&trial, first, &alike, &mut reasons);
            for (place, _) in &fitting {
                helped[*place] = true;
            }
            let pods: Vec<_> = fitting.iter().map(|(_, alike)| *alike).collect();
            let estimate = estimate((trial, first), making, &pods);
            if estimate.nodes > 0 {
                options.push(Possible { group, estimate });
            }
        }
        if let Some(best) = self.choose(view, snapshot, &options) {
            decision.scale_up = self.grow(view, &options, best);
            self.last_scale_up = Some(view.now);
            return;
        }
        let hopeless = alike.iter().zip(reasons).zip(helped).filter(|(_, helped)| !helped);
        decision.not_triggered = hopeless
            .flat_map(|((alike, reasons), _)| alike.pods.iter().map(move |&pod| (pod, reasons.clone())))
            .collect();
    }

    /// Whether a group may have another node.
    fn may_grow(&self, view: &View<'_>, group: usize) -> Result<(), &'static str> {
        if self.backoff[group].holds(view.now) {
            return Err(BACKOFF);
        }
        if !health::is_group_healthy(&self.config, view, group) {
            return Err(NOT_READY);
        }
        if self.room_of_pool(view, group) == 0 {
            return Err(MAX_SIZE);
        }
        if self.room_of_cluster(view) == 0 {
            return Err(MAX_NODES);
        }
        if self.room_of_limits(view, group) == 0 {
            return Err(LIMIT);
        }
        Ok(())
    }

    fn room_of_pool(&self, view: &View<'_>, group: usize) -> u32 {
        let pool = self.groups[group].pool;
        let size = view.size_of(|other| self.groups[other].pool == pool);
        self.pools[pool].max.saturating_sub(size)
    }

    fn room_of_cluster(&self, view: &View<'_>) -> u32 {
        let there = (view.cluster.node_count() + view.requests.len()) as u32;
        self.config.max_nodes_total.map_or(u32::MAX, |most| most.saturating_sub(there))
    }

    /// How many nodes of a group the limits of the whole cluster leave room for
    /// (core/scaleup/resource/manager.go `ResourcesLeft`).
    fn room_of_limits(&self, view: &View<'_>, group: usize) -> u32 {
        let (mut cpu, mut memory) = (MilliCpu::ZERO, Bytes::ZERO);
        let of_groups = view.members.iter().map(|one| one.group);
        for one in of_groups.chain(view.requests.iter().map(|one| one.group)) {
            cpu += self.groups[one].cpu;
            memory += self.groups[one].memory;
        }
        let left = |most: i64, has: i64, each: i64| ((most - has).max(0) / each.max(1)) as u32;
        let group = &self.groups[group];
        let of_cpu = self.config.max_cores_total.map_or(u32::MAX, |most| left(most.0, cpu.0, group.cpu.0));
        let of_memory =
            self.config.max_memory_total.map_or(u32::MAX, |most| left(most.0, memory.0, group.memory.0));
        of_cpu.min(of_memory)
    }

    fn making<'s>(&'s self, view: &View<'s>, group: usize) -> Making<'s> {
        let limit = self
            .room_of_pool_or_alike(view, group)
            .min(self.room_of_cluster(view))
            .min(self.config.max_nodes_per_scale_up);
        let first_template = view.next_template[group];
        Making { group: &self.groups[group], first_template, daemons: view.daemons, limit }
    }

    /// How many nodes a group may have more, with those that balance it if they do.
    fn room_of_pool_or_alike(&self, view: &View<'_>, group: usize) -> u32 {
        let mut pools: Vec<_> =
            self.alike_groups(view, group).into_iter().map(|one| (self.groups[one].pool, one)).collect();
        pools.sort_unstable();
        pools.dedup_by_key(|(pool, _)| *pool);
        pools.into_iter().map(|(_, one)| self.room_of_pool(view, one)).sum()
    }

    /// The group and those that are alike and may grow too, if they are balanced.
    fn alike_groups(&self, view: &View<'_>, group: usize) -> Vec<usize> {
        if !self.config.balance_similar_node_groups {
            return vec![group];
        }
        let is_alike = |&other: &usize| {
            other == group
                || are_alike(&self.groups[group], &self.groups[other]) && self.may_grow(view, other).is_ok()
        };
        (0..self.groups.len()).filter(is_alike).collect()
    }

    /// Which option the expanders choose.
    fn choose(&self, view: &View<'_>, snapshot: &Snapshot<'_>, options: &[Possible]) -> Option<usize> {
        let offer = |option: &Possible| {
            let group = &self.groups[option.group];
            let (mut cpu, mut memory) = (MilliCpu::ZERO, Bytes::ZERO);
            for &pod in &option.estimate.pods {
                let wants = &snapshot.cluster.spec_of(pod).requests.placed;
                cpu += wants.cpu;
                memory += wants.memory;
            }
            Offer {
                name: group.name.clone(),
                nodes: option.estimate.nodes,
                pods: option.estimate.pods.len(),
                requested: (cpu, memory),
                capacity: (group.cpu, group.memory),
                node_price: group.price.per_hour_f64(),
            }
        };
        let offers: Vec<_> = options.iter().map(offer).collect();
        let (vcpu, gib) = self.config.pod_prices;
        let market = Market {
            nodes: view.cluster.node_count(),
            vcpu_price: vcpu.per_hour_f64(),
            gib_price: gib.per_hour_f64(),
        };
        expander::choose(&self.config.expanders, &offers, market, (view.seed, self.scans))
    }

    /// How much the chosen group grows, and those that balance it.
    fn grow(&self, view: &View<'_>, options: &[Possible], best: usize) -> Vec<Increase> {
        let Possible { group: best, estimate } = &options[best];
        let new = estimate.nodes.min(self.room_of_limits(view, *best));
        let groups = self.alike_groups(view, *best);
        let size = |group: usize| view.size_of(|other| other == group);
        let sizes: Vec<_> =
            groups.iter().map(|&one| (size(one), size(one) + self.room_of_pool(view, one))).collect();
        let shares = shares(&sizes, new);
        let increase = |(&group, nodes): (&usize, u32)| Increase {
            group,
            from: size(group),
            nodes,
            max: self.pools[self.groups[group].pool].max,
            pods: estimate.pods.clone(),
        };
        groups.iter().zip(shares).filter(|(_, nodes)| *nodes > 0).map(increase).collect()
    }
}

/// The pods that a node could take; of the others it is noted why not.
fn fitting<'p>(
    snapshot: &Snapshot<'_>,
    node: NodeId,
    alike: &'p [Alike],
    reasons: &mut [Reasons],
) -> Vec<(usize, &'p Alike)> {
    let mut fitting = Vec::new();
    for (place, one) in alike.iter().enumerate() {
        match snapshot.find(one.pods[0], [node]) {
            Ok(_) => fitting.push((place, one)),
            Err(refused) => {
                let said = refused.map(|one| one.rejection.reasons).unwrap_or_default();
                for reason in said {
                    *reasons[place].entry(reason.into_owned()).or_default() += 1;
                }
            }
        }
    }
    fitting
}

/// Pods of one specification together (core/scaleup/equivalence/groups.go).
fn alike(snapshot: &Snapshot<'_>, pending: &[Pending]) -> Vec<Alike> {
    let mut alike: Vec<Alike> = Vec::new();
    let mut places: BTreeMap<ClassId, usize> = BTreeMap::new();
    for one in pending {
        let class = snapshot.cluster.pod(one.pod).class;
        let place = *places.entry(class).or_insert(alike.len());
        if place == alike.len() {
            alike.push(Alike { class, pods: Vec::new() });
        }
        alike[place].pods.push(one.pod);
    }
    alike
}
