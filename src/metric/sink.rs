//! Where the rows of a run go.

use std::fmt;

use super::rows::{EventRow, NodeRow, PodRow};
use crate::cost::Micros;
use crate::object::Title;

/// Takes the rows of a run when they are final: that of an event as it happens, that of a pod when it and all that were
/// created before it have ended, those of nodes at the end of the run. So each kind comes in its order, and none has to
/// be kept.
///
/// What is printed for the money of a row comes with it, so that rows as printed add up to the printed totals.
pub trait RowSink {
    /// Whether it takes events. If not, none is put into words.
    fn takes_events(&self) -> bool;

    /// Whether it takes pods. If not, nothing is kept of those that have ended.
    fn takes_pods(&self) -> bool;

    /// An event.
    fn event(&mut self, row: &EventRow<Title<'_>, fmt::Arguments<'_>>);

    /// A pod, and what to print for its cost.
    fn pod(&mut self, row: &PodRow<&str>, cost: Micros);

    /// A node, and what to print for its cost and for what of it was idle.
    fn node(&mut self, row: NodeRow, cost: Micros, idle_cost: Micros);
}

/// Keeps all rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collected {
    /// Pods, in order of creation.
    pub pods: Vec<PodRow>,
    /// Nodes, in order of addition.
    pub nodes: Vec<NodeRow>,
    /// Events, in order of time.
    pub events: Vec<EventRow>,
}

impl RowSink for Collected {
    fn takes_events(&self) -> bool {
        true
    }

    fn takes_pods(&self) -> bool {
        true
    }

    fn event(&mut self, row: &EventRow<Title<'_>, fmt::Arguments<'_>>) {
        self.events.push(row.to_texts());
    }

    fn pod(&mut self, row: &PodRow<&str>, _: Micros) {
        self.pods.push(row.to_texts());
    }

    fn node(&mut self, row: NodeRow, _: Micros, _: Micros) {
        self.nodes.push(row);
    }
}

/// Two sinks, both of which take all rows.
impl<A: RowSink, B: RowSink> RowSink for (A, B) {
    fn takes_events(&self) -> bool {
        self.0.takes_events() || self.1.takes_events()
    }

    fn takes_pods(&self) -> bool {
        self.0.takes_pods() || self.1.takes_pods()
    }

    fn event(&mut self, row: &EventRow<Title<'_>, fmt::Arguments<'_>>) {
        self.0.event(row);
        self.1.event(row);
    }

    fn pod(&mut self, row: &PodRow<&str>, cost: Micros) {
        self.0.pod(row, cost);
        self.1.pod(row, cost);
    }

    fn node(&mut self, row: NodeRow, cost: Micros, idle_cost: Micros) {
        self.0.node(row.clone(), cost, idle_cost);
        self.1.node(row, cost, idle_cost);
    }
}

/// Takes no rows: what is left is the summary and the timeline.
impl RowSink for () {
    fn takes_events(&self) -> bool {
        false
    }

    fn takes_pods(&self) -> bool {
        false
    }

    fn event(&mut self, _: &EventRow<Title<'_>, fmt::Arguments<'_>>) {}

    fn pod(&mut self, _: &PodRow<&str>, _: Micros) {}

    fn node(&mut self, _: NodeRow, _: Micros, _: Micros) {}
}
