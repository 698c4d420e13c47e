use overspill_manifest::{Decoder, Source, read_documents};

use crate::controller::hpa::{MetricSpec, Resource, ResourceTarget};
use crate::object::Labels;
use crate::scenario::inventory::{Inventory, ObjectProblem, Stocked};
use crate::units::{Bytes, MilliCpu};

fn stock(text: &str) -> Result<Inventory, Vec<ObjectProblem>> {
    let read = read_documents(&Source::new("f.yaml", text));
    let mut decoder = Decoder::new(true);
    let objects = read.documents.iter().filter_map(|one| decoder.decode(one));
    let objects: Vec<_> = objects.map(Stocked::Object).collect();
    assert_eq!((read.diagnostics, decoder.finish()), (vec![], vec![]));
    Inventory::of(&objects)
}

fn gateway(metadata: &str, spec: &str) -> String {
    format!(
        "apiVersion: istio.alibabacloud.com/v1beta1\nkind: IstioGateway\nmetadata: {{name: ingressgateway{metadata}}}\n\
         spec: {{{spec}}}\n---\n"
    )
}

/// The fields of the API's own example, and those that seeds put beside them.
const EXAMPLE: &str = "gatewayType: ingress, clusterIds: [xxxxx], \
    ports: [{name: http-0, port: 80, targetPort: 80, protocol: TCP}, {name: https-1, port: 443, targetPort: 0}], \
    serviceAnnotations: {a/b: slb.s1.small}, replicaCount: 2, \
    resources: {limits: {cpu: '2', memory: 4G}, requests: {cpu: 100m, memory: 128Mi}}, \
    serviceType: LoadBalancer, maxReplicas: 2, minReplicas: 2, nodeSelector: {a: b}, \
    affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: \
      [{matchExpressions: [{key: type, operator: In, values: [virtual-kubelet]}]}]}}}, \
    tolerations: [{key: mykey, operator: Equal, value: myvalue, effect: NoSchedule}], \
    podAnnotations: {k8s.aliyun.com/eci-use-specs: 2-4Gi}, podLabels: {tier: edge, app: mine}, \
    env: [{name: __ECI_RESOURCE_IGNORE__, value: 'TRUE'}]";

/// rule: asm-gateway
#[test]
fn a_gateway_becomes_a_deployment_and_a_service_in_istio_system() {
    let inventory = stock(&gateway("", EXAMPLE)).unwrap();
    let [workload] = &inventory.workloads[..] else { panic!("{:?}", inventory.workloads) };
    assert_eq!(workload.title(), "Deployment/istio-system/istio-ingressgateway");
    assert_eq!(workload.replicas, 2);
    let pod = &workload.template;
    assert_eq!(pod.requests.filter.cpu, MilliCpu(100));
    assert_eq!(pod.annotations.get("k8s.aliyun.com/eci-use-specs"), Some("2-4Gi"));
    assert_eq!((pod.labels.get("tier"), pod.labels.get("app")), (Some("edge"), Some("istio-ingressgateway")));
    assert_eq!(pod.labels.get("sidecar.istio.io/inject"), Some("false"));
    assert_eq!((pod.tolerations.len(), pod.ready_containers()), (1, 1));
    assert_eq!(pod.containers[0].env.get("__ECI_RESOURCE_IGNORE__"), Some("TRUE"));
    assert_eq!(pod.node_selector, Some([("a", "b")].into_iter().collect()));
    let required = pod.node_affinity.required.as_ref().unwrap();
    let virtual_node: Labels = [("type", "virtual-kubelet")].into_iter().collect();
    assert!(required.matches("v", &virtual_node) && !required.matches("e", &Labels::default()));
    assert_eq!(inventory.services.len(), 1);
    assert!(pod.labels.contains_all(&inventory.services[0].selector));
    assert_eq!(inventory.scaled_as("IstioGateway/istio-system/ingressgateway"), workload.title());
    assert_eq!(inventory.autoscalers.len(), 0, "without autoscaleEnabled");
}

/// rule: asm-gateway
#[test]
fn a_gateway_says_where_it_is() {
    let inventory = stock(&gateway(", namespace: edge", "hostNetwork: true, ports: [{port: 80}]")).unwrap();
    assert_eq!(inventory.workloads[0].title(), "Deployment/edge/istio-ingressgateway");
    assert_eq!(
        inventory.scaled_as("IstioGateway/edge/ingressgateway"),
        "Deployment/edge/istio-ingressgateway"
    );
    assert_eq!(inventory.scaled_as("Deployment/other/one"), "Deployment/other/one");
    assert!(inventory.workloads[0].template.host_network);
    assert_eq!(inventory.workloads[0].template.host_ports[0].port, 80);
}

/// rule: asm-gateway-defaults
#[test]
fn a_gateway_has_resources_by_default() {
    let inventory = stock(&gateway("", "")).unwrap();
    let workload = &inventory.workloads[0];
    let requests = &workload.template.requests.filter;
    assert_eq!((workload.replicas, requests.cpu, requests.memory), (1, MilliCpu(200), Bytes::from_mib(256)));
    let limits = &workload.template.containers[0].limits;
    assert_eq!((limits["cpu"].value(), limits["memory"].value()), (2, 2_000_000_000));
}

/// rule: asm-gateway-autoscaling
#[test]
fn an_autoscaled_gateway_is_sized_between_its_bounds() {
    let sized = |spec: &str| {
        let mut inventory = stock(&gateway("", &format!("autoscaleEnabled: true, {spec}"))).unwrap();
        let autoscaler = inventory.autoscalers.pop().unwrap();
        assert_eq!(autoscaler.target, "Deployment/istio-system/istio-ingressgateway");
        autoscaler.spec
    };
    let cpu = |percent| MetricSpec::Resource {
        resource: Resource::Cpu,
        target: ResourceTarget::Utilization(percent),
    };
    let spec = sized("");
    assert_eq!((spec.min_replicas, spec.max_replicas, &spec.metrics[..]), (1, 5, &[cpu(80)][..]));
    let spec = sized("minReplicas: 3, maxReplicas: 9, cpu: {targetAverageUtilization: 60}");
    assert_eq!((spec.min_replicas, spec.max_replicas, &spec.metrics[..]), (3, 9, &[cpu(60)][..]));
    assert_eq!(sized("memory: {targetAverageUtilization: 70}").metrics.len(), 2);
}

/// A dump of a cluster holds both the gateway and what was made of it.
#[test]
fn what_stands_in_the_manifests_is_not_made_again() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\n\
        metadata: {name: istio-ingressgateway, namespace: istio-system}\n\
        spec: {replicas: 7, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, \
        spec: {containers: [{name: istio-proxy}]}}}\n---\n";
    let autoscaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n\
        metadata: {name: other, namespace: istio-system}\n\
        spec: {maxReplicas: 8, scaleTargetRef: {kind: Deployment, name: istio-ingressgateway}}\n";
    let text = gateway("", "autoscaleEnabled: true") + deployment + autoscaler;
    let inventory = stock(&text).unwrap();
    assert_eq!(inventory.workloads.iter().map(|one| one.replicas).collect::<Vec<_>>(), [7]);
    assert_eq!(inventory.autoscalers.iter().map(|one| one.spec.max_replicas).collect::<Vec<_>>(), [8]);
}

#[test]
fn what_the_api_server_would_refuse_is_told_where_it_stands_in_the_gateway() {
    let text = gateway(
        "",
        "replicaCount: -1, autoscaleEnabled: true, maxReplicas: 0, cpu: {targetAverageUtilization: 0}, \
         resources: {requests: {cpu: 3}, limits: {cpu: 2}}, tolerations: [{key: a, effect: Never}]",
    );
    let mut paths: Vec<_> = stock(&text).unwrap_err().into_iter().map(|one| one.problem.path).collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "spec.cpu.targetAverageUtilization",
            "spec.maxReplicas",
            "spec.replicaCount",
            "spec.resources.requests.cpu",
            "spec.tolerations[0].effect",
        ]
    );
}
