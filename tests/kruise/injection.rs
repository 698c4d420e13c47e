//! Which pods get sidecars in a run, and what that does to scheduling and the bill.

use overspill::metric::PodRow;

use crate::written::{KRUISE, ON_VIRTUAL, VIRTUAL, pod, rows, scenario, sidecar_set};

/// READY, node and billed specification of every pod.
fn seen(rows: &[PodRow]) -> Vec<(&str, String, &str)> {
    rows.iter().map(|row| (row.name.as_str(), row.ready_containers(), row.billed_spec.as_str())).collect()
}

const ON_ECI: &str = "labels: {alibabacloud.com/eci: 'true'}";

/// rule: virtual-node-label
/// rule: sidecarset-on-virtual-nodes
#[test]
fn pods_on_virtual_nodes_are_injected_whatever_has_sent_them_there() {
    let manifests = sidecar_set(VIRTUAL, "")
        + &pod("scheduled", "", ON_VIRTUAL)
        + &pod("by-label", ON_ECI, "")
        + &pod("on-ecs", "", "");
    let rows = rows(&scenario(KRUISE), &manifests);
    assert_eq!(
        seen(&rows),
        [
            ("scheduled", "2/2".into(), "2-4Gi"),
            ("by-label", "2/2".into(), "2-4Gi"),
            ("on-ecs", "1/1".into(), "")
        ]
    );
}

/// The set of the label sees no pod as it is created: nodes take as many pods as without it.
/// rule: sidecarset-on-virtual-nodes
#[test]
fn the_scheduler_sees_sidecars_only_of_creation() {
    let placed = |selector: &str| {
        let pods: String =
            (0..12).map(|number| pod(&format!("p{number}"), "labels: {app: web}", "")).collect();
        let manifests = sidecar_set(selector, "") + &pods;
        rows(&scenario(KRUISE), &manifests).iter().filter(|row| row.scheduled.is_some()).count()
    };
    assert_eq!(placed(VIRTUAL), 10, "four cores are room for ten pods of 400m");
    assert_eq!(placed("app: web"), 8, "and for eight of 500m");
}

/// rule: sidecarset-gate
#[test]
fn without_the_feature_gate_pods_stay_as_they_are() {
    let manifests = sidecar_set(VIRTUAL, "") + &pod("scheduled", "", ON_VIRTUAL);
    let off = KRUISE.replace("sidecarSetServerlessPod: true", "sidecarSetServerlessPod: false");
    assert_eq!(seen(&rows(&scenario(&off), &manifests)), [("scheduled", "1/1".into(), "1-2Gi")]);
    assert_eq!(seen(&rows(&scenario(""), &manifests)), [("scheduled", "1/1".into(), "1-2Gi")]);
}

/// The pod of the manifest that is bound ran before; so did the pod that was created before its SidecarSet.
/// rule: sidecarset-only-new-pods
#[test]
fn pods_that_exist_stay_as_they_are() {
    let node = "nodeName: virtual-kubelet-cn-hangzhou-j";
    let manifests = sidecar_set(VIRTUAL, "") + &pod("bound", "", node) + &pod("new", "", ON_VIRTUAL);
    let seen_of = |rows: Vec<PodRow>| seen(&rows).iter().map(|one| one.1.clone()).collect::<Vec<_>>();
    assert_eq!(seen_of(rows(&scenario(KRUISE), &manifests)), ["1/1", "2/2"]);
    let set = sidecar_set("app: web", "").replace("---\n", "").replace('\n', ", ");
    let timeline = format!(
        "{KRUISE}\n  timeline:\n  - {{at: 1m, apply: {{manifest: {{{set}}}}}}}\n  \
         - {{at: 2m, run: {{name: second, image: nginx, labels: {{app: web}}}}}}\n  \
         - {{at: 3m, delete: {{resource: sidecarset/logs}}}}\n  \
         - {{at: 4m, run: {{name: third, image: nginx, labels: {{app: web}}}}}}\n"
    );
    let first = pod("first", "labels: {app: web}", "");
    assert_eq!(seen_of(rows(&scenario(&timeline), &first)), ["1/1", "2/2", "1/1"]);
}

/// rule: sidecarset-after-istio
#[test]
fn istio_comes_first() {
    let mesh = format!("{KRUISE}\n  mesh: {{ready: {{constant: 1s}}}}");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {istio-injection: enabled}}\n---\n";
    let started = |selector: &str| {
        let manifests =
            namespace.to_owned() + &sidecar_set(selector, "") + &pod("web", "labels: {app: web}", "");
        let events = crate::written::measured(&scenario(&mesh), &manifests).observation.events;
        let started = events.into_iter().filter(|event| event.reason == "Started");
        started.map(|event| event.message.replace("Started container ", "")).collect::<Vec<_>>()
    };
    assert_eq!(started("app: web"), ["istio-init", "agent", "nginx", "istio-proxy"]);
}

/// rule: sidecarset-compute-classes
#[test]
fn a_pod_of_another_compute_class_is_not_injected() {
    let class = |class: &str| {
        let labels = format!("labels: {{alibabacloud.com/compute-class: {class}}}");
        sidecar_set(VIRTUAL, "") + &pod("web", &labels, ON_VIRTUAL)
    };
    assert_eq!(rows(&scenario(KRUISE), &class("general-purpose"))[0].ready_containers(), "2/2");
    assert_eq!(rows(&scenario(KRUISE), &class("gpu"))[0].containers, 1);
}

/// 640 requests per second of half a core per thousand are 320m: 80 % of what four pods of 100m request. With a sidecar
/// of 100m in each that idles they are 40 %, and two pods are enough.
#[test]
fn the_autoscaler_counts_the_requests_of_sidecars_on_virtual_nodes() {
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
        spec: {replicas: 4, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, \
        spec: {containers: [{name: nginx, image: nginx, resources: {requests: {cpu: 100m}, limits: {cpu: 500m}}}], \
        nodeSelector: {type: virtual-kubelet}, tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]}}}\n\
        ---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n\
        spec: {scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 1, maxReplicas: 20, \
        metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}\n---\n";
    let traffic = "\n  traffic: {web: {to: Deployment/default/web, rate: {constant: 640/s}, cpuPerThousandRequests: 500m}}";
    let replicas = |manifests: &str| {
        let rows = rows(&scenario(&format!("{KRUISE}{traffic}")), manifests);
        rows.iter().filter(|row| row.finished.is_none()).count()
    };
    assert_eq!(replicas(web), 4);
    assert_eq!(replicas(&(sidecar_set(VIRTUAL, "") + web)), 2);
}

/// rule: sidecarset-idle
#[test]
fn requests_are_served_within_the_limits_of_the_application() {
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
        spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, \
        spec: {containers: [{name: nginx, image: nginx, resources: {limits: {cpu: 500m, memory: 1Gi}}}], \
        nodeSelector: {type: virtual-kubelet}, tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]}}}\n---\n";
    let traffic = "\n  traffic: {web: {to: Deployment/default/web, rate: {constant: 9000/s}, cpuPerThousandRequests: 500m}}";
    let unserved = |manifests: &str| {
        let measured = crate::written::measured(&scenario(&format!("{KRUISE}{traffic}")), manifests);
        measured.observation.summary.get("traffic.unserved").expect("there was traffic").number
    };
    let without = unserved(web);
    assert!(without > 0.0);
    let with = unserved(&(sidecar_set(VIRTUAL, "") + web));
    assert_eq!(with.to_bits(), without.to_bits());
}

/// Limits of 1 core and 2 GiB: with twins of a whole core and a GiB each there are 3 cores and 4 GiB, sold as 4 and 4.
/// rule: sidecarset-hot-upgrade-twins
#[test]
fn twins_are_paid_for_twice() {
    let set = sidecar_set(VIRTUAL, "").replace("cpu: 500m, memory: 512Mi", "cpu: 1, memory: 1Gi");
    let hot = set.replace(
        "image: agent,",
        "image: agent, upgradeStrategy: {upgradeType: HotUpgrade, hotUpgradeEmptyImage: empty},",
    );
    let rows = rows(&scenario(KRUISE), &(hot + &pod("web", "", ON_VIRTUAL)));
    assert_eq!(seen(&rows), [("web", "3/3".into(), "4-4Gi")]);
}
