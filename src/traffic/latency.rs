//! How long requests take: until a core is free, until they are served, and what they wait for others.
//!
//! Each serving pod is a queue with as many servers as it has cores. A run tells for each step how many requests met
//! which queue ([`Latencies::served`]); the law of a request's time is put together only when somebody asks, so that a
//! step costs the same whatever is asked.

mod gamma;
mod queue;
mod record;
mod sojourn;
#[cfg(test)]
mod tests;

pub use queue::{Queue, Wait};
pub use record::Latencies;

use crate::rule::{Confidence, Rule};
use crate::units::Span;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "request-time",
        statement: "A request takes base + wait + service; its service is the cpu time that it costs, with the mean \
                    that follows from cpuPerThousandRequests and what its proxy takes, and with a coefficient of \
                    variation cv: exponential for 1, constant for 0, and gamma-distributed otherwise.",
        source: "this simulator's own definition; that cpu times are gamma-distributed is an estimate",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "pod-queue",
        statement: "Requests come to a pod as a Poisson process and wait in order of arrival for one of its cores: the \
                    probability to wait is Erlang's C, and the wait of those who do is exponential with the mean \
                    (1 + cv²)/2 × service / (cores − cores in use), which is exact for cv 1 and whole cores, and has \
                    the exact mean for one core; otherwise it is an approximation.",
        source: "A. K. Erlang (1917); A. O. Allen, Probability, Statistics, and Queueing Theory (1990), the \
                 Allen-Cunneen approximation; Pollaczek and Khinchine's formula for one core",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "fractional-cores",
        statement: "Less than one core is one that is slower by as much; between whole numbers of cores Erlang's \
                    recursion begins at the fraction, where 1/B is interpolated geometrically between 0 and 1 core: \
                    more cores never make anybody wait longer.",
        source: "cgroup v2 cpu.max gives a part of each period; the interpolation is an estimate",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "pod-cores",
        statement: "The cores of a pod's queue are what it uses and what idles on its node, at most its limit; where \
                    a node cannot be contended, its other pods are taken to use as large a part as the pod of what \
                    they may want at most, and the node to be like the mean of those with pods of its kind.",
        source: "the kernel's fair scheduler lets nobody wait while a core idles; the means are this simulator's own \
                 approximation",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "queue-timeout",
        statement: "Nobody waits for a core longer than queueTimeout, 15s by default; where a pod gets no more cores \
                    than its requests take, its queue is full: those that it serves wait that long, and the rest are \
                    unserved, and a step is taken as steady: no queue is carried from one to the next.",
        source: "the default is that of a route's timeout (Envoy, \"HTTP route components\", timeout); that a full \
                 queue keeps everybody until then is an estimate",
        confidence: Confidence::Estimate,
    },
];

/// The longest wait for a core where the scenario does not say.
pub const DEFAULT_QUEUE_TIMEOUT: Span = Span::from_secs(15);

/// What the time of requests depends on beside their cpu time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceTime {
    /// What a request waits for others, without cpu.
    pub base: Span,
    /// The coefficient of variation of its cpu time: the standard deviation as a share of the mean.
    pub cv: f64,
    /// The longest that a request waits for a core.
    pub queue_timeout: Span,
}

impl Default for ServiceTime {
    fn default() -> Self {
        Self { base: Span::ZERO, cv: 1.0, queue_timeout: DEFAULT_QUEUE_TIMEOUT }
    }
}
