//! Jobs.

use serde_json::{Value, json};

use super::duration::{age, human_duration};
use super::workloads::wide_cells;
use super::{Column, Item, Seen, column, object, wide};
use crate::simulation::snapshot::JobView;
use crate::units::SimTime;

pub(super) const COLUMNS: &[Column] = &[
    column("NAME"),
    column("STATUS"),
    column("COMPLETIONS"),
    column("DURATION"),
    column("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

/// The label by which a Job selects its pods.
const UID_LABEL: &str = "batch.kubernetes.io/controller-uid";

pub(super) fn items<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    seen.snapshot.jobs.iter().map(|job| item(seen, job)).collect()
}

fn item<'a>(seen: &'a Seen<'_>, job: &'a JobView) -> Item<'a> {
    let at = seen.snapshot.at;
    let written = seen.written.find("Job", &job.namespace, &job.name, at);
    let uid = job.template.labels.get(UID_LABEL).unwrap_or_default();
    let selector = (UID_LABEL.to_owned(), format!("{UID_LABEL}={uid}"));
    let own = vec![
        job.name.clone(),
        status(job).to_owned(),
        completions(job),
        duration(at, job),
        age(at, job.created),
    ];
    Item {
        namespace: job.namespace.clone(),
        name: job.name.clone(),
        // The API server takes the template's labels where the Job has none.
        labels: object::own_labels_or(written.as_deref(), &job.template.labels),
        cells: [own, wide_cells(&job.template, [&selector].into_iter())].concat(),
        value: Box::new(move || {
            let mut value =
                object::as_written("Job", written.as_deref(), &job.namespace, &job.name, job.created);
            value["status"] = status_of(job);
            value
        }),
    }
}

/// The STATUS column (pkg/printers/internalversion/printers.go `printJob`).
fn status(job: &JobView) -> &'static str {
    match (job.status.finished, job.status.target) {
        (Some((_, Ok(()))), _) => "Complete",
        (Some((_, Err(_))), _) => "Failed",
        _ if job.status.suspended => "Suspended",
        (None, Some(Err(_))) => "FailureTarget",
        (None, Some(Ok(()))) => "SuccessCriteriaMet",
        (None, None) => "Running",
    }
}

fn completions(job: &JobView) -> String {
    let succeeded = job.status.succeeded;
    match (job.spec.completions, job.spec.parallelism) {
        (Some(all), _) => format!("{succeeded}/{all}"),
        (None, parallelism) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

/// Until it was complete; one that has failed goes on counting.
fn duration(at: SimTime, job: &JobView) -> String {
    let Some(started) = job.status.started else { return String::new() };
    let until = match job.status.finished {
        Some((finished, Ok(()))) => finished,
        _ => at,
    };
    let second = |instant: SimTime| SimTime::from_secs(instant.whole_secs());
    human_duration(second(until).since(second(started)))
}

fn status_of(job: &JobView) -> Value {
    let mut status = json!({ "active": job.active, "ready": job.ready });
    for (key, count) in [("succeeded", job.status.succeeded), ("failed", job.status.failed)] {
        if count > 0 {
            status[key] = count.into();
        }
    }
    if let Some(started) = job.status.started {
        status["startTime"] = object::timestamp(started).into();
    }
    if let Some((at, verdict)) = job.status.finished {
        let at = object::timestamp(at);
        let condition = match verdict {
            Ok(()) => {
                status["completionTime"] = at.clone().into();
                json!({ "type": "Complete", "status": "True", "lastTransitionTime": at })
            }
            Err(failure) => json!({
                "type": "Failed", "status": "True", "lastTransitionTime": at,
                "reason": failure.reason(), "message": failure.message(),
            }),
        };
        status["conditions"] = json!([condition]);
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::job::{Failure, Spec, Status};
    use crate::object::PodSpec;

    fn job(completions: Option<u32>, parallelism: u32, status: Status) -> JobView {
        let spec = Spec {
            parallelism,
            completions,
            backoff_limit: 6,
            active_deadline: None,
            ttl: None,
            suspend: false,
            indexed: false,
            restarts_in_place: false,
        };
        JobView {
            namespace: "default".to_owned(),
            name: "pi".to_owned(),
            spec,
            status,
            template: PodSpec::empty("default"),
            active: 0,
            ready: 0,
            created: SimTime::ZERO,
        }
    }

    fn line(job: &JobView) -> String {
        format!("{} {} {}", status(job), completions(job), duration(SimTime::from_secs(300), job))
    }

    /// pkg/printers/internalversion/printers_test.go `TestPrintJob`, for the forms of its columns.
    #[test]
    fn jobs_print_as_kubectl_prints_them() {
        let started = Some(SimTime::from_secs(10));
        let running = Status { started, succeeded: 1, ..Status::default() };
        assert_eq!(line(&job(Some(4), 2, running.clone())), "Running 1/4 4m50s");
        assert_eq!(line(&job(None, 3, running.clone())), "Running 1/1 of 3 4m50s");
        assert_eq!(line(&job(None, 1, running.clone())), "Running 1/1 4m50s");
        let finished = |verdict| Some((SimTime::from_secs(70), verdict));
        let complete = Status { finished: finished(Ok(())), ..running.clone() };
        assert_eq!(line(&job(Some(1), 1, complete)), "Complete 1/1 60s");
        let failed = Status { finished: finished(Err(Failure::DeadlineExceeded)), ..running.clone() };
        assert_eq!(line(&job(Some(2), 1, failed)), "Failed 1/2 4m50s");
        let ending = Status { target: Some(Err(Failure::BackoffLimitExceeded)), ..running.clone() };
        assert_eq!(line(&job(Some(2), 1, ending)), "FailureTarget 1/2 4m50s");
        let suspended = Status { suspended: true, ..Status::default() };
        assert_eq!(line(&job(Some(2), 1, suspended)), "Suspended 0/2 ");
    }
}
