//! Pods and pod templates.

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::parts::{check_metadata, toleration, volume};
use super::selectors::{node_affinity, pod_affinity};
use super::{FieldProblem, Problems, namespace_of, resource_list, spread_constraint};
use crate::object::pod::{DEFAULT_GRACE, DEFAULT_SCHEDULER, HostPort, PreemptionPolicy, RestartPolicy};
use crate::object::{Container, ContainerRole, Labels, Owner, PodSpec, ResourceList};
use crate::units::Span;

/// Whether a pod has run to its end: it takes no room on its node.
pub fn is_finished(pod: &api::Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// The controller that owns an object.
pub fn controller_of(metadata: &ObjectMeta) -> Option<Owner> {
    let owners = metadata.owner_references.as_deref().unwrap_or_default();
    let owner = owners.iter().find(|owner| owner.controller == Some(true))?;
    Some(Owner { api_version: owner.api_version.clone(), kind: owner.kind.clone(), name: owner.name.clone() })
}

/// Reads a Pod that the API server has defaulted; `spec.nodeName` is left to the caller, who knows whether it means
/// that the pod is bound.
pub fn pod_spec(pod: &api::Pod) -> Result<PodSpec, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let none = api::PodSpec::default();
    let spec = pod.spec.as_ref().unwrap_or(&none);
    let read = read(&mut problems, &pod.metadata, spec, pod.status.as_ref());
    problems.into_result(read)
}

/// Reads a pod template as a pod of `namespace` owned by `owner`.
pub fn template_spec(
    namespace: &str,
    template: &api::PodTemplateSpec,
    owner: Option<Owner>,
) -> Result<PodSpec, Vec<FieldProblem>> {
    let mut metadata = template.metadata.clone().unwrap_or_default();
    metadata.namespace = Some(namespace.to_owned());
    let mut problems = Problems::new();
    let spec = template.spec.clone().unwrap_or_default();
    let read = problems.within("template", |problems| {
        check_metadata(problems, &metadata);
        read(problems, &metadata, &spec, None)
    });
    problems.into_result(PodSpec { owner, ..read })
}

fn read(
    problems: &mut Problems,
    metadata: &ObjectMeta,
    spec: &api::PodSpec,
    status: Option<&api::PodStatus>,
) -> PodSpec {
    let labels: Labels = metadata.labels.clone().unwrap_or_default().into_iter().collect();
    let namespace = namespace_of(metadata);
    problems.within("spec", |problems| {
        let mut pod = PodSpec {
            annotations: metadata.annotations.clone().unwrap_or_default().into_iter().collect(),
            owner: controller_of(metadata),
            scheduler_name: spec.scheduler_name.clone().unwrap_or_else(|| DEFAULT_SCHEDULER.to_owned()),
            priority: spec.priority.unwrap_or(0),
            preemption_policy: preemption_policy(problems, spec.preemption_policy.as_deref()),
            node_selector: spec.node_selector.clone().map(Labels),
            tolerations: problems.each(
                "tolerations",
                spec.tolerations.as_deref().unwrap_or_default(),
                toleration,
            ),
            spread: problems.each(
                "topologySpreadConstraints",
                spec.topology_spread_constraints.as_deref().unwrap_or_default(),
                |problems, one| spread_constraint(problems, one, &labels),
            ),
            gates: spec.scheduling_gates.iter().flatten().map(|gate| gate.name.clone()).collect(),
            containers: containers(problems, spec, status),
            volumes: spec.volumes.iter().flatten().map(volume).collect(),
            host_ports: host_ports(spec),
            host_network: spec.host_network.unwrap_or(false),
            unsupported_on_virtual: unsupported_on_virtual(spec),
            grace: grace(problems, spec.termination_grace_period_seconds),
            restart_policy: restart_policy(problems, spec.restart_policy.as_deref()),
            ..PodSpec::empty(namespace)
        };
        read_affinity(problems, &mut pod, spec.affinity.as_ref(), &labels);
        pod.labels = labels;
        pod.overhead = resource_list(problems, "overhead", spec.overhead.as_ref());
        let pod_level = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        pod.pod_level = pod_level.map(|requests| {
            problems.within("resources", |problems| resource_list(problems, "requests", Some(requests)))
        });
        pod.count_requests(resize_infeasible(status));
        pod
    })
}

fn read_affinity(
    problems: &mut Problems,
    pod: &mut PodSpec,
    affinity: Option<&api::Affinity>,
    labels: &Labels,
) {
    let Some(affinity) = affinity else { return };
    problems.within("affinity", |problems| {
        if let Some(nodes) = &affinity.node_affinity {
            pod.node_affinity = problems.within("nodeAffinity", |problems| node_affinity(problems, nodes));
        }
        if let Some(pods) = &affinity.pod_affinity {
            let required = pods.required_during_scheduling_ignored_during_execution.as_ref();
            let preferred = pods.preferred_during_scheduling_ignored_during_execution.as_ref();
            pod.pod_affinity = problems
                .within("podAffinity", |problems| pod_affinity(problems, required, preferred, labels));
        }
        if let Some(pods) = &affinity.pod_anti_affinity {
            let required = pods.required_during_scheduling_ignored_during_execution.as_ref();
            let preferred = pods.preferred_during_scheduling_ignored_during_execution.as_ref();
            pod.pod_anti_affinity = problems
                .within("podAntiAffinity", |problems| pod_affinity(problems, required, preferred, labels));
        }
    });
}

fn preemption_policy(problems: &mut Problems, text: Option<&str>) -> PreemptionPolicy {
    match text {
        None | Some("PreemptLowerPriority") => PreemptionPolicy::PreemptLowerPriority,
        Some("Never") => PreemptionPolicy::Never,
        Some(other) => {
            problems.note("preemptionPolicy", format!("{other:?} must be PreemptLowerPriority or Never"));
            PreemptionPolicy::default()
        }
    }
}

fn restart_policy(problems: &mut Problems, text: Option<&str>) -> RestartPolicy {
    match text {
        None | Some("Always") => RestartPolicy::Always,
        Some("OnFailure") => RestartPolicy::OnFailure,
        Some("Never") => RestartPolicy::Never,
        Some(other) => {
            problems.note("restartPolicy", format!("{other:?} must be Always, OnFailure or Never"));
            RestartPolicy::default()
        }
    }
}

fn grace(problems: &mut Problems, seconds: Option<i64>) -> Span {
    match seconds.map(u64::try_from) {
        None => DEFAULT_GRACE,
        Some(Ok(seconds)) => Span::from_secs(seconds),
        Some(Err(_)) => {
            problems.note("terminationGracePeriodSeconds", "must be greater than or equal to 0");
            DEFAULT_GRACE
        }
    }
}

fn containers(
    problems: &mut Problems,
    spec: &api::PodSpec,
    status: Option<&api::PodStatus>,
) -> Vec<Container> {
    let init_statuses = status.and_then(|status| status.init_container_statuses.as_deref());
    let mut all = problems.each(
        "initContainers",
        spec.init_containers.as_deref().unwrap_or_default(),
        |problems, one| {
            let sidecar = one.restart_policy.as_deref() == Some("Always");
            let role = if sidecar { ContainerRole::Sidecar } else { ContainerRole::Init };
            container(problems, one, role, init_statuses)
        },
    );
    let statuses = status.and_then(|status| status.container_statuses.as_deref());
    if spec.containers.is_empty() {
        problems.note("containers", "must have at least one container");
    }
    all.extend(problems.each("containers", &spec.containers, |problems, one| {
        container(problems, one, ContainerRole::Main, statuses)
    }));
    all
}

pub(super) fn container(
    problems: &mut Problems,
    container: &api::Container,
    role: ContainerRole,
    statuses: Option<&[api::ContainerStatus]>,
) -> Container {
    let resources = container.resources.clone().unwrap_or_default();
    let (requests, limits) = problems.within("resources", |problems| {
        let requests = resource_list(problems, "requests", resources.requests.as_ref());
        let limits = resource_list(problems, "limits", resources.limits.as_ref());
        for (name, request) in &requests {
            if let Some(limit) = limits.get(name).filter(|limit| *limit < request) {
                let message = format!("{request} must be less than or equal to the {name} limit of {limit}");
                problems.note(&format!("requests.{name}"), message);
            }
        }
        (requests, limits)
    });
    if container.image.as_deref() == Some("") {
        problems.note("image", "must not be empty: name the image that the container runs");
    }
    let status = statuses.unwrap_or_default().iter().find(|status| status.name == container.name);
    let env = container.env.iter().flatten().filter_map(|one| Some((one.name.clone(), one.value.clone()?)));
    Container {
        name: container.name.clone(),
        role,
        image: container.image.clone().unwrap_or_default(),
        requests,
        limits,
        status: status.and_then(|status| granted(problems, status)),
        env: env.collect(),
        mounts: container.volume_mounts.iter().flatten().map(|mount| mount.name.clone()).collect(),
        holds_back: container.startup_probe.is_some()
            || container.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.post_start.is_some()),
    }
}

/// What the node has granted to a running container, where its status says so.
fn granted(problems: &mut Problems, status: &api::ContainerStatus) -> Option<(ResourceList, ResourceList)> {
    let actual = status.resources.as_ref()?;
    Some((
        resource_list(problems, "status.resources.requests", actual.requests.as_ref()),
        resource_list(problems, "status.allocatedResources", status.allocated_resources.as_ref()),
    ))
}

fn resize_infeasible(status: Option<&api::PodStatus>) -> bool {
    let conditions = status.and_then(|status| status.conditions.as_deref()).unwrap_or_default();
    conditions
        .iter()
        .any(|one| one.type_ == "PodResizePending" && one.reason.as_deref() == Some("Infeasible"))
}

/// What of a pod needs a node of its own. Source: ECI, "Limits" of virtual nodes: no hostPath, hostNetwork, hostPID and
/// no privileged containers; ECI, "Limits": 20 volumes.
pub(super) fn unsupported_on_virtual(spec: &api::PodSpec) -> Vec<&'static str> {
    let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let mut contexts = containers.filter_map(|container| container.security_context.as_ref());
    let is_privileged = contexts.any(|context| context.privileged == Some(true));
    let has_host_path = spec.volumes.iter().flatten().any(|volume| volume.host_path.is_some());
    [
        ("hostNetwork", spec.host_network == Some(true)),
        ("hostPID", spec.host_pid == Some(true)),
        ("hostPath volumes", has_host_path),
        ("privileged containers", is_privileged),
        ("more than 20 volumes", spec.volumes.iter().flatten().count() > 20),
    ]
    .into_iter()
    .filter_map(|(name, is_there)| is_there.then_some(name))
    .collect()
}

/// Host ports of containers and native sidecars (pkg/scheduler/util/utils.go `GetHostPorts`).
pub(super) fn host_ports(spec: &api::PodSpec) -> Vec<HostPort> {
    let sidecars =
        spec.init_containers.iter().flatten().filter(|one| one.restart_policy.as_deref() == Some("Always"));
    let ports = spec.containers.iter().chain(sidecars).flat_map(|container| container.ports.iter().flatten());
    let mut taken: Vec<_> = ports
        .filter_map(|port| {
            let number = u16::try_from(port.host_port?).ok().filter(|&number| number > 0)?;
            let ip = port.host_ip.as_deref().filter(|ip| !ip.is_empty()).unwrap_or("0.0.0.0");
            let protocol = port.protocol.as_deref().unwrap_or("TCP");
            Some(HostPort { protocol: protocol.to_owned(), ip: ip.to_owned(), port: number })
        })
        .collect();
    taken.sort();
    taken.dedup();
    taken
}
