//! `overspill run`: simulates a scenario and writes what was seen.

mod replications;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::beside::{Beside, Page};
use super::performance::{Performance, peak_memory};
use super::{Exit, Failure, terminal};
use crate::experiment::{Measured, Seeds, judge_all, measure_and_gather};
use crate::expression::Expression;
use crate::metric::Overview;
use crate::report::{
    self, Expectation, Gathered, InputFile, Kind, Output, Outputs, Provenance, ReportError, RunRecord,
    Staging, Tables,
};
use crate::scenario::{self, ReadOptions};
use crate::scheduler::{Evaluator, Registry};
use crate::simulation::Scenario;
use crate::units::SimTime;

/// Simulate a scenario: summary on the standard output, results in a directory.
#[derive(Args, Debug)]
pub(super) struct Run {
    /// The scenario file.
    scenario: PathBuf,
    /// The seed of all draws, instead of the scenario's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Run the scenario once with each of these seeds, such as 1..30, both ends included.
    ///
    /// The runs go side by side on all cores, or on as many threads as the environment variable RAYON_NUM_THREADS says;
    /// each takes the memory of a single run. DIR gets a folder seed-N for each, as `--seed N` writes it, and what they
    /// say together: summary.json with means and their 95 % intervals, seeds.csv with every figure of every run,
    /// expectations.json with the seeds that fail. Exit 1 if any run fails an expectation.
    #[arg(long, value_name = "A..B", conflicts_with = "seed", allow_hyphen_values = true)]
    seeds: Option<Seeds>,
    /// The variant of the scenario to run.
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// The directory of the results [default: out/SCENARIO, or out/SCENARIO.VARIANT].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The format of the tables.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// The results to write, by name and separated by commas: summary, timeline, pods, nodes, events, svg,
    /// report, expectations [default: all].
    #[arg(long, value_name = "LIST")]
    outputs: Option<Outputs>,
    /// Who filters and scores; the results are the same.
    #[arg(long, value_enum, default_value_t = EvaluatorName::Cached)]
    evaluator: EvaluatorName,
    /// Write wall time, events per second and peak memory to this file.
    #[arg(long, value_name = "FILE")]
    perf: Option<PathBuf>,
    /// Add the summary as Markdown to the end of this file, such as "$GITHUB_STEP_SUMMARY"; - prints it in place of the
    /// plain one.
    #[arg(long, value_name = "FILE|-")]
    summary: Option<PathBuf>,
    /// Print no summary and no progress.
    #[arg(long)]
    quiet: bool,
    /// Make unknown fields and kinds errors in what a server printed too.
    #[arg(long)]
    strict: bool,
}

/// Formats of tables.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Comma-separated values.
    Csv,
    /// Apache Parquet; the program must be built with the feature `parquet`.
    Parquet,
}

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Parquet => Self::Parquet,
        }
    }
}

/// Who filters and scores.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum EvaluatorName {
    /// What was worked out is kept until it changes.
    Cached,
    /// Every plugin is asked about every node, every time.
    Reference,
    /// Both: the run stops where they differ.
    Both,
}

impl From<EvaluatorName> for Evaluator {
    fn from(name: EvaluatorName) -> Self {
        match name {
            EvaluatorName::Cached => Self::Cached,
            EvaluatorName::Reference => Self::Reference,
            EvaluatorName::Both => Self::Both,
        }
    }
}

impl Run {
    pub(super) fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        if self.scenario == Path::new("-") {
            return Err(Failure::NoStandardInput);
        }
        let options =
            ReadOptions { variant: self.variant.clone(), strict: self.strict, ..ReadOptions::default() };
        let (loaded, resolved) = scenario::open(&self.scenario, &options, registry)?;
        terminal::tell([loaded.warnings.clone(), resolved.warnings].concat());
        let mut scenario = resolved.scenario;
        scenario.evaluator = self.evaluator.into();
        let dir = self.out.clone().unwrap_or_else(|| self.default_dir(&scenario));
        let subject = Subject {
            scenario: &scenario,
            expectations: &resolved.expectations,
            variant: self.variant.as_deref(),
            scenario_file: &loaded.files[0].name,
            inputs: loaded.files.iter().map(InputFile::from).collect(),
            outputs: self.outputs.clone().unwrap_or_else(Outputs::all),
            format: self.format.into(),
        };
        match self.seeds {
            Some(seeds) => self.run_all(&subject, seeds, &dir),
            None => self.run_one(&subject, self.seed.unwrap_or(scenario.default_seed), &dir),
        }
    }

    /// One run: its results are the directory.
    fn run_one(&self, subject: &Subject<'_>, seed: u64, dir: &Path) -> Result<Exit, Failure> {
        let staging = Staging::of_kind(Kind::Run, dir, &[&self.scenario])?;
        let perf_file = self.open_perf_file(dir)?;
        let page = Page::open(self.summary.as_deref(), dir)?;
        let tables = subject.open_tables(&staging)?;
        let (run, perf) = self.simulate(subject, seed, tables);
        let expectations = subject.judge(&run.measured);
        let measured = subject.write(staging, seed, run, &expectations)?;
        if let Some(file) = perf_file {
            file.write(&perf.json())?;
        }
        let title = report::title(&subject.scenario.name, subject.variant);
        let summed_up = |how: fn(&str, &Overview, &[Expectation]) -> String| {
            how(&title, &measured.observation, &expectations)
        };
        page.tell(
            || summed_up(report::markdown::summary),
            || summed_up(report::terminal::summary),
            self.quiet,
        )?;
        if !self.quiet {
            eprintln!("results in {} ({perf})", dir.display());
        }
        let all_hold = expectations.iter().all(|one| one.verdict.holds);
        Ok(if all_hold { Exit::Success } else { Exit::CheckFailed })
    }

    /// The file that the speed is written to.
    fn open_perf_file(&self, dir: &Path) -> Result<Option<Beside>, Failure> {
        self.perf.as_deref().map(|path| Beside::new(path, Some(dir))).transpose()
    }

    fn default_dir(&self, scenario: &Scenario) -> PathBuf {
        let name = match &self.variant {
            Some(variant) => format!("{}.{variant}", scenario.name),
            None => scenario.name.clone(),
        };
        PathBuf::from("out").join(name)
    }

    /// Simulates, with a progress bar on a terminal.
    fn simulate(&self, subject: &Subject<'_>, seed: u64, tables: Tables) -> (Done, Performance) {
        let horizon = subject.scenario.horizon.whole_secs();
        let bar = terminal::progress_bar(self.quiet, horizon, "simulated seconds");
        let mut shown = 0;
        #[expect(clippy::disallowed_methods, reason = "the run is timed from outside")]
        let begin = Instant::now();
        let done = subject.simulate(seed, tables, &mut |at: SimTime| {
            if at.whole_secs() > shown {
                shown = at.whole_secs();
                bar.set_position(shown);
            }
        });
        let wall = begin.elapsed();
        bar.finish_and_clear();
        let events = done.measured.finished.events;
        (done, Performance { runs: None, wall, events, peak_bytes: peak_memory() })
    }
}

/// A run that is to be written down.
struct Done {
    measured: Measured<Overview>,
    tables: Tables,
    gathered: Gathered,
}

/// What is run, and what is written of each run.
struct Subject<'a> {
    scenario: &'a Scenario,
    expectations: &'a [Expression],
    variant: Option<&'a str>,
    /// The name of the scenario file among the inputs.
    scenario_file: &'a str,
    inputs: Vec<InputFile>,
    outputs: Outputs,
    format: report::Format,
}

impl Subject<'_> {
    /// Opens the tables of one run.
    fn open_tables(&self, staging: &Staging) -> Result<Tables, ReportError> {
        Tables::open(staging, &self.outputs, self.format)
    }

    fn simulate(&self, seed: u64, tables: Tables, progress: &mut dyn FnMut(SimTime)) -> Done {
        let has_page = self.outputs.contains(Output::Report);
        let (measured, tables, gathered) =
            measure_and_gather(self.scenario, seed, tables, has_page, progress);
        Done { measured, tables, gathered }
    }

    fn judge(&self, measured: &Measured<Overview>) -> Vec<Expectation> {
        judge_all(&measured.observation.summary, self.expectations)
    }

    /// Writes the results of one run and puts them in their place.
    fn write(
        &self,
        staging: Staging,
        seed: u64,
        done: Done,
        expectations: &[Expectation],
    ) -> Result<Measured<Overview>, ReportError> {
        let Done { measured, tables, gathered } = done;
        let provenance = Provenance {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: self.scenario.name.clone(),
            variant: self.variant.map(str::to_owned),
            seed,
            trace_hash: measured.finished.trace_hash,
            scenario_file: self.scenario_file.to_owned(),
        };
        let record = RunRecord {
            overview: &measured.observation,
            gathered: &gathered,
            provenance: &provenance,
            expectations,
            inputs: &self.inputs,
        };
        report::write(staging, &record, tables, &self.outputs)?;
        Ok(measured)
    }
}
