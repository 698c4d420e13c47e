//! `traffic`: requests, and those that nobody could serve.

use super::registry::{Better, Group, Metric};
use super::unit::Unit;
use crate::traffic::latency::Latencies;

pub(super) static GROUP: Group = Group {
    name: "traffic",
    about: "Requests to all workloads together. How long they take is measured of streams with a `serviceTime`, and \
            of the requests that were served; a run without such a stream has no `latencySeconds`.",
    metrics: &[
        Metric::new("traffic.requests", Unit::Requests, Better::Neither, "Requests that arrived.", |run| {
            Some(run.traffic.requests)
        }),
        Metric::new("traffic.unserved", Unit::Requests, Better::Lower, UNSERVED, |run| {
            Some(run.traffic.unserved)
        }),
        Metric::new("traffic.unservedShare", Unit::Share, Better::Lower, UNSERVED_SHARE, |run| {
            Some(run.traffic.unserved_share())
        }),
        Metric::new("traffic.latencySeconds.mean", Unit::Seconds, Better::Lower, MEAN, |run| {
            run.traffic.latencies.mean()
        }),
        Metric::new("traffic.latencySeconds.p50", Unit::Seconds, Better::Lower, P50, |run| {
            run.traffic.latencies.quantile(0.5)
        }),
        Metric::new("traffic.latencySeconds.p95", Unit::Seconds, Better::Lower, P95, |run| {
            run.traffic.latencies.quantile(0.95)
        }),
        Metric::new("traffic.latencySeconds.p99", Unit::Seconds, Better::Lower, P99, |run| {
            run.traffic.latencies.quantile(0.99)
        }),
        Metric::new("traffic.latencySeconds.max", Unit::Seconds, Better::Lower, MAX, |run| {
            run.traffic.latencies.longest()
        }),
    ],
};

const UNSERVED: &str = "Requests that no ready pod had the CPU to serve.";
const UNSERVED_SHARE: &str = "Of all requests, the part that was not served; 0 if none arrived.";

const MEAN: &str = "The mean time of a request, from its arrival at a pod to its answer.";
const P50: &str = "Half of the requests took no longer.";
const P95: &str = "95 of 100 requests took no longer.";
const P99: &str = "99 of 100 requests took no longer.";
const MAX: &str = "The longest time, as it is expected of so many requests: one of n + 1 would take longer than the \
                   longest of n.";

/// The metrics of how long requests take.
pub(super) fn is_of_latency(path: &str) -> bool {
    path.starts_with("traffic.latencySeconds.")
}

/// Requests so far.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    requests: f64,
    unserved: f64,
    latencies: Latencies,
}

impl Traffic {
    pub(super) fn arrived(&mut self, requests: f64, unserved: f64, latencies: &Latencies) {
        self.requests += requests;
        self.unserved += unserved;
        if !latencies.is_empty() {
            self.latencies.add(latencies);
        }
    }

    /// Whether it is known how long any request took.
    pub(super) fn has_latency(&self) -> bool {
        !self.latencies.is_empty()
    }

    fn unserved_share(&self) -> f64 {
        if self.requests > 0.0 { self.unserved / self.requests } else { 0.0 }
    }
}
