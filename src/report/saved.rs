//! What a directory of results says of the run that made it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::directory::Kind;
use super::record::MARKER;

/// A run that can be repeated from its directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedRun {
    /// The version that ran it.
    pub version: String,
    /// The variant, if one was chosen.
    pub variant: Option<String>,
    /// The seed.
    pub seed: u64,
    /// The rolling hash over the events of the run.
    pub trace_hash: u64,
    /// The scenario file below the directory.
    pub scenario_file: PathBuf,
}

/// Why a directory's run cannot be repeated.
#[derive(Debug, thiserror::Error)]
pub enum SavedRunError {
    /// There is no readable `run.json`.
    #[error("{} holds no results of `overspill run`: it has no run.json that can be read", .0.display())]
    NoRun(PathBuf),
    /// They are the runs of many seeds.
    #[error(
        "{} holds the runs of many seeds: name the directory of one, such as {}", .0.display(),
        .0.join("seed-N").display()
    )]
    ManySeeds(PathBuf),
    /// They are a comparison, which keeps no single run.
    #[error(
        "{} holds a comparison, which keeps no single run: run the scenario that run.json names, with one of its variants \
         and seeds", .0.display()
    )]
    Comparison(PathBuf),
    /// They are a sweep, which keeps no single run either.
    #[error(
        "{} holds a sweep, which keeps no single run: run the scenario with the values of one of its points, as a variant, \
         and one of its seeds", .0.display()
    )]
    Sweep(PathBuf),
    /// They are a plan, which keeps no single run either.
    #[error(
        "{} holds a plan, which keeps no single run: run the scenario with the values of one of its points, as a variant, \
         and one of its seeds", .0.display()
    )]
    Plan(PathBuf),
    /// Another version has made them.
    #[error(
        "the results in {} are of overspill {found}, this is {}: run the scenario again with this version", .dir.display(),
        env!("CARGO_PKG_VERSION")
    )]
    OtherVersion {
        /// The directory.
        dir: PathBuf,
        /// The version that made them.
        found: String,
    },
    /// The same inputs went another way.
    #[error(
        "the run in {} cannot be repeated: its trace hash is {saved:016x}, and repeating it gives {repeated:016x}; \
         its inputs were changed, or another build has made it: run the scenario again", .dir.display()
    )]
    OtherTrace {
        /// The directory.
        dir: PathBuf,
        /// What `run.json` says.
        saved: u64,
        /// What came out now.
        repeated: u64,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunFile {
    api_version: String,
    kind: String,
    version: String,
    variant: Option<String>,
    seed: u64,
    trace_hash: String,
    scenario_file: String,
}

impl SavedRun {
    /// Reads `run.json` of a directory; its version must be this one.
    pub fn read(dir: &Path) -> Result<Self, SavedRunError> {
        match Kind::of(dir) {
            Some(Kind::Replications) => return Err(SavedRunError::ManySeeds(dir.to_owned())),
            Some(Kind::Comparison) => return Err(SavedRunError::Comparison(dir.to_owned())),
            Some(Kind::Sweep) => return Err(SavedRunError::Sweep(dir.to_owned())),
            Some(Kind::Plan) => return Err(SavedRunError::Plan(dir.to_owned())),
            Some(Kind::Run) | None => {}
        }
        let no_run = || SavedRunError::NoRun(dir.to_owned());
        let text = fs::read(dir.join("run.json")).map_err(|_| no_run())?;
        let file: RunFile = serde_json::from_slice(&text).map_err(|_| no_run())?;
        if (file.api_version.as_str(), file.kind.as_str()) != MARKER {
            return Err(no_run());
        }
        if file.version != env!("CARGO_PKG_VERSION") {
            return Err(SavedRunError::OtherVersion { dir: dir.to_owned(), found: file.version });
        }
        Ok(Self {
            version: file.version,
            variant: file.variant,
            seed: file.seed,
            trace_hash: u64::from_str_radix(&file.trace_hash, 16).map_err(|_| no_run())?,
            scenario_file: dir.join(file.scenario_file),
        })
    }

    /// Whether a repetition went the same way.
    pub fn check(&self, dir: &Path, repeated: u64) -> Result<(), SavedRunError> {
        if repeated == self.trace_hash {
            return Ok(());
        }
        Err(SavedRunError::OtherTrace { dir: dir.to_owned(), saved: self.trace_hash, repeated })
    }
}
