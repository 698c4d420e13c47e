//! The node lifecycle controller: what becomes of nodes whose kubelet says nothing any more.
//!
//! It looks every five seconds. Only nodes that are silent, or were and are to be forgiven for it, cost it anything.
//!
//! Source: pkg/controller/nodelifecycle/node_lifecycle_controller.go and scheduler/rate_limited_queue.go at v1.34.1.

mod zone;

use std::collections::BTreeMap;

use crate::id::NodeId;
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

use zone::Zone;
pub use zone::ZoneState;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "node-monitor-grace",
        statement: "A node becomes NotReady, its condition Ready Unknown, its taint unreachable:NoSchedule there and its \
                    ready pods not ready, at the first look of the controller, one every 5 s, that is 50 s or more after \
                    its kubelet has fallen silent.",
        source: "pkg/controller/nodelifecycle/node_lifecycle_controller.go `tryUpdateNodeHealth`; \
                 pkg/controller/nodelifecycle/config/v1alpha1/defaults.go (50 s since 1.32); that the kubelet's last sign \
                 of life is the moment of its failure is an estimate, it renews its lease every 10 s",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "node-no-execute",
        statement: "At the look after that the node joins its zone's queue for the taint unreachable:NoExecute; a queue \
                    moves on by one node every 10 s.",
        source: "pkg/controller/nodelifecycle/node_lifecycle_controller.go `processTaintBaseEviction`, \
                 `doNoExecuteTaintingPass`; --node-eviction-rate 0.1 with a burst of 1",
        confidence: Confidence::Source,
    },
    Rule {
        id: "node-zone-states",
        statement: "Where more than two nodes of a zone and 55 % of them are not ready, its queue moves on every 100 s if \
                    the zone has more than 50 nodes, and else stops; a zone without any ready node has the usual rate.",
        source: "pkg/controller/nodelifecycle/node_lifecycle_controller.go `ComputeZoneState`, `setLimiterInZone`, \
                 `ReducedQPSFunc`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "node-all-zones",
        statement: "While no zone has a ready node, NoExecute taints are taken away and nobody is evicted; when that is \
                    over, nodes that have just fallen silent get the time until they count as unreachable anew.",
        source: "pkg/controller/nodelifecycle/node_lifecycle_controller.go `handleDisruption`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "node-returns",
        statement: "A kubelet that returns makes its node Ready and takes unreachable:NoSchedule away at once; \
                    unreachable:NoExecute goes at the controller's next look.",
        source: "pkg/controller/nodelifecycle/node_lifecycle_controller.go `doNoScheduleTaintingPass`, \
                 `processTaintBaseEviction`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "node-failure",
        statement: "A node that fails stops all at once: its pods serve nothing, get their share of requests until they \
                    count as not ready, and have no metrics; a pod that is told to end stays Terminating, and keeps what it \
                    requests, until the node is back or gone.",
        source: "pkg/kubelet/status/status_manager.go: the kubelet confirms deletions; that a failure is sudden and whole is \
                 this simulator's own definition",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "node-restart",
        statement: "When the kubelet is back, pods that were told to end are gone at once; the others start anew from images \
                    that are there, or have failed where restartPolicy is Never and their containers ran.",
        source: "pkg/kubelet/kuberuntime/kuberuntime_manager.go `computePodActions`, which finds their sandboxes gone",
        confidence: Confidence::Source,
    },
];

/// `--node-monitor-period`.
pub const MONITOR_PERIOD: Span = Span::from_secs(5);
/// `--node-monitor-grace-period`.
pub const MONITOR_GRACE: Span = Span::from_secs(50);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A node is not ready any more, and neither are its pods.
    NotReady(NodeId),
    /// It gets the taint that makes its pods leave.
    Evict(NodeId),
    /// It loses that taint.
    Spare(NodeId),
}

/// What the controller holds of a node that is, or was, silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    /// It says nothing since then; the controller believes in it still, and takes an old taint away.
    Silent { since: SimTime, tainted: bool },
    /// It is known not to answer.
    Unknown,
    /// Likewise, and it waits for its taint or has it.
    Given { tainted: bool },
    /// It answers again.
    Back { tainted: bool },
}

/// The state of the controller.
#[derive(Clone, Debug, Default)]
pub struct NodeLifecycle {
    zones: BTreeMap<String, Zone>,
    /// Nodes that are silent or were, with their zones.
    watched: BTreeMap<NodeId, (String, Health)>,
    /// Whether no zone had a ready node at the last look.
    all_down: bool,
}

impl NodeLifecycle {
    /// When a node that fails at `failed` is known not to answer, at the earliest.
    pub fn known_after(failed: SimTime) -> SimTime {
        (failed + MONITOR_GRACE).round_up_to(MONITOR_PERIOD)
    }

    /// A node that is ready is part of a zone.
    pub fn node_added(&mut self, zone: &str) {
        self.zones.entry(zone.to_owned()).or_default().size += 1;
    }

    /// A node is gone.
    pub fn node_removed(&mut self, node: NodeId, zone: &str) {
        let health = self.watched.remove(&node).map(|(_, health)| health);
        let Some(place) = self.zones.get_mut(zone) else { return };
        place.size -= 1;
        place.unready -= usize::from(health.is_some_and(Health::is_unready));
        place.queue.retain(|&other| other != node);
        if place.size == 0 {
            self.zones.remove(zone);
        }
    }

    /// A node is of another zone from now on.
    pub fn node_moved(&mut self, node: NodeId, old: &str, new: &str) {
        let watched = self.watched.get(&node).map(|(_, health)| *health);
        let waits = self.zones.get(old).is_some_and(|zone| zone.queue.contains(&node));
        self.node_removed(node, old);
        self.node_added(new);
        let Some(health) = watched else { return };
        let zone = self.zones.get_mut(new).expect("it was just added to");
        zone.unready += usize::from(health.is_unready());
        zone.queue.extend(waits.then_some(node));
        self.watched.insert(node, (new.to_owned(), health));
    }

    /// A node's kubelet falls silent.
    pub fn falls_silent(&mut self, node: NodeId, zone: &str, now: SimTime) {
        // One that was back, and is gone before the controller has looked, has yet to lose its taint.
        let tainted = matches!(self.watched.get(&node), Some((_, Health::Back { tainted: true })));
        self.watched.insert(node, (zone.to_owned(), Health::Silent { since: now, tainted }));
    }

    /// It answers again. Whether its node was not ready.
    pub fn answers(&mut self, node: NodeId) -> bool {
        let Some((zone, health)) = self.watched.get_mut(&node) else { return false };
        let was_unready = health.is_unready();
        let tainted =
            matches!(health, Health::Given { tainted: true } | Health::Silent { tainted: true, .. });
        *health = Health::Back { tainted };
        if was_unready {
            self.zones.get_mut(zone).expect("a watched node is of a zone").unready -= 1;
        }
        was_unready
    }

    /// The controller looks, or the queue of a zone may move on. What is to be done, in this order.
    pub fn look(&mut self, now: SimTime) -> Vec<Action> {
        let mut actions = Vec::new();
        if now.0.is_multiple_of(MONITOR_PERIOD.0) {
            self.monitor(now, &mut actions);
            self.handle_disruption(now, &mut actions);
        }
        self.move_queues(now, &mut actions);
        actions
    }

    /// When to look again after `now`; `None` if there is nothing to see.
    pub fn next_look(&self, now: SimTime) -> Option<SimTime> {
        let tick =
            |at: SimTime| at.round_up_to(MONITOR_PERIOD).max((now + Span(1)).round_up_to(MONITOR_PERIOD));
        let by_health = self.watched.values().filter_map(|(_, health)| match *health {
            Health::Silent { since, tainted: false } => Some(tick(since + MONITOR_GRACE)),
            Health::Silent { .. } | Health::Unknown | Health::Back { .. } => Some(tick(now)),
            Health::Given { .. } => None,
        });
        let by_queue = self.zones.values().filter_map(|zone| zone.moves_at(now));
        let by_state = self.zones.values().any(Zone::is_to_change).then(|| tick(now));
        by_health.chain(by_queue).chain(by_state).min()
    }

    /// One pass over the nodes (`monitorNodeHealth`).
    fn monitor(&mut self, now: SimTime, actions: &mut Vec<Action>) {
        for (&node, (zone, health)) in &mut self.watched {
            let place = self.zones.get_mut(zone).expect("a watched node is of a zone");
            match *health {
                Health::Silent { since, tainted: true } => {
                    *health = Health::Silent { since, tainted: false };
                    actions.push(Action::Spare(node));
                }
                Health::Silent { since, .. } if now.since(since) >= MONITOR_GRACE => {
                    *health = Health::Unknown;
                    place.unready += 1;
                    actions.push(Action::NotReady(node));
                }
                Health::Unknown => {
                    *health = Health::Given { tainted: false };
                    place.queue.push_back(node);
                }
                Health::Back { tainted } => {
                    place.queue.retain(|&other| other != node);
                    if tainted {
                        actions.push(Action::Spare(node));
                    }
                }
                Health::Silent { .. } | Health::Given { .. } => {}
            }
        }
        self.watched.retain(|_, (_, health)| !matches!(health, Health::Back { .. }));
    }

    /// Zones may be in another state now (`handleDisruption`).
    fn handle_disruption(&mut self, now: SimTime, actions: &mut Vec<Action>) {
        let is_down = |zone: &Zone| zone.present_state() == ZoneState::Full;
        let all_down = !self.zones.is_empty() && self.zones.values().all(is_down);
        let was_all_down = std::mem::replace(&mut self.all_down, all_down);
        match (was_all_down, all_down) {
            (true, true) => {}
            (false, true) => self.spare_all(now, actions),
            (true, false) => {
                for (_, health) in self.watched.values_mut() {
                    if let Health::Silent { since, .. } = health {
                        *since = now;
                    }
                }
                self.zones.values_mut().for_each(|zone| zone.enter_state(now));
            }
            (false, false) => {
                let changed = self.zones.values_mut().filter(|zone| zone.is_to_change());
                changed.for_each(|zone| zone.enter_state(now));
            }
        }
    }

    /// No node is ready: it may be the controller that is cut off.
    fn spare_all(&mut self, now: SimTime, actions: &mut Vec<Action>) {
        for (&node, (_, health)) in &mut self.watched {
            if let Health::Given { tainted } = *health {
                *health = Health::Unknown;
                if tainted {
                    actions.push(Action::Spare(node));
                }
            }
        }
        self.zones.values_mut().for_each(|zone| zone.stop(now));
    }

    /// Nodes whose turn it is get their taint (`doNoExecuteTaintingPass`).
    fn move_queues(&mut self, now: SimTime, actions: &mut Vec<Action>) {
        for zone in self.zones.values_mut() {
            while let Some(node) = zone.next_in_queue(now) {
                if let Some((_, Health::Given { tainted })) = self.watched.get_mut(&node) {
                    *tainted = true;
                    actions.push(Action::Evict(node));
                }
            }
        }
    }
}

impl Health {
    /// Whether its node is not ready.
    fn is_unready(self) -> bool {
        matches!(self, Self::Unknown | Self::Given { .. })
    }
}

#[cfg(test)]
mod tests;
