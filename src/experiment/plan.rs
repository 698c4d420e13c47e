//! The cheapest of many settings of a scenario under constraints.
//!
//! Nothing is taken for granted of how cost and constraints depend on a setting: every point of the grid is run, but only
//! with the few first seeds, and those that turn out to matter with all of them (racing: Maron and Moore, *Hoeffding
//! Races*, 1993; with common random numbers and paired differences, so that few runs tell points apart).

mod answer;
mod constraint;
mod page;
mod search;
mod table;
mod trial;
mod written;

pub use answer::{Answer, Doubt, Neighbour, Shape};
pub use constraint::{Constraint, Demand, Judgement, Part};
pub use search::{Search, search};
pub use trial::Trial;
pub use written::PlanRecord;

use super::{Grid, Proportion, Seeds};
use crate::expression::Standing;
use crate::metric::Metric;

/// What is asked for.
pub struct Question {
    /// The settings among which one is sought.
    pub grid: Grid,
    /// The figure whose mean is to be as small as possible.
    pub objective: &'static Metric,
    /// What must be met.
    pub constraints: Vec<Constraint>,
    /// The seeds of the runs.
    pub seeds: Seeds,
    /// How large a share of all runs must meet each constraint.
    pub share: f64,
    /// The level of confidence of what is said in the end, to one side.
    pub level: f64,
    /// As a part of it, by how much the figure may be above the smallest one and still count as equally good.
    pub indifference: f64,
}

impl Question {
    /// How many runs it would take to run every point with every seed.
    pub fn exhaustive(&self) -> usize {
        self.grid.len() * self.seeds.count() as usize
    }

    /// Whether so many seeds can show that a large enough share of runs meets a constraint; if not, how many can.
    pub fn seeds_needed(&self) -> Option<usize> {
        let runs = self.seeds.count() as usize;
        let all = Proportion::new(runs, runs);
        let is_short = all.standing(self.share, self.level) != Standing::Meets
            && self.constraints.iter().any(Constraint::is_of_runs);
        is_short.then(|| all.settled_by(self.share, self.level)).flatten()
    }
}

#[cfg(test)]
mod tests;
