//! One scenario, or several, run with many seeds, on all cores.
//!
//! Only whole runs go side by side; nothing within a run does. What comes out is in order of the seeds and the same on
//! any number of threads. The scenario is shared, and of each run a caller keeps only what it returns, so that memory
//! grows with the number of threads and not with that of seeds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use super::coverage::is_approximate;
use super::results::LEVEL;
use super::{Sample, Seeds};
use crate::metric::{Metric, Summary, groups};
use crate::simulation::Finished;

/// Why not all runs came to their end.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Interrupted<E> {
    /// A run has panicked: an invariant of ours is broken.
    #[error("the run with seed {seed} has broken an invariant")]
    Broken {
        /// Which of the scenarios was run, counted from 0.
        case: usize,
        /// Its seed.
        seed: u64,
    },
    /// A run could not be kept.
    #[error(transparent)]
    Failed(E),
}

/// Calls `run` with every seed, on as many threads as there are cores (or as RAYON_NUM_THREADS says), and collects what
/// it returns in order of the seeds. After the first failure no further run is begun.
pub fn replicate<T, E>(
    seeds: Seeds,
    run: impl Fn(u64) -> Result<T, E> + Sync,
) -> Result<Vec<T>, Interrupted<E>>
where
    T: Send,
    E: Send,
{
    let mut cases = replicate_each(1, seeds, |_, seed| run(seed))?;
    Ok(cases.remove(0))
}

/// The same for each of so many `cases`, all runs side by side: what a case returns with each of the seeds, in order of
/// the cases. Every case has the same seeds and so the same draws.
pub fn replicate_each<T, E>(
    cases: usize,
    seeds: Seeds,
    run: impl Fn(usize, u64) -> Result<T, E> + Sync,
) -> Result<Vec<Vec<T>>, Interrupted<E>>
where
    T: Send,
    E: Send,
{
    let all: Vec<(usize, u64)> =
        (0..cases).flat_map(|case| seeds.iter().map(move |seed| (case, seed))).collect();
    let mut done = replicate_some(&all, run)?.into_iter();
    Ok((0..cases).map(|_| done.by_ref().take(seeds.count() as usize).collect()).collect())
}

/// The same for some runs alone, each a case and a seed: what they return, in their order.
pub fn replicate_some<T, E>(
    runs: &[(usize, u64)],
    run: impl Fn(usize, u64) -> Result<T, E> + Sync,
) -> Result<Vec<T>, Interrupted<E>>
where
    T: Send,
    E: Send,
{
    let guarded = |&(case, seed): &(usize, u64)| guarded(case, seed, || run(case, seed));
    // Runs take long and differ in length: whoever is done takes the next one.
    runs.par_iter().with_max_len(1).map(guarded).collect()
}

/// Calls `run`, the one of this case and seed, so that a panic in it ends nothing else.
pub(super) fn guarded<T, E>(
    case: usize,
    seed: u64,
    run: impl FnOnce() -> Result<T, E>,
) -> Result<T, Interrupted<E>> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(Interrupted::Failed),
        Err(_) => Err(Interrupted::Broken { case, seed }),
    }
}

/// What is kept of one run among many: some kilobytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Replication {
    /// Its seed.
    pub seed: u64,
    /// What is left to say of it.
    pub finished: Finished,
    /// Its figures.
    pub summary: Summary,
    /// Which conditions on the results hold, in their order.
    pub holds: Vec<bool>,
}

/// The runs of one scenario with a range of seeds, in order of the seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Replications {
    seeds: Seeds,
    runs: Vec<Replication>,
}

/// One figure of all runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Its values, of the runs that have one.
    pub sample: Sample,
    /// How many runs have none, such as the first overflow of a run without overflow. What the sample says holds of the
    /// other runs alone.
    pub missing: usize,
    /// How many of the values are lower bounds: quantiles of waits that fell on a wait which was cut short. If there are
    /// any, so are the mean, the interval and the larger quantiles.
    pub censored: usize,
}

impl Figure {
    /// What the runs have, each a value and whether that is a lower bound.
    pub(super) fn of(runs: impl IntoIterator<Item = (Option<f64>, bool)>) -> Self {
        let (mut missing, mut censored) = (0, 0);
        let counted = |(value, is_bound): (Option<f64>, bool)| {
            missing += usize::from(value.is_none());
            censored += usize::from(is_bound);
            value
        };
        let sample = Sample::of(runs.into_iter().filter_map(counted));
        Self { sample, missing, censored }
    }

    /// Whether the interval around its mean, which is of the metric at `path`, has a width and is only approximate.
    pub(super) fn is_approximate(&self, path: &str) -> bool {
        let has_width = self.sample.interval(LEVEL).is_some_and(|interval| interval.half_width() > 0.0);
        has_width && is_approximate(path, self.sample.n())
    }
}

impl Replications {
    /// The runs with these seeds.
    ///
    /// # Panics
    /// If they are not the runs with these seeds, in order.
    pub fn new(seeds: Seeds, runs: Vec<Replication>) -> Self {
        assert!(runs.iter().map(|run| run.seed).eq(seeds.iter()), "there is one run for each seed, in order");
        Self { seeds, runs }
    }

    /// The seeds.
    pub fn seeds(&self) -> Seeds {
        self.seeds
    }

    /// The runs, in order of their seeds.
    pub fn runs(&self) -> &[Replication] {
        &self.runs
    }

    /// All metrics that the runs have, in the order of the registry.
    pub fn metrics(&self) -> impl Iterator<Item = &'static Metric> {
        let is_there = |metric: &&Metric| self.runs.iter().any(|run| run.summary.has(metric.path));
        groups().iter().flat_map(|group| group.metrics).filter(is_there)
    }

    /// The figure at `path` of all runs.
    pub fn figure(&self, path: &str) -> Figure {
        let of = |run: &Replication| {
            (run.summary.get(path).map(|value| value.number), run.summary.is_censored(path))
        };
        Figure::of(self.runs.iter().map(of))
    }

    /// The seeds of the runs in which the condition in this place does not hold.
    pub fn failed(&self, condition: usize) -> Vec<u64> {
        self.runs.iter().filter(|run| !run.holds[condition]).map(|run| run.seed).collect()
    }

    /// Whether every condition holds in every run.
    pub fn all_hold(&self) -> bool {
        self.runs.iter().all(|run| run.holds.iter().all(|&holds| holds))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
    }

    #[test]
    fn results_come_in_order_of_the_seeds_on_any_number_of_threads() {
        let seeds = Seeds::new(5, 204).unwrap();
        let expected: Vec<u64> = (5..=204).map(|seed| seed * seed).collect();
        for threads in [1, 2, 7] {
            let found = on_threads(threads, || {
                replicate(seeds, |seed| {
                    // Later seeds are done first.
                    std::thread::sleep(std::time::Duration::from_micros(210 - seed));
                    Ok::<u64, ()>(seed * seed)
                })
            });
            assert_eq!(found.as_ref(), Ok(&expected), "{threads}");
        }
    }

    #[test]
    fn every_case_has_the_same_seeds() {
        let seeds = Seeds::new(4, 6).unwrap();
        let found =
            on_threads(3, || replicate_each(2, seeds, |case, seed| Ok::<_, ()>(seed + 10 * case as u64)));
        assert_eq!(found, Ok(vec![vec![4, 5, 6], vec![14, 15, 16]]));
        let result = replicate_each(3, seeds, |case, seed| {
            assert!((case, seed) != (2, 5), "this panic is part of a test");
            Ok::<u64, ()>(seed)
        });
        assert_eq!(result, Err(Interrupted::Broken { case: 2, seed: 5 }));
    }

    #[test]
    fn every_seed_is_run_once() {
        let runs = AtomicU64::new(0);
        let sum = on_threads(4, || {
            replicate(Seeds::new(1, 100).unwrap(), |seed| {
                runs.fetch_add(1, Ordering::Relaxed);
                Ok::<u64, ()>(seed)
            })
        });
        assert_eq!((runs.into_inner(), sum.unwrap().iter().sum::<u64>()), (100, 5050));
    }

    #[test]
    fn a_failure_ends_all_and_a_panic_is_told_with_its_seed() {
        let seeds = Seeds::new(1, 1000).unwrap();
        let begun = AtomicU64::new(0);
        let result = on_threads(1, || {
            replicate(seeds, |seed| {
                begun.fetch_add(1, Ordering::Relaxed);
                if seed == 3 { Err("the disk is full") } else { Ok(seed) }
            })
        });
        assert_eq!(result, Err(Interrupted::Failed("the disk is full")));
        assert!(begun.into_inner() < 1000, "no run is begun in vain");
        let result = on_threads(2, || {
            replicate(seeds, |seed| {
                assert_ne!(seed, 7, "this panic is part of a test");
                Ok::<u64, ()>(seed)
            })
        });
        assert_eq!(result, Err(Interrupted::Broken { case: 0, seed: 7 }));
    }
}
