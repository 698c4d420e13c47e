//! The results of a run, on disk and on the terminal.
//!
//! Everything here is a function of the run: the same run gives the same bytes, whatever the directory, the machine
//! and the moment. Numbers follow one rule, see [`decimal`].

pub(crate) mod columns;
mod directory;
mod explanation;
mod finding;
mod json;
pub mod kubectl;
mod number;
mod output;
pub mod plot;
mod record;
mod saved;
mod tables;
pub mod terminal;
pub(crate) mod verdict;

#[cfg(test)]
mod sample;

pub use directory::{ReportError, Staging, seed_folder};
pub use explanation::{ExplainedAttempt, Explanation, Moment, NodeStory};
pub use number::{counted, decimal};
pub use output::{Format, Output, Outputs, ParseOutputError};
pub(crate) use record::{COMPARISON, REPLICATIONS, title};
pub use record::{Expectation, InputFile, Provenance, RunRecord, digest};
pub use saved::{SavedRun, SavedRunError};
pub use tables::Tables;

use std::io;

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
            Output::Expectations => write(&|sink| json::write(sink, &record.expectations_json()))?,
            Output::Timeline | Output::Pods | Output::Nodes | Output::Events => {}
        }
    }
    staging.publish()
}

#[cfg(test)]
mod tests;
