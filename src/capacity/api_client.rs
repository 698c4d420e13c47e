//! Clients of the API server: how long their requests take, and how fast they may make them.
//!
//! A client of kube-controller-manager or kube-scheduler waits before each request until its own token bucket lets it
//! through (k8s.io/client-go/util/flowcontrol). Each controller has a client of its own with the same settings
//! (k8s.io/controller-manager/pkg/clientbuilder/client_builder.go), so that a busy controller holds up no other; the
//! scheduler has one for its events beside the one that it binds with (cmd/kube-scheduler/app/options/options.go
//! `createClients`).
//!
//! Not modelled: events that controllers write by the same client (25 of one object at most, then one in 5 minutes),
//! updates of status, the requests of Deployments, autoscalers and the garbage collector, the server's own priority and
//! fairness.

use std::num::NonZeroU32;

use super::TokenBucket;
use crate::rule::{Confidence, Rule};
use crate::units::{SimTime, Span};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "controller-client-rate",
        statement: "Each controller's client makes 30 requests at once and 20 a second after that, first come, first \
                    served.",
        source: "pkg/controller/apis/config/v1alpha1/defaults.go, `--kube-api-qps` and `--kube-api-burst` of \
                 kube-controller-manager",
        confidence: Confidence::Source,
    },
    Rule {
        id: "scheduler-client-rate",
        statement: "The scheduler makes 100 requests at once and 50 a second after that: bindings, and the conditions \
                    of pods that fit nowhere.",
        source: "pkg/scheduler/apis/config/v1/defaults.go `clientConnection`, \
                 cmd/kube-scheduler/app/options/options.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "api-latency",
        statement: "The API server answers a request that creates, binds or deletes a pod in 10 ms.",
        source: "inferred: kubernetes/community, \"API call latency SLIs/SLOs details\" bounds the 99th percentile of \
                 mutating calls by 1 s, and an unloaded etcd takes some milliseconds for a write",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "attempt-latency",
        statement: "A scheduling attempt takes 220 µs and 1.25 µs for each node that it looks at.",
        source: "measured: kube-scheduler 1.34.1 in cluster-capacity with the default plugins places 2 892 pods a second \
                 on 100 nodes, 1 293 on 1 000 of which it looks at 420, 674 where it looks at all 1 000",
        confidence: Confidence::Observed,
    },
];

/// Requests that a controller's client makes at once (`--kube-api-burst`).
pub const CONTROLLER_BURST: NonZeroU32 = NonZeroU32::new(30).expect("not zero");

/// Thousandths of a request that it makes per second after that (`--kube-api-qps`).
pub const CONTROLLER_MILLI_QPS: u32 = 20_000;

/// Requests that the scheduler makes at once (`clientConnection.burst`).
pub const SCHEDULER_BURST: NonZeroU32 = NonZeroU32::new(100).expect("not zero");

/// Thousandths of a request that it makes per second after that (`clientConnection.qps`).
pub const SCHEDULER_MILLI_QPS: u32 = 50_000;

/// How long the API server takes for one request (rule api-latency).
pub const API_LATENCY: Span = Span::from_millis(10);

/// How long a scheduling attempt takes beside what it takes for each node (rule attempt-latency).
pub const ATTEMPT_LATENCY: Span = Span(220_000);

/// How long a scheduling attempt takes for each node that it looks at (rule attempt-latency).
pub const ATTEMPT_LATENCY_PER_NODE: Span = Span(1250);

/// How fast a client makes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientRate {
    /// At once.
    pub burst: NonZeroU32,
    /// Thousandths of a request per second after that.
    pub milli_qps: NonZeroU32,
}

impl ClientRate {
    /// So many requests at once and `milli_qps` thousandths a second after that; `None`, no limit, if that is 0.
    pub fn limit(burst: NonZeroU32, milli_qps: u32) -> Option<Self> {
        NonZeroU32::new(milli_qps).map(|milli_qps| Self { burst, milli_qps })
    }
}

/// A client of the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiClient {
    bucket: Option<TokenBucket>,
    latency: Span,
}

impl ApiClient {
    /// A client that has made no request yet, without a limit if `rate` is `None`.
    pub fn new(rate: Option<ClientRate>, latency: Span) -> Self {
        let bucket = rate.map(|rate| TokenBucket::per_thousand_seconds(rate.burst, rate.milli_qps));
        Self { bucket, latency }
    }

    /// Whether every request is answered at once.
    pub fn is_instant(&self) -> bool {
        self.bucket.is_none() && self.latency == Span::ZERO
    }

    /// When a request is answered that is made at `at`. Requests are to be told in the order in which they are made;
    /// then they are answered in that order.
    pub fn request(&mut self, at: SimTime) -> SimTime {
        let admitted = self.bucket.as_mut().map_or(at, |bucket| bucket.admit(at));
        admitted + self.latency
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// rule: controller-client-rate
    /// rule: api-latency
    #[test]
    fn two_thousand_requests_of_a_controller_take_a_minute_and_a_half() {
        let rate = ClientRate::limit(CONTROLLER_BURST, CONTROLLER_MILLI_QPS);
        let mut client = ApiClient::new(rate, API_LATENCY);
        let answered: Vec<_> = (0..2000).map(|_| client.request(SimTime::ZERO)).collect();
        assert_eq!(answered[29], SimTime::ZERO + Span::from_millis(10), "the burst");
        assert_eq!(answered[30], SimTime::ZERO + Span::from_millis(60));
        assert_eq!(answered[1999], SimTime::ZERO + Span::from_millis(98_510), "(2000 - 30) / 20");
    }

    #[test]
    fn a_rate_of_nothing_is_no_limit() {
        assert_eq!(ClientRate::limit(SCHEDULER_BURST, 0), None);
        let mut client = ApiClient::new(None, Span::ZERO);
        assert!(client.is_instant());
        assert!((0..1000).all(|_| client.request(SimTime::ZERO) == SimTime::ZERO));
        assert!(!ApiClient::new(None, API_LATENCY).is_instant());
    }
}
