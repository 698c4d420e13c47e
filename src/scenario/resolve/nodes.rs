//! Nodes: those of the pools, the virtual ones, and those of the manifests.

use std::ops::Range;

use indexmap::IndexMap;
use overspill_manifest::{JsonPath, code};

use super::Resolver;
use super::eci::{default_vswitch, vswitch_of};
use super::members::MemberOf;
use crate::capacity::{InstanceType, Law, Reservation, ReservationRule, instance_type, virtual_node};
use crate::cost::{Billing, Factor, PriceList, UnknownPrice};
use crate::object::kubernetes::taint_from_text;
use crate::object::requests::to_resources;
use crate::object::{
    LABEL_HOSTNAME, LABEL_INSTANCE_TYPE, LABEL_REGION, LABEL_ZONE, Labels, NodeClass, NodeSpec, ResourceList,
    Taint,
};
use crate::scenario::file::{self, Pool, Spec, VirtualNode};
use crate::scenario::inventory::Inventory;
use crate::scenario::notation::Amount;
use crate::scenario::read::Locator;
use crate::simulation::action::MachinePrice;
use crate::simulation::scenario::{FailureSetup, NodeSetup, SpotNodeSetup};
use crate::units::{Bytes, MilliCpu, Price, Quantity, Span};

/// Ephemeral storage of an ECS node: its system disk (estimate).
const SYSTEM_DISK_BYTES: i64 = 40 << 30;

/// What new nodes of a pool are like.
pub(super) struct Machines {
    /// One for each zone in turn.
    pub(super) nodes: Vec<NodeSetup>,
    /// The cpu of each, reserved parts included.
    pub(super) cpu: MilliCpu,
    /// The same of memory.
    pub(super) memory: Bytes,
}

/// What the nodes of a pool have in common.
struct Making {
    allocatable: ResourceList,
    price: Price,
    failures: Option<FailureSetup>,
    spot: Option<SpotNodeSetup>,
}

impl Resolver<'_> {
    /// All nodes: those of the manifests first, then the pools in their order, then the virtual nodes.
    pub(super) fn nodes(&mut self, inventory: &Inventory, prices: &PriceList) -> Vec<NodeSetup> {
        let pools = self.spec().pools.clone();
        let makings: Vec<_> =
            pools.iter().map(|(name, pool)| Some((name, pool, self.making(name, pool, prices)?))).collect();
        let members = self.members(inventory);
        let mut nodes = Vec::new();
        for (node, place) in inventory.nodes.iter().zip(&members.places) {
            match place {
                MemberOf::NoPool => nodes.push(self.node_of_manifest(node, prices)),
                MemberOf::Pool(place) => {
                    nodes.extend(makings[*place].as_ref().map(|making| member(node, making)));
                }
                MemberOf::LeftOut => {}
            }
        }
        for (making, had) in makings.iter().zip(&members.kept) {
            let Some((name, pool, making)) = making else { continue };
            nodes.extend(nodes_of_pool(name, pool, making, *had..self.node_count(pool).max(*had)));
        }
        self.add_virtual_nodes(&mut nodes);
        self.check_names(&nodes);
        nodes
    }

    fn check_names(&mut self, nodes: &[NodeSetup]) {
        let mut names: Vec<_> = nodes.iter().map(|node| node.spec.name.as_str()).collect();
        names.sort_unstable();
        for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
            let message = format!("two nodes are called {}", pair[0]);
            self.say(&code::DO_NOT_FIT, &Locator::spec(), message);
        }
    }

    /// A node of a manifest costs what its instance type costs, pay-as-you-go.
    fn node_of_manifest(&mut self, node: &NodeSpec, prices: &PriceList) -> NodeSetup {
        let instance_type = node.labels.get(LABEL_INSTANCE_TYPE).unwrap_or("").to_owned();
        let price = match node.class {
            NodeClass::Virtual => Price::ZERO,
            NodeClass::Ecs => prices.node(&instance_type, Factor::WHOLE).unwrap_or_else(|_| {
                let message =
                    format!("node {} has no price: {instance_type:?} is not in the price list", node.name);
                self.say(&code::COSTS_NOTHING, &Locator::spec().key("priceList"), message);
                Price::ZERO
            }),
        };
        let mut spec = node.clone();
        if spec.class == NodeClass::Virtual {
            let zone = spec.labels.get(LABEL_ZONE).unwrap_or(&spec.name);
            spec.vswitch = Some(default_vswitch(zone));
        }
        NodeSetup { spec, pool: String::new(), instance_type, price, failures: None, spot: None }
    }

    /// What new nodes of a pool are like, one for each zone in turn; `None` if nobody can tell.
    pub(super) fn machines(&mut self, name: &str, pool: &Pool, prices: &PriceList) -> Option<Machines> {
        let making = self.making(name, pool, prices)?;
        let nodes = nodes_of_pool(name, pool, &making, 0..pool.zones.len().max(1) as u32);
        let has = &nodes.first()?.spec.allocatable;
        let (mut cpu, mut memory) = (has.cpu, has.memory);
        let kind = pool.instance_type.as_ref().filter(|_| pool.allocatable.is_none());
        if let Some(kind) = kind.and_then(|name| instance_type(name).ok()) {
            let size = Reservation::default().node_size(kind, kind.terway_max_pods());
            (cpu, memory) = (size.cpu_capacity, size.memory_capacity);
        }
        Some(Machines { nodes, cpu, memory })
    }

    /// What a pool's nodes have in common; `None` if nobody can tell how large they are.
    fn making(&mut self, name: &str, pool: &Pool, prices: &PriceList) -> Option<Making> {
        let path = Locator::spec().key("pools").key(name);
        let kind = self.instance_type(&path, pool);
        Some(Making {
            allocatable: self.pool_allocatable(&path, pool, kind)?,
            price: self.pool_price(&path, pool, prices),
            failures: self.pool_failures(&path.key("failures"), pool),
            spot: self.pool_spot(&path.key("spot"), pool),
        })
    }

    fn pool_failures(&mut self, path: &JsonPath, pool: &Pool) -> Option<FailureSetup> {
        let given = pool.failures.as_ref()?;
        let never = Law::Constant(Span::ZERO);
        let every = self.law(&path.key("every"), Some(&given.every), never.clone());
        let repair = self.law(&path.key("repair"), Some(&given.repair), never);
        if every.as_ref().is_some_and(|every| every.mean() == Span::ZERO) {
            let message = "nodes would fail all the time: give the time that one runs until it fails";
            self.say(&code::DO_NOT_FIT, &path.key("every"), message);
        }
        Some(FailureSetup { every: every?, repair: repair? })
    }

    fn instance_type(&mut self, path: &JsonPath, pool: &Pool) -> Option<&'static InstanceType> {
        let name = pool.instance_type.as_ref()?;
        match instance_type(name) {
            Ok(found) => Some(found),
            // With allocatable given, the type is only a name to look a price up by.
            Err(_) if pool.allocatable.is_some() => None,
            Err(error) => {
                self.say(&code::UNKNOWN_NAME, &path.key("instanceType"), error.to_string());
                None
            }
        }
    }

    fn pool_allocatable(
        &mut self,
        path: &JsonPath,
        pool: &Pool,
        kind: Option<&InstanceType>,
    ) -> Option<ResourceList> {
        if let Some(given) = &pool.allocatable {
            let mut list = amounts(given);
            list.entry("pods".to_owned())
                .or_insert(Quantity::from_units(i64::from(pool.max_pods.unwrap_or(110))));
            return Some(list);
        }
        let Some(kind) = kind else {
            if pool.instance_type.is_none() {
                let message = "a pool needs `instanceType` or `allocatable`";
                self.say(&code::DO_NOT_FIT, path, message);
            }
            return None;
        };
        let rule = match pool.reservation.unwrap_or_default() {
            file::Reservation::V1_28 => ReservationRule::Since1_28,
            file::Reservation::V1_20 => ReservationRule::From1_20To1_27,
        };
        let reservation = Reservation { rule, ..Reservation::default() };
        let size = reservation.node_size(kind, pool.max_pods.unwrap_or_else(|| kind.terway_max_pods()));
        Some(
            [
                ("cpu", Quantity::from_milli(i128::from(size.cpu_allocatable.0))),
                ("memory", Quantity::from_units(size.memory_allocatable.0)),
                ("pods", Quantity::from_units(i64::from(size.pods))),
                ("ephemeral-storage", Quantity::from_units(SYSTEM_DISK_BYTES)),
            ]
            .map(|(name, quantity)| (name.to_owned(), quantity))
            .into(),
        )
    }

    fn pool_price(&mut self, path: &JsonPath, pool: &Pool, prices: &PriceList) -> Price {
        self.check_terms(path, pool);
        if let Some(price) = pool.price {
            return discounted(price.0, pool);
        }
        let Some(kind) = &pool.instance_type else {
            let message = "this pool has neither `price` nor `instanceType`: its nodes count as free";
            self.say(&code::COSTS_NOTHING, path, message);
            return Price::ZERO;
        };
        price_of(kind, pool, prices).unwrap_or_else(|error| {
            self.say(&code::UNKNOWN_NAME, &path.key("instanceType"), error.to_string());
            Price::ZERO
        })
    }

    /// That what a pool says of its price fits together.
    fn check_terms(&mut self, path: &JsonPath, pool: &Pool) {
        if pool.discount.is_some_and(|discount| discount.0 >= 1.0) {
            let message = "nothing would be left to pay: a discount is less than 100%";
            self.say(&code::DO_NOT_FIT, &path.key("discount"), message);
        }
        let Some(part) = pool.price_factor else { return };
        let path = path.key("priceFactor");
        if Factor::of_part(part).is_none() {
            self.say(&code::DO_NOT_FIT, &path, "must be greater than 0, and 1 at most");
        } else if pool.price.is_some() {
            let message = "`price` is what a node costs: there is nothing to take a part of";
            self.say_with_help(&code::DO_NOT_FIT, &path, message, Some("write one of both".to_owned()));
        } else if billing(pool) == Billing::Payg {
            let message = "pay as you go costs the whole price";
            let help = "write `billing: subscription` or the like, or `discount`".to_owned();
            self.say_with_help(&code::DO_NOT_FIT, &path, message, Some(help));
        }
    }
}

/// What is left of a price after the pool's discount.
fn discounted(price: Price, pool: &Pool) -> Price {
    let left = pool.discount.and_then(|discount| Factor::of_part(1.0 - discount.0));
    left.unwrap_or(Factor::WHOLE).of(price)
}

/// What a node of this instance type costs in a pool that has no price of its own.
fn price_of(kind: &str, pool: &Pool, prices: &PriceList) -> Result<Price, UnknownPrice> {
    let own = pool.price_factor.and_then(Factor::of_part);
    let part = own.unwrap_or_else(|| prices.factor(billing(pool)));
    Ok(discounted(prices.node(kind, part)?, pool))
}

/// The nodes of a pool with these numbers, from 0.
fn nodes_of_pool(name: &str, pool: &Pool, making: &Making, numbers: Range<u32>) -> Vec<NodeSetup> {
    let taints: Vec<Taint> = pool.taints.iter().map(|taint| taint.0.clone()).collect();
    let setup = |number: u32| {
        let zone = pool.zones.get(number as usize % pool.zones.len().max(1));
        let node_name = format!("{name}-{}", number + 1);
        let spec = NodeSpec {
            labels: pool_labels(&node_name, pool, zone.map(String::as_str)),
            taints: taints.clone(),
            allocatable: to_resources(&making.allocatable),
            allocatable_pods: making.allocatable.get("pods").copied().unwrap_or_default().value(),
            ..NodeSpec::named(&node_name)
        };
        making.setup(spec, name, pool.instance_type.clone().unwrap_or_default())
    };
    numbers.map(setup).collect()
}

/// A node of the manifests that belongs to a pool.
fn member(node: &NodeSpec, (name, pool, making): &(&String, &Pool, Making)) -> NodeSetup {
    let written = node.labels.get(LABEL_INSTANCE_TYPE);
    let instance_type = pool.instance_type.as_deref().or(written).unwrap_or_default();
    making.setup(node.clone(), name, instance_type.to_owned())
}

impl Making {
    fn setup(&self, spec: NodeSpec, pool: &str, instance_type: String) -> NodeSetup {
        let (failures, spot) = (self.failures.clone(), self.spot.clone());
        NodeSetup { spec, pool: pool.to_owned(), instance_type, price: self.price, failures, spot }
    }
}

/// How the nodes of a pool are paid for.
fn billing(pool: &Pool) -> Billing {
    match pool.billing.unwrap_or_default() {
        file::Billing::Payg => Billing::Payg,
        file::Billing::Subscription => Billing::Subscription,
        file::Billing::Spot => Billing::Spot,
        file::Billing::SavingsPlan => Billing::SavingsPlan,
    }
}

/// What a node costs at these prices; `None` if they do not decide it: it has a price of its own, or was paid for by the
/// month.
pub(super) fn price_at(spec: &Spec, node: &NodeSetup, prices: &PriceList) -> Option<Price> {
    if node.spec.class == NodeClass::Virtual {
        return None;
    }
    match spec.pools.get(&node.pool) {
        Some(pool) if is_fixed(pool) => None,
        Some(pool) => price_of(&node.instance_type, pool, prices).ok(),
        None => prices.node(&node.instance_type, Factor::WHOLE).ok(),
    }
}

/// Whether a pool gets nodes during a run: from the node autoscaler, or in the place of spot instances.
pub(super) fn gets_nodes(spec: &Spec, pool: &Pool) -> bool {
    let replaces = pool.spot.as_ref().is_some_and(|spot| spot.replace.is_some());
    replaces || spec.node_autoscaler.is_some() && pool.autoscale.is_some()
}

/// The pools that get nodes during a run, each with its name and every instance type that those may have.
fn machines_to_come(spec: &Spec) -> impl Iterator<Item = (&String, &Pool, &String)> {
    let growing = spec.pools.iter().filter(|(_, pool)| gets_nodes(spec, pool));
    growing.flat_map(|(name, pool)| {
        let further = pool.autoscale.iter().flat_map(|autoscale| &autoscale.instance_types);
        pool.instance_type.iter().chain(further).map(move |kind| (name, pool, kind))
    })
}

/// The instance types of nodes that come during a run.
pub(super) fn types_of_machines(spec: &Spec) -> Vec<String> {
    machines_to_come(spec).map(|(_, _, kind)| kind.clone()).collect()
}

/// What new nodes of the pools cost at these prices that get any during a run.
pub(super) fn prices_of_machines(spec: &Spec, prices: &PriceList) -> Vec<MachinePrice> {
    let priced = machines_to_come(spec).filter(|(_, pool, _)| !is_fixed(pool));
    let price = |(name, pool, kind): (&String, &Pool, &String)| {
        let price = price_of(kind, pool, prices).ok()?;
        Some(MachinePrice { pool: name.clone(), instance_type: kind.clone(), price })
    };
    priced.filter_map(price).collect()
}

/// Whether new prices change nothing for a pool: it has a price of its own, or was paid for by the month.
fn is_fixed(pool: &Pool) -> bool {
    pool.price.is_some() || billing(pool) == Billing::Subscription
}

/// The virtual node of a zone.
pub(super) fn virtual_node_of(zone: &str, node: &VirtualNode) -> NodeSetup {
    let name = node.name.clone().unwrap_or_else(|| virtual_node::name(zone));
    let mut labels: Labels = virtual_node::labels(zone).into_iter().collect();
    labels.set(LABEL_HOSTNAME, name.clone());
    if node.hostname_label == Some(false) {
        labels.0.remove(LABEL_HOSTNAME);
    }
    if node.zone_label == Some(false) {
        labels.0.remove(LABEL_ZONE);
        labels.0.remove(LABEL_REGION);
    }
    labels.0.extend(node.labels.clone());
    let mut capacity = default_capacity();
    capacity.extend(amounts(&node.capacity));
    let taint =
        format!("{}={}:{}", virtual_node::TAINT_KEY, virtual_node::TAINT_VALUE, virtual_node::TAINT_EFFECT);
    let spec = NodeSpec {
        class: NodeClass::Virtual,
        vswitch: Some(vswitch_of(zone, node)),
        labels,
        taints: vec![taint_from_text(&taint).expect("the taint of virtual nodes is written as one")],
        allocatable: to_resources(&capacity),
        allocatable_pods: capacity.get("pods").copied().unwrap_or_default().value(),
        ..NodeSpec::named(&name)
    };
    let (pool, instance_type) = (String::new(), String::new());
    NodeSetup { spec, pool, instance_type, price: Price::ZERO, failures: None, spot: None }
}

fn amounts(given: &IndexMap<String, Amount>) -> ResourceList {
    given.iter().map(|(name, amount)| (name.clone(), amount.0)).collect()
}

fn default_capacity() -> ResourceList {
    let capacity = virtual_node::VirtualCapacity::default();
    [
        ("cpu", Quantity::from_milli(i128::from(capacity.cpu.0))),
        ("memory", Quantity::from_units(capacity.memory.0)),
        ("pods", Quantity::from_units(i64::from(capacity.pods))),
        ("ephemeral-storage", Quantity::from_units(capacity.ephemeral_storage.0)),
    ]
    .map(|(name, quantity)| (name.to_owned(), quantity))
    .into()
}

/// The labels that every ECS node has, and those of its pool.
fn pool_labels(name: &str, pool: &Pool, zone: Option<&str>) -> Labels {
    let mut labels: Labels =
        [("kubernetes.io/os", "linux"), ("kubernetes.io/arch", "amd64"), (LABEL_HOSTNAME, name)]
            .into_iter()
            .collect();
    if let Some(kind) = &pool.instance_type {
        labels.set(LABEL_INSTANCE_TYPE, kind.clone());
    }
    let region = pool.region.as_deref().or_else(|| zone.map(virtual_node::region_of));
    for (label, value) in [(LABEL_ZONE, zone), (LABEL_REGION, region)] {
        if let Some(value) = value {
            labels.set(label, value);
        }
    }
    labels.0.extend(pool.labels.clone());
    labels
}
