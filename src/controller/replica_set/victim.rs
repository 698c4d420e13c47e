//! Which of two pods is deleted first, and a sort that stands an order which is not transitive.

use std::cmp::{Ordering, Reverse};

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

/// A pod that may be deleted, with all that decides between it and another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a, U> {
    /// Its place among the pods.
    pub(super) place: usize,
    pod: &'a Pod<U>,
    /// What decides first, the lower before the higher: whether it is bound, its phase, whether it is ready, what its
    /// deletion costs, and the less, the more active pods of the owner are on its node.
    standing: (bool, u8, bool, i32, Reverse<usize>),
    ready: Option<Age>,
    created: Option<Age>,
}

/// How long ago something was.
#[derive(Clone, Copy, Debug)]
struct Age {
    moment: SimTime,
    bucket: i32,
}

impl Age {
    fn of(moment: SimTime, now: SimTime) -> Self {
        Self { moment, bucket: age_bucket(moment, now) }
    }
}

impl<'a, U: Ord> Candidate<'a, U> {
    /// `rank` is the number of the owner's active pods on the pod's node.
    pub(super) fn new(place: usize, pod: &'a Pod<U>, rank: usize, now: SimTime) -> Self {
        let ready = ready_since(pod);
        let phase = progress(pod.phase);
        Self {
            place,
            pod,
            standing: (pod.node.is_some(), phase, ready.is_some(), pod.deletion_cost, Reverse(rank)),
            ready: ready.map(|since| Age::of(since, now)),
            created: pod.created.map(|created| Age::of(created, now)),
        }
    }

    /// Whether it is deleted before another (`ActivePodsWithRanks.Less`, pkg/controller/controller_utils.go at
    /// v1.34.1).
    pub(super) fn precedes(&self, other: &Self) -> bool {
        self.compare(other) == Ordering::Less
    }

    fn compare(&self, other: &Self) -> Ordering {
        let (a, b) = (self.pod, other.pod);
        self.standing
            .cmp(&other.standing)
            .then_with(|| match (self.ready, other.ready) {
                (Some(ready_a), Some(ready_b)) => younger_first((ready_a, &a.uid), (ready_b, &b.uid)),
                _ => Ordering::Equal,
            })
            .then_with(|| b.restarts.cmp(&a.restarts))
            .then_with(|| b.sidecar_restarts.cmp(&a.sidecar_restarts))
            .then_with(|| match (self.created, other.created) {
                (Some(created_a), Some(created_b)) => younger_first((created_a, &a.uid), (created_b, &b.uid)),
                // A pod that does not tell when it was created counts as the youngest.
                (created_a, created_b) => created_a.is_some().cmp(&created_b.is_some()),
            })
    }
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
fn ready_since<U>(pod: &Pod<U>) -> Option<SimTime> {
    pod.ready.filter(|ready| ready.is_true()).map(|ReadyCondition { since, .. }| since)
}

/// Younger pods first, where ages in the same power of two nanoseconds count as equal and the UID decides, so that the
/// choice is random in effect. Equal moments leave the decision to the next criterion.
fn younger_first<U: Ord>((a, uid_a): (Age, &U), (b, uid_b): (Age, &U)) -> Ordering {
    if a.moment == b.moment {
        return Ordering::Equal;
    }
    a.bucket.cmp(&b.bucket).then_with(|| uid_a.cmp(uid_b))
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
pub(super) fn sort<T: Copy>(mut items: Vec<T>, precedes: impl Fn(&T, &T) -> bool + Copy) -> Vec<T> {
    let mut merged = items.clone();
    sort_into(&mut items, &mut merged, precedes);
    merged
}

/// Both slices hold the same; afterwards `merged` is sorted.
fn sort_into<T: Copy>(items: &mut [T], merged: &mut [T], precedes: impl Fn(&T, &T) -> bool + Copy) {
    if items.len() < 2 {
        return;
    }
    let middle = items.len() / 2;
    sort_into(&mut merged[..middle], &mut items[..middle], precedes);
    sort_into(&mut merged[middle..], &mut items[middle..], precedes);
    let (left, right) = items.split_at(middle);
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    for place in merged {
        let takes_right = match (left.peek(), right.peek()) {
            (Some(first), Some(second)) => precedes(second, first),
            (first, _) => first.is_none(),
        };
        let next = if takes_right { right.next() } else { left.next() };
        *place = *next.expect("as many as there are places");
    }
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
