//! `overspill get`, and the timelines that it shows the outcome of.

use crate::session::{Ran, Session};

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");
const WEB: &str = include_str!("../view/later/web.yaml");

/// A small cluster with what `spec` adds to it, run into `run`.
fn ran(spec: &str) -> Session {
    let session = scenario(spec);
    let ran = session.run("run scenario.yaml --quiet --out run");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    session
}

fn scenario(spec: &str) -> Session {
    let text = format!(
        "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: small}}\nspec:\n  horizon: 30m\n  \
         priceList: prices.yaml\n  pools: {{node: {{instanceType: ecs.c7.xlarge, count: 1, billing: payg}}}}\n  \
         virtualNodes: {{cn-hangzhou-j: {{}}}}\n{spec}"
    );
    Session::new().with("scenario.yaml", text).with("prices.yaml", PRICES).with("web.yaml", WEB)
}

/// A pod that is created at 1m and waits for a node with the label a=b.
const WAITING: &str = "    - at: 1m\n      create: {manifest: {apiVersion: v1, kind: Pod, metadata: {name: w}, spec: \
                       {nodeSelector: {a: b}, containers: [{name: c, image: x}]}}}\n";

#[track_caller]
fn status(session: &Session, at: &str, expected: &str) {
    let printed = session.run(&format!("get run pods --at {at}")).printed();
    let row = printed.lines().nth(1).unwrap_or_default();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(cells.get(2).copied().unwrap_or_default(), expected, "{printed}");
}

#[test]
fn a_label_that_a_node_gets_wakes_the_pod_that_waits_for_it() {
    let label = "    - {at: 5m, label: {resource: node/node-1, labels: {a: b}}}\n";
    let session = ran(&format!("  timeline:\n{WAITING}{label}"));
    status(&session, "4m59s", "Pending");
    status(&session, "5m10s", "Running");
    status(&ran(&format!("  timeline:\n{WAITING}")), "30m", "Pending");
}

#[test]
fn a_taint_keeps_pods_away_until_it_goes() {
    let taint = "    - {at: 30s, taint: {node: node-1, taints: ['k=v:NoSchedule']}}\n";
    let gone = "    - {at: 6m, taint: {node: node-1, taints: ['k:NoSchedule-']}}\n";
    let run = "    - {at: 1m, run: {name: nginx, image: nginx}}\n";
    let session = ran(&format!("  timeline:\n{taint}{run}{gone}"));
    status(&session, "5m59s", "Pending");
    status(&session, "6m10s", "Running");
}

/// READY and AGE come from the run: with a slower start they are others.
#[test]
fn another_start_up_law_shows_another_state() {
    let direct = include_str!("../view/later/direct.yaml");
    let at_38s = |sandbox: &str| {
        let spec = format!(
            "  eci: {{sandbox: {{constant: {sandbox}}}}}\n  timeline:\n    - {{at: 1m, create: {{file: direct.yaml}}}}\n"
        );
        let session = scenario(&spec).with("direct.yaml", direct);
        session.run("run scenario.yaml --quiet --out run").printed();
        session.run("get run pods -o wide --at 1m38s").printed()
    };
    let row = |table: &str| table.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    let node = "virtual-kubelet-cn-hangzhou-j <none> <none>";
    assert_eq!(row(&at_38s("6s")), format!("direct 2/2 Running 0 38s <none> {node}"));
    assert_eq!(row(&at_38s("60s")), format!("direct 0/2 ContainerCreating 0 38s <none> {node}"));
}

#[test]
fn a_workload_that_comes_again_takes_over_traffic_and_autoscaler() {
    let session = ran(
        "  traffic: {t: {to: Deployment/vk/web, rate: {constant: 1000/s}}}\n  timeline:\n    - {at: 0s, create: \
         {manifest: {apiVersion: v1, kind: Namespace, metadata: {name: vk}}}}\n    - {at: 0s, create: {file: \
         web.yaml}}\n    - {at: 5m, delete: {resource: deployment/vk/web}}\n    - {at: 10m, apply: {file: web.yaml}}\n",
    );
    let targets = |at: &str| {
        let printed = session.run(&format!("get run hpa -n vk --at {at}")).printed();
        printed.lines().nth(1).unwrap().split_whitespace().nth(3).unwrap().to_owned()
    };
    // 1000 requests per second take 350m, two thirds of what the two pods request beyond the target.
    assert_eq!(targets("4m"), "35%/50%");
    assert_eq!(targets("15m"), "35%/50%");
    let at_7m = session.run("get run deploy -n vk --at 7m");
    assert_eq!((at_7m.code, at_7m.stderr.as_str()), (0, "No resources found in vk namespace.\n"));
    let events = session.run("get run events -n vk --at 7m").printed();
    assert!(events.contains("FailedGetScale"), "{events}");
}

#[test]
fn pods_of_a_source_are_completed_once_they_have_ended() {
    let session = ran(
        "  sources:\n    job:\n      arrivals: {regular: {every: 1h}}\n      lifetime: {constant: 5m}\n      \
         template: {spec: {containers: [{name: c, image: x}]}}\n",
    );
    status(&session, "4m", "Running");
    status(&session, "10m", "Completed");
    let yaml = session.run("get run pod job-1 -o yaml --at 10m").printed();
    assert!(yaml.contains("phase: Succeeded"), "{yaml}");
}

#[test]
fn questions_that_make_no_sense_are_refused_in_kubectls_words() {
    let session = ran("");
    for (args, complaint) in [
        ("get run podz", "error: the server doesn't have a resource type \"podz\"\n"),
        ("get run pods x", "Error from server (NotFound): pods \"x\" not found\n"),
        ("get run deploy x", "Error from server (NotFound): deployments.apps \"x\" not found\n"),
        ("get run pods x -A", "error: a resource cannot be retrieved by name across all namespaces\n"),
        ("get run node node-1 -l a", "error: name cannot be provided when a selector is specified\n"),
        ("get run pods --at 31m", "error: there is nothing to be seen at 31m: the run ends at 30m\n"),
    ] {
        assert_eq!(session.run(args).refused(), complaint, "{args}");
    }
    assert!(session.run("get run pods -l =").refused().contains("unable to parse requirement"));
    let nothing = |args: &str| {
        let Ran { code, stdout, stderr } = session.run(args);
        assert_eq!((code, stdout.as_str()), (0, ""));
        stderr
    };
    assert_eq!(nothing("get run pods"), "No resources found in default namespace.\n");
    assert_eq!(nothing("get run pods -A"), "No resources found\n");
    assert_eq!(nothing("get run nodes -l no=such"), "No resources found\n");
}

#[test]
fn every_kind_has_its_forms() {
    let session = scenario("  manifests: [service.yaml]\n").with(
        "service.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: s, labels: {x: y}}\nspec: {type: NodePort, ports: [{port: 80, \
         nodePort: 30080}]}\n",
    );
    session.run("run scenario.yaml --quiet --out run").printed();
    assert_eq!(
        session.run("get run services --show-labels --at 90s").printed(),
        "NAME   TYPE       CLUSTER-IP   EXTERNAL-IP   PORT(S)        AGE   LABELS\n\
         s      NodePort   <none>       <none>        80:30080/TCP   90s   x=y\n"
    );
    assert_eq!(
        session.run("get run nodes -o name").printed(),
        "node/node-1\nnode/virtual-kubelet-cn-hangzhou-j\n"
    );
    let json: serde_json::Value =
        serde_json::from_str(&session.run("get run ns -o json").printed()).expect("it is JSON");
    assert_eq!(json["kind"], "List");
    assert_eq!(json["items"][0]["metadata"]["name"], "default");
    assert_eq!(session.run("get run pods -o yaml").printed().lines().nth(1), Some("items: []"));
}

/// rule: virtual-node-fixed
#[test]
fn what_kubectl_or_the_api_server_would_refuse_is_told_beforehand() {
    let session = scenario(
        "  timeline:
    - {at: 1m, label: {resource: node/virtual-kubelet-cn-hangzhou-j, labels: {a: b}}}
    - {at: 1m, annotate: {resource: node/virtual-kubelet-cn-hangzhou-j, annotations: {a: b}}}
    - {at: 1m, taint: {node: virtual-kubelet-cn-hangzhou-j, taints: ['a:NoSchedule']}}
    - {at: 1m, label: {resource: node/nod-1, labels: {a: b}}}
    - {at: 1m, label: {resource: node/node-1, labels: {kubernetes.io/os: windows}}}
    - {at: 1m, taint: {node: node-1, taints: ['a:NoSchedule-', 'b']}}
    - {at: 1m, create: {file: web.yaml}}
    - {at: 1m, create: {manifest: {apiVersion: v1, kind: Node, metadata: {name: n}}}}
    - {at: 2m, run: {name: p, image: x, requests: {cpu: -1}}}
    - {at: 2m, scale: {resource: deployment/default/web, replicas: 3}}
    - {at: 3m, delete: {resource: namespace/default}}
    - {at: 3m, delete: {resource: pod/p}}
    - {at: 3m, delete: {resource: ingress/default/p}}
    - {at: 3m}
    - {at: 31m, run: {name: late, image: x}}
    - {at: 4m, run: {name: twice, image: x}}
    - {at: 4m, run: {name: twice, image: x}}
",
    );
    let told = session.run("validate scenario.yaml");
    insta::assert_snapshot!("timeline_refused", told.refused());
}

#[test]
fn what_a_timeline_brings_is_checked_like_any_manifest() {
    let session = scenario(
        "  timeline:
    - {at: 1m, create: {file: wbe.yaml}}
    - {at: 1m, apply: {manifest: [{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{nam: c}]}}]}}
    - {at: 1m, label: {resource: node/node-1, label: {a: b}}}
",
    );
    insta::assert_snapshot!("timeline_unreadable", session.run("validate scenario.yaml").refused());
}

#[test]
fn pods_of_workloads_can_be_named_and_are_looked_for_in_the_run() {
    let start = "  timeline:\n    - {at: 0s, create: {manifest: {apiVersion: v1, kind: Namespace, metadata: {name: vk}}}}\n    \
                 - {at: 0s, create: {file: deployment.yaml}}\n";
    let deployment = WEB.split("---").next().unwrap();
    let session = scenario(start).with("deployment.yaml", deployment);
    session.run("run scenario.yaml --quiet --out run").printed();
    let names = session.run("get run pods -n vk -o name").printed();
    let first = names.lines().next().unwrap().trim_start_matches("pod/").to_owned();
    let act = format!(
        "{start}    - {{at: 5m, annotate: {{resource: pod/vk/{first}, annotations: {{a: b}}}}}}\n    - {{at: 6m, delete: \
         {{resource: pod/vk/{first}}}}}\n    - {{at: 7m, delete: {{resource: pod/vk/{first}}}}}\n"
    );
    let session = scenario(&act).with("deployment.yaml", deployment);
    session.run("run scenario.yaml --quiet --out run").printed();
    let yaml = session.run(&format!("get run pod {first} -n vk -o yaml --at 5m")).printed();
    assert!(yaml.contains("annotations:\n    a: b"), "{yaml}");
    let ages = |at: &str| {
        let table = session.run(&format!("get run pods -n vk --at {at}")).printed();
        table.lines().skip(1).map(|row| row.split_whitespace().last().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut replaced = ages("6m30s");
    replaced.sort();
    assert_eq!(replaced, ["30s", "6m30s"], "the ReplicaSet has made another");
    let events = session.run("get run events -n vk --at 7m").printed();
    assert!(events.contains(&format!("pods \"{first}\" not found")), "{events}");
}

#[test]
fn labels_of_a_namespace_hold_from_the_moment_they_are_set_and_it_can_be_deleted() {
    let session = ran(
        "  timeline:\n    - {at: 1m, create: {manifest: {apiVersion: v1, kind: Namespace, metadata: {name: vk}}}}\n    - \
         {at: 2m, run: {name: p, namespace: vk, image: x}}\n    - {at: 3m, label: {resource: ns/vk, labels: {a: b}}}\n    \
         - {at: 4m, label: {resource: ns/vk, labels: {a: c}, overwrite: true}}\n    - {at: 5m, delete: {resource: \
         ns/vk}}\n    - {at: 5m, create: {manifest: {apiVersion: v1, kind: Namespace, metadata: {name: vk}}}}\n",
    );
    let selected =
        |labels: &str, at: &str| session.run(&format!("get run ns -l {labels} -o name --at {at}")).stdout;
    assert_eq!((selected("a=b", "2m59s").as_str(), selected("a=b", "3m").as_str()), ("", "namespace/vk\n"));
    assert_eq!((selected("a=b", "4m").as_str(), selected("a=c", "4m").as_str()), ("", "namespace/vk\n"));
    let events = session.run("get run events --at 5m").printed();
    assert!(events.contains("object is being deleted: namespaces \"vk\" already exists"), "{events}");
    assert_eq!(session.run("get run ns vk --at 6m").code, 2);
}

/// One pod more and one fewer than four: at once two new pods come and one old one goes.
#[test]
fn a_rollout_shows_both_replica_sets() {
    let session = ran(
        "  timeline:\n    - at: 0s\n      create: {manifest: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, \
         spec: {replicas: 4, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: \
         {containers: [{name: web, image: 'web:1'}]}}}}}\n    - {at: 5m, setImage: {resource: deployment/default/web, \
         images: {web: 'web:2'}}}\n",
    );
    let rows = |args: &str| {
        let printed = session.run(&format!("get run {args}")).printed();
        let row = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let mut rows: Vec<_> = printed.lines().skip(1).map(row).collect();
        rows.sort_by_key(|row| row[1].clone());
        rows.into_iter().map(|row| row[1..].join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(rows("deploy --at 4m"), ["4/4 4 4 4m"]);
    assert_eq!(rows("deploy --at 5m1s"), ["3/4 2 3 5m1s"]);
    assert_eq!(rows("rs --at 5m1s"), ["2 2 0 1s", "3 3 3 5m1s"]);
    assert_eq!(rows("deploy --at 10m"), ["4/4 4 4 10m"]);
    assert_eq!(rows("rs --at 10m"), ["0 0 0 10m", "4 4 4 5m"]);
    assert!(rows("deploy -o wide --at 10m")[0].contains("web:2"));
    let yaml = session.run("get run deploy web -o yaml --at 10m").printed();
    assert!(yaml.contains("image: web:2") && !yaml.contains("web:1"), "{yaml}");
    let events = session.run("get run events --at 10m").printed();
    assert!(events.contains("Scaled up replica set web-") && events.contains("from 3 to 2"), "{events}");
}

/// Kinds stand before the names as soon as there are several.
#[test]
fn several_kinds_are_asked_for_as_of_kubectl() {
    let session =
        ran("  timeline:\n    - {at: 1m, run: {name: p, image: x}}\n    - at: 1m\n      create: {manifest: \
                       {apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80}]}}}\n");
    let rows = |args: &str| {
        let printed = session.run(&format!("get run {args} --at 2m")).printed();
        let row = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        printed.lines().map(row).collect::<Vec<_>>()
    };
    let both = ["NAME READY", "pod/p 1/1", "", "NAME TYPE", "service/s ClusterIP"];
    assert_eq!(rows("pods,svc"), both);
    assert_eq!(rows("all"), both);
    assert_eq!(rows("pods,deploy"), ["NAME READY", "pod/p 1/1"]);
    assert_eq!(rows("pod/p svc/s"), both);
    assert_eq!(rows("service/s"), ["NAME TYPE", "s ClusterIP"]);
    assert_eq!(rows("pods,svc -o name"), ["pod/p", "service/s"]);
    let json: serde_json::Value =
        serde_json::from_str(&session.run("get run pods,svc -o json").printed()).expect("it is JSON");
    let kinds = [json["kind"].as_str(), json["items"][0]["kind"].as_str(), json["items"][1]["kind"].as_str()];
    assert_eq!(kinds, [Some("List"), Some("Pod"), Some("Service")]);
    let refused = session.run("get run pod/p s").refused();
    assert!(refused.contains("resource/name form") && refused.contains("\"s\" has none"), "{refused}");
    assert_eq!(
        session.run("get run pods,podz").refused(),
        "error: the server doesn't have a resource type \"podz\"\n"
    );
}

#[test]
fn a_number_of_replicas_that_the_api_does_not_take_is_refused() {
    let told = |replicas: u32| {
        let text = format!(
            "  timeline:\n    - {{at: 0s, create: {{manifest: {{apiVersion: v1, kind: Namespace, metadata: {{name: vk}}}}}}}}\n    \
             - {{at: 0s, create: {{file: web.yaml}}}}\n    - {{at: 1m, scale: {{resource: deployment/vk/web, replicas: \
             {replicas}}}}}\n"
        );
        scenario(&text).run("validate scenario.yaml").stderr
    };
    let words = "2147483648 is more than the API takes, at most 2147483647";
    assert!(told(2_147_483_648).contains(words), "{}", told(2_147_483_648));
    assert!(!told(3).contains("more than the API takes"));
}
