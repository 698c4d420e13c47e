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
    resources: Vec<(Counted, i64)>,
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
        Self::new(Kind::LeastAllocated, resources)
    }

    /// Prefers nodes with little left.
    pub fn most_allocated(resources: Vec<ResourceWeight>) -> Self {
        Self::new(Kind::MostAllocated, resources)
    }

    /// Scores utilisation by a broken line.
    pub fn requested_to_capacity_ratio(resources: Vec<ResourceWeight>, shape: Vec<ShapePoint>) -> Self {
        Self::new(Kind::RequestedToCapacityRatio(shape), resources)
    }

    fn new(kind: Kind, resources: Vec<ResourceWeight>) -> Self {
        let counted = |one: ResourceWeight| (Counted::named(&one.name), one.weight);
        Self { kind, resources: resources.into_iter().map(counted).collect() }
    }

    /// The score of `node` with `pod` on it.
    pub(super) fn score(&self, requests: &Requests, node: &Node) -> i64 {
        let (mut sum, mut weights) = (0, 0);
        for (resource, weight) in &self.resources {
            let Some((requested, allocatable)) = after_placement(requests, node, resource) else { continue };
            let score = match &self.kind {
                Kind::LeastAllocated if requested > allocatable => 0,
                Kind::LeastAllocated => percent(allocatable - requested, allocatable),
                Kind::MostAllocated => percent(requested.min(allocatable), allocatable),
                Kind::RequestedToCapacityRatio(shape) => {
                    let score = on_line(shape, (requested * 100 / allocatable).min(100));
                    if score <= 0 {
                        continue;
                    }
                    score
                }
            };
            sum += score * weight;
            weights += weight;
        }
        match (&self.kind, weights) {
            (_, 0) => 0,
            (Kind::RequestedToCapacityRatio(_), _) => (sum as f64 / weights as f64).round() as i64,
            _ => sum / weights,
        }
    }
}

/// `part·100/whole`, cut off, for a part that is no more than the whole.
///
/// Below 2^46 a division of floats cuts off at the same place and is several times faster: both operands are exact, and
/// a quotient of at most 100 that is no whole number lies 1/whole below the next one, more than a float can be off.
fn percent(part: i64, whole: i64) -> i64 {
    const EXACT_BELOW: i64 = 1 << 46;
    if (0..=whole).contains(&part) && whole < EXACT_BELOW {
        return ((part * MAX_NODE_SCORE) as f64 / whole as f64) as i64;
    }
    part * MAX_NODE_SCORE / whole
}

/// A resource as scores count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Cpu,
    Memory,
    Ephemeral,
    /// One that counts only for pods that request it.
    Scalar(String),
    /// One that counts for all pods and that nobody can request.
    Other(String),
}

impl Counted {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "cpu" => Self::Cpu,
            "memory" => Self::Memory,
            "ephemeral-storage" => Self::Ephemeral,
            _ if is_scalar(name) => Self::Scalar(name.to_owned()),
            _ => Self::Other(name.to_owned()),
        }
    }
}

/// What would be requested of a resource, with defaults for containers that request nothing, and what the node has;
/// `None` where the resource does not count.
fn after_placement(requests: &Requests, node: &Node, resource: &Counted) -> Option<(i64, i64)> {
    let whole = &node.spec.allocatable;
    let (requested, allocatable) = match resource {
        Counted::Cpu => ((node.non_zero_cpu + requests.score_cpu).0, whole.cpu.0),
        Counted::Memory => ((node.non_zero_memory + requests.score_memory).0, whole.memory.0),
        _ => true_request(requests, node, resource)?,
    };
    (allocatable > 0).then_some((requested, allocatable))
}

/// The same without the defaults; a named resource counts only where the pod requests it.
pub(crate) fn true_request(requests: &Requests, node: &Node, resource: &Counted) -> Option<(i64, i64)> {
    let request = &requests.filter;
    let (taken, whole) = (&node.requested, &node.spec.allocatable);
    let (requested, allocatable) = match resource {
        Counted::Cpu => ((taken.cpu + request.cpu).0, whole.cpu.0),
        Counted::Memory => ((taken.memory + request.memory).0, whole.memory.0),
        Counted::Ephemeral => ((taken.ephemeral + request.ephemeral).0, whole.ephemeral.0),
        Counted::Scalar(name) if request.scalar(name) == 0 => return None,
        Counted::Scalar(name) | Counted::Other(name) => {
            (taken.scalar(name) + request.scalar(name), whole.scalar(name))
        }
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn percentages_are_cut_off_where_whole_numbers_cut_them_off(whole in 1_i64..1 << 46, share in 0_i64..=100, off in -2_i64..=2) {
            let part = (i128::from(whole) * i128::from(share) / 100) as i64 + off;
            if (0..=whole).contains(&part) {
                prop_assert_eq!(i128::from(percent(part, whole)), i128::from(part) * 100 / i128::from(whole));
            }
        }
    }

    #[test]
    fn the_broken_line_is_level_outside_its_points_and_truncates_toward_zero() {
        let shape =
            [(20, 60), (50, 80), (70, 15)].map(|(utilization, score)| ShapePoint { utilization, score });
        for (utilization, score) in [(0, 60), (20, 60), (35, 70), (50, 80), (51, 77), (70, 15), (100, 15)] {
            assert_eq!(on_line(&shape, utilization), score, "at {utilization} %");
        }
    }
}
