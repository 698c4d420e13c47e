//! `overspill plan`: the cheapest settings of a scenario that meet constraints.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use indicatif::ProgressBar;
use overspill_manifest::{Diagnostic, code};

use super::argument::argument;
use super::compare::complaint;
use super::performance::{Performance, peak_memory};
use super::sweep::AXES;
use super::sweep::outline::{Points, grid, points};
use super::{Exit, Failure, terminal};
use crate::experiment::plan::{Constraint, PlanRecord, Question, Search, Trial, search};
use crate::experiment::{Axis, Grid, Interrupted, Replication, Seeds, measure_into, replicate_some};
use crate::metric::{Better, Metric, PER_MONTH, find, nearest};
use crate::report::{Kind, ReportError, Staging, counted};
use crate::scenario::ReadOptions;
use crate::scheduler::Registry;
use crate::simulation::Scenario;

/// The level of confidence of what is said, to one side.
const LEVEL: f64 = 0.95;
/// How large a share of all runs must meet a constraint, where nobody says.
const SHARE: f64 = 0.9;
/// By how much the figure may be above the smallest one and still count as equally good, where nobody says (an estimate of
/// what is worth nobody's time).
const INDIFFERENCE: f64 = 0.01;
/// The most points, each of which is read before the first run.
const MOST_POINTS: usize = 2000;

/// Find the cheapest settings of a scenario that meet constraints
///
/// Every combination of the values of the axes is run with the first few seeds, and whatever may be the answer with all of
/// them; how cost and constraints depend on the settings is found out and not assumed. A constraint is met if a large
/// enough share of all runs meets it, which is to be shown with 95 % confidence; mean(…) in it is the mean over all runs.
/// Exit 1 if nothing meets the constraints, or if the answer is not certain.
#[derive(Args, Debug)]
#[command(after_help = AXES)]
pub(super) struct Plan {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// A PATH and its values; of several axes every combination is a candidate
    #[arg(long, value_name = "PATH=VALUES", required = true)]
    vary: Vec<String>,
    /// The figure whose mean is to be as small as possible, such as cost.total
    #[arg(long, value_name = "METRIC")]
    minimize: String,
    /// What must hold, such as 'pending.waitSeconds.p99 <= 30s and traffic.unservedShare <= 0.1%' in one run, or
    /// 'mean(cost.virtual) <= 5'; may be given several times
    #[arg(long, value_name = "EXPR")]
    subject_to: Vec<String>,
    /// The seeds, both ends included
    #[arg(long, value_name = "A..B", allow_hyphen_values = true, default_value_t = Seeds::DEFAULT)]
    seeds: Seeds,
    /// How large a share of all runs must meet a constraint, such as 0.9 or 90%
    #[arg(long, value_name = "SHARE", default_value_t = SHARE, value_parser = confidence_share)]
    confidence_share: f64,
    /// As a part of it, by how much the figure may be above the smallest one and count as equally good, such as 0.01 or 1%
    #[arg(long, value_name = "SHARE", default_value_t = INDIFFERENCE, value_parser = indifference)]
    indifference: f64,
    /// The variant of the scenario to plan with
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// The directory of the results [default: out/SCENARIO-plan]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print no table and no progress
    #[arg(long)]
    quiet: bool,
}

impl Plan {
    pub(super) fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        if self.scenario == Path::new("-") {
            return Err(Failure::NoStandardInput);
        }
        let question = self.question()?;
        let base = ReadOptions { variant: self.variant.clone(), ..ReadOptions::default() };
        let points = points(&self.scenario, &question.grid, &base, registry, |_, scenario| Ok(scenario))?;
        check_months(&question, &points)?;
        let few = question.seeds_needed().map(|needed| self.few_seeds(needed));
        terminal::tell(points.warnings.iter().cloned().chain(few).collect());
        let dir = self.out.clone().unwrap_or_else(|| self.default_dir(&points.scenario));
        let staging = Staging::of_kind(Kind::Plan, &dir, &[&self.scenario])?;
        let (found, perf) = self.seek(&question, &points)?;
        let record = PlanRecord {
            version: env!("CARGO_PKG_VERSION"),
            scenario: &points.scenario,
            variant: self.variant.as_deref(),
            scenario_file: &points.scenario_file,
            horizon: points.kept[0].horizon,
            currency: &points.currency,
            question: &question,
            search: &found,
            inputs: &points.inputs,
        };
        record.write(&staging)?;
        staging.publish()?;
        if !self.quiet {
            terminal::print(&record.text())?;
            terminal::remark(&format!("results in {} ({perf})\n", dir.display()));
        }
        Ok(if found.answer.is_certain() { Exit::Success } else { Exit::CheckFailed })
    }

    fn default_dir(&self, scenario: &str) -> PathBuf {
        let variant = self.variant.as_ref().map(|name| format!(".{name}")).unwrap_or_default();
        PathBuf::from("out").join(format!("{scenario}{variant}-plan"))
    }

    /// What is asked for; all that is wrong with it is told at once.
    fn question(&self) -> Result<Question, Failure> {
        let mut told = Vec::new();
        let grid = self.grid(&mut told);
        let objective = self.objective(&mut told);
        let mut read = |text: &String| {
            let constraint = Constraint::parse(text);
            constraint.map_err(|error| told.push(complaint("--subject-to", &error))).ok()
        };
        let constraints: Vec<Constraint> = self.subject_to.iter().filter_map(&mut read).collect();
        match (grid, objective) {
            (Some(grid), Some(objective)) if told.is_empty() => Ok(Question {
                grid,
                objective,
                constraints,
                seeds: self.seeds,
                share: self.confidence_share,
                level: LEVEL,
                indifference: self.indifference,
            }),
            _ => Err(Failure::Input(told)),
        }
    }

    fn grid(&self, told: &mut Vec<Diagnostic>) -> Option<Grid> {
        let grid = grid(&self.vary).map_err(|wrong| told.extend(wrong)).ok()?;
        if grid.len() > MOST_POINTS {
            let message = format!("that is {} points, and a plan has {MOST_POINTS} at most", grid.len());
            let help =
                "plan with larger steps first, and then with smaller ones around the answer".to_owned();
            told.push(Diagnostic::new(&code::CANNOT_PLAN, message).help(help));
        }
        let variant = self.variant.as_deref().filter(|_| grid.axes().iter().any(Axis::is_of_variants));
        told.extend(variant.map(|variant| {
            let place = argument("--variant", variant, 1, variant.chars().count());
            let message = "every point has a variant of its own already, by the axis `variant`";
            let help =
                format!("leave out --variant, or write `{variant}` among the values of --vary variant=…");
            Diagnostic::new(&code::CANNOT_PLAN, message).at(place).help(help)
        }));
        Some(grid)
    }

    fn objective(&self, told: &mut Vec<Diagnostic>) -> Option<&'static Metric> {
        let path = self.minimize.as_str();
        let found = find(path);
        let place = || argument("--minimize", path, 1, path.chars().count());
        if found.is_some_and(|metric| metric.better == Better::Higher) {
            let message = format!("more of {path} is better: what makes it smallest is the worst");
            let help = format!("minimize a cost, and demand enough of it: --subject-to 'mean({path}) >= …'");
            told.push(Diagnostic::new(&code::CANNOT_PLAN, message).at(place()).help(help));
        }
        if found.is_none() {
            let help = match nearest(path).as_slice() {
                [] => "docs/metrics.md lists all metrics".to_owned(),
                names => format!("did you mean `{}`?", names.join("`, `")),
            };
            let message = format!("unknown metric `{path}`");
            told.push(Diagnostic::new(&code::DO_NOT_FIT, message).at(place()).help(help));
        }
        found
    }

    /// Tells that no answer can be certain.
    fn few_seeds(&self, needed: usize) -> Diagnostic {
        let share = 100.0 * self.confidence_share;
        let message = format!(
            "{} cannot show that {share} % of all runs meet a constraint, even if {}",
            counted(self.seeds.count() as usize, "seed"),
            if self.seeds.count() == 1 { "its run does" } else { "all of these do" },
        );
        let first = self.seeds.first();
        let enough = Seeds::new(first, first.saturating_add(needed as u64 - 1)).ok();
        let help = enough.map(|seeds| format!("--seeds {seeds} can, or a smaller --confidence-share"));
        Diagnostic::new(&code::FEW_SEEDS, message).help(help)
    }

    /// Seeks the answer, on all cores.
    fn seek(&self, question: &Question, points: &Points<Scenario>) -> Result<(Search, Performance), Failure> {
        let bar = terminal::progress_bar(self.quiet, 0, "runs");
        #[expect(clippy::disallowed_methods, reason = "the runs are timed from outside")]
        let begin = Instant::now();
        let found = search(question, |wanted| {
            bar.inc_length(wanted.len() as u64);
            replicate_some(wanted, |place, seed| Ok(measured(&points.kept[place], seed, &bar)))
        });
        let wall = begin.elapsed();
        bar.finish_and_clear();
        let found = found.map_err(|interrupted: Interrupted<ReportError>| match interrupted {
            Interrupted::Broken { case, seed } => {
                Failure::BrokenCase { case: question.grid.point(case).to_string(), seed }
            }
            Interrupted::Failed(error) => error.into(),
        })?;
        let runs = found.trials.iter().flat_map(Trial::runs);
        let events = runs.map(|run| run.finished.events).sum();
        let perf = Performance { runs: Some(found.runs() as u64), wall, events, peak_bytes: peak_memory() };
        Ok((found, perf))
    }
}

/// That there is a cost per month wherever one is asked for.
fn check_months(question: &Question, points: &Points<Scenario>) -> Result<(), Failure> {
    let is_asked_for = question.objective.path == PER_MONTH
        || question.constraints.iter().any(|constraint| constraint.looks_at(PER_MONTH));
    if !is_asked_for || points.kept.iter().all(|scenario| scenario.is_representative) {
        return Ok(());
    }
    let message = format!(
        "there is no {PER_MONTH}: the scenario does not say that its horizon stands for any other time"
    );
    let help = "write `representative: true` into its spec if it does, or ask for cost.total".to_owned();
    Err(Failure::Input(vec![Diagnostic::new(&code::CANNOT_PLAN, message).help(help)]))
}

/// One run, of which the figures are kept.
fn measured(scenario: &Scenario, seed: u64, bar: &ProgressBar) -> Replication {
    let (measured, ()) = measure_into(scenario, seed, (), &mut |_| {});
    bar.inc(1);
    let (finished, summary) = (measured.finished, measured.observation.summary);
    Replication { seed, finished, holds: Vec::new(), summary }
}

/// A share as the command line has it: `0.9` or `90%`.
fn share(text: &str) -> Result<f64, String> {
    let (digits, whole) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 100.0));
    let number = digits.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.map(|number| number / whole).ok_or_else(|| "write a share like 0.9 or 90%".to_owned())
}

fn confidence_share(text: &str) -> Result<f64, String> {
    let within = |share: &f64| *share > 0.0 && *share < 1.0;
    Some(share(text)?)
        .filter(within)
        .ok_or_else(|| "it lies between 0 and 1: not even all runs show more".to_owned())
}

fn indifference(text: &str) -> Result<f64, String> {
    let within = |share: &f64| *share >= 0.0 && *share < 1.0;
    Some(share(text)?).filter(within).ok_or_else(|| "it lies between 0 and 1".to_owned())
}
