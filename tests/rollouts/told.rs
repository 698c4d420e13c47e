//! What is told about changes that the API server or kubectl would refuse.

use std::fs;
use std::path::Path;

use overspill::scenario::{ReadOptions, read, resolve};
use overspill::scheduler::Registry;

use crate::folder::Case;

const WEB: &str = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: \
    {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'web:1'}]}}}}";

const BARE: &str = "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: bare}, spec: {replicas: 1, selector: \
    {matchLabels: {app: bare}}, template: {metadata: {labels: {app: bare, web: bare}}, spec: {containers: \
    [{name: bare, image: 'bare:1'}]}}}}";

const AGENT: &str = "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent}, spec: {selector: {matchLabels: \
    {app: agent}}, template: {metadata: {labels: {app: agent, web: agent}}, spec: {containers: [{name: agent, \
    image: 'agent:1'}]}}}}";

/// Codes and messages of everything that is told of one step, with a Deployment, a ReplicaSet and a DaemonSet.
fn told(step: &str) -> Vec<String> {
    let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("prices/cn-hangzhou-usd.yaml");
    let text = format!(
        "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: told}}\nspec:
  priceList: {}
  horizon: 10m
  defaultImageSize: 0
  manifests: [objects.yaml]
  pools: {{all: {{count: 1, price: 0.26/h, allocatable: {{cpu: 8, memory: 32Gi, pods: '100'}}}}}}
  timeline:
    - {{at: 5m, {step}}}\n",
        prices.display()
    );
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("objects.yaml"),
        format!("# Objects\n{}\n", [WEB, BARE, AGENT].join("\n---\n")),
    )
    .unwrap();
    let file = folder.path().join("scenario.yaml");
    fs::write(&file, text).unwrap();
    let loaded = read(&file, &ReadOptions::default());
    let told = match loaded.and_then(|loaded| resolve(&loaded, &Registry::upstream())) {
        Ok(resolved) => resolved.warnings,
        Err(wrong) => wrong,
    };
    told.iter().map(|one| format!("{} {}", one.code, one.message)).collect()
}

#[track_caller]
fn check(step: &str, expected: &[&str]) {
    assert_eq!(told(step), expected, "{step}");
}

#[test]
fn a_selector_never_changes() {
    let other = |object: &str, app: &str| {
        let from = format!("{{matchLabels: {{app: {app}}}}}");
        format!("apply: {{manifest: {}}}", object.replace(&from, &format!("{{matchLabels: {{web: {app}}}}}")))
    };
    let web = WEB.replace("labels: {app: web}", "labels: {app: web, web: web}");
    let immutable = |what: &str| format!("E0204 spec.selector of {what}: field is immutable");
    check(&other(&web, "web"), &[&immutable("deployments.apps \"web\"")]);
    check(&other(BARE, "bare"), &[&immutable("replicasets.apps \"bare\"")]);
    check(&other(AGENT, "agent"), &[&immutable("daemonsets.apps \"agent\"")]);
    for same in [WEB, BARE, AGENT] {
        check(&format!("apply: {{manifest: {same}}}"), &[]);
    }
}

#[test]
fn images_that_nobody_names_are_refused() {
    let set = |images: &str| format!("setImage: {{resource: deployment/default/web, images: {{{images}}}}}");
    check(&set(""), &["E0201 at least one image update is required"]);
    for empty in ["web: ''", "'*': ''"] {
        check(
            &set(empty),
            &[
                "E0204 spec.template.spec.containers[0].image: must not be empty: name the image that the container runs",
            ],
        );
    }
    check(&set("web: 'web:2'"), &[]);
}

#[test]
fn a_replica_set_of_a_deployment_is_not_unknown() {
    let run = told("delete: {resource: replicaset/default/web}");
    assert_eq!(run, ["E0402 replicasets.apps \"web\" not found"]);
    let own = "E0404 replicasets.apps \"NAME\" belongs to Deployment/default/web";
    let name = name_of_set();
    check(&format!("delete: {{resource: replicaset/default/{name}}}"), &[&own.replace("NAME", &name)]);
    check("delete: {resource: replicaset/default/bare}", &[]);
}

/// The name of the Deployment's ReplicaSet.
fn name_of_set() -> String {
    let manifest: &'static str = format!("# A Deployment\n{WEB}\n").leak();
    let spec = "  horizon: 1m\n  defaultImageSize: 0\n".to_owned();
    let scenario = Case { spec, manifest }.resolve();
    scenario.workloads[0].replica_set.clone()
}
