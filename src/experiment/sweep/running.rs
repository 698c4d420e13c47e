//! Making the parts of a sweep that are not there yet, on all cores.

use rayon::prelude::*;

use super::plan::SweepPlan;
use super::shard::Shard;
use crate::experiment::replications::guarded;
use crate::experiment::seeds_table::Row;
use crate::experiment::{Interrupted, Point, measure_into};
use crate::report::ReportError;
use crate::simulation::Scenario;

impl SweepPlan {
    /// The numbers of the runs of a shard, in ascending order.
    pub fn runs_of(&self, shard: Shard) -> Vec<u64> {
        (0..self.runs()).filter(|&run| shard.has(run)).collect()
    }

    /// Those of `runs` whose parts are not there, or not whole.
    pub fn unmade(&self, runs: &[u64]) -> Vec<u64> {
        runs.iter().copied().filter(|&run| self.read_part(run).is_none()).collect()
    }

    /// Makes the parts of `runs`, which are in ascending order: `open` reads the scenario with the values of a point, and
    /// `made` is called after each. Parts that were made stay when another cannot be.
    pub fn make<E: From<ReportError> + Send>(
        &self,
        runs: &[u64],
        open: impl Fn(&Point) -> Result<Scenario, E> + Sync,
        made: impl Fn() + Sync,
    ) -> Result<(), Interrupted<E>> {
        self.make_room_for_parts().map_err(|error| Interrupted::Failed(error.into()))?;
        let points: Vec<&[u64]> = runs.chunk_by(|one, next| self.run(*one).0 == self.run(*next).0).collect();
        // A scenario is held while its runs are made, and no longer.
        points.into_par_iter().with_max_len(1).try_for_each(|runs| {
            let (place, _) = self.run(runs[0]);
            let scenario = open(&self.point(place)).map_err(Interrupted::Failed)?;
            runs.par_iter().with_max_len(1).try_for_each(|&run| {
                let (_, seed) = self.run(run);
                guarded(place, seed, || {
                    let (measured, ()) = measure_into(&scenario, seed, (), &mut |_| {});
                    let row = Row::of(seed, measured.finished.trace_hash, &measured.observation.summary);
                    Ok(self.write_part(run, &row)?)
                })?;
                made();
                Ok(())
            })
        })
    }
}
