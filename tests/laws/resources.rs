//! Amounts: a larger unit changes nothing, and more room never leaves more pods waiting.

use overspill::units::Quantity;
use overspill::{Bytes, MilliCpu};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::case::{Case, any_case, named};
use crate::node::{ANode, node};
use crate::pod::{APod, pod};
use crate::tried;
use crate::world::cluster_of;

/// Profiles with each of the scoring strategies.
fn any_strategy() -> impl Strategy<Value = Value> {
    let with = |strategy: Value| {
        let args = json!({"scoringStrategy": strategy});
        json!({"profiles": [{"pluginConfig": [{"name": "NodeResourcesFit", "args": args}]}]})
    };
    let shape = json!([{"utilization": 0, "score": 1}, {"utilization": 35, "score": 10}, {"utilization": 90, "score": 0}]);
    let ratio = json!({"type": "RequestedToCapacityRatio", "requestedToCapacityRatio": {"shape": shape}});
    let least =
        json!({"type": "LeastAllocated", "resources": [{"name": "cpu", "weight": 3}, {"name": "memory"}]});
    select(vec![json!({}), with(least), with(json!({"type": "MostAllocated"})), with(ratio)])
}

/// The case with `factor` times the cpu and memory, of nodes and of requests.
fn scaled(case: &Case, factor: i64) -> Case {
    let mut scaled = case.clone();
    for ANode(node) in &mut scaled.nodes {
        node.allocatable.cpu = MilliCpu(node.allocatable.cpu.0 * factor);
        node.allocatable.memory = Bytes(node.allocatable.memory.0 * factor);
    }
    for pod in scaled.pods_mut() {
        let requests = &mut pod.rest.containers[0].requests;
        for (_, quantity) in
            requests.iter_mut().filter(|(name, _)| ["cpu", "memory"].contains(&name.as_str()))
        {
            *quantity = Quantity::from_milli(i128::from(quantity.milli_value()) * i128::from(factor));
        }
    }
    scaled
}

/// Every pod requests cpu and memory: where a request is missing scores count 100m and 200Mi, which do not scale.
fn with_all_requests(mut case: Case) -> Case {
    for pod in case.pods_mut() {
        for (name, millis) in [("cpu", 250), ("memory", 1000 << 28)] {
            let requests = &mut pod.rest.containers[0].requests;
            requests.entry(name.to_owned()).or_insert(Quantity::from_milli(millis));
        }
    }
    case
}

/// How many of `count` pods like this one find no node.
fn left_waiting(nodes: &[ANode], pod: &APod, count: usize) -> usize {
    let report = cluster_of(nodes.to_vec()).schedule_all(std::iter::repeat_n(pod, count));
    report.results.iter().filter(|record| record.chosen.is_none()).count()
}

/// How many pods like this one a node takes when it has nothing else to do.
fn slots(ANode(node): &ANode, millis: i64, mib: i64) -> i64 {
    let by_cpu = node.allocatable.cpu.0.checked_div(millis).unwrap_or(i64::MAX);
    let by_memory = node.allocatable.memory.0.checked_div(mib << 20).unwrap_or(i64::MAX);
    by_cpu.min(by_memory).min(node.allocatable_pods)
}

fn any_nodes(most: usize) -> impl Strategy<Value = Vec<ANode>> {
    let room = (0..6000_i64, 0..8192_i64, 0..12_i64);
    let node = room.prop_map(|(millis, mib, pods)| node("unnamed").millis(millis).mib(mib).pods(pods));
    prop::collection::vec(node, 0..=most)
}

proptest! {
    #![proptest_config(tried(64))]

    /// Holds for every whole factor. All scores but one are divisions of whole numbers that cut off, and
    /// ⌊fa·100/fb⌋ = ⌊a·100/b⌋. NodeResourcesBalancedAllocation divides in floating point: fa/fb is rounded once from
    /// the same quotient as a/b, as long as fa and fb are held exactly, that is, below 2⁵³; here they stay below 2⁴⁷.
    #[test]
    fn cpu_and_memory_in_a_smaller_unit_change_no_decision_and_no_score(
        case in any_case(),
        factor in 1..=1000_i64,
        config in any_strategy(),
    ) {
        let case = Case { config, ..with_all_requests(case) };
        let expected = case.run();
        let got = scaled(&case, factor).run();
        prop_assert_eq!(got.results, expected.results);
    }

    /// Identical pods without spreading or affinity, all nodes looked at: every node takes so many of them, whatever
    /// the order, so that the pods which wait are those beyond the sum.
    #[test]
    fn more_nodes_never_leave_more_pods_waiting(
        (few, more) in (any_nodes(5), any_nodes(3)),
        (millis, mib) in (0..2500_i64, 0..3000_i64),
        count in 0..30_usize,
    ) {
        let pod = pod("same").requests("cpu", &format!("{millis}m")).requests("memory", &format!("{mib}Mi"));
        let all: Vec<_> = few.iter().chain(&more).cloned().collect();
        let all: Vec<_> = (0..).zip(all).map(|(number, node)| named(node, &format!("n{number}"))).collect();
        let waiting = [few.len(), all.len()].map(|nodes| left_waiting(&all[..nodes], &pod, count));
        prop_assert!(waiting[1] <= waiting[0], "{} wait, and {} with more nodes", waiting[0], waiting[1]);
        let room: i64 = all.iter().map(|node| slots(node, millis, mib)).sum();
        prop_assert_eq!(waiting[1], count.saturating_sub(room as usize), "room for {}", room);
    }
}
