//! Every scenario in `scenarios/`, and every variant of it, run once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use overspill::experiment::{Measured, measure};
use overspill::expression::Expression;
use overspill::scenario::{Loaded, ReadOptions, Resolved, diagnostic, read, resolve};
use overspill::scheduler::Registry;
use overspill::simulation::Scenario;

/// A scenario or a variant of one, and what was seen of its run.
pub(crate) struct Shipped {
    /// `SCENARIO`, or `SCENARIO/VARIANT`.
    pub(crate) title: String,
    /// The scenario file.
    pub(crate) file: PathBuf,
    /// Its text.
    pub(crate) text: String,
    pub(crate) variant: Option<String>,
    pub(crate) scenario: Scenario,
    pub(crate) expectations: Vec<Expression>,
    pub(crate) measured: Measured,
}

/// All of them.
pub(crate) static ALL: LazyLock<Vec<Shipped>> = LazyLock::new(|| {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root().join("scenarios")).unwrap().map(|entry| entry.unwrap().path()).collect();
    // What is there is too large for a build that checks every invariant after every event: `cargo bench --bench scale`.
    folders.retain(|folder| !folder.ends_with("scale"));
    folders.sort();
    folders.iter().flat_map(|folder| of_folder(folder)).collect()
});

/// The one with this title.
#[track_caller]
pub(crate) fn named(title: &str) -> &'static Shipped {
    ALL.iter().find(|one| one.title == title).unwrap_or_else(|| panic!("there is no scenario {title}"))
}

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn of_folder(folder: &Path) -> Vec<Shipped> {
    let file = folder.join("scenario.yaml");
    let loaded = load(&file, None);
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap();
    assert_eq!(loaded.file.metadata.name, name, "a scenario is called like its folder");
    let variants = loaded.file.spec.variants.keys().cloned().map(Some);
    [None].into_iter().chain(variants).map(|variant| Shipped::new(name, &file, variant)).collect()
}

fn load(file: &Path, variant: Option<&str>) -> Loaded {
    let options = ReadOptions { variant: variant.map(str::to_owned), ..ReadOptions::default() };
    read(file, &options).unwrap_or_else(|wrong| panic!("{}", diagnostic::render(&wrong, false)))
}

fn meant(loaded: &Loaded, variant: Option<&str>) -> Resolved {
    let resolved = resolve(loaded, &Registry::ack());
    let resolved = resolved.unwrap_or_else(|wrong| panic!("{}", diagnostic::render(&wrong, false)));
    let codes: Vec<_> = resolved.warnings.iter().map(|warning| warning.code).collect();
    let name = &loaded.file.metadata.name;
    let title = variant.map_or_else(|| name.clone(), |variant| format!("{name}/{variant}"));
    let fault = FAULTS.iter().find(|(name, _)| title == *name);
    let expected: Vec<_> = fault.map(|(_, code)| *code).into_iter().collect();
    assert_eq!(codes, expected, "{}", diagnostic::render(&resolved.warnings, false));
    resolved
}

/// Scenarios, or variants of them, that show a mistake, and the warning that tells it beforehand. Nothing else
/// that is shipped is warned of.
const FAULTS: [(&str, &str); 10] = [
    // By intent: what it costs if the batch may not go.
    ("batch-burst/batch-waits", "W0411"),
    ("gateway-mismatched-label", "W0412"),
    ("gateway-missing-toleration-ecs", "W0412"),
    ("gateway-missing-toleration-virtual", "W0411"),
    ("gateway-pending", "W0413"),
    ("job-sidecar-marker/foreign-marker", "W0425"),
    ("job-sidecar-marker/no-marker", "W0425"),
    // On ECI by intent, until the timeline labels a node.
    ("seed-002-serverless-gateway", "W0412"),
    ("seed-004-sidecarset-on-virtual-nodes/without-binding", "W0435"),
    ("seed-004-sidecarset-on-virtual-nodes/gate-off", "W0404"),
];

impl Shipped {
    fn new(name: &str, file: &Path, variant: Option<String>) -> Self {
        let Resolved { scenario, expectations, .. } =
            meant(&load(file, variant.as_deref()), variant.as_deref());
        let measured = measure(&scenario, &mut |_| {});
        let title = match &variant {
            Some(variant) => format!("{name}/{variant}"),
            None => name.to_owned(),
        };
        let text = fs::read_to_string(file).unwrap();
        Self { title, file: file.to_owned(), text, variant, scenario, expectations, measured }
    }

    /// The scenario read anew.
    pub(crate) fn resolve(&self) -> Scenario {
        meant(&load(&self.file, self.variant.as_deref()), self.variant.as_deref()).scenario
    }

    /// The figure at `path`, if the run has it.
    pub(crate) fn figure(&self, path: &str) -> Option<f64> {
        Some(self.measured.observation.summary.get(path)?.number)
    }
}
