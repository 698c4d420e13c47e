//! ScheduleAnyway: fewer selected pods in a node's domains score better.
//!
//! Source: framework/plugins/podtopologyspread/scoring.go at tag v1.34.1.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::domains::Counted;
use super::{counts, has_all_keys};
use crate::cluster::{Cluster, Node};
use crate::id::NodeId;
use crate::object::{LABEL_HOSTNAME, PodSpec, SpreadConstraint};
use crate::scheduler::framework::PreScore;

/// One constraint with what its score needs.
struct Scored<'a> {
    constraint: SpreadConstraint,
    /// Pods per domain among the domains of feasible nodes; unused for hostname, which counts on the node itself.
    per_domain: FxHashMap<&'a str, i64>,
    /// `ln(domains + 2)`: the more domains, the more a pod in one of them weighs.
    weight: f64,
    counted: RefCell<Counted>,
}

pub(super) fn pre_score<'a>(
    constraints: &[SpreadConstraint],
    needs_all_keys: bool,
    pod: &'a PodSpec,
    cluster: &'a Cluster,
    feasible: &'a [NodeId],
) -> PreScore<'a> {
    let complete = |node: &Node| !needs_all_keys || has_all_keys(constraints, &node.spec);
    let ignored: FxHashSet<NodeId> =
        feasible.iter().copied().filter(|&node| !complete(cluster.node(node))).collect();
    let spread_over: Vec<_> =
        feasible.iter().filter(|node| !ignored.contains(node)).map(|&node| cluster.node(node)).collect();
    let counting: Vec<_> = cluster.nodes().filter(|node| complete(node)).collect();
    let all: Vec<_> = constraints
        .iter()
        .map(|constraint| Scored::new(constraint, pod, cluster, &spread_over, &counting))
        .collect();
    PreScore::run(move |node| {
        if ignored.contains(&node.id) {
            return None;
        }
        let score: f64 = all.iter().map(|scored| scored.score(node, cluster)).sum();
        Some(score.round() as i64)
    })
}

impl<'a> Scored<'a> {
    fn new(
        constraint: &SpreadConstraint,
        pod: &PodSpec,
        cluster: &'a Cluster,
        spread_over: &[&'a Node],
        counting: &[&'a Node],
    ) -> Self {
        // A node without the label stands in the domain of the empty value, as upstream's map look-up has it.
        let domain = |node: &'a Node| node.spec.labels.get(&constraint.topology_key).unwrap_or_default();
        let mut counted = Counted::new(constraint.selector.as_ref(), pod);
        let mut per_domain = FxHashMap::default();
        let by_host = constraint.topology_key == LABEL_HOSTNAME;
        if !by_host {
            per_domain.extend(spread_over.iter().map(|node| (domain(node), 0)));
            for node in counting.iter().filter(|node| counts(constraint, pod, &node.spec)) {
                if let Some(count) = per_domain.get_mut(domain(node)) {
                    *count += counted.on(node, cluster);
                }
            }
        }
        let domains = if by_host { spread_over.len() } else { per_domain.len() };
        let weight = libm::log(domains as f64 + 2.0);
        Self { constraint: constraint.clone(), per_domain, weight, counted: RefCell::new(counted) }
    }

    fn score(&self, node: &Node, cluster: &Cluster) -> f64 {
        let Some(domain) = node.spec.labels.get(&self.constraint.topology_key) else { return 0.0 };
        let count = if self.constraint.topology_key == LABEL_HOSTNAME {
            self.counted.borrow_mut().on(node, cluster)
        } else {
            self.per_domain.get(domain).copied().unwrap_or(0)
        };
        count as f64 * self.weight + (self.constraint.max_skew - 1) as f64
    }
}
