//! ScheduleAnyway: fewer selected pods in a node's domains score better.
//!
//! Source: framework/plugins/podtopologyspread/scoring.go at tag v1.34.1.

use std::sync::Arc;

use super::counts;
use crate::object::{LABEL_HOSTNAME, PodSpec, SpreadConstraint};
use crate::scheduler::framework::{DomainCount, DomainScore};

/// What soft constraints count, and how it scores.
pub(super) fn domain_score(
    constraints: Vec<SpreadConstraint>,
    needs_all_keys: bool,
    pod: &Arc<PodSpec>,
) -> DomainScore {
    let counts = constraints.into_iter().map(|constraint| domain_count(constraint, pod)).collect();
    DomainScore { counts, all_keys: needs_all_keys, weight, part }
}

fn domain_count(constraint: SpreadConstraint, pod: &Arc<PodSpec>) -> DomainCount {
    let selector = constraint.selector.clone().filter(|selector| !selector.is_empty());
    let (topology_key, max_skew) = (constraint.topology_key.clone(), constraint.max_skew);
    let by_node = topology_key == LABEL_HOSTNAME;
    let counted = selector.map(|selector| (pod.namespace.clone(), selector));
    let pod = Arc::clone(pod);
    let on = Box::new(move |node: &_| counts(&constraint, &pod, node));
    DomainCount { topology_key, by_node, counted, on, max_skew }
}

/// `topologyNormalizingWeight`: the more domains, the more a pod in one of them weighs.
fn weight(domains: usize) -> f64 {
    libm::log(domains as f64 + 2.0)
}

/// `scoreForCount`.
fn part(count: &DomainCount, pods: i64, weight: f64) -> f64 {
    pods as f64 * weight + (count.max_skew - 1) as f64
}
