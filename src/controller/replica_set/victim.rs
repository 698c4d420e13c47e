//! Which of two pods is deleted first, and a sort that stands an order which is not transitive.

use std::cmp::Ordering;

use super::Pod;
use crate::controller::pod_status::{PodPhase, ReadyCondition};
use crate::rule::{Confidence, Rule};
use crate::units::SimTime;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "scale-down-order",
        statement: "Of the active pods those go first that are unbound, then pending, then not ready, then \
                    cheaper to delete, then on the node with more pods of the owner, then younger, then \
                    restarted more often.",
        source: "pkg/controller/controller_utils.go `ActivePodsWithRanks`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "scale-down-ages",
        statement: "Ages within the same power of two nanoseconds count as equal, and the UID decides.",
        source: "pkg/controller/controller_utils.go `logarithmicRankDiff`",
        confidence: Confidence::Source,
    },
];

/// Whether the first pod is deleted before the second; each comes with its rank, the number of the owner's active
/// pods on its node (`ActivePodsWithRanks.Less`, pkg/controller/controller_utils.go at v1.34.1).
pub(super) fn precedes(a: (&Pod<'_>, usize), b: (&Pod<'_>, usize), now: SimTime) -> bool {
    compare(a, b, now) == Ordering::Less
}

fn compare((a, rank_a): (&Pod<'_>, usize), (b, rank_b): (&Pod<'_>, usize), now: SimTime) -> Ordering {
    a.node
        .is_some()
        .cmp(&b.node.is_some())
        .then_with(|| progress(a.phase).cmp(&progress(b.phase)))
        .then_with(|| ready_since(a).is_some().cmp(&ready_since(b).is_some()))
        .then_with(|| a.deletion_cost.cmp(&b.deletion_cost))
        .then_with(|| rank_b.cmp(&rank_a))
        .then_with(|| match (ready_since(a), ready_since(b)) {
            (Some(since_a), Some(since_b)) => younger_first((since_a, a.uid), (since_b, b.uid), now),
            _ => Ordering::Equal,
        })
        .then_with(|| b.restarts.cmp(&a.restarts))
        .then_with(|| b.sidecar_restarts.cmp(&a.sidecar_restarts))
        .then_with(|| match (a.created, b.created) {
            (Some(created_a), Some(created_b)) => younger_first((created_a, a.uid), (created_b, b.uid), now),
            // A pod that does not tell when it was created counts as the youngest.
            (created_a, created_b) => created_a.is_some().cmp(&created_b.is_some()),
        })
}

/// Pending before unknown before running.
const fn progress(phase: PodPhase) -> u8 {
    match phase {
        PodPhase::Pending => 0,
        PodPhase::Unknown => 1,
        PodPhase::Running | PodPhase::Succeeded | PodPhase::Failed => 2,
    }
}

/// Since when a pod is ready; `None` if it is not.
fn ready_since(pod: &Pod<'_>) -> Option<SimTime> {
    pod.ready.filter(|ready| ready.is_true()).map(|ReadyCondition { since, .. }| since)
}

/// Younger pods first, where ages in the same power of two nanoseconds count as equal and the UID decides, so that the
/// choice is random in effect. Equal moments leave the decision to the next criterion.
fn younger_first((a, uid_a): (SimTime, &str), (b, uid_b): (SimTime, &str), now: SimTime) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    age_bucket(a, now).cmp(&age_bucket(b, now)).then_with(|| uid_a.cmp(uid_b))
}

/// The binary logarithm of an age in nanoseconds, cut off; -1 for an age that is not above zero
/// (`logarithmicRankDiff`).
fn age_bucket(moment: SimTime, now: SimTime) -> i32 {
    let age = now.since(moment).0;
    if age == 0 { -1 } else { truncated_log2(age as f64) }
}

/// The binary logarithm as Go's `math.Log2` computes it, cut off: an age just below a large power of two rounds up to
/// it.
fn truncated_log2(x: f64) -> i32 {
    let (fraction, exponent) = libm::frexp(x);
    if fraction.to_bits() == 0.5_f64.to_bits() {
        return exponent - 1;
    }
    (libm::log(fraction) * std::f64::consts::LOG2_E + f64::from(exponent)) as i32
}

/// Sorts by merging. The standard library's sort may panic when an order is not transitive; a merge sort does not care,
/// is stable and agrees with every other sort where the order is transitive.
pub(super) fn sort<T>(mut items: Vec<T>, precedes: impl Fn(&T, &T) -> bool + Copy) -> Vec<T> {
    if items.len() < 2 {
        return items;
    }
    let right = sort(items.split_off(items.len() / 2), precedes);
    let left = sort(items, precedes);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let next = if precedes(second, first) { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buckets_are_powers_of_two() {
        let bucket = |age: u64| age_bucket(SimTime(1 << 60), SimTime((1 << 60) + age));
        assert_eq!([0, 1, 2, 3, 4, 1023, 1024].map(bucket), [-1, 0, 1, 1, 2, 9, 10]);
        assert_eq!(age_bucket(SimTime(5), SimTime(3)), -1, "ready in the future");
        assert_eq!(truncated_log2(((1_u64 << 50) - 1) as f64), 50, "Go rounds up here");
    }

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_where_the_order_is_total(numbers in prop::collection::vec((0_u8..9, 0_u8..9), 0..40)) {
            let mut expected = numbers.clone();
            expected.sort_by_key(|number| number.0);
            prop_assert_eq!(sort(numbers, |a, b| a.0 < b.0), expected);
        }
    }

    #[test]
    fn an_order_that_goes_round_in_a_circle_is_survived() {
        let beats = |a: &u32, b: &u32| (b % 3 + 3 - a % 3) % 3 == 1;
        let mut sorted = sort((0..99).collect(), beats);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..99).collect::<Vec<_>>());
    }
}
