//! Laws of chance: how lengths of time and numbers of pods are distributed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::shape::TimeUnit;
use crate::scenario::notation::Duration;

/// How a length of time is distributed.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Law {
    /// Always the same.
    Constant(Duration),
    /// Exponentially.
    Exponential {
        /// The mean.
        mean: Duration,
    },
    /// Log-normally.
    Lognormal {
        /// The median.
        median: Duration,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
    /// Evenly between two lengths.
    Uniform {
        /// The least.
        min: Duration,
        /// The greatest.
        max: Duration,
    },
    /// By Weibull's law: a shape below 1 for what lasts the longer the longer it has lasted, above 1 for what wears out.
    Weibull {
        /// The length that 63 % are below.
        scale: Duration,
        /// The shape.
        shape: f64,
    },
    /// By the gamma law; with a whole shape, Erlang's.
    Gamma {
        /// The mean.
        mean: Duration,
        /// The shape: the square of mean over standard deviation.
        shape: f64,
    },
    /// By Pareto's law, cut off: few that last very long.
    Pareto {
        /// The least.
        min: Duration,
        /// The greatest.
        max: Duration,
        /// The exponent of the tail: the smaller, the heavier.
        alpha: f64,
    },
    /// As measured: one of these values, each as often as its weight says.
    Empirical(Empirical),
}

/// Measured lengths of time: a list, or a column of a CSV file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Empirical {
    /// The values. Either these or `file`.
    #[serde(default)]
    pub values: Vec<Duration>,
    /// The weight of each of `values`. Default: they are equally likely.
    #[serde(default)]
    pub weights: Vec<f64>,
    /// A CSV file with a header line, relative to this file; it may be compressed with gzip.
    pub file: Option<String>,
    /// The column of `file` that holds the values: numbers, or durations such as 2.5s.
    pub column: Option<String>,
    /// What a number in that column counts. Default: s.
    pub unit: Option<TimeUnit>,
    /// The column of `file` that holds the weights. Default: all rows are equally likely.
    pub weight: Option<String>,
    /// What every value is multiplied by. Default: 1.
    pub scale: Option<f64>,
}

/// How many pods come at once.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum BatchSize {
    /// Always so many.
    Constant(u32),
    /// Any number from one to another, each as likely.
    Uniform {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
    },
    /// At least one, and with the same chance another after each.
    Geometric {
        /// The mean, from 1 on.
        mean: f64,
    },
    /// One of these numbers.
    Empirical {
        /// The numbers.
        values: Vec<u32>,
        /// The weight of each. Default: they are equally likely.
        #[serde(default)]
        weights: Vec<f64>,
    },
}
