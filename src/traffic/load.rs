//! From requests to cpu, and from cpu to requests served.
//!
//! Requests are split equally over the ready pods, as a Service or a gateway's load balancer does in the mean. A pod
//! that gets less cpu than its part asks for serves fewer requests; the rest is unserved and not handed to a sibling.

use super::Rate;
use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, MicroCpu, MilliCpu, Span};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "equal-split",
        statement: "Requests are split equally over the ready pods; what a pod cannot serve is unserved and \
                    not handed to a sibling.",
        source: "what a Service or a gateway's load balancer does in the mean, without retries",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "cpu-per-request",
        statement: "Requests of a stream take the same cpu time in the mean, so that the cpu that a pod wants is \
                    proportional to its rate.",
        source: "a parameter of the scenario",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "memory-per-request",
        statement: "A container that serves uses memory in proportion to its requests per second, beside what it \
                    uses without any; no container goes above its memory limit, and none is killed for it.",
        source: "Istio, \"Performance and Scalability\", gives memory per thousand requests per second; the rest are \
                 parameters of the scenario",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "warm-up",
        statement: "With warmUp, the requests that a pod is sent cost its application cpuFactor times as much cpu for \
                    some time after it was ready for the first time, while it is sent as many as any other pod; pods \
                    that are ready at the start of the run are warm.",
        source: "just-in-time compilers and cold caches, as a step (E. Barrett et al., Virtual Machine Warmup Blows \
                 Hot and Cold, 2017, measures that courses differ); none is assumed where the scenario states none",
        confidence: Confidence::Estimate,
    },
];

/// What a request costs: cores in use while one thousand requests per second are served. Above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuPerThousandRequests(pub MilliCpu);

impl CpuPerThousandRequests {
    /// The cpu that a pod wants to serve `rate`, rounded up.
    pub fn wanted(self, rate: Rate) -> MicroCpu {
        MeanCost::of(self).wanted(rate)
    }
}

/// What requests hold in memory: bytes in use while one thousand requests per second are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryPerThousandRequests(pub Bytes);

impl MemoryPerThousandRequests {
    /// The memory that a container holds for so many thousandths of a request per second.
    pub fn held_at(self, milli_rate: u32) -> Bytes {
        let held = i128::from(self.0.0) * i128::from(milli_rate) / 1_000_000;
        Bytes(i64::try_from(held).unwrap_or(i64::MAX))
    }
}

/// A rate in thousandths of a request per second, as far as that is a number of 32 bits: 4 million requests per second.
pub fn milli_rate(rate: Rate) -> u32 {
    (rate.0 * 1000.0) as u32
}

/// For how long a new pod is slow, and how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmUp {
    /// How long after it was ready for the first time.
    pub lasts: Span,
    /// How many times as much cpu its application takes for a request.
    pub cpu_factor: f64,
}

/// What requests of one or more streams cost in the mean, as [`CpuPerThousandRequests`] in thousandths of a core.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanCost(pub f64);

impl MeanCost {
    /// The cost of requests that all cost the same.
    pub fn of(cost: CpuPerThousandRequests) -> Self {
        Self(cost.0.0 as f64)
    }

    /// The cost where each request takes as much again in a proxy.
    #[must_use]
    pub fn behind(self, proxy: MilliCpu) -> Self {
        Self(self.0 + proxy.0 as f64)
    }

    /// The cost where the application takes so many times as much.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }

    /// The cpu time of a request in seconds.
    pub fn seconds(self) -> f64 {
        self.0 / 1e6
    }

    /// The cpu that a pod wants to serve `rate`, rounded up.
    pub fn wanted(self, rate: Rate) -> MicroCpu {
        // Thousandths of a core per thousand requests are millionths of a core per request.
        MicroCpu((rate.0 * self.0).ceil() as u64)
    }

    /// How many of `part` requests a pod cannot serve that has `granted` over `step` and would want `wanted`.
    ///
    /// A grant of what is wanted serves all of them, whatever the last bit of a division says.
    pub fn lacking(self, part: f64, wanted: MicroCpu, granted: MicroCpu, step: Span) -> f64 {
        if granted >= wanted { 0.0 } else { (part - self.servable(granted, step)).max(0.0) }
    }

    /// The requests that `granted` serves in `step`.
    fn servable(self, granted: MicroCpu, step: Span) -> f64 {
        granted.cores() * step.as_secs_f64() / self.seconds()
    }
}

/// The part of `rate` that each of `ready` pods has to serve; nothing without pods.
pub fn rate_per_pod(rate: Rate, ready: usize) -> Rate {
    if ready == 0 { Rate::ZERO } else { Rate(rate.0 / ready as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::cpu_share::{Demand, cgroup_weight, share, usable_on_eci};
    use proptest::prelude::*;

    const COST: CpuPerThousandRequests = CpuPerThousandRequests(MilliCpu(350));

    /// What became of the requests of a step.
    #[derive(Clone, Copy, Debug)]
    struct Served {
        served: f64,
        unserved: f64,
    }

    /// What a ready pod was granted, and what a request costs it.
    struct Grant {
        cost: CpuPerThousandRequests,
        cpu: MicroCpu,
    }

    fn wanted_by_each(requests: f64, step: Span, cost: CpuPerThousandRequests, ready: usize) -> MicroCpu {
        cost.wanted(rate_per_pod(Rate(requests / step.as_secs_f64()), ready))
    }

    /// Serves `requests`, which arrive steadily over `step`, by ready pods that were granted cpu: one entry each.
    fn serve(requests: f64, step: Span, granted: &[Grant]) -> Served {
        let part = requests / granted.len() as f64;
        let lacks = |&Grant { cost, cpu }: &Grant| {
            let wanted = wanted_by_each(requests, step, cost, granted.len());
            MeanCost::of(cost).lacking(part, wanted, cpu, step)
        };
        let unserved = granted.iter().map(lacks).sum();
        Served { served: requests - unserved, unserved }
    }

    fn at(cost: CpuPerThousandRequests, granted: &[MicroCpu]) -> Vec<Grant> {
        granted.iter().map(|&cpu| Grant { cost, cpu }).collect()
    }

    #[track_caller]
    fn check(outcome: Served, served: f64, unserved: f64) {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(near(outcome.served, served) && near(outcome.unserved, unserved), "{outcome:?}");
    }

    /// rule: cpu-per-request
    #[test]
    fn four_thousand_requests_per_second_want_1400_millicores() {
        assert_eq!(COST.wanted(Rate(4000.0)), MicroCpu::from(MilliCpu(1400)));
        assert_eq!(COST.wanted(rate_per_pod(Rate(4000.0), 4)), MicroCpu::from(MilliCpu(350)));
        assert_eq!(COST.wanted(rate_per_pod(Rate(4000.0), 0)), MicroCpu::ZERO);
    }

    /// rule: equal-split
    #[test]
    fn what_a_throttled_pod_cannot_serve_is_not_handed_to_an_idle_sibling() {
        let grants = [MicroCpu::from(MilliCpu(350)), MicroCpu::from(MilliCpu(175)), MicroCpu(9_000_000)];
        check(serve(30_000.0, Span::from_secs(10), &at(COST, &grants)), 25_000.0, 5000.0);
    }

    /// What a gateway of 2 cores and a request of 200m at 80 % serve with 350m per 1000 requests a second.
    ///
    /// rule: cpu-per-request
    #[test]
    fn a_gateway_serves_so_many_requests() {
        let per_second = |cpu: MilliCpu| {
            let grants = at(COST, &[cpu.into()]);
            serve(1e6, Span::from_secs(1), &grants).served.round() as u64
        };
        assert_eq!(per_second(MilliCpu::from_cores(2)), 5714);
        assert_eq!(per_second(MilliCpu(160)), 457, "then the autoscaler adds a pod");
        assert_eq!(COST.wanted(Rate(457.0)), MicroCpu(159_950));
    }

    /// Istio, "Performance and Scalability": cores of Envoy for 1000 requests a second, by the version of Istio.
    #[test]
    fn what_envoy_takes_depends_on_its_version() {
        for (version, milli, at_two_cores) in
            [("1.24", 200, 10_000), ("1.10", 350, 5714), ("1.17", 500, 4000)]
        {
            let cost = CpuPerThousandRequests(MilliCpu(milli));
            let served = serve(1e6, Span::from_secs(1), &at(cost, &[MilliCpu::from_cores(2).into()])).served;
            assert_eq!(served.round() as u64, at_two_cores, "{version}");
            assert_eq!(cost.wanted(Rate(1000.0)), MicroCpu::from(MilliCpu(milli)), "{version}");
        }
    }

    #[test]
    fn a_pod_behind_a_proxy_serves_fewer_requests_with_the_same_cpu() {
        let behind_proxy = CpuPerThousandRequests(MilliCpu(700));
        let cpu = MicroCpu::from(MilliCpu(350));
        let pods = [Grant { cost: COST, cpu }, Grant { cost: behind_proxy, cpu }];
        check(serve(2000.0, Span::from_secs(1), &pods), 1500.0, 500.0);
    }

    /// Eight pods on a packed ECS node of eight cores and eight on ECI, all of one shape: request 1, limit 2, and load
    /// for one and a half cores. The node serves two thirds, ECI everything.
    #[test]
    fn a_packed_ecs_node_leaves_requests_unserved_that_eci_serves() {
        let cost = CpuPerThousandRequests(MilliCpu::from_cores(1));
        let (rate, step, limit) = (Rate(12_000.0), Span::from_secs(1), MilliCpu::from_cores(2));
        let pod = Demand {
            want: cost.wanted(rate_per_pod(rate, 8)),
            weight: cgroup_weight(MilliCpu::from_cores(1)),
            limit: Some(limit.into()),
        };
        let on_ecs = share(MilliCpu::from_cores(8).into(), &[pod; 8]);
        check(serve(rate.0, step, &at(cost, &on_ecs)), 8000.0, 4000.0);
        let instance = usable_on_eci(Some(limit), MilliCpu::from_cores(2));
        let on_eci: Vec<MicroCpu> = (0..8).flat_map(|_| share(instance, &[pod])).collect();
        check(serve(rate.0, step, &at(cost, &on_eci)), 12_000.0, 0.0);
    }

    proptest! {
        #[test]
        fn no_request_is_lost_or_served_twice(
            requests in 0.0..1e6, grants in prop::collection::vec(0_u64..4_000_000, 1..20), millis in 1_u64..60_000,
        ) {
            let grants: Vec<MicroCpu> = grants.into_iter().map(MicroCpu).collect();
            let step = Span::from_millis(millis);
            let outcome = serve(requests, step, &at(COST, &grants));
            prop_assert!(outcome.unserved >= 0.0 && outcome.served >= -1e-6);
            prop_assert!((outcome.served + outcome.unserved - requests).abs() < 1e-6);
            let capacity: f64 = grants.iter().map(|&grant| MeanCost::of(COST).servable(grant, step)).sum();
            prop_assert!(outcome.served <= capacity + 1e-6);
        }

        #[test]
        fn pods_that_get_what_they_want_serve_everything(requests in 0.0..1e6, pods in 1_usize..20, millis in 1_u64..60_000) {
            let step = Span::from_millis(millis);
            let want = wanted_by_each(requests, step, COST, pods);
            let outcome = serve(requests, step, &at(COST, &vec![want; pods]));
            prop_assert!(outcome.unserved <= 0.0);
        }
    }
}
