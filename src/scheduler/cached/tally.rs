//! Pods counted by domain, kept up to date change by change.

use rustc_hash::FxHashMap;

use super::code::{MOST_DOMAINS, NO_DOMAIN};
use super::rows::Layout;
use crate::cluster::{Cluster, Node};
use crate::id::ClassId;
use crate::object::NodeSpec;
use crate::scheduler::framework::{DomainCount, DomainScore, pods_on};

/// The counts of one score.
pub(super) struct Tallies {
    pub(super) score: DomainScore,
    pub(super) counts: Vec<Tally>,
    /// How often the pods of a domain of several nodes have changed.
    pub(super) changes: u64,
    /// Whether the node of each row has all labels that are needed.
    pub(super) complete: Vec<bool>,
    members: Members,
}

/// One count.
pub(super) struct Tally {
    /// The domain of each row; 0 where each node is one of its own.
    domain: Vec<u32>,
    /// Whether the pods of each row count; only where nodes are not domains of their own.
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
        let (complete, members) = (vec![false; rows], Members::default());
        let mut tallies = Self { score, counts, changes: 0, complete, members };
        for (row, &node) in layout.order.iter().enumerate() {
            tallies.take_in(row, cluster.node(node), cluster);
        }
        Some(tallies)
    }

    /// Takes a row in whose pods are not counted yet.
    fn take_in(&mut self, row: usize, node: &Node, cluster: &Cluster) {
        let complete = self.score.is_complete(&node.spec);
        self.complete[row] = complete;
        for (index, (count, tally)) in self.score.counts.iter().zip(&mut self.counts).enumerate() {
            let has = |class| self.members.of(class, &self.score.counts, cluster) >> index & 1 == 1;
            tally.take_in(row, node, complete, count, has);
        }
    }

    /// A pod of a class came to a row's node (1) or left it (-1), as far as it is not terminating. Whether the row's own
    /// domains are other ones now.
    pub(super) fn count(&mut self, row: usize, class: ClassId, live: i64, cluster: &Cluster) -> bool {
        let members = self.members.of(class, &self.score.counts, cluster);
        if members == 0 {
            return false;
        }
        let mut is_own = false;
        for (index, (count, tally)) in self.score.counts.iter().zip(&mut self.counts).enumerate() {
            if members >> index & 1 == 0 {
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
            && self.score.counts.iter().zip(&self.counts).all(|(count, tally)| {
                let known = Some(tally.domain[row]).filter(|&domain| domain != NO_DOMAIN);
                if count.by_node {
                    return count.domain(spec).is_some() == known.is_some();
                }
                let domain = count.domain(spec).map(|name| tally.numbers.get(name).copied());
                domain == known.map(Some)
                    && tally.counted[row] == (complete && (count.on)(spec) && known.is_some())
            })
    }

    /// For each count the domain of a row, or the pods that count on it.
    pub(super) fn domains(&self, row: usize) -> [u32; MOST_DOMAINS] {
        let mut domains = [0; MOST_DOMAINS];
        for ((count, tally), domain) in self.score.counts.iter().zip(&self.counts).zip(&mut domains) {
            *domain = match tally.domain[row] {
                NO_DOMAIN => NO_DOMAIN,
                _ if count.by_node => tally.own[row],
                domain => domain,
            };
        }
        domains
    }
}

impl Tally {
    fn new(rows: usize) -> Self {
        Self {
            domain: vec![NO_DOMAIN; rows],
            counted: vec![false; rows],
            own: vec![0; rows],
            pods: Vec::new(),
            numbers: FxHashMap::default(),
        }
    }

    fn take_in(
        &mut self,
        row: usize,
        node: &Node,
        complete: bool,
        count: &DomainCount,
        has: impl FnMut(ClassId) -> bool,
    ) {
        let Some(name) = count.domain(&node.spec) else { return };
        if count.by_node {
            (self.domain[row], self.own[row]) = (0, pods_on(node, has) as u32);
            return;
        }
        let next = self.pods.len() as u32;
        let domain = *self.numbers.entry(name.to_owned()).or_insert(next);
        if domain == next {
            self.pods.push(0);
        }
        self.domain[row] = domain;
        self.counted[row] = complete && (count.on)(&node.spec);
        if self.counted[row] {
            self.pods[domain as usize] += pods_on(node, has);
        }
    }
}

/// Which counts the pods of a class belong to, a bit each, looked up once.
#[derive(Default)]
struct Members(Vec<Option<u8>>);

impl Members {
    fn of(&mut self, class: ClassId, counts: &[DomainCount], cluster: &Cluster) -> u8 {
        if self.0.len() <= class.index() {
            self.0.resize(class.index() + 1, None);
        }
        *self.0[class.index()].get_or_insert_with(|| {
            let belongs =
                |(index, count): (usize, &DomainCount)| u8::from(count.counts(cluster.class(class))) << index;
            counts.iter().enumerate().map(belongs).sum()
        })
    }
}
