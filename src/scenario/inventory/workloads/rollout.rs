//! How one template of a Deployment follows another, with what the API server refuses of it.

use k8s_openapi::api::apps::v1::{DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::controller::deployment::{DEFAULT_HISTORY, Spec, Strategy};
use crate::object::kubernetes::{FieldProblem, Problems, int_or_percent};
use crate::units::{IntOrPercent, Span};

/// The share that each bound is by default (pkg/apis/apps/v1/defaults.go `SetDefaults_Deployment`).
const QUARTER: IntOrPercent = IntOrPercent::Percent(25);

/// Reads it as far as rollouts go (pkg/apis/apps/validation/validation.go `ValidateDeploymentSpec`).
pub(super) fn read(spec: &DeploymentSpec, replicas: u32) -> Result<Spec, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let read = problems.within("spec", |problems| Spec {
        replicas,
        strategy: spec.strategy.as_ref().map_or_else(Strategy::default, |one| strategy(problems, one)),
        min_ready: Span::from_secs(u64::from(count(problems, "minReadySeconds", spec.min_ready_seconds, 0))),
        paused: spec.paused.unwrap_or(false),
        history: count(problems, "revisionHistoryLimit", spec.revision_history_limit, DEFAULT_HISTORY),
    });
    if spec.progress_deadline_seconds.is_some_and(|deadline| deadline <= spec.min_ready_seconds.unwrap_or(0))
    {
        problems.note("spec.progressDeadlineSeconds", "must be greater than minReadySeconds");
    }
    problems.into_result(read)
}

fn count(problems: &mut Problems, field: &str, given: Option<i32>, default: u32) -> u32 {
    given.map_or(default, |given| {
        u32::try_from(given).unwrap_or_else(|_| {
            problems.note(field, "must be greater than or equal to 0");
            default
        })
    })
}

fn strategy(problems: &mut Problems, strategy: &DeploymentStrategy) -> Strategy {
    problems.within("strategy", |problems| match strategy.type_.as_deref() {
        None | Some("" | "RollingUpdate") => {
            let bounds = strategy.rolling_update.clone().unwrap_or_default();
            problems.within("rollingUpdate", |problems| rolling_update(problems, &bounds))
        }
        Some("Recreate") => {
            if strategy.rolling_update.is_some() {
                problems.note("rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
            }
            Strategy::Recreate
        }
        Some(other) => {
            problems.note("type", format!("{other:?} must be Recreate or RollingUpdate"));
            Strategy::default()
        }
    })
}

fn rolling_update(problems: &mut Problems, bounds: &RollingUpdateDeployment) -> Strategy {
    let max_unavailable = bound(problems, "maxUnavailable", bounds.max_unavailable.as_ref());
    let max_surge = bound(problems, "maxSurge", bounds.max_surge.as_ref());
    if max_unavailable.is_zero() && max_surge.is_zero() {
        problems.note("maxUnavailable", "may not be 0 when `maxSurge` is 0");
    }
    if matches!(max_unavailable, IntOrPercent::Percent(percent) if percent > 100) {
        problems.note("maxUnavailable", "must not be greater than 100%");
    }
    Strategy::RollingUpdate { max_surge, max_unavailable }
}

fn bound(problems: &mut Problems, field: &str, given: Option<&IntOrString>) -> IntOrPercent {
    given.map_or(QUARTER, |given| {
        int_or_percent(given).unwrap_or_else(|message| {
            problems.note(field, message);
            QUARTER
        })
    })
}
