//! `patch`: an object as it is by then, with some of its fields changed, takes the way of one that is applied.

use indexmap::IndexMap;
use k8s_openapi::api::apps::v1::Deployment;
use overspill_manifest::{Decoder, Diagnostic, Document, JsonPath, Object, code, read_inline};
use serde_json::{Value, json};

use super::super::known::{Held, Key};
use super::super::{Resolver, concerns};
use super::Course;
use crate::id::WorkloadId;
use crate::object::kubernetes::node_spec;
use crate::object::names::{wrong_annotation_key, wrong_label};
use crate::object::{Effect, Labels, NodeClass, ResourceKind};
use crate::scenario::coming::Manifests;
use crate::scenario::file::Patching;
use crate::scenario::inventory::{Inventory, Specs, Stocked};
use crate::scenario::patch::PatchType;
use crate::scenario::read::LoadedObject;
use crate::scenario::stock::take_later_stock;
use crate::scenario::unmodelled::unmodelled;
use crate::simulation::action::{Action, LabelChange, MetadataChange, ObjectName};

/// Kinds that can be patched.
const PATCHED: [ResourceKind; 8] = [
    ResourceKind::Deployment,
    ResourceKind::HorizontalPodAutoscaler,
    ResourceKind::Service,
    ResourceKind::Node,
    ResourceKind::Namespace,
    ResourceKind::Pod,
    ResourceKind::PodDisruptionBudget,
    ResourceKind::ConfigMap,
];

/// A patch under way.
struct Patched<'p> {
    key: &'p Key,
    step: usize,
    patch: &'p Patching,
    /// Where the patch is written.
    path: JsonPath,
    old: Value,
    new: Value,
}

impl Resolver<'_> {
    pub(super) fn patch(&mut self, course: &mut Course<'_>, patch: &Patching, step: usize, path: &JsonPath) {
        let resource = path.key("resource");
        let Some(key) = self.key(&patch.resource, &PATCHED, &resource) else { return };
        let path = path.key("patch");
        if course.is_named_by_workload(&key)
            && !course.known.objects.contains_key(&key)
            && key.kind == ResourceKind::Pod
        {
            self.patch_unknown_pod(course, &key, patch, &path);
            return;
        }
        if !course.known.objects.contains_key(&key) {
            self.not_found(course, &key, &resource);
            return;
        }
        let Some(old) = self.as_it_is(course, &key, step) else {
            let message =
                format!("what {} is made of stands in no manifest: it cannot be patched yet", key.text());
            self.say(&code::NOT_SIMULATED_YET, &resource, message);
            return;
        };
        let new = match patch.r#type.apply(&old, &patch.patch) {
            Ok(new) => new,
            Err(why) => {
                self.say(&code::REFUSED, &path, why);
                return;
            }
        };
        let name = |value: &Value| value.pointer("/metadata/name").cloned();
        if name(&new) != name(&old) {
            let new = name(&new).and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
            let message =
                format!("the name of the object ({new}) does not match the name on the URL ({})", key.name);
            self.say(&code::REFUSED, &path, message);
            return;
        }
        let told = self.diagnostics.len();
        let patched = Patched { key: &key, step, patch, path: path.clone(), old, new };
        self.take_over(course, &patched);
        // What comes of applying the whole is told where the patch is written.
        let place = self.loaded.locator.value(&path);
        for diagnostic in self.diagnostics[told..].iter_mut().filter(|one| one.place.is_none()) {
            diagnostic.place = Some(place.clone());
        }
    }

    /// An object as the API server has it by now.
    fn as_it_is(&self, course: &Course<'_>, key: &Key, step: usize) -> Option<Value> {
        let metadata = |labels: &Labels, annotations: Option<&Labels>| {
            let mut metadata = json!({ "name": key.name, "labels": labels.0 });
            if let Some(annotations) = annotations {
                metadata["annotations"] = json!(annotations.0);
            }
            metadata
        };
        match course.known.objects.get(key)? {
            Held::Workload(id) => Some(with_defaults(&course.deployments.get(id)?.written)),
            Held::Node { labels, annotations, taints, unschedulable, .. } => {
                let taint = |one: &crate::object::Taint| json!({ "key": one.key, "value": one.value, "effect": format!("{:?}", one.effect) });
                let spec = json!({ "taints": taints.iter().map(taint).collect::<Vec<_>>(), "unschedulable": unschedulable });
                let metadata = metadata(labels, Some(annotations));
                Some(json!({ "apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec }))
            }
            Held::Namespace { labels } => {
                Some(json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata(labels, None) }))
            }
            Held::Pod(spec) => {
                let metadata = metadata(&spec.labels, Some(&spec.annotations));
                Some(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata }))
            }
            _ => course.patched.get(key).cloned().or_else(|| self.written_last(key, step)),
        }
    }

    /// What was written last of an object before a step.
    fn written_last(&self, key: &Key, step: usize) -> Option<Value> {
        let is_it = |one: &&Document| {
            let namespace =
                if key.kind.is_namespaced() { &key.namespace } else { one.namespace_or_default() };
            one.is(key.kind.kind(), namespace, &key.name)
        };
        let steps = &self.loaded.file.spec.timeline;
        let mut earlier: Vec<_> =
            (0..steps.len()).filter(|&one| (steps[one].at, one) < (steps[step].at, step)).collect();
        earlier.sort_by_key(|&one| (steps[one].at, one));
        let later = earlier.iter().rev().flat_map(|&one| &self.loaded.timeline[one].documents);
        let mut all = later.chain(&self.loaded.documents);
        all.find(is_it).map(|document| document.value().into_owned())
    }

    fn take_over(&mut self, course: &mut Course<'_>, patched: &Patched<'_>) {
        let origin = self.loaded.locator.within(&patched.path);
        let read = read_inline(patched.new.clone(), &origin);
        let mut decoder = Decoder::new(false);
        let object = read.documents.first().and_then(|document| decoder.decode(document));
        let wrong = decoder.finish();
        let is_read = !wrong.iter().any(Diagnostic::is_error);
        self.diagnostics.extend(read.diagnostics.into_iter().chain(wrong));
        let Some(object) = object.filter(|_| is_read) else { return };
        let is_new = |one: &Diagnostic| {
            let place = one.place.as_ref();
            place.is_none_or(|place| place.path.get(&patched.old) != place.path.get(&patched.new))
        };
        let untold = unmodelled(&read.documents, &concerns(self.loaded));
        self.diagnostics.extend(untold.into_iter().filter(is_new));
        self.patched.extend(read.documents.first().map(|document| (course.now, document.clone())));
        match object {
            Object::Deployment(deployment) => self.patch_deployment(course, patched, deployment),
            Object::Node(node) => match node_spec(&node) {
                Ok(node) => self.patch_node(course, patched, &node),
                Err(problems) => {
                    for problem in problems {
                        self.say(&code::REFUSED, &patched.path, problem.to_string());
                    }
                }
            },
            Object::Namespace(_) | Object::Pod(_) => self.patch_metadata(course, patched),
            other => {
                let loaded =
                    LoadedObject { stocked: Stocked::new(other, &mut Specs::default()), document: 0 };
                let priorities = self.priorities_at(patched.step);
                match take_later_stock(&read.documents, &[loaded], &priorities) {
                    Ok(inventory) => {
                        self.bring_patched(course, patched.step, &read.documents, &inventory);
                        course.patched.insert(patched.key.clone(), patched.new.clone());
                    }
                    Err(problems) => self.diagnostics.extend(problems),
                }
            }
        }
    }

    /// A Service, a budget, a ConfigMap or an autoscaler, as it is from now on.
    fn bring_patched(
        &mut self,
        course: &mut Course<'_>,
        step: usize,
        documents: &[Document],
        inventory: &Inventory,
    ) {
        for (namespace, name) in &inventory.service_names {
            self.bring_service(course, step, (namespace, name), inventory.services.first(), true);
        }
        for kept in inventory.kept() {
            self.bring_kept(course, step, kept, true);
        }
        if !inventory.autoscalers.is_empty() {
            let manifests = Manifests { documents, inventory };
            for autoscaler in self.autoscalers(manifests, course.workloads, false) {
                self.bring_autoscaler(course, step, autoscaler, true);
            }
        }
    }

    fn patch_deployment(
        &mut self,
        course: &mut Course<'_>,
        patched: &Patched<'_>,
        deployment: Box<Deployment>,
    ) {
        let Held::Workload(known) = course.known.objects[patched.key] else { return };
        let known: WorkloadId = known;
        let selector = |value: &Value| value.pointer("/spec/selector").cloned();
        if selector(&patched.old) != selector(&patched.new) {
            let message = format!(
                "spec.selector of {} {:?}: field is immutable",
                patched.key.kind.qualified_plural(),
                patched.key.name
            );
            self.say(&code::REFUSED, &patched.path, message);
            return;
        }
        let is_sized = patched.patch.r#type.concerns(&patched.patch.patch, &["spec", "replicas"]);
        self.rewrite(course, known, deployment, is_sized, patched.step, &patched.path);
    }

    fn patch_node(&mut self, course: &mut Course<'_>, patched: &Patched<'_>, node: &crate::object::NodeSpec) {
        let mut others = [patched.old.clone(), patched.new.clone()];
        for value in &mut others {
            value["spec"]["taints"].take();
            value["spec"]["unschedulable"].take();
            value["metadata"].take();
        }
        if others[0] != others[1] {
            self.say(
                &code::REFUSED,
                &patched.path,
                "node updates may only change labels, taints, or capacity",
            );
            return;
        }
        let Some(Held::Node { class, taints, unschedulable, .. }) = course.known.objects.get_mut(patched.key)
        else {
            return;
        };
        let changes_taints = *taints != node.taints;
        let is_cordoned = *unschedulable != node.unschedulable;
        if *class == NodeClass::Virtual
            && (changes_taints || patched.old["metadata"] != patched.new["metadata"])
        {
            self.refuse_virtual(&patched.path, "labels, annotations or taints");
            return;
        }
        if changes_taints && node.taints.iter().any(|taint| taint.effect == Effect::NoExecute) {
            let message = "evictions by a NoExecute taint are not simulated yet";
            self.say(&code::NOT_SIMULATED_YET, &patched.path, message);
            return;
        }
        if changes_taints {
            taints.clone_from(&node.taints);
            course.act(Action::Taint { node: patched.key.name.clone(), taints: node.taints.clone() });
        }
        if is_cordoned {
            course.cordon(patched.key, node.unschedulable);
            let node = Action::Cordon { node: patched.key.name.clone(), unschedulable: node.unschedulable };
            course.act(node);
        }
        self.patch_metadata(course, patched);
    }

    /// The labels and annotations of a node, a pod or a namespace.
    fn patch_metadata(&mut self, course: &mut Course<'_>, patched: &Patched<'_>) {
        if patched.key.kind != ResourceKind::Node && patched.old.get("spec") != patched.new.get("spec") {
            let message = format!("{} updates may not change its specification", patched.key.kind.singular());
            let help = "only labels and annotations of it can be patched".to_owned();
            self.say_with_help(&code::REFUSED, &patched.path, message, Some(help));
            return;
        }
        let wanted = |field: &str| changes(&patched.old, &patched.new, &format!("/metadata/{field}"));
        let change = MetadataTexts { labels: wanted("labels"), annotations: wanted("annotations") };
        self.change_metadata(course, patched.key, &change, &patched.path);
    }

    /// A pod that a workload will have made: what it has is known only when the run has come there.
    fn patch_unknown_pod(&mut self, course: &mut Course<'_>, key: &Key, patch: &Patching, path: &JsonPath) {
        let is_metadata =
            |value: &Value| value.as_object().is_some_and(|map| map.keys().all(|key| key == "metadata"));
        if patch.r#type == PatchType::Json || !is_metadata(&patch.patch) {
            let message =
                "of a pod that a workload makes only labels and annotations can be patched, by a merge patch";
            self.say(&code::NOT_SIMULATED_YET, path, message);
            return;
        }
        let nothing = json!({});
        let wanted = |field: &str| {
            let pointer = format!("/metadata/{field}");
            let given = patch.patch.pointer(&pointer).and_then(Value::as_object);
            let removed = given.into_iter().flatten().filter(|(_, value)| value.is_null());
            let mut all = changes(&nothing, &patch.patch, &pointer);
            all.extend(removed.map(|(key, _)| (key.clone(), None)));
            all
        };
        let change = MetadataTexts { labels: wanted("labels"), annotations: wanted("annotations") };
        self.change_metadata(course, key, &change, path);
    }

    fn change_metadata(
        &mut self,
        course: &mut Course<'_>,
        key: &Key,
        wanted: &MetadataTexts,
        path: &JsonPath,
    ) {
        if wanted.labels.is_empty() && wanted.annotations.is_empty() {
            return;
        }
        let path = path.key("metadata");
        let (mut no_labels, mut no_annotations) = (Labels::default(), Labels::default());
        let (labels, annotations) = match course.known.objects.get_mut(key) {
            Some(Held::Namespace { labels }) => (labels, &mut no_annotations),
            Some(Held::Node { labels, annotations, .. }) => (labels, annotations),
            Some(Held::Pod(spec)) => {
                let spec = std::sync::Arc::make_mut(spec);
                (&mut spec.labels, &mut spec.annotations)
            }
            _ => (&mut no_labels, &mut no_annotations),
        };
        let change = MetadataChange {
            labels: self.change(labels, &wanted.labels, (true, wrong_label), &path.key("labels")),
            annotations: self.change(
                annotations,
                &wanted.annotations,
                (true, |key, _| wrong_annotation_key(key)),
                &path.key("annotations"),
            ),
        };
        let known = labels.clone();
        self.doubt_labels(key.kind, &known, &wanted.labels, &path.key("labels"));
        if change.labels != LabelChange::default() || change.annotations != LabelChange::default() {
            let name = key.name.clone();
            course.act(match key.kind {
                ResourceKind::Namespace => Action::LabelNamespace { name, labels: change.labels },
                ResourceKind::Node => Action::ChangeNode(name, change),
                _ => Action::ChangePod(ObjectName { namespace: key.namespace.clone(), name }, change),
            });
        }
    }
}

/// New labels and annotations as texts; `None` takes one away.
struct MetadataTexts {
    labels: IndexMap<String, Option<String>>,
    annotations: IndexMap<String, Option<String>>,
}

/// What differs between two maps of texts.
fn changes(old: &Value, new: &Value, pointer: &str) -> IndexMap<String, Option<String>> {
    let texts = |value: &Value| -> IndexMap<String, String> {
        let map = value.pointer(pointer).and_then(Value::as_object);
        map.into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect()
    };
    let (old, new) = (texts(old), texts(new));
    let gone = old.keys().filter(|key| !new.contains_key(*key)).map(|key| (key.clone(), None));
    let set = new.iter().filter(|(key, value)| old.get(*key) != Some(*value));
    gone.chain(set.map(|(key, value)| (key.clone(), Some(value.clone())))).collect()
}

/// A Deployment with what the API server fills in and a patch may meet (pkg/apis/apps/v1/defaults.go
/// `SetDefaults_Deployment`).
fn with_defaults(deployment: &Deployment) -> Value {
    let mut value = serde_json::to_value(deployment).expect("a Deployment that was read can be written");
    let spec = &mut value["spec"];
    if spec["replicas"].is_null() {
        spec["replicas"] = 1.into();
    }
    if spec["strategy"]["type"].is_null() {
        spec["strategy"]["type"] = "RollingUpdate".into();
    }
    if spec["strategy"]["type"] == "RollingUpdate" {
        for bound in ["maxSurge", "maxUnavailable"] {
            if spec["strategy"]["rollingUpdate"][bound].is_null() {
                spec["strategy"]["rollingUpdate"][bound] = "25%".into();
            }
        }
    }
    value
}
