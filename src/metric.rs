//! What is measured: an [`Observer`] reads the facts of a run in time order and makes of them the summary, the
//! timeline and the rows of pods, nodes and events, which it hands on to a [`RowSink`] as soon as they are final.
//!
//! Every figure of the summary is a [`Metric`], declared as data in the file of its group. The shape of
//! `summary.json`, docs/metrics.md and the names that expressions may use all follow from those declarations, so that
//! they cannot drift apart. Pods that were bound before the run and pods of DaemonSets are told as not `counted`: they
//! have rows, requests and costs, and no part in the figures about pods.

mod cost;
mod descheduler;
mod disruption;
mod fact;
mod failures;
mod jobs;
mod level;
mod lives;
mod names;
mod nodes;
mod observation;
mod observer;
mod overflow;
mod pending;
mod pods;
mod ready;
mod registry;
mod rows;
mod scheduler;
mod sink;
mod spot;
mod starting;
mod summary;
mod timeline;
mod traffic;
mod unit;
mod waits;

pub use fact::{Fact, HeldUp, Outcome, Overflow, Sender};
pub use observation::{Observation, OnVirtual, Overview};
pub use observer::{Observer, Settings};
pub use registry::{Better, Group, Metric, find, groups, metrics_markdown, nearest};
pub use rows::{EventRow, NodeRow, PodRow};
pub use sink::{Collected, RowSink};
pub use summary::Summary;
pub use timeline::{Crest, TimelineRow};
pub use unit::{Unit, Value};
pub use waits::{Bin, Histogram};

pub(crate) use cost::PER_MONTH;
pub(crate) use summary::nested;
