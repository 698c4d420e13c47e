//! Kind `r1`: which pods a ReplicaSet deletes first.

use std::collections::BTreeMap;
use std::path::Path;

use overspill::controller::replica_set::{Pod, deletion_cost, deletion_order, ranks, victims};
use overspill::id::NodeId;
use serde::Deserialize;

use super::schema::{phase, ready};
use super::{Tally, files_of, moment, same};

#[derive(Deserialize)]
struct Recording {
    cases: Vec<Case>,
    expected: Vec<Expected>,
}

#[derive(Deserialize)]
struct Case {
    now_ms: i64,
    diff: usize,
    pods: Vec<RecordedPod>,
    related: Option<Vec<RecordedPod>>,
}

#[derive(Deserialize)]
struct RecordedPod {
    name: String,
    uid: String,
    #[serde(default)]
    node: String,
    phase: String,
    ready: Option<String>,
    ready_since_ms: Option<i64>,
    created_ms: Option<i64>,
    restarts: Option<Vec<u32>>,
    sidecar_restarts: Option<Vec<u32>>,
    deletion_cost: Option<String>,
    #[serde(default)]
    deleted: bool,
}

#[derive(Deserialize)]
struct Expected {
    active: usize,
    victims: Vec<String>,
    order: Vec<String>,
    ranks: BTreeMap<String, usize>,
    order_stable: bool,
    set_stable: bool,
}

/// Replays every `r1` file in `dir`. The order is compared where upstream's does not depend on its input's, the set of
/// victims where only their order does; what is left is left out.
pub(crate) fn check_replica_sets(dir: &Path) -> Tally {
    let mut tally = Tally::default();
    for (path, recording) in files_of::<Recording>(dir, "r1") {
        assert_eq!(recording.cases.len(), recording.expected.len(), "{}", path.display());
        for (number, (case, recorded)) in recording.cases.iter().zip(&recording.expected).enumerate() {
            if case.check(&path, number, recorded) {
                tally.compared += 1;
            } else {
                tally.left_out += 1;
            }
        }
    }
    tally
}

impl Case {
    /// Whether the victims could be compared.
    fn check(&self, path: &Path, number: usize, recorded: &Expected) -> bool {
        let mut nodes = BTreeMap::new();
        let pods: Vec<Pod<&str>> = self.pods.iter().map(|pod| pod.view(&mut nodes)).collect();
        let related: Vec<Pod<&str>> = self.related.iter().flatten().map(|pod| pod.view(&mut nodes)).collect();
        let now = moment(self.now_ms);
        let name = |&place: &usize| self.pods[place].name.clone();
        let active: Vec<usize> = (0..pods.len()).filter(|&place| pods[place].is_active()).collect();
        same(path, number, &recorded.active, &active.len());
        let all_ranks = ranks(&pods, &related);
        let of_active = active.iter().map(|place| (name(place), all_ranks[*place])).collect();
        same(path, number, &recorded.ranks, &of_active);
        // Nothing is sorted when all must go.
        let order = if self.diff < active.len() { deletion_order(&pods, &related, now) } else { active };
        let order: Vec<String> = order.iter().map(name).collect();
        let mut chosen: Vec<String> = victims(&pods, &related, self.diff, now).iter().map(name).collect();
        let mut recorded_victims = recorded.victims.clone();
        if recorded.order_stable {
            same(path, number, &recorded.order, &order);
        } else {
            chosen.sort();
            recorded_victims.sort();
        }
        if recorded.set_stable {
            same(path, number, &recorded_victims, &chosen);
        }
        recorded.order_stable || recorded.set_stable
    }
}

impl RecordedPod {
    fn view<'a>(&'a self, nodes: &mut BTreeMap<&'a str, NodeId>) -> Pod<&'a str> {
        let next = NodeId(u32::try_from(nodes.len()).expect("few nodes"));
        let most = |restarts: Option<&Vec<u32>>| restarts.into_iter().flatten().copied().max().unwrap_or(0);
        Pod {
            uid: &self.uid,
            node: (!self.node.is_empty()).then(|| *nodes.entry(&self.node).or_insert(next)),
            phase: phase(&self.phase),
            deleted: self.deleted,
            ready: ready(self.ready.as_deref(), self.ready_since_ms),
            created: self.created_ms.map(moment),
            deletion_cost: deletion_cost(self.deletion_cost.as_deref()),
            restarts: most(self.restarts.as_ref()),
            sidecar_restarts: most(self.sidecar_restarts.as_ref()),
        }
    }
}
