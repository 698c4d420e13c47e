//! Nodes that fail and return, by the timeline or by law: what their kubelets no longer do, and what the node lifecycle
//! controller makes of it.
//!
//! An event of a pod that its kubelet would bring about does not happen while its node is down. When the node is back,
//! what was in the calendar before for its pods does not happen either: the kubelet starts them anew.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::Run;
use super::event::Event;
use super::pod_state::{Creator, Work};
use crate::admission::default_tolerations::UNREACHABLE;
use crate::controller::node_lifecycle::{Action, NodeLifecycle};
use crate::controller::pod_gc;
use crate::engine::Scheduled;
use crate::id::{NodeId, PodId};
use crate::metric::{Fact, Outcome};
use crate::object::{Effect, Labels, NodeClass, NodeSpec, Taint};
use crate::random::{Purpose, Stream, generator};
use crate::simulation::scenario::FailureSetup;
use crate::units::{SimTime, Span};

/// The conditions that nobody knows any more when a kubelet is silent.
const CONDITIONS: [&str; 4] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/// The nodes that are down, and what came of earlier failures.
#[derive(Debug, Default)]
pub(super) struct Failures {
    lifecycle: NodeLifecycle,
    down: BTreeMap<NodeId, Down>,
    /// Pods that were on a node when it returned, each with the number of the last event that was scheduled before.
    revived: FxHashMap<PodId, u64>,
    /// When the controller looks next, if that is in the calendar.
    next_look: Option<SimTime>,
    /// When DaemonSets last had reason to look because a node had returned.
    daemons_look: Option<SimTime>,
    /// How often a node has failed by law.
    by_law: BTreeMap<NodeId, u32>,
    /// The node that is being deleted.
    leaving: Option<NodeId>,
    /// Whether any node may fail, so that the controller knows them all.
    may_fail: bool,
}

/// A node that is down.
#[derive(Debug)]
struct Down {
    since: SimTime,
    /// For how many reasons: it returns when none is left.
    causes: u32,
    /// What it said of itself.
    conditions: Labels,
}

impl Failures {
    /// Whether no node is down and nothing is left of earlier failures.
    pub(super) fn is_quiet(&self) -> bool {
        self.down.is_empty() && self.revived.is_empty()
    }

    /// Whether a node is being deleted.
    pub(super) fn is_leaving(&self, node: NodeId) -> bool {
        self.leaving == Some(node)
    }

    /// A pod is gone.
    pub(super) fn forget(&mut self, pod: PodId) {
        self.revived.remove(&pod);
    }
}

fn unreachable(effect: Effect) -> Taint {
    Taint { key: UNREACHABLE.to_owned(), value: String::new(), effect }
}

impl<'a> Run<'a, '_> {
    /// Puts the first failures into the calendar, and has the controller count the nodes if any may fail.
    pub(super) fn expect_failures(&mut self) {
        let scenario = self.scenario;
        let groups = scenario.node_autoscaler.iter().flat_map(|setup| &setup.groups);
        let mut setups = scenario.nodes.iter().chain(groups.flat_map(|group| &group.machines));
        let by_law = setups.any(|node| node.failures.is_some() || node.may_be_taken_back());
        if !by_law && !scenario.timeline.iter().any(|timed| timed.action.is_failure()) {
            return;
        }
        self.failures.may_fail = true;
        for node in self.cluster.nodes() {
            self.failures.lifecycle.node_added(&node.spec.zone_key());
        }
        for (node, setup) in (0..).map(NodeId).zip(&scenario.nodes) {
            if setup.failures.is_some() {
                self.expect_failure(node, SimTime::ZERO);
            }
        }
    }

    /// A new node is there: the controller counts it if any may fail.
    pub(super) fn lifecycle_sees(&mut self, node: NodeId) {
        if self.failures.may_fail {
            self.failures.lifecycle.node_added(&self.cluster.node(node).spec.zone_key());
        }
    }

    /// Whether a node is down.
    pub(super) fn is_down(&self, node: NodeId) -> bool {
        self.failures.down.contains_key(&node)
    }

    /// A node said `old` of itself, and may say otherwise now.
    pub(super) fn zone_may_change(&mut self, node: NodeId, old: &NodeSpec) {
        if !self.failures.may_fail {
            return;
        }
        let (old, new) = (old.zone_key(), self.cluster.node(node).spec.zone_key());
        if old != new {
            self.failures.lifecycle.node_moved(node, &old, &new);
            self.expect_look();
        }
    }

    fn failure_law(&self, node: NodeId) -> Option<&'a FailureSetup> {
        self.setup_of(node).and_then(|setup| setup.failures.as_ref())
    }

    /// Draws when a node that runs since `since` fails.
    pub(super) fn expect_failure(&mut self, node: NodeId, since: SimTime) {
        let Some(law) = self.failure_law(node) else { return };
        let round = self.failures.by_law.get(&node).copied().unwrap_or(0);
        let stream = Stream::of(0, node.0).round(round);
        let runs = law.every.draw(&mut generator(self.seed, Purpose::NodeFailure, stream));
        self.at(since + runs, Event::NodeFails(node));
    }

    /// A node fails by law, and is repaired by law.
    pub(super) fn fails_by_law(&mut self, node: NodeId) {
        let Some(law) = self.failure_law(node) else { return };
        if self.cluster.find_node(node).is_none() {
            return;
        }
        let round = self.failures.by_law.entry(node).or_insert(0);
        let stream = Stream::of(0, node.0).round(*round);
        *round += 1;
        let repair = law.repair.draw(&mut generator(self.seed, Purpose::NodeRepair, stream));
        self.node_fails(node);
        self.at(self.now + repair, Event::NodeReturns(node));
        self.expect_failure(node, self.now + repair);
    }

    /// A user has a node fail.
    pub(super) fn fail_node(&mut self, name: &str, lasts: Option<Span>, lost: bool) {
        let Some(node) = self.node_or_refusal(name) else { return };
        if lost {
            self.lose_node(node);
            return;
        }
        self.node_fails(node);
        if let Some(lasts) = lasts {
            self.at(self.now + lasts, Event::NodeReturns(node));
        }
    }

    /// The machine of a node is gone for good.
    pub(super) fn lose_node(&mut self, node: NodeId) {
        self.node_fails(node);
        self.tell(&Fact::NodeReleased { node });
        let known = NodeLifecycle::known_after(self.now);
        self.at(pod_gc::collected_at(known), Event::NodeDeleted(node));
    }

    /// A node fails, for one reason more.
    pub(super) fn node_fails(&mut self, node: NodeId) {
        if let Some(down) = self.failures.down.get_mut(&node) {
            down.causes += 1;
            return;
        }
        let spec = &self.cluster.node(node).spec;
        let (zone, conditions) = (spec.zone_key(), spec.conditions.clone());
        let is_ecs = spec.class == NodeClass::Ecs;
        self.failures.down.insert(node, Down { since: self.now, causes: 1, conditions });
        self.failures.lifecycle.falls_silent(node, &zone, self.now);
        self.tell(&Fact::NodeFailed { node });
        if is_ecs {
            self.settle_load();
            self.images.lose_pulls(node, self.now);
            for pod in self.pods_of_node(node) {
                self.crash(pod);
            }
        }
        self.expect_look();
    }

    /// The pods of a node in order of creation.
    fn pods_of_node(&self, node: NodeId) -> Vec<PodId> {
        let mut pods = self.cluster.node(node).pods.clone();
        pods.sort_unstable();
        pods
    }

    /// A pod's containers are gone with their node, and nobody knows yet.
    fn crash(&mut self, pod: PodId) {
        if let Some(seat) = self.pods[pod.index()].seat {
            self.dies_in_service(seat);
        }
        if let Some(meter) = self.pods[pod.index()].meter.take() {
            self.pod_metrics.remove(meter);
        }
        self.upgrades.forget(pod);
    }

    /// Whether nobody is there who could start or end a pod's containers.
    pub(super) fn has_no_kubelet(&self, pod: PodId) -> bool {
        let node = self.cluster.pod(pod).node;
        node.is_some_and(|node| self.is_down_machine(node))
    }

    fn is_down_machine(&self, node: NodeId) -> bool {
        self.failures.down.contains_key(&node) && self.cluster.node(node).spec.class == NodeClass::Ecs
    }

    /// Whether an event does not happen, because of a failure since it was scheduled.
    pub(super) fn is_void(&self, next: &Scheduled<Event>) -> bool {
        if let Event::NodeImages(node) = next.event {
            return self.failures.down.contains_key(&node);
        }
        let Some(pod) = next.event.of_kubelet() else { return false };
        let is_old = self.failures.revived.get(&pod).is_some_and(|&last| next.number() <= last);
        is_old || self.cluster.find_pod(pod).is_some() && self.has_no_kubelet(pod)
    }

    /// One reason less for a node to be down.
    pub(super) fn node_returns(&mut self, node: NodeId) {
        let Some(down) = self.failures.down.get_mut(&node) else { return };
        down.causes -= 1;
        if down.causes > 0 {
            return;
        }
        let Down { since, conditions, .. } = self.failures.down.remove(&node).expect("it was just found");
        self.tell(&Fact::NodeRecovered { node });
        let is_ecs = self.cluster.node(node).spec.class == NodeClass::Ecs;
        if is_ecs {
            self.tell_of_node(node, "Starting", format_args!("Starting kubelet."));
        }
        let is_ready = self.is_ready_on_return(node);
        if self.failures.lifecycle.answers(node) {
            let taint = unreachable(Effect::NoSchedule);
            self.update_node(node, |spec| {
                spec.conditions = conditions;
                spec.taints.retain(|one| *one != taint);
            });
            if is_ready {
                self.tell_status(node, "NodeReady");
            }
            self.expect_daemons_look();
        }
        for pod in self.pods_of_node(node) {
            if self.living(pod).is_some() {
                if is_ecs { self.returns(pod, node, since) } else { self.is_seen_again(pod) }
            }
        }
        if is_ecs {
            let listed = self.now.round_up_to(self.scenario.ecs.image_status_update);
            self.at(listed, Event::NodeImages(node));
        }
        self.expect_look();
    }

    /// DaemonSets look at the nodes once, however many return at one instant.
    pub(super) fn expect_daemons_look(&mut self) {
        if self.failures.daemons_look.replace(self.now) != Some(self.now) {
            self.at(self.now, Event::DaemonsLook);
        }
    }

    /// The virtual kubelet tells again that a pod is ready.
    fn is_seen_again(&mut self, pod: PodId) {
        let state = &self.pods[pod.index()];
        if state.unready_since.is_some() && state.ready.is_none() && state.ready_from <= self.now {
            self.pod_ready(pod);
        }
    }

    /// The kubelet finds a pod, whose containers were gone at `since`.
    fn returns(&mut self, pod: PodId, node: NodeId, since: SimTime) {
        self.failures.revived.insert(pod, self.calendar.numbered());
        let state = self.pods[pod.index()];
        let policy = self.cluster.spec_of(pod).restart_policy;
        match (state.assigned, state.mounted, state.work) {
            _ if state.is_terminating() => self.pod_gone(pod),
            (None, ..) => self.at(self.now, Event::PodAssigned(pod)),
            (_, None, _) => self.at(self.now, Event::MountDue(pod)),
            (_, _, Work::Done { .. }) => self.pod_done(pod),
            _ if state.started.is_some() && !policy.restarts(false) => {
                self.end_and_replace(pod, Outcome::ContainerFailed);
            }
            _ => self.restart_all(pod, node, since),
        }
    }

    /// The kubelet starts a pod anew whose containers were gone at `since`.
    fn restart_all(&mut self, pod: PodId, node: NodeId, since: SimTime) {
        self.becomes_unready(pod);
        let state = &mut self.pods[pod.index()];
        let was_ready = state.unready_since.is_some();
        if state.started.is_some() {
            state.restarts += 1;
            state.last_end = Some(since);
            state.work = Work::None;
            (state.begun, state.sidecars_ready) = (None, None);
            let message = "Pod sandbox changed, it will be killed and re-created.";
            self.pod_event(pod, "Normal", "SandboxChanged", format_args!("{message}"));
        }
        if self.starts_up(pod) {
            self.start_on_ecs(pod, node);
        } else {
            self.start_at_once(pod);
        }
        if let Creator::Source(source, _) = self.pods[pod.index()].creator
            && was_ready
        {
            // The lifetime of one that was never ready begins when it is.
            let ready = self.pods[pod.index()].ready_from.max(self.now);
            self.expect_lifetime_end(pod, source, ready);
        }
    }

    /// A pod that was ready is not.
    fn becomes_unready(&mut self, pod: PodId) {
        if self.pods[pod.index()].ready.is_none() || self.pods[pod.index()].is_terminating() {
            return;
        }
        self.settle_load();
        self.leaves_service(pod);
        self.pods[pod.index()].ready = None;
        self.pods[pod.index()].unready_since = Some(self.now);
        self.tell(&Fact::PodUnready { pod });
        self.job_notices(pod);
        self.pod_moved(pod);
    }

    /// The node lifecycle controller looks, if it is to look now.
    pub(super) fn look_at_nodes(&mut self) {
        if self.failures.next_look != Some(self.now) {
            return;
        }
        self.failures.next_look = None;
        let actions = self.failures.lifecycle.look(self.now);
        for &action in &actions {
            match action {
                Action::NotReady(node) => self.node_not_ready(node),
                Action::Evict(node) => {
                    self.update_node(node, |spec| add(spec, unreachable(Effect::NoExecute)));
                }
                Action::Spare(node) => {
                    let taint = unreachable(Effect::NoExecute);
                    self.update_node(node, |spec| spec.taints.retain(|one| *one != taint));
                }
            }
        }
        if !actions.is_empty() {
            self.reconcile_all_daemons();
        }
        self.expect_look();
    }

    fn expect_look(&mut self) {
        let Some(at) = self.failures.lifecycle.next_look(self.now) else { return };
        if self.failures.next_look.is_none_or(|known| at < known) {
            self.failures.next_look = Some(at);
            self.at(at, Event::NodeLook);
        }
    }

    fn node_not_ready(&mut self, node: NodeId) {
        self.update_node(node, |spec| {
            for condition in CONDITIONS {
                spec.conditions.set(condition.to_owned(), "Unknown".to_owned());
            }
            add(spec, unreachable(Effect::NoSchedule));
        });
        self.tell_status(node, "NodeNotReady");
        for pod in self.pods_of_node(node) {
            if self.living(pod).is_some_and(|state| state.ready.is_some()) {
                self.pod_event(pod, "Warning", "NodeNotReady", format_args!("Node is not ready"));
                self.becomes_unready(pod);
            }
        }
    }

    /// The machine of a node is gone for good: the Node goes, and its pods with it.
    pub(super) fn node_deleted(&mut self, node: NodeId) {
        // It may have been lost for two reasons.
        if self.cluster.find_node(node).is_none() {
            return;
        }
        let name = self.cluster.node(node).name().to_owned();
        let message = format_args!("Deleting node {name} because it does not exist in the cloud provider");
        self.tell_of_node(node, "DeletingNode", message);
        self.remove_node(node, Outcome::Lost);
    }

    /// A Node is deleted: the pods that are there end with it, in this way.
    pub(super) fn remove_node(&mut self, node: NodeId, outcome: Outcome) {
        let name = self.cluster.node(node).name().to_owned();
        self.failures.leaving = Some(node);
        for pod in self.pods_of_node(node) {
            if let Some(state) = self.living(pod) {
                let terminating = state.terminating;
                if terminating.is_none() && outcome == Outcome::Lost {
                    self.tell(&Fact::PodLost { pod });
                }
                self.end_and_replace(pod, terminating.unwrap_or(outcome));
            }
        }
        let nominated: Vec<_> = self.cluster.nominated_to(node).collect();
        for pod in nominated {
            self.cluster.nominate(pod, None);
        }
        self.objects.forget_finished_on(node);
        self.tell_of_node(
            node,
            "RemovingNode",
            format_args!("Node {name} event: Removing Node {name} from Controller"),
        );
        let spec = self.cluster.remove_node(node);
        if self.failures.may_fail {
            self.failures.lifecycle.node_removed(node, &spec.zone_key());
        }
        self.failures.down.remove(&node);
        self.failures.leaving = None;
        self.evictions.forget_node(node);
        self.autoscaler_forgets(node);
        self.comer_is_gone(node);
        self.tell(&Fact::NodeRemoved { node });
        self.reconcile_all_daemons();
        self.expect_look();
    }

    pub(super) fn tell_status(&mut self, node: NodeId, status: &'static str) {
        let name = self.cluster.node(node).name().to_owned();
        self.tell_of_node(node, status, format_args!("Node {name} status is now: {status}"));
    }

    pub(super) fn tell_of_node(
        &mut self,
        node: NodeId,
        reason: &'static str,
        message: std::fmt::Arguments<'_>,
    ) {
        let name = self.cluster.node(node).name().to_owned();
        self.node_event(&name, "Normal", reason, message);
    }
}

fn add(spec: &mut NodeSpec, taint: Taint) {
    if !spec.taints.contains(&taint) {
        spec.taints.push(taint);
    }
}
