//! The defaults that the API server fills in on creation, as far as scheduling or the bill can see them.
//!
//! Source: pkg/apis/core/v1/defaults.go and zz_generated.defaults.go at tag v1.34.1.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as ApiQuantity;

use crate::object::requests::{aggregate, is_pod_level};
use crate::object::{Container, ContainerRole, ResourceList};
use crate::rule::{Confidence, Rule};
use crate::units::Quantity;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "limits-become-requests",
        statement: "On creation a container that limits a resource and requests none of it requests its \
                    limit.",
        source: "pkg/apis/core/v1/defaults.go `SetDefaults_Pod`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "pod-level-limits",
        statement: "On creation a pod-level limit without a request becomes the sum of the containers' \
                    requests, or the limit where none requests the resource.",
        source: "pkg/apis/core/v1/defaults.go `defaultPodRequests`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "host-network-ports",
        statement: "On the node's network every container port is a host port.",
        source: "pkg/apis/core/v1/defaults.go `defaultHostNetworkPorts`",
        confidence: Confidence::Source,
    },
];

type ApiList = BTreeMap<String, ApiQuantity>;

/// Fills in a pod's defaults. Doing it twice changes nothing.
pub fn default_pod(pod: &mut api::Pod) {
    if let Some(spec) = &mut pod.spec {
        default_pod_spec(spec);
    }
}

/// Fills in the defaults of a pod's specification.
pub fn default_pod_spec(spec: &mut api::PodSpec) {
    let host_network = spec.host_network == Some(true);
    for container in spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten()) {
        requests_from_limits(container);
        default_ports(container, host_network);
    }
    default_pod_level_requests(spec);
    spec.scheduler_name.get_or_insert_with(|| "default-scheduler".to_owned());
}

/// A container that limits a resource and requests none of it requests its limit (`SetDefaults_Pod`).
fn requests_from_limits(container: &mut api::Container) {
    let Some(resources) = &mut container.resources else { return };
    let Some(limits) = &resources.limits else { return };
    let requests = resources.requests.get_or_insert_with(ApiList::new);
    for (name, limit) in limits {
        requests.entry(name.clone()).or_insert_with(|| limit.clone());
    }
}

/// On the node's network every container port is a host port (`defaultHostNetworkPorts`).
fn default_ports(container: &mut api::Container, host_network: bool) {
    for port in container.ports.iter_mut().flatten() {
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
        if host_network && port.host_port.unwrap_or(0) == 0 {
            port.host_port = Some(port.container_port);
        }
    }
}

/// Pod-level limits without requests become requests: of a resource that some container requests, the containers'
/// sum, of any other the limit (`defaultPodRequests`). Huge pages keep their limit.
fn default_pod_level_requests(spec: &mut api::PodSpec) {
    let containers_ask = container_sum(spec);
    let Some(resources) = &mut spec.resources else { return };
    let Some(limits) = resources.limits.clone().filter(|limits| !limits.is_empty()) else { return };
    let requests = resources.requests.get_or_insert_with(ApiList::new);
    for (name, sum) in containers_ask.iter().filter(|(name, _)| is_pod_level(name)) {
        requests.entry(name.clone()).or_insert_with(|| ApiQuantity(sum.to_string()));
    }
    for (name, limit) in limits.iter().filter(|(name, _)| is_pod_level(name)) {
        requests.entry(name.clone()).or_insert_with(|| limit.clone());
    }
}

/// What the containers ask for together; a quantity that cannot be read is told when the pod is converted.
fn container_sum(spec: &api::PodSpec) -> ResourceList {
    let init = spec.init_containers.iter().flatten().map(|one| {
        let sidecar = one.restart_policy.as_deref() == Some("Always");
        (if sidecar { ContainerRole::Sidecar } else { ContainerRole::Init }, one)
    });
    let main = spec.containers.iter().map(|one| (ContainerRole::Main, one));
    let readable = |(role, one): (ContainerRole, &api::Container)| {
        let requests = one.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        let read =
            |(name, text): (&String, &ApiQuantity)| Some((name.clone(), text.0.parse::<Quantity>().ok()?));
        let requests = requests.into_iter().flatten().filter_map(read).collect();
        Container { role, requests, ..Container::named(&one.name) }
    };
    aggregate(&init.chain(main).map(readable).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(pairs: &[(&str, &str)]) -> ApiList {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), ApiQuantity((*text).to_owned()))).collect()
    }

    fn container(requests: &[(&str, &str)], limits: &[(&str, &str)]) -> api::Container {
        api::Container {
            resources: Some(api::ResourceRequirements {
                requests: Some(list(requests)),
                limits: Some(list(limits)),
                ..Default::default()
            }),
            ..Default::default()
        }
    }

    /// rule: limits-become-requests
    #[test]
    fn limits_become_requests_where_none_are_given() {
        let mut spec = api::PodSpec {
            containers: vec![container(&[("cpu", "1")], &[("cpu", "2"), ("memory", "1Gi")])],
            ..Default::default()
        };
        default_pod_spec(&mut spec);
        let requests = spec.containers[0].resources.clone().unwrap().requests;
        assert_eq!(requests, Some(list(&[("cpu", "1"), ("memory", "1Gi")])));
    }

    /// rule: pod-level-limits
    #[test]
    fn pod_level_limits_become_requests_or_the_containers_sum() {
        let mut spec = api::PodSpec {
            containers: vec![container(&[("cpu", "300m")], &[]), container(&[("cpu", "200m")], &[])],
            resources: Some(api::ResourceRequirements {
                limits: Some(list(&[("cpu", "2"), ("memory", "1Gi")])),
                ..Default::default()
            }),
            ..Default::default()
        };
        default_pod_spec(&mut spec);
        let requests = spec.resources.unwrap().requests;
        assert_eq!(requests, Some(list(&[("cpu", "500m"), ("memory", "1Gi")])));
    }

    /// rule: host-network-ports
    #[test]
    fn on_the_node_network_container_ports_are_host_ports() {
        let port = api::ContainerPort { container_port: 8080, ..Default::default() };
        let mut spec = api::PodSpec {
            host_network: Some(true),
            containers: vec![api::Container { ports: Some(vec![port]), ..Default::default() }],
            ..Default::default()
        };
        default_pod_spec(&mut spec);
        let port = &spec.containers[0].ports.as_ref().unwrap()[0];
        assert_eq!((port.host_port, port.protocol.as_deref()), (Some(8080), Some("TCP")));
    }
}
