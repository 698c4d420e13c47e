//! Runs that are measured: one at a time, or one for each of many seeds, what they say together, and how scenarios
//! compare.

pub mod axis;
mod comparison;
mod coverage;
mod grid;
mod page;
pub mod plan;
mod replications;
mod results;
mod scale;
mod seeds;
mod seeds_table;
mod statistics;
mod sweep;
mod terminal;

pub use axis::Axis;
pub use comparison::{
    BaselineError, ComparedCase, Comparison, ComparisonRecord, Condition, Difference, Mark, Origin, Outcome,
    Party, SavedBaseline,
};
pub(crate) use coverage::RULES;
pub use coverage::is_approximate;
pub use grid::{Grid, GridError, Point};
pub use replications::{
    Figure, Interrupted, Replication, Replications, replicate, replicate_each, replicate_some,
};
pub use results::{LEVEL, StudyRecord};
pub use seeds::{ParseSeedsError, Seeds};
pub use seeds_table::Series;
pub use statistics::{Interval, Paired, Proportion, Sample, jackknife};
pub use sweep::{
    Collected, Outline, ParseShardError, Shard, ShardError, ShardRequest, SweepError, SweepPlan,
};

use crate::cluster::Cluster;
use crate::expression::{Expression, Verdict};
use crate::metric::{Fact, Observation, Observer, Overview, RowSink, Settings, Summary};
use crate::report::{Expectation, Gathered, Spills};
use crate::scheduler::Attempt;
use crate::scheduler::queue::Popped;
use crate::simulation::{Finished, Scenario, run_and_show, run_with_seed};
use crate::units::SimTime;

/// One measured run.
pub struct Measured<O = Observation> {
    /// What was seen: an [`Observation`] with all rows, or an [`Overview`] where the rows went elsewhere.
    pub observation: O,
    /// What is left to say of the run.
    pub finished: Finished,
}

/// Runs a scenario with its own seed and measures it; `progress` is told the time of every fact.
pub fn measure(scenario: &Scenario, progress: &mut dyn FnMut(SimTime)) -> Measured {
    measure_with_seed(scenario, scenario.default_seed, progress)
}

/// Runs a scenario with `seed` and measures it; `progress` is told the time of every fact.
pub fn measure_with_seed(scenario: &Scenario, seed: u64, progress: &mut dyn FnMut(SimTime)) -> Measured {
    let observer = Observer::new(settings(scenario));
    let (observer, finished) = observed(scenario, seed, observer, progress);
    Measured { observation: Observation::new(observer.finish()), finished }
}

/// Runs a scenario with `seed` and measures it; rows go to `sink` as they come to stand, so that a run of any length fits
/// into memory. `progress` is told the time of every fact.
pub fn measure_into<S: RowSink>(
    scenario: &Scenario,
    seed: u64,
    sink: S,
    progress: &mut dyn FnMut(SimTime),
) -> (Measured<Overview>, S) {
    let observer = Observer::with_sink(settings(scenario), sink);
    let (observer, finished) = observed(scenario, seed, observer, progress);
    let (observation, sink) = observer.finish();
    (Measured { observation, finished }, sink)
}

/// The same, and gathers beside what `sink` takes what the page of the run tells, if that is `wanted`.
pub fn measure_and_gather<S: RowSink>(
    scenario: &Scenario,
    seed: u64,
    sink: S,
    wanted: bool,
    progress: &mut dyn FnMut(SimTime),
) -> (Measured<Overview>, S, Gathered) {
    let gathered = Gathered::new(wanted);
    let (early, mut spills) = (gathered.early_wanted(), Spills::default());
    let mut observer = Observer::with_sink(settings(scenario), (sink, gathered));
    let mut listener = |at: SimTime, fact: &Fact<'_>| {
        observer.observe(at, fact);
        progress(at);
    };
    let mut watcher = |at: SimTime, cluster: &Cluster, popped: &Popped, attempt: &Attempt| {
        spills.watch(at, cluster, popped, attempt);
    };
    let finished = run_and_show(scenario, seed, early, &mut listener, &mut watcher);
    let (observation, (sink, gathered)) = observer.finish();
    (Measured { observation, finished }, sink, gathered.with_spills(spills))
}

fn settings(scenario: &Scenario) -> Settings {
    let currency = scenario.prices.currency.clone();
    Settings {
        horizon: scenario.horizon,
        sample_every: scenario.sample_every,
        is_representative: scenario.is_representative,
        currency,
    }
}

fn observed<S: RowSink>(
    scenario: &Scenario,
    seed: u64,
    mut observer: Observer<S>,
    progress: &mut dyn FnMut(SimTime),
) -> (Observer<S>, Finished) {
    let finished = run_with_seed(scenario, seed, &mut |at: SimTime, fact: &Fact<'_>| {
        observer.observe(at, fact);
        progress(at);
    });
    (observer, finished)
}

/// What became of a condition on the results.
pub fn judge(summary: &Summary, expectation: &Expression) -> Verdict {
    expectation.judge(&|path| summary.get(path).map(|value| value.number))
}

/// What became of the expectations of a scenario.
pub fn judge_all(summary: &Summary, expectations: &[Expression]) -> Vec<Expectation> {
    let judged =
        |one: &Expression| Expectation { expression: one.text().to_owned(), verdict: judge(summary, one) };
    expectations.iter().map(judged).collect()
}

impl Measured {
    /// What became of a condition on the results.
    pub fn judge(&self, expectation: &Expression) -> Verdict {
        judge(&self.observation.summary, expectation)
    }
}
