//! What is written of many runs, beside the folder of each: figures with their intervals, a table of all values,
//! conditions with the seeds that fail them, and where all of it came from.

use serde_json::{Value, json};

use super::coverage::is_approximate;
use super::replications::{Figure, Replications};
use super::seeds_table::{self, SEEDS_TABLE};
use super::{Interval, Seeds};
use crate::expression::Expression;
use crate::metric::{Metric, nested};
use crate::report::{REPLICATIONS, ReportError, Staging, decimal};
use crate::units::SimTime;

/// The level of confidence of the intervals.
pub const LEVEL: f64 = 0.95;

/// Everything that is said of many runs together.
pub struct StudyRecord<'a> {
    /// The version that ran them.
    pub version: &'a str,
    /// The name of the scenario, from its metadata.
    pub scenario: &'a str,
    /// The variant, if one was chosen.
    pub variant: Option<&'a str>,
    /// The digest over all inputs.
    pub digest: &'a str,
    /// The end of each run.
    pub horizon: SimTime,
    /// The conditions of the scenario.
    pub expectations: &'a [Expression],
    /// The runs.
    pub replications: &'a Replications,
}

impl StudyRecord<'_> {
    /// Writes `run.json`, `summary.json`, `expectations.json` and `seeds.csv`.
    pub fn write(&self, staging: &Staging) -> Result<(), ReportError> {
        staging.write_json("run.json", &self.run_json())?;
        staging.write_json("summary.json", &self.summary_json())?;
        staging.write_json("expectations.json", &self.expectations_json())?;
        staging.write(SEEDS_TABLE, |sink| seeds_table::write(sink, &[(None, self.replications)]))
    }

    fn run_json(&self) -> Value {
        json!({
            "apiVersion": REPLICATIONS.0,
            "kind": REPLICATIONS.1,
            "version": self.version,
            "scenario": self.scenario,
            "variant": self.variant,
            "seeds": range(self.replications.seeds()),
            "horizonSeconds": self.horizon.as_secs_f64(),
            "scenarioDigest": format!("sha256:{}", self.digest),
        })
    }

    /// The tree of a single run's `summary.json`, with what is said of all runs in place of each number.
    fn summary_json(&self) -> Value {
        let currency = self.replications.runs().first().map(|run| run.summary.currency());
        let figures = self.replications.metrics().flat_map(|metric| {
            let currency = (metric.path == "cost.total").then(|| ("cost.currency", json!(currency)));
            currency
                .into_iter()
                .chain([(metric.path, described(metric.path, &self.replications.figure(metric.path)))])
        });
        nested(figures)
    }

    fn expectations_json(&self) -> Value {
        let runs = self.replications.runs().len();
        let told = self.expectations.iter().enumerate().map(|(place, one)| {
            let failed = self.replications.failed(place);
            json!({
                "expression": one.text(),
                "runs": runs,
                "held": runs - failed.len(),
                "failedSeeds": failed,
            })
        });
        Value::Array(told.collect())
    }
}

/// A range of seeds as `run.json` has it.
pub(super) fn range(seeds: Seeds) -> Value {
    json!({"first": seeds.first(), "last": seeds.last(), "count": seeds.count()})
}

/// An interval, and whether it says less than it seems to.
pub(super) fn interval_json(interval: Interval, is_approximate: bool) -> Value {
    let Interval { low, high } = interval;
    json!({"level": LEVEL, "low": low, "high": high, "approximate": is_approximate})
}

/// The figure at `path` of all runs.
pub(super) fn described(path: &str, figure: &Figure) -> Value {
    let sample = &figure.sample;
    let interval =
        sample.interval(LEVEL).map(|interval| interval_json(interval, is_approximate(path, sample.n())));
    json!({
        "n": sample.n(),
        "missing": figure.missing,
        "censored": figure.censored,
        "mean": sample.mean(),
        "sd": sample.sd(),
        "interval": interval,
        "min": sample.min(),
        "p5": sample.percentile(5),
        "p50": sample.percentile(50),
        "p95": sample.percentile(95),
        "max": sample.max(),
    })
}

/// What stands above [`figure_cells`].
pub(super) const FIGURE_HEADS: [&str; 10] =
    ["metric", "unit", "better", "n", "missing", "lower_bounds", "mean", "sd", "low", "high"];

/// A figure as tables have it.
pub(super) fn figure_cells(metric: &Metric, figure: &Figure) -> [String; 10] {
    let sample = &figure.sample;
    let interval = sample.interval(LEVEL);
    [
        metric.path.to_owned(),
        metric.unit.name().to_owned(),
        metric.better.word().to_owned(),
        sample.n().to_string(),
        figure.missing.to_string(),
        figure.censored.to_string(),
        printed(sample.mean()),
        printed(sample.sd()),
        printed(interval.map(|interval| interval.low)),
        printed(interval.map(|interval| interval.high)),
    ]
}

/// A number in a table, which is empty where there is none.
pub(super) fn printed(number: Option<f64>) -> String {
    number.map(decimal).unwrap_or_default()
}
