//! Stock, addresses, quota, and the rates of calls.

use crate::trial::Trial;

const ORDERED: &str = "k8s.aliyun.com/eci-schedule-strategy: VSwitchOrdered";
const TWO_ZONES: &str = "{cn-hangzhou-j: {}, cn-hangzhou-k: {}}";

/// rule: eci-annotations
#[test]
fn an_instance_has_a_name_a_specification_and_a_zone() {
    let seen = Trial::default().run();
    assert_eq!(seen.ready(), [Some(7.5), Some(7.5)]);
    assert_eq!(seen.annotated("eci-instance-spec"), ["2.0-4.0Gi"; 2]);
    assert_eq!(seen.annotated("eci-instance-zone"), ["cn-hangzhou-j"; 2]);
    let ids = seen.annotated("eci-instance-id");
    assert!(ids.iter().all(|id| id.starts_with("eci-") && id.len() == 24), "{ids:?}");
    assert_ne!(ids[0], ids[1]);
    assert_eq!(seen.events("Creating")[0].1, format!("Creating {} (2-4Gi) in cn-hangzhou-j", ids[0]));
}

/// 12 vCPU are six instances of 2; the other pods are bound, and start for as long as the run lasts.
/// rule: eci-room
#[test]
fn beyond_the_quota_pods_are_bound_and_do_not_start() {
    let seen = Trial { replicas: 10, eci: "quota: 12", ..Trial::default() }.run();
    assert_eq!(seen.ready().iter().flatten().count(), 6);
    assert_eq!(seen.metric("pods.scheduled").to_bits(), 10_f64.to_bits());
    assert_eq!(seen.metric("starting.podSeconds").to_bits(), 2445_f64.to_bits(), "6 × 7.5 + 4 × 600");
    let told = seen.events("QuotaExceeded");
    assert_eq!(told.len(), 4);
    assert_eq!(
        told[0],
        (0.0, "Create ECI failed because the vCPU quota is exceeded. 2-4Gi in cn-hangzhou-j")
    );
    // 6 × 0.069264 an hour from the fifth second on.
    assert!((seen.paid() - 6.0 * 0.069_264 * 595.0 / 3600.0).abs() < 1e-9);
}

/// rule: eci-quota
#[test]
fn quotas_have_names_and_a_zone_may_have_one() {
    let ready = |eci, virtual_nodes| {
        let seen = Trial { replicas: 260, horizon: "30s", eci, virtual_nodes, ..Trial::default() }.run();
        seen.ready().iter().flatten().count()
    };
    let one_zone = "{cn-hangzhou-j: {}}";
    assert_eq!(ready("quota: default", one_zone), 250, "500 / 2");
    assert_eq!(ready("quota: raised", one_zone), 260);
    assert_eq!(ready("", one_zone), 250, "nobody has raised it");
    assert_eq!(ready("quota: raised", "{cn-hangzhou-j: {quota: default}}"), 250);
}

/// rule: eci-zones
#[test]
fn a_stock_out_is_met_in_another_zone_where_the_pod_allows_it() {
    let trial = |annotations| Trial {
        replicas: 6,
        annotations,
        eci: "stock: {cn-hangzhou-j: {2-4Gi: 1}}",
        virtual_nodes: TWO_ZONES,
        ..Trial::default()
    };
    // Spread by name over both nodes; without a strategy a pod has its own node's zone only.
    let own_zone = trial("").run();
    let on_j = own_zone.pods().iter().filter(|pod| pod.node.ends_with('j')).count();
    assert!(on_j > 1, "{on_j} pods on the node of the zone that has one instance");
    assert_eq!(own_zone.ready().iter().flatten().count(), 6 - on_j + 1);
    assert_eq!(own_zone.events("NoStock").len(), on_j - 1);
    let failed_over = trial(ORDERED).run();
    assert_eq!(failed_over.ready(), [Some(7.5); 6]);
    let mut zones = failed_over.annotated("eci-instance-zone");
    zones.sort_unstable();
    assert_eq!(zones[..2], ["cn-hangzhou-j", "cn-hangzhou-k"]);
}

/// rule: eci-zones
#[test]
fn vswitches_say_which_zones_in_which_order() {
    let zones = |annotations| {
        let virtual_nodes = "{cn-hangzhou-j: {}, cn-hangzhou-k: {vswitchId: vsw-k}}";
        let seen = Trial { replicas: 20, annotations, virtual_nodes, ..Trial::default() }.run();
        let zones = seen.annotated("eci-instance-zone");
        zones.iter().filter(|zone| zone.ends_with('k')).count()
    };
    assert_eq!(zones("k8s.aliyun.com/eci-vswitch: vsw-k"), 20);
    let both = "k8s.aliyun.com/eci-vswitch: 'vsw-k,vsw-cn-hangzhou-j'";
    let ordered = "k8s.aliyun.com/eci-vswitch: 'vsw-k,vsw-cn-hangzhou-j', k8s.aliyun.com/eci-schedule-strategy: VSwitchOrdered";
    assert_eq!(zones(ordered), 20);
    let drawn = zones(both);
    assert!((5..=15).contains(&drawn), "{drawn} of 20 in either zone at random");
}

/// rule: eci-candidates
#[test]
fn the_next_specification_is_taken_when_the_first_is_sold_out() {
    let seen = Trial {
        replicas: 3,
        annotations: "k8s.aliyun.com/eci-use-specs: '2-4Gi,3-6Gi,ecs.c6.xlarge'",
        eci: "stock: {cn-hangzhou-j: {2-4Gi: 1, 4-6Gi: 1}}",
        ..Trial::default()
    }
    .run();
    let billed: Vec<_> = seen.pods().iter().map(|pod| pod.billed_spec.as_str()).collect();
    assert_eq!(billed, ["2-4Gi", "4-6Gi", "ecs.c6.xlarge"]);
    let matched = seen.events("AutoInstanceTypeMatch");
    assert_eq!(matched, [(0.0, "The most-matched instanceType for current eci instance is 4-6Gi")]);
}

/// Two addresses; the first pods are ready at 7.5 s and live for 20 s, so that addresses are free at 27.5 s. The third
/// pod asked at 2 s and looks again every ten seconds: at 32 s.
/// rule: eci-retry
#[test]
fn an_address_that_is_given_back_is_found_at_the_next_retry() {
    let seen = Trial {
        replicas: 0,
        virtual_nodes: "{cn-hangzhou-j: {vswitchIps: 2}}",
        spec: SHORT_LIVED,
        ..Trial::default()
    }
    .run();
    assert_eq!(seen.ready(), [Some(7.5), Some(8.5), Some(39.5)]);
    let message =
        "Create ECI failed because the vSwitch does not have enough IP addresses. 2-4Gi in cn-hangzhou-j";
    assert_eq!(seen.events("IpNotEnough"), [(2.0, message)]);
    let at_once = Trial {
        replicas: 0,
        eci: "retryEvery: 0s",
        virtual_nodes: "{cn-hangzhou-j: {vswitchIps: 2}}",
        spec: SHORT_LIVED,
        ..Trial::default()
    };
    assert_eq!(at_once.run().ready(), [Some(7.5), Some(8.5), Some(27.5 + 7.5)]);
}

const SHORT_LIVED: &str = "sources: {batch: {arrivals: {regular: {every: 1s}}, max: 3, lifetime: {constant: 20s}, \
     template: {spec: {nodeSelector: {type: virtual-kubelet}, \
     tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}], \
     containers: [{name: work, image: work}]}}}}";

#[test]
fn pods_that_take_no_time_to_start_need_room_all_the_same() {
    let spec = SHORT_LIVED.replace("max: 3", "max: 3, startup: none");
    let seen = Trial {
        replicas: 0,
        eci: "retryEvery: 0s",
        virtual_nodes: "{cn-hangzhou-j: {vswitchIps: 2}}",
        spec: Box::leak(spec.into_boxed_str()),
        ..Trial::default()
    }
    .run();
    assert_eq!(seen.ready(), [Some(0.0), Some(1.0), Some(20.0)]);
}

/// rule: eci-creation-rate
#[test]
fn calls_beyond_the_rate_are_throttled() {
    let seen =
        Trial { replicas: 4, eci: "creationBurst: 2, creationRefillPerSecond: 1", ..Trial::default() }.run();
    assert_eq!(seen.ready(), [Some(7.5), Some(7.5), Some(8.5), Some(9.5)]);
    assert_eq!(seen.events("Throttling"), [(0.0, "The request was denied due to system flow control"); 2]);
}

/// Without load the autoscaler goes from four pods to one when its five minutes are over. Deletions pass at one a
/// second, and a pod ends two seconds after its own.
/// rule: eci-creation-rate
#[test]
fn deletions_have_a_rate_too() {
    const AUTOSCALER: &str = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 1\n  maxReplicas: 4\n  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]\n";
    let ends = |eci| {
        let trial = Trial {
            replicas: 4,
            eci,
            container: "resources: {requests: {cpu: 2, memory: 4Gi}}",
            manifests: AUTOSCALER,
            ..Trial::default()
        };
        let seen = trial.run();
        let mut ends: Vec<f64> =
            seen.pods().iter().filter_map(|pod| Some(pod.finished?.as_secs_f64())).collect();
        ends.sort_by(f64::total_cmp);
        ends
    };
    let free = ends("");
    assert_eq!((free.len(), free[0].to_bits()), (3, free[2].to_bits()));
    let limited = ends("deletionBurst: 1, deletionRefillPerSecond: 1");
    assert_eq!(limited, [free[0], free[0] + 1.0, free[0] + 2.0]);
}
