//! Nodes of the manifests that belong to pools, and virtual nodes that the manifests and the scenario both speak of.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use overspill_manifest::{Diagnostic, JsonPath, On, code};
use rustc_hash::FxHashSet;

use super::Resolver;
use super::eci::vswitch_of;
use super::nodes::virtual_node_of;
use crate::capacity::virtual_node;
use crate::object::{LABEL_INSTANCE_TYPE, NodeClass, NodeSpec};
use crate::scenario::file::{Pool, VirtualNode};
use crate::scenario::inventory::{Inventory, PodEntry};
use crate::scenario::read::Locator;
use crate::simulation::scenario::NodeSetup;

/// Whose a node of the manifests is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemberOf {
    /// Nobody's: it stands for itself.
    NoPool,
    /// That of the pool in this place.
    Pool(usize),
    /// That of a pool which has fewer nodes than the manifests: it is not there.
    LeftOut,
}

/// Whose the nodes of the manifests are.
pub(super) struct Members {
    /// One for each node, in their order.
    pub(super) places: Vec<MemberOf>,
    /// How many nodes of the manifests each pool has.
    pub(super) kept: Vec<u32>,
}

impl Resolver<'_> {
    pub(super) fn members(&mut self, inventory: &Inventory) -> Members {
        let pools = self.spec().pools.clone();
        let mut members = Members { places: Vec::new(), kept: vec![0; pools.len()] };
        let (mut known, mut contested) = (BTreeSet::new(), BTreeMap::new());
        for node in &inventory.nodes {
            let owners = pools.values().enumerate().filter(|(_, pool)| selects(pool, node));
            let owners: Vec<usize> = owners.map(|(place, _)| place).collect();
            known.extend(owners.iter().copied());
            if let [first, second, ..] = owners[..] {
                contested.entry((first, second)).or_insert(&node.name);
            }
            members.places.push(match owners.first() {
                None => MemberOf::NoPool,
                Some(&place) if members.kept[place] < pools[place].count => {
                    members.kept[place] += 1;
                    MemberOf::Pool(place)
                }
                Some(_) => MemberOf::LeftOut,
            });
        }
        self.refuse_other_types(&pools, inventory, &members);
        for ((first, second), node) in contested {
            self.say_two_pools(node, &pools, first, second);
        }
        self.doubt_selectors(&pools, &known);
        self.doubt_bare_pods(inventory, &members);
        members
    }

    /// Refuses pools of another instance type than their Nodes: the price would be that of the one, and the size that of
    /// the other.
    fn refuse_other_types(
        &mut self,
        pools: &IndexMap<String, Pool>,
        inventory: &Inventory,
        members: &Members,
    ) {
        let mut told = BTreeSet::new();
        for (node, place) in inventory.nodes.iter().zip(&members.places) {
            let MemberOf::Pool(place) = place else { continue };
            let Some((name, pool)) = pools.get_index(*place) else { continue };
            let (Some(wanted), Some(kind)) = (&pool.instance_type, node.labels.get(LABEL_INSTANCE_TYPE))
            else {
                continue;
            };
            if wanted == kind || !told.insert(*place) {
                continue;
            }
            let path = Locator::spec().key("pools").key(name).key("instanceType");
            let message = format!(
                "the pool has node {} of the manifests, whose instance type is {kind}: its size would stay, and only its \
                 price change",
                node.name
            );
            let help = format!(
                "write `{kind}`; for nodes of {wanted} add a pool of that type without `nodeSelector`, and give this one a \
                 smaller `count`"
            );
            self.say_with_help(&code::DO_NOT_FIT, &path, message, Some(help));
        }
    }

    /// Warns of selectors that select nothing, if all nodes are known.
    fn doubt_selectors(&mut self, pools: &IndexMap<String, Pool>, known: &BTreeSet<usize>) {
        if !self.loaded.objects_complete {
            return;
        }
        let selecting = pools.iter().enumerate().filter(|(_, (_, pool))| !pool.node_selector.is_empty());
        for (_, (name, _)) in selecting.filter(|(place, _)| !known.contains(place)) {
            let path = Locator::spec().key("pools").key(name).key("nodeSelector");
            let message = "no ECS node of the manifests has these labels: all nodes of the pool are made";
            self.say(&code::WITHOUT_EFFECT, &path, message);
        }
    }

    fn say_two_pools(&mut self, node: &str, pools: &IndexMap<String, Pool>, first: usize, second: usize) {
        let (Some((first, _)), Some((second, pool))) = (pools.get_index(first), pools.get_index(second))
        else {
            return;
        };
        let path = Locator::spec().key("pools").key(second).key("nodeSelector");
        let message = format!("node {node} of the manifests belongs to pool {first} already");
        let labels = pool.node_selector.keys().map(|label| format!("`{label}`")).collect::<Vec<_>>();
        let help = format!("select by more labels than {}", labels.join(" and "));
        self.say_with_help(&code::DO_NOT_FIT, &path, message, Some(help));
    }

    /// Warns of pods that go with nodes which are left out and that nobody makes anew.
    fn doubt_bare_pods(&mut self, inventory: &Inventory, members: &Members) {
        let places = inventory.nodes.iter().zip(&members.places);
        let left_out = places.filter(|(_, place)| **place == MemberOf::LeftOut);
        let left_out: FxHashSet<&str> = left_out.map(|(node, _)| node.name.as_str()).collect();
        let is_lost = |pod: &&PodEntry| {
            pod.spec.owner.is_none() && pod.node.as_deref().is_some_and(|node| left_out.contains(node))
        };
        let count = inventory.pods.iter().filter(is_lost).count();
        let Some(first) = inventory.pods.iter().find(is_lost) else { return };
        let message = format!(
            "bare pods that go with the nodes which a pool leaves out do not come again: {}/{}{}",
            first.spec.namespace,
            first.name,
            if count > 1 { format!(" and {} more", count - 1) } else { String::new() }
        );
        let path = JsonPath::root().key("spec").key("nodeName");
        let mut documents = self.loaded.documents.iter();
        let document = documents.find(|one| one.is("Pod", &first.spec.namespace, &first.name));
        let place = document.map(|one| one.place(&path, On::Value));
        let help = "raise the pool's `count`, or let a Deployment own them".to_owned();
        self.diagnostics.push(Diagnostic::new(&code::NODE_IS_MISSING, message).at(place).help(help));
    }

    /// Adds the scenario's virtual nodes to `nodes`, which are those of manifests and pools.
    pub(super) fn add_virtual_nodes(&mut self, nodes: &mut Vec<NodeSetup>) {
        let (mut virtual_nodes, mut taken) = (Vec::new(), FxHashSet::default());
        for (zone, entry) in self.spec().virtual_nodes.clone() {
            let name = entry.name.clone().unwrap_or_else(|| virtual_node::name(&zone));
            let mut own = nodes.iter_mut().filter(|node| node.spec.class == NodeClass::Virtual);
            let is_taken = !taken.insert(name.clone());
            match own.find(|node| node.spec.name == name).filter(|_| !is_taken) {
                Some(node) => {
                    node.spec.vswitch = Some(vswitch_of(&zone, &entry));
                    node.spec.labels.0.extend(entry.labels.clone());
                    self.check_written_node(&zone, &entry);
                }
                None => virtual_nodes.push(virtual_node_of(&zone, &entry)),
            }
        }
        nodes.append(&mut virtual_nodes);
    }

    /// Refuses what a virtual node says of itself that stands in the manifests.
    fn check_written_node(&mut self, zone: &str, entry: &VirtualNode) {
        let given = [
            ("capacity", !entry.capacity.is_empty()),
            ("hostnameLabel", entry.hostname_label.is_some()),
            ("zoneLabel", entry.zone_label.is_some()),
        ];
        for (field, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
            let path = Locator::spec().key("virtualNodes").key(zone).key(field);
            let message = "this virtual node is one of the manifests, which say it: write it there";
            self.say(&code::DO_NOT_FIT, &path, message);
        }
    }
}

/// Whether a node of the manifests is a pool's.
fn selects(pool: &Pool, node: &NodeSpec) -> bool {
    let selector = &pool.node_selector;
    node.class == NodeClass::Ecs
        && !selector.is_empty()
        && selector.iter().all(|(label, value)| node.labels.get(label) == Some(value))
}
