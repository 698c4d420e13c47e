//! Deployments: which of their ReplicaSets has how many pods.

use super::Run;
use super::event::Event;
use crate::controller::deployment::{self, Change, Observation, ReplicaSet, Sizes, Spec};
use crate::id::{PodId, WorkloadId};
use crate::metric::Fact;
use crate::units::SimTime;

/// A Deployment.
#[derive(Debug)]
pub(super) struct DeploymentState {
    /// What it asks for.
    pub(super) spec: Spec,
    /// The workload that has its template.
    pub(super) template: WorkloadId,
    /// Since when it exists.
    pub(super) since: SimTime,
    /// Its ReplicaSets in order of creation.
    sets: Vec<Revision>,
    /// The next look that is in the calendar because pods count as available then.
    next_look: Option<SimTime>,
    /// Whether it is being looked at: what comes of a look is part of the look.
    is_looked_at: bool,
}

/// A Deployment's ReplicaSet beyond the workload that stands for it.
#[derive(Clone, Copy, Debug)]
struct Revision {
    workload: WorkloadId,
    sizes: Option<Sizes>,
    number: u64,
}

impl DeploymentState {
    /// Its ReplicaSets in order of creation.
    pub(super) fn sets(&self) -> Vec<WorkloadId> {
        self.sets.iter().map(|set| set.workload).collect()
    }

    /// The place of the ReplicaSet that has its template.
    fn new_set(&self) -> Option<usize> {
        self.sets.iter().position(|set| set.workload == self.template)
    }

    /// Whether it has nothing to do before it is scaled or gets another template: it has one ReplicaSet, of its template.
    fn is_settled(&self) -> bool {
        self.sets.len() == 1 && self.new_set().is_some()
    }

    /// Its template's ReplicaSet is the newest revision from now on, whenever it was created.
    fn count_revision(&mut self) {
        let newest = self.sets.iter().map(|set| set.number).max().unwrap_or(0);
        let template = self.template;
        if let Some(set) = self.sets.iter_mut().find(|set| set.workload == template && set.number < newest) {
            set.number = newest + 1;
        }
    }
}

impl Run<'_, '_> {
    /// A Deployment begins to exist, with the ReplicaSet of its template if that `is_there`. Nothing happens for what is
    /// no Deployment.
    pub(super) fn add_deployment(&mut self, workload: WorkloadId, is_there: bool) {
        let setup = &self.scenario.workloads[workload.index()];
        let Some(spec) = setup.rollout else { return };
        let set = Revision { workload, sizes: Some(spec.sizes()), number: 1 };
        let state = DeploymentState {
            spec,
            template: workload,
            since: self.now,
            sets: if is_there { vec![set] } else { Vec::new() },
            next_look: None,
            is_looked_at: false,
        };
        self.deployments.insert(setup.first_of_title, state);
    }

    /// The Deployment that a workload belongs to, if it is one's and exists.
    pub(super) fn deployment_of(&self, workload: WorkloadId) -> Option<&DeploymentState> {
        self.deployments.get(&self.served_as(workload))
    }

    /// The ReplicaSets of a Deployment, the templates of a StatefulSet, or a ReplicaSet on its own.
    pub(super) fn sets_of_workload(&self, workload: WorkloadId) -> Vec<WorkloadId> {
        if let Some(set) = self.stateful_set_of(workload) {
            return set.templates().to_vec();
        }
        self.deployment_of(workload).map_or_else(|| vec![workload], DeploymentState::sets)
    }

    /// How many pods it is to have.
    pub(super) fn wanted_of(&self, workload: WorkloadId) -> u32 {
        if let Some(set) = self.stateful_set_of(workload) {
            return set.spec.replicas;
        }
        let deployment = self.deployment_of(workload);
        deployment.map_or(self.workloads[workload.index()].desired, |one| one.spec.replicas)
    }

    /// The pods of the other ReplicaSets of a ReplicaSet's Deployment.
    pub(super) fn siblings(&self, workload: WorkloadId) -> impl Iterator<Item = PodId> {
        let sets = self.deployment_of(workload).map(DeploymentState::sets).unwrap_or_default();
        let others = sets.into_iter().filter(move |&set| set != workload);
        others.flat_map(|set| self.workloads[set.index()].pods.iter().copied())
    }

    /// A Deployment is to have so many pods.
    pub(super) fn scale_deployment(&mut self, workload: WorkloadId, replicas: u32) {
        let first = self.served_as(workload);
        if let Some(deployment) = self.deployments.get_mut(&first) {
            deployment.spec.replicas = replicas;
        }
        self.look_at_rollout(first);
        // Pods may be missing though no size has changed: at the start of a run.
        for set in self.deployments[&first].sets() {
            self.reconcile(set);
        }
    }

    /// A Deployment gets another template.
    pub(super) fn roll_out(&mut self, template: WorkloadId, replicas: Option<u32>, rollout: Spec) {
        let first = self.served_as(template);
        let Some(deployment) = self.deployments.get_mut(&first) else { return };
        let replicas = replicas.unwrap_or(deployment.spec.replicas);
        deployment.spec = Spec { replicas, ..rollout };
        deployment.template = template;
        deployment.count_revision();
        let title = &self.scenario.workloads[first.index()].title;
        self.tell(&Fact::ReplicasDesired { workload: title, replicas });
        self.look_at_rollout(first);
    }

    /// A pod got ready, was told to end or is gone: a rollout may go on.
    pub(super) fn pod_moves_rollout(&mut self, pod: PodId) {
        let Some(workload) = self.pods[pod.index()].workload() else { return };
        if self.deployment_of(workload).is_some_and(|one| !one.is_settled()) {
            self.look_at_rollout(self.served_as(workload));
        }
    }

    /// A Deployment's controller looks, and acts until nothing is left to do.
    pub(super) fn look_at_rollout(&mut self, first: WorkloadId) {
        let Some(deployment) = self.deployments.get_mut(&first).filter(|one| !one.is_looked_at) else {
            return;
        };
        deployment.is_looked_at = true;
        loop {
            let Some(deployment) = self.deployments.get(&first) else { return };
            let sets = self.sets_of(deployment);
            let seen = Observation { spec: &deployment.spec, sets: &sets, new: deployment.new_set() };
            let changes = deployment::sync(&seen);
            if changes.is_empty() {
                break;
            }
            // A change deletes no ReplicaSet before the last of them, so that places stay right.
            let places = deployment.sets();
            for change in changes {
                self.change_sets(first, &places, change);
            }
        }
        self.expect_availability(first);
        if let Some(deployment) = self.deployments.get_mut(&first) {
            deployment.is_looked_at = false;
        }
    }

    fn change_sets(&mut self, first: WorkloadId, places: &[WorkloadId], change: Change) {
        let deployment = self.deployments.get_mut(&first).expect("a Deployment that acts exists");
        let sizes = Some(deployment.spec.sizes());
        match change {
            Change::Create { replicas } => {
                let workload = deployment.template;
                let number = deployment.sets.iter().map(|set| set.number).max().unwrap_or(0) + 1;
                deployment.sets.push(Revision { workload, sizes, number });
                self.create_set(workload);
                self.scale_set(workload, replicas);
            }
            Change::Scale { set, replicas } => {
                let workload = places[set];
                let revision = deployment.sets.iter_mut().find(|one| one.workload == workload);
                revision.expect("a set that is scaled is there").sizes = sizes;
                if self.workloads[workload.index()].desired != replicas {
                    self.scale_set(workload, replicas);
                }
            }
            Change::Forget { set } => {
                let workload = places[set];
                deployment.sets.retain(|one| one.workload != workload);
                self.remove_set(workload);
            }
        }
    }

    /// A ReplicaSet begins to exist, with no pods.
    pub(super) fn create_set(&mut self, workload: WorkloadId) {
        let setup = &self.scenario.workloads[workload.index()];
        self.workloads[workload.index()].since = Some(self.now);
        let (namespace, selector) = (&setup.template.namespace, setup.selector.clone());
        self.cluster.owners_mut().add_workload("ReplicaSet", namespace, &setup.replica_set, selector);
    }

    /// A ReplicaSet is deleted; its pods are left.
    pub(super) fn remove_set(&mut self, workload: WorkloadId) {
        let setup = &self.scenario.workloads[workload.index()];
        let state = &mut self.workloads[workload.index()];
        state.since = None;
        state.desired = 0;
        let (namespace, name) = (&setup.template.namespace, &setup.replica_set);
        self.cluster.owners_mut().remove_workload("ReplicaSet", namespace, name);
    }

    /// The ReplicaSets of a Deployment as its controller sees them.
    pub(super) fn sets_of(&self, deployment: &DeploymentState) -> Vec<ReplicaSet> {
        let view = |set: &Revision| {
            let state = &self.workloads[set.workload.index()];
            let active = || state.pods.iter().filter(|pod| !self.pods[pod.index()].is_terminating());
            let is_available =
                |pod: &&PodId| self.available_from(**pod, deployment).is_some_and(|at| at <= self.now);
            ReplicaSet {
                replicas: state.desired,
                pods: state.active as u32,
                available: active().filter(is_available).count() as u32,
                left: state.pods.len() as u32,
                sizes: set.sizes,
                revision: set.number,
            }
        };
        deployment.sets.iter().map(view).collect()
    }

    /// From when on a pod counts as available, if it stays ready.
    fn available_from(&self, pod: PodId, deployment: &DeploymentState) -> Option<SimTime> {
        Some(self.pods[pod.index()].ready? + deployment.spec.min_ready)
    }

    /// Looks again when the next pod counts as available.
    fn expect_availability(&mut self, first: WorkloadId) {
        let Some(deployment) = self.deployments.get(&first).filter(|one| !one.is_settled()) else { return };
        let pods = deployment.sets.iter().flat_map(|set| &self.workloads[set.workload.index()].pods);
        let pods = pods.filter(|pod| !self.pods[pod.index()].is_terminating());
        let waiting = pods.filter_map(|&pod| self.available_from(pod, deployment));
        let Some(next) = waiting.filter(|&at| at > self.now).min() else { return };
        if deployment.next_look.is_none_or(|look| look <= self.now || look > next) {
            self.at(next, Event::Rollout(first));
            self.deployments.get_mut(&first).expect("it was there before").next_look = Some(next);
        }
    }
}
