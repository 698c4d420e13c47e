//! One point of the grid, and the runs that were made of it so far.

use super::Question;
use super::constraint::{Constraint, Demand, Judgement, certain};
use crate::experiment::{Difference, Figure, Interval, Paired, Proportion, Replication};
use crate::expression::Standing;

/// The level of confidence, to one side, with which a point is dropped before it was run with every seed. It is higher
/// than that of the answer, because points are looked at more than once.
pub(super) const RACING_LEVEL: f64 = 0.99;

/// A point of the grid with its runs, which have the first of the seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    runs: Vec<Replication>,
    /// The figure that is to be small, of each run; `None` if there is none for certain.
    figures: Vec<Option<f64>>,
    standing: Standing,
    soon: Standing,
    met: Option<Proportion>,
    is_met_by_all: bool,
    lacks_value: bool,
}

impl Trial {
    /// A point that was not run yet.
    pub(super) fn new() -> Self {
        Self {
            runs: Vec::new(),
            figures: Vec::new(),
            standing: Standing::Open,
            soon: Standing::Open,
            met: None,
            is_met_by_all: false,
            lacks_value: false,
        }
    }

    /// The runs, in order of their seeds.
    pub fn runs(&self) -> &[Replication] {
        &self.runs
    }

    pub(super) fn add(&mut self, question: &Question, runs: impl IntoIterator<Item = Replication>) {
        self.runs.extend(runs);
        let path = question.objective.path;
        self.figures = self.runs.iter().map(|run| certain(run, path)).collect();
        let judged = self.judgements(question, question.level);
        self.standing = together(&judged);
        self.soon = together(&self.judgements(question, RACING_LEVEL));
        self.met = judged.iter().filter_map(|one| one.met).min_by_key(|met| met.met);
        self.is_met_by_all = judged.iter().all(Judgement::is_met_by_all);
        self.lacks_value = self.runs.iter().any(|run| run.summary.get(path).is_none());
    }

    /// Whether it was run with every seed.
    pub fn is_complete(&self, question: &Question) -> bool {
        self.runs.len() as u64 == question.seeds.count()
    }

    /// The figure that is to be small.
    pub fn figure(&self, question: &Question) -> Figure {
        self.figure_of(question.objective.path)
    }

    /// The figure at `path` of its runs.
    pub fn figure_of(&self, path: &str) -> Figure {
        let of = |run: &Replication| {
            (run.summary.get(path).map(|value| value.number), run.summary.is_censored(path))
        };
        Figure::of(self.runs.iter().map(of))
    }

    /// The mean of that figure; `None` if a run has none for certain.
    pub fn mean(&self) -> Option<f64> {
        let sum: f64 = self.figures.iter().copied().sum::<Option<f64>>()?;
        (!self.figures.is_empty()).then(|| sum / self.figures.len() as f64)
    }

    /// What its runs show of each constraint.
    pub fn judgements(&self, question: &Question, level: f64) -> Vec<Judgement> {
        let demand = Demand { share: question.share, level };
        question.constraints.iter().map(|one: &Constraint| one.judge(&self.runs, demand)).collect()
    }

    /// What its runs show of all constraints together.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The same with the confidence that more runs are decided upon.
    pub(super) fn soon(&self) -> Standing {
        self.soon
    }

    /// How many runs meet the constraint on single runs that the fewest meet; `None` if there is no such constraint.
    pub fn met(&self) -> Option<Proportion> {
        self.met
    }

    /// Whether every run meets every constraint on single runs, and none on means is left open.
    pub fn is_met_by_all(&self) -> bool {
        self.is_met_by_all
    }

    /// Whether a run has no value of the figure that is to be small, so that it has no mean whatever further runs show.
    pub fn lacks_value(&self) -> bool {
        self.lacks_value
    }

    /// Whether more runs are made of it in vain: it cannot be shown to meet the constraints any more, and if as large a part
    /// of the further runs misses one, it is not shown to miss them either. Nothing is said before a third of the runs.
    pub(super) fn is_vain(&self, question: &Question) -> bool {
        let Some(met) = self.met else { return false };
        let all = question.seeds.count() as usize;
        let standing = |met: usize| Proportion::new(met, all).standing(question.share, question.level);
        self.standing == Standing::Open
            && met.of * 3 >= all
            && !self.is_met_by_all()
            && standing(met.met + all - met.of) != Standing::Meets
            && standing(met.met * all / met.of) == Standing::Open
    }

    /// By how much its figure is above that of another point, of the seeds that both were run with.
    pub fn above(&self, other: &Self) -> Difference {
        Difference::of_pairs(self.pairs(other))
    }

    fn pairs(&self, other: &Self) -> impl Iterator<Item = (Option<f64>, Option<f64>)> + Clone {
        self.figures.iter().copied().zip(other.figures.iter().copied())
    }

    /// Between what its mean is above another one's, each end with so much confidence to its side; `None` if it cannot be
    /// told.
    pub(super) fn bounds_above(&self, other: &Self, level: f64) -> Option<Interval> {
        let paired = Paired::of(self.pairs(other));
        (paired.unpaired == 0).then(|| paired.differences.interval(2.0 * level - 1.0)).flatten()
    }
}

/// What is shown of all constraints together.
fn together(judged: &[Judgement]) -> Standing {
    judged.iter().map(|one| one.standing).min().unwrap_or(Standing::Meets)
}
