//! What can be wrong with an expression, and how to mend it.

use std::fmt;
use std::ops::Range;

/// Where in the text something is, in bytes.
pub(super) type Place = Range<usize>;

/// A problem and its place, before the text is attached.
pub(super) type Located = (Place, Problem);

/// Why a text is not a condition on metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// The whole expression.
    pub text: String,
    /// Which bytes of it are meant.
    pub place: Range<usize>,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A character that means nothing here.
    #[error("unexpected character {0:?}")]
    Character(char),
    /// `=`, `&&` and the like, which are spelled otherwise.
    #[error("{written:?} is written {meant:?} here")]
    Spelling {
        /// As written.
        written: String,
        /// As it should be.
        meant: &'static str,
    },
    /// A number that cannot be read.
    #[error("{0:?} is not a number: write it like 5, 0.25, 30s, 1h30m or 5%")]
    Number(String),
    /// Something else should stand here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What.
        expected: &'static str,
        /// Instead of what.
        found: String,
    },
    /// More parentheses or signs within each other than anybody means.
    #[error("nested too deeply")]
    TooDeep,
    /// `a < b < c`.
    #[error("a comparison cannot be compared again: join two comparisons with `and`")]
    Chained,
    /// No such metric.
    #[error("unknown metric `{path}`")]
    UnknownMetric {
        /// As written.
        path: String,
        /// What may have been meant, best first.
        nearest: Vec<String>,
    },
    /// Two figures of different units, compared or added.
    #[error("{left} and {right} cannot be {joined}")]
    Units {
        /// Unit on the left.
        left: String,
        /// Unit on the right.
        right: String,
        /// `compared`, `added` or `subtracted`.
        joined: &'static str,
    },
    /// A number where only a condition makes sense.
    #[error("`{operator}` joins conditions, and this is a number")]
    NumberAsCondition {
        /// `and`, `or` or `not`.
        operator: &'static str,
    },
    /// A condition where only a number makes sense.
    #[error("this is a condition, and a number is needed")]
    ConditionAsNumber,
    /// A divisor that is zero whatever is measured.
    #[error("this is always zero, and nothing can be divided by it")]
    DivisionByZero,
    /// A mean over runs where each run is judged by itself, or means are meant anyway.
    #[error("there is no mean(…) here")]
    NoMeans,
    /// `mean(mean(…))`.
    #[error("this is a mean already")]
    MeanOfMean,
    /// A condition on the mean over all runs and on something of each run.
    #[error("this looks at means over all runs and at single runs")]
    MixedMeans,
    /// A number alone.
    #[error("this is a number and no condition")]
    NotACondition,
}

impl Problem {
    /// How to mend it, where that is more than the message says.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::UnknownMetric { nearest, .. } => Some(match nearest.as_slice() {
                [] => "docs/metrics.md lists all metrics".to_owned(),
                [one] => format!("did you mean `{one}`?"),
                several => format!("did you mean `{}`?", several.join("`, `")),
            }),
            Self::Units { left, right, joined } => {
                let is_share = |unit: &String| unit == "a share";
                Some(if *joined != "compared" && (is_share(left) || is_share(right)) {
                    "a part of a figure is a product: `cost.total * 102%` is 2 % more".to_owned()
                } else {
                    "a bare number fits every unit; 30s is a time, 5% a share".to_owned()
                })
            }
            Self::NoMeans => Some(
                "`expect` is judged in each run, and --fail-if by means anyway: write the metric alone"
                    .to_owned(),
            ),
            Self::MixedMeans => Some(
                "put every metric into mean(…), or none; `and` may join a condition on means and one on runs"
                    .to_owned(),
            ),
            Self::NotACondition | Self::NumberAsCondition { .. } => {
                Some("compare it with something: `cost.total <= 12.5`".to_owned())
            }
            _ => None,
        }
    }
}

impl ExpressionError {
    /// The column at which the problem starts, counted in characters from 1.
    pub fn column(&self) -> usize {
        self.text[..self.place.start].chars().count() + 1
    }
}

/// The message, the expression with the place underlined, and the help.
impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indent = " ".repeat(self.column() - 1);
        let underline = "^".repeat(self.text[self.place.clone()].chars().count().max(1));
        write!(f, "{}\n  {}\n  {indent}{underline}", self.problem, self.text)?;
        match self.problem.help() {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ExpressionError {}
