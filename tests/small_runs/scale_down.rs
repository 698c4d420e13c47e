//! Whom a ReplicaSet gives up in a run: what pod-deletion-cost says, written in the template or by `kubectl annotate`, and
//! then the ages of pods, which count as equal within a power of two.

use crate::folder::Case;
use overspill::experiment::Measured;
use overspill::metric::PodRow;

const PLACES: &str = "  horizon: 1h
  pools: {all: {count: 4, price: 0.26/h, allocatable: {cpu: 8, memory: 32Gi, pods: '100'}}}
  ecs: {containerStart: {constant: 0s}, ready: {constant: 0s}}
  defaultImageSize: 0
";

fn web(replicas: u32, annotations: &str) -> &'static str {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}, annotations: {{{annotations}}}}}
    spec: {{containers: [{{name: web, image: web, resources: {{requests: {{cpu: 100m}}}}}}]}}
"
    )
    .leak()
}

fn run(timeline: &str, manifest: &'static str) -> Measured {
    Case { spec: format!("{PLACES}  timeline:\n{timeline}"), manifest }.measure()
}

fn living(run: &Measured) -> Vec<&PodRow> {
    run.observation.pods.iter().filter(|pod| pod.finished.is_none()).collect()
}

/// The names do not depend on what is done to the pods later.
fn names(replicas: u32) -> Vec<String> {
    let run = Case { spec: PLACES.to_owned(), manifest: web(replicas, "") }.measure();
    run.observation.pods.iter().map(|pod| pod.name.clone()).collect()
}

/// Of eight pods the two that are annotated to be cheap go first, and the one that is dear stays to the last.
///
/// rule: scale-down-order
#[test]
fn what_is_annotated_during_the_run_decides() {
    let names = names(8);
    let cost = |place: usize, cost: i32| {
        let name = &names[place];
        format!(
            "    - {{at: 5m, annotate: {{resource: pod/default/{name}, annotations: \
             {{controller.kubernetes.io/pod-deletion-cost: '{cost}'}}}}}}\n"
        )
    };
    let left = |replicas: u32| {
        let scale =
            format!("    - {{at: 10m, scale: {{resource: deployment/default/web, replicas: {replicas}}}}}\n");
        let steps = [cost(2, -5), cost(6, -5), cost(3, 100), scale].concat();
        let run = run(&steps, web(8, ""));
        living(&run).into_iter().map(|pod| pod.name.clone()).collect::<Vec<_>>()
    };
    let rest: Vec<_> = [0, 1, 3, 4, 5, 7].map(|place| names[place].clone()).into();
    assert_eq!(left(6), rest);
    assert_eq!(left(1), [names[3].clone()]);
}

/// A pod that is annotated with 9 is dear among pods that say nothing, and cheap where the template says 10.
///
/// rule: scale-down-order
#[test]
fn what_the_template_says_counts_for_the_pods_that_it_makes() {
    let is_kept = |annotations: &str| {
        let before = Case { spec: PLACES.to_owned(), manifest: web(6, annotations) }.measure();
        let marked = before.observation.pods[2].name.clone();
        let steps = format!(
            "    - {{at: 5m, annotate: {{resource: pod/default/{marked}, annotations: \
             {{controller.kubernetes.io/pod-deletion-cost: '9'}}}}}}
    - {{at: 10m, scale: {{resource: deployment/default/web, replicas: LEFT}}}}\n"
        );
        [1, 5].map(|left| {
            let run = run(&steps.replace("LEFT", &format!("{left}")), web(6, annotations));
            living(&run).iter().any(|pod| pod.name == marked)
        })
    };
    assert_eq!(is_kept(""), [true, true]);
    assert_eq!(is_kept("controller.kubernetes.io/pod-deletion-cost: '10'"), [false, false]);
}

/// At 40 minutes two pods are 40 minutes old, two 38 and two 1: the bucket of 2^40 ns, 18 to 37 minutes, lies between the
/// first four, which share that of 2^41 ns, and the others. The young go first whatever their UIDs; among the four the UID
/// decides, so that it is not the youngest for every seed.
///
/// rule: scale-down-ages
#[test]
fn the_young_go_first_and_within_a_bucket_the_uid_decides() {
    let steps = |replicas: u32| {
        format!(
            "    - {{at: 2m, scale: {{resource: deployment/default/web, replicas: 4}}}}
    - {{at: 39m, scale: {{resource: deployment/default/web, replicas: 6}}}}
    - {{at: 40m, scale: {{resource: deployment/default/web, replicas: {replicas}}}}}\n"
        )
    };
    let left = |seed: u64, replicas: u32| {
        // Each pod has a node of its own, so that how crowded a node is decides nothing.
        let spec = format!(
            "  seed: {seed}\n{}  timeline:\n{}",
            PLACES.replace("count: 4", "count: 6").replace("cpu: 8", "cpu: 150m"),
            steps(replicas)
        );
        let run = Case { spec, manifest: web(2, "") }.measure();
        let places = run.observation.pods.iter().enumerate().filter(|(_, pod)| pod.finished.is_none());
        places.map(|(place, _)| place).collect::<Vec<_>>()
    };
    let mut outcomes = std::collections::BTreeSet::new();
    for seed in 1..=8 {
        assert_eq!(left(seed, 4), [0, 1, 2, 3], "seed {seed}");
        outcomes.insert(left(seed, 2));
    }
    assert!(outcomes.iter().all(|left| left.iter().all(|&place| place < 4)), "{outcomes:?}");
    assert!(outcomes.len() > 1, "the youngest go for every seed: {outcomes:?}");
}
