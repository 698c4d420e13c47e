//! Required affinity and anti-affinity, the pod's own and that of pods already there.
//!
//! Source: framework/plugins/interpodaffinity/filtering.go at tag v1.34.1.

use rustc_hash::FxHashMap;

use super::term::{Term, incoming_terms, matches_all, own_terms};
use crate::cluster::{Cluster, Node};
use crate::object::PodSpec;
use crate::scheduler::framework::{PreFilter, Rejection};

const AFFINITY: &str = "node(s) didn't match pod affinity rules";
const ANTI_AFFINITY: &str = "node(s) didn't match pod anti-affinity rules";
const EXISTING_ANTI_AFFINITY: &str = "node(s) didn't satisfy existing pods anti-affinity rules";

/// Matching pods per topology key and value.
type Domains<'a> = FxHashMap<(&'a str, &'a str), i64>;

struct State<'a> {
    near: Vec<Term<'a>>,
    apart: Vec<Term<'a>>,
    near_counts: Domains<'a>,
    apart_counts: Domains<'a>,
    existing_apart: Domains<'a>,
    first_of_its_kind: bool,
}

/// Whether nobody has said anything about anybody.
pub(super) fn is_idle(pod: &PodSpec, cluster: &Cluster) -> bool {
    !pod.has_pod_affinity() && !cluster.has_pods_with_affinity()
}

pub(super) fn pre_filter<'a>(pod: &'a PodSpec, cluster: &'a Cluster) -> PreFilter<'a> {
    if is_idle(pod, cluster) {
        return PreFilter::Skip;
    }
    let near = incoming_terms(&pod.pod_affinity.required, pod, cluster);
    let apart = incoming_terms(&pod.pod_anti_affinity.required, pod, cluster);
    let existing_apart = existing_anti_affinity(pod, cluster);
    if near.is_empty() && apart.is_empty() && existing_apart.is_empty() {
        return PreFilter::Skip;
    }
    let (mut near_counts, mut apart_counts) = (Domains::default(), Domains::default());
    if !near.is_empty() || !apart.is_empty() {
        for (node, other, count) in placed(cluster) {
            if matches_all(&near, other, None) {
                for term in &near {
                    add(&mut near_counts, term, node, count);
                }
            }
            for term in apart.iter().filter(|term| term.matches(other, None)) {
                add(&mut apart_counts, term, node, count);
            }
        }
    }
    // The first of a group of pods that want to be together may go anywhere.
    let first_of_its_kind = near_counts.is_empty() && matches_all(&near, pod, None);
    let state = State { near, apart, near_counts, apart_counts, existing_apart, first_of_its_kind };
    PreFilter::run(move |node| state.judge(node))
}

/// Every class of pods on every node, with how many there are.
pub(super) fn placed(cluster: &Cluster) -> impl Iterator<Item = (&Node, &PodSpec, i64)> {
    cluster.nodes().flat_map(move |node| {
        node.per_class.iter().map(move |count| (node, &**cluster.class(count.class), i64::from(count.all)))
    })
}

/// Domains that pods already there keep pods like this one out of.
fn existing_anti_affinity<'a>(pod: &PodSpec, cluster: &'a Cluster) -> Domains<'a> {
    let labels = cluster.namespace_labels(&pod.namespace);
    let mut domains = Domains::default();
    for (node, other, count) in placed(cluster) {
        for term in own_terms(&other.pod_anti_affinity.required, other) {
            if term.matches(pod, labels) {
                add(&mut domains, &term, node, count);
            }
        }
    }
    domains
}

fn add<'a>(domains: &mut Domains<'a>, term: &Term<'a>, node: &'a Node, count: i64) {
    if let Some(value) = node.spec.labels.get(term.topology_key) {
        *domains.entry((term.topology_key, value)).or_insert(0) += count;
    }
}

impl State<'_> {
    fn judge(&self, node: &Node) -> Result<(), Rejection> {
        if !self.near_is_met(node) {
            return Err(Rejection::unresolvable(AFFINITY));
        }
        let crowded = |term: &Term<'_>| in_domain(&self.apart_counts, term.topology_key, node);
        if self.apart.iter().any(crowded) {
            return Err(Rejection::unschedulable(ANTI_AFFINITY));
        }
        let kept_out = |(key, value): (&String, &String)| {
            self.existing_apart.get(&(key.as_str(), value.as_str())).is_some_and(|&count| count > 0)
        };
        if node.spec.labels.0.iter().any(kept_out) {
            return Err(Rejection::unschedulable(EXISTING_ANTI_AFFINITY));
        }
        Ok(())
    }

    fn near_is_met(&self, node: &Node) -> bool {
        let has_key = |term: &Term<'_>| node.spec.labels.get(term.topology_key).is_some();
        let has_pods = |term: &Term<'_>| in_domain(&self.near_counts, term.topology_key, node);
        self.near.iter().all(has_key) && (self.near.iter().all(has_pods) || self.first_of_its_kind)
    }
}

fn in_domain(domains: &Domains<'_>, key: &str, node: &Node) -> bool {
    let value = node.spec.labels.get(key);
    value.is_some_and(|value| domains.get(&(key, value)).is_some_and(|&count| count > 0))
}
