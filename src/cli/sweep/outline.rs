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

/// The option that axes are given to.
const VARY: &str = "--vary";

/// What is kept of a point.
struct Opened {
    about: MoneyAndTime,
    scenario: String,
    files: Vec<InputFile>,
    warnings: Vec<Diagnostic>,
}

/// The sweep of a scenario over these axes, and what is worth knowing of it.
pub(super) fn of(
    scenario: &Path,
    vary: &[String],
    seeds: Seeds,
    registry: &Registry,
) -> Result<(Outline, Vec<Diagnostic>), Failure> {
    let grid = grid(vary, seeds)?;
    // What is wrong with the scenario is wrong at every point: the first one tells it.
    let first = opened(scenario, &grid.point(0), registry)?;
    let others = (1..grid.len()).into_par_iter().map(|place| {
        let mut opened = opened(scenario, &grid.point(place), registry)?;
        let is_new = |file: &InputFile| {
            !first.files.iter().any(|known| known.is_same_file_as(Path::new(&file.source.file)))
        };
        opened.files.retain(is_new);
        Ok(opened)
    });
    let others: Vec<Result<Opened, Vec<Diagnostic>>> = others.collect();
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
    let about: Vec<MoneyAndTime> = points.into_iter().map(|point| point.about).collect();
    told.extend(among(&about));
    let told = terminal::without_repetitions(told);
    if told.iter().any(Diagnostic::is_error) {
        return Err(Failure::Input(told));
    }
    let kept = files.iter().find(|file| file.is_same_file_as(scenario));
    let outline = Outline {
        scenario: scenario_name,
        scenario_file: kept.expect("the scenario is among its files").name.clone(),
        currency: about[0].currency.clone(),
        grid,
        seeds,
        inputs: files.iter().map(report::InputFile::from).collect(),
    };
    Ok((outline, told))
}

/// The axes, read and combined.
fn grid(vary: &[String], seeds: Seeds) -> Result<Grid, Vec<Diagnostic>> {
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
    let grid = Grid::new(axes).map_err(|error| {
        let help = match &error {
            GridError::SamePath(_) => "write all of its values behind one --vary",
            GridError::TooMany => "write fewer values, or larger steps",
        };
        vec![Diagnostic::new(&code::CANNOT_SWEEP, error.to_string()).help(help.to_owned())]
    })?;
    let runs = (grid.len() as u64).saturating_mul(seeds.count());
    if runs > SweepPlan::MOST_RUNS {
        let most = SweepPlan::MOST_RUNS;
        let message = format!("that is {runs} runs, and a sweep has {most} at most");
        let help = "sweep fewer values or seeds at a time".to_owned();
        return Err(vec![Diagnostic::new(&code::CANNOT_SWEEP, message).help(help)]);
    }
    Ok(grid)
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

fn opened(scenario: &Path, point: &Point, registry: &Registry) -> Result<Opened, Vec<Diagnostic>> {
    let (loaded, resolved) = open(scenario, &point.options(&ReadOptions::default()), registry)?;
    let (scenario, warnings) = (resolved.scenario, [loaded.warnings, resolved.warnings].concat());
    let about = MoneyAndTime {
        name: point.to_string(),
        currency: scenario.prices.currency.clone(),
        horizon: scenario.horizon,
    };
    Ok(Opened { about, scenario: scenario.name, files: loaded.files, warnings })
}
