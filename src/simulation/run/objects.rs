//! Objects that come and go without pods of their own: namespaces, Services, autoscalers; and what a look at the
//! cluster has to remember of pods that have ended.

use std::collections::BTreeMap;

use super::pod_state::PodState;
use crate::cluster::Pod;
use crate::id::NodeId;
use crate::object::ResourceKind;
use crate::simulation::Scenario;
use crate::simulation::action::ObjectName;
use crate::units::SimTime;

/// A namespace.
#[derive(Clone, Copy, Debug)]
pub(super) struct NamespaceState {
    pub(super) created: SimTime,
    /// Whether it was told to end: it goes when the last of its pods has gone.
    pub(super) terminating: bool,
}

/// What exists, and since when.
#[derive(Debug)]
pub(super) struct Objects {
    pub(super) namespaces: BTreeMap<String, NamespaceState>,
    pub(super) services: BTreeMap<ObjectName, SimTime>,
    /// SidecarSets, bindings, ConfigMaps and Secrets.
    pub(super) kept: BTreeMap<(ResourceKind, ObjectName), SimTime>,
    /// By index; `None` for one that does not exist yet, or no longer.
    pub(super) autoscalers: Vec<Option<SimTime>>,
    /// Pods that have ended and that nobody has deleted; kept only if somebody wants to look at them.
    pub(super) finished: Option<Vec<(Pod, PodState)>>,
}

impl Objects {
    /// What there is at the start of a run.
    pub(super) fn new(scenario: &Scenario) -> Self {
        let namespace =
            |name: &String| (name.clone(), NamespaceState { created: SimTime::ZERO, terminating: false });
        let since = |at_start: bool| at_start.then_some(SimTime::ZERO);
        Self {
            namespaces: scenario.namespaces.iter().map(namespace).collect(),
            services: scenario.services.iter().map(|name| (name.clone(), SimTime::ZERO)).collect(),
            kept: scenario.kept.iter().map(|key| (key.clone(), SimTime::ZERO)).collect(),
            autoscalers: scenario.autoscalers.iter().map(|one| since(one.at_start)).collect(),
            finished: None,
        }
    }

    /// A node is deleted, and with it those of its pods that have ended.
    pub(super) fn forget_finished_on(&mut self, node: NodeId) {
        if let Some(finished) = &mut self.finished {
            finished.retain(|(pod, _)| pod.node != Some(node));
        }
    }

    /// Those of the pods that have ended are deleted.
    pub(super) fn forget_finished(&mut self, is_meant: impl Fn(&PodState) -> bool) {
        if let Some(finished) = &mut self.finished {
            finished.retain(|(_, state)| !is_meant(state));
        }
    }
}
