//! How controllers ask for many pods: in batches, each twice as large as the one before.

use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "slow-start",
    statement: "A ReplicaSet, a DaemonSet or a Job asks for pods in batches of 1, 2, 4 and so on, each of which begins \
                when all requests of the one before are answered.",
    source: "pkg/controller/replicaset/replica_set.go `slowStartBatch`, pkg/controller/daemon/daemon_controller.go \
             `syncNodes`, pkg/controller/job/job_controller.go `manageJob`",
    confidence: Confidence::Source,
}];

/// How large the first batch is (`SlowStartInitialBatchSize`, pkg/controller/controller_utils.go).
const FIRST_BATCH: usize = 1;

/// The creations of one sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlowStart {
    /// Not asked for yet.
    remaining: usize,
    /// Asked for and not answered yet.
    under_way: usize,
    batch: usize,
}

impl SlowStart {
    /// A sync that is to create `count` pods.
    pub const fn of(count: usize) -> Self {
        Self { remaining: count, under_way: 0, batch: FIRST_BATCH }
    }

    /// Whether there is nothing left to ask for or to wait for.
    pub const fn is_over(&self) -> bool {
        self.remaining == 0 && self.under_way == 0
    }

    /// How many pods to ask for now; none as long as the last batch is not answered.
    pub fn next_batch(&mut self) -> usize {
        if self.under_way > 0 {
            return 0;
        }
        let batch = self.batch.min(self.remaining);
        self.remaining -= batch;
        self.under_way = batch;
        self.batch *= 2;
        batch
    }

    /// A request is answered.
    pub fn answered(&mut self) {
        self.under_way -= 1;
    }

    /// Nothing more will be asked for.
    pub fn give_up(&mut self) {
        self.remaining = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(count: usize) -> Vec<usize> {
        let mut sync = SlowStart::of(count);
        let mut batches = Vec::new();
        while !sync.is_over() {
            let batch = sync.next_batch();
            assert_eq!(sync.next_batch(), 0, "the next waits for this one");
            (0..batch).for_each(|_| sync.answered());
            batches.push(batch);
        }
        batches
    }

    /// rule: slow-start
    #[test]
    fn batches_double_until_the_rest_is_smaller() {
        assert_eq!(batches(500), [1, 2, 4, 8, 16, 32, 64, 128, 245]);
        assert_eq!(batches(7), [1, 2, 4]);
        assert_eq!(batches(1), [1]);
        assert!(batches(0).is_empty());
    }

    #[test]
    fn what_is_under_way_is_waited_for_though_nothing_more_is_wanted() {
        let mut sync = SlowStart::of(10);
        assert_eq!(sync.next_batch(), 1);
        sync.give_up();
        assert!(!sync.is_over());
        sync.answered();
        assert!(sync.is_over());
    }
}
