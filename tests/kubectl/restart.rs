//! Deployments that are restarted.

use crate::folder::Case;
use crate::told::Told;

const PLACE: &str = "  horizon: 20m
  defaultImageSize: 0
  ecs: {containerStart: {constant: 0s}, ready: {constant: 10s}}
  pools:
    a: {count: 1, price: 0.26/h, allocatable: {cpu: 8, memory: 32Gi, pods: '100'}}
";

const WEB: &str = "# Pods\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2, strategy: {type: \
                   Recreate}, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: \
                   {containers: [{name: web, image: w}]}}}}\n";

/// Each restart is a rollout of its own; the size that somebody gave it in between stays.
#[test]
fn a_restart_replaces_every_pod() {
    let restart =
        |at: &str| format!("    - {{at: {at}, rolloutRestart: {{resource: deployment/default/web}}}}\n");
    let scale = "    - {at: 6m, scale: {resource: deployment/default/web, replicas: 3}}\n";
    let spec = format!("{PLACE}  timeline:\n{}{scale}{}", restart("5m"), restart("10m"));
    let told = Told::of(&Case { spec, manifest: WEB }.resolve());
    let scaled: Vec<_> = told
        .of_reason("ScalingReplicaSet")
        .into_iter()
        .map(|(at, message)| (at, message.split(" from ").nth(1).unwrap().to_owned()))
        .collect();
    let scaled: Vec<_> = scaled.iter().map(|(at, sizes)| (*at, sizes.as_str())).collect();
    let expected =
        [(0, "0 to 2"), (300, "2 to 0"), (302, "0 to 2"), (360, "2 to 3"), (600, "3 to 0"), (602, "0 to 3")];
    assert_eq!(scaled, expected);
    let mut sets: Vec<_> = told
        .events
        .iter()
        .filter(|(_, _, reason, _)| *reason == "SuccessfulCreate")
        .map(|(_, object, ..)| object.clone())
        .collect();
    sets.dedup();
    assert_eq!(sets.len(), 3, "a ReplicaSet for each: {sets:?}");
}
