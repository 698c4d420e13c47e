//! What a sweep is to be, read and checked: all that is wrong with it is told at once.

use std::path::Path;

use overspill_manifest::{Diagnostic, Place, code};
use rayon::prelude::*;

use super::super::argument::argument;
use super::super::compare::doubts::{MoneyAndTime, among};
use super::super::{Failure, terminal};
use crate::experiment::{Axis, Grid, GridError, Outline, Point, Seeds, SweepPlan};
use crate::report;
use crate::scenario::{InputFile, Loaded, ReadOptions, open};
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
    let points = all_opened(scenario, &grid, registry)?;
    let files = InputFile::together(points.iter().flat_map(|point| &point.files));
    let kept = files.iter().find(|file| file.is_same_file_as(scenario));
    let mut told: Vec<Diagnostic> = points.iter().flat_map(|point| point.warnings.iter().cloned()).collect();
    let outline = Outline {
        scenario: points[0].scenario.clone(),
        scenario_file: kept.expect("the scenario is among its files").name.clone(),
        currency: points[0].about.currency.clone(),
        grid,
        seeds,
        inputs: files.iter().map(report::InputFile::from).collect(),
    };
    let mut doubts = among(&points.into_iter().map(|point| point.about).collect::<Vec<_>>());
    // One pair of points says it of all, and an error more than a warning.
    doubts.sort_by_key(|doubt| !doubt.is_error());
    told.extend(doubts.into_iter().take(1));
    let told = terminal::without_repetitions(told);
    if told.iter().any(Diagnostic::is_error) {
        return Err(Failure::Input(told));
    }
    Ok((outline, told))
}

/// The scenario with the values of each point. Of the files only the first has those that others have too.
fn all_opened(scenario: &Path, grid: &Grid, registry: &Registry) -> Result<Vec<Opened>, Vec<Diagnostic>> {
    // What is wrong with the scenario is wrong at every point: the first one tells it.
    let first = opened(scenario, &grid.point(0), registry)?;
    let other = |place: usize| {
        let mut other = opened(scenario, &grid.point(place), registry)?;
        let is_same =
            |file: &InputFile, known: &InputFile| file.is_same_file_as(Path::new(&known.source.file));
        other.files.retain(|file| !first.files.iter().any(|known| is_same(file, known)));
        Ok(other)
    };
    let others: Vec<Result<Opened, Vec<Diagnostic>>> = (1..grid.len()).into_par_iter().map(other).collect();
    let mut points = vec![first];
    let mut wrong = Vec::new();
    for other in others {
        match other {
            Ok(opened) => points.push(opened),
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    if wrong.is_empty() { Ok(points) } else { Err(terminal::without_repetitions(wrong)) }
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
    (axis.path() == "seed").then(|| {
        let place = argument(VARY, axis.text(), 1, axis.path().chars().count());
        let message = "every point is run with the same seeds, whatever the scenario says";
        let help = "name them with --seeds A..B".to_owned();
        Diagnostic::new(&code::CANNOT_SWEEP, message).at(place).help(help)
    })
}

/// What keeps a scenario from being run elsewhere.
fn of_this_machine(loaded: &Loaded) -> Vec<Diagnostic> {
    let told = |(reference, place): &(String, Place)| {
        let message = format!("`{reference}` is a place on this machine alone");
        let help = "name it by a path relative to the scenario: it is kept with the sweep then".to_owned();
        Diagnostic::new(&code::CANNOT_SWEEP, message).at(place.clone()).help(help)
    };
    loaded.references.iter().filter(|(reference, _)| Path::new(reference).is_absolute()).map(told).collect()
}

fn opened(scenario: &Path, point: &Point, registry: &Registry) -> Result<Opened, Vec<Diagnostic>> {
    let (loaded, resolved) = open(scenario, &point.options(&ReadOptions::default()), registry)?;
    let wrong = of_this_machine(&loaded);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let (scenario, warnings) = (resolved.scenario, [loaded.warnings, resolved.warnings].concat());
    let about = MoneyAndTime {
        name: point.to_string(),
        currency: scenario.prices.currency.clone(),
        horizon: scenario.horizon,
    };
    Ok(Opened { about, scenario: scenario.name, files: loaded.files, warnings })
}
