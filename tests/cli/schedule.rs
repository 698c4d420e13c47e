//! `overspill schedule` on a cluster's dump and a new deployment.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::session::{CLUSTER, GATEWAY, Session};

const NEW_DEPLOYMENT: &str = "schedule -f - -f gateway.yaml --tie-break name";

fn session() -> Session {
    Session::new().with("gateway.yaml", GATEWAY).piping(CLUSTER)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the results are JSON")
}

/// Node names of the last `count` pods, in order.
fn nodes(report: &Value, count: usize) -> Vec<String> {
    let results = report["results"].as_array().expect("there are results");
    let chosen = results.iter().map(|result| result["chosen"].as_str().unwrap_or("-").to_owned());
    chosen.skip(results.len() - count).collect()
}

#[test]
fn a_new_deployment_on_a_dumped_cluster() {
    let ran = session().run(NEW_DEPLOYMENT);
    assert_eq!(ran.code, 0);
    insta::assert_snapshot!("dump_table", ran.stdout);
    insta::assert_snapshot!("dump_warnings", ran.stderr);
}

#[test]
fn every_score_can_be_seen() {
    insta::assert_snapshot!("dump_wide", session().run(&format!("{NEW_DEPLOYMENT} -o wide")).stdout);
}

/// The dump holds a finished pod, a terminating one, and three that count for the ReplicaSet of three.
#[test]
fn pods_of_a_dump_are_adopted() {
    let report = json(&Session::new().piping(CLUSTER).run("schedule -f - -o json").stdout);
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "only the pod that was pending already");
    assert_eq!(results[0]["pod"], "shop/web-6c5f7d9b8-n6v2c");
    let bound = report["final"]["cn-hangzhou.10.0.0.12"]["pods"].as_array().unwrap();
    assert!(bound.contains(&"shop/web-6c5f7d9b8-zz7hd".into()), "a terminating pod keeps its room");
    let first = &report["final"]["cn-hangzhou.10.0.0.11"]["pods"];
    assert!(!first.to_string().contains("report-"), "a finished pod has none");
}

#[test]
fn a_dump_without_some_pods_gets_them_back() {
    let fewer = CLUSTER.replace("name: web-6c5f7d9b8\n      uid", "name: other\n      uid");
    let report = json(&Session::new().piping(&fewer).run("schedule -f - -o json").stdout);
    let made =
        report["results"].as_array().unwrap().iter().filter(|result| {
            result["pod"].as_str().is_some_and(|pod| pod.starts_with("shop/web-6c5f7d9b8-"))
        });
    assert_eq!(made.count(), 1 + 3, "the pending pod, and three for the ReplicaSet that has lost its own");
}

#[test]
fn what_is_applied_takes_the_place_of_what_was_dumped() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: other}}\n";
    let ran = session().with("web.yaml", service).run("schedule -f - -f web.yaml -o json");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn draws_depend_on_the_seed_and_on_nothing_else() {
    let of_seed =
        |seed: u64| session().run(&format!("schedule -f - -f gateway.yaml -o json --seed {seed}")).stdout;
    assert_eq!(of_seed(3), of_seed(3));
    let placements: BTreeSet<_> = (1..=8).map(|seed| nodes(&json(&of_seed(seed)), 6)).collect();
    assert!(placements.len() > 1, "two equal nodes are not always drawn alike");
}

const NO_DEFAULT_SPREAD: &str = "
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- pluginConfig:
  - {name: PodTopologySpread, args: {defaultingType: List, defaultConstraints: []}}
";

#[test]
fn a_scheduler_configuration_is_followed() {
    let session = session().with("scheduler.yaml", NO_DEFAULT_SPREAD);
    let with = session.run(&format!("{NEW_DEPLOYMENT} --scheduler-config scheduler.yaml")).stdout;
    assert!(with.contains("7 pods: 7 on ECS nodes, 0 on virtual nodes, 0 pending"), "{with}");
}

const CROWDED: &str = "
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Node, metadata: {name: n}, status: {allocatable: {cpu: 1, memory: 1Gi, pods: 10}}}
- {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 10}
- {apiVersion: v1, kind: Pod, metadata: {name: low}, spec: {nodeName: n, containers: [{name: c, resources: {requests: {cpu: 800m}}}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: gated}, spec: {schedulingGates: [{name: quota}], containers: [{name: c}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: other}, spec: {schedulerName: other, containers: [{name: c}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: large}, spec: {containers: [{name: c, resources: {requests: {cpu: 2}}}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: high}, spec: {priorityClassName: high, containers: [{name: c, resources: {requests: {cpu: 500m}}}]}}
";

#[test]
fn what_waits_says_why() {
    let session = Session::new().with("crowded.yaml", CROWDED);
    for how in ["apply", "report", "off"] {
        let printed = session.run(&format!("schedule -f crowded.yaml --preemption {how}")).printed();
        insta::assert_snapshot!(format!("crowded_{how}"), printed);
    }
}

#[test]
fn without_pods_there_is_nothing_to_do() {
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: n}\n";
    let session = Session::new().with("node.yaml", node);
    assert_eq!(session.run("schedule -f node.yaml").printed(), "No pending pods.\n");
    assert_eq!(
        json(&session.run("schedule -f node.yaml -o json").printed())["results"],
        Value::Array(vec![])
    );
}

#[test]
fn without_nodes_nothing_can_be_placed() {
    let printed = Session::new().with("gateway.yaml", GATEWAY).run("schedule -f gateway.yaml").printed();
    assert!(printed.contains("no nodes available to schedule pods"), "{printed}");
    assert!(printed.ends_with("6 pods: 0 on ECS nodes, 0 on virtual nodes, 6 pending\n"), "{printed}");
}

#[test]
fn what_is_not_modelled_is_told() {
    let pod = |name: &str, spec: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{{spec}, containers: [{{name: c}}]}}\n---\n"
        )
    };
    let claim = "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]";
    let text = pod("a", claim) + &pod("b", claim) + &pod("c", "nodeName: gone, runtimeClassName: kata");
    let set = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: set}\nspec: {selector: {matchLabels: {a: b}}}\n";
    let ran = Session::new().with("pods.yaml", text + set).run("schedule -f pods.yaml");
    assert_eq!(ran.code, 0);
    insta::assert_snapshot!("not_modelled", ran.stderr);
}

const ROUTED: &str = "
apiVersion: v1
kind: Node
metadata: {name: virtual-kubelet-z, labels: {type: virtual-kubelet}}
spec: {taints: [{key: virtual-kubelet.io/provider, value: alibabacloud, effect: NoSchedule}]}
status: {allocatable: {cpu: \"1000\", memory: 1Ti, pods: \"1000\"}}
---
apiVersion: v1
kind: Node
metadata: {name: ecs}
status: {allocatable: {cpu: \"2\", memory: 4Gi, pods: \"10\"}}
---
apiVersion: v1
kind: Pod
metadata: {name: labelled, labels: {alibabacloud.com/eci: \"true\"}}
spec: {nodeSelector: {no: such}, containers: [{name: c}]}
---
apiVersion: scheduling.alibabacloud.com/v1alpha1
kind: ResourcePolicy
metadata: {name: ordered}
spec: {selector: {app: web}, units: [{resource: ecs, max: 1}, {resource: eci}]}
---
apiVersion: v1
kind: Pod
metadata: {name: first, labels: {app: web}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: second, labels: {app: web}}
spec: {containers: [{name: c}]}
";

/// The ECI label goes past the scheduler, and a ResourcePolicy through it.
#[test]
fn labels_and_policies_hold_without_a_clock() {
    let printed = Session::new().with("f.yaml", ROUTED).run("schedule -f f.yaml").printed();
    let rows: Vec<Vec<&str>> =
        printed.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0][..2], ["default/labelled", "virtual-kubelet-z"]);
    assert_eq!(rows[0][5..].join(" "), "goes to ECI by label or eci-profile, past the scheduler");
    assert_eq!(rows[1][..2], ["default/first", "ecs"]);
    assert_eq!(rows[2][..2], ["default/second", "virtual-kubelet-z"]);
}
