//! `kubectl drain`: a node is cordoned, and its pods are evicted as their budgets allow; by a user, or because its machine
//! is about to be taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::Run;
use super::disruption::{Budgets, has_empty_dir};
use super::event::Event;
use super::pod_state::Creator;
use crate::controller::disruption::Refusal;
use crate::controller::drain::{self, Keeper, RETRY_EVERY, choose, in_one};
use crate::id::{NodeId, PodId};
use crate::metric::Fact;
use crate::simulation::action::Drain;

/// Whose drain it is. Of each there is one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Drainer {
    /// A user: the number of what he does.
    User(u32),
    /// Whoever hears that the machine of this node will be taken back.
    Reclaim(NodeId),
}

/// A drain that is under way.
#[derive(Debug)]
pub(super) struct DrainState {
    /// What was asked for.
    order: Drain,
    /// Pods that are not evicted yet, in order of namespace and name.
    wanted: Vec<PodId>,
    /// Pods that terminate.
    leaving: BTreeSet<PodId>,
    /// Pods of which it was told that they cannot be evicted yet.
    told: BTreeSet<PodId>,
    /// What went wrong.
    errors: Vec<String>,
}

impl Run<'_, '_> {
    /// A node is to be drained.
    pub(super) fn drain(&mut self, drainer: Drainer, drain: &Drain) {
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
        let state = DrainState {
            order: drain.clone(),
            wanted,
            leaving: BTreeSet::new(),
            told: BTreeSet::new(),
            errors: Vec::new(),
        };
        self.drains.insert(drainer, state);
        if let Some(timeout) = drain.timeout {
            self.at(self.now + timeout, Event::DrainOver(drainer));
        }
        self.go_on_draining(drainer);
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
        let has_empty_dir = has_empty_dir(self.cluster.spec_of(pod));
        drain::Pod { name: self.cluster.full_name(pod), keeper: self.keeper_of(pod), has_empty_dir }
    }

    /// Asks for the evictions that are left; those that are refused for now are asked for again.
    pub(super) fn go_on_draining(&mut self, drainer: Drainer) {
        let Some(state) = self.drains.get_mut(&drainer) else { return };
        let (wanted, drain) = (std::mem::take(&mut state.wanted), state.order.clone());
        let mut budgets = if drain.disable_eviction { Budgets::new() } else { self.budgets_now() };
        for pod in wanted {
            if self.living(pod).is_none() {
                continue;
            }
            match self.may_evict(pod, &mut budgets) {
                Ok(()) => self.evict_from_node(drainer, pod, &drain),
                Err(refusal) => self.eviction_refused(drainer, pod, &refusal),
            }
        }
        if self.drains.get(&drainer).is_some_and(|state| !state.wanted.is_empty()) {
            self.at(self.now + RETRY_EVERY, Event::DrainRetry(drainer));
        }
        self.drain_may_end(drainer);
    }

    fn evict_from_node(&mut self, drainer: Drainer, pod: PodId, drain: &Drain) {
        if !self.pods[pod.index()].is_terminating() {
            if !drain.disable_eviction {
                self.tell_evicted(pod);
            }
            self.evict_and_replace(pod, drain.grace);
        }
        if self.living(pod).is_some()
            && let Some(state) = self.drains.get_mut(&drainer)
        {
            state.leaving.insert(pod);
        }
    }

    /// A pod cannot be evicted, now or at all. Of one that is asked for again it is told once.
    fn eviction_refused(&mut self, drainer: Drainer, pod: PodId, refusal: &Refusal) {
        self.tell(&Fact::EvictionRefused { pod });
        let text = self.words_of_pod("error when evicting pods", pod, &refusal.to_string());
        let Some(state) = self.drains.get_mut(&drainer) else { return };
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
            .filter_map(|(&drainer, state)| state.leaving.remove(&pod).then_some(drainer));
        for drainer in waiting.collect::<Vec<_>>() {
            self.drain_may_end(drainer);
        }
    }

    /// A drain is over when no pod is left that is to go.
    fn drain_may_end(&mut self, drainer: Drainer) {
        let is_over = |state: &DrainState| state.wanted.is_empty() && state.leaving.is_empty();
        if !self.drains.get(&drainer).is_some_and(is_over) {
            return;
        }
        let state = self.drains.remove(&drainer).expect("it was there before");
        let node = state.order.node;
        if state.errors.is_empty() {
            self.tell(&Fact::NodeDrained { done: true });
            self.node_event(&node, "Normal", "Drained", format_args!("node/{node} drained"));
        } else {
            self.drain_failed(&node, &in_one(&state.errors));
        }
    }

    /// A drain has had its time.
    pub(super) fn drain_over(&mut self, drainer: Drainer) {
        let Some(mut state) = self.drains.remove(&drainer) else { return };
        let Drain { node, timeout, .. } = state.order.clone();
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

/// The drains that are under way.
pub(super) type Drains = BTreeMap<Drainer, DrainState>;
