//! Which files a run writes.

use std::collections::BTreeSet;
use std::str::FromStr;

/// The name of every page.
pub(crate) const REPORT: &str = "report.html";

/// A file of results that can be left out. `run.json` and `inputs/` are always written: they make the directory ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Output {
    /// `summary.json`: the figures.
    Summary,
    /// `timeline.csv` or `.parquet`: the run on a grid of instants.
    Timeline,
    /// `pods.csv` or `.parquet`: a row per pod.
    Pods,
    /// `nodes.csv` or `.parquet`: a row per node.
    Nodes,
    /// `events.csv` or `.parquet`: a row per Kubernetes event.
    Events,
    /// `timeline.svg`: the picture.
    Svg,
    /// `report.html`: the page.
    Report,
    /// `expectations.json`: the conditions of the scenario and what became of them.
    Expectations,
}

impl Output {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::Summary,
        Self::Timeline,
        Self::Pods,
        Self::Nodes,
        Self::Events,
        Self::Svg,
        Self::Report,
        Self::Expectations,
    ];

    /// Its name in a list.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Timeline => "timeline",
            Self::Pods => "pods",
            Self::Nodes => "nodes",
            Self::Events => "events",
            Self::Svg => "svg",
            Self::Report => "report",
            Self::Expectations => "expectations",
        }
    }

    /// Its file, with tables in `format`.
    pub const fn file_name(self, format: Format) -> &'static str {
        match (self, format) {
            (Self::Summary, _) => "summary.json",
            (Self::Timeline, Format::Csv) => "timeline.csv",
            (Self::Timeline, Format::Parquet) => "timeline.parquet",
            (Self::Pods, Format::Csv) => "pods.csv",
            (Self::Pods, Format::Parquet) => "pods.parquet",
            (Self::Nodes, Format::Csv) => "nodes.csv",
            (Self::Nodes, Format::Parquet) => "nodes.parquet",
            (Self::Events, Format::Csv) => "events.csv",
            (Self::Events, Format::Parquet) => "events.parquet",
            (Self::Svg, _) => "timeline.svg",
            (Self::Report, _) => REPORT,
            (Self::Expectations, _) => "expectations.json",
        }
    }
}

/// The format of tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    #[default]
    Csv,
    /// Apache Parquet, where the program was built with the feature `parquet`.
    Parquet,
}

impl Format {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Parquet];
}

/// A set of outputs, written as a list: `summary,timeline,svg`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs(BTreeSet<Output>);

impl Outputs {
    /// All of them.
    pub fn all() -> Self {
        Self(Output::ALL.into())
    }

    /// Whether it is in the set.
    pub fn contains(&self, output: Output) -> bool {
        self.0.contains(&output)
    }

    /// Those in the set, in the order of [`Output::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = Output> {
        self.0.iter().copied()
    }
}

/// Why a text is not a list of outputs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown output {0:?}: choose from summary, timeline, pods, nodes, events, svg, report, expectations"
)]
pub struct ParseOutputError(pub String);

impl FromStr for Outputs {
    type Err = ParseOutputError;

    fn from_str(list: &str) -> Result<Self, ParseOutputError> {
        let output = |name: &str| {
            let known = Output::ALL.into_iter().find(|output| output.name() == name.trim());
            known.ok_or_else(|| ParseOutputError(name.trim().to_owned()))
        };
        list.split(',').map(output).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_outputs_are_read() {
        let outputs: Outputs = "svg, summary".parse().unwrap();
        assert_eq!(outputs.iter().collect::<Vec<_>>(), [Output::Summary, Output::Svg]);
        let names = Output::ALL.map(Output::name).join(",");
        assert_eq!(names.parse(), Ok(Outputs::all()));
        let error = "summary,parquet".parse::<Outputs>().unwrap_err();
        assert!(error.to_string().ends_with(&names.replace(',', ", ")), "{error}");
    }
}
