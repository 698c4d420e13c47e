//! ASM gateways in runs.

use overspill::metric::PodRow;

use crate::written::{MESH, measured, namespace, scenario};

const SPIKE: &str = include_str!("../../scenarios/gateway-spike/scenario.yaml");
const DEPLOYMENT: &str = include_str!("../../scenarios/gateway-spike/manifests/gateway.yaml");

/// The gateway of the scenario gateway-spike as the document has it: affinity and tolerations directly below `spec`.
const GATEWAY: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
---
apiVersion: istio.alibabacloud.com/v1beta1
kind: IstioGateway
metadata: {name: ingressgateway}
spec:
  gatewayType: ingress
  serviceType: LoadBalancer
  replicaCount: 10
  autoscaleEnabled: true
  minReplicas: 10
  maxReplicas: 120
  cpu: {targetAverageUtilization: 80}
  resources:
    requests: {cpu: 200m, memory: 256Mi}
    limits: {cpu: '2', memory: 4G}
  affinity:
    nodeAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
      - preference:
          matchExpressions: [{key: type, operator: In, values: [virtual-kubelet]}]
        weight: 20
      - preference:
          matchExpressions: [{key: mykey4pod, operator: In, values: [asmgateway]}]
        weight: 80
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
        - matchExpressions: [{key: mykey4pod, operator: In, values: [asmgateway]}]
        - matchExpressions: [{key: type, operator: In, values: [virtual-kubelet]}]
  tolerations:
  - {effect: NoSchedule, key: virtual-kubelet.io/provider, operator: Equal, value: alibabacloud}
  - {effect: NoSchedule, key: mykey, operator: Equal, value: myvalue}
";

fn spike(to: &str) -> String {
    SPIKE
        // The variants change the Deployment that is not there.
        .split("\n  variants:")
        .next()
        .expect("a text has a beginning")
        .replace("manifests: [manifests/]", "manifests: [manifests.yaml]")
        .replace("../../prices/cn-hangzhou-usd.yaml", "prices.yaml")
        .replace("Deployment/istio-system/istio-ingressgateway", to)
}

/// ASM, "Configure an ASM ingress gateway to support elastic scaling": the fields of the gateway, and nothing else.
/// rule: asm-gateway
#[test]
fn a_gateway_overflows_and_costs_as_its_deployment_does() {
    let written_out =
        measured(&spike("Deployment/istio-system/istio-ingressgateway"), DEPLOYMENT).observation;
    for to in ["IstioGateway/istio-system/ingressgateway", "Deployment/istio-system/istio-ingressgateway"] {
        let as_gateway = measured(&spike(to), GATEWAY).observation;
        assert_eq!(as_gateway.summary, written_out.summary);
        let nameless = |row: &PodRow| PodRow { name: String::new(), ..row.clone() };
        let rows = |rows: &[PodRow]| rows.iter().map(nameless).collect::<Vec<_>>();
        assert_eq!(rows(&as_gateway.pods), rows(&written_out.pods));
    }
    assert!(written_out.summary.get("overflow.early").is_some_and(|early| early.number > 0.0));
}

/// rule: asm-gateway
#[test]
fn a_gateway_gets_no_second_proxy() {
    let gateway = "apiVersion: istio.alibabacloud.com/v1beta1\nkind: IstioGateway\nmetadata: {name: edge}\n";
    let manifests = namespace("istio-system", "istio-injection: enabled") + gateway;
    let rows = measured(&scenario(MESH), &manifests).observation.pods;
    assert_eq!(rows.iter().map(PodRow::ready_containers).collect::<Vec<_>>(), ["1/1"]);
}

/// rule: asm-gateway
#[test]
fn a_gateway_may_come_during_a_run() {
    let gateway = "{apiVersion: istio.alibabacloud.com/v1beta1, kind: IstioGateway, metadata: {name: edge}, \
        spec: {replicaCount: 2, autoscaleEnabled: true, minReplicas: 3, maxReplicas: 4, resources: {requests: {cpu: 100m}}}}";
    let comes = format!("\n  timeline: [{{at: 1m, apply: {{manifest: {gateway}}}}}]");
    let rows = measured(&scenario(&comes), &namespace("istio-system", "")).observation.pods;
    let minutes: Vec<_> = rows.iter().map(|row| row.created.whole_secs() / 60).collect();
    assert_eq!(minutes, [1, 1, 1], "two at once, and the third when the autoscaler has looked");
}
