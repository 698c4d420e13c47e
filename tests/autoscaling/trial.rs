//! A Deployment `web` with one autoscaler, and what is seen of its run.

use std::fs;
use std::path::Path;

use overspill::experiment::{Measured, measure};
use overspill::scenario::{ReadOptions, read, resolve};
use overspill::scheduler::Registry;
use overspill::simulation::Scenario;
use overspill_manifest::Diagnostic;

/// What is different from one test to another, as YAML of one line but for `spec`.
pub(crate) struct Trial {
    /// `spec.replicas` of the Deployment.
    pub(crate) replicas: u32,
    /// The resources of its container, `app`.
    pub(crate) resources: &'static str,
    /// The autoscaler's metrics.
    pub(crate) metrics: &'static str,
    /// More of the autoscaler's spec.
    pub(crate) autoscaler: &'static str,
    /// What stands below `spec:` of the scenario beside pools and prices, indented by two spaces.
    pub(crate) spec: &'static str,
    /// More manifests.
    pub(crate) beside: &'static str,
}

impl Default for Trial {
    fn default() -> Self {
        Self {
            replicas: 2,
            resources: "requests: {cpu: 100m, memory: 128Mi}, limits: {cpu: '1', memory: 1Gi}",
            metrics: "",
            autoscaler: "",
            spec: "",
            beside: "",
        }
    }
}

/// What became of the autoscaler.
pub(crate) struct Seen {
    /// How many pods there are at the end.
    pub(crate) replicas: usize,
    /// The events about the autoscaler: reason and message.
    pub(crate) events: Vec<(String, String)>,
}

impl Trial {
    fn manifests(&self) -> String {
        let Self { replicas, resources, metrics, autoscaler, beside, .. } = self;
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{replicas: \
             {replicas}, selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web}}}}, \
             spec: {{containers: [{{name: app, image: web, resources: {{{resources}}}}}]}}}}}}\n---\n\
             apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\n\
             spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, minReplicas: 1, \
             maxReplicas: 20, metrics: [{metrics}]{autoscaler}}}\n{beside}"
        )
    }

    /// Reads it as a user's; the answer is the scenario with its warnings, or what is wrong.
    pub(crate) fn read(&self) -> Result<(Scenario, Vec<String>), Vec<String>> {
        let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("prices/cn-hangzhou-usd.yaml");
        // A scenario that says nothing of the control plane means no time of its own.
        let timing =
            if self.spec.contains("controlPlane") { "" } else { "  controlPlane: {timing: instant}\n" };
        let text = format!(
            "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: trial}}\nspec:\n  horizon: 20m\n  \
             priceList: {}\n  manifests: [objects.yaml]\n  pools: {{p: {{instanceType: ecs.c7.2xlarge, count: 4, \
             zones: [cn-hangzhou-h]}}}}\n{timing}{}",
            prices.display(),
            self.spec
        );
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("objects.yaml"), self.manifests()).unwrap();
        let file = folder.path().join("scenario.yaml");
        fs::write(&file, text).unwrap();
        let loaded = read(&file, &ReadOptions::default());
        let told = |wrong: Vec<Diagnostic>| wrong.iter().map(|one| one.message.clone()).collect();
        let resolved = loaded.and_then(|loaded| resolve(&loaded, &Registry::upstream())).map_err(told)?;
        Ok((resolved.scenario, told(resolved.warnings)))
    }

    pub(crate) fn measure(&self) -> Measured {
        let (scenario, _) = self.read().unwrap_or_else(|wrong| panic!("{wrong:#?}"));
        measure(&scenario, &mut |_| {})
    }

    pub(crate) fn run(&self) -> Seen {
        let observation = self.measure().observation;
        let of_autoscaler = |object: &str| object.starts_with("HorizontalPodAutoscaler/");
        let events = observation.events.iter().filter(|event| of_autoscaler(&event.object));
        Seen {
            replicas: observation.pods.iter().filter(|row| row.finished.is_none()).count(),
            events: events.map(|event| (event.reason.to_string(), event.message.clone())).collect(),
        }
    }
}
