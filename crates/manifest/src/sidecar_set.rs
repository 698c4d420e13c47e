//! OpenKruise's `SidecarSet`, and ACK's `SidecarSetResourceBinding` by which it reads what stands in other namespaces.
//!
//! Sources: openkruise/kruise apis/apps/v1alpha1/sidecarset_types.go; ACK, "Inject sidecar containers into ACS pods in
//! virtual nodes".

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, ContainerResizePolicy, ContainerRestartRule, EnvFromSource, EnvVar, Lifecycle,
    LocalObjectReference, ObjectFieldSelector, Probe, ResourceRequirements, SecurityContext, Volume,
    VolumeDevice, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource};
use serde::Deserialize;
use serde_json::Value;

/// Containers that are injected into the pods that it selects.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SidecarSet {
    /// `apps.kruise.io/v1alpha1`.
    pub api_version: String,
    /// `SidecarSet`.
    pub kind: String,
    /// Its name; it lives in no namespace.
    pub metadata: ObjectMeta,
    /// What it says.
    pub spec: SidecarSetSpec,
    /// What the controller reports; not read.
    pub status: Option<Value>,
}

impl Resource for SidecarSet {
    const API_VERSION: &'static str = "apps.kruise.io/v1alpha1";
    const GROUP: &'static str = "apps.kruise.io";
    const KIND: &'static str = "SidecarSet";
    const VERSION: &'static str = "v1alpha1";
    const URL_PATH_SEGMENT: &'static str = "sidecarsets";
    type Scope = ClusterResourceScope;
}

/// What a [`SidecarSet`] says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SidecarSetSpec {
    /// The pods that it is for; an empty one matches none.
    pub selector: Option<LabelSelector>,
    /// The only namespace of those pods.
    pub namespace: Option<String>,
    /// The namespaces of those pods.
    pub namespace_selector: Option<SidecarSetNamespaceSelector>,
    /// Init containers that are injected into new pods.
    pub init_containers: Vec<SidecarContainer>,
    /// Containers that are injected.
    pub containers: Vec<SidecarContainer>,
    /// Volumes that they mount.
    pub volumes: Vec<Volume>,
    /// Secrets by which their images are pulled.
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,
    /// How pods that have the containers are brought up to date.
    pub update_strategy: Option<SidecarSetUpdateStrategy>,
    /// How containers come into pods.
    pub injection_strategy: Option<SidecarSetInjectionStrategy>,
    /// How many old revisions are kept.
    pub revision_history_limit: Option<i32>,
    /// Annotations that the pods get.
    pub patch_pod_metadata: Option<Vec<SidecarSetPatchPodMetadata>>,
}

/// The namespaces of a [`SidecarSet`]'s pods: by name or by label.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SidecarSetNamespaceSelector {
    /// Their names.
    pub namespaces: Option<Vec<String>>,
    /// Labels that they have.
    pub match_labels: Option<BTreeMap<String, String>>,
    /// Conditions on their labels.
    pub match_expressions: Option<Vec<LabelSelectorRequirement>>,
}

/// A container as Kubernetes has it, and how it is injected. The fields of both stand beside each other.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "most fields are those of Kubernetes' container")]
pub struct SidecarContainer {
    pub args: Option<Vec<String>>,
    pub command: Option<Vec<String>>,
    pub env: Option<Vec<EnvVar>>,
    pub env_from: Option<Vec<EnvFromSource>>,
    pub image: Option<String>,
    pub image_pull_policy: Option<String>,
    pub lifecycle: Option<Lifecycle>,
    pub liveness_probe: Option<Probe>,
    pub name: String,
    pub ports: Option<Vec<ContainerPort>>,
    pub readiness_probe: Option<Probe>,
    pub resize_policy: Option<Vec<ContainerResizePolicy>>,
    pub resources: Option<ResourceRequirements>,
    pub restart_policy: Option<String>,
    pub restart_policy_rules: Option<Vec<ContainerRestartRule>>,
    pub security_context: Option<SecurityContext>,
    pub startup_probe: Option<Probe>,
    pub stdin: Option<bool>,
    pub stdin_once: Option<bool>,
    pub termination_message_path: Option<String>,
    pub termination_message_policy: Option<String>,
    pub tty: Option<bool>,
    pub volume_devices: Option<Vec<VolumeDevice>>,
    pub volume_mounts: Option<Vec<VolumeMount>>,
    pub working_dir: Option<String>,
    /// Whether it stands before or after the pod's own containers.
    pub pod_inject_policy: Option<PodInjectPolicy>,
    /// How it is brought up to date.
    pub upgrade_strategy: Option<SidecarUpgradeStrategy>,
    /// Whether it mounts what the pod's own containers mount.
    pub share_volume_policy: Option<SharePolicy>,
    /// The same of devices.
    pub share_volume_device_policy: Option<SharePolicy>,
    /// Variables that it takes over from other containers.
    pub transfer_env: Option<Vec<TransferEnv>>,
    /// Resources that depend on those of other containers; newer than OpenKruise 1.3.
    pub resources_policy: Option<Value>,
}

impl SidecarContainer {
    /// The part that Kubernetes knows.
    pub fn container(&self) -> Container {
        let one = self.clone();
        Container {
            args: one.args,
            command: one.command,
            env: one.env,
            env_from: one.env_from,
            image: one.image,
            image_pull_policy: one.image_pull_policy,
            lifecycle: one.lifecycle,
            liveness_probe: one.liveness_probe,
            name: one.name,
            ports: one.ports,
            readiness_probe: one.readiness_probe,
            resize_policy: one.resize_policy,
            resources: one.resources,
            restart_policy: one.restart_policy,
            restart_policy_rules: one.restart_policy_rules,
            security_context: one.security_context,
            startup_probe: one.startup_probe,
            stdin: one.stdin,
            stdin_once: one.stdin_once,
            termination_message_path: one.termination_message_path,
            termination_message_policy: one.termination_message_policy,
            tty: one.tty,
            volume_devices: one.volume_devices,
            volume_mounts: one.volume_mounts,
            working_dir: one.working_dir,
        }
    }
}

/// Where an injected container stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum PodInjectPolicy {
    /// Before the pod's own containers.
    #[default]
    BeforeAppContainer,
    /// After them.
    AfterAppContainer,
}

/// How an injected container is brought up to date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SidecarUpgradeStrategy {
    /// Whether it is stopped for it.
    pub upgrade_type: Option<UpgradeType>,
    /// The image of the idle one of two containers.
    pub hot_upgrade_empty_image: Option<String>,
}

/// Whether an injected container is stopped for its upgrade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum UpgradeType {
    /// It is.
    #[default]
    ColdUpgrade,
    /// A second container takes over from it.
    HotUpgrade,
}

/// Whether something of the pod's own containers is shared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SharePolicy {
    /// Whether it is.
    #[serde(rename = "type")]
    pub type_: Option<Share>,
}

/// Whether something is shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Share {
    /// It is.
    Enabled,
    /// It is not.
    #[default]
    Disabled,
}

/// A variable that is taken over from another container.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct TransferEnv {
    /// The other container.
    pub source_container_name: Option<String>,
    /// Where its name stands.
    pub source_container_name_from: Option<SourceContainerName>,
    /// The variable.
    pub env_name: Option<String>,
    /// Several of them.
    pub env_names: Option<Vec<String>>,
}

/// Where a container's name stands.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SourceContainerName {
    /// A field of the pod.
    pub field_ref: Option<ObjectFieldSelector>,
}

/// How pods that have the containers are brought up to date.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SidecarSetUpdateStrategy {
    /// Whether they are at all.
    #[serde(rename = "type")]
    pub type_: Option<UpdateType>,
    /// Whether it stops for now.
    pub paused: Option<bool>,
    /// The only pods that are.
    pub selector: Option<LabelSelector>,
    /// How many pods stay as they are.
    pub partition: Option<IntOrString>,
    /// How many pods may be unavailable at once.
    pub max_unavailable: Option<IntOrString>,
    /// Which pods come first.
    pub priority_strategy: Option<Value>,
    /// Which pods do not come together.
    pub scatter_strategy: Option<Value>,
}

/// Whether pods are brought up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum UpdateType {
    /// New pods only.
    NotUpdate,
    /// All of them, by and by.
    #[default]
    RollingUpdate,
}

/// How containers come into pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SidecarSetInjectionStrategy {
    /// Whether none come for now.
    pub paused: Option<bool>,
    /// Which revision of them.
    pub revision: Option<SidecarSetInjectRevision>,
}

/// Which revision of the containers comes into pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SidecarSetInjectRevision {
    /// The one that has this version.
    pub custom_version: Option<String>,
    /// The one of this name.
    pub revision_name: Option<String>,
    /// When.
    pub policy: Option<InjectRevisionPolicy>,
}

/// When a revision is injected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum InjectRevisionPolicy {
    /// Always.
    #[default]
    Always,
    /// As far as the update strategy says; newer than OpenKruise 1.3.
    Partial,
}

/// Annotations that the pods get.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SidecarSetPatchPodMetadata {
    /// The annotations.
    pub annotations: Option<BTreeMap<String, String>>,
    /// What becomes of those that a pod has.
    pub patch_policy: Option<PatchPolicy>,
}

/// What becomes of annotations that a pod has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum PatchPolicy {
    /// They stay.
    #[default]
    Retain,
    /// They are replaced.
    Overwrite,
    /// They are JSON, and merged.
    MergePatchJson,
}

/// What SidecarSets may read of the namespace that it lives in.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SidecarSetResourceBinding {
    /// `sidecarset.alibabacloud.com/v1alpha1`.
    pub api_version: String,
    /// `SidecarSetResourceBinding`.
    pub kind: String,
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// What it says.
    pub spec: SidecarSetResourceBindingSpec,
    /// What a server reports; not read.
    pub status: Option<Value>,
}

impl Resource for SidecarSetResourceBinding {
    const API_VERSION: &'static str = "sidecarset.alibabacloud.com/v1alpha1";
    const GROUP: &'static str = "sidecarset.alibabacloud.com";
    const KIND: &'static str = "SidecarSetResourceBinding";
    const VERSION: &'static str = "v1alpha1";
    const URL_PATH_SEGMENT: &'static str = "sidecarsetresourcebindings";
    type Scope = NamespaceResourceScope;
}

/// What a [`SidecarSetResourceBinding`] says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct SidecarSetResourceBindingSpec {
    /// Who may read.
    pub subjects: Vec<BindingReference>,
    /// What may be read.
    pub resource_refs: Vec<BindingReference>,
}

/// An object by kind and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct BindingReference {
    /// `SidecarSet` of a subject, `ConfigMap` or `Secret` of a resource.
    pub kind: String,
    /// Its name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use crate::{Decoder, Object, Source, read_documents};

    fn decoded(text: &str) -> (Option<Object>, Vec<String>) {
        let mut decoder = Decoder::new(false);
        let read = read_documents(&Source::new("f.yaml", text));
        let object = decoder.decode(&read.documents[0]);
        (object, decoder.finish().into_iter().map(|one| one.message).collect())
    }

    const SET: &str = "apiVersion: apps.kruise.io/v1alpha1\nkind: SidecarSet\nmetadata: {name: x}\n\
        spec:\n  selector: {matchLabels: {a: b}}\n  containers:\n  ";

    #[test]
    fn fields_of_the_container_and_of_its_injection_stand_beside_each_other() {
        let text = format!(
            "{SET}- {{name: c, image: i, podInjectPolicy: AfterAppContainer, \
             upgradeStrategy: {{upgradeType: HotUpgrade}}, volumeMounts: [{{name: v, mountPath: /v}}]}}\n"
        );
        let (object, told) = decoded(&text);
        assert_eq!(told, [] as [&str; 0]);
        let Some(Object::SidecarSet(set)) = object else { panic!("{object:?}") };
        let container = set.spec.containers[0].container();
        assert_eq!((container.name.as_str(), container.image.as_deref()), ("c", Some("i")));
    }

    #[test]
    fn misspelt_fields_and_values_are_told() {
        let (_, told) = decoded(&format!(
            "{SET}- {{name: c, podInjectPolicy: Before, upgradeStrategie: {{}}}}\n  - {{image: i}}\n"
        ));
        assert_eq!(
            told,
            [
                "expected one of BeforeAppContainer, AfterAppContainer, found `Before`",
                "missing field `name`",
                "unknown field `upgradeStrategie`",
            ]
        );
    }

    #[test]
    fn a_binding_names_kinds_and_names() {
        let (_, told) = decoded(
            "apiVersion: sidecarset.alibabacloud.com/v1alpha1\nkind: SidecarSetResourceBinding\n\
             metadata: {name: x}\nspec: {subjects: [{kind: SidecarSet}], resourceRefs: [{kind: Secret, nam: s}]}\n",
        );
        assert!(told.contains(&"missing field `name`".to_owned()), "{told:?}");
        assert!(told.contains(&"unknown field `nam`".to_owned()), "{told:?}");
    }
}
