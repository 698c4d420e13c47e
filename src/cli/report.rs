//! `overspill report`: the page of a run, made anew.

use std::path::PathBuf;

use super::replay::Repetition;
use super::{Exit, Failure, terminal};
use crate::experiment::{judge_all, measure_and_gather};
use crate::report::{self, InputFile, RunRecord};
use crate::scheduler::Registry;

/// Write report.html into the directory of a run, anew or because it was left out
///
/// The run is repeated from the inputs that its directory keeps, and must go the same way; the page is that of `overspill
/// run`, byte for byte.
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    /// The directory of the results of `overspill run`
    dir: PathBuf,
}

impl Report {
    pub(super) fn execute(&self, registry: &Registry) -> Result<Exit, Failure> {
        let run = Repetition::prepare(&self.dir, registry)?;
        let seed = run.scenario.default_seed;
        let (measured, (), gathered) = measure_and_gather(&run.scenario, seed, (), true, &mut |_| {});
        let provenance = run.provenance(measured.finished)?;
        let overview = &measured.observation;
        let record = RunRecord {
            overview,
            gathered: &gathered,
            provenance: &provenance,
            expectations: &judge_all(&overview.summary, &run.expectations),
            inputs: &run.loaded.files.iter().map(InputFile::from).collect::<Vec<_>>(),
        };
        let page = report::write_page(&self.dir, &record)?;
        terminal::print(&format!("{}\n", page.display()))?;
        Ok(Exit::Success)
    }
}
