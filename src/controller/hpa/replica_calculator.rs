//! How many replicas one metric asks for (pkg/controller/podautoscaler/replica_calculator.go at v1.34.1).
//!
//! Ratios are doubles as upstream's are, so that the same input falls on the same side of a tolerance.

use super::grouping::PodGroups;
use super::metric_error::MetricError;
use super::observation::Observation;
use super::samples::Samples;
use super::spec::{Behavior, Config, MetricSpec, Resource, ResourceTarget, ScalingRules, ValueTarget};
use super::yardstick::{Measured, Total, Yardstick, requests};
use crate::controller::pod_status::{PodPhase, ReadyCondition};
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "hpa-tolerance",
        statement: "An HPA does nothing while usage over target, from the percentage cut off to a whole \
                    number, lies from 0.9 to 1.1, both included.",
        source: "pkg/controller/podautoscaler/replica_calculator.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "hpa-missing-pods",
        statement: "A pod without a sample counts against the direction of the change: as idle when growing, as \
                    using its request or the target when shrinking; an unready one is idle when growing and left \
                    out when shrinking; neither turns the direction.",
        source: "pkg/controller/podautoscaler/replica_calculator.go `calcPlainMetricReplicas`",
        confidence: Confidence::Source,
    },
];

/// How far from 1 a usage ratio may be without a reaction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerances {
    /// Below 1.
    pub down: f64,
    /// Above 1.
    pub up: f64,
}

impl Tolerances {
    /// The controller's tolerance, or that of `behavior` where the feature gate lets it count.
    pub(super) fn new(config: &Config, behavior: Option<&Behavior>) -> Self {
        let own = behavior.filter(|_| config.configurable_tolerance);
        let of = |rules: Option<&ScalingRules>| {
            let tolerance = rules.and_then(|rules| rules.tolerance);
            tolerance.map_or(config.tolerance, |quantity| quantity.milli_value() as f64 * 0.001)
        };
        Self { down: of(own.map(|own| &own.scale_down)), up: of(own.map(|own| &own.scale_up)) }
    }

    /// Whether `ratio` is close enough to 1; both ends count as close.
    fn allow(self, ratio: f64) -> bool {
        1.0 - self.down <= ratio && ratio <= 1.0 + self.up
    }
}

/// What one metric asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// How many replicas.
    pub replicas: i32,
    /// What was measured.
    pub current: CurrentMetric,
}

/// The current value of a metric as the status of the HPA shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurrentMetric {
    /// Mean usage, also in percent of the requests.
    Utilization {
        /// Percent of the requests.
        percent: i32,
        /// Mean per pod in thousandths.
        average: i64,
    },
    /// Mean per pod in thousandths.
    Average(i64),
    /// The value itself in thousandths.
    Value(i64),
}

/// Computes proposals from one observation.
#[derive(Clone, Copy, Debug)]
pub struct ReplicaCalculator<'a> {
    /// The namespace of the target, for messages.
    pub namespace: &'a str,
    /// The controller's flags.
    pub config: &'a Config,
    /// The tolerances that hold for the HPA.
    pub tolerances: Tolerances,
    /// What the HPA sees.
    pub seen: &'a Observation<'a>,
}

impl ReplicaCalculator<'_> {
    /// What `metric` asks for.
    pub fn propose(&self, metric: &MetricSpec) -> Result<Proposal, MetricError> {
        let answers = self.seen.metrics;
        match metric {
            MetricSpec::Resource { resource, target } => self.by_resource(*resource, None, *target),
            MetricSpec::ContainerResource { container, resource, target } => {
                self.by_resource(*resource, Some(container), *target)
            }
            MetricSpec::Pods { metric, target_average } => {
                let samples = answers.custom_samples(metric)?;
                let groups = self.group_pods(&samples, None)?;
                self.by_samples(&samples, &groups, &Yardstick::Average { target: *target_average })
            }
            MetricSpec::Object { kind, object, metric, target } => {
                let object = format!("{kind} {}/{object}", self.namespace);
                self.by_value(answers.object_value(&object, metric)?, *target)
            }
            MetricSpec::External { metric, target } => {
                self.by_value(answers.external_value(self.namespace, metric)?, *target)
            }
        }
    }

    /// Which pods count for `metric`; `None` if it is not per pod or its samples or the pods are not to be had.
    pub fn pod_groups(&self, metric: &MetricSpec) -> Option<PodGroups> {
        let answers = self.seen.metrics;
        let (samples, resource) = match metric {
            MetricSpec::Resource { resource, .. } => {
                (answers.resource_samples(*resource, None), Some(*resource))
            }
            MetricSpec::ContainerResource { container, resource, .. } => {
                (answers.resource_samples(*resource, Some(container)), Some(*resource))
            }
            MetricSpec::Pods { metric, .. } => (answers.custom_samples(metric), None),
            MetricSpec::Object { .. } | MetricSpec::External { .. } => return None,
        };
        self.group_pods(&samples.ok()?, resource).ok()
    }

    fn by_resource(
        &self,
        resource: Resource,
        container: Option<&str>,
        target: ResourceTarget,
    ) -> Result<Proposal, MetricError> {
        let samples = self.seen.metrics.resource_samples(resource, container)?;
        let groups = self.group_pods(&samples, Some(resource))?;
        let yardstick = match target {
            ResourceTarget::AverageValue(target) => Yardstick::Average { target },
            ResourceTarget::Utilization(target) => {
                // Upstream looks at the requests last, so that this error comes before theirs.
                self.strangers(&samples, &groups)?;
                Yardstick::Utilization { target, requests: requests(self.seen.pods, resource, container)? }
            }
        };
        self.by_samples(&samples, &groups, &yardstick)
    }

    /// The decision over samples per pod.
    fn by_samples(
        &self,
        samples: &Samples<'_>,
        groups: &PodGroups,
        yardstick: &Yardstick,
    ) -> Result<Proposal, MetricError> {
        let mut total = self.total_of_kept(samples, groups, yardstick)?;
        let first = yardstick.measure(total)?;
        let proposal = |replicas| Proposal { replicas, current: first.current() };
        let grows_with_unready = !groups.unready.is_empty() && first.ratio > 1.0;
        if !grows_with_unready && groups.missing.is_empty() {
            let stays = self.tolerances.allow(first.ratio);
            let count = self.count(&groups.ready) as f64;
            return Ok(proposal(if stays { self.seen.spec_replicas } else { ceil_i32(first.ratio * count) }));
        }
        self.fill_in(&mut total, groups, yardstick, first.ratio);
        let second = yardstick.measure(total)?;
        Ok(proposal(self.second_thoughts(first.ratio, second.ratio, total.pods)))
    }

    /// Adds what pods without a usable sample are taken to use: against the direction of the change.
    fn fill_in(&self, total: &mut Total, groups: &PodGroups, yardstick: &Yardstick, ratio: f64) {
        if ratio < 1.0 {
            for &place in &groups.missing {
                let assumed = yardstick.assumed_when_shrinking(place);
                yardstick.add(total, place, assumed, self.seen.pods[place].count);
            }
        } else if ratio > 1.0 {
            for &place in groups.missing.iter().chain(&groups.unready) {
                yardstick.add(total, place, 0, self.seen.pods[place].count);
            }
        }
    }

    /// The size after pods were filled in: it never contradicts the direction of the first ratio, nor its own.
    fn second_thoughts(&self, first: f64, second: f64, pods: i64) -> i32 {
        let current = self.seen.spec_replicas;
        let turned = (first < 1.0 && second > 1.0) || (first > 1.0 && second < 1.0);
        if turned || self.tolerances.allow(second) {
            return current;
        }
        let replicas = ceil_i32(second * pods as f64);
        let contradicts = (second < 1.0 && replicas > current) || (second > 1.0 && replicas < current);
        if contradicts { current } else { replicas }
    }

    /// The decision over one value for all pods.
    fn by_value(&self, value: i64, target: ValueTarget) -> Result<Proposal, MetricError> {
        match target {
            ValueTarget::Value(target) => {
                let replicas = self.by_ratio(value as f64 / target as f64)?;
                Ok(Proposal { replicas, current: CurrentMetric::Value(value) })
            }
            ValueTarget::AverageValue(target) => {
                let status = self.seen.status_replicas;
                let ratio = value as f64 / (target as f64 * f64::from(status));
                let stays = self.tolerances.allow(ratio);
                let replicas = if stays { status } else { ceil_i32(value as f64 / target as f64) };
                Ok(Proposal { replicas, current: CurrentMetric::Average(average_of(value, status)) })
            }
        }
    }

    /// The size for a ratio that does not stem from pods' samples: from zero replicas it is the ratio itself.
    fn by_ratio(&self, ratio: f64) -> Result<i32, MetricError> {
        let current = self.seen.spec_replicas;
        if current == 0 {
            return Ok(ceil_i32(ratio));
        }
        if self.tolerances.allow(ratio) {
            return Ok(current);
        }
        if self.seen.pods.is_empty() {
            return Err(MetricError::NoPods);
        }
        // Deleted pods count as long as they are ready.
        let is_ready = |ready: Option<ReadyCondition>| ready.is_some_and(ReadyCondition::is_true);
        let pods = self.seen.pods.iter();
        let ready = pods.filter(|pod| pod.phase == PodPhase::Running && is_ready(pod.ready));
        let ready: i64 = ready.map(|pod| i64::from(pod.count)).sum();
        Ok(ceil_i32(ratio * ready as f64))
    }

    fn group_pods(
        &self,
        samples: &Samples<'_>,
        resource: Option<Resource>,
    ) -> Result<PodGroups, MetricError> {
        if self.seen.pods.is_empty() {
            return Err(MetricError::NoPods);
        }
        Ok(PodGroups::new(self.seen.pods, samples, resource, self.config, self.seen.now))
    }

    /// How many pods there are at these places.
    fn count(&self, places: &[usize]) -> i64 {
        places.iter().map(|&place| i64::from(self.seen.pods[place].count)).sum()
    }

    fn sample_at(&self, samples: &Samples<'_>, place: usize) -> Option<i64> {
        samples.of(self.seen.pods[place].name).map(|sample| sample.value)
    }

    /// How many samples belong to no pod of the target. At least one is left with those of ready pods when those of
    /// unready and ignored pods are taken away.
    fn strangers(&self, samples: &Samples<'_>, groups: &PodGroups) -> Result<usize, MetricError> {
        let places = 0..self.seen.pods.len();
        let known = places.filter(|&place| self.sample_at(samples, place).is_some()).count();
        let strangers = samples.len() - known;
        if strangers == 0 && groups.ready.is_empty() {
            return Err(MetricError::NoMetricsForTargetedPods);
        }
        Ok(strangers)
    }

    /// The samples of ready pods and of pods that the target does not select.
    fn total_of_kept(
        &self,
        samples: &Samples<'_>,
        groups: &PodGroups,
        yardstick: &Yardstick,
    ) -> Result<Total, MetricError> {
        let strangers = self.strangers(samples, groups)?;
        let known = (0..self.seen.pods.len()).filter_map(|place| self.sample_at(samples, place));
        let known: i128 = known.map(i128::from).sum();
        let mut total = yardstick.strangers(samples.total() - known, strangers);
        for &place in &groups.ready {
            let value = self.sample_at(samples, place).expect("a pod without sample is missing, not ready");
            yardstick.add(&mut total, place, value, self.seen.pods[place].count);
        }
        Ok(total)
    }
}

impl Measured {
    fn current(self) -> CurrentMetric {
        match self.utilization {
            Some(percent) => CurrentMetric::Utilization { percent, average: self.average },
            None => CurrentMetric::Average(self.average),
        }
    }
}

/// The smallest whole number of replicas that is not below `replicas`, at most what an `int32` holds.
fn ceil_i32(replicas: f64) -> i32 {
    replicas.ceil() as i32
}

/// `value` per replica, rounded up. Without replicas upstream divides by zero and stores what amd64 makes of it, the
/// smallest `int64`; the status shows that.
fn average_of(value: i64, replicas: i32) -> i64 {
    if replicas == 0 { i64::MIN } else { (value as f64 / f64::from(replicas)).ceil() as i64 }
}

#[cfg(test)]
mod tests;
