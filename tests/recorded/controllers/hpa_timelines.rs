//! Kind `h2`: whole reconciles of one HPA over time.

use std::path::Path;

use overspill::controller::hpa::{Condition, Config, CurrentMetric, Hpa, Observation, Outcome};
use overspill::units::Span;
use serde::Deserialize;

use super::schema::{Pods, RecordedData, RecordedHpa, RecordedPod, class_of_sync};
use super::{Tally, files_of, millis, moment, same};

#[derive(Deserialize)]
struct Recording {
    case: Case,
    expected: Vec<Expected>,
}

#[derive(Deserialize)]
struct Case {
    config: RecordedConfig,
    hpa: RecordedHpa,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct RecordedConfig {
    downscale_stabilization_ms: u64,
    tolerance: f64,
    cpu_init_ms: u64,
    readiness_delay_ms: u64,
    configurable_tolerance: bool,
}

#[derive(Deserialize)]
struct Step {
    t_ms: i64,
    spec_replicas: i32,
    status_replicas: i32,
    pods: Option<Vec<RecordedPod>>,
    #[serde(default)]
    data: RecordedData,
    #[serde(default)]
    scale_update_fails: bool,
    hpa: Option<RecordedHpa>,
}

#[derive(Deserialize, PartialEq, Debug)]
struct Expected {
    replicas: i32,
    rescaled: bool,
    rescale_reason: String,
    recommendation: Option<i32>,
    status_current: i32,
    status_desired: i32,
    last_scale_ms: Option<i64>,
    able_to_scale: Option<ExpectedCondition>,
    scaling_active: Option<ExpectedCondition>,
    scaling_limited: Option<ExpectedCondition>,
    current: Option<Vec<Option<ExpectedMetric>>>,
    error: String,
    events: Vec<String>,
}

#[derive(Deserialize, PartialEq, Debug)]
struct ExpectedCondition {
    status: String,
    reason: String,
}

#[derive(Deserialize, PartialEq, Debug)]
struct ExpectedMetric {
    utilization: Option<i32>,
    average: Option<i64>,
    value: Option<i64>,
}

/// Replays every `h2` file in `dir`; each counts as many decisions as it has steps.
pub(crate) fn check_hpa_timelines(dir: &Path) -> Tally {
    let mut tally = Tally::default();
    for (path, recording) in files_of::<Recording>(dir, "h2") {
        assert_eq!(recording.case.steps.len(), recording.expected.len(), "{}", path.display());
        let mut hpa = Hpa::new("default", recording.case.hpa.spec(), recording.case.config.config());
        for (number, (step, recorded)) in recording.case.steps.iter().zip(&recording.expected).enumerate() {
            let outcome = step.replay(&mut hpa);
            same(&path, number, recorded, &Expected::new(&hpa, &outcome));
            tally.compared += 1;
        }
    }
    tally
}

impl RecordedConfig {
    fn config(&self) -> Config {
        Config {
            downscale_stabilisation: Span::from_millis(self.downscale_stabilization_ms),
            tolerance: self.tolerance,
            cpu_initialization_period: Span::from_millis(self.cpu_init_ms),
            initial_readiness_delay: Span::from_millis(self.readiness_delay_ms),
            configurable_tolerance: self.configurable_tolerance,
            ..Config::default()
        }
    }
}

impl Step {
    fn replay(&self, hpa: &mut Hpa) -> Outcome {
        if let Some(replaced) = &self.hpa {
            hpa.spec = replaced.spec();
        }
        let (pods, usages) = (Pods::new(self.pods.as_ref()), self.data.usages());
        let pod_metrics = self.data.pod_metrics(&usages);
        hpa.sync(&Observation {
            now: moment(self.t_ms),
            spec_replicas: self.spec_replicas,
            status_replicas: self.status_replicas,
            pods: &pods.views(),
            metrics: &self.data.metrics(&pod_metrics),
            scale_update_error: self.scale_update_fails.then_some("conflict"),
        })
    }
}

impl Expected {
    fn new(hpa: &Hpa, outcome: &Outcome) -> Self {
        let status = hpa.status();
        let conditions = &status.conditions;
        Self {
            replicas: outcome.replicas,
            rescaled: outcome.rescaled.is_some(),
            rescale_reason: outcome.rescaled.clone().unwrap_or_default(),
            recommendation: outcome.recommendation,
            status_current: status.current_replicas,
            status_desired: status.desired_replicas,
            last_scale_ms: status.last_scale_time.map(millis),
            able_to_scale: conditions.able_to_scale.as_ref().map(ExpectedCondition::new),
            scaling_active: conditions.scaling_active.as_ref().map(ExpectedCondition::new),
            scaling_limited: conditions.scaling_limited.as_ref().map(ExpectedCondition::new),
            current: status.current_metrics.as_ref().map(|metrics| {
                metrics.iter().map(|metric| metric.as_ref().map(ExpectedMetric::new)).collect()
            }),
            error: outcome.error.as_ref().map(class_of_sync).unwrap_or_default().to_owned(),
            events: outcome.events.iter().map(|event| event.reason.to_owned()).collect(),
        }
    }
}

impl ExpectedCondition {
    fn new(condition: &Condition) -> Self {
        let status = if condition.holds { "True" } else { "False" };
        Self { status: status.to_owned(), reason: condition.reason.to_owned() }
    }
}

impl ExpectedMetric {
    fn new(metric: &CurrentMetric) -> Self {
        match *metric {
            CurrentMetric::Utilization { percent, average } => {
                Self { utilization: Some(percent), average: Some(average), value: None }
            }
            CurrentMetric::Average(average) => {
                Self { utilization: None, average: Some(average), value: None }
            }
            CurrentMetric::Value(value) => Self { utilization: None, average: None, value: Some(value) },
        }
    }
}
