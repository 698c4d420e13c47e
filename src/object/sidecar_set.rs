//! OpenKruise's SidecarSet: containers that are injected into the pods that it selects.

use super::pod::HostPort;
use super::volume::{FileSource, Volume};
use super::{Container, Labels, PodSpec, Selector};

/// The label that ack-virtual-node gives to a pod that it takes up; its value is the text `true`.
pub const VIRTUAL_NODE_LABEL: &str = "serverless.alibabacloud.com/virtual-node";

/// A SidecarSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidecarSet {
    /// Its name; it lives in no namespace.
    pub name: String,
    /// The pods that it is for; an empty selector matches none.
    pub selector: Selector,
    /// The only namespace of those pods, where it names one (`spec.namespace`).
    pub namespace: Option<String>,
    /// The namespaces of those pods, where it says so.
    pub namespaces: Option<Namespaces>,
    /// Init containers, as written.
    pub init_containers: Vec<SidecarContainer>,
    /// Containers, as written.
    pub containers: Vec<SidecarContainer>,
    /// Volumes that they mount.
    pub volumes: Vec<Volume>,
    /// Ports of the node that its containers take.
    pub host_ports: Vec<HostPort>,
    /// What of it virtual nodes do not support.
    pub unsupported_on_virtual: Vec<&'static str>,
    /// Whether nothing is injected for now (`injectionStrategy.paused`).
    pub injection_paused: bool,
    /// How pods that have its containers are brought up to date.
    pub update: UpdateStrategy,
    /// Stands for its containers; another image makes another hash.
    pub hash: String,
    /// The same without the images: pods can be brought up to date in place only if it stays the same.
    pub hash_without_image: String,
}

/// Namespaces by name, or else by label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespaces {
    /// Their names.
    pub names: Vec<String>,
    /// Labels that they have, where no name is given.
    pub selector: Selector,
}

/// A container that is injected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidecarContainer {
    /// The container itself.
    pub container: Container,
    /// Whether it stands after the pod's own containers, not before them.
    pub after_application: bool,
    /// The image of the idle one, if the container comes as two of which one takes over from the other.
    pub hot_upgrade: Option<String>,
    /// Whether it mounts what the pod's own containers mount.
    pub shares_volumes: bool,
    /// Variables that it takes over: name of the container, name of the variable.
    pub transfer_env: Vec<(String, String)>,
}

/// A number of pods, or a share of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodCount {
    /// So many.
    Pods(u32),
    /// So many of a hundred; rounded up.
    Percent(u32),
}

/// How pods that have the containers are brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateStrategy {
    /// Whether they are at all (`type: RollingUpdate`).
    pub rolling: bool,
    /// Whether it stops for now.
    pub paused: bool,
    /// The only pods that are.
    pub selector: Option<Selector>,
    /// How many stay as they are.
    pub partition: PodCount,
    /// How many may be unavailable at once.
    pub max_unavailable: PodCount,
}

impl Default for UpdateStrategy {
    /// What OpenKruise's webhook fills in.
    fn default() -> Self {
        Self {
            rolling: true,
            paused: false,
            selector: None,
            partition: PodCount::Pods(0),
            max_unavailable: PodCount::Pods(1),
        }
    }
}

impl SidecarSet {
    /// Whether it selects a pod that lives in a namespace with these labels
    /// (openkruise/kruise pkg/control/sidecarcontrol/util.go `PodMatchedSidecarSet`).
    pub fn selects(&self, pod: &PodSpec, namespace: &Labels) -> bool {
        !self.selector.is_empty()
            && self.selector.matches(&pod.labels)
            && self.namespace.as_ref().is_none_or(|only| *only == pod.namespace)
            && self.namespaces.as_ref().is_none_or(|all| all.contain(&pod.namespace, namespace))
    }

    /// Whether it waits for the label that pods get on virtual nodes.
    pub fn is_for_virtual_nodes(&self) -> bool {
        self.selector.requirements.iter().any(|one| one.key == VIRTUAL_NODE_LABEL)
    }

    /// Names that its containers have in pods.
    pub fn names_in_pods(&self) -> impl Iterator<Item = String> + '_ {
        self.containers.iter().flat_map(|one| {
            let name = &one.container.name;
            match one.hot_upgrade {
                Some(_) => vec![format!("{name}-1"), format!("{name}-2")],
                None => vec![name.clone()],
            }
        })
    }
}

impl Namespaces {
    fn contain(&self, name: &str, labels: &Labels) -> bool {
        if self.names.is_empty() {
            self.selector.matches(labels)
        } else {
            self.names.iter().any(|one| one == name)
        }
    }
}

/// A SidecarSetResourceBinding: what SidecarSets may read of the namespace that it lives in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceBinding {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Names of the SidecarSets.
    pub subjects: Vec<String>,
    /// What they may read.
    pub resources: Vec<(FileSource, String)>,
}

impl ResourceBinding {
    /// Whether it lets a SidecarSet read an object of its own namespace.
    pub fn allows(&self, sidecar_set: &str, source: FileSource, name: &str) -> bool {
        self.subjects.iter().any(|one| one == sidecar_set)
            && self.resources.iter().any(|(kind, one)| *kind == source && one == name)
    }
}
