//! What all metrics together ask for: the largest proposal, unless a failed metric might have asked for more.

use super::metric_error::MetricError;
use super::replica_calculator::{CurrentMetric, ReplicaCalculator};
use super::spec::MetricSpec;
use super::status::{Event, Finding};
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "hpa-several-metrics",
    statement: "Of several metrics the largest proposal counts; if one of them fails, the others may let \
                the workload grow and not shrink.",
    source: "pkg/controller/podautoscaler/horizontal.go `computeReplicasForMetrics`",
    confidence: Confidence::Source,
}];

/// What all metrics together ask for.
#[derive(Debug)]
pub(super) struct MetricsDecision {
    /// The size and the metric it stems from; `None` if too many metrics failed to decide.
    pub(super) proposal: Option<(i32, String)>,
    /// The values of the metrics, `None` for those that failed.
    pub(super) current: Vec<Option<CurrentMetric>>,
    /// The state of ScalingActive.
    pub(super) scaling_active: Finding,
    /// One warning for each metric that failed.
    pub(super) events: Vec<Event>,
    /// The first failure, also when the others decided.
    pub(super) failure: Option<Failure>,
}

/// That metrics failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// Why the first of them failed.
    pub(super) first: MetricError,
    /// What is reported of it.
    pub(super) message: String,
}

/// Asks every metric (`computeReplicasForMetrics`, pkg/controller/podautoscaler/horizontal.go at v1.34.1). A proposal
/// of zero is replaced by any later one, since zero also means "none yet" there.
pub(super) fn decide(calculator: &ReplicaCalculator<'_>, metrics: &[MetricSpec]) -> MetricsDecision {
    let mut replicas = 0;
    let mut largest: Option<&MetricSpec> = None;
    let mut current = Vec::with_capacity(metrics.len());
    let mut failures: Vec<(&MetricSpec, MetricError)> = Vec::new();
    for metric in metrics {
        match calculator.propose(metric) {
            Ok(proposal) => {
                if replicas == 0 || proposal.replicas > replicas {
                    replicas = proposal.replicas;
                    largest = Some(metric);
                }
                current.push(Some(proposal.current));
            }
            Err(error) => {
                failures.push((metric, error));
                current.push(None);
            }
        }
    }
    let warn = |(metric, error): &(&MetricSpec, MetricError)| {
        Event::warning(metric.failure_reason(), metric.failure_message(error))
    };
    let events = failures.iter().map(warn).collect();
    let would_shrink = replicas < calculator.seen.spec_replicas;
    let undecided = failures.len() >= metrics.len() || (!failures.is_empty() && would_shrink);
    let name = largest.map(MetricSpec::describe).unwrap_or_default();
    let scaling_active = match failures.first() {
        Some((metric, error)) if undecided => cannot_compute(metric, error),
        _ => Finding::new(
            true,
            "ValidMetricFound",
            format!("the HPA was able to successfully calculate a replica count from {name}"),
        ),
    };
    let failure = summarise(failures, metrics.len());
    let proposal = (!undecided).then_some((replicas, name));
    MetricsDecision { proposal, current, scaling_active, events, failure }
}

fn cannot_compute(metric: &MetricSpec, error: &MetricError) -> Finding {
    let why = metric.failure_message(error);
    let message = format!("the HPA was unable to compute the replica count: {why}");
    Finding::new(false, metric.failure_reason(), message)
}

fn summarise(failures: Vec<(&MetricSpec, MetricError)>, metrics: usize) -> Option<Failure> {
    let failed = failures.len();
    let (metric, first) = failures.into_iter().next()?;
    let context = metric.failure_in_context(&first);
    let message = format!("invalid metrics ({failed} invalid out of {metrics}), first error is: {context}");
    Some(Failure { first, message })
}
