//! scenarios/four-policies: what its rivals have to do with each other, where the break-even lies between them, and the pages
//! that say so.

#[path = "policies/pages.rs"]
mod pages;
#[path = "policies/spikes.rs"]
mod spikes;

use std::collections::BTreeSet;

use overspill::experiment::measure;
use spikes::{BREAK_EVEN, BreakEven, NODE_PRICES, Spike, Trade};

/// Where the break-even lies, and which wins when.
#[test]
fn the_pages_are_fresh() {
    let break_even = BreakEven::found(&BREAK_EVEN);
    pages::check("docs/policies.md", "lengths", &pages::lengths(&break_even));
    pages::check("docs/policies.md", "break-even", &pages::break_evens());
    pages::check("docs/policies.md", "premiums", &pages::premiums());
    pages::check("README.md", "policies", &pages::paragraph(&break_even));
}

#[test]
fn the_page_shows_what_compare_prints() {
    trycmd::TestCases::new().case("docs/policies.md");
}

#[test]
fn the_tables_of_single_runs_are_fresh() {
    for table in &pages::SINGLE_RUNS {
        pages::check("docs/policies.md", table.mark, &table.rows());
    }
}

/// The length at which nodes become cheaper is that of the formula, at several prices: a node is paid for longer than it is
/// needed, an instance at a higher price.
#[test]
fn the_break_even_is_where_the_formula_says() {
    for ((node, trade), by_hand) in NODE_PRICES.iter().zip([45.2, 32.4, 20.6]) {
        let expected = trade.minutes().expect("instances cost more than nodes that they fill");
        assert!((expected - by_hand).abs() < 0.1, "{node}: {expected}");
        let found = BreakEven::found(trade).needed_minutes;
        assert!((found / expected - 1.0).abs() < 0.07, "{node}: {found} min, worked out {expected} min");
    }
}

/// By as much as nodes cost more than overflow in one spike, they do in each of two, to two cents of the dollar that both cost.
/// Where the nodes of the first are still there for the second, at least three minutes of three nodes are saved.
#[test]
fn how_often_there_is_a_spike_does_not_matter_while_nodes_go_in_between() {
    let nodes_cost_more = |spike: Spike| {
        let [overflow, nodes] = ["strict", "autoscaler"].map(|variant| spike.figure(variant, "cost.total"));
        nodes - overflow
    };
    let once = nodes_cost_more(Spike::minutes(20));
    let apart = nodes_cost_more(Spike::minutes(20).again_after(70));
    let close = nodes_cost_more(Spike::minutes(20).again_after(34));
    assert!((apart - 2.0 * once).abs() < 0.02, "{apart} for two, {once} for one");
    assert!(apart - close > 3.0 / 60.0 * 3.0 * 0.26, "{apart} for two, {close} if they are close");
}

/// A node that is filled to less than the price of instances pays never: here ten pods that have one to themselves.
#[test]
fn a_node_that_is_half_empty_pays_never() {
    let trade = Trade { overflowing: 10.0, nodes: 1.0, ..BREAK_EVEN };
    assert_eq!(trade.minutes(), None);
    let spike = Spike::minutes(80).with_at_most(67);
    let [overflow, nodes] = ["strict", "autoscaler"].map(|variant| spike.figure(variant, "cost.total"));
    assert!(overflow < nodes, "{overflow} for instances, {nodes} for a node");
}

/// Where a virtual node takes every pod, an autoscaler changes nothing: not one figure.
///
/// rule: ca-trigger
#[test]
fn an_autoscaler_beside_a_virtual_node_changes_no_figure() {
    let [without, with] = ["", "both"].map(|variant| Spike::minutes(20).runs(variant));
    for (without, with) in without.iter().zip(&with) {
        let (without, with) = (without.to_json(), with.to_json());
        for (group, figures) in without.as_object().expect("a summary is a tree") {
            assert_eq!(figures, &with[group], "{group}");
        }
        assert_eq!(with["nodes"]["added"], 0);
    }
}

/// Pods that a policy has wait for nodes are Unschedulable, and nodes are asked for, for these pods.
///
/// rule: policy-timeout
/// rule: ca-trigger
#[test]
fn pods_that_wait_in_a_unit_bring_nodes() {
    let run = measure(&Spike::minutes(20).scenario("hybrid"), &mut |_| {});
    let pods_told = |reason: &str, message: &str| -> BTreeSet<String> {
        let events = run.observation.events.iter();
        let told = events.filter(|event| event.reason == reason && event.message.contains(message));
        told.map(|event| event.object.clone()).collect()
    };
    let waiting = pods_told("FailedScheduling", "the pod waits for unit 1 (ecs) of ResourcePolicy gateway");
    let asked_for = pods_told("ProvisionNode", "Provision node gateway-4, triggered by this pod");
    assert_eq!(asked_for.len(), 12, "69 pods less the 57 that have room");
    assert!(asked_for.is_subset(&waiting));
    let all = pods_told("ProvisionNode", "");
    assert_eq!(all, waiting, "every pod that waits is asked for");
}

/// Nodes that come within the timeout make a policy that waits for them what the autoscaler is alone; the virtual node costs
/// nothing.
#[test]
fn a_policy_that_waits_long_enough_is_the_autoscaler() {
    let spike = Spike::minutes(20);
    for path in
        ["pods.created", "overflow.pods", "nodes.added", "nodes.removed", "cost.total", "cost.virtual"]
    {
        let [alone, waiting] = ["autoscaler", "hybrid"].map(|variant| spike.figure(variant, path));
        assert!((alone - waiting).abs() < 1e-5, "{path}: {alone} alone, {waiting} with a virtual node");
    }
}
