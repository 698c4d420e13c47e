//! What Jobs cost: a pod from its pull to the end of its last container, and nothing after that.

use overspill::experiment::Measured;
use overspill::units::Money;

use crate::trial::{Trial, UNMARKED, logs};

/// Holds what a run has cost against seconds of instances of 2 vCPU and 4 GiB.
#[track_caller]
fn check_paid(run: &Measured, seconds: f64) {
    let paid: Money = run.observation.pods.iter().map(|pod| pod.cost).sum();
    assert!((paid.as_f64() - seconds * 0.000_019_24).abs() < 1e-12, "{paid:?}");
}

/// rule: cost-eci
/// rule: sidecars-exit-with-the-job
#[test]
fn a_pod_is_billed_from_its_pull_to_the_end_of_its_last_container() {
    let marked = Trial { beside: logs!("ECI_SIDECAR_CONTAINER", "true"), ..Trial::default() }.run();
    check_paid(&marked, 112.0 - 5.0);
    let unmarked = Trial { beside: UNMARKED, ..Trial::default() }.run();
    check_paid(&unmarked, 3600.0 - 5.0);
}

/// Three pods of a hundred seconds one after the other: each 6.5 s to start, half a second less than with two images.
/// rule: job-sync-batch
#[test]
fn pods_of_a_job_follow_each_other_a_second_apart() {
    let run = Trial { job: "completions: 3,", ..Trial::default() }.run();
    let created: Vec<_> = run.observation.pods.iter().map(|pod| pod.created.as_secs_f64()).collect();
    assert_eq!(created, [0.0, 107.5, 215.0]);
    check_paid(&run, 3.0 * 101.5);
}
