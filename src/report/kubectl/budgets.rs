//! PodDisruptionBudgets.

use serde_json::json;

use super::duration::age;
use super::{Column, Item, Seen, column, object};
use crate::controller::disruption::Status;
use crate::object::disruption_budget::Bound;
use crate::object::{DisruptionBudget, ResourceKind};
use crate::units::{IntOrPercent, SimTime};

pub(super) const COLUMNS: &[Column] = &[
    column("NAME"),
    column("MIN AVAILABLE"),
    column("MAX UNAVAILABLE"),
    column("ALLOWED DISRUPTIONS"),
    column("AGE"),
];

pub(super) fn items<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    seen.snapshot.budgets.iter().map(|(budget, status)| item(seen, budget, status)).collect()
}

fn item<'a>(seen: &'a Seen<'_>, budget: &'a DisruptionBudget, status: &'a Status) -> Item<'a> {
    let DisruptionBudget { namespace, name, bound, .. } = budget;
    let written = seen.written.find("PodDisruptionBudget", namespace, name, seen.snapshot.at);
    let is_it = |kind, own: &str, own_name: &str| {
        kind == ResourceKind::PodDisruptionBudget && own == namespace && own_name == name
    };
    let kept = seen.snapshot.kept.iter().find(|one| is_it(one.kind, &one.namespace, &one.name));
    let created = kept.map_or(SimTime::ZERO, |one| one.created);
    let (least, most) = match bound {
        Some(Bound::MinAvailable(amount)) => (Some(*amount), None),
        Some(Bound::MaxUnavailable(amount)) => (None, Some(*amount)),
        None => (None, None),
    };
    Item {
        namespace: namespace.clone(),
        name: name.clone(),
        labels: object::own_labels(written.as_deref()),
        cells: vec![
            name.clone(),
            amount(least),
            amount(most),
            status.disruptions_allowed.to_string(),
            age(seen.snapshot.at, created),
        ],
        value: Box::new(move || {
            let kind = "PodDisruptionBudget";
            let mut value = object::as_written(kind, written.as_deref(), namespace, name, created);
            value["status"] = json!({
                "currentHealthy": status.current_healthy,
                "desiredHealthy": status.desired_healthy,
                "disruptionsAllowed": status.disruptions_allowed,
                "expectedPods": status.expected,
            });
            value
        }),
    }
}

/// A bound as kubectl prints it (pkg/printers/internalversion/printers.go `printPodDisruptionBudget`).
fn amount(amount: Option<IntOrPercent>) -> String {
    match amount {
        None => "N/A".to_owned(),
        Some(IntOrPercent::Int(count)) => count.to_string(),
        Some(IntOrPercent::Percent(percent)) => format!("{percent}%"),
    }
}
