//! The table, and which plugin outvotes the weights.
//!
//! Source: runs of kube-scheduler v1.34.1 with its default profile, recorded with the project's vectors.

use std::collections::BTreeMap;

use crate::gateway::{Gateway, Owner, Placements, Zones};

/// A row: nodes, zones, the first pod that is not on ECS, and how many of the first 5, 10, 16, 20, 30, 40 are.
struct Row {
    ecs: (usize, Zones),
    virtual_nodes: (usize, Zones),
    /// The first pod for which an ECS and a virtual node are equal, if that comes before the first elsewhere.
    tie: Option<usize>,
    elsewhere: usize,
    on_ecs: [usize; 6],
}

const COUNTS: [usize; 6] = [5, 10, 16, 20, 30, 40];

const fn row(
    ecs: (usize, Zones),
    virtual_nodes: (usize, Zones),
    tie: Option<usize>,
    elsewhere: usize,
    on_ecs: [usize; 6],
) -> Row {
    Row { ecs, virtual_nodes, tie, elsewhere, on_ecs }
}

/// Pods of a Service, a ReplicaSet or both. Within each block the layouts without zone labels, in one zone and in
/// different zones stand first.
const OWNED: [Row; 15] = [
    row((1, ""), (1, ""), None, 4, [4, 7, 10, 12, 16, 16]),
    row((1, "h"), (1, "h"), None, 11, [5, 10, 13, 15, 16, 16]),
    row((1, "h"), (1, "i"), None, 5, [4, 7, 10, 12, 16, 16]),
    row((1, ""), (3, ""), None, 3, [2, 5, 7, 8, 11, 13]),
    row((1, "h"), (3, "h"), None, 9, [5, 9, 11, 12, 15, 16]),
    row((1, "h"), (3, "i"), Some(4), 5, [4, 7, 9, 11, 15, 16]),
    row((1, "h"), (3, "hij"), Some(4), 5, [4, 6, 8, 9, 12, 14]),
    row((3, ""), (1, ""), None, 7, [5, 9, 15, 18, 26, 33]),
    row((3, "h"), (1, "h"), Some(40), 43, [5, 10, 16, 20, 30, 40]),
    row((3, "h"), (1, "i"), None, 7, [5, 9, 14, 17, 24, 30]),
    row((3, "hij"), (1, "h"), None, 28, [5, 10, 16, 20, 29, 38]),
    row((3, ""), (3, ""), None, 7, [5, 7, 13, 15, 21, 25]),
    row((3, "h"), (3, "h"), None, 37, [5, 10, 16, 20, 30, 37]),
    row((3, "h"), (3, "i"), None, 7, [5, 9, 12, 15, 21, 27]),
    row((3, "hij"), (3, "hij"), None, 25, [5, 10, 16, 20, 27, 34]),
];

impl Row {
    fn gateway(&self, owner: Owner) -> Gateway {
        let ((ecs, ecs_zones), (virtual_nodes, virtual_zones)) = (self.ecs, self.virtual_nodes);
        Gateway { ecs, virtual_nodes, ecs_zones, virtual_zones, owner, ..Gateway::default() }
    }
}

/// A row as it is read: first tie, first pod elsewhere, pods on ECS.
fn read_off(placements: &Placements) -> (Option<usize>, Option<usize>, [usize; 6]) {
    let on_ecs = COUNTS.map(|count| placements.on_ecs(count));
    (placements.first_tie(), placements.first_elsewhere(), on_ecs)
}

#[test]
fn every_row_comes_out_whoever_owns_the_pods() {
    for row in &OWNED {
        for owner in [Owner::Service, Owner::ReplicaSet, Owner::Both] {
            let placements = row.gateway(owner).place();
            let expected = (row.tie, Some(row.elsewhere), row.on_ecs);
            let layout = (row.ecs, row.virtual_nodes);
            assert_eq!(read_off(&placements), expected, "{layout:?} {owner:?}");
        }
    }
}

#[test]
fn pods_that_nothing_selects_fill_ecs_first() {
    for row in &OWNED {
        let placements = row.gateway(Owner::Nothing).place();
        let capacity = 16 * row.ecs.0;
        let on_ecs = COUNTS.map(|count| count.min(capacity));
        let expected = (None, Some(capacity + 1), on_ecs);
        assert_eq!(read_off(&placements), expected, "{:?} {:?}", row.ecs, row.virtual_nodes);
    }
}

/// Without the spread plugin's score no early row is left: the table hangs on it.
#[test]
fn without_the_spread_score_no_pod_is_early() {
    let profile = "{plugins: {score: {disabled: [{name: PodTopologySpread}]}}}";
    for row in &OWNED {
        let gateway = Gateway { profile, ..row.gateway(Owner::Both) };
        let placements = gateway.place();
        let full = 16 * row.ecs.0 + 1;
        assert!(row.elsewhere < full, "each row is early with it");
        assert_eq!(placements.first_elsewhere(), Some(full), "{:?} {:?}", row.ecs, row.virtual_nodes);
    }
}

/// Pod 4 of the first row, plugin by plugin.
#[test]
fn the_spread_plugin_outvotes_the_weights() {
    let placements = OWNED[0].gateway(Owner::Both).place();
    let fourth = &placements.0[3];
    let weighted = |plugin: &str, node: &str| fourth.scores[plugin][node][2];
    let expected = [
        ("TaintToleration", 300, 300),
        ("NodeAffinity", 200, 50),
        ("NodeResourcesFit", 81, 99),
        ("NodeResourcesBalancedAllocation", 93, 99),
        ("PodTopologySpread", 66, 200),
        ("ImageLocality", 0, 0),
    ];
    for (plugin, ecs, virtual_node) in expected {
        assert_eq!(
            (weighted(plugin, "ecs-0"), weighted(plugin, "virtual-0")),
            (ecs, virtual_node),
            "{plugin}"
        );
    }
    assert_eq!((fourth.total["ecs-0"], fourth.total["virtual-0"]), (740, 748));
    assert_eq!(fourth.scores.len(), expected.len());
    let leads = leads(&placements);
    assert_eq!(leads.iter().max_by_key(|(_, lead)| **lead), Some((&"PodTopologySpread", &134)));
}

/// In every row the first early pod would have stayed on ECS but for the spread plugin.
#[test]
fn it_is_the_spread_plugin_in_every_row() {
    for row in &OWNED {
        let placements = row.gateway(Owner::Both).place();
        let leads = leads(&placements);
        let total: i64 = leads.values().sum();
        let without_spread = total - leads["PodTopologySpread"];
        assert!(total > 0 && without_spread < 0, "{:?} {:?}: {leads:?}", row.ecs, row.virtual_nodes);
    }
}

/// By how much each plugin prefers the node of the first pod elsewhere to the best ECS node.
fn leads(placements: &Placements) -> BTreeMap<&'static str, i64> {
    let first = placements.first_elsewhere().expect("some pod is elsewhere");
    let record = &placements.0[first - 1];
    let chosen = record.chosen.as_ref().expect("every pod has room");
    let ecs_nodes = record.total.iter().filter(|(name, _)| name.starts_with("ecs-"));
    let (best_ecs, _) = ecs_nodes.max_by_key(|(_, total)| **total).expect("the pod is early");
    let lead = |scores: &BTreeMap<String, [i64; 3]>| scores[chosen][2] - scores[best_ecs][2];
    record.scores.iter().map(|(plugin, scores)| (*plugin, lead(scores))).collect()
}
