//! Whether a condition holds, and what was measured to tell.

use std::cmp::Ordering;

use super::parse::{Kind, Node, Operator, Relation};

/// What became of a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Whether it holds.
    pub holds: bool,
    /// Every metric that it names, in that order, with its number; `None` if the run has no such value. A comparison
    /// with no value does not hold.
    pub measured: Vec<(String, Option<f64>)>,
    /// Every quotient whose divisor was measured as zero, as it was written: it is undefined, and a comparison with it
    /// does not hold.
    pub undefined: Vec<String>,
}

/// Numbers that differ by less than this part of them are equal: figures are printed with fewer digits, and sums of
/// decimal fractions are not exact.
const EQUAL_WITHIN: f64 = 1e-9;

pub(super) fn judge(root: &Node, text: &str, lookup: &dyn Fn(&str) -> Option<f64>) -> Verdict {
    let mut verdict = Verdict { holds: holds(root, lookup), measured: Vec::new(), undefined: Vec::new() };
    collect(root, text, lookup, &mut verdict);
    verdict
}

/// Whether `node` is zero whatever is measured.
pub(super) fn is_always_zero(node: &Node) -> bool {
    number(node, &|_| None) == Some(0.0)
}

fn collect(node: &Node, text: &str, lookup: &dyn Fn(&str) -> Option<f64>, verdict: &mut Verdict) {
    if let Kind::Metric(path) = &node.kind
        && !verdict.measured.iter().any(|(known, _)| known == path)
    {
        verdict.measured.push((path.clone(), lookup(path)));
    }
    for part in node.parts() {
        collect(part, text, lookup, verdict);
    }
    if let Kind::Calculation(Operator::Per, _, divisor) = &node.kind
        && number(divisor, lookup) == Some(0.0)
    {
        verdict.undefined.push(text[node.place.clone()].to_owned());
    }
}

fn holds(node: &Node, lookup: &dyn Fn(&str) -> Option<f64>) -> bool {
    surely(node, lookup, &|_| false, true)
}

/// Whether it is sure that `node` is as `wanted`: that it holds, or that it does not. Of a comparison that looks at a lower
/// bound neither is.
pub(super) fn surely(
    node: &Node,
    lookup: &dyn Fn(&str) -> Option<f64>,
    is_bound: &dyn Fn(&str) -> bool,
    wanted: bool,
) -> bool {
    let part = |node: &Node, wanted| surely(node, lookup, is_bound, wanted);
    match &node.kind {
        Kind::And(left, right) if wanted => part(left, true) && part(right, true),
        Kind::And(left, right) => part(left, false) || part(right, false),
        Kind::Or(left, right) if wanted => part(left, true) || part(right, true),
        Kind::Or(left, right) => part(left, false) && part(right, false),
        Kind::Not(inner) => part(inner, !wanted),
        Kind::Comparison(relation, left, right) => {
            let holds = match (number(left, lookup), number(right, lookup)) {
                (Some(left), Some(right)) => relates(*relation, left, right),
                _ => false,
            };
            holds == wanted && !looks_at(node, is_bound)
        }
        Kind::Number(..) | Kind::Metric(_) | Kind::Mean(_) | Kind::Negative(_) | Kind::Calculation(..) => {
            unreachable!("types were checked when the expression was read")
        }
    }
}

/// Whether it has a metric of this kind.
fn looks_at(node: &Node, is_such: &dyn Fn(&str) -> bool) -> bool {
    match &node.kind {
        Kind::Metric(path) => is_such(path),
        _ => node.parts().into_iter().any(|part| looks_at(part, is_such)),
    }
}

/// The number that `node` yields; `None` if a metric has no value, or if something is divided by zero.
pub(super) fn number(node: &Node, lookup: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
    let number = match &node.kind {
        Kind::Number(number, _) => *number,
        Kind::Metric(path) => lookup(path)?,
        Kind::Mean(inner) => number(inner, lookup)?,
        Kind::Negative(inner) => -number(inner, lookup)?,
        Kind::Calculation(operator, left, right) => {
            calculate(*operator, number(left, lookup)?, number(right, lookup)?)
        }
        Kind::Comparison(..) | Kind::And(..) | Kind::Or(..) | Kind::Not(_) => {
            unreachable!("types were checked when the expression was read")
        }
    };
    number.is_finite().then_some(number)
}

pub(super) fn calculate(operator: Operator, left: f64, right: f64) -> f64 {
    match operator {
        Operator::Plus => left + right,
        Operator::Minus => left - right,
        Operator::Times => left * right,
        Operator::Per => left / right,
    }
}

pub(super) fn relates(relation: Relation, left: f64, right: f64) -> bool {
    let close = (left - right).abs() <= EQUAL_WITHIN * left.abs().max(right.abs());
    let order = if close { Ordering::Equal } else { left.total_cmp(&right) };
    match relation {
        Relation::Less => order.is_lt(),
        Relation::AtMost => order.is_le(),
        Relation::Greater => order.is_gt(),
        Relation::AtLeast => order.is_ge(),
        Relation::Equal => order.is_eq(),
        Relation::Unequal => order.is_ne(),
    }
}
