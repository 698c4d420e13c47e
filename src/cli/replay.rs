//! Repeating a run from its directory, for commands that want to know more than was written down.

use std::path::{Path, PathBuf};

use overspill_manifest::Document;

use super::Failure;
use crate::expression::Expression;
use crate::report::{Provenance, SavedRun};
use crate::scenario::{self, Loaded, ReadOptions};
use crate::scheduler::Registry;
use crate::simulation::{Finished, Listener, Scenario, Snapshot, Watcher, run_and_look, run_watched};
use crate::units::SimTime;

/// A run that can be repeated.
pub(super) struct Repetition {
    dir: PathBuf,
    saved: SavedRun,
    /// Its inputs.
    pub(super) loaded: Loaded,
    /// What is simulated.
    pub(super) scenario: Scenario,
    /// Objects as patches leave them.
    pub(super) patched: Vec<(SimTime, Document)>,
    /// What is expected of it.
    pub(super) expectations: Vec<Expression>,
}

impl Repetition {
    /// Reads the inputs that the directory of a run keeps.
    pub(super) fn prepare(dir: &Path, registry: &Registry) -> Result<Self, Failure> {
        let saved = SavedRun::read(dir)?;
        let options = ReadOptions { variant: saved.variant.clone(), ..ReadOptions::default() };
        let (loaded, resolved) = scenario::open(&saved.scenario_file, &options, registry)?;
        let mut scenario = resolved.scenario;
        scenario.default_seed = saved.seed;
        let (patched, expectations) = (resolved.patched, resolved.expectations);
        Ok(Self { dir: dir.to_owned(), saved, loaded, scenario, patched, expectations })
    }

    /// Repeats the run to its end, and looks at the cluster at one instant.
    pub(super) fn look(&self, at: SimTime, listener: &mut Listener<'_>) -> Result<Snapshot, Failure> {
        let (snapshot, finished) = run_and_look(&self.scenario, at, listener);
        self.check(finished)?;
        Ok(snapshot)
    }

    /// Repeats the run to its end. Whatever was told is only true if this succeeds: a run that went another way is refused
    /// at its end.
    pub(super) fn watch(
        &self,
        listener: &mut Listener<'_>,
        watcher: &mut Watcher<'_>,
    ) -> Result<(), Failure> {
        self.check(run_watched(&self.scenario, listener, watcher))
    }

    /// Where the run comes from, if its repetition has finished so.
    pub(super) fn provenance(&self, finished: Finished) -> Result<Provenance, Failure> {
        self.check(finished)?;
        Ok(Provenance {
            version: self.saved.version.clone(),
            scenario: self.scenario.name.clone(),
            variant: self.saved.variant.clone(),
            seed: self.saved.seed,
            trace_hash: finished.trace_hash,
            scenario_file: self.loaded.files[0].name.clone(),
        })
    }

    /// A run that went another way tells nothing of the one that was saved.
    fn check(&self, finished: Finished) -> Result<(), Failure> {
        Ok(self.saved.check(&self.dir, finished.trace_hash)?)
    }
}
