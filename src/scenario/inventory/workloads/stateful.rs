//! StatefulSets, with what the API server refuses of them.
//!
//! Sources: pkg/apis/apps/v1/defaults.go `SetDefaults_StatefulSet` and pkg/apis/apps/validation/validation.go
//! `ValidateStatefulSetSpec` at tag v1.34.1.

use k8s_openapi::api::apps::v1 as api;

use super::{Workload, admitted, both, owner, problems_within, read_selector, read_template, template_hash};
use crate::admission::priority::PriorityClasses;
use crate::controller::stateful_set::{REVISION_LABEL, Spec, Update};
use crate::object::PodSpec;
use crate::object::kubernetes::{FieldProblem, Problems};
use crate::scenario::inventory::names;
use crate::units::Span;

/// A StatefulSet. One without a template, which only says what its pods have in common, makes none.
pub(super) fn read(
    set: &api::StatefulSet,
    priorities: &PriorityClasses,
) -> Result<Workload, Vec<FieldProblem>> {
    let (namespace, name) = names(&set.metadata);
    let spec = set.spec.clone().unwrap_or_default();
    let selector = read_selector(Some(&spec.selector))?;
    let template = match &spec.template.spec {
        None => Ok(PodSpec::empty(&namespace)),
        Some(_) => admitted(&spec.template, priorities).and_then(|admitted| {
            read_template(&namespace, &admitted, owner("StatefulSet", &name), &selector)
        }),
    };
    let read = read_spec(&spec).map_err(|problems| problems_within("spec", problems));
    let (mut template, stateful) = both(template, read)?;
    template.labels.set(REVISION_LABEL, format!("{name}-{}", template_hash(&spec.template)));
    Ok(Workload {
        kind: "StatefulSet",
        namespace,
        replica_set: name.clone(),
        name,
        replicas: stateful.replicas,
        replicas_stated: spec.replicas.is_some(),
        selector,
        template,
        other_sets: Vec::new(),
        rollout: None,
        stateful: Some(stateful),
        written: None,
        owner: None,
    })
}

fn read_spec(spec: &api::StatefulSetSpec) -> Result<Spec, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let start = spec.ordinals.as_ref().and_then(|ordinals| ordinals.start);
    let read = Spec {
        replicas: count(&mut problems, "replicas", spec.replicas, 1),
        start: count(&mut problems, "ordinals.start", start, 0),
        parallel: is_parallel(&mut problems, spec.pod_management_policy.as_deref()),
        update: update(&mut problems, spec.update_strategy.as_ref()),
        min_ready: Span::from_secs(u64::from(count(
            &mut problems,
            "minReadySeconds",
            spec.min_ready_seconds,
            0,
        ))),
    };
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

fn is_parallel(problems: &mut Problems, policy: Option<&str>) -> bool {
    match policy {
        None | Some("" | "OrderedReady") => false,
        Some("Parallel") => true,
        Some(other) => {
            problems.note("podManagementPolicy", format!("{other:?} must be 'OrderedReady' or 'Parallel'"));
            false
        }
    }
}

fn update(problems: &mut Problems, strategy: Option<&api::StatefulSetUpdateStrategy>) -> Update {
    let kind = strategy.and_then(|strategy| strategy.type_.as_deref()).unwrap_or("RollingUpdate");
    let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
    let partition = rolling.and_then(|rolling| rolling.partition);
    let partition = count(problems, "updateStrategy.rollingUpdate.partition", partition, 0);
    match kind {
        "" | "RollingUpdate" => Update::RollingUpdate { partition },
        "OnDelete" => {
            if rolling.is_some() {
                let message = "only allowed for updateStrategy 'RollingUpdate'";
                problems.note("updateStrategy.rollingUpdate", message);
            }
            Update::OnDelete
        }
        other => {
            let message = format!("{other:?} must be 'RollingUpdate' or 'OnDelete'");
            problems.note("updateStrategy.type", message);
            Update::OnDelete
        }
    }
}
