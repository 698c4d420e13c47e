//! Deployments, ReplicaSets and the autoscalers that size them.

use serde_json::{Value, json};

use super::duration::age;
use super::{Column, Item, NONE, Seen, UNKNOWN, column, object, wide};
use crate::controller::hpa::{CurrentMetric, MetricSpec, Resource, ResourceTarget, ValueTarget};
use crate::object::{ContainerRole, PodSpec, Title};
use crate::simulation::snapshot::{AutoscalerView, DeploymentView, WorkloadView};

pub(super) const DEPLOYMENT_COLUMNS: &[Column] = &[
    column("NAME"),
    column("READY"),
    column("UP-TO-DATE"),
    column("AVAILABLE"),
    column("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

pub(super) const REPLICA_SET_COLUMNS: &[Column] = &[
    column("NAME"),
    column("DESIRED"),
    column("CURRENT"),
    column("READY"),
    column("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

pub(super) const AUTOSCALER_COLUMNS: &[Column] = &[
    column("NAME"),
    column("REFERENCE"),
    column("TARGETS"),
    column("MINPODS"),
    column("MAXPODS"),
    column("REPLICAS"),
    column("AGE"),
];

/// The label by which a Deployment tells its ReplicaSets apart.
const TEMPLATE_HASH: &str = "pod-template-hash";
/// The annotation that counts a Deployment's ReplicaSets.
const REVISION: &str = "deployment.kubernetes.io/revision";
/// kubectl names no more metrics than this.
const METRICS_SHOWN: usize = 2;

/// Kind, namespace and name of a workload by its title.
fn parts(title: &str) -> (&str, &str, &str) {
    let Title { kind, namespace, name } = Title::of(title);
    (kind, namespace.expect("a workload lives in a namespace"), name)
}

pub(super) fn deployments<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    seen.snapshot.deployments.iter().map(|one| deployment(seen, one)).collect()
}

fn deployment<'a>(seen: &'a Seen<'_>, one: &'a DeploymentView) -> Item<'a> {
    let (_, namespace, name) = parts(&one.title);
    let written = seen.written.find("Deployment", namespace, name, seen.snapshot.at);
    Item {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        labels: object::own_labels(written.as_deref()),
        cells: [
            vec![
                name.to_owned(),
                format!("{}/{}", one.ready, one.desired),
                one.updated.to_string(),
                one.available.to_string(),
                age(seen.snapshot.at, one.created),
            ],
            wide_cells(&one.template, one.selector.iter().filter(|(key, _)| *key != TEMPLATE_HASH)),
        ]
        .concat(),
        value: Box::new(move || {
            let mut value =
                object::as_written("Deployment", written.as_deref(), namespace, name, one.created);
            value["spec"]["replicas"] = one.desired.into();
            set_images(&mut value, &one.template);
            value["status"] = json!({
                "replicas": one.active,
                "updatedReplicas": one.updated,
                "readyReplicas": one.ready,
                "availableReplicas": one.available,
            });
            value
        }),
    }
}

/// Writes the images into a template that was written with others: `set image` changes nothing else.
fn set_images(deployment: &mut Value, template: &PodSpec) {
    for list in ["containers", "initContainers"] {
        let pointer = format!("/spec/template/spec/{list}");
        let containers = deployment.pointer_mut(&pointer).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let own = template.containers.iter().find(|one| container["name"] == one.name.as_str());
            if let Some(own) = own.filter(|own| !own.image.is_empty()) {
                container["image"] = own.image.as_str().into();
            }
        }
    }
}

pub(super) fn replica_sets<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    seen.snapshot.workloads.iter().map(|one| replica_set(seen, one)).collect()
}

fn replica_set<'a>(seen: &'a Seen<'_>, one: &'a WorkloadView) -> Item<'a> {
    let (kind, namespace, owner) = parts(&one.title);
    let name = &one.replica_set;
    let written = seen.written.find("ReplicaSet", namespace, name, seen.snapshot.at);
    Item {
        namespace: namespace.to_owned(),
        name: name.clone(),
        // Both a Deployment's controller and the API server take the template's labels.
        labels: object::own_labels_or(written.as_deref(), &one.template.labels),
        cells: [
            vec![
                name.clone(),
                one.desired.to_string(),
                one.active.to_string(),
                one.ready.to_string(),
                age(seen.snapshot.at, one.created),
            ],
            wide_cells(&one.template, one.selector.iter()),
        ]
        .concat(),
        value: Box::new(move || {
            let mut value =
                object::as_written("ReplicaSet", written.as_deref(), namespace, name, one.created);
            if kind == "Deployment" {
                let reference = json!([{
                    "apiVersion": "apps/v1", "controller": true, "kind": "Deployment", "name": owner,
                }]);
                value["metadata"]["ownerReferences"] = reference;
                value["metadata"]["labels"] = object::labels(&one.template.labels);
                value["metadata"]["annotations"][REVISION] = revision(seen, one).to_string().into();
                let deployment = seen.written.find(kind, namespace, owner, seen.snapshot.at);
                value["spec"]["selector"] = own_selector(deployment.as_deref(), &one.template);
                value["spec"]["template"] = object::template(&one.template);
            }
            value["spec"]["replicas"] = one.desired.into();
            value["status"] = json!({ "replicas": one.active, "readyReplicas": one.ready });
            value
        }),
    }
}

/// Which of its Deployment's ReplicaSets this one is, from 1: the current one is the newest, the others follow each other
/// as they were created.
fn revision(seen: &Seen<'_>, one: &WorkloadView) -> usize {
    let deployment = seen.snapshot.deployments.iter().find(|deployment| deployment.title == one.title);
    let age = |set: &WorkloadView| {
        let hash = set.template.labels.get(TEMPLATE_HASH);
        let current = deployment.and_then(|deployment| deployment.template.labels.get(TEMPLATE_HASH));
        (hash == current, set.created, set.replica_set.clone())
    };
    let sets = seen.snapshot.workloads.iter().filter(|set| set.title == one.title);
    sets.filter(|set| age(set) <= age(one)).count()
}

/// What a Deployment's ReplicaSet selects: what the Deployment does, and the hash of its template
/// (pkg/controller/deployment/sync.go `getNewReplicaSet`).
fn own_selector(deployment: Option<&Value>, template: &PodSpec) -> Value {
    let selector = deployment.and_then(|written| written.pointer("/spec/selector"));
    let mut selector = selector.cloned().unwrap_or_else(|| json!({}));
    selector["matchLabels"][TEMPLATE_HASH] = template.labels.get(TEMPLATE_HASH).unwrap_or_default().into();
    selector
}

pub(super) fn wide_cells<'s>(
    template: &PodSpec,
    selector: impl Iterator<Item = &'s (String, String)>,
) -> Vec<String> {
    let main = || template.containers.iter().filter(|one| one.role == ContainerRole::Main);
    let names: Vec<_> = main().map(|one| one.name.as_str()).collect();
    let images: Vec<_> = main().map(|one| one.image.as_str()).collect();
    let selector: Vec<_> = selector.map(|(_, text)| text.as_str()).collect();
    let or_none = |text: String| if text.is_empty() { NONE.to_owned() } else { text };
    vec![names.join(","), images.join(","), or_none(selector.join(","))]
}

pub(super) fn autoscalers<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    seen.snapshot.autoscalers.iter().map(|one| autoscaler(seen, one)).collect()
}

fn autoscaler<'a>(seen: &'a Seen<'_>, one: &'a AutoscalerView) -> Item<'a> {
    const KIND: &str = "HorizontalPodAutoscaler";
    let (kind, _, target) = parts(&one.target);
    let written = seen.written.find(KIND, &one.namespace, &one.name, seen.snapshot.at);
    Item {
        namespace: one.namespace.clone(),
        name: one.name.clone(),
        labels: object::own_labels(written.as_deref()),
        cells: vec![
            one.name.clone(),
            format!("{kind}/{target}"),
            targets(one),
            one.spec.min_replicas.to_string(),
            one.spec.max_replicas.to_string(),
            one.status.current_replicas.to_string(),
            age(seen.snapshot.at, one.created),
        ],
        value: Box::new(move || {
            let mut value =
                object::as_written(KIND, written.as_deref(), &one.namespace, &one.name, one.created);
            value["status"] = autoscaler_status(one);
            value
        }),
    }
}

fn autoscaler_status(one: &AutoscalerView) -> Value {
    let conditions = one.status.conditions.iter().map(|(kind, condition)| {
        json!({
            "type": kind,
            "status": if condition.holds { "True" } else { "False" },
            "reason": condition.reason,
            "message": condition.message,
            "lastTransitionTime": object::timestamp(condition.last_transition),
        })
    });
    let mut status = json!({
        "currentReplicas": one.status.current_replicas,
        "desiredReplicas": one.status.desired_replicas,
        "conditions": conditions.collect::<Vec<_>>(),
    });
    if let Some(current) = &one.status.current_metrics {
        let shown = one.spec.metrics.iter().zip(current);
        let shown = shown.filter_map(|(metric, current)| Some(current_metric(metric, (*current)?)));
        status["currentMetrics"] = shown.collect();
    }
    if let Some(at) = one.status.last_scale_time {
        status["lastScaleTime"] = object::timestamp(at).into();
    }
    status
}

/// A metric as `status.currentMetrics` shows it.
fn current_metric(metric: &MetricSpec, current: CurrentMetric) -> Value {
    let current = match current {
        CurrentMetric::Utilization { percent, average } => {
            json!({"averageUtilization": percent, "averageValue": quantity(average)})
        }
        CurrentMetric::Average(average) => json!({"averageValue": quantity(average)}),
        CurrentMetric::Value(value) => json!({"value": quantity(value)}),
    };
    match metric {
        MetricSpec::Resource { resource, .. } => {
            json!({"type": "Resource", "resource": {"name": resource.to_string(), "current": current}})
        }
        MetricSpec::ContainerResource { container, resource, .. } => json!({
            "type": "ContainerResource",
            "containerResource": {"container": container, "name": resource.to_string(), "current": current},
        }),
        MetricSpec::Pods { metric, .. } => {
            json!({"type": "Pods", "pods": {"metric": {"name": metric.name}, "current": current}})
        }
        MetricSpec::Object { kind, object, metric, .. } => json!({
            "type": "Object",
            "object": {
                "describedObject": {"kind": kind, "name": object},
                "metric": {"name": metric.name},
                "current": current,
            },
        }),
        MetricSpec::External { metric, .. } => {
            json!({"type": "External", "external": {"metric": {"name": metric.name}, "current": current}})
        }
    }
}

/// The TARGETS column (pkg/printers/internalversion/printers.go `formatHPAMetrics`).
fn targets(one: &AutoscalerView) -> String {
    let current = one.status.current_metrics.as_deref().unwrap_or_default();
    let all: Vec<_> = one
        .spec
        .metrics
        .iter()
        .enumerate()
        .map(|(place, metric)| target(metric, current.get(place).copied().flatten()))
        .collect();
    let shown = all[..all.len().min(METRICS_SHOWN)].join(", ");
    match all.len().saturating_sub(METRICS_SHOWN) {
        _ if all.is_empty() => NONE.to_owned(),
        0 => shown,
        more => format!("{shown} + {more} more..."),
    }
}

/// One metric's current value and target.
fn target(metric: &MetricSpec, current: Option<CurrentMetric>) -> String {
    let average = || match current {
        Some(CurrentMetric::Average(now) | CurrentMetric::Utilization { average: now, .. }) => quantity(now),
        _ => UNKNOWN.to_owned(),
    };
    match metric {
        MetricSpec::Resource { resource, target }
        | MetricSpec::ContainerResource { resource, target, .. } => match (target, current) {
            (ResourceTarget::Utilization(percent), Some(CurrentMetric::Utilization { percent: now, .. })) => {
                format!("{resource}: {now}%/{percent}%")
            }
            (ResourceTarget::Utilization(percent), _) => format!("{resource}: {UNKNOWN}/{percent}%"),
            (ResourceTarget::AverageValue(value), _) => {
                format!("{resource}: {}/{}", average(), target_quantity(*resource, *value))
            }
        },
        MetricSpec::Pods { target_average, .. } => format!("{}/{}", average(), quantity(*target_average)),
        MetricSpec::Object { target, .. } | MetricSpec::External { target, .. } => match target {
            ValueTarget::AverageValue(value) => format!("{}/{} (avg)", average(), quantity(*value)),
            ValueTarget::Value(value) => match current {
                Some(CurrentMetric::Value(now)) => format!("{}/{}", quantity(now), quantity(*value)),
                _ => format!("{UNKNOWN}/{}", quantity(*value)),
            },
        },
    }
}

/// An amount in thousandths as Go writes a Quantity in DecimalSI: with the largest suffix that leaves a whole number
/// (staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go `CanonicalizeBytes`).
fn quantity(milli: i64) -> String {
    let mut suffixes = ["m", "", "k", "M", "G", "T", "P"].into_iter();
    let (mut number, mut suffix) = (milli, suffixes.next().unwrap_or_default());
    for next in suffixes {
        if number % 1000 != 0 || number == 0 {
            break;
        }
        (number, suffix) = (number / 1000, next);
    }
    if number == 0 { "0".to_owned() } else { format!("{number}{suffix}") }
}

/// A target in thousandths. Who writes memory in Mi or Gi reads it so again.
fn target_quantity(resource: Resource, milli: i64) -> String {
    const MIB: i64 = (1 << 20) * 1000;
    match milli / MIB {
        mib if resource != Resource::Memory || milli % MIB != 0 || mib == 0 => quantity(milli),
        mib if mib % 1024 == 0 => format!("{}Gi", mib / 1024),
        mib => format!("{mib}Mi"),
    }
}
