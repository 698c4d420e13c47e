//! Which of a Job's active pods go when there are too many (`activePodsForRemoval`, pkg/controller/job/job_controller.go
//! at v1.34.1).

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

use super::Pod;
use crate::controller::pod_status::PodPhase;
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "job-removal-order",
    statement: "Of a Job's active pods those of an index that is too high or doubled go first, then the \
                unbound, then the pending, then the not ready, then those ready for the shortest time, then \
                those restarted more often, then the younger.",
    source: "pkg/controller/controller_utils.go `ActivePods`, pkg/controller/job/indexed_job_utils.go \
             `appendDuplicatedIndexPodsForRemoval`",
    confidence: Confidence::Source,
}];

/// The first `count` of the pods at `places` in the order of removal.
pub(super) fn first(pods: &[Pod], places: &[usize], count: usize) -> Vec<usize> {
    let mut order = places.to_vec();
    order.sort_by(|&a, &b| compare(&pods[a], &pods[b]));
    order.truncate(count);
    order
}

/// The pods at `places` that have no index of their own below `completions`.
pub(super) fn doubled(pods: &[Pod], places: &[usize], completions: u32) -> Vec<usize> {
    let mut by_index: Vec<(u32, Vec<usize>)> = Vec::new();
    for &place in places {
        let index = pods[place].index.unwrap_or(u32::MAX);
        match by_index.iter_mut().find(|(known, _)| *known == index) {
            Some((_, same)) => same.push(place),
            None => by_index.push((index, vec![place])),
        }
    }
    by_index.sort();
    let surplus = |(index, same): (u32, Vec<usize>)| {
        let kept = usize::from(index < completions);
        let count = same.len().saturating_sub(kept);
        first(pods, &same, count)
    };
    let all: BTreeSet<usize> = by_index.into_iter().flat_map(surplus).collect();
    all.into_iter().collect()
}

fn compare(a: &Pod, b: &Pod) -> Ordering {
    let ready_since = |pod: &Pod| pod.ready.filter(|ready| ready.is_true()).map(|ready| ready.since);
    let is_running = |pod: &Pod| pod.phase != PodPhase::Pending;
    (a.bound, is_running(a), ready_since(a).is_some())
        .cmp(&(b.bound, is_running(b), ready_since(b).is_some()))
        .then_with(|| Reverse(ready_since(a)).cmp(&Reverse(ready_since(b))))
        .then_with(|| b.restarts.cmp(&a.restarts))
        .then_with(|| b.created.cmp(&a.created))
}
