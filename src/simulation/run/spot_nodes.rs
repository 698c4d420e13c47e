//! ECS nodes on spot instances: the notice, the drain, the end, and the instance that comes instead.

use super::Run;
use super::drain::Drainer;
use super::event::Event;
use super::nodes::Times;
use crate::controller::drain::Options;
use crate::id::NodeId;
use crate::metric::Fact;
use crate::random::{Purpose, Stream, generator};
use crate::rule::{Confidence, Rule};
use crate::simulation::action::Drain;
use crate::simulation::scenario::{NodeSetup, ReplacementSetup, SpotNodeSetup};
use crate::units::SimTime;

/// How ECS spot instances are taken back and replaced.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "ecs-spot-protection",
        statement: "A spot instance of ECS is not taken back within its protection, an hour unless the pool says otherwise; \
                    after that it is told after a time drawn from the pool's law, and gone five minutes later.",
        source: "ACK, \"Best practices for spot instance node pools\" (an hour by default); ECS, \"What are spot instances\" \
                 (released 5 minutes later); when instances are taken back is nowhere stated",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "ecs-spot-drain",
        statement: "At the notice the node is cordoned and drained, with pods of DaemonSets left and emptyDirs deleted, for as \
                    long as the notice lasts; pods that are still there then are lost with it.",
        source: "ACK, \"Check whether a preemptible instance is about to expire\" tells of the notice; that something in the \
                 cluster drains the node at it is an estimate",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "ecs-spot-unregistered",
        statement: "An instance that is told before its Node is registered is taken back all the same: its Node is drained \
                    from its registration on, or never comes, and an autoscaler that asked for it counts it no more.",
        source: "ECS, \"What are spot instances\": the metadata of an instance tells of the notice whenever it is asked; that \
                 whatever drains nodes asks when the node comes is an estimate",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "ecs-spot-replacement",
        statement: "A pool that replaces instances asks for another one at the notice, not at the end, and gets none where its \
                    stock is used up.",
        source: "ACK node pools, `spot_instance_remedy`; how long that takes is an estimate",
        confidence: Confidence::Documented,
    },
];

impl<'a> Run<'a, '_> {
    /// Puts the notices of all spot instances into the calendar.
    pub(super) fn expect_spot_notices(&mut self) {
        for (node, setup) in (0..).map(NodeId).zip(&self.scenario.nodes) {
            self.expect_spot_notice(node, setup.spot.as_ref());
        }
    }

    /// The machine of a node is created now; it may be a spot instance.
    pub(super) fn spot_begins(&mut self, node: NodeId, setup: Option<&SpotNodeSetup>) {
        if setup.is_some() {
            self.tell(&Fact::NodeIsSpot { node });
            self.expect_spot_notice(node, setup);
        }
    }

    fn spot_setup(&self, node: NodeId) -> Option<&'a SpotNodeSetup> {
        self.setup_of(node).and_then(|setup| setup.spot.as_ref())
    }

    /// Draws when the instance of a node is told that is created now.
    fn expect_spot_notice(&mut self, node: NodeId, setup: Option<&SpotNodeSetup>) {
        let Some(setup) = setup else { return };
        let Some(law) = &setup.reclaim.law else { return };
        let runs = law.draw(&mut generator(self.seed, Purpose::SpotNode, Stream::of(0, node.0)));
        self.at(self.now + setup.protection + runs, Event::SpotNotice(node));
    }

    /// The instance of a node is told that it will be taken back.
    pub(super) fn spot_notice(&mut self, node: NodeId) {
        let is_to_register = self.is_to_register(node);
        if !is_to_register && self.cluster.find_node(node).is_none() {
            return;
        }
        let Some(setup) = self.spot_setup(node) else { return };
        let taken_back = self.now + setup.reclaim.notice;
        self.tell(&Fact::SpotNodeNoticed { node });
        self.at(taken_back, Event::SpotReclaimed(node));
        if is_to_register {
            self.notice_unregistered(node, taken_back);
        } else {
            self.heed_spot_notice(node, taken_back);
        }
        if let Some(replacement) = &setup.replacement {
            self.replace_spot(node, replacement);
        }
    }

    /// The Node of an instance that will be taken back is there: what runs on it hears of that.
    pub(super) fn heed_spot_notice(&mut self, node: NodeId, taken_back: SimTime) {
        let name = self.cluster.node(node).name().to_owned();
        let notice = taken_back.since(self.now);
        let message = format_args!("Spot instance will be released in {notice}");
        self.node_event(&name, "Warning", "InstanceToBeTerminated", message);
        if self.spot_setup(node).is_some_and(|setup| setup.drains) {
            let options = Options { ignore_daemon_sets: true, force: true, delete_empty_dir_data: true };
            let drain =
                Drain { node: name, options, grace: None, timeout: Some(notice), disable_eviction: false };
            self.drain(Drainer::Reclaim(node), &drain);
        }
    }

    /// A pool asks for another instance.
    fn replace_spot(&mut self, node: NodeId, setup: &ReplacementSetup) {
        let Some(NodeSetup { pool, instance_type, .. }) = self.setup_of(node) else { return };
        let used = self.comers.replaced.get(pool.as_str()).copied().unwrap_or_default();
        if setup.stock.is_some_and(|stock| used >= stock) || !self.take_from_stock(instance_type) {
            let message = format_args!("pool {pool} gets no other instance: the type is out of stock");
            let name = self.name_of_machine(node).to_owned();
            self.node_event(&name, "Warning", "NoStock", message);
            self.tell(&Fact::SpotNodeMissing { node });
            return;
        }
        self.comers.replaced.insert(pool, used + 1);
        let stream = Stream::of(0, node.0);
        let after = setup.after.draw(&mut generator(self.seed, Purpose::SpotReplacement, stream));
        self.at(self.now + after, Event::SpotReplaced(node));
    }

    /// An instance is created in the place of that of a node.
    pub(super) fn spot_replaced(&mut self, node: NodeId) {
        let Some(setup) = self.setup_of(node) else { return };
        let Some(replacement) = setup.spot.as_ref().and_then(|spot| spot.replacement.as_ref()) else {
            return;
        };
        let mut draws = generator(self.seed, Purpose::NodeBoot, Stream::of(0, node.0));
        let boot = replacement.boot.draw(&mut draws);
        let register = replacement.register.draw(&mut draws).min(boot);
        let (new, _) = self.machine_created(setup, Times { register, ready: boot - register });
        self.tell(&Fact::SpotNodeReplaced { node: new });
    }

    /// The instance of a node is taken back.
    pub(super) fn spot_reclaimed(&mut self, node: NodeId) {
        if self.is_to_register(node) {
            self.tell(&Fact::SpotNodeReclaimed { node });
            self.autoscaler_forgets(node);
            self.machine_released(node);
        } else if self.cluster.find_node(node).is_some() {
            self.tell(&Fact::SpotNodeReclaimed { node });
            self.lose_node(node);
        }
    }
}
