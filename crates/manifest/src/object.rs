//! Documents to Kubernetes' own types.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace, Node, Pod, PodTemplateSpec, ReplicationController, Secret, Service,
};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, code};
use crate::document::Document;
use crate::gateway::IstioGateway;
use crate::nearest::did_you_mean;
use crate::path::JsonPath;
use crate::place::{On, Origin, Place};
use crate::required;
use crate::resource_policy::ResourcePolicy;
use crate::sidecar_set::{SidecarSet, SidecarSetResourceBinding};
use crate::typed::{FieldError, Rules, decode_tree, decode_value};

const RULES: Rules = Rules { required: required::fields };

/// Whether objects of a kind live in a namespace.
trait Scope {
    const NAMESPACED: bool;
}

impl Scope for ClusterResourceScope {
    const NAMESPACED: bool = false;
}

impl Scope for NamespaceResourceScope {
    const NAMESPACED: bool = true;
}

const fn is_namespaced<T: Resource<Scope: Scope>>() -> bool {
    <T::Scope as Scope>::NAMESPACED
}

macro_rules! kinds {
    ($($kind:ident),* $(,)?) => {
        /// A Kubernetes object of one of the kinds that are simulated.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "each variant is the Kubernetes kind of its name")]
        pub enum Object {
            $($kind(Box<$kind>),)*
        }

        impl Object {
            /// The kinds that are read: kind, apiVersion, whether it lives in a namespace.
            pub const KINDS: &[(&str, &str, bool)] =
                &[$((<$kind as Resource>::KIND, <$kind as Resource>::API_VERSION, is_namespaced::<$kind>())),*];

            /// Its kind, as Kubernetes calls it.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => <$kind as Resource>::KIND,)* }
            }

            /// Its name, labels and annotations.
            pub fn metadata(&self) -> &ObjectMeta {
                match self { $(Self::$kind(object) => &object.metadata,)* }
            }
        }

        /// The fields of an object that do not exist in its kind; none for a kind that is not known.
        pub fn unknown_fields(document: &Document) -> Vec<JsonPath> {
            match document.kind.as_str() {
                $(<$kind as Resource>::KIND => {
                    let reading = decode_tree::<$kind>(&document.tree(), RULES);
                    reading.unknown.into_iter().map(|error| error.path).collect()
                })*
                _ => Vec::new(),
            }
        }

        impl Decoder {
            /// Reads a document of a known kind.
            fn decode_known(&mut self, document: &Document) -> Option<Object> {
                match document.kind.as_str() {
                    $(<$kind as Resource>::KIND => {
                        self.read(document).map(|object| Object::$kind(Box::new(object)))
                    })*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    ConfigMap,
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    IstioGateway,
    Job,
    Namespace,
    Node,
    Pod,
    PodDisruptionBudget,
    PriorityClass,
    ReplicaSet,
    ReplicationController,
    ResourcePolicy,
    Secret,
    Service,
    SidecarSet,
    SidecarSetResourceBinding,
    StatefulSet,
}

/// Turns documents into [`Object`]s and collects what is wrong with them.
///
/// In an object that was written by hand, an unknown field or kind is an error. Objects that a server printed have
/// both by nature: they are told in one warning each, at [`Decoder::finish`]. With `strict` they are errors too.
#[derive(Debug, Default)]
pub struct Decoder {
    strict: bool,
    diagnostics: Vec<Diagnostic>,
    /// Kind, namespace and name of every object, and the file that it stands in.
    names: BTreeMap<(String, String, String), String>,
    fields_left_out: Tally,
    kinds_left_out: Tally,
}

/// How often each thing was left out, and where the first was.
#[derive(Debug, Default)]
struct Tally {
    counts: BTreeMap<String, usize>,
    first: Option<Place>,
}

impl Decoder {
    /// A decoder; `strict` allows nothing unknown even in what a server printed.
    pub fn new(strict: bool) -> Self {
        Self { strict, ..Self::default() }
    }

    /// The object that `document` is; `None` if it is of an unknown kind or so wrong that it cannot be read.
    pub fn decode(&mut self, document: &Document) -> Option<Object> {
        self.check_name(document);
        let Some(&(kind, api_version, _)) = Object::KINDS.iter().find(|(kind, ..)| *kind == document.kind)
        else {
            self.unknown_kind(document);
            return None;
        };
        if document.api_version != api_version && !document.api_version.is_empty() {
            let message = format!("{kind} is read as {api_version}, not as {}", document.api_version);
            let place = document.place(&JsonPath::root().key("apiVersion"), On::Value);
            let help = format!("write `apiVersion: {api_version}`; `kubectl get` prints that version");
            self.diagnostics.push(Diagnostic::new(&code::WRONG_API_VERSION, message).at(place).help(help));
            return None;
        }
        self.decode_known(document)
    }

    /// The pod template at `path` of another file, whose object stands at `origin`.
    pub fn decode_template(
        &mut self,
        value: &Value,
        path: &JsonPath,
        origin: &Origin,
    ) -> Option<PodTemplateSpec> {
        let reading = decode_value(value, RULES);
        for error in reading.errors.iter().chain(&reading.unknown) {
            let error = FieldError { path: path.join(&error.path), kind: error.kind.clone() };
            self.diagnostics.push(Diagnostic::of_field(&error, origin));
        }
        reading.value
    }

    /// How much was wrong so far.
    pub fn told(&self) -> usize {
        self.diagnostics.len()
    }

    /// Everything that was wrong, in the order of the documents, then the summaries of what was left out.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        let kinds =
            self.kinds_left_out.summary(&code::KINDS_LEFT_OUT, "objects of kinds that are not simulated");
        let fields = self.fields_left_out.summary(&code::FIELDS_LEFT_OUT, "fields that are not known here");
        self.diagnostics.extend(kinds.into_iter().chain(fields));
        self.diagnostics
    }

    fn read<T: DeserializeOwned>(&mut self, document: &Document) -> Option<T> {
        let reading = decode_tree(&document.tree(), RULES);
        let lenient = document.is_server_printed() && !self.strict;
        let told = |error: &FieldError| Diagnostic::of_field(error, &document.origin);
        self.diagnostics.extend(reading.errors.iter().map(told));
        for error in &reading.unknown {
            if lenient && !document.origin.is_patched(&error.path) {
                let name = error.path.without_indices();
                self.fields_left_out.add(format!("{}{name}", document.kind), || told(error).place);
            } else {
                self.diagnostics.push(told(error));
            }
        }
        reading.value
    }

    fn unknown_kind(&mut self, document: &Document) {
        if document.kind.is_empty() {
            return;
        }
        let place = document.place(&JsonPath::root().key("kind"), On::Value);
        if document.is_server_printed() && !self.strict {
            self.kinds_left_out.add(document.kind.clone(), || Some(place));
            return;
        }
        let message = format!("{} is not a kind that is simulated", document.kind);
        let help = did_you_mean(&document.kind, "kinds", Object::KINDS.iter().map(|(kind, ..)| *kind));
        self.diagnostics.push(Diagnostic::new(&code::UNKNOWN_KIND, message).at(place).help(help));
    }

    /// Two objects of one name would hide each other.
    fn check_name(&mut self, document: &Document) {
        let Some(&(.., namespaced)) = Object::KINDS.iter().find(|(kind, ..)| *kind == document.kind) else {
            return;
        };
        if document.name.is_empty() {
            return;
        }
        let namespace = if namespaced { document.namespace_or_default() } else { "" };
        let identity = (document.kind.clone(), namespace.to_owned(), document.name.clone());
        let place = document.place(&JsonPath::root().key("metadata").key("name"), On::Value);
        if let Some(other) = self.names.get(&identity) {
            let message = format!("{} is defined twice", document.title());
            let help = format!("the other one stands in {other}: remove or rename one of them");
            self.diagnostics.push(Diagnostic::new(&code::DEFINED_TWICE, message).at(place).help(Some(help)));
        } else {
            self.names.insert(identity, place.file().to_owned());
        }
    }
}

impl Tally {
    fn add(&mut self, name: String, place: impl FnOnce() -> Option<Place>) {
        *self.counts.entry(name).or_default() += 1;
        if self.first.is_none() {
            self.first = place();
        }
    }

    /// One warning about everything, the most frequent first.
    fn summary(&mut self, code: &Code, what: &str) -> Option<Diagnostic> {
        const NAMED: usize = 8;
        let place = self.first.take()?;
        let mut counts: Vec<(&String, &usize)> = self.counts.iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let named: Vec<String> =
            counts.iter().take(NAMED).map(|(name, count)| format!("{name} ({count})")).collect();
        let more = counts.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("{what} are left out: {}{more}", named.join(", "));
        let help = "a server printed them; with --strict this is an error".to_owned();
        Some(Diagnostic::new(code, message).at(place).help(help))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{Source, locate};
    use crate::reading::read_documents;

    fn decode(text: &str, strict: bool) -> (Vec<Option<Object>>, Vec<Diagnostic>) {
        let read = read_documents(&Source::new("f.yaml", text));
        let mut decoder = Decoder::new(strict);
        let objects = read.documents.iter().map(|document| decoder.decode(document)).collect();
        let mut diagnostics = read.diagnostics;
        diagnostics.extend(decoder.finish());
        locate(&mut diagnostics);
        (objects, diagnostics)
    }

    fn told(diagnostics: &[Diagnostic]) -> Vec<String> {
        let line = |diagnostic: &Diagnostic| {
            let place = diagnostic.place.as_ref().expect("a place");
            let position = place.position.expect("a position");
            format!(
                "{} {}:{} {}: {}",
                diagnostic.code, position.line, position.column, place.path, diagnostic.message
            )
        };
        diagnostics.iter().map(line).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) -> Vec<Option<Object>> {
        let (objects, diagnostics) = decode(text, false);
        assert_eq!(told(&diagnostics), expected);
        objects
    }

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec:\n  {spec}\n")
    }

    #[test]
    fn every_known_kind_is_read() {
        for (kind, api_version, namespaced) in Object::KINDS {
            let text = format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x}}\nvalue: 1\n");
            let (objects, _) = decode(&text, false);
            assert_eq!(objects[0].as_ref().map(Object::kind), Some(*kind));
            assert_eq!(
                *namespaced,
                !matches!(*kind, "Namespace" | "Node" | "PriorityClass" | "SidecarSet"),
                "{kind}"
            );
        }
    }

    #[test]
    fn quantities_may_be_numbers() {
        let requests = "{cpu: 2, memory: 1e9, ephemeral-storage: 0.5, pods: -1, a/b: \"3\"}";
        let text = pod(&format!("containers: [{{name: c, resources: {{requests: {requests}}}}}]"));
        let objects = check(&text, &[]);
        let Some(Some(Object::Pod(pod))) = objects.first() else { panic!("{objects:?}") };
        let resources = pod.spec.as_ref().unwrap().containers[0].resources.as_ref().unwrap();
        let quantity = |name: &str| resources.requests.as_ref().unwrap()[name].0.as_str();
        assert_eq!(
            ["cpu", "memory", "ephemeral-storage", "a/b"].map(quantity),
            ["2", "1000000000.0", "0.5", "3"]
        );
    }

    #[test]
    fn everything_wrong_in_an_object_is_told_at_once() {
        let text = pod(
            "containers:\n  - name: c\n    resource: {}\n    resources: {requests: {cpu: two, memory: [1]}}\n\
             \x20   ports: {containerPort: 80}\n  - image: x\n  tolerations: [{efect: NoSchedule}]\n  priority: high\n\
             \x20 nodeSelector: {a: true}",
        );
        check(
            &text,
            &[
                "E0202 7:5 spec.containers[0].resource: unknown field `resource`",
                "E0201 8:33 spec.containers[0].resources.requests.cpu: \"two\" is not a quantity: write it like 500m, 2, 1.5, 64Mi, 2Gi or 1e3",
                "E0201 8:46 spec.containers[0].resources.requests.memory: expected a quantity such as 500m, 2 or 1Gi, found a list",
                "E0201 9:12 spec.containers[0].ports: expected a list, found a map",
                "E0203 10:5 spec.containers[1]: missing field `name`",
                "E0202 11:18 spec.tolerations[0].efect: unknown field `efect`",
                "E0201 12:13 spec.priority: expected a whole number, found the string \"high\"",
                "E0201 13:21 spec.nodeSelector.a: expected a string, found true",
            ],
        );
    }

    #[test]
    fn kinds_and_versions_are_checked() {
        check(
            "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n---\n\
             apiVersion: v1\nkind: Deploymnet\nmetadata: {name: x}\n---\n\
             apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n---\n\
             apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n",
            &[
                "E0103 1:13 apiVersion: HorizontalPodAutoscaler is read as autoscaling/v2, not as autoscaling/v1",
                "E0102 6:7 kind: Deploymnet is not a kind that is simulated",
                "E0104 15:18 metadata.name: Namespace x is defined twice",
            ],
        );
    }

    /// In the form of `kubectl get nodes,pods,endpoints -o yaml`.
    const DUMP: &str = "\
apiVersion: v1
items:
- apiVersion: v1
  kind: Node
  metadata:
    creationTimestamp: \"2026-01-05T10:00:00Z\"
    managedFields:
    - apiVersion: v1
      fieldsType: FieldsV1
      fieldsV1: {\"f:metadata\": {\"f:labels\": {\".\": {}}}}
      manager: kubelet
      operation: Update
      time: \"2026-01-05T10:00:00Z\"
    name: n
    uid: 5c1b8c52-0000-0000-0000-000000000001
  spec: {podCIDR: 10.0.0.0/24, futureField: 1}
  status:
    allocatable: {cpu: 3920m, pods: \"110\"}
    images: [{names: [nginx], sizeBytes: 70000000}]
    futureStatus: {a: 1}
- apiVersion: v1
  kind: Endpoints
  metadata: {name: c, namespace: default, uid: 5c1b8c52-0000-0000-0000-000000000002}
  subsets: []
- apiVersion: v1
  kind: Pod
  metadata: {creationTimestamp: null, name: p, namespace: default, uid: 5c1b8c52-0000-0000-0000-000000000003}
  spec:
    containers: [{name: c, image: nginx, resources: {}, future: 1}, {name: d, future: 2}]
  status: {phase: Running, qosClass: BestEffort}
kind: List
metadata: {resourceVersion: \"\"}
";

    #[test]
    fn what_a_server_printed_may_hold_unknown_things() {
        let objects = check(
            DUMP,
            &[
                "W0202 16:32 spec.futureField: fields that are not known here are left out: \
                 Pod.spec.containers[].future (2), Node.spec.futureField (1), Node.status.futureStatus (1)",
                "W0102 22:9 kind: objects of kinds that are not simulated are left out: Endpoints (1)",
            ],
        );
        let kinds: Vec<_> = objects.iter().map(|object| object.as_ref().map(Object::kind)).collect();
        assert_eq!(kinds, [Some("Node"), None, Some("Pod")]);
    }

    #[test]
    fn strict_allows_nothing_unknown() {
        let (_, diagnostics) = decode(DUMP, true);
        let codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, ["E0202", "E0202", "E0102", "E0202", "E0202"]);
    }
}
