//! What is told about a mesh before anything runs.

use crate::written::{ON_ECI, namespace, pod, scenario, told};

fn mesh(fields: &str) -> String {
    scenario(&format!(
        "
  mesh: {{{fields}}}"
    ))
}

#[track_caller]
fn check(scenario: &str, manifests: &str, expected: &[&str]) {
    assert_eq!(told(scenario, manifests), expected);
}

/// ASM, "Manage pods on ECI through virtual nodes", prerequisites.
#[test]
fn pods_on_eci_need_a_version_of_asm() {
    let nginx = pod("nginx", "", ON_ECI);
    let too_old = ["E0403 ASM injects sidecars into pods on ECI from version 1.7.5.41 on"];
    check(&mesh("version: 1.7.5.40"), &nginx, &too_old);
    check(&mesh("version: 1.6.8"), &nginx, &too_old);
    check(&mesh("version: v1.7.5.41-ge61a01c2-aliyun"), &nginx, &[]);
    check(&mesh("version: '1.18'"), &nginx, &[]);
    check(&mesh("version: newest"), &nginx, &["E0201 \"newest\" is not a version such as 1.18.0.131"]);
    let without_eci = mesh("version: 1.6.8").replace("virtualNodes: {cn-hangzhou-j: {}}", "virtualNodes: {}");
    check(&without_eci, &pod("nginx", "", ""), &[]);
}

/// ASM, "Configure an ASM ingress gateway to support elastic scaling", prerequisites.
#[test]
fn the_cluster_is_of_a_type_that_the_documents_name() {
    for right in ["ackStandard", "ackPro", "ackDedicated"] {
        check(&mesh(&format!("clusterType: {right}")), &pod("nginx", "", ""), &[]);
    }
    check(
        &mesh("clusterType: ask"),
        &pod("nginx", "", ""),
        &["E0404 an ASK cluster, where every pod runs on ECI by itself, is not simulated"],
    );
}

#[test]
fn a_gateway_that_is_to_overflow_needs_virtual_nodes() {
    let gateway = "apiVersion: istio.alibabacloud.com/v1beta1\nkind: IstioGateway\nmetadata: {name: edge}\n\
        spec: {tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}], maxReplicas: 5}\n";
    let none = scenario("").replace("virtualNodes: {cn-hangzhou-j: {}}", "virtualNodes: {}");
    let none = none.replace("virtualNodes", "mesh: {}\n  virtualNodes");
    let idle = "W0404 this gateway has no autoscaler: it never has 5 pods by itself";
    let nowhere = "W0404 IstioGateway/istio-system/edge tolerates virtual nodes, and there are none";
    check(&none, gateway, &[idle, nowhere]);
    check(&mesh(""), &gateway.replace(", maxReplicas: 5", ""), &[]);
}

/// ASM, "Configure an ASM ingress gateway to support elastic scaling", prerequisites: an ASM instance.
#[test]
fn a_gateway_needs_a_mesh() {
    let gateway = "apiVersion: istio.alibabacloud.com/v1beta1\nkind: IstioGateway\nmetadata: {name: edge}\n";
    let told = "W0404 IstioGateway/istio-system/edge is made by ASM, and the scenario has no mesh: nothing that ASM asks \
                for is checked";
    check(&scenario(""), gateway, &[told]);
    check(&mesh("clusterType: ackPro"), gateway, &[]);
    let ask = "E0404 an ASK cluster, where every pod runs on ECI by itself, is not simulated";
    check(&mesh("clusterType: ask"), gateway, &[ask]);
}

#[test]
fn labels_that_ask_for_sidecars_in_vain_are_told() {
    let enabled = namespace("vk", "istio-injection: enabled");
    let in_vain = "W0401 `istio-injection` has no effect here, in Namespace vk";
    check(&scenario(""), &enabled, &[in_vain]);
    check(&scenario(""), &namespace("vk", "istio-injection: disabled"), &[]);
    check(&mesh(""), &enabled, &[]);
    check(
        &mesh("revision: canary"),
        &enabled,
        &["W0404 the mesh's revision is canary, which only istio.io/rev asks for"],
    );
    let asks = pod("nginx", "labels: {sidecar.istio.io/inject: 'true'}", "");
    check(&scenario(""), &asks, &["W0401 `sidecar.istio.io/inject` has no effect here, in Pod nginx"]);
    let other = namespace("vk", "istio.io/rev: stable");
    check(&mesh("revision: canary"), &other, &["W0404 the mesh's revision is canary, not stable"]);
    check(
        &mesh(""),
        &namespace("vk", "istio-injection: 'true'"),
        &["W0404 \"true\" turns injection off: only `enabled` turns it on"],
    );
}

#[test]
fn everything_wrong_in_a_mesh_is_told_at_once() {
    let fields = "proxy: {cpu: '3'}, cpuPerThousandRequests: 0, ready: {uniform: {min: 2s, max: 1s}}, \
                  neverInjectSelector: [{matchExpressions: [{key: a, operator: In}]}]";
    let wrong = told(&mesh(fields), &pod("nginx", "", ""));
    assert_eq!(
        wrong,
        [
            "E0403 the proxy's cpu request of 3 must be from 0 to its limit of 2",
            "E0403 must be greater than 0",
            "E0403 min 2s is above max 1s: swap them",
            "E0204 In and NotIn need `values`, Exists and DoesNotExist none",
        ]
    );
    assert!(told(&mesh("prxy: {}"), &pod("nginx", "", ""))[0].starts_with("E0202 unknown field `prxy`"));
}

#[test]
fn annotations_that_make_no_proxy_are_told() {
    let asks = "labels: {sidecar.istio.io/inject: 'true'}";
    let nginx = pod("nginx", &format!("{asks}, annotations: {{sidecar.istio.io/proxyCPU: ten}}"), "");
    let wrong = told(&mesh(""), &nginx);
    assert!(wrong[0].starts_with("E0204 Pod/default/nginx: sidecar.istio.io/proxyCPU: "), "{wrong:?}");
    let unheard = "W0401 `sidecar.istio.io/inject` has no effect here, in Pod nginx";
    check(&scenario(""), &nginx, &[unheard]);
}

/// The API server takes annotations that nobody reads.
#[test]
fn annotations_of_a_pod_without_a_proxy_are_not_looked_at() {
    check(&mesh(""), &pod("nginx", "annotations: {sidecar.istio.io/proxyCPU: ten}", ""), &[]);
}

/// rule: asm-gateway-rollout
#[test]
fn fields_of_a_gateway_are_checked() {
    let gateway = "apiVersion: istio.alibabacloud.com/v1beta1\nkind: IstioGateway\nmetadata: {name: edge}\n\
        spec: {replicas: 2, gatewayType: inward, overrides: {c1: {replicaCount: 3}}, rollingMaxSurge: 1}\n";
    let wrong = told(&mesh(""), gateway);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    check(
        &mesh(""),
        &gateway.replace("replicas: 2, gatewayType: inward, ", ""),
        &["W0401 `overrides` has no effect here, in IstioGateway edge"],
    );
    let stuck = gateway.replace("replicas: 2, gatewayType: inward, overrides: {c1: {replicaCount: 3}}, ", "");
    let stuck = stuck.replace("rollingMaxSurge: 1", "rollingMaxSurge: 0, rollingMaxUnavailable: 0%");
    check(&scenario(""), &stuck, &["E0204 may not be 0 when `maxSurge` is 0"]);
}
