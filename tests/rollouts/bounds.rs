//! Every rollout keeps between its bounds at every instant, whatever the numbers, and ends.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed};

use crate::course::Course;
use crate::folder::Case;

/// A bound as it is written, and what it comes to: of so many replicas, rounded up or down.
fn bound() -> impl Strategy<Value = String> {
    select(vec!["0", "1", "2", "3", "10%", "25%", "34%", "100%"]).prop_map(str::to_owned)
}

fn pods(bound: &str, replicas: u32, up: bool) -> u32 {
    match bound.strip_suffix('%') {
        None => bound.parse().unwrap(),
        Some(percent) => {
            let hundredths = replicas * percent.parse::<u32>().unwrap();
            if up { hundredths.div_ceil(100) } else { hundredths / 100 }
        }
    }
}

fn written(bound: &str) -> String {
    if bound.ends_with('%') { format!("'{bound}'") } else { bound.to_owned() }
}

proptest! {
    #![proptest_config(Config { cases: 40, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() })]

    /// rule: rolling-update-fenceposts
    #[test]
    fn no_instant_has_more_pods_or_fewer_ready_ones(
        replicas in 1_u32..12,
        surge in bound(),
        unavailable in bound(),
        timing in select(vec!["timing: instant", "clientLatency: 50ms", "clientLatency: 2s, kubeApiQps: 0.5, kubeApiBurst: 1"]),
        seed in 0_u64..1000,
    ) {
        prop_assume!(!(surge.starts_with('0') && unavailable.starts_with('0')));
        let spec = format!(
            "  horizon: 40m
  seed: {seed}
  controlPlane: {{{timing}}}
  ecs: {{containerStart: {{uniform: {{min: 0s, max: 9s}}}}, ready: {{uniform: {{min: 1s, max: 20s}}}}}}
  pools:
    all: {{count: 2, price: 0.26/h, allocatable: {{cpu: 8, memory: 32Gi, pods: '100'}}}}
  timeline:
    - at: 5m
      setImage: {{resource: deployment/default/web, images: {{web: 'web:2'}}}}
"
        );
        let manifest = format!(
            "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  strategy: {{rollingUpdate: {{maxSurge: {}, maxUnavailable: {}}}}}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: 'web:1', resources: {{requests: {{cpu: 100m}}}}}}]}}
",
            written(&surge),
            written(&unavailable)
        );
        let course = Course::of(&Case { spec, manifest: manifest.leak() }.resolve());
        let before = course.at(299).clone();
        prop_assert_eq!(before.ready(), replicas as usize);
        let (more, mut fewer) = (pods(&surge, replicas, true), pods(&unavailable, replicas, false).min(replicas));
        if more == 0 && fewer == 0 {
            fewer = 1;
        }
        for moment in course.moments.iter().filter(|moment| moment.at.whole_secs() >= 300) {
            prop_assert!(moment.active() <= (replicas + more) as usize, "{:?}", moment);
            prop_assert!(moment.ready() + fewer as usize >= replicas as usize, "{:?}", moment);
        }
        let after = course.moments.last().unwrap();
        prop_assert_eq!((after.active(), after.ready()), (replicas as usize, replicas as usize));
        let old: Vec<_> = before.pods.iter().map(|pod| &pod.name).collect();
        prop_assert!(after.pods.iter().all(|pod| !old.contains(&&pod.name)), "{:?}", after);
    }
}
