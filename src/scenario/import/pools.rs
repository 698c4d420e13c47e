//! Which nodes are equal, and so a pool.

use std::collections::BTreeSet;

use super::checks;
use crate::cost::Billing;
use crate::object::{
    Effect, LABEL_HOSTNAME, LABEL_INSTANCE_TYPE, LABEL_REGION, LABEL_ZONE, Labels, NodeClass, NodeSpec, Taint,
};

/// The label by which ACK tells node pools apart ("Schedule an application pod to a specific node pool").
pub(super) const LABEL_NODE_POOL: &str = "alibabacloud.com/nodepool-id";
/// How a node's machine is paid for: PrePaid or PostPaid (kubernetes/cloud-provider-alibaba-cloud,
/// pkg/controller/node/helper.go `LabelInstanceChargeType`).
const LABEL_CHARGE_TYPE: &str = "node.alibabacloud.com/instance-charge-type";
/// Whether a node's machine is a spot instance: NoSpot, SpotAsPriceGo or SpotWithPriceLimit (the same file,
/// `LabelSpotStrategy`).
const LABEL_SPOT_STRATEGY: &str = "node.alibabacloud.com/spot-strategy";
/// Labels that differ between equal nodes, or that every node of a pool gets anyway.
const OF_EACH_NODE: [&str; 6] = [
    LABEL_HOSTNAME,
    LABEL_ZONE,
    LABEL_REGION,
    LABEL_INSTANCE_TYPE,
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
];

/// Equal ECS nodes.
#[derive(Debug)]
pub(super) struct FoundPool<'n> {
    /// How the pool is called: by its node pool, or by its instance type.
    pub name: String,
    /// The labels that its nodes have and no others.
    pub selector: Vec<(&'static str, &'n str)>,
    /// The instance type, if a label tells it.
    pub instance_type: Option<&'n str>,
    /// Its nodes in the order in which they were printed.
    pub nodes: Vec<&'n NodeSpec>,
}

/// Pools, and the ECS nodes that belong to none: they have no labels to tell them by.
pub(super) fn pools(nodes: &[NodeSpec]) -> (Vec<FoundPool<'_>>, Vec<&NodeSpec>) {
    let mut pools: Vec<FoundPool<'_>> = Vec::new();
    let mut others = Vec::new();
    for node in nodes.iter().filter(|node| node.class == NodeClass::Ecs) {
        let selector: Vec<_> = [LABEL_NODE_POOL, LABEL_INSTANCE_TYPE]
            .into_iter()
            .filter_map(|label| Some((label, node.labels.get(label)?)))
            .collect();
        if selector.is_empty() {
            others.push(node);
        } else if let Some(pool) = pools.iter_mut().find(|pool| pool.selector == selector) {
            pool.nodes.push(node);
        } else {
            let instance_type = node.labels.get(LABEL_INSTANCE_TYPE);
            pools.push(FoundPool { name: String::new(), selector, instance_type, nodes: vec![node] });
        }
    }
    // What selects nodes of another pool too, as a type does of which there is a node pool, stays without a pool.
    let selects_others: Vec<bool> =
        pools.iter().map(|pool| pools.iter().any(|other| pool.covers(other))).collect();
    let mut selects_others = selects_others.into_iter();
    pools.retain(|pool| {
        let is_clear = !selects_others.next().unwrap_or(false);
        if !is_clear {
            others.extend(&pool.nodes);
        }
        is_clear
    });
    name(&mut pools);
    (pools, others)
}

/// Names the pools: one of a node pool by it, if it is the only one, by its type too otherwise.
fn name(pools: &mut [FoundPool<'_>]) {
    let node_pools: Vec<_> = pools.iter().map(FoundPool::node_pool).collect();
    let mut taken = BTreeSet::new();
    for pool in pools {
        let kind = pool.instance_type.map(|kind| kind.strip_prefix("ecs.").unwrap_or(kind));
        let is_alone = node_pools.iter().filter(|other| **other == pool.node_pool()).count() == 1;
        let parts = match pool.node_pool() {
            Some(node_pool) if is_alone => vec![node_pool],
            node_pool => node_pool.into_iter().chain(kind).collect(),
        };
        // A PATH of a scenario has dots between its parts.
        let text = parts.join("-");
        let plain: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let plain = plain.to_lowercase();
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        let mut names = std::iter::once(plain.clone()).chain(numbered);
        pool.name = names.find(|name| taken.insert(name.clone())).unwrap_or_default();
    }
}

impl<'n> FoundPool<'n> {
    fn node_pool(&self) -> Option<&'n str> {
        self.selector.iter().find(|(label, _)| *label == LABEL_NODE_POOL).map(|(_, value)| *value)
    }

    /// Whether its selector selects the nodes of another pool.
    fn covers(&self, other: &Self) -> bool {
        self.selector != other.selector && self.selector.iter().all(|one| other.selector.contains(one))
    }

    /// The node that further ones are made like: the first.
    pub(super) fn example(&self) -> &NodeSpec {
        self.nodes[0]
    }

    /// The zones of its nodes, in the order in which they come.
    pub(super) fn zones(&self) -> Vec<&str> {
        let mut zones: Vec<&str> = Vec::new();
        for zone in self.nodes.iter().filter_map(|node| checks::zone(node)) {
            if !zones.contains(&zone) {
                zones.push(zone);
            }
        }
        zones
    }

    /// How its nodes are paid for, as far as ACK's labels tell.
    pub(super) fn billing(&self) -> Billing {
        let label = |name| self.example().labels.get(name);
        if label(LABEL_SPOT_STRATEGY).is_some_and(|strategy| strategy != "NoSpot") {
            return Billing::Spot;
        }
        if label(LABEL_CHARGE_TYPE) == Some("PrePaid") { Billing::Subscription } else { Billing::Payg }
    }

    /// The labels that all its nodes have, beside those that every node gets.
    pub(super) fn common_labels(&self) -> Labels {
        let is_common = |(label, value): &(&String, &String)| {
            self.nodes.iter().all(|node| node.labels.get(label) == Some(value))
        };
        let own = self.example().labels.0.iter().filter(|(label, _)| !OF_EACH_NODE.contains(&label.as_str()));
        own.filter(is_common).map(|(label, value)| (label.as_str(), value.as_str())).collect()
    }

    /// The taints that all its nodes have and that somebody gave them.
    pub(super) fn common_taints(&self) -> Vec<String> {
        // Those of nodes that are not ready, cordoned or about to start, which controllers give and take.
        let is_lasting = |taint: &&Taint| {
            !taint.key.starts_with("node.kubernetes.io/")
                && !taint.key.starts_with("node.cloudprovider.kubernetes.io/")
        };
        let is_common = |taint: &&Taint| self.nodes.iter().all(|node| node.taints.contains(taint));
        self.example().taints.iter().filter(is_lasting).filter(is_common).map(as_text).collect()
    }
}

/// A taint as `kubectl taint` writes it.
fn as_text(taint: &Taint) -> String {
    let effect = match taint.effect {
        Effect::NoSchedule => "NoSchedule",
        Effect::PreferNoSchedule => "PreferNoSchedule",
        Effect::NoExecute => "NoExecute",
    };
    match taint.value.as_str() {
        "" => format!("{}:{effect}", taint.key),
        value => format!("{}={value}:{effect}", taint.key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, labels: &[(&str, &str)]) -> NodeSpec {
        NodeSpec { labels: labels.iter().copied().collect(), ..NodeSpec::named(name) }
    }

    const POOL: &str = LABEL_NODE_POOL;
    const TYPE: &str = LABEL_INSTANCE_TYPE;

    fn names(nodes: Vec<&NodeSpec>) -> Vec<&str> {
        nodes.into_iter().map(|node| node.name.as_str()).collect()
    }

    /// Names of pools with their nodes, and the nodes without one.
    fn found(nodes: &[NodeSpec]) -> (Vec<(String, Vec<&str>)>, Vec<&str>) {
        let (pools, others) = pools(nodes);
        let named = pools.into_iter().map(|pool| (pool.name.clone(), names(pool.nodes)));
        (named.collect(), names(others))
    }

    #[test]
    fn nodes_of_one_pool_and_type_are_equal() {
        let nodes = [
            node("a", &[(POOL, "np1"), (TYPE, "ecs.c7.xlarge")]),
            node("b", &[(POOL, "np2"), (TYPE, "ecs.c7.xlarge")]),
            node("c", &[(POOL, "np2"), (TYPE, "ecs.g7.xlarge")]),
            node("d", &[(POOL, "np1"), (TYPE, "ecs.c7.xlarge")]),
            node("e", &[]),
        ];
        let (pools, others) = found(&nodes);
        let expected = [("np1", vec!["a", "d"]), ("np2-c7-xlarge", vec!["b"]), ("np2-g7-xlarge", vec!["c"])];
        assert_eq!(pools, expected.map(|(name, nodes)| (name.to_owned(), nodes)));
        assert_eq!(others, ["e"]);
    }

    #[test]
    fn without_node_pools_the_type_tells() {
        let nodes = [node("a", &[(TYPE, "ecs.c7.xlarge")]), node("b", &[(TYPE, "ecs.g7.xlarge")])];
        let (pools, _) = found(&nodes);
        let expected = [("c7-xlarge", vec!["a"]), ("g7-xlarge", vec!["b"])];
        assert_eq!(pools, expected.map(|(name, nodes)| (name.to_owned(), nodes)));
    }

    #[test]
    fn what_would_select_nodes_of_another_pool_is_none() {
        let nodes =
            [node("a", &[(TYPE, "ecs.c7.xlarge")]), node("b", &[(POOL, "np1"), (TYPE, "ecs.c7.xlarge")])];
        let (pools, others) = found(&nodes);
        assert_eq!((pools, others), (vec![("np1".to_owned(), vec!["b"])], vec!["a"]));
    }

    #[test]
    fn labels_and_taints_are_those_that_all_nodes_have() {
        let taint =
            |key: &str| Taint { key: key.to_owned(), value: "v".to_owned(), effect: Effect::NoSchedule };
        let with = |name: &str, team: &str, taints: &[Taint]| {
            let labels = [(TYPE, "ecs.c7.xlarge"), ("team", team), ("os", "x"), (LABEL_ZONE, "z")];
            NodeSpec { taints: taints.to_vec(), ..node(name, &labels) }
        };
        let nodes = [
            with("a", "1", &[taint("own"), Taint::unschedulable()]),
            with("b", "2", &[taint("other"), Taint::unschedulable(), taint("own")]),
        ];
        let (pools, _) = pools(&nodes);
        assert_eq!(pools[0].common_labels(), Labels::from_iter([("os", "x")]));
        assert_eq!(pools[0].common_taints(), ["own=v:NoSchedule"]);
        assert_eq!(pools[0].zones(), ["z"]);
    }

    #[test]
    fn labels_tell_how_nodes_are_paid_for() {
        for (label, value, billing) in [
            (LABEL_CHARGE_TYPE, "PostPaid", Billing::Payg),
            (LABEL_CHARGE_TYPE, "PrePaid", Billing::Subscription),
            (LABEL_SPOT_STRATEGY, "SpotWithPriceLimit", Billing::Spot),
            (LABEL_SPOT_STRATEGY, "NoSpot", Billing::Payg),
        ] {
            let nodes = [node("a", &[(TYPE, "ecs.c7.xlarge"), (label, value)])];
            assert_eq!(pools(&nodes).0[0].billing(), billing, "{label}={value}");
        }
    }
}
