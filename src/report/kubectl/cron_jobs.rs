//! CronJobs.

use serde_json::json;

use super::duration::age;
use super::workloads::wide_cells;
use super::{Column, Item, Seen, column, object, wide};
use crate::simulation::snapshot::CronJobView;
use crate::units::SimTime;

pub(super) const COLUMNS: &[Column] = &[
    column("NAME"),
    column("SCHEDULE"),
    column("TIMEZONE"),
    column("SUSPEND"),
    column("ACTIVE"),
    column("LAST SCHEDULE"),
    column("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

const NONE: &str = "<none>";

pub(super) fn items<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    seen.snapshot.cron_jobs.iter().map(|one| item(seen, one)).collect()
}

fn item<'a>(seen: &'a Seen<'_>, one: &'a CronJobView) -> Item<'a> {
    let written = seen.written.find("CronJob", &one.namespace, &one.name, seen.snapshot.at);
    Item {
        namespace: one.namespace.clone(),
        name: one.name.clone(),
        labels: object::own_labels(written.as_deref()),
        cells: [own_cells(one, seen.snapshot.at), wide_cells(&one.template, [].iter())].concat(),
        value: Box::new(move || {
            let mut value =
                object::as_written("CronJob", written.as_deref(), &one.namespace, &one.name, one.created);
            value["status"] = json!({});
            if let Some(last) = one.last_schedule {
                value["status"]["lastScheduleTime"] = object::timestamp(last).into();
            }
            value
        }),
    }
}

/// The cells as kubectl prints them (pkg/printers/internalversion/printers.go `printCronJob`).
fn own_cells(one: &CronJobView, at: SimTime) -> Vec<String> {
    vec![
        one.name.clone(),
        one.spec.written.clone(),
        one.spec.zone_name.clone().unwrap_or_else(|| NONE.to_owned()),
        if one.spec.suspend { "True" } else { "False" }.to_owned(),
        one.active.to_string(),
        one.last_schedule.map_or_else(|| NONE.to_owned(), |last| age(at, last)),
        age(at, one.created),
    ]
}
