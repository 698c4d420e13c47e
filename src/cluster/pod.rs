//! One pod.

use std::sync::Arc;

use crate::id::{ClassId, NodeId};
use crate::random::Stream;
use crate::units::SimTime;

/// A pod's own state; what it has in common with its class stands there.
#[derive(Clone, Debug)]
pub struct Pod {
    /// Its name within its namespace.
    pub name: Arc<str>,
    /// Its class.
    pub class: ClassId,
    /// The node it is bound to.
    pub node: Option<NodeId>,
    /// The node that is being freed for it.
    pub nominated: Option<NodeId>,
    /// Whether it was told to end.
    pub terminating: bool,
    /// The stream of its random draws: the same pod draws the same under every policy.
    pub draws: Stream,
    /// When it was created.
    pub created: SimTime,
    /// Whether it was on its node before the run began, and so is older than every ResourcePolicy.
    pub ran_before: bool,
    /// Start time in seconds of any epoch, for preemption's choice among victims.
    pub start_seconds: i64,
    pub(super) place_on_node: u32,
}

impl Pod {
    pub(super) fn new(name: &str, class: ClassId, draws: Stream, created: SimTime) -> Self {
        Self {
            name: name.into(),
            class,
            node: None,
            nominated: None,
            terminating: false,
            draws,
            created,
            ran_before: false,
            start_seconds: 0,
            place_on_node: 0,
        }
    }
}
