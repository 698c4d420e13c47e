//! What a user does during a run. What can be known beforehand was checked when the scenario was resolved; what only
//! the run can know (a pod that has gone by itself) is refused here, in an event with the API server's words.

use super::Run;
use super::drain::Drainer;
use super::event::Event;
use super::node_autoscaling;
use super::objects::NamespaceState;
use super::pod_state::Creator;
use crate::admission::default_tolerations::UNREACHABLE;
use crate::cluster::Service;
use crate::controller::node_autoscaler::NOT_READY;
use crate::id::{NodeId, PodId, WorkloadId};
use crate::metric::{Fact, Overflow};
use crate::object::{Labels, NodeClass, NodeSpec, Taint, Title};
use crate::random::Stream;
use crate::scheduler::event::{ClusterEvent, node_events, pod_events};
use crate::simulation::action::{Action, LabelChange, MetadataChange, ObjectName};
use crate::simulation::admitted::Admission;
use crate::simulation::scenario::PodSetup;

/// Draws of pods that a user creates are kept apart from those of workloads, which count from zero, and from those of
/// the manifests.
const ACTION_GROUP: u32 = u32::MAX - 1;

impl Run<'_, '_> {
    /// The user acts.
    pub(super) fn act(&mut self, index: u32) {
        let scenario = self.scenario;
        match &scenario.timeline[index as usize].action {
            Action::CreateNamespace { name, labels } => self.create_namespace(name, labels),
            Action::CreatePod(setup) => self.create_user_pod(setup, Stream::of(ACTION_GROUP, index)),
            Action::CreateWorkload(workload) => self.create_workload(*workload),
            Action::CreateDaemonSet(set) => self.create_daemon_set(*set),
            Action::CreateAutoscaler(autoscaler) => self.create_autoscaler(*autoscaler),
            Action::CreateJob(job) => self.create_user_job(*job),
            Action::ChangeJob(job, spec) => self.change_job(*job, *spec),
            Action::DeleteJob(job) => self.delete_job(*job),
            Action::CreateCronJob(cron_job) => self.create_user_cron_job(*cron_job),
            Action::ChangeCronJob(cron_job, setup) => self.change_cron_job(*cron_job, setup),
            Action::DeleteCronJob(cron_job) => self.delete_cron_job(*cron_job),
            Action::CreateService(name, service) => self.create_service(name, service.as_ref()),
            Action::ChangeService(name, service) => {
                self.cluster.owners_mut().remove_service(&name.namespace, &name.name);
                if let Some(service) = service {
                    self.cluster.owners_mut().add_service(service.clone());
                }
            }
            Action::Put(kept) => self.put_kept(kept),
            Action::Remove(kind, name) => self.remove_kept(*kind, name),
            Action::LabelNamespace { name, labels } => self.label_namespace(name, labels),
            Action::ChangePod(name, change) => self.change_pod(name, change),
            Action::ChangeNode(name, change) => self.change_node(name, |node| {
                change.labels.apply(&mut node.labels);
                change.annotations.apply(&mut node.annotations);
            }),
            Action::Taint { node, taints } => self.change_node(node, |node| {
                // A scenario knows nothing of the taints that controllers set.
                let own = |taint: &&Taint| is_of_controllers(taint) && !taints.contains(taint);
                let own = node.taints.iter().filter(own);
                node.taints = taints.iter().chain(own).cloned().collect();
            }),
            Action::Fail { node, lasts, lost } => self.fail_node(node, *lasts, *lost),
            Action::FailZone { zone, lasts } => self.fail_zone(zone, *lasts),
            Action::Cordon { node, unschedulable } => self.cordon(node, *unschedulable),
            Action::Drain(drain) => self.drain(Drainer::User(index), drain),
            Action::SetStock { zone, spot, stock } => self.set_stock(zone, *spot, stock),
            Action::SetQuota { zone, quota } => self.set_quota(zone.as_deref(), *quota),
            Action::SetImageCache(on) => self.image_cache = *on,
            Action::SetMachineStock(stock) => self.set_machine_stock(stock),
            Action::SetPrices(new) => self.set_prices(new),
            Action::RollOut { template, replicas, rollout } => self.roll_out(*template, *replicas, *rollout),
            Action::UpdateStatefulSet { template, replicas, spec } => {
                self.update_stateful_set(*template, *replicas, *spec);
            }
            Action::Scale(workload, replicas) => self.scale(*workload, *replicas),
            Action::ChangeAutoscaler(index, spec) => {
                self.autoscalers[*index as usize].spec = spec.clone();
            }
            Action::DeletePod(name) => self.delete_user_pod(name),
            Action::DeleteWorkload(workload) => self.delete_workload(*workload),
            Action::DeleteDaemonSet(set) => self.delete_daemon_set(*set),
            Action::DeleteAutoscaler(autoscaler) => self.objects.autoscalers[*autoscaler as usize] = None,
            Action::DeleteService(name) => self.delete_service(name),
            Action::DeleteNamespace(name) => self.delete_namespace(name),
        }
    }

    /// The API server refuses what the user asks for.
    fn refuse(&mut self, reason: &'static str, object: &str, message: &str) {
        let (object, message) = (Title::of(object), format_args!("{message}"));
        self.tell(&Fact::Event { kind: "Warning", reason, object, message });
    }

    /// Whether objects can be created in a namespace; if it is ending, the API server refuses them.
    pub(super) fn is_open(&mut self, namespace: &str, object: &str) -> bool {
        let ends = self.objects.namespaces.get(namespace).is_some_and(|one| one.terminating);
        if ends {
            let message = format!(
                "unable to create new content in namespace {namespace} because it is being terminated"
            );
            self.refuse("Forbidden", object, &message);
        }
        !ends
    }

    fn create_namespace(&mut self, name: &str, labels: &Labels) {
        if self.objects.namespaces.contains_key(name) {
            let message = format!("object is being deleted: namespaces {name:?} already exists");
            self.refuse("AlreadyExists", &format!("Namespace/{name}"), &message);
            return;
        }
        let state = NamespaceState { created: self.now, terminating: false };
        self.objects.namespaces.insert(name.to_owned(), state);
        self.cluster.set_namespace(name, labels.clone());
    }

    fn label_namespace(&mut self, name: &str, change: &LabelChange) {
        let known = self.cluster.namespace_labels(name).cloned();
        let mut labels = known.unwrap_or_else(|| Labels::from_iter([("kubernetes.io/metadata.name", name)]));
        change.apply(&mut labels);
        self.cluster.set_namespace(name, labels);
    }

    fn create_user_pod(&mut self, setup: &PodSetup, draws: Stream) {
        let PodSetup { name, spec, node, .. } = setup;
        let object = format!("Pod/{}/{name}", spec.namespace);
        if !self.is_open(&spec.namespace, &object) {
            return;
        }
        if self.pod_named(&spec.namespace, name).is_some() {
            let message = format!("object is being deleted: pods {name:?} already exists");
            self.refuse("AlreadyExists", &object, &message);
            return;
        }
        let node = node.as_ref().and_then(|name| self.cluster.node_named(name));
        match node.map(|node| (node.id, node.spec.class)) {
            None => {
                self.receive_pod(name, spec, Creator::Manifest, draws);
            }
            Some((node, node_class)) => {
                let spec = Admission::of(self.scenario).placed(spec.as_ref().clone(), &self.cluster);
                let class = self.cluster.intern(spec);
                let pod = self.create_pod(name, class, Creator::Manifest, draws, true);
                let overflow = (node_class == NodeClass::Virtual).then_some(Overflow::Directed);
                self.bind_unscheduled(pod, node, overflow);
            }
        }
    }

    fn create_workload(&mut self, workload: WorkloadId) {
        let setup = &self.scenario.workloads[workload.index()];
        let namespace = &setup.template.namespace;
        if self.is_open(namespace, &setup.title) {
            if setup.rollout.is_some() {
                self.add_deployment(workload, false);
            } else if setup.stateful.is_some() {
                self.add_stateful_set(workload);
            } else {
                self.create_set(workload);
            }
            self.scale(workload, setup.replicas);
        }
    }

    fn create_user_job(&mut self, job: u32) {
        let setup = &self.scenario.jobs[job as usize];
        if self.is_open(&setup.template.namespace, &setup.title) {
            self.create_job(job);
        }
    }

    fn create_user_cron_job(&mut self, cron_job: u32) {
        let setup = &self.scenario.cron_jobs[cron_job as usize];
        if self.is_open(&setup.job.template.namespace, &setup.title) {
            self.create_cron_job(cron_job);
        }
    }

    fn create_autoscaler(&mut self, index: u32) {
        let setup = &self.scenario.autoscalers[index as usize];
        let object = format!("HorizontalPodAutoscaler/{}/{}", setup.namespace, setup.name);
        if self.is_open(&setup.namespace, &object) {
            self.objects.autoscalers[index as usize] = Some(self.now);
            self.at(self.now + setup.config.sync_period, Event::Autoscale(index));
        }
    }

    fn create_service(&mut self, name: &ObjectName, service: Option<&Service>) {
        let object = format!("Service/{}/{}", name.namespace, name.name);
        if self.is_open(&name.namespace, &object) {
            self.objects.services.insert(name.clone(), self.now);
            if let Some(service) = service {
                self.cluster.owners_mut().add_service(service.clone());
            }
        }
    }

    fn delete_service(&mut self, name: &ObjectName) {
        self.objects.services.remove(name);
        self.cluster.owners_mut().remove_service(&name.namespace, &name.name);
    }

    /// Changes a pod, as the scheduler sees it too: a waiting one may be woken by its own change, others by a change
    /// of one that runs.
    fn change_pod(&mut self, name: &ObjectName, change: &MetadataChange) {
        let Some(pod) = self.pod_or_refusal(name) else { return };
        let old = self.cluster.spec_of(pod).clone();
        let mut new = (*old).clone();
        change.labels.apply(&mut new.labels);
        change.annotations.apply(&mut new.annotations);
        let old_class = self.cluster.pod(pod).class;
        let class = self.cluster.intern(new);
        self.cluster.reclassify(pod, class);
        self.instances.inherit(old_class, class);
        self.load_sees_class(pod, &old);
        if self.cluster.pod(pod).node.is_none() {
            self.requeue(pod, &old);
            return;
        }
        let new = self.cluster.spec_of(pod).clone();
        for event in pod_events(&old, &new, false) {
            self.wake(&event);
        }
    }

    pub(super) fn change_node(&mut self, name: &str, change: impl FnOnce(&mut NodeSpec)) {
        let Some(node) = self.node_or_refusal(name) else { return };
        self.update_node(node, change);
        self.reconcile_all_daemons();
    }

    /// The node of this name, unless it has gone meanwhile.
    pub(super) fn node_or_refusal(&mut self, name: &str) -> Option<NodeId> {
        let found = self.cluster.node_named(name).map(|node| node.id);
        if found.is_none() {
            self.refuse("NotFound", &format!("Node/{name}"), &format!("nodes {name:?} not found"));
        }
        found
    }

    /// The same for whoever has DaemonSets look at all of several nodes together.
    pub(super) fn update_node(&mut self, id: NodeId, change: impl FnOnce(&mut NodeSpec)) {
        let mut new = self.cluster.node(id).spec.clone();
        change(&mut new);
        let old = self.cluster.update_node(id, new.clone());
        self.load_sees_node(id);
        let events: Vec<ClusterEvent<'_>> = node_events(&old, &new);
        for event in &events {
            self.wake(event);
        }
        self.zone_may_change(id, &old);
        self.taints_changed(id, &old.taints);
    }

    fn delete_user_pod(&mut self, name: &ObjectName) {
        let Some(pod) = self.pod_or_refusal(name) else { return };
        self.delete(pod);
        if let Some(workload) = self.pods[pod.index()].workload() {
            self.reconcile(workload);
        }
    }

    /// Deletes a workload: its ReplicaSets make no more pods, and the garbage collector deletes those there are.
    fn delete_workload(&mut self, workload: WorkloadId) {
        let Some(pods) = self.remove_stateful_set(workload).or_else(|| self.remove_sets(workload)) else {
            return;
        };
        let title = &self.scenario.workloads[workload.index()].title;
        self.tell(&Fact::ReplicasDesired { workload: title, replicas: 0 });
        for pod in pods {
            self.delete(pod);
        }
        self.objects.forget_finished(|state| state.workload() == Some(workload));
    }

    /// Deletes the ReplicaSets of a Deployment, or one on its own; the answer is their pods.
    fn remove_sets(&mut self, workload: WorkloadId) -> Option<Vec<PodId>> {
        let sets = if let Some(deployment) = self.deployments.remove(&self.served_as(workload)) {
            deployment.sets()
        } else {
            self.workloads[workload.index()].since?;
            vec![workload]
        };
        let pods: Vec<_> = sets.iter().flat_map(|set| self.workloads[set.index()].pods.clone()).collect();
        for set in sets {
            self.remove_set(set);
        }
        Some(pods)
    }

    /// Deletes a namespace with everything in it; it goes when its last pod has gone.
    fn delete_namespace(&mut self, name: &str) {
        let Some(state) = self.objects.namespaces.get_mut(name) else { return };
        state.terminating = true;
        for (index, setup) in self.scenario.autoscalers.iter().enumerate() {
            if setup.namespace == name {
                self.objects.autoscalers[index] = None;
            }
        }
        let services: Vec<_> =
            self.objects.services.keys().filter(|service| service.namespace == name).cloned().collect();
        for service in services {
            self.delete_service(&service);
        }
        self.remove_kept_of(name);
        for (id, setup) in (0..).map(WorkloadId).zip(&self.scenario.workloads) {
            if setup.template.namespace == name {
                self.delete_workload(id);
            }
        }
        for set in self.daemon_set_ids() {
            if self.scenario.daemon_sets[set.index()].template.namespace == name {
                self.delete_daemon_set(set);
            }
        }
        for (cron_job, setup) in (0..).zip(&self.scenario.cron_jobs) {
            if setup.job.template.namespace == name {
                self.delete_cron_job(cron_job);
            }
        }
        for (job, setup) in (0..).zip(&self.scenario.jobs) {
            if setup.template.namespace == name {
                self.delete_job(job);
            }
        }
        for pod in self.pods_in(name) {
            self.delete(pod);
        }
        if let Some(finished) = &mut self.objects.finished {
            finished.retain(|(pod, _)| self.cluster.class(pod.class).namespace != name);
        }
        self.namespace_may_go(name);
    }

    /// A namespace that was told to end goes with the last of its pods.
    pub(super) fn namespace_may_go(&mut self, name: &str) {
        let ends = self.objects.namespaces.get(name).is_some_and(|state| state.terminating);
        if ends && self.pods_in(name).is_empty() {
            self.objects.namespaces.remove(name);
            self.cluster.remove_namespace(name);
        }
    }

    fn pods_in(&self, namespace: &str) -> Vec<PodId> {
        let is_in = |pod: &PodId| self.cluster.spec_of(*pod).namespace == namespace;
        self.cluster.pods().map(|(id, _)| id).filter(is_in).collect()
    }

    fn pod_named(&self, namespace: &str, name: &str) -> Option<PodId> {
        let named = self.cluster.pods().filter(|(_, pod)| *pod.name == *name).map(|(id, _)| id);
        named.into_iter().find(|&id| self.cluster.spec_of(id).namespace == namespace)
    }

    fn pod_or_refusal(&mut self, name: &ObjectName) -> Option<PodId> {
        let found = self.pod_named(&name.namespace, &name.name);
        if found.is_none() {
            let message = format!("pods {:?} not found", name.name);
            self.refuse("NotFound", &format!("Pod/{}/{}", name.namespace, name.name), &message);
        }
        found
    }
}

/// Whether a taint is set and taken back by a controller, as a node fails, starts or goes.
fn is_of_controllers(taint: &Taint) -> bool {
    [UNREACHABLE, NOT_READY].into_iter().chain(node_autoscaling::TAINTS).any(|key| taint.key == key)
}
