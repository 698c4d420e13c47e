use std::sync::Arc;

use super::config::SchedulerConfig;
use super::*;
use crate::object::NodeSpec;
use crate::random::Stream;
use crate::units::SimTime;

/// A cluster of so many nodes without zones, of which the `full` ones take no pod.
fn cluster(nodes: u32, full: &[u32]) -> Cluster {
    let mut cluster = Cluster::new();
    for node in 0..nodes {
        let allocatable_pods = if full.contains(&node) { 0 } else { 10 };
        cluster.add_node(NodeSpec { allocatable_pods, ..NodeSpec::named(&format!("node-{node:03}")) });
    }
    cluster
}

fn pod(cluster: &mut Cluster, ordinal: u32) -> PodId {
    let class = cluster.intern(PodSpec::empty("default"));
    cluster.create_pod(&format!("pod-{ordinal}"), class, Stream::of(0, ordinal), SimTime::ZERO)
}

fn scheduler(tie_break: TieBreak) -> Scheduler {
    let profiles = SchedulerConfig::default_with(&Registry::upstream()).profiles;
    Scheduler::new(profiles, tie_break, PreemptionMode::Off)
}

fn chosen(attempt: &Attempt) -> NodeId {
    match attempt.outcome {
        Outcome::Chosen(node) => node,
        ref other => panic!("{other:?}"),
    }
}

/// Of 150 nodes 100 are looked for. Two that are full lie among them and one behind them, before the next feasible
/// one: 103 nodes were looked at, and the second attempt starts there and goes round.
///
/// rule: search-window
#[test]
fn the_search_ends_at_the_feasible_node_beyond_those_wanted_and_goes_on_there() {
    let mut cluster = cluster(150, &[5, 50, 102]);
    let mut scheduler = scheduler(TieBreak::Name);
    let (first, second) = (pod(&mut cluster, 0), pod(&mut cluster, 1));
    let attempt = scheduler.attempt(&cluster, first, 1);
    assert_eq!((attempt.evaluation().feasible.len(), attempt.evaluation().refused.len()), (100, 3));
    assert_eq!((attempt.start, attempt.examined, scheduler.next_start()), (0, Some(103), 103));
    let attempt = scheduler.attempt(&cluster, second, 1);
    assert_eq!(attempt.evaluation().feasible[..3], [103, 104, 105].map(NodeId));
    assert_eq!(
        attempt.evaluation().feasible.last(),
        Some(&NodeId(54)),
        "47 to the end, 53 and two full ones after"
    );
    assert_eq!((attempt.examined, scheduler.next_start()), (Some(102), 55));
}

/// The place where the next search starts is taken round the nodes that there are then, when nodes behind it are gone.
///
/// rule: search-window
#[test]
fn a_search_starts_within_the_nodes_that_are_left() {
    for evaluator in [Evaluator::Reference, Evaluator::Cached, Evaluator::Both] {
        let mut cluster = cluster(150, &[5, 50, 102]);
        let mut scheduler = scheduler(TieBreak::Name).with_evaluator(evaluator);
        let (first, second) = (pod(&mut cluster, 0), pod(&mut cluster, 1));
        scheduler.attempt(&cluster, first, 1);
        assert_eq!(scheduler.next_start(), 103);
        for node in 40..150 {
            cluster.remove_node(NodeId(node));
        }
        let attempt = scheduler.attempt(&cluster, second, 1);
        let start = 103 % 40;
        assert_eq!((attempt.start, attempt.examined), (start, Some(40)));
        assert_eq!((chosen(&attempt), scheduler.next_start()), (NodeId(0), start));
    }
}

/// Thousands of pods that three equal nodes are drawn for; 4 standard deviations of a third of 3000 are 103.
///
/// rule: tie-break
#[test]
fn each_of_the_best_nodes_is_drawn_as_often_and_a_pod_draws_the_same_again() {
    let mut cluster = cluster(3, &[]);
    let pods: Vec<_> = (0..3000).map(|ordinal| pod(&mut cluster, ordinal)).collect();
    let draws = |seed| -> Vec<NodeId> {
        let mut scheduler = scheduler(TieBreak::Random { seed });
        pods.iter().map(|&pod| chosen(&scheduler.attempt(&cluster, pod, 1))).collect()
    };
    let first = draws(1);
    for node in [0, 1, 2].map(NodeId) {
        let count = first.iter().filter(|&&chosen| chosen == node).count();
        assert!(count.abs_diff(1000) < 103, "{node} was drawn {count} times");
    }
    assert_eq!(first, draws(1));
    assert_ne!(first, draws(2));
    let mut by_name = scheduler(TieBreak::Name);
    assert_eq!(chosen(&by_name.attempt(&cluster, pods[0], 1)), NodeId(0));
}

/// Upstream joins what the PostFilter plugins say, in their order.
#[test]
fn a_plugin_of_ones_own_is_asked_after_upstreams_when_no_node_fits() {
    use framework::{About, Plugin, PostFilter, PostFilterPlugin};
    const ABOUT: About =
        About { name: "Buyer", formula: "buys a node", default_weight: 0, source: "tests.rs:1" };
    struct Buyer;
    impl PostFilterPlugin for Buyer {
        fn post_filter(&self, no_fit: &NoFit<'_>) -> PostFilter {
            PostFilter::Rejects(format!("no money for one more than {}", no_fit.cluster.node_count()))
        }
    }
    let registry = Registry::upstream().with_plain(|| Plugin::new(ABOUT).helping(Buyer));
    let profiles = SchedulerConfig::default_with(&registry).profiles;
    let mut scheduler = Scheduler::new(profiles, TieBreak::Name, PreemptionMode::On);
    let mut cluster = cluster(2, &[0, 1]);
    let pod = pod(&mut cluster, 0);
    let Outcome::Unschedulable(failure) = scheduler.attempt(&cluster, pod, 1).outcome else {
        panic!("both nodes are full");
    };
    assert_eq!(
        failure.text.post_filter,
        "no new claims to deallocate, preemption: 0/2 nodes are available: \
         2 No preemption victims found for incoming pod., no money for one more than 2"
    );
}

/// A plugin that looks at a node's pods and says that it looks at what the node says of itself.
struct Lies;

const LIES: framework::About =
    framework::About { name: "Lies", formula: "", default_weight: 1, source: "scheduler/tests.rs:1" };

impl framework::FilterPlugin for Lies {
    fn reach(&self, _: &Arc<PodSpec>, _: &crate::cluster::Owners) -> framework::FilterReach {
        framework::FilterReach::Spec(Box::new(|node| match node.pods.len() {
            0 | 1 => Ok(()),
            _ => Err(framework::Rejection::unschedulable("two are enough")),
        }))
    }
}

impl framework::ScorePlugin for Lies {
    fn reach(&self, _: &Arc<PodSpec>, _: &crate::cluster::Owners) -> framework::ScoreReach {
        framework::ScoreReach::Spec(Box::new(|node| Some(100 - node.pods.len() as i64)))
    }

    fn normalize(&self) -> framework::Normalize {
        framework::Normalize::Identity
    }
}

/// Places pods one after another under both evaluators, with one more plugin.
fn place_under_both(plugin: framework::Plugin) {
    let mut profile = SchedulerConfig::default_with(&Registry::upstream()).profiles.remove(0);
    let plugin = Arc::new(plugin);
    if plugin.filter.is_some() {
        profile.filters.push(profile::FilterEntry::new(&plugin, true));
    }
    if plugin.score.is_some() {
        profile.scores.push(profile::ScoreEntry::new(&plugin, 100));
    }
    let scheduler = Scheduler::new(vec![profile], TieBreak::Name, PreemptionMode::Off);
    let mut scheduler = scheduler.with_evaluator(Evaluator::Both);
    let mut cluster = cluster(4, &[]);
    for ordinal in 0..8 {
        let pod = pod(&mut cluster, ordinal);
        let node = chosen(&scheduler.attempt(&cluster, pod, 1));
        cluster.bind(pod, node);
    }
}

#[test]
#[should_panic(expected = "the reach of Lies is wrong: what it says of node-000 has changed")]
fn both_evaluators_name_the_filter_that_looks_further_than_it_says() {
    place_under_both(framework::Plugin::new(LIES).filtering(Lies));
}

#[test]
#[should_panic(expected = "the reach of Lies is wrong: what it says of node-000 has changed")]
fn both_evaluators_name_the_score_that_looks_further_than_it_says() {
    place_under_both(framework::Plugin::new(LIES).scoring(Lies));
}
