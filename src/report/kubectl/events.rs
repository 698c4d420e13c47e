//! Events, equal ones counted together.

use indexmap::IndexMap;
use serde_json::json;

use super::duration::age;
use super::{Column, Item, Seen, column, object, wide};
use crate::metric::EventRow;
use crate::object::{Labels, Title};
use crate::units::{SimTime, Span};

pub(super) const COLUMNS: &[Column] = &[
    column("LAST SEEN"),
    column("TYPE"),
    column("REASON"),
    column("OBJECT"),
    wide("SUBOBJECT"),
    wide("SOURCE"),
    column("MESSAGE"),
    wide("FIRST SEEN"),
    wide("COUNT"),
    wide("NAME"),
];

/// How long the API server keeps an event (kube-apiserver `--event-ttl`).
const KEPT: Span = Span::from_secs(3600);

/// Equal events.
#[derive(Clone, Copy)]
struct Series<'a> {
    row: &'a EventRow,
    first: SimTime,
    last: SimTime,
    count: u64,
}

pub(super) fn items<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    let mut all: IndexMap<_, Series<'a>> = IndexMap::new();
    for row in seen.events {
        let key = (&row.object, row.kind, row.reason, &row.message);
        let series = all.entry(key).or_insert(Series { row, first: row.time, last: row.time, count: 0 });
        series.last = row.time;
        series.count += 1;
    }
    let kept = all.into_values().filter(|series| seen.snapshot.at.since(series.last) <= KEPT);
    kept.enumerate().map(|(number, series)| item(seen.snapshot.at, number, series)).collect()
}

fn item(at: SimTime, number: usize, series: Series<'_>) -> Item<'_> {
    let Title { kind, namespace, name: object_name } = Title::of(&series.row.object);
    // Where upstream keeps events of what lives in no namespace.
    let namespace = namespace.unwrap_or("default");
    // As upstream names them, by the object and the time; here a number tells those of one instant apart.
    let name = format!("{object_name}.{:016x}", series.first.0 + number as u64);
    let target = format!("{}/{object_name}", kind.to_lowercase());
    let row = series.row;
    let value_name = name.clone();
    Item {
        namespace: namespace.to_owned(),
        name: name.clone(),
        labels: Labels::default(),
        cells: vec![
            age(at, series.last),
            row.kind.to_owned(),
            row.reason.to_owned(),
            target,
            String::new(),
            String::new(),
            row.message.trim().to_owned(),
            age(at, series.first),
            series.count.to_string(),
            name,
        ],
        value: Box::new(move || {
            json!({
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": object::metadata(namespace, &value_name, &Labels::default(), None, series.first),
                "type": row.kind,
                "reason": row.reason,
                "message": row.message,
                "count": series.count,
                "firstTimestamp": object::timestamp(series.first),
                "lastTimestamp": object::timestamp(series.last),
                "involvedObject": { "kind": kind, "namespace": namespace, "name": object_name },
            })
        }),
    }
}
