//! Metrics that autoscalers ask for beside cpu and memory.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Shape;

/// A metric as an adapter of the custom or external metrics API would serve it, to autoscalers of the types Pods, Object
/// and External that ask for it by name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Metric {
    /// Where its value comes from.
    pub from: MetricSource,
    /// Its labels, which the selector of an autoscaler's metric must match. Default: none.
    #[serde(default)]
    pub labels: IndexMap<String, String>,
}

/// Where the value of a metric comes from.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MetricSource {
    /// The requests per second of a workload, as KIND/NAMESPACE/NAME: of all its pods together as an Object or External
    /// metric, of each pod as a Pods metric of an autoscaler of that workload.
    RequestsTo(String),
    /// What a shape says; its rates are taken as numbers: 500/s stands for 500.
    Series(Shape),
    /// The completions that a Job still lacks, as Job/NAMESPACE/NAME.
    CompletionsLeft(String),
}
