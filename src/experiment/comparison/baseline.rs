//! What `--baseline DIR` names: the results of an earlier comparison, or of `run --seeds`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Party;
use crate::experiment::Seeds;
use crate::experiment::seeds_table::{self, SEEDS_TABLE};
use crate::report::{COMPARISON, REPLICATIONS};
use crate::scenario::BASE;

/// Results that were kept, to hold others against.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedBaseline {
    /// The directory, as it was named.
    pub dir: PathBuf,
    /// The version that made them.
    pub version: String,
    /// The seeds of all their runs.
    pub seeds: Seeds,
    /// The scenario of each of the parties.
    pub origins: Vec<Origin>,
    /// Their figures by name: that of the variant, or `base`. There is at least one.
    pub parties: Vec<Party>,
}

/// Where figures that were kept come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The name of the scenario, from its metadata.
    pub scenario: String,
    /// The end of each run.
    pub horizon_seconds: f64,
    /// The currency of all money.
    pub currency: String,
}

/// Why nothing can be held against a directory.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It holds nothing of ours that can be read.
    #[error("{} holds no results of `overspill compare` or `overspill run --seeds`", .0.display())]
    NotOurs(PathBuf),
    /// It holds one run, which says nothing of chance.
    #[error("{} holds a single run, which cannot tell a difference from chance", .0.display())]
    SingleRun(PathBuf),
    /// Something in it is not as we write it.
    #[error("{} cannot be read as overspill writes it", .0.display())]
    Broken(PathBuf),
}

impl BaselineError {
    /// What to do instead.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotOurs(_) => "make them first: overspill compare SCENARIO --out DIR",
            Self::SingleRun(_) => {
                "make runs with several seeds: overspill run SCENARIO --seeds 1..30 --out DIR"
            }
            Self::Broken(_) => "it was changed, or another version wrote it: make it again with this one",
        }
    }
}

impl SavedBaseline {
    /// Reads the directory.
    pub fn read(dir: &Path) -> Result<Self, BaselineError> {
        let not_ours = || BaselineError::NotOurs(dir.to_owned());
        let run = json(&dir.join("run.json")).ok_or_else(not_ours)?;
        let marker = (run["apiVersion"].as_str(), run["kind"].as_str());
        let is = |known: (&'static str, &'static str)| marker == (Some(known.0), Some(known.1));
        let broken = |name: &str| BaselineError::Broken(dir.join(name));
        let origins = if is(COMPARISON) {
            run["variants"].as_array().and_then(|all| all.iter().map(Origin::of).collect())
        } else if is(REPLICATIONS) {
            let summary = json(&dir.join("summary.json")).ok_or_else(|| broken("summary.json"))?;
            let currency = summary["cost"]["currency"].clone();
            Origin::of(&with_currency(&run, currency)).map(|origin| vec![origin])
        } else if marker.1 == Some("Run") {
            return Err(BaselineError::SingleRun(dir.to_owned()));
        } else {
            return Err(not_ours());
        };
        let origins: Vec<Origin> = origins.ok_or_else(|| broken("run.json"))?;
        let version = run["version"].as_str().ok_or_else(|| broken("run.json"))?.to_owned();
        let seeds = seeds_of(&run).ok_or_else(|| broken("run.json"))?;
        let parties = parties(dir, run["variant"].as_str()).ok_or_else(|| broken(SEEDS_TABLE))?;
        let has_all = |party: &Party| party.series.seeds().iter().copied().eq(seeds.iter());
        if parties.is_empty() || parties.len() != origins.len() || !parties.iter().all(has_all) {
            return Err(broken(SEEDS_TABLE));
        }
        Ok(Self { dir: dir.to_owned(), version, seeds, origins, parties })
    }

    /// Which of its parties one of this name is held against: the one of the same name, or else the first.
    pub(super) fn place_of(&self, name: &str) -> usize {
        self.parties.iter().position(|party| party.name == name).unwrap_or(0)
    }

    /// The party that one of this name is held against, and where it comes from.
    pub fn held_against(&self, name: &str) -> (&Party, &Origin) {
        let place = self.place_of(name);
        (&self.parties[place], &self.origins[place])
    }
}

impl Origin {
    fn of(run: &Value) -> Option<Self> {
        Some(Self {
            scenario: run["scenario"].as_str()?.to_owned(),
            horizon_seconds: run["horizonSeconds"].as_f64()?,
            currency: run["currency"].as_str()?.to_owned(),
        })
    }
}

fn with_currency(run: &Value, currency: Value) -> Value {
    let mut run = run.clone();
    run["currency"] = currency;
    run
}

fn seeds_of(run: &Value) -> Option<Seeds> {
    Seeds::new(run["seeds"]["first"].as_u64()?, run["seeds"]["last"].as_u64()?).ok()
}

fn parties(dir: &Path, variant: Option<&str>) -> Option<Vec<Party>> {
    let cases = seeds_table::read(&fs::read(dir.join(SEEDS_TABLE)).ok()?)?;
    let named = |(name, series): (Option<String>, _)| {
        let name = name.unwrap_or_else(|| variant.unwrap_or(BASE).to_owned());
        Party { name, series }
    };
    Some(cases.into_iter().map(named).collect())
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
