//! What of a printed object a scenario keeps: what somebody has written, and of the status what a simulation starts from.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use overspill_manifest::{Document, JsonPath, Object, Segment, unknown_fields};
use serde_json::{Map, Value};

use super::annotations;
use crate::capacity::IGNORE_RESOURCE_ENV;
use crate::capacity::acs::ACS_IGNORE_RESOURCE_ENV;
use crate::capacity::container_order::{
    ACS_SIDECAR_ENV, ECI_IGNORE_EXIT_CODE_ENV, ECI_SIDECAR_ENV, ECI_TYPE_ENV, KRUISE_ENV, UNMODELLED_ENV,
};
use crate::object::LABEL_ZONE;
use crate::object::kubernetes::ECI_PROFILE;
use crate::object::pod::INJECTED_ENV;
use crate::scenario::unmodelled::pod_spec_of;

/// What names an object, selects it, and says whose it is and whether it was told to end.
const METADATA: [&str; 7] =
    ["name", "generateName", "namespace", "labels", "annotations", "ownerReferences", "deletionTimestamp"];
/// What a cluster gives to a Service.
const OF_SERVICES: [&str; 5] =
    ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"];
/// What containers hold that decides nothing here and may hold secrets.
const OF_CONTAINERS: [&str; 3] = ["command", "args", "envFrom"];
/// What asks containers how they are.
const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];
/// What probes and hooks hold of the same sort, by the way in which they call.
const OF_HANDLERS: &[(&str, &[&str])] =
    &[("exec", &["command"]), ("httpGet", &["httpHeaders", "path", "host"])];
/// What pods hold that decides nothing here: names of machines, of Secrets, and containers of those who look into them.
const OF_PODS: [&str; 3] = ["ephemeralContainers", "hostAliases", "imagePullSecrets"];
/// Parameters of volumes, by the kind of volume: whoever mounts them reads keys there.
const OF_VOLUMES: [(&str, &str); 2] = [("csi", "volumeAttributes"), ("flexVolume", "options")];

/// Variables that decide how a container is started and paid for, or that are warned of because they do not.
const READ_ENV: [&str; 10] = [
    ACS_IGNORE_RESOURCE_ENV,
    ACS_SIDECAR_ENV,
    ECI_IGNORE_EXIT_CODE_ENV,
    ECI_SIDECAR_ENV,
    ECI_TYPE_ENV,
    IGNORE_RESOURCE_ENV,
    INJECTED_ENV,
    KRUISE_ENV,
    UNMODELLED_ENV[0],
    UNMODELLED_ENV[1],
];

/// What was left out, and how often.
#[derive(Debug, Default)]
pub struct LeftOut {
    /// Objects of kinds that are not simulated, by kind.
    pub kinds: BTreeMap<String, usize>,
    /// Fields that are not known, by kind and path.
    pub fields: BTreeMap<String, usize>,
    /// Pods that have succeeded or failed.
    pub ended_pods: usize,
    /// Jobs that have completed or failed.
    pub ended_jobs: usize,
    /// ConfigMaps and Secrets whose contents were left out.
    pub contents: usize,
    /// Autoscalers of what was not printed.
    pub idle_autoscalers: usize,
    /// Containers whose commands, arguments and environment were.
    pub containers: usize,
    /// Annotations that no run reads.
    pub annotations: usize,
    /// Pods and templates whose host aliases, pull secrets or parameters of volumes were.
    pub pods: usize,
    /// Annotations that ResourcePolicies know pods by, and that are kept therefore.
    of_policies: BTreeSet<String>,
}

impl LeftOut {
    /// Nothing yet, of these objects.
    pub(super) fn of(documents: &[Document]) -> Self {
        Self { of_policies: annotations::of_policies(documents), ..Self::default() }
    }

    /// What is kept of an object; `None` if it is left out as a whole.
    pub(super) fn clean(&mut self, document: &Document) -> Option<Value> {
        if !Object::KINDS.iter().any(|(kind, ..)| *kind == document.kind) {
            *self.kinds.entry(document.kind.clone()).or_default() += 1;
            return None;
        }
        let mut value = document.value().into_owned();
        if self.is_past(&document.kind, &value) {
            return None;
        }
        for path in unknown_fields(document) {
            remove(&mut value, &path);
            *self.fields.entry(format!("{}{}", document.kind, path.without_indices())).or_default() += 1;
        }
        keep_metadata(&mut value);
        keep_status(&document.kind, &mut value);
        self.keep_content(document, &mut value);
        if let Some(keys) = pod_spec_of(&document.kind) {
            let spec = keys.iter().try_fold(&mut value, |value, key| value.get_mut(key));
            if let Some(spec) = spec {
                self.scrub_pod(spec);
            }
        }
        self.annotations += annotations::keep_read(&mut value, &self.of_policies);
        if let Some(template) = value.pointer_mut("/spec/template/metadata").and_then(Value::as_object_mut) {
            template.remove("creationTimestamp");
        }
        Some(value)
    }

    /// Whether an object has ended.
    fn is_past(&mut self, kind: &str, value: &Value) -> bool {
        let phase = value.pointer("/status/phase").and_then(Value::as_str);
        let has_ended = |one: &Value| {
            matches!(one["type"].as_str(), Some("Complete" | "Failed")) && one["status"] == "True"
        };
        let conditions = value.pointer("/status/conditions").and_then(Value::as_array);
        let count = match kind {
            "Pod" if matches!(phase, Some("Succeeded" | "Failed")) => &mut self.ended_pods,
            "Job" if conditions.is_some_and(|all| all.iter().any(has_ended)) => &mut self.ended_jobs,
            _ => return false,
        };
        *count += 1;
        true
    }

    /// Leaves out what files hold, and what a cluster writes into specifications.
    fn keep_content(&mut self, document: &Document, value: &mut Value) {
        let Some(object) = value.as_object_mut() else { return };
        let is_profile = ECI_PROFILE == (document.namespace_or_default(), &document.name);
        match document.kind.as_str() {
            "ConfigMap" if is_profile => {}
            "ConfigMap" | "Secret" => {
                let removed =
                    ["data", "stringData", "binaryData"].map(|field| object.remove(field).is_some());
                self.contents += usize::from(removed.contains(&true));
            }
            "Namespace" => _ = object.remove("spec"),
            "Node" => {
                retain(object.get_mut("spec"), &["taints", "unschedulable"]);
                if value["metadata"]["labels"][LABEL_ZONE] == ""
                    && let Some(labels) = value["metadata"]["labels"].as_object_mut()
                {
                    labels.remove(LABEL_ZONE);
                }
            }
            "Service" => {
                let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) else { return };
                spec.retain(|field, value| !OF_SERVICES.contains(&field.as_str()) || value == "None");
            }
            "SidecarSet" | "IstioGateway" => {
                if let Some(spec) = object.get_mut("spec") {
                    self.scrub_pod(spec);
                    self.scrub(spec);
                }
            }
            _ => {}
        }
    }

    /// Leaves out what decides nothing of a pod and may hold secrets.
    fn scrub_pod(&mut self, spec: &mut Value) {
        let mut found = false;
        if let Some(fields) = spec.as_object_mut() {
            for field in OF_PODS {
                found |= fields.remove(field).is_some();
            }
        }
        for volume in spec.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
            for (kind, field) in OF_VOLUMES {
                let source = volume.get_mut(kind).and_then(Value::as_object_mut);
                found |= source.is_some_and(|source| source.remove(field).is_some());
            }
        }
        self.pods += usize::from(found);
        for list in ["containers", "initContainers"] {
            let containers = spec.get_mut(list).and_then(Value::as_array_mut);
            for container in containers.into_iter().flatten() {
                self.scrub(container);
            }
        }
    }

    /// Leaves out what a container is told, but for variables that decide how it is started and paid for.
    fn scrub(&mut self, container: &mut Value) {
        let Some(fields) = container.as_object_mut() else { return };
        let mut found = false;
        for field in OF_CONTAINERS {
            found |= fields.remove(field).is_some();
        }
        found |= scrub_handlers(fields);
        if let Some(variables) = fields.get_mut("env").and_then(Value::as_array_mut) {
            let before = variables.len();
            variables.retain(|one| one["name"].as_str().is_some_and(|name| READ_ENV.contains(&name)));
            found |= variables.len() < before;
            if variables.is_empty() {
                fields.remove("env");
            }
        }
        self.containers += usize::from(found);
    }
}

fn keep_metadata(value: &mut Value) {
    let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    metadata.retain(|field, _| METADATA.contains(&field.as_str()));
}

/// Leaves out what probes and hooks call, and whom. That they are there stays.
fn scrub_handlers(container: &mut Map<String, Value>) -> bool {
    let mut found = false;
    let mut scrub = |handler: &mut Value| {
        for (kind, fields) in OF_HANDLERS {
            let Some(call) = handler.get_mut(kind).and_then(Value::as_object_mut) else { continue };
            for field in *fields {
                found |= call.remove(*field).is_some();
            }
        }
    };
    for probe in PROBES {
        container.get_mut(probe).map(&mut scrub);
    }
    let hooks = container.get_mut("lifecycle").and_then(Value::as_object_mut);
    hooks.into_iter().flat_map(Map::values_mut).for_each(scrub);
    found
}

/// Keeps what a simulation starts from.
fn keep_status(kind: &str, value: &mut Value) {
    let spec = value.get("spec").cloned().unwrap_or_default();
    let Some(status) = value.get_mut("status") else { return };
    match kind {
        "Node" => {
            let capacity = if status.get("allocatable").is_some() { "allocatable" } else { "capacity" };
            retain(Some(&mut *status), &[capacity, "conditions", "images"]);
            for condition in status["conditions"].as_array_mut().into_iter().flatten() {
                retain(Some(condition), &["type", "status"]);
            }
        }
        "Pod" => {
            retain(
                Some(&mut *status),
                &["startTime", "nominatedNodeName", "conditions", "containerStatuses"],
            );
            keep_resizes(&spec, status);
        }
        "Job" => retain(Some(&mut *status), &["succeeded", "failed"]),
        "PodDisruptionBudget" => retain(Some(&mut *status), &["disruptionsAllowed"]),
        _ => *status = Value::Null,
    }
    let is_empty = status.as_object().is_none_or(Map::is_empty);
    if let Some(object) = value.as_object_mut().filter(|_| is_empty) {
        object.remove("status");
    }
}

/// Of a running pod's containers only those count whose resources are being changed.
fn keep_resizes(spec: &Value, status: &mut Value) {
    let Some(status) = status.as_object_mut() else { return };
    let asked = |name: &Value| {
        let containers = spec["containers"].as_array().into_iter().flatten();
        containers.clone().find(|one| one["name"] == *name).map(|one| one["resources"]["requests"].clone())
    };
    let is_resized = |one: &Value| {
        let wanted = asked(&one["name"]).unwrap_or_default();
        let given = [&one["allocatedResources"], &one["resources"]["requests"]];
        given.into_iter().any(|given| !given.is_null() && *given != wanted)
    };
    if let Some(all) = status.get_mut("containerStatuses").and_then(Value::as_array_mut) {
        all.retain(is_resized);
        for one in all.iter_mut() {
            retain(Some(one), &["name", "resources", "allocatedResources"]);
        }
    }
    if let Some(all) = status.get_mut("conditions").and_then(Value::as_array_mut) {
        all.retain(|one| one["type"] == "PodResizePending");
    }
    status.retain(|_, value| value.as_array().is_none_or(|all| !all.is_empty()));
}

fn retain(value: Option<&mut Value>, fields: &[&str]) {
    if let Some(object) = value.and_then(Value::as_object_mut) {
        object.retain(|field, _| fields.contains(&field.as_str()));
    }
}

/// Takes out what is at `path`. Items of lists keep their places, for later paths count them.
fn remove(value: &mut Value, path: &JsonPath) {
    let Some((Segment::Key(last), parents)) = path.segments().split_last() else { return };
    let parent: JsonPath = parents.iter().cloned().collect();
    if let Some(object) = parent.get_mut(value).and_then(Value::as_object_mut) {
        object.remove(last);
    }
}
