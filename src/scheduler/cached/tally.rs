//! Pods counted by domain, kept up to date change by change.

use rustc_hash::FxHashMap;

use super::rows::Layout;
use crate::cluster::{Cluster, Node};
use crate::id::ClassId;
use crate::object::NodeSpec;
use crate::scheduler::framework::{DomainCount, DomainScore, pods_on};

use super::code::{MOST_DOMAINS, NO_DOMAIN};

/// The counts of one score.
pub(super) struct Tallies {
    pub(super) score: DomainScore,
    pub(super) counts: Vec<Tally>,
    /// How often the pods of a domain of several nodes have changed.
    pub(super) changes: u64,
    /// Whether the node of each row has all labels that are needed.
    pub(super) complete: Vec<bool>,
}

/// One count.
pub(super) struct Tally {
    /// Whether the pods of a class count, by class; looked up once.
    members: Vec<Option<bool>>,
    /// The domain of each row, and whether its pods count; only where nodes are not domains of their own.
    domain: Vec<u32>,
    counted: Vec<bool>,
    /// The pods that count on the node of each row; only where nodes are domains of their own.
    own: Vec<u32>,
    /// Pods by domain.
    pub(super) pods: Vec<i64>,
    numbers: FxHashMap<String, u32>,
}

impl Tallies {
    /// Counts everything; `None` if the score counts by too many labels.
    pub(super) fn new(score: DomainScore, cluster: &Cluster, layout: &Layout) -> Option<Self> {
        if score.counts.len() > MOST_DOMAINS {
            return None;
        }
        let rows = layout.order.len();
        let counts = score.counts.iter().map(|_| Tally::new(rows)).collect();
        let mut tallies = Self { score, counts, changes: 0, complete: vec![false; rows] };
        for (row, &node) in layout.order.iter().enumerate() {
            tallies.take_in(row, cluster.node(node), cluster);
        }
        Some(tallies)
    }

    /// Takes a row in whose pods are not counted yet.
    fn take_in(&mut self, row: usize, node: &Node, cluster: &Cluster) {
        self.complete[row] = self.score.is_complete(&node.spec);
        for (count, tally) in self.score.counts.iter().zip(&mut self.counts) {
            tally.take_in(row, node, self.complete[row], count, cluster);
        }
    }

    /// A pod of a class came to a row's node (1) or left it (-1), as far as it is not terminating. Whether the row's own
    /// domains are other ones now.
    pub(super) fn count(&mut self, row: usize, class: ClassId, live: i64, cluster: &Cluster) -> bool {
        let mut is_own = false;
        for (count, tally) in self.score.counts.iter().zip(&mut self.counts) {
            if !tally.has(class, count, cluster) {
                continue;
            }
            if count.by_node {
                tally.own[row] = (i64::from(tally.own[row]) + live) as u32;
                is_own = true;
            } else if tally.counted[row] {
                tally.pods[tally.domain[row] as usize] += live;
                self.changes += 1;
            }
        }
        is_own
    }

    /// Whether a node that says something else of itself stands where it stood.
    pub(super) fn still_holds(&self, row: usize, spec: &NodeSpec) -> bool {
        let complete = self.score.is_complete(spec);
        complete == self.complete[row]
            && self.score.counts.iter().zip(&self.counts).filter(|(one, _)| !one.by_node).all(
                |(count, tally)| {
                    let domain = count.domain(spec).map(|name| tally.numbers.get(name).copied());
                    let known = Some(tally.domain[row]).filter(|&domain| domain != NO_DOMAIN);
                    domain == known.map(Some)
                        && tally.counted[row] == (complete && (count.on)(spec) && known.is_some())
                },
            )
    }

    /// For each count the domain of a row, or the pods that count on it.
    pub(super) fn domains(&self, row: usize, node: &Node) -> [u32; MOST_DOMAINS] {
        let mut domains = [0; MOST_DOMAINS];
        for ((count, tally), domain) in self.score.counts.iter().zip(&self.counts).zip(&mut domains) {
            *domain = if !count.by_node {
                tally.domain[row]
            } else if count.domain(&node.spec).is_some() {
                tally.own[row]
            } else {
                NO_DOMAIN
            };
        }
        domains
    }
}

impl Tally {
    fn new(rows: usize) -> Self {
        Self {
            members: Vec::new(),
            domain: vec![NO_DOMAIN; rows],
            counted: vec![false; rows],
            own: vec![0; rows],
            pods: Vec::new(),
            numbers: FxHashMap::default(),
        }
    }

    fn take_in(&mut self, row: usize, node: &Node, complete: bool, count: &DomainCount, cluster: &Cluster) {
        if count.by_node {
            self.own[row] = pods_on(node, |class| self.has(class, count, cluster)) as u32;
            return;
        }
        let Some(name) = count.domain(&node.spec) else { return };
        let next = self.pods.len() as u32;
        let domain = *self.numbers.entry(name.to_owned()).or_insert(next);
        if domain == next {
            self.pods.push(0);
        }
        self.domain[row] = domain;
        self.counted[row] = complete && (count.on)(&node.spec);
        if self.counted[row] {
            let pods = pods_on(node, |class| self.has(class, count, cluster));
            self.pods[domain as usize] += pods;
        }
    }

    /// Whether the pods of a class count.
    fn has(&mut self, class: ClassId, count: &DomainCount, cluster: &Cluster) -> bool {
        if self.members.len() <= class.index() {
            self.members.resize(class.index() + 1, None);
        }
        *self.members[class.index()].get_or_insert_with(|| count.counts(cluster.class(class)))
    }
}
