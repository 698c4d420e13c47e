//! DoNotSchedule: the skew that a node would get.
//!
//! Source: framework/plugins/podtopologyspread/filtering.go at tag v1.34.1.

use rustc_hash::FxHashMap;

use super::domains::Counted;
use super::{counts, has_all_keys, selects};
use crate::cluster::{Cluster, Node};
use crate::object::{PodSpec, SpreadConstraint};
use crate::scheduler::framework::{PreFilter, Rejection};

const SKEWED: &str = "node(s) didn't match pod topology spread constraints";
const NO_LABEL: &str = "node(s) didn't match pod topology spread constraints (missing required label)";

/// One constraint with the pods counted in each of its domains.
struct Counts<'a> {
    constraint: SpreadConstraint,
    per_domain: FxHashMap<&'a str, i64>,
    self_match: i64,
    least: i64,
}

pub(super) fn pre_filter<'a>(
    constraints: Vec<SpreadConstraint>,
    pod: &'a PodSpec,
    cluster: &'a Cluster,
) -> PreFilter<'a> {
    let eligible: Vec<_> = cluster.nodes().filter(|node| has_all_keys(&constraints, &node.spec)).collect();
    let all: Vec<_> =
        constraints.into_iter().map(|constraint| Counts::new(constraint, pod, cluster, &eligible)).collect();
    PreFilter::run(move |node| all.iter().try_for_each(|counts| counts.judge(node)))
}

impl<'a> Counts<'a> {
    fn new(constraint: SpreadConstraint, pod: &PodSpec, cluster: &'a Cluster, eligible: &[&'a Node]) -> Self {
        let mut counted = Counted::new(constraint.selector.as_ref(), pod);
        let mut per_domain = FxHashMap::default();
        for node in eligible.iter().filter(|node| counts(&constraint, pod, &node.spec)) {
            let domain = node.spec.labels.get(&constraint.topology_key).unwrap_or_default();
            *per_domain.entry(domain).or_insert(0) += counted.on(node, cluster);
        }
        let enough = per_domain.len() as i64 >= constraint.min_domains;
        let least = if enough { per_domain.values().copied().min().unwrap_or(0) } else { 0 };
        let self_match = i64::from(selects(constraint.selector.as_ref(), pod));
        Self { constraint, per_domain, self_match, least }
    }

    fn judge(&self, node: &Node) -> Result<(), Rejection> {
        let Some(domain) = node.spec.labels.get(&self.constraint.topology_key) else {
            return Err(Rejection::unresolvable(NO_LABEL));
        };
        let there = self.per_domain.get(domain).copied().unwrap_or(0);
        if there + self.self_match - self.least > self.constraint.max_skew {
            return Err(Rejection::unschedulable(SKEWED));
        }
        Ok(())
    }
}
