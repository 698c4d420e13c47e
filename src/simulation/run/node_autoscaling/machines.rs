//! New nodes: from the request for a machine until the Node is ready.

use rand::Rng;

use super::super::Run;
use super::super::event::Event;
use super::{Machine, Request};
use crate::controller::node_autoscaler::NOT_READY;
use crate::id::NodeId;
use crate::metric::Fact;
use crate::object::{Effect, LABEL_HOSTNAME, NodeClass, NodeSpec, Taint};
use crate::random::{Purpose, Stream, generator};
use crate::scheduler::event::ClusterEvent;
use crate::simulation::scenario::{FailureSetup, NodeGroupSetup, SpotNodeSetup};
use crate::units::{Price, SimTime, Span};

/// A machine that was asked for and has no Node yet.
#[derive(Debug)]
pub(super) struct Asked {
    group: usize,
    template: usize,
    since: SimTime,
    name: String,
    /// How long the Node will take to be ready.
    boots: Span,
}

impl Asked {
    pub(super) fn as_request(&self) -> Request {
        Request { group: self.group, template: self.template, since: self.since }
    }
}

impl<'a> Run<'a, '_> {
    /// Asks for a machine; the name of its Node, unless there is none to be had.
    pub(super) fn ask_for_node(&mut self, group: usize) -> Option<String> {
        let setup = self.scenario.node_autoscaler.as_ref()?;
        let scaling = self.node_scaling.as_mut()?;
        let own = &setup.groups[group];
        let pool = own.group.pool;
        let ordinal = scaling.ever[pool];
        scaling.ever[pool] += 1;
        let stream = Stream::of(pool as u32, ordinal);
        let draw = generator(self.seed, Purpose::NodeCreation, stream).next_u64();
        if u128::from(draw) < setup.provision.fails_below {
            scaling.autoscaler.scale_up_failed(group, self.now);
            let name = &own.group.name;
            let text = format!("Scale-up failed for group {name}: out of stock");
            self.status("FailedToScaleUpGroup", format_args!("{text}"));
            return None;
        }
        let mut draws = generator(self.seed, Purpose::NodeProvision, stream);
        let register = setup.provision.register.draw(&mut draws);
        let boots = setup.provision.ready.draw(&mut draws);
        let price = scaling.autoscaler.groups()[group].price;
        let template = scaling.made[group];
        scaling.made[group] += 1;
        let name = format!("{}-{}", setup.pools[pool].0, ordinal + 1);
        let node = self.cluster.reserve_node();
        let asked = Asked { group, template, since: self.now, name: name.clone(), boots };
        scaling.asked.insert(node, asked);
        let spec = own.group.template(template);
        self.tell(&Fact::NodeAdded {
            node,
            name: &name,
            class: NodeClass::Ecs,
            pool: &setup.pools[pool].0,
            instance_type: &own.instance_type,
            price,
            cpu: spec.allocatable.cpu,
            memory: spec.allocatable.memory,
        });
        self.spot_begins(node, own.spot.as_ref());
        self.at(self.now + register, Event::NodeRegisters(node));
        Some(name)
    }

    /// A machine has not come in time: it is released.
    pub(super) fn give_up_node(&mut self, node: NodeId) {
        let Some(scaling) = &mut self.node_scaling else { return };
        let Some(asked) = scaling.asked.remove(&node) else { return };
        let group = scaling.autoscaler.groups()[asked.group].name.clone();
        let most = scaling.autoscaler.config().max_node_provision_time;
        self.tell(&Fact::NodeRemoved { node });
        self.status(
            "ScaleUpTimedOut",
            format_args!("Nodes added to group {group} failed to register within {most}"),
        );
    }

    /// The kubelet of a new machine registers its Node.
    pub(in super::super) fn node_registers(&mut self, node: NodeId) {
        let Some(scaling) = &mut self.node_scaling else { return };
        let Some(Asked { group, template, name, boots, .. }) = scaling.asked.remove(&node) else { return };
        let spec = scaling.autoscaler.groups()[group].template(template);
        let spec = new_node(spec, &name);
        let machine = Machine { group, added: self.now, ready: false, since: self.now };
        scaling.machines.insert(node, machine);
        self.cluster.add_reserved_node(node, spec.clone());
        self.load_sees_node(node);
        self.lifecycle_sees(node);
        self.tell_of_node(node, "Starting", format_args!("Starting kubelet."));
        let message = format_args!("Node {name} event: Registered Node {name} in Controller");
        self.tell_of_node(node, "RegisteredNode", message);
        self.wake(&ClusterEvent::NodeAdd(&spec));
        self.expect_daemons_look();
        self.at(self.now + boots, Event::NodeBoots(node));
    }

    /// A new node is ready. One that has failed meanwhile is looked at again.
    pub(in super::super) fn node_boots(&mut self, node: NodeId) {
        if self.cluster.find_node(node).is_none() {
            return;
        }
        if self.is_down(node) {
            self.at(self.now + Span::from_secs(10), Event::NodeBoots(node));
            return;
        }
        let Some(scaling) = &mut self.node_scaling else { return };
        let Some(machine) = scaling.machines.get_mut(&node) else { return };
        (machine.ready, machine.since) = (true, self.now);
        scaling.autoscaler.node_came(machine.group);
        self.update_node(node, |spec| {
            spec.taints.retain(|taint| *taint != not_ready());
            spec.conditions.set("Ready", "True");
        });
        self.tell_status(node, "NodeReady");
        self.tell(&Fact::NodeReady { node });
        self.expect_daemons_look();
        self.expect_failure(node, self.now);
    }

    /// What becomes of a new node that is a spot instance.
    pub(in super::super) fn spot_of_group(&self, node: NodeId) -> Option<&'a SpotNodeSetup> {
        let group = self.node_scaling.as_ref()?.machines.get(&node)?.group;
        self.scenario.node_autoscaler.as_ref()?.groups[group].spot.as_ref()
    }

    /// When a Node was registered: most are there from the start.
    pub(in super::super) fn node_since(&self, node: NodeId) -> SimTime {
        let machine = self.node_scaling.as_ref().and_then(|scaling| scaling.machines.get(&node));
        machine.map_or(SimTime::ZERO, |machine| machine.added)
    }

    /// New nodes cost something else from now on, and those that were added before too.
    pub(in super::super) fn reprice_machines(&mut self, prices: &[(String, String, Price)]) {
        let Some(setup) = &self.scenario.node_autoscaler else { return };
        let Some(scaling) = &mut self.node_scaling else { return };
        let of_machines = scaling.machines.iter().map(|(&node, machine)| (node, machine.group));
        let of_asked = scaling.asked.iter().map(|(&node, asked)| (node, asked.group));
        let mut added: Vec<_> = of_machines.chain(of_asked).collect();
        // Those of the start have prices of their own.
        added.retain(|(node, _)| node.index() >= self.scenario.nodes.len());
        added.sort_unstable();
        let mut changed = Vec::new();
        for (pool, kind, price) in prices {
            let is_it =
                |one: &NodeGroupSetup| setup.pools[one.group.pool].0 == *pool && one.instance_type == *kind;
            let Some(group) = setup.groups.iter().position(is_it) else { continue };
            if scaling.autoscaler.groups()[group].price != *price {
                scaling.autoscaler.set_price(group, *price);
                changed
                    .extend(added.iter().filter(|(_, own)| *own == group).map(|(node, _)| (*node, *price)));
            }
        }
        for (node, price) in changed {
            self.tell(&Fact::NodePriced { node, price });
        }
    }

    /// How a new node fails.
    pub(in super::super) fn failures_of_group(&self, node: NodeId) -> Option<&'a FailureSetup> {
        let group = self.node_scaling.as_ref()?.machines.get(&node)?.group;
        self.scenario.node_autoscaler.as_ref()?.groups[group].failures.as_ref()
    }
}

fn not_ready() -> Taint {
    Taint { key: NOT_READY.to_owned(), value: String::new(), effect: Effect::NoSchedule }
}

/// The Node of a machine that has just started.
fn new_node(template: &NodeSpec, name: &str) -> NodeSpec {
    let mut spec = NodeSpec { name: name.to_owned(), ..template.clone() };
    if spec.labels.get(LABEL_HOSTNAME).is_some() {
        spec.labels.set(LABEL_HOSTNAME, name);
    }
    spec.taints.push(not_ready());
    spec.conditions.set("Ready", "False");
    spec
}
