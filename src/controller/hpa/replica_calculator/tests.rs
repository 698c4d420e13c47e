use proptest::prelude::*;

use super::*;
use crate::controller::hpa::fixture::{START, Target, cpu_utilization};
use crate::controller::hpa::observation::Amounts;

fn propose(target: &Target, metric: &MetricSpec) -> Result<Proposal, MetricError> {
    let config = Config::default();
    let tolerances = Tolerances::new(&config, None);
    target.seen(START, |seen| {
        ReplicaCalculator { namespace: "default", config: &config, tolerances, seen }.propose(metric)
    })
}

#[track_caller]
fn check(target: &Target, metric: &MetricSpec, replicas: i32) {
    assert_eq!(propose(target, metric).map(|proposal| proposal.replicas), Ok(replicas));
}

/// rule: hpa-tolerance
#[test]
fn the_tolerance_is_a_closed_interval_around_the_truncated_percentage() {
    let at_80 = cpu_utilization(80);
    check(&Target::using(&[800; 4]), &at_80, 4);
    check(&Target::using(&[889; 4]), &at_80, 4); // 88 % counts, 88/80 = 1.1
    check(&Target::using(&[890; 4]), &at_80, 5); // 89/80 × 4 = 4.45
    check(&Target::using(&[720; 4]), &at_80, 4);
    check(&Target::using(&[719; 10]), &at_80, 9); // 71/80 × 10 = 8.875
}

/// oracle: recorded decisions of the HPA controller, "Decision".
/// rule: hpa-missing-pods
#[test]
fn pods_without_a_usable_sample_are_counted_against_the_direction() {
    let at_80 = cpu_utilization(80);
    check(&Target::using(&[400; 2]), &at_80, 1);
    check(&Target::using(&[400; 2]).and_missing(2), &at_80, 4); // taken to use all they request: 70/80 × 4 = 3.5
    check(&Target::using(&[1600; 2]), &at_80, 4);
    check(&Target::using(&[1600; 2]).and_missing(2), &at_80, 4); // taken to use nothing: exactly 80 %
    check(&Target::using(&[1600; 2]).and_pending(1), &at_80, 4); // 106/80 × 3 = 3.975
    check(&Target::using(&[1600; 2]).and_pending(9), &at_80, 11); // 29/80 would shrink: stay
    check(&Target::using(&[1000; 2]).and_missing(2), &cpu_utilization(200), 3); // at the target, being above 100 %
}

#[test]
fn a_spec_above_the_ready_count_can_shrink_under_high_load() {
    check(&Target::using(&[1000; 2]).with_spec(5), &cpu_utilization(80), 3); // 100/80 × 2 = 2.5
    check(&Target::using(&[400; 2]).and_pending(3), &cpu_utilization(80), 1);
}

#[test]
fn deleted_pods_are_ignored_except_by_values_of_objects() {
    check(&Target::using(&[400; 4]).and_deleted(4), &cpu_utilization(80), 2);
    let load = MetricSpec::Object {
        kind: "Service".to_owned(),
        object: "web".to_owned(),
        metric: "load".into(),
        target: ValueTarget::Value(1000),
    };
    check(&Target::using(&[500; 2]).and_deleted(2), &load, 12); // ratio 3 × 4 ready pods
}

#[test]
fn averages_per_pod_use_the_same_rules() {
    let qps = MetricSpec::Pods { metric: "qps".into(), target_average: 500 };
    check(&Target::using(&[700, 800]), &qps, 3);
    check(&Target::using(&[100, 100]).and_missing(2), &qps, 3); // missing at the target: 300/500 × 4 = 2.4
    let cpu = MetricSpec::Resource { resource: Resource::Cpu, target: ResourceTarget::AverageValue(500) };
    check(&Target::using(&[700, 800]), &cpu, 3);
}

#[test]
fn values_of_all_pods_together_are_divided_by_the_status() {
    let load = |target| MetricSpec::External { metric: "load".into(), target };
    let busy = Target::using(&[700, 800]);
    check(&busy, &load(ValueTarget::AverageValue(400)), 4);
    check(&busy, &load(ValueTarget::AverageValue(700)), 2); // 1500/1400 is tolerated
    let proposal = propose(&busy, &load(ValueTarget::AverageValue(400))).unwrap();
    assert_eq!(proposal.current, CurrentMetric::Average(750));
    let mut unborn = busy.clone();
    unborn.status_replicas = 0;
    let proposal = propose(&unborn, &load(ValueTarget::AverageValue(400))).unwrap();
    assert_eq!((proposal.replicas, proposal.current), (4, CurrentMetric::Average(i64::MIN)));
    check(&busy.with_spec(0), &load(ValueTarget::Value(500)), 3); // from zero: the ratio itself
}

#[test]
fn metrics_fail_in_upstreams_order() {
    let at_80 = cpu_utilization(80);
    let fails = |target: &Target| propose(target, &at_80).unwrap_err();
    let no_samples = Target::using(&[]).and_pending(2);
    assert!(matches!(fails(&no_samples), MetricError::NoMetricsReturned { api: "resource", .. }));
    let mut only_deleted = Target::using(&[]).and_deleted(2);
    only_deleted.request = Amounts::default();
    assert_eq!(fails(&only_deleted), MetricError::NoMetricsForTargetedPods, "before the missing request");
    let mut without_request = Target::using(&[500]);
    without_request.request = Amounts::default();
    assert_eq!(fails(&without_request).to_string(), "missing request for cpu in container app of Pod pod-0");
    without_request.request = Amounts { cpu: Some(0), memory: None };
    assert_eq!(fails(&without_request), MetricError::NoMatchingPods);
}

#[test]
fn a_behaviours_tolerance_counts_only_with_the_feature_gate() {
    use crate::units::Quantity;
    let rules =
        |tolerance: &str, rules| ScalingRules { tolerance: tolerance.parse::<Quantity>().ok(), ..rules };
    let behavior = Behavior {
        scale_up: rules("50m", ScalingRules::default_up()),
        scale_down: rules("0.2", ScalingRules::default_down()),
    };
    let gate = |configurable_tolerance| Config { configurable_tolerance, ..Config::default() };
    assert_eq!(Tolerances::new(&gate(true), Some(&behavior)), Tolerances { down: 0.2, up: 0.05 });
    assert_eq!(Tolerances::new(&gate(false), Some(&behavior)), Tolerances { down: 0.1, up: 0.1 });
    assert_eq!(Tolerances::new(&gate(true), None), Tolerances { down: 0.1, up: 0.1 });
}

proptest! {
    #[test]
    fn pods_that_look_alike_may_be_counted_together(
        usages in prop::collection::vec(prop_oneof![Just(100_i64), Just(801), Just(2500)], 1..40),
        missing in 0_usize..9, pending in 0_usize..9, deleted in 0_usize..5, percent in 10_i32..200, replicas in 1_i32..50,
    ) {
        let target = Target::using(&usages).and_missing(missing).and_pending(pending).and_deleted(deleted);
        let target = target.with_spec(replicas);
        let average = MetricSpec::Resource {
            resource: Resource::Cpu,
            target: ResourceTarget::AverageValue(i64::from(percent) * 10),
        };
        for metric in [cpu_utilization(percent), average] {
            let apart = propose(&target, &metric);
            prop_assert_eq!(apart, propose(&target.clone().counted_together(), &metric));
        }
    }
}
