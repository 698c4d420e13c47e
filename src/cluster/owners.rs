//! What selects pods: Services, the workloads that own them, disruption budgets.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::object::{DisruptionBudget, EciProfile, Labels, PodSpec, ResourcePolicy, Selector, SidecarSet};

/// A Service as default spreading sees it.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The labels it selects by; a Service without selector is not kept.
    pub selector: Labels,
}

/// A PodDisruptionBudget with its status, as preemption sees it.
#[derive(Clone, Debug)]
pub struct Budget {
    /// What it asks for.
    pub spec: DisruptionBudget,
    /// `status.disruptionsAllowed`, as it was reckoned last.
    pub disruptions_allowed: i64,
    /// Names of pods whose disruption is already under way (`status.disruptedPods`).
    pub disrupted: Vec<String>,
}

/// Everything that selects pods.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    services: Vec<Service>,
    budgets: Vec<Budget>,
    workloads: FxHashMap<(String, String, String), Selector>,
    policies: Vec<ResourcePolicy>,
    eci_profile: Option<EciProfile>,
    sidecar_sets: BTreeMap<String, SidecarSet>,
}

impl Owners {
    /// Adds a Service.
    pub fn add_service(&mut self, service: Service) {
        self.services.push(service);
    }

    /// Takes a Service away, if it is there.
    pub fn remove_service(&mut self, namespace: &str, name: &str) {
        self.services
            .retain(|service| (service.namespace.as_str(), service.name.as_str()) != (namespace, name));
    }

    /// Adds a disruption budget, or replaces the one of its name.
    pub fn put_budget(&mut self, budget: Budget) {
        let name = |one: &Budget| (one.spec.namespace.clone(), one.spec.name.clone());
        match self.budgets.iter_mut().find(|one| name(one) == name(&budget)) {
            Some(known) => *known = budget,
            None => self.budgets.push(budget),
        }
    }

    /// Takes a disruption budget away, if it is there.
    pub fn remove_budget(&mut self, namespace: &str, name: &str) {
        self.budgets.retain(|one| (one.spec.namespace.as_str(), one.spec.name.as_str()) != (namespace, name));
    }

    /// Sets how many disruptions each budget allows now, in their order.
    pub(super) fn allow_disruptions(&mut self, allowed: &[i64]) {
        for (budget, &allowed) in self.budgets.iter_mut().zip(allowed) {
            budget.disruptions_allowed = allowed;
        }
    }

    /// All disruption budgets, in order of addition.
    pub fn budgets(&self) -> &[Budget] {
        &self.budgets
    }

    /// Adds a ResourcePolicy.
    pub fn add_policy(&mut self, policy: ResourcePolicy) {
        self.policies.push(policy);
    }

    /// The ResourcePolicy that a pod is placed by. Of several that select it, the one that was there first (estimate:
    /// ACK does not say).
    pub fn policy_of(&self, pod: &PodSpec) -> Option<&ResourcePolicy> {
        self.policies.iter().find(|policy| policy.selects(pod))
    }

    /// Sets the eci-profile; pods that come from then on go by it.
    pub fn set_eci_profile(&mut self, profile: EciProfile) {
        self.eci_profile = Some(profile);
    }

    /// Takes the eci-profile away.
    pub fn remove_eci_profile(&mut self) {
        self.eci_profile = None;
    }

    /// The eci-profile, if there is one.
    pub fn eci_profile(&self) -> Option<&EciProfile> {
        self.eci_profile.as_ref()
    }

    /// Adds a SidecarSet, or replaces the one of its name.
    pub fn put_sidecar_set(&mut self, set: SidecarSet) {
        self.sidecar_sets.insert(set.name.clone(), set);
    }

    /// Takes a SidecarSet away; pods keep its containers.
    pub fn remove_sidecar_set(&mut self, name: &str) {
        self.sidecar_sets.remove(name);
    }

    /// All SidecarSets in order of name.
    pub fn sidecar_sets(&self) -> impl Iterator<Item = &SidecarSet> {
        self.sidecar_sets.values()
    }

    /// Adds the selector of a ReplicaSet, StatefulSet or ReplicationController.
    pub fn add_workload(&mut self, kind: &str, namespace: &str, name: &str, selector: Selector) {
        self.workloads.insert((kind.to_owned(), namespace.to_owned(), name.to_owned()), selector);
    }

    /// Takes the selector of a workload away.
    pub fn remove_workload(&mut self, kind: &str, namespace: &str, name: &str) {
        self.workloads.remove(&(kind.to_owned(), namespace.to_owned(), name.to_owned()));
    }

    /// The selector that default spreading counts with: equality with the labels of all Services that select the pod,
    /// and the selector of its owner (framework/plugins/helper/spread.go:37 `DefaultSelector`).
    pub fn default_selector(&self, pod: &PodSpec) -> Selector {
        let mut labels = Labels::default();
        for service in &self.services {
            if service.namespace == pod.namespace && pod.labels.contains_all(&service.selector) {
                labels.0.extend(service.selector.0.clone());
            }
        }
        let mut selector = Selector::equals(&labels);
        if let Some(owner) = &pod.owner {
            let version = match owner.kind.as_str() {
                "ReplicaSet" | "StatefulSet" => "apps/v1",
                _ => "v1",
            };
            let key = (owner.kind.clone(), pod.namespace.clone(), owner.name.clone());
            if let Some(own) = self.workloads.get(&key).filter(|_| owner.api_version == version) {
                selector.requirements.extend(own.requirements.iter().cloned());
            }
        }
        selector
    }
}
