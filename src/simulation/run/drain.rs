//! `kubectl drain`: a node is cordoned, and its pods are evicted as their budgets allow.

use std::collections::{BTreeMap, BTreeSet};

use super::Run;
use super::event::Event;
use super::pod_state::Creator;
use crate::admission::istio::sidecar::PROXY;
use crate::controller::disruption::{self, Candidate, Refusal, Status};
use crate::controller::drain::{self, Keeper, RETRY_EVERY, choose, in_one};
use crate::id::{NodeId, PodId};
use crate::metric::{Fact, Outcome};
use crate::object::DisruptionBudget;
use crate::simulation::action::{Action, Drain};
use crate::units::Span;

/// A drain that is under way.
#[derive(Debug, Default)]
pub(super) struct DrainState {
    /// Pods that are not evicted yet, in order of namespace and name.
    wanted: Vec<PodId>,
    /// Pods that terminate.
    leaving: BTreeSet<PodId>,
    /// Pods of which it was told that they cannot be evicted yet.
    told: BTreeSet<PodId>,
    /// What went wrong.
    errors: Vec<String>,
}

/// The budgets of the cluster with what they allow during one round of evictions.
pub(super) type Budgets = Vec<(DisruptionBudget, Status)>;

impl Run<'_, '_> {
    /// A user drains a node; `action` is the number of what he does.
    pub(super) fn drain(&mut self, action: u32, drain: &Drain) {
        self.tell(&Fact::DrainBegun);
        let Some(node) = self.node_or_refusal(&drain.node) else {
            self.tell(&Fact::NodeDrained { done: false });
            return;
        };
        self.cordon(&drain.node, true);
        let pods = self.pods_by_name(node);
        let views: Vec<_> = pods.iter().map(|&pod| self.drain_view(pod)).collect();
        let chosen = match choose(drain.options, &views) {
            Ok(chosen) => chosen,
            Err(wrong) => {
                self.drain_failed(&drain.node, &wrong);
                return;
            }
        };
        let wanted = chosen.into_iter().map(|place| pods[place]).collect();
        self.drains.insert(action, DrainState { wanted, ..DrainState::default() });
        if let Some(timeout) = drain.timeout {
            self.at(self.now + timeout, Event::DrainOver(action));
        }
        self.go_on_draining(action);
    }

    pub(super) fn pods_by_name(&self, node: NodeId) -> Vec<PodId> {
        let mut pods = self.cluster.node(node).pods.clone();
        let name =
            |pod: &PodId| (self.cluster.spec_of(*pod).namespace.clone(), self.cluster.pod(*pod).name.clone());
        pods.sort_by_cached_key(name);
        pods
    }

    /// What keeps a pod.
    pub(super) fn keeper_of(&self, pod: PodId) -> Keeper {
        match self.pods[pod.index()].creator {
            Creator::DaemonSet(_) => Keeper::DaemonSet,
            Creator::Workload(_) | Creator::Job(_) => Keeper::Other,
            Creator::Manifest | Creator::Source(..) | Creator::Trace(..)
                if self.cluster.spec_of(pod).owner.is_some() =>
            {
                Keeper::Other
            }
            Creator::Manifest | Creator::Source(..) | Creator::Trace(..) => Keeper::None,
        }
    }

    fn drain_view(&self, pod: PodId) -> drain::Pod {
        let spec = self.cluster.spec_of(pod);
        let keeper = self.keeper_of(pod);
        // A mesh's proxy comes with emptyDirs of its own.
        let has_proxy = || spec.containers.iter().any(|container| container.name == PROXY);
        let has_empty_dir = spec.volumes.iter().any(|volume| volume.is_empty_dir) || has_proxy();
        drain::Pod { name: self.cluster.full_name(pod), keeper, has_empty_dir }
    }

    fn drain_of(&self, action: u32) -> &Drain {
        match &self.scenario.timeline[action as usize].action {
            Action::Drain(drain) => drain,
            other => unreachable!("{other:?} is no drain"),
        }
    }

    /// Asks for the evictions that are left; those that are refused for now are asked for again.
    pub(super) fn go_on_draining(&mut self, action: u32) {
        let Some(state) = self.drains.get_mut(&action) else { return };
        let wanted = std::mem::take(&mut state.wanted);
        let drain = self.drain_of(action).clone();
        let mut budgets = if drain.disable_eviction { Vec::new() } else { self.budgets_now() };
        for pod in wanted {
            if self.living(pod).is_none() {
                continue;
            }
            match self.may_evict(pod, &mut budgets) {
                Ok(()) => self.evict_from_node(action, pod, &drain),
                Err(refusal) => self.eviction_refused(action, pod, &refusal),
            }
        }
        if self.drains.get(&action).is_some_and(|state| !state.wanted.is_empty()) {
            self.at(self.now + RETRY_EVERY, Event::DrainRetry(action));
        }
        self.drain_may_end(action);
    }

    /// The budgets with what they allow now.
    pub(super) fn budgets_now(&self) -> Budgets {
        let all = self.cluster.owners().budgets().iter();
        all.map(|one| (one.spec.clone(), self.budget_status(&one.spec))).collect()
    }

    pub(super) fn may_evict(&self, pod: PodId, budgets: &mut Budgets) -> Result<(), Refusal> {
        let (state, spec) = (&self.pods[pod.index()], self.cluster.spec_of(pod));
        let running = state.started.is_some() && !state.is_terminating();
        let candidate = Candidate { running, ready: state.ready.is_some() };
        let covering = budgets.iter_mut().filter(|(budget, _)| budget.covers(spec));
        let mut covering: Vec<_> = covering.map(|(budget, status)| (&*budget, status)).collect();
        disruption::evict(candidate, &mut covering)
    }

    fn evict_from_node(&mut self, action: u32, pod: PodId, drain: &Drain) {
        if !self.pods[pod.index()].is_terminating() {
            if !drain.disable_eviction {
                self.tell_evicted(pod);
            }
            self.evict_and_replace(pod, drain.grace);
        }
        if self.living(pod).is_some()
            && let Some(state) = self.drains.get_mut(&action)
        {
            state.leaving.insert(pod);
        }
    }

    /// The API server evicts a pod.
    pub(super) fn tell_evicted(&mut self, pod: PodId) {
        // The words of the pod's condition DisruptionTarget.
        self.pod_event(pod, "Normal", "EvictionByEvictionAPI", format_args!("Eviction API: evicting"));
        self.tell(&Fact::PodEvicted { pod });
    }

    /// A pod is told to end, and its workload looks at once.
    pub(super) fn evict_and_replace(&mut self, pod: PodId, grace: Option<Span>) {
        let workload = self.pods[pod.index()].workload();
        self.evict_within(pod, Outcome::Deleted, grace);
        if let Some(workload) = workload {
            self.reconcile(workload);
        }
    }

    /// A pod cannot be evicted, now or at all. Of one that is asked for again it is told once.
    fn eviction_refused(&mut self, action: u32, pod: PodId, refusal: &Refusal) {
        self.tell(&Fact::EvictionRefused { pod });
        let text = self.words_of_pod("error when evicting pods", pod, &refusal.to_string());
        let Some(state) = self.drains.get_mut(&action) else { return };
        let reason = match refusal {
            Refusal::TooManyRequests { .. } => {
                state.wanted.push(pod);
                "TooManyRequests"
            }
            Refusal::SeveralBudgets => {
                state.errors.push(text);
                "InternalError"
            }
        };
        if state.told.insert(pod) {
            self.pod_event(pod, "Warning", reason, format_args!("{refusal}"));
        }
    }

    fn words_of_pod(&self, what: &str, pod: PodId, why: &str) -> String {
        format!(
            "{what}/{:?} -n {:?}: {why}",
            &*self.cluster.pod(pod).name,
            self.cluster.spec_of(pod).namespace
        )
    }

    /// A pod is gone: a drain may have waited for it.
    pub(super) fn drains_lose(&mut self, pod: PodId) {
        let waiting = self
            .drains
            .iter_mut()
            .filter_map(|(&action, state)| state.leaving.remove(&pod).then_some(action));
        for action in waiting.collect::<Vec<_>>() {
            self.drain_may_end(action);
        }
    }

    /// A drain is over when no pod is left that is to go.
    fn drain_may_end(&mut self, action: u32) {
        let is_over = |state: &DrainState| state.wanted.is_empty() && state.leaving.is_empty();
        if !self.drains.get(&action).is_some_and(is_over) {
            return;
        }
        let state = self.drains.remove(&action).expect("it was there before");
        let node = self.drain_of(action).node.clone();
        if state.errors.is_empty() {
            self.tell(&Fact::NodeDrained { done: true });
            self.node_event(&node, "Normal", "Drained", format_args!("node/{node} drained"));
        } else {
            self.drain_failed(&node, &in_one(&state.errors));
        }
    }

    /// A drain has had its time.
    pub(super) fn drain_over(&mut self, action: u32) {
        let Some(mut state) = self.drains.remove(&action) else { return };
        let Drain { node, timeout, .. } = self.drain_of(action).clone();
        let why = format!("global timeout reached: {}", timeout.unwrap_or_default());
        let refused =
            state.wanted.iter().map(|&pod| self.words_of_pod("error when evicting pods", pod, &why));
        let leaving = state.leaving.iter().map(|&pod| {
            let (name, namespace) = (&*self.cluster.pod(pod).name, &self.cluster.spec_of(pod).namespace);
            format!("error when waiting for pod {name:?} in namespace {namespace:?} to terminate: {why}")
        });
        state.errors.extend(refused.chain(leaving).collect::<Vec<_>>());
        self.drain_failed(&node, &in_one(&state.errors));
    }

    fn drain_failed(&mut self, node: &str, why: &str) {
        self.tell(&Fact::NodeDrained { done: false });
        self.node_event(
            node,
            "Warning",
            "DrainFailed",
            format_args!("unable to drain node {node:?} due to error: {why}"),
        );
    }
}

/// The drains that are under way, by the number of what the user does.
pub(super) type Drains = BTreeMap<u32, DrainState>;
