//! Kind `h1`: what one metric asks for.

use std::path::Path;

use overspill::controller::hpa::{
    Config, CurrentMetric, MetricSpec, Observation, ReplicaCalculator, Tolerances,
};
use overspill::units::Span;
use serde::Deserialize;

use super::schema::{Pods, RecordedData, RecordedMetric, RecordedPod, class_of};
use super::{Tally, files_of, moment, same};

#[derive(Deserialize)]
struct Recording {
    cases: Vec<Case>,
    expected: Vec<Expected>,
}

#[derive(Deserialize)]
struct Case {
    now_ms: i64,
    metric: RecordedMetric,
    spec_replicas: i32,
    status_replicas: i32,
    tolerance_down: f64,
    tolerance_up: f64,
    cpu_init_ms: u64,
    readiness_delay_ms: u64,
    pods: Option<Vec<RecordedPod>>,
    #[serde(default)]
    data: RecordedData,
}

#[derive(Deserialize, PartialEq, Debug)]
struct Expected {
    replicas: Option<i32>,
    utilization: Option<i32>,
    usage: Option<i64>,
    error: Option<String>,
    groups: Option<Groups>,
}

#[derive(Deserialize, PartialEq, Debug)]
struct Groups {
    ready: usize,
    unready: Option<Vec<String>>,
    missing: Option<Vec<String>>,
    ignored: Option<Vec<String>>,
}

/// Replays every `h1` file in `dir`.
pub(crate) fn check_hpa_metrics(dir: &Path) -> Tally {
    let mut tally = Tally::default();
    for (path, recording) in files_of::<Recording>(dir, "h1") {
        assert_eq!(recording.cases.len(), recording.expected.len(), "{}", path.display());
        for (number, (case, recorded)) in recording.cases.iter().zip(recording.expected).enumerate() {
            let recorded = recorded.without_empty_groups();
            same(&path, number, &recorded, &case.replay(&recorded));
            tally.compared += 1;
        }
    }
    tally
}

impl Case {
    fn replay(&self, recorded: &Expected) -> Expected {
        let (pods, usages) = (Pods::new(self.pods.as_ref()), self.data.usages());
        let pod_metrics = self.data.pod_metrics(&usages);
        let seen = Observation {
            now: moment(self.now_ms),
            spec_replicas: self.spec_replicas,
            status_replicas: self.status_replicas,
            pods: &pods.views(),
            metrics: &self.data.metrics(&pod_metrics),
            scale_update_error: None,
        };
        let config = Config {
            cpu_initialization_period: Span::from_millis(self.cpu_init_ms),
            initial_readiness_delay: Span::from_millis(self.readiness_delay_ms),
            ..Config::default()
        };
        let tolerances = Tolerances { down: self.tolerance_down, up: self.tolerance_up };
        let calculator = ReplicaCalculator { namespace: "default", config: &config, tolerances, seen: &seen };
        let spec = self.metric.spec();
        let mut ours = match calculator.propose(&spec) {
            Ok(proposal) => Expected::proposed(proposal.replicas, proposal.current),
            Err(error) => Expected::failed(class_of(&error)),
        };
        // The recorder leaves out what it could not tell.
        if self.status_replicas == 0 && recorded.usage.is_none() {
            ours.usage = None;
        }
        ours.groups = recorded.groups.as_ref().and_then(|_| groups(&calculator, &spec));
        ours
    }
}

fn groups(calculator: &ReplicaCalculator<'_>, spec: &MetricSpec) -> Option<Groups> {
    let groups = calculator.pod_groups(spec)?;
    let names = |places: &[usize]| {
        let mut names: Vec<String> =
            places.iter().map(|&place| calculator.seen.pods[place].name.to_owned()).collect();
        names.sort();
        Some(names)
    };
    Some(Groups {
        ready: groups.ready.len(),
        unready: names(&groups.unready),
        missing: names(&groups.missing),
        ignored: names(&groups.ignored),
    })
}

impl Expected {
    fn failed(class: &str) -> Self {
        Self { replicas: None, utilization: None, usage: None, error: Some(class.to_owned()), groups: None }
    }

    fn proposed(replicas: i32, current: CurrentMetric) -> Self {
        let (utilization, usage) = match current {
            CurrentMetric::Utilization { percent, average } => (Some(percent), average),
            CurrentMetric::Average(value) | CurrentMetric::Value(value) => (None, value),
        };
        Self { replicas: Some(replicas), utilization, usage: Some(usage), error: None, groups: None }
    }

    /// Null and the empty list mean the same.
    fn without_empty_groups(mut self) -> Self {
        if let Some(groups) = &mut self.groups {
            for names in [&mut groups.unready, &mut groups.missing, &mut groups.ignored] {
                names.get_or_insert_default().sort();
            }
        }
        self
    }
}
