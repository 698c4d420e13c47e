//! Pods as the scheduler and the bill read them.

use std::collections::BTreeSet;

use super::requests::{RequestInput, Requests, ResourceList, raise, requests_of};
use super::{Labels, NodeAffinity, PodAffinity, SpreadConstraint, Toleration, Volume};
use crate::units::Span;

/// Name of the profile that schedules pods which name none.
pub const DEFAULT_SCHEDULER: &str = "default-scheduler";

/// Grace period of a pod that names none (pkg/apis/core/v1/defaults.go).
pub const DEFAULT_GRACE: Span = Span::from_secs(30);

/// When a container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContainerRole {
    /// With the pod.
    Main,
    /// Before the pod, to its end.
    Init,
    /// An init container with restartPolicy Always: from its turn to the pod's end.
    Sidecar,
}

/// A container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// When it runs.
    pub role: ContainerRole,
    /// Its image as written; empty if none is named.
    pub image: String,
    /// Its requests after defaulting.
    pub requests: ResourceList,
    /// Its limits.
    pub limits: ResourceList,
    /// `status.resources.requests` and `allocatedResources`, where a running pod reports them.
    pub status: Option<(ResourceList, ResourceList)>,
    /// Environment variables with literal values, in order of name: some steer the platform.
    pub env: Labels,
    /// Names of the volumes that it mounts, in order.
    pub mounts: BTreeSet<String>,
    /// Whether it has a startup probe or a postStart hook: what starts after a native sidecar waits for either.
    pub holds_back: bool,
}

/// The variable that OpenKruise gives to every container that it injects; its value is the text `true`.
pub const INJECTED_ENV: &str = "IS_INJECTED";

impl Container {
    /// A main container without image or resources.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            role: ContainerRole::Main,
            image: String::new(),
            requests: ResourceList::new(),
            limits: ResourceList::new(),
            status: None,
            env: Labels::default(),
            mounts: BTreeSet::new(),
            holds_back: false,
        }
    }

    /// Whether OpenKruise has injected it.
    pub fn is_injected(&self) -> bool {
        self.env.get(INJECTED_ENV) == Some("true")
    }

    /// Requests as they count on a node while a resize is under way: the larger of the specification and what the
    /// node has granted; if the resize is infeasible, what it has granted.
    pub(super) fn with_status(&self, infeasible: bool) -> ResourceList {
        let Some((actual, allocated)) = &self.status else { return self.requests.clone() };
        let mut requests = actual.clone();
        raise(&mut requests, allocated);
        if !infeasible {
            raise(&mut requests, &self.requests);
        }
        requests
    }
}

/// A port of the node that a pod takes for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// The address; `0.0.0.0` for all.
    pub ip: String,
    /// The port.
    pub port: u16,
}

impl HostPort {
    /// Whether two pods on one node cannot both have these (framework/types.go `HostPortInfo.CheckConflict`).
    pub fn conflicts(&self, other: &Self) -> bool {
        const ANY: &str = "0.0.0.0";
        self.port == other.port
            && self.protocol == other.protocol
            && (self.ip == other.ip || self.ip == ANY || other.ip == ANY)
    }
}

/// The controller that owns a pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    /// `apps/v1` and the like.
    pub api_version: String,
    /// `ReplicaSet` and the like.
    pub kind: String,
    /// Its name, in the pod's namespace.
    pub name: String,
}

/// Whether a pod may evict others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PreemptionPolicy {
    /// Pods of lower priority, if that helps.
    #[default]
    PreemptLowerPriority,
    /// None.
    Never,
}

/// What becomes of a container that has ended (`RestartPolicy`, staging/src/k8s.io/api/core/v1/types.go).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RestartPolicy {
    /// It is started again.
    #[default]
    Always,
    /// It is started again if it has failed.
    OnFailure,
    /// It stays ended.
    Never,
}

impl RestartPolicy {
    /// As manifests write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::OnFailure => "OnFailure",
            Self::Never => "Never",
        }
    }

    /// Whether a container that ended so is started again.
    pub const fn restarts(self, succeeded: bool) -> bool {
        match self {
            Self::Always => true,
            Self::OnFailure => !succeeded,
            Self::Never => false,
        }
    }
}

/// Everything of a pod that decides where it goes and what it costs: all that two pods of one class have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PodSpec {
    /// Its namespace.
    pub namespace: String,
    /// Its labels.
    pub labels: Labels,
    /// Its annotations.
    pub annotations: Labels,
    /// The controller that owns it.
    pub owner: Option<Owner>,
    /// The profile that schedules it.
    pub scheduler_name: String,
    /// Its priority; higher is more important.
    pub priority: i32,
    /// Whether it may evict others.
    pub preemption_policy: PreemptionPolicy,
    /// The only node that it may run on, as the NodeName filter reads it.
    pub node_name: Option<String>,
    /// `spec.nodeSelector`; `None` where the field is absent, which is not the same as empty to one PreFilter.
    pub node_selector: Option<Labels>,
    /// Node affinity.
    pub node_affinity: NodeAffinity,
    /// Inter-pod affinity.
    pub pod_affinity: PodAffinity,
    /// Inter-pod anti-affinity.
    pub pod_anti_affinity: PodAffinity,
    /// Its tolerations.
    pub tolerations: Vec<Toleration>,
    /// Its own topology spread constraints.
    pub spread: Vec<SpreadConstraint>,
    /// Names of the scheduling gates that hold it back.
    pub gates: Vec<String>,
    /// Init containers in their order, then the others.
    pub containers: Vec<Container>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// Ports of the node that it takes.
    pub host_ports: Vec<HostPort>,
    /// Whether it uses the node's network.
    pub host_network: bool,
    /// What it has that virtual nodes do not support, in order of name: it is refused there.
    pub unsupported_on_virtual: Vec<&'static str>,
    /// How long it may take to end after it was told to.
    pub grace: Span,
    /// What becomes of its containers that have ended.
    pub restart_policy: RestartPolicy,
    /// `spec.resources.requests`, where it is given.
    pub pod_level: Option<ResourceList>,
    /// `spec.overhead`.
    pub overhead: ResourceList,
    /// What it counts for; worked out from the containers and the two fields above.
    pub requests: Requests,
}

impl PodSpec {
    /// A pod of `namespace` that asks for nothing.
    pub fn empty(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            labels: Labels::default(),
            annotations: Labels::default(),
            owner: None,
            scheduler_name: DEFAULT_SCHEDULER.to_owned(),
            priority: 0,
            preemption_policy: PreemptionPolicy::default(),
            node_name: None,
            node_selector: None,
            node_affinity: NodeAffinity::default(),
            pod_affinity: PodAffinity::default(),
            pod_anti_affinity: PodAffinity::default(),
            tolerations: Vec::new(),
            spread: Vec::new(),
            gates: Vec::new(),
            containers: Vec::new(),
            volumes: Vec::new(),
            host_ports: Vec::new(),
            host_network: false,
            unsupported_on_virtual: Vec::new(),
            grace: DEFAULT_GRACE,
            restart_policy: RestartPolicy::default(),
            pod_level: None,
            overhead: ResourceList::new(),
            requests: Requests::default(),
        }
    }

    /// Works out [`PodSpec::requests`] anew: after the containers have changed.
    pub fn count_requests(&mut self, resize_infeasible: bool) {
        self.requests = requests_of(RequestInput {
            containers: &self.containers,
            pod_level: self.pod_level.as_ref(),
            overhead: &self.overhead,
            resize_infeasible,
        });
    }

    /// Containers that count in kubectl's READY column: all but plain init containers.
    pub fn ready_containers(&self) -> u32 {
        self.containers.iter().filter(|one| one.role != ContainerRole::Init).count() as u32
    }

    /// Whether it has any inter-pod affinity or anti-affinity.
    pub fn has_pod_affinity(&self) -> bool {
        let says = |one: &PodAffinity| !one.required.is_empty() || !one.preferred.is_empty();
        says(&self.pod_affinity) || says(&self.pod_anti_affinity)
    }

    /// Whether the pod may run on a node of this name and these labels, by nodeSelector and required node affinity
    /// (component-helpers/scheduling/corev1/nodeaffinity `RequiredNodeAffinity.Match`).
    pub fn selects_node(&self, name: &str, labels: &Labels) -> bool {
        self.node_selector.as_ref().is_none_or(|wanted| labels.contains_all(wanted))
            && self.node_affinity.required.as_ref().is_none_or(|required| required.matches(name, labels))
    }
}
