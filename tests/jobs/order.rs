//! Events of containers, in their order and at their instants.

use crate::trial::{NATIVE, On, Trial, UNMARKED, ends, events, logs};

const ORDER: [&str; 2] = ["Started", "Killing"];

/// Domain facts on the exit order of sidecars on virtual nodes: start before the application, exit after it, and for a Job
/// exit when the application has; then the pod has ended.
/// rule: marked-sidecar-order
/// rule: sidecars-exit-with-the-job
#[test]
fn a_marked_sidecar_starts_before_the_work_and_exits_after_it() {
    let run = Trial { beside: logs!("ECI_SIDECAR_CONTAINER", "true"), ..Trial::default() }.run();
    assert_eq!(events(&run, &ORDER), ["7 Started logs", "9 Started app", "109 Killing logs"]);
    assert_eq!(ends(&run), [Some(112.0)]);
}

/// rule: sidecars-exit-with-the-job
/// rule: native-sidecar-order
#[test]
fn a_native_sidecar_holds_the_work_back_by_its_startup_probe_only() {
    let run = Trial { init: NATIVE, ..Trial::default() }.run();
    assert_eq!(events(&run, &ORDER), ["7 Started logs", "7 Started app", "107 Killing logs"]);
    assert_eq!(ends(&run), [Some(110.0)]);
    let probed = "{name: logs, image: logs, restartPolicy: Always, startupProbe: {exec: {command: [ok]}}}";
    let run = Trial { init: probed, ..Trial::default() }.run();
    assert_eq!(events(&run, &ORDER), ["7 Started logs", "9 Started app", "109 Killing logs"]);
}

/// rule: sidecar-marks
/// rule: sidecars-exit-with-the-job
#[test]
fn without_a_mark_that_the_platform_knows_the_pod_runs_on() {
    let eci = [UNMARKED, logs!("__IS_SIDECAR__", "true"), logs!("ECI_SIDECAR_CONTAINER", "false")];
    let ecs = [logs!("__IS_SIDECAR__", "true"), logs!("ECI_SIDECAR_CONTAINER", "true")];
    for (on, beside) in eci.map(|one| (On::Eci, one)).into_iter().chain(ecs.map(|one| (On::Ecs, one))) {
        let run = Trial { on, beside, ..Trial::default() }.run();
        assert_eq!(ends(&run), [None], "{beside}");
        assert_eq!(events(&run, &["Killing", "Completed"]), [] as [&str; 0], "{beside}");
    }
}

/// rule: sidecar-marks
#[test]
fn on_acs_its_own_mark_works() {
    let labelled = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: x, namespace: default}\nspec: {template: {metadata: \
                    {labels: {alibabacloud.com/compute-class: general-purpose}}, spec: {restartPolicy: Never, \
                    nodeSelector: {type: virtual-kubelet}, tolerations: [{operator: Exists}], containers: [{name: app, \
                    image: app}, {name: logs, image: logs, env: [{name: __IS_SIDECAR__, value: \"true\"}]}]}}}\n";
    let spec = "  horizon: 1h\n  virtualNodes: {cn-hangzhou-j: {}}\n  work: {w: {of: Job/default/x, duration: \
                {constant: 100s}}}\n";
    let run = crate::folder::Case { spec: spec.to_owned(), manifest: labelled }.measure();
    let order: Vec<_> =
        events(&run, &ORDER).iter().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect();
    assert_eq!(order, ["Started logs", "Started app", "Killing logs"]);
    crate::folder::check_figure(&run, "jobs.completed", 1.0);
}

/// rule: kruise-sidecar-terminator
#[test]
fn openkruise_ends_a_sidecar_with_the_job_on_ecs() {
    let beside = logs!("KRUISE_TERMINATE_SIDECAR_WHEN_JOB_EXIT", "true");
    let run = Trial { on: On::Ecs, beside, ..Trial::default() }.run();
    assert_eq!(events(&run, &ORDER), ["1 Started app", "1 Started logs", "101 Killing logs"]);
    assert_eq!(ends(&run), [Some(104.0)]);
}

/// rule: marked-sidecar-order
#[test]
fn at_deletion_the_application_ends_first() {
    let delete = "  timeline: [{at: 60s, delete: {resource: pod/default/x}}]\n";
    let marked = |pod| Trial {
        kind: "Pod",
        restart: "Always",
        beside: logs!("ECI_SIDECAR_CONTAINER", "true"),
        pod,
        work: "",
        spec: delete,
        ..Trial::default()
    };
    let run = marked("").run();
    assert_eq!(events(&run, &["Killing"]), ["60 Killing app", "64 Killing logs"]);
    assert_eq!(ends(&run), [Some(67.0)]);
    // One grace period for both: the sidecar has what the application has left.
    assert_eq!(ends(&marked("terminationGracePeriodSeconds: 5,").run()), [Some(65.0)]);
    let native = Trial { beside: "", init: NATIVE, ..marked("") }.run();
    assert_eq!(events(&native, &["Killing"]), ["60 Killing logs", "60 Killing app"]);
    assert_eq!(ends(&native), [Some(67.0)]);
}

/// rule: eci-container-type
#[test]
fn a_killed_sidecar_fails_its_pod_unless_its_exit_code_is_ignored() {
    let killed =
        Trial { job: "backoffLimit: 0,", beside: logs!("ECI_CONTAINER_TYPE", "sidecar"), ..Trial::default() };
    let run = killed.run();
    assert_eq!(events(&run, &["BackoffLimitExceeded", "Completed"]), ["111 BackoffLimitExceeded limit"]);
    let ignored = ", {name: logs, image: logs, env: [{name: ECI_CONTAINER_TYPE, value: sidecar}, {name: \
                   ECI_CONTAINER_IGNORE_EXIT_CODE, value: \"true\"}]}";
    let run = Trial { beside: ignored, ..killed }.run();
    assert_eq!(events(&run, &["BackoffLimitExceeded", "Completed"]), ["111 Completed completed"]);
}
