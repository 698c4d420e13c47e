//! The plan of a sweep: what to run, and all that it takes, in a directory of its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::SweepError;
use crate::experiment::axis::Axis;
use crate::experiment::results::range;
use crate::experiment::{Grid, Point, Seeds};
use crate::report::{InputFile, Kind, SWEEP, Staging, digest, json_text, sha256};
use crate::scenario;

/// A sweep that is to be planned.
pub struct Outline {
    /// The name of the scenario, from its metadata.
    pub scenario: String,
    /// The name of the scenario file among the inputs.
    pub scenario_file: String,
    /// The currency of all money.
    pub currency: String,
    /// What is varied.
    pub grid: Grid,
    /// The seeds that every point is run with.
    pub seeds: Seeds,
    /// The scenario and every file that any of the points refers to.
    pub inputs: Vec<InputFile>,
}

/// A sweep that was planned.
#[derive(Debug)]
pub struct SweepPlan {
    /// Its directory.
    pub(super) dir: PathBuf,
    /// The name of the scenario, from its metadata.
    pub(super) scenario: String,
    /// The scenario file below the directory.
    pub(super) scenario_file: String,
    pub(super) currency: String,
    pub(super) grid: Grid,
    pub(super) seeds: Seeds,
    /// The digest of the plan, by which its parts are known.
    pub(super) digest: String,
}

impl Outline {
    /// Puts the plan of the `scenario` into `dir`. If the same one is there already, it stays, and all parts of it that
    /// were made; another one is replaced if no run of it was made.
    pub fn publish(&self, dir: &Path, scenario: &Path) -> Result<SweepPlan, SweepError> {
        let text = json_text(&self.run_json());
        let is_there = fs::read(dir.join("run.json")).is_ok_and(|there| there == text);
        if !is_there || SweepPlan::read(dir).is_err() {
            let staging = Staging::of_kind(Kind::Sweep, dir, &[scenario])?;
            let made = made_in(dir);
            if made > 0 {
                return Err(SweepError::OtherPlan { dir: dir.to_owned(), made });
            }
            staging.write("run.json", |sink| sink.write_all(&text))?;
            for input in &self.inputs {
                staging.write_input(input)?;
            }
            staging.publish()?;
        }
        SweepPlan::read(dir)
    }

    fn run_json(&self) -> Value {
        let axes: Vec<&str> = self.grid.axes().iter().map(Axis::text).collect();
        json!({
            "apiVersion": SWEEP.0,
            "kind": SWEEP.1,
            "version": env!("CARGO_PKG_VERSION"),
            "scenario": self.scenario,
            "scenarioFile": format!("inputs/{}", self.scenario_file),
            "scenarioDigest": format!("sha256:{}", digest(&self.inputs)),
            "currency": self.currency,
            "vary": axes,
            "points": self.grid.len(),
            "seeds": range(self.seeds),
            "runs": self.grid.len() as u64 * self.seeds.count(),
        })
    }
}

impl SweepPlan {
    /// The most runs, all of which are held when they are collected.
    pub const MOST_RUNS: u64 = Seeds::MOST;

    /// Reads the plan in `dir`; it must be of this version, and its inputs must be those that it was made with.
    pub fn read(dir: &Path) -> Result<Self, SweepError> {
        let no_plan = || SweepError::NoPlan(dir.to_owned());
        let text = fs::read(dir.join("run.json")).map_err(|_| no_plan())?;
        let run: Value = serde_json::from_slice(&text).map_err(|_| no_plan())?;
        if (run["apiVersion"].as_str(), run["kind"].as_str()) != (Some(SWEEP.0), Some(SWEEP.1)) {
            return Err(no_plan());
        }
        match run["version"].as_str() {
            Some(env!("CARGO_PKG_VERSION")) => {}
            found => {
                let found = found.unwrap_or("of an unknown version").to_owned();
                return Err(SweepError::OtherVersion { dir: dir.to_owned(), found });
            }
        }
        let plan = Self::of(dir, &run, &text).ok_or_else(|| SweepError::BrokenPlan(dir.to_owned()))?;
        let files = files_below(&dir.join("inputs")).map_err(|_| SweepError::OtherInputs(dir.to_owned()))?;
        if run["scenarioDigest"].as_str() != Some(format!("sha256:{}", digest(&files)).as_str()) {
            return Err(SweepError::OtherInputs(dir.to_owned()));
        }
        Ok(plan)
    }

    fn of(dir: &Path, run: &Value, text: &[u8]) -> Option<Self> {
        let axes = run["vary"].as_array()?.iter().map(|axis| Axis::parse(axis.as_str()?).ok());
        Some(Self {
            dir: dir.to_owned(),
            scenario: run["scenario"].as_str()?.to_owned(),
            scenario_file: run["scenarioFile"].as_str()?.to_owned(),
            currency: run["currency"].as_str()?.to_owned(),
            grid: Grid::new(axes.collect::<Option<_>>()?).ok()?,
            seeds: Seeds::new(run["seeds"]["first"].as_u64()?, run["seeds"]["last"].as_u64()?).ok()?,
            digest: sha256(text),
        })
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The name of the scenario, from its metadata.
    pub fn scenario(&self) -> &str {
        &self.scenario
    }

    /// The scenario file, as it was kept.
    pub fn scenario_file(&self) -> PathBuf {
        self.dir.join(&self.scenario_file)
    }

    /// What is varied.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The seeds that every point is run with.
    pub fn seeds(&self) -> Seeds {
        self.seeds
    }

    /// How many runs there are; they are numbered from 0.
    pub fn runs(&self) -> u64 {
        self.grid.len() as u64 * self.seeds.count()
    }

    /// The place of the point, and the seed, of the run with this number: all seeds of the first point come first.
    pub(super) fn run(&self, number: u64) -> (usize, u64) {
        ((number / self.seeds.count()) as usize, self.seeds.first() + number % self.seeds.count())
    }

    /// The point in this place.
    pub(super) fn point(&self, place: usize) -> Point {
        self.grid.point(place)
    }

    /// That every file that was read for a point belongs to the plan.
    pub fn check_files(&self, files: &[scenario::InputFile]) -> Result<(), SweepError> {
        let inputs = self.dir.join("inputs");
        match files.iter().find(|file| !file.lies_below(&inputs)) {
            Some(file) => {
                Err(SweepError::Outside { file: PathBuf::from(&file.source.file), dir: self.dir.clone() })
            }
            None => Ok(()),
        }
    }
}

/// How many runs left a part in the sweep's directory.
fn made_in(dir: &Path) -> usize {
    let parts = fs::read_dir(dir.join("parts")).into_iter().flatten().flatten();
    parts.filter(|part| part.path().extension().is_some_and(|ending| ending == "jsonl")).count()
}

/// Every file in a folder and those below it, by its name relative to that.
fn files_below(root: &Path) -> io::Result<Vec<InputFile>> {
    let mut files = Vec::new();
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                folders.push((path, format!("{name}/")));
            } else {
                files.push(InputFile { name, bytes: fs::read(&path)? });
            }
        }
    }
    Ok(files)
}
