//! `overspill run --seeds`: one scenario with many seeds.

use std::path::Path;
use std::time::Instant;

use indicatif::ProgressBar;

use super::{Run, Subject};
use crate::cli::beside::Page;
use crate::cli::performance::{Performance, peak_memory};
use crate::cli::{Exit, Failure, terminal};
use crate::experiment::{Interrupted, Replication, Replications, Seeds, StudyRecord, replicate};
use crate::report::{Kind, ReportError, Staging, digest, seed_folder};

impl Run {
    /// Runs with every seed. The directory appears when all runs are done, or not at all.
    pub(super) fn run_all(&self, subject: &Subject<'_>, seeds: Seeds, dir: &Path) -> Result<Exit, Failure> {
        let staging = Staging::of_kind(Kind::Replications, dir, &[&self.scenario])?;
        let perf_file = self.open_perf_file(dir)?;
        let page = Page::open(self.summary.as_deref(), dir)?;
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
        if let Some(file) = perf_file {
            file.write(&perf.json())?;
        }
        page.tell(|| study.markdown(), || study.summary(), self.quiet)?;
        if !self.quiet {
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
        let bar = terminal::progress_bar(self.quiet, seeds.count(), "runs");
        bar.tick();
        #[expect(clippy::disallowed_methods, reason = "the runs are timed from outside")]
        let begin = Instant::now();
        let runs = replicate(seeds, |seed| subject.replication(seed, staging, &bar));
        let wall = begin.elapsed();
        bar.finish_and_clear();
        let runs = runs.map_err(|interrupted| match interrupted {
            Interrupted::Broken { seed, .. } => Failure::Broken(seed),
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
        let tables = self.open_tables(&folder)?;
        let done = self.simulate(seed, tables, &mut |_| {});
        let expectations = self.judge(&done.measured);
        let measured = self.write(folder, seed, done, &expectations)?;
        bar.inc(1);
        Ok(Replication {
            seed,
            finished: measured.finished,
            holds: expectations.iter().map(|one| one.verdict.holds).collect(),
            summary: measured.observation.summary,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use clap::Parser;

    use crate::PodSpec;
    use crate::cli::{Cli, Exit, Failure, conclude};
    use crate::cluster::Owners;
    use crate::scheduler::Registry;
    use crate::scheduler::framework::{About, Normalize, Plugin, ScorePlugin, ScoreReach};

    const ABOUT: About =
        About { name: "CheapFirst", formula: "0, but once", default_weight: 1, source: "this test" };

    struct PanicsOnce;

    /// The arguments that the scenario's scheduler configuration gives.
    #[derive(Default, serde::Deserialize)]
    struct Arguments {
        #[serde(rename = "label")]
        _label: String,
    }

    static HAS_PANICKED: AtomicBool = AtomicBool::new(false);

    impl ScorePlugin for PanicsOnce {
        fn reach(&self, _: &Arc<PodSpec>, _: &Owners) -> ScoreReach {
            assert!(HAS_PANICKED.swap(true, Ordering::Relaxed), "this panic is part of a test");
            ScoreReach::Spec(Box::new(|_| None))
        }

        fn normalize(&self) -> Normalize {
            Normalize::Identity
        }
    }

    #[test]
    fn a_run_that_panics_ends_all_and_leaves_nothing() {
        let registry = Registry::upstream().with(|_: Arguments| Ok(Plugin::new(ABOUT).scoring(PanicsOnce)));
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("results");
        let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/own_policy/scenario.yaml");
        let args =
            ["overspill", "run", scenario, "--quiet", "--seeds", "3..6", "--out", out.to_str().unwrap()];
        let run = || Cli::try_parse_from(args).unwrap().command.execute(&registry);
        let failure = run().unwrap_err();
        assert!(matches!(failure, Failure::Broken(3..=6)), "{failure:?}");
        assert_eq!(conclude(&failure), Exit::Broken);
        assert_eq!(parent.path().read_dir().unwrap().count(), 0, "nothing is left");
        assert_eq!(run().unwrap(), Exit::Success, "the plugin panics only once");
    }
}
