//! The platform changes: stock comes and goes, quotas and prices are set anew.

use super::Run;
use super::event::Event;
use crate::capacity::eci::{Stock, ZoneId};
use crate::id::PodId;
use crate::metric::Fact;
use crate::simulation::action::NewPrices;
use crate::units::{MilliCpu, SimTime};

impl Run<'_, '_> {
    fn zone_named(&self, name: &str) -> ZoneId {
        let zones = &self.scenario.eci.platform.zones;
        let place = zones.iter().position(|zone| zone.name == name);
        ZoneId(place.expect("a zone that changes was looked up"))
    }

    pub(super) fn set_stock(&mut self, zone: &str, spot: bool, stock: &Stock) {
        let again = self.platform.set_stock(self.zone_named(zone), spot, stock, self.now);
        self.look_for_room(again);
    }

    pub(super) fn set_quota(&mut self, zone: Option<&str>, quota: Option<MilliCpu>) {
        let zone = zone.map(|zone| self.zone_named(zone));
        let again = self.platform.set_quota(zone, quota, self.now);
        self.look_for_room(again);
    }

    /// Those who wait for room look again when that may help.
    pub(super) fn look_for_room(&mut self, again: Vec<(PodId, SimTime)>) {
        for (waiting, looks) in again {
            self.at(looks, Event::InstanceRequested(waiting));
        }
    }
}

impl<'a> Run<'a, '_> {
    /// Other prices hold from now on, for nodes and instances that are there too. An instance whose pod does not bid so
    /// much is taken back.
    pub(super) fn set_prices(&mut self, new: &'a NewPrices) {
        let now = |run: &Self| run.prices.cluster_fee.as_ref().map(|fee| fee.value);
        let before = now(self);
        self.prices = &new.list;
        if let Some(price) = now(self).filter(|price| Some(*price) != before) {
            self.tell(&Fact::ClusterBilled { price });
        }
        for (name, price) in &new.nodes {
            if let Some(node) = self.cluster.node_named(name).map(|node| node.id) {
                self.tell(&Fact::NodePriced { node, price: *price });
            }
        }
        self.reprice_machines(&new.machines);
        self.reprice_groups(&new.machines);
        for change in self.instances.reprice(self.prices) {
            if change.is_billed {
                let (pod, price, spec) = (change.pod, change.price, change.spec);
                self.tell(&Fact::PodBilled { pod, price, spec: format_args!("{spec}") });
            }
            if let Some(kept_until) = change.outbid {
                self.at(kept_until.max(self.now), Event::ReclaimNotice(change.pod));
            }
        }
    }
}
