//! A policy of one's own: prefers nodes whose label holds the lower number. Every command of overspill knows it:
//! `cargo run --example cheap_first -- run tests/own_policy/scenario.yaml`.

use std::process::ExitCode;
use std::sync::Arc;

use overspill::cluster::Owners;
use overspill::scheduler::framework::{About, Normalize, Plugin, ScorePlugin, ScoreReach};
use overspill::{PodSpec, Registry};

const ABOUT: About = About {
    name: "CheapFirst",
    formula: "raw = the whole number in the node's label, 100 − 100·raw/max; 0 for a node without one",
    default_weight: 1,
    source: "examples/cheap_first.rs:23",
};

#[derive(Default, serde::Deserialize)]
struct CheapFirst {
    label: String,
}

impl ScorePlugin for CheapFirst {
    /// The label of a node decides alone.
    fn reach(&self, _: &Arc<PodSpec>, _: &Owners) -> ScoreReach {
        let (label, price) = (self.label.clone(), |text: &str| text.parse::<u32>().ok());
        ScoreReach::Spec(Box::new(move |node| node.spec.labels.get(&label).and_then(price).map(i64::from)))
    }

    fn normalize(&self) -> Normalize {
        Normalize::ByMax { reversed: true }
    }
}

fn main() -> ExitCode {
    let registry = Registry::upstream().with(|args: CheapFirst| Ok(Plugin::new(ABOUT).scoring(args)));
    overspill::cli::main_with(registry)
}
