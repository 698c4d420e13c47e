//! What the page of a run tells beside its figures and its timeline, gathered from the rows as they come: sums alone, so
//! that a million pods take no more room than ten.

mod early;
mod landed;
mod rejected;

use std::fmt;

use crate::cost::Micros;
use crate::metric::{EventRow, NodeRow, PodRow, RowSink};
use crate::object::Title;

pub use early::Spills;
pub(super) use early::{EARLY_SHOWN, Spill};
pub(super) use landed::{Counts, Landed, Place, Workloads};
pub(super) use rejected::{Reason, Rejected, Warned, Warnings};

/// What is gathered of one run.
#[derive(Debug, Default)]
pub struct Gathered {
    wanted: bool,
    pub(super) landed: Landed,
    pub(super) rejected: Rejected,
    pub(super) warnings: Warnings,
    pub(super) spills: Spills,
}

impl Gathered {
    /// Nothing so far; and nothing ever, unless it is `wanted`.
    pub fn new(wanted: bool) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// How many early overflows it wants to be shown.
    pub fn early_wanted(&self) -> u32 {
        if self.wanted { EARLY_SHOWN } else { 0 }
    }

    /// The same with the early overflows that were shown.
    #[must_use]
    pub fn with_spills(self, spills: Spills) -> Self {
        Self { spills, ..self }
    }
}

impl RowSink for Gathered {
    fn takes_events(&self) -> bool {
        self.wanted
    }

    fn takes_pods(&self) -> bool {
        self.wanted
    }

    fn event(&mut self, row: &EventRow<Title<'_>, fmt::Arguments<'_>>) {
        if !self.wanted || row.kind != "Warning" {
            return;
        }
        if row.reason == "FailedScheduling" {
            self.rejected.take(row.time, row.message);
        } else {
            self.warnings.take(row);
        }
    }

    fn pod(&mut self, row: &PodRow<&str>, cost: Micros) {
        if self.wanted {
            self.landed.pod(row, cost);
        }
    }

    fn node(&mut self, row: NodeRow, cost: Micros, idle_cost: Micros) {
        if self.wanted {
            self.landed.node(&row, cost, idle_cost);
        }
    }
}
