//! How far a plugin looks before it answers, and the answers of those that do not look at the whole cluster.
//!
//! A plugin says for each specification of pods how far it looks. What does not look beyond a node can be asked once
//! and remembered until the node changes; what looks further is worked out anew in each attempt.

use crate::cluster::{Cluster, Images, Node};
use crate::object::{NodeSpec, PodSpec, Selector};

use super::{NodeFilter, NodeScore};

/// How far a filter looks.
pub enum FilterReach {
    /// Nowhere: it passes every node.
    Nothing,
    /// At what the node says of itself.
    Spec(NodeFilter<'static>),
    /// At that, and at the pods on the node.
    Usage(NodeFilter<'static>),
    /// At anything: PreFilter is asked in each attempt.
    Cluster,
}

/// How far a score looks.
pub enum ScoreReach {
    /// Nowhere: it scores no node.
    Nothing,
    /// At what the node says of itself.
    Spec(NodeScore<'static>),
    /// At that, and at the pods on the node.
    Usage(NodeScore<'static>),
    /// At which of a few kinds a node is of, and at what the cluster says of the kind.
    Kinds(NodeKinds),
    /// At how many pods there are in the node's domains.
    Domains(DomainScore),
    /// At anything: PreScore is asked in each attempt.
    Cluster,
}

/// The kind of a node, by what it says of itself and by the images that it has.
pub type KindOf = Box<dyn Fn(&Node, &Images) -> u32>;

/// The raw score of a kind, by the images of the cluster and the number of its nodes: it holds until either changes.
pub type ScoreOfKind = Box<dyn Fn(u32, &Cluster) -> Option<i64>>;

/// Whether the kind of a node may depend on an image of this name.
pub type AboutImage = Box<dyn Fn(&str) -> bool>;

/// A raw score that all nodes of one kind have in common.
pub struct NodeKinds {
    /// The images that kinds depend on.
    pub about: AboutImage,
    /// The kind of a node.
    pub kind: KindOf,
    /// The raw score of a kind.
    pub raw: ScoreOfKind,
}

/// A raw score that counts pods in domains of nodes: Σ over the domains of a node, rounded half away from zero.
pub struct DomainScore {
    /// What is counted, domain by domain.
    pub counts: Vec<DomainCount>,
    /// Whether a node that lacks one of the labels is left out: it gets no score, and no domain counts it.
    pub all_keys: bool,
    /// What a pod weighs where the feasible nodes stand in so many domains.
    pub weight: fn(domains: usize) -> f64,
    /// The part of a domain with so many pods.
    pub part: fn(&DomainCount, pods: i64, weight: f64) -> f64,
}

/// Pods that are counted in the domains of one label.
pub struct DomainCount {
    /// The label whose values are the domains.
    pub topology_key: String,
    /// Whether each node is a domain of its own.
    pub by_node: bool,
    /// Namespace and labels of the pods that count; `None` counts nothing.
    pub counted: Option<(String, Selector)>,
    /// The nodes whose pods count, unless each node is its own domain.
    pub on: Box<dyn Fn(&NodeSpec) -> bool>,
    /// A number of the plugin's own.
    pub max_skew: i64,
}

impl DomainCount {
    /// Whether pods of this specification count.
    pub fn counts(&self, pod: &PodSpec) -> bool {
        self.counted
            .as_ref()
            .is_some_and(|(namespace, selector)| pod.namespace == *namespace && selector.matches(&pod.labels))
    }

    /// The domain of a node, if it is in one.
    pub fn domain<'n>(&self, node: &'n NodeSpec) -> Option<&'n str> {
        node.labels.get(&self.topology_key)
    }
}

impl DomainScore {
    /// Whether a node has all labels that it needs.
    pub fn is_complete(&self, node: &NodeSpec) -> bool {
        !self.all_keys || self.counts.iter().all(|count| count.domain(node).is_some())
    }
}

/// How many pods of a node count, terminating ones left out. `counts` says whether those of a class do.
pub fn pods_on(node: &Node, mut counts: impl FnMut(crate::id::ClassId) -> bool) -> i64 {
    let live = node.per_class.iter().filter(|count| count.live > 0);
    live.filter(|count| counts(count.class)).map(|count| i64::from(count.live)).sum()
}
