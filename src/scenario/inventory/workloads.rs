//! Deployments, ReplicaSets and the others that own pods, and the autoscalers that size them.

mod autoscaler;
mod rollout;
mod stateful;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use overspill_manifest::Object;

use super::{Inventory, names};
use crate::admission::defaulting::default_pod_spec;
use crate::admission::priority::PriorityClasses;
use crate::controller::{deployment, stateful_set};
use crate::object::kubernetes::{FieldProblem, Problems, controller_of, label_selector, template_spec};
use crate::object::selector::Requirement;
use crate::object::{Owner, PodSpec, RestartPolicy, Selector, Title};

pub use autoscaler::Autoscaler;

/// The label by which a Deployment tells its ReplicaSets apart.
pub const TEMPLATE_HASH: &str = "pod-template-hash";
/// The annotation that counts a Deployment's ReplicaSets.
pub const REVISION: &str = "deployment.kubernetes.io/revision";

/// What a workload selects; default spreading counts by it.
#[derive(Clone, Debug)]
pub struct WorkloadSelector {
    /// `ReplicaSet`, `StatefulSet` or `ReplicationController`.
    pub kind: &'static str,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its selector.
    pub selector: Selector,
}

/// A ReplicaSet that keeps a number of pods, on its own or for a Deployment; or a StatefulSet.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The kind that a user scales: `Deployment`, `ReplicaSet` or `StatefulSet`.
    pub kind: &'static str,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The name of the ReplicaSet, or of the StatefulSet.
    pub replica_set: String,
    /// How many pods are wanted.
    pub replicas: u32,
    /// Whether the manifest says so, or the API server's default of 1 holds.
    pub replicas_stated: bool,
    /// Which pods are its own.
    pub selector: Selector,
    /// What its pods are like.
    pub template: PodSpec,
    /// The Deployment's ReplicaSets of other revisions: during a rollout their pods count too.
    pub other_sets: Vec<String>,
    /// How one template of a Deployment follows another; `None` for a ReplicaSet on its own.
    pub rollout: Option<deployment::Spec>,
    /// What a StatefulSet is told to do.
    pub stateful: Option<stateful_set::Spec>,
    /// The Deployment as it was written.
    pub written: Option<Box<Deployment>>,
    /// The Deployment that owns this ReplicaSet, and which revision of it this is.
    owner: Option<(String, u64)>,
}

impl Workload {
    /// `KIND/NAMESPACE/NAME`, by which scenarios and results name it.
    pub fn title(&self) -> String {
        Title { kind: self.kind, namespace: Some(&self.namespace), name: &self.name }.to_string()
    }

    /// Whether the manifests hold the ReplicaSet of this Deployment.
    pub fn is_adopted(&self) -> bool {
        self.kind == "Deployment" && self.owner.is_some()
    }

    /// Whether the Deployment makes no ReplicaSet: it is paused and has none yet.
    pub fn waits(&self) -> bool {
        self.rollout.is_some_and(|rollout| rollout.paused) && !self.is_adopted()
    }
}

pub(super) fn add(
    inventory: &mut Inventory,
    object: &Object,
    priorities: &PriorityClasses,
) -> Result<(), Vec<FieldProblem>> {
    match object {
        Object::Deployment(deployment) => {
            let workload = deployment_workload(deployment, priorities)?;
            inventory.selectors.push(selector_of(&workload));
            inventory.workloads.push(workload);
        }
        Object::ReplicaSet(set) => {
            let workload = replica_set_workload(set, priorities)?;
            inventory.selectors.push(selector_of(&workload));
            inventory.workloads.push(workload);
        }
        Object::StatefulSet(set) => {
            let workload = stateful::read(set, priorities)?;
            inventory.selectors.push(selector_of(&workload));
            inventory.workloads.push(workload);
        }
        Object::ReplicationController(controller) => {
            let labels = controller.spec.as_ref().and_then(|spec| spec.selector.clone());
            let selector = LabelSelector { match_labels: labels, ..LabelSelector::default() };
            add_selector(inventory, "ReplicationController", &controller.metadata, Some(&selector))?;
        }
        Object::HorizontalPodAutoscaler(hpa) => inventory.autoscalers.push(autoscaler::read(hpa)?),
        _ => {}
    }
    Ok(())
}

fn selector_of(workload: &Workload) -> WorkloadSelector {
    WorkloadSelector {
        kind: if workload.stateful.is_some() { "StatefulSet" } else { "ReplicaSet" },
        namespace: workload.namespace.clone(),
        name: workload.replica_set.clone(),
        selector: workload.selector.clone(),
    }
}

fn add_selector(
    inventory: &mut Inventory,
    kind: &'static str,
    metadata: &ObjectMeta,
    selector: Option<&LabelSelector>,
) -> Result<(), Vec<FieldProblem>> {
    let (namespace, name) = names(metadata);
    let selector = read_selector(selector)?;
    inventory.selectors.push(WorkloadSelector { kind, namespace, name, selector });
    Ok(())
}

pub(super) fn read_selector(selector: Option<&LabelSelector>) -> Result<Selector, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let selector =
        selector.map(|one| problems.within("spec.selector", |problems| label_selector(problems, one)));
    problems.into_result(selector.unwrap_or_default())
}

/// A template whose pods the API server has admitted.
pub(super) fn admitted(
    template: &PodTemplateSpec,
    priorities: &PriorityClasses,
) -> Result<PodTemplateSpec, Vec<FieldProblem>> {
    let mut template = template.clone();
    if let Some(spec) = &mut template.spec {
        default_pod_spec(spec);
    }
    let admission = priorities.admit(template.spec.as_mut());
    admission.map_err(|problems| problems_within("spec.template", problems))?;
    Ok(template)
}

/// Reads a pod template; its selector must select it.
pub(super) fn read_template(
    namespace: &str,
    template: &PodTemplateSpec,
    owner: Owner,
    selector: &Selector,
) -> Result<PodSpec, Vec<FieldProblem>> {
    let pod = template_spec(namespace, template, Some(owner))
        .map_err(|problems| problems_within("spec", problems))?;
    if pod.restart_policy != RestartPolicy::Always {
        let message =
            format!("{:?} must be Always here: only Jobs and bare pods end", pod.restart_policy.name());
        return Err(vec![FieldProblem { path: "spec.template.spec.restartPolicy".to_owned(), message }]);
    }
    if !selector.matches(&pod.labels) {
        let message = "`selector` does not match template `labels`".to_owned();
        return Err(vec![FieldProblem { path: "spec.template.metadata.labels".to_owned(), message }]);
    }
    Ok(pod)
}

pub(super) fn problems_within(parent: &str, problems: Vec<FieldProblem>) -> Vec<FieldProblem> {
    problems.into_iter().map(|one| FieldProblem { path: format!("{parent}.{}", one.path), ..one }).collect()
}

pub(super) fn owner(kind: &str, name: &str) -> Owner {
    Owner { api_version: "apps/v1".to_owned(), kind: kind.to_owned(), name: name.to_owned() }
}

fn replicas(given: Option<i32>) -> Result<u32, Vec<FieldProblem>> {
    u32::try_from(given.unwrap_or(1)).map_err(|_| {
        let message = "must be greater than or equal to 0".to_owned();
        vec![FieldProblem { path: "spec.replicas".to_owned(), message }]
    })
}

/// Both values, or all that is wrong with either.
fn both<A, B>(
    first: Result<A, Vec<FieldProblem>>,
    second: Result<B, Vec<FieldProblem>>,
) -> Result<(A, B), Vec<FieldProblem>> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (first, second) => Err([first.err(), second.err()].into_iter().flatten().flatten().collect()),
    }
}

/// A Deployment with the ReplicaSet that its controller makes of it.
pub fn deployment_workload(
    deployment: &Deployment,
    priorities: &PriorityClasses,
) -> Result<Workload, Vec<FieldProblem>> {
    let (namespace, name) = names(&deployment.metadata);
    let spec = deployment.spec.clone().unwrap_or_default();
    let hash = template_hash(&spec.template);
    let replica_set = format!("{name}-{hash}");
    let mut selector = read_selector(Some(&spec.selector))?;
    let owner = owner("ReplicaSet", &replica_set);
    let admitted = admitted(&spec.template, priorities)?;
    let template = read_template(&namespace, &admitted, owner, &selector);
    let (mut template, replicas) = both(template, replicas(spec.replicas))?;
    let rollout = rollout::read(&spec, replicas)?;
    template.labels.set(TEMPLATE_HASH, hash.clone());
    selector.requirements.push(Requirement::equals(TEMPLATE_HASH, &hash));
    Ok(Workload {
        kind: "Deployment",
        namespace,
        name,
        replica_set,
        replicas,
        replicas_stated: spec.replicas.is_some(),
        selector,
        template,
        other_sets: Vec::new(),
        rollout: Some(rollout),
        stateful: None,
        written: Some(Box::new(deployment.clone())),
        owner: None,
    })
}

fn replica_set_workload(
    set: &ReplicaSet,
    priorities: &PriorityClasses,
) -> Result<Workload, Vec<FieldProblem>> {
    let (namespace, name) = names(&set.metadata);
    let spec = set.spec.clone().unwrap_or_default();
    let selector = read_selector(Some(&spec.selector))?;
    let template = match &spec.template {
        Some(template) => {
            let admitted = match admitted(template, priorities) {
                // A set that was scaled to nothing, as every old revision is, may name a class that is long gone.
                Err(_) if spec.replicas == Some(0) => template.clone(),
                result => result?,
            };
            read_template(&namespace, &admitted, owner("ReplicaSet", &name), &selector)?
        }
        None => PodSpec::empty(&namespace),
    };
    let deployment = controller_of(&set.metadata).filter(|owner| owner.kind == "Deployment");
    let revision =
        set.metadata.annotations.as_ref().and_then(|all| all.get(REVISION)?.parse().ok()).unwrap_or(0);
    Ok(Workload {
        kind: "ReplicaSet",
        replica_set: name.clone(),
        replicas: replicas(spec.replicas)?,
        replicas_stated: spec.replicas.is_some(),
        other_sets: Vec::new(),
        rollout: None,
        stateful: None,
        written: None,
        owner: deployment.map(|owner| (owner.name, revision)),
        namespace,
        name,
        selector,
        template,
    })
}

/// Deployments whose ReplicaSets stand in the manifests take over the newest of them; the older ones keep their
/// selectors and make no pods.
pub(super) fn adopt(inventory: &mut Inventory) {
    let (owned, mut kept): (Vec<_>, Vec<_>) =
        std::mem::take(&mut inventory.workloads).into_iter().partition(|workload| workload.owner.is_some());
    for set in owned {
        let Some((name, revision)) = &set.owner else { continue };
        let deployment = kept
            .iter_mut()
            .find(|one| one.kind == "Deployment" && one.namespace == set.namespace && one.name == *name);
        match deployment {
            Some(deployment) if deployment.owner.as_ref().is_none_or(|(_, newest)| newest < revision) => {
                if deployment.owner.is_some() {
                    deployment.other_sets.push(deployment.replica_set.clone());
                }
                deployment.owner = Some((name.clone(), *revision));
                deployment.replica_set.clone_from(&set.replica_set);
                deployment.selector = set.selector;
                deployment.template = set.template;
            }
            Some(deployment) => deployment.other_sets.push(set.replica_set),
            None => kept.push(set),
        }
    }
    inventory.workloads = kept;
}

/// Ten characters that stand for a template, in the alphabet of upstream's `SafeEncodeString`. Upstream hashes a
/// memory dump of Go, which cannot be repeated; this is FNV-1a over the template's JSON.
pub(super) fn template_hash(template: &PodTemplateSpec) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let text = serde_json::to_string(template).expect("a template that was read can be written");
    let hash =
        text.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let digits = hash.to_string();
    digits.bytes().map(|digit| ALPHABET[usize::from(digit) % ALPHABET.len()] as char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_tells_templates_apart_and_stays() {
        let mut template = PodTemplateSpec::default();
        let before = template_hash(&template);
        assert_eq!(before, template_hash(&template));
        template.metadata = Some(ObjectMeta {
            labels: Some(crate::object::Labels::from_iter([("a", "b")]).0),
            ..Default::default()
        });
        assert_ne!(before, template_hash(&template));
    }
}
