//! Repeating a run from its directory, for commands that want to know more than was written down.

use std::path::Path;

use super::Failure;
use crate::report::SavedRun;
use crate::scenario::{self, ReadOptions};
use crate::scheduler::Registry;
use crate::simulation::{Listener, Watcher, run_watched};

/// Repeats the run whose results are in `dir`. Whatever was told is only true if this succeeds: a run that went another
/// way is refused at its end.
pub(super) fn replay(
    dir: &Path,
    registry: &Registry,
    listener: &mut Listener<'_>,
    watcher: &mut Watcher<'_>,
) -> Result<(), Failure> {
    let saved = SavedRun::read(dir)?;
    let options = ReadOptions { variant: saved.variant.clone(), ..ReadOptions::default() };
    let loaded = scenario::read(&saved.scenario_file, &options)?;
    let mut scenario = scenario::resolve(&loaded, registry)?.scenario;
    scenario.seed = saved.seed;
    let finished = run_watched(&scenario, listener, watcher);
    Ok(saved.check(dir, finished.trace_hash)?)
}
