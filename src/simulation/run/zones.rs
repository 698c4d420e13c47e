//! Zones that fail as a whole: their ECS nodes, their virtual node, and the instances of ECI and ACS.

use super::Run;
use super::event::Event;
use crate::capacity::eci::ZoneId;
use crate::id::{NodeId, PodId};
use crate::metric::{Fact, Outcome};
use crate::object::{LABEL_ZONE, NodeClass};
use crate::units::Span;

impl Run<'_, '_> {
    /// Everything in a zone fails.
    pub(super) fn fail_zone(&mut self, name: &str, lasts: Option<Span>) {
        let zones = &self.scenario.eci.platform.zones;
        let zone = zones.iter().position(|zone| zone.name == name).map(ZoneId);
        for node in self.nodes_of_zone(name, zone) {
            self.node_fails(node);
            if let Some(lasts) = lasts {
                self.at(self.now + lasts, Event::NodeReturns(node));
            }
        }
        let Some(zone) = zone else { return };
        if let Some(lasts) = lasts {
            self.at(self.now + lasts, Event::ZoneReturns(zone.0 as u32));
        }
        self.platform.close(zone);
        for pod in self.platform.instances_in(zone) {
            self.lose_instance(pod, name);
        }
    }

    /// The ECS nodes of a zone, and the virtual nodes that stand for it.
    fn nodes_of_zone(&self, name: &str, zone: Option<ZoneId>) -> Vec<NodeId> {
        let is_there = |node: &&crate::cluster::Node| match node.spec.class {
            NodeClass::Ecs => node.spec.labels.get(LABEL_ZONE) == Some(name),
            NodeClass::Virtual => zone.is_some() && self.zone_of(node.id) == zone,
        };
        self.cluster.nodes().filter(is_there).map(|node| node.id).collect()
    }

    fn lose_instance(&mut self, pod: PodId, zone: &str) {
        // The end of one pod may have been that of others.
        let Some(terminating) = self.living(pod).map(|state| state.terminating) else { return };
        if let Some(outcome) = terminating {
            self.end(pod, outcome);
            return;
        }
        let message = format_args!("The instance is lost: zone {zone} is not available");
        self.pod_event(pod, "Warning", "ProviderFailed", message);
        self.tell(&Fact::PodLost { pod });
        self.end_and_replace(pod, Outcome::Lost);
    }

    /// A zone is back: whoever waits for an instance looks again.
    pub(super) fn zone_returns(&mut self, zone: u32) {
        for (pod, looks) in self.platform.open(ZoneId(zone as usize), self.now) {
            self.at(looks, Event::InstanceRequested(pod));
        }
    }
}
