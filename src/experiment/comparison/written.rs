//! What is written of a comparison: tables, the figures as JSON, a page for a pull request, JUnit, and where all of it
//! came from.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Comparison, Condition, Difference, Outcome, SavedBaseline};
use crate::experiment::results::{
    FIGURE_HEADS, LEVEL, described, figure_cells, interval_json, printed, range,
};
use crate::experiment::seeds_table::{self, SEEDS_TABLE};
use crate::experiment::{Replications, Seeds, is_approximate};
use crate::metric::nested;
use crate::report::{COMPARISON, InputFile, REPORT, ReportError, Staging, digest};
use crate::units::SimTime;

/// Where one of the compared parties comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedCase {
    /// The name that it is compared under.
    pub name: String,
    /// The name of the scenario, from its metadata.
    pub scenario: String,
    /// The variant, if it is one.
    pub variant: Option<String>,
    /// The name of the scenario file among the inputs.
    pub scenario_file: String,
    /// The name among the inputs of the scheduler configuration that takes the place of the scenario's.
    pub scheduler_configuration: Option<String>,
    /// The end of each run.
    pub horizon: SimTime,
    /// The currency of all money.
    pub currency: String,
}

/// Everything that is said of a comparison.
pub struct ComparisonRecord<'a> {
    /// The version that ran it.
    pub version: &'a str,
    /// The seeds of all runs.
    pub seeds: Seeds,
    /// Where each of the parties comes from, in their order.
    pub cases: &'a [ComparedCase],
    /// The runs of each.
    pub runs: &'a [Replications],
    /// Their figures beside those of the baseline.
    pub comparison: &'a Comparison,
    /// What they are held against, if that was kept in a directory.
    pub saved: Option<&'a SavedBaseline>,
    /// The conditions on which the comparison fails, judged.
    pub conditions: &'a [Condition],
    /// Every scenario and all files that they refer to.
    pub inputs: &'a [InputFile],
}

impl ComparisonRecord<'_> {
    /// Writes everything.
    pub fn write(&self, staging: &Staging) -> Result<(), ReportError> {
        staging.write_json("run.json", &self.run_json())?;
        for input in self.inputs {
            staging.write_input(input)?;
        }
        let named = self.cases.iter().zip(self.runs).map(|(case, runs)| (Some(case.name.as_str()), runs));
        let named: Vec<_> = named.collect();
        staging.write(SEEDS_TABLE, |sink| seeds_table::write(sink, &named))?;
        staging.write("compare.csv", |sink| self.csv(sink))?;
        staging.write_json("compare.json", &self.json())?;
        staging.write("compare.md", |sink| sink.write_all(self.markdown().as_bytes()))?;
        staging.write("junit.xml", |sink| sink.write_all(self.junit().as_bytes()))?;
        staging.write(REPORT, |sink| self.page().write(sink))
    }

    /// Whether any condition holds, so that the comparison fails.
    pub fn fails(&self) -> bool {
        self.conditions.iter().any(|condition| condition.held().next().is_some())
    }

    pub(super) fn currency(&self) -> &str {
        self.cases.first().map_or("", |case| &case.currency)
    }

    /// The name of what a party is held against.
    fn baseline_name(&self, place: usize) -> Option<&str> {
        self.comparison.baseline_of(place).map(|party| party.name.as_str())
    }

    fn run_json(&self) -> Value {
        let case = |(place, case): (usize, &ComparedCase)| {
            json!({
                "name": case.name,
                "scenario": case.scenario,
                "variant": case.variant,
                "scenarioFile": format!("inputs/{}", case.scenario_file),
                "schedulerConfiguration":
                    case.scheduler_configuration.as_ref().map(|name| format!("inputs/{name}")),
                "horizonSeconds": case.horizon.as_secs_f64(),
                "currency": case.currency,
                "baseline": self.baseline_name(place),
            })
        };
        let baseline = self.saved.map(|saved| {
            json!({
                "directory": saved.dir.to_string_lossy(),
                "version": saved.version,
                "seeds": range(saved.seeds),
            })
        });
        let expressions: Vec<&str> = self.conditions.iter().map(|one| one.expression.as_str()).collect();
        json!({
            "apiVersion": COMPARISON.0,
            "kind": COMPARISON.1,
            "version": self.version,
            "seeds": range(self.seeds),
            "baseline": baseline,
            "variants": self.cases.iter().enumerate().map(case).collect::<Vec<_>>(),
            "failIf": expressions,
            "scenarioDigest": format!("sha256:{}", digest(self.inputs)),
        })
    }

    /// A row for each metric of each party; its last columns are empty for the baseline itself.
    fn csv(&self, sink: &mut dyn Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(sink);
        let apart = [
            "baseline",
            "pairs",
            "diff",
            "diff_sd",
            "diff_low",
            "diff_high",
            "diff_relative",
            "beyond_chance",
            "approximate",
        ];
        table.write_record(["variant"].into_iter().chain(FIGURE_HEADS).chain(apart))?;
        for (place, case) in self.cases.iter().enumerate() {
            for metric in self.comparison.metrics() {
                let figure = self.comparison.figure(place, metric.path);
                let difference = self.comparison.difference(place, metric.path);
                let interval = figure.sample.interval(LEVEL);
                let approximate = interval.map(|_| is_approximate(metric.path, figure.sample.n()));
                let one = difference.as_ref();
                let interval = one.and_then(|one| one.interval);
                let apart = [
                    self.baseline_name(place).unwrap_or_default().to_owned(),
                    one.and_then(|one| one.pairs).map(|pairs| pairs.to_string()).unwrap_or_default(),
                    printed(one.and_then(|one| one.mean)),
                    printed(one.and_then(|one| one.sd)),
                    printed(interval.map(|interval| interval.low)),
                    printed(interval.map(|interval| interval.high)),
                    printed(one.and_then(|one| one.relative)),
                    one.and_then(Difference::is_beyond_chance).map(|is| is.to_string()).unwrap_or_default(),
                    approximate.map(|is| is.to_string()).unwrap_or_default(),
                ];
                let name = [case.name.clone()].into_iter();
                table.write_record(name.chain(figure_cells(metric, &figure)).chain(apart))?;
            }
        }
        table.flush()
    }

    fn json(&self) -> Value {
        let one = |place: usize| {
            let metrics = self.comparison.metrics().map(|metric| {
                let mut told = described(metric.path, &self.comparison.figure(place, metric.path));
                let difference = self.comparison.difference(place, metric.path);
                told["difference"] = difference.map_or(Value::Null, |one| apart(metric.path, &one));
                (metric.path, told)
            });
            json!({
                "name": self.cases[place].name,
                "baseline": self.baseline_name(place),
                "metrics": nested(metrics),
            })
        };
        json!({
            "level": LEVEL,
            "seeds": range(self.seeds),
            "currency": self.currency(),
            "variants": (0..self.cases.len()).map(one).collect::<Vec<_>>(),
            "failIf": self.conditions.iter().map(|one| self.condition_json(one)).collect::<Vec<_>>(),
        })
    }

    fn condition_json(&self, condition: &Condition) -> Value {
        let outcome = |outcome: &Outcome| {
            let verdict = &outcome.verdict;
            let measured: Map<String, Value> =
                verdict.measured.iter().map(|(path, mean)| (path.clone(), json!(mean))).collect();
            json!({
                "name": self.cases[outcome.place].name,
                "holds": verdict.holds,
                "measured": measured,
                "undefined": verdict.undefined,
                "lowerBounds": outcome.bounds,
            })
        };
        json!({
            "expression": condition.expression,
            "holds": condition.held().next().is_some(),
            "variants": condition.outcomes.iter().map(outcome).collect::<Vec<_>>(),
        })
    }
}

/// A difference of the metric at `path` as JSON.
pub(in crate::experiment) fn apart(path: &str, difference: &Difference) -> Value {
    let interval = difference.interval.map(|one| interval_json(one, difference.is_approximate(path)));
    json!({
        "pairs": difference.pairs,
        "mean": difference.mean,
        "sd": difference.sd,
        "interval": interval,
        "relative": difference.relative,
        "beyondChance": difference.is_beyond_chance(),
    })
}
