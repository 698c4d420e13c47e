//! Groups that are alike grow evenly (processors/nodegroupset/{compare_nodegroups,balancing_processor}.go).

use super::Group;
use crate::object::{LABEL_HOSTNAME, LABEL_REGION, LABEL_ZONE, Labels};

/// Labels that groups may differ in and still be alike.
const IGNORED: [&str; 4] = [LABEL_HOSTNAME, LABEL_ZONE, LABEL_REGION, "alibabacloud.com/nodepool-id"];

/// Whether the nodes of two groups are alike: as much cpu and memory of each kind, up to five per cent of what is
/// allocatable and one and a half of the memory that there is, and the same labels but for where they are.
pub(super) fn are_alike(one: &Group, other: &Group) -> bool {
    let (a, b) = (one.template(0), other.template(0));
    let within = |a: i64, b: i64, thousandths: i64| (a - b).abs() * 1000 <= thousandths * a.max(b);
    let labels = |labels: &Labels| -> Vec<(String, String)> {
        let kept = labels.0.iter().filter(|(key, _)| !IGNORED.contains(&key.as_str()));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    one.cpu == other.cpu
        && within(one.memory.0, other.memory.0, 15)
        && within(a.allocatable.cpu.0, b.allocatable.cpu.0, 50)
        && within(a.allocatable.memory.0, b.allocatable.memory.0, 50)
        && a.allocatable.scalar == b.allocatable.scalar
        && labels(&a.labels) == labels(&b.labels)
}

/// How many of `new` nodes each group gets that has `size` and may have `most`: one after another to the smallest, the
/// earlier of equals first.
pub(super) fn shares(groups: &[(u32, u32)], new: u32) -> Vec<u32> {
    let mut shares = vec![0; groups.len()];
    for _ in 0..new {
        let has = |place: &usize| groups[*place].0 + shares[*place];
        let may_grow = (0..groups.len()).filter(|place| has(place) < groups[*place].1);
        let Some(smallest) = may_grow.min_by_key(has) else { break };
        shares[smallest] += 1;
    }
    shares
}
