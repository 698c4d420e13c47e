//! A policy of one's own: prefers nodes whose label holds the lower number. Every command of overspill knows it:
//! `cargo run --example cheap_first -- run tests/own_policy/scenario.yaml`.

use std::process::ExitCode;

use overspill::scheduler::framework::{About, Normalize, Plugin, PreScore, ScorePlugin};
use overspill::{Cluster, NodeId, PodSpec, Registry};

const ABOUT: About = About {
    name: "CheapFirst",
    formula: "raw = the whole number in the node's label, 100 − 100·raw/max; 0 for a node without one",
    default_weight: 1,
    source: "examples/cheap_first.rs:21",
};

#[derive(Default, serde::Deserialize)]
struct CheapFirst {
    label: String,
}

impl ScorePlugin for CheapFirst {
    fn pre_score<'a>(&'a self, _: &'a PodSpec, _: &'a Cluster, _: &'a [NodeId]) -> PreScore<'a> {
        let price = |text: &str| text.parse::<u32>().ok();
        PreScore::run(move |node| node.spec.labels.get(&self.label).and_then(price).map(i64::from))
    }

    fn normalize(&self) -> Normalize {
        Normalize::ByMax { reversed: true }
    }
}

fn main() -> ExitCode {
    let registry = Registry::upstream().with(|args: CheapFirst| Ok(Plugin::new(ABOUT).scoring(args)));
    overspill::cli::main_with(registry)
}
