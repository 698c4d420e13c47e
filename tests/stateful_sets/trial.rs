//! A StatefulSet `web` of the namespace `shop` on nodes that take 10 s to make a pod ready.

use std::fs;
use std::path::Path;

use overspill::scenario::{ReadOptions, diagnostic, read, resolve};
use overspill::scheduler::Registry;
use overspill::simulation::Scenario;
use overspill_manifest::Diagnostic;

/// What is different from one test to another.
pub(crate) struct Trial {
    /// The StatefulSet, in one line.
    pub(crate) set: String,
    /// More manifests.
    pub(crate) beside: &'static str,
    /// Steps, each as [`step`] makes it.
    pub(crate) timeline: String,
    /// More of the scenario's spec.
    pub(crate) spec: &'static str,
}

/// The StatefulSet with more of its spec and an image.
pub(crate) fn web(more: &str, image: &str) -> String {
    format!(
        "{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: web, namespace: shop}}, spec: {{{more} \
         serviceName: web, selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web}}}}, \
         spec: {{containers: [{{name: a, image: {image}, resources: {{requests: {{cpu: 100m}}}}}}]}}}}}}}}"
    )
}

/// What happens at a time.
pub(crate) fn step(at: &str, what: &str) -> String {
    format!("    - {{at: {at}, {what}}}\n")
}

impl Trial {
    pub(crate) fn of(set: &str) -> Self {
        Self { set: set.to_owned(), beside: "", timeline: String::new(), spec: "" }
    }

    fn read(&self) -> Result<Scenario, Vec<Diagnostic>> {
        let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("prices/cn-hangzhou-usd.yaml");
        let timeline = if self.timeline.is_empty() { "" } else { "  timeline:\n" };
        let text = format!(
            "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: trial}}\nspec:
  priceList: {}
  horizon: 20m
  defaultImageSize: 0
  manifests: [objects.yaml]
  ecs: {{containerStart: {{constant: 9s}}, ready: {{constant: 1s}}}}
  shutdown: {{constant: 2s}}
  pools: {{all: {{count: 1, price: 0.26/h, allocatable: {{cpu: 8, memory: 32Gi, pods: '100'}}}}}}
{}{timeline}{}",
            prices.display(),
            self.spec,
            self.timeline
        );
        let folder = tempfile::tempdir().unwrap();
        let objects = format!("# A set\n---\n{}\n{}", self.set, self.beside);
        fs::write(folder.path().join("objects.yaml"), objects).unwrap();
        let file = folder.path().join("scenario.yaml");
        fs::write(&file, text).unwrap();
        let loaded = read(&file, &ReadOptions::default());
        loaded.and_then(|loaded| resolve(&loaded, &Registry::upstream())).map(|one| one.scenario)
    }

    pub(crate) fn resolve(&self) -> Scenario {
        self.read().unwrap_or_else(|wrong| panic!("{}", diagnostic::render(&wrong, false)))
    }

    /// What is wrong with it.
    pub(crate) fn told(&self) -> Vec<String> {
        let wrong = self.read().err().unwrap_or_default();
        wrong.iter().map(|one| one.message.clone()).collect()
    }
}
