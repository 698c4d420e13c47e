//! ResourcePolicy and burst-resource in whole runs: waiting and being woken, and who goes first on scale-in.
//!
//! Source: ACK, "Customize elastic resource scheduling priorities".

use crate::world::{PLAIN, World, deployment, figure, nodes, pods};

/// A policy for `app: web`; `spec` are its units and the rest.
fn policy(spec: &str) -> String {
    format!(
        "---
apiVersion: scheduling.alibabacloud.com/v1alpha1
kind: ResourcePolicy
metadata: {{name: web}}
spec: {{selector: {{app: web}}, strategy: prefer, {spec}}}
"
    )
}

/// How many of the pods are on ECS, on ECI and nowhere.
fn shares(run: &overspill::experiment::Measured) -> [i64; 3] {
    let total = figure(run, "pods.scheduled");
    let on_eci = figure(run, "overflow.pods");
    [total - on_eci, on_eci, figure(run, "pods.pendingAtEnd")]
}

fn web(replicas: u32) -> String {
    deployment("web", replicas, PLAIN, "")
}

/// rule: policy-all-units
#[test]
fn two_on_ecs_three_on_eci_and_one_pending() {
    let units = "units: [{resource: ecs, max: 2}, {resource: eci, max: 3}]";
    assert_eq!(shares(&World::new(policy(units) + &web(6)).run()), [2, 3, 1]);
}

/// rule: policy-order
#[test]
fn ecs_is_filled_before_any_pod_goes_to_eci() {
    let run = World::new(policy("units: [{resource: ecs}, {resource: eci}]") + &web(12)).run();
    assert_eq!(shares(&run), [8, 4, 0]);
    assert_eq!((figure(&run, "overflow.early"), figure(&run, "overflow.full")), (0, 4));
}

/// A policy of nothing but ECI directs its pods.
#[test]
fn a_policy_without_ecs_directs() {
    let run = World::new(policy("units: [{resource: eci}]") + &web(2)).run();
    assert_eq!(figure(&run, "overflow.directed"), 2);
}

/// rule: policy-timeout
#[test]
fn the_timeout_wakes_the_pod() {
    let waits = |next: &str| {
        let spec =
            format!("units: [{{resource: ecs, max: 9}}, {{resource: eci}}], whenTryNextUnits: {{{next}}}");
        World::new(policy(&spec) + &web(9)).run()
    };
    let run = waits("policy: TimeoutOrExceedMax, timeout: 90s");
    assert_eq!(shares(&run), [8, 1, 0]);
    assert_eq!(figure(&run, "pending.waitSeconds.max"), 90);
    let run = waits("policy: TimeoutOrExceedMax");
    assert_eq!(figure(&run, "pending.waitSeconds.max"), 900, "15 minutes by default");
    let run = waits("policy: ExceedMax");
    assert_eq!(shares(&run), [8, 0, 1]);
}

/// Six pods of the Deployment and two of the source fill ECS; the source's third comes at 2m and waits until its first
/// ends at 10m.
///
/// rule: policy-exceed-max
#[test]
fn room_in_the_unit_wakes_the_pod() {
    let source = "  sources:
    job:
      arrivals: {regular: {every: 1m}}
      max: 3
      lifetime: {constant: 10m}
      startup: none
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: c, resources: {requests: {cpu: \"1\"}}}]}
";
    let spec = "units: [{resource: ecs, max: 9}, {resource: eci}], whenTryNextUnits: {policy: ExceedMax}";
    let run = World::new(policy(spec) + &web(6)).with(source).run();
    assert_eq!(shares(&run), [9, 0, 0]);
    assert_eq!(figure(&run, "pending.waitSeconds.max"), 480);
}

/// rule: policy-writes
#[test]
fn annotations_of_the_unit_reach_the_bill() {
    let spec = "units: [{resource: eci, podAnnotations: {k8s.aliyun.com/eci-use-specs: 4-8Gi}}]";
    let run = World::new(policy(spec) + &web(1)).run();
    assert_eq!(pods(&run, "web")[0].billed_spec, "4-8Gi");
}

/// Twelve pods under load, eight of them on ECS; when the load has gone, the autoscaler leaves two.
fn scaled_in(control_plane: &str) -> overspill::experiment::Measured {
    let hpa = "---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 6
  maxReplicas: 12
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
";
    let traffic = "  traffic:
    web:
      to: Deployment/default/web
      cpuPerThousandRequests: \"1\"
      rate: {step: {at: 10m, from: 6000/s, to: 3000/s}}
";
    let manifests = policy("units: [{resource: ecs}, {resource: eci}]") + &web(12) + hpa;
    World::new(manifests).with(traffic).with(control_plane).run()
}

/// Every living pod's node at the end.
fn left_on_eci(run: &overspill::experiment::Measured) -> [usize; 2] {
    let living = pods(run, "web").into_iter().filter(|pod| pod.finished.is_none());
    let (eci, ecs): (Vec<_>, Vec<_>) = living.partition(|pod| pod.node.starts_with("virtual"));
    [ecs.len(), eci.len()]
}

/// rule: policy-scale-in
#[test]
fn scale_in_takes_the_last_unit_first() {
    assert_eq!(left_on_eci(&scaled_in("")), [6, 0]);
}

/// rule: policy-scale-in
#[test]
fn without_the_option_scale_in_is_upstreams() {
    let [ecs, eci] = left_on_eci(&scaled_in("  controlPlane: {timing: instant, scaleIn: upstream}\n"));
    assert!(ecs + eci == 6 && eci > 0, "{ecs} on ECS, {eci} on ECI");
}

/// A Deployment whose pods prefer ECS and may go to ECI; a constraint of their own that does no harm keeps upstream's
/// default spreading away.
fn preferring_ecs(replicas: u32) -> String {
    let spec = "tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]
      topologySpreadConstraints:
        - {topologyKey: kubernetes.io/hostname, maxSkew: 100, whenUnsatisfiable: DoNotSchedule, \
        labelSelector: {matchLabels: {app: web}}}
      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - {weight: 100, preference: {matchExpressions: [{key: type, operator: NotIn, values: [virtual-kubelet]}]}}";
    deployment("web", replicas, PLAIN, spec)
}

/// Eight of twelve pods prefer ECS and fill it, four are on ECI. When six are left, all of them are on ECS only if ECI goes
/// first: upstream takes pods where most of them are.
///
/// rule: eci-first-scale-in
#[test]
fn eci_goes_first_where_the_scenario_says_so() {
    let left = |way: &str| {
        let steps = format!(
            "  controlPlane: {{timing: instant, scaleIn: {way}}}
  timeline: [{{at: 10m, scale: {{resource: deployment/default/web, replicas: 6}}}}]
"
        );
        let run = World::new(preferring_ecs(12)).with(&steps).run();
        (left_on_eci(&run), run.observation.summary.get("cost.virtual").unwrap().number)
    };
    let [upstream, units, eci] = ["upstream", "byUnits", "eciFirst"].map(left);
    assert_eq!(eci.0, [6, 0]);
    assert_eq!(upstream.0, units.0, "there is no policy");
    assert!(upstream.0[1] > 0 && eci.1 < upstream.1, "{upstream:?} {eci:?}");
}

/// rule: burst-resource
#[test]
fn burst_resource_overflows_when_ecs_is_full() {
    let meta = "labels: {LABELS}\n      annotations: {alibabacloud.com/burst-resource: VALUE}";
    let run = |value| World::new(deployment("web", 10, &meta.replace("VALUE", value), "")).run();
    let eci = run("eci");
    assert_eq!((shares(&eci), figure(&eci, "overflow.full")), ([8, 2, 0], 2));
    let eci_only = run("eci_only");
    assert_eq!((shares(&eci_only), figure(&eci_only, "overflow.directed")), ([0, 10, 0], 10));
    assert_eq!(shares(&run("something")), [0, 0, 10]);
}

#[test]
fn what_is_not_simulated_is_refused_at_its_place() {
    let spec = "preemptPolicy: BeforeNextUnit, units: [{resource: acs}, {resource: elastic}]";
    assert_eq!(
        World::new(policy(spec) + &web(1)).refused(),
        [
            "E0404 spec.preemptPolicy: preemption before the next unit is not simulated yet",
            "E0404 spec.units[0].resource: a unit of ACS is not simulated yet",
            "E0404 spec.units[1].resource: a unit of nodes still to be made is not simulated yet",
        ]
    );
    let refused = World::new(policy("units: []") + &web(1)).refused();
    assert_eq!(refused, ["E0204 spec.units: must have at least one unit"]);
    let refused = World::new(policy("units: [{resource: ess, maximum: 2}]") + &web(1)).refused();
    assert_eq!(refused.len(), 2, "{refused:?}");
}

#[test]
fn without_a_policy_nothing_moves() {
    let run = World::new(web(4)).run();
    assert!(nodes(&run, "web").iter().all(|node| node.starts_with("ecs-")));
}
