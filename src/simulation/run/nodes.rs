//! Nodes that come during a run: paid for from their creation, ready when they have booted.

use std::collections::BTreeMap;

use super::Run;
use super::event::Event;
use crate::controller::node_autoscaler::NOT_READY;
use crate::id::NodeId;
use crate::metric::Fact;
use crate::object::{Effect, LABEL_HOSTNAME, Taint};
use crate::rule::{Confidence, Rule};
use crate::scheduler::event::ClusterEvent;
use crate::simulation::Scenario;
use crate::simulation::scenario::NodeSetup;
use crate::units::{Price, SimTime, Span};

/// How nodes come.
pub(super) const RULES: &[Rule] = &[Rule {
    id: "node-joins",
    statement: "A node that comes is paid for from the creation of its instance on; until its kubelet is ready it has the \
                taint node.kubernetes.io/not-ready:NoSchedule, and no image but those that its pool's image has.",
    source: "plugin/pkg/admission/nodetaint/admission.go `Admit`; that the Node object comes with the instance, and not when \
             its kubelet registers, is an estimate",
    confidence: Confidence::Estimate,
}];

/// The nodes that have come since the start.
#[derive(Debug, Default)]
pub(super) struct Comers {
    /// Each of them.
    all: BTreeMap<NodeId, Comer>,
    /// What a node costs now that is like this one, where prices have changed.
    prices: BTreeMap<NodeId, Price>,
    /// How many nodes each pool has ever had.
    numbers: BTreeMap<String, u32>,
    /// How many instances each pool has got in the place of others.
    pub(super) replaced: BTreeMap<String, u32>,
}

/// A node that has come.
#[derive(Debug)]
struct Comer {
    /// The node of the start that it is like.
    like: NodeId,
    since: SimTime,
}

impl Comers {
    /// None have come yet.
    pub(super) fn new(scenario: &Scenario) -> Self {
        let mut comers = Self::default();
        for node in scenario.nodes.iter().filter(|node| node.may_be_taken_back()) {
            *comers.numbers.entry(node.pool.clone()).or_default() += 1;
        }
        comers
    }
}

impl<'a> Run<'a, '_> {
    /// The node of the start that a node is, or is like.
    pub(super) fn model_of(&self, node: NodeId) -> NodeId {
        self.comers.all.get(&node).map_or(node, |comer| comer.like)
    }

    /// When a node was created.
    pub(super) fn node_created(&self, node: NodeId) -> SimTime {
        self.comers.all.get(&node).map_or(SimTime::ZERO, |comer| comer.since)
    }

    /// How a node was set up.
    pub(super) fn setup_of(&self, node: NodeId) -> Option<&'a NodeSetup> {
        self.scenario.nodes.get(self.model_of(node).index())
    }

    /// A node like `model` comes, and is ready after `boot`.
    pub(super) fn node_comes(&mut self, model: NodeId, boot: Span) -> NodeId {
        let setup = &self.scenario.nodes[model.index()];
        let mut spec = setup.spec.clone();
        spec.name = self.name_in_pool(&setup.pool);
        spec.labels.set(LABEL_HOSTNAME.to_owned(), spec.name.clone());
        spec.conditions.set("Ready".to_owned(), "False".to_owned());
        spec.taints.push(not_ready());
        let price = self.comers.prices.get(&model).copied().unwrap_or(setup.price);
        let node = self.add_node(setup, &spec, price);
        self.comers.all.insert(node, Comer { like: model, since: self.now });
        self.load_sees_node(node);
        self.lifecycle_sees(node);
        self.wake(&ClusterEvent::NodeAdd(&spec));
        self.expect_daemons_look();
        self.at(self.now + boot, Event::NodeJoins(node));
        node
    }

    /// The next name of a pool's nodes that no other node has.
    fn name_in_pool(&mut self, pool: &str) -> String {
        let number = self.comers.numbers.entry(pool.to_owned()).or_default();
        loop {
            *number += 1;
            let name = format!("{pool}-{number}");
            if self.cluster.node_named(&name).is_none() {
                return name;
            }
        }
    }

    /// The kubelet of a node that has come is ready.
    pub(super) fn node_joins(&mut self, node: NodeId) {
        if self.cluster.find_node(node).is_none() {
            return;
        }
        let had = self.setup_of(node).map(|setup| setup.spec.conditions.clone()).unwrap_or_default();
        self.update_node(node, |spec| {
            spec.conditions = had;
            spec.taints.retain(|one| *one != not_ready());
        });
        self.tell_status(node, "NodeReady");
        self.expect_daemons_look();
        self.expect_failure(node, self.now);
    }

    /// Nodes that are like the node `name` cost something else from now on.
    pub(super) fn reprice_comers(&mut self, name: &str, price: Price) {
        let named = self.scenario.nodes.iter().position(|setup| setup.spec.name == name);
        let Some(model) = named.map(|place| NodeId(place as u32)) else { return };
        self.comers.prices.insert(model, price);
        let comers = self.comers.all.iter().filter(|(_, comer)| comer.like == model);
        let like: Vec<_> = comers.map(|(&node, _)| node).collect();
        for node in like {
            self.tell(&Fact::NodePriced { node, price });
        }
    }
}

fn not_ready() -> Taint {
    Taint { key: NOT_READY.to_owned(), value: String::new(), effect: Effect::NoSchedule }
}
