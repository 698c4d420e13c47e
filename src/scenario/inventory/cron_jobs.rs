//! CronJobs: what the API server makes of them, and what their Jobs are like.

use jiff::tz::TimeZoneDatabase;
use k8s_openapi::api::batch::v1 as api;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::jobs::{self, Job};
use super::names;
use super::workloads::problems_within;
use crate::admission::priority::PriorityClasses;
use crate::controller::cron_job::schedule::Schedule;
use crate::controller::cron_job::{Concurrency, Spec};
use crate::object::kubernetes::{FieldProblem, Problems};
use crate::units::Span;

/// How many finished Jobs a CronJob keeps that does not say (pkg/apis/batch/v1/defaults.go).
const SUCCESSFUL_HISTORY: i32 = 3;
const FAILED_HISTORY: i32 = 1;
/// The longest name of a CronJob: its Jobs' names have eleven characters more (pkg/apis/batch/validation).
const LONGEST_NAME: usize = 52;

/// A CronJob.
#[derive(Clone, Debug)]
pub struct CronJob {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it is told to do.
    pub spec: Spec,
    /// What its Jobs are like, but for their names.
    pub job: Job,
}

impl CronJob {
    /// `CronJob/NAMESPACE/NAME`, by which scenarios and results name it.
    pub fn title(&self) -> String {
        format!("CronJob/{}/{}", self.namespace, self.name)
    }
}

pub(super) fn read(
    cron_job: &api::CronJob,
    priorities: &PriorityClasses,
) -> Result<CronJob, Vec<FieldProblem>> {
    let (namespace, name) = names(&cron_job.metadata);
    let written = cron_job.spec.clone().unwrap_or_default();
    let mut problems = Problems::new();
    if name.len() > LONGEST_NAME {
        problems.note("metadata.name", format!("must be no more than {LONGEST_NAME} characters"));
    }
    let spec = problems.within("spec", |problems| spec(problems, &written));
    let problems = problems.into_result(()).err();
    let metadata = ObjectMeta {
        name: Some(name.clone()),
        namespace: Some(namespace.clone()),
        ..written.job_template.metadata.clone().unwrap_or_default()
    };
    let job = api::Job { metadata, spec: written.job_template.spec.clone(), ..api::Job::default() };
    let job = jobs::read(&job, priorities).map_err(|found| problems_within("spec.jobTemplate", found));
    match (spec, job, problems) {
        (Some(spec), Ok(job), None) => Ok(CronJob { namespace, name, spec, job }),
        (_, job, problems) => Err([problems, job.err()].into_iter().flatten().flatten().collect()),
    }
}

/// What a CronJob is told to do, with the API server's defaults (pkg/apis/batch/v1/defaults.go `SetDefaults_CronJob`) and
/// checks (pkg/apis/batch/validation/validation.go `validateCronJobSpec`).
fn spec(problems: &mut Problems, written: &api::CronJobSpec) -> Option<Spec> {
    let schedule = Schedule::parse(&written.schedule).map_err(|wrong| problems.note("schedule", wrong)).ok();
    let zone_name = written.time_zone.clone();
    let wanted = zone_name.as_deref().unwrap_or("UTC");
    let zone = TimeZoneDatabase::bundled().get(wanted);
    let zone = zone.map_err(|_| problems.note("timeZone", format!("unknown time zone {wanted}"))).ok();
    let concurrency = match written.concurrency_policy.as_deref() {
        None | Some("Allow") => Concurrency::Allow,
        Some("Forbid") => Concurrency::Forbid,
        Some("Replace") => Concurrency::Replace,
        Some(other) => {
            problems.note("concurrencyPolicy", format!("{other:?} must be Allow, Forbid or Replace"));
            return None;
        }
    };
    let mut count = |name: &str, given: Option<i32>, usual: i32| {
        let count = u32::try_from(given.unwrap_or(usual)).ok();
        if count.is_none() {
            problems.note(name, "must be greater than or equal to 0");
        }
        count
    };
    let successful =
        count("successfulJobsHistoryLimit", written.successful_jobs_history_limit, SUCCESSFUL_HISTORY);
    let failed = count("failedJobsHistoryLimit", written.failed_jobs_history_limit, FAILED_HISTORY);
    let deadline = written.starting_deadline_seconds.map(u64::try_from);
    if deadline.is_some_and(|deadline| deadline.is_err()) {
        problems.note("startingDeadlineSeconds", "must be greater than or equal to 0");
    }
    Some(Spec {
        written: written.schedule.clone(),
        schedule: schedule?,
        zone_name,
        zone: zone?,
        concurrency,
        starting_deadline: deadline.and_then(Result::ok).map(Span::from_secs),
        suspend: written.suspend.unwrap_or(false),
        successful_history: successful?,
        failed_history: failed?,
    })
}
