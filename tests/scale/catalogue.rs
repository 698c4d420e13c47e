//! The scenarios of `scenarios/scale` and how they are read.

use std::fs;
use std::path::{Path, PathBuf};

use overspill::expression::Expression;
use overspill::scenario::{ReadOptions, Resolved, diagnostic, open};
use overspill::simulation::Scenario;
use overspill::{Registry, scenario::Loaded};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Large {
    /// Its name.
    pub(crate) name: &'static str,
    /// How many ECS nodes it has.
    pub(crate) nodes: usize,
    /// How many pods come, at least.
    pub(crate) pods: u64,
    /// The variant that is short enough for both evaluators; `None` if the whole is.
    pub(crate) short: Option<&'static str>,
}

const FIRST: Option<&str> = Some("first-20000");

/// All of them.
pub(crate) static ALL: [Large; 7] = [
    Large { name: "std-100x10k", nodes: 100, pods: 10_000, short: None },
    Large { name: "std-1000x10k", nodes: 1_000, pods: 10_000, short: None },
    Large { name: "std-1000x100k", nodes: 1_000, pods: 100_000, short: FIRST },
    Large { name: "std-5000x10k", nodes: 5_000, pods: 10_000, short: None },
    Large { name: "std-5000x100k", nodes: 5_000, pods: 100_000, short: FIRST },
    Large { name: "gateway-5000x1m", nodes: 5_000, pods: 1_000_000, short: FIRST },
    Large { name: "gateway-50000x1m", nodes: 50_000, pods: 1_000_000, short: FIRST },
];

/// A scenario that has been read.
pub(crate) struct Read {
    /// What is simulated.
    pub(crate) scenario: Scenario,
    /// What it expects.
    pub(crate) expectations: Vec<Expression>,
    /// The codes of what was warned of.
    pub(crate) warnings: Vec<&'static str>,
}

/// The one of this name.
#[track_caller]
pub(crate) fn named(name: &str) -> &'static Large {
    ALL.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("there is no scenario {name}"))
}

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Large {
    /// Whether it is the standard job that others were measured with; if not, it is a cluster of gateways.
    pub(crate) fn is_standard_job(&self) -> bool {
        self.name.starts_with("std-")
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> PathBuf {
        root().join("scenarios/scale").join(self.name)
    }

    /// Its text.
    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.folder().join("scenario.yaml")).unwrap()
    }

    /// The file that holds its figures.
    pub(crate) fn record(&self) -> PathBuf {
        root().join("results/expected/scale").join(format!("{}.json", self.name))
    }

    /// Reads it, or a variant of it.
    pub(crate) fn read(&self, variant: Option<&str>) -> Read {
        let options = ReadOptions { variant: variant.map(str::to_owned), ..ReadOptions::default() };
        let read = open(&self.folder().join("scenario.yaml"), &options, &Registry::ack());
        let (loaded, resolved): (Loaded, Resolved) =
            read.unwrap_or_else(|wrong| panic!("{}", diagnostic::render(&wrong, false)));
        let Resolved { scenario, expectations, warnings, .. } = resolved;
        let warnings = loaded.warnings.iter().chain(&warnings).map(|warning| warning.code).collect();
        Read { scenario, expectations, warnings }
    }
}
