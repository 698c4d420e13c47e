//! Metrics that are no resources: which there are, and who may ask for them.

use crate::controller::hpa::{self, MetricName};
use crate::id::WorkloadId;
use crate::object::Labels;
use crate::traffic::Shape;
use crate::units::Span;

/// Names under which adapters commonly serve requests per second: they need not be declared (prometheus-adapter,
/// "Walkthrough": `http_requests_total` becomes `http_requests_per_second`; the others by the same rule).
const REQUESTS_PER_SECOND: [&str; 3] =
    ["requests_per_second", "http_requests_per_second", "istio_requests_per_second"];

/// Whether a metric is that of requests per second wherever there is traffic.
pub fn is_requests_per_second(metric: &MetricName) -> bool {
    metric.selector.is_none() && REQUESTS_PER_SECOND.contains(&metric.name.as_str())
}

/// What autoscalers may ask for beside cpu and memory.
#[derive(Clone, Debug)]
pub struct CustomMetricsSetup {
    /// How often they are measured.
    pub period: Span,
    /// What there is.
    pub metrics: Vec<MetricSetup>,
}

impl CustomMetricsSetup {
    /// The one that a metric of an autoscaler in `namespace` asks for.
    pub fn find(&self, metric: &hpa::MetricSpec, namespace: &str) -> Option<usize> {
        let name = metric.name()?;
        let is_meant = |one: &MetricSetup| {
            one.name == name.name && name.selects(&one.labels) && one.scope.covers(metric, namespace)
        };
        self.metrics.iter().position(is_meant)
    }

    pub(super) fn series(&self) -> impl Iterator<Item = &Shape> {
        self.metrics.iter().filter_map(|metric| match &metric.source {
            MetricSource::Series(shape) => Some(shape),
            _ => None,
        })
    }
}

/// A metric that autoscalers may ask for.
#[derive(Clone, Debug)]
pub struct MetricSetup {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// Who is told it.
    pub scope: MetricScope,
    /// Where it comes from.
    pub source: MetricSource,
}

/// What a metric is a metric of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricScope {
    /// Whatever is asked about.
    Any,
    /// One object.
    Object {
        /// Its kind.
        kind: String,
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

impl MetricScope {
    fn covers(&self, metric: &hpa::MetricSpec, asking: &str) -> bool {
        match (self, metric) {
            (Self::Any, _) => true,
            (Self::Object { kind, namespace, name }, hpa::MetricSpec::Object { kind: of, object, .. }) => {
                kind == of && namespace == asking && name == object
            }
            (Self::Object { .. }, _) => false,
        }
    }
}

/// Where the value of a metric comes from.
#[derive(Clone, Debug)]
pub enum MetricSource {
    /// The requests per second of all these workloads together; as a Pods metric of the only one, of each pod.
    Requests(Vec<WorkloadId>),
    /// A shape, whose rates are numbers.
    Series(Shape),
    /// The completions that a Job still lacks.
    CompletionsLeft(u32),
}
