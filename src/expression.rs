//! The language of `expect`, `--fail-if` and `--subject-to`: conditions on metrics.
//!
//! ```text
//! pending.waitSeconds.p99 <= 30s and overflow.share < 5%
//! not (cost.total > 1.2 * baseline.cost.total)
//! ```
//!
//! There are metric paths, numbers (with a unit of time such as `30s`, `5m`, `1h30m`, or `%`), `+ - * /`, comparisons,
//! `and`, `or`, `not` and parentheses; and where many runs are judged together, `mean(cost.total)`. Units are checked when the text is read: seconds are not compared with a share.
//! A bare number fits every unit. It is a small language of our own because its errors matter: they name the place,
//! and the metric that was probably meant.

mod dimension;
mod error;
mod evaluate;
mod means;
mod parse;
mod standing;
mod token;

pub use error::{ExpressionError, Problem};
pub use evaluate::Verdict;
pub use means::MeansOfRuns;
pub use standing::Standing;

use dimension::Type;
use parse::Node;

/// Whose metrics an expression may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of one run.
    Run,
    /// Those of a run, and by the prefix `baseline.` those of the run that it is compared with.
    Comparison,
    /// Those of each of many runs, and by `mean(…)` those of all of them together.
    Replications,
}

/// The prefix of the other run's metrics.
const BASELINE: &str = "baseline.";

/// The path of a metric of the run that is compared with; `None` if `path` is not that of one.
pub fn baseline_metric(path: &str) -> Option<&str> {
    path.strip_prefix(BASELINE)
}

impl Scope {
    /// The path of a metric without the prefix of the run, if that prefix is allowed here.
    fn metric(self, path: &str) -> &str {
        match self {
            Self::Run | Self::Replications => path,
            Self::Comparison => baseline_metric(path).unwrap_or(path),
        }
    }
}

/// A condition on metrics, read and checked.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    root: Node,
}

impl Expression {
    /// Reads a condition.
    pub fn parse(text: &str, scope: Scope) -> Result<Self, ExpressionError> {
        let read = || {
            let root = parse::parse(text)?;
            match dimension::check(&root, scope)? {
                Type::Condition => means::check(&root).map(|()| root),
                Type::Number(_) => Err((root.place, Problem::NotACondition)),
            }
        };
        match read() {
            Ok(root) => Ok(Self { text: text.to_owned(), root }),
            Err((place, problem)) => Err(ExpressionError { text: text.to_owned(), place, problem }),
        }
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text[self.root.place.clone()]
    }

    /// The conditions that it joins with `and`; itself if it joins none.
    pub fn conjuncts(&self) -> Vec<Self> {
        let part = |root: &Node| Self { text: self.text.clone(), root: root.clone() };
        self.root.conjuncts().into_iter().map(part).collect()
    }

    /// Whether it is a condition on means over many runs.
    pub fn is_of_means(&self) -> bool {
        self.root.has_means()
    }

    /// Every metric that it names.
    pub fn metrics(&self) -> Vec<String> {
        self.judge(&|_| None).measured.into_iter().map(|(path, _)| path).collect()
    }

    /// Whether it looks at the run that is compared with.
    pub fn looks_at_baseline(&self) -> bool {
        self.metrics().iter().any(|path| baseline_metric(path).is_some())
    }

    /// Judges the condition; `lookup` gives the number at a path, `None` if the run has no such value.
    pub fn judge(&self, lookup: &dyn Fn(&str) -> Option<f64>) -> Verdict {
        evaluate::judge(&self.root, &self.text, lookup)
    }

    /// Whether the condition holds whatever became of the metrics that `is_bound` says are lower bounds only.
    pub fn surely_holds(
        &self,
        lookup: &dyn Fn(&str) -> Option<f64>,
        is_bound: &dyn Fn(&str) -> bool,
    ) -> bool {
        evaluate::surely(&self.root, lookup, is_bound, true)
    }

    /// What is shown of a condition on means over many runs; it fails if one of the runs has no value that it needs.
    pub fn standing(&self, runs: &MeansOfRuns<'_>) -> Standing {
        means::standing(&self.root, runs).unwrap_or(Standing::Fails)
    }
}

#[cfg(test)]
mod tests;
