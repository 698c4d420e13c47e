//! The summary: every metric of one run.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::observer::Measured;
use super::registry::{find, metrics, metrics_of};
use super::unit::{Unit, Value};

/// The figures of one run, by path.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    currency: String,
    figures: BTreeMap<&'static str, Figure>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Figure {
    number: Option<f64>,
    unmet: bool,
}

impl Summary {
    pub(super) fn of(run: &Measured, currency: &str) -> Self {
        let figures = metrics_of(run)
            .map(|metric| (metric.path, Figure { number: metric.read(run), unmet: metric.is_unmet(run) }))
            .collect();
        Self { currency: currency.to_owned(), figures }
    }

    /// One with these figures and no others; `true` stands beside a lower bound.
    #[cfg(test)]
    pub(crate) fn of_figures(figures: &[(&'static str, Option<f64>, bool)]) -> Self {
        let figure =
            |&(path, number, unmet): &(&'static str, Option<f64>, bool)| (path, Figure { number, unmet });
        Self { currency: "USD".to_owned(), figures: figures.iter().map(figure).collect() }
    }

    /// The figure at `path`; `None` if there is no such metric, or if this run has no value for it.
    pub fn get(&self, path: &str) -> Option<Value> {
        let number = self.figures.get(path)?.number?;
        Some(Value { number, unit: find(path)?.unit })
    }

    /// Whether this run has the metric at `path`, with or without a value.
    pub fn has(&self, path: &str) -> bool {
        self.figures.contains_key(path)
    }

    /// The number at `path`, for printing; zero if it has none.
    pub(crate) fn number(&self, path: &str) -> f64 {
        debug_assert!(find(path).is_some(), "{path} is no metric");
        self.get(path).map_or(0.0, |value| value.number)
    }

    /// Whether the figure at `path` is a quantile that fell on a wait which was cut short, so that the true figure is
    /// larger.
    pub fn is_censored(&self, path: &str) -> bool {
        self.figures.get(path).is_some_and(|figure| figure.unmet)
    }

    /// The currency of all money.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// As `summary.json` has it: nested by path, in the order of the registry.
    pub fn to_json(&self) -> Json {
        let given = metrics().filter(|metric| self.has(metric.path));
        nested(given.flat_map(|metric| {
            let number = self.figures[metric.path].number;
            let number = match metric.unit {
                Unit::Count => number.map(|number| number as u64).into(),
                _ => number.into(),
            };
            let currency =
                (metric.path == "cost.total").then(|| ("cost.currency", self.currency.as_str().into()));
            currency.into_iter().chain([(metric.path, number)])
        }))
    }
}

impl Serialize for Summary {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// Values by path as an object of objects, in the order in which they come.
pub(crate) fn nested(values: impl Iterator<Item = (&'static str, Json)>) -> Json {
    let mut root = Map::new();
    for (path, value) in values {
        insert(&mut root, path, value);
    }
    Json::Object(root)
}

fn insert(object: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let inner = object.entry(name).or_insert_with(|| Json::Object(Map::new()));
            let inner =
                inner.as_object_mut().expect("no metric is also a group, as a test of the registry shows");
            insert(inner, rest, value);
        }
    }
}
