//! Whether so few nodes are ready that an autoscaler had better do nothing (clusterstate.go `IsClusterHealthy`,
//! `IsNodeGroupHealthy`).

use super::{Config, Member};
use crate::units::SimTime;

/// Whether enough of these nodes are ready. Those that start are neither.
pub(super) fn is_healthy<'m>(
    config: &Config,
    members: impl Iterator<Item = &'m Member>,
    now: SimTime,
) -> bool {
    let (mut all, mut unready) = (0_u32, 0_u32);
    for member in members.filter(|member| !member.deleting) {
        all += 1;
        let starts = member.is_starting(now);
        unready += u32::from(!member.ready && !starts);
    }
    unready <= config.ok_total_unready_count
        || unready.saturating_mul(100) <= all.saturating_mul(config.max_total_unready_percentage)
}
