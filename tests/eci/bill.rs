//! What instances cost.

use crate::trial::Trial;

/// 2 × 0.015264 + 4 × 0.003456 an hour.
/// rule: eci-economy-price
#[test]
fn the_economy_category_is_billed_at_its_price() {
    let annotations = "k8s.aliyun.com/eci-compute-category: economy";
    let seen = Trial { replicas: 1, annotations, ..Trial::default() }.run();
    assert!((seen.paid() - 0.044_352 * 595.0 / 3600.0).abs() < 1e-9);
    assert_eq!(seen.annotated("eci-instance-compute-category"), ["economy"]);
}

/// An image of 600 MB takes ten seconds; a cached one half of one, and the bill starts with either.
/// rule: eci-image-cache
#[test]
fn an_image_cache_saves_the_pull() {
    let ready = |annotations, eci| {
        Trial { replicas: 1, annotations, eci, spec: "images: {web: 600M}", ..Trial::default() }.run().ready()
    };
    let cached = "k8s.aliyun.com/eci-auto-imc: 'true'";
    assert_eq!(ready("k8s.aliyun.com/eci-auto-imc: 'false'", ""), [Some(17.0)]);
    assert_eq!(ready(cached, ""), [Some(7.5)]);
    assert_eq!(ready("k8s.aliyun.com/eci-imc-id: imc-1", ""), [Some(7.5)]);
}

#[test]
fn extra_storage_without_a_price_is_told() {
    let annotations = "k8s.aliyun.com/eci-extra-ephemeral-storage: 50Gi";
    let (seen, warnings) = Trial { replicas: 1, annotations, ..Trial::default() }.run_warned();
    assert_eq!(
        warnings,
        [
            "W0405: pods of Deployment/default/web have 50Gi of extra storage, for which the price list has no price"
        ]
    );
    assert!((seen.paid() - 0.069_264 * 595.0 / 3600.0).abs() < 1e-9);
}

#[test]
fn families_are_told_to_have_no_effect() {
    let annotations = "k8s.aliyun.com/eci-instance-family: ecs.c6";
    let (seen, warnings) = Trial { replicas: 1, annotations, ..Trial::default() }.run_warned();
    assert!(
        warnings[0].starts_with("W0401: k8s.aliyun.com/eci-instance-family has no effect"),
        "{warnings:?}"
    );
    assert_eq!((warnings.len(), seen.pods()[0].billed_spec.as_str()), (1, "2-4Gi"));
}

/// Everything at once: sold out, degraded, economy, taken back, and ended. The observer has checked that pods plus
/// nodes are the integral; here rows are added up to the total.
/// rule: cost-eci
#[test]
fn rows_add_up_to_the_total_whatever_becomes_of_instances() {
    let seen = Trial {
        horizon: "3h",
        replicas: 8,
        annotations: "k8s.aliyun.com/eci-spot-strategy: SpotAsPriceGo, k8s.aliyun.com/eci-spot-fallback: 'true', \
                      k8s.aliyun.com/eci-spot-duration: '0', k8s.aliyun.com/eci-max-pending-minute: '10'",
        eci: "quota: 12, stock: {cn-hangzhou-j: {'*': 3}}, \
              spot: {reclaim: {exponential: {mean: 7m}}, stock: {cn-hangzhou-j: {2-4Gi: 4}}}",
        ..Trial::default()
    }
    .run();
    assert!(seen.metric("pods.reclaimed") > 10.0 && seen.metric("pods.failed") > 10.0);
    assert!((seen.paid() - seen.metric("cost.total")).abs() <= 5e-7, "there are no nodes to pay");
    // Never more than six instances of 2 vCPU at once.
    let most = seen.observation.timeline.iter().map(|row| row.cost_per_s * 3600.0).fold(0.0, f64::max);
    assert!(most <= 6.0 * 0.069_264 + 1e-9, "{most}");
}
