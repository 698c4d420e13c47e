//! DaemonSets: their pods come and go with what their nodes look like.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use super::Run;
use super::clients::Controller;
use super::event::Event;
use super::pod_state::Creator;
use crate::admission::pod_name::TakenNames;
use crate::controller::daemon_set::{self, BURST_DAEMONS, Correction, correction, pod_for, wanted};
use crate::controller::slow_start::SlowStart;
use crate::id::{DaemonSetId, NodeId, PodId};
use crate::metric::Fact;
use crate::object::Title;
use crate::random::Stream;
use crate::simulation::Scenario;
use crate::units::SimTime;

/// Draws of pods of DaemonSets are kept apart from those of workloads, which count from zero.
const FIRST_GROUP: u32 = 1 << 30;

/// One DaemonSet's pods.
#[derive(Debug)]
pub(super) struct DaemonSetState {
    /// Since when it exists; `None` before, and once it was deleted.
    pub(super) since: Option<SimTime>,
    /// Its pods that are not gone, in order of creation; some may be terminating.
    pub(super) pods: Vec<PodId>,
    /// Nodes for which requests to create a pod are to be made, or on their way.
    coming: VecDeque<NodeId>,
    batches: SlowStart,
    /// Pods that will be deleted when those have come, and then those whose deletion was asked for.
    misplaced: Vec<PodId>,
    going: VecDeque<PodId>,
    /// How many pods it ever created.
    created: u32,
    /// Names that its pods have or had.
    names: TakenNames,
}

impl DaemonSetState {
    pub(super) fn new(since: Option<SimTime>) -> Self {
        Self {
            since,
            pods: Vec::new(),
            coming: VecDeque::new(),
            batches: SlowStart::default(),
            misplaced: Vec::new(),
            going: VecDeque::new(),
            created: 0,
            names: TakenNames::default(),
        }
    }

    /// Whether requests of its last sync are to be made, or on their way.
    fn is_syncing(&self) -> bool {
        !self.batches.is_over() || !self.misplaced.is_empty() || !self.going.is_empty()
    }
}

/// `DaemonSet/NAMESPACE/NAME`.
pub(super) fn title(scenario: &Scenario, set: DaemonSetId) -> Title<'_> {
    let setup = &scenario.daemon_sets[set.index()];
    Title { kind: "DaemonSet", namespace: Some(&setup.template.namespace), name: &setup.name }
}

impl Run<'_, '_> {
    pub(super) fn daemon_set_ids(&self) -> impl Iterator<Item = DaemonSetId> + use<> {
        (0..self.daemon_sets.len() as u32).map(DaemonSetId)
    }

    /// Nodes have changed: every DaemonSet looks at them.
    pub(super) fn reconcile_all_daemons(&mut self) {
        for set in self.daemon_set_ids() {
            self.reconcile_daemons(set);
        }
    }

    /// Creates what is missing and deletes what is in the wrong place, sync by sync. A sync lasts until all its requests
    /// are answered: until then there is no other.
    pub(super) fn reconcile_daemons(&mut self, set: DaemonSetId) {
        loop {
            let state = &self.daemon_sets[set.index()];
            if state.since.is_none() || state.is_syncing() {
                return;
            }
            let (mut lacking, mut misplaced) = self.daemon_corrections(set);
            if lacking.is_empty() && misplaced.is_empty() {
                return;
            }
            lacking.truncate(BURST_DAEMONS);
            misplaced.truncate(BURST_DAEMONS);
            let state = &mut self.daemon_sets[set.index()];
            state.batches = SlowStart::of(lacking.len());
            state.coming = lacking.into();
            state.misplaced = misplaced;
            self.continue_daemons(set);
        }
    }

    /// Nodes that lack a pod, and pods that are to go, in the order of the nodes.
    fn daemon_corrections(&self, set: DaemonSetId) -> (Vec<NodeId>, Vec<PodId>) {
        let template = &self.scenario.daemon_sets[set.index()].template;
        let mut by_node = self.daemons_by_node(set);
        let (mut lacking, mut misplaced) = (Vec::new(), Vec::new());
        for node in self.cluster.nodes().filter(|node| !self.failures.is_leaving(node.id)) {
            let pods = by_node.remove(&node.id).unwrap_or_default();
            let views: Vec<_> = pods.iter().map(|&pod| self.daemon_view(pod)).collect();
            let Correction { create, delete } = correction(wanted(template, &node.spec), &views);
            lacking.extend(create.then_some(node.id));
            misplaced.extend(delete.into_iter().map(|place| pods[place]));
        }
        (lacking, misplaced)
    }

    /// The pods of a DaemonSet by the nodes that they are for.
    pub(super) fn daemons_by_node(&self, set: DaemonSetId) -> BTreeMap<NodeId, Vec<PodId>> {
        let mut by_node: BTreeMap<NodeId, Vec<PodId>> = BTreeMap::new();
        for &id in &self.daemon_sets[set.index()].pods {
            let pod = self.cluster.pod(id);
            let named = || {
                let name = daemon_set::target(self.cluster.spec_of(id), None)?;
                self.cluster.node_named(name).map(|node| node.id)
            };
            if let Some(node) = pod.node.or_else(named) {
                by_node.entry(node).or_default().push(id);
            }
        }
        by_node
    }

    fn daemon_view(&self, pod: PodId) -> daemon_set::Pod<'_> {
        let (own, state) = (self.cluster.pod(pod), &self.pods[pod.index()]);
        daemon_set::Pod {
            name: &own.name,
            bound: self.bound_node(pod).is_some(),
            created: state.created,
            terminating: state.is_terminating(),
        }
    }

    /// Asks for pods, batch by batch, until a batch takes time, and has pods deleted when all have come.
    fn continue_daemons(&mut self, set: DaemonSetId) {
        loop {
            let batch = self.daemon_sets[set.index()].batches.next_batch();
            if batch == 0 {
                break;
            }
            for _ in 0..self.request(Controller::DaemonSet, batch, Event::CreateDaemon(set)) {
                self.create_daemon(set);
            }
        }
        let state = &mut self.daemon_sets[set.index()];
        if state.batches.is_over() && !state.misplaced.is_empty() {
            state.going = std::mem::take(&mut state.misplaced).into();
            let count = state.going.len();
            for _ in 0..self.request(Controller::DaemonSet, count, Event::DeleteDaemon(set)) {
                self.delete_daemon(set);
            }
        }
    }

    /// A request to create a pod is answered; after the last of a sync the DaemonSet looks again.
    pub(super) fn daemon_comes(&mut self, set: DaemonSetId) {
        let state = &mut self.daemon_sets[set.index()];
        if state.since.is_none() {
            state.batches.give_up();
            state.batches.answered();
            state.coming.clear();
            state.misplaced.clear();
            return;
        }
        self.create_daemon(set);
        self.continue_daemons(set);
        self.reconcile_daemons(set);
    }

    /// A request to delete a pod is answered; after the last of a sync the DaemonSet looks again.
    pub(super) fn daemon_goes(&mut self, set: DaemonSetId) {
        self.delete_daemon(set);
        self.reconcile_daemons(set);
    }

    /// The API server creates a pod for the next of the nodes.
    fn create_daemon(&mut self, set: DaemonSetId) {
        let setup = &self.scenario.daemon_sets[set.index()];
        let state = &mut self.daemon_sets[set.index()];
        state.batches.answered();
        let Some(node) = state.coming.pop_front() else { return };
        if self.cluster.find_node(node).is_none() {
            return;
        }
        let draws = Stream::of(FIRST_GROUP + set.0, state.created);
        state.created += 1;
        let name = state.names.draw(&setup.name, self.seed, draws);
        let spec = pod_for(&setup.template, self.cluster.node(node).name());
        let pod = self.receive_pod(&name, &spec, Creator::DaemonSet(set), draws);
        self.daemon_sets[set.index()].pods.push(pod);
        self.daemon_set_event(set, "SuccessfulCreate", format_args!("Created pod: {name}"));
    }

    /// The API server deletes the next of the pods that are misplaced, if nobody else has.
    fn delete_daemon(&mut self, set: DaemonSetId) {
        let going = &self.daemon_sets[set.index()].going;
        let pod = *going.front().expect("as many requests as pods are on their way");
        if self.living(pod).is_some_and(|state| !state.is_terminating()) {
            let name = self.cluster.pod(pod).name.clone();
            self.delete(pod);
            self.daemon_set_event(set, "SuccessfulDelete", format_args!("Deleted pod: {name}"));
        }
        self.daemon_sets[set.index()].going.pop_front();
    }

    fn daemon_set_event(&mut self, set: DaemonSetId, reason: &'static str, message: fmt::Arguments<'_>) {
        let object = title(self.scenario, set);
        self.tell(&Fact::Event { kind: "Normal", reason, object, message });
    }

    /// A pod of a DaemonSet is gone: its node may need another.
    pub(super) fn daemon_gone(&mut self, set: DaemonSetId, pod: PodId) {
        self.daemon_sets[set.index()].pods.retain(|&other| other != pod);
        self.reconcile_daemons(set);
    }

    /// A user creates a DaemonSet.
    pub(super) fn create_daemon_set(&mut self, set: DaemonSetId) {
        let namespace = &self.scenario.daemon_sets[set.index()].template.namespace;
        if self.is_open(namespace, &title(self.scenario, set).to_string()) {
            self.daemon_sets[set.index()].since = Some(self.now);
            self.reconcile_daemons(set);
        }
    }

    /// Deletes a DaemonSet: it makes no more pods, and the garbage collector deletes those there are.
    pub(super) fn delete_daemon_set(&mut self, set: DaemonSetId) {
        let state = &mut self.daemon_sets[set.index()];
        if state.since.take().is_none() {
            return;
        }
        for pod in state.pods.clone() {
            self.delete(pod);
        }
    }
}
