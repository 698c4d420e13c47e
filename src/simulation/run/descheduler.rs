//! The descheduler: looks at the nodes every so often and has pods evicted through the eviction API.
//!
//! A round costs as many steps as pods stand on the nodes that it looks at, and filters are asked once for each kind of
//! pod; between rounds it costs nothing.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Run;
use super::disruption::{Budgets, has_empty_dir};
use super::event::Event;
use super::pod_state::Creator;
use crate::cluster::Node;
use crate::controller::descheduler::{
    AffinityType, Config, EVICT_ANNOTATION, Fits, Owner, Pod, Policy, Promises, Reached, Round, Suits, Usage,
    violates,
};
use crate::id::{ClassId, NodeId, PodId};
use crate::metric::Fact;
use crate::object::spread::WhenUnsatisfiable;
use crate::object::{NodeClass, PodSpec};

/// What is known in one round.
struct Look {
    round: Round,
    /// What the budgets allow, once anybody has asked.
    budgets: Option<Budgets>,
    /// The ready nodes that take pods of a class.
    takers: BTreeMap<ClassId, Vec<NodeId>>,
    /// The most that pods of a class give any ready node.
    best: BTreeMap<ClassId, i64>,
    promises: Promises,
    /// Classes of pods that keep each other away, of which one was sent away.
    apart: Vec<ClassId>,
}

impl Run<'_, '_> {
    /// The descheduler looks.
    pub(super) fn deschedule(&mut self) {
        let scenario = self.scenario;
        let Some(config) = &scenario.descheduler else { return };
        self.at(self.now + config.interval, Event::Deschedule);
        self.tell(&Fact::DeschedulerLooks);
        let mut look = Look {
            round: Round::new(config.limits),
            budgets: None,
            takers: BTreeMap::new(),
            best: BTreeMap::new(),
            promises: Promises::default(),
            apart: Vec::new(),
        };
        let is_looked_at = |node: &Node| match config.policy {
            Policy::VirtualNodesFirst => node.spec.class == NodeClass::Virtual,
            Policy::NodeAffinity { .. } => true,
        };
        let nodes: Vec<_> =
            self.cluster.nodes().filter(|node| is_ready(node) && is_looked_at(node)).collect();
        for node in nodes.into_iter().map(|node| node.id).collect::<Vec<_>>() {
            let mut pods = self.cluster.node(node).pods.clone();
            pods.sort_unstable();
            for pod in pods {
                match self.deschedule_pod(pod, node, config, &mut look) {
                    Err(Reached::Total(_)) => return,
                    Err(Reached::Node(_)) => break,
                    Err(Reached::Namespace(_)) | Ok(()) => {}
                }
            }
        }
    }

    /// Has a pod evicted if it is to go; the answer is a limit that keeps it where it is.
    fn deschedule_pod(
        &mut self,
        pod: PodId,
        node: NodeId,
        config: &Config,
        look: &mut Look,
    ) -> Result<(), Reached> {
        if self.living(pod).is_none() || config.protection.spares(&self.evictable(pod)) {
            return Ok(());
        }
        let room_on = match config.policy {
            Policy::VirtualNodesFirst => match self.room_on_ecs(pod, look) {
                Some(room) => Some(room),
                None => return Ok(()),
            },
            Policy::NodeAffinity { kind, node_fit } => {
                if !violates(kind, node_fit, self.suits(pod, node, kind, look)) {
                    return Ok(());
                }
                None
            }
        };
        let namespace = self.cluster.spec_of(pod).namespace.clone();
        if let Err(reached) = look.round.allows(node, &namespace) {
            if config.tells_failures {
                self.tell_failure(pod, node, &reached.to_string());
            }
            return Err(reached);
        }
        let mut budgets = look.budgets.take().unwrap_or_else(|| self.budgets_now());
        let answer = self.may_evict(pod, &mut budgets);
        look.budgets = Some(budgets);
        if let Err(refusal) = answer {
            self.tell(&Fact::DescheduleRefused { pod });
            if config.tells_failures {
                self.tell_failure(pod, node, &refusal.to_string());
            }
            return Ok(());
        }
        look.round.evicted(node, &namespace);
        if let Some(room) = room_on {
            look.promise(self.cluster.pod(pod).class, room, self.cluster.spec_of(pod));
        }
        self.evict_from(pod, node, config.policy.name(), room_on);
        Ok(())
    }

    fn evict_from(&mut self, pod: PodId, node: NodeId, strategy: &'static str, room_on: Option<NodeId>) {
        self.tell_evicted(pod);
        let name = self.cluster.node(node).name().to_owned();
        let message = format_args!("pod eviction from {name} node by sigs.k8s.io/descheduler");
        self.pod_event(pod, "Normal", strategy, message);
        self.tell(&Fact::PodDescheduled { pod, strategy, room_on });
        self.evict_and_replace(pod, None);
    }

    /// Told where the policy says so (`evictionFailureEventNotification`).
    fn tell_failure(&mut self, pod: PodId, node: NodeId, why: &str) {
        let name = self.cluster.node(node).name().to_owned();
        let message = format_args!("pod eviction from {name} node by sigs.k8s.io/descheduler failed: {why}");
        self.pod_event(pod, "Warning", "EvictionFailed", message);
    }

    fn evictable(&self, pod: PodId) -> Pod {
        let (state, spec) = (&self.pods[pod.index()], self.cluster.spec_of(pod));
        let owner = match state.creator {
            Creator::DaemonSet(_) => Owner::DaemonSet,
            Creator::Workload(workload) => {
                Owner::Other { pods: Some(self.workloads[workload.index()].pods.len() as u32) }
            }
            Creator::Job(_) => Owner::Other { pods: None },
            Creator::Manifest | Creator::Source(..) | Creator::Trace(..) if spec.owner.is_some() => {
                Owner::Other { pods: None }
            }
            Creator::Manifest | Creator::Source(..) | Creator::Trace(..) => Owner::None,
        };
        Pod {
            owner,
            priority: spec.priority,
            terminating: state.is_terminating(),
            has_empty_dir: has_empty_dir(spec),
            age: state.assigned.map(|assigned| self.now.since(assigned)),
            is_marked: spec.annotations.get(EVICT_ANNOTATION).is_some(),
        }
    }

    /// The ready nodes that take a pod.
    fn takers<'k>(&self, pod: PodId, look: &'k mut Look) -> &'k [NodeId] {
        match look.takers.entry(self.cluster.pod(pod).class) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let mut nodes = self.scheduler.feasible_nodes(&self.cluster, pod);
                nodes.retain(|&node| is_ready(self.cluster.node(node)));
                new.insert(nodes)
            }
        }
    }

    /// The first ECS node that takes a pod and has room that is not promised.
    fn room_on_ecs(&self, pod: PodId, look: &mut Look) -> Option<NodeId> {
        if look.apart.contains(&self.cluster.pod(pod).class) {
            return None;
        }
        let request = &self.cluster.spec_of(pod).requests.filter;
        let takers = self.takers(pod, look).to_vec();
        takers.into_iter().find(|&id| {
            let Node { spec, requested, pods, .. } = self.cluster.node(id);
            let usage = Usage { spec, requested, pods: pods.len() };
            spec.class == NodeClass::Ecs && look.promises.leave_room(id, usage, request)
        })
    }

    /// What a pod has to say to its node and to the others.
    fn suits(&self, pod: PodId, node: NodeId, kind: AffinityType, look: &mut Look) -> Suits {
        let spec = self.cluster.spec_of(pod);
        let affinity = &spec.node_affinity;
        let here = &self.cluster.node(node).spec;
        let (says_so, selects_here) = match kind {
            AffinityType::Required => {
                (affinity.required.is_some(), spec.selects_node(&here.name, &here.labels))
            }
            AffinityType::Preferred => (!affinity.preferred.is_empty(), true),
        };
        let nothing = Suits { says_so, selects_here, here: 0, best: 0, fits: Fits::Nowhere };
        if !says_so {
            return nothing;
        }
        let gives = |node: &Node| affinity.preference(node.name(), &node.spec.labels);
        let all = || self.cluster.nodes().filter(|node| is_ready(node));
        let best = *look
            .best
            .entry(self.cluster.pod(pod).class)
            .or_insert_with(|| all().map(gives).max().unwrap_or(0));
        let here = gives(self.cluster.node(node));
        // Its own node takes it, as far as it still selects it: what it requests it has there already.
        let fits = match self.takers(pod, look).iter().any(|&one| one != node) {
            true => Fits::Elsewhere,
            false if selects_here => Fits::Here,
            false => Fits::Nowhere,
        };
        Suits { here, best, fits, ..nothing }
    }
}

impl Look {
    /// A pod of a class was sent away because a node has room for it.
    fn promise(&mut self, class: ClassId, room: NodeId, pod: &PodSpec) {
        self.promises.promise(room, &pod.requests.placed);
        let keeps_apart = !pod.host_ports.is_empty()
            || !pod.pod_anti_affinity.required.is_empty()
            || pod.spread.iter().any(|one| one.when_unsatisfiable == WhenUnsatisfiable::DoNotSchedule);
        if keeps_apart {
            // Where the second one fits is known when the first has its node.
            self.apart.push(class);
        }
    }
}

/// Whether the descheduler looks at a node at all (pkg/descheduler/node/node.go `IsReady`).
fn is_ready(node: &Node) -> bool {
    node.spec.conditions.get("Ready").is_none_or(|status| status == "True")
}
