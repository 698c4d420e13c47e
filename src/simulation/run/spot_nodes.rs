//! ECS nodes on spot instances: the notice, the drain, the end, and the instance that comes instead.

use super::Run;
use super::drain::Drainer;
use super::event::Event;
use crate::controller::drain::Options;
use crate::id::NodeId;
use crate::metric::Fact;
use crate::random::{Purpose, Stream, generator};
use crate::rule::{Confidence, Rule};
use crate::simulation::action::Drain;
use crate::simulation::scenario::{ReplacementSetup, SpotNodeSetup};

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
        self.setup_of(node).map_or_else(|| self.spot_of_group(node), |setup| setup.spot.as_ref())
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
        let Some(name) = self.cluster.find_node(node).map(|node| node.name().to_owned()) else { return };
        let Some(setup) = self.spot_setup(node) else { return };
        let notice = setup.reclaim.notice;
        let message = format_args!("Spot instance will be released in {notice}");
        self.node_event(&name, "Warning", "InstanceToBeTerminated", message);
        self.tell(&Fact::SpotNodeNoticed { node });
        self.at(self.now + notice, Event::SpotReclaimed(node));
        if let Some(replacement) = &setup.replacement {
            self.replace_spot(node, &name, replacement);
        }
        if setup.drains {
            let options = Options { ignore_daemon_sets: true, force: true, delete_empty_dir_data: true };
            let drain =
                Drain { node: name, options, grace: None, timeout: Some(notice), disable_eviction: false };
            self.drain(Drainer::Reclaim(node), &drain);
        }
    }

    /// A pool asks for another instance.
    fn replace_spot(&mut self, node: NodeId, name: &str, setup: &ReplacementSetup) {
        let pool = self.setup_of(node).map_or("", |setup| &setup.pool);
        let used = self.comers.replaced.entry(pool.to_owned()).or_default();
        if setup.stock.is_some_and(|stock| *used >= stock) {
            let message = format_args!("pool {pool} gets no other instance: the type is out of stock");
            self.node_event(name, "Warning", "NoStock", message);
            self.tell(&Fact::SpotNodeMissing { node });
            return;
        }
        *used += 1;
        let stream = Stream::of(0, node.0);
        let after = setup.after.draw(&mut generator(self.seed, Purpose::SpotReplacement, stream));
        self.at(self.now + after, Event::SpotReplaced(node));
    }

    /// An instance is created in the place of that of a node.
    pub(super) fn spot_replaced(&mut self, node: NodeId) {
        let replacement = self.spot_setup(node).and_then(|setup| setup.replacement.as_ref());
        let Some(setup) = replacement else { return };
        let stream = Stream::of(0, node.0);
        let boot = setup.boot.draw(&mut generator(self.seed, Purpose::NodeBoot, stream));
        let new = self.node_comes(self.model_of(node), boot);
        self.tell(&Fact::SpotNodeReplaced { node: new });
        self.expect_spot_notice(new, self.spot_setup(new));
    }

    /// The instance of a node is taken back.
    pub(super) fn spot_reclaimed(&mut self, node: NodeId) {
        if self.cluster.find_node(node).is_some() {
            self.tell(&Fact::SpotNodeReclaimed { node });
            self.lose_node(node);
        }
    }
}
