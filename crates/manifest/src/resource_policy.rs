//! ACK's ResourcePolicy, whose type is not among Kubernetes' own.
//!
//! Source: ACK, "Customize elastic resource scheduling priorities", and the types of
//! scheduling.alibabacloud.com/v1alpha1 that Alibaba Cloud has published.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelectorRequirement, ObjectMeta};
use k8s_openapi::{Metadata, NamespaceResourceScope, Resource};
use serde::Deserialize;
use serde_json::Value;

/// In which order kinds of resources are used for the pods that it selects.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ResourcePolicy {
    /// `scheduling.alibabacloud.com/v1alpha1`.
    pub api_version: String,
    /// `ResourcePolicy`.
    pub kind: String,
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// What it says.
    pub spec: ResourcePolicySpec,
    /// What the scheduler reports; not read.
    pub status: Option<Value>,
}

/// What a [`ResourcePolicy`] says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ResourcePolicySpec {
    /// Labels of the pods of the namespace that it is for; all of them if there are none.
    pub selector: Option<BTreeMap<String, String>>,
    /// Further conditions on their labels.
    pub match_expressions: Option<Vec<LabelSelectorRequirement>>,
    /// `prefer` is the only one.
    pub strategy: Option<Strategy>,
    /// What is used, the first first.
    pub units: Vec<Unit>,
    /// When pods of lower priority are evicted.
    pub preempt_policy: Option<PreemptPolicy>,
    /// Whether pods that were scheduled before the policy was created do not count.
    pub ignore_previous_pod: Option<bool>,
    /// Whether pods that were told to end do not count.
    pub ignore_terminating_pod: Option<bool>,
    /// Labels by whose values pods are counted apart.
    pub match_label_keys: Option<Vec<String>>,
    /// When a pod may go on to the next unit.
    pub when_try_next_units: Option<TryNextUnits>,
}

/// How strictly the units are kept to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Strategy {
    /// Units are tried in their order.
    Prefer,
}

/// Nodes that are used together.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Unit {
    /// What they are.
    pub resource: UnitResource,
    /// Labels that they have.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// The most pods in the unit.
    pub max: Option<i32>,
    /// The most that its pods may request together.
    pub max_resources: Option<BTreeMap<String, Quantity>>,
    /// Labels that its pods get, and by which they are counted.
    pub pod_labels: Option<BTreeMap<String, String>>,
    /// Annotations that its pods get, and by which they are counted.
    pub pod_annotations: Option<BTreeMap<String, String>>,
    /// Whether its pods run on spot instances.
    pub spot_instance: Option<bool>,
    /// How readily its pods are taken away.
    pub scale_in_weight: Option<i32>,
}

/// What the nodes of a unit are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnitResource {
    /// ECS nodes.
    #[default]
    Ecs,
    /// Virtual nodes of ECI.
    Eci,
    /// Virtual nodes of ACS.
    Acs,
    /// ECS nodes that are still to be made.
    Elastic,
}

/// When pods of lower priority are evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum PreemptPolicy {
    /// When the last unit has no room either.
    AfterAllUnits,
    /// In each unit, before the next is tried.
    BeforeNextUnit,
}

/// When a pod may go on to the next unit.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct TryNextUnits {
    /// What has to be.
    pub policy: Option<TryNextPolicy>,
    /// How long a pod waits, as in `15m`.
    pub timeout: Option<String>,
}

/// What has to be before a pod may go on to the next unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum TryNextPolicy {
    /// The unit has no room, or as many pods as it may.
    LackResourceOrExceedMax,
    /// The unit has as many pods as it may, or says nothing of that.
    ExceedMax,
    /// The unit has as many pods as it may, or the pod has waited for long enough.
    TimeoutOrExceedMax,
    /// The unit has no room or as many pods as it may, and none of them is about to end.
    #[serde(alias = "LackResourceAndNoterminating")]
    LackResourceAndNoTerminating,
}

impl Resource for ResourcePolicy {
    const API_VERSION: &'static str = "scheduling.alibabacloud.com/v1alpha1";
    const GROUP: &'static str = "scheduling.alibabacloud.com";
    const KIND: &'static str = "ResourcePolicy";
    const VERSION: &'static str = "v1alpha1";
    const URL_PATH_SEGMENT: &'static str = "resourcepolicies";
    type Scope = NamespaceResourceScope;
}

impl Metadata for ResourcePolicy {
    type Ty = ObjectMeta;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}
