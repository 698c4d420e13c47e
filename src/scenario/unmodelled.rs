//! Fields of manifests that mean something to a cluster and nothing here: each is told once, never silently accepted.

use std::collections::BTreeMap;

use overspill_manifest::{Diagnostic, Document, JsonPath, On, Place, code};
use serde_json::Value;

/// What a field that is not modelled would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concerns {
    /// Which nodes a pod may be placed on.
    Placement,
    /// When pods start, become ready or end, and how load spreads over them.
    Course,
    /// Whether pods get a sidecar, where there is a mesh.
    Mesh,
}

/// A field that is not modelled.
#[derive(Debug)]
pub struct Unmodelled {
    /// Kinds that have it; for [`POD_KINDS`] the path begins inside the pod's specification.
    kinds: &'static [&'static str],
    /// Where it is: names with dots between, `[]` for every item of a list.
    path: &'static str,
    /// A value that changes nothing.
    harmless: Option<&'static str>,
    concerns: Concerns,
    /// What is done instead.
    instead: &'static str,
}

/// Kinds that hold a pod's specification.
const POD_KINDS: &[&str] = &["Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"];

/// Kinds that hold a template of pods.
const TEMPLATE_KINDS: &[&str] = &["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"];

const JOB: &[&str] = &["Job"];
const CRON_JOB: &[&str] = &["CronJob"];

const ONE_PROXY_CONFIG: &str = "sidecars are configured for the whole mesh, by `spec.mesh`";
const ONE_TEMPLATE: &str = "every injected pod gets the template `sidecar`";
const NO_VOLUMES: &str = "volumes are not simulated: pods are placed as if every node could mount them";
const NO_CLAIMS: &str =
    "dynamic resource allocation is not simulated: pods are placed as if they claimed no devices";
const NO_MESH: &str = "no sidecar is injected: only a scenario with `spec.mesh` has a service mesh";
const GATEWAY: &[&str] = &["IstioGateway"];
const SIDECAR_SET: &[&str] = &["SidecarSet"];
const PULLED_IF_MISSING: &str = "an image is pulled where it is missing, as IfNotPresent has it";
const PLAIN_ORDER: &str = "pods are upgraded in OpenKruise's own order";
const EQUAL_SHARES: &str = "requests are split equally over all ready pods";
const NO_NODE_SELECTOR: &str = "the admission plugin PodNodeSelector is not simulated";

const fn of_pods(path: &'static str, concerns: Concerns, instead: &'static str) -> Unmodelled {
    Unmodelled { kinds: POD_KINDS, path, harmless: None, concerns, instead }
}

const fn of(
    kind: &'static [&'static str],
    path: &'static str,
    concerns: Concerns,
    instead: &'static str,
) -> Unmodelled {
    Unmodelled { kinds: kind, path, harmless: None, concerns, instead }
}

/// Every field that is told. Left out are those that change nothing which is simulated (host names, security
/// contexts, mounts) and those that a server fills in by itself.
pub const UNMODELLED: &[Unmodelled] = &[
    of_pods("volumes[].persistentVolumeClaim", Concerns::Placement, NO_VOLUMES),
    of_pods("volumes[].ephemeral", Concerns::Placement, NO_VOLUMES),
    of_pods("volumes[].awsElasticBlockStore", Concerns::Placement, NO_VOLUMES),
    of_pods("volumes[].gcePersistentDisk", Concerns::Placement, NO_VOLUMES),
    of_pods("volumes[].iscsi", Concerns::Placement, NO_VOLUMES),
    of_pods("volumes[].rbd", Concerns::Placement, NO_VOLUMES),
    of_pods("resourceClaims", Concerns::Placement, NO_CLAIMS),
    of_pods(
        "runtimeClassName",
        Concerns::Placement,
        "RuntimeClasses are not read: their overhead, nodeSelector and tolerations do not apply",
    ),
    of(
        TEMPLATE_KINDS,
        "spec.template.spec.nodeName",
        Concerns::Placement,
        "pods of a template are placed by the scheduler",
    ),
    of(
        &["StatefulSet"],
        "spec.volumeClaimTemplates",
        Concerns::Placement,
        "pods mount no claims, and go wherever they fit: bind them by a nodeSelector where their volumes would",
    ),
    Unmodelled {
        kinds: &["StatefulSet"],
        path: "spec.updateStrategy.rollingUpdate.maxUnavailable",
        harmless: Some("1"),
        concerns: Concerns::Course,
        instead: "the feature gate MaxUnavailableStatefulSet is off: one pod is updated at a time",
    },
    of(
        &["ReplicationController"],
        "spec.replicas",
        Concerns::Placement,
        "no pods are made for it; it only tells what its pods have in common",
    ),
    of(
        &["Namespace"],
        "metadata.annotations.scheduler.alpha.kubernetes.io/node-selector",
        Concerns::Placement,
        NO_NODE_SELECTOR,
    ),
    of(
        &["Namespace"],
        "metadata.annotations.scheduler.alpha.kubernetes.io/defaultTolerations",
        Concerns::Placement,
        "the admission plugin PodTolerationRestriction is not simulated",
    ),
    of_pods("readinessGates", Concerns::Course, "a pod is ready when its containers are"),
    of_pods("activeDeadlineSeconds", Concerns::Course, "pods are not ended by a deadline"),
    of(&["ReplicaSet", "DaemonSet"], "spec.minReadySeconds", Concerns::Course, "a ready pod counts at once"),
    Unmodelled {
        kinds: &["Deployment"],
        path: "spec.progressDeadlineSeconds",
        harmless: Some("600"),
        concerns: Concerns::Course,
        instead: "a rollout that makes no progress waits on, as in a cluster; the condition that says so is not set",
    },
    of(
        JOB,
        "spec.podFailurePolicy",
        Concerns::Course,
        "every failure counts: work has no exit codes, and disruptions are failures",
    ),
    of(JOB, "spec.successPolicy", Concerns::Course, "a Job is complete when all its completions are"),
    Unmodelled {
        kinds: JOB,
        path: "spec.podReplacementPolicy",
        harmless: Some("TerminatingOrFailed"),
        concerns: Concerns::Course,
        instead: "a pod is replaced as soon as it terminates",
    },
    of(JOB, "spec.backoffLimitPerIndex", Concerns::Course, "failures of all indexes count together"),
    of(JOB, "spec.maxFailedIndexes", Concerns::Course, "failures of all indexes count together"),
    of(JOB, "spec.managedBy", Concerns::Course, "the Job controller manages every Job"),
    of(
        CRON_JOB,
        "spec.jobTemplate.spec.podFailurePolicy",
        Concerns::Course,
        "every failure counts: work has no exit codes, and disruptions are failures",
    ),
    of(
        CRON_JOB,
        "spec.jobTemplate.spec.successPolicy",
        Concerns::Course,
        "a Job is complete when all its completions are",
    ),
    of(
        CRON_JOB,
        "spec.jobTemplate.spec.backoffLimitPerIndex",
        Concerns::Course,
        "failures of all indexes count together",
    ),
    of(JOB, "spec.manualSelector", Concerns::Course, "a Job's pods are those that it has made"),
    Unmodelled {
        kinds: &["Service"],
        path: "spec.sessionAffinity",
        harmless: Some("None"),
        concerns: Concerns::Course,
        instead: EQUAL_SHARES,
    },
    Unmodelled {
        kinds: &["Service"],
        path: "spec.externalTrafficPolicy",
        harmless: Some("Cluster"),
        concerns: Concerns::Course,
        instead: EQUAL_SHARES,
    },
    Unmodelled {
        kinds: &["Service"],
        path: "spec.internalTrafficPolicy",
        harmless: Some("Cluster"),
        concerns: Concerns::Course,
        instead: EQUAL_SHARES,
    },
    of(&["Service"], "spec.trafficDistribution", Concerns::Course, EQUAL_SHARES),
    Unmodelled {
        kinds: &["Namespace"],
        path: "metadata.labels.istio-injection",
        harmless: Some("disabled"),
        concerns: Concerns::Mesh,
        instead: NO_MESH,
    },
    of(&["Namespace"], "metadata.labels.istio.io/rev", Concerns::Mesh, NO_MESH),
    Unmodelled {
        kinds: &["Pod"],
        path: "metadata.labels.sidecar.istio.io/inject",
        harmless: Some("false"),
        concerns: Concerns::Mesh,
        instead: NO_MESH,
    },
    Unmodelled {
        kinds: TEMPLATE_KINDS,
        path: "spec.template.metadata.labels.sidecar.istio.io/inject",
        harmless: Some("false"),
        concerns: Concerns::Mesh,
        instead: NO_MESH,
    },
    of(&["Pod"], "metadata.annotations.proxy.istio.io/config", Concerns::Course, ONE_PROXY_CONFIG),
    of(
        TEMPLATE_KINDS,
        "spec.template.metadata.annotations.proxy.istio.io/config",
        Concerns::Course,
        ONE_PROXY_CONFIG,
    ),
    of(&["Pod"], "metadata.annotations.inject.istio.io/templates", Concerns::Placement, ONE_TEMPLATE),
    of(
        TEMPLATE_KINDS,
        "spec.template.metadata.annotations.inject.istio.io/templates",
        Concerns::Placement,
        ONE_TEMPLATE,
    ),
    of(
        GATEWAY,
        "spec.overrides",
        Concerns::Placement,
        "fields for single clusters are not simulated: the gateway is as the other fields say",
    ),
    of(GATEWAY, "spec.compression", Concerns::Course, "requests cost what `cpuPerThousandRequests` says"),
    of(GATEWAY, "spec.lifecycle", Concerns::Course, "a gateway ends as `shutdown` says"),
    of(GATEWAY, "spec.readinessProbe", Concerns::Course, "a gateway gets ready as `ready` says"),
    of(SIDECAR_SET, "spec.updateStrategy.priorityStrategy", Concerns::Course, PLAIN_ORDER),
    of(SIDECAR_SET, "spec.updateStrategy.scatterStrategy", Concerns::Course, PLAIN_ORDER),
    of(
        SIDECAR_SET,
        "spec.patchPodMetadata",
        Concerns::Placement,
        "annotations of SidecarSets do not come to pods: write them into the pod template",
    ),
    of(
        SIDECAR_SET,
        "spec.containers[].transferEnv[].sourceContainerNameFrom",
        Concerns::Course,
        "variables are taken over from containers that are named by `sourceContainerName`",
    ),
    Unmodelled {
        kinds: SIDECAR_SET,
        path: "spec.containers[].imagePullPolicy",
        harmless: Some("IfNotPresent"),
        concerns: Concerns::Course,
        instead: PULLED_IF_MISSING,
    },
    Unmodelled {
        kinds: SIDECAR_SET,
        path: "spec.initContainers[].imagePullPolicy",
        harmless: Some("IfNotPresent"),
        concerns: Concerns::Course,
        instead: PULLED_IF_MISSING,
    },
    of(
        SIDECAR_SET,
        "spec.imagePullSecrets",
        Concerns::Course,
        "every image can be pulled: registries ask nobody for a password",
    ),
    Unmodelled {
        kinds: GATEWAY,
        path: "spec.externalTrafficPolicy",
        harmless: Some("Cluster"),
        concerns: Concerns::Course,
        instead: EQUAL_SHARES,
    },
];

/// One warning for each field of [`UNMODELLED`] that `documents` have and that concerns one of `what`. What a
/// pod that stands on a node asked for is settled.
pub fn unmodelled(documents: &[Document], what: &[Concerns]) -> Vec<Diagnostic> {
    let mut met: BTreeMap<usize, Vec<(String, Place)>> = BTreeMap::new();
    for document in documents.iter().filter(|document| !document.is_bound_pod()) {
        let value = document.value();
        for (index, field) in UNMODELLED.iter().enumerate() {
            if what.contains(&field.concerns) && field.kinds.contains(&document.kind.as_str()) {
                let place = field.met_in(document, &value).map(|path| document.place(&path, On::Key));
                met.entry(index).or_default().extend(place.map(|place| (document.title(), place)));
            }
        }
    }
    let told = |(index, places): (usize, Vec<(String, Place)>)| UNMODELLED[index].told(places);
    met.into_iter().filter_map(told).collect()
}

impl Unmodelled {
    /// The first place in `document`, which holds `whole`, that has this field with a value that would change something.
    fn met_in(&self, document: &Document, whole: &Value) -> Option<JsonPath> {
        let keys = pod_spec_of(&document.kind).filter(|_| self.kinds == POD_KINDS).unwrap_or_default();
        let base = keys.iter().fold(JsonPath::root(), |path, key| path.key(key));
        let path = first_match(whole, base, self.path)?;
        let value = path.get(whole)?;
        let number = value.as_number().map(ToString::to_string);
        let text = value.as_str().or(number.as_deref());
        (!is_empty(value) && text != self.harmless.or(Some(""))).then_some(path)
    }

    /// The field's own name.
    fn name(&self) -> &'static str {
        // The name of a label or an annotation holds dots itself.
        let map = ["labels.", "annotations."].iter().find_map(|map| self.path.split_once(map));
        map.or_else(|| self.path.rsplit_once(['.', ']'])).map_or(self.path, |(_, name)| name)
    }

    fn told(&self, places: Vec<(String, Place)>) -> Option<Diagnostic> {
        let more = places.len().checked_sub(1)?;
        let (title, place) = places.into_iter().next()?;
        let others = match more {
            0 => String::new(),
            1 => " and one other object".to_owned(),
            more => format!(" and {more} other objects"),
        };
        let message = format!("`{}` has no effect here, in {title}{others}", self.name());
        Some(Diagnostic::new(&code::NOT_MODELLED, message).at(place).help(self.instead.to_owned()))
    }
}

/// Where objects of a kind hold a pod's specification, if they do.
pub(super) fn pod_spec_of(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Pod" => Some(&["spec"]),
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template", "spec"]),
        _ if POD_KINDS.contains(&kind) => Some(&["spec", "template", "spec"]),
        _ => None,
    }
}

/// Null, false, and what holds nothing, is as good as absent.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        _ => false,
    }
}

/// The first path below `base` that `pattern` describes and `document` has.
fn first_match(document: &Value, base: JsonPath, pattern: &str) -> Option<JsonPath> {
    if pattern.is_empty() {
        return Some(base);
    }
    let at = base.get(document)?;
    if let Some(rest) = pattern.strip_prefix("[]") {
        let rest = rest.trim_start_matches('.');
        return (0..at.as_array()?.len()).find_map(|index| first_match(document, base.index(index), rest));
    }
    // An annotation's name holds dots itself.
    if at.get(pattern).is_some() {
        return Some(base.key(pattern));
    }
    let end = pattern.find(['.', '[']).unwrap_or(pattern.len());
    let (name, rest) = pattern.split_at(end);
    at.get(name)?;
    first_match(document, base.key(name), rest.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use overspill_manifest::{Decoder, Source, read_documents};

    fn told(text: &str, what: &[Concerns]) -> Vec<String> {
        let read = read_documents(&Source::new("f.yaml", text));
        assert_eq!(read.diagnostics, []);
        unmodelled(&read.documents, what).into_iter().map(|one| one.message).collect()
    }

    const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: db}
spec:
  template:
    spec:
      runtimeClassName: kata
      readinessGates: [{conditionType: x}]
      volumes: [{name: a, emptyDir: {}}, {name: b, persistentVolumeClaim: {claimName: b}}]
      containers: []
";

    #[test]
    fn each_field_is_told_once() {
        let second =
            DEPLOYMENT.replace("name: db", "name: db2").replace("runtimeClassName: kata", "nodeName: ''");
        let text = format!("{DEPLOYMENT}---{second}");
        assert_eq!(
            told(&text, &[Concerns::Placement]),
            [
                "`persistentVolumeClaim` has no effect here, in Deployment db and one other object",
                "`runtimeClassName` has no effect here, in Deployment db",
            ]
        );
        assert_eq!(
            told(&text, &[Concerns::Course]),
            ["`readinessGates` has no effect here, in Deployment db and one other object"]
        );
    }

    #[test]
    fn values_that_change_nothing_are_not_told() {
        let service = |policy| {
            format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{name: s}}\nspec: {{internalTrafficPolicy: {policy}}}\n"
            )
        };
        assert_eq!(told(&service("Cluster"), &[Concerns::Course]), [] as [&str; 0]);
        assert_eq!(told(&service("Local"), &[Concerns::Course]).len(), 1);
    }

    #[test]
    fn what_a_bound_pod_asked_for_is_settled() {
        let pod = |node| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{nodeName: {node}, resourceClaims: [{{name: x}}]}}\n"
            )
        };
        assert_eq!(told(&pod("n"), &[Concerns::Placement]), [] as [&str; 0]);
        assert_eq!(told(&pod("''"), &[Concerns::Placement]).len(), 1);
    }

    #[test]
    fn annotations_are_found_by_their_whole_name() {
        let text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  annotations: {scheduler.alpha.kubernetes.io/node-selector: a=b}\n";
        assert_eq!(told(text, &[Concerns::Placement]).len(), 1);
    }

    /// A field that does not exist would never be told: each is written into an object and must decode.
    #[test]
    fn every_field_exists() {
        for field in UNMODELLED {
            for kind in field.kinds {
                let base = pod_spec_of(kind).filter(|_| field.kinds == POD_KINDS).unwrap_or_default();
                let path: Vec<_> = base.iter().copied().chain([field.path]).collect();
                let text = object_with(kind, &path.join("."));
                let read = read_documents(&Source::new("f.yaml", text.clone()));
                let mut decoder = Decoder::new(true);
                let _ = decoder.decode(&read.documents[0]);
                let unknown: Vec<_> =
                    decoder.finish().into_iter().filter(|one| one.code == "E0202").collect();
                assert_eq!(unknown, [], "{text}");
                assert!(field.met_in(&read.documents[0], &read.documents[0].value()).is_some(), "{text}");
            }
        }
    }

    /// An object of `kind` with something at `path`.
    fn object_with(kind: &str, path: &str) -> String {
        let (_, version, _) =
            overspill_manifest::Object::KINDS.iter().find(|(known, ..)| known == &kind).unwrap();
        let pairs = ["annotations", "labels"].iter().find_map(|map| {
            let (parents, name) = path.split_once(&format!("{map}."))?;
            Some((format!("{parents}{map}"), name))
        });
        let (parents, leaf) = match pairs {
            Some(found) => found,
            None => path.rsplit_once('.').map(|(parents, leaf)| (parents.to_owned(), leaf)).unwrap(),
        };
        let mut value = serde_json::json!({leaf: "x"});
        for name in parents.rsplit('.') {
            value = match name.strip_suffix("[]") {
                Some(list) => serde_json::json!({list: [value]}),
                None => serde_json::json!({name: value}),
            };
        }
        value["apiVersion"] = (*version).into();
        value["kind"] = kind.into();
        value["metadata"]["name"] = "x".into();
        value.to_string()
    }
}
