//! What fails, and what virtual nodes refuse.

use crate::trial::Trial;

/// Five calls pass at once and ten more in ten seconds; two find stock. Each pod that fails is replaced at once.
/// rule: eci-fail-fast
#[test]
fn a_pod_that_fails_fast_is_replaced_as_fast_as_calls_pass() {
    let seen = Trial {
        horizon: "10s",
        replicas: 3,
        annotations: "k8s.aliyun.com/eci-fail-strategy: fail-fast",
        eci: "stock: {cn-hangzhou-j: {'*': 2}}, creationBurst: 5, creationRefillPerSecond: 1",
        ..Trial::default()
    }
    .run();
    assert_eq!(seen.metric("pods.failed").to_bits(), 13_f64.to_bits());
    assert_eq!(seen.metric("pods.created").to_bits(), 16_f64.to_bits());
    let message = "ContainerGroup.NoStock: Create ECI failed because the specified instance is out of stock. \
                   2-4Gi in cn-hangzhou-j";
    assert_eq!(seen.events("ContainerInstanceScheduleFailed")[0], (0.0, message));
    assert_eq!(seen.events("NoStock"), []);
    // Creations that fail are free.
    assert_eq!(seen.pods().iter().filter(|pod| pod.billed_spec.is_empty()).count(), 14);
}

/// rule: eci-max-pending
#[test]
fn a_pod_that_waits_too_long_is_terminated() {
    let trial = |eci| Trial {
        horizon: "25m",
        replicas: 1,
        annotations: "k8s.aliyun.com/eci-max-pending-minute: '10'",
        eci,
        ..Trial::default()
    };
    let seen = trial("stock: {cn-hangzhou-j: {'*': 0}}").run();
    let ends: Vec<_> =
        seen.pods().iter().map(|pod| pod.finished.map(overspill::units::SimTime::as_secs_f64)).collect();
    assert_eq!(ends, [Some(600.0), Some(1200.0), None]);
    assert_eq!(seen.events("ProviderFailed")[0], (600.0, "The pod has been pending for 10m"));
    let patient = trial("stock: {cn-hangzhou-j: {'*': 0}}, maxPendingCountsWait: false").run();
    assert_eq!(patient.metric("pods.failed").to_bits(), 0_f64.to_bits());
}

/// A pull of 700 s begins at 5 s. Counted from the call the pod is given up at 600 s, from the pull on at 605 s; what
/// was pulled is paid for.
/// rule: eci-max-pending
#[test]
fn a_pull_that_takes_too_long_is_terminated_and_paid_for() {
    let failed = |eci| {
        let seen = Trial {
            horizon: "15m",
            replicas: 1,
            annotations: "k8s.aliyun.com/eci-max-pending-minute: '10', k8s.aliyun.com/eci-auto-imc: 'false'",
            eci,
            spec: "images: {web: 42G}",
            ..Trial::default()
        }
        .run();
        let first = &seen.pods()[0];
        (first.finished.unwrap().as_secs_f64(), first.cost.as_f64())
    };
    let (at, cost) = failed("");
    assert_eq!(at.to_bits(), 600_f64.to_bits());
    assert!((cost - 0.069_264 * 595.0 / 3600.0).abs() < 1e-12, "{cost}");
    assert_eq!(failed("maxPendingCountsWait: false").0.to_bits(), 605_f64.to_bits());
}

/// rule: eci-refusals
#[test]
fn virtual_nodes_refuse_what_needs_a_node_of_its_own() {
    for (pod, container, what) in [
        ("hostNetwork: true", "", "hostNetwork"),
        ("hostPID: true", "", "hostPID"),
        ("volumes: [{name: a, hostPath: {path: /var}}]", "", "hostPath volumes"),
        ("", "securityContext: {privileged: true}", "privileged containers"),
    ] {
        let (seen, warnings) = Trial { replicas: 1, pod, container, ..Trial::default() }.run_warned();
        let message = format!("virtual nodes do not support {what}");
        assert_eq!(seen.events("ProviderCreateFailed"), [(0.0, message.as_str())]);
        assert_eq!(seen.metric("starting.podSeconds").to_bits(), 600_f64.to_bits(), "the pod stays bound");
        assert_eq!(seen.metric("cost.total").to_bits(), 0_f64.to_bits());
        assert_eq!(
            warnings,
            [format!("W0410: pods of Deployment/default/web cannot start on a virtual node: {message}")]
        );
    }
}

/// rule: eci-instance-limits
#[test]
fn an_instance_has_so_much_disk_and_so_many_volumes() {
    let warned = |annotations, pod, container| {
        let (seen, warnings) =
            Trial { replicas: 1, annotations, pod, container, ..Trial::default() }.run_warned();
        let told: Vec<_> = warnings.into_iter().filter(|one| one.starts_with("W0410")).collect();
        assert_eq!(seen.events("ProviderCreateFailed").len(), told.len(), "{told:?}");
        told.join("\n")
    };
    let disk = "resources: {requests: {ephemeral-storage: 31Gi}}";
    let too_much = "the pod asks for 31Gi of ephemeral storage, and its instance has 30Gi: add \
                    k8s.aliyun.com/eci-extra-ephemeral-storage";
    assert!(warned("", "", disk).ends_with(too_much));
    assert_eq!(warned("", "", "resources: {limits: {ephemeral-storage: 30Gi}}"), "");
    assert_eq!(warned("k8s.aliyun.com/eci-extra-ephemeral-storage: 1Gi", "", disk), "");
    let volumes = |number: u32| {
        let one = |number| format!("{{name: v{number}, emptyDir: {{}}}}");
        let all: Vec<_> = (0..number).map(one).collect();
        &*Box::leak(format!("volumes: [{}]", all.join(", ")).into_boxed_str())
    };
    assert_eq!(warned("", volumes(20), ""), "");
    assert!(warned("", volumes(21), "").ends_with("virtual nodes do not support more than 20 volumes"));
}

#[test]
fn annotations_that_the_platform_refuses_are_told_before() {
    let warned = |annotations| {
        let (seen, warnings) = Trial { replicas: 1, annotations, ..Trial::default() }.run_warned();
        assert_eq!(seen.events("ProviderCreateFailed").len(), 1);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        warnings.into_iter().next().unwrap()
    };
    assert!(warned("k8s.aliyun.com/eci-max-pending-minute: '5'").contains("from 10 to 1440"));
    assert!(warned("k8s.aliyun.com/eci-vswitch: vsw-x").contains("there is no vSwitch vsw-x"));
    assert!(warned("k8s.aliyun.com/eci-use-specs: 65-1Gi").contains("no ECI specification"));
    let spot =
        "k8s.aliyun.com/eci-spot-strategy: SpotWithPriceLimit, k8s.aliyun.com/eci-spot-price-limit: '0.001'";
    assert!(warned(spot).contains("above the pod's price limit"));
}

/// rule: eci-refusals
#[test]
fn pods_of_daemon_sets_are_skipped_in_silence() {
    let daemon = "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: agent\n  ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: agent, uid: a, controller: true}]\nspec:\n  tolerations: [{operator: Exists}]\n  containers: [{name: agent, image: agent}]\n";
    let seen = Trial { replicas: 0, manifests: daemon, ..Trial::default() }.run();
    assert_eq!(seen.events("Scheduled").len(), 1);
    assert_eq!(seen.ready(), [None]);
    assert_eq!((seen.events("ProviderCreateFailed"), seen.events("Creating")), (vec![], vec![]));
}

#[test]
fn stock_of_what_does_not_exist_is_refused() {
    let refused = |eci| Trial { eci, ..Trial::default() }.refused().join("\n");
    assert!(refused("stock: {cn-hangzhou-x: {'*': 1}}").contains("no `cn-hangzhou-x` among the zones"));
    assert!(refused("stock: {cn-hangzhou-j: {2x4: 1}}").contains("is not an ECI specification"));
    assert!(refused("spot: {stock: {cn-hangzhou-j: {ecs.c6.huge: 1}}}").contains("ecs.c6.huge"));
    assert!(refused("deletionBurst: 0").contains("must be greater than 0"));
    let twice = Trial { virtual_nodes: "{a: {vswitchId: v}, b: {vswitchId: v}}", ..Trial::default() };
    assert!(twice.refused()[0].contains("two zones have the vSwitch v"));
}
