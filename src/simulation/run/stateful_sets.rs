//! StatefulSets: pods with names that stay, made, deleted and updated in upstream's order.

use std::collections::VecDeque;
use std::fmt;

use super::Run;
use super::event::Event;
use super::pod_state::Creator;
use crate::controller::stateful_set::{self, Pod, Spec, ordinal_of, pod_name, pod_of, sync};
use crate::id::{PodId, WorkloadId};
use crate::metric::Fact;
use crate::object::Title;
use crate::random::Stream;
use crate::units::{SimTime, Span};

/// A StatefulSet. A workload stands for each template that it has had.
#[derive(Debug)]
pub(super) struct StatefulSetState {
    /// What it asks for.
    pub(super) spec: Spec,
    /// The workload that has its template.
    pub(super) template: WorkloadId,
    /// The one that all its pods had last.
    current: WorkloadId,
    /// Since when it exists.
    pub(super) since: SimTime,
    /// The workloads of all templates that it has had, the first that there was first.
    templates: Vec<WorkloadId>,
    /// The workloads of its title: pods of one that was deleted keep their names until they are gone.
    of_title: Vec<WorkloadId>,
    /// Pods whose creation was asked for: their ordinals and templates.
    coming: VecDeque<(u32, WorkloadId)>,
    /// How many pods it ever created.
    created: u32,
    /// The next look that is in the calendar because pods are available then.
    next_look: Option<SimTime>,
    /// Whether it is being looked at: what comes of a look is part of the look.
    is_looked_at: bool,
}

impl StatefulSetState {
    /// The workloads of all templates that it has had.
    pub(super) fn templates(&self) -> &[WorkloadId] {
        &self.templates
    }
}

impl Run<'_, '_> {
    /// A StatefulSet begins to exist; nothing happens for what is none.
    pub(super) fn add_stateful_set(&mut self, workload: WorkloadId) {
        let setup = &self.scenario.workloads[workload.index()];
        let Some(spec) = setup.stateful else { return };
        let state = StatefulSetState {
            spec,
            template: workload,
            current: workload,
            since: self.now,
            templates: vec![workload],
            of_title: self.scenario.of_title(setup.first_of_title),
            coming: VecDeque::new(),
            created: 0,
            next_look: None,
            is_looked_at: false,
        };
        self.stateful_sets.insert(setup.first_of_title, state);
        let (namespace, selector) = (&setup.template.namespace, setup.selector.clone());
        self.cluster.owners_mut().add_workload("StatefulSet", namespace, &setup.replica_set, selector);
    }

    /// The StatefulSet that a workload belongs to, if it is one's and exists.
    pub(super) fn stateful_set_of(&self, workload: WorkloadId) -> Option<&StatefulSetState> {
        self.stateful_sets.get(&self.served_as(workload))
    }

    /// A StatefulSet is to have so many pods.
    pub(super) fn scale_stateful_set(&mut self, workload: WorkloadId, replicas: u32) {
        let first = self.served_as(workload);
        if let Some(set) = self.stateful_sets.get_mut(&first) {
            set.spec.replicas = replicas;
        }
        self.look_at_stateful_set(first);
    }

    /// A StatefulSet is written anew, with the template of one of its workloads.
    pub(super) fn update_stateful_set(&mut self, template: WorkloadId, replicas: Option<u32>, spec: Spec) {
        let first = self.served_as(template);
        let Some(set) = self.stateful_sets.get_mut(&first) else { return };
        let replicas = replicas.unwrap_or(set.spec.replicas);
        set.spec = Spec { replicas, ..spec };
        set.template = template;
        if !set.templates.contains(&template) {
            set.templates.push(template);
        }
        let title = &self.scenario.workloads[first.index()].title;
        self.tell(&Fact::ReplicasDesired { workload: title, replicas });
        self.look_at_stateful_set(first);
    }

    /// A StatefulSet is deleted; the answer is its pods, which are left to the garbage collector.
    pub(super) fn remove_stateful_set(&mut self, workload: WorkloadId) -> Option<Vec<PodId>> {
        let set = self.stateful_sets.remove(&self.served_as(workload))?;
        let setup = &self.scenario.workloads[workload.index()];
        let (namespace, name) = (&setup.template.namespace, &setup.replica_set);
        self.cluster.owners_mut().remove_workload("StatefulSet", namespace, name);
        let pods = set.templates.iter().flat_map(|one| self.workloads[one.index()].pods.clone());
        Some(pods.collect())
    }

    /// A pod got ready, was told to end or is gone: its StatefulSet may go on.
    pub(super) fn pod_moves_stateful_set(&mut self, pod: PodId) {
        let Some(workload) = self.pods[pod.index()].workload() else { return };
        if self.scenario.workloads[workload.index()].stateful.is_some() {
            self.look_at_stateful_set(self.served_as(workload));
        }
    }

    /// A StatefulSet's controller looks, and acts until nothing is left to do. A sync lasts until all its requests are
    /// answered: while pods are coming there is no other.
    pub(super) fn look_at_stateful_set(&mut self, first: WorkloadId) {
        let Some(set) = self.stateful_sets.get_mut(&first).filter(|one| !one.is_looked_at) else { return };
        set.is_looked_at = true;
        while self.stateful_sets.get(&first).is_some_and(|set| set.coming.is_empty()) {
            self.complete_update(first);
            let pods = self.pods_of_stateful_set(first);
            let views: Vec<Pod> = pods.iter().map(|&(_, view)| view).collect();
            let decision = sync(&self.stateful_sets[&first].spec, &views, self.now);
            self.expect_stateful_set(first, decision.again);
            if decision.create.is_empty() && decision.delete.is_empty() {
                break;
            }
            self.create_stateful_pods(first, &decision.create);
            for ordinal in decision.delete {
                let meant = pods.iter().find(|(_, view)| view.ordinal == ordinal);
                let pod = meant.expect("a pod that is deleted was looked at").0;
                self.delete_stateful_pod(first, pod);
            }
        }
        if let Some(set) = self.stateful_sets.get_mut(&first) {
            set.is_looked_at = false;
        }
    }

    /// Once all pods have the present template, there is no other (`completeRollingUpdate`).
    fn complete_update(&mut self, first: WorkloadId) {
        let set = &self.stateful_sets[&first];
        let others = set.templates.iter().filter(|&&one| one != set.template);
        let template = set.template;
        if others.into_iter().all(|one| self.workloads[one.index()].pods.is_empty())
            && self.workloads[template.index()].active == set.spec.replicas as usize
            && let Some(set) = self.stateful_sets.get_mut(&first)
        {
            set.current = template;
        }
    }

    /// Its pods as it sees them, in order of their ordinals. One whose name says no ordinal is not looked at.
    fn pods_of_stateful_set(&self, first: WorkloadId) -> Vec<(PodId, Pod)> {
        let set = &self.stateful_sets[&first];
        let name = &self.scenario.workloads[first.index()].replica_set;
        let mut pods = Vec::new();
        for &workload in &set.of_title {
            for &pod in &self.workloads[workload.index()].pods {
                let Some(ordinal) = ordinal_of(name, &self.cluster.pod(pod).name) else { continue };
                let state = &self.pods[pod.index()];
                let (ready, terminating) = (state.ready, state.is_terminating());
                pods.push((pod, Pod { ordinal, ready, terminating, is_updated: workload == set.template }));
            }
        }
        pods.sort_by_key(|(_, view)| view.ordinal);
        pods
    }

    /// Looks again when the next pod is available.
    fn expect_stateful_set(&mut self, first: WorkloadId, again: Option<SimTime>) {
        let now = self.now;
        let Some(set) = self.stateful_sets.get_mut(&first) else { return };
        let is_due = |next: SimTime| set.next_look.is_none_or(|look| look <= now || look > next);
        if let Some(next) = again.filter(|&next| is_due(next)) {
            set.next_look = Some(next);
            self.at(next, Event::StatefulSet(first));
        }
    }

    /// Asks for pods one after another, each as soon as the API server has answered the request before.
    fn create_stateful_pods(&mut self, first: WorkloadId, wanted: &[(u32, bool)]) {
        let client = self.scenario.latencies.client;
        let set = self.stateful_sets.get_mut(&first).expect("a StatefulSet that acts exists");
        let template = |is_updated| if is_updated { set.template } else { set.current };
        let coming: Vec<_> = wanted.iter().map(|&(ordinal, new)| (ordinal, template(new))).collect();
        set.coming.extend(coming);
        let mut at = self.now;
        for _ in wanted {
            at += client;
            if client == Span::ZERO {
                self.create_stateful_pod(first);
            } else {
                self.at(at, Event::StatefulPodComes(first));
            }
        }
    }

    /// A request to create a pod is answered; after the last of them the StatefulSet looks again.
    pub(super) fn stateful_pod_comes(&mut self, first: WorkloadId) {
        self.create_stateful_pod(first);
        self.look_at_stateful_set(first);
    }

    /// The API server creates the next pod that was asked for. A name that somebody else's pod has is taken.
    fn create_stateful_pod(&mut self, first: WorkloadId) {
        let Some(set) = self.stateful_sets.get_mut(&first) else { return };
        let Some((ordinal, workload)) = set.coming.pop_front() else { return };
        let draws = Stream::of(first.0, set.created);
        set.created += 1;
        let setup = &self.scenario.workloads[workload.index()];
        let name = pod_name(&setup.replica_set, ordinal);
        let spec = pod_of(&setup.template, &setup.replica_set, ordinal);
        self.receive_pod(&name, &spec, Creator::Workload(workload), draws);
        let set = &setup.replica_set;
        let message = format_args!("create Pod {name} in StatefulSet {set} successful");
        self.stateful_set_event(first, "SuccessfulCreate", message);
    }

    fn delete_stateful_pod(&mut self, first: WorkloadId, pod: PodId) {
        if self.living(pod).is_none_or(super::PodState::is_terminating) {
            return;
        }
        let name = self.cluster.pod(pod).name.clone();
        self.delete(pod);
        let set = &self.scenario.workloads[first.index()].replica_set;
        let message = format_args!("delete Pod {name} in StatefulSet {set} successful");
        self.stateful_set_event(first, "SuccessfulDelete", message);
    }

    fn stateful_set_event(&mut self, first: WorkloadId, reason: &'static str, message: fmt::Arguments<'_>) {
        let object = Title::of(&self.scenario.workloads[first.index()].title);
        self.tell(&Fact::Event { kind: "Normal", reason, object, message });
    }

    /// How many pods of a StatefulSet are ready, available, of the present template, and how many there are.
    pub(super) fn count_stateful_set(&self, first: WorkloadId) -> StatefulCounts {
        let set = &self.stateful_sets[&first];
        let pods = self.pods_of_stateful_set(first);
        let living = || pods.iter().map(|(_, pod)| pod).filter(|pod| !pod.terminating);
        let available =
            |pod: &&stateful_set::Pod| pod.ready.is_some_and(|ready| ready + set.spec.min_ready <= self.now);
        StatefulCounts {
            replicas: pods.len() as u32,
            ready: living().filter(|pod| pod.ready.is_some()).count() as u32,
            available: living().filter(available).count() as u32,
            updated: living().filter(|pod| pod.is_updated).count() as u32,
        }
    }
}

/// What the status of a StatefulSet counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StatefulCounts {
    pub(super) replicas: u32,
    pub(super) ready: u32,
    pub(super) available: u32,
    pub(super) updated: u32,
}
