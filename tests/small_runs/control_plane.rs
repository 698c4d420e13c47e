//! What the control plane takes its time for: requests queue before the clients of controllers and scheduler, in their
//! order, and metrics are old when they are seen.

use crate::folder::{Case, check_figure};
use overspill::experiment::Measured;
use overspill::metric::PodRow;
use overspill::units::{SimTime, Span};

const POOL: &str =
    "  pools: {all: {count: 50, price: 0.26/h, allocatable: {cpu: 64, memory: 256Gi, pods: '100'}}}
  ecs: {containerStart: {constant: 0s}, ready: {constant: 0s}}
  defaultImageSize: 0
";

/// A Deployment of so many small pods.
fn web(replicas: u32) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: web, resources: {{requests: {{cpu: 100m}}}}}}]}}
"
    )
}

/// So many pods that wait at the start.
fn waiting(pods: u32, cpu: &str) -> String {
    let one = |number| {
        format!(
            "---
apiVersion: v1
kind: Pod
metadata: {{name: pod-{number}}}
spec: {{containers: [{{name: web, image: web, resources: {{requests: {{cpu: {cpu}}}}}}}]}}
"
        )
    };
    (0..pods).map(one).collect()
}

fn run(spec: &str, manifest: String) -> Measured {
    Case { spec: format!("{POOL}{spec}"), manifest: manifest.leak() }.measure()
}

fn times(run: &Measured, of: impl Fn(&PodRow) -> Option<SimTime>) -> Vec<Span> {
    run.observation.pods.iter().filter_map(of).map(|at| at.since(SimTime::ZERO)).collect()
}

/// When request `number` of a client, from zero, passes that makes `burst` requests at once and one every `every` after.
fn passes(number: usize, burst: usize, every: Span) -> Span {
    Span(every.0 * (number + 1).saturating_sub(burst) as u64)
}

/// rule: controller-client-rate
#[test]
fn two_thousand_replicas_are_created_within_a_minute_and_a_half() {
    let run = run("  horizon: 10m\n  controlPlane: {clientLatency: 0s}\n", web(2000));
    let created = times(&run, |pod| Some(pod.created));
    let expected: Vec<_> = (0..2000).map(|number| passes(number, 30, Span::from_millis(50))).collect();
    assert_eq!(created, expected, "the last at (2000 - 30) / 20 = 98.5 s");
    check_figure(&run, "pods.scheduled", 2000.0);
}

/// The largest batch of each sync of 500 is 128, so that a client without a limit takes nine round trips a sync.
///
/// rule: slow-start
#[test]
fn without_a_limit_a_sync_takes_as_many_round_trips_as_it_has_batches() {
    let run = run("  horizon: 10m\n  controlPlane: {clientLatency: 1s, kubeApiQps: 0}\n", web(1000));
    let created = times(&run, |pod| Some(pod.created));
    let second = |number: usize| created[number].0 / 1_000_000_000;
    assert_eq!([0, 1, 2, 3, 6, 7, 254, 255, 499].map(second), [1, 2, 2, 3, 3, 4, 8, 9, 9]);
    assert_eq!([500, 501, 999].map(second), [10, 11, 18]);
}

#[test]
fn deletions_pass_the_same_client() {
    let timeline = "  timeline: [{at: 5m, scale: {resource: deployment/default/web, replicas: 0}}]\n";
    let timing = "  horizon: 20m\n  shutdown: {constant: 0s}\n  controlPlane: {clientLatency: 0s}\n";
    let run = run(&format!("{timing}{timeline}"), web(1000));
    let mut ended = times(&run, |pod| pod.finished);
    ended.sort_unstable();
    let five_minutes = Span::from_secs(300);
    let expected: Vec<_> =
        (0..1000).map(|number| five_minutes + passes(number, 30, Span::from_millis(50))).collect();
    assert_eq!(ended, expected);
}

/// rule: scheduler-client-rate
#[test]
fn three_hundred_waiting_pods_are_bound_at_fifty_a_second_in_their_order() {
    let timing = "{attemptLatency: 0s, attemptLatencyPerNode: 0s, bindLatency: 0s}";
    let run = run(&format!("  horizon: 1m\n  controlPlane: {timing}\n"), waiting(300, "100m"));
    let bound = times(&run, |pod| pod.scheduled);
    let expected: Vec<_> = (0..300).map(|number| passes(number, 100, Span::from_millis(20))).collect();
    assert_eq!(bound, expected, "the last at (300 - 100) / 50 = 4 s");
}

/// An attempt looks at all 50 nodes: 220 µs and 50 times 1.25 µs. Binding does not hold up the next.
///
/// rule: attempt-latency
#[test]
fn attempts_come_one_after_another_and_bindings_beside_them() {
    let run = run("  horizon: 1m\n  controlPlane: {}\n", waiting(50, "100m"));
    let attempt = 220_000 + 50 * 1250;
    let expected: Vec<_> = (1..=50).map(|number| Span(number * attempt + 10_000_000)).collect();
    assert_eq!(times(&run, |pod| pod.scheduled), expected);
}

/// Why a pod fits nowhere is written down by the client that binds, and the scheduler waits for the answer: 100 requests
/// pass at once, and the pod that fits waits for the hundred that do not.
#[test]
fn the_scheduler_waits_until_it_is_written_down_why_a_pod_fits_nowhere() {
    let timing = "{attemptLatency: 0s, attemptLatencyPerNode: 0s, bindLatency: 10ms}";
    let manifest = waiting(150, "65") + "---\n" + &web(1);
    let run = run(&format!("  horizon: 4s\n  controlPlane: {timing}\n"), manifest);
    // The bucket gains half a token in each 10 ms that a request takes: 199 pass before it is empty.
    let bound = run.observation.pods.iter().find_map(|pod| pod.scheduled);
    assert_eq!(bound, Some(SimTime::ZERO + Span::from_millis(1510)));
    check_figure(&run, "pods.pendingAtEnd", 150.0);
}

/// The node of a pod that is not bound yet is taken in the scheduler's eyes, and free again when the pod is deleted, which
/// has no node to shut down on.
#[test]
fn a_pod_that_is_deleted_before_it_is_bound_is_gone_at_once() {
    let timing = "{clientLatency: 0s, bindLatency: 30s}";
    let spec = format!(
        "  horizon: 10m
  controlPlane: {timing}
  timeline:
    - {{at: 10s, scale: {{resource: deployment/default/web, replicas: 0}}}}
    - {{at: 20s, scale: {{resource: deployment/default/web, replicas: 2}}}}
"
    );
    let run = run(&spec, web(3));
    check_figure(&run, "pods.created", 5.0);
    check_figure(&run, "pods.scheduled", 2.0);
    assert_eq!(times(&run, |pod| pod.finished), [Span::from_secs(10); 3]);
    let bound = times(&run, |pod| pod.scheduled);
    assert!(bound.iter().all(|at| (50_000_000_000..50_010_000_000).contains(&at.0)), "{bound:?}");
}

/// From 61 s on one pod uses all of its core, twice what its autoscaler wants. The reading of 62.5 s has a tenth of that;
/// that of 77.5 s is seen at 90 s. Read at the instant of the look, as with `timing: instant`, it is seen at 75 s.
///
/// rule: pod-metrics-age
#[test]
fn an_autoscaler_sees_what_was_read_twelve_and_a_half_seconds_before() {
    let manifest = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 2
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 500}}}]
---
";
    let second_comes = |timing: &str| {
        let spec = format!(
            "  horizon: 3m
  controlPlane: {timing}
  traffic:
    all: {{to: Deployment/default/web, rate: {{step: {{at: 61s, from: 0/s, to: 1000/s}}}}, cpuPerThousandRequests: 1000m}}
"
        );
        times(&run(&spec, format!("{manifest}{}", web(1))), |pod| Some(pod.created))[1]
    };
    assert_eq!(second_comes("{timing: instant}"), Span::from_secs(75));
    assert_eq!(second_comes("{clientLatency: 0s}"), Span::from_secs(90));
    assert_eq!(second_comes("{clientLatency: 0s, metricsAge: 0s}"), Span::from_secs(75));
}
