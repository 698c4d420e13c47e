//! The ECI label on pods and namespaces.
//!
//! Source: ACK, "Schedule pods to elastic container instances through virtual nodes".

use crate::world::{PLAIN, World, deployment, figure, nodes, pods};
use overspill::metric::Overflow;

const LABELLED: &str = "labels: {LABELS, alibabacloud.com/eci: \"true\"}";

fn namespace(labels: &str) -> String {
    format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: default, labels: {{{labels}}}}}\n")
}

/// rule: eci-label-binding
#[test]
fn a_labelled_pod_is_bound_as_it_is_created() {
    let run = World::new(deployment("web", 3, LABELLED, "")).run();
    assert_eq!(nodes(&run, "web"), ["virtual-kubelet-z-j"; 3]);
    for pod in pods(&run, "web") {
        assert_eq!((pod.attempts, pod.overflow), (0, Some(Overflow::Directed)));
        assert_eq!(pod.scheduled, Some(pod.created));
    }
    assert_eq!(figure(&run, "scheduler.attempts"), 0);
    assert_eq!(figure(&run, "overflow.directed"), 3);
    let placed = run.observation.events.iter().any(|event| event.reason == "Scheduled");
    assert!(!placed, "no scheduler has seen the pods");
}

/// rule: eci-label
#[test]
fn the_label_of_the_namespace_and_the_older_labels_do_the_same() {
    for labels in ["alibabacloud.com/eci: \"true\"", "virtual-node-affinity-injection: enabled"] {
        let run = World::new(namespace(labels) + &deployment("web", 2, PLAIN, "")).run();
        assert_eq!(figure(&run, "overflow.directed"), 2, "{labels}");
    }
    let run = World::new(deployment("web", 2, "labels: {LABELS, eci: \"true\"}", "")).run();
    assert_eq!(figure(&run, "overflow.directed"), 2);
}

/// rule: eci-label
#[test]
fn only_the_text_true_is_true() {
    for value in ["\"True\"", "\"1\"", "\"yes\"", "\"\""] {
        let meta = format!("labels: {{LABELS, alibabacloud.com/eci: {value}}}");
        let run = World::new(deployment("web", 2, &meta, "")).run();
        assert_eq!(figure(&run, "overflow.pods"), 0, "{value}");
    }
    let bare = World::new(deployment("web", 2, "labels: {LABELS, alibabacloud.com/eci: true}", ""));
    assert_eq!(
        bare.refused(),
        ["E0201 spec.template.metadata.labels.\"alibabacloud.com/eci\": expected a string, found true"]
    );
}

/// rule: eci-label-overrides
#[test]
fn the_label_overrides_every_constraint() {
    let policy = "---
apiVersion: scheduling.alibabacloud.com/v1alpha1
kind: ResourcePolicy
metadata: {name: web}
spec: {units: [{resource: ecs}]}
";
    let only_ecs = "nodeSelector: {kubernetes.io/hostname: ecs-1}
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms: [{matchExpressions: [{key: type, operator: NotIn, values: [virtual-kubelet]}]}]
      topologySpreadConstraints:
        - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule,
           labelSelector: {matchLabels: {app: web}}}";
    let meta = "labels: {LABELS, alibabacloud.com/eci: \"true\"}
      annotations: {alibabacloud.com/burst-resource: none}";
    let run = World::new(policy.to_owned() + &deployment("web", 4, meta, only_ecs)).run();
    assert_eq!(nodes(&run, "web"), ["virtual-kubelet-z-j"; 4]);
}

/// rule: eci-label-new-pods
#[test]
fn a_pod_that_runs_stays_where_it_is() {
    let pod = "---
apiVersion: v1
kind: Pod
metadata: {name: old-1, labels: {alibabacloud.com/eci: \"true\"}}
spec: {nodeName: ecs-1, containers: [{name: c}]}
";
    let manifests = namespace("alibabacloud.com/eci: \"true\"") + pod + &deployment("new", 1, PLAIN, "");
    let run = World::new(manifests).run();
    assert_eq!(nodes(&run, "old"), ["ecs-1"]);
    assert_eq!(nodes(&run, "new"), ["virtual-kubelet-z-j"]);
}

/// rule: eci-no-virtual-node
#[test]
fn without_a_virtual_node_the_pod_waits_and_an_event_says_why() {
    let run = World::without_virtual_nodes(deployment("web", 1, LABELLED, "")).run();
    assert_eq!(nodes(&run, "web"), ["-"]);
    assert_eq!(figure(&run, "pods.pendingAtEnd"), 1);
    let failed: Vec<_> =
        run.observation.events.iter().filter(|event| event.reason == "FailedScheduling").collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].message.contains("the cluster has no virtual node"), "{}", failed[0].message);
}

/// rule: eci-zone-random
#[test]
fn zones_are_drawn_under_vswitch_random() {
    let meta = "labels: {LABELS, alibabacloud.com/eci: \"true\"}
      annotations: {k8s.aliyun.com/eci-schedule-strategy: VSwitchRandom}";
    let run = World::new(deployment("web", 100, meta, "")).run();
    let in_j = nodes(&run, "web").iter().filter(|node| node.ends_with("z-j")).count();
    assert!((30..=70).contains(&in_j), "{in_j} of 100; four standard deviations are 20");
}
