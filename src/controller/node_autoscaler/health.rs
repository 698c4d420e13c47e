//! Whether so few nodes are ready that an autoscaler had better do nothing (clusterstate.go `IsClusterHealthy`,
//! `IsNodeGroupHealthy`).

use super::{Config, Member, View};
use crate::units::SimTime;

/// Whether enough nodes of the cluster are ready, those of no group and virtual ones among them.
pub(super) fn is_cluster_healthy(config: &Config, view: &View<'_>) -> bool {
    let unready = view.members.iter().filter(|member| is_unready(member, view.now)).count() as u32;
    is_bearable(config, unready + view.unready_others, view.cluster.node_count() as u32)
}

/// Whether enough of the nodes of a group are ready.
pub(super) fn is_group_healthy(config: &Config, view: &View<'_>, group: usize) -> bool {
    let members = || view.members.iter().filter(|member| member.group == group && !member.deleting);
    let unready = members().filter(|member| is_unready(member, view.now)).count();
    is_bearable(config, unready as u32, members().count() as u32)
}

/// Whether a node should be ready, and is not: one that starts, or is being deleted, need not be.
fn is_unready(member: &Member, now: SimTime) -> bool {
    !member.ready && !member.deleting && !member.is_starting(now)
}

fn is_bearable(config: &Config, unready: u32, all: u32) -> bool {
    unready <= config.ok_total_unready_count
        || unready.saturating_mul(100) <= all.saturating_mul(config.max_total_unready_percentage)
}
