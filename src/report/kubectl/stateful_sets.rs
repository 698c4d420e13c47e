//! StatefulSets.

use serde_json::json;

use super::duration::age;
use super::workloads::wide_cells;
use super::{Column, Item, Seen, column, object, wide};
use crate::object::Title;
use crate::simulation::snapshot::StatefulSetView;

pub(super) const COLUMNS: &[Column] =
    &[column("NAME"), column("READY"), column("AGE"), wide("CONTAINERS"), wide("IMAGES")];

const KIND: &str = "StatefulSet";

pub(super) fn items<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    seen.snapshot.stateful_sets.iter().map(|one| item(seen, one)).collect()
}

fn item<'a>(seen: &'a Seen<'_>, one: &'a StatefulSetView) -> Item<'a> {
    let Title { name, .. } = Title::of(&one.title);
    let namespace = one.template.namespace.as_str();
    let written = seen.written.find(KIND, namespace, name, seen.snapshot.at);
    let mut wide = wide_cells(&one.template, std::iter::empty());
    wide.truncate(2);
    Item {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        labels: object::own_labels(written.as_deref()),
        cells: [
            vec![
                name.to_owned(),
                format!("{}/{}", one.ready, one.desired),
                age(seen.snapshot.at, one.created),
            ],
            wide,
        ]
        .concat(),
        value: Box::new(move || {
            let mut value = object::as_written(KIND, written.as_deref(), namespace, name, one.created);
            value["spec"]["replicas"] = one.desired.into();
            value["status"] = json!({
                "replicas": one.replicas,
                "readyReplicas": one.ready,
                "availableReplicas": one.available,
                "updatedReplicas": one.updated,
            });
            value
        }),
    }
}
