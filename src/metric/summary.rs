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

    /// The figure at `path`; `None` if there is no such metric, or if this run has no value for it.
    pub fn get(&self, path: &str) -> Option<Value> {
        let number = self.figures.get(path)?.number?;
        Some(Value { number, unit: find(path)?.unit })
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
        let mut root = Map::new();
        for metric in metrics() {
            let Some(figure) = self.figures.get(metric.path) else { continue };
            let number = figure.number;
            let number = match metric.unit {
                Unit::Count => number.map(|number| number as u64).into(),
                _ => number.into(),
            };
            if metric.path == "cost.total" {
                insert(&mut root, "cost.currency", Json::from(self.currency.as_str()));
            }
            insert(&mut root, metric.path, number);
        }
        Json::Object(root)
    }
}

impl Serialize for Summary {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
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
