//! TaintToleration: keeps pods off nodes whose taints they do not tolerate, and prefers nodes without soft taints.

use std::sync::Arc;

use crate::cluster::{Cluster, Owners};
use crate::object::taint::{Effect, Toleration, first_untolerated, tolerated};
use crate::object::{NodeSpec, PodSpec};
use crate::scheduler::event::ClusterEvent;
use crate::scheduler::framework::{
    About, FilterPlugin, FilterReach, Normalize, Plugin, Rejection, ScorePlugin, ScoreReach,
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
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> FilterReach {
        let pod = Arc::clone(pod);
        FilterReach::Spec(Box::new(move |node| {
            match first_untolerated(&node.spec.taints, &pod.tolerations) {
                None => Ok(()),
                Some(taint) => {
                    let text = format!("node(s) had untolerated taint {{{}: {}}}", taint.key, taint.value);
                    Err(Rejection::unresolvable(text))
                }
            }
        }))
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
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> ScoreReach {
        let soft = |one: &&Toleration| one.effect.is_none_or(|effect| effect == Effect::PreferNoSchedule);
        let tolerations: Vec<_> = pod.tolerations.iter().filter(soft).cloned().collect();
        ScoreReach::Spec(Box::new(move |node| {
            let taints = node.spec.taints.iter().filter(|taint| taint.effect == Effect::PreferNoSchedule);
            Some(taints.filter(|taint| !tolerated(taint, &tolerations)).count() as i64)
        }))
    }

    fn normalize(&self) -> Normalize {
        Normalize::ByMax { reversed: true }
    }
}
