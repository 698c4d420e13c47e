//! How a node's processor time is shared, and what a pod can use of it.
//!
//! On an ECS node the kernel shares the cores among the pods that want them, in proportion to the weights that the
//! kubelet derives from their cpu requests; nobody waits while a core idles, and nobody gets more than the limit. An
//! ECI instance has its cores for itself.

use crate::rule::{Confidence, Rule};
use crate::units::{MicroCpu, MilliCpu};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "cpu-share",
        statement: "The pods of an ECS node share its cores max-min-fairly by weight: nobody waits while a \
                    core idles, and nobody gets more than it wants or its limit.",
        source: "the kernel's fair scheduler under contention, in the mean",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "cpu-weight",
        statement: "A pod's weight is the cgroup v2 cpu.weight that the kubelet makes of its request.",
        source: "pkg/kubelet/cm/helpers_linux.go `MilliCPUToShares`, pkg/kubelet/cm/cgroup_manager_linux.go \
                 `getCPUWeight`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "eci-cpu",
        statement: "An ECI instance gives its pod the billed vCPUs, or the limit if that is lower.",
        source: "an instance runs one pod; that nothing else takes cpu is an estimate",
        confidence: Confidence::Estimate,
    },
];

/// What one pod would use if the node were its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What its load asks for.
    pub want: MicroCpu,
    /// Its weight among the pods of the node, at least 1: see [`cgroup_weight`].
    pub weight: u32,
    /// Its cpu limit; `None` if it has none.
    pub limit: Option<MicroCpu>,
}

impl Demand {
    /// What it would use: no limit is ever exceeded.
    pub fn capped(&self) -> MicroCpu {
        self.limit.map_or(self.want, |limit| self.want.min(limit))
    }
}

/// The cgroup v2 `cpu.weight` of a pod that requests `request`: 39 for one core, 1 for none.
///
/// The kubelet first makes cgroup v1 shares of the request (`MilliCPUToShares`, pkg/kubelet/cm/helpers_linux.go), then
/// a weight of the shares (`getCPUWeight`, pkg/kubelet/cm/cgroup_manager_linux.go, both at v1.34.1).
pub fn cgroup_weight(request: MilliCpu) -> u32 {
    const MIN_SHARES: i64 = 2;
    const MAX_SHARES: i64 = 262_144;
    let shares = (request.0.clamp(0, MAX_SHARES) * 1024 / 1000).clamp(MIN_SHARES, MAX_SHARES);
    (1 + (shares - MIN_SHARES) * 9999 / (MAX_SHARES - MIN_SHARES)) as u32
}

/// What a pod can use on an ECI instance of its own: the billed specification, or its limit if that is lower.
pub fn usable_on_eci(limit: Option<MilliCpu>, billed: MilliCpu) -> MicroCpu {
    limit.map_or(billed, |limit| limit.min(billed)).into()
}

/// Shares `capacity` among `demands`: see [`Sharing::share`].
pub fn share(capacity: MicroCpu, demands: &[Demand]) -> Vec<MicroCpu> {
    let mut sharing = Sharing::default();
    sharing.share(capacity, demands);
    sharing.grants
}

/// Shares cores again and again, in the same memory.
#[derive(Clone, Debug, Default)]
pub struct Sharing {
    grants: Vec<MicroCpu>,
    /// Places of demands by what they want per unit of weight.
    modest_first: Vec<usize>,
    /// What the division took from whom.
    lost: Vec<(u128, usize)>,
}

impl Sharing {
    /// Shares `capacity` among `demands`, weighted max-min-fair: whoever gets less than it wants gets, in proportion to
    /// its weight, at least as much as anyone else.
    ///
    /// The grants are in the order of the demands and add up to the capacity, or to all demands if that is less,
    /// exactly. Crumbs of the division go to those who lost most to rounding, the earlier before the later.
    pub fn share(&mut self, capacity: MicroCpu, demands: &[Demand]) -> &[MicroCpu] {
        self.grants.clear();
        self.grants.extend(demands.iter().map(Demand::capped));
        if self.grants.iter().copied().sum::<MicroCpu>() > capacity {
            self.throttle(capacity, demands);
        }
        &self.grants
    }

    fn throttle(&mut self, capacity: MicroCpu, demands: &[Demand]) {
        self.sort_by_want_per_weight(demands);
        let mut left = u128::from(capacity.0);
        let mut weights: u128 = demands.iter().map(weight_of).sum();
        // The most modest takes all it wants as long as that is at most its fair share of what the others leave.
        let is_satisfied = |&&place: &&usize| {
            let (want, weight) = (u128::from(self.grants[place].0), weight_of(&demands[place]));
            let satisfied = want * weights <= left * weight;
            if satisfied {
                left -= want;
                weights -= weight;
            }
            satisfied
        };
        let satisfied = self.modest_first.iter().take_while(is_satisfied).count();
        self.divide(left, weights, satisfied, demands);
    }

    fn sort_by_want_per_weight(&mut self, demands: &[Demand]) {
        self.modest_first.clear();
        self.modest_first.extend(0..demands.len());
        let wants = &self.grants;
        self.modest_first.sort_unstable_by(|&a, &b| {
            let want_a = u128::from(wants[a].0) * weight_of(&demands[b]);
            let want_b = u128::from(wants[b].0) * weight_of(&demands[a]);
            want_a.cmp(&want_b).then(a.cmp(&b))
        });
    }

    /// Divides `left` among all but the `satisfied` most modest, each of whom wants more than its part, in proportion to
    /// their weights.
    fn divide(&mut self, left: u128, weights: u128, satisfied: usize, demands: &[Demand]) {
        let mut crumbs = left;
        self.lost.clear();
        for &place in &self.modest_first[satisfied..] {
            let part = left * weight_of(&demands[place]);
            self.grants[place] = MicroCpu((part / weights) as u64);
            crumbs -= part / weights;
            self.lost.push((part % weights, place));
        }
        self.lost.sort_unstable_by_key(|&(lost, place)| (std::cmp::Reverse(lost), place));
        for &(_, place) in self.lost.iter().take(crumbs as usize) {
            self.grants[place].0 += 1;
        }
    }
}

fn weight_of(demand: &Demand) -> u128 {
    u128::from(demand.weight.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn demand(want: u64, weight: u32, limit: Option<u64>) -> Demand {
        Demand { want: MicroCpu(want), weight, limit: limit.map(MicroCpu) }
    }

    #[track_caller]
    fn check(capacity: u64, demands: &[(u64, u32, Option<u64>)], expected: &[u64]) {
        let demands: Vec<Demand> =
            demands.iter().map(|&(want, weight, limit)| demand(want, weight, limit)).collect();
        let grants: Vec<u64> = share(MicroCpu(capacity), &demands).iter().map(|grant| grant.0).collect();
        assert_eq!(grants, expected);
    }

    /// rule: cpu-share
    #[test]
    fn cores_are_shared_by_weight_and_what_one_leaves_goes_to_the_others() {
        check(100, &[(30, 1, None), (40, 1, None)], &[30, 40]);
        check(100, &[(90, 1, None), (90, 1, None)], &[50, 50]);
        check(100, &[(90, 3, None), (90, 1, None)], &[75, 25]);
        check(100, &[(10, 1, None), (90, 1, None), (90, 1, None)], &[10, 45, 45]);
        check(100, &[(90, 1, Some(20)), (90, 1, None)], &[20, 80]);
        check(100, &[(90, 8, Some(20)), (10, 1, None), (90, 1, None)], &[20, 10, 70]);
        check(100, &[(90, 1, None); 3], &[34, 33, 33]);
        check(0, &[(90, 1, None)], &[0]);
        check(100, &[], &[]);
    }

    /// rule: cpu-weight
    #[test]
    fn weights_are_the_kubelets() {
        let weights =
            [0, 1, 100, 250, 1000, 2000, 256_000, 1_000_000].map(|milli| cgroup_weight(MilliCpu(milli)));
        assert_eq!(weights, [1, 1, 4, 10, 39, 79, 10_000, 10_000]);
    }

    /// rule: eci-cpu
    #[test]
    fn an_eci_instance_gives_the_limit_or_the_billed_cores() {
        let two_cores = MilliCpu::from_cores(2);
        assert_eq!(usable_on_eci(Some(MilliCpu(1500)), two_cores), MicroCpu(1_500_000));
        assert_eq!(usable_on_eci(Some(MilliCpu(4000)), two_cores), MicroCpu(2_000_000));
        assert_eq!(usable_on_eci(None, two_cores), MicroCpu(2_000_000));
    }

    /// A packed ECS node throttles pods that ECI serves in full: eight pods request one core of eight each, may use
    /// two, and want one and a half.
    #[test]
    fn a_packed_ecs_node_throttles_where_eci_does_not() {
        let limit = MilliCpu::from_cores(2);
        let pod = Demand {
            want: MilliCpu(1500).into(),
            weight: cgroup_weight(MilliCpu::from_cores(1)),
            limit: Some(limit.into()),
        };
        let on_ecs = share(MilliCpu::from_cores(8).into(), &[pod; 8]);
        assert_eq!(on_ecs, [MicroCpu::from(MilliCpu::from_cores(1)); 8]);
        let on_eci = share(usable_on_eci(Some(limit), MilliCpu::from_cores(2)), &[pod]);
        assert_eq!(on_eci, [MicroCpu::from(MilliCpu(1500))]);
    }

    fn demands() -> impl Strategy<Value = Vec<Demand>> {
        let parts = (0_u64..3_000_000, 1_u32..200, prop::option::of(0_u64..2_000_000));
        let demand = parts.prop_map(|(want, weight, limit)| demand(want, weight, limit));
        prop::collection::vec(demand, 0..30)
    }

    proptest! {
        #[test]
        fn no_core_idles_while_someone_wants_it(demands in demands(), capacity in 0_u64..20_000_000) {
            let wanted: u64 = demands.iter().map(|demand| demand.capped().0).sum();
            let granted: u64 = share(MicroCpu(capacity), &demands).iter().map(|grant| grant.0).sum();
            prop_assert_eq!(granted, wanted.min(capacity));
        }

        #[test]
        fn nobody_gets_more_than_it_wants_or_may_have(demands in demands(), capacity in 0_u64..20_000_000) {
            for (grant, demand) in share(MicroCpu(capacity), &demands).iter().zip(&demands) {
                prop_assert!(*grant <= demand.want);
                prop_assert!(demand.limit.is_none_or(|limit| *grant <= limit));
            }
        }

        /// Whoever is throttled has, per weight, at least what anyone else has, up to one crumb.
        #[test]
        fn nobody_is_throttled_in_favour_of_a_richer_one(demands in demands(), capacity in 0_u64..20_000_000) {
            let grants = share(MicroCpu(capacity), &demands);
            for (poor, demand) in grants.iter().zip(&demands).filter(|(grant, demand)| **grant < demand.capped()) {
                for (rich, other) in grants.iter().zip(&demands) {
                    let have = u128::from(poor.0 + 1) * u128::from(other.weight);
                    prop_assert!(have + u128::from(demand.weight) >= u128::from(rich.0) * u128::from(demand.weight));
                }
            }
        }

        #[test]
        fn more_cores_never_mean_less_for_anyone_but_a_crumb(demands in demands(), capacity in 0_u64..20_000_000, more in 0_u64..1_000_000) {
            let before = share(MicroCpu(capacity), &demands);
            let after = share(MicroCpu(capacity + more), &demands);
            prop_assert!(before.iter().zip(&after).all(|(before, after)| before.0 <= after.0 + 1));
        }
    }
}
