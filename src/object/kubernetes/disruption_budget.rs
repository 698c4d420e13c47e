//! Reading PodDisruptionBudgets.

use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use super::{FieldProblem, Problems, int_or_percent, label_selector, namespace_of};
use crate::object::DisruptionBudget;
use crate::object::disruption_budget::Bound;
use crate::units::IntOrPercent;

/// Reads a budget (pkg/apis/policy/validation/validation.go `ValidatePodDisruptionBudgetSpec`).
pub fn disruption_budget(budget: &PodDisruptionBudget) -> Result<DisruptionBudget, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let spec = budget.spec.clone().unwrap_or_default();
    let read = problems.within("spec", |problems| {
        if spec.min_available.is_some() && spec.max_unavailable.is_some() {
            problems.note("minAvailable", "minAvailable and maxUnavailable cannot be both set");
        }
        let mut amount = |field: &str, given| {
            let amount = int_or_percent(given).map_err(|message| problems.note(field, message)).ok()?;
            if matches!(amount, IntOrPercent::Percent(percent) if percent > 100) {
                problems.note(field, "must not be greater than 100%");
            }
            Some(amount)
        };
        let min_available = spec.min_available.as_ref().and_then(|given| amount("minAvailable", given));
        let max_unavailable = spec.max_unavailable.as_ref().and_then(|given| amount("maxUnavailable", given));
        let selector = spec.selector.as_ref();
        DisruptionBudget {
            namespace: namespace_of(&budget.metadata).to_owned(),
            name: budget.metadata.name.clone().unwrap_or_default(),
            selector: selector
                .map(|one| problems.within("selector", |problems| label_selector(problems, one))),
            bound: max_unavailable.map(Bound::MaxUnavailable).or(min_available.map(Bound::MinAvailable)),
            always_evict_unhealthy: match spec.unhealthy_pod_eviction_policy.as_deref() {
                None | Some("IfHealthyBudget") => false,
                Some("AlwaysAllow") => true,
                Some(other) => {
                    let message = format!("{other:?} must be AlwaysAllow or IfHealthyBudget");
                    problems.note("unhealthyPodEvictionPolicy", message);
                    false
                }
            },
        }
    });
    problems.into_result(read)
}
