//! Pods in a few words, and what they say of nodes and of other pods.

use overspill::object::pod::{HostPort, PreemptionPolicy};
use overspill::object::selector::{Operator, Requirement};
use overspill::object::spread::{InclusionPolicy, WhenUnsatisfiable};
use overspill::object::{
    Effect, NodeSelector, NodeSelectorTerm, Owner, PodAffinityTerm, ResourceList, Selector, SpreadConstraint,
    Toleration,
};
use overspill::{Container, PodSpec};

/// A pod that is being described.
#[derive(Clone, Debug)]
pub(crate) struct APod {
    /// Its name.
    pub(crate) name: String,
    /// The node that it is bound to.
    pub(crate) node: Option<String>,
    /// The rest; its requests are worked out by [`APod::spec`].
    pub(crate) rest: PodSpec,
    pod_level: Option<ResourceList>,
}

/// A pod of one container that requests nothing, in the namespace `default`.
pub(crate) fn pod(name: &str) -> APod {
    let rest = PodSpec { containers: vec![Container::named("main")], ..PodSpec::empty("default") };
    APod { name: name.to_owned(), node: None, rest, pod_level: None }
}

impl APod {
    /// What it is.
    pub(crate) fn spec(&self) -> PodSpec {
        let mut spec = self.rest.clone();
        spec.pod_level.clone_from(&self.pod_level);
        spec.count_requests(false);
        spec
    }

    /// Changed by hand.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut PodSpec)) -> Self {
        change(&mut self.rest);
        self
    }

    /// Under another name.
    pub(crate) fn called(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// Bound to a node.
    pub(crate) fn on(mut self, node: &str) -> Self {
        self.node = Some(node.to_owned());
        self
    }

    /// In a namespace.
    pub(crate) fn namespace(self, name: &str) -> Self {
        self.with(|pod| name.clone_into(&mut pod.namespace))
    }

    /// With a label.
    pub(crate) fn label(self, key: &str, value: &str) -> Self {
        self.with(|pod| pod.labels.set(key, value))
    }

    /// With a request of its container, such as `cpu` and `500m`.
    pub(crate) fn requests(self, resource: &str, quantity: &str) -> Self {
        let quantity = quantity.parse().expect("a test writes quantities well");
        self.with(|pod| {
            pod.containers[0].requests.insert(resource.to_owned(), quantity);
        })
    }

    /// With a request of the pod as a whole.
    pub(crate) fn requests_as_a_whole(mut self, resource: &str, quantity: &str) -> Self {
        let quantity = quantity.parse().expect("a test writes quantities well");
        self.pod_level.get_or_insert_default().insert(resource.to_owned(), quantity);
        self
    }

    /// With an image.
    pub(crate) fn image(self, name: &str) -> Self {
        self.with(|pod| name.clone_into(&mut pod.containers[0].image))
    }

    /// With a port of the node, on every address.
    pub(crate) fn host_port(self, port: u16) -> Self {
        let port = HostPort { protocol: "TCP".to_owned(), ip: "0.0.0.0".to_owned(), port };
        self.with(|pod| pod.host_ports.push(port))
    }

    /// Owned by a ReplicaSet.
    pub(crate) fn owned_by(self, replica_set: &str) -> Self {
        let owner = Owner {
            api_version: "apps/v1".to_owned(),
            kind: "ReplicaSet".to_owned(),
            name: replica_set.to_owned(),
        };
        self.with(|pod| pod.owner = Some(owner))
    }

    /// With a priority.
    pub(crate) fn priority(self, priority: i32) -> Self {
        self.with(|pod| pod.priority = priority)
    }

    /// Evicting nobody.
    pub(crate) fn peaceful(self) -> Self {
        self.with(|pod| pod.preemption_policy = PreemptionPolicy::Never)
    }

    /// Tolerating taints of a key and value.
    pub(crate) fn tolerates(self, key: &str, value: &str, effect: Option<Effect>) -> Self {
        let (key, value) = (key.to_owned(), value.to_owned());
        let toleration = Toleration { key, exists: false, value, effect, seconds: None };
        self.with(|pod| pod.tolerations.push(toleration))
    }

    /// Going only where a term of node affinity holds; several terms are ORed.
    pub(crate) fn only_where(self, term: NodeSelectorTerm) -> Self {
        self.with(|pod| {
            let required = pod.node_affinity.required.get_or_insert_with(NodeSelector::default);
            required.terms.push(term);
        })
    }

    /// Preferring nodes with a label.
    pub(crate) fn prefers(self, weight: i64, key: &str, value: &str) -> Self {
        self.with(|pod| pod.node_affinity.preferred.push((weight, labelled(key, value))))
    }

    /// With a spread constraint.
    pub(crate) fn spread(self, constraint: SpreadConstraint) -> Self {
        self.with(|pod| pod.spread.push(constraint))
    }

    /// Going only where a term's pods are.
    pub(crate) fn only_near(self, term: PodAffinityTerm) -> Self {
        self.with(|pod| pod.pod_affinity.required.push(term))
    }

    /// Going only where a term's pods are not.
    pub(crate) fn only_apart_from(self, term: PodAffinityTerm) -> Self {
        self.with(|pod| pod.pod_anti_affinity.required.push(term))
    }

    /// Preferring to be where a term's pods are.
    pub(crate) fn prefers_near(self, weight: i64, term: PodAffinityTerm) -> Self {
        self.with(|pod| pod.pod_affinity.preferred.push((weight, term)))
    }
}

/// The selector of one label.
pub(crate) fn selector(key: &str, value: &str) -> Selector {
    Selector { requirements: vec![Requirement::equals(key, value)] }
}

/// The term of nodes with a label.
pub(crate) fn labelled(key: &str, value: &str) -> NodeSelectorTerm {
    NodeSelectorTerm { labels: vec![Requirement::equals(key, value)], fields: Vec::new() }
}

/// The term of nodes with these names, by `matchFields`.
pub(crate) fn nodes_called(names: &[&str]) -> NodeSelectorTerm {
    let values = names.iter().map(|&name| name.to_owned()).collect();
    let requirement = Requirement { key: "metadata.name".to_owned(), operator: Operator::In, values };
    NodeSelectorTerm { labels: Vec::new(), fields: vec![requirement] }
}

/// Pods of the own namespace with a label, by the values of a node label.
pub(crate) fn pods_with(key: &str, value: &str, topology_key: &str) -> PodAffinityTerm {
    PodAffinityTerm {
        selector: Some(selector(key, value)),
        namespaces: Vec::new(),
        namespace_selector: None,
        topology_key: topology_key.to_owned(),
    }
}

/// A hard constraint of skew 1 on the pods that a selector counts, with the API server's defaults.
pub(crate) fn evenly_over(topology_key: &str, selector: Selector) -> SpreadConstraint {
    SpreadConstraint {
        max_skew: 1,
        topology_key: topology_key.to_owned(),
        when_unsatisfiable: WhenUnsatisfiable::DoNotSchedule,
        selector: Some(selector),
        min_domains: 1,
        node_affinity_policy: InclusionPolicy::Honor,
        node_taints_policy: InclusionPolicy::Ignore,
    }
}

/// The same as a wish.
pub(crate) fn rather_evenly_over(topology_key: &str, selector: Selector) -> SpreadConstraint {
    let when_unsatisfiable = WhenUnsatisfiable::ScheduleAnyway;
    SpreadConstraint { when_unsatisfiable, ..evenly_over(topology_key, selector) }
}
