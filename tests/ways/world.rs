//! A small cluster in files, run through the library.

use std::fs;

use overspill::experiment::{Measured, measure};
use overspill::metric::PodRow;
use overspill::scenario::{ReadOptions, Resolved, read, resolve};
use overspill::scheduler::Registry;
use overspill_manifest::Diagnostic;

/// Two ECS nodes of four cores and virtual nodes in zones j and k; pods start as fast as they can.
const SCENARIO: &str = "
apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {name: small}
spec:
  horizon: 1h
  manifests: [manifests.yaml]
  priceList: prices.yaml
  pools:
    ecs: {allocatable: {cpu: \"4\", memory: 16Gi, pods: \"100\"}, count: 2, price: 0.1/h}
";

/// The virtual nodes of [`SCENARIO`].
const ZONES: &str = "  virtualNodes: {z-j: {vswitchId: vsw-j}, z-k: {vswitchId: vsw-k}}\n";

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

/// A scenario to be.
#[derive(Clone)]
pub(crate) struct World {
    manifests: String,
    scenario: String,
}

impl World {
    /// The small cluster with these manifests.
    pub(crate) fn new(manifests: impl Into<String>) -> Self {
        Self { manifests: manifests.into(), scenario: format!("{SCENARIO}{ZONES}") }
    }

    /// The same without virtual nodes.
    pub(crate) fn without_virtual_nodes(manifests: impl Into<String>) -> Self {
        Self { manifests: manifests.into(), scenario: SCENARIO.to_owned() }
    }

    /// With more of the scenario's `spec`, as YAML.
    pub(crate) fn with(mut self, spec: &str) -> Self {
        self.scenario.push_str(spec);
        self
    }

    /// In a control plane that takes no time, unless the scenario says something of it.
    fn resolved(&self) -> Result<Resolved, Vec<Diagnostic>> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let instant =
            if self.scenario.contains("controlPlane:") { "" } else { "  controlPlane: {timing: instant}\n" };
        let scenario = format!("{}{instant}", self.scenario);
        for (name, text) in
            [("scenario.yaml", &*scenario), ("manifests.yaml", &self.manifests), ("prices.yaml", PRICES)]
        {
            fs::write(folder.path().join(name), text).expect("a file can be written");
        }
        let loaded = read(&folder.path().join("scenario.yaml"), &ReadOptions::default())?;
        resolve(&loaded, &Registry::ack())
    }

    /// Runs it.
    #[track_caller]
    pub(crate) fn run(&self) -> Measured {
        let resolved = self.resolved().unwrap_or_else(|errors| panic!("{errors:#?}"));
        measure(&resolved.scenario, &mut |_| {})
    }

    /// What is warned of: code, path and message.
    #[track_caller]
    pub(crate) fn warnings(&self) -> Vec<String> {
        told(self.resolved().unwrap_or_else(|errors| panic!("{errors:#?}")).warnings)
    }

    /// Why it is refused.
    #[track_caller]
    pub(crate) fn refused(&self) -> Vec<String> {
        told(self.resolved().err().expect("it is refused"))
    }
}

fn told(diagnostics: Vec<Diagnostic>) -> Vec<String> {
    let line = |one: Diagnostic| {
        let path = one.place.map(|place| place.path.to_string()).unwrap_or_default();
        format!("{} {path}: {}", one.code, one.message)
    };
    diagnostics.into_iter().map(line).collect()
}

/// A Deployment of pods of one core: `meta` goes into the template's metadata beside its label `app`, `spec` into its
/// spec.
pub(crate) fn deployment(name: &str, replicas: u32, meta: &str, spec: &str) -> String {
    format!(
        "---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata:
      {meta}
    spec:
      {spec}
      containers: [{{name: c, resources: {{requests: {{cpu: \"1\", memory: 1Gi}}}}}}]
"
    )
    .replace("LABELS", &format!("app: {name}"))
}

/// A template's metadata with nothing beside its label.
pub(crate) const PLAIN: &str = "labels: {LABELS}";

/// A number of the summary that is a whole one.
#[track_caller]
pub(crate) fn figure(run: &Measured, path: &str) -> i64 {
    let number = run.observation.summary.get(path).unwrap_or_else(|| panic!("{path} has a value")).number;
    assert!(number.fract().abs() < 1e-9, "{path} is {number}");
    number as i64
}

/// The pods of a Deployment.
pub(crate) fn pods<'m>(run: &'m Measured, deployment: &str) -> Vec<&'m PodRow> {
    let prefix = format!("{deployment}-");
    run.observation.pods.iter().filter(|pod| pod.name.starts_with(&prefix)).collect()
}

/// The nodes of a Deployment's pods, in order of creation; `-` for none.
pub(crate) fn nodes(run: &Measured, deployment: &str) -> Vec<String> {
    let name = |pod: &&PodRow| if pod.node.is_empty() { "-".to_owned() } else { pod.node.clone() };
    pods(run, deployment).iter().map(name).collect()
}
