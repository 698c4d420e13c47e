//! Nodes that take no more pods.

use crate::folder::Case;
use crate::told::Told;

/// Two nodes with room for ten pods each, and one for a DaemonSet.
const PLACE: &str = "  horizon: 10m
  defaultImageSize: 0
  pools:
    a: {count: 1, price: 0.26/h, allocatable: {cpu: 1, memory: 32Gi, pods: '100'}}
    b: {count: 1, price: 0.26/h, allocatable: {cpu: 1, memory: 32Gi, pods: '100'}}
";

const WEB: &str = "# Pods\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 4, selector: {matchLabels: \
                   {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: w, \
                   resources: {requests: {cpu: 100m}}}]}}}}\n";

const AGENT: &str = "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent}, spec: {selector: {matchLabels: \
                     {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: agent, image: \
                     a}]}}}}\n";

fn told(steps: &str, manifest: &'static str) -> Told {
    Told::of(&Case { spec: format!("{PLACE}  timeline:\n{steps}"), manifest }.resolve())
}

/// The pods of a cordoned node stay; what comes goes elsewhere and waits for room until the node is uncordoned.
/// rule: cordon
#[test]
fn a_cordoned_node_takes_no_more_pods() {
    let told = told(
        "    - {at: 1m, cordon: {node: a-1}}
    - {at: 2m, scale: {resource: deployment/default/web, replicas: 16}}
    - {at: 3m, cordon: {node: a-1}}
    - {at: 4m, uncordon: {node: a-1}}\n",
        WEB,
    );
    let at = |seconds: u64| ["a-1", "b-1", ""].map(|node| told.pods(seconds, node));
    assert_eq!(at(119), [2, 2, 0]);
    assert_eq!(at(239), [2, 10, 4]);
    assert_eq!(at(400), [6, 10, 0]);
    assert_eq!(told.of_reason("NodeNotSchedulable"), [(60, "Node a-1 status is now: NodeNotSchedulable")]);
    assert_eq!(told.of_reason("NodeSchedulable"), [(240, "Node a-1 status is now: NodeSchedulable")]);
    let waits = told.of_reason("FailedScheduling");
    assert!(
        waits[0].1.starts_with("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable."),
        "{waits:?}"
    );
}

/// rule: daemon-set-tolerations
#[test]
fn a_daemon_set_goes_to_a_cordoned_node_all_the_same() {
    let steps =
        format!("    - {{at: 1m, cordon: {{node: a-1}}}}\n    - {{at: 2m, create: {{manifest: {AGENT}}}}}\n");
    let told = told(&steps, "");
    assert_eq!(["a-1", "b-1"].map(|node| told.pods(200, node)), [1, 1]);
}
