//! `create`, `apply` and `run`: objects that come, or that are changed as a whole.

use std::sync::Arc;

use overspill_manifest::{Diagnostic, JsonPath, Object, code};

use super::super::Resolver;
use super::super::known::{Held, Key, daemon_set_key, workload_key};
use super::rollout::{StatefulTemplates, Templates, is_same_template};
use super::{Course, Later};
use crate::cluster::Service;
use crate::controller::job;
use crate::id::{DaemonSetId, WorkloadId};
use crate::object::sidecar_set::SidecarContainer;
use crate::object::{Labels, PodSpec, ResourceKind, Selector, SidecarSet};
use crate::scenario::coming::Manifests;
use crate::scenario::inventory::{Job, PodEntry, TEMPLATE_HASH, Workload};
use crate::simulation::action::{Action, Kept, LabelChange, MetadataChange, ObjectName};
use crate::simulation::scenario::PodSetup;

/// Kinds that can come during a run.
const COMING: [&str; 17] = [
    "Namespace",
    "Pod",
    "Deployment",
    "StatefulSet",
    "ReplicaSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Service",
    "HorizontalPodAutoscaler",
    "PriorityClass",
    "ConfigMap",
    "Secret",
    "SidecarSet",
    "SidecarSetResourceBinding",
    "IstioGateway",
    "PodDisruptionBudget",
];

impl Resolver<'_> {
    /// The objects of a step come; with `apply`, those that exist are changed.
    pub(super) fn bring(&mut self, course: &mut Course<'_>, step: usize, later: &Later, apply: bool) {
        self.refuse_kinds(step);
        let inventory = &later.inventory;
        for (name, labels) in &inventory.namespaces {
            self.bring_namespace(course, step, (name, labels), apply);
        }
        for (namespace, name) in &inventory.service_names {
            let is_it = |one: &&Service| one.namespace == *namespace && one.name == *name;
            let service = inventory.services.iter().find(is_it);
            self.bring_service(course, step, (namespace, name), service, apply);
        }
        for kept in inventory.kept() {
            self.bring_kept(course, step, kept, apply);
        }
        for (workload, &id) in inventory.workloads.iter().zip(&later.workloads) {
            self.bring_workload(course, step, (workload, id), apply);
        }
        for &id in &later.daemon_sets {
            self.bring_daemon_set(course, step, id, apply);
        }
        let documents = &self.loaded.timeline[step].documents;
        let manifests = Manifests { documents, inventory };
        let has_autoscalers = !inventory.autoscalers.is_empty();
        let autoscalers =
            if has_autoscalers { self.autoscalers(manifests, course.workloads, false) } else { Vec::new() };
        for autoscaler in autoscalers {
            self.bring_autoscaler(course, step, autoscaler, apply);
        }
        // A Job that nobody says the duration of is not among those of the scenario: an error has told so.
        let jobs = inventory.jobs.iter().zip(later.first_job..).filter(|(job, index)| {
            course.jobs.get(*index as usize).is_some_and(|setup| setup.title == job.title())
        });
        for (job, index) in jobs {
            self.bring_job(course, step, (job, index), apply);
        }
        let cron_jobs = inventory.cron_jobs.iter().zip(later.first_cron_job..).filter(|(one, index)| {
            course.cron_jobs.get(*index as usize).is_some_and(|setup| setup.title == one.title())
        });
        for (_, index) in cron_jobs {
            self.bring_cron_job(course, step, index, apply);
        }
        for pod in &inventory.pods {
            self.bring_pod(course, step, pod, apply);
        }
    }

    fn refuse_kinds(&mut self, step: usize) {
        let brought = &self.loaded.timeline[step];
        let foreign = brought.objects.iter().filter(|one| !COMING.contains(&one.stocked.kind()));
        for one in foreign {
            let document = &brought.documents[one.document];
            let message = format!("a {} cannot come during a run yet", one.stocked.kind());
            let help = match one.object() {
                Some(Object::Node(_)) => "nodes are there from the start: write it into a manifest or a pool",
                _ => "write it into a manifest: it is there from the start then",
            };
            let path = JsonPath::root().key("kind");
            let place = document.place(&path, overspill_manifest::On::Value);
            let diagnostic = Diagnostic::new(&code::NOT_SIMULATED_YET, message);
            self.diagnostics.push(diagnostic.at(place).help(help.to_owned()));
        }
    }

    /// Whether an object can be created: its name is free, and its namespace exists.
    fn may_come(&mut self, course: &Course<'_>, step: usize, key: &Key) -> bool {
        if course.known.objects.contains_key(key) {
            let message = format!("{} {:?} already exists", key.kind.qualified_plural(), key.name);
            let help = "delete it before, or write `apply` instead of `create`".to_owned();
            self.say_of_object(Diagnostic::new(&code::REFUSED, message).help(help), step, key);
            return false;
        }
        if key.kind.is_namespaced() && !course.known.has_namespace(&key.namespace) {
            let message = format!("namespaces {:?} not found", key.namespace);
            let near = overspill_manifest::did_you_mean(
                &key.namespace,
                "namespaces",
                course.known.names(ResourceKind::Namespace),
            );
            self.say_of_object(Diagnostic::new(&code::UNKNOWN_NAME, message).help(near), step, key);
            return false;
        }
        true
    }

    fn bring_namespace(
        &mut self,
        course: &mut Course<'_>,
        step: usize,
        (name, labels): (&String, &Labels),
        apply: bool,
    ) {
        let key = Key::new(ResourceKind::Namespace, "", name);
        match course.known.objects.get_mut(&key) {
            Some(Held::Namespace { labels: known }) if apply => {
                let labels = setting(labels);
                labels.apply(known);
                course.act(Action::LabelNamespace { name: name.clone(), labels });
            }
            _ => {
                if self.may_come(course, step, &key) {
                    course.known.objects.insert(key, Held::Namespace { labels: labels.clone() });
                    course.act(Action::CreateNamespace { name: name.clone(), labels: labels.clone() });
                }
            }
        }
    }

    pub(super) fn bring_service(
        &mut self,
        course: &mut Course<'_>,
        step: usize,
        (namespace, name): (&str, &str),
        service: Option<&Service>,
        apply: bool,
    ) {
        let key = Key::new(ResourceKind::Service, namespace, name);
        let object = ObjectName { namespace: namespace.to_owned(), name: name.to_owned() };
        if apply && course.known.objects.contains_key(&key) {
            course.act(Action::ChangeService(object, service.cloned()));
        } else if self.may_come(course, step, &key) {
            course.known.objects.insert(key, Held::Service);
            course.act(Action::CreateService(object, service.cloned()));
        }
    }

    pub(super) fn bring_kept(&mut self, course: &mut Course<'_>, step: usize, kept: Kept, apply: bool) {
        let ObjectName { namespace, name } = kept.name();
        let key = Key::new(kept.kind(), &namespace, &name);
        let known = course.known.objects.get(&key).filter(|_| apply);
        if let (Some(Held::SidecarSet(old)), Kept::SidecarSet(new)) = (known, &kept)
            && let Some(name) = other_upgrade_type(old, new)
        {
            let message = format!("container {name} upgradeType is immutable");
            let help = "delete the SidecarSet before: pods get what is new when they are created".to_owned();
            let path = JsonPath::root().key("spec").key("containers");
            self.say_of_field(Diagnostic::new(&code::REFUSED, message).help(help), step, &key, &path);
            return;
        }
        if known.is_some() || self.may_come(course, step, &key) {
            course.known.objects.insert(key, Held::of(kept.clone()));
            course.act(Action::Put(kept));
        }
    }

    fn bring_workload(
        &mut self,
        course: &mut Course<'_>,
        step: usize,
        (workload, id): (&Workload, WorkloadId),
        apply: bool,
    ) {
        let key = workload_key(&course.workloads[id.index()]);
        if let Some(&Held::Workload(known)) = course.known.objects.get(&key).filter(|_| apply) {
            let is_deployment = course.deployments.contains_key(&known);
            let as_written =
                |selector: &Selector| if is_deployment { without_hash(selector) } else { selector.clone() };
            if as_written(&course.workloads[known.index()].selector) != as_written(&workload.selector) {
                self.refuse_selector(step, &key);
                return;
            }
        }
        let replicas = course.applied_replicas(&key, workload, apply);
        match course.known.objects.get(&key) {
            Some(&Held::Workload(known)) if apply && course.deployments.contains_key(&known) => {
                course.apply_deployment(known, workload, id, replicas);
            }
            Some(&Held::Workload(known)) if apply && course.stateful_sets.contains_key(&known) => {
                if let Some(message) = course.apply_stateful_set(known, (workload, id), replicas) {
                    self.say_of_object(Diagnostic::new(&code::REFUSED, message), step, &key);
                }
            }
            // A ReplicaSet's pods stay as they are; only those that come later have its new template, which is left out.
            Some(&Held::Workload(known)) if apply => {
                if !is_same_template(&course.workloads[known.index()].template, &workload.template) {
                    let message =
                        format!("{} has another pod template, which it cannot get yet", workload.title());
                    self.say_of_object(Diagnostic::new(&code::NOT_SIMULATED_YET, message), step, &key);
                } else if let Some(replicas) = replicas {
                    course.act(Action::Scale(known, replicas));
                }
            }
            _ => {
                if self.may_come(course, step, &key) {
                    course.known.objects.insert(key, Held::Workload(id));
                    course.deployments.extend(Templates::of(id, workload).map(|one| (id, one)));
                    course.stateful_sets.extend(StatefulTemplates::of(id, workload).map(|one| (id, one)));
                    course.act(Action::CreateWorkload(id));
                }
            }
        }
    }

    /// What is being applied selects other pods than what is there, which the API server never allows.
    fn refuse_selector(&mut self, step: usize, key: &Key) {
        let message =
            format!("spec.selector of {} {:?}: field is immutable", key.kind.qualified_plural(), key.name);
        let help = "delete it before, and create it again".to_owned();
        let path = JsonPath::root().key("spec").key("selector");
        self.say_of_field(Diagnostic::new(&code::REFUSED, message).help(help), step, key, &path);
    }

    fn bring_daemon_set(&mut self, course: &mut Course<'_>, step: usize, id: DaemonSetId, apply: bool) {
        let set = &course.daemon_sets[id.index()];
        let key = daemon_set_key(set);
        match course.known.objects.get(&key) {
            Some(&Held::DaemonSet(known)) if apply => {
                if course.daemon_sets[known.index()].selector != set.selector {
                    self.refuse_selector(step, &key);
                } else if course.daemon_sets[known.index()].template != set.template {
                    let message = format!(
                        "DaemonSet/{}/{} has another pod template: rolling updates of DaemonSets are not simulated yet",
                        key.namespace, key.name
                    );
                    let help = "delete it before, and create it again".to_owned();
                    let diagnostic = Diagnostic::new(&code::NOT_SIMULATED_YET, message).help(help);
                    self.say_of_object(diagnostic, step, &key);
                }
            }
            _ => {
                if self.may_come(course, step, &key) {
                    course.known.objects.insert(key, Held::DaemonSet(id));
                    course.act(Action::CreateDaemonSet(id));
                }
            }
        }
    }

    fn bring_job(&mut self, course: &mut Course<'_>, step: usize, (job, index): (&Job, u32), apply: bool) {
        let key = Key::new(ResourceKind::Job, &job.namespace, &job.name);
        match course.known.objects.get(&key) {
            Some(&Held::Job(known)) if apply => {
                let setup = &course.jobs[known as usize];
                let fixed = |spec: &job::Spec| (spec.completions, spec.indexed, spec.restarts_in_place);
                if setup.template != job.template || fixed(&setup.spec) != fixed(&job.spec) {
                    let message = "spec.completions, completionMode and template of a Job are immutable";
                    let help = "delete the Job and create it again".to_owned();
                    self.say_of_object(Diagnostic::new(&code::REFUSED, message).help(help), step, &key);
                } else {
                    course.act(Action::ChangeJob(known, job.spec));
                }
            }
            _ => {
                if self.may_come(course, step, &key) {
                    course.known.objects.insert(key, Held::Job(index));
                    course.act(Action::CreateJob(index));
                }
            }
        }
    }

    fn bring_cron_job(&mut self, course: &mut Course<'_>, step: usize, index: u32, apply: bool) {
        let setup = &course.cron_jobs[index as usize];
        let key = Key::new(ResourceKind::CronJob, &setup.job.template.namespace, &setup.name);
        match course.known.objects.get(&key) {
            Some(&Held::CronJob(known)) if apply => {
                course.act(Action::ChangeCronJob(known, Box::new(setup.clone())));
            }
            _ => {
                if self.may_come(course, step, &key) {
                    course.known.objects.insert(key, Held::CronJob(index));
                    course.act(Action::CreateCronJob(index));
                }
            }
        }
    }

    pub(super) fn bring_autoscaler(
        &mut self,
        course: &mut Course<'_>,
        step: usize,
        autoscaler: crate::simulation::scenario::AutoscalerSetup,
        apply: bool,
    ) {
        let kind = ResourceKind::HorizontalPodAutoscaler;
        let key = Key::new(kind, &autoscaler.namespace, &autoscaler.name);
        match course.known.objects.get(&key) {
            Some(&Held::Autoscaler(index)) if apply => {
                if course.autoscalers[index as usize].workload == autoscaler.workload {
                    course.act(Action::ChangeAutoscaler(index, autoscaler.spec));
                } else {
                    let message = "an autoscaler's target cannot change during a run yet";
                    self.say_of_object(Diagnostic::new(&code::NOT_SIMULATED_YET, message), step, &key);
                }
            }
            _ => {
                if self.may_come(course, step, &key) {
                    let index = course.autoscalers.len() as u32;
                    course.autoscalers.push(autoscaler);
                    course.known.objects.insert(key, Held::Autoscaler(index));
                    course.act(Action::CreateAutoscaler(index));
                }
            }
        }
    }

    fn bring_pod(&mut self, course: &mut Course<'_>, step: usize, pod: &PodEntry, apply: bool) {
        let key = Key::new(ResourceKind::Pod, &pod.spec.namespace, &pod.name);
        if let Some(Held::Pod(known)) = course.known.objects.get_mut(&key).filter(|_| apply) {
            if without_metadata(known) != without_metadata(&pod.spec) {
                let message = "pod updates may not change fields other than labels, annotations and images";
                let help = "delete the pod and create it again".to_owned();
                self.say_of_object(Diagnostic::new(&code::REFUSED, message).help(help), step, &key);
                return;
            }
            let change = MetadataChange {
                labels: setting(&pod.spec.labels),
                annotations: setting(&pod.spec.annotations),
            };
            let known = Arc::make_mut(known);
            change.labels.apply(&mut known.labels);
            change.annotations.apply(&mut known.annotations);
            let object = ObjectName { namespace: key.namespace, name: key.name };
            course.act(Action::ChangePod(object, change));
            return;
        }
        if let Some(node) = &pod.node
            && !course.known.objects.contains_key(&Key::new(ResourceKind::Node, "", node))
        {
            let names = course.known.names(ResourceKind::Node);
            let help = overspill_manifest::did_you_mean(node, "nodes", names);
            let message = format!("nodes {node:?} not found");
            self.say_of_object(Diagnostic::new(&code::UNKNOWN_NAME, message).help(help), step, &key);
            return;
        }
        if self.may_come(course, step, &key) {
            course.known.add_pod(pod);
            let (name, spec, node) = (pod.name.clone(), pod.spec.clone(), pod.node.clone());
            course.act(Action::CreatePod(Box::new(PodSetup {
                name,
                spec,
                node,
                terminating: false,
                workload: None,
                daemon_set: None,
                job: None,
            })));
        }
    }
}

/// The change that sets all of these.
fn setting(labels: &Labels) -> LabelChange {
    LabelChange(labels.0.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect())
}

/// The first container of a SidecarSet that is upgraded hot and was not before, or the other way round
/// (openkruise/kruise pkg/webhook/sidecarset/validating/sidecarset_create_update_handler.go
/// `validateSidecarContainerConflict`).
fn other_upgrade_type<'n>(old: &SidecarSet, new: &'n SidecarSet) -> Option<&'n str> {
    let is_other = |one: &&SidecarContainer| {
        let before = old.containers.iter().find(|old| old.container.name == one.container.name);
        before.is_some_and(|old| old.hot_upgrade.is_some() != one.hot_upgrade.is_some())
    };
    new.containers.iter().find(is_other).map(|one| one.container.name.as_str())
}

/// A Deployment's selector as it was written: that of its ReplicaSet has the template's hash besides.
fn without_hash(selector: &Selector) -> Selector {
    let mut written = selector.clone();
    written.requirements.retain(|one| one.key != TEMPLATE_HASH);
    written
}

fn without_metadata(spec: &PodSpec) -> PodSpec {
    PodSpec { labels: Labels::default(), annotations: Labels::default(), ..spec.clone() }
}
