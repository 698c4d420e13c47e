//! DefaultPreemption: evicts pods of lower priority where that makes a pod fit.

use crate::scheduler::framework::{About, NoFit, Plugin, PostFilter, PostFilterPlugin};
use crate::scheduler::preemption::preempt;

const ABOUT: About = About {
    name: "DefaultPreemption",
    formula: "evicts the fewest pods of lower priority that make a node fit; of such nodes the one with the fewest \
              broken disruption budgets, then the lowest highest priority, the lowest sum of priorities, the fewest \
              victims, the latest start",
    default_weight: 0,
    source: "framework/plugins/defaultpreemption/default_preemption.go:257, framework/preemption/preemption.go:624",
};

/// `DefaultPreemptionArgs`: how many nodes are tried, the greater of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args {
    /// The least share of the nodes that might be freed, in percent; 0 to 100.
    pub min_percentage: u32,
    /// The least number of them.
    pub min_nodes: u32,
}

impl Default for Args {
    /// 10 % and 100 nodes (apis/config/v1/defaults.go `SetDefaults_DefaultPreemptionArgs`).
    fn default() -> Self {
        Self { min_percentage: 10, min_nodes: 100 }
    }
}

impl Args {
    /// How many candidates are enough where `nodes` might be freed (default_preemption.go `calculateNumCandidates`).
    fn enough(self, nodes: usize) -> usize {
        (nodes * self.min_percentage as usize / 100).max(self.min_nodes as usize).min(nodes)
    }
}

struct DefaultPreemption {
    args: Args,
}

/// The plugin.
pub fn plugin(args: Args) -> Plugin {
    Plugin::new(ABOUT).helping(DefaultPreemption { args })
}

impl PostFilterPlugin for DefaultPreemption {
    fn post_filter(&self, no_fit: &NoFit<'_>) -> PostFilter {
        match preempt(no_fit, |nodes| self.args.enough(nodes)) {
            Ok(preemption) => PostFilter::Helps(preemption),
            Err(why) => PostFilter::Rejects(format!("preemption: {why}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    #[test]
    fn a_tenth_of_the_nodes_is_tried_and_no_fewer_than_a_hundred() {
        let default = Args::default();
        let tried: Vec<_> = [7, 100, 999, 1001, 5000].map(|nodes| default.enough(nodes)).into();
        assert_eq!(tried, [7, 100, 100, 100, 500]);
        assert_eq!(Args { min_percentage: 50, min_nodes: 1 }.enough(9), 4);
    }
}
