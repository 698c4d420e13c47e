//! Laws that hold of any cluster and any pods: what must not change a decision, what cannot make one worse, and what
//! always adds up.
//!
//! Cases are drawn from fixed seeds, so that every machine tests the same ones. How they are drawn stands in
//! [`case`]; a law that needs something of its cases says so and says why.

#[path = "laws/case.rs"]
mod case;
#[path = "laws/immaterial.rs"]
mod immaterial;
#[path = "laws/ledger.rs"]
mod ledger;
#[path = "build/node.rs"]
#[allow(dead_code, reason = "words for nodes are shared with the tests of quirks")]
mod node;
#[path = "build/pod.rs"]
#[allow(dead_code, reason = "words for pods are shared with the tests of quirks")]
mod pod;
#[path = "laws/resources.rs"]
mod resources;
#[path = "laws/scores.rs"]
mod scores;
#[path = "build/world.rs"]
#[allow(dead_code, reason = "words for clusters are shared with the tests of quirks")]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use proptest::test_runner::{Config, RngSeed};

/// How often a law is tried, always with the same cases; nothing is written when it fails.
fn tried(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(34), failure_persistence: None, ..Config::default() }
}

/// Cases in which nothing is rejected, or a plugin scores all nodes alike, would prove little.
#[test]
fn the_cases_make_plugins_reject_and_prefer() {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    let mut runner = proptest::test_runner::TestRunner::new(tried(64));
    let (mut rejecting, mut preferring, mut chosen, mut left) = (BTreeSet::new(), BTreeSet::new(), 0, 0);
    for _ in 0..64 {
        let case = case::any_case().new_tree(&mut runner).expect("every case is good").current();
        for record in case.run().results {
            rejecting.extend(record.filtered.values().map(|verdict| verdict.plugin));
            let differs = |nodes: &BTreeMap<String, [i64; 3]>| {
                nodes.values().map(|score| score[1]).collect::<BTreeSet<_>>().len() > 1
            };
            preferring
                .extend(record.scores.iter().filter(|(_, nodes)| differs(nodes)).map(|(name, _)| *name));
            if record.chosen.is_some() { chosen += 1 } else { left += 1 }
        }
    }
    let filters = [
        "InterPodAffinity",
        "NodeAffinity",
        "NodePorts",
        "NodeResourcesFit",
        "NodeUnschedulable",
        "PodTopologySpread",
        "TaintToleration",
    ];
    assert_eq!(rejecting.into_iter().collect::<Vec<_>>(), filters);
    assert_eq!(preferring.into_iter().collect::<BTreeSet<_>>(), scores::WEIGHTS.map(|(name, _)| name).into());
    assert!(chosen > 100 && left > 20, "{chosen} pods were placed, {left} were not");
}
