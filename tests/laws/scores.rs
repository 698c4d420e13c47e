//! Scores: what always adds up, and when default spreading acts.

use overspill::simulation::one_shot::AttemptRecord;
use proptest::prelude::*;

use crate::case::{APP, any_case};
use crate::pod::APod;
use crate::tried;

/// The score plugins of the default profile that have something to say, with their weights.
pub(crate) const WEIGHTS: [(&str, i64); 7] = [
    ("TaintToleration", 3),
    ("NodeAffinity", 2),
    ("NodeResourcesFit", 1),
    ("PodTopologySpread", 2),
    ("InterPodAffinity", 2),
    ("NodeResourcesBalancedAllocation", 1),
    ("ImageLocality", 1),
];

/// The score that a node got from a plugin, as normalised and as weighted; zeros from one that skipped.
fn score(record: &AttemptRecord, plugin: &str, node: &str) -> (i64, i64) {
    record.scores.get(plugin).map_or((0, 0), |nodes| (nodes[node][1], nodes[node][2]))
}

/// Whether the default constraints have pods to count: a Service selects `app=a` and the ReplicaSet `b` selects
/// `app=b`, both in `default`; the ReplicaSet counts for the pods that it owns, whatever their labels are.
fn is_spread_by_default(pod: &APod) -> bool {
    let spec = &pod.rest;
    let by_service = spec.labels.get(APP) == Some("a");
    spec.spread.is_empty() && spec.namespace == "default" && (by_service || spec.owner.is_some())
}

proptest! {
    #![proptest_config(tried(64))]

    #[test]
    fn a_total_is_the_sum_of_scores_from_0_to_100_times_their_weights(case in any_case()) {
        for record in case.run().results {
            prop_assert_eq!(record.total.keys().collect::<Vec<_>>(), record.feasible.iter().collect::<Vec<_>>());
            for (node, &total) in &record.total {
                let mut sum = 0;
                for (plugin, weight) in WEIGHTS {
                    let (normalized, weighted) = score(&record, plugin, node);
                    prop_assert!((0..=100).contains(&normalized), "{plugin} scores {normalized}");
                    prop_assert_eq!(weighted, normalized * weight, "{} weighs", plugin);
                    sum += weighted;
                }
                prop_assert_eq!(total, sum, "of {}", node);
            }
            let top = record.total.values().max();
            let best: Vec<_> = record.total.iter().filter(|(_, total)| Some(*total) == top).collect();
            prop_assert_eq!(best.into_iter().map(|(node, _)| node).collect::<Vec<_>>(), record.best.iter().collect::<Vec<_>>());
            prop_assert!(record.chosen.is_none_or(|chosen| record.best.contains(&chosen)));
        }
    }

    #[test]
    fn default_spreading_acts_on_pods_of_a_service_or_an_owner_alone(case in any_case()) {
        for (record, pod) in case.run().results.iter().zip(&case.pending) {
            let scored = record.scores.contains_key("PodTopologySpread");
            if record.feasible.is_empty() || !pod.rest.spread.is_empty() {
                continue;
            }
            prop_assert_eq!(scored, is_spread_by_default(pod), "{:?}", pod);
            prop_assert_eq!(!scored, record.skip_score.contains(&"PodTopologySpread"));
        }
    }
}
