//! What is written by rule in the scenarios gateway-*x1m: 64 Deployments with their Services and autoscalers, and the waves of
//! requests that they serve.
//!
//! `OVERSPILL_BLESS=1 cargo test --test scale` writes it anew.

use std::fmt::Write as _;

/// How many workloads there are.
pub(crate) const WORKLOADS: usize = 64;
/// Of so many workloads one is a gateway, which may overflow; the others are services, which may not.
const GATEWAY_EVERY: usize = 8;
/// Workloads rise one after another, in so many groups.
const GROUPS: usize = 8;
/// Replicas between waves, and what the load of a wave needs.
const QUIET: usize = 16;
const FULL: usize = 1_330;
/// What a replica serves at half of its cpu, which is what the autoscaler aims at.
const REQUESTS_PER_REPLICA: usize = 500;
/// Waves come this often.
const PERIOD_SECONDS: usize = 1_800;
/// The length of a run.
const HORIZON_SECONDS: usize = 6 * 3_600;

/// How many waves each workload sees.
pub(crate) const WAVES: usize = HORIZON_SECONDS / PERIOD_SECONDS;

/// One of the workloads.
struct Workload(usize);

impl Workload {
    fn all() -> impl Iterator<Item = Self> {
        (0..WORKLOADS).map(Self)
    }

    fn is_gateway(&self) -> bool {
        self.0.is_multiple_of(GATEWAY_EVERY)
    }

    fn name(&self) -> String {
        let kind = if self.is_gateway() { "gateway" } else { "service" };
        format!("{kind}-{:02}", self.0)
    }

    /// Its request and limit, so that its pods are Guaranteed; 300m for gateways.
    fn milli_cpu(&self) -> usize {
        300 + 50 * (self.0 % GATEWAY_EVERY)
    }

    fn memory_mib(&self) -> usize {
        256 + 64 * (self.0 % GATEWAY_EVERY)
    }

    fn first_wave_seconds(&self) -> usize {
        60 + self.0 / (WORKLOADS / GROUPS) * (PERIOD_SECONDS / GROUPS)
    }
}

/// `manifests/workloads.yaml`.
pub(crate) fn manifests() -> String {
    let mut text = String::from(MANIFESTS_HEAD);
    for workload in Workload::all() {
        let (name, cpu, memory) = (workload.name(), workload.milli_cpu(), workload.memory_mib());
        let (image, places) =
            if workload.is_gateway() { ("gateway:1", GATEWAY_PLACES) } else { ("service:1", "") };
        let _ = write!(
            text,
            "---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: batch}}
spec:
  replicas: {QUIET}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
{places}      containers:
        - name: main
          image: {image}
          resources:
            requests: {{cpu: {cpu}m, memory: {memory}Mi}}
            limits: {{cpu: {cpu}m, memory: {memory}Mi}}
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: batch}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {name}, namespace: batch}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}
  minReplicas: {QUIET}
  maxReplicas: {FULL}
  metrics:
    - {{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 50}}}}}}
  behavior:
    scaleUp:
      stabilizationWindowSeconds: 0
      policies: [{{type: Percent, value: 100, periodSeconds: 15}}]
    scaleDown:
      stabilizationWindowSeconds: 60
      policies: [{{type: Percent, value: 100, periodSeconds: 15}}]
"
        );
    }
    text
}

/// The `traffic` at the end of a scenario.
pub(crate) fn traffic() -> String {
    let mut text = String::from("  traffic:\n");
    for workload in Workload::all() {
        let (name, cpu) = (workload.name(), workload.milli_cpu());
        let base = QUIET * REQUESTS_PER_REPLICA;
        let _ = write!(
            text,
            "    {name}:
      to: Deployment/batch/{name}
      cpuPerThousandRequests: {cpu}m
      memoryPerThousandRequests: 20M
      rate:
        sum:
          - constant: {base}/s
"
        );
        let peak = (FULL - QUIET) * REQUESTS_PER_REPLICA;
        for wave in 0..WAVES {
            let at = workload.first_wave_seconds() + wave * PERIOD_SECONDS;
            let _ = writeln!(
                text,
                "          - spike: {{at: {at}s, rise: 10s, hold: 22m, decay: 10s, peak: {peak}/s}}"
            );
        }
    }
    text
}

const MANIFESTS_HEAD: &str = "\
# Written by tests/scale/gateway.rs: OVERSPILL_BLESS=1 cargo test --test scale
apiVersion: v1
kind: Namespace
metadata: {name: batch}
";

/// Gateways prefer their pool 80 to 20, and run there or on virtual nodes only, as the gateway documents have it.
const GATEWAY_PLACES: &str = "      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
              - matchExpressions: [{key: pool, operator: In, values: [gateway]}]
              - matchExpressions: [{key: type, operator: In, values: [virtual-kubelet]}]
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 80
              preference: {matchExpressions: [{key: pool, operator: In, values: [gateway]}]}
            - weight: 20
              preference: {matchExpressions: [{key: type, operator: In, values: [virtual-kubelet]}]}
      tolerations:
        - {key: virtual-kubelet.io/provider, operator: Equal, value: alibabacloud, effect: NoSchedule}
        - {key: pool, operator: Equal, value: gateway, effect: NoSchedule}
";
