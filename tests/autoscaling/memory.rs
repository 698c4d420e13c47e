//! Autoscaling on memory.

use crate::trial::Trial;

const TRAFFIC: &str = "
  traffic:
    web: {to: Deployment/shop/web, rate: {constant: 4000/s}, cpuPerThousandRequests: 100m,
          memoryPerThousandRequests: 64Mi, baseMemory: 64Mi}
";

#[track_caller]
fn check(metrics: &'static str, spec: &'static str, expected: usize) {
    let seen = Trial { metrics, spec, ..Trial::default() }.run();
    assert_eq!(seen.replicas, expected, "{:#?}", seen.events);
}

/// Two pods hold 64 MiB each and 128 MiB for their requests, 150 % of what they ask for: 4 pods. These hold 100 %: 5;
/// these 90 %: 6. Now there are 83 %, which is close enough to 80 %.
#[test]
fn pods_are_added_until_each_holds_little_enough() {
    check(
        "{type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}}",
        TRAFFIC,
        6,
    );
}

/// 64 MiB and 256 MiB of requests over all pods are 101 MiB for each of seven: close enough to 96.
#[test]
fn an_average_is_aimed_at_too() {
    let average =
        "{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 96Mi}}}";
    check(average, TRAFFIC, 7);
    let of_container = "{type: ContainerResource, containerResource: {name: memory, container: app, target: {type: \
        AverageValue, averageValue: 96Mi}}}";
    check(of_container, TRAFFIC, 7);
}

/// Memory alone would have six pods; 400m of cpu are half of what eight request.
#[test]
fn the_largest_of_cpu_and_memory_counts() {
    check(
        "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}, \
         {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}}",
        TRAFFIC,
        8,
    );
}

/// Not a single pod is ever ready, and what they hold counts all the same: 64 MiB where 32 MiB are aimed at. Their cpu
/// would not.
#[test]
fn memory_never_looks_at_readiness() {
    let unready = "
  ecs: {ready: {constant: 1h}}
";
    check(
        "{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 32Mi}}}",
        unready,
        20,
    );
    check(
        "{type: Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: 32m}}}",
        unready,
        2,
    );
}

/// A container that is not there has no samples.
#[test]
fn a_container_that_no_pod_has_is_told_of() {
    let metrics = "{type: ContainerResource, containerResource: {name: cpu, container: proxy, target: {type: \
        Utilization, averageUtilization: 50}}}";
    let seen = Trial { metrics, spec: TRAFFIC, ..Trial::default() }.run();
    assert_eq!(seen.replicas, 2);
    let why =
        "failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)";
    let told = ("FailedGetContainerResourceMetric".to_owned(), why.to_owned());
    assert!(seen.events.contains(&told), "{:#?}", &seen.events[..4]);
}
