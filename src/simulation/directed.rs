//! Pods that allow virtual nodes only, whatever ECS nodes there are.

use crate::capacity::virtual_node::TYPE_LABEL;
use crate::cluster::Cluster;
use crate::object::selector::{Operator, Requirement};
use crate::object::{LABEL_HOSTNAME, NodeClass, NodeSelectorTerm, NodeSpec, PodSpec};
use crate::scheduler::plugins::elastic_resource;

/// Whether a pod is directed to virtual nodes: by its nodeSelector, by every OR-ed term of its required affinity, by
/// `burst-resource: eci_only`, or by a ResourcePolicy without ECS. `is_virtual` tells by name which nodes are.
pub(crate) fn is_directed(spec: &PodSpec, cluster: &Cluster, is_virtual: impl Fn(&str) -> bool) -> bool {
    let names = |requirement: &Requirement, key: &str| {
        requirement.key == key
            && requirement.operator == Operator::In
            && requirement.values.iter().all(|name| is_virtual(name))
    };
    let (type_key, type_value) = TYPE_LABEL;
    let of_type = |requirement: &Requirement| {
        requirement.key == type_key
            && requirement.operator == Operator::In
            && requirement.values == [type_value]
    };
    let only_virtual = |term: &NodeSelectorTerm| {
        term.labels.iter().any(|one| of_type(one) || names(one, LABEL_HOSTNAME))
            || term.fields.iter().any(|one| names(one, "metadata.name"))
    };
    let selector = spec.node_selector.as_ref();
    let by_selector = selector.is_some_and(|labels| {
        labels.get(type_key) == Some(type_value) || labels.get(LABEL_HOSTNAME).is_some_and(&is_virtual)
    });
    let required = spec.node_affinity.required.as_ref();
    by_selector
        || required.is_some_and(|one| !one.terms.is_empty() && one.terms.iter().all(only_virtual))
        || !may_use(spec, cluster, NodeClass::Ecs)
}

/// Whether policy and annotations leave nodes of a class open to a pod.
fn may_use(spec: &PodSpec, cluster: &Cluster, class: NodeClass) -> bool {
    let policy = cluster.owners().policy_of(spec);
    policy.is_none_or(|policy| policy.units.iter().any(|unit| unit.class == class))
        && elastic_resource::classes(spec).is_none_or(|classes| classes.is_ok_and(|all| all.contains(&class)))
}

/// Whether a node is one of those that the pod's ResourcePolicy and burst-resource use at all.
pub(crate) fn is_ordered(spec: &PodSpec, cluster: &Cluster, node: &NodeSpec) -> bool {
    let policy = cluster.owners().policy_of(spec);
    policy.is_none_or(|policy| policy.units.iter().any(|unit| unit.admits(node)))
        && may_use(spec, cluster, node.class)
}
