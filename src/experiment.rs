//! Runs that are measured: one at a time, or one for each of many seeds, and what they say together.

mod replications;
mod results;
mod seeds;
mod statistics;
mod terminal;

pub use replications::{Figure, Interrupted, Replication, Replications, replicate};
pub use results::{LEVEL, StudyRecord};
pub use seeds::{ParseSeedsError, Seeds};
pub use statistics::{Interval, Paired, Sample};

use crate::expression::{Expression, Verdict};
use crate::metric::{Fact, Observation, Observer, Settings};
use crate::simulation::{Finished, Scenario, run_with_seed};
use crate::units::SimTime;

/// One measured run.
pub struct Measured {
    /// What was seen.
    pub observation: Observation,
    /// What is left to say of the run.
    pub finished: Finished,
}

/// Runs a scenario with its own seed and measures it; `progress` is told the time of every fact.
pub fn measure(scenario: &Scenario, progress: &mut dyn FnMut(SimTime)) -> Measured {
    measure_with_seed(scenario, scenario.default_seed, progress)
}

/// Runs a scenario with `seed` and measures it; `progress` is told the time of every fact.
pub fn measure_with_seed(scenario: &Scenario, seed: u64, progress: &mut dyn FnMut(SimTime)) -> Measured {
    let currency = scenario.prices.currency.clone();
    let mut observer = Observer::new(Settings { sample_every: scenario.sample_every, currency });
    let finished = run_with_seed(scenario, seed, &mut |at: SimTime, fact: &Fact<'_>| {
        observer.observe(at, fact);
        progress(at);
    });
    Measured { observation: observer.finish(scenario.horizon), finished }
}

impl Measured {
    /// What became of a condition on the results.
    pub fn judge(&self, expectation: &Expression) -> Verdict {
        expectation.judge(&|path| self.observation.summary.get(path).map(|value| value.number))
    }
}
