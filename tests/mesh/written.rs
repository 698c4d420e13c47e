//! A scenario that is written, read back, resolved and run.

use std::fs;

use overspill::experiment::{Measured, measure};
use overspill::scenario::{ReadOptions, Resolved, read, resolve};
use overspill::scheduler::Registry;
use overspill_manifest::Diagnostic;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

/// One node of four cores and one virtual node.
const PLACES: &str = "
  pools: {web: {allocatable: {cpu: '4', memory: 16Gi, pods: 50}, count: 1, price: 0/h}}
  virtualNodes: {cn-hangzhou-j: {}}
  ecs: {containerStart: {constant: 0s}, ready: {constant: 2s}, pullBandwidth: 1G}
  eci: {sandbox: {constant: 3s}}";

/// A mesh whose sidecars take five seconds to be ready.
pub(crate) const MESH: &str = "
  mesh: {version: 1.18.0.131, ready: {constant: 5s}}";

/// The text of a scenario for ten minutes: `spec` stands beside the places.
pub(crate) fn scenario(spec: &str) -> String {
    format!(
        "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: mesh}}\nspec:\n  horizon: 10m\n  \
         manifests: [manifests.yaml]\n  priceList: prices.yaml\n  controlPlane: {{timing: instant}}{PLACES}{spec}\n"
    )
}

/// A scenario and its manifests, resolved.
pub(crate) fn resolved(scenario: &str, manifests: &str) -> Result<Resolved, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("scenario.yaml", scenario);
    write("manifests.yaml", manifests);
    write("prices.yaml", PRICES);
    let loaded = read(&folder.path().join("scenario.yaml"), &ReadOptions::default())?;
    resolve(&loaded, &Registry::upstream())
}

/// What is measured of a run; the scenario must be right.
#[track_caller]
pub(crate) fn measured(scenario: &str, manifests: &str) -> Measured {
    let resolved = resolved(scenario, manifests)
        .unwrap_or_else(|told| panic!("{:?}", told.iter().map(|one| &one.message).collect::<Vec<_>>()));
    measure(&resolved.scenario, &mut |_| {})
}

/// Codes and messages of everything that is told about a scenario.
pub(crate) fn told(scenario: &str, manifests: &str) -> Vec<String> {
    let diagnostics = match resolved(scenario, manifests) {
        Ok(resolved) => resolved.warnings,
        Err(diagnostics) => diagnostics,
    };
    diagnostics.iter().map(|one| format!("{} {}", one.code, one.message)).collect()
}

/// A namespace with labels.
pub(crate) fn namespace(name: &str, labels: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n---\n")
}

/// A pod: `metadata` and `spec` stand beside its name and its container nginx, of 400m to one core and 1 to 2 GiB.
pub(crate) fn pod(name: &str, metadata: &str, spec: &str) -> String {
    let resources = "{requests: {cpu: 400m, memory: 1Gi}, limits: {cpu: '1', memory: 2Gi}}";
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, {metadata}}}\n\
         spec: {{containers: [{{name: nginx, image: nginx, resources: {resources}}}], {spec}}}\n---\n"
    )
}

/// What sends a pod to the virtual node and nowhere else.
pub(crate) const ON_ECI: &str = "nodeSelector: {type: virtual-kubelet}, \
    tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]";
