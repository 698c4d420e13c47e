//! What does fill ECS first, and what does not quite.
//!
//! Source: runs of kube-scheduler v1.34.1, recorded with the project's vectors: two numbers of ECS nodes, two of
//! virtual nodes, four layouts of zones, a Service and a ReplicaSet.

use crate::gateway::Gateway;

/// The sixteen layouts.
fn layouts() -> Vec<Gateway> {
    let zones = [("", ""), ("h", "h"), ("h", "i"), ("hij", "hij")];
    let counts = [(1, 1), (1, 3), (3, 1), (3, 3)];
    let layout = |(ecs, virtual_nodes), (ecs_zones, virtual_zones)| Gateway {
        ecs,
        virtual_nodes,
        ecs_zones,
        virtual_zones,
        ..Gateway::default()
    };
    counts.into_iter().flat_map(|counts| zones.map(|zones| layout(counts, zones))).collect()
}

/// In how many of the layouts ECS is filled before any pod is elsewhere.
fn cured(profile: &'static str, pod: &'static str) -> usize {
    let fills = |layout: Gateway| Gateway { pod, profile, ..layout }.place().fills_ecs_first();
    layouts().into_iter().filter(|layout| fills(layout.clone())).count()
}

#[test]
fn without_a_cure_no_layout_fills_ecs_first() {
    assert_eq!(cured("", ""), 0);
}

#[test]
fn an_empty_list_of_default_constraints_cures() {
    let profile =
        "{pluginConfig: [{name: PodTopologySpread, args: {defaultingType: List, defaultConstraints: []}}]}";
    assert_eq!(cured(profile, ""), 16);
}

#[test]
fn disabling_the_spread_score_cures() {
    assert_eq!(cured("{plugins: {score: {disabled: [{name: PodTopologySpread}]}}}", ""), 16);
}

/// Verified for one node of each kind without zone labels.
#[test]
fn most_allocated_cures() {
    let profile =
        "{pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated}}}]}";
    assert!(Gateway { profile, ..Gateway::default() }.place().fills_ecs_first());
}

/// A pod that has any constraint of its own gets no default ones.
#[test]
fn a_constraint_of_its_own_cures() {
    let hard = "topologySpreadConstraints: [{topologyKey: kubernetes.io/hostname, maxSkew: 100, \
                whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: gateway}}}]";
    assert_eq!(cured("", hard), 16);
    let soft = "topologySpreadConstraints: [{topologyKey: no-node-has-this, maxSkew: 1, \
                whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: gateway}}}]";
    assert_eq!(cured("", soft), 16);
}

/// 75 points of lead times 5 are more than the 300 that all others can give; 4 is enough here. With 3, no layout
/// without zone labels or with virtual nodes in a zone of their own is cured, nor is one ECS node among three zones.
#[test]
fn a_heavier_node_affinity_plugin_cures() {
    let weighted = |profile| cured(profile, "");
    assert_eq!(weighted("{plugins: {score: {enabled: [{name: NodeAffinity, weight: 5}]}}}"), 16);
    assert_eq!(weighted("{plugins: {score: {enabled: [{name: NodeAffinity, weight: 4}]}}}"), 16);
    assert_eq!(weighted("{plugins: {score: {enabled: [{name: NodeAffinity, weight: 3}]}}}"), 7);
}
