//! Pods of a trace, held compactly: a run may have millions of them.

use std::sync::Arc;

use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "pod-trace-start",
        statement: "A pod of a trace without an instant of creation, or with one before the part that is used, is created \
                    when that part begins and scheduled then.",
        source: "published traces, which say of pods that were there before only that they were",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "pod-trace-end",
        statement: "A pod of a trace is deleted at its instant of deletion, bound or not; one with a lifetime completes so \
                    long after it became ready; one with neither stays to the end.",
        source: "published traces, which say when a pod was deleted",
        confidence: Confidence::Estimate,
    },
];

/// One pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TracePod {
    /// When it is created.
    pub created: SimTime,
    /// When it ends, or after how long, in nanoseconds; [`STAYS`] if it does not.
    end: u64,
    /// What it is like, as an index.
    pub class: u32,
    /// Where its name stands.
    name: [u32; 2],
}

/// The end of a pod that has none.
const STAYS: u64 = u64::MAX;

/// How a pod of a trace ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceEnd {
    /// It is deleted at this instant.
    Deleted(SimTime),
    /// It completes so long after it became ready.
    After(Span),
    /// It does not.
    Stays,
}

/// All pods of a trace, in order of creation.
#[derive(Clone, Debug)]
pub struct PodTrace {
    // Not boxed slices: millions of pods would be copied.
    pods: Arc<Vec<TracePod>>,
    names: Arc<String>,
    /// Whether ends are lifetimes.
    lifetimes: bool,
}

impl PodTrace {
    /// The pods of a trace in any order; of those that are created at one instant the first given comes first.
    pub fn new(builder: PodTraceBuilder) -> Self {
        let PodTraceBuilder { mut pods, names, lifetimes } = builder;
        // Most traces are in order, and sorting takes room.
        if !pods.is_sorted_by_key(|pod| pod.created) {
            pods.sort_by_key(|pod| pod.created);
        }
        Self { pods: Arc::new(pods), names: Arc::new(names), lifetimes }
    }

    /// All of them.
    pub fn pods(&self) -> &[TracePod] {
        &self.pods
    }

    /// The name of a pod; empty where the trace gives none.
    pub fn name(&self, pod: &TracePod) -> &str {
        &self.names[pod.name[0] as usize..pod.name[1] as usize]
    }

    /// How a pod ends.
    pub fn end(&self, pod: &TracePod) -> TraceEnd {
        match pod.end {
            STAYS => TraceEnd::Stays,
            after if self.lifetimes => TraceEnd::After(Span(after)),
            at => TraceEnd::Deleted(SimTime(at)),
        }
    }

    /// How many pods are created before `end`.
    pub fn count_until(&self, end: SimTime) -> usize {
        self.pods.partition_point(|pod| pod.created <= end)
    }
}

/// Pods of a trace that are still being gathered.
#[derive(Debug, Default)]
pub struct PodTraceBuilder {
    pods: Vec<TracePod>,
    names: String,
    lifetimes: bool,
}

impl PodTraceBuilder {
    /// No pods yet; their names are parts of `names`, and their ends are lifetimes or instants of deletion.
    pub fn new(names: String, lifetimes: bool) -> Self {
        Self { pods: Vec::new(), names, lifetimes }
    }

    /// Adds a pod; `end` is a lifetime or an instant in nanoseconds, `None` if it stays.
    /// `name` says where its name begins and ends.
    pub fn add(&mut self, created: SimTime, end: Option<u64>, class: u32, name: [u32; 2]) {
        self.pods.push(TracePod { created, end: end.unwrap_or(STAYS), class, name });
    }
}
