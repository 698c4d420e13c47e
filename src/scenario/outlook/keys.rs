//! Labels and annotations that would do something under another name, or in another place.

use overspill_manifest::{Diagnostic, Document, JsonPath, On, code, nearest};
use serde_json::Value;

use super::conflicts::metadata;
use crate::admission::eci_routing::{ECI_LABEL, OLD_NAMESPACE_LABEL};
use crate::admission::istio::{INJECT, INJECTION_LABEL, REVISION_LABEL, sidecar};
use crate::capacity::USE_SPECS_ANNOTATION;
use crate::capacity::acs::{ACS_LABEL, COMPUTE_CLASS, COMPUTE_QOS, REQUIRED_SPEC, USED_SPEC};
use crate::capacity::eci::{self, idle_spot_wishes};
use crate::object::resource_policy::BURST_RESOURCE_ANNOTATION;
use crate::scenario::coming::Coming;

/// What holds a label or an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Holder {
    PodLabel,
    PodAnnotation,
    NamespaceLabel,
    NamespaceAnnotation,
}

use Holder::{NamespaceAnnotation, NamespaceLabel, PodAnnotation, PodLabel};

/// Keys that do something here, and where.
const KEYS: [(&str, &[Holder]); 14] = [
    (ECI_LABEL, &[PodLabel, NamespaceLabel]),
    (OLD_NAMESPACE_LABEL.0, &[NamespaceLabel]),
    (BURST_RESOURCE_ANNOTATION, &[PodAnnotation]),
    (USE_SPECS_ANNOTATION, &[PodAnnotation]),
    (INJECTION_LABEL, &[NamespaceLabel]),
    (REVISION_LABEL, &[PodLabel, NamespaceLabel]),
    // The annotation may refuse a sidecar.
    (INJECT, &[PodLabel, PodAnnotation]),
    (ACS_LABEL, &[PodLabel]),
    (COMPUTE_CLASS, &[PodLabel]),
    (COMPUTE_QOS, &[PodLabel]),
    (REQUIRED_SPEC, &[PodAnnotation]),
    (USED_SPEC, &[PodAnnotation]),
    ("k8s.aliyun.com/eci-instance-family", &[PodAnnotation]),
    ("k8s.aliyun.com/eci-instance-generation", &[PodAnnotation]),
];

/// Keys that mean something to ACK, ECI or Istio and nothing here: they are no misspelt names of others.
const FOREIGN: [&str; 41] = [
    "alibabacloud.com/virtual-node",
    "k8s.aliyun.com/eci-core-pattern",
    "k8s.aliyun.com/eci-custom-tags",
    "k8s.aliyun.com/eci-eip-bandwidth",
    "k8s.aliyun.com/eci-eip-instanceid",
    "k8s.aliyun.com/eci-enable-ipv6",
    "k8s.aliyun.com/eci-host-name",
    "k8s.aliyun.com/eci-instance-cpu",
    "k8s.aliyun.com/eci-instance-mem",
    "k8s.aliyun.com/eci-instance-type",
    "k8s.aliyun.com/eci-ipv6-count",
    "k8s.aliyun.com/eci-memory-burstable",
    "k8s.aliyun.com/eci-ntp-server",
    "k8s.aliyun.com/eci-ram-role-name",
    "k8s.aliyun.com/eci-resource-group-id",
    "k8s.aliyun.com/eci-security-group",
    "k8s.aliyun.com/eci-sls-enable",
    "k8s.aliyun.com/eci-with-eip",
    "k8s.aliyun.com/imc-match-count-request",
    "k8s.aliyun.com/imc-perfect-match",
    "k8s.aliyun.com/resource-policy-wait-for-ecs-scaling",
    "k8s.aliyun.com/vnode",
    "sidecar.istio.io/agentLogLevel",
    "sidecar.istio.io/bootstrapOverride",
    "sidecar.istio.io/componentLogLevel",
    "sidecar.istio.io/controlPlaneAuthPolicy",
    "sidecar.istio.io/discoveryAddress",
    "sidecar.istio.io/enableCoreDump",
    "sidecar.istio.io/extraStatTags",
    "sidecar.istio.io/interceptionMode",
    "sidecar.istio.io/logLevel",
    "sidecar.istio.io/proxyImageType",
    "sidecar.istio.io/rewriteAppHTTPProbers",
    "sidecar.istio.io/statsCompression",
    "sidecar.istio.io/statsHistogramBuckets",
    "sidecar.istio.io/statsInclusionPrefixes",
    "sidecar.istio.io/statsInclusionRegexps",
    "sidecar.istio.io/statsInclusionSuffixes",
    "sidecar.istio.io/userVolume",
    "sidecar.istio.io/userVolumeMount",
    "sidecar.istio.io/userVolumeName",
];

/// Fewer letters than this after the slash are like too many others.
const SHORTEST_MISSPELT: usize = 4;

impl Holder {
    fn description(self) -> &'static str {
        match self {
            PodLabel => "label of pods",
            PodAnnotation => "annotation of pods",
            NamespaceLabel => "label of namespaces",
            NamespaceAnnotation => "annotation of namespaces",
        }
    }

    /// Where pods, or what makes them, have it.
    fn field(self) -> &'static str {
        match self {
            PodLabel | NamespaceLabel => "labels",
            PodAnnotation | NamespaceAnnotation => "annotations",
        }
    }
}

/// Every key that does something here, and where.
fn keys() -> impl Iterator<Item = (&'static str, &'static [Holder])> {
    let annotations = eci::ANNOTATIONS.iter().chain(&sidecar::ANNOTATIONS);
    KEYS.into_iter().chain(annotations.map(|&key| (key, &[PodAnnotation][..])))
}

/// Whether an annotation of pods does something here, or is told of because it does not.
pub(in crate::scenario) fn is_pod_annotation(key: &str) -> bool {
    holders(key).is_some_and(|holders| holders.contains(&PodAnnotation))
}

/// Where a key does something here.
fn holders(key: &str) -> Option<&'static [Holder]> {
    keys().find(|(known, _)| *known == key).map(|(_, holders)| holders)
}

/// What is doubtful about a key where it stands, and how to mend it.
pub(in crate::scenario) fn doubt(holder: Holder, key: &str) -> Option<(String, String)> {
    let no_such = format!("`{key}` is no {} that does anything here", holder.description());
    if let Some(holders) = holders(key) {
        let right: Vec<_> = holders.iter().map(|one| one.description()).collect();
        let help = format!("it is a {}", right.join(" and a ")).replace("a annotation", "an annotation");
        return (!holders.contains(&holder)).then_some((no_such, help));
    }
    let meant = misspelt(holder, key)?;
    Some((no_such, format!("did you mean `{meant}`?")))
}

/// The key that a misspelt one has meant: both agree in what stands before the slash, or in what stands after it.
fn misspelt(holder: Holder, key: &str) -> Option<&'static str> {
    if FOREIGN.contains(&key) {
        return None;
    }
    let parts = |key: &'static str| key.split_once('/').unwrap_or(("", key));
    let (prefix, name) = key.split_once('/').unwrap_or(("", key));
    let fitting = || keys().filter(|(_, holders)| holders.contains(&holder)).map(|(known, _)| parts(known));
    let names = fitting().filter(|(known, _)| *known == prefix).map(|(_, name)| name);
    let near = nearest(name, names).first().copied();
    let near = near.filter(|near| name.len() >= SHORTEST_MISSPELT || name.eq_ignore_ascii_case(near));
    let prefixes =
        fitting().filter(|(_, known)| *known == name && !prefix.is_empty()).map(|(prefix, _)| prefix);
    let other = nearest(prefix, prefixes).first().copied();
    keys().map(|(known, _)| known).find(|known| match parts(known) {
        (one, two) if Some(two) == near => one == prefix,
        (one, two) => two == name && Some(one) == other,
    })
}

/// What is doubtful about the labels and annotations of pods as they are written.
pub(super) fn of_pods(coming: &Coming<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let both = [(&coming.spec.labels, PodLabel), (&coming.spec.annotations, PodAnnotation)];
    for (written, holder) in both {
        for key in written.0.keys() {
            let Some((message, help)) = doubt(holder, key) else { continue };
            let path = metadata(holder.field()).key(key);
            told.push(coming.warn(&code::WITHOUT_EFFECT, &path, message).help(help));
        }
    }
    for (annotation, why) in idle_spot_wishes(&coming.spec.annotations) {
        let path = metadata("annotations").key(annotation);
        told.push(coming.warn(&code::WITHOUT_EFFECT, &path, format!("`{annotation}` has no effect {why}")));
    }
    told
}

/// Keys that stand on what makes pods, and not in its template, where they would do something.
pub(super) fn of_owners(documents: &[Document]) -> Vec<Diagnostic> {
    let owners = documents.iter().filter(|one| {
        let is_owned = || one.value().pointer("/metadata/ownerReferences").is_some();
        matches!(one.kind.as_str(), "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job")
            && !is_owned()
    });
    let mut told = Vec::new();
    for owner in owners {
        for holder in [PodLabel, PodAnnotation] {
            told.extend(outside_template(owner, holder));
        }
    }
    told
}

fn outside_template(owner: &Document, holder: Holder) -> Vec<Diagnostic> {
    let path = metadata(holder.field());
    let in_template = JsonPath::root().key("spec").key("template").join(&path);
    let value = owner.value();
    let written = path.get(&value).and_then(Value::as_object).into_iter().flatten();
    let would_do = |key: &&String| {
        let is_there = in_template.key(key).get(&value).is_some();
        !is_there && holders(key).is_some_and(|holders| holders.contains(&holder))
    };
    let tell = |key: &String| {
        let message = format!("`{key}` has no effect on a {}: only its template is looked at", owner.kind);
        let help = format!("write it under `{in_template}`");
        Diagnostic::new(&code::WITHOUT_EFFECT, message).at(owner.place(&path.key(key), On::Value)).help(help)
    };
    written.map(|(key, _)| key).filter(would_do).map(tell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(holder: Holder, key: &str, help: Option<&str>) {
        assert_eq!(doubt(holder, key).map(|(_, help)| help).as_deref(), help, "{key}");
    }

    #[test]
    fn a_key_in_another_place_is_told() {
        check(PodLabel, ECI_LABEL, None);
        check(PodAnnotation, ECI_LABEL, Some("it is a label of pods and a label of namespaces"));
        check(NamespaceAnnotation, INJECTION_LABEL, Some("it is a label of namespaces"));
        check(PodLabel, INJECTION_LABEL, Some("it is a label of namespaces"));
        check(PodLabel, BURST_RESOURCE_ANNOTATION, Some("it is an annotation of pods"));
        check(NamespaceLabel, INJECT, Some("it is a label of pods and an annotation of pods"));
    }

    #[test]
    fn a_misspelt_key_is_told_with_what_it_may_mean() {
        let meant = |key: &str| Some(format!("did you mean `{key}`?"));
        check(PodAnnotation, "k8s.aliyun.com/eci-use-spec", meant(USE_SPECS_ANNOTATION).as_deref());
        check(PodAnnotation, "sidecar.istio.io/proxyCpu", meant("sidecar.istio.io/proxyCPU").as_deref());
        check(PodLabel, "alibabcloud.com/eci", meant(ECI_LABEL).as_deref());
        check(PodLabel, "alibabacloud.com/ECI", meant(ECI_LABEL).as_deref());
        check(NamespaceLabel, "istio-injecton", meant(INJECTION_LABEL).as_deref());
        check(PodAnnotation, "k8s.aliyun.com/eci-spot-stategy", meant(eci::SPOT_STRATEGY).as_deref());
    }

    #[test]
    fn keys_of_others_are_left_alone() {
        for key in ["app", "eci", "tier", "app.kubernetes.io/name", "alibabacloud.com/x", "inject"] {
            check(PodLabel, key, None);
            check(PodAnnotation, key, None);
        }
        for key in FOREIGN {
            check(PodAnnotation, key, None);
        }
    }
}
