//! Label selectors and node selectors.

use super::Labels;
use crate::rule::{Confidence, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "node-selector-terms",
        statement: "The terms of a node selector are ORed, the conditions of one term are ANDed, and a term \
                    without conditions matches nothing.",
        source: "staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "selector-requirements",
        statement: "A missing label satisfies NotIn and DoesNotExist alone; Gt and Lt compare whole numbers, \
                    and anything else satisfies neither.",
        source: "staging/src/k8s.io/apimachinery/pkg/labels/selector.go `Requirement.Matches`",
        confidence: Confidence::Source,
    },
];

/// How a requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// The value is one of the listed ones.
    In,
    /// The value is none of the listed ones, or the key is missing.
    NotIn,
    /// The key is there.
    Exists,
    /// The key is missing.
    DoesNotExist,
    /// The value is an integer above the listed one (node selectors only).
    Gt,
    /// The value is an integer below the listed one (node selectors only).
    Lt,
}

/// One condition on one key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// How it compares.
    pub operator: Operator,
    /// With what.
    pub values: Vec<String>,
}

impl Requirement {
    /// The requirement that `key` has exactly `value`.
    pub fn equals(key: &str, value: &str) -> Self {
        Self { key: key.to_owned(), operator: Operator::In, values: vec![value.to_owned()] }
    }

    /// Whether labels meet it (apimachinery/pkg/labels/selector.go `Requirement.Matches`).
    pub fn matches(&self, labels: &Labels) -> bool {
        self.matches_value(labels.get(&self.key))
    }

    fn matches_value(&self, value: Option<&str>) -> bool {
        let listed = |value: &str| self.values.iter().any(|one| one == value);
        match (self.operator, value) {
            (Operator::In, Some(value)) => listed(value),
            (Operator::NotIn, Some(value)) => !listed(value),
            (Operator::Exists, Some(_)) | (Operator::NotIn | Operator::DoesNotExist, None) => true,
            (Operator::Gt, Some(value)) => self.compares(value, |label, bound| label > bound),
            (Operator::Lt, Some(value)) => self.compares(value, |label, bound| label < bound),
            (Operator::DoesNotExist, Some(_)) | (_, None) => false,
        }
    }

    /// An integer comparison; a label that is no integer never matches.
    fn compares(&self, label: &str, holds: fn(i64, i64) -> bool) -> bool {
        let bound = self.values.first().and_then(|bound| bound.parse().ok());
        label.parse().ok().zip(bound).is_some_and(|(label, bound)| holds(label, bound))
    }
}

/// A label selector: all its requirements hold. Without any it matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selector {
    /// The requirements, which are ANDed.
    pub requirements: Vec<Requirement>,
}

impl Selector {
    /// The selector of equality with every pair of `labels`.
    pub fn equals(labels: &Labels) -> Self {
        Self { requirements: labels.0.iter().map(|(key, value)| Requirement::equals(key, value)).collect() }
    }

    /// Whether labels match.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements.iter().all(|one| one.matches(labels))
    }

    /// Each key with its requirement as kubectl prints it (`a=b`, `a in (b,c)`, `!a`), in order of key.
    pub fn in_words(&self) -> Vec<(String, String)> {
        let words = |one: &Requirement| {
            let (key, list) = (&one.key, one.values.join(","));
            let text = match one.operator {
                Operator::In if one.values.len() == 1 => format!("{key}={list}"),
                Operator::In => format!("{key} in ({list})"),
                Operator::NotIn => format!("{key} notin ({list})"),
                Operator::Exists => key.clone(),
                Operator::DoesNotExist => format!("!{key}"),
                Operator::Gt => format!("{key}>{list}"),
                Operator::Lt => format!("{key}<{list}"),
            };
            (key.clone(), text)
        };
        let mut all: Vec<_> = self.requirements.iter().map(words).collect();
        all.sort();
        all
    }

    /// Whether it has no requirement.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

/// One term of a node selector: labels and fields are ANDed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NodeSelectorTerm {
    /// Conditions on the node's labels.
    pub labels: Vec<Requirement>,
    /// Conditions on `metadata.name`.
    pub fields: Vec<Requirement>,
}

impl NodeSelectorTerm {
    /// Whether a node matches; a term without any condition matches nothing
    /// (component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go `isEmptyNodeSelectorTerm`).
    pub fn matches(&self, name: &str, labels: &Labels) -> bool {
        !(self.labels.is_empty() && self.fields.is_empty())
            && self.labels.iter().all(|one| one.matches(labels))
            && self.fields.iter().all(|one| one.matches_value(Some(name)))
    }
}

/// A node selector: terms are ORed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NodeSelector {
    /// The terms; without any, nothing matches.
    pub terms: Vec<NodeSelectorTerm>,
}

impl NodeSelector {
    /// Whether a node matches.
    pub fn matches(&self, name: &str, labels: &Labels) -> bool {
        self.terms.iter().any(|term| term.matches(name, labels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(operator: Operator, values: &[&str], label: Option<&str>, expected: bool) {
        let requirement = Requirement {
            key: "k".into(),
            operator,
            values: values.iter().map(|&value| value.into()).collect(),
        };
        let labels: Labels = label.map(|value| ("k", value)).into_iter().collect();
        assert_eq!(requirement.matches(&labels), expected, "{operator:?} {values:?} on {label:?}");
    }

    /// rule: selector-requirements
    #[test]
    fn requirements_match_as_upstream() {
        check(Operator::In, &["a", "b"], Some("b"), true);
        check(Operator::In, &["a"], None, false);
        check(Operator::NotIn, &["a"], None, true);
        check(Operator::NotIn, &["a"], Some("a"), false);
        check(Operator::Exists, &[], Some(""), true);
        check(Operator::DoesNotExist, &[], None, true);
        check(Operator::Gt, &["3"], Some("4"), true);
        check(Operator::Gt, &["3"], Some("four"), false);
        check(Operator::Lt, &["3"], Some("-1"), true);
        check(Operator::Lt, &["3"], None, false);
    }

    /// rule: node-selector-terms
    #[test]
    fn an_empty_term_matches_nothing() {
        assert!(!NodeSelectorTerm::default().matches("n", &Labels::default()));
        assert!(!NodeSelector::default().matches("n", &Labels::default()));
    }
}
