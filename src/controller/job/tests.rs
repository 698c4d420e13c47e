//! Given a Job and its pods, when it is looked at, then so many pods come or go.

use super::*;
use crate::controller::pod_status::ConditionStatus;

const SPEC: Spec = Spec {
    parallelism: 1,
    completions: Some(1),
    backoff_limit: 6,
    active_deadline: None,
    ttl: None,
    suspend: false,
    indexed: false,
    restarts_in_place: false,
};

/// A Job with pods that do as they are told, looked at whenever something has happened.
struct Given {
    job: Job,
    pods: Vec<Pod>,
    ended: Vec<Ended>,
    now: u64,
}

fn given(spec: Spec) -> Given {
    Given { job: Job::new(spec), pods: Vec::new(), ended: Vec::new(), now: 0 }
}

fn at(seconds: u64) -> SimTime {
    SimTime::from_secs(seconds)
}

fn running(created: u64) -> Pod {
    let ready = Some(ReadyCondition { status: ConditionStatus::True, since: at(created) });
    Pod {
        bound: true,
        phase: PodPhase::Running,
        ready,
        created: at(created),
        terminating: false,
        restarts: 0,
        index: None,
    }
}

impl Given {
    /// Looks at the Job at `now`: those to be created run, those to be deleted terminate.
    fn look(&mut self, now: u64) -> Decision {
        self.now = now;
        let ended = std::mem::take(&mut self.ended);
        let decision = self.job.sync(at(now), &self.pods, &ended);
        for &place in &decision.delete {
            self.pods[place].terminating = true;
        }
        self.pods.extend(decision.create.iter().map(|&index| Pod { index, ..running(now) }));
        decision
    }

    /// The pod at `place` ends at `now`.
    fn ends(&mut self, place: usize, now: u64, succeeded: bool) {
        let index = self.pods.remove(place).index;
        self.ended.push(Ended { at: at(now), succeeded, index });
    }

    fn terminated_are_gone(&mut self) {
        self.pods.retain(|pod| !pod.terminating);
    }

    fn counts(&self) -> (u32, u32) {
        (self.job.status().succeeded, self.job.status().failed)
    }
}

fn reasons(decision: &Decision) -> Vec<&str> {
    decision.events.iter().map(|(_, reason, _)| *reason).collect()
}

/// rule: job-active-pods
#[test]
fn as_many_pods_are_active_as_are_still_to_succeed() {
    for (parallelism, completions, succeeded, expected) in
        [(1, 1, 0, 1), (3, 5, 0, 3), (3, 5, 3, 2), (3, 5, 4, 1), (5, 2, 0, 2), (0, 3, 0, 0)]
    {
        let spec = Spec { parallelism, completions: Some(completions), ..SPEC };
        let mut job = Job::new(spec).that_had(succeeded, 0);
        assert_eq!(job.sync(at(0), &[], &[]).create.len(), expected, "{parallelism} of {completions}");
    }
}

/// rule: job-active-pods
/// rule: job-complete
#[test]
fn a_work_queue_makes_no_pod_after_the_first_success() {
    let mut given = given(Spec { parallelism: 3, completions: None, ..SPEC });
    assert_eq!(given.look(0).create.len(), 3);
    given.ends(0, 10, false);
    assert_eq!(given.look(25).create.len(), 1, "a failed pod is replaced");
    given.ends(0, 30, true);
    let decision = given.look(31);
    assert_eq!((decision.create.len(), decision.delete.len()), (0, 0), "the others run on");
    given.ends(0, 40, true);
    assert_eq!(given.look(41).events, []);
    given.ends(0, 50, false);
    assert_eq!(reasons(&given.look(51)), ["Completed"]);
    assert_eq!(given.counts(), (2, 2));
}

/// rule: job-complete
#[test]
fn a_job_is_complete_with_its_last_success() {
    let mut given = given(Spec { parallelism: 2, completions: Some(3), ..SPEC });
    assert_eq!(given.look(0).create.len(), 2);
    given.ends(0, 10, true);
    assert_eq!(given.look(11).create.len(), 1);
    given.ends(0, 20, true);
    assert_eq!(given.look(21), Decision::default());
    given.ends(0, 30, true);
    assert_eq!(given.look(31).events, [("Normal", "Completed", "Job completed")]);
    assert_eq!(given.job.status().finished, Some((at(31), Ok(()))));
    assert_eq!(given.look(40), Decision::default(), "a finished Job does nothing more");
}

/// rule: job-pod-backoff
#[test]
fn after_failures_the_next_pod_waits_twice_as_long_each_time() {
    let mut given = given(Spec { backoff_limit: 20, ..SPEC });
    let mut now = 0;
    given.look(0);
    for expected in [10, 20, 40, 80, 160, 320, 600, 600] {
        let failed = now + 5;
        given.ends(0, failed, false);
        let decision = given.look(failed + 1);
        assert_eq!((decision.create.len(), decision.again), (0, Some(at(failed + expected))));
        now = failed + expected;
        assert_eq!(given.look(now).create.len(), 1, "after {expected} s");
    }
}

/// rule: job-pod-backoff
#[test]
fn a_success_makes_failures_before_it_forgotten() {
    let mut given = given(Spec { parallelism: 3, completions: Some(9), ..SPEC });
    given.look(0);
    given.ends(0, 5, false);
    given.ends(0, 6, true);
    given.ends(0, 7, false);
    let decision = given.look(8);
    assert_eq!(
        (decision.create.len(), decision.again),
        (0, Some(at(17))),
        "one failure counts, 10 s after it"
    );
}

/// rule: job-backoff-limit
/// rule: job-finishes-last
#[test]
fn one_failure_more_than_the_limit_is_the_end() {
    let mut given = given(Spec { parallelism: 2, completions: Some(4), backoff_limit: 1, ..SPEC });
    given.look(0);
    given.ends(0, 5, false);
    given.look(6);
    assert_eq!(given.look(15).create.len(), 1);
    given.ends(0, 20, false);
    let decision = given.look(21);
    assert_eq!((decision.delete.as_slice(), decision.events.len()), ([0].as_slice(), 0));
    assert_eq!(given.job.status().target, Some(Err(Failure::BackoffLimitExceeded)));
    assert_eq!(given.look(22), Decision { deletions_count: true, ..Decision::default() }, "one terminates");
    given.terminated_are_gone();
    let message = "Job has reached the specified backoff limit";
    assert_eq!(given.look(24).events, [("Warning", "BackoffLimitExceeded", message)]);
}

/// rule: job-backoff-limit
#[test]
fn restarts_in_place_count_against_the_limit() {
    for (limit, restarts, fails) in [(3, 2, false), (3, 3, true), (0, 0, false), (0, 1, true)] {
        let spec = Spec { backoff_limit: limit, restarts_in_place: true, ..SPEC };
        let mut job = Job::new(spec);
        let decision = job.sync(at(0), &[Pod { restarts, ..running(0) }], &[]);
        assert_eq!(decision.delete.len(), usize::from(fails), "{restarts} of {limit}");
        let mut never = Job::new(Spec { restarts_in_place: false, ..spec });
        assert_eq!(never.sync(at(0), &[Pod { restarts, ..running(0) }], &[]).delete, [] as [usize; 0]);
    }
}

/// rule: job-deadline
#[test]
fn a_deadline_ends_a_job_that_is_active_for_too_long() {
    let mut given = given(Spec { active_deadline: Some(Span::from_secs(60)), ..SPEC });
    assert_eq!(given.look(5).again, Some(at(65)));
    assert_eq!(given.look(64).delete, [] as [usize; 0]);
    assert_eq!(given.look(65).delete, [0]);
    given.terminated_are_gone();
    let message = "Job was active longer than specified deadline";
    assert_eq!(given.look(67).events, [("Warning", "DeadlineExceeded", message)]);
}

/// rule: job-suspend
#[test]
fn a_suspended_job_has_no_pods_and_is_started_anew() {
    let mut given = given(Spec { active_deadline: Some(Span::from_secs(60)), ..SPEC });
    given.look(0);
    given.job.spec.suspend = true;
    let decision = given.look(30);
    assert_eq!((decision.delete.as_slice(), decision.deletions_count), ([0].as_slice(), false));
    assert_eq!(reasons(&decision), ["Suspended"]);
    given.terminated_are_gone();
    assert_eq!(given.look(100), Decision::default(), "the deadline does not run");
    given.job.spec.suspend = false;
    let decision = given.look(100);
    assert_eq!((reasons(&decision), decision.create.len()), (vec!["Resumed"], 1));
    assert_eq!((given.counts(), given.job.status().started), ((0, 0), Some(at(100))));
}

/// rule: job-deleted-pods
#[test]
fn a_pod_that_somebody_deletes_is_replaced_while_it_terminates() {
    let mut given = given(SPEC);
    given.look(0);
    given.pods[0].terminating = true;
    given.ended.push(Ended { at: at(20), succeeded: false, index: None });
    assert_eq!(given.look(21).again, Some(at(30)), "as after any failure");
    assert_eq!(given.look(30).create.len(), 1);
    assert_eq!(given.counts(), (0, 1));
}

/// rule: job-removal-order
#[test]
fn of_too_many_pods_the_least_advanced_go_first() {
    let mut given = given(Spec { parallelism: 6, completions: Some(6), ..SPEC });
    given.look(0);
    let unready = |since| Some(ReadyCondition { status: ConditionStatus::False, since });
    given.pods = vec![
        running(1),
        Pod { restarts: 2, ..running(1) },
        running(3),
        Pod { ready: unready(at(0)), ..running(1) },
        Pod { phase: PodPhase::Pending, ready: None, ..running(1) },
        Pod { bound: false, phase: PodPhase::Pending, ready: None, ..running(1) },
    ];
    given.job.spec.parallelism = 0;
    let decision = given.look(10);
    assert_eq!((decision.delete, decision.deletions_count), (vec![5, 4, 3, 2, 1, 0], false));
}

/// rule: job-indexes
/// rule: job-removal-order
#[test]
fn an_indexed_job_makes_a_pod_for_each_index() {
    let mut given = given(Spec { parallelism: 2, completions: Some(4), indexed: true, ..SPEC });
    assert_eq!(given.look(0).create, [Some(0), Some(1)]);
    given.ends(0, 5, true);
    assert_eq!(given.look(6).create, [Some(2)]);
    given.ends(0, 7, false);
    given.look(8);
    assert_eq!(given.look(17).create, [Some(1)], "a failed index comes again");
    given.pods.push(Pod { index: Some(1), ..running(16) });
    assert_eq!(given.look(18).delete, [1], "of two the younger goes");
    given.terminated_are_gone();
    given.ends(0, 20, true);
    given.ends(0, 20, true);
    assert_eq!(given.look(21).create, [Some(3)]);
    given.ends(0, 30, true);
    assert_eq!(reasons(&given.look(31)), ["Completed"]);
    assert_eq!(given.job.status().indexes, BTreeSet::from([0, 1, 2, 3]));
}

/// rule: job-ttl
#[test]
fn a_finished_job_goes_when_its_time_is_over() {
    let mut given = given(Spec { ttl: Some(Span::from_secs(100)), ..SPEC });
    given.look(0);
    given.ends(0, 10, true);
    assert_eq!(given.look(11).again, Some(at(111)));
    assert!(!given.look(110).expired);
    assert!(given.look(111).expired);
    let mut at_once = Job::new(Spec { ttl: Some(Span::ZERO), completions: Some(0), ..SPEC });
    assert!(at_once.sync(at(0), &[], &[]).expired);
}
