//! The horizontal pod autoscaler (autoscaling/v2): how many replicas a workload should have.
//!
//! One [`Hpa::sync`] is one reconcile of upstream's controller (`reconcileAutoscaler`,
//! pkg/controller/podautoscaler/horizontal.go at v1.34.1): metrics propose a size, past recommendations stabilise it,
//! rate policies and bounds limit it. The state that lasts from sync to sync is small: recommendations, past changes,
//! and the object's status. Decisions recorded from upstream's own code are reproduced by the test target `recorded`.

mod answer;
#[cfg(test)]
mod fixture;
mod grouping;
mod limit;
mod metric_error;
mod metrics_decision;
mod observation;
mod rate;
mod replica_calculator;
mod samples;
mod spec;
mod stabilisation;
mod status;
mod yardstick;

pub use grouping::PodGroups;
pub use metric_error::MetricError;
pub use observation::{
    Amounts, ApiError, Container, ContainerUsage, CustomSample, DEFAULT_WINDOW, Metrics, Observation, Pod,
    PodMetrics,
};
pub use replica_calculator::{CurrentMetric, Proposal, ReplicaCalculator, Tolerances};
pub use spec::{
    Behavior, Change, Config, DEFAULT_CPU_UTILIZATION, DEFAULT_MIN_REPLICAS, MetricName, MetricSpec,
    Resource, ResourceTarget, ScalingPolicy, ScalingRules, SelectPolicy, Spec, ValueTarget,
};
pub use status::{Condition, Conditions, Event, Status};

use std::cmp::Ordering;

use crate::rule::Rule;
use crate::units::{SimTime, Span};
use rate::ScaleHistory;
use stabilisation::{Recommendations, Windows};
use status::Finding;

/// How a workload's size follows its load.
pub(crate) const RULES: &[&[Rule]] = &[
    grouping::RULES,
    yardstick::RULES,
    replica_calculator::RULES,
    metrics_decision::RULES,
    stabilisation::RULES,
    rate::RULES,
];

/// A horizontal pod autoscaler with what it remembers.
#[derive(Clone, Debug)]
pub struct Hpa {
    /// The namespace of the HPA and its target, for messages.
    pub namespace: String,
    /// The spec; it may be replaced between two syncs.
    pub spec: Spec,
    /// The controller's flags.
    pub config: Config,
    status: Status,
    recommendations: Recommendations,
    history: ScaleHistory,
}

/// What one sync comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `spec.replicas` of the target after the sync.
    pub replicas: i32,
    /// Why the size was changed; `None` if it was not.
    pub rescaled: Option<String>,
    /// What the metrics asked for, before stabilisation and limits; `None` if they did not decide.
    pub recommendation: Option<i32>,
    /// What went wrong, also when the size was changed all the same.
    pub error: Option<SyncError>,
    /// Events about the HPA.
    pub events: Vec<Event>,
}

/// What went wrong in a sync.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// A metric failed; the first of them.
    #[error("failed to compute desired number of replicas based on listed metrics: {0}")]
    Metric(#[from] MetricError),
    /// The API server refused the new size.
    #[error("failed to rescale: {0}")]
    FailRescale(String),
}

/// Where a sync is heading before the new size is stored.
enum Course {
    /// Leave the size as it is.
    Keep,
    /// To `replicas`, for `reason`.
    Scale { replicas: i32, reason: String },
    /// The metrics do not decide: leave everything as it is.
    GiveUp,
}

impl Hpa {
    /// An autoscaler that has never synced.
    pub fn new(namespace: impl Into<String>, spec: Spec, config: Config) -> Self {
        Self {
            namespace: namespace.into(),
            spec,
            config,
            status: Status::default(),
            recommendations: Recommendations::default(),
            history: ScaleHistory::default(),
        }
    }

    /// The status as of the last sync.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// One reconcile: looks at `seen` and says how many replicas the target should have.
    pub fn sync(&mut self, seen: &Observation<'_>) -> Outcome {
        let mut outcome = Outcome {
            replicas: seen.spec_replicas,
            rescaled: None,
            recommendation: None,
            error: None,
            events: Vec::new(),
        };
        Finding::new(
            true,
            "SucceededGetScale",
            "the HPA controller was able to get the target's current scale",
        )
        .set(&mut self.status.conditions.able_to_scale, seen.now);
        self.recommendations.record_initial(seen.spec_replicas, seen.now);
        self.status.current_replicas = seen.spec_replicas;
        self.status.current_metrics = None;
        match self.course(seen, &mut outcome) {
            Course::GiveUp => {}
            Course::Keep => self.status.desired_replicas = seen.spec_replicas,
            Course::Scale { replicas, reason } => self.rescale(seen, replicas, reason, &mut outcome),
        }
        outcome
    }

    /// Outside of the bounds the metrics are not even read: no stabilisation, no rate, no recommendation.
    fn course(&mut self, seen: &Observation<'_>, outcome: &mut Outcome) -> Course {
        let current = seen.spec_replicas;
        let Spec { min_replicas, max_replicas, .. } = self.spec;
        if current == 0 && min_replicas != 0 {
            Finding::new(
                false,
                "ScalingDisabled",
                "scaling is disabled since the replica count of the target is zero",
            )
            .set(&mut self.status.conditions.scaling_active, seen.now);
            Course::Keep
        } else if current > max_replicas {
            let reason = "Current number of replicas above Spec.MaxReplicas".to_owned();
            Course::Scale { replicas: max_replicas, reason }
        } else if current < min_replicas {
            let reason = "Current number of replicas below Spec.MinReplicas".to_owned();
            Course::Scale { replicas: min_replicas, reason }
        } else {
            self.course_by_metrics(seen, outcome)
        }
    }

    fn course_by_metrics(&mut self, seen: &Observation<'_>, outcome: &mut Outcome) -> Course {
        let calculator = ReplicaCalculator {
            namespace: &self.namespace,
            config: &self.config,
            tolerances: Tolerances::new(&self.config, self.spec.behavior.as_ref()),
            seen,
        };
        let decision = metrics_decision::decide(&calculator, &self.spec.metrics);
        decision.scaling_active.set(&mut self.status.conditions.scaling_active, seen.now);
        self.status.current_metrics = Some(decision.current);
        outcome.events = decision.events;
        let failure = decision.failure.map(|failure| {
            outcome.error = Some(SyncError::Metric(failure.first));
            failure.message
        });
        let Some((recommended, metric)) = decision.proposal else {
            let message = failure.unwrap_or_default();
            outcome.events.push(Event::warning("FailedComputeMetricsReplicas", message));
            return Course::GiveUp;
        };
        outcome.recommendation = Some(recommended);
        let replicas = self.normalise(seen.spec_replicas, recommended, seen.now);
        if replicas == seen.spec_replicas {
            return Course::Keep;
        }
        // The reason is that of the recommendation: there is none if only a past recommendation moves the size.
        let reason = match recommended.cmp(&seen.spec_replicas) {
            Ordering::Greater => format!("{metric} above target"),
            Ordering::Equal => String::new(),
            Ordering::Less => "All metrics below target".to_owned(),
        };
        Course::Scale { replicas, reason }
    }

    /// Stabilises a recommendation, then limits it.
    fn normalise(&mut self, current: i32, recommended: i32, now: SimTime) -> i32 {
        let (stabilised, reason) = self.stabilise(current, recommended, now);
        let finding = match reason {
            _ if stabilised == recommended => {
                Finding::new(true, "ReadyForNewScale", "recommended size matches current size")
            }
            Direction::Up => Finding::new(
                true,
                "ScaleUpStabilized",
                "recent recommendations were lower than current one, applying the lowest recent recommendation",
            ),
            Direction::Down => Finding::new(
                true,
                "ScaleDownStabilized",
                "recent recommendations were higher than current one, applying the highest recent recommendation",
            ),
        };
        finding.set(&mut self.status.conditions.able_to_scale, now);
        let (replicas, limit) = limit::cut(&self.spec, &self.history, current, stabilised, now);
        Finding::new(replicas != stabilised, limit.reason(), limit.message())
            .set(&mut self.status.conditions.scaling_limited, now);
        replicas
    }

    fn stabilise(&mut self, current: i32, recommended: i32, now: SimTime) -> (i32, Direction) {
        let flag = self.config.downscale_stabilisation;
        let Some(behavior) = &self.spec.behavior else {
            return (self.recommendations.stabilise_downscale(recommended, flag, now), Direction::Down);
        };
        let windows = Windows {
            up: behavior.scale_up.stabilisation.unwrap_or(Span::ZERO),
            down: behavior.scale_down.stabilisation.unwrap_or(flag),
        };
        let direction = if recommended >= current { Direction::Up } else { Direction::Down };
        (self.recommendations.stabilise(current, recommended, windows, now), direction)
    }

    /// Stores the new size, or finds that the API server does not take it.
    fn rescale(&mut self, seen: &Observation<'_>, replicas: i32, reason: String, outcome: &mut Outcome) {
        let size = format!("New size: {replicas}; reason: {reason}");
        let able_to_scale = &mut self.status.conditions.able_to_scale;
        if let Some(error) = seen.scale_update_error {
            let message = format!("the HPA controller was unable to update the target scale: {error}");
            Finding::new(false, "FailedUpdateScale", message).set(able_to_scale, seen.now);
            outcome.events.push(Event::warning("FailedRescale", format!("{size}; error: {error}")));
            outcome.error = Some(SyncError::FailRescale(error.to_owned()));
            return;
        }
        let message = format!("the HPA controller was able to update the target scale to {replicas}");
        Finding::new(true, "SucceededRescale", message).set(able_to_scale, seen.now);
        outcome.events.push(Event::normal("SuccessfulRescale", size));
        if let Some(behavior) = &self.spec.behavior {
            let grows = replicas > seen.spec_replicas;
            let rules = if grows { &behavior.scale_up } else { &behavior.scale_down };
            self.history.record(seen.spec_replicas, replicas, rules, seen.now);
        }
        self.status.desired_replicas = replicas;
        self.status.last_scale_time = Some(seen.now);
        outcome.replicas = replicas;
        outcome.rescaled = Some(reason);
    }
}

/// Which way a recommendation points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

#[cfg(test)]
mod tests;
