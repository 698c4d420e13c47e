//! Objects as they wait for stock to be taken of them.

use std::sync::Arc;

use k8s_openapi::api::core::v1 as api;
use overspill_manifest::Object;
use rustc_hash::FxHashSet;

use super::{PodEntry, entry_of};
use crate::admission::priority::PriorityClasses;
use crate::object::PodSpec;
use crate::object::kubernetes::{FieldProblem, Problems, check_metadata, is_finished};

/// An object of the manifests.
///
/// A pod whose priority is written, as a server writes it, needs nothing of the other objects, and is held as what is
/// simulated of it: in a large cluster's dump nearly everything is such a pod.
#[derive(Debug)]
pub enum Stocked {
    /// An object as it was read.
    Object(Object),
    /// A pod that has been admitted.
    Pod(Box<AdmittedPod>),
}

/// A pod that has its priority.
#[derive(Debug)]
pub struct AdmittedPod {
    /// What is simulated of it, or what the API server would refuse; `None` if it has finished.
    pub(super) entry: Result<Option<PodEntry>, Vec<FieldProblem>>,
    /// What the API server would refuse in its metadata.
    pub(super) metadata: Vec<FieldProblem>,
    class: Option<ShownClass>,
}

/// The priority class that a pod shows.
#[derive(Debug)]
struct ShownClass {
    name: String,
    value: i32,
    policy: Option<String>,
}

/// What the pods of the manifests are like, each specification once.
#[derive(Debug, Default)]
pub struct Specs(FxHashSet<Arc<PodSpec>>);

impl Specs {
    fn shared(&mut self, spec: Arc<PodSpec>) -> Arc<PodSpec> {
        if let Some(known) = self.0.get(&spec) {
            return known.clone();
        }
        self.0.insert(spec.clone());
        spec
    }
}

impl Stocked {
    /// `object`, as short as it can be held; what its specification has in common with others is among `specs`.
    pub fn new(object: Object, specs: &mut Specs) -> Self {
        match object {
            Object::Pod(pod) if pod.spec.as_ref().is_some_and(|spec| spec.priority.is_some()) => {
                Self::Pod(Box::new(AdmittedPod::new(*pod, specs)))
            }
            other => Self::Object(other),
        }
    }

    /// The object as it was read; `None` for an admitted pod.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Pod(_) => None,
        }
    }

    /// Its kind, as Kubernetes calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Object(object) => object.kind(),
            Self::Pod(_) => "Pod",
        }
    }

    /// Tells `priorities` which class it shows, if it does.
    pub(super) fn teach(&self, priorities: &mut PriorityClasses) {
        match self {
            Self::Object(Object::Pod(pod)) => priorities.learn_from(pod),
            Self::Pod(pod) => {
                if let Some(class) = &pod.class {
                    priorities.learn(&class.name, class.value, class.policy.as_ref());
                }
            }
            Self::Object(_) => {}
        }
    }
}

impl AdmittedPod {
    fn new(pod: api::Pod, specs: &mut Specs) -> Self {
        let mut metadata = Problems::new();
        check_metadata(&mut metadata, &pod.metadata);
        let metadata = metadata.into_result(()).err().unwrap_or_default();
        let class = class_of(&pod);
        if is_finished(&pod) {
            return Self { entry: Ok(None), metadata, class };
        }
        let shared = |entry: PodEntry| Some(PodEntry { spec: specs.shared(entry.spec), ..entry });
        Self { entry: entry_of(pod).map(shared), metadata, class }
    }
}

fn class_of(pod: &api::Pod) -> Option<ShownClass> {
    let spec = pod.spec.as_ref()?;
    let (name, value) = (spec.priority_class_name.clone()?, spec.priority?);
    Some(ShownClass { name, value, policy: spec.preemption_policy.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::inventory::Inventory;
    use overspill_manifest::{Decoder, Source, read_documents};

    const PODS: &str = "---
{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {priority: 5, priorityClassName: shown, nodeName: n, containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {priorityClassName: shown, containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: c}, spec: {priority: 5, priorityClassName: shown, containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: d}, spec: {priority: 0, containers: [{name: c}]}, status: {phase: Succeeded}}
";

    fn objects(text: &str) -> Vec<Object> {
        let read = read_documents(&Source::new("f.yaml", text));
        let mut decoder = Decoder::new(true);
        let objects = read.documents.iter().filter_map(|one| decoder.decode(one)).collect();
        assert_eq!((read.diagnostics, decoder.finish()), (vec![], vec![]));
        objects
    }

    /// Both ways to take stock, the short one first.
    fn both(text: &str) -> [Result<Inventory, Vec<crate::scenario::inventory::ObjectProblem>>; 2] {
        let mut specs = Specs::default();
        let short: Vec<_> = objects(text).into_iter().map(|one| Stocked::new(one, &mut specs)).collect();
        let whole: Vec<_> = objects(text).into_iter().map(Stocked::Object).collect();
        [Inventory::of(&short), Inventory::of(&whole)]
    }

    #[test]
    fn admitted_pods_are_the_same_pods() {
        let [short, whole] = both(PODS).map(Result::unwrap);
        assert_eq!(format!("{:?}", short.pods), format!("{:?}", whole.pods));
        assert_eq!(short.pods.iter().map(|pod| pod.spec.priority).collect::<Vec<_>>(), [5, 5, 5]);
    }

    #[test]
    fn what_is_wrong_with_an_admitted_pod_is_told_too() {
        let wrong = PODS
            .replace("name: a}", "name: a, labels: {-: x}}")
            .replace("priority: 5, priorityClassName: shown, c", "priority: 5, restartPolicy: No, c");
        let [short, whole] = both(&wrong).map(Result::unwrap_err);
        assert_eq!(short.len(), 2);
        assert_eq!(short, whole);
    }

    #[test]
    fn pods_of_one_specification_share_it() {
        let mut specs = Specs::default();
        for object in objects(&PODS.replace("nodeName: n", "nodeName: m")) {
            let _ = Stocked::new(object, &mut specs);
        }
        assert_eq!(specs.0.len(), 1);
    }
}
