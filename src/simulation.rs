//! The composition root of one run: what is simulated, the events, and what each of them does.
//!
//! Only this module joins the parts: traffic, controllers, the scheduler, capacity and the cluster know nothing of the
//! calendar or of each other.

pub mod action;
pub(crate) mod admitted;
pub(crate) mod directed;
pub mod one_shot;
pub mod run;
pub mod scenario;

pub use run::{
    Finished, Listener, Snapshot, Watcher, run, run_and_look, run_and_show, run_watched, run_with_seed,
    snapshot,
};
pub use scenario::Scenario;

/// What no part but the whole decides.
pub(crate) const RULES: &[&[crate::rule::Rule]] = run::RULES;

pub(crate) use run::instances::{NoOrder, order as instance_order};
