//! A timeline's steps to actions: every step is tried on the objects that exist by then, and what the API server or
//! kubectl would refuse is told beforehand.

mod bring;
mod change;
mod failure;
mod nodes;
mod patch;
mod rollout;
mod setting;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use overspill_manifest::{Diagnostic, Document, JsonPath, On, code, did_you_mean};

use serde_json::Value;

use super::Resolver;
use super::comings::Moment;
use super::known::{BUILT_IN_NAMESPACES, Held, Key, Known, workload_key};
use super::population::setup_of;
use crate::cost::PriceList;
use crate::id::{DaemonSetId, WorkloadId};
use crate::object::{NodeSpec, ResourceKind, Title};
use crate::scenario::file::{Deletion, Scaling, TimelineStep};
use crate::scenario::inventory::{Inventory, Workload};
use crate::scenario::read::Locator;
use crate::scenario::stock::take_later_stock;
use crate::simulation::action::{Action, ObjectName, TimedAction};
use crate::simulation::scenario::{
    AutoscalerSetup, CronJobSetup, DaemonSetSetup, JobSetup, NodeSetup, WorkloadSetup,
};
use crate::units::SimTime;
use rollout::{StatefulTemplates, Templates};

/// Namespaces that the API server keeps (plugin NamespaceLifecycle).
const IMMORTAL: [&str; 3] = [BUILT_IN_NAMESPACES[0], BUILT_IN_NAMESPACES[2], BUILT_IN_NAMESPACES[3]];

/// What a step brings, in the simulator's terms.
#[derive(Default)]
pub(super) struct Later {
    pub(super) inventory: Inventory,
    /// The first of its Jobs among those of the scenario.
    pub(super) first_job: u32,
    /// The same of its CronJobs.
    pub(super) first_cron_job: u32,
    /// The workloads of the inventory, in its order, among those of the scenario.
    pub(super) workloads: Vec<WorkloadId>,
    /// The DaemonSets likewise.
    daemon_sets: Vec<DaemonSetId>,
}

/// What is there at the start or at some time.
pub(super) struct There<'t> {
    pub(super) inventory: &'t Inventory,
    pub(super) nodes: &'t [NodeSetup],
    pub(super) daemon_sets: &'t [DaemonSetSetup],
    pub(super) jobs: &'t [JobSetup],
    pub(super) prices: &'t PriceList,
    pub(super) cron_jobs: &'t [CronJobSetup],
}

impl Later {
    /// Everything that comes.
    pub(super) fn inventory(&self) -> &Inventory {
        &self.inventory
    }
}

/// The state of working through a timeline.
pub(super) struct Course<'c> {
    known: Known,
    workloads: &'c mut Vec<WorkloadSetup>,
    daemon_sets: &'c [DaemonSetSetup],
    jobs: &'c [JobSetup],
    nodes: &'c [NodeSetup],
    /// The prices as they are now.
    prices: PriceList,
    cron_jobs: &'c [CronJobSetup],
    /// The Deployments that exist, by the workload that stands for each among the known objects.
    deployments: BTreeMap<WorkloadId, Templates>,
    /// The StatefulSets that exist, likewise.
    stateful_sets: BTreeMap<WorkloadId, StatefulTemplates>,
    /// Workloads whose manifest says how many pods they have, as it was applied last.
    sized: BTreeSet<Key>,
    autoscalers: &'c mut Vec<AutoscalerSetup>,
    /// Objects that were patched, as they are since; no manifest says it.
    patched: BTreeMap<Key, Value>,
    actions: Vec<TimedAction>,
    moments: Vec<Moment>,
    now: SimTime,
}

/// What names a workload of a manifest.
fn sized_key(workload: &Workload) -> Option<Key> {
    let kind = ResourceKind::from_name(workload.kind)?;
    Some(Key::new(kind, &workload.namespace, &workload.name))
}

impl Course<'_> {
    fn act(&mut self, action: Action) {
        self.actions.push(TimedAction { at: self.now, action });
    }

    /// The Deployment that exists and that a ReplicaSet belongs to, as `KIND/NAMESPACE/NAME`.
    fn owner_of_set(&self, key: &Key) -> Option<&str> {
        let is_it = |one: &&WorkloadSetup| {
            key.kind == ResourceKind::ReplicaSet
                && one.rollout.is_some()
                && one.replica_set == key.name
                && one.template.namespace == key.namespace
                && self.known.objects.contains_key(&workload_key(one))
        };
        self.workloads.iter().find(is_it).map(|one| one.title.as_str())
    }

    /// Whether a pod's name is one that a ReplicaSet, DaemonSet or Job of the scenario makes up; whether there is such a
    /// pod is known only when the run has come there.
    fn is_named_by_workload(&self, key: &Key) -> bool {
        let replica_sets = self.workloads.iter().map(|one| (&one.template, &one.replica_set));
        let daemon_sets = self.daemon_sets.iter().map(|one| (&one.template, &one.name));
        let jobs = self.jobs.iter().map(|one| (&one.template, &one.name));
        let cron_jobs = self.cron_jobs.iter().map(|one| (&one.job.template, &one.name));
        replica_sets.chain(daemon_sets).chain(jobs).chain(cron_jobs).any(|(template, name)| {
            let suffix = key.name.strip_prefix(name.as_str());
            template.namespace == key.namespace && suffix.is_some_and(|rest| rest.starts_with('-'))
        })
    }
}

impl Resolver<'_> {
    /// Takes stock of what the steps bring. Their workloads join the others, for whatever names them.
    pub(super) fn later_objects(
        &mut self,
        workloads: &mut Vec<WorkloadSetup>,
        daemon_sets: &mut Vec<DaemonSetSetup>,
    ) -> Vec<Later> {
        let loaded = self.loaded;
        let mut later = Vec::new();
        for (index, bringing) in loaded.timeline.iter().enumerate() {
            let priorities = self.priorities_at(index);
            match take_later_stock(&bringing.documents, &bringing.objects, &priorities) {
                Ok(inventory) => {
                    let first = workloads.len() as u32;
                    for workload in &inventory.workloads {
                        super::population::add_workload(workloads, workload, false);
                    }
                    let ids = (first..workloads.len() as u32).map(WorkloadId).collect();
                    let first = daemon_sets.len() as u32;
                    daemon_sets.extend(inventory.daemon_sets.iter().map(|one| setup_of(one, false)));
                    let sets = (first..daemon_sets.len() as u32).map(DaemonSetId).collect();
                    later.push(Later {
                        inventory,
                        first_job: 0,
                        first_cron_job: 0,
                        workloads: ids,
                        daemon_sets: sets,
                    });
                }
                Err(problems) => {
                    self.diagnostics.extend(problems);
                    later.push(Later::default());
                }
            }
        }
        later
    }

    /// What the user does, in order of time, and what there is before the first step and after each.
    pub(super) fn timeline(
        &mut self,
        there: &There<'_>,
        workloads: &mut Vec<WorkloadSetup>,
        autoscalers: &mut Vec<AutoscalerSetup>,
        later: &[Later],
    ) -> (Vec<TimedAction>, Vec<Moment>) {
        let loaded = self.loaded;
        let known = Known::at_start(there, &self.namespaces(there.inventory), workloads, autoscalers);
        let at_start = (0..).map(WorkloadId).zip(&there.inventory.workloads);
        let deployments = at_start.filter_map(|(id, one)| Some((id, Templates::of(id, one)?))).collect();
        let stateful = (0..).map(WorkloadId).zip(&there.inventory.workloads);
        let stateful_sets =
            stateful.filter_map(|(id, one)| Some((id, StatefulTemplates::of(id, one)?))).collect();
        let stated = there.inventory.workloads.iter().filter(|one| one.replicas_stated);
        let sized = stated.filter_map(sized_key).collect();
        let &There { daemon_sets, jobs, cron_jobs, nodes, prices, .. } = there;
        let mut as_now: Rc<[NodeSpec]> = nodes.iter().map(|node| node.spec.clone()).collect();
        let moments = vec![known.moment(None, as_now.clone())];
        let (actions, now) = (Vec::new(), SimTime::ZERO);
        let mut course = Course {
            known,
            workloads,
            daemon_sets,
            jobs,
            nodes,
            prices: prices.clone(),
            cron_jobs,
            deployments,
            stateful_sets,
            sized,
            autoscalers,
            patched: BTreeMap::new(),
            actions,
            moments,
            now,
        };
        let mut order: Vec<_> = loaded.file.spec.timeline.iter().enumerate().collect();
        order.sort_by_key(|(_, step)| step.at);
        for (index, step) in order {
            let path = Locator::spec().key("timeline").index(index);
            course.now = SimTime(step.at.0.0);
            if step.at.0 > loaded.file.spec.horizon.0 {
                let message = "this step comes after the horizon and never happens";
                self.say(&code::WITHOUT_EFFECT, &path.key("at"), message);
            }
            self.step(&mut course, index, step, &path, later);
            if step.changes_nodes() {
                as_now = course.known.nodes(&as_now);
            }
            course.moments.push(course.known.moment(Some(index), as_now.clone()));
        }
        (course.actions, course.moments)
    }

    fn step(
        &mut self,
        course: &mut Course<'_>,
        index: usize,
        step: &TimelineStep,
        path: &JsonPath,
        later: &[Later],
    ) {
        let brought = &later[index];
        // What is written anew is as it is written.
        for document in &self.loaded.timeline[index].documents {
            if let Some(kind) = ResourceKind::from_name(&document.kind) {
                course.patched.remove(&Key::new(kind, document.namespace_or_default(), &document.name));
            }
        }
        let mut verbs = 0;
        let mut is_given = |given: bool| {
            verbs += usize::from(given);
            given
        };
        if is_given(step.create.is_some()) || is_given(step.run.is_some()) {
            self.bring(course, index, brought, false);
        }
        if is_given(step.apply.is_some()) {
            self.bring(course, index, brought, true);
        }
        for label in step.label.iter().filter(|_| is_given(true)) {
            self.label(course, label, &path.key("label"));
        }
        for annotate in step.annotate.iter().filter(|_| is_given(true)) {
            self.annotate(course, annotate, &path.key("annotate"));
        }
        for taint in step.taint.iter().filter(|_| is_given(true)) {
            self.taint(course, taint, &path.key("taint"));
        }
        for images in step.set_image.iter().filter(|_| is_given(true)) {
            self.set_image(course, images, index, &path.key("setImage"));
        }
        for restart in step.rollout_restart.iter().filter(|_| is_given(true)) {
            self.restart(course, restart, index, &path.key("rolloutRestart"));
        }
        for patch in step.patch.iter().filter(|_| is_given(true)) {
            self.patch(course, patch, index, &path.key("patch"));
        }
        for scale in step.scale.iter().filter(|_| is_given(true)) {
            self.scale(course, scale, &path.key("scale"));
        }
        for delete in step.delete.iter().filter(|_| is_given(true)) {
            self.delete(course, delete, &path.key("delete"));
        }
        for failing in step.fail.iter().filter(|_| is_given(true)) {
            self.fail(course, failing, &path.key("fail"));
        }
        verbs += self.node_verbs(course, step, path) + self.platform_verbs(course, step, path);
        if verbs != 1 {
            let message = format!(
                "a step has exactly one verb, this one has {verbs}: create, apply, run, label, annotate, taint, \
                 cordon, uncordon, drain, setImage, rolloutRestart, patch, scale, delete, fail, setStock, setQuota, \
                 setPrice or setImageCache"
            );
            self.say(&code::DO_NOT_FIT, path, message);
        }
    }

    /// The object that `text` names, if it exists.
    fn look_up(
        &mut self,
        course: &Course<'_>,
        text: &str,
        allowed: &[ResourceKind],
        path: &JsonPath,
    ) -> Option<Key> {
        let key = self.key(text, allowed, path)?;
        if course.known.objects.contains_key(&key) {
            return Some(key);
        }
        self.not_found(course, &key, path);
        None
    }

    fn not_found(&mut self, course: &Course<'_>, key: &Key, path: &JsonPath) {
        let known = course.known.texts(key.kind);
        let help = did_you_mean(&key.text(), key.kind.plural(), known.iter().map(String::as_str));
        let message = format!("{} {:?} not found", key.kind.qualified_plural(), key.name);
        self.say_with_help(&code::UNKNOWN_NAME, path, message, help);
    }

    /// Reads `KIND/NAMESPACE/NAME` or, for what lives in no namespace, `KIND/NAME`.
    fn key(&mut self, text: &str, allowed: &[ResourceKind], path: &JsonPath) -> Option<Key> {
        let Title { kind: kind_name, namespace, name } = Title::of(text);
        let kind = ResourceKind::from_name(kind_name).filter(|kind| allowed.contains(kind));
        let Some(kind) = kind else {
            let names = allowed.iter().map(|kind| kind.singular());
            let help = did_you_mean(kind_name, "kinds", names);
            let message = format!("{kind_name:?} is no kind that this can be done to");
            self.say_with_help(&code::UNKNOWN_NAME, path, message, help);
            return None;
        };
        let form = if kind.is_namespaced() { "/NAMESPACE/NAME" } else { "/NAME" };
        match (kind.is_namespaced(), namespace) {
            (true, Some(namespace)) if !name.is_empty() => Some(Key::new(kind, namespace, name)),
            (false, None) if !name.is_empty() => Some(Key::new(kind, "", name)),
            _ => {
                let message = format!("{text:?} is written as {}{form}", kind.singular());
                self.say(&code::DO_NOT_FIT, path, message);
                None
            }
        }
    }

    fn scale(&mut self, course: &mut Course<'_>, scale: &Scaling, path: &JsonPath) {
        let allowed = [ResourceKind::Deployment, ResourceKind::ReplicaSet, ResourceKind::StatefulSet];
        let Some(key) = self.look_up(course, &scale.resource, &allowed, &path.key("resource")) else {
            return;
        };
        if i32::try_from(scale.replicas).is_err() {
            let message = format!("{} is more than the API takes, at most {}", scale.replicas, i32::MAX);
            self.say(&code::DO_NOT_FIT, &path.key("replicas"), message);
            return;
        }
        if let Held::Workload(id) = course.known.objects[&key] {
            course.act(Action::Scale(id, scale.replicas));
        }
    }

    fn delete(&mut self, course: &mut Course<'_>, deletion: &Deletion, path: &JsonPath) {
        use ResourceKind as Kind;
        let path = path.key("resource");
        let allowed = [
            Kind::Pod,
            Kind::Deployment,
            Kind::ReplicaSet,
            Kind::StatefulSet,
            Kind::DaemonSet,
            Kind::Service,
            Kind::HorizontalPodAutoscaler,
            Kind::Job,
            Kind::CronJob,
            Kind::Namespace,
            Kind::ConfigMap,
            Kind::Secret,
            Kind::SidecarSet,
            Kind::SidecarSetResourceBinding,
            Kind::PodDisruptionBudget,
        ];
        let Some(key) = self.key(&deletion.resource, &allowed, &path) else { return };
        let object = ObjectName { namespace: key.namespace.clone(), name: key.name.clone() };
        if key.kind == Kind::Pod && course.is_named_by_workload(&key) {
            course.act(Action::DeletePod(object));
            return;
        }
        let Some(held) = course.known.objects.get(&key).cloned() else {
            if let Some(owner) = course.owner_of_set(&key) {
                let message = format!("replicasets.apps {:?} belongs to {owner}", key.name);
                let help = "that a Deployment makes its ReplicaSet again is not simulated yet: delete its pods, or it";
                self.say_with_help(&code::NOT_SIMULATED_YET, &path, message, Some(help.to_owned()));
                return;
            }
            self.not_found(course, &key, &path);
            return;
        };
        match held {
            Held::Pod(_) => course.act(Action::DeletePod(object)),
            Held::Workload(id) => course.act(Action::DeleteWorkload(id)),
            Held::DaemonSet(id) => course.act(Action::DeleteDaemonSet(id)),
            Held::Job(index) => course.act(Action::DeleteJob(index)),
            Held::CronJob(index) => course.act(Action::DeleteCronJob(index)),
            Held::Autoscaler(index) => course.act(Action::DeleteAutoscaler(index)),
            Held::Service => course.act(Action::DeleteService(object)),
            Held::Kept | Held::SidecarSet(_) => course.act(Action::Remove(key.kind, object)),
            Held::Node { .. } => {}
            Held::Namespace { .. } => {
                self.delete_namespace(course, &key.name, &path);
                return;
            }
        }
        course.known.objects.remove(&key);
    }

    fn delete_namespace(&mut self, course: &mut Course<'_>, name: &str, path: &JsonPath) {
        if IMMORTAL.contains(&name) {
            let message = format!("namespaces {name:?} is forbidden: this namespace may not be deleted");
            self.say(&code::REFUSED, path, message);
            return;
        }
        let spec = &self.loaded.file.spec;
        let sources = spec.sources.iter().map(|(source, one)| ("source", source, one.namespace()));
        let traces = spec.pod_traces.iter().map(|(trace, one)| ("pod trace", trace, one.namespace()));
        if let Some((what, maker, _)) = sources.chain(traces).find(|(.., into)| *into == name) {
            let message =
                format!("the {what} {maker} creates pods in this namespace, which is to be deleted");
            self.say(&code::NOT_SIMULATED_YET, path, message);
            return;
        }
        course.act(Action::DeleteNamespace(name.to_owned()));
        course.known.remove_namespace(name);
    }

    /// Tells something about one of the objects that a step brings.
    fn say_of_object(&mut self, diagnostic: Diagnostic, step: usize, key: &Key) {
        self.say_of_field(diagnostic, step, key, &JsonPath::root().key("metadata").key("name"));
    }

    /// Tells something about a field of one of the objects that a step brings.
    fn say_of_field(&mut self, diagnostic: Diagnostic, step: usize, key: &Key, path: &JsonPath) {
        let documents = &self.loaded.timeline[step].documents;
        let is_meant = |one: &&Document| {
            // What lives in no namespace may name one all the same.
            let namespace =
                if key.kind.is_namespaced() { &key.namespace } else { one.namespace_or_default() };
            one.is(key.kind.kind(), namespace, &key.name)
        };
        let own = documents.iter().find(is_meant);
        self.diagnostics.push(diagnostic.at(own.map(|document| document.place(path, On::Value))));
    }
}
