//! What the autoscaler asks for, and what it hears of the nodes that come of it (`run/nodes.rs`).

use rand::Rng;

use super::super::Run;
use super::super::nodes::Times;
use super::{Machine, Request};
use crate::id::NodeId;
use crate::random::{Purpose, Stream, generator};
use crate::simulation::action::MachinePrice;

impl Run<'_, '_> {
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
        let template = scaling.made[group];
        let machine = &own.machines[template % own.machines.len()];
        let is_refused = u128::from(draw) < setup.provision.fails_below;
        if is_refused || !self.take_from_stock(&machine.instance_type) {
            self.request_fails(group, &own.group.name);
            return None;
        }
        self.node_scaling.as_mut()?.made[group] += 1;
        let mut draws = generator(self.seed, Purpose::NodeProvision, stream);
        let register = setup.provision.register.draw(&mut draws);
        let ready = setup.provision.ready.draw(&mut draws);
        let (node, name) = self.machine_created(machine, Times { register, ready });
        let request = Request { group, template, since: self.now };
        self.node_scaling.as_mut()?.asked.insert(node, request);
        Some(name)
    }

    /// There is no machine to be had.
    fn request_fails(&mut self, group: usize, name: &str) {
        if let Some(scaling) = &mut self.node_scaling {
            scaling.autoscaler.scale_up_failed(group, self.now);
        }
        self.status("FailedToScaleUpGroup", format_args!("Scale-up failed for group {name}: out of stock"));
    }

    /// A machine has not come in time: it is released.
    pub(super) fn give_up_node(&mut self, node: NodeId) {
        let Some(scaling) = &mut self.node_scaling else { return };
        let Some(request) = scaling.asked.remove(&node) else { return };
        let group = scaling.autoscaler.groups()[request.group].name.clone();
        let most = scaling.autoscaler.config().max_node_provision_time;
        self.machine_released(node);
        self.status(
            "ScaleUpTimedOut",
            format_args!("Nodes added to group {group} failed to register within {most}"),
        );
    }

    /// The Node of a machine is there; it is the autoscaler's if that asked for it.
    pub(in super::super) fn autoscaler_sees_registered(&mut self, node: NodeId) {
        let Some(scaling) = &mut self.node_scaling else { return };
        let Some(Request { group, .. }) = scaling.asked.remove(&node) else { return };
        scaling.machines.insert(node, Machine { group, added: Some(self.now) });
    }

    /// A new node is ready for the first time.
    pub(in super::super) fn autoscaler_sees_ready(&mut self, node: NodeId) {
        let Some(scaling) = &mut self.node_scaling else { return };
        if let Some(machine) = scaling.machines.get(&node) {
            scaling.autoscaler.node_came(machine.group);
        }
    }

    /// The autoscaler reckons with other prices from now on.
    pub(in super::super) fn reprice_groups(&mut self, prices: &[MachinePrice]) {
        let Some(setup) = &self.scenario.node_autoscaler else { return };
        let Some(scaling) = &mut self.node_scaling else { return };
        for MachinePrice { pool, instance_type, price } in prices {
            if let Some(group) = setup.groups.iter().position(|one| one.is_of(pool, instance_type)) {
                scaling.autoscaler.set_price(group, *price);
            }
        }
    }
}
