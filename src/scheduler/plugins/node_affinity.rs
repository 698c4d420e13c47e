//! NodeAffinity: nodeSelector, required and preferred node affinity.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::cluster::{Cluster, Node, Owners};
use crate::object::selector::Operator;
use crate::object::{NodeAffinity as Affinity, NodeSelectorTerm, NodeSpec, PodSpec};
use crate::scheduler::event::{ClusterEvent, WOKEN_BY_ANY_TAINT_CHANGE};
use crate::scheduler::framework::{
    About, FilterPlugin, FilterReach, Handle, Normalize, Plugin, PreFilter, Rejection, ScorePlugin,
    ScoreReach,
};

const ABOUT: About = About {
    name: "NodeAffinity",
    formula: "rejects a node outside nodeSelector, required node affinity or the profile's addedAffinity; raw = \
              Σ weights of matching preferred terms, 100·raw/max, 0 if max = 0; skipped without preferred terms",
    default_weight: 2,
    source: "framework/plugins/nodeaffinity/node_affinity.go:64",
};

/// What rejects a node outside a pod's node affinity or nodeSelector.
pub const MISMATCH: &str = "node(s) didn't match Pod's node affinity/selector";

#[derive(Clone)]
struct NodeAffinity {
    added: Affinity,
}

/// The plugin; `added` is the profile's `addedAffinity`, which every pod has besides its own.
pub fn plugin(added: Affinity) -> Plugin {
    let part = NodeAffinity { added };
    Plugin::new(ABOUT).filtering(part.clone()).scoring(part)
}

impl NodeAffinity {
    fn asks_nothing(&self, pod: &PodSpec) -> bool {
        pod.node_affinity.required.is_none() && pod.node_selector.is_none() && self.added.required.is_none()
    }

    fn judge(&self, pod: &PodSpec, node: &Node) -> Result<(), Rejection> {
        if !self.admits_added(&node.spec) {
            return Err(Rejection::unresolvable("node(s) didn't match scheduler-enforced node affinity"));
        }
        if !pod.selects_node(node.name(), &node.spec.labels) {
            return Err(Rejection::unresolvable(MISMATCH));
        }
        Ok(())
    }

    fn admits_added(&self, node: &NodeSpec) -> bool {
        self.added.required.as_ref().is_none_or(|added| added.matches(&node.name, &node.labels))
    }
}

/// The node names that a term allows, if it restricts them: requirements are ANDed.
fn names_of(term: &NodeSelectorTerm) -> Option<BTreeSet<&str>> {
    let listed = term.fields.iter().filter(|one| one.key == "metadata.name" && one.operator == Operator::In);
    listed
        .map(|one| one.values.iter().map(String::as_str).collect::<BTreeSet<_>>())
        .reduce(|names, more| names.intersection(&more).copied().collect())
}

/// The only nodes that a pod can go to by name: if every OR-ed term restricts names, their union.
fn only_names(pod: &PodSpec) -> Option<BTreeSet<&str>> {
    let terms = &pod.node_affinity.required.as_ref()?.terms;
    let names: Option<Vec<_>> = terms.iter().map(names_of).collect();
    names.filter(|names| !names.is_empty()).map(|names| names.into_iter().flatten().collect())
}

impl FilterPlugin for NodeAffinity {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> FilterReach {
        if self.asks_nothing(pod) {
            return FilterReach::Nothing;
        }
        if only_names(pod).is_some() {
            return FilterReach::Cluster;
        }
        let (part, pod) = (self.clone(), Arc::clone(pod));
        FilterReach::Spec(Box::new(move |node| part.judge(&pod, node)))
    }

    fn pre_filter<'a>(&'a self, pod: &'a Arc<PodSpec>, _: &'a Cluster, _: &Handle<'_>) -> PreFilter<'a> {
        if self.asks_nothing(pod) {
            return PreFilter::Skip;
        }
        let only = only_names(pod);
        if only.as_ref().is_some_and(BTreeSet::is_empty) {
            return PreFilter::Reject(Rejection::unresolvable("pod affinity terms conflict"));
        }
        PreFilter::Run { filter: Box::new(|node| self.judge(pod, node)), only }
    }

    fn wakes(&self, pod: &PodSpec, event: &ClusterEvent<'_>, _: &Cluster) -> bool {
        let selects = |node: &NodeSpec| self.admits_added(node) && pod.selects_node(&node.name, &node.labels);
        match event {
            ClusterEvent::NodeAdd(node) => selects(node),
            ClusterEvent::NodeLabel(change) => selects(change.new) && !selects(change.old),
            ClusterEvent::NodeTaint(_) => WOKEN_BY_ANY_TAINT_CHANGE,
            _ => false,
        }
    }
}

impl ScorePlugin for NodeAffinity {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> ScoreReach {
        if self.added.preferred.is_empty() && pod.node_affinity.preferred.is_empty() {
            return ScoreReach::Nothing;
        }
        let (part, pod) = (self.clone(), Arc::clone(pod));
        ScoreReach::Spec(Box::new(move |node| {
            let preference = |affinity: &Affinity| affinity.preference(node.name(), &node.spec.labels);
            Some(preference(&part.added) + preference(&pod.node_affinity))
        }))
    }

    fn normalize(&self) -> Normalize {
        Normalize::ByMax { reversed: false }
    }
}
