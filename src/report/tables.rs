//! The tables: CSV with a header line, times in seconds, an empty field for what did not happen.

use std::io::{self, Write};

use super::number::decimal;
use crate::cost::{Micros, printed_rows};
use crate::metric::{EventRow, NodeRow, Overflow, PodRow, TimelineRow};
use crate::object::NodeClass;
use crate::units::{Money, SimTime};

/// `timeline.csv`.
pub(super) fn timeline(sink: &mut dyn Write, rows: &[TimelineRow]) -> io::Result<()> {
    let header = [
        "time_s",
        "rps",
        "replicas_desired",
        "pods_ecs",
        "pods_virtual",
        "pods_virtual_early",
        "pending",
        "starting",
        "cost_per_s",
        "cost_ecs_per_s",
        "cost_virtual_per_s",
        "unserved_rps",
        "ready",
    ];
    table(sink, header, rows.iter().map(timeline_row))
}

fn timeline_row(row: &TimelineRow) -> [String; 13] {
    [
        seconds(row.time),
        decimal(row.rps),
        row.replicas_desired.to_string(),
        row.pods_ecs.to_string(),
        row.pods_virtual.to_string(),
        row.pods_virtual_early.to_string(),
        row.pending.to_string(),
        row.starting.to_string(),
        decimal(row.cost_per_s),
        decimal(row.cost_ecs_per_s),
        decimal(row.cost_virtual_per_s),
        decimal(row.unserved_rps),
        row.ready.to_string(),
    ]
}

/// `pods.csv`. Costs are rounded so that nodes and pods, as printed, add up to the printed total.
pub(super) fn pods(sink: &mut dyn Write, rows: &[PodRow], nodes: &[NodeRow]) -> io::Result<()> {
    let header = [
        "name",
        "namespace",
        "workload",
        "node",
        "node_class",
        "created_s",
        "scheduled_s",
        "ready_s",
        "finished_s",
        "ready",
        "attempts",
        "overflow",
        "billed_spec",
        "cost",
    ];
    let paid_for_nodes = nodes.iter().map(|node| node.cost).sum();
    let costs = printed_rows(&rows.iter().map(|row| row.cost).collect::<Vec<_>>(), paid_for_nodes);
    table(sink, header, rows.iter().zip(costs).map(|(row, cost)| pod_row(row, cost)))
}

fn pod_row(row: &PodRow, cost: Micros) -> [String; 14] {
    [
        row.name.clone(),
        row.namespace.clone(),
        row.workload.clone(),
        row.node.clone(),
        row.node_class.map_or("", class).to_owned(),
        seconds(row.created),
        row.scheduled.map(seconds).unwrap_or_default(),
        row.ready.map(seconds).unwrap_or_default(),
        row.finished.map(seconds).unwrap_or_default(),
        row.ready_containers(),
        row.attempts.to_string(),
        overflow(row.overflow).to_owned(),
        row.billed_spec.clone(),
        cost.to_string(),
    ]
}

/// `nodes.csv`.
pub(super) fn nodes(sink: &mut dyn Write, rows: &[NodeRow]) -> io::Result<()> {
    let header = [
        "name",
        "class",
        "pool",
        "instance_type",
        "added_s",
        "removed_s",
        "cpu_allocatable_cores",
        "memory_allocatable_bytes",
        "price_per_hour",
        "cost",
        "idle_cost",
    ];
    let column = |amount: fn(&NodeRow) -> Money| {
        printed_rows(&rows.iter().map(amount).collect::<Vec<_>>(), Money::ZERO)
    };
    let costs = column(|row| row.cost).into_iter().zip(column(|row| row.idle_cost));
    table(sink, header, rows.iter().zip(costs).map(|(row, (cost, idle))| node_row(row, cost, idle)))
}

fn node_row(row: &NodeRow, cost: Micros, idle: Micros) -> [String; 11] {
    [
        row.name.clone(),
        class(row.class).to_owned(),
        row.pool.clone(),
        row.instance_type.clone(),
        seconds(row.added),
        row.removed.map(seconds).unwrap_or_default(),
        decimal(row.cpu.0 as f64 / 1000.0),
        row.memory.0.to_string(),
        decimal(row.price.per_hour_f64()),
        cost.to_string(),
        idle.to_string(),
    ]
}

/// `events.csv`.
pub(super) fn events(sink: &mut dyn Write, rows: &[EventRow]) -> io::Result<()> {
    let row = |event: &EventRow| {
        let texts = [event.kind, event.reason, &event.object, &event.message];
        let [kind, reason, object, message] = texts.map(str::to_owned);
        [seconds(event.time), kind, reason, object, message]
    };
    table(sink, ["time_s", "type", "reason", "object", "message"], rows.iter().map(row))
}

fn table<const COLUMNS: usize>(
    sink: &mut dyn Write,
    header: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(sink);
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.flush()
}

fn seconds(time: SimTime) -> String {
    decimal(time.as_secs_f64())
}

fn class(class: NodeClass) -> &'static str {
    match class {
        NodeClass::Ecs => "ecs",
        NodeClass::Virtual => "virtual",
    }
}

fn overflow(overflow: Option<Overflow>) -> &'static str {
    match overflow {
        None => "none",
        Some(Overflow::Early) => "early",
        Some(Overflow::Full) => "full",
        Some(Overflow::Directed) => "directed",
        Some(Overflow::Excluded) => "excluded",
    }
}
