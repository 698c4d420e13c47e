//! A scenario of a test, written into a folder of its own and read as a user's would be.

use std::fs;
use std::path::Path;

use overspill::experiment::{Measured, measure};
use overspill::scenario::{ReadOptions, diagnostic, read, resolve};
use overspill::scheduler::Registry;
use overspill::simulation::Scenario;

/// A scenario with one manifest file.
pub(crate) struct Case {
    /// What stands below `spec:`, indented by two spaces; the price list is added, and a control plane that takes no time
    /// unless it says something of that.
    pub(crate) spec: String,
    /// Kubernetes objects; may be empty.
    pub(crate) manifest: &'static str,
}

impl Case {
    /// The scenario as it is meant.
    pub(crate) fn resolve(&self) -> Scenario {
        let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("prices/cn-hangzhou-usd.yaml");
        let mut text = format!(
            "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: case}}\nspec:\n  priceList: {}\n{}",
            prices.display(),
            self.spec
        );
        if !self.spec.contains("controlPlane:") {
            text.push_str("  controlPlane: {timing: instant}\n");
        }
        let folder = tempfile::tempdir().unwrap();
        if !self.manifest.is_empty() {
            text.push_str("  manifests: [objects.yaml]\n");
            fs::write(folder.path().join("objects.yaml"), self.manifest).unwrap();
        }
        let file = folder.path().join("scenario.yaml");
        fs::write(&file, text).unwrap();
        let loaded = read(&file, &ReadOptions::default());
        let resolved = loaded.and_then(|loaded| resolve(&loaded, &Registry::upstream()));
        resolved.unwrap_or_else(|wrong| panic!("{}", diagnostic::render(&wrong, false))).scenario
    }

    /// What is seen when it runs.
    pub(crate) fn measure(&self) -> Measured {
        measure(&self.resolve(), &mut |_| {})
    }
}

/// The figure at `path` of a run's summary.
#[track_caller]
pub(crate) fn figure(run: &Measured, path: &str) -> f64 {
    run.observation.summary.get(path).unwrap_or_else(|| panic!("the run has no {path}")).number
}

/// Holds the figure at `path` against a number, to the last bit.
#[track_caller]
pub(crate) fn check_figure(run: &Measured, path: &str, expected: f64) {
    let seen = figure(run, path);
    assert!(seen.to_bits() == expected.to_bits(), "{path} is {seen}, expected {expected}");
}
