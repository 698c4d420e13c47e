//! CronJobs in a run: Jobs that come by the calendar, side by side, one after the other, or one instead of the other.

#[path = "case/folder.rs"]
mod folder;

use folder::{Case, check_figure};
use overspill::experiment::Measured;

/// What the fields of the CronJobs are beside the template of their Jobs.
const EVERY_TEN_MINUTES: &str = "schedule: '*/10 * * * *'";
const FORBID: &str = "schedule: '*/10 * * * *'
  concurrencyPolicy: Forbid
  successfulJobsHistoryLimit: 1";
const REPLACE: &str = "schedule: '*/10 * * * *'
  concurrencyPolicy: Replace";
const SHANGHAI: &str = "schedule: '30 8 * * *'
  timeZone: Asia/Shanghai";

/// The manifest of a CronJob with these fields.
fn cron_job(fields: &str) -> &'static str {
    format!(
        "
apiVersion: batch/v1
kind: CronJob
metadata: {{name: report}}
spec:
  {fields}
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{{name: work, image: work, resources: {{requests: {{cpu: 1, memory: 1Gi}}}}}}]
"
    )
    .leak()
}

/// One hour and five minutes from midnight of 5 January 2026; `more` stands in the scenario's spec.
fn measured(fields: &str, duration: &str, more: &str) -> Measured {
    let spec = format!(
        "  horizon: 65m
  startsAt: 2026-01-05T00:00:00Z
  pools:
    room: {{count: 1, allocatable: {{cpu: '8', memory: 32Gi, pods: '110'}}, price: 0.26/h}}
  work:
    report: {{of: CronJob/default/report, duration: {{constant: {duration}}}}}
{more}"
    );
    Case { spec, manifest: cron_job(fields) }.measure()
}

/// Second, object and message of the events with this reason.
fn events<'r>(run: &'r Measured, reason: &str) -> Vec<(u64, &'r str, &'r str)> {
    let chosen = run.observation.events.iter().filter(|event| event.reason == reason);
    chosen.map(|event| (event.time.whole_secs(), event.object.as_str(), event.message.as_str())).collect()
}

fn cron_events<'r>(run: &'r Measured, reason: &str) -> Vec<(u64, &'r str)> {
    let own = events(run, reason).into_iter().filter(|(_, object, _)| *object == "CronJob/default/report");
    own.map(|(second, _, message)| (second, message)).collect()
}

/// Midnight of 5 January 2026 is minute 29459520 since 1970.
///
/// rule: cron-delay
/// rule: cron-job-names
#[test]
fn jobs_come_by_the_calendar() {
    let run = measured(EVERY_TEN_MINUTES, "1m", "");
    let created = cron_events(&run, "SuccessfulCreate");
    assert_eq!(created.len(), 6);
    assert_eq!(created[0], (600, "Created job report-29459530"));
    assert_eq!(created[5], (3600, "Created job report-29459580"));
    let pod = &run.observation.pods[0];
    assert_eq!((pod.workload.as_str(), pod.created.0), ("Job/default/report-29459530", 600_100_000_000));
    check_figure(&run, "jobs.created", 6.0);
    check_figure(&run, "jobs.completed", 6.0);
    let completed = cron_events(&run, "SawCompletedJob");
    assert_eq!(completed[0].1, "Saw completed job: report-29459530, condition: Complete");
    // Three of six are kept.
    let deleted: Vec<_> = cron_events(&run, "SuccessfulDelete").into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        deleted,
        ["Deleted job report-29459530", "Deleted job report-29459540", "Deleted job report-29459550"]
    );
}

/// rule: cron-concurrency
#[test]
fn jobs_that_take_longer_than_their_distance() {
    let allow = measured(EVERY_TEN_MINUTES, "15m", "");
    check_figure(&allow, "jobs.created", 6.0);
    let forbid = measured(FORBID, "15m", "");
    // Each takes fifteen minutes and a little, and the one that was kept back follows at once.
    assert_eq!(cron_events(&forbid, "SuccessfulCreate").len(), 4);
    assert!(cron_events(&forbid, "JobAlreadyActive").len() >= 3);
    let replace = measured(REPLACE, "15m", "");
    check_figure(&replace, "jobs.created", 6.0);
    check_figure(&replace, "jobs.completed", 0.0);
    assert_eq!(cron_events(&replace, "SuccessfulDelete").len(), 5);
}

/// rule: cron-time-zone
#[test]
fn the_calendar_has_time_zones() {
    let run = measured(SHANGHAI, "1m", "");
    assert_eq!(cron_events(&run, "SuccessfulCreate"), [(1800, "Created job report-29459550")]);
}

/// A CronJob that is deleted takes its Jobs and their pods with it, and one that is there again begins anew.
#[test]
fn the_timeline_deletes_a_cron_job_with_its_jobs() {
    let timeline = "  timeline:
    - {at: 25m, delete: {resource: CronJob/default/report}}
";
    let run = measured(EVERY_TEN_MINUTES, "15m", timeline);
    check_figure(&run, "jobs.created", 2.0);
    check_figure(&run, "jobs.completed", 0.0);
    assert!(run.observation.pods.iter().all(|pod| pod.finished.is_some_and(|at| at.whole_secs() < 1600)));
}

/// What the Jobs of a CronJob draw follows from their scheduled time, whatever was before.
#[test]
fn the_same_jobs_draw_the_same() {
    let named = |run: &Measured, job: &str| {
        let pods = run.observation.pods.iter().filter(|pod| pod.workload == format!("Job/default/{job}"));
        pods.map(|pod| pod.name.clone()).collect::<Vec<_>>()
    };
    let (all, some) = (measured(EVERY_TEN_MINUTES, "1m", ""), measured(FORBID, "1m", ""));
    assert_eq!(named(&all, "report-29459580"), named(&some, "report-29459580"));
    assert_eq!(named(&all, "report-29459580").len(), 1);
}
