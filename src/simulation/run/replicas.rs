//! ReplicaSets: as many pods as are wanted, made and deleted in upstream's order.

use std::collections::VecDeque;
use std::fmt;

use super::Run;
use super::clients::Controller;
use super::event::Event;
use super::pod_state::Creator;
use crate::admission::pod_name::TakenNames;
use crate::controller::replica_set::{self, Correction, correction};
use crate::controller::slow_start::SlowStart;
use crate::id::{PodId, WorkloadId};
use crate::metric::Fact;
use crate::object::Title;
use crate::random::Stream;
use crate::simulation::Scenario;
use crate::units::SimTime;

/// One ReplicaSet's pods.
#[derive(Debug)]
pub(super) struct WorkloadState {
    id: WorkloadId,
    /// How many pods are wanted.
    pub(super) desired: u32,
    /// Since when it exists; `None` before, and once it was deleted.
    pub(super) since: Option<SimTime>,
    /// Its pods that are not gone, in order of creation; some may be terminating.
    pub(super) pods: Vec<PodId>,
    /// How many of them are not.
    pub(super) active: usize,
    /// Those of them that are not among the steady ones of a kind, in no order; some may be gone.
    pub(super) unsteady: Vec<PodId>,
    /// Requests to create a pod that are to be made, or on their way.
    coming: SlowStart,
    /// Pods whose deletion was asked for, in that order.
    going: VecDeque<PodId>,
    /// How many pods it ever created.
    created: u32,
    /// Names that its pods have or had.
    names: TakenNames,
}

impl WorkloadState {
    pub(super) fn new(id: WorkloadId, desired: u32, since: Option<SimTime>) -> Self {
        Self {
            id,
            desired,
            since,
            pods: Vec::new(),
            active: 0,
            unsteady: Vec::new(),
            coming: SlowStart::default(),
            going: VecDeque::new(),
            created: 0,
            names: TakenNames::default(),
        }
    }

    /// `KIND/NAMESPACE/NAME`.
    pub(super) fn title<'s>(&self, scenario: &'s Scenario) -> &'s str {
        &scenario.workloads[self.id.index()].title
    }

    /// Whether requests of its last sync are on their way.
    fn is_syncing(&self) -> bool {
        !self.coming.is_over() || !self.going.is_empty()
    }

    /// A pod was created.
    pub(super) fn has(&mut self, pod: PodId) {
        self.pods.push(pod);
        self.active += 1;
        // Nobody may ever look at them.
        if self.unsteady.len() > 2 * self.pods.len() {
            self.unsteady.retain(|pod| self.pods.binary_search(pod).is_ok());
        }
        self.unsteady.push(pod);
    }

    /// A pod is gone, which may have been `terminating` before.
    pub(super) fn forget(&mut self, pod: PodId, terminating: bool) {
        // Pods are numbered in order of creation.
        if let Ok(place) = self.pods.binary_search(&pod) {
            self.pods.remove(place);
        }
        self.active -= usize::from(!terminating);
    }
}

impl Run<'_, '_> {
    /// Sets how many pods a Deployment or a ReplicaSet is to have, and has its controllers act on it.
    pub(super) fn scale(&mut self, workload: WorkloadId, desired: u32) {
        let title = &self.scenario.workloads[workload.index()].title;
        self.tell(&Fact::ReplicasDesired { workload: title, replicas: desired });
        if self.deployment_of(workload).is_some() {
            self.scale_deployment(workload, desired);
        } else if self.stateful_set_of(workload).is_some() {
            self.scale_stateful_set(workload, desired);
        } else {
            self.scale_set(workload, desired);
        }
    }

    /// Sets how many pods a ReplicaSet wants, and has it act on it.
    pub(super) fn scale_set(&mut self, workload: WorkloadId, desired: u32) {
        let before = std::mem::replace(&mut self.workloads[workload.index()].desired, desired);
        self.tell_scaling(workload, before, desired);
        self.reconcile(workload);
    }

    /// A Deployment tells that it has scaled a ReplicaSet. Whoever scales a ReplicaSet on its own tells nothing.
    pub(super) fn tell_scaling(&mut self, workload: WorkloadId, before: u32, desired: u32) {
        let setup = &self.scenario.workloads[workload.index()];
        if before == desired || setup.rollout.is_none() {
            return;
        }
        let direction = if desired > before { "up" } else { "down" };
        self.tell(&Fact::Event {
            kind: "Normal",
            reason: "ScalingReplicaSet",
            object: Title::of(&setup.title),
            message: format_args!(
                "Scaled {direction} replica set {} from {before} to {desired}",
                setup.replica_set
            ),
        });
    }

    /// The workload that exists under the title of `first`, if there is one.
    pub(super) fn current(&self, first: WorkloadId) -> Option<WorkloadId> {
        if let Some(deployment) = self.deployment_of(first) {
            return Some(deployment.template);
        }
        if let Some(set) = self.stateful_set_of(first) {
            return Some(set.template);
        }
        let exists = |id: &WorkloadId| self.workloads[id.index()].since.is_some();
        let same = |id: &WorkloadId| self.scenario.workloads[id.index()].first_of_title == first;
        let all = (first.0..self.workloads.len() as u32).map(WorkloadId);
        all.into_iter().find(|id| exists(id) && same(id))
    }

    /// Creates what is missing or deletes what is too much, sync by sync until nothing is left to do. A sync lasts until
    /// all its requests are answered: until then there is no other.
    pub(super) fn reconcile(&mut self, workload: WorkloadId) {
        while !self.workloads[workload.index()].is_syncing() {
            let state = &self.workloads[workload.index()];
            if state.since.is_none() {
                return;
            }
            match correction(state.active, state.desired as usize) {
                Correction::Nothing => return,
                Correction::Create(missing) => {
                    self.workloads[workload.index()].coming = SlowStart::of(missing);
                    self.create_replicas(workload);
                }
                Correction::Delete(surplus) => self.delete_replicas(workload, surplus),
            }
        }
    }

    /// Asks for pods, batch by batch, until a batch takes time.
    fn create_replicas(&mut self, workload: WorkloadId) {
        loop {
            let batch = self.workloads[workload.index()].coming.next_batch();
            if batch == 0 {
                return;
            }
            for _ in 0..self.request(Controller::ReplicaSet, batch, Event::CreatePod(workload)) {
                self.create_replica(workload);
            }
        }
    }

    /// A request to create a pod is answered; after the last of them the ReplicaSet looks again.
    pub(super) fn replica_comes(&mut self, workload: WorkloadId) {
        let state = &mut self.workloads[workload.index()];
        if state.since.is_none() {
            state.coming.give_up();
            state.coming.answered();
            return;
        }
        self.create_replica(workload);
        self.create_replicas(workload);
        self.reconcile(workload);
    }

    /// The API server creates a pod for a ReplicaSet.
    fn create_replica(&mut self, workload: WorkloadId) {
        let setup = &self.scenario.workloads[workload.index()];
        let state = &mut self.workloads[workload.index()];
        let draws = Stream::of(workload.0, state.created);
        state.created += 1;
        state.coming.answered();
        let name = state.names.draw(&setup.replica_set, self.seed, draws);
        self.receive_replica(&name, &setup.template, Creator::Workload(workload), draws);
        self.replica_set_event(workload, "SuccessfulCreate", format_args!("Created pod: {name}"));
    }

    fn delete_replicas(&mut self, workload: WorkloadId, surplus: usize) {
        let active: Vec<PodId> = self.workloads[workload.index()]
            .pods
            .iter()
            .copied()
            .filter(|pod| !self.pods[pod.index()].is_terminating())
            .collect();
        let views: Vec<_> = active.iter().map(|&pod| self.replica_view(pod)).collect();
        let siblings: Vec<_> = self.siblings(workload).map(|pod| self.replica_view(pod)).collect();
        let victims = replica_set::victims(&views, &siblings, surplus, self.now);
        self.workloads[workload.index()].going = victims.into_iter().map(|place| active[place]).collect();
        for _ in 0..self.request(Controller::ReplicaSet, surplus, Event::DeletePod(workload)) {
            self.delete_replica(workload);
        }
    }

    /// A request to delete a pod is answered; after the last of them the ReplicaSet looks again.
    pub(super) fn replica_goes(&mut self, workload: WorkloadId) {
        self.delete_replica(workload);
        self.reconcile(workload);
    }

    /// The API server deletes the next of the pods that a ReplicaSet gives up.
    fn delete_replica(&mut self, workload: WorkloadId) {
        let going = &self.workloads[workload.index()].going;
        let victim = *going.front().expect("as many requests as pods are on their way");
        // Somebody else may have deleted it: the rollout that the pod before has moved, if nobody else.
        if self.living(victim).is_some_and(|state| !state.is_terminating()) {
            let name = self.cluster.pod(victim).name.clone();
            self.delete(victim);
            self.replica_set_event(workload, "SuccessfulDelete", format_args!("Deleted pod: {name}"));
        }
        self.workloads[workload.index()].going.pop_front();
    }

    /// A pod as its ReplicaSet sees it.
    fn replica_view(&self, pod: PodId) -> replica_set::Pod<u64> {
        let state = &self.pods[pod.index()];
        replica_set::Pod {
            uid: state.uid,
            node: self.bound_node(pod),
            phase: state.phase(),
            deleted: state.is_terminating(),
            ready: state.ready_condition(),
            created: Some(state.created),
            deletion_cost: self.deletion_cost(pod),
            // Containers of one pod are restarted about as often: upstream takes the one that restarted most.
            restarts: state.restarts,
            sidecar_restarts: 0,
        }
    }

    fn replica_set_event(&mut self, workload: WorkloadId, reason: &'static str, message: fmt::Arguments<'_>) {
        let setup = &self.scenario.workloads[workload.index()];
        let namespace = Some(setup.template.namespace.as_str());
        let object = Title { kind: "ReplicaSet", namespace, name: &setup.replica_set };
        self.tell(&Fact::Event { kind: "Normal", reason, object, message });
    }
}
