//! Failures, restarts, deadlines and the end of Jobs, as events and figures tell them.

use crate::folder::{check_figure, figure};
use crate::trial::{On, Trial, ends, events};

/// Pods that all fail: one, then 10 s, 20 s and 40 s after failures; the fourth is one more than the limit.
/// rule: job-pod-backoff
/// rule: job-backoff-limit
#[test]
fn pods_that_fail_are_replaced_later_each_time() {
    let work = "duration: {constant: 5s}, failureShare: 1";
    let run = Trial { on: On::Ecs, job: "backoffLimit: 3,", work, ..Trial::default() }.run();
    let created: Vec<_> = run.observation.pods.iter().map(|pod| pod.created.as_secs_f64()).collect();
    assert_eq!(created, [0.0, 16.0, 42.0, 88.0]);
    assert_eq!(events(&run, &["BackoffLimitExceeded"]), ["95 BackoffLimitExceeded limit"]);
    check_figure(&run, "jobs.failed", 1.0);
    check_figure(&run, "jobs.failedPods", 4.0);
    check_figure(&run, "jobs.seconds.max", 95.0);
}

/// In place: at once, then after 10 s and 20 s. The third restart reaches the limit, and the pod is deleted.
/// rule: restart-backoff
/// rule: job-backoff-limit
#[test]
fn on_failure_containers_are_started_again_in_place() {
    let work = "duration: {constant: 5s}, failureShare: 1";
    let job = "backoffLimit: 3,";
    let run = Trial { on: On::Ecs, job, restart: "OnFailure", work, ..Trial::default() }.run();
    let expected = ["1 Started app", "6 Started app", "21 Started app", "46 Started app", "47 Killing app"];
    assert_eq!(events(&run, &["Started", "Killing"]), expected);
    assert_eq!(run.observation.pods.len(), 1);
    check_figure(&run, "jobs.restarts", 3.0);
    assert_eq!(ends(&run), [Some(51.0)]);
    assert_eq!(events(&run, &["BackoffLimitExceeded"]), ["52 BackoffLimitExceeded limit"]);
}

/// A bare pod with restartPolicy Always begins its work again though it has ended well; with Never it ends.
#[test]
fn bare_pods_follow_their_restart_policy() {
    let pod = |restart| Trial { on: On::Ecs, kind: "Pod", restart, horizon: "5m", ..Trial::default() }.run();
    let always = pod("Always");
    assert_eq!(ends(&always), [None]);
    assert_eq!(events(&always, &["Started"]), ["1 Started app", "101 Started app", "211 Started app"]);
    assert_eq!(ends(&pod("OnFailure")), [Some(101.0)]);
    let never = pod("Never");
    assert_eq!((ends(&never), figure(&never, "pods.completed")), (vec![Some(101.0)], 1.0));
    assert!(
        never.observation.summary.get("jobs.created").is_none(),
        "a run without Jobs has no figures of Jobs"
    );
}

/// rule: job-deadline
/// rule: job-finishes-last
#[test]
fn a_job_past_its_deadline_fails_when_its_pods_have_gone() {
    let run = Trial { on: On::Ecs, job: "activeDeadlineSeconds: 50,", ..Trial::default() }.run();
    assert_eq!(events(&run, &["Killing", "SuccessfulDelete"]).len(), 2);
    assert_eq!(ends(&run), [Some(54.0)]);
    assert_eq!(events(&run, &["DeadlineExceeded"]), ["55 DeadlineExceeded deadline"]);
}

/// Half of the pods fail by their own draws: the others complete the Job.
#[test]
fn a_share_of_the_pods_fails() {
    let work = "duration: {constant: 1s}, failureShare: 0.5";
    let job = "completions: 40, parallelism: 40, backoffLimit: 1000,";
    let run = Trial { on: On::Eci, job, work, horizon: "10h", ..Trial::default() }.run();
    check_figure(&run, "jobs.completed", 1.0);
    let (failed, created) = (figure(&run, "jobs.failedPods"), figure(&run, "pods.created"));
    assert!((20.0..70.0).contains(&failed) && created - failed >= 40.0, "{failed} of {created}");
}

/// rule: job-indexes
#[test]
fn pods_of_an_indexed_job_carry_their_index() {
    let job = "completionMode: Indexed, completions: 3, parallelism: 3,";
    let run = Trial { on: On::Ecs, job, ..Trial::default() }.run();
    let names: Vec<_> = run.observation.pods.iter().map(|pod| pod.name.rsplit_once('-').unwrap().0).collect();
    assert_eq!(names, ["x-0", "x-1", "x-2"]);
    check_figure(&run, "jobs.completed", 1.0);
}
