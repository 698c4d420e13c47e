//! ACS: what pods with its labels become, what they cost, and how best effort is taken back.

use crate::trial::Trial;

const GENERAL: &str =
    "alibabacloud.com/compute-class: general-purpose, alibabacloud.com/compute-qos: default";
const BEST_EFFORT: &str = "alibabacloud.com/compute-qos: best-effort";
/// The container of the document on SidecarSets: ECI makes 1-2Gi of it.
const NGINX: &str = "resources: {limits: {cpu: 1, memory: 200Mi}, requests: {cpu: 100m, memory: 100Mi}}";

fn one(labels: &'static str) -> Trial {
    Trial { replicas: 1, labels, container: NGINX, ..Trial::default() }
}

/// Creation takes 7.5 s as on ECI, and is paid for from 5 s on.
/// rule: acs-pods
/// rule: acs-start
#[test]
fn a_pod_with_acs_labels_is_billed_by_acs() {
    let seen = one(GENERAL).run();
    assert_eq!((seen.ready(), seen.pods()[0].billed_spec.as_str()), (vec![Some(7.5)], "acs 1-1Gi"));
    assert!((seen.paid() - (0.000_002_6 + 0.000_001_28) * 595.0).abs() < 1e-9);
    assert_eq!(seen.events("Creating").len(), 1);
    assert!(seen.events("Creating")[0].1.starts_with("Creating acs-"));
    assert_eq!(seen.annotations, [], "the rounding is not written back");
    assert_eq!(one("").run().pods()[0].billed_spec, "1-2Gi");
    let performance = one("alibabacloud.com/compute-class: performance").run();
    assert_eq!(performance.pods()[0].billed_spec, "acs 1-1Gi performance");
    assert!((performance.paid() - (0.000_003_4 + 0.000_001_67) * 595.0).abs() < 1e-9);
}

/// rule: acs-ignored-containers
#[test]
fn each_platform_has_its_own_word_for_containers_that_do_not_count() {
    let acs = "resources: {limits: {cpu: 1, memory: 1Gi}}}, {name: agent, image: web, \
               env: [{name: __IGNORE_RESOURCE__, value: 'true'}], \
               resources: {limits: {cpu: 500m, memory: 256Mi}}";
    let eci = "resources: {limits: {cpu: 1, memory: 1Gi}}}, {name: agent, image: web, \
               env: [{name: __ECI_RESOURCE_IGNORE__, value: 'TRUE'}], \
               resources: {limits: {cpu: 500m, memory: 256Mi}}";
    let spec = |labels, container| {
        let seen = Trial { container, ..one(labels) }.run();
        seen.pods()[0].billed_spec.clone()
    };
    assert_eq!([spec(GENERAL, acs), spec(GENERAL, eci)], ["acs 1-1Gi", "acs 1.5-2Gi"]);
    assert_eq!([spec("", acs), spec("", eci)], ["2-2Gi", "1-2Gi"]);
}

/// rule: acs-start
#[test]
fn ecis_annotations_mean_nothing_to_acs() {
    let annotations = "k8s.aliyun.com/eci-use-specs: 4-8Gi, k8s.aliyun.com/eci-spot-strategy: SpotAsPriceGo, \
                       k8s.aliyun.com/eci-compute-category: cheap, k8s.aliyun.com/eci-spot-duration: '0'";
    let eci = "spot: {reclaim: {constant: 1m}}";
    let (seen, warnings) = Trial { annotations, eci, ..one(GENERAL) }.run_warned();
    assert_eq!(seen.pods()[0].billed_spec, "acs 1-1Gi");
    assert_eq!(warnings.len(), 4, "{warnings:?}");
    assert!(warnings.iter().all(|one| one.starts_with("W0404: k8s.aliyun.com/eci-")), "{warnings:?}");
    assert!((seen.paid() - 0.000_003_88 * 595.0).abs() < 1e-9);
    assert_eq!(seen.events("SpotToBeReleased"), []);
}

/// Neither stock nor quota of ECI's is there, but one address.
/// rule: acs-room
#[test]
fn acs_needs_addresses_and_neither_ecis_stock_nor_its_quota() {
    let trial = |labels| Trial {
        replicas: 2,
        eci: "quota: 0, stock: {cn-hangzhou-j: {'*': 0}}",
        virtual_nodes: "{cn-hangzhou-j: {vswitchIps: 1}}",
        ..one(labels)
    };
    let seen = trial(GENERAL).run();
    assert_eq!(seen.ready(), [Some(7.5), None]);
    let message =
        "Create failed because the vSwitch does not have enough IP addresses. acs 1-1Gi in cn-hangzhou-j";
    assert_eq!(seen.events("IpNotEnough"), [(0.0, message)]);
    assert_eq!(trial("").run().ready(), [None, None]);
}

/// Told at 600 s, taken back at 900 s, replaced at once; each instance is paid for from 5 s after its creation.
/// rule: acs-preemption
#[test]
fn best_effort_is_taken_back_five_minutes_after_its_notice() {
    let trial =
        |labels| Trial { horizon: "20m", spec: "acs: {preemption: {law: {constant: 10m}}}", ..one(labels) };
    let seen = trial(BEST_EFFORT).run();
    let told = "BestEffort ACS will be released in 5 minutes";
    assert_eq!(seen.events("SpotToBeReleased"), [(600.0, told)]);
    assert_eq!(seen.pods()[0].finished.unwrap().whole_secs(), 900);
    assert_eq!(seen.ready(), [Some(7.5), Some(907.5)]);
    assert_eq!(seen.metric("pods.reclaimed").to_bits(), 1_f64.to_bits());
    assert_eq!(seen.pods()[0].billed_spec, "acs 1-1Gi best-effort");
    assert!((seen.paid() - (0.000_000_52 + 0.000_000_25) * (895.0 + 295.0)).abs() < 1e-9);
    assert_eq!(trial(GENERAL).run().events("SpotToBeReleased"), [], "default instances stay");
    let without_law = Trial { horizon: "5h", ..one(BEST_EFFORT) }.run();
    assert_eq!(without_law.metric("pods.reclaimed").to_bits(), 0_f64.to_bits());
}

/// rule: acs-labels
#[test]
fn a_wrong_label_is_warned_of_and_gets_no_instance() {
    let check = |labels, why: &str| {
        let (seen, warnings) = one(labels).run_warned();
        let told = "W0410: pods of Deployment/default/web cannot start on a virtual node: ";
        assert_eq!(warnings, [format!("{told}{why}")]);
        assert_eq!(seen.events("ProviderCreateFailed"), [(0.0, why)]);
        assert_eq!(seen.ready(), [None]);
        assert!(seen.paid().abs() < 1e-12);
    };
    check(
        "alibabacloud.com/compute-class: compute-optimized",
        "alibabacloud.com/compute-class is \"compute-optimized\": write general-purpose or performance",
    );
    check(
        "alibabacloud.com/compute-class: gpu-hpn",
        "alibabacloud.com/compute-class is \"gpu-hpn\": it is for GPUs, which are not simulated; write \
         general-purpose or performance",
    );
}

/// rule: acs-required-spec
#[test]
fn a_specification_of_its_own_is_billed() {
    let annotations = "alibabacloud.com/pod-required-spec: 2-4Gi";
    let seen = Trial { annotations, ..one(GENERAL) }.run();
    assert_eq!(seen.pods()[0].billed_spec, "acs 2-4Gi");
    let annotations = "alibabacloud.com/pod-use-spec: 2-4Gi";
    let (seen, warnings) = Trial { annotations, ..one(GENERAL) }.run_warned();
    assert_eq!(seen.pods()[0].billed_spec, "acs 1-1Gi");
    assert!(warnings[0].starts_with("W0404: alibabacloud.com/pod-use-spec"), "{warnings:?}");
}

/// rule: acs-approval
#[test]
fn large_instances_are_for_accounts_that_say_so() {
    let large =
        |spec| Trial { container: "resources: {limits: {cpu: 20, memory: 40Gi}}", spec, ..one(GENERAL) };
    let (seen, warnings) = large("").run_warned();
    assert!(warnings[0].contains("ACS gives 24-48Gi on approval only"), "{warnings:?}");
    assert_eq!(seen.events("ProviderCreateFailed").len(), 1);
    assert_eq!(large("acs: {largeSpecs: true}").run().pods()[0].billed_spec, "acs 24-48Gi");
}

/// rule: acs-price
#[test]
fn a_price_list_without_acs_is_refused_where_a_pod_needs_it() {
    const CNY: &str = include_str!("../../prices/cn-hangzhou-cny.yaml");
    let refused = Trial { prices: CNY, ..one(GENERAL) }.refused();
    assert_eq!(
        refused,
        [
            "pods of Deployment/default/web would be ACS instances, whose cost is not known: price list cn-hangzhou-cny \
          has no prices of ACS for its region: add spec.acs.mainland to it"
        ]
    );
    Trial { prices: CNY, ..one("") }.run();
    let later = "timeline: [{at: 1m, create: {manifest: {apiVersion: v1, kind: Pod, metadata: {name: later, labels: \
                 {alibabacloud.com/acs: 'true'}}, spec: {tolerations: [{operator: Exists}], containers: [{name: c}]}}}}]";
    let refused = Trial { prices: CNY, spec: later, ..one("") }.refused();
    assert!(refused[0].starts_with("pods of Pod/default/later would be ACS instances"), "{refused:?}");
}

/// rule: acs-pods
#[test]
fn labels_of_acs_that_do_something_else_than_they_say_are_warned_of() {
    let warned = |trial: Trial| trial.run_warned().1;
    let misspelt = warned(one("alibabacloud.com/acs: 'yes'"));
    let told =
        "W0404: alibabacloud.com/acs of pods of Deployment/default/web has no effect with the value \"yes\"";
    assert_eq!(misspelt, [told]);
    let both = warned(one("alibabacloud.com/eci: 'true', alibabacloud.com/compute-class: performance"));
    assert!(both.iter().any(|one| one.starts_with("W0414: alibabacloud.com/eci brings pods")), "{both:?}");
    let manifests = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\nspec: {replicas: 0, selector: \
                     {matchLabels: {app: b, alibabacloud.com/compute-class: general-purpose}}, template: {metadata: \
                     {labels: {app: b, alibabacloud.com/compute-class: general-purpose}}, spec: {nodeSelector: {type: \
                     virtual-kubelet}, tolerations: [{operator: Exists}], containers: [{name: b, image: b}]}}}\n";
    let selector = warned(Trial { manifests, ..one(GENERAL) });
    let told = "W0414: `alibabacloud.com/compute-class` does not belong into a selector: ACS may rewrite it on the pods";
    assert_eq!(selector, [told]);
}
