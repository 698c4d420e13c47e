//! Units of expressions: what may be compared and added, and what a product is measured in.

use super::Scope;
use super::error::{Located, Problem};
use super::evaluate::is_always_zero;
use super::parse::{Kind, Node, Operator};
use crate::metric::{Unit, find, nearest};

/// What a part of an expression yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Number(Dimension),
    Condition,
}

/// What a number is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    /// A number as written, which fits every unit.
    Bare,
    /// A product of powers of the base units, in the order of [`BASES`]. A share has all powers zero.
    Of([i8; 4]),
}

/// Names of the base units.
const BASES: [&str; 4] = ["seconds", "count", "currency", "requests"];

impl Dimension {
    pub(super) const SHARE: Self = Self::Of([0, 0, 0, 0]);
    pub(super) const SECONDS: Self = Self::Of([1, 0, 0, 0]);

    fn of(unit: Unit) -> Self {
        match unit {
            Unit::Seconds => Self::SECONDS,
            Unit::Share => Self::SHARE,
            Unit::Count => Self::Of([0, 1, 0, 0]),
            Unit::Requests => Self::Of([0, 0, 0, 1]),
            Unit::PodSeconds => Self::Of([1, 1, 0, 0]),
            Unit::Money => Self::Of([0, 0, 1, 0]),
            Unit::MoneyPerSecond => Self::Of([-1, 0, 1, 0]),
        }
    }

    /// What both sides of a comparison or a sum are measured in; `None` if they differ.
    fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Bare, fitting) | (fitting, Self::Bare) => Some(fitting),
            _ => (self == other).then_some(self),
        }
    }

    /// What the product is measured in, or the quotient if `sign` is -1.
    fn times(self, other: Self, sign: i8) -> Self {
        let powers = |dimension| match dimension {
            Self::Bare => [0; 4],
            Self::Of(powers) => powers,
        };
        if self == Self::Bare && other == Self::Bare {
            return Self::Bare;
        }
        let (left, right) = (powers(self), powers(other));
        Self::Of(std::array::from_fn(|base| left[base].saturating_add(right[base].saturating_mul(sign))))
    }

    /// In words: `seconds`, `currency/second`, `a share`.
    fn name(self) -> String {
        let Self::Of(powers) = self else { return "a bare number".to_owned() };
        let with = |wanted: fn(i8) -> bool| -> Vec<&str> {
            (0..BASES.len()).filter(|&base| wanted(powers[base])).map(|base| BASES[base]).collect()
        };
        match (with(|power| power > 0), with(|power| power < 0)) {
            (above, below) if above.is_empty() && below.is_empty() => "a share".to_owned(),
            (above, below) if below.is_empty() => above.join("·"),
            (above, below) => {
                let above = if above.is_empty() { "1".to_owned() } else { above.join("·") };
                format!("{above}/{}", below.join("/")).replace("/seconds", "/second")
            }
        }
    }
}

/// What `node` yields, if its metrics exist and its units fit.
pub(super) fn check(node: &Node, scope: Scope) -> Result<Type, Located> {
    let number = |node: &Node| match check(node, scope)? {
        Type::Number(dimension) => Ok(dimension),
        Type::Condition => Err((node.place.clone(), Problem::ConditionAsNumber)),
    };
    let condition = |node: &Node, operator| match check(node, scope)? {
        Type::Condition => Ok(()),
        Type::Number(_) => Err((node.place.clone(), Problem::NumberAsCondition { operator })),
    };
    let alike = |left: &Node, right: &Node, joined| {
        let (one, other) = (number(left)?, number(right)?);
        one.common(other).ok_or_else(|| {
            let problem = Problem::Units { left: one.name(), right: other.name(), joined };
            (left.place.start..right.place.end, problem)
        })
    };
    Ok(match &node.kind {
        Kind::Number(_, dimension) => Type::Number(*dimension),
        Kind::Metric(path) => Type::Number(metric(path, node, scope)?),
        Kind::Mean(_) if scope != Scope::Replications => return Err((node.place.clone(), Problem::NoMeans)),
        Kind::Mean(inner) if inner.has_means() => {
            return Err((inner.place.clone(), Problem::MeanOfMean));
        }
        Kind::Mean(inner) => Type::Number(number(inner)?),
        Kind::Negative(inner) => Type::Number(number(inner)?),
        Kind::Calculation(operator, left, right) => Type::Number(match operator {
            Operator::Plus => alike(left, right, "added")?,
            Operator::Minus => alike(left, right, "subtracted")?,
            Operator::Times => number(left)?.times(number(right)?, 1),
            Operator::Per => {
                let quotient = number(left)?.times(number(right)?, -1);
                if is_always_zero(right) {
                    return Err((right.place.clone(), Problem::DivisionByZero));
                }
                quotient
            }
        }),
        Kind::Comparison(_, left, right) => alike(left, right, "compared").map(|_| Type::Condition)?,
        Kind::And(left, right) => {
            condition(left, "and").and_then(|()| condition(right, "and")).map(|()| Type::Condition)?
        }
        Kind::Or(left, right) => {
            condition(left, "or").and_then(|()| condition(right, "or")).map(|()| Type::Condition)?
        }
        Kind::Not(inner) => condition(inner, "not").map(|()| Type::Condition)?,
    })
}

fn metric(path: &str, node: &Node, scope: Scope) -> Result<Dimension, Located> {
    let bare = scope.metric(path);
    let prefix = &path[..path.len() - bare.len()];
    find(bare).map(|metric| Dimension::of(metric.unit)).ok_or_else(|| {
        let nearest = nearest(bare).iter().map(|name| format!("{prefix}{name}")).collect();
        (node.place.clone(), Problem::UnknownMetric { path: path.to_owned(), nearest })
    })
}
