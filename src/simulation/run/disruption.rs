//! PodDisruptionBudgets: what each of them allows at this moment.

use super::Run;
use super::pod_state::Creator;
use crate::cluster::Budget;
use crate::controller::disruption::{self, Controller, Status};
use crate::id::{PodId, WorkloadId};
use crate::object::{DisruptionBudget, PodSpec};

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
