//! The descheduler: which pods it evicts, so that the scheduler may find them better nodes.
//!
//! Source: kubernetes-sigs/descheduler v0.33, pkg/framework/plugins/defaultevictor/defaultevictor.go,
//! pkg/framework/plugins/removepodsviolatingnodeaffinity/node_affinity.go and pkg/descheduler/evictions/evictions.go. It
//! never says where a pod is to go: the replacement of an evicted pod is scheduled like any other.

mod promises;

use std::collections::BTreeMap;
use std::fmt;

use crate::id::NodeId;
use crate::rule::{Confidence, Rule};
use crate::units::Span;

pub use promises::{Promises, Usage};

/// What a descheduler evicts.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "descheduler-protection",
        statement: "The descheduler spares pods that terminate, that nothing owns, of DaemonSets, of a critical priority or \
                    of one that reaches its threshold, with an emptyDir unless told otherwise, younger than minPodAge, \
                    and those whose owner has fewer pods than minReplicas; the annotation \
                    descheduler.alpha.kubernetes.io/evict overrules all of it.",
        source: "kubernetes-sigs/descheduler pkg/framework/plugins/defaultevictor/defaultevictor.go `Filter`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "descheduler-node-affinity",
        statement: "RemovePodsViolatingNodeAffinity evicts a pod whose required affinity its node no longer has, or that \
                    another ready node would suit better by its preferred affinity, whether or not that node has room; \
                    only with nodeFit must some other node take it.",
        source: "kubernetes-sigs/descheduler pkg/framework/plugins/removepodsviolatingnodeaffinity/node_affinity.go \
                 `Deschedule`, pkg/descheduler/node/node.go `GetBestNodeWeightGivenPodPreferredAffinity`; nodeFit is \
                 judged by the scheduler's filters, of which upstream knows some",
        confidence: Confidence::Source,
    },
    Rule {
        id: "descheduler-virtual-nodes-first",
        statement: "VirtualNodesFirst evicts a pod from a virtual node if an ECS node passes the scheduler's filters for it \
                    and has the room that it has not promised to another in the same round.",
        source: "a strategy of this simulator's own: what RemovePodsViolatingNodeAffinity with nodeFit is used for, without \
                 its evictions in vain",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "descheduler-limits",
        statement: "In each round no more pods are evicted than the limits of their node, of their namespace and of all \
                    allow, where an eviction that the API server refuses counts for nothing.",
        source: "kubernetes-sigs/descheduler pkg/descheduler/evictions/evictions.go `EvictPod`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "descheduler-interval",
        statement: "The descheduler looks when it starts and then every deschedulingInterval, and asks for a refused \
                    eviction no sooner than in its next round.",
        source: "kubernetes-sigs/descheduler pkg/descheduler/descheduler.go `RunDeschedulerStrategies`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "descheduler-order",
        statement: "Nodes are looked at in the order in which they came, and the pods of a node in the order of their \
                    creation.",
        source: "upstream lists both from caches that have no fixed order",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "descheduler-does-not-place",
        statement: "Where the replacement of an evicted pod goes is the scheduler's decision: under default topology \
                    spreading a virtual node that has just lost pods scores higher than before, and for least allocation \
                    one that is large and empty always scores best, so that either may take it back.",
        source: "pkg/scheduler/framework/plugins/podtopologyspread/scoring.go `scoreForCount`, \
                 pkg/scheduler/framework/plugins/noderesources/least_allocated.go `leastResourceScorer`",
        confidence: Confidence::Source,
    },
];

/// How often it looks, where nobody says (kubernetes-sigs/descheduler, the interval that its Helm chart sets).
pub const DEFAULT_INTERVAL: Span = Span::from_secs(300);
/// Pods of this priority and above are critical (pkg/apis/scheduling/types.go `SystemCriticalPriority`).
const CRITICAL_PRIORITY: i32 = 2_000_000_000;
/// Pods with this annotation may always be evicted.
pub const EVICT_ANNOTATION: &str = "descheduler.alpha.kubernetes.io/evict";

/// What it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What it looks for.
    pub policy: Policy,
    /// How often it looks.
    pub interval: Span,
    /// Whom it spares.
    pub protection: Protection,
    /// How many pods it evicts in one round.
    pub limits: Limits,
    /// Whether an eviction in vain is told as an event (`evictionFailureEventNotification`).
    pub tells_failures: bool,
}

/// What it looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Pods on virtual nodes that an ECS node would take.
    VirtualNodesFirst,
    /// Pods that another node suits better, by their own words.
    NodeAffinity {
        /// Which words.
        kind: AffinityType,
        /// Whether some other node must take the pod (`nodeFit`).
        node_fit: bool,
    },
}

impl Policy {
    /// The strategy as events name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VirtualNodesFirst => "VirtualNodesFirst",
            Self::NodeAffinity { .. } => "RemovePodsViolatingNodeAffinity",
        }
    }
}

/// Which affinity a pod is judged by (`nodeAffinityType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AffinityType {
    /// `requiredDuringSchedulingIgnoredDuringExecution`.
    Required,
    /// `preferredDuringSchedulingIgnoredDuringExecution`.
    Preferred,
}

/// Whom it spares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Pods that are younger.
    pub min_pod_age: Option<Span>,
    /// Pods of this priority and above.
    pub priority_threshold: Option<i32>,
    /// Pods whose owner has fewer of them.
    pub min_replicas: Option<u32>,
    /// Whether pods with an emptyDir are not spared.
    pub evicts_local_storage: bool,
}

/// A pod, as far as it matters whether it is spared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pod {
    /// What makes it again.
    pub owner: Owner,
    /// Its priority.
    pub priority: i32,
    /// Whether it was told to end.
    pub terminating: bool,
    /// Whether it has an emptyDir.
    pub has_empty_dir: bool,
    /// Since its kubelet knows it, if it does.
    pub age: Option<Span>,
    /// Whether it has the annotation that overrules everything.
    pub is_marked: bool,
}

/// What makes a pod again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody.
    None,
    /// A DaemonSet, on the same node.
    DaemonSet,
    /// Any other, which has so many pods.
    Other {
        /// How many, where that is known.
        pods: Option<u32>,
    },
}

impl Protection {
    /// Whether a pod is not to be evicted.
    pub fn spares(&self, pod: &Pod) -> bool {
        if pod.is_marked {
            return false;
        }
        let few = |pods: u32| self.min_replicas.is_some_and(|least| least > 1 && pods < least);
        let owned = match pod.owner {
            Owner::None | Owner::DaemonSet => false,
            Owner::Other { pods } => !pods.is_some_and(few),
        };
        let young = self.min_pod_age.is_some_and(|least| pod.age.is_none_or(|age| age < least));
        let important = pod.priority >= CRITICAL_PRIORITY
            || self.priority_threshold.is_some_and(|threshold| pod.priority >= threshold);
        !owned || pod.terminating || young || important || pod.has_empty_dir && !self.evicts_local_storage
    }
}

/// What a pod has to say to its node and to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suits {
    /// Whether the pod names nodes at all, in the affinity that counts.
    pub says_so: bool,
    /// Whether it selects its node.
    pub selects_here: bool,
    /// What it gives its node.
    pub here: i64,
    /// The most that it gives any node.
    pub best: i64,
    /// Where it could be.
    pub fits: Fits,
}

/// Which ready nodes would take a pod that is on one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fits {
    /// None.
    Nowhere,
    /// Its own only.
    Here,
    /// Another one.
    Elsewhere,
}

/// Whether a pod is to go by its affinity.
pub fn violates(kind: AffinityType, node_fit: bool, pod: Suits) -> bool {
    let better_elsewhere = match kind {
        AffinityType::Required => !pod.selects_here,
        AffinityType::Preferred => pod.best > pod.here,
    };
    let fits = match pod.fits {
        Fits::Nowhere => false,
        Fits::Here => !node_fit,
        Fits::Elsewhere => true,
    };
    pod.says_so && better_elsewhere && fits
}

/// How many pods are evicted in one round; `None` for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// From one node (`maxNoOfPodsToEvictPerNode`).
    pub per_node: Option<u32>,
    /// Of one namespace (`maxNoOfPodsToEvictPerNamespace`).
    pub per_namespace: Option<u32>,
    /// Altogether (`maxNoOfPodsToEvictTotal`).
    pub total: Option<u32>,
}

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Nothing more is evicted in this round.
    Total(u32),
    /// Nothing more of this node.
    Node(u32),
    /// Nothing more of this namespace.
    Namespace(u32),
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Total(limit) => write!(f, "total eviction limit exceeded ({limit})"),
            Self::Node(limit) => write!(f, "node eviction limit exceeded ({limit})"),
            Self::Namespace(limit) => write!(f, "namespace eviction limit exceeded ({limit})"),
        }
    }
}

/// The evictions of one round.
#[derive(Clone, Debug, Default)]
pub struct Round {
    limits: Limits,
    by_node: BTreeMap<NodeId, u32>,
    by_namespace: BTreeMap<String, u32>,
    total: u32,
}

impl Round {
    /// A round that has evicted nothing yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Whether one more pod may be evicted.
    ///
    /// # Errors
    ///
    /// The limit that it would exceed.
    pub fn allows(&self, node: NodeId, namespace: &str) -> Result<(), Reached> {
        let of_node = self.by_node.get(&node).copied().unwrap_or(0);
        let of_namespace = self.by_namespace.get(namespace).copied().unwrap_or(0);
        let full = |limit: Option<u32>, so_far: u32| limit.filter(|&limit| so_far >= limit);
        if let Some(limit) = full(self.limits.total, self.total) {
            return Err(Reached::Total(limit));
        }
        if let Some(limit) = full(self.limits.per_node, of_node) {
            return Err(Reached::Node(limit));
        }
        full(self.limits.per_namespace, of_namespace).map_or(Ok(()), |limit| Err(Reached::Namespace(limit)))
    }

    /// A pod was evicted.
    pub fn evicted(&mut self, node: NodeId, namespace: &str) {
        *self.by_node.entry(node).or_default() += 1;
        *self.by_namespace.entry(namespace.to_owned()).or_default() += 1;
        self.total += 1;
    }
}

#[cfg(test)]
mod tests;
