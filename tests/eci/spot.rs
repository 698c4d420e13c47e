//! Spot instances: bid, fallback, notice, end.

use crate::trial::Trial;

const SPOT: &str = "k8s.aliyun.com/eci-spot-strategy: SpotAsPriceGo";

/// Created at 0 s, safe for an hour; ten minutes later comes the notice, three minutes after it the end and the next
/// pod.
/// rule: eci-spot-reclaim
#[test]
fn a_spot_instance_is_taken_back_after_its_hour_with_notice() {
    let trial = |annotations, horizon| Trial {
        horizon,
        replicas: 1,
        annotations,
        eci: "spot: {reclaim: {constant: 10m}}",
        ..Trial::default()
    };
    let seen = trial(SPOT, "2h").run();
    assert_eq!(seen.events("SpotToBeReleased"), [(4200.0, "Spot ECI will be released in 3 minutes")]);
    assert_eq!(seen.pods()[0].finished.unwrap().whole_secs(), 4380);
    assert_eq!(seen.ready(), [Some(7.5), Some(4387.5)]);
    assert_eq!(seen.metric("pods.reclaimed").to_bits(), 1_f64.to_bits());
    // 30 % of 0.069264 from the start of each pull.
    let paid = 0.3 * 0.069_264 * ((4380.0 - 5.0) + (7200.0 - 4385.0)) / 3600.0;
    assert!((seen.paid() - paid).abs() < 1e-9);

    let unsafe_one = "k8s.aliyun.com/eci-spot-strategy: SpotAsPriceGo, k8s.aliyun.com/eci-spot-duration: '0'";
    let seen = trial(unsafe_one, "20m").run();
    assert_eq!(seen.events("SpotToBeReleased")[0].0.to_bits(), 600_f64.to_bits());
    assert_eq!(trial("", "2h").run().events("SpotToBeReleased"), [], "nobody else is taken back");
}

#[test]
fn without_a_law_nothing_is_taken_back() {
    let seen = Trial { horizon: "5h", annotations: SPOT, ..Trial::default() }.run();
    assert_eq!(seen.metric("pods.reclaimed").to_bits(), 0_f64.to_bits());
}

/// rule: eci-spot
#[test]
fn without_spot_stock_a_pod_waits_or_falls_back() {
    let trial = |annotations| Trial {
        annotations,
        eci: "spot: {stock: {cn-hangzhou-j: {'*': 1}}}",
        ..Trial::default()
    };
    let waits = trial(SPOT).run();
    assert_eq!(waits.ready(), [Some(7.5), None]);
    assert_eq!(waits.events("NoStock").len(), 1);
    let falls_back =
        "k8s.aliyun.com/eci-spot-strategy: SpotAsPriceGo, k8s.aliyun.com/eci-spot-fallback: 'true'";
    let seen = trial(falls_back).run();
    assert_eq!(seen.ready(), [Some(7.5), Some(7.5)]);
    let degraded = "Spot [2-4Gi] will be degraded because the specified instance is out of stock";
    assert_eq!(seen.events("SpotDegraded"), [(0.0, degraded)]);
    let costs: Vec<f64> = seen.pods().iter().map(|pod| pod.cost.as_f64()).collect();
    assert!((costs[0] / costs[1] - 0.3).abs() < 1e-9, "{costs:?}");
}

/// The market price of 2-4Gi is 0.0207792 an hour.
/// rule: eci-spot
#[test]
fn a_pod_does_not_bid_above_its_limit() {
    let limited = "k8s.aliyun.com/eci-spot-strategy: SpotWithPriceLimit, k8s.aliyun.com/eci-spot-fallback: 'true', \
                   k8s.aliyun.com/eci-spot-price-limit: '0.02'";
    let seen = Trial { replicas: 1, annotations: limited, ..Trial::default() }.run();
    assert_eq!(seen.events("SpotDegraded").len(), 1);
    let enough =
        "k8s.aliyun.com/eci-spot-strategy: SpotWithPriceLimit, k8s.aliyun.com/eci-spot-price-limit: '0.021'";
    let seen = Trial { replicas: 1, annotations: enough, ..Trial::default() }.run();
    assert_eq!(seen.events("SpotDegraded"), []);
    assert!((seen.paid() - 0.020_779_2 * 595.0 / 3600.0).abs() < 1e-9);
}
