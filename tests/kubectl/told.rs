//! What is told of a run: its events, and which pods each node has.

use std::collections::BTreeMap;

use overspill::id::{NodeId, PodId};
use overspill::metric::Fact;
use overspill::simulation::{Scenario, run};
use overspill::units::SimTime;

/// Everything that was told of one run.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// When, `Kind/…/name`, reason and message of each event.
    pub(crate) events: Vec<(u64, String, &'static str, String)>,
    /// For each change: when, and the names of the pods of each node by its name.
    moments: Vec<(SimTime, BTreeMap<String, Vec<String>>)>,
}

impl Told {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let mut told = Self::default();
        let mut nodes: BTreeMap<NodeId, String> = BTreeMap::new();
        let mut pods: BTreeMap<PodId, (String, Option<NodeId>)> = BTreeMap::new();
        run(scenario, &mut |now, fact| {
            match fact {
                Fact::NodeAdded { node, name, .. } => _ = nodes.insert(*node, (*name).to_owned()),
                Fact::PodCreated { pod, name, .. } => _ = pods.insert(*pod, ((*name).to_owned(), None)),
                Fact::PodBound { pod, node, .. } => pods.get_mut(pod).unwrap().1 = Some(*node),
                Fact::PodEnded { pod, .. } => _ = pods.remove(pod),
                Fact::Event { reason, object, message, .. } => {
                    let event = (now.whole_secs(), object.to_string(), *reason, message.to_string());
                    told.events.push(event);
                    return;
                }
                _ => return,
            }
            let mut by_node: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (name, node) in pods.values() {
                let node = node.map_or_else(String::new, |node| nodes[&node].clone());
                by_node.entry(node).or_default().push(name.clone());
            }
            told.moments.push((now, by_node));
        });
        told
    }

    /// How many pods a node has at an instant, after all that happens then; those that wait are on the node "".
    #[track_caller]
    pub(crate) fn pods(&self, seconds: u64, node: &str) -> usize {
        let at = SimTime::from_secs(seconds);
        let moment =
            self.moments.iter().rev().find(|(time, _)| *time <= at).expect("something happened before");
        moment.1.get(node).map_or(0, Vec::len)
    }

    /// Instants and messages of the events of one reason.
    pub(crate) fn of_reason(&self, reason: &str) -> Vec<(u64, &str)> {
        let meant = self.events.iter().filter(|(_, _, own, _)| *own == reason);
        meant.map(|(at, _, _, message)| (*at, message.as_str())).collect()
    }
}
