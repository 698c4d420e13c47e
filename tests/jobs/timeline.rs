//! Jobs that somebody creates, changes and deletes during a run.

use crate::folder::{Case, check_figure};
use crate::trial::{On, Trial, ends, events};

/// rule: job-deleted-pods
#[test]
fn a_deleted_job_takes_its_pods_with_it() {
    let spec = "  timeline: [{at: 50s, delete: {resource: job/default/x}}]\n";
    let run = Trial { on: On::Ecs, spec, ..Trial::default() }.run();
    assert_eq!((ends(&run), events(&run, &["SuccessfulCreate"]).len()), (vec![Some(54.0)], 1));
    for (path, expected) in [
        ("jobs.created", 1.0),
        ("jobs.completed", 0.0),
        ("jobs.unfinishedAtEnd", 0.0),
        ("jobs.failedPods", 0.0),
    ] {
        check_figure(&run, path, expected);
    }
}

/// rule: job-suspend
/// rule: job-ttl
#[test]
fn a_job_comes_is_suspended_resumed_and_expires() {
    let job = |suspend| {
        format!(
            "{{apiVersion: batch/v1, kind: Job, metadata: {{name: x}}, spec: {{suspend: {suspend}, \
             ttlSecondsAfterFinished: 100, template: {{spec: {{restartPolicy: Never, containers: [{{name: app, image: \
             app}}]}}}}}}}}"
        )
    };
    let spec = format!(
        "  horizon: 1h\n  pools: {{n: {{instanceType: ecs.c7.2xlarge, count: 1, zones: [cn-hangzhou-j]}}}}\n  \
         defaultImageSize: 0\n  shutdown: {{constant: 4s}}\n  ecs: {{containerStart: {{constant: 1s}}}}\n  work: {{w: {{of: \
         Job/default/x, duration: {{constant: 60s}}}}}}\n  timeline:\n  - {{at: 10s, create: {{manifest: {}}}}}\n  - {{at: \
         30s, apply: {{manifest: {}}}}}\n  - {{at: 100s, apply: {{manifest: {}}}}}\n",
        job(false),
        job(true),
        job(false)
    );
    let run = Case { spec, manifest: "" }.measure();
    let told = ["SuccessfulCreate", "SuccessfulDelete", "Suspended", "Resumed", "Completed"];
    let reasons: Vec<_> =
        events(&run, &told).iter().map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect();
    let expected = [
        "10 SuccessfulCreate",
        "30 SuccessfulDelete",
        "30 Suspended",
        "100 SuccessfulCreate",
        "100 Resumed",
        "162 Completed",
    ];
    assert_eq!(reasons, expected);
    assert_eq!(ends(&run), [Some(34.0), Some(161.0)]);
    check_figure(&run, "jobs.failedPods", 0.0);
}

/// rule: job-deleted-pods
#[test]
fn a_pod_that_somebody_deletes_is_a_failure() {
    // The pod's name is made up by the run: it is the same every time.
    let name = Trial { on: On::Ecs, ..Trial::default() }.run().observation.pods[0].name.clone();
    let spec = format!("  timeline: [{{at: 50s, delete: {{resource: pod/default/{name}}}}}]\n");
    let run = Trial { on: On::Ecs, spec: Box::leak(spec.into_boxed_str()), ..Trial::default() }.run();
    assert_eq!(ends(&run), [Some(54.0), Some(161.0)]);
    check_figure(&run, "jobs.failedPods", 1.0);
    check_figure(&run, "jobs.completed", 1.0);
}
