//! `overspill run`: simulates a scenario and writes what was seen.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Exit, Failure, terminal};
use crate::experiment::{Measured, measure_with_seed};
use crate::report::{self, Expectation, InputFile, Outputs, Provenance, RunRecord, Staging};
use crate::scenario::{self, Loaded, ReadOptions};
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
    /// expectations [default: all].
    #[arg(long, value_name = "LIST")]
    outputs: Option<Outputs>,
    /// Who filters and scores; the results are the same.
    #[arg(long, value_enum, default_value_t = EvaluatorName::Cached)]
    evaluator: EvaluatorName,
    /// Write wall time, events per second and peak memory to this file.
    #[arg(long, value_name = "FILE")]
    perf: Option<PathBuf>,
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
        let Format::Csv = self.format;
        if self.scenario == Path::new("-") {
            return Err(Failure::NoStandardInput);
        }
        let options =
            ReadOptions { variant: self.variant.clone(), strict: self.strict, ..ReadOptions::default() };
        let (loaded, resolved) = scenario::open(&self.scenario, &options, registry)?;
        terminal::tell([loaded.warnings.clone(), resolved.warnings].concat());
        let mut scenario = resolved.scenario;
        scenario.evaluator = self.evaluator.into();
        let seed = self.seed.unwrap_or(scenario.default_seed);
        let dir = self.out.clone().unwrap_or_else(|| self.default_dir(&scenario));
        let staging = Staging::beside(&dir)?;
        let perf_file = self.open_perf_file(&dir)?;
        let (measured, perf) = self.simulate(&scenario, seed);
        let judged = resolved
            .expectations
            .iter()
            .map(|one| Expectation { expression: one.text().to_owned(), verdict: measured.judge(one) });
        let expectations: Vec<_> = judged.collect();
        let provenance = self.provenance(&scenario, seed, &loaded, measured.finished.trace_hash);
        let inputs: Vec<_> = loaded.files.iter().map(kept).collect();
        let record = RunRecord {
            observation: &measured.observation,
            provenance: &provenance,
            expectations: &expectations,
            inputs: &inputs,
        };
        report::write(staging, &record, &self.outputs.clone().unwrap_or_else(Outputs::all))?;
        if let Some((path, mut file)) = perf_file {
            file.write_all(perf.json().as_bytes()).map_err(|error| Failure::File(path, error))?;
        }
        if !self.quiet {
            let summary =
                report::terminal::summary(&provenance.title(), &measured.observation, &expectations);
            write!(io::stdout().lock(), "{summary}")?;
            eprintln!("results in {} ({perf})", dir.display());
        }
        let all_hold = expectations.iter().all(|one| one.verdict.holds);
        Ok(if all_hold { Exit::Success } else { Exit::CheckFailed })
    }

    /// The file that the speed is written to, opened before the run. It never lies among the results, which are the same
    /// on every machine.
    fn open_perf_file(&self, dir: &Path) -> Result<Option<(PathBuf, File)>, Failure> {
        let Some(path) = &self.perf else { return Ok(None) };
        let failed = |error| Failure::File(path.clone(), error);
        let place = |path: &Path| std::path::absolute(path).map_err(failed);
        if place(path)?.starts_with(place(dir)?) {
            let reason = "it must not lie in the directory of the results";
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, reason)));
        }
        Ok(Some((path.clone(), File::create(path).map_err(failed)?)))
    }

    fn default_dir(&self, scenario: &Scenario) -> PathBuf {
        let name = match &self.variant {
            Some(variant) => format!("{}.{variant}", scenario.name),
            None => scenario.name.clone(),
        };
        PathBuf::from("out").join(name)
    }

    fn provenance(&self, scenario: &Scenario, seed: u64, loaded: &Loaded, trace_hash: u64) -> Provenance {
        Provenance {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario.name.clone(),
            variant: self.variant.clone(),
            seed,
            trace_hash,
            scenario_file: loaded.files[0].name.clone(),
        }
    }

    /// Simulates, with a progress bar on a terminal.
    fn simulate(&self, scenario: &Scenario, seed: u64) -> (Measured, Performance) {
        let bar = self.progress_bar(scenario.horizon);
        let mut shown = 0;
        #[expect(clippy::disallowed_methods, reason = "the run is timed from outside")]
        let begin = Instant::now();
        let measured = measure_with_seed(scenario, seed, &mut |at: SimTime| {
            if at.whole_secs() > shown {
                shown = at.whole_secs();
                bar.set_position(shown);
            }
        });
        let wall = begin.elapsed();
        bar.finish_and_clear();
        let performance = Performance { wall, events: measured.finished.events, peak_bytes: peak_memory() };
        (measured, performance)
    }

    fn progress_bar(&self, horizon: SimTime) -> ProgressBar {
        let shows = !self.quiet && io::stderr().is_terminal();
        let target = if shows { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(horizon.whole_secs()), target);
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} simulated seconds");
        bar.with_style(style.expect("the template is well-formed"))
    }
}

fn kept(file: &scenario::InputFile) -> InputFile {
    InputFile { name: file.name.clone(), bytes: file.source.text.clone().into_bytes() }
}

/// How fast a run was; never part of the results.
struct Performance {
    wall: Duration,
    events: u64,
    peak_bytes: Option<u64>,
}

impl Performance {
    fn events_per_second(&self) -> f64 {
        self.events as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    fn json(&self) -> String {
        let figures = serde_json::json!({
            "wallSeconds": self.wall.as_secs_f64(),
            "events": self.events,
            "eventsPerSecond": self.events_per_second(),
            "peakMemoryBytes": self.peak_bytes,
        });
        format!("{figures:#}\n")
    }
}

impl std::fmt::Display for Performance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, speed) = (self.wall.as_secs_f64(), self.events_per_second());
        write!(f, "{} events in {seconds:.2} s, {speed:.0} events/s", self.events)?;
        match self.peak_bytes {
            Some(bytes) => write!(f, ", {} MiB", bytes >> 20),
            None => Ok(()),
        }
    }
}

/// The most memory that the process had, where the system tells (Linux).
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib << 10)
}
