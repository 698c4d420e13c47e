//! What became of a node of a run, and why the node autoscaler let it stay.

use crate::id::NodeId;
use crate::metric::Fact;
use crate::report::NodeStory;
use crate::units::SimTime;

/// What is heard of one node.
pub(super) struct Hearer {
    pub(super) story: NodeStory,
    until: SimTime,
    id: Option<NodeId>,
    /// When its machine was.
    pub(super) created: Option<SimTime>,
}

impl Hearer {
    pub(super) fn new(node: String, until: SimTime) -> Self {
        Self { story: NodeStory { node, moments: Vec::new() }, until, id: None, created: None }
    }

    fn note(&mut self, at: SimTime, note: impl Into<String>) {
        if at <= self.until {
            self.story.moments.push((at, note.into()));
        }
    }

    pub(super) fn hear(&mut self, at: SimTime, fact: &Fact<'_>) {
        match fact {
            Fact::NodeAdded { node, name, .. } if *name == self.story.node => {
                self.id = Some(*node);
                self.created = Some(at);
                self.note(at, if at == SimTime::ZERO { "there" } else { "its machine is created" });
            }
            Fact::NodeStays { node, why } if self.id == Some(*node) => {
                self.note(at, format!("it stays: {why}"));
            }
            Fact::NodeFailed { node } if self.id == Some(*node) => self.note(at, "fails"),
            Fact::NodeRecovered { node } if self.id == Some(*node) => self.note(at, "runs again"),
            Fact::NodeReleased { node } if self.id == Some(*node) => self.note(at, "its machine is gone"),
            Fact::NodeRemoved { node } if self.id == Some(*node) => self.note(at, "gone"),
            Fact::Event { reason, object, message, .. }
                if object.kind == "Node" && object.name == self.story.node =>
            {
                self.note(at, format!("{reason}: {message}"));
            }
            _ => {}
        }
    }
}
