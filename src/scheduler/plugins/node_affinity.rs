//! NodeAffinity: nodeSelector, required and preferred node affinity.

use std::collections::BTreeSet;

use crate::cluster::Cluster;
use crate::id::NodeId;
use crate::object::selector::Operator;
use crate::object::{NodeAffinity as Affinity, NodeSelectorTerm, NodeSpec, PodSpec};
use crate::scheduler::event::{ClusterEvent, WOKEN_BY_ANY_TAINT_CHANGE};
use crate::scheduler::framework::{
    About, Depends, FilterPlugin, Handle, Normalize, Plugin, PreFilter, PreScore, Rejection, ScorePlugin,
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
    fn pre_filter<'a>(&'a self, pod: &'a PodSpec, _: &'a Cluster, _: &Handle<'_>) -> PreFilter<'a> {
        let nothing_asked = pod.node_affinity.required.is_none() && pod.node_selector.is_none();
        if nothing_asked && self.added.required.is_none() {
            return PreFilter::Skip;
        }
        let only = only_names(pod);
        if only.as_ref().is_some_and(BTreeSet::is_empty) {
            return PreFilter::Reject(Rejection::unresolvable("pod affinity terms conflict"));
        }
        let filter = Box::new(|node: &crate::cluster::Node| {
            if !self.admits_added(&node.spec) {
                return Err(Rejection::unresolvable("node(s) didn't match scheduler-enforced node affinity"));
            }
            if !pod.selects_node(node.name(), &node.spec.labels) {
                return Err(Rejection::unresolvable(MISMATCH));
            }
            Ok(())
        });
        PreFilter::Run { filter, only }
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
    fn pre_score<'a>(&'a self, pod: &'a PodSpec, _: &'a Cluster, _: &'a [NodeId]) -> PreScore<'a> {
        if self.added.preferred.is_empty() && pod.node_affinity.preferred.is_empty() {
            return PreScore::Skip;
        }
        PreScore::run(|node| {
            let preference = |affinity: &Affinity| affinity.preference(node.name(), &node.spec.labels);
            Some(preference(&self.added) + preference(&pod.node_affinity))
        })
    }

    fn normalize(&self) -> Normalize {
        Normalize::ByMax { reversed: false }
    }

    fn depends(&self, _: &PodSpec) -> Depends {
        Depends::NodeSpec
    }
}
