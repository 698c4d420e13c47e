//! PodTopologySpread: spreads pods evenly over the values of node labels.
//!
//! With no constraint of its own a pod of a Service or a workload gets the profile's default constraints, hostname and
//! zone unless configured otherwise. They are soft, weigh twice, and outvote an 80/20 node affinity.

mod domains;
mod filter;
mod score;

use std::sync::Arc;

use crate::cluster::{Cluster, Owners};
use crate::object::spread::{InclusionPolicy, WhenUnsatisfiable};
use crate::object::taint::first_untolerated;
use crate::object::{LABEL_HOSTNAME, LABEL_ZONE, NodeSpec, PodSpec, Selector, SpreadConstraint};
use crate::scheduler::event::ClusterEvent;
use crate::scheduler::framework::{
    About, FilterPlugin, FilterReach, Handle, Normalize, Plugin, PreFilter, ScorePlugin, ScoreReach,
};

const ABOUT: About = About {
    name: "PodTopologySpread",
    formula: "rejects where count + self − min > maxSkew; raw = round(Σ (count·ln(domains + 2) + maxSkew − 1)) over the \
              soft constraints, 100·(max + min − raw)/max, 100 if max = 0; skipped without soft constraints",
    default_weight: 2,
    source: "framework/plugins/podtopologyspread/plugin.go:43, scoring.go:226",
};

/// Where default constraints come from.
#[derive(Clone, Debug)]
pub enum Defaulting {
    /// `defaultingType: System`: hostname with maxSkew 3 and zone with maxSkew 5, both soft (plugin.go:48).
    System,
    /// `defaultingType: List`: these.
    List(Vec<SpreadConstraint>),
}

#[derive(Clone)]
struct PodTopologySpread {
    defaults: Vec<SpreadConstraint>,
    system: bool,
}

/// The plugin.
pub fn plugin(defaulting: Defaulting) -> Plugin {
    let part = match defaulting {
        Defaulting::System => PodTopologySpread { defaults: system_constraints(), system: true },
        Defaulting::List(defaults) => PodTopologySpread { defaults, system: false },
    };
    Plugin::new(ABOUT).filtering(part.clone()).scoring(part)
}

fn system_constraints() -> Vec<SpreadConstraint> {
    [(LABEL_HOSTNAME, 3), (LABEL_ZONE, 5)]
        .map(|(key, max_skew)| SpreadConstraint {
            max_skew,
            topology_key: key.to_owned(),
            when_unsatisfiable: WhenUnsatisfiable::ScheduleAnyway,
            selector: None,
            min_domains: 1,
            node_affinity_policy: InclusionPolicy::Honor,
            node_taints_policy: InclusionPolicy::Ignore,
        })
        .to_vec()
}

impl PodTopologySpread {
    /// The constraints of one kind that act on a pod: its own, or, if it has none of any kind, the defaults with the
    /// selector of its Services and owner; none if nothing selects it.
    fn acting(&self, pod: &PodSpec, owners: &Owners, kind: WhenUnsatisfiable) -> Vec<SpreadConstraint> {
        let of_kind = |list: &[SpreadConstraint]| -> Vec<_> {
            list.iter().filter(|one| one.when_unsatisfiable == kind).cloned().collect()
        };
        if !pod.spread.is_empty() {
            return of_kind(&pod.spread);
        }
        let mut constraints = of_kind(&self.defaults);
        if constraints.is_empty() {
            return constraints;
        }
        let selector = owners.default_selector(pod);
        if selector.is_empty() {
            return Vec::new();
        }
        for constraint in &mut constraints {
            constraint.selector = Some(selector.clone());
        }
        constraints
    }
}

/// Whether the pods on a node count for a constraint.
fn counts(constraint: &SpreadConstraint, pod: &PodSpec, node: &NodeSpec) -> bool {
    let affinity = constraint.node_affinity_policy == InclusionPolicy::Ignore
        || pod.selects_node(&node.name, &node.labels);
    let taints = constraint.node_taints_policy == InclusionPolicy::Ignore
        || first_untolerated(&node.taints, &pod.tolerations).is_none();
    affinity && taints
}

fn has_all_keys(constraints: &[SpreadConstraint], node: &NodeSpec) -> bool {
    constraints.iter().all(|one| node.labels.get(&one.topology_key).is_some())
}

fn selects(selector: Option<&Selector>, pod: &PodSpec) -> bool {
    selector.is_some_and(|selector| selector.matches(&pod.labels))
}

impl FilterPlugin for PodTopologySpread {
    fn reach(&self, pod: &Arc<PodSpec>, owners: &Owners) -> FilterReach {
        let hard = self.acting(pod, owners, WhenUnsatisfiable::DoNotSchedule);
        if hard.is_empty() { FilterReach::Nothing } else { FilterReach::Cluster }
    }

    fn pre_filter<'a>(
        &'a self,
        pod: &'a Arc<PodSpec>,
        cluster: &'a Cluster,
        _: &Handle<'_>,
    ) -> PreFilter<'a> {
        let constraints = self.acting(pod, cluster.owners(), WhenUnsatisfiable::DoNotSchedule);
        if constraints.is_empty() {
            return PreFilter::Skip;
        }
        filter::pre_filter(constraints, pod, cluster)
    }

    fn wakes(&self, pod: &PodSpec, event: &ClusterEvent<'_>, cluster: &Cluster) -> bool {
        let hard = self.acting(pod, cluster.owners(), WhenUnsatisfiable::DoNotSchedule);
        let all_keys = |node: &NodeSpec| has_all_keys(&hard, node);
        let selected =
            |one: &PodSpec| hard.iter().any(|constraint| selects(constraint.selector.as_ref(), one));
        match event {
            ClusterEvent::NodeAdd(node) | ClusterEvent::NodeDelete(node) => all_keys(node),
            ClusterEvent::NodeLabel(change) | ClusterEvent::NodeTaint(change) => {
                let moved = hard.iter().any(|constraint| {
                    let key = &constraint.topology_key;
                    change.old.labels.get(key) != change.new.labels.get(key)
                });
                all_keys(change.old) != all_keys(change.new)
                    || all_keys(change.new) && (moved || change.old.taints != change.new.taints)
            }
            ClusterEvent::PodAdd(other) | ClusterEvent::PodDelete(other) => {
                other.namespace == pod.namespace && selected(other)
            }
            ClusterEvent::PodLabel(change) => {
                let changed = |constraint: &SpreadConstraint| {
                    let selector = constraint.selector.as_ref();
                    selects(selector, change.old) != selects(selector, change.new)
                };
                change.new.namespace == pod.namespace && hard.iter().any(changed)
            }
            ClusterEvent::PodToleration(_) => {
                hard.iter().any(|constraint| constraint.node_taints_policy == InclusionPolicy::Honor)
            }
            _ => false,
        }
    }
}

impl ScorePlugin for PodTopologySpread {
    fn reach(&self, pod: &Arc<PodSpec>, owners: &Owners) -> ScoreReach {
        let constraints = self.acting(pod, owners, WhenUnsatisfiable::ScheduleAnyway);
        if constraints.is_empty() {
            return ScoreReach::Nothing;
        }
        let needs_all_keys = !pod.spread.is_empty() || !self.system;
        ScoreReach::Domains(score::domain_score(constraints, needs_all_keys, pod))
    }

    fn normalize(&self) -> Normalize {
        Normalize::Spread
    }
}
