//! What a sidecar does to the course of a run: start-up, load, autoscaling.

use overspill::metric::PodRow;
use overspill::units::{SimTime, Span};

use crate::written::{MESH, measured, namespace, pod, scenario};

const ENABLED: &str = "istio-injection: enabled";

fn first_row(mesh: &str, spec: &str) -> PodRow {
    let manifests = namespace("vk", ENABLED) + &pod("nginx", "namespace: vk", spec);
    measured(&scenario(mesh), &manifests).observation.pods.remove(0)
}

/// How long after its start a pod is ready on ECS, beyond the pull of its images.
#[track_caller]
fn ready_after(mesh: &str, seconds: u64) {
    let images = "
  images: {nginx: 0, proxyv2: 0}";
    let row = first_row(&format!("{mesh}{images}"), "");
    assert_eq!(row.ready, Some(SimTime::from_secs(seconds)), "{mesh}");
}

/// The application takes 2 s to be ready, the proxy 5 s.
#[test]
fn an_application_waits_for_a_proxy_that_holds_it() {
    ready_after("", 2);
    ready_after(MESH, 5);
    ready_after(&MESH.replace("{version", "{holdApplicationUntilProxyStarts: true, version"), 7);
    ready_after(&MESH.replace("{version", "{nativeSidecar: true, version"), 7);
    ready_after(&MESH.replace("constant: 5s", "constant: 1s"), 2);
}

/// 600 MB of the proxy take 0.6 s, once although istio-init has the same image.
#[test]
fn the_image_of_the_proxy_is_pulled() {
    let images = "
  images: {nginx: 0, proxyv2: 600M}";
    let row = first_row(&format!("{MESH}{images}"), "");
    assert_eq!(row.ready, Some(SimTime::ZERO + Span::from_millis(5600)));
}

const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: vk}\n\
    spec: {replicas: 4, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}ANNOTATIONS}, \
    spec: {containers: [{name: nginx, image: nginx, resources: {requests: {cpu: 100m}, limits: {cpu: 500m}}}]}}}\n\
    ---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: vk}\n\
    spec: {scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 20, \
    metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}\n---\n";

/// 640 requests per second, of which a thousand cost the application half a core.
const TRAFFIC: &str = "
  traffic: {web: {to: Deployment/vk/web, rate: {constant: 640/s}, cpuPerThousandRequests: 500m}}";

struct Scaled {
    replicas: usize,
    warnings: Vec<String>,
}

fn scaled(mesh: &str, annotations: &str) -> Scaled {
    let manifests = namespace("vk", ENABLED) + &WEB.replace("ANNOTATIONS", annotations);
    let measured = measured(&scenario(&format!("{mesh}{TRAFFIC}")), &manifests);
    let observation = measured.observation;
    let warnings = observation.events.iter().filter(|event| event.kind == "Warning");
    Scaled {
        replicas: observation.pods.iter().filter(|row| row.finished.is_none()).count(),
        warnings: warnings.map(|event| format!("{}: {}", event.reason, event.message)).collect(),
    }
}

/// 320m of the application over four pods are 80 % of its 100m each. With a proxy that costs as much again there are
/// 640m over 200m each, 80 % still; one that costs half of that leaves 60 %, and three pods are enough.
#[test]
fn the_autoscaler_sees_requests_and_usage_of_all_containers() {
    assert_eq!(scaled("", "").replicas, 4);
    let mesh = |cost: &str| {
        format!(
            "
  mesh: {{cpuPerThousandRequests: {cost}}}"
        )
    };
    assert_eq!(scaled(&mesh("500m"), "").replicas, 4);
    assert_eq!(scaled(&mesh("250m"), "").replicas, 3);
    assert_eq!(scaled(&mesh("1"), "").replicas, 6);
}

#[test]
fn a_proxy_without_a_cpu_request_stops_the_autoscaler() {
    let annotations = ", annotations: {sidecar.istio.io/proxyMemory: 64Mi}";
    let stopped = scaled(MESH, annotations);
    assert_eq!(stopped.replicas, 4);
    let missing = "missing request for cpu in container istio-proxy";
    assert!(stopped.warnings.iter().any(|told| told.contains(missing)), "{:?}", stopped.warnings);
}

/// 20 000 requests per second want 10 cores of the application, which four pods of 500m do not have.
#[test]
fn what_the_proxy_uses_is_not_there_for_requests() {
    let served_less = |mesh: &str| {
        let manifests = namespace("vk", ENABLED) + WEB.split("---").next().expect("a Deployment");
        let manifests = manifests.replace("ANNOTATIONS", "");
        let traffic = TRAFFIC.replace("640/s", "20000/s");
        let observation = measured(&scenario(&format!("{mesh}{traffic}")), &manifests).observation;
        observation.summary.get("traffic.unserved").expect("there was traffic").number
    };
    let proxy_of_no_limit_of_its_own = |cost: &str| {
        served_less(&format!(
            "
  mesh: {{proxy: {{cpuLimit: 100m}}, cpuPerThousandRequests: {cost}}}"
        ))
    };
    assert!(proxy_of_no_limit_of_its_own("700m") > proxy_of_no_limit_of_its_own("100m"));
    assert!(served_less(MESH) < served_less(""), "the limits of both count for both");
}
