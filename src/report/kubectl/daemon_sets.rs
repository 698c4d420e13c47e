//! DaemonSets.

use serde_json::json;

use super::duration::age;
use super::workloads::wide_cells;
use super::{Column, Item, NONE, Seen, column, object, wide};
use crate::simulation::snapshot::DaemonSetView;

pub(super) const COLUMNS: &[Column] = &[
    column("NAME"),
    column("DESIRED"),
    column("CURRENT"),
    column("READY"),
    column("UP-TO-DATE"),
    column("AVAILABLE"),
    column("NODE SELECTOR"),
    column("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

const KIND: &str = "DaemonSet";

pub(super) fn items<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    seen.snapshot.daemon_sets.iter().map(|one| item(seen, one)).collect()
}

fn item<'a>(seen: &'a Seen<'_>, one: &'a DaemonSetView) -> Item<'a> {
    let (namespace, name) = (one.template.namespace.as_str(), one.name.as_str());
    let written = seen.written.find(KIND, namespace, name, seen.snapshot.at);
    let selector = one.template.node_selector.as_ref().filter(|labels| !labels.is_empty());
    Item {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        labels: object::own_labels(written.as_deref()),
        cells: [
            vec![
                name.to_owned(),
                one.desired.to_string(),
                one.current.to_string(),
                one.ready.to_string(),
                one.current.to_string(),
                one.ready.to_string(),
                selector.map_or_else(|| NONE.to_owned(), ToString::to_string),
                age(seen.snapshot.at, one.created),
            ],
            wide_cells(&one.template, one.selector.iter()),
        ]
        .concat(),
        value: Box::new(move || {
            let mut value = object::as_written(KIND, written.as_deref(), namespace, name, one.created);
            value["status"] = json!({
                "currentNumberScheduled": one.current,
                "desiredNumberScheduled": one.desired,
                "numberAvailable": one.ready,
                "numberMisscheduled": one.misplaced,
                "numberReady": one.ready,
                "updatedNumberScheduled": one.current,
            });
            value
        }),
    }
}
