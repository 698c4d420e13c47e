//! How long a Job waits with the next pod after failures (pkg/controller/job/backoff_utils.go at v1.34.1).

use super::Ended;
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "job-pod-backoff",
    statement: "After the last failure a Job makes no pod for 10 s, twice as long for every further failure \
                since the last success, 10 min at most.",
    source: "pkg/controller/job/backoff_utils.go `getRemainingTimeForFailuresCount`, job_controller.go \
             `DefaultJobPodFailureBackOff`, `MaxJobPodFailureBackOff`",
    confidence: Confidence::Source,
}];

/// After the first failure (`DefaultJobPodFailureBackOff`).
const FIRST: Span = Span::from_secs(10);
/// The longest (`MaxJobPodFailureBackOff`).
const LONGEST: Span = Span::from_secs(600);

/// What a Job remembers of failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backoff {
    /// Failures since the last success.
    failures: u32,
    last: Option<SimTime>,
}

impl Backoff {
    /// Takes those into account that have ended since the last time.
    pub(super) fn learn(&mut self, ended: &[Ended]) {
        let last_success = ended.iter().filter(|one| one.succeeded).map(|one| one.at).max();
        if last_success.is_some() {
            *self = Self::default();
        }
        let counts = |one: &&Ended| !one.succeeded && last_success.is_none_or(|success| one.at > success);
        for failed in ended.iter().filter(counts) {
            self.failures += 1;
            self.last = Some(self.last.map_or(failed.at, |last| last.max(failed.at)));
        }
    }

    /// Until when no pod is made; `None` if nothing speaks against one.
    pub(super) fn until(self) -> Option<SimTime> {
        let last = self.last?;
        let doublings = self.failures.saturating_sub(1).min(16);
        let wait = Span((FIRST.0 << doublings).min(LONGEST.0));
        Some(last + wait)
    }
}
