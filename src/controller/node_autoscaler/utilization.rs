//! How much of a node its pods request (simulator/utilization/info.go).

use super::View;
use crate::controller::drain::Keeper;
use crate::id::NodeId;

/// What the pods of a node request of what they may, in millionths: the larger of cpu and memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Utilization(pub u64);

impl std::fmt::Display for Utilization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// How much of a node is requested; pods of DaemonSets count as if they and what they take were not there, if they are
/// to be ignored. Pods that should have ended long ago request nothing.
pub(super) fn utilization(view: &View<'_>, node: NodeId, ignore_daemons: bool) -> Utilization {
    let node = view.cluster.node(node);
    let has = &node.spec.allocatable;
    let (mut cpu, mut memory) = (node.requested.cpu.0, node.requested.memory.0);
    let (mut has_cpu, mut has_memory) = (has.cpu.0, has.memory.0);
    for &pod in &node.pods {
        let (spec, seen) = (view.cluster.spec_of(pod), (view.pod)(pod));
        let takes = &spec.requests.placed;
        let is_ignored = ignore_daemons && seen.keeper == Keeper::DaemonSet;
        if is_ignored {
            has_cpu -= takes.cpu.0;
            has_memory -= takes.memory.0;
        }
        if is_ignored || seen.is_long_terminating(spec, view.now) {
            cpu -= takes.cpu.0;
            memory -= takes.memory.0;
        }
    }
    let share = |wants: i64, has: i64| {
        if has <= 0 { 0 } else { (i128::from(wants.max(0)) * 1_000_000 / i128::from(has)) as u64 }
    };
    Utilization(share(cpu, has_cpu).max(share(memory, has_memory)))
}
