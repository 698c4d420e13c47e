//! Pods that wait for ConfigMaps and Secrets: those of sidecars, which may stand in other namespaces, and their own.

use overspill::metric::{EventRow, PodRow};
use overspill::units::{SimTime, Span};

use crate::written::{KRUISE, ON_VIRTUAL, VIRTUAL, measured, pod, scenario, sidecar_set, told};

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: agent-config, namespace: kube-system}\ndata: {a: b}\n---\n";

fn binding(namespace: &str) -> String {
    format!(
        "apiVersion: sidecarset.alibabacloud.com/v1alpha1\nkind: SidecarSetResourceBinding\n\
         metadata: {{name: logs, namespace: {namespace}}}\n\
         spec: {{subjects: [{{kind: SidecarSet, name: logs}}], \
         resourceRefs: [{{kind: ConfigMap, name: agent-config}}]}}\n---\n"
    )
}

/// A SidecarSet whose container mounts a ConfigMap of kube-system, and a pod that gets it.
fn mounting() -> String {
    let set = sidecar_set(VIRTUAL, "volumes: [{name: config, configMap: {name: kube-system/agent-config}}]");
    set.replace("image: agent,", "image: agent, volumeMounts: [{name: config, mountPath: /etc/agent}],")
        + &pod("web", "", ON_VIRTUAL)
}

/// A step of a timeline that applies one object.
fn step(at: &str, document: &str) -> String {
    let manifest: serde_json::Value = as_json(document);
    format!("\n  - {{at: {at}, apply: {{manifest: {manifest}}}}}")
}

/// The only document of a text, as JSON, which YAML can hold.
fn as_json(document: &str) -> serde_json::Value {
    let read = overspill_manifest::read_documents(&overspill_manifest::Source::new("f.yaml", document));
    read.documents[0].value().into_owned()
}

fn seen(spec: &str, manifests: &str) -> (PodRow, Vec<EventRow>) {
    let mut observation = measured(&scenario(&format!("{KRUISE}{spec}")), manifests).observation;
    observation.events.retain(|event| event.reason == "FailedMount");
    (observation.pods.remove(0), observation.events)
}

const FORBIDDEN: &str = "MountVolume.SetUp failed for volume \"config\" : configmap \"agent-config\" is forbidden: no \
    SidecarSetResourceBinding in namespace \"kube-system\" lets SidecarSet \"logs\" read it";

/// rule: sidecarset-files
/// rule: sidecarset-files-missing
/// rule: mount-on-virtual-nodes
#[test]
fn without_a_binding_a_pod_waits_and_costs_nothing() {
    let (bound, events) = seen("", &(mounting() + CONFIG + &binding("kube-system")));
    assert_eq!((bound.ready_containers().as_str(), events.len()), ("2/2", 0));
    let (waiting, events) = seen("", &(mounting() + CONFIG));
    assert_eq!((waiting.ready, waiting.billed_spec.as_str(), waiting.cost.0), (None, "", 0));
    let told: Vec<_> = events.iter().map(|event| (event.time, event.message.as_str())).collect();
    assert_eq!(told, [(SimTime::ZERO, FORBIDDEN)], "one reason is told once");
}

/// rule: sidecarset-binding-own-namespace
#[test]
fn a_binding_of_another_namespace_does_not_help() {
    let (waiting, events) = seen("", &(mounting() + CONFIG + &binding("default")));
    assert_eq!(waiting.ready, None);
    assert_eq!(events[0].message, FORBIDDEN);
}

/// The binding comes at 100 s, the ConfigMap at 150 s: the pod looks at 0.5, 1.5, 3.5, … 127.5 and then 249.5 s.
/// rule: mount-retries
/// rule: sidecarset-files-missing
#[test]
fn a_pod_starts_when_what_it_waits_for_is_there() {
    let steps = format!("\n  timeline:{}{}", step("100s", &binding("kube-system")), step("150s", CONFIG));
    let (row, events) = seen(&steps, &mounting());
    let told: Vec<_> =
        events.iter().map(|event| (event.time.whole_secs(), event.message.contains("not found"))).collect();
    assert_eq!(told, [(0, false), (127, true)]);
    let looks = SimTime::ZERO + Span::from_millis(249_500);
    assert!(row.ready.is_some_and(|ready| ready > looks && ready < looks + Span::from_secs(30)), "{row:?}");
}

/// rule: mount-before-start
/// rule: mount-presumed
#[test]
fn an_ordinary_pod_waits_for_what_the_scenario_brings() {
    let own = pod("web", "", "volumes: [{name: own, configMap: {name: settings}}]")
        .replace("image: nginx,", "image: nginx, volumeMounts: [{name: own, mountPath: /own}],");
    let settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n";
    let steps = format!("\n  timeline:{}", step("20s", settings));
    let (row, events) = seen(&steps, &own);
    assert_eq!(
        events[0].message,
        "MountVolume.SetUp failed for volume \"own\" : configmap \"settings\" not found"
    );
    assert!(row.ready.is_some_and(|ready| ready > SimTime::from_secs(20)), "{row:?}");
    let (row, events) = seen("", &own);
    assert_eq!((row.ready, events.len()), (Some(SimTime::from_secs(2)), 0), "nobody speaks of it");
}

#[test]
fn files_that_never_come_are_told() {
    let never = "W0435 pods never start: ConfigMap kube-system/agent-config is never there";
    let nobody = "W0435 pods never start: no SidecarSetResourceBinding of kube-system lets SidecarSet logs read \
                  ConfigMap agent-config";
    assert_eq!(told(&scenario(KRUISE), &mounting()), [never]);
    assert_eq!(told(&scenario(KRUISE), &(mounting() + CONFIG)), [nobody]);
    assert_eq!(told(&scenario(KRUISE), &(mounting() + CONFIG + &binding("default"))), [nobody]);
    let steps = format!("{KRUISE}\n  timeline:{}{}", step("1m", &binding("kube-system")), step("2m", CONFIG));
    assert_eq!(told(&scenario(&steps), &mounting()), [] as [&str; 0]);
}
