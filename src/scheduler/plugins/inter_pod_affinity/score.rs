//! Preferred affinity and anti-affinity, in both directions.
//!
//! Source: framework/plugins/interpodaffinity/scoring.go at tag v1.34.1.

use rustc_hash::FxHashMap;

use super::Args;
use super::filter::placed;
use super::term::{Term, incoming_term};
use crate::cluster::{Cluster, Node};
use crate::object::{Labels, PodAffinityTerm, PodSpec};
use crate::scheduler::framework::PreScore;

/// Points per topology key and value.
type Points<'a> = FxHashMap<(&'a str, &'a str), i64>;

/// Whether neither the pod nor, as far as they count, those already there prefer anything.
pub(super) fn is_idle(args: Args, pod: &PodSpec, cluster: &Cluster) -> bool {
    let has_preferences =
        !pod.pod_affinity.preferred.is_empty() || !pod.pod_anti_affinity.preferred.is_empty();
    let others_say_nothing =
        args.ignore_preferred_terms_of_existing_pods || !cluster.has_pods_with_affinity();
    others_say_nothing && !has_preferences
}

pub(super) fn pre_score<'a>(args: Args, pod: &'a PodSpec, cluster: &'a Cluster) -> PreScore<'a> {
    if is_idle(args, pod, cluster) {
        return PreScore::Skip;
    }
    let mut tally = Tally::new(args, pod, cluster);
    for (node, other, count) in placed(cluster) {
        tally.look_at(node, other, count);
    }
    let points = tally.points;
    if points.is_empty() {
        return PreScore::Skip;
    }
    PreScore::run(move |node| {
        let own =
            node.spec.labels.0.iter().filter_map(|(key, value)| points.get(&(key.as_str(), value.as_str())));
        Some(own.sum())
    })
}

struct Tally<'a> {
    args: Args,
    pod: &'a PodSpec,
    namespace_labels: Option<&'a Labels>,
    preferences: Vec<(i64, Term<'a>)>,
    points: Points<'a>,
}

impl<'a> Tally<'a> {
    fn new(args: Args, pod: &'a PodSpec, cluster: &'a Cluster) -> Self {
        let signed = |sign: i64, terms: &'a [(i64, PodAffinityTerm)]| {
            terms.iter().map(move |(weight, term)| (sign * weight, incoming_term(term, pod, cluster)))
        };
        let near = signed(1, &pod.pod_affinity.preferred);
        let apart = signed(-1, &pod.pod_anti_affinity.preferred);
        Self {
            args,
            pod,
            namespace_labels: cluster.namespace_labels(&pod.namespace),
            preferences: near.chain(apart).collect(),
            points: Points::default(),
        }
    }

    /// Credits what `count` pods of one kind on a node mean for the incoming pod.
    fn look_at(&mut self, node: &'a Node, other: &'a PodSpec, count: i64) {
        for (weight, term) in &self.preferences {
            if term.matches(other, None) {
                credit(&mut self.points, term, node, weight * count);
            }
        }
        let hard = self.args.hard_pod_affinity_weight;
        let required = other.pod_affinity.required.iter().filter(|_| hard > 0).map(|term| (hard, term));
        let near = other.pod_affinity.preferred.iter().map(|(weight, term)| (*weight, term));
        let apart = other.pod_anti_affinity.preferred.iter().map(|(weight, term)| (-weight, term));
        for (weight, term) in required.chain(near).chain(apart) {
            let term = Term::new(term, other);
            if term.matches(self.pod, self.namespace_labels) {
                credit(&mut self.points, &term, node, weight * count);
            }
        }
    }
}

fn credit<'a>(points: &mut Points<'a>, term: &Term<'a>, node: &'a Node, amount: i64) {
    if let Some(value) = node.spec.labels.get(term.topology_key) {
        *points.entry((term.topology_key, value)).or_insert(0) += amount;
    }
}
