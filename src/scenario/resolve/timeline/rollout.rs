//! `apply`, `setImage` and `rolloutRestart` of Deployments: new templates, which start rollouts.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Container;
use overspill_manifest::{JsonPath, code, did_you_mean};

use super::Course;
use crate::admission::priority::PriorityClasses;
use crate::controller::deployment;
use crate::controller::stateful_set::{REVISION_LABEL, Spec};
use crate::id::WorkloadId;
use crate::object::{PodSpec, ResourceKind};
use crate::scenario::file::{ImageSetting, Restarting};
use crate::scenario::inventory::{TEMPLATE_HASH, Workload, deployment_workload, priority_classes};
use crate::scenario::resolve::Resolver;
use crate::scenario::resolve::known::{Held, Key};
use crate::scenario::resolve::population::add_workload;
use crate::simulation::action::Action;

/// Every container, to `kubectl set image`.
const ALL: &str = "*";

/// The annotation of a template by which it is restarted.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// The templates that a Deployment has had since it was created.
pub(super) struct Templates {
    /// The workloads that stand for them.
    all: Vec<WorkloadId>,
    /// The one that it has now.
    present: WorkloadId,
    /// How they follow each other.
    rollout: deployment::Spec,
    /// The Deployment as it was written last.
    pub(super) written: Box<Deployment>,
}

impl Templates {
    /// Those of a Deployment that is new; `None` for anything else.
    pub(super) fn of(id: WorkloadId, workload: &Workload) -> Option<Self> {
        Some(Self {
            all: vec![id],
            present: id,
            rollout: workload.rollout?,
            written: workload.written.clone()?,
        })
    }
}

/// The templates that a StatefulSet has had since it was created.
pub(super) struct StatefulTemplates {
    /// The workloads that stand for them.
    all: Vec<WorkloadId>,
    /// The one that it has now.
    present: WorkloadId,
    /// What else it is told.
    spec: Spec,
}

impl StatefulTemplates {
    /// Those of a StatefulSet that is new; `None` for anything else.
    pub(super) fn of(id: WorkloadId, workload: &Workload) -> Option<Self> {
        Some(Self { all: vec![id], present: id, spec: workload.stateful? })
    }
}

/// Whether two templates differ in nothing but what the Deployment's controller writes into them (`EqualIgnoreHash`,
/// pkg/controller/deployment/util/deployment_util.go).
pub(super) fn is_same_template(one: &PodSpec, other: &PodSpec) -> bool {
    let plain = |template: &PodSpec| {
        let mut template = PodSpec { owner: None, ..template.clone() };
        template.labels.0.remove(TEMPLATE_HASH);
        template.labels.0.remove(REVISION_LABEL);
        template
    };
    plain(one) == plain(other)
}

impl Course<'_> {
    /// How many pods a manifest gives to a workload, which it is applied to or creates; `None` if as many as there are.
    /// kubectl takes back what the manifest that was applied before has said, so that the API server's default holds:
    /// without that, whoever else has scaled the workload is left alone. What was created was not applied.
    pub(super) fn applied_replicas(&mut self, key: &Key, workload: &Workload, apply: bool) -> Option<u32> {
        let was_stated = self.sized.remove(key);
        if apply && workload.replicas_stated {
            self.sized.insert(key.clone());
        }
        (workload.replicas_stated || was_stated).then_some(workload.replicas)
    }

    /// A Deployment is written anew, as `workload` has it, which is one of the scenario's by the number `id`, with so many
    /// pods or as many as it has.
    pub(super) fn apply_deployment(
        &mut self,
        known: WorkloadId,
        workload: &Workload,
        id: WorkloadId,
        replicas: Option<u32>,
    ) {
        let templates = self.deployments.get_mut(&known).expect("a Deployment that is changed is there");
        let same =
            |id: &WorkloadId| is_same_template(&self.workloads[id.index()].template, &workload.template);
        let earlier = templates.all.iter().copied().find(same);
        let rollout = workload.rollout.expect("a Deployment says how it is rolled out");
        let was = deployment::Spec { replicas: rollout.replicas, ..templates.rollout };
        templates.written.clone_from(workload.written.as_ref().expect("a Deployment was written"));
        if earlier == Some(templates.present) && was == rollout {
            if let Some(replicas) = replicas {
                self.act(Action::Scale(known, replicas));
            }
            return;
        }
        let template = earlier.unwrap_or(id);
        if earlier.is_none() {
            templates.all.push(id);
        }
        templates.present = template;
        templates.rollout = rollout;
        self.act(Action::RollOut { template, replicas, rollout });
    }
}

impl Course<'_> {
    /// A StatefulSet is written anew, as `workload` has it; what the API server has against that, if anything
    /// (pkg/apis/apps/validation/validation.go `ValidateStatefulSetUpdate`).
    pub(super) fn apply_stateful_set(
        &mut self,
        known: WorkloadId,
        (workload, id): (&Workload, WorkloadId),
        replicas: Option<u32>,
    ) -> Option<String> {
        let templates = self.stateful_sets.get_mut(&known)?;
        let spec = workload.stateful?;
        if templates.spec.parallel != spec.parallel {
            let message = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
                           'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and \
                           'minReadySeconds' are forbidden";
            return Some(message.to_owned());
        }
        let same =
            |id: &WorkloadId| is_same_template(&self.workloads[id.index()].template, &workload.template);
        let earlier = templates.all.iter().copied().find(same);
        let was = Spec { replicas: spec.replicas, ..templates.spec };
        if earlier == Some(templates.present) && was == spec {
            if let Some(replicas) = replicas {
                self.act(Action::Scale(known, replicas));
            }
            return None;
        }
        let template = earlier.unwrap_or(id);
        if earlier.is_none() {
            templates.all.push(id);
        }
        templates.present = template;
        templates.spec = spec;
        self.act(Action::UpdateStatefulSet { template, replicas, spec });
        None
    }
}

impl Resolver<'_> {
    pub(super) fn set_image(
        &mut self,
        course: &mut Course<'_>,
        setting: &ImageSetting,
        step: usize,
        path: &JsonPath,
    ) {
        let resource = path.key("resource");
        let Some(key) = self.look_up(course, &setting.resource, &[ResourceKind::Deployment], &resource)
        else {
            return;
        };
        let Held::Workload(known) = course.known.objects[&key] else { return };
        let Some(templates) = course.deployments.get(&known) else { return };
        if setting.images.is_empty() {
            self.say(&code::WRONG_VALUE, &path.key("images"), "at least one image update is required");
            return;
        }
        let mut written = templates.written.clone();
        for (name, image) in &setting.images {
            let names: Vec<_> = containers(&mut written).map(|one| one.name.clone()).collect();
            if *name != ALL && !names.contains(name) {
                let help = did_you_mean(name, "containers", names.iter().map(String::as_str));
                let message = format!("unable to find container named {name:?}");
                self.say_with_help(&code::UNKNOWN_NAME, &path.key("images").key(name), message, help);
            }
            let is_meant = |one: &&mut Container| name == ALL || one.name == *name;
            for container in containers(&mut written).filter(is_meant) {
                container.image = Some(image.clone());
            }
        }
        self.rewrite(course, known, written, false, step, &path.key("images"));
    }

    /// `kubectl rollout restart` (staging/src/k8s.io/kubectl/pkg/polymorphichelpers/objectrestarter.go): a template with
    /// another annotation is another template. A StatefulSet belongs here as soon as one makes pods.
    pub(super) fn restart(
        &mut self,
        course: &mut Course<'_>,
        restart: &Restarting,
        step: usize,
        path: &JsonPath,
    ) {
        let path = path.key("resource");
        let allowed = [ResourceKind::Deployment, ResourceKind::DaemonSet];
        let Some(key) = self.look_up(course, &restart.resource, &allowed, &path) else { return };
        let Held::Workload(known) = course.known.objects[&key] else {
            let message = "rolling updates of DaemonSets are not simulated yet";
            let help = "delete its pods, which it makes again".to_owned();
            self.say_with_help(&code::NOT_SIMULATED_YET, &path, message, Some(help));
            return;
        };
        let Some(templates) = course.deployments.get(&known) else { return };
        if templates.rollout.paused {
            let message = "can't restart paused deployment (run rollout resume first)";
            let help = "apply it before without `paused`".to_owned();
            self.say_with_help(&code::REFUSED, &path, message, Some(help));
            return;
        }
        let mut written = templates.written.clone();
        let spec = written.spec.get_or_insert_default();
        let annotations = spec.template.metadata.get_or_insert_default().annotations.get_or_insert_default();
        let now = course.now.rfc_3339();
        if annotations.insert(RESTARTED_AT.to_owned(), now.clone()) == Some(now) {
            let message = "if restart has already been triggered within the past second, please wait before attempting to \
                           trigger another";
            self.say(&code::REFUSED, &path, message);
            return;
        }
        self.rewrite(course, known, written, false, step, &path);
    }

    /// A Deployment that exists gets what `written` says, replicas only if it `is_sized`.
    pub(super) fn rewrite(
        &mut self,
        course: &mut Course<'_>,
        known: WorkloadId,
        mut written: Box<Deployment>,
        is_sized: bool,
        step: usize,
        path: &JsonPath,
    ) {
        let replicas = written.spec.as_ref().and_then(|spec| spec.replicas);
        if let Some(spec) = written.spec.as_mut().filter(|_| !is_sized) {
            // They stay what they are: an autoscaler or a user may have changed them.
            spec.replicas = None;
        }
        let workload = match deployment_workload(&written, &self.priorities_at(step)) {
            Ok(workload) => workload,
            Err(problems) => {
                for problem in problems {
                    self.say(&code::REFUSED, path, problem.to_string());
                }
                return;
            }
        };
        let id = WorkloadId(course.workloads.len() as u32);
        add_workload(course.workloads, &workload, false);
        let sized = workload.replicas;
        course.apply_deployment(known, &workload, id, is_sized.then_some(sized));
        if let Some(templates) = course.deployments.get_mut(&known) {
            templates.written.spec.get_or_insert_default().replicas = replicas;
        }
    }

    /// The priority classes that there are at a step.
    pub(super) fn priorities_at(&self, step: usize) -> PriorityClasses {
        let at = &self.loaded.file.spec.timeline[step].at;
        let steps = self.loaded.file.spec.timeline.iter().zip(&self.loaded.timeline);
        let earlier = steps.filter(|(other, _)| other.at <= *at).flat_map(|(_, one)| &one.objects);
        let objects: Vec<_> = self.loaded.objects.iter().chain(earlier).map(|one| &one.stocked).collect();
        priority_classes(objects.iter().copied())
    }
}

/// The containers of a Deployment's template, init containers first.
fn containers(deployment: &mut Deployment) -> impl Iterator<Item = &mut Container> {
    let spec = deployment.spec.as_mut().and_then(|spec| spec.template.spec.as_mut());
    spec.into_iter().flat_map(|spec| spec.init_containers.iter_mut().flatten().chain(&mut spec.containers))
}
