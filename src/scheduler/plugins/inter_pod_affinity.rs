//! InterPodAffinity: keeps pods near to or away from other pods, in domains of a node label.

mod filter;
mod score;
mod term;

use std::sync::Arc;

use crate::cluster::Cluster;
use crate::id::NodeId;
use crate::object::{NodeSpec, PodAffinityTerm, PodSpec};
use crate::scheduler::event::{ClusterEvent, WOKEN_BY_ANY_TAINT_CHANGE};
use crate::scheduler::framework::{
    About, FilterPlugin, Handle, Normalize, Plugin, PreFilter, PreScore, ScorePlugin,
};

use term::{matches_all, own_terms};

const ABOUT: About = About {
    name: "InterPodAffinity",
    formula: "rejects by required terms of the pod and required anti-affinity of others; raw = Σ ± weights per domain, \
              100·(raw − min)/(max − min), 0 if max = min; skipped if no pod contributes",
    default_weight: 2,
    source: "framework/plugins/interpodaffinity/filtering.go:37, scoring.go:258",
};

/// `InterPodAffinityArgs`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    /// What a required affinity term of an existing pod counts when it matches the incoming one; 0 to 100.
    pub hard_pod_affinity_weight: i64,
    /// Whether preferences of existing pods are left out for pods that have none.
    pub ignore_preferred_terms_of_existing_pods: bool,
}

impl Default for Args {
    fn default() -> Self {
        Self { hard_pod_affinity_weight: 1, ignore_preferred_terms_of_existing_pods: false }
    }
}

#[derive(Clone)]
struct InterPodAffinity {
    args: Args,
}

/// The plugin.
pub fn plugin(args: Args) -> Plugin {
    let part = InterPodAffinity { args };
    Plugin::new(ABOUT).filtering(part.clone()).scoring(part)
}

impl FilterPlugin for InterPodAffinity {
    fn is_idle(&self, pod: &PodSpec, cluster: &Cluster) -> bool {
        filter::is_idle(pod, cluster)
    }

    fn pre_filter<'a>(
        &'a self,
        pod: &'a Arc<PodSpec>,
        cluster: &'a Cluster,
        _: &Handle<'_>,
    ) -> PreFilter<'a> {
        filter::pre_filter(pod, cluster)
    }

    /// Hints match a namespaceSelector against no labels, of existing pods' terms they know nothing, and pods that are
    /// not bound do not count, not even the waiting pod itself (interpodaffinity/plugin.go:151, :214).
    fn wakes(&self, pod: &PodSpec, event: &ClusterEvent<'_>, _: &Cluster) -> bool {
        let (near, apart) = (&pod.pod_affinity.required, &pod.pod_anti_affinity.required);
        let all_near = |other: &PodSpec| matches_all(&own_terms(near, pod), other, None);
        let all_apart = |other: &PodSpec| matches_all(&own_terms(apart, pod), other, None);
        match event {
            ClusterEvent::NodeAdd(node) => {
                !apart.is_empty() || near.iter().any(|term| node.labels.get(&term.topology_key).is_some())
            }
            ClusterEvent::NodeLabel(change) => label_change_helps(near, apart, change.old, change.new),
            ClusterEvent::NodeTaint(_) => WOKEN_BY_ANY_TAINT_CHANGE,
            ClusterEvent::PodAdd(other) => all_near(other),
            ClusterEvent::PodDelete(other) => all_apart(other),
            ClusterEvent::PodLabel(change) if !change.own => {
                !all_near(change.old) && all_near(change.new)
                    || all_apart(change.old) && !all_apart(change.new)
            }
            _ => false,
        }
    }
}

/// Affinity may be met where a key appeared or changed its value; anti-affinity where one vanished or changed.
fn label_change_helps(
    near: &[PodAffinityTerm],
    apart: &[PodAffinityTerm],
    old: &NodeSpec,
    new: &NodeSpec,
) -> bool {
    let value =
        |node: &'_ NodeSpec, term: &PodAffinityTerm| node.labels.get(&term.topology_key).map(str::to_owned);
    near.iter().any(|term| value(new, term).is_some() && value(old, term) != value(new, term))
        || apart.iter().any(|term| value(old, term).is_some() && value(old, term) != value(new, term))
}

impl ScorePlugin for InterPodAffinity {
    fn is_idle(&self, pod: &PodSpec, cluster: &Cluster) -> bool {
        score::is_idle(self.args, pod, cluster)
    }

    fn pre_score<'a>(&'a self, pod: &'a Arc<PodSpec>, cluster: &'a Cluster, _: &'a [NodeId]) -> PreScore<'a> {
        score::pre_score(self.args, pod, cluster)
    }

    fn normalize(&self) -> Normalize {
        Normalize::MinMax
    }
}
