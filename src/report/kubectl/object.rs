//! Objects for `-o yaml` and `-o json`: what the simulator knows of them, and nothing else.
//!
//! Times are counted from the epoch of Unix: a run has no date.

use serde_json::{Map, Value, json};

use super::affinity;
use super::pods::{has_ended, phase};
use crate::object::pod::{HostPort, PreemptionPolicy};
use crate::object::{
    Container, ContainerRole, Labels, PodSpec, ResourceKind, ResourceList, RestartPolicy, Taint,
};
use crate::simulation::snapshot::{InstanceView, NodeView, PodStage, PodView};
use crate::units::{Quantity, SimTime};

/// An instant as the API writes it.
pub(super) fn timestamp(at: SimTime) -> String {
    at.rfc_3339()
}

pub(super) fn labels(labels: &Labels) -> Value {
    json!(labels.0)
}

/// The labels at a JSON pointer; none if there is no map of texts.
pub(super) fn labels_at(value: &Value, pointer: &str) -> Labels {
    let map = value.pointer(pointer).and_then(Value::as_object);
    map.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect()
}

/// The labels of an object as it is written; none if it is written nowhere.
pub(super) fn own_labels(written: Option<&Value>) -> Labels {
    written.map(|value| labels_at(value, "/metadata/labels")).unwrap_or_default()
}

/// The same for an object that takes those of its template where it has none of its own.
pub(super) fn own_labels_or(written: Option<&Value>, of_template: &Labels) -> Labels {
    let own = own_labels(written);
    if own.is_empty() { of_template.clone() } else { own }
}

pub(super) fn metadata(
    namespace: &str,
    name: &str,
    own_labels: &Labels,
    annotations: Option<&Labels>,
    created: SimTime,
) -> Value {
    let mut metadata = json!({ "name": name, "creationTimestamp": timestamp(created) });
    if !namespace.is_empty() {
        metadata["namespace"] = namespace.into();
    }
    if !own_labels.is_empty() {
        metadata["labels"] = labels(own_labels);
    }
    if let Some(annotations) = annotations.filter(|annotations| !annotations.is_empty()) {
        metadata["annotations"] = labels(annotations);
    }
    metadata
}

/// An object with labels, annotations and spec as they were written.
pub(super) fn as_written(
    kind: &str,
    written: Option<&Value>,
    namespace: &str,
    name: &str,
    created: SimTime,
) -> Value {
    let at = |pointer| written.map(|value| labels_at(value, pointer)).unwrap_or_default();
    let annotations = at("/metadata/annotations");
    let metadata = metadata(namespace, name, &at("/metadata/labels"), Some(&annotations), created);
    let spec = written.and_then(|value| value.get("spec")).cloned().unwrap_or_else(|| json!({}));
    let api_version = ResourceKind::from_name(kind).map_or("v1", ResourceKind::api_version);
    json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec })
}

pub(super) fn node(node: &NodeView) -> Value {
    let spec = &node.spec;
    let mut own = Map::new();
    if !spec.taints.is_empty() {
        own.insert("taints".to_owned(), spec.taints.iter().map(taint).collect());
    }
    if spec.unschedulable {
        own.insert("unschedulable".to_owned(), true.into());
    }
    let mut value = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata("", &spec.name, &spec.labels, Some(&spec.annotations), node.created),
        "spec": own,
        "status": { "allocatable": {
            "cpu": spec.allocatable.cpu.to_string(),
            "memory": spec.allocatable.memory.to_string(),
            "ephemeral-storage": spec.allocatable.ephemeral.to_string(),
            "pods": spec.allocatable_pods.to_string(),
        }},
    });
    for (name, amount) in &spec.allocatable.scalar {
        value["status"]["allocatable"][name] = amount.to_string().into();
    }
    let condition = |(kind, status): (&String, &String)| json!({ "type": kind, "status": status });
    if !spec.conditions.is_empty() {
        value["status"]["conditions"] = spec.conditions.0.iter().map(condition).collect();
    }
    value
}

fn taint(taint: &Taint) -> Value {
    let mut value = json!({ "key": taint.key, "effect": format!("{:?}", taint.effect) });
    if !taint.value.is_empty() {
        value["value"] = taint.value.as_str().into();
    }
    value
}

pub(super) fn pod(pod: &PodView) -> Value {
    let spec = &pod.spec;
    let mut metadata =
        metadata(&spec.namespace, &pod.name, &spec.labels, Some(&spec.annotations), pod.created);
    if let Some(owner) = &spec.owner {
        metadata["ownerReferences"] = json!([{
            "apiVersion": owner.api_version, "controller": true, "kind": owner.kind, "name": owner.name,
        }]);
    }
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": pod_spec(spec, pod.node.as_deref()),
        "status": pod_status(pod),
    })
}

/// The pods of a workload as its template describes them.
pub(super) fn template(spec: &PodSpec) -> Value {
    let mut metadata = json!({ "labels": labels(&spec.labels) });
    if !spec.annotations.is_empty() {
        metadata["annotations"] = labels(&spec.annotations);
    }
    json!({ "metadata": metadata, "spec": pod_spec(spec, None) })
}

fn pod_spec(spec: &PodSpec, node: Option<&str>) -> Value {
    let of = |is_main: bool| {
        let own = spec.containers.iter().filter(|one| (one.role == ContainerRole::Main) == is_main);
        own.map(container).collect::<Vec<_>>()
    };
    let mut value = json!({
        "containers": of(true),
        "priority": spec.priority,
        "schedulerName": spec.scheduler_name,
        "terminationGracePeriodSeconds": spec.grace.0 / 1_000_000_000,
    });
    let mut set = |key: &str, given: Option<Value>| {
        if let Some(given) = given {
            value[key] = given;
        }
    };
    set("initContainers", Some(of(false)).filter(|all| !all.is_empty()).map(Value::from));
    set("nodeName", node.map(Value::from));
    set("nodeSelector", spec.node_selector.as_ref().map(labels));
    set("affinity", affinity::of(spec));
    set("topologySpreadConstraints", affinity::spread(spec));
    let never = spec.preemption_policy == PreemptionPolicy::Never;
    set("preemptionPolicy", never.then(|| "Never".into()));
    set("overhead", (!spec.overhead.is_empty()).then(|| amounts(&spec.overhead).into()));
    let requests = spec.pod_level.as_ref().map(amounts);
    set("resources", requests.map(|requests| json!({ "requests": requests })));
    set("tolerations", (!spec.tolerations.is_empty()).then(|| tolerations(spec)));
    let policy = Some(spec.restart_policy).filter(|policy| *policy != RestartPolicy::Always);
    set("restartPolicy", policy.map(|policy| policy.name().into()));
    set("hostNetwork", spec.host_network.then(|| true.into()));
    let gates: Vec<_> = spec.gates.iter().map(|gate| json!({ "name": gate })).collect();
    set("schedulingGates", (!gates.is_empty()).then(|| gates.into()));
    let ports: Vec<_> = spec.host_ports.iter().map(host_port).collect();
    if !ports.is_empty() {
        // Which container takes them is not kept, and decides nothing.
        value["containers"][0]["ports"] = ports.into();
    }
    value
}

fn host_port(port: &HostPort) -> Value {
    let mut value = json!({ "containerPort": port.port, "hostPort": port.port, "protocol": port.protocol });
    if port.ip != "0.0.0.0" {
        value["hostIP"] = port.ip.as_str().into();
    }
    value
}

fn amounts(list: &ResourceList) -> Map<String, Value> {
    list.iter().map(|(name, quantity)| (name.clone(), amount(name, *quantity).into())).collect()
}

fn container(container: &Container) -> Value {
    let mut value = json!({ "name": container.name, "image": container.image });
    let mut resources = Map::new();
    for (key, amounts) in [("requests", &container.requests), ("limits", &container.limits)] {
        if !amounts.is_empty() {
            resources.insert(key.to_owned(), self::amounts(amounts).into());
        }
    }
    value["resources"] = resources.into();
    if container.role == ContainerRole::Sidecar {
        value["restartPolicy"] = "Always".into();
    }
    let variables: Vec<_> =
        container.env.0.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    if !variables.is_empty() {
        value["env"] = variables.into();
    }
    value
}

/// An amount in the form that the API writes: of bytes, with the suffix of the unit that they are whole numbers of.
/// Which one it was written with is not kept; it was the one that makes the number shortest, but for oddities.
fn amount(resource: &str, quantity: Quantity) -> String {
    let is_bytes =
        resource == "memory" || resource.ends_with("storage") || resource.starts_with("hugepages-");
    let plain = quantity.to_string();
    let Ok(bytes) = plain.parse::<u64>() else { return plain };
    if !is_bytes || bytes == 0 {
        return plain;
    }
    let whole = |base: u64, suffixes: &[&str]| {
        let powers = (1_u32..).zip(suffixes).map(|(power, suffix)| (base.pow(power), suffix));
        let largest = powers.filter(|(unit, _)| bytes.is_multiple_of(*unit)).last();
        largest.map_or(plain.clone(), |(unit, suffix)| format!("{}{suffix}", bytes / unit))
    };
    let binary = whole(1 << 10, &["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]);
    let decimal = whole(1000, &["k", "M", "G", "T", "P", "E"]);
    if decimal.len() < binary.len() { decimal } else { binary }
}

fn tolerations(spec: &PodSpec) -> Value {
    let one = |toleration: &crate::object::Toleration| {
        let mut value = Map::new();
        if !toleration.key.is_empty() {
            value.insert("key".to_owned(), toleration.key.as_str().into());
        }
        let operator = if toleration.exists { "Exists" } else { "Equal" };
        value.insert("operator".to_owned(), operator.into());
        if !toleration.value.is_empty() {
            value.insert("value".to_owned(), toleration.value.as_str().into());
        }
        if let Some(effect) = toleration.effect {
            value.insert("effect".to_owned(), format!("{effect:?}").into());
        }
        if let Some(seconds) = toleration.seconds {
            value.insert("tolerationSeconds".to_owned(), seconds.into());
        }
        Value::from(value)
    };
    spec.tolerations.iter().map(one).collect()
}

fn pod_status(pod: &PodView) -> Value {
    let mut status = json!({ "phase": phase(pod), "conditions": conditions(pod) });
    if let Some(assigned) = pod.assigned {
        status["startTime"] = timestamp(assigned).into();
    }
    if let Some(nominated) = &pod.nominated {
        status["nominatedNodeName"] = nominated.as_str().into();
    }
    if matches!(pod.stage, PodStage::ProviderFailed | PodStage::GivenUp) {
        status["reason"] = "ProviderFailed".into();
    }
    if let Some(InstanceView::Refused { message }) = &pod.instance {
        status["message"] = message.as_str().into();
    }
    status
}

/// What is known of a pod's way: from the scheduler, from ECI ("Conditions of elastic container instances") and from the
/// kubelet.
fn conditions(pod: &PodView) -> Vec<Value> {
    let since = |kind: &str, holds: bool, since: SimTime| {
        let status = if holds { "True" } else { "False" };
        json!({ "type": kind, "status": status, "lastTransitionTime": timestamp(since) })
    };
    let mut all = Vec::new();
    match (pod.bound, pod.rejected) {
        (Some(bound), _) => all.push(since("PodScheduled", true, bound)),
        (None, Some(rejected)) => {
            let mut condition = since("PodScheduled", false, rejected);
            condition["reason"] = "Unschedulable".into();
            all.push(condition);
        }
        (None, None) => {}
    }
    match &pod.instance {
        Some(InstanceView::Created { at, sandbox_ready }) => {
            all.push(since("ContainerInstanceCreated", true, *at));
            all.push(since("SandboxReady", sandbox_ready.is_some(), sandbox_ready.unwrap_or(*at)));
        }
        Some(InstanceView::HeldUp { since: from, reason, message }) => {
            let mut condition = since("ContainerInstanceCreated", false, *from);
            condition["reason"] = (*reason).into();
            condition["message"] = message.as_str().into();
            all.push(condition);
        }
        Some(InstanceView::Refused { .. }) | None => {}
    }
    if let Some(assigned) = pod.assigned {
        let ready = pod.ready.filter(|_| !has_ended(pod) && pod.containers.work.is_none());
        for kind in ["Ready", "ContainersReady"] {
            let mut condition = since(kind, ready.is_some(), ready.or(pod.unready).unwrap_or(assigned));
            // The kubelet's words (pkg/kubelet/status/generate.go); no kubelet tells of an instance that is taken back.
            match pod.stage {
                PodStage::Completed => condition["reason"] = "PodCompleted".into(),
                PodStage::Failed => condition["reason"] = "PodFailed".into(),
                _ => {}
            }
            all.push(condition);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_bytes_have_the_suffix_that_they_were_written_with() {
        for text in ["4Gi", "1Gi", "1000Mi", "64Mi", "2G", "500M", "1Ti", "0", "1023", "6902128Ki", "1500m"] {
            assert_eq!(amount("memory", text.parse().unwrap()), text);
        }
        assert_eq!(amount("memory", "1024Mi".parse().unwrap()), "1Gi");
        assert_eq!(amount("ephemeral-storage", "0.5Gi".parse().unwrap()), "512Mi");
        assert_eq!(amount("cpu", "2000m".parse().unwrap()), "2");
        assert_eq!(amount("nvidia.com/gpu", "2048".parse().unwrap()), "2048");
    }

    #[test]
    fn instants_are_written_as_dates() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (38, "1970-01-01T00:00:38Z"),
            (86_399, "1970-01-01T23:59:59Z"),
            (59 * 86_400, "1970-03-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
        ] {
            assert_eq!(timestamp(SimTime::from_secs(seconds)), expected);
        }
    }
}
