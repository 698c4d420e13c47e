//! `overspill compare`: variants, scenarios and scheduler configurations beside each other.

mod attribution;
mod cases;
pub(super) mod doubts;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use overspill_manifest::{Diagnostic, code};

use super::argument::argument;
use super::performance::{Performance, peak_memory};
use super::{Exit, Failure, terminal};
use crate::experiment::{
    ComparedCase, Comparison, ComparisonRecord, Interrupted, Party, Replication, Replications, SavedBaseline,
    Seeds, Series, measure_into, replicate_each,
};
use crate::expression::{Expression, ExpressionError, Scope};
use crate::report::{InputFile, Kind, ReportError, Staging};
use crate::scenario;
use crate::scheduler::Registry;
use cases::Case;

/// What the help page ends with.
const EXAMPLE: &str = "\
A gate for CI: is anything dearer than on the main branch?
  overspill compare scenario.yaml --out main             # on the main branch
  overspill compare scenario.yaml --baseline main --fail-if 'cost.total > 102% * baseline.cost.total'";

/// Compare variants, scenarios or scheduler configurations, seed by seed
///
/// Everything is run with the same seeds, on all cores, and so meets the same load and the same start-up times: what it
/// differs by from the baseline is told with an interval, and marked where that is beyond chance. The baseline is the
/// first, which is the scenario as it stands, called `base`; --variants can name another first. Exit 1 if a --fail-if
/// holds.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Compare {
    /// Scenario files; of several, each is compared as it stands
    #[arg(value_name = "SCENARIO", required = true)]
    scenarios: Vec<PathBuf>,
    /// The variants to compare, separated by commas; `base`, the scenario itself, comes first unless it is named
    /// elsewhere [default: all of a single scenario, without --scheduler-config]
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    variants: Option<Vec<String>>,
    /// Compare the scenario with this KubeSchedulerConfiguration too; may be given several times
    #[arg(long = "scheduler-config", value_name = "FILE")]
    scheduler_configs: Vec<PathBuf>,
    /// The seeds, both ends included [default: 1..30, or those of the baseline]
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    seeds: Option<Seeds>,
    /// Hold everything against the results in this directory, of `compare` or `run --seeds`: each variant against the one
    /// of the same name there, or else against the first
    #[arg(long, value_name = "DIR")]
    baseline: Option<PathBuf>,
    /// The directory of the results [default: out/SCENARIO-compare]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Exit 1 if this holds for the means over the seeds of anything compared, as in 'cost.total > baseline.cost.total *
    /// 1.02'; may be given several times
    #[arg(long, value_name = "EXPR")]
    fail_if: Vec<String>,
    /// Print no table and no progress
    #[arg(long)]
    quiet: bool,
}

/// What is to be done, all of it checked.
struct Plan {
    cases: Vec<Case>,
    conditions: Vec<Expression>,
    saved: Option<SavedBaseline>,
    seeds: Seeds,
    warnings: Vec<Diagnostic>,
}

impl Compare {
    pub(super) fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        if self.scenarios.iter().any(|path| path == Path::new("-")) {
            return Err(Failure::NoStandardInput);
        }
        let plan = self.plan(registry)?;
        terminal::tell(terminal::without_repetitions(plan.warnings.clone()));
        let dir = self
            .out
            .clone()
            .unwrap_or_else(|| PathBuf::from("out").join(format!("{}-compare", plan.cases[0].scenario.name)));
        let read = self.scenarios.iter().chain(&self.scheduler_configs).chain(&self.baseline);
        let read: Vec<&Path> = read.map(PathBuf::as_path).collect();
        let staging = Staging::of_kind(Kind::Comparison, &dir, &read)?;
        let (runs, perf) = self.simulate(&plan)?;
        let inputs = scenario::InputFile::together(plan.cases.iter().flat_map(|case| &case.files));
        let cases: Vec<ComparedCase> = plan.cases.iter().map(|case| case.compared(&inputs)).collect();
        let parties = cases.iter().zip(&runs);
        let parties = parties.map(|(case, runs)| Party { name: case.name.clone(), series: Series::of(runs) });
        let comparison = match &plan.saved {
            Some(saved) => Comparison::with_saved(parties.collect(), saved),
            None => Comparison::with_first(parties.collect()),
        };
        let conditions: Vec<_> = plan.conditions.iter().map(|one| comparison.judge(one)).collect();
        let record = ComparisonRecord {
            version: env!("CARGO_PKG_VERSION"),
            seeds: plan.seeds,
            cases: &cases,
            runs: &runs,
            comparison: &comparison,
            saved: plan.saved.as_ref(),
            conditions: &conditions,
            inputs: &inputs.iter().map(InputFile::from).collect::<Vec<_>>(),
        };
        self.conclude(&record, staging, &dir, &perf)
    }

    /// Writes and prints the results.
    fn conclude(
        &self,
        record: &ComparisonRecord<'_>,
        staging: Staging,
        dir: &Path,
        perf: &Performance,
    ) -> Result<Exit, Failure> {
        record.write(&staging)?;
        staging.publish()?;
        if !self.quiet {
            terminal::print(&record.text())?;
            eprintln!("results in {} ({perf})", dir.display());
        }
        Ok(if record.fails() { Exit::CheckFailed } else { Exit::Success })
    }

    /// Everything that the command line names, read; all that is wrong with it is told at once.
    fn plan(&self, registry: &Registry) -> Result<Plan, Failure> {
        let mut told = Vec::new();
        let conditions = self.conditions(&mut told);
        let saved = self.saved(&mut told);
        let cases = self.cases(registry, &mut told);
        let seeds = self.seeds.or(saved.as_ref().map(|saved| saved.seeds)).unwrap_or(Seeds::DEFAULT);
        if !told.iter().any(Diagnostic::is_error) {
            told.extend(doubts::among(&cases.iter().map(Case::money_and_time).collect::<Vec<_>>()));
            told.extend(saved.iter().flat_map(|saved| doubts::of_baseline(&cases, saved, seeds)));
        }
        if told.iter().any(Diagnostic::is_error) {
            return Err(Failure::Input(terminal::without_repetitions(told)));
        }
        Ok(Plan { cases, conditions, saved, seeds, warnings: told })
    }

    /// The conditions, read.
    fn conditions(&self, told: &mut Vec<Diagnostic>) -> Vec<Expression> {
        let mut read = |text: &String| {
            let expression = Expression::parse(text, Scope::Comparison);
            expression.map_err(|error| told.push(complaint("--fail-if", &error))).ok()
        };
        self.fail_if.iter().filter_map(&mut read).collect()
    }

    /// What was kept to hold everything against.
    fn saved(&self, told: &mut Vec<Diagnostic>) -> Option<SavedBaseline> {
        let read = SavedBaseline::read(self.baseline.as_ref()?);
        let complain = |error: &crate::experiment::BaselineError| {
            Diagnostic::new(&code::NO_BASELINE, error.to_string()).help(error.help().to_owned())
        };
        read.map_err(|error| told.push(complain(&error))).ok()
    }

    /// Runs every case with every seed.
    fn simulate(&self, plan: &Plan) -> Result<(Vec<Replications>, Performance), Failure> {
        let total = plan.seeds.count() * plan.cases.len() as u64;
        let bar = terminal::progress_bar(self.quiet, total, "runs");
        bar.tick();
        #[expect(clippy::disallowed_methods, reason = "the runs are timed from outside")]
        let begin = Instant::now();
        let runs = replicate_each(plan.cases.len(), plan.seeds, |case, seed| {
            let (measured, ()) = measure_into(&plan.cases[case].scenario, seed, (), &mut |_| {});
            bar.inc(1);
            let (finished, summary) = (measured.finished, measured.observation.summary);
            Ok::<_, ReportError>(Replication { seed, finished, holds: Vec::new(), summary })
        });
        let wall = begin.elapsed();
        bar.finish_and_clear();
        let runs = runs.map_err(|interrupted| match interrupted {
            Interrupted::Broken { case, seed } => {
                Failure::BrokenCase { case: plan.cases[case].name.clone(), seed }
            }
            Interrupted::Failed(error) => error.into(),
        })?;
        let events = runs.iter().flatten().map(|run| run.finished.events).sum();
        let perf = Performance { runs: Some(total), wall, events, peak_bytes: peak_memory() };
        Ok((runs.into_iter().map(|runs| Replications::new(plan.seeds, runs)).collect(), perf))
    }
}

/// What is wrong with a condition that was given to an option, and where.
pub(super) fn complaint(option: &str, error: &ExpressionError) -> Diagnostic {
    let width = error.text[error.place.clone()].chars().count();
    let place = argument(option, &error.text, error.column(), width);
    Diagnostic::new(&code::DO_NOT_FIT, error.problem.to_string()).at(place).help(error.problem.help())
}
