//! Node affinity and inter-pod affinity.

use super::{Labels, NodeSelector, NodeSelectorTerm, Selector};

/// Which nodes a pod must and would like to run on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NodeAffinity {
    /// `requiredDuringSchedulingIgnoredDuringExecution`.
    pub required: Option<NodeSelector>,
    /// `preferredDuringSchedulingIgnoredDuringExecution`: weights 1 to 100 with their terms.
    pub preferred: Vec<(i64, NodeSelectorTerm)>,
}

impl NodeAffinity {
    /// Sum of the weights of the preferred terms that a node matches.
    pub fn preference(&self, name: &str, labels: &Labels) -> i64 {
        self.preferred.iter().filter(|(_, term)| term.matches(name, labels)).map(|(weight, _)| weight).sum()
    }
}

/// One term of inter-pod affinity or anti-affinity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PodAffinityTerm {
    /// Which pods; `None` matches none.
    pub selector: Option<Selector>,
    /// The namespaces whose pods are looked at, besides those of `namespace_selector`.
    pub namespaces: Vec<String>,
    /// Which namespaces by label; an empty selector means all.
    pub namespace_selector: Option<Selector>,
    /// The node label whose equal values are one domain.
    pub topology_key: String,
}

/// Terms of affinity (or of anti-affinity).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PodAffinity {
    /// Terms that must hold.
    pub required: Vec<PodAffinityTerm>,
    /// Terms that are scored, with their weights.
    pub preferred: Vec<(i64, PodAffinityTerm)>,
}

impl PodAffinity {
    /// Whether there is no term.
    pub fn is_empty(&self) -> bool {
        self.required.is_empty() && self.preferred.is_empty()
    }
}
