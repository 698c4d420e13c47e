//! What a sweep is to be, read and checked: all that is wrong with it is told at once.

use std::path::Path;

use overspill_manifest::{Diagnostic, code};
use rayon::prelude::*;

use super::super::argument::argument;
use super::super::compare::doubts::{MoneyAndTime, among};
use super::super::{Failure, terminal};
use crate::experiment::{Axis, Grid, GridError, Outline, Point, Seeds, SweepPlan};
use crate::report;
use crate::scenario::{InputFile, ReadOptions, open};
use crate::scheduler::Registry;
use crate::simulation::Scenario;

/// The option that axes are given to.
const VARY: &str = "--vary";

/// What is kept of a point.
struct Opened<T> {
    about: MoneyAndTime,
    scenario: String,
    files: Vec<InputFile>,
    warnings: Vec<Diagnostic>,
    kept: T,
}

/// All points of a grid, read and checked.
pub(in crate::cli) struct Points<T> {
    /// The name of the scenario, from its metadata.
    pub(in crate::cli) scenario: String,
    /// The name of the scenario file among the inputs.
    pub(in crate::cli) scenario_file: String,
    pub(in crate::cli) currency: String,
    /// Every file that any of them refers to.
    pub(in crate::cli) inputs: Vec<report::InputFile>,
    pub(in crate::cli) warnings: Vec<Diagnostic>,
    /// What was kept of each, in order.
    pub(in crate::cli) kept: Vec<T>,
}

/// The sweep of a scenario over these axes, and what is worth knowing of it.
pub(super) fn of(
    scenario: &Path,
    vary: &[String],
    seeds: Seeds,
    registry: &Registry,
) -> Result<(Outline, Vec<Diagnostic>), Failure> {
    let grid = grid(vary)?;
    let runs = (grid.len() as u64).saturating_mul(seeds.count());
    if runs > SweepPlan::MOST_RUNS {
        let most = SweepPlan::MOST_RUNS;
        let message = format!("that is {runs} runs, and a sweep has {most} at most");
        return Err(Failure::Input(vec![Diagnostic::new(&code::CANNOT_SWEEP, message)]));
    }
    let points = points(scenario, &grid, &ReadOptions::default(), registry, |_| ())?;
    let Points { scenario, scenario_file, currency, inputs, warnings, .. } = points;
    Ok((Outline { scenario, scenario_file, currency, grid, seeds, inputs }, warnings))
}

/// Every point of a grid of a scenario, of which `keep` says what is kept.
pub(in crate::cli) fn points<T: Send>(
    scenario: &Path,
    grid: &Grid,
    base: &ReadOptions,
    registry: &Registry,
    keep: impl Fn(Scenario) -> T + Sync,
) -> Result<Points<T>, Failure> {
    // What is wrong with the scenario is wrong at every point: the first one tells it.
    let first = opened(scenario, &grid.point(0), base, registry, &keep)?;
    let others = (1..grid.len()).into_par_iter().map(|place| {
        let mut opened = opened(scenario, &grid.point(place), base, registry, &keep)?;
        let is_new = |file: &InputFile| {
            !first.files.iter().any(|known| known.is_same_file_as(Path::new(&file.source.file)))
        };
        opened.files.retain(is_new);
        Ok(opened)
    });
    let others: Vec<Result<Opened<T>, Vec<Diagnostic>>> = others.collect();
    let mut told = first.warnings.clone();
    let mut points = vec![first];
    for other in others {
        match other {
            Ok(opened) => {
                told.extend(opened.warnings.iter().cloned());
                points.push(opened);
            }
            Err(diagnostics) => told.extend(diagnostics),
        }
    }
    let files = InputFile::together(points.iter().flat_map(|point| &point.files));
    let scenario_name = points[0].scenario.clone();
    let (about, all): (Vec<MoneyAndTime>, Vec<T>) =
        points.into_iter().map(|point| (point.about, point.kept)).unzip();
    told.extend(among(&about));
    let told = terminal::without_repetitions(told);
    if told.iter().any(Diagnostic::is_error) {
        return Err(Failure::Input(told));
    }
    let kept = files.iter().find(|file| file.is_same_file_as(scenario));
    Ok(Points {
        scenario: scenario_name,
        scenario_file: kept.expect("the scenario is among its files").name.clone(),
        currency: about[0].currency.clone(),
        inputs: files.iter().map(report::InputFile::from).collect(),
        warnings: told,
        kept: all,
    })
}

/// The axes, read and combined.
pub(in crate::cli) fn grid(vary: &[String]) -> Result<Grid, Vec<Diagnostic>> {
    let mut told = Vec::new();
    let mut axes = Vec::new();
    for text in vary {
        match Axis::parse(text) {
            Ok(axis) => {
                told.extend(refused(&axis));
                axes.push(axis);
            }
            Err(error) => {
                let width = text[error.place.clone()].chars().count();
                let place = argument(VARY, text, error.column(), width);
                let diagnostic = Diagnostic::new(&code::CANNOT_SWEEP, error.problem.to_string());
                told.push(diagnostic.at(place).help(error.problem.help()));
            }
        }
    }
    if !told.is_empty() {
        return Err(told);
    }
    Grid::new(axes).map_err(|error| {
        let help = match &error {
            GridError::SamePath(_) => "write all of its values behind one --vary",
            GridError::TooMany => "write fewer values, or larger steps",
        };
        vec![Diagnostic::new(&code::CANNOT_SWEEP, error.to_string()).help(help.to_owned())]
    })
}

/// What cannot be varied although its PATH leads somewhere.
fn refused(axis: &Axis) -> Option<Diagnostic> {
    let tell = |message: String, help: &str| {
        let place = argument(VARY, axis.text(), 1, axis.path().chars().count());
        Diagnostic::new(&code::CANNOT_SWEEP, message).at(place).help(help.to_owned())
    };
    if axis.path() == "seed" {
        let message = "every point is run with the same seeds, whatever the scenario says".to_owned();
        return Some(tell(message, "name them with --seeds A..B"));
    }
    let absolute = axis.values().iter().filter_map(|value| value.as_str()).find(|text| {
        let path = Path::new(text);
        path.is_absolute() && path.exists()
    });
    let message = |path| format!("`{path}` is a file of this machine alone");
    let help = "name it by a path relative to the scenario: it is kept with the sweep then";
    absolute.map(|path| tell(message(path), help))
}

fn opened<T>(
    scenario: &Path,
    point: &Point,
    base: &ReadOptions,
    registry: &Registry,
    keep: &impl Fn(Scenario) -> T,
) -> Result<Opened<T>, Vec<Diagnostic>> {
    let (loaded, resolved) = open(scenario, &point.options(base), registry)?;
    let (scenario, warnings) = (resolved.scenario, [loaded.warnings, resolved.warnings].concat());
    let about = MoneyAndTime {
        name: point.to_string(),
        currency: scenario.prices.currency.clone(),
        horizon: scenario.horizon,
    };
    let name = scenario.name.clone();
    Ok(Opened { about, scenario: name, files: loaded.files, warnings, kept: keep(scenario) })
}
