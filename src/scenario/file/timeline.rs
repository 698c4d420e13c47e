//! What somebody does with kubectl during a run, in kubectl's verbs.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::scenario::notation::{Amount, Duration};

/// One command at one instant: `at`, and exactly one of the verbs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TimelineStep {
    /// When.
    pub at: Duration,
    /// `kubectl create -f`: objects that are not there yet.
    pub create: Option<Objects>,
    /// `kubectl apply -f`: objects that are created or, where they exist, changed. A new pod template of a Deployment
    /// or a StatefulSet starts a rollout.
    pub apply: Option<Objects>,
    /// `kubectl run`: one pod.
    pub run: Option<PodRun>,
    /// `kubectl label` of a namespace, a pod or an ECS node. Pods follow the labels that their namespace has when they
    /// are created.
    pub label: Option<Labelling>,
    /// `kubectl annotate` of a pod or an ECS node.
    pub annotate: Option<Annotating>,
    /// `kubectl taint` of an ECS node.
    pub taint: Option<Tainting>,
    /// `kubectl set image` of a Deployment: as any new template, another image starts a rollout.
    pub set_image: Option<ImageSetting>,
    /// `kubectl scale` of a Deployment, ReplicaSet or StatefulSet.
    pub scale: Option<Scaling>,
    /// `kubectl delete` of a pod, deployment, replicaset, statefulset, daemonset, job, service, hpa, configmap, secret,
    /// sidecarset, sidecarsetresourcebinding or namespace, with all that belongs to it.
    pub delete: Option<Deletion>,
}

/// Kubernetes objects: Namespace, Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, Service,
/// HorizontalPodAutoscaler, PriorityClass, ConfigMap, Secret, SidecarSet, SidecarSetResourceBinding, IstioGateway.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum Objects {
    /// Those of a file or folder, relative to the scenario file.
    File(String),
    /// One object, or a list of them, written here.
    Manifest(Value),
}

/// A pod of one container, which has the pod's name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PodRun {
    /// The pod's name.
    pub name: String,
    /// Its namespace. Default: default.
    pub namespace: Option<String>,
    /// The container's image.
    pub image: String,
    /// Its labels. Default: `run: NAME`, as `kubectl run` sets it.
    pub labels: Option<IndexMap<String, String>>,
    /// Its annotations. Default: none.
    #[serde(default)]
    pub annotations: IndexMap<String, String>,
    /// What the container requests, by resource. Default: nothing.
    #[serde(default)]
    pub requests: IndexMap<String, Amount>,
    /// The container's limits, by resource. Default: none.
    #[serde(default)]
    pub limits: IndexMap<String, Amount>,
}

/// New annotations.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Annotating {
    /// What is changed: `node/NAME` or `pod/NAMESPACE/NAME`.
    pub resource: String,
    /// The values by key; null takes one away.
    pub annotations: IndexMap<String, Option<String>>,
    /// Whether a key that has another value may be changed. Default: false, as for kubectl.
    #[serde(default)]
    pub overwrite: bool,
}

/// New labels.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Labelling {
    /// What is changed: `namespace/NAME`, `node/NAME` or `pod/NAMESPACE/NAME`.
    pub resource: String,
    /// The values by key; null takes one away.
    pub labels: IndexMap<String, Option<String>>,
    /// Whether a key that has another value may be changed. Default: false, as for kubectl.
    #[serde(default)]
    pub overwrite: bool,
}

/// New taints of a node.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tainting {
    /// The node's name.
    pub node: String,
    /// Taints as `key=value:Effect` or `key:Effect`; with `-` at the end one is taken away, `key-` takes away all of
    /// that key. The effect is NoSchedule or PreferNoSchedule.
    pub taints: Vec<String>,
    /// Whether a taint of the same key and effect may be replaced. Default: false, as for kubectl.
    #[serde(default)]
    pub overwrite: bool,
}

/// New images.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImageSetting {
    /// What gets them: `deployment/NAMESPACE/NAME`.
    pub resource: String,
    /// The image by container; `*` stands for every container.
    pub images: IndexMap<String, String>,
}

/// A new number of replicas.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scaling {
    /// What is scaled: `deployment/NAMESPACE/NAME`, `replicaset/…` or `statefulset/…`.
    pub resource: String,
    /// How many pods it is to have.
    pub replicas: u32,
}

/// What is deleted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Deletion {
    /// `pod/NAMESPACE/NAME`, `deployment/NAMESPACE/NAME`, `replicaset/…`, `statefulset/…`, `daemonset/…`, `job/…`,
    /// `service/…`, `hpa/…`, `configmap/…`, `secret/…`, `sidecarsetresourcebinding/…`, `sidecarset/NAME` or
    /// `namespace/NAME`.
    pub resource: String,
}
