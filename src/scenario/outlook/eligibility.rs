//! Whether any node is open to pods by its labels and taints, before anything is said about room.

use overspill_manifest::{Diagnostic, JsonPath, code};

use crate::admission::eci_routing::route;
use crate::capacity::virtual_node::{TAINT_KEY, TYPE_LABEL};
use crate::cluster::Cluster;
use crate::object::resource_policy::BURST_RESOURCE_ANNOTATION;
use crate::object::taint::first_untolerated;
use crate::object::{NodeClass, NodeSelectorTerm, NodeSpec, PodSpec, ResourcePolicy, Taint, Toleration};
use crate::scenario::coming::{Coming, State};
use crate::scheduler::plugins::elastic_resource;
use crate::simulation::directed::{is_directed, is_ordered};

/// What pods would have to say to all nodes.
struct Wishes<'a> {
    spec: &'a PodSpec,
    /// Their tolerations, with what the scheduler adds.
    tolerations: Vec<Toleration>,
    cluster: &'a Cluster,
    nodes: &'a [NodeSpec],
}

/// What there is to say beforehand about where pods can go.
pub(super) fn of_pods(subject: &Coming<'_>, state: &State) -> Option<Diagnostic> {
    let State { cluster, nodes } = state;
    let spec = JsonPath::root().key("spec");
    let has = |class| nodes.iter().any(|node| node.class == class);
    if route(subject.spec, cluster).is_some() {
        let message = "no virtual node is there for these pods: they stay Pending";
        return (!has(NodeClass::Virtual)).then(|| subject.warn(&code::NOWHERE_TO_GO, &spec, message));
    }
    if elastic_resource::classes(subject.spec).is_some_and(|classes| classes.is_err()) {
        // It has been told that these pods are never scheduled.
        return None;
    }
    let wishes = Wishes::of(subject.spec, cluster, nodes);
    match (wishes.is_open(NodeClass::Ecs), wishes.is_open(NodeClass::Virtual)) {
        (false, false) => {
            let message = "no node at all is eligible: these pods stay Pending";
            Some(subject.warn(&code::NOWHERE_TO_GO, &spec, message).help(wishes.why_closed()))
        }
        (false, true) if has(NodeClass::Ecs) && !wishes.is_directed() => {
            let message = "no ECS node is eligible: every pod will be billed as ECI";
            Some(subject.warn(&code::ALL_ON_ECI, &spec, message).help(wishes.why_closed()))
        }
        (true, false) if wishes.looks_for_virtual_nodes() && wishes.lacks_only_toleration() => {
            let message = format!("no toleration for {TAINT_KEY}: these pods can never overflow");
            let help = format!(
                "add {{key: {TAINT_KEY}, operator: Equal, value: alibabacloud, effect: NoSchedule}} to their tolerations"
            );
            Some(subject.warn(&code::NEVER_OVERFLOWS, &spec.key("tolerations"), message).help(help))
        }
        _ => None,
    }
}

impl<'a> Wishes<'a> {
    fn of(spec: &'a PodSpec, cluster: &'a Cluster, nodes: &'a [NodeSpec]) -> Self {
        let policy = cluster.owners().policy_of(spec);
        let is_helped = policy.is_some_and(ResourcePolicy::uses_virtual_nodes)
            || elastic_resource::classes(spec).is_some_and(|classes| classes.is_ok());
        let added = is_helped.then(Toleration::of_virtual_nodes);
        let tolerations = spec.tolerations.iter().cloned().chain(added).collect();
        Self { spec, tolerations, cluster, nodes }
    }

    /// The nodes of a class that nothing but a taint may close to the pods.
    fn selected(&self, class: NodeClass) -> impl Iterator<Item = &NodeSpec> {
        self.nodes.iter().filter(move |node| {
            node.class == class
                && self.spec.selects_node(&node.name, &node.labels)
                && is_ordered(self.spec, self.cluster, node)
        })
    }

    fn closing_taint<'n>(&self, node: &'n NodeSpec) -> Option<&'n Taint> {
        first_untolerated(&node.taints, &self.tolerations)
    }

    fn is_open(&self, class: NodeClass) -> bool {
        self.selected(class).any(|node| self.closing_taint(node).is_none())
    }

    fn lacks_only_toleration(&self) -> bool {
        let closes = |node: &NodeSpec| self.closing_taint(node).is_some_and(|taint| taint.key == TAINT_KEY);
        self.selected(NodeClass::Virtual).any(closes)
    }

    fn is_directed(&self) -> bool {
        let is_virtual =
            |name: &str| self.nodes.iter().any(|node| node.name == name && node.class == NodeClass::Virtual);
        is_directed(self.spec, self.cluster, is_virtual)
    }

    /// Whether the pods name virtual nodes: by their type, or by a required affinity that lets them in.
    fn looks_for_virtual_nodes(&self) -> bool {
        let (key, _) = TYPE_LABEL;
        let affinity = &self.spec.node_affinity;
        let required = affinity.required.iter().flat_map(|required| &required.terms);
        let preferred = affinity.preferred.iter().map(|(_, term)| term);
        let mut terms = required.chain(preferred);
        let names = |term: &NodeSelectorTerm| term.labels.iter().any(|one| one.key == key);
        terms.any(names)
            || self.spec.node_selector.as_ref().is_some_and(|labels| labels.get(key).is_some())
            || affinity.required.is_some()
    }

    /// Why no ECS node takes the pods, in a few words.
    fn why_closed(&self) -> String {
        let ecs = || self.nodes.iter().filter(|node| node.class == NodeClass::Ecs);
        if let Some((node, taint)) =
            self.selected(NodeClass::Ecs).find_map(|node| Some((node, self.closing_taint(node)?)))
        {
            let Taint { key, value, .. } = taint;
            return format!("they have no toleration for the taint {key}={value} of node {}", node.name);
        }
        if ecs().next().is_none() {
            return "there is no ECS node".to_owned();
        }
        if ecs().all(|node| !self.spec.selects_node(&node.name, &node.labels)) {
            return "no ECS node has the labels that they ask for".to_owned();
        }
        self.why_not_ordered()
    }

    /// Why ResourcePolicy and burst-resource leave out the ECS nodes that the pods themselves would take.
    fn why_not_ordered(&self) -> String {
        let burst = self.spec.annotations.get(BURST_RESOURCE_ANNOTATION).unwrap_or_default();
        let classes = elastic_resource::classes(self.spec).and_then(Result::ok);
        let is_open = classes.is_none_or(|classes| classes.contains(&NodeClass::Ecs));
        let policy = self.cluster.owners().policy_of(self.spec).filter(|_| is_open);
        let has_virtual = self.nodes.iter().any(|node| node.class == NodeClass::Virtual);
        let mut why = match policy {
            Some(ResourcePolicy { name, units, .. })
                if units.iter().any(|unit| unit.class == NodeClass::Ecs) =>
            {
                format!("no ECS node has the labels of a unit of ResourcePolicy {name}")
            }
            Some(ResourcePolicy { name, .. }) => format!("ResourcePolicy {name} has no unit of ecs"),
            None => format!("`{BURST_RESOURCE_ANNOTATION}: {burst}` leaves out ECS nodes"),
        };
        if !has_virtual {
            why.push_str(", and there is no virtual node");
        }
        why
    }
}

/// Whether the scheduler may send pods to ECS nodes when they find the cluster so.
pub(in crate::scenario) fn may_come_to_ecs(spec: &PodSpec, State { cluster, nodes }: &State) -> bool {
    let is_refused = elastic_resource::classes(spec).is_some_and(|classes| classes.is_err());
    route(spec, cluster).is_none() && !is_refused && Wishes::of(spec, cluster, nodes).is_open(NodeClass::Ecs)
}

/// Whether pods may come to virtual nodes when they find the cluster so: something sends them there past the scheduler,
/// or the scheduler may.
pub(in crate::scenario) fn may_come_to_virtual(spec: &PodSpec, State { cluster, nodes }: &State) -> bool {
    let has_virtual = || nodes.iter().any(|node| node.class == NodeClass::Virtual);
    if route(spec, cluster).is_some() {
        return has_virtual();
    }
    let is_refused = elastic_resource::classes(spec).is_some_and(|classes| classes.is_err());
    !is_refused && Wishes::of(spec, cluster, nodes).is_open(NodeClass::Virtual)
}
