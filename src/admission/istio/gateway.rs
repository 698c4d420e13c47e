//! What ASM makes of an `IstioGateway`: a Deployment, a Service and an autoscaler.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::autoscaling::v2 as autoscaling;
use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as ApiQuantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use overspill_manifest::{GatewayPort, IstioGateway};

use super::{INJECT, sidecar};
use crate::rule::{Confidence, Rule};

pub(in crate::admission) const RULES: &[Rule] = &[
    Rule {
        id: "asm-gateway",
        statement: "An IstioGateway NAME becomes the Deployment and the Service istio-NAME, in istio-system \
                    unless it says otherwise; its affinity, tolerations and nodeSelector are those of the \
                    pods, which get no second proxy.",
        source: "ASM, \"ASM gateway CRD reference\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "asm-gateway-defaults",
        statement: "A gateway has one pod that requests 200m and 256Mi and is limited to 2 cores and 2G, \
                    unless it says otherwise.",
        source: "ASM, \"ASM gateway CRD reference\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "asm-gateway-rollout",
        statement: "rollingMaxSurge and rollingMaxUnavailable of a gateway are its Deployment's bounds.",
        source: "ASM, \"ASM gateway CRD reference\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "asm-gateway-autoscaling",
        statement: "With autoscaleEnabled a gateway has an autoscaler, for 1 to 5 pods at 80 percent of cpu \
                    unless it says otherwise.",
        source: "istio/istio, manifests/charts/gateways/istio-ingress/values.yaml",
        confidence: Confidence::Estimate,
    },
];

/// How a gateway that does not say is reached from outside the cluster.
const SERVICE_TYPE: &str = "LoadBalancer";
/// Where ASM puts gateways that do not say where.
pub const NAMESPACE: &str = "istio-system";
/// The fewest pods of an autoscaled gateway that does not say.
const MIN_REPLICAS: i32 = 1;
/// The most.
const MAX_REPLICAS: i32 = 5;
/// The cpu utilisation that its autoscaler aims at.
const CPU_UTILIZATION: i32 = 80;

/// What stands for a gateway in the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// Its pods.
    pub deployment: Deployment,
    /// What spreads requests over them.
    pub service: api::Service,
    /// What sizes it, with `autoscaleEnabled`.
    pub autoscaler: Option<autoscaling::HorizontalPodAutoscaler>,
}

/// Makes what stands for a gateway.
pub fn make(gateway: &IstioGateway) -> Made {
    let metadata = metadata(gateway);
    let has_autoscaler = gateway.spec.autoscale_enabled == Some(true);
    Made {
        deployment: deployment(gateway, &metadata),
        service: service(gateway, &metadata),
        autoscaler: has_autoscaler.then(|| autoscaler(gateway, &metadata)),
    }
}

/// Where a field of what is made stands in the gateway.
pub fn path_in_gateway(path: &str) -> String {
    let replaced = [
        ("spec.template.spec.containers[0]", "spec"),
        ("spec.template.spec", "spec"),
        ("spec.template.metadata.labels", "spec.podLabels"),
        ("spec.template.metadata.annotations", "spec.podAnnotations"),
        ("spec.template.metadata", "metadata"),
        ("spec.metrics[0].resource.target.averageUtilization", "spec.cpu.targetAverageUtilization"),
        ("spec.metrics[0]", "spec.cpu"),
        ("spec.metrics[1].resource.target.averageUtilization", "spec.memory.targetAverageUtilization"),
        ("spec.metrics[1]", "spec.memory"),
        ("spec.replicas", "spec.replicaCount"),
        ("spec.strategy.rollingUpdate.maxSurge", "spec.rollingMaxSurge"),
        ("spec.strategy.rollingUpdate.maxUnavailable", "spec.rollingMaxUnavailable"),
        ("spec.scaleTargetRef", "spec.autoscaleEnabled"),
        ("spec.type", "spec.serviceType"),
    ];
    let below = |from: &str| {
        let rest = path.strip_prefix(from)?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
    };
    let found = replaced.iter().find_map(|(from, to)| Some(format!("{to}{}", below(from)?)));
    found.unwrap_or_else(|| path.to_owned())
}

/// Of everything that is made.
fn metadata(gateway: &IstioGateway) -> ObjectMeta {
    ObjectMeta {
        name: gateway.metadata.name.as_ref().map(|name| format!("istio-{name}")),
        namespace: Some(gateway.metadata.namespace.clone().unwrap_or_else(|| NAMESPACE.to_owned())),
        labels: Some(selected(gateway)),
        ..ObjectMeta::default()
    }
}

/// The labels by which pods belong to a gateway.
fn selected(gateway: &IstioGateway) -> BTreeMap<String, String> {
    let name = gateway.metadata.name.clone().unwrap_or_default();
    [("app".to_owned(), format!("istio-{name}")), ("istio".to_owned(), name)].into()
}

fn deployment(gateway: &IstioGateway, metadata: &ObjectMeta) -> Deployment {
    let spec = &gateway.spec;
    let mut labels = spec.pod_labels.clone();
    labels.extend(selected(gateway));
    labels.insert(INJECT.to_owned(), "false".to_owned());
    let pod = api::PodSpec {
        containers: vec![container(gateway)],
        affinity: spec.affinity.clone(),
        tolerations: spec.tolerations.clone(),
        node_selector: spec.node_selector.clone(),
        host_network: spec.host_network,
        ..api::PodSpec::default()
    };
    let template_metadata = ObjectMeta {
        labels: Some(labels),
        annotations: Some(spec.pod_annotations.clone()),
        ..ObjectMeta::default()
    };
    Deployment {
        metadata: metadata.clone(),
        spec: Some(DeploymentSpec {
            replicas: Some(spec.replica_count.unwrap_or(1)),
            selector: LabelSelector { match_labels: Some(selected(gateway)), ..LabelSelector::default() },
            template: api::PodTemplateSpec { metadata: Some(template_metadata), spec: Some(pod) },
            strategy: strategy(gateway),
            ..DeploymentSpec::default()
        }),
        status: None,
    }
}

/// How the gateway's pods are replaced; the API server's defaults for what it does not say.
fn strategy(gateway: &IstioGateway) -> Option<DeploymentStrategy> {
    let (max_surge, max_unavailable) =
        (gateway.spec.rolling_max_surge.clone(), gateway.spec.rolling_max_unavailable.clone());
    let is_said = max_surge.is_some() || max_unavailable.is_some();
    let rolling_update = Some(RollingUpdateDeployment { max_surge, max_unavailable });
    is_said.then_some(DeploymentStrategy { type_: None, rolling_update })
}

fn container(gateway: &IstioGateway) -> api::Container {
    let spec = &gateway.spec;
    let port = |port: &GatewayPort| {
        let number = port.target_port.filter(|&number| number > 0).unwrap_or(port.port);
        api::ContainerPort { container_port: number, ..api::ContainerPort::default() }
    };
    api::Container {
        name: sidecar::PROXY.to_owned(),
        image: Some(sidecar::DEFAULT_IMAGE.to_owned()),
        env: Some(spec.env.clone()),
        ports: Some(spec.ports.iter().map(port).collect()),
        resources: Some(spec.resources.clone().unwrap_or_else(default_resources)),
        ..api::Container::default()
    }
}

fn default_resources() -> api::ResourceRequirements {
    let list = |cpu: &str, memory: &str| {
        let quantity = |text: &str| ApiQuantity(text.to_owned());
        Some([("cpu".to_owned(), quantity(cpu)), ("memory".to_owned(), quantity(memory))].into())
    };
    api::ResourceRequirements {
        requests: list("200m", "256Mi"),
        limits: list("2", "2G"),
        ..api::ResourceRequirements::default()
    }
}

fn service(gateway: &IstioGateway, metadata: &ObjectMeta) -> api::Service {
    let given = &gateway.spec;
    let port = |port: &GatewayPort| api::ServicePort {
        name: port.name.clone(),
        port: port.port,
        // ASM takes 0 for none.
        target_port: port.target_port.filter(|&number| number > 0).map(IntOrString::Int),
        node_port: port.node_port.filter(|&number| number > 0),
        // What HTTP, HTTP2, HTTPS, GRPC and the like run on.
        protocol: Some(if port.protocol.as_deref() == Some("UDP") { "UDP" } else { "TCP" }.to_owned()),
        ..api::ServicePort::default()
    };
    let spec = api::ServiceSpec {
        type_: Some(given.service_type.clone().unwrap_or_else(|| SERVICE_TYPE.to_owned())),
        ports: Some(given.ports.iter().map(port).collect()).filter(|ports: &Vec<_>| !ports.is_empty()),
        selector: Some(selected(gateway)),
        external_traffic_policy: given.external_traffic_policy.clone(),
        load_balancer_ip: given.load_balancer_ip.clone(),
        ..api::ServiceSpec::default()
    };
    let annotations = Some(given.service_annotations.clone()).filter(|all| !all.is_empty());
    let metadata = ObjectMeta { annotations, ..metadata.clone() };
    api::Service { metadata, spec: Some(spec), status: None }
}

fn autoscaler(gateway: &IstioGateway, metadata: &ObjectMeta) -> autoscaling::HorizontalPodAutoscaler {
    let spec = &gateway.spec;
    let metric = |name: &str, percent: i32| autoscaling::MetricSpec {
        type_: "Resource".to_owned(),
        resource: Some(autoscaling::ResourceMetricSource {
            name: name.to_owned(),
            target: autoscaling::MetricTarget {
                type_: "Utilization".to_owned(),
                average_utilization: Some(percent),
                ..autoscaling::MetricTarget::default()
            },
        }),
        ..autoscaling::MetricSpec::default()
    };
    let cpu = spec.cpu.map_or(CPU_UTILIZATION, |cpu| cpu.target_average_utilization);
    let memory = spec.memory.map(|memory| metric("memory", memory.target_average_utilization));
    autoscaling::HorizontalPodAutoscaler {
        metadata: metadata.clone(),
        spec: Some(autoscaling::HorizontalPodAutoscalerSpec {
            scale_target_ref: autoscaling::CrossVersionObjectReference {
                api_version: Some("apps/v1".to_owned()),
                kind: "Deployment".to_owned(),
                name: metadata.name.clone().unwrap_or_default(),
            },
            min_replicas: Some(spec.min_replicas.unwrap_or(MIN_REPLICAS)),
            max_replicas: spec.max_replicas.unwrap_or(MAX_REPLICAS),
            metrics: Some([metric("cpu", cpu)].into_iter().chain(memory).collect()),
            ..autoscaling::HorizontalPodAutoscalerSpec::default()
        }),
        status: None,
    }
}
