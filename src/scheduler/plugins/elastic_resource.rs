//! ElasticResource: the annotation `alibabacloud.com/burst-resource`, by which ACK went to ECI before ResourcePolicy.
//!
//! It is a filter and not an addition at admission, because "ECS first" depends on what has room at the moment of the
//! attempt: `eci` is a policy of two units, all of ECS before all of ECI. Whether ACK decides so strictly is not
//! published.
//!
//! Source: ACK, "Use ElasticResource to implement elastic scheduling of ECI pods"; discontinued since Kubernetes 1.24.

use std::borrow::Cow;

use super::resource_policy::{Decision, Standing, inside, tolerating};
use std::sync::Arc;

use crate::cluster::{Cluster, Owners};
use crate::object::resource_policy::{BURST_RESOURCE_ANNOTATION, ResourcePolicy as Policy, TryNext, Unit};
use crate::object::{NodeClass, PodSpec, Selector};
use crate::rule::{Confidence, Rule};
use crate::scheduler::event::ClusterEvent;
use crate::scheduler::framework::{About, FilterPlugin, FilterReach, Handle, Plugin, PreFilter, Rejection};
use crate::units::Span;

const ABOUT: About = About {
    name: "ElasticResource",
    formula: "under the annotation alibabacloud.com/burst-resource, ECI only where no ECS node has room (eci) or \
              always (eci_only)",
    default_weight: 0,
    source: "ACK, \"Use ElasticResource to implement elastic scheduling of ECI pods\"",
};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "burst-resource",
        statement: "A pod with the annotation alibabacloud.com/burst-resource needs no toleration; with eci it \
                    goes to ECI where ECS has no room, with eci_only always, and with any other value nowhere.",
        source: "ACK, \"Use ElasticResource to implement elastic scheduling of ECI pods\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "burst-resource-strict",
        statement: "With eci no pod goes to ECI while any ECS node passes every filter.",
        source: "inferred from ECI being used when ECS is insufficient",
        confidence: Confidence::Estimate,
    },
];

const NOT_FIRST: &str = "node(s) were not of the kind that burst-resource uses first";

struct ElasticResource;

/// The plugin.
pub fn plugin() -> Plugin {
    Plugin::new(ABOUT).filtering(ElasticResource)
}

/// The kinds of nodes that a pod with the annotation may use, the first first; the error says what else is written
/// there.
pub fn classes(pod: &PodSpec) -> Option<Result<&'static [NodeClass], &str>> {
    Some(match pod.annotations.get(BURST_RESOURCE_ANNOTATION)? {
        "eci" => Ok(&[NodeClass::Ecs, NodeClass::Virtual]),
        "eci_only" => Ok(&[NodeClass::Virtual]),
        other => Err(other),
    })
}

impl FilterPlugin for ElasticResource {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> FilterReach {
        if classes(pod).is_none() { FilterReach::Nothing } else { FilterReach::Cluster }
    }

    fn pre_filter<'a>(
        &'a self,
        pod: &'a Arc<PodSpec>,
        cluster: &'a Cluster,
        handle: &Handle<'_>,
    ) -> PreFilter<'a> {
        let classes = match classes(pod) {
            None => return PreFilter::Skip,
            Some(Ok(classes)) => classes,
            Some(Err(other)) => {
                return PreFilter::Reject(Rejection::unresolvable(format!(
                    "{BURST_RESOURCE_ANNOTATION}={other} is neither eci nor eci_only"
                )));
            }
        };
        let standing = Standing { policy: Cow::Owned(in_order(pod, classes)), pod, cluster };
        match standing.decide(handle.passes, Span::ZERO) {
            Decision::Use(unit) => PreFilter::run(inside(Unit::of(classes[unit]), NOT_FIRST)),
            Decision::Wait(_) | Decision::Exhausted => PreFilter::run(move |node| {
                if classes.contains(&node.spec.class) {
                    return Ok(());
                }
                Err(Rejection::unresolvable("node(s) were not virtual nodes, which burst-resource asks for"))
            }),
        }
    }

    fn sees(&self, pod: &PodSpec, _: &Owners) -> Option<PodSpec> {
        classes(pod)?.is_ok().then(|| tolerating(pod))
    }

    fn wakes(&self, pod: &PodSpec, event: &ClusterEvent<'_>, _: &Cluster) -> bool {
        let Some(Ok(classes)) = classes(pod) else { return false };
        if let Some(node) = event.node_that_may_fit() {
            return classes.contains(&node.class);
        }
        matches!(event, ClusterEvent::PodDelete(_) | ClusterEvent::PodScaleDown(_))
    }
}

/// All nodes of the first class before all of the next.
fn in_order(pod: &PodSpec, classes: &[NodeClass]) -> Policy {
    Policy {
        namespace: pod.namespace.clone(),
        name: String::new(),
        selector: Selector::default(),
        units: classes.iter().copied().map(Unit::of).collect(),
        ignore_previous: false,
        ignore_terminating: true,
        match_label_keys: Vec::new(),
        try_next: TryNext::LackResourceOrExceedMax,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Effect, NodeSpec, Resources, Taint, Toleration};
    use crate::random::Stream;
    use crate::scheduler::{Outcome, PreemptionMode, Registry, Scheduler, SchedulerConfig, TieBreak};
    use crate::units::{MilliCpu, SimTime};

    /// Where pods of one core with the annotation go, one after the other, until one goes nowhere or there are four:
    /// an ECS node has room for two, a virtual node for all.
    fn placed(burst: Option<&str>, with_virtual: bool) -> String {
        let config = SchedulerConfig::default_with(&Registry::ack());
        let mut scheduler = Scheduler::new(config.profiles, TieBreak::Name, PreemptionMode::Off);
        let mut cluster = Cluster::new();
        for (name, class, cores) in [("ecs", NodeClass::Ecs, 2), ("virtual", NodeClass::Virtual, 1000)] {
            let key = Toleration::of_virtual_nodes().key;
            let taint = Taint { key, value: String::new(), effect: Effect::NoSchedule };
            let taints = if class == NodeClass::Virtual { vec![taint] } else { Vec::new() };
            let allocatable = Resources { cpu: MilliCpu::from_cores(cores), ..Resources::default() };
            if class == NodeClass::Ecs || with_virtual {
                cluster.add_node(NodeSpec {
                    class,
                    taints,
                    allocatable,
                    allocatable_pods: 100,
                    ..NodeSpec::named(name)
                });
            }
        }
        let mut spec = PodSpec::empty("default");
        spec.requests.filter.cpu = MilliCpu(1000);
        spec.requests.placed.cpu = MilliCpu(1000);
        spec.annotations = burst.map(|value| (BURST_RESOURCE_ANNOTATION, value)).into_iter().collect();
        let mut nodes = String::new();
        for ordinal in 0..4 {
            let class = cluster.intern(spec.clone());
            let pod = cluster.create_pod("p", class, Stream::of(0, ordinal), SimTime::ZERO);
            let Outcome::Chosen(node) = scheduler.attempt(&cluster, pod, 1).outcome else { break };
            nodes.push_str(&cluster.node(node).name()[..1]);
            cluster.bind(pod, node);
        }
        nodes
    }

    /// rule: burst-resource
    /// rule: burst-resource-strict
    #[test]
    fn the_annotation_opens_eci_after_ecs_or_alone() {
        assert_eq!(placed(None, true), "ee", "without it a pod does not tolerate virtual nodes");
        assert_eq!(placed(Some("eci"), true), "eevv");
        assert_eq!(placed(Some("eci_only"), true), "vvvv");
    }

    /// rule: burst-resource
    #[test]
    fn other_values_and_a_missing_virtual_node_are_failures() {
        assert_eq!(placed(Some("ecs"), true), "");
        assert_eq!(placed(Some("eci_only"), false), "");
        assert_eq!(placed(Some("eci"), false), "ee");
    }
}
