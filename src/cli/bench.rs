//! `overspill bench`: how fast scenarios run here and now, for a later measurement to be compared with.

mod benchmark;
mod comparison;
mod timing;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use overspill_manifest::{Diagnostic, code};

use super::beside::Beside;
use super::{Exit, Failure, terminal};
use crate::scenario::{self, ReadOptions};
use crate::scheduler::Registry;
use benchmark::Benchmark;
use comparison::Comparison;
use timing::Subject;

/// What the help page ends with.
const EXAMPLE: &str = "\
A gate for CI: is anything slower than on the main branch?
  overspill bench scenario.yaml --out main.json          # on the main branch
  overspill bench scenario.yaml --baseline main.json --fail-above 1.10";

/// The limit where nobody names one.
const FAIL_ABOVE: f64 = 1.10;

/// Measure how fast scenarios run, and compare that with an earlier measurement
///
/// Every scenario is read once and run several times, in turns with the others, with its own seed, and without results
/// being written. What counts is the least processor time; a loop that has nothing to do with overspill is timed in
/// between and tells how fast the machine was, so that measurements of two machines can be compared. With --baseline, exit
/// 1 if anything takes longer than --fail-above allows and by more than the measurements scatter. What a run did, its
/// events, pods and attempts, is told apart from how long that took.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Bench {
    /// Scenario files
    #[arg(value_name = "SCENARIO", required = true)]
    scenarios: Vec<PathBuf>,
    /// How often each is measured; one measurement is as many runs as take a tenth of a second, at least one
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,
    /// Write the measurement to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Compare with the measurement in this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Exit 1 if a run takes more than this many times what it took in the baseline [default: 1.10]
    #[arg(long, value_name = "FACTOR", requires = "baseline")]
    fail_above: Option<Factor>,
    /// Print no table and no progress
    #[arg(long)]
    quiet: bool,
}

/// By how much something may take longer.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Factor(f64);

impl FromStr for Factor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let factor: Option<f64> = text.parse().ok();
        let factor = factor.filter(|factor| factor.is_finite() && *factor >= 1.0);
        factor.map(Self).ok_or("write a number from 1 on: 1.10 allows a tenth more")
    }
}

impl Bench {
    pub(super) fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        if self.scenarios.iter().any(|path| path == Path::new("-")) {
            return Err(Failure::NoStandardInput);
        }
        let mut told: Vec<Diagnostic> = self.out.as_deref().and_then(lost).into_iter().collect();
        let baseline = self.baseline(&mut told);
        let subjects = self.subjects(registry, &mut told);
        if let (Some(path), Some(baseline)) = (&self.baseline, &baseline) {
            let has_any = subjects.iter().any(|subject| baseline.timed(&subject.name).is_some());
            told.extend((!has_any).then(|| no_baseline(path, "measures none of these scenarios")));
        }
        let told = terminal::without_repetitions(told);
        if told.iter().any(Diagnostic::is_error) {
            return Err(Failure::Input(told));
        }
        terminal::tell(told);
        let out = self.out.as_deref().map(|path| Beside::new(path, None)).transpose()?;
        let measured = self.measure(&subjects);
        if let Some(file) = out {
            file.write(&measured.text())?;
        }
        let limit = self.fail_above.map_or(FAIL_ABOVE, |Factor(factor)| factor);
        let comparison = baseline.map(|baseline| Comparison::of(&measured, baseline, limit));
        if !self.quiet {
            terminal::print(&comparison.as_ref().map_or_else(|| measured.table(), Comparison::text))?;
        }
        let fails = comparison.is_some_and(|comparison| comparison.fails());
        Ok(if fails { Exit::CheckFailed } else { Exit::Success })
    }

    /// All measurements, with a progress bar on a terminal.
    fn measure(&self, subjects: &[Subject]) -> Benchmark {
        let bar = terminal::progress_bar(self.quiet, u64::from(self.repeat), "repetitions");
        bar.tick();
        let measured = timing::measure(subjects, self.repeat, &mut || bar.inc(1));
        bar.finish_and_clear();
        measured
    }

    /// The scenarios, each by its name, or by its path where several have the same.
    fn subjects(&self, registry: &Registry, told: &mut Vec<Diagnostic>) -> Vec<Subject> {
        let mut subjects: Vec<(&PathBuf, Subject)> = Vec::new();
        for path in &self.scenarios {
            match scenario::open(path, &ReadOptions::default(), registry) {
                Ok((loaded, resolved)) => {
                    told.extend([loaded.warnings, resolved.warnings].concat());
                    let scenario = resolved.scenario;
                    subjects.push((path, Subject { name: scenario.name.clone(), scenario }));
                }
                Err(wrong) => told.extend(wrong),
            }
        }
        let names: Vec<String> = subjects.iter().map(|(_, subject)| subject.name.clone()).collect();
        let is_shared = |name: &String| names.iter().filter(|other| *other == name).count() > 1;
        for (path, subject) in &mut subjects {
            if is_shared(&subject.name) {
                subject.name = path.display().to_string();
            }
        }
        subjects.into_iter().map(|(_, subject)| subject).collect()
    }

    /// What the baseline says, if there is one.
    fn baseline(&self, told: &mut Vec<Diagnostic>) -> Option<Benchmark> {
        let path = self.baseline.as_deref()?;
        let read = std::fs::read(path).map_err(|error| error.to_string());
        let read = read.and_then(|bytes| Benchmark::read(&bytes));
        let complain =
            |reason: String| no_baseline(path, &format!("is no measurement of `overspill bench`: {reason}"));
        read.map_err(|reason| told.push(complain(reason))).ok()
    }
}

/// That the file at `path` is to be replaced although it is no measurement; nothing is lost with an empty file.
fn lost(path: &Path) -> Option<Diagnostic> {
    let bytes = path.is_file().then(|| std::fs::read(path).unwrap_or_default())?;
    let is_ours = bytes.is_empty() || Benchmark::read(&bytes).is_ok();
    let message = format!("{} is no measurement of `overspill bench`, and is left alone", path.display());
    let help = "choose another --out, or remove it".to_owned();
    (!is_ours).then(|| Diagnostic::new(&code::NO_BASELINE, message).help(help))
}

/// A baseline that cannot be one.
fn no_baseline(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::new(&code::NO_BASELINE, format!("{} {why}", path.display()))
        .help("make it first: overspill bench SCENARIO --out FILE".to_owned())
}
