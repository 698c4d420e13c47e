//! Behaviour, tolerances and bounds, as manifests state them.

use crate::trial::Trial;

const TRAFFIC: &str = "
  traffic: {web: {to: Deployment/shop/web, rate: {step: {at: 0s, from: 0/s, to: 4000/s}}, cpuPerThousandRequests: 100m}}
";

/// The controller of a cluster that has the feature gate on.
const TOLERANT: &str = "
  controlPlane: {timing: instant, hpaConfigurableTolerance: true}
  traffic: {web: {to: Deployment/shop/web, rate: {step: {at: 0s, from: 0/s, to: 4000/s}}, cpuPerThousandRequests: 100m}}
";

const CPU: &str =
    "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}";

/// The sizes that the autoscaler goes through.
fn sizes(autoscaler: &'static str, replicas: u32, spec: &'static str) -> Vec<String> {
    let seen = Trial { metrics: CPU, autoscaler, replicas, spec, ..Trial::default() }.run();
    let size =
        |message: &String| message.trim_start_matches("New size: ").split(';').next().unwrap().to_owned();
    let rescaled = seen.events.iter().filter(|(reason, _)| reason == "SuccessfulRescale");
    rescaled.map(|(_, message)| size(message)).collect()
}

/// 400m over pods that are to use 50m each: eight.
#[test]
fn policies_bound_each_step() {
    assert_eq!(sizes("", 2, TRAFFIC), ["4", "8"]);
    let one_pod = ", behavior: {scaleUp: {policies: [{type: Pods, value: 3, periodSeconds: 60}]}}";
    assert_eq!(sizes(one_pod, 2, TRAFFIC), ["5", "8"]);
    let least = ", behavior: {scaleUp: {selectPolicy: Min, policies: [{type: Pods, value: 5, periodSeconds: 60}, \
        {type: Percent, value: 50, periodSeconds: 60}]}}";
    assert_eq!(sizes(least, 2, TRAFFIC), ["3", "5", "8"]);
    assert_eq!(sizes(", behavior: {scaleUp: {selectPolicy: Disabled}}", 2, TRAFFIC), [] as [&str; 0]);
    assert_eq!(sizes(", behavior: {scaleDown: {stabilizationWindowSeconds: 0}}", 16, TRAFFIC), ["8"]);
    assert_eq!(sizes(", behavior: {scaleDown: {selectPolicy: Disabled}}", 16, TRAFFIC), [] as [&str; 0]);
}

/// Ten pods use 40m of 50m each, 80 % of what is aimed at.
#[test]
fn a_tolerance_counts_where_the_feature_gate_is_on() {
    let autoscaler = ", behavior: {scaleDown: {tolerance: 250m, stabilizationWindowSeconds: 0}}";
    assert_eq!(sizes(autoscaler, 10, TOLERANT), [] as [&str; 0]);
    assert_eq!(sizes(autoscaler, 10, TRAFFIC), ["8"]);
    let warnings = |spec| {
        let trial = Trial { metrics: CPU, autoscaler, spec, ..Trial::default() };
        trial.read().unwrap().1
    };
    assert_eq!(warnings(TOLERANT), [] as [&str; 0]);
    let dropped = "`tolerance` has no effect: the feature gate HPAConfigurableTolerance is off, and the API server drops \
        the field";
    assert_eq!(warnings(TRAFFIC), [dropped]);
}
