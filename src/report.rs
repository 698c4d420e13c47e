//! The results of a run, on disk and on the terminal.
//!
//! Everything here is a function of the run: the same run gives the same bytes, whatever the directory, the machine
//! and the moment. Numbers follow one rule, see [`decimal`].

pub(crate) mod columns;
mod directory;
mod explanation;
mod finding;
mod gathered;
mod json;
pub mod kubectl;
pub mod markdown;
mod number;
mod output;
pub(crate) mod page;
pub mod plot;
mod record;
mod saved;
mod tables;
pub mod terminal;
pub(crate) mod verdict;

#[cfg(test)]
mod sample;

pub use directory::{Kind, ReportError, Staging, seed_folder};
pub(crate) use directory::{holds_results, write_whole};
pub use explanation::{ExplainedAttempt, Explanation, Moment, NodeStory};
pub use gathered::{Gathered, Spills};
pub(crate) use json::text as json_text;
pub use number::{counted, decimal};
pub(crate) use output::REPORT;
pub use output::{Format, Output, Outputs, ParseOutputError};
pub(crate) use record::{COMPARISON, PLAN, REPLICATIONS, SWEEP, sha256, title};
pub use record::{Expectation, InputFile, Provenance, RunRecord, digest};
pub use saved::{SavedRun, SavedRunError};
pub use tables::Tables;

use std::io;
use std::path::{Path, PathBuf};

/// Writes the results of a run into a directory beside its place, which is then renamed, so that the place never holds
/// half of them. `tables` has taken the rows of the run and is among `outputs` where these say so.
pub fn write(
    staging: Staging,
    record: &RunRecord<'_>,
    tables: Tables,
    outputs: &Outputs,
) -> Result<(), ReportError> {
    let run = record.overview;
    staging.write("run.json", |sink| json::write(sink, &record.run_json()))?;
    for input in record.inputs {
        staging.write_input(input)?;
    }
    tables.finish(&run.timeline)?;
    for output in outputs.iter() {
        let write = |content: &dyn Fn(&mut dyn io::Write) -> io::Result<()>| {
            staging.write(output.file_name(Format::Csv), content)
        };
        match output {
            Output::Summary => write(&|sink| json::write(sink, &run.summary.to_json()))?,
            Output::Svg => {
                let picture = plot::timeline_svg(run, &record.provenance.title());
                write(&|sink| sink.write_all(picture.as_bytes()))?;
            }
            Output::Report => write(&|sink| page::run::page(record).write(sink))?,
            Output::Expectations => write(&|sink| json::write(sink, &record.expectations_json()))?,
            Output::Timeline | Output::Pods | Output::Nodes | Output::Events => {}
        }
    }
    staging.publish()
}

/// Writes the page of a run into the directory of its results; returns where it is.
pub fn write_page(dir: &Path, record: &RunRecord<'_>) -> Result<PathBuf, ReportError> {
    directory::replace(dir, REPORT, |sink| page::run::page(record).write(sink))
}

#[cfg(test)]
mod tests;
