//! DaemonSets as kubectl would show them, and what becomes of their pods when nodes change.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

/// An agent on nodes of the pool `web`.
const AGENT: &str = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: kube-system, labels: {k8s-app: agent}}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      SELECTOR
      tolerations: [TOLERATIONS]
      containers: [{name: agent, image: agent, resources: {requests: {cpu: 100m, memory: 128Mi}}}]
";

fn agent(selector: &str, tolerations: &str) -> String {
    AGENT.replace("SELECTOR", selector).replace("TOLERATIONS", tolerations)
}

/// Two nodes of the pool `web`, one of `db` with a taint, a virtual node.
fn ran(agent: &str, spec: &str) -> Session {
    let text = format!(
        "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: small}}\nspec:\n  horizon: 30m\n  \
         manifests: [agent.yaml]\n  priceList: prices.yaml\n  pools:\n    \
         web: {{instanceType: ecs.c7.xlarge, count: 2, labels: {{pool: web}}}}\n    \
         db: {{instanceType: ecs.c7.xlarge, count: 1, taints: ['db=yes:NoSchedule']}}\n  \
         virtualNodes: {{cn-hangzhou-j: {{}}}}\n{spec}"
    );
    let session = Session::new();
    let session = session.with("scenario.yaml", text).with("prices.yaml", PRICES).with("agent.yaml", agent);
    let ran = session.run("run scenario.yaml --quiet --out run");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    session
}

/// The cells of the DaemonSet's row.
fn cells(session: &Session, at: &str) -> Vec<String> {
    let printed = session.run(&format!("get run ds -n kube-system --at {at}")).printed();
    let row = printed.lines().nth(1).unwrap_or_default();
    row.split_whitespace().map(str::to_owned).collect()
}

/// The nodes of its pods that do not terminate, in order.
fn nodes(session: &Session, at: &str) -> Vec<String> {
    let printed = session.run(&format!("get run pods -n kube-system -o wide --at {at}")).stdout;
    let rows = printed.lines().skip(1).filter(|line| !line.contains("Terminating"));
    let mut nodes: Vec<_> = rows.map(|line| line.split_whitespace().nth(6).unwrap().to_owned()).collect();
    nodes.sort();
    nodes
}

#[test]
fn kubectl_prints_what_the_controller_counts() {
    let session = ran(&agent("nodeSelector: {pool: web}", ""), "");
    let printed = session.run("get run daemonsets -n kube-system --at 10m -o wide").printed();
    assert_eq!(
        printed,
        "NAME    DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE   CONTAINERS   IMAGES   SELECTOR\n\
         agent   2         2         2       2            2           pool=web        10m   agent        agent    app=agent\n"
    );
    let yaml = session.run("get run ds agent -n kube-system --at 10m -o yaml").printed();
    for line in ["kind: DaemonSet", "desiredNumberScheduled: 2", "numberMisscheduled: 0", "k8s-app: agent"] {
        assert!(yaml.contains(line), "{line} in {yaml}");
    }
    let pods = session.run("get run pods -n kube-system --show-labels --at 10m").printed();
    assert!(pods.contains("app=agent,controller-revision-hash="), "{pods}");
    let events = session.run("get run events -n kube-system").printed();
    assert!(events.contains("daemonset/agent") && events.contains("Created pod: agent-"), "{events}");
}

/// rule: daemon-set-nodes
#[test]
fn labels_and_taints_of_nodes_decide_in_the_course_of_time() {
    let timeline = "  timeline:\n    \
        - {at: 5m, label: {resource: node/web-2, labels: {pool: other}, overwrite: true}}\n    \
        - {at: 10m, label: {resource: node/web-2, labels: {pool: web}, overwrite: true}}\n    \
        - {at: 15m, taint: {node: web-1, taints: ['own=yes:NoSchedule']}}\n";
    let session = ran(&agent("nodeSelector: {pool: web}", ""), timeline);
    assert_eq!(nodes(&session, "4m"), ["web-1", "web-2"]);
    assert_eq!(nodes(&session, "6m"), ["web-1"]);
    assert_eq!(cells(&session, "6m")[1..4], ["1", "1", "1"]);
    assert_eq!(nodes(&session, "11m"), ["web-1", "web-2"]);
    // A pod that is there stays under NoSchedule, though none would be made.
    assert_eq!(nodes(&session, "20m"), ["web-1", "web-2"]);
    assert_eq!(cells(&session, "20m")[1..4], ["1", "1", "1"]);
}

/// rule: daemon-set-nodes
#[test]
fn a_pod_that_is_deleted_comes_again_on_its_node() {
    let session = ran(&agent("", "{key: db, operator: Exists}"), "");
    assert_eq!(nodes(&session, "1m"), ["db-1", "web-1", "web-2"]);
    let printed = session.run("get run pods -n kube-system --at 1m").printed();
    let name = printed.lines().nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let delete = format!("  timeline:\n    - {{at: 5m, delete: {{resource: pod/kube-system/{name}}}}}\n");
    let session = ran(&agent("", "{key: db, operator: Exists}"), &delete);
    assert_eq!(nodes(&session, "6m"), ["db-1", "web-1", "web-2"]);
    let printed = session.run("get run pods -n kube-system --at 6m").printed();
    assert!(!printed.contains(&name), "{printed}");
}

/// rule: daemon-set-on-virtual-nodes
#[test]
fn on_a_virtual_node_a_pod_stays_pending_and_free() {
    let session = ran(&agent("", "{operator: Exists}"), "");
    let validated = session.run("validate scenario.yaml");
    assert!(validated.stdout.contains("W0410") || validated.stderr.contains("W0410"), "{validated:?}");
    assert_eq!(cells(&session, "10m")[1..6], ["4", "4", "3", "4", "3"]);
    let pods = session.run("get run pods -n kube-system -o wide --at 10m").printed();
    let lost = pods.lines().find(|line| line.contains("virtual-kubelet-cn-hangzhou-j")).unwrap();
    assert!(lost.contains("0/1") && lost.contains("Pending"), "{lost}");
    let summary = session.read("run/summary.json");
    assert!(summary.contains("\"virtual\": 0"), "{summary}");
    assert!(summary.contains("\"created\": 0"), "{summary}");
}

#[test]
fn a_daemon_set_comes_and_goes_and_keeps_its_template() {
    let own = agent("nodeSelector: {pool: web}", "");
    let bring = |verb: &str, at: &str, file: &str| format!("    - {{at: {at}, {verb}: {{file: {file}}}}}\n");
    let timeline = format!(
        "  timeline:\n{}{}    - {{at: 10m, delete: {{resource: ds/kube-system/agent}}}}\n{}",
        bring("create", "2m", "later.yaml"),
        bring("apply", "5m", "later.yaml"),
        bring("create", "15m", "later.yaml"),
    );
    let later =
        own.replace("name: agent, namespace", "name: late, namespace").replace("app: agent", "app: late");
    let folder = |timeline: &str| {
        let text = format!(
            "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: small}}\nspec:\n  horizon: 30m\n  \
             priceList: prices.yaml\n  pools:\n    web: {{instanceType: ecs.c7.xlarge, count: 2, labels: {{pool: web}}}}\n{timeline}"
        );
        let session = Session::new().with("scenario.yaml", text).with("prices.yaml", PRICES);
        session
            .with("later.yaml", later.as_str())
            .with("other.yaml", later.replace("image: agent", "image: another"))
    };
    let session = folder(&timeline.replace("agent}", "late}"));
    let ran = session.run("run scenario.yaml --quiet --out run");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(nodes(&session, "1m"), [] as [&str; 0]);
    assert_eq!(nodes(&session, "3m"), ["web-1", "web-2"]);
    assert_eq!(nodes(&session, "9m"), ["web-1", "web-2"]);
    assert_eq!(nodes(&session, "11m"), [] as [&str; 0]);
    assert_eq!(nodes(&session, "20m"), ["web-1", "web-2"]);
    let changed =
        format!("  timeline:\n{}{}", bring("create", "2m", "later.yaml"), bring("apply", "5m", "other.yaml"));
    let refused = folder(&changed).run("run scenario.yaml --quiet --out run");
    assert_eq!(refused.code, 2);
    let why = "DaemonSet/kube-system/late has another pod template: rolling updates of DaemonSets are not";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
}

/// The node has 3.9 cores, of which the agent takes 0.1: 38 pods of 0.1 fit beside it, and 40 count as created.
#[test]
fn agents_take_room_and_count_in_no_figure() {
    let web = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 40
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {pool: web}
      containers: [{name: c, image: c, resources: {requests: {cpu: 100m, memory: 1Mi}}}]
";
    let text = "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {name: small}\nspec:\n  horizon: 30m\n  \
                manifests: [agent.yaml]\n  priceList: prices.yaml\n  controlPlane: {timing: instant}\n  pools:\n    \
                web: {allocatable: {cpu: 3900m, memory: 4Gi, pods: '100'}, count: 1, price: 0.1/h, labels: {pool: web}}\n";
    let session = Session::new()
        .with("scenario.yaml", text)
        .with("prices.yaml", PRICES)
        .with("agent.yaml", agent("", "") + web);
    assert_eq!(session.run("run scenario.yaml --quiet --out run").code, 0);
    let summary: serde_json::Value = serde_json::from_str(&session.read("run/summary.json")).unwrap();
    let figure =
        |pointer: &str| summary.pointer(pointer).unwrap_or_else(|| panic!("{pointer} in {summary}")).clone();
    assert_eq!((figure("/pods/created"), figure("/pods/scheduled")), (40.into(), 38.into()));
    assert_eq!(figure("/pods/pendingAtEnd"), 2);
    // All cpu is requested, the agent's too: nothing of the node is idle, from the first instant on.
    assert_eq!(figure("/cost/idleEcs").as_f64(), Some(0.0));
}

/// rule: daemon-set-burst
#[test]
fn requests_for_pods_take_their_time_batch_by_batch() {
    let latency = "  controlPlane: {timing: instant, clientLatency: 1m}\n";
    let session = ran(&agent("nodeSelector: {pool: web}", ""), latency);
    assert_eq!(nodes(&session, "59s"), [] as [&str; 0]);
    assert_eq!(nodes(&session, "61s"), ["web-1"]);
    assert_eq!(nodes(&session, "121s"), ["web-1", "web-2"]);
}

/// rule: daemon-set-by-label
#[test]
fn a_label_of_the_namespace_sends_no_agent_to_eci() {
    let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system, labels: \
                     {alibabacloud.com/eci: 'true'}}\n";
    let session = ran(&(agent("nodeSelector: {pool: web}", "") + namespace), "");
    assert_eq!(nodes(&session, "1m"), ["web-1", "web-2"]);
}

/// A pod that ran before is the DaemonSet's own; one that is for no node of its goes.
#[test]
fn pods_of_the_manifests_are_adopted() {
    let pod = |name: &str, node: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: kube-system, labels: {{app: agent}}, \
             ownerReferences: [{{apiVersion: apps/v1, kind: DaemonSet, name: agent, uid: a, controller: true}}]}}\n\
             spec: {{nodeName: {node}, containers: [{{name: agent, image: agent}}]}}\n"
        )
    };
    let manifests =
        agent("nodeSelector: {pool: web}", "") + &pod("agent-one", "web-1") + &pod("agent-two", "db-1");
    let session = ran(&manifests, "");
    let printed = session.run("get run pods -n kube-system -o wide --at 10m").printed();
    assert!(printed.contains("agent-one") && !printed.contains("agent-two"), "{printed}");
    assert_eq!(nodes(&session, "10m"), ["web-1", "web-2"]);
}

/// A web pod for each core of the only node, were there no agent.
/// rule: daemon-set-first
#[test]
fn at_the_start_agents_come_first() {
    let web = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: c, \
               resources: {requests: {cpu: '1'}}}]}\n";
    let set = web.replace("kind: Pod", "kind: ReplicaSet").replace("apiVersion: v1", "apiVersion: apps/v1").replace(
        "spec: {containers",
        "spec: {replicas: 1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers",
    );
    let set = set.trim_end().to_owned() + "}}\n";
    let text = "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {name: small}\nspec:\n  horizon: 30m\n  \
                manifests: [agent.yaml]\n  priceList: prices.yaml\n  pools:\n    \
                web: {allocatable: {cpu: '1', memory: 4Gi, pods: '10'}, count: 1, price: 0.1/h}\n";
    let session = Session::new()
        .with("scenario.yaml", text)
        .with("prices.yaml", PRICES)
        .with("agent.yaml", agent("", "") + &set);
    assert_eq!(session.run("run scenario.yaml --quiet --out run").code, 0);
    let printed = session.run("get run pods -A -o wide --at 1m").printed();
    let line = |name: &str| printed.lines().find(|line| line.contains(name)).unwrap().to_owned();
    assert!(line("agent-").contains("Running") && line("web-").contains("Pending"), "{printed}");
}

#[test]
fn schedule_gives_every_node_its_pod() {
    let node = |name: &str| {
        format!(
            "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{pool: web}}}}\nstatus: {{allocatable: {{cpu: '1', memory: 1Gi, pods: '10'}}}}\n"
        )
    };
    let bound = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: agent-old, namespace: kube-system, ownerReferences: \
                 [{apiVersion: apps/v1, kind: DaemonSet, name: agent, uid: a, controller: true}]}\nspec: {nodeName: n1, \
                 containers: [{name: agent}]}\n";
    let text = format!("{}{}{}{}{bound}", agent("", ""), node("n1"), node("n2"), node("n3"));
    let session = Session::new().with("cluster.yaml", text);
    let printed = session.run("schedule -f cluster.yaml").printed();
    let rows: Vec<_> = printed.lines().filter(|line| line.contains("agent-")).collect();
    assert_eq!(rows.len(), 2, "{printed}");
    assert!(printed.contains("n2") && printed.contains("n3"), "{printed}");
}
