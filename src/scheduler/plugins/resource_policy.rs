//! ResourcePolicy: ACK's ordered use of kinds of nodes, which node affinity is not.
//!
//! The units of a policy are gone through in their order. The first that is not full and has a node that passes all
//! other filters is the pod's: nodes outside it are rejected, so that scores act inside it. A pod that has to wait for
//! a unit is rejected by the plugin itself. How ACK's scheduler words that is not published: the texts are ours.
//!
//! Source: ACK, "Customize elastic resource scheduling priorities".

mod standing;

use std::borrow::Cow;

use std::sync::Arc;

use crate::cluster::{Cluster, Node, Owners};
use crate::id::PodId;
use crate::object::resource_policy::{TryNext, Unit};
use crate::object::{PodSpec, ResourcePolicy as Policy, Toleration};
use crate::rule::{Confidence, Rule};
use crate::scheduler::event::ClusterEvent;
use crate::scheduler::framework::{
    About, FilterPlugin, FilterReach, Handle, NodeFilter, Plugin, PreFilter, Rejection,
};
use crate::units::SimTime;

pub(super) use standing::{Decision, Standing};

/// The plugin's name.
pub const NAME: &str = "ResourcePolicy";

const ABOUT: About = About {
    name: NAME,
    formula: "keeps a pod that a ResourcePolicy selects inside the first unit that is not full and has a node for it",
    default_weight: 0,
    source: DOCUMENT,
};

const DOCUMENT: &str = "ACK, \"Customize elastic resource scheduling priorities\"";

const fn rule(id: &'static str, statement: &'static str) -> Rule {
    Rule { id, statement, source: DOCUMENT, confidence: Confidence::Documented }
}

pub(crate) const RULES: &[Rule] = &[
    rule(
        "policy-order",
        "The units of a ResourcePolicy are used in their order: a pod goes to the first that is not full and \
         has a node for it, and scores decide inside that unit alone.",
    ),
    rule("policy-max", "A unit takes no more than max pods, and no more than maxResources together."),
    rule(
        "policy-all-units",
        "A pod that no unit of its policy takes stays Pending, even beside nodes of no unit.",
    ),
    rule(
        "policy-toleration",
        "In units of eci the scheduler tolerates the taint of virtual nodes by itself; the pod does not show it.",
    ),
    rule(
        "policy-lack-resource-or-exceed-max",
        "By default a pod goes on to the next unit if this one has no room or is full.",
    ),
    rule(
        "policy-exceed-max",
        "Under ExceedMax a pod goes on only from a unit that is full or has no limit, and otherwise waits.",
    ),
    rule(
        "policy-timeout",
        "Under TimeoutOrExceedMax a pod waits in a unit that has a limit and is not full, or is marked as \
         waiting for scaling, for the timeout of 15 minutes unless the policy gives another.",
    ),
    rule(
        "policy-no-terminating",
        "Under LackResourceAndNoTerminating a pod goes on only if none of the unit's pods is terminating.",
    ),
    rule(
        "policy-counting",
        "A unit counts the pods of its policy on its nodes that carry the unit's podLabels and \
         podAnnotations, terminating ones only if ignoreTerminatingPod is false, and those that ran before \
         the policy unless ignorePreviousPod is true.",
    ),
    rule(
        "policy-label-keys",
        "With matchLabelKeys pods count apart by the values of these labels, and a pod that lacks one is \
         rejected.",
    ),
    rule(
        "policy-writes",
        "A pod that goes to a unit gets its podLabels and podAnnotations, except the label that asks for \
         waiting.",
    ),
    Rule {
        id: "policy-scale-in",
        statement: "A ReplicaSet gives up the pods of later units first, as if their deletion cost less; what \
                    it compares before that cost still comes first.",
        source: "the order: ACK, \"Customize elastic resource scheduling priorities\"; the way is inferred from \
                 its conflict with pod-deletion-cost",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "policy-timeout-counts-from-creation",
        statement: "The time that a pod waits in the k-th unit in which it has to wait ends k timeouts after \
                    its creation.",
        source: "not published; a pod that always has to wait comes to the same",
        confidence: Confidence::Estimate,
    },
];

struct ResourcePolicy;

/// The plugin.
pub fn plugin() -> Plugin {
    Plugin::new(ABOUT).filtering(ResourcePolicy)
}

impl FilterPlugin for ResourcePolicy {
    fn reach(&self, pod: &Arc<PodSpec>, owners: &Owners) -> FilterReach {
        if owners.policy_of(pod).is_none() { FilterReach::Nothing } else { FilterReach::Cluster }
    }

    fn pre_filter<'a>(
        &'a self,
        pod: &'a Arc<PodSpec>,
        cluster: &'a Cluster,
        handle: &Handle<'_>,
    ) -> PreFilter<'a> {
        let Some(policy) = cluster.owners().policy_of(pod) else { return PreFilter::Skip };
        if let Some(key) = policy.match_label_keys.iter().find(|key| pod.labels.get(key).is_none()) {
            let name = &policy.name;
            return PreFilter::Reject(Rejection::unresolvable(format!(
                "the pod lacks the label {key}, by which ResourcePolicy {name} counts"
            )));
        }
        let standing = Standing { policy: Cow::Borrowed(policy), pod, cluster };
        let waited = cluster.now().since(cluster.pod(handle.pod).created);
        match standing.decide(handle.passes, waited) {
            Decision::Wait(unit) => PreFilter::Reject(Rejection::unresolvable(waiting_text(policy, unit))),
            Decision::Use(unit) => PreFilter::Run { filter: inside_of(standing, unit), only: None },
            Decision::Exhausted => PreFilter::Run { filter: outside_all(standing), only: None },
        }
    }

    fn sees(&self, pod: &PodSpec, owners: &Owners) -> Option<PodSpec> {
        let policy = owners.policy_of(pod)?;
        policy.uses_virtual_nodes().then(|| tolerating(pod))
    }

    fn wakes(&self, pod: &PodSpec, event: &ClusterEvent<'_>, cluster: &Cluster) -> bool {
        let Some(policy) = cluster.owners().policy_of(pod) else { return true };
        if let Some(node) = event.node_that_may_fit() {
            return policy.units.iter().any(|unit| unit.admits(node));
        }
        match event {
            ClusterEvent::PodDelete(_) | ClusterEvent::PodScaleDown(_) => true,
            ClusterEvent::PodTerminating(other) => policy.selects(other),
            ClusterEvent::PodLabel(change) => change.own || policy.selects(change.old),
            _ => false,
        }
    }

    fn retry_at(&self, pod: PodId, cluster: &Cluster) -> Option<SimTime> {
        let policy = cluster.owners().policy_of(cluster.spec_of(pod))?;
        let TryNext::TimeoutOrExceedMax(timeout) = policy.try_next else { return None };
        let created = cluster.pod(pod).created;
        // The last unit is waited for without end.
        let ends = policy.units[1..].iter().scan(created, |end, _| {
            *end += timeout;
            Some(*end)
        });
        ends.into_iter().find(|&end| end > cluster.now())
    }

    fn writes(&self, pod: &PodSpec, node: &Node, cluster: &Cluster) -> Option<PodSpec> {
        let policy = cluster.owners().policy_of(pod)?;
        let standing = Standing { policy: Cow::Borrowed(policy), pod, cluster };
        let unit = standing.unit_for(&node.spec)?;
        if unit.is_carried_by(pod) {
            return None;
        }
        let mut written = pod.clone();
        written.labels.0.extend(unit.pod_labels.0.clone());
        written.annotations.0.extend(unit.pod_annotations.0.clone());
        Some(written)
    }
}

/// The pod with the toleration that the scheduler adds for itself.
pub(super) fn tolerating(pod: &PodSpec) -> PodSpec {
    let mut seen = pod.clone();
    seen.tolerations.push(Toleration::of_virtual_nodes());
    seen
}

fn waiting_text(policy: &Policy, unit: usize) -> String {
    let resource = policy.units[unit].resource();
    format!("the pod waits for unit {} ({resource}) of ResourcePolicy {}", unit + 1, policy.name)
}

/// Passes the nodes of the unit that is used first; of those of the units before it that are full, it is said so.
fn inside_of(standing: Standing<'_>, unit: usize) -> NodeFilter<'_> {
    Box::new(move |node| {
        let units = &standing.policy.units;
        if units[unit].admits(&node.spec) {
            return Ok(());
        }
        let full = units[..unit].iter().find(|unit| unit.admits(&node.spec) && standing.is_full(unit));
        Err(match full {
            Some(unit) => Rejection::unresolvable(full_text(&standing, unit)),
            None => Rejection::unresolvable(OUTSIDE),
        })
    })
}

/// Of the nodes of a unit that is full.
fn full_text(standing: &Standing<'_>, unit: &Unit) -> String {
    let what = match unit.max.filter(|_| standing.has_its_pods(unit)) {
        Some(1) => "1 pod".to_owned(),
        Some(max) => format!("{max} pods"),
        None => "maxResources".to_owned(),
    };
    format!("{FULL}{what} already")
}

/// Whether a rejection says that a unit is full.
pub(crate) fn is_full_text(reason: &str) -> bool {
    reason.starts_with(FULL)
}

const FULL: &str = "node(s) were in a unit of the ResourcePolicy that has its ";
const OUTSIDE: &str = "node(s) were outside the unit of the ResourcePolicy that is used first";

/// Passes the nodes of one unit; what is said of the others is `outside`.
pub(super) fn inside(unit: Unit, outside: &'static str) -> impl Fn(&Node) -> Result<(), Rejection> {
    move |node| {
        if unit.admits(&node.spec) {
            return Ok(());
        }
        Err(Rejection::unresolvable(outside))
    }
}

/// Passes nodes that would do if they had room, so that the other filters say why they do not.
fn outside_all(standing: Standing<'_>) -> NodeFilter<'_> {
    Box::new(move |node| {
        if standing.unit_for(&node.spec).is_some() {
            return Ok(());
        }
        let of_unit = standing.policy.units.iter().find(|unit| unit.admits(&node.spec));
        Err(match of_unit {
            Some(unit) => Rejection::unresolvable(full_text(&standing, unit)),
            None => Rejection::unresolvable("node(s) were in no unit of the ResourcePolicy"),
        })
    })
}

#[cfg(test)]
mod tests;
