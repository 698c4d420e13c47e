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
pub use explanation::{ExplainedAttempt, Explanation, Moment};
pub use number::{counted, decimal};
pub use output::{Output, Outputs, ParseOutputError};
pub use record::{Expectation, InputFile, Provenance, RunRecord, digest};
pub(crate) use record::{REPLICATIONS, title};
pub use saved::{SavedRun, SavedRunError};

/// Writes the results of a run: into a directory beside its place, which is then renamed, so that the place never holds
/// half of them.
pub fn write(staging: Staging, record: &RunRecord<'_>, outputs: &Outputs) -> Result<(), ReportError> {
    let run = record.observation;
    staging.write("run.json", |sink| json::write(sink, &record.run_json()))?;
    for input in record.inputs {
        staging.write_input(input)?;
    }
    for output in outputs.iter() {
        staging.write(output.file_name(), |sink| match output {
            Output::Summary => json::write(sink, &run.summary.to_json()),
            Output::Timeline => tables::timeline(sink, &run.timeline),
            Output::Pods => tables::pods(sink, &run.pods, &run.nodes),
            Output::Nodes => tables::nodes(sink, &run.nodes),
            Output::Events => tables::events(sink, &run.events),
            Output::Svg => sink.write_all(plot::timeline_svg(run, &record.provenance.title()).as_bytes()),
            Output::Expectations => json::write(sink, &record.expectations_json()),
        })?;
    }
    staging.publish()
}

#[cfg(test)]
mod tests;
