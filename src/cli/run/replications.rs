//! `overspill run --seeds`: one scenario with many seeds.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use indicatif::ProgressBar;

use super::{Performance, Run, Subject, peak_memory};
use crate::cli::{Exit, Failure};
use crate::experiment::{
    Interrupted, Replication, Replications, Seeds, StudyRecord, measure_with_seed, replicate,
};
use crate::report::{ReportError, Staging, digest, seed_folder};

impl Run {
    /// Runs with every seed. The directory appears when all runs are done, or not at all.
    pub(super) fn run_all(&self, subject: &Subject<'_>, seeds: Seeds, dir: &Path) -> Result<Exit, Failure> {
        let staging = Staging::beside(dir)?;
        let perf_file = self.open_perf_file(dir)?;
        let (replications, perf) = self.simulate_all(subject, seeds, &staging)?;
        let study = StudyRecord {
            version: env!("CARGO_PKG_VERSION"),
            scenario: &subject.scenario.name,
            variant: subject.variant,
            digest: &digest(&subject.inputs),
            horizon: subject.scenario.horizon,
            expectations: subject.expectations,
            replications: &replications,
        };
        study.write(&staging)?;
        staging.publish()?;
        if let Some((path, mut file)) = perf_file {
            file.write_all(perf.json().as_bytes()).map_err(|error| Failure::File(path, error))?;
        }
        if !self.quiet {
            write!(io::stdout().lock(), "{}", study.summary())?;
            eprintln!("results in {} ({perf})", dir.display());
        }
        Ok(if replications.all_hold() { Exit::Success } else { Exit::CheckFailed })
    }

    /// Runs with every seed, with a progress bar over the runs on a terminal.
    fn simulate_all(
        &self,
        subject: &Subject<'_>,
        seeds: Seeds,
        staging: &Staging,
    ) -> Result<(Replications, Performance), Failure> {
        let bar = self.progress_bar(seeds.count(), "runs");
        #[expect(clippy::disallowed_methods, reason = "the runs are timed from outside")]
        let begin = Instant::now();
        let runs = replicate(seeds, |seed| subject.replication(seed, staging, &bar));
        let wall = begin.elapsed();
        bar.finish_and_clear();
        let runs = runs.map_err(|interrupted| match interrupted {
            Interrupted::Broken { seed } => Failure::Broken(seed),
            Interrupted::Failed(error) => error.into(),
        })?;
        let events = runs.iter().map(|run| run.finished.events).sum();
        let perf = Performance { runs: Some(seeds.count()), wall, events, peak_bytes: peak_memory() };
        Ok((Replications::new(seeds, runs), perf))
    }
}

impl Subject<'_> {
    /// One run among many: its results are written at once, and its figures kept.
    fn replication(
        &self,
        seed: u64,
        staging: &Staging,
        bar: &ProgressBar,
    ) -> Result<Replication, ReportError> {
        let folder = staging.within(&seed_folder(seed))?;
        let measured = measure_with_seed(self.scenario, seed, &mut |_| {});
        let expectations = self.judge(&measured);
        self.write(folder, seed, &measured, &expectations)?;
        bar.inc(1);
        Ok(Replication {
            seed,
            finished: measured.finished,
            holds: expectations.iter().map(|one| one.verdict.holds).collect(),
            summary: measured.observation.summary,
        })
    }
}
