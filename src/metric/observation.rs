//! What is seen of one run.

use std::ops::Deref;

use super::rows::{EventRow, NodeRow, PodRow};
use super::sink::Collected;
use super::summary::Summary;
use super::timeline::TimelineRow;
use super::waits::Histogram;
use crate::units::Span;

/// What was seen of one run, all but its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// The length of the run.
    pub horizon: Span,
    /// Its figures.
    pub summary: Summary,
    /// The run on a grid of instants.
    pub timeline: Vec<TimelineRow>,
    /// What its pods on virtual nodes were.
    pub on_virtual: OnVirtual,
    /// How long its pods waited for a node.
    pub pending_waits: Histogram,
    /// How long its pods took to be ready.
    pub ready_waits: Histogram,
}

/// What the pods on virtual nodes were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnVirtual {
    /// Some were billed as instances of ACS.
    pub acs: bool,
    /// Some were not.
    pub others: bool,
}

/// What was seen of one run, with its rows: pods in order of creation, nodes in order of addition, events in order of
/// time.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    overview: Overview,
    /// Its pods, in order of creation.
    pub pods: Vec<PodRow>,
    /// Its nodes, in order of addition.
    pub nodes: Vec<NodeRow>,
    /// Its events, in order of time.
    pub events: Vec<EventRow>,
}

impl Observation {
    /// Puts together what an observer hands out at the end.
    pub fn new((overview, rows): (Overview, Collected)) -> Self {
        let Collected { pods, nodes, events } = rows;
        Self { overview, pods, nodes, events }
    }
}

/// An observation is read as its overview wherever that is enough.
impl Deref for Observation {
    type Target = Overview;

    fn deref(&self) -> &Overview {
        &self.overview
    }
}
