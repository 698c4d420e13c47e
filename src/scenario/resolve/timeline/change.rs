//! `label`, `annotate` and `taint`: small changes of objects that exist.

use std::sync::Arc;

use indexmap::IndexMap;
use overspill_manifest::{JsonPath, code};

use super::super::Resolver;
use super::super::known::{Held, Key};
use super::super::mesh::unserved;
use super::Course;
use crate::admission::eci_routing::ECI_LABEL;
use crate::admission::istio::DEFAULT_REVISION;
use crate::object::kubernetes::taint_from_text;
use crate::object::names::{wrong_annotation_key, wrong_label};
use crate::object::{Labels, NodeClass, ResourceKind, Taint};
use crate::scenario::file::{Annotating, Labelling, Tainting};
use crate::scenario::outlook::doubtful_namespace_label;
use crate::scenario::outlook::keys::{Holder, doubt};
use crate::simulation::action::{Action, LabelChange, MetadataChange, ObjectName};

/// What the API server has against a key and its value.
pub(super) type Check = fn(&str, &str) -> Option<String>;

impl Resolver<'_> {
    pub(super) fn label(&mut self, course: &mut Course<'_>, label: &Labelling, path: &JsonPath) {
        let allowed = [ResourceKind::Namespace, ResourceKind::Pod, ResourceKind::Node];
        let Some(key) = self.look_up(course, &label.resource, &allowed, &path.key("resource")) else {
            return;
        };
        let held = course.known.objects.get_mut(&key).expect("it was looked up");
        let known = match held {
            Held::Namespace { labels } | Held::Node { class: NodeClass::Ecs, labels, .. } => labels,
            Held::Pod(spec) => &mut Arc::make_mut(spec).labels,
            _ => {
                self.refuse_virtual(&path.key("resource"), "labels");
                return;
            }
        };
        let change = self.change(known, &label.labels, (label.overwrite, wrong_label), &path.key("labels"));
        let known = known.clone();
        self.doubt_labels(key.kind, &known, &label.labels, &path.key("labels"));
        course.act(match key.kind {
            ResourceKind::Namespace => Action::LabelNamespace { name: key.name, labels: change },
            ResourceKind::Node => {
                Action::ChangeNode(key.name, MetadataChange { labels: change, ..Default::default() })
            }
            _ => Action::ChangePod(object(key), MetadataChange { labels: change, ..Default::default() }),
        });
    }

    pub(super) fn annotate(&mut self, course: &mut Course<'_>, annotate: &Annotating, path: &JsonPath) {
        let allowed = [ResourceKind::Pod, ResourceKind::Node];
        let resource = path.key("resource");
        let Some(key) = self.key(&annotate.resource, &allowed, &resource) else { return };
        let mut unknown = Labels::default();
        let is_made_up = course.is_named_by_workload(&key);
        let known = match course.known.objects.get_mut(&key) {
            Some(Held::Node { class: NodeClass::Ecs, annotations, .. }) => annotations,
            Some(Held::Pod(spec)) => &mut Arc::make_mut(spec).annotations,
            Some(_) => {
                self.refuse_virtual(&resource, "annotations");
                return;
            }
            // What annotations such a pod has is known only when the run has come there.
            None if is_made_up => &mut unknown,
            None => {
                self.not_found(course, &key, &resource);
                return;
            }
        };
        let path = path.key("annotations");
        let annotations = self.change(
            known,
            &annotate.annotations,
            (annotate.overwrite, |key, _| wrong_annotation_key(key)),
            &path,
        );
        let change = MetadataChange { annotations, ..MetadataChange::default() };
        course.act(match key.kind {
            ResourceKind::Node => Action::ChangeNode(key.name, change),
            _ => Action::ChangePod(object(key), change),
        });
    }

    /// Warns of labels that do not do what they look like; `known` are all that the object has by then.
    pub(super) fn doubt_labels(
        &mut self,
        kind: ResourceKind,
        known: &Labels,
        given: &IndexMap<String, Option<String>>,
        path: &JsonPath,
    ) {
        for (key, value) in given.iter().filter_map(|(key, value)| Some((key, value.as_ref()?))) {
            let doubtful = match kind {
                ResourceKind::Namespace => doubtful_namespace_label(key, value),
                ResourceKind::Pod if key == ECI_LABEL => Some((
                    format!("`{key}` has no effect on a pod that is there: labels send new pods only"),
                    "label its namespace before, or create it with the label".to_owned(),
                )),
                ResourceKind::Pod => doubt(Holder::PodLabel, key),
                _ => None,
            };
            if let Some((message, help)) = doubtful {
                self.say_with_help(&code::WITHOUT_EFFECT, &path.key(key), message, Some(help));
            }
        }
        let mesh = self.loaded.file.spec.mesh.as_ref().filter(|_| kind == ResourceKind::Namespace);
        let revision = mesh.map(|mesh| mesh.revision.as_deref().unwrap_or(DEFAULT_REVISION));
        let doubtful = revision.and_then(|revision| unserved(|label| known.get(label), revision));
        if let Some((label, message)) = doubtful.filter(|(label, _)| given.contains_key(*label)) {
            self.say(&code::WITHOUT_EFFECT, &path.key(label), message);
        }
    }

    /// Carries a change of labels or annotations out, as far as kubectl would (kubectl/pkg/cmd/label/label.go
    /// `validateNoOverwrites`).
    pub(super) fn change(
        &mut self,
        known: &mut Labels,
        wanted: &IndexMap<String, Option<String>>,
        (overwrite, wrong): (bool, Check),
        path: &JsonPath,
    ) -> LabelChange {
        for (key, value) in wanted {
            if let Some(wrong) = wrong(key, value.as_deref().unwrap_or_default()) {
                self.say(&code::REFUSED, &path.key(key), wrong);
            }
            let (Some(old), Some(value)) = (known.get(key), value) else { continue };
            if old != value && !overwrite {
                let message = format!("'{key}' already has a value ({old}), and --overwrite is false");
                let help = Some("write `overwrite: true` beside it".to_owned());
                self.say_with_help(&code::REFUSED, &path.key(key), message, help);
            }
        }
        let change = LabelChange(wanted.iter().map(|(key, value)| (key.clone(), value.clone())).collect());
        change.apply(known);
        change
    }

    pub(super) fn refuse_virtual(&mut self, path: &JsonPath, what: &str) {
        let message = format!("virtual nodes take no custom {what}");
        let help =
            "select pods for a virtual node by its own labels, such as type=virtual-kubelet".to_owned();
        self.say_with_help(&code::REFUSED, path, message, Some(help));
    }

    pub(super) fn taint(&mut self, course: &mut Course<'_>, tainting: &Tainting, path: &JsonPath) {
        let Some(key) = self.node(course, &tainting.node, &path.key("node")) else { return };
        let Some(Held::Node { class: NodeClass::Ecs, taints, .. }) = course.known.objects.get(&key) else {
            self.refuse_virtual(&path.key("node"), "taints");
            return;
        };
        let known = taints.clone();
        let new = self.reorganised(known, tainting, &path.key("taints"));
        if let Some(Held::Node { taints, .. }) = course.known.objects.get_mut(&key) {
            taints.clone_from(&new);
        }
        course.act(Action::Taint { node: key.name, taints: new });
    }

    /// The taints after the command: the new ones first, then what is left (kubectl/pkg/cmd/taint/utils.go
    /// `reorganizeTaints`).
    fn reorganised(&mut self, known: Vec<Taint>, tainting: &Tainting, path: &JsonPath) -> Vec<Taint> {
        let mut left = known;
        let mut added = Vec::new();
        for (index, text) in tainting.taints.iter().enumerate() {
            let path = path.index(index);
            if let Some(text) = text.strip_suffix('-') {
                let before = left.len();
                left.retain(|taint| !is_named(taint, text));
                if left.len() == before {
                    self.say(&code::UNKNOWN_NAME, &path, format!("taint {text:?} not found"));
                }
                continue;
            }
            match taint_from_text(text) {
                Err(message) => self.say(&code::WRONG_VALUE, &path, message),
                Ok(taint) => {
                    let is_same = |old: &Taint| old.key == taint.key && old.effect == taint.effect;
                    if left.iter().any(is_same) && !tainting.overwrite {
                        let message = format!(
                            "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                            tainting.node, taint.key
                        );
                        let help = Some("write `overwrite: true` beside it".to_owned());
                        self.say_with_help(&code::REFUSED, &path, message, help);
                    }
                    left.retain(|old| !is_same(old));
                    added.push(taint);
                }
            }
        }
        added.append(&mut left);
        added
    }
}

/// Whether `text`, as `key`, `key:Effect` or `key=value:Effect`, names a taint that is to go. As for kubectl, the value
/// does not matter.
fn is_named(taint: &Taint, text: &str) -> bool {
    let (pair, effect) = text.rsplit_once(':').map_or((text, None), |(pair, effect)| (pair, Some(effect)));
    let key = pair.split_once('=').map_or(pair, |(key, _)| key);
    taint.key == key && effect.is_none_or(|effect| format!("{:?}", taint.effect) == effect)
}

fn object(key: Key) -> ObjectName {
    ObjectName { namespace: key.namespace, name: key.name }
}
