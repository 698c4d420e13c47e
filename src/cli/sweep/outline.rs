//! What a sweep is to be, read and checked: all that is wrong with it is told at once.

use std::path::Path;

use overspill_manifest::{Diagnostic, Place, code};
use rayon::prelude::*;

use super::super::argument::argument;
use super::super::compare::doubts::{MoneyAndTime, among};
use super::super::{Failure, terminal};
use crate::experiment::{Axis, Grid, GridError, Outline, Point, Seeds, SweepPlan};
use crate::report;
use crate::scenario::{InputFile, Loaded, ReadOptions, Resolved, open};
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
        let help = "sweep fewer values or seeds at a time".to_owned();
        return Err(vec![Diagnostic::new(&code::CANNOT_SWEEP, message).help(help)].into());
    }
    let elsewhere = |loaded: &Loaded, _| {
        let wrong = of_this_machine(loaded);
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    };
    let points = points(scenario, &grid, &ReadOptions::default(), registry, elsewhere)?;
    let Points { scenario, scenario_file, currency, inputs, warnings, .. } = points;
    Ok((Outline { scenario, scenario_file, currency, grid, seeds, inputs }, warnings))
}

/// Every point of a grid of a scenario, of which `keep` says what is kept, or what is wrong with it.
pub(in crate::cli) fn points<T: Send>(
    scenario: &Path,
    grid: &Grid,
    base: &ReadOptions,
    registry: &Registry,
    keep: impl Fn(&Loaded, Scenario) -> Result<T, Vec<Diagnostic>> + Sync,
) -> Result<Points<T>, Failure> {
    let points = all_opened(grid, |point| {
        let (loaded, resolved) = open(scenario, &point.options(base), registry)?;
        opened(point, loaded, resolved, &keep)
    })?;
    let files = InputFile::together(points.iter().flat_map(|point| &point.files));
    let kept = files.iter().find(|file| file.is_same_file_as(scenario));
    let mut told: Vec<Diagnostic> = points.iter().flat_map(|point| point.warnings.iter().cloned()).collect();
    let (name, currency) = (points[0].scenario.clone(), points[0].about.currency.clone());
    let (about, all): (Vec<MoneyAndTime>, Vec<T>) =
        points.into_iter().map(|point| (point.about, point.kept)).unzip();
    let mut doubts = among(&about);
    // One pair of points says it of all, and an error more than a warning.
    doubts.sort_by_key(|doubt| !doubt.is_error());
    told.extend(doubts.into_iter().take(1));
    let told = terminal::without_repetitions(told);
    if told.iter().any(Diagnostic::is_error) {
        return Err(Failure::Input(told));
    }
    Ok(Points {
        scenario: name,
        scenario_file: kept.expect("the scenario is among its files").name.clone(),
        currency,
        inputs: files.iter().map(report::InputFile::from).collect(),
        warnings: told,
        kept: all,
    })
}

/// The scenario with the values of each point. Of the files only the first has those that others have too.
fn all_opened<T: Send>(
    grid: &Grid,
    opened: impl Fn(&Point) -> Result<Opened<T>, Vec<Diagnostic>> + Sync,
) -> Result<Vec<Opened<T>>, Vec<Diagnostic>> {
    // What is wrong with the scenario is wrong at every point: the first one tells it.
    let first = opened(&grid.point(0))?;
    let known: Vec<InputFile> = first.files.clone();
    let other = |place: usize| {
        let mut other = opened(&grid.point(place))?;
        let is_same =
            |file: &InputFile, known: &InputFile| file.is_same_file_as(Path::new(&known.source.file));
        other.files.retain(|file| !known.iter().any(|known| is_same(file, known)));
        Ok(other)
    };
    let others: Vec<Result<Opened<T>, Vec<Diagnostic>>> =
        (1..grid.len()).into_par_iter().map(other).collect();
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

fn opened<T>(
    point: &Point,
    loaded: Loaded,
    resolved: Resolved,
    keep: impl Fn(&Loaded, Scenario) -> Result<T, Vec<Diagnostic>>,
) -> Result<Opened<T>, Vec<Diagnostic>> {
    let scenario = resolved.scenario;
    let about = MoneyAndTime {
        name: point.to_string(),
        currency: scenario.prices.currency.clone(),
        horizon: scenario.horizon,
    };
    let (name, warnings) = (scenario.name.clone(), [loaded.warnings.as_slice(), &resolved.warnings].concat());
    let kept = keep(&loaded, scenario)?;
    Ok(Opened { about, scenario: name, files: loaded.files, warnings, kept })
}
