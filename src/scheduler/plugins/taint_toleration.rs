//! TaintToleration: keeps pods off nodes whose taints they do not tolerate, and prefers nodes without soft taints.

use crate::cluster::Cluster;
use crate::id::NodeId;
use crate::object::taint::{Effect, Toleration, first_untolerated, tolerated};
use crate::object::{NodeSpec, PodSpec};
use crate::scheduler::event::ClusterEvent;
use crate::scheduler::framework::{
    About, Depends, FilterPlugin, Handle, Normalize, Plugin, PreFilter, PreScore, Rejection, ScorePlugin,
};

const ABOUT: About = About {
    name: "TaintToleration",
    formula: "rejects a node with an untolerated NoSchedule or NoExecute taint; raw = PreferNoSchedule taints that no \
              toleration of this or any effect covers, 100 − 100·raw/max, 100 if max = 0",
    default_weight: 3,
    source: "framework/plugins/tainttoleration/taint_toleration.go:119",
};

struct TaintToleration;

/// The plugin.
pub fn plugin() -> Plugin {
    Plugin::new(ABOUT).filtering(TaintToleration).scoring(TaintToleration)
}

impl FilterPlugin for TaintToleration {
    fn pre_filter<'a>(&'a self, pod: &'a PodSpec, _: &'a Cluster, _: &Handle<'_>) -> PreFilter<'a> {
        PreFilter::run(|node| match first_untolerated(&node.spec.taints, &pod.tolerations) {
            None => Ok(()),
            Some(taint) => {
                let text = format!("node(s) had untolerated taint {{{}: {}}}", taint.key, taint.value);
                Err(Rejection::unresolvable(text))
            }
        })
    }

    fn wakes(&self, pod: &PodSpec, event: &ClusterEvent<'_>, _: &Cluster) -> bool {
        let open = |node: &NodeSpec| first_untolerated(&node.taints, &pod.tolerations).is_none();
        match event {
            ClusterEvent::NodeAdd(node) => open(node),
            ClusterEvent::NodeTaint(change) => open(change.new) && !open(change.old),
            ClusterEvent::PodToleration(_) => true,
            _ => false,
        }
    }
}

impl ScorePlugin for TaintToleration {
    fn pre_score<'a>(&'a self, pod: &'a PodSpec, _: &'a Cluster, _: &'a [NodeId]) -> PreScore<'a> {
        let soft = |one: &&Toleration| one.effect.is_none_or(|effect| effect == Effect::PreferNoSchedule);
        let tolerations: Vec<_> = pod.tolerations.iter().filter(soft).cloned().collect();
        PreScore::run(move |node| {
            let taints = node.spec.taints.iter().filter(|taint| taint.effect == Effect::PreferNoSchedule);
            Some(taints.filter(|taint| !tolerated(taint, &tolerations)).count() as i64)
        })
    }

    fn normalize(&self) -> Normalize {
        Normalize::ByMax { reversed: true }
    }

    fn depends(&self, _: &PodSpec) -> Depends {
        Depends::NodeSpec
    }
}
