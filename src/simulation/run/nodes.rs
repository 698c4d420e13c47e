//! Nodes that come during a run: a machine that is paid for, a Node that is registered, and a kubelet that is ready.
//!
//! A machine has its place among the nodes from its creation on, when it begins to be paid for; the Node comes later, or
//! never. Who asked for it, the node autoscaler or a pool that replaces a spot instance, makes no difference.

use std::collections::BTreeMap;

use super::Run;
use super::event::Event;
use crate::controller::node_autoscaler::NOT_READY;
use crate::id::NodeId;
use crate::metric::Fact;
use crate::object::{Effect, LABEL_HOSTNAME, NodeSpec, Taint};
use crate::rule::{Confidence, Rule};
use crate::scheduler::event::ClusterEvent;
use crate::simulation::action::MachinePrice;
use crate::simulation::scenario::NodeSetup;
use crate::units::{Price, SimTime, Span};

/// How nodes come.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "ecs-stock",
        statement: "A machine whose instance type is out of stock does not come: an autoscaler's request fails at once, and \
                    a spot instance is not replaced.",
        source: "ACK, \"Node scaling\": scale-outs fail where the instance types of a pool are out of stock; that this is \
                 known at once, and one stock serves all pools and zones, is an estimate",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "node-provision",
        statement: "A machine is paid for from its creation on, which is when an autoscaler asks for it; its Node is \
                    registered some time later, not ready and with no image but those that its pool's nodes have, and is \
                    ready some time after that.",
        source: "ECS, \"Pay-as-you-go\": billed from creation to release; pkg/kubelet/kubelet_node_status.go \
                 `registerWithAPIServer`; measured on ACK: a Node 10 to 12 s after the request, ready 36 to 55 s after that",
        confidence: Confidence::Observed,
    },
    Rule {
        id: "node-not-ready-taint",
        statement: "A Node that is not ready has the taint node.kubernetes.io/not-ready:NoSchedule.",
        source: "plugin/pkg/admission/nodetaint/admission.go",
        confidence: Confidence::Source,
    },
];

/// The nodes that have come since the start, and the machines whose Nodes are still to come.
#[derive(Debug, Default)]
pub(super) struct Comers<'a> {
    /// Each of them, those that are gone again among them.
    all: BTreeMap<NodeId, Comer<'a>>,
    /// What machines cost, where prices have changed.
    prices: &'a [MachinePrice],
    /// How many nodes each pool has ever had, of those that ever got one.
    numbers: BTreeMap<&'a str, u32>,
    /// How many more machines there are of an instance type, where that is bounded.
    stock: BTreeMap<&'a str, u32>,
    /// How many instances each pool has got in the place of others.
    pub(super) replaced: BTreeMap<&'a str, u32>,
}

/// How long a machine takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// From its creation until its Node is registered.
    pub(super) register: Span,
    /// From then until the Node is ready.
    pub(super) ready: Span,
}

/// A machine that was created during the run.
#[derive(Debug)]
struct Comer<'a> {
    setup: &'a NodeSetup,
    /// The name of its Node.
    name: String,
    price: Price,
    /// How long its kubelet takes to be ready.
    boots: Span,
    stage: Stage,
    /// When it will be taken back, once it was told so.
    taken_back: Option<SimTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// There is no Node yet.
    Created,
    /// There is one since the first instant, and it will be ready at the second.
    Booting { since: SimTime, until: SimTime },
    /// It has been ready.
    Joined { since: SimTime },
    /// It is gone.
    Gone,
}

impl Comer<'_> {
    fn is_to_be_ready(&self, at: SimTime) -> bool {
        matches!(self.stage, Stage::Booting { until, .. } if until == at)
    }

    fn registered(&self) -> Option<SimTime> {
        match self.stage {
            Stage::Booting { since, .. } | Stage::Joined { since } => Some(since),
            Stage::Created | Stage::Gone => None,
        }
    }
}

impl<'a> Run<'a, '_> {
    /// When a Node was registered: most are there from the start.
    pub(super) fn node_registered(&self, node: NodeId) -> SimTime {
        self.comers.all.get(&node).and_then(Comer::registered).unwrap_or(SimTime::ZERO)
    }

    /// How a node was set up, be it there, gone, or still to come.
    pub(super) fn setup_of(&self, node: NodeId) -> Option<&'a NodeSetup> {
        let comer = self.comers.all.get(&node).map(|comer| comer.setup);
        comer.or_else(|| self.scenario.nodes.get(node.index()))
    }

    /// What the Node of a machine is called, be it there or still to come.
    pub(super) fn name_of_machine(&self, node: NodeId) -> &str {
        let comer = self.comers.all.get(&node);
        comer.map_or_else(|| self.cluster.node(node).name(), |comer| comer.name.as_str())
    }

    /// Whether there is a machine whose Node is still to come.
    pub(super) fn is_to_register(&self, node: NodeId) -> bool {
        self.comers.all.get(&node).is_some_and(|comer| comer.stage == Stage::Created)
    }

    /// A machine is created whose Node will be like `setup`; its place, and the name of the Node.
    pub(super) fn machine_created(&mut self, setup: &'a NodeSetup, times: Times) -> (NodeId, String) {
        let name = self.name_in_pool(&setup.pool);
        let price = self.price_of(setup).unwrap_or(setup.price);
        let node = self.cluster.reserve_node();
        let comer = Comer {
            setup,
            name: name.clone(),
            price,
            boots: times.ready,
            stage: Stage::Created,
            taken_back: None,
        };
        self.comers.all.insert(node, comer);
        self.tell_added(node, setup, &name, price);
        self.spot_begins(node, setup.spot.as_ref());
        self.at(self.now + times.register, Event::NodeRegisters(node));
        (node, name)
    }

    /// The next name of a pool's nodes that no other node has.
    fn name_in_pool(&mut self, pool: &'a str) -> String {
        let nodes = &self.scenario.nodes;
        let at_start = || nodes.iter().filter(|node| node.pool == pool).count() as u32;
        let number = self.comers.numbers.entry(pool).or_insert_with(at_start);
        loop {
            *number += 1;
            let name = format!("{pool}-{number}");
            if self.cluster.node_named(&name).is_none() {
                return name;
            }
        }
    }

    /// What a machine costs now, where prices have changed.
    fn price_of(&self, setup: &NodeSetup) -> Option<Price> {
        let is_its = |one: &&MachinePrice| one.pool == setup.pool && one.instance_type == setup.instance_type;
        self.comers.prices.iter().find(is_its).map(|one| one.price)
    }

    /// How many more machines there are of these instance types from now on.
    pub(super) fn set_machine_stock(&mut self, stock: &'a [(String, Option<u32>)]) {
        for (kind, left) in stock {
            match left {
                Some(left) => self.comers.stock.insert(kind, *left),
                None => self.comers.stock.remove(kind.as_str()),
            };
        }
    }

    /// Takes a machine out of the stock, if there is one.
    pub(super) fn take_from_stock(&mut self, instance_type: &str) -> bool {
        let Some(left) = self.comers.stock.get_mut(instance_type) else { return true };
        let is_there = *left > 0;
        *left = left.saturating_sub(1);
        is_there
    }

    /// The kubelet of a new machine registers its Node, unless the machine was released meanwhile.
    pub(super) fn node_registers(&mut self, node: NodeId) {
        let Some(comer) = self.comers.all.get_mut(&node).filter(|comer| comer.stage == Stage::Created) else {
            return;
        };
        let until = self.now + comer.boots;
        comer.stage = Stage::Booting { since: self.now, until };
        let (name, spec) = (comer.name.clone(), new_node(&comer.setup.spec, &comer.name));
        self.cluster.add_reserved_node(node, spec.clone());
        self.images_were_there(node, &spec);
        self.autoscaler_sees_registered(node);
        self.load_sees_node(node);
        self.lifecycle_sees(node);
        self.tell_of_node(node, "Starting", format_args!("Starting kubelet."));
        let message = format_args!("Node {name} event: Registered Node {name} in Controller");
        self.tell_of_node(node, "RegisteredNode", message);
        self.wake(&ClusterEvent::NodeAdd(&spec));
        self.expect_daemons_look();
        self.at(until, Event::NodeBoots(node));
        if let Some(taken_back) = self.comers.all.get(&node).and_then(|comer| comer.taken_back) {
            self.heed_spot_notice(node, taken_back);
        }
    }

    /// A new node is ready, unless it has failed meanwhile.
    pub(super) fn node_boots(&mut self, node: NodeId) {
        if self.is_down(node) {
            return;
        }
        let Some(comer) = self.comers.all.get_mut(&node).filter(|comer| comer.is_to_be_ready(self.now))
        else {
            return;
        };
        comer.stage = Stage::Joined { since: comer.registered().unwrap_or(self.now) };
        self.autoscaler_sees_ready(node);
        self.update_node(node, |spec| {
            spec.taints.retain(|taint| *taint != not_ready());
            spec.conditions.set("Ready", "True");
        });
        self.tell_status(node, "NodeReady");
        self.tell(&Fact::NodeReady { node });
        self.expect_daemons_look();
        self.expect_failure(node, self.now);
    }

    /// A node runs again that had failed; one that was not ready yet boots anew. Whether it is ready.
    pub(super) fn is_ready_on_return(&mut self, node: NodeId) -> bool {
        let Some(comer) = self.comers.all.get_mut(&node) else { return true };
        let Stage::Booting { since, .. } = comer.stage else { return true };
        let until = self.now + comer.boots;
        comer.stage = Stage::Booting { since, until };
        self.at(until, Event::NodeBoots(node));
        false
    }

    /// A machine whose Node has not come will be taken back.
    pub(super) fn notice_unregistered(&mut self, node: NodeId, taken_back: SimTime) {
        if let Some(comer) = self.comers.all.get_mut(&node) {
            comer.taken_back = Some(taken_back);
        }
    }

    /// A machine goes whose Node has not come, and never will.
    pub(super) fn machine_released(&mut self, node: NodeId) {
        self.comer_is_gone(node);
        self.tell(&Fact::NodeRemoved { node });
    }

    /// A node is gone.
    pub(super) fn comer_is_gone(&mut self, node: NodeId) {
        if let Some(comer) = self.comers.all.get_mut(&node) {
            comer.stage = Stage::Gone;
        }
    }

    /// Machines cost something else from now on, those that were created before too.
    pub(super) fn reprice_machines(&mut self, prices: &'a [MachinePrice]) {
        self.comers.prices = prices;
        let there = self.comers.all.iter().filter(|(_, comer)| comer.stage != Stage::Gone);
        let changed = there.filter_map(|(&node, comer)| {
            let price = self.price_of(comer.setup)?;
            (price != comer.price).then_some((node, price))
        });
        let changed: Vec<_> = changed.collect();
        for (node, price) in changed {
            if let Some(comer) = self.comers.all.get_mut(&node) {
                comer.price = price;
            }
            self.tell(&Fact::NodePriced { node, price });
        }
    }
}

fn not_ready() -> Taint {
    Taint { key: NOT_READY.to_owned(), value: String::new(), effect: Effect::NoSchedule }
}

/// The Node of a machine that has just started.
fn new_node(like: &NodeSpec, name: &str) -> NodeSpec {
    let mut spec = NodeSpec { name: name.to_owned(), ..like.clone() };
    if spec.labels.get(LABEL_HOSTNAME).is_some() {
        spec.labels.set(LABEL_HOSTNAME, name);
    }
    spec.taints.push(not_ready());
    spec.conditions.set("Ready", "False");
    spec
}
