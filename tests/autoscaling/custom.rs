//! Autoscaling on what adapters serve: requests per second, series, what is left of Jobs.

use crate::trial::{Seen, Trial};

/// 4000 requests per second to two pods at first.
const TRAFFIC: &str = "
  traffic: {web: {to: Deployment/shop/web, rate: {constant: 4000/s}, cpuPerThousandRequests: 10m}}
";

fn seen(metrics: &'static str, spec: &'static str, beside: &'static str) -> Seen {
    Trial { metrics, spec, beside, ..Trial::default() }.run()
}

#[track_caller]
fn check(metrics: &'static str, spec: &'static str, expected: usize) {
    let seen = seen(metrics, spec, SERVICE);
    assert_eq!(seen.replicas, expected, "{:#?}", seen.events);
}

const SERVICE: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: front, namespace: shop}\n\
    spec: {selector: {app: web}, ports: [{port: 80}]}\n";

/// Eight pods have 500 each.
///
/// rule: custom-metrics
#[test]
fn requests_per_second_of_each_pod_are_known_by_their_usual_names() {
    check(
        "{type: Pods, pods: {metric: {name: requests_per_second}, target: {type: AverageValue, averageValue: 500}}}",
        TRAFFIC,
        8,
    );
    check(
        "{type: Pods, pods: {metric: {name: http_requests_per_second}, target: {type: AverageValue, averageValue: '1k'}}}",
        TRAFFIC,
        4,
    );
}

#[test]
fn requests_per_second_of_a_service_are_those_of_the_workload_behind_it() {
    let of_service = "{type: Object, object: {describedObject: {apiVersion: v1, kind: Service, name: front}, metric: \
        {name: requests_per_second}, target: {type: AverageValue, averageValue: 400}}}";
    check(of_service, TRAFFIC, 10);
}

/// An Ingress is known by what is declared of it.
#[test]
fn what_is_declared_serves_objects_and_external_metrics() {
    let of_ingress = "{type: Object, object: {describedObject: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: \
        edge}, metric: {name: hits}, target: {type: AverageValue, averageValue: 800}}}";
    let spec = "
  traffic: {web: {to: Deployment/shop/web, rate: {constant: 4000/s}, cpuPerThousandRequests: 10m}}
  metrics: {hits: {from: {requestsTo: Deployment/shop/web}}}
";
    check(of_ingress, spec, 5);
    let external = "{type: External, external: {metric: {name: queue, selector: {matchLabels: {q: orders}}}, target: \
        {type: AverageValue, averageValue: 30}}}";
    let spec = "
  metrics: {queue: {labels: {q: orders}, from: {series: {step: {at: 5m, from: 60/s, to: 360/s}}}}}
";
    check(external, spec, 12);
}

/// Ten completions at a time until all forty are there; each pod takes ten of what is left.
#[test]
fn what_a_job_still_lacks_is_a_backlog() {
    let job = "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: render, namespace: shop}\nspec: {parallelism: 1, \
        completions: 60, template: {spec: {restartPolicy: Never, containers: [{name: r, image: r}]}}}\n";
    let external =
        "{type: External, external: {metric: {name: left}, target: {type: AverageValue, averageValue: 10}}}";
    let spec = "
  metrics: {left: {from: {completionsLeft: Job/shop/render}}}
  work: {render: {of: Job/shop/render, duration: {constant: 1h}}}
";
    assert_eq!(seen(external, spec, job).replicas, 6 + 1);
}

/// The API has nothing of this name: the event and the warning say so.
#[test]
fn a_metric_that_nobody_supplies_is_told_of() {
    let metrics =
        "{type: Pods, pods: {metric: {name: queue_depth}, target: {type: AverageValue, averageValue: 5}}}";
    let trial = Trial { metrics, spec: TRAFFIC, ..Trial::default() };
    let (_, warnings) = trial.read().unwrap();
    let warning = "nobody supplies the metric queue_depth: this autoscaler will never scale";
    assert!(warnings.iter().any(|one| one == warning), "{warnings:#?}");
    let seen = trial.run();
    assert_eq!(seen.replicas, 2);
    let why = "unable to get metric queue_depth: no metrics returned from custom metrics API";
    let in_context = format!(
        "invalid metrics (1 invalid out of 1), first error is: failed to get pods metric value: {why}"
    );
    let told = |reason: &str, message: &str| (reason.to_owned(), message.to_owned());
    assert_eq!(
        seen.events[..2],
        [told("FailedGetPodsMetric", why), told("FailedComputeMetricsReplicas", &in_context)]
    );
}

#[test]
fn a_selector_that_matches_nothing_is_told_of_and_printed() {
    let metrics = "{type: External, external: {metric: {name: queue, selector: {matchLabels: {q: returns}}}, target: \
        {type: AverageValue, averageValue: 30}}}";
    let spec = "
  metrics: {queue: {labels: {q: orders}, from: {series: {constant: 60/s}}}}
";
    let trial = Trial { metrics, spec, ..Trial::default() };
    let (_, warnings) = trial.read().unwrap();
    let warning =
        "its selector does not match the labels of the metric queue: this autoscaler will never scale";
    assert!(warnings.iter().any(|one| one == warning), "{warnings:#?}");
    let why = "unable to get external metric shop/queue/&LabelSelector{MatchLabels:map[string]string{q: returns,},\
        MatchExpressions:[]LabelSelectorRequirement{},}: no metrics returned from external metrics API";
    let first = trial.run().events.swap_remove(0);
    assert_eq!(first, ("FailedGetExternalMetric".to_owned(), why.to_owned()));
}

/// Of two series of one name each is asked for by its own selector; only one of them is there, and it lets the target grow.
#[test]
fn metrics_of_one_name_are_told_apart_by_their_selectors() {
    let metrics = "{type: External, external: {metric: {name: queue, selector: {matchLabels: {q: orders}}}, target: \
        {type: AverageValue, averageValue: 30}}}, {type: External, external: {metric: {name: queue, selector: \
        {matchLabels: {q: returns}}}, target: {type: AverageValue, averageValue: 30}}}";
    let spec = "
  metrics: {queue: {labels: {q: orders}, from: {series: {constant: 360/s}}}}
";
    let seen = seen(metrics, spec, "");
    assert_eq!(seen.replicas, 12, "{:#?}", seen.events);
    assert!(seen.events.iter().any(|(reason, _)| reason == "FailedGetExternalMetric"));
}

/// Pods that start are measured twice before they count. Until then they are taken to be idle, so that 2 pods that get 1000
/// each, four times of what is aimed at, do not become more than 8.
#[test]
fn new_pods_count_when_they_were_measured_twice() {
    let seen = seen(
        "{type: Pods, pods: {metric: {name: requests_per_second}, target: {type: AverageValue, averageValue: 250}}}",
        "
  traffic: {web: {to: Deployment/shop/web, rate: {constant: 2000/s}, cpuPerThousandRequests: 10m}}
",
        "",
    );
    let sizes: Vec<_> = seen.events.iter().filter(|(reason, _)| reason == "SuccessfulRescale").collect();
    assert_eq!(seen.replicas, 8, "{sizes:#?}");
    assert!(
        sizes.iter().all(|(_, message)| message.contains("pods metric requests_per_second above target"))
    );
}
