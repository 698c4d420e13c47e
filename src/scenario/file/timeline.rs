//! What somebody does with kubectl during a run, in kubectl's verbs.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::scenario::notation::{Amount, Duration, PricePerTime, Quota};
use crate::scenario::patch::PatchType;

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
    /// `kubectl cordon`: the node takes no more pods but those that tolerate it.
    pub cordon: Option<Cordoning>,
    /// `kubectl uncordon`: the node takes pods again.
    pub uncordon: Option<Cordoning>,
    /// `kubectl drain`: the node is cordoned, and its pods are evicted as their PodDisruptionBudgets allow.
    pub drain: Option<Draining>,
    /// The stock of a zone of ECI from now on: a stock-out, or its end.
    pub set_stock: Option<StockSetting>,
    /// The vCPU quota of ECI from now on; instances that are there stay.
    pub set_quota: Option<QuotaSetting>,
    /// Prices from now on, for what runs already too.
    pub set_price: Option<PriceSetting>,
    /// Whether images come from an image cache of ECI from now on, where a pod does not say.
    pub set_image_cache: Option<bool>,
    /// `kubectl set image` of a Deployment: as any new template, another image starts a rollout.
    pub set_image: Option<ImageSetting>,
    /// `kubectl rollout restart` of a Deployment (those of a DaemonSet or StatefulSet are refused): its pods are replaced as by any rollout.
    pub rollout_restart: Option<Restarting>,
    /// `kubectl patch` of a deployment, hpa, service, node, namespace, pod, pdb or configmap.
    pub patch: Option<Patching>,
    /// `kubectl scale` of a Deployment, ReplicaSet or StatefulSet.
    pub scale: Option<Scaling>,
    /// `kubectl delete` of a pod, deployment, replicaset, statefulset, daemonset, job, cronjob, service, hpa,
    /// poddisruptionbudget, configmap, secret, sidecarset, sidecarsetresourcebinding or namespace, with all that belongs to it.
    pub delete: Option<Deletion>,
    /// A node or a zone fails, which is no command of kubectl.
    pub fail: Option<Failing>,
}

/// What fails: a node, or everything in a zone.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Failing {
    /// The name of an ECS node.
    pub node: Option<String>,
    /// The name of a zone: its ECS nodes, its virtual node and its ECI and ACS instances fail.
    pub zone: Option<String>,
    /// How long it is down. Default: to the end of the run.
    #[serde(rename = "for")]
    pub lasts: Option<Duration>,
    /// Whether the node's machine is lost for good: it is paid for no longer, and its Node is deleted. Default: false.
    #[serde(default)]
    pub lost: bool,
}

impl TimelineStep {
    /// Whether nodes may be other nodes to pods afterwards.
    pub fn changes_nodes(&self) -> bool {
        self.label.is_some()
            || self.taint.is_some()
            || self.cordon.is_some()
            || self.uncordon.is_some()
            || self.drain.is_some()
            || self.patch.is_some()
    }
}

/// Kubernetes objects: Namespace, Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob, Service,
/// HorizontalPodAutoscaler, PodDisruptionBudget, PriorityClass, ConfigMap, Secret, SidecarSet, SidecarSetResourceBinding,
/// IstioGateway.
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
    /// that key. The effect is NoSchedule, PreferNoSchedule or NoExecute.
    pub taints: Vec<String>,
    /// Whether a taint of the same key and effect may be replaced. Default: false, as for kubectl.
    #[serde(default)]
    pub overwrite: bool,
}

/// A node that is cordoned or uncordoned.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cordoning {
    /// The node's name; virtual nodes too.
    pub node: String,
}

/// A node that is drained.
#[expect(clippy::struct_excessive_bools, reason = "each is one of kubectl's flags")]
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Draining {
    /// The node's name; virtual nodes too.
    pub node: String,
    /// Whether pods of DaemonSets, which stay, are no reason to refuse. Default: false, as for kubectl.
    #[serde(default)]
    pub ignore_daemon_sets: bool,
    /// Whether pods go that no controller makes again. Default: false, as for kubectl.
    #[serde(default)]
    pub force: bool,
    /// Whether pods go that have emptyDir volumes. Default: false, as for kubectl.
    #[serde(default)]
    pub delete_empty_dir_data: bool,
    /// The grace period that pods get. Default: each its own.
    pub grace_period: Option<Duration>,
    /// How long kubectl goes on before it gives up, which leaves the node cordoned. Default: for ever.
    pub timeout: Option<Duration>,
    /// Whether pods are deleted, whatever their PodDisruptionBudgets say, instead of evicted. Default: false.
    #[serde(default)]
    pub disable_eviction: bool,
}

/// The stock of ECI in a zone, or of ECS by instance type.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StockSetting {
    /// The zone of a virtual node.
    pub zone: Option<String>,
    /// How many more machines of an instance type pools get from now on, from the node autoscaler or in the place of spot
    /// instances: `{ecs.c7.2xlarge: 0}`; `null` for no bound, which is what holds until it is set.
    #[serde(default)]
    pub ecs: IndexMap<String, Option<u32>>,
    /// How many more instances can be created from now on, by specification as in `eci.stock`: `{2-4Gi: 0}`. `*` stands
    /// for every specification that is not named; without it those stay as they are. Default: no bound.
    #[serde(default)]
    pub stock: IndexMap<String, u32>,
    /// Whether it is the stock of spot instances. Default: false.
    #[serde(default)]
    pub spot: bool,
}

/// A vCPU quota.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct QuotaSetting {
    /// `default` (500, estimate), `raised` (no bound) or a number of vCPUs.
    pub vcpu: Quota,
    /// The zone whose own quota it is. Default: that of all instances together.
    pub zone: Option<String>,
}

/// New prices; what is not given stays as it is.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PriceSetting {
    /// Those of ECI instances.
    #[serde(default)]
    pub eci: EciPriceSetting,
    /// Those of ECS instance types, pay as you go. Nodes with a price of their own, and those of a subscription, cost what
    /// they did.
    #[serde(default)]
    pub ecs: IndexMap<String, PricePerTime>,
    /// What part of the pay-as-you-go price spot instances cost. A running one whose pod does not pay so much is taken
    /// back.
    pub spot: Option<f64>,
    /// What part of it is paid under a savings plan.
    pub savings_plan: Option<f64>,
    /// The fee for the cluster itself.
    pub cluster_fee: Option<PricePerTime>,
}

/// New prices of ECI instances.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EciPriceSetting {
    /// One vCPU.
    pub vcpu: Option<PricePerTime>,
    /// One GiB of memory.
    #[serde(rename = "memoryGiB")]
    pub memory_gib: Option<PricePerTime>,
    /// One vCPU of the economy category.
    pub economy_vcpu: Option<PricePerTime>,
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

/// A patch.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Patching {
    /// What is patched: `deployment/NAMESPACE/NAME`, `hpa/…`, `service/…`, `pod/…`, `pdb/…`, `configmap/…`, `node/NAME` or
    /// `namespace/NAME`. Of nodes, pods and namespaces, their metadata, and a node's taints and `unschedulable`.
    pub resource: String,
    /// How the patch is meant. Default: strategic, as for kubectl.
    #[serde(default)]
    pub r#type: PatchType,
    /// The patch itself: a map of fields, or of type json a list of operations.
    pub patch: Value,
}

/// What is restarted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Restarting {
    /// `deployment/NAMESPACE/NAME`.
    pub resource: String,
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
    /// `cronjob/…`, `service/…`, `hpa/…`, `poddisruptionbudget/…`, `configmap/…`, `secret/…`, `sidecarsetresourcebinding/…`, `sidecarset/NAME` or
    /// `namespace/NAME`.
    pub resource: String,
}

#[cfg(test)]
mod tests {
    use overspill_manifest::{Rules, Source, decode_value, read_data};

    use super::*;

    /// What docs/timeline.md shows as steps are some, each of one verb that the table explains.
    #[test]
    fn examples_of_the_page_are_steps() {
        let page = include_str!("../../../docs/timeline.md");
        let examples: Vec<&str> = page.lines().filter(|line| line.starts_with("  - {at:")).collect();
        assert!(examples.len() >= 13, "{examples:?}");
        for example in examples {
            let file = read_data(&Source::new("example.yaml", format!("timeline:\n{example}\n"))).unwrap();
            let reading = decode_value::<TimelineStep>(&file.value["timeline"][0], Rules::default());
            assert!(reading.into_result().is_ok(), "{example}");
            let verb = example.split([',', ':']).nth(2).unwrap().trim();
            assert!(page.contains(&format!("`{verb}`")), "{verb} is not explained");
        }
    }
}
