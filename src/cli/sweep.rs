//! `overspill sweep`: a scenario with every combination of some values, on one machine or many.

pub(super) mod outline;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, Subcommand};
use overspill_manifest::{Diagnostic, code};

use super::{Exit, Failure, terminal};
use crate::experiment::{Interrupted, Point, Seeds, Shard, ShardRequest, SweepPlan};
use crate::report::counted;
use crate::scenario::{ReadOptions, open};
use crate::scheduler::Registry;
use crate::simulation::Scenario;

/// What the help page ends with.
const EXAMPLE: &str = "\
On this machine:
  overspill sweep run scenario.yaml --vary pools.gateway.count=2..12:2 --vary variant=base,no-spread --out sweep
On many machines that see the same directory:
  overspill sweep plan scenario.yaml --vary pools.gateway.count=1..50 --out sweep
  overspill sweep run sweep --shard /16       # in each of 16 tasks of an Indexed Job or a Slurm array
  overspill sweep collect sweep";

/// What the help pages say of an axis.
pub(super) const AXES: &str = "\
Axes:
  PATH=2,4,8              these values, as JSON or as plain text
  PATH=1..10              every whole number, both ends included
  PATH=30s..5m:30s        in steps, with the units of a scenario: 1Gi..8Gi:1Gi, 10%..90%:10%
  PATH=1..1000:log4       so many values with the same factor between them: 1, 10, 100, 1000
  variant=base,NAME       variants of the scenario; base is the scenario as it stands
PATH is an address as variants have it: pools.NAME.count in the scenario, or
manifests/KIND/NAMESPACE/NAME:/json/pointer in a manifest.";

/// Run a scenario with every combination of some values, on all cores or on many machines
///
/// Every combination of the values of the axes is run with the same seeds. `plan` writes what to run into a directory,
/// `run` makes the runs that are not there yet, all of them or a shard, and `collect` puts them together: the same bytes
/// however they were made. `run` with a scenario does all three.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Sweep {
    #[command(subcommand)]
    command: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    Plan(Plan),
    Run(Run),
    Collect(Collect),
}

/// Write what is to be run into a directory
///
/// DIR gets run.json, which says what the sweep is, and inputs/, with every file that any of its runs takes: it can be
/// copied to where the runs are made. If DIR holds the same plan already, it stays as it is, with all runs that were made.
#[derive(Args, Debug)]
#[command(after_help = AXES)]
struct Plan {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// A PATH and its values; of several axes every combination is run
    #[arg(long, value_name = "PATH=VALUES", required = true)]
    vary: Vec<String>,
    /// The seeds of every combination, both ends included
    #[arg(long, value_name = "A..B", allow_hyphen_values = true, default_value_t = Seeds::DEFAULT)]
    seeds: Seeds,
    /// The directory of the sweep [default: out/SCENARIO-sweep]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Make the runs of a planned sweep that are not there yet, or plan, run and collect a scenario's sweep
///
/// The runs go side by side on all cores, or on as many threads as the environment variable RAYON_NUM_THREADS says. Each
/// leaves a file in DIR/parts, which is there whole or not at all: what was interrupted goes on where it was.
#[derive(Args, Debug)]
#[command(after_help = AXES)]
struct Run {
    /// The directory of a planned sweep; or a scenario file, with at least one --vary
    #[arg(value_name = "DIR|SCENARIO")]
    what: PathBuf,
    /// Of a planned sweep, make only the runs I, I + N, I + 2·N, …, with I from 0; with /N alone, I is
    /// JOB_COMPLETION_INDEX, or SLURM_ARRAY_TASK_ID less SLURM_ARRAY_TASK_MIN
    #[arg(long, value_name = "I/N")]
    shard: Option<ShardRequest>,
    /// A PATH and its values; of several axes every combination is run
    #[arg(long, value_name = "PATH=VALUES", conflicts_with = "shard")]
    vary: Vec<String>,
    /// The seeds of every combination, both ends included [default: 1..30]
    #[arg(long, value_name = "A..B", allow_hyphen_values = true, requires = "vary")]
    seeds: Option<Seeds>,
    /// The directory of the sweep [default: out/SCENARIO-sweep]
    #[arg(long, value_name = "DIR", requires = "vary")]
    out: Option<PathBuf>,
    /// Print no table and no progress
    #[arg(long)]
    quiet: bool,
}

/// Check that every run of a sweep is there, and put them together
///
/// DIR gets sweep.csv, with a row for each run, points.csv, with what the runs of each combination say together, and
/// sweep.json. Exit 2 if a run is missing, and nothing is written.
#[derive(Args, Debug)]
struct Collect {
    /// The directory of the sweep
    dir: PathBuf,
    /// Print no table
    #[arg(long)]
    quiet: bool,
}

impl Sweep {
    pub(super) fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        match &self.command {
            Step::Plan(step) => step.execute(registry),
            Step::Run(step) => step.execute(registry),
            Step::Collect(step) => step.execute(),
        }?;
        Ok(Exit::Success)
    }
}

impl Plan {
    fn execute(&self, registry: &Registry) -> Result<(), Failure> {
        let plan = plan(&self.scenario, &self.vary, self.seeds, self.out.as_deref(), registry)?;
        let dir = plan.dir().display();
        let all: Vec<u64> = plan.runs_of(Shard::WHOLE);
        let made = all.len() - plan.unmade(&all).len();
        let there = if made > 0 { format!(", {made} of them made already") } else { String::new() };
        let text = format!(
            "{dir}: {} with the seeds {}, {}{there}\n  overspill sweep run {dir}        # or --shard I/N, on many machines\n  \
             overspill sweep collect {dir}\n",
            counted(plan.grid().len(), "point"),
            plan.seeds(),
            counted(all.len(), "run"),
        );
        Ok(terminal::print(&text)?)
    }
}

impl Run {
    fn execute(&self, registry: &Registry) -> Result<(), Failure> {
        if !self.vary.is_empty() {
            return self.in_one_step(registry);
        }
        if self.what.is_file() {
            let message = format!("nothing of {} is varied", self.what.display());
            let help = "say what: --vary pools.NAME.count=1..10; or name the directory of a planned sweep";
            return Err(vec![Diagnostic::new(&code::CANNOT_SWEEP, message).help(help.to_owned())].into());
        }
        let plan = SweepPlan::read(&self.what)?;
        let shard = match self.shard {
            Some(request) => request.resolve(&|name| std::env::var(name).ok())?,
            None => Shard::WHOLE,
        };
        self.make(&plan, shard, registry)?;
        if !self.quiet && shard == Shard::WHOLE {
            let dir = plan.dir().display();
            terminal::remark(&format!("all runs are there: overspill sweep collect {dir}\n"));
        }
        Ok(())
    }

    fn in_one_step(&self, registry: &Registry) -> Result<(), Failure> {
        if self.what.is_dir() {
            let message = format!("{} is a directory, and --vary is of a scenario file", self.what.display());
            let help = "a planned sweep knows its axes: leave out --vary".to_owned();
            return Err(vec![Diagnostic::new(&code::CANNOT_SWEEP, message).help(help)].into());
        }
        let seeds = self.seeds.unwrap_or(Seeds::DEFAULT);
        let plan = plan(&self.what, &self.vary, seeds, self.out.as_deref(), registry)?;
        self.make(&plan, Shard::WHOLE, registry)?;
        collect(&plan, self.quiet)
    }

    /// Makes the runs of a shard that are not there yet.
    fn make(&self, plan: &SweepPlan, shard: Shard, registry: &Registry) -> Result<(), Failure> {
        let runs = plan.runs_of(shard);
        let due = plan.unmade(&runs);
        let bar = terminal::progress_bar(self.quiet, runs.len() as u64, "runs");
        bar.set_position((runs.len() - due.len()) as u64);
        #[expect(clippy::disallowed_methods, reason = "the runs are timed from outside")]
        let begin = Instant::now();
        let result = plan.make(&due, |point| opened(plan, point, registry), || bar.inc(1));
        bar.finish_and_clear();
        result.map_err(|interrupted| match interrupted {
            Interrupted::Broken { case, seed } => {
                Failure::BrokenCase { case: plan.grid().point(case).to_string(), seed }
            }
            Interrupted::Failed(failure) => failure,
        })?;
        if !self.quiet {
            let there = match runs.len() - due.len() {
                0 => String::new(),
                there => format!(", {there} were there already"),
            };
            let seconds = begin.elapsed().as_secs_f64();
            let made = counted(due.len(), "run");
            let which = if shard == Shard::WHOLE { String::new() } else { format!("shard {shard}: ") };
            terminal::remark(&format!("{which}{made} made in {seconds:.2} s{there}\n"));
        }
        Ok(())
    }
}

impl Collect {
    fn execute(&self) -> Result<(), Failure> {
        collect(&SweepPlan::read(&self.dir)?, self.quiet)
    }
}

/// Writes and prints what came out.
fn collect(plan: &SweepPlan, quiet: bool) -> Result<(), Failure> {
    let collected = plan.collect()?;
    collected.write()?;
    if !quiet {
        terminal::print(&collected.text())?;
        terminal::remark(&format!("results in {}\n", plan.dir().display()));
    }
    Ok(())
}

/// Checks a sweep and writes its plan.
fn plan(
    scenario: &Path,
    vary: &[String],
    seeds: Seeds,
    out: Option<&Path>,
    registry: &Registry,
) -> Result<SweepPlan, Failure> {
    if scenario == Path::new("-") {
        return Err(Failure::NoStandardInput);
    }
    let (outline, warnings) = outline::of(scenario, vary, seeds, registry)?;
    terminal::tell(warnings);
    let default = || PathBuf::from("out").join(format!("{}-sweep", outline.scenario));
    Ok(outline.publish(&out.map_or_else(default, Path::to_owned), scenario)?)
}

/// The scenario of a planned sweep with the values of a point.
fn opened(plan: &SweepPlan, point: &Point, registry: &Registry) -> Result<Scenario, Failure> {
    let (loaded, resolved) = open(&plan.scenario_file(), &point.options(&ReadOptions::default()), registry)?;
    plan.check_files(&loaded.files)?;
    Ok(resolved.scenario)
}
