//! How many nodes of a group pods would need: the largest first, onto the new nodes in turn (estimator/binpacking_estimator.go,
//! estimator/decreasing_pod_orderer.go).

use std::sync::Arc;

use super::Group;
use super::snapshot::Snapshot;
use crate::id::{ClassId, NodeId, PodId};
use crate::object::PodSpec;

/// Pods that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alike {
    pub(super) class: ClassId,
    pub(super) pods: Vec<PodId>,
}

/// What a group could do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Estimate {
    /// How many new nodes would have pods.
    pub(super) nodes: u32,
    /// The pods.
    pub(super) pods: Vec<PodId>,
}

/// How new nodes are made.
#[derive(Clone, Copy)]
pub(super) struct Making<'s> {
    pub(super) group: &'s Group,
    /// Which template comes first.
    pub(super) first_template: usize,
    pub(super) daemons: &'s [Arc<PodSpec>],
    /// No more nodes than this.
    pub(super) limit: u32,
}

/// New nodes of a group, and which of them have pods.
struct Packing<'s, 'a> {
    snapshot: Snapshot<'a>,
    make: Making<'s>,
    nodes: Vec<NodeId>,
    used: Vec<bool>,
    pods: Vec<PodId>,
}

/// How many nodes of a group the pods would need, and which of the pods would find room. The first of them is in the
/// snapshot already.
pub(super) fn estimate(
    (snapshot, first): (Snapshot<'_>, NodeId),
    make: Making<'_>,
    alike: &[&Alike],
) -> Estimate {
    let score = |one: &Alike| score(&snapshot, make.group, one.class);
    let mut alike = alike.to_vec();
    alike.sort_by(|a, b| score(b).total_cmp(&score(a)));
    let mut packing = Packing { snapshot, make, nodes: vec![first], used: vec![false], pods: Vec::new() };
    for one in alike {
        let placed = packing.onto_earlier_nodes(&one.pods);
        packing.onto_new_nodes(&one.pods[placed..]);
    }
    let nodes = packing.used.iter().filter(|used| **used).count() as u32;
    Estimate { nodes, pods: packing.pods }
}

/// How much of a node a pod takes: its share of the cpu plus its share of the memory.
fn score(snapshot: &Snapshot<'_>, group: &Group, class: ClassId) -> f64 {
    let wants = &snapshot.cluster.class(class).requests.placed;
    let has = &group.template(0).allocatable;
    let share = |wants: i64, has: i64| if has > 0 { wants as f64 / has as f64 } else { 0.0 };
    share(wants.cpu.0, has.cpu.0) + share(wants.memory.0, has.memory.0)
}

impl Packing<'_, '_> {
    /// Puts pods that are alike onto the new nodes that there are, until one does not fit; how many that were.
    fn onto_earlier_nodes(&mut self, pods: &[PodId]) -> usize {
        pods.iter().take_while(|&&pod| self.put(pod, 0)).count()
    }

    /// Puts pods onto the last node or another new one, until nothing helps.
    fn onto_new_nodes(&mut self, pods: &[PodId]) {
        for &pod in pods {
            let last = self.nodes.len() - 1;
            if self.put(pod, last) {
                continue;
            }
            // A pod that an empty node cannot take no new node can take.
            let is_hopeless = self.used.last() == Some(&false);
            if is_hopeless || self.nodes.len() as u32 >= self.make.limit {
                break;
            }
            let Making { group, first_template, daemons, .. } = self.make;
            let template = group.template(first_template + self.nodes.len());
            self.nodes.push(self.snapshot.add_node(template, daemons));
            self.used.push(false);
            let last = self.nodes.len() - 1;
            if !self.put(pod, last) {
                break;
            }
        }
    }

    /// Puts a pod onto a new node that takes it, not looking at those before `from`.
    fn put(&mut self, pod: PodId, from: usize) -> bool {
        let Ok(place) = self.snapshot.place(pod, &self.nodes[from..], None) else { return false };
        self.used[from + place] = true;
        self.pods.push(pod);
        true
    }
}
