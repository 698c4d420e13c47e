//! The three scoring strategies.
//!
//! Source: framework/plugins/noderesources/resource_allocation.go:89, least_allocated.go:52, most_allocated.go:54,
//! requested_to_capacity_ratio.go:31, plugins/helper/shape_score.go:40.

use crate::cluster::Node;
use crate::object::requests::Requests;
use crate::object::resources::is_scalar;
use crate::scheduler::framework::MAX_NODE_SCORE;

/// A resource and its weight in the score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceWeight {
    /// Its name.
    pub name: String,
    /// Its weight.
    pub weight: i64,
}

/// A point of the broken line of RequestedToCapacityRatio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapePoint {
    /// Utilisation in percent.
    pub utilization: i64,
    /// Score from 0 to 100.
    pub score: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    LeastAllocated,
    MostAllocated,
    RequestedToCapacityRatio(Vec<ShapePoint>),
}

/// How full a node should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strategy {
    kind: Kind,
    resources: Vec<ResourceWeight>,
}

impl Default for Strategy {
    /// LeastAllocated over cpu and memory, weight 1 each.
    fn default() -> Self {
        Self::least_allocated(cpu_and_memory())
    }
}

/// The resources that count where a configuration names none.
pub(crate) fn cpu_and_memory() -> Vec<ResourceWeight> {
    ["cpu", "memory"].map(|name| ResourceWeight { name: name.to_owned(), weight: 1 }).to_vec()
}

impl Strategy {
    /// Prefers nodes with much left.
    pub fn least_allocated(resources: Vec<ResourceWeight>) -> Self {
        Self { kind: Kind::LeastAllocated, resources }
    }

    /// Prefers nodes with little left.
    pub fn most_allocated(resources: Vec<ResourceWeight>) -> Self {
        Self { kind: Kind::MostAllocated, resources }
    }

    /// Scores utilisation by a broken line.
    pub fn requested_to_capacity_ratio(resources: Vec<ResourceWeight>, shape: Vec<ShapePoint>) -> Self {
        Self { kind: Kind::RequestedToCapacityRatio(shape), resources }
    }

    /// The score of `node` with `pod` on it.
    pub(super) fn score(&self, requests: &Requests, node: &Node) -> i64 {
        let (mut sum, mut weights) = (0, 0);
        for one in &self.resources {
            let Some((requested, allocatable)) = after_placement(requests, node, &one.name) else { continue };
            let score = match &self.kind {
                Kind::LeastAllocated if requested > allocatable => 0,
                Kind::LeastAllocated => (allocatable - requested) * MAX_NODE_SCORE / allocatable,
                Kind::MostAllocated => requested.min(allocatable) * MAX_NODE_SCORE / allocatable,
                Kind::RequestedToCapacityRatio(shape) => {
                    let score = on_line(shape, (requested * 100 / allocatable).min(100));
                    if score <= 0 {
                        continue;
                    }
                    score
                }
            };
            sum += score * one.weight;
            weights += one.weight;
        }
        match (&self.kind, weights) {
            (_, 0) => 0,
            (Kind::RequestedToCapacityRatio(_), _) => (sum as f64 / weights as f64).round() as i64,
            _ => sum / weights,
        }
    }
}

/// What would be requested of a resource, with defaults for containers that request nothing, and what the node has;
/// `None` where the resource does not count.
fn after_placement(requests: &Requests, node: &Node, name: &str) -> Option<(i64, i64)> {
    let whole = &node.spec.allocatable;
    let (requested, allocatable) = match name {
        "cpu" => ((node.non_zero_cpu + requests.score_cpu).0, whole.cpu.0),
        "memory" => ((node.non_zero_memory + requests.score_memory).0, whole.memory.0),
        _ => true_request(requests, node, name)?,
    };
    (allocatable > 0).then_some((requested, allocatable))
}

/// The same without the defaults; a named resource counts only where the pod requests it.
pub(crate) fn true_request(requests: &Requests, node: &Node, name: &str) -> Option<(i64, i64)> {
    let request = &requests.filter;
    let (taken, whole) = (&node.requested, &node.spec.allocatable);
    let (requested, allocatable) = match name {
        "cpu" => ((taken.cpu + request.cpu).0, whole.cpu.0),
        "memory" => ((taken.memory + request.memory).0, whole.memory.0),
        "ephemeral-storage" => ((taken.ephemeral + request.ephemeral).0, whole.ephemeral.0),
        _ if is_scalar(name) && request.scalar(name) == 0 => return None,
        _ => (taken.scalar(name) + request.scalar(name), whole.scalar(name)),
    };
    (allocatable > 0).then_some((requested, allocatable))
}

/// The broken line through `shape` at `utilization`, level before its first and after its last point.
fn on_line(shape: &[ShapePoint], utilization: i64) -> i64 {
    let Some(above) = shape.iter().position(|point| utilization <= point.utilization) else {
        return shape.last().map_or(0, |point| point.score);
    };
    let right = shape[above];
    let Some(left) = above.checked_sub(1).map(|below| shape[below]) else { return right.score };
    let (run, rise) = (right.utilization - left.utilization, right.score - left.score);
    left.score + rise * (utilization - left.utilization) / run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_broken_line_is_level_outside_its_points_and_truncates_toward_zero() {
        let shape =
            [(20, 60), (50, 80), (70, 15)].map(|(utilization, score)| ShapePoint { utilization, score });
        for (utilization, score) in [(0, 60), (20, 60), (35, 70), (50, 80), (51, 77), (70, 15), (100, 15)] {
            assert_eq!(on_line(&shape, utilization), score, "at {utilization} %");
        }
    }
}
