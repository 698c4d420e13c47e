//! Who makes requests to the API server in a run, and what is on its way.

use rustc_hash::FxHashMap;

use super::Run;
use super::event::Event;
use crate::capacity::api_client::ApiClient;
use crate::id::{NodeId, PodId};
use crate::metric::Overflow;
use crate::simulation::scenario::Timing;

/// The clients of a run, and the bindings that are on their way.
pub(super) struct Clients {
    pub(super) scheduler: ApiClient,
    replica_sets: ApiClient,
    daemon_sets: ApiClient,
    jobs: ApiClient,
    stateful_sets: ApiClient,
    bindings: FxHashMap<PodId, Binding>,
}

/// A controller with a client of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Controller {
    ReplicaSet,
    DaemonSet,
    Job,
    StatefulSet,
}

/// What is told of a pod once the API server knows its node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binding {
    pub(super) overflow: Option<Overflow>,
    pub(super) attempts: u32,
}

impl Clients {
    pub(super) fn new(timing: &Timing) -> Self {
        let controller = || ApiClient::new(timing.controller_rate, timing.client);
        Self {
            scheduler: ApiClient::new(timing.scheduler_rate, timing.bind),
            replica_sets: controller(),
            daemon_sets: controller(),
            jobs: controller(),
            stateful_sets: controller(),
            bindings: FxHashMap::default(),
        }
    }

    fn of(&mut self, controller: Controller) -> &mut ApiClient {
        match controller {
            Controller::ReplicaSet => &mut self.replica_sets,
            Controller::DaemonSet => &mut self.daemon_sets,
            Controller::Job => &mut self.jobs,
            Controller::StatefulSet => &mut self.stateful_sets,
        }
    }

    /// A binding is on its way.
    pub(super) fn binds(&mut self, pod: PodId, binding: Binding) {
        self.bindings.insert(pod, binding);
    }

    /// A binding is not on its way any more: it has arrived, or its pod is gone.
    pub(super) fn binding_ends(&mut self, pod: PodId) -> Option<Binding> {
        self.bindings.remove(&pod)
    }
}

impl Run<'_, '_> {
    /// Makes `count` requests of a controller at once. Those that take time are answered by as many `event`s; how many
    /// are answered at once, the first of all.
    pub(super) fn request(&mut self, controller: Controller, count: usize, event: Event) -> usize {
        let mut at_once = 0;
        for _ in 0..count {
            let answered = self.clients.of(controller).request(self.now);
            if answered == self.now {
                at_once += 1;
            } else {
                self.at(answered, event);
            }
        }
        at_once
    }

    /// The node of a pod as the API server knows it: a pod that the scheduler has found a node for has none until it is
    /// bound.
    pub(super) fn bound_node(&self, pod: PodId) -> Option<NodeId> {
        self.cluster.pod(pod).node.filter(|_| self.pods[pod.index()].bound.is_some())
    }
}
