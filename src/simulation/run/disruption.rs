//! PodDisruptionBudgets: what each of them allows at this moment; and evictions through the API, which go by them.

use super::Run;
use super::pod_state::Creator;
use crate::admission::istio::sidecar::PROXY;
use crate::cluster::Budget;
use crate::controller::disruption::{self, Candidate, Controller, Refusal, Status};
use crate::id::{PodId, WorkloadId};
use crate::metric::{Fact, Outcome};
use crate::object::volume::LocalVolume;
use crate::object::{DisruptionBudget, PodSpec};
use crate::units::Span;

/// The budgets of the cluster with what they allow during one round of evictions.
pub(super) type Budgets = Vec<(DisruptionBudget, Status)>;

/// Whether a pod has an emptyDir; a mesh's proxy comes with some of its own.
pub(super) fn has_empty_dir(pod: &PodSpec) -> bool {
    pod.volumes.iter().any(|volume| volume.local.is_some_and(LocalVolume::is_empty_dir))
        || pod.containers.iter().any(|container| container.name == PROXY)
}

/// What is known of the budgets beside what the cluster knows.
#[derive(Debug)]
pub(super) struct Disruption {
    /// Whether pods have changed since it was last reckoned what the budgets allow.
    pub(super) is_stale: bool,
    /// The lowest priority that a pod ever had: who has no more preempts nobody.
    pub(super) lowest_priority: i32,
}

impl Disruption {
    /// A pod is created.
    pub(super) fn comes(&mut self, pod: &PodSpec) {
        self.is_stale = true;
        self.lowest_priority = self.lowest_priority.min(pod.priority);
    }
}

impl Default for Disruption {
    fn default() -> Self {
        Self { is_stale: true, lowest_priority: i32::MAX }
    }
}

impl Run<'_, '_> {
    /// A budget comes, or changes.
    pub(super) fn put_budget(&mut self, budget: &DisruptionBudget) {
        let budget = Budget { spec: budget.clone(), disruptions_allowed: 0, disrupted: Vec::new() };
        self.cluster.owners_mut().put_budget(budget);
        self.disruption.is_stale = true;
    }

    /// The status of a budget.
    pub(super) fn budget_status(&self, budget: &DisruptionBudget) -> Status {
        let covered = self.cluster.pods().filter(|(id, _)| budget.covers(self.cluster.spec_of(*id)));
        let view = |id: PodId| {
            let state = &self.pods[id.index()];
            let (ready, terminating) = (state.ready.is_some(), state.is_terminating());
            disruption::Pod { ready, terminating, controller: self.controller_of(id) }
        };
        let pods: Vec<_> = covered.map(|(id, _)| view(id)).collect();
        disruption::status(budget, &pods)
    }

    /// What all budgets allow at the beginning of a round of evictions.
    pub(super) fn budgets_now(&self) -> Budgets {
        let all = self.cluster.owners().budgets().iter();
        all.map(|one| (one.spec.clone(), self.budget_status(&one.spec))).collect()
    }

    /// Asks the eviction API for a pod; what is granted is taken off the budgets.
    pub(super) fn may_evict(&self, pod: PodId, budgets: &mut Budgets) -> Result<(), Refusal> {
        let (state, spec) = (&self.pods[pod.index()], self.cluster.spec_of(pod));
        let running = state.started.is_some() && !state.is_terminating();
        let candidate = Candidate { running, ready: state.ready.is_some() };
        let covering = budgets.iter_mut().filter(|(budget, _)| budget.covers(spec));
        let mut covering: Vec<_> = covering.map(|(budget, status)| (&*budget, status)).collect();
        disruption::evict(candidate, &mut covering)
    }

    /// The eviction API tells a pod to end, in the words of the pod's condition DisruptionTarget.
    pub(super) fn tell_evicted(&mut self, pod: PodId) {
        self.pod_event(pod, "Normal", "EvictionByEvictionAPI", format_args!("Eviction API: evicting"));
        self.tell(&Fact::PodEvicted { pod });
    }

    /// A pod is told to end, with a grace period of its own unless another is given, and what keeps it makes another.
    pub(super) fn evict_and_replace(&mut self, pod: PodId, grace: Option<Span>) {
        let workload = self.pods[pod.index()].workload();
        self.evict_within(pod, Outcome::Deleted, grace);
        if let Some(workload) = workload {
            self.reconcile(workload);
        }
    }

    /// What keeps a pod.
    fn controller_of(&self, pod: PodId) -> Controller<WorkloadId> {
        if let Creator::Workload(workload) = self.pods[pod.index()].creator
            && let Some(set) = self.stateful_set_of(workload)
        {
            return Controller::Scaled { id: self.served_as(workload), replicas: set.spec.replicas };
        }
        match self.pods[pod.index()].creator {
            Creator::Workload(workload) if self.deployment_of(workload).is_some() => {
                Controller::Scaled { id: self.served_as(workload), replicas: self.wanted_of(workload) }
            }
            Creator::Workload(workload) if self.workloads[workload.index()].since.is_some() => {
                Controller::Scaled { id: workload, replicas: self.workloads[workload.index()].desired }
            }
            Creator::Workload(_) | Creator::DaemonSet(_) | Creator::Job(_) => Controller::Unscaled,
            Creator::Manifest | Creator::Source(..) | Creator::Trace(..)
                if self.cluster.spec_of(pod).owner.is_some() =>
            {
                Controller::Unscaled
            }
            Creator::Manifest | Creator::Source(..) | Creator::Trace(..) => Controller::None,
        }
    }

    /// Before an attempt that may preempt pods, the budgets say what they allow by now.
    pub(super) fn refresh_budgets(&mut self, pod: PodId) {
        let budgets = self.cluster.owners().budgets();
        if budgets.is_empty()
            || !self.disruption.is_stale
            || self.cluster.spec_of(pod).priority <= self.disruption.lowest_priority
        {
            return;
        }
        let allowed = |one: &Budget| i64::from(self.budget_status(&one.spec).disruptions_allowed);
        let allowed: Vec<_> = budgets.iter().map(allowed).collect();
        self.cluster.allow_disruptions(&allowed);
        self.disruption.is_stale = false;
    }
}
