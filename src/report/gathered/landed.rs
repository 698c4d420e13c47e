//! Where pods landed, by workload and by place.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::cost::Micros;
use crate::metric::{NodeRow, Overflow, PodRow};
use crate::object::NodeClass;
use crate::units::{Bytes, MilliCpu, Price};

type ByName<T> = IndexMap<String, T, FxBuildHasher>;

/// The most workloads that are told apart: every Job is one.
const WORKLOADS: usize = 1000;

/// Pods by where they went and why; those that count in the figures about pods, and the money of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::report) struct Counts {
    /// On ECS nodes.
    pub(in crate::report) ecs: u64,
    /// On virtual nodes, early.
    pub(in crate::report) early: u64,
    /// There because no ECS node had room.
    pub(in crate::report) full: u64,
    /// There because the pod asks for it.
    pub(in crate::report) directed: u64,
    /// There because no ECS node was eligible.
    pub(in crate::report) excluded: u64,
    /// Pods that never had a node.
    pub(in crate::report) nowhere: u64,
    /// What the pods cost, as it is printed.
    pub(in crate::report) cost: Micros,
}

impl Counts {
    fn add(&mut self, row: &PodRow<&str>, cost: Micros) {
        self.cost.0 += cost.0;
        if !row.counted {
            return;
        }
        let count = match (row.overflow, row.node_class) {
            (Some(Overflow::Early), _) => &mut self.early,
            (Some(Overflow::Full), _) => &mut self.full,
            (Some(Overflow::Directed), _) => &mut self.directed,
            (Some(Overflow::Excluded), _) => &mut self.excluded,
            (None, Some(_)) => &mut self.ecs,
            (None, None) => &mut self.nowhere,
        };
        *count += 1;
    }

    fn join(&mut self, other: Self) {
        self.ecs += other.ecs;
        self.early += other.early;
        self.full += other.full;
        self.directed += other.directed;
        self.excluded += other.excluded;
        self.nowhere += other.nowhere;
        self.cost.0 += other.cost.0;
    }

    /// Pods that landed on virtual nodes.
    pub(in crate::report) fn on_virtual(&self) -> u64 {
        self.early + self.full + self.directed + self.excluded
    }

    /// All pods.
    pub(in crate::report) fn all(&self) -> u64 {
        self.ecs + self.on_virtual() + self.nowhere
    }
}

/// Nodes of one kind: those of a pool, or a virtual node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Place {
    /// The pool; or the node's own name, where it is of none.
    pub(in crate::report) name: String,
    pub(in crate::report) class: NodeClass,
    /// The instance type of the first of them, or the empty text.
    pub(in crate::report) instance_type: String,
    /// How many there ever were.
    pub(in crate::report) nodes: u64,
    /// What pods may request of the first of them.
    pub(in crate::report) allocatable: (MilliCpu, Bytes),
    /// The price of the first of them.
    pub(in crate::report) price: Price,
    /// What pods landed there.
    pub(in crate::report) pods: Counts,
    /// What the nodes themselves cost, and what of it was idle, as it is printed.
    pub(in crate::report) cost: Micros,
    pub(in crate::report) idle_cost: Micros,
}

/// Pods by workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Workloads<'a> {
    /// Those with most pods, by title, the largest first.
    pub(in crate::report) told: Vec<(&'a str, Counts)>,
    /// What all others come to, if there are any.
    pub(in crate::report) others: Option<Counts>,
}

/// Where pods landed.
#[derive(Debug, Default)]
pub(in crate::report) struct Landed {
    by_node: ByName<Counts>,
    by_workload: ByName<Counts>,
    /// Pods of workloads beyond those that are told apart.
    others: Counts,
    places: Vec<Place>,
}

impl Landed {
    pub(super) fn pod(&mut self, row: &PodRow<&str>, cost: Micros) {
        if !row.node.is_empty() {
            at(&mut self.by_node, row.node).add(row, cost);
        }
        if !row.counted {
            return;
        }
        let is_known = self.by_workload.len() < WORKLOADS || self.by_workload.contains_key(row.workload);
        let counts = if is_known { at(&mut self.by_workload, row.workload) } else { &mut self.others };
        counts.add(row, cost);
    }

    /// A node; those come when all pods have.
    pub(super) fn node(&mut self, row: &NodeRow, cost: Micros, idle_cost: Micros) {
        let name = if row.pool.is_empty() { &row.name } else { &row.pool };
        let pods = self.by_node.get(&row.name).copied().unwrap_or_default();
        let same = |place: &&mut Place| place.name == *name && place.class == row.class;
        match self.places.iter_mut().find(same) {
            Some(place) => {
                place.nodes += 1;
                place.pods.join(pods);
                place.cost.0 += cost.0;
                place.idle_cost.0 += idle_cost.0;
            }
            None => self.places.push(Place {
                name: name.clone(),
                class: row.class,
                instance_type: row.instance_type.clone(),
                nodes: 1,
                allocatable: (row.cpu, row.memory),
                price: row.price,
                pods,
                cost,
                idle_cost,
            }),
        }
    }

    /// Where nodes were, in order of their first node.
    pub(in crate::report) fn places(&self) -> &[Place] {
        &self.places
    }

    /// The workloads with most pods, at most `most` of them, and all others together.
    pub(in crate::report) fn workloads(&self, most: usize) -> Workloads<'_> {
        let mut all: Vec<_> =
            self.by_workload.iter().map(|(name, counts)| (name.as_str(), *counts)).collect();
        all.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.all()));
        let rest = all.split_off(most.min(all.len()));
        let mut others = self.others;
        for (_, counts) in &rest {
            others.join(*counts);
        }
        Workloads { told: all, others: (others.all() > 0).then_some(others) }
    }
}

fn at<'m>(counts: &'m mut ByName<Counts>, name: &str) -> &'m mut Counts {
    // Most names are known: no text is made of them.
    let place =
        counts.get_index_of(name).unwrap_or_else(|| counts.insert_full(name.to_owned(), Counts::default()).0);
    &mut counts[place]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimTime;

    fn row<'r>(
        workload: &'r str,
        node: &'r str,
        overflow: Option<Overflow>,
        counted: bool,
    ) -> PodRow<&'r str> {
        PodRow {
            name: "pod",
            namespace: "default",
            workload,
            node,
            node_class: (!node.is_empty()).then_some(if overflow.is_some() {
                NodeClass::Virtual
            } else {
                NodeClass::Ecs
            }),
            created: SimTime::ZERO,
            scheduled: None,
            ready: None,
            finished: None,
            containers: 1,
            attempts: 1,
            counted,
            overflow,
            billed_spec: "",
            cost: crate::units::Money::ZERO,
        }
    }

    #[test]
    fn pods_are_counted_once_by_workload_and_what_does_not_count_only_pays() {
        let mut landed = Landed::default();
        landed.pod(&row("a", "ecs-0", None, true), Micros(0));
        landed.pod(&row("a", "virtual", Some(Overflow::Early), true), Micros(5));
        landed.pod(&row("b", "virtual", Some(Overflow::Full), true), Micros(7));
        landed.pod(&row("b", "", None, true), Micros(0));
        landed.pod(&row("DaemonSet/x", "virtual", None, false), Micros(3));
        let Workloads { told, others } = landed.workloads(1);
        assert_eq!((told[0].0, told[0].1.ecs, told[0].1.early, told[0].1.all()), ("a", 1, 1, 2));
        let rest = others.unwrap();
        assert_eq!((rest.full, rest.nowhere, rest.cost), (1, 1, Micros(7)));
        assert_eq!(landed.by_node["virtual"].cost, Micros(15), "all pay");
        assert_eq!(landed.by_node["virtual"].all(), 2);
    }

    #[test]
    fn beyond_a_thousand_workloads_pods_are_counted_together() {
        let mut landed = Landed::default();
        for number in 0..WORKLOADS + 5 {
            landed.pod(&row(&format!("Job/default/{number}"), "ecs-0", None, true), Micros(0));
        }
        landed.pod(&row("Job/default/0", "ecs-0", None, true), Micros(0));
        assert_eq!((landed.by_workload.len(), landed.others.ecs), (WORKLOADS, 5));
        let Workloads { told, others } = landed.workloads(3);
        assert_eq!(
            (told[0], others.map(|rest| rest.ecs)),
            (("Job/default/0", Counts { ecs: 2, ..Counts::default() }), Some(1002))
        );
    }
}
