//! Pods that go to ECI by label or eci-profile, and what the profile adds to pods on virtual nodes.

use super::Run;
use super::event::Event;
use super::instances::Order;
use crate::admission::eci_routing::{Route, annotated, zones};
use crate::capacity::eci::ZoneId;
use crate::id::{NodeId, PodId};
use crate::metric::{Fact, Overflow, Sender};
use crate::object::PodSpec;
use crate::scheduler::Rejectors;
use crate::scheduler::event::ClusterEvent;

impl Run<'_, '_> {
    /// Binds a new pod that goes to ECI, without a scheduler. Without a virtual node it waits for ever.
    pub(super) fn send_to_eci(&mut self, pod: PodId, route: Route) {
        self.pods[pod.index()].sender = Some(match route {
            Route::PodLabel => Sender::PodLabel,
            Route::NamespaceLabel => Sender::NamespaceLabel,
            Route::Profile => Sender::Profile,
        });
        let Some(node) = self.eci_node(pod) else {
            self.foreign_pods += 1;
            let message = "the pod is to run on ECI, and the cluster has no virtual node";
            self.pod_event(pod, "Warning", "FailedScheduling", format_args!("{message}"));
            return;
        };
        self.trace.words([u64::from(pod.0), u64::from(node.0)]);
        self.bind_unscheduled(pod, node, Some(Overflow::Directed));
    }

    /// The virtual node of the first zone that has room for a pod, or of the first of all if none has. A pod that can
    /// get no instance anywhere goes to the first too, where it is told why.
    fn eci_node(&mut self, pod: PodId) -> Option<NodeId> {
        let (spec, class) = (self.cluster.spec_of(pod).clone(), self.cluster.pod(pod).class);
        let order = self.instances.order(class, &spec, self.prices, self.scenario).ok();
        let nodes = self.routed_nodes(pod, order.as_deref().map_or(&[], |order| &order.wishes.vswitches));
        let with_room = order.and_then(|order| {
            let zones: Vec<_> = nodes.iter().filter_map(|&node| self.zone_of(node)).collect();
            let zone = self.platform.room(&order.tries, &zones).ok()?.zone;
            nodes.iter().copied().find(|&node| self.zone_of(node) == Some(zone))
        });
        with_room.or_else(|| nodes.first().copied())
    }

    /// The virtual nodes that are open to a pod that goes to ECI by label or profile, in the order in which they are
    /// tried; `vswitches` are those that it names.
    fn routed_nodes(&self, pod: PodId, vswitches: &[String]) -> Vec<NodeId> {
        let of_switch = |name: &String| {
            let zone = self.scenario.eci.vswitches.get(name).copied();
            let stands_for = |node: NodeId| zone.is_some() && self.zone_of(node) == zone;
            self.cluster.nodes().map(|node| node.id).find(|&node| stands_for(node))
        };
        let named: Vec<_> = vswitches.iter().filter_map(of_switch).collect();
        let draws = self.cluster.pod(pod).draws;
        zones(self.cluster.spec_of(pod), &self.cluster, &named, self.seed, draws)
    }

    /// The zone that a virtual node stands for.
    pub(super) fn zone_of(&self, node: NodeId) -> Option<ZoneId> {
        self.scenario.eci.zones.get(self.cluster.node(node).name()).copied()
    }

    /// The zones that are open to the instance of a pod that went to ECI by label or profile: that of its node, and then
    /// the others in the order in which they are tried.
    pub(super) fn routed_zones(&self, pod: PodId, home: ZoneId, vswitches: &[String]) -> Vec<ZoneId> {
        let nodes = self.routed_nodes(pod, vswitches);
        let others = nodes.iter().filter_map(|&node| self.zone_of(node)).filter(|&zone| zone != home);
        std::iter::once(home).chain(others).collect()
    }

    /// A pod that went to ECI by label or profile has its instance in `zone`: its node is the one that stands for it.
    pub(super) fn follow_instance(&mut self, pod: PodId, order: &Order, zone: ZoneId) {
        let node = self.cluster.pod(pod).node.expect("a pod that has an instance is bound");
        if self.pods[pod.index()].sender.is_none() || self.zone_of(node) == Some(zone) {
            return;
        }
        let nodes = self.routed_nodes(pod, &order.wishes.vswitches);
        let there = nodes.into_iter().find(|&node| self.zone_of(node) == Some(zone));
        let there = there.expect("an instance is created in a zone of one of its pod's nodes");
        self.trace.words([u64::from(pod.0), u64::from(there.0)]);
        let spec = self.cluster.spec_of(pod).clone();
        self.cluster.rebind(pod, there);
        self.tell(&Fact::PodMoved { pod, node: there });
        self.wake(&ClusterEvent::PodDelete(&spec));
        self.wake(&ClusterEvent::PodAdd(&spec));
    }

    /// Adds to a pod that was bound to a virtual node what the eci-profile has for it.
    pub(super) fn annotate_on_eci(&mut self, pod: PodId) {
        if let Some(spec) = annotated(self.cluster.spec_of(pod), &self.cluster) {
            self.rewrite(pod, spec);
        }
    }

    /// Writes to a pod what plugins have to write before it is bound.
    pub(super) fn write_before_binding(&mut self, pod: PodId, node: NodeId) {
        if let Some(spec) = self.scheduler.written(&self.cluster, pod, node) {
            self.rewrite(pod, spec);
        }
    }

    /// Makes a pod what `spec` says.
    pub(super) fn rewrite(&mut self, pod: PodId, spec: PodSpec) {
        let old = self.cluster.spec_of(pod).clone();
        let class = self.cluster.intern(spec);
        self.cluster.reclassify(pod, class);
        self.load_sees_class(pod, &old);
    }

    /// Has a rejected pod tried again when the wait is over that a plugin has imposed on it.
    pub(super) fn retry_in_time(&mut self, pod: PodId, rejectors: &Rejectors) {
        if let Some(at) = self.scheduler.retry_at(&self.cluster, pod, rejectors) {
            self.at(at, Event::PodDue(pod));
        }
    }

    /// The wait of a pod is over; one that has a node by now, or is gone, finds nothing to do.
    pub(super) fn pod_due(&mut self, pod: PodId) {
        self.queue.activate(pod);
        self.queue_changed();
    }
}
