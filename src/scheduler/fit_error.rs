//! The text of a FailedScheduling event.

use std::collections::BTreeMap;

use super::framework::Rejection;
use super::reference::{Evaluation, Refused};
use crate::cluster::Cluster;
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "fit-error-text",
    statement: "The text of FailedScheduling counts each node in every one of its reasons and orders the \
                parts as text; the event is cut at 1024 bytes, the pod's condition is not.",
    source: "pkg/scheduler/framework/types.go `FitError`, schedule_one.go `truncateMessage`",
    confidence: Confidence::Source,
}];

/// Longest text of an event in bytes; the pod's condition is not cut (schedule_one.go `truncateMessage`).
const EVENT_LIMIT: usize = 1024;

/// What upstream says when no node fits (framework/types.go:787 `FitError`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
pub struct FitError {
    /// What the filters said.
    pub filter: String,
    /// What PostFilter added.
    pub post_filter: String,
}

impl FitError {
    /// The whole text, as the pod's condition has it.
    pub fn full(&self) -> String {
        if self.post_filter.is_empty() {
            self.filter.clone()
        } else {
            format!("{} {}", self.filter, self.post_filter)
        }
    }

    /// The text of the event, which is cut.
    pub fn event_text(&self) -> String {
        const SUFFIX: &str = " ...";
        let full = self.full();
        if full.len() <= EVENT_LIMIT {
            return full;
        }
        let mut end = EVENT_LIMIT - SUFFIX.len();
        while !full.is_char_boundary(end) {
            end -= 1;
        }
        format!("{}{SUFFIX}", &full[..end])
    }
}

/// The filters' part of the text.
pub(super) fn filter_text(cluster: &Cluster, evaluation: &Evaluation) -> String {
    let total = cluster.node_count();
    if let Some(Refused { rejection, .. }) = &evaluation.pre_filter_rejection {
        return format!("0/{total} nodes are available: {}.", rejection.reasons.join(", "));
    }
    histogram(total, evaluation.refused.iter().map(|(_, refused)| &refused.rejection))
}

/// `0/N nodes are available: COUNT REASON, ….`: a node counts in each of its reasons, and the parts are in the order
/// of their text, so that 11 comes before 2.
pub(super) fn histogram<'a>(total: usize, rejections: impl Iterator<Item = &'a Rejection>) -> String {
    let mut counts = BTreeMap::<&str, usize>::new();
    for reason in rejections.flat_map(|rejection| &rejection.reasons) {
        *counts.entry(reason).or_default() += 1;
    }
    let mut parts: Vec<_> = counts.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    parts.sort();
    let colon = if parts.is_empty() { "" } else { ": " };
    format!("0/{total} nodes are available{colon}{}.", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// rule: fit-error-text
    #[test]
    fn parts_are_sorted_as_text() {
        let [few, many] = ["x", "y"].map(Rejection::unschedulable);
        let rejections = std::iter::repeat_n(&many, 2).chain(std::iter::repeat_n(&few, 11));
        assert_eq!(histogram(13, rejections), "0/13 nodes are available: 11 x, 2 y.");
    }

    /// rule: fit-error-text
    #[test]
    fn an_event_is_cut_where_a_condition_is_not() {
        let error = FitError { filter: "é".repeat(600), post_filter: String::new() };
        assert_eq!(error.full().len(), 1200);
        assert!(error.event_text().len() <= 1024 && error.event_text().ends_with(" ..."));
    }
}
