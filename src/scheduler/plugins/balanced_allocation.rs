//! NodeResourcesBalancedAllocation: prefers nodes whose resources would be used to equal parts.

use std::sync::Arc;

use crate::cluster::{Node, Owners};
use crate::object::PodSpec;
use crate::object::requests::Requests;
use crate::scheduler::framework::{About, MAX_NODE_SCORE, Normalize, Plugin, ScorePlugin, ScoreReach};

use super::node_resources_fit::{Counted, ResourceWeight, true_request};

const ABOUT: About = About {
    name: "NodeResourcesBalancedAllocation",
    formula: "100·(1 − standard deviation of requested/allocatable over the resources), cut off; skipped for a pod \
              that requests none of them",
    default_weight: 1,
    source: "framework/plugins/noderesources/balanced_allocation.go:146",
};

#[derive(Clone)]
struct BalancedAllocation {
    resources: Vec<Counted>,
}

/// The plugin; weights of the resources are not looked at.
pub fn plugin(resources: &[ResourceWeight]) -> Plugin {
    let resources = resources.iter().map(|one| Counted::named(&one.name)).collect();
    Plugin::new(ABOUT).scoring(BalancedAllocation { resources })
}

/// How evenly the fractions are used: 100 if equally.
fn balance(mut fractions: impl Iterator<Item = f64>) -> i64 {
    let deviation = match (fractions.next(), fractions.next(), fractions.next()) {
        (Some(first), Some(second), None) => ((first - second) / 2.0).abs(),
        (Some(first), Some(second), Some(third)) => {
            let all: Vec<f64> = [first, second, third].into_iter().chain(fractions).collect();
            let count = all.len() as f64;
            let mean = all.iter().sum::<f64>() / count;
            (all.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / count).sqrt()
        }
        _ => 0.0,
    };
    ((1.0 - deviation) * MAX_NODE_SCORE as f64) as i64
}

impl BalancedAllocation {
    fn requests_nothing(&self, pod: &PodSpec) -> bool {
        let request = &pod.requests.filter;
        self.resources.iter().all(|one| match one {
            Counted::Cpu => request.cpu.0 == 0,
            Counted::Memory => request.memory.0 == 0,
            Counted::Ephemeral => request.ephemeral.0 == 0,
            Counted::Scalar(name) | Counted::Other(name) => request.scalar(name) == 0,
        })
    }

    fn score(&self, requests: &Requests, node: &Node) -> i64 {
        let used = self.resources.iter().filter_map(|one| true_request(requests, node, one));
        balance(used.map(|(requested, whole)| (requested as f64 / whole as f64).min(1.0)))
    }
}

impl ScorePlugin for BalancedAllocation {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> ScoreReach {
        if self.requests_nothing(pod) {
            return ScoreReach::Nothing;
        }
        let (part, pod) = (self.clone(), Arc::clone(pod));
        ScoreReach::Usage(Box::new(move |node| Some(part.score(&pod.requests, node))))
    }

    fn normalize(&self) -> Normalize {
        Normalize::Identity
    }
}

#[cfg(test)]
mod tests {
    use super::balance;

    #[test]
    fn two_resources_take_half_their_difference_more_their_deviation() {
        assert_eq!(balance([0.5, 0.5].into_iter()), 100);
        assert_eq!(balance([1.0, 0.0].into_iter()), 50);
        assert_eq!(balance([0.25, 0.3].into_iter()), 97);
        assert_eq!(balance([0.0, 0.0, 1.0].into_iter()), 52);
        assert_eq!(balance([0.7].into_iter()), 100);
    }
}
