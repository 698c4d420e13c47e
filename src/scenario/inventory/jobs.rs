//! Jobs: what the API server makes of them, and what their pods are like.

use k8s_openapi::api::batch::v1 as api;

use super::names;
use super::workloads::{admitted, problems_within};
use crate::admission::priority::PriorityClasses;
use crate::controller::job::{self, name_pods};
use crate::object::kubernetes::{FieldProblem, Problems, template_spec};
use crate::object::{Owner, PodSpec};
use crate::units::Span;

/// How many failures a Job allows that does not say (pkg/apis/batch/v1/defaults.go).
const BACKOFF_LIMIT: u32 = 6;
/// A Job that has not finished.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it is told to do.
    pub spec: job::Spec,
    /// How many of its pods have succeeded and failed, where a server has printed it.
    pub had: (u32, u32),
    /// What its pods are like.
    pub template: PodSpec,
}

impl Job {
    /// `Job/NAMESPACE/NAME`, by which scenarios and results name it.
    pub fn title(&self) -> String {
        format!("Job/{}/{}", self.namespace, self.name)
    }
}

/// Whether a Job has come to its end, as the server says that printed it.
pub(super) fn is_finished(job: &api::Job) -> bool {
    let conditions = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions
        .into_iter()
        .any(|one| matches!(one.type_.as_str(), "Complete" | "Failed") && one.status == "True")
}

pub(super) fn read(job: &api::Job, priorities: &PriorityClasses) -> Result<Job, Vec<FieldProblem>> {
    let (namespace, name) = names(&job.metadata);
    let written = job.spec.clone().unwrap_or_default();
    let mut problems = Problems::new();
    let spec = problems.within("spec", |problems| spec(problems, &written));
    let problems = problems.into_result(()).err();
    let owner = Owner { api_version: "batch/v1".to_owned(), kind: "Job".to_owned(), name: name.clone() };
    let template = admitted(&written.template, priorities).and_then(|template| {
        template_spec(&namespace, &template, Some(owner)).map_err(|found| problems_within("spec", found))
    });
    let mut template = match (template, problems) {
        (Ok(template), None) => template,
        (template, problems) => {
            return Err([problems, template.err()].into_iter().flatten().flatten().collect());
        }
    };
    name_pods(&mut template, &name, job.metadata.uid.as_deref());
    let status = job.status.clone().unwrap_or_default();
    let count = |number: Option<i32>| u32::try_from(number.unwrap_or(0)).unwrap_or(0);
    Ok(Job { namespace, name, spec, had: (count(status.succeeded), count(status.failed)), template })
}

/// What a Job is told to do, with the API server's defaults (pkg/apis/batch/v1/defaults.go `SetDefaults_Job`) and checks
/// (pkg/apis/batch/validation/validation.go `ValidateJobSpec`).
fn spec(problems: &mut Problems, written: &api::JobSpec) -> job::Spec {
    let completions = number(problems, "completions", written.completions);
    let parallelism = number(problems, "parallelism", written.parallelism);
    let indexed = match written.completion_mode.as_deref() {
        None | Some("NonIndexed") => false,
        Some("Indexed") => true,
        Some(other) => {
            problems.note("completionMode", format!("{other:?} must be NonIndexed or Indexed"));
            false
        }
    };
    if indexed && completions.is_none() {
        problems.note("completions", "must be specified when completionMode is Indexed");
    }
    let policy = written.template.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref());
    if !matches!(policy, Some("OnFailure" | "Never")) {
        problems.note("template.spec.restartPolicy", "must be OnFailure or Never in a Job");
    }
    job::Spec {
        parallelism: parallelism.unwrap_or(1),
        completions: if parallelism.is_none() { completions.or(Some(1)) } else { completions },
        backoff_limit: number(problems, "backoffLimit", written.backoff_limit).unwrap_or(BACKOFF_LIMIT),
        active_deadline: seconds(problems, "activeDeadlineSeconds", written.active_deadline_seconds),
        ttl: seconds(problems, "ttlSecondsAfterFinished", written.ttl_seconds_after_finished.map(i64::from)),
        suspend: written.suspend.unwrap_or(false),
        indexed,
        restarts_in_place: policy == Some("OnFailure"),
    }
}

fn number(problems: &mut Problems, name: &str, given: Option<i32>) -> Option<u32> {
    seconds(problems, name, given.map(i64::from)).and_then(|span| u32::try_from(span.0 / 1_000_000_000).ok())
}

fn seconds(problems: &mut Problems, name: &str, given: Option<i64>) -> Option<Span> {
    let seconds = given.map(u64::try_from)?;
    if seconds.is_err() {
        problems.note(name, "must be greater than or equal to 0");
    }
    seconds.ok().map(Span::from_secs)
}
