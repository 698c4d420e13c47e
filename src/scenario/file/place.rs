//! Where pods run: ECS pools and virtual nodes, and how long pods take to start there.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::law::Law;
use super::node_autoscaler::Autoscale;
use crate::scenario::notation::{Amount, Duration, Percent, PricePerTime, Quota, Taint};

/// Equal ECS nodes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pool {
    /// The ECS instance type, such as ecs.c7.2xlarge: it tells the price, and what is allocatable by ACK's
    /// reservation formulas. Either this or `allocatable` is needed.
    pub instance_type: Option<String>,
    /// What pods can use of each node, by resource (cpu, memory, pods, ephemeral-storage, …), instead of what the
    /// formulas say.
    pub allocatable: Option<IndexMap<String, Amount>>,
    /// How many nodes there are, at the start if there is an autoscaler.
    pub count: u32,
    /// Labels by which the pool knows Nodes of the manifests as its own: ECS nodes that have all of them. They stay as
    /// they were written, and are paid for as the pool's. Where `count` is larger, further nodes are made as the pool
    /// says; where it is smaller, the last of them are left out, with the pods that are bound to them. Default: none,
    /// and all nodes are made.
    #[serde(default)]
    pub node_selector: IndexMap<String, String>,
    /// How many nodes `nodeAutoscaler` may make of it. Default: it leaves the pool alone.
    pub autoscale: Option<Autoscale>,
    /// The zones that the nodes are spread over in turn. Default: none, and the nodes have no zone label.
    #[serde(default)]
    pub zones: Vec<String>,
    /// The region. Default: the zone's name without its last part, or none.
    pub region: Option<String>,
    /// How the nodes are paid for. Default: payg.
    pub billing: Option<Billing>,
    /// The price of one node, instead of the price list's.
    pub price: Option<PricePerTime>,
    /// What part of the pay-as-you-go price is paid under `billing`, instead of what the price list says, such as 0.5 for a
    /// subscription of one year or 0.35 of three (estimates). Default: the price list's factor.
    pub price_factor: Option<f64>,
    /// What is taken off all that the nodes cost, such as `15%`. Default: 0%.
    pub discount: Option<Percent>,
    /// Labels of the nodes beside those that every node has.
    #[serde(default)]
    pub labels: IndexMap<String, String>,
    /// Taints of the nodes, each as `key=value:Effect`.
    #[serde(default)]
    pub taints: Vec<Taint>,
    /// By which of ACK's formulas a part of each node is kept from pods. Default: v1.28.
    pub reservation: Option<Reservation>,
    /// How many pods a node takes. Default: what Terway with shared ENIs allows for the instance type.
    pub max_pods: Option<u32>,
    /// How the nodes fail, each by itself. Default: not at all.
    pub failures: Option<NodeFailures>,
    /// Of nodes with `billing: spot`: how their instances are taken back and replaced. Default: not at all.
    pub spot: Option<PoolSpot>,
}

/// How the spot instances of a pool are taken back and replaced, each by itself.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PoolSpot {
    /// How long after its protection an instance is told that it will be taken back. Default: never.
    pub reclaim: Option<Law>,
    /// For how long after its creation an instance is not taken back. Default: 1h (Alibaba Cloud, ACK spot node pools).
    pub protection: Option<Duration>,
    /// How long after that notice it is taken back. Default: 5m (Alibaba Cloud, ECS spot instances).
    pub notice: Option<Duration>,
    /// Whether the node is cordoned and drained at the notice. Default: true (estimate).
    pub drain: Option<bool>,
    /// How long after the notice another instance is created for the pool. Default: none is.
    pub replace: Option<Law>,
    /// How long after its creation the Node of such an instance is registered: when it is ready at the latest. Default:
    /// uniform from 9500ms to 12500ms (measured on ACK).
    pub register: Option<Law>,
    /// How long after its creation the node of such an instance is ready. Default: lognormal with median 55s and sigma 0.2
    /// (measured by others for ACK's instant elasticity).
    pub boot: Option<Law>,
    /// How many instances the pool can get so. Default: no bound.
    pub stock: Option<u32>,
}

/// How nodes fail by themselves and are repaired.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NodeFailures {
    /// How long a node runs, from the start of the run or its last repair, until it fails.
    pub every: Law,
    /// How long it is down.
    pub repair: Law,
}

/// How ECS nodes are paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Billing {
    /// By the second while the node exists.
    #[default]
    Payg,
    /// By the month, used or not.
    Subscription,
    /// By the second, at the spot price.
    Spot,
    /// By the second while the node exists, at the price of a savings plan.
    SavingsPlan,
}

/// Which of ACK's formulas says how much of a node is kept from pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Reservation {
    /// That of Kubernetes 1.28 and later.
    #[default]
    #[serde(rename = "v1.28")]
    V1_28,
    /// That of Kubernetes 1.20 to 1.27.
    #[serde(rename = "v1.20")]
    V1_20,
}

/// The virtual node of a zone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VirtualNode {
    /// Its name. Default: virtual-kubelet-ZONE. If a virtual node of the manifests is called so, it is that one: it keeps
    /// what is written there, and has `labels` beside it.
    pub name: Option<String>,
    /// The ID of the zone's vSwitch, such as vsw-111, by which an eci-profile's `vswitchIds` and the annotation
    /// k8s.aliyun.com/eci-vswitch mean the zone. Default: vsw-ZONE.
    pub vswitch_id: Option<String>,
    /// What it says it has, by resource. Default of each that is not given (estimates): cpu "5000", memory 20Ti,
    /// pods "5000", ephemeral-storage 100Ti.
    #[serde(default)]
    pub capacity: IndexMap<String, Amount>,
    /// Labels beside those that every virtual node has.
    #[serde(default)]
    pub labels: IndexMap<String, String>,
    /// Whether it has the label kubernetes.io/hostname. Default: true.
    pub hostname_label: Option<bool>,
    /// Whether it has the labels topology.kubernetes.io/zone and topology.kubernetes.io/region. Default: true.
    pub zone_label: Option<bool>,
    /// How many free addresses the zone's vSwitch has; each ECI instance takes one. Default: no bound.
    pub vswitch_ips: Option<u32>,
    /// The vCPU quota of the instances of this zone alone, beside that of `eci.quota`: `default` (500, estimate),
    /// `raised` (no bound) or a number of vCPUs. Default: raised.
    pub quota: Option<Quota>,
}

/// How pods start on virtual nodes: wait for the creation limit, sandbox, image pull, container start, ready.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Eci {
    /// How many pods can be created at once before the limit holds them up. Default: 100 (Alibaba Cloud, ECI limits).
    pub creation_burst: Option<u32>,
    /// How many creations per second the limit lets through. Default: 20 (Alibaba Cloud, ECI limits).
    pub creation_refill_per_second: Option<u32>,
    /// How long the sandbox takes. Default: lognormal with median 6s and sigma 0.35 (estimate).
    pub sandbox: Option<Law>,
    /// Bytes of images that are pulled per second. Default: 60M, as from a registry in the same VPC (estimate).
    pub pull_bandwidth: Option<Amount>,
    /// How long the containers take to start once their images are there. Default: 1s (estimate).
    pub container_start: Option<Law>,
    /// How long a started pod takes to become ready. Default: 1s (estimate).
    pub ready: Option<Law>,
    /// Whether images come from an image cache: each pull then takes 0.5s (estimate) whatever its size. A pod's own
    /// annotations (k8s.aliyun.com/eci-auto-imc and the like) come first. Default: false.
    pub image_cache: Option<bool>,
    /// How many instances can be deleted at once before the limit holds deletions up. Default: 100 (Alibaba Cloud, ECI
    /// limits).
    pub deletion_burst: Option<u32>,
    /// How many deletions per second the limit lets through. Default: 20 (Alibaba Cloud, ECI limits).
    pub deletion_refill_per_second: Option<u32>,
    /// The vCPU quota of all instances together: `default` (500, estimate), `raised` (no bound) or a number of vCPUs.
    /// Default: default.
    pub quota: Option<Quota>,
    /// How many more instances can be created, by zone and specification: `{cn-hangzhou-j: {2-4Gi: 10, "*": 100}}`.
    /// `*` stands for each specification that is not named, by itself. An instance that ends gives its stock back.
    /// Default: no bound.
    #[serde(default)]
    pub stock: IndexMap<String, IndexMap<String, u32>>,
    /// How often a request without stock, addresses or quota is looked at again; 0s for as soon as anything is given
    /// back. Default: 10s (estimate).
    pub retry_every: Option<Duration>,
    /// Whether the wait for stock, addresses and quota counts towards k8s.aliyun.com/eci-max-pending-minute, or only
    /// what comes after it (as the annotation's own page has it). Default: true.
    pub max_pending_counts_wait: Option<bool>,
    /// Spot instances.
    #[serde(default)]
    pub spot: Spot,
}

/// Spot instances, which pods ask for by k8s.aliyun.com/eci-spot-strategy. What they cost is in the price list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Spot {
    /// How long after its protection (an hour unless k8s.aliyun.com/eci-spot-duration says 0) a spot instance is told
    /// that it will be taken back. Default: never.
    pub reclaim: Option<Law>,
    /// How long after that it is taken back. Default: 3m (Alibaba Cloud, ECI 2021; later pages say 5 minutes).
    pub notice: Option<Duration>,
    /// Stock of spot instances, as `eci.stock`. Default: no bound.
    #[serde(default)]
    pub stock: IndexMap<String, IndexMap<String, u32>>,
}

/// ACS instances: what pods on virtual nodes become that carry the label alibabacloud.com/compute-class or
/// alibabacloud.com/compute-qos, or alibabacloud.com/acs: "true". They start as `eci` says.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Acs {
    /// Whether the account may have instances of more than 16 vCPU or 128 GiB, for which ACS wants a ticket.
    /// Default: false.
    pub large_specs: Option<bool>,
    /// How instances with compute QoS best-effort are taken back.
    #[serde(default)]
    pub preemption: Preemption,
}

/// How ACS instances with compute QoS best-effort are taken back.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Preemption {
    /// How long after its creation an instance is told that it will be taken back. Default: never.
    pub law: Option<Law>,
    /// How long after that it is taken back. Default: 5m (Alibaba Cloud, ACS).
    pub notice: Option<Duration>,
}

/// How pods start on ECS nodes: image pull unless the node has the image, container start, ready.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Ecs {
    /// How long the containers take to start once their images are there. Default: 1s (estimate).
    pub container_start: Option<Law>,
    /// How long a started pod takes to become ready. Default: 1s (estimate).
    pub ready: Option<Law>,
    /// Bytes of images that are pulled per second and node. Default: 60M (estimate).
    pub pull_bandwidth: Option<Amount>,
    /// How often a node's image list is renewed (the kubelet's status update). Default: 10s.
    pub image_status_update: Option<Duration>,
}
