//! `--subject-to`: what many runs must meet, and what a number of runs shows of it.

use crate::experiment::{Proportion, Replication, jackknife};
use crate::expression::{Expression, ExpressionError, MeansOfRuns, Scope, Standing};

/// Something that runs must meet: conditions on single runs, which a large enough share of all runs must meet all at
/// once, and conditions on means over all runs.
#[derive(Clone, Debug)]
pub struct Constraint {
    text: String,
    of_runs: Vec<Expression>,
    of_means: Vec<Expression>,
}

/// What some runs show of a constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// How many runs meet all that is demanded of single runs; `None` if nothing is.
    pub met: Option<Proportion>,
    /// What is demanded, part by part, and what is shown of it.
    pub parts: Vec<Part>,
    /// What is shown of the whole.
    pub standing: Standing,
}

/// A part of a constraint, and what is shown of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// As it was written.
    pub expression: String,
    /// How many runs meet it; `None` of means.
    pub met: Option<Proportion>,
    /// Every metric that it looks at.
    pub metrics: Vec<String>,
    /// What is shown of it by itself.
    pub standing: Standing,
    /// In how many runs something that it names has no value, or one that was cut short.
    pub without_value: usize,
}

/// How large a share of all runs must meet a constraint, and with which confidence that is to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// The share.
    pub share: f64,
    /// The level of confidence, to one side.
    pub level: f64,
}

impl Constraint {
    /// Reads a constraint.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let parts = Expression::parse(text, Scope::Replications)?.conjuncts();
        let (of_means, of_runs) = parts.into_iter().partition(Expression::is_of_means);
        Ok(Self { text: text.trim().to_owned(), of_runs, of_means })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it looks at the metric at `path`.
    pub fn looks_at(&self, path: &str) -> bool {
        self.of_runs.iter().chain(&self.of_means).any(|one| one.metrics().iter().any(|known| known == path))
    }

    /// Whether something is demanded of single runs.
    pub fn is_of_runs(&self) -> bool {
        !self.of_runs.is_empty()
    }

    /// What these runs show.
    pub fn judge(&self, runs: &[Replication], demand: Demand) -> Judgement {
        let met = (!self.of_runs.is_empty()).then(|| {
            let all = |run: &&Replication| self.of_runs.iter().all(|one| holds(one, run));
            Proportion::new(runs.iter().filter(all).count(), runs.len())
        });
        let of_runs = self.of_runs.iter().map(|one| {
            let met = Proportion::new(runs.iter().filter(|run| holds(one, run)).count(), runs.len());
            (one, Some(met), met.standing(demand.share, demand.level))
        });
        let of_means = self.of_means.iter().map(|one| (one, None, of_means(one, runs, demand.level)));
        let parts: Vec<Part> = of_runs
            .chain(of_means)
            .map(|(one, met, standing)| Part {
                expression: one.text().to_owned(),
                met,
                metrics: one.metrics(),
                standing,
                without_value: without_value(one, runs),
            })
            .collect();
        let whole = met.map(|met| met.standing(demand.share, demand.level));
        let means = parts.iter().filter(|part| part.met.is_none()).map(|part| part.standing);
        let standing = whole.into_iter().chain(means).min().unwrap_or(Standing::Meets);
        Judgement { met, parts, standing }
    }
}

impl Judgement {
    /// The parts on means that are left open.
    pub fn open_means(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.met.is_none() && part.standing == Standing::Open)
    }

    /// Whether every run meets what is demanded of single runs, and nothing that is demanded of means is left open.
    pub fn is_met_by_all(&self) -> bool {
        self.met.is_none_or(|met| met.met == met.of) && self.open_means().next().is_none()
    }

    /// How many runs would settle what they leave open, if as large a share of them met it; `None` if nobody can tell.
    pub fn settled_by(&self, demand: Demand) -> Option<usize> {
        let open = self.met.filter(|_| self.open_means().next().is_none())?;
        open.settled_by(demand.share, demand.level)
    }
}

/// Whether a run meets a condition, whatever the true values are of quantiles that were cut short.
fn holds(condition: &Expression, run: &Replication) -> bool {
    let summary = &run.summary;
    condition
        .surely_holds(&|path| summary.get(path).map(|value| value.number), &|path| summary.is_censored(path))
}

/// The figure of a run; `None` if it has none, or one that was cut short.
pub(super) fn certain(run: &Replication, path: &str) -> Option<f64> {
    let value = run.summary.get(path).filter(|_| !run.summary.is_censored(path));
    value.map(|value| value.number)
}

fn of_means(condition: &Expression, runs: &[Replication], level: f64) -> Standing {
    condition.standing(&MeansOfRuns {
        runs: runs.len(),
        lookup: &|run, path| certain(&runs[run], path),
        bounds: &|estimate, without| jackknife(estimate, without, level),
    })
}

fn without_value(condition: &Expression, runs: &[Replication]) -> usize {
    let paths = condition.metrics();
    runs.iter().filter(|run| paths.iter().any(|path| certain(run, path).is_none())).count()
}
