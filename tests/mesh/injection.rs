//! Which pods get a sidecar in a run, and what that does to scheduling and the bill.
//!
//! Source: ASM, "Manage pods on ECI through virtual nodes": 2/2 where the sidecar was injected, 1/1 where it was not.

use overspill::metric::PodRow;

use crate::written::{MESH, ON_ECI, measured, namespace, pod, scenario};

const ENABLED: &str = "istio-injection: enabled, provider: asm";

/// READY of every pod, by namespace and name.
fn ready(manifests: &str) -> Vec<(String, String)> {
    let rows = measured(&scenario(MESH), manifests).observation.pods;
    rows.iter().map(|row| (format!("{}/{}", row.namespace, row.name), row.ready_containers())).collect()
}

#[track_caller]
fn check(manifests: &str, expected: &[(&str, &str)]) {
    let ready = ready(manifests);
    let ready: Vec<_> = ready.iter().map(|(name, ready)| (name.as_str(), ready.as_str())).collect();
    assert_eq!(ready, expected);
}

#[test]
fn pods_of_an_enabled_namespace_show_two_of_two() {
    let manifests = namespace("default", ENABLED)
        + &namespace("vk", ENABLED)
        + &namespace("plain", "")
        + &pod("nginx", "namespace: default", ON_ECI)
        + &pod("nginx", "namespace: vk", ON_ECI)
        + &pod("on-ecs", "namespace: vk", "")
        + &pod("nginx", "namespace: plain", ON_ECI)
        + &pod("no", "namespace: vk, labels: {sidecar.istio.io/inject: 'false'}", ON_ECI)
        + &pod("yes", "namespace: plain, labels: {sidecar.istio.io/inject: 'true'}", ON_ECI);
    check(
        &manifests,
        &[
            ("default/nginx", "2/2"),
            ("vk/nginx", "2/2"),
            ("vk/on-ecs", "2/2"),
            ("plain/nginx", "1/1"),
            ("vk/no", "1/1"),
            ("plain/yes", "2/2"),
        ],
    );
}

#[test]
fn without_a_mesh_nothing_is_injected() {
    let manifests = namespace("vk", ENABLED) + &pod("nginx", "namespace: vk", ON_ECI);
    let rows = measured(&scenario(""), &manifests).observation.pods;
    assert_eq!(rows[0].ready_containers(), "1/1");
}

/// The pod that is bound ran before the label; the replicas that come are new.
/// rule: istio-only-new-pods
#[test]
fn pods_that_exist_stay_as_they_are() {
    let set = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web, namespace: vk}\n\
        spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, \
        spec: {containers: [{name: nginx, image: nginx}]}}}\n---\n";
    let owner = "{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: u, controller: true}";
    let metadata = format!("namespace: vk, labels: {{app: web}}, ownerReferences: [{owner}]");
    let old = pod("web-old", &metadata, "nodeName: web-0");
    let name_of_node = measured(&scenario(""), &pod("x", "", "")).observation.nodes[0].name.clone();
    let manifests = namespace("vk", ENABLED) + set + &old.replace("web-0", &name_of_node);
    let ready: Vec<_> = ready(&manifests).into_iter().map(|(_, ready)| ready).collect();
    assert_eq!(ready, ["1/1", "2/2"]);
}

fn only_row(spec: &str, metadata: &str) -> PodRow {
    let manifests = namespace("vk", ENABLED) + &pod("nginx", &format!("namespace: vk, {metadata}"), ON_ECI);
    measured(&scenario(spec), &manifests).observation.pods.remove(0)
}

/// 1 core and 2 GiB; with Envoy's 2 cores and 1 GiB 3 cores and 3 GiB, which is sold as 4 and 4.
#[test]
fn the_bill_counts_what_envoy_may_use() {
    let billed = |spec: &str| only_row(spec, "").billed_spec;
    assert_eq!(billed(""), "1-2Gi");
    assert_eq!(billed(MESH), "4-4Gi");
    let exact = "
  mesh: {proxy: {cpuLimit: '1', memoryLimit: 2Gi}, ready: {constant: 5s}}";
    assert_eq!(billed(exact), "2-4Gi", "twice as much is exactly twice the specification");
    assert_eq!(
        billed(
            "
  mesh: {nativeSidecar: true}"
        ),
        billed(MESH)
    );
    let one_limit = only_row(MESH, "annotations: {sidecar.istio.io/proxyCPULimit: '1'}");
    assert_eq!(one_limit.billed_spec, "2-2Gi", "an annotation leaves no limit that it does not give");
}

/// Four cores are room for ten pods of 400m, or for eight of 400m and 100m.
#[test]
fn the_scheduler_sees_what_envoy_requests() {
    let placed = |spec: &str| {
        let pods: String = (0..12).map(|number| pod(&format!("p{number}"), "namespace: vk", "")).collect();
        let rows = measured(&scenario(spec), &(namespace("vk", ENABLED) + &pods)).observation.pods;
        rows.iter().filter(|row| row.scheduled.is_some()).count()
    };
    assert_eq!(placed(""), 10);
    assert_eq!(placed(MESH), 8);
    assert_eq!(
        placed(
            "
  mesh: {nativeSidecar: true}"
        ),
        8
    );
    assert_eq!(
        placed(
            "
  mesh: {proxy: {cpu: 400m}}"
        ),
        5
    );
}
