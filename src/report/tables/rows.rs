//! The columns of each table, and the cells of its rows.

use std::fmt;

use super::cells::{Cells, Column, Kind, Row};
use crate::cost::Micros;
use crate::metric::{EventRow, NodeRow, Overflow, PodRow, TimelineRow};
use crate::object::{NodeClass, Title};
use crate::report::output::Output;
use crate::units::SimTime;

const TIMELINE: [Column; 16] = [
    ("time_s", Kind::Seconds),
    ("rps", Kind::Number),
    ("replicas_desired", Kind::Count),
    ("pods_ecs", Kind::Count),
    ("pods_virtual", Kind::Count),
    ("pods_virtual_early", Kind::Count),
    ("pending", Kind::Count),
    ("starting", Kind::Count),
    ("cost_per_s", Kind::Number),
    ("cost_ecs_per_s", Kind::Number),
    ("cost_virtual_per_s", Kind::Number),
    ("unserved_rps", Kind::Number),
    ("ready", Kind::Count),
    ("latency_mean_s", Kind::Seconds),
    ("nodes", Kind::Count),
    ("cost_idle_ecs_per_s", Kind::Number),
];

const PODS: [Column; 14] = [
    ("name", Kind::Text),
    ("namespace", Kind::Text),
    ("workload", Kind::Text),
    ("node", Kind::Text),
    ("node_class", Kind::Text),
    ("created_s", Kind::Seconds),
    ("scheduled_s", Kind::Seconds),
    ("ready_s", Kind::Seconds),
    ("finished_s", Kind::Seconds),
    ("ready", Kind::Text),
    ("attempts", Kind::Count),
    ("overflow", Kind::Text),
    ("billed_spec", Kind::Text),
    ("cost", Kind::Money),
];

const NODES: [Column; 11] = [
    ("name", Kind::Text),
    ("class", Kind::Text),
    ("pool", Kind::Text),
    ("instance_type", Kind::Text),
    ("added_s", Kind::Seconds),
    ("removed_s", Kind::Seconds),
    ("cpu_allocatable_cores", Kind::Number),
    ("memory_allocatable_bytes", Kind::Count),
    ("price_per_hour", Kind::Number),
    ("cost", Kind::Money),
    ("idle_cost", Kind::Money),
];

const EVENTS: [Column; 5] = [
    ("time_s", Kind::Seconds),
    ("type", Kind::Text),
    ("reason", Kind::Text),
    ("object", Kind::Text),
    ("message", Kind::Text),
];

/// The columns of an output; none if it is no table.
pub(super) const fn columns(output: Output) -> &'static [Column] {
    match output {
        Output::Timeline => &TIMELINE,
        Output::Pods => &PODS,
        Output::Nodes => &NODES,
        Output::Events => &EVENTS,
        Output::Summary | Output::Svg | Output::Report | Output::Expectations => &[],
    }
}

impl Row for TimelineRow {
    fn fill(&self, cells: &mut impl Cells) {
        cells.seconds(Some(self.time));
        cells.number(self.rps);
        cells.count(self.replicas_desired as i64);
        cells.count(self.pods_ecs as i64);
        cells.count(self.pods_virtual as i64);
        cells.count(self.pods_virtual_early as i64);
        cells.count(self.pending as i64);
        cells.count(self.starting as i64);
        cells.number(self.cost_per_s);
        cells.number(self.cost_ecs_per_s);
        cells.number(self.cost_virtual_per_s);
        cells.number(self.unserved_rps);
        cells.count(self.ready as i64);
        cells.seconds(self.latency_mean.map(|latency| SimTime(latency.0)));
        cells.count(self.nodes as i64);
        cells.number(self.cost_idle_ecs_per_s);
    }
}

/// A pod, and what to print for its cost.
pub(super) struct PrintedPod<'r> {
    pub(super) row: &'r PodRow<&'r str>,
    pub(super) cost: Micros,
}

impl Row for PrintedPod<'_> {
    fn fill(&self, cells: &mut impl Cells) {
        let row = self.row;
        cells.text(row.name);
        cells.text(row.namespace);
        cells.text(row.workload);
        cells.text(row.node);
        cells.text(row.node_class.map_or("", class));
        cells.seconds(Some(row.created));
        cells.seconds(row.scheduled);
        cells.seconds(row.ready);
        cells.seconds(row.finished);
        cells.ratio(row.ready_count(), row.containers);
        cells.count(row.attempts.into());
        cells.text(overflow(row.overflow));
        cells.text(row.billed_spec);
        cells.money(self.cost);
    }
}

/// A node, and what to print for its costs.
pub(super) struct PrintedNode<'r> {
    pub(super) row: &'r NodeRow,
    pub(super) cost: Micros,
    pub(super) idle_cost: Micros,
}

impl Row for PrintedNode<'_> {
    fn fill(&self, cells: &mut impl Cells) {
        let row = self.row;
        cells.text(&row.name);
        cells.text(class(row.class));
        cells.text(&row.pool);
        cells.text(&row.instance_type);
        cells.seconds(Some(row.added));
        cells.seconds(row.removed);
        cells.number(row.cpu.0 as f64 / 1000.0);
        cells.count(row.memory.0);
        cells.number(row.price.per_hour_f64());
        cells.money(self.cost);
        cells.money(self.idle_cost);
    }
}

impl Row for EventRow<Title<'_>, fmt::Arguments<'_>> {
    fn fill(&self, cells: &mut impl Cells) {
        cells.seconds(Some(self.time));
        cells.text(self.kind);
        cells.text(self.reason);
        cells.title(&self.object);
        cells.words(self.message);
    }
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
