//! The fields without which the API server refuses an object.
//!
//! k8s-openapi fills a missing required field with an empty value. Source: the `required` lists of Kubernetes v1.34's
//! api/openapi-spec/swagger.json, for what can be written in the kinds that are read here. Status types are left out:
//! a server fills them. Those of ResourcePolicy are what ACK documents, those of SidecarSet what OpenKruise's
//! webhook asks for.

/// The required fields of the struct that Kubernetes calls `name`.
#[rustfmt::skip]
pub(crate) fn fields(name: &str) -> &'static [&'static str] {
    match name {
        "Container" | "EnvVar" | "EphemeralContainer" | "MetricIdentifier" | "PodSchedulingGate" | "SidecarContainer" | "Volume" => &["name"],
        "ContainerPort" => &["containerPort"],
        "ContainerResourceMetricSource" => &["container", "name", "target"],
        "BindingReference" | "CrossVersionObjectReference" => &["kind", "name"],
        "DaemonSetSpec" | "DeploymentSpec" | "StatefulSetSpec" => &["selector", "template"],
        "ExternalMetricSource" | "PodsMetricSource" => &["metric", "target"],
        "HPAScalingPolicy" => &["periodSeconds", "type", "value"],
        "HorizontalPodAutoscalerSpec" => &["maxReplicas", "scaleTargetRef"],
        "HTTPGetAction" | "TCPSocketAction" | "GRPCAction" | "ServicePort" => &["port"],
        "LabelSelectorRequirement" | "NodeSelectorRequirement" => &["key", "operator"],
        "MetricSpec" | "MetricTarget" => &["type"],
        "NodeSelector" => &["nodeSelectorTerms"],
        "ObjectMetricSource" => &["describedObject", "metric", "target"],
        "OwnerReference" => &["apiVersion", "kind", "name", "uid"],
        "PodAffinityTerm" => &["topologyKey"],
        "PodReadinessGate" => &["conditionType"],
        "PodSpec" => &["containers"],
        "PreferredSchedulingTerm" => &["preference", "weight"],
        "PriorityClass" => &["value"],
        "JobSpec" => &["template"],
        "ReplicaSetSpec" | "SidecarSetSpec" => &["selector"],
        "ResourceMetricSource" => &["name", "target"],
        "ResourcePolicy" | "SidecarSet" | "SidecarSetResourceBinding" => &["spec"],
        "ResourcePolicySpec" => &["units"],
        "SidecarSetResourceBindingSpec" => &["resourceRefs", "subjects"],
        "Taint" => &["effect", "key"],
        "TopologySpreadConstraint" => &["maxSkew", "topologyKey", "whenUnsatisfiable"],
        "Unit" => &["resource"],
        "VolumeMount" => &["mountPath", "name"],
        "WeightedPodAffinityTerm" => &["podAffinityTerm", "weight"],
        _ => &[],
    }
}
