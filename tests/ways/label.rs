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

/// Of two zones the first has room for two pods; the others go on to the second, and all have the node of their instance.
///
/// rule: eci-zone-ordered
/// rule: eci-zone-node
#[test]
fn pods_go_on_to_a_zone_with_room_and_their_node_is_that_of_the_zone() {
    let stock = "  eci: {stock: {z-j: {1-2Gi: 2}}}\n";
    let run = World::new(deployment("web", 5, LABELLED, "")).with(stock).run();
    assert_eq!(figure(&run, "pods.pendingAtEnd"), 0);
    let mut seen = nodes(&run, "web");
    seen.sort_unstable();
    assert_eq!(seen[1..3], ["virtual-kubelet-z-j", "virtual-kubelet-z-k"]);
    assert!(pods(&run, "web").iter().all(|pod| pod.ready.is_some()));
    check_zones(&run);
}

/// rule: eci-zone-random
/// rule: eci-zone-node
#[test]
fn a_zone_without_stock_is_drawn_for_nobody() {
    let meta = "labels: {LABELS, alibabacloud.com/eci: \"true\"}
      annotations: {k8s.aliyun.com/eci-schedule-strategy: VSwitchRandom}";
    let run = World::new(deployment("web", 20, meta, "")).with("  eci: {stock: {z-j: {\"*\": 0}}}\n").run();
    assert_eq!(nodes(&run, "web"), ["virtual-kubelet-z-k"; 20]);
    check_zones(&run);
}

/// rule: eci-zone-ordered
/// rule: eci-zone-random
#[test]
fn vswitches_of_the_pod_itself_choose_its_node() {
    let meta = |more: &str| {
        format!("labels: {{LABELS, alibabacloud.com/eci: \"true\"}}\n      annotations: {{{more}}}")
    };
    // By name, as the platform knows them.
    let zones = "  virtualNodes: {z-j: {vswitchId: vsw-j}, z-k: {vswitchId: vsw-k}}\n";
    let world =
        |more: &str| World::without_virtual_nodes(deployment("web", 20, &meta(more), "")).with(zones).run();
    let in_k = |run: &overspill::experiment::Measured| {
        check_zones(run);
        nodes(run, "web").iter().filter(|node| node.ends_with("z-k")).count()
    };
    assert_eq!(in_k(&world("k8s.aliyun.com/eci-vswitch: vsw-k")), 20);
    let ordered = "k8s.aliyun.com/eci-schedule-strategy: VSwitchOrdered";
    assert_eq!(in_k(&world(&format!("{ordered}, k8s.aliyun.com/eci-vswitch: 'vsw-k,vsw-j'"))), 20);
    let drawn = in_k(&world("k8s.aliyun.com/eci-vswitch: 'vsw-k,vsw-j'"));
    assert!((3..=17).contains(&drawn), "{drawn} of 20; three standard deviations are 7");
}

/// Without room anywhere pods wait on the node of the first zone; what is given back in the other one takes them there.
///
/// rule: eci-zone-node
#[test]
fn a_pod_that_waits_moves_to_where_room_comes_up() {
    let source = "  sources:
    job:
      arrivals: {regular: {every: 1m}}
      max: 1
      lifetime: {constant: 10m}
      template:
        metadata: {labels: {alibabacloud.com/eci: \"true\"}, annotations: {k8s.aliyun.com/eci-vswitch: vsw-z-k}}
        spec: {containers: [{name: c, resources: {requests: {cpu: \"1\", memory: 1Gi}}}]}
  timeline: [{at: 2m, scale: {resource: deployment/default/web, replicas: 1}}]
  eci: {stock: {z-j: {\"*\": 0}, z-k: {1-2Gi: 1}}}
  virtualNodes: {z-j: {}, z-k: {}}
";
    let run = World::without_virtual_nodes(deployment("web", 0, LABELLED, "")).with(source).run();
    let told =
        run.observation.events.iter().find(|event| event.reason == "NoStock").expect("it waits at first");
    assert!(told.message.ends_with("1-2Gi in z-j, 1-2Gi in z-k"), "{}", told.message);
    assert_eq!(nodes(&run, "web"), ["virtual-kubelet-z-k"]);
    // The job is over after ten minutes and its start; the next look is at most ten seconds later.
    let ready = pods(&run, "web")[0].ready.expect("the job ends").as_secs_f64();
    assert!((610.0..650.0).contains(&ready), "{ready}");
    check_zones(&run);
}

/// The node of every pod with an instance stands for the instance's zone.
#[track_caller]
fn check_zones(run: &overspill::experiment::Measured) {
    let created = run.observation.events.iter().filter(|event| event.reason == "Creating");
    for event in created {
        let (_, zone) = event.message.rsplit_once(" in ").expect("it names its zone");
        let pod = run.observation.pods.iter().find(|pod| event.object.ends_with(&format!("/{}", pod.name)));
        let pod = pod.expect("the event is of a pod");
        assert_eq!(pod.node, format!("virtual-kubelet-{zone}"), "{}", pod.name);
    }
}
