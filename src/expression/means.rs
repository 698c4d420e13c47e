//! Conditions on means over many runs, each mean with what it would be without any one of the runs: from these follows how
//! far it may be from the true one, whatever is calculated with it (the jackknife).

use super::error::{Located, Problem};
use super::evaluate::{calculate, number, relates};
use super::parse::{Kind, Node, Relation};
use super::standing::Standing;

/// Many runs, and how their means are judged.
pub struct MeansOfRuns<'a> {
    /// How many there are.
    pub runs: usize,
    /// The number of a run at a path; `None` if it has none, or a lower bound only.
    pub lookup: &'a dyn Fn(usize, &str) -> Option<f64>,
    /// Between which two numbers the true one lies, by an estimate and those that leave out one run each.
    pub bounds: &'a dyn Fn(f64, &[f64]) -> (f64, f64),
}

/// That no condition on means has metrics of single runs too, unless `and` keeps them apart.
pub(super) fn check(root: &Node) -> Result<(), Located> {
    let mixed = |node: &&Node| node.has_means() && has_single_metrics(node);
    match root.conjuncts().into_iter().find(mixed) {
        Some(node) => Err((node.place.clone(), Problem::MixedMeans)),
        None => Ok(()),
    }
}

fn has_single_metrics(node: &Node) -> bool {
    match &node.kind {
        Kind::Metric(_) => true,
        Kind::Mean(_) => false,
        _ => node.parts().into_iter().any(has_single_metrics),
    }
}

/// What is shown; `None` if a run has no value that is needed.
pub(super) fn standing(node: &Node, runs: &MeansOfRuns<'_>) -> Option<Standing> {
    Some(match &node.kind {
        Kind::And(left, right) => standing(left, runs)?.min(standing(right, runs)?),
        Kind::Or(left, right) => standing(left, runs)?.max(standing(right, runs)?),
        Kind::Not(inner) => !standing(inner, runs)?,
        Kind::Comparison(relation, left, right) => {
            let (left, right) = (estimates(left, runs)?, estimates(right, runs)?);
            let apart: Vec<f64> = left.iter().zip(&right).map(|(left, right)| left - right).collect();
            let (low, high) = (runs.bounds)(apart[0], &apart[1..]);
            compared(*relation, [low + right[0], high + right[0]], right[0])
        }
        Kind::Number(..) | Kind::Metric(_) | Kind::Mean(_) | Kind::Negative(_) | Kind::Calculation(..) => {
            unreachable!("types were checked when the expression was read")
        }
    })
}

/// What is shown of a number that lies between two ends beside another one.
fn compared(relation: Relation, ends: [f64; 2], other: f64) -> Standing {
    let [low, high] = ends.map(|end| relates(relation, end, other));
    let lies_between = ends[0] <= other && other <= ends[1];
    match relation {
        Relation::Unequal => !compared(Relation::Equal, ends, other),
        _ if low && high => Standing::Meets,
        _ if low || high || (relation == Relation::Equal && lies_between) => Standing::Open,
        _ => Standing::Fails,
    }
}

/// The number that `node` yields from all runs, and then without each of them; of a single run, only the first.
fn estimates(node: &Node, runs: &MeansOfRuns<'_>) -> Option<Vec<f64>> {
    let count = runs.runs;
    let length = if count > 1 { count + 1 } else { 1 };
    let all: Vec<f64> = match &node.kind {
        Kind::Number(number, _) => vec![*number; length],
        Kind::Mean(inner) => {
            let of_run = |run: usize| number(inner, &|path| (runs.lookup)(run, path));
            let numbers: Vec<f64> = (0..count).map(of_run).collect::<Option<_>>()?;
            let sum: f64 = numbers.iter().sum();
            let without = numbers.iter().take(length - 1).map(|number| (sum - number) / (count - 1) as f64);
            std::iter::once(sum / count as f64).chain(without).collect()
        }
        Kind::Negative(inner) => estimates(inner, runs)?.into_iter().map(|number| -number).collect(),
        Kind::Calculation(operator, left, right) => {
            let (left, right) = (estimates(left, runs)?, estimates(right, runs)?);
            left.iter().zip(&right).map(|(left, right)| calculate(*operator, *left, *right)).collect()
        }
        Kind::Metric(_) | Kind::Comparison(..) | Kind::And(..) | Kind::Or(..) | Kind::Not(_) => {
            unreachable!("types were checked when the expression was read")
        }
    };
    all.iter().all(|number| number.is_finite()).then_some(all)
}
