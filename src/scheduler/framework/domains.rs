//! Scoring by domains as the reference does it: everything is counted anew in each attempt.
//!
//! Source: framework/plugins/podtopologyspread/scoring.go at tag v1.34.1.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{DomainCount, DomainScore, PreScore, pods_on};
use crate::cluster::{Cluster, Node};
use crate::id::{ClassId, NodeId};

/// Counts what `score` counts, over the domains of the feasible nodes.
pub(super) fn pre_score<'a>(
    score: DomainScore,
    cluster: &'a Cluster,
    feasible: &'a [NodeId],
) -> PreScore<'a> {
    let complete = |node: &Node| score.is_complete(&node.spec);
    let ignored: FxHashSet<NodeId> =
        feasible.iter().copied().filter(|&node| !complete(cluster.node(node))).collect();
    let among: Vec<_> =
        feasible.iter().filter(|node| !ignored.contains(node)).map(|&node| cluster.node(node)).collect();
    let counting: Vec<_> = cluster.nodes().filter(|node| complete(node)).collect();
    let tallies: Vec<_> =
        score.counts.iter().map(|count| Tally::new(&score, count, cluster, &among, &counting)).collect();
    PreScore::run(move |node| {
        if ignored.contains(&node.id) {
            return None;
        }
        let part = |(count, tally): (&DomainCount, &Tally<'_>)| {
            let Some(domain) = count.domain(&node.spec) else { return 0.0 };
            let pods = if count.by_node {
                tally.members.borrow_mut().on(node, count, cluster)
            } else {
                tally.per_domain.get(domain).copied().unwrap_or(0)
            };
            (score.part)(count, pods, tally.weight)
        };
        let sum: f64 = score.counts.iter().zip(&tallies).map(part).sum();
        Some(sum.round() as i64)
    })
}

/// One label, with the pods counted in each of its domains.
struct Tally<'a> {
    per_domain: FxHashMap<&'a str, i64>,
    weight: f64,
    members: RefCell<Members>,
}

impl<'a> Tally<'a> {
    fn new(
        score: &DomainScore,
        count: &DomainCount,
        cluster: &'a Cluster,
        among: &[&'a Node],
        counting: &[&'a Node],
    ) -> Self {
        // A node without the label stands in the domain of the empty value, as upstream's map look-up has it.
        let domain = |node: &'a Node| count.domain(&node.spec).unwrap_or_default();
        let mut members = Members::default();
        let mut per_domain = FxHashMap::default();
        if !count.by_node {
            per_domain.extend(among.iter().map(|node| (domain(node), 0)));
            for node in counting.iter().filter(|node| (count.on)(&node.spec)) {
                if let Some(pods) = per_domain.get_mut(domain(node)) {
                    *pods += members.on(node, count, cluster);
                }
            }
        }
        let domains = if count.by_node { among.len() } else { per_domain.len() };
        Self { per_domain, weight: (score.weight)(domains), members: RefCell::new(members) }
    }
}

/// Whether the pods of a class count, looked up once per class.
#[derive(Default)]
struct Members(Vec<Option<bool>>);

impl Members {
    fn on(&mut self, node: &Node, count: &DomainCount, cluster: &Cluster) -> i64 {
        pods_on(node, |class| self.has(class, count, cluster))
    }

    fn has(&mut self, class: ClassId, count: &DomainCount, cluster: &Cluster) -> bool {
        if self.0.len() <= class.index() {
            self.0.resize(class.index() + 1, None);
        }
        *self.0[class.index()].get_or_insert_with(|| count.counts(cluster.class(class)))
    }
}
