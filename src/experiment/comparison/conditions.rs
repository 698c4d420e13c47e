//! `--fail-if`: conditions on the means of what is compared.

use super::Comparison;
use crate::expression::{Expression, Verdict, baseline_metric};

/// A condition, and what became of it for everything that is compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// As it was written.
    pub expression: String,
    /// By place of the party. Where the expression looks at the baseline, the baseline itself is not among them: it does
    /// not differ from itself.
    pub outcomes: Vec<Outcome>,
}

/// What became of a condition for one party.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The place of the party.
    pub place: usize,
    /// Whether it holds, and the means that it was judged by.
    pub verdict: Verdict,
    /// Which of the means are lower bounds.
    pub bounds: Vec<String>,
}

impl Outcome {
    /// Whether it does not hold merely because something has no value.
    pub fn is_undecided(&self) -> bool {
        let verdict = &self.verdict;
        let has_gaps = verdict.measured.iter().any(|(_, mean)| mean.is_none());
        !verdict.holds && (has_gaps || !verdict.undefined.is_empty())
    }
}

impl Condition {
    /// Those for which it holds.
    pub fn held(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| outcome.verdict.holds)
    }
}

impl Comparison {
    /// Judges a condition by the means over all seeds of each party.
    pub fn judge(&self, expression: &Expression) -> Condition {
        let concerns = |place: &usize| self.baseline_of(*place).is_some() || !expression.looks_at_baseline();
        let outcomes = (0..self.parties.len()).filter(concerns).map(|place| self.outcome(place, expression));
        Condition { expression: expression.text().to_owned(), outcomes: outcomes.collect() }
    }

    fn outcome(&self, place: usize, expression: &Expression) -> Outcome {
        let figure = |path: &str| match baseline_metric(path) {
            Some(path) => self.baseline_of(place).map(|party| party.series.figure(path)),
            None => Some(self.figure(place, path)),
        };
        let verdict = expression.judge(&|path| figure(path)?.sample.mean());
        let is_bound = |path: &String| figure(path).is_some_and(|figure| figure.censored > 0);
        let bounds = verdict.measured.iter().map(|(path, _)| path.clone()).filter(is_bound).collect();
        Outcome { place, verdict, bounds }
    }
}
