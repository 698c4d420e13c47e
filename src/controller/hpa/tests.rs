//! Whole syncs: given an HPA and what it remembers, when it sees a target, then what it does.

use super::fixture::{START, Target, cpu_utilization};
use super::*;

/// An HPA on cpu at 80 %, from `min` to `max` replicas, that has never synced.
fn given(min: i32, max: i32, behavior: Option<Behavior>) -> Hpa {
    let metrics = vec![cpu_utilization(80)];
    let spec = Spec { min_replicas: min, max_replicas: max, metrics, behavior };
    Hpa::new("shop", spec, Config::default())
}

/// What it does `seconds` after the start on seeing `target`.
fn when(hpa: &mut Hpa, seconds: u64, target: &Target) -> Outcome {
    target.seen(START + Span::from_secs(seconds), |seen| hpa.sync(seen))
}

/// The reasons of AbleToScale, ScalingActive and ScalingLimited, "-" for one that is not set.
fn reasons(hpa: &Hpa) -> [&'static str; 3] {
    let Conditions { able_to_scale, scaling_active, scaling_limited } = &hpa.status().conditions;
    [able_to_scale, scaling_active, scaling_limited]
        .map(|condition| condition.as_ref().map_or("-", |condition| condition.reason))
}

#[test]
fn high_load_at_most_doubles_the_size_and_says_why() {
    let mut hpa = given(1, 100, None);
    let outcome = when(&mut hpa, 0, &Target::using(&[4000; 5]));
    assert_eq!((outcome.recommendation, outcome.replicas), (Some(25), 10));
    let message = "New size: 10; reason: cpu resource utilization (percentage of request) above target";
    assert_eq!(
        outcome.events,
        [Event { kind: "Normal", reason: "SuccessfulRescale", message: message.to_owned() }]
    );
    assert_eq!(reasons(&hpa), ["SucceededRescale", "ValidMetricFound", "ScaleUpLimit"]);
    let status = hpa.status();
    assert_eq!((status.current_replicas, status.desired_replicas), (5, 10));
    assert_eq!(status.last_scale_time, Some(START));
    let current = CurrentMetric::Utilization { percent: 400, average: 4000 };
    assert_eq!(status.current_metrics, Some(vec![Some(current)]));
}

#[test]
fn the_first_size_is_held_for_the_stabilisation_window() {
    let mut hpa = given(1, 100, None);
    let idle = Target::using(&[80; 8]);
    for seconds in (0..=300).step_by(15) {
        assert_eq!(when(&mut hpa, seconds, &idle).rescaled, None, "{seconds} s");
        assert_eq!(reasons(&hpa)[0], "ScaleDownStabilized");
    }
    let outcome = when(&mut hpa, 315, &idle);
    assert_eq!((outcome.replicas, outcome.rescaled.as_deref()), (1, Some("All metrics below target")));
}

#[test]
fn a_size_out_of_bounds_is_set_right_without_a_look_at_the_metrics() {
    let mut hpa = given(3, 6, None);
    let outcome = when(&mut hpa, 0, &Target::using(&[4000; 9]));
    let reason = "Current number of replicas above Spec.MaxReplicas";
    assert_eq!(
        (outcome.replicas, outcome.recommendation, outcome.rescaled.as_deref()),
        (6, None, Some(reason))
    );
    assert_eq!(hpa.status().current_metrics, None);
    assert_eq!(reasons(&hpa), ["SucceededRescale", "-", "-"]);
    let outcome = when(&mut hpa, 15, &Target::using(&[800; 2]));
    assert_eq!(
        (outcome.replicas, outcome.rescaled.as_deref()),
        (3, Some("Current number of replicas below Spec.MinReplicas"))
    );
}

#[test]
fn a_target_at_zero_is_left_alone() {
    let mut hpa = given(1, 6, None);
    let outcome = when(&mut hpa, 0, &Target::using(&[4000]).with_spec(0));
    assert_eq!((outcome.replicas, outcome.events.len()), (0, 0));
    assert_eq!(reasons(&hpa), ["SucceededGetScale", "ScalingDisabled", "-"]);
}

#[test]
fn a_failed_metric_stops_scaling_and_is_told_twice() {
    let mut hpa = given(1, 6, None);
    when(&mut hpa, 0, &Target::using(&[800; 2]));
    let mut target = Target::using(&[4000; 2]);
    target.request = Amounts::default();
    let outcome = when(&mut hpa, 15, &target);
    assert_eq!((outcome.replicas, outcome.recommendation), (2, None));
    let why = "failed to get cpu utilization: missing request for cpu in container app of Pod pod-0";
    let messages: Vec<(&str, &str)> =
        outcome.events.iter().map(|event| (event.reason, event.message.as_str())).collect();
    let in_context = format!(
        "invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: {why}"
    );
    assert_eq!(
        messages,
        [("FailedGetResourceMetric", why), ("FailedComputeMetricsReplicas", in_context.as_str())]
    );
    assert_eq!(reasons(&hpa), ["SucceededGetScale", "FailedGetResourceMetric", "DesiredWithinRange"]);
    assert_eq!(hpa.status().desired_replicas, 2, "as before");
}

/// rule: hpa-several-metrics
#[test]
fn a_failed_metric_blocks_shrinking_but_not_growing() {
    let mut hpa = given(1, 20, None);
    hpa.spec.metrics.push(MetricSpec::Pods { metric: "unknown".into(), target_average: 1 });
    let busy = when(&mut hpa, 0, &Target::using(&[1600; 2]));
    assert_eq!(busy.replicas, 4);
    assert!(matches!(busy.error, Some(SyncError::Metric(MetricError::NoMetricsReturned { .. }))));
    assert_eq!(reasons(&hpa)[1], "ValidMetricFound");
    let idle = when(&mut hpa, 900, &Target::using(&[80; 4]));
    assert_eq!((idle.replicas, idle.recommendation), (4, None));
    assert_eq!(reasons(&hpa)[1], "FailedGetPodsMetric");
}

/// rule: hpa-several-metrics
#[test]
fn the_largest_of_several_proposals_counts() {
    let mut hpa = given(1, 20, None);
    hpa.spec.metrics.push(MetricSpec::Pods { metric: "qps".into(), target_average: 300 });
    let outcome = when(&mut hpa, 0, &Target::using(&[960; 5]));
    assert_eq!((outcome.replicas, outcome.recommendation), (10, Some(16)));
    assert_eq!(outcome.rescaled.as_deref(), Some("pods metric qps above target"));
}

#[test]
fn a_refused_update_leaves_the_size_but_not_the_memory() {
    let mut hpa = given(1, 20, Some(Behavior::default()));
    let busy = Target::using(&[1600; 2]);
    let outcome = busy.seen(START, |seen| {
        seen.scale_update_error = Some("conflict");
        hpa.sync(seen)
    });
    assert_eq!((outcome.replicas, outcome.rescaled), (2, None));
    assert_eq!(outcome.error, Some(SyncError::FailRescale("conflict".to_owned())));
    assert_eq!(reasons(&hpa)[0], "FailedUpdateScale");
    assert_eq!(hpa.history, ScaleHistory::default());
    assert_eq!(hpa.status().last_scale_time, None);
    let idle = when(&mut hpa, 15, &Target::using(&[80; 2]));
    assert_eq!(idle.replicas, 2, "4 was recommended a moment ago");
}

#[test]
fn a_behaviours_rate_limits_growth_over_its_period() {
    let scale_up = ScalingRules { policies: vec![ScalingPolicy::pods(2, 60)], ..ScalingRules::default_up() };
    let mut hpa = given(1, 100, Some(Behavior { scale_up, ..Behavior::default() }));
    assert_eq!(when(&mut hpa, 0, &Target::using(&[4000; 4])).replicas, 6);
    assert_eq!(when(&mut hpa, 15, &Target::using(&[4000; 6])).replicas, 6, "the minute's two are used up");
    assert_eq!(reasons(&hpa)[2], "ScaleUpLimit");
    assert_eq!(when(&mut hpa, 60, &Target::using(&[4000; 6])).replicas, 8, "a minute later");
}

#[test]
fn a_behaviours_window_holds_growth_back() {
    let scale_up = ScalingRules { stabilisation: Some(Span::from_secs(60)), ..ScalingRules::default_up() };
    let mut hpa = given(1, 100, Some(Behavior { scale_up, ..Behavior::default() }));
    when(&mut hpa, 0, &Target::using(&[800; 2]));
    assert_eq!(when(&mut hpa, 15, &Target::using(&[1600; 2])).replicas, 2);
    assert_eq!(reasons(&hpa)[0], "ScaleUpStabilized");
    assert_eq!(
        when(&mut hpa, 60, &Target::using(&[1600; 2])).replicas,
        4,
        "only recommendations of 4 are left"
    );
}

/// The same HPA on one other metric.
fn given_metric(metric: MetricSpec) -> Hpa {
    let mut hpa = given(1, 20, None);
    hpa.spec.metrics = vec![metric];
    hpa
}

#[test]
fn memory_of_one_container_sizes_the_target() {
    let (container, resource) = ("app".to_owned(), Resource::Memory);
    let target = ResourceTarget::AverageValue(400);
    let mut hpa = given_metric(MetricSpec::ContainerResource { container, resource, target });
    let outcome = when(&mut hpa, 0, &Target::using(&[640; 5]));
    assert_eq!((outcome.replicas, outcome.rescaled.as_deref()), (8, Some("memory resource above target")));
    assert_eq!(hpa.status().current_metrics, Some(vec![Some(CurrentMetric::Average(640))]));
}

#[test]
fn one_value_for_all_pods_sizes_the_target() {
    let metric = MetricSpec::External { metric: "load".into(), target: ValueTarget::AverageValue(500) };
    let outcome = when(&mut given_metric(metric), 0, &Target::using(&[800; 5]));
    assert_eq!(
        (outcome.replicas, outcome.rescaled.as_deref()),
        (8, Some("external metric load(nil) above target"))
    );
    let (kind, object, metric) = ("Ingress".to_owned(), "front".to_owned(), "load".into());
    let metric = MetricSpec::Object { kind, object, metric, target: ValueTarget::Value(2000) };
    let outcome = when(&mut given_metric(metric), 0, &Target::using(&[800; 4]));
    assert_eq!(
        (outcome.replicas, outcome.rescaled.as_deref()),
        (7, Some("Ingress metric load above target"))
    );
}

#[test]
fn a_direction_that_is_disabled_is_never_gone() {
    let scale_down = ScalingRules { select: SelectPolicy::Disabled, ..ScalingRules::default_down() };
    let mut hpa = given(1, 20, Some(Behavior { scale_down, ..Behavior::default() }));
    when(&mut hpa, 0, &Target::using(&[80; 8]));
    let outcome = when(&mut hpa, 900, &Target::using(&[80; 8]));
    assert_eq!((outcome.replicas, outcome.recommendation), (8, Some(1)));
    assert_eq!(reasons(&hpa)[2], "ScaleDownLimit");
}

/// rule: hpa-tolerance
#[test]
fn a_tolerance_of_its_own_counts_with_the_feature_gate_alone() {
    let scale_up = ScalingRules { tolerance: "300m".parse().ok(), ..ScalingRules::default_up() };
    let mut hpa = given(1, 20, Some(Behavior { scale_up, ..Behavior::default() }));
    let busy = Target::using(&[1000; 4]);
    assert_eq!(when(&mut hpa.clone(), 0, &busy).replicas, 5, "125 % of the target");
    hpa.config.configurable_tolerance = true;
    assert_eq!(when(&mut hpa, 0, &busy).replicas, 4);
}

#[test]
fn conditions_are_listed_as_kubernetes_lists_them() {
    let mut hpa = given(1, 20, None);
    when(&mut hpa, 0, &Target::using(&[800; 2]));
    let listed: Vec<(&str, bool)> =
        hpa.status().conditions.iter().map(|(name, condition)| (name, condition.holds)).collect();
    assert_eq!(listed, [("AbleToScale", true), ("ScalingActive", true), ("ScalingLimited", false)]);
}
