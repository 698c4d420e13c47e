//! `overspill import`: what it finds in a dump, what it writes of it, and what it keeps to itself.

use std::fmt::Write as _;

use crate::DUMP;
use crate::session::{CLUSTER, Session};

/// The shipped dump, imported.
fn imported(args: &str) -> (Session, String) {
    let session = Session::new().with("dump.yaml", DUMP);
    let printed = session.run(&format!("import dump.yaml --out my-cluster {args}")).printed();
    (session, printed)
}

#[test]
fn a_cluster_is_recognised() {
    let (session, printed) = imported("");
    insta::assert_snapshot!("found", printed);
    insta::assert_snapshot!("scenario", session.read("my-cluster/scenario.yaml"));
    let checked = session.run("validate --strict my-cluster/scenario.yaml").printed();
    assert!(checked.ends_with("no problems\n"), "{checked}");
}

#[test]
fn secrets_are_not_copied() {
    let secret = "---\n{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: shop, uid: u, annotations: \
                  {kubectl.kubernetes.io/last-applied-configuration: c2VjcmV0}}, data: {password: c2VjcmV0}}\n";
    let session = Session::new().with("dump.yaml", DUMP).with("secret.yaml", secret);
    session.run("import dump.yaml secret.yaml --out c").printed();
    for (name, bytes) in session.files("c") {
        let text = String::from_utf8(bytes).expect("it is text");
        for word in
            ["do-not-copy-me", "c2VjcmV0", "DB_PASSWORD", "managedFields", "resourceVersion", "last-applied"]
        {
            assert!(!text.contains(word), "{}: {word}", name.display());
        }
    }
    assert!(session.read("c/manifests/secrets.yaml").contains("name: db"));
}

#[test]
fn a_rate_takes_the_place_of_what_stands_for_todays_load() {
    let (session, _) = imported("--rate 3000/s --peak 30000/s --spike 10m");
    let scenario = session.read("my-cluster/scenario.yaml");
    // Six pods of 660m serve it: 3960m for 3000 requests per second.
    assert!(scenario.contains("cpuPerThousandRequests: 1320m"), "{scenario}");
    assert!(
        scenario.contains("base: 3000/s, peak: 30000/s") && scenario.contains("horizon: 1h10m"),
        "{scenario}"
    );
    let (session, _) = imported("--rate 100/s --to Deployment/shop/orders");
    let scenario = session.read("my-cluster/scenario.yaml");
    assert!(scenario.contains("to: Deployment/shop/orders\n      rate: {constant: 100/s}\n"), "{scenario}");
    assert!(scenario.contains("rate: {constant: 1000/s}"), "the gateway keeps what stands for its load");
    let checked = session.run("validate --strict my-cluster/scenario.yaml").printed();
    assert!(checked.ends_with("no problems\n"), "{checked}");
}

/// Where the autoscaler has seen nothing yet, its target tells: 70 % of a core in each of six pods.
#[test]
fn a_target_stands_for_what_was_not_seen() {
    let dump = DUMP.replace("          averageValue: 660m\n", "");
    let session = Session::new().with("dump.yaml", dump);
    session.run("import dump.yaml --out c").printed();
    let scenario = session.read("c/scenario.yaml");
    assert!(scenario.contains("cpuPerThousandRequests: 4200m"), "{scenario}");
}

/// An autoscaler of something that was not printed would keep the scenario from running.
#[test]
fn autoscalers_of_nothing_are_left_out() {
    let dump = DUMP.replace(
        "      kind: Deployment\n      name: istio-ingressgateway",
        "      kind: Rollout\n      name: istio-ingressgateway",
    );
    let session = Session::new().with("dump.yaml", dump);
    let printed = session.run("import dump.yaml --out c").printed();
    assert!(printed.contains("Autoscalers of what was not printed (1)."), "{printed}");
    let scenario = session.read("c/scenario.yaml");
    assert!(scenario.contains("  # traffic:\n") && !scenario.contains("unservedShare"), "{scenario}");
    assert_eq!(session.run("run c/scenario.yaml --out o --quiet").code, 0);
}

/// A pod that was told to end keeps its room until it has ended, and comes to its end in a run.
///
/// rule: pods-ending-at-start
#[test]
fn pods_that_were_told_to_end_do_so() {
    let session = Session::new().with("dump.yaml", CLUSTER);
    assert_eq!(session.run("import dump.yaml --out c").code, 0);
    assert_eq!(session.run("run c/scenario.yaml --out o --quiet").code, 0);
    let at = |time: &str| session.run(&format!("get o pods -n shop --at {time}")).printed();
    let (before, after) = (at("1s"), at("1m"));
    let row = before.lines().find(|line| line.starts_with("web-6c5f7d9b8-zz7hd"));
    assert!(row.is_some_and(|row| row.contains("Terminating")), "{before}");
    assert!(!after.contains("web-6c5f7d9b8-zz7hd"), "{after}");
    assert_eq!(
        after.lines().count(),
        before.lines().count() - 1,
        "nothing takes its place:\n{before}{after}"
    );
}

/// The number of nodes can be varied: more of them are like those that were printed, fewer leave out the last.
#[test]
fn pools_grow_and_shrink() {
    let names = |count: u32| {
        let (session, _) = imported("");
        let scenario = session.read("my-cluster/scenario.yaml");
        let changed = scenario.replacen("count: 2", &format!("count: {count}"), 1);
        let session = session.with("my-cluster/scenario.yaml", changed);
        let ran = session.run("run my-cluster/scenario.yaml --out o --quiet");
        assert!(ran.code < 2, "{}", ran.stderr);
        let nodes = session.run("get o nodes -o name --at 1s").printed();
        let pods = session.run("get o pods -n istio-system -o name --at 1m").printed();
        (nodes.replace("node/", "").lines().map(str::to_owned).collect::<Vec<_>>(), pods.lines().count())
    };
    let (nodes, pods) = names(4);
    assert!(
        nodes.contains(&"npa1b2c3d4gateway-3".to_owned())
            && nodes.contains(&"npa1b2c3d4gateway-4".to_owned())
    );
    assert_eq!((nodes.len(), pods), (7, 6));
    let (nodes, pods) = names(1);
    assert!(
        nodes.contains(&"cn-hangzhou.10.0.1.11".to_owned())
            && !nodes.contains(&"cn-hangzhou.10.0.2.11".to_owned())
    );
    assert_eq!((nodes.len(), pods), (4, 6), "the pods of the node that is left out are made anew");
}

#[test]
fn further_dumps_and_the_standard_input_are_read() {
    let more = "apiVersion: v1\nkind: Namespace\nmetadata: {name: more}\n";
    let session = Session::new().piping(DUMP).with("more/extra.yaml", more);
    session.run("import - more --out c").printed();
    assert!(session.read("c/manifests/namespaces.yaml").contains("name: more"));
}

#[test]
fn what_is_not_known_is_listed() {
    let dump = DUMP.replace("ecs.g7.xlarge", "ecs.hfc9.xlarge").replace("kind: Job\n", "kind: Endpoints\n");
    let session = Session::new().with("dump.yaml", dump);
    let ran = session.run("import dump.yaml --out c");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for expected in [
        "Objects of kinds that are not simulated: Endpoints (1).",
        "Price list cn-hangzhou-usd has no price of ecs.hfc9.xlarge: pool npe5f6a7b8system counts as free",
    ] {
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
    }
    let scenario = session.read("c/scenario.yaml");
    assert!(
        scenario.contains("# * Price list cn-hangzhou-usd has no price") && scenario.contains("price: 0/h")
    );
    let ran = session.run("run c/scenario.yaml --out o --quiet");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// Thousands of pods are read, written and read again in less than a minute, in a build without optimisation.
#[test]
fn a_large_dump_is_imported() {
    let (head, pod) = (
        "apiVersion: v1\nkind: List\nitems:\n",
        "- {apiVersion: v1, kind: Pod, metadata: {name: NAME, namespace: d, uid: NAME, resourceVersion: '1'}, \
               spec: {nodeName: n0, priority: 0, containers: [{name: c, image: i, resources: {requests: {cpu: 1m}}}]}, status: {phase: Running}}\n",
    );
    let mut dump = head.to_owned();
    dump.push_str("- {apiVersion: v1, kind: Node, metadata: {name: n0, uid: n, labels: {node.kubernetes.io/instance-type: ecs.c7.xlarge}}, status: {allocatable: {cpu: '64', memory: 64Gi, pods: '6000'}}}\n");
    for number in 0..5000 {
        let _ = write!(dump, "{}", pod.replace("NAME", &format!("p{number}")));
    }
    let session = Session::new().with("dump.yaml", dump);
    let printed = session.run("import dump.yaml --out c").printed();
    assert!(printed.contains("5000 pods bound, 0 waiting"), "{printed}");
    session.run("validate c/scenario.yaml").printed();
}

/// Nothing happens in it: what has no value then is no expectation.
#[test]
fn a_quiet_cluster_keeps_its_expectations() {
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {node.kubernetes.io/instance-type: ecs.c7.xlarge}}\n\
                status: {allocatable: {cpu: '4', memory: 8Gi, pods: '20'}}\n";
    let session = Session::new().with("dump.yaml", node);
    session.run("import dump.yaml --out My_Cluster2").printed();
    let ran = session.run("run My_Cluster2/scenario.yaml --out o --quiet");
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let other = session.run(
        "sweep run My_Cluster2/scenario.yaml --vary pools.c7-xlarge.instanceType=ecs.c7.2xlarge --out p",
    );
    assert!(other.code == 2, "{}", other.stderr);
    assert!(other.stderr.contains("whose instance type is ecs.c7.xlarge"), "{}", other.stderr);
}

#[test]
fn empty_zones_and_nodes_that_were_not_printed_are_listed() {
    let dump = "apiVersion: v1\nkind: List\nitems:\n\
                - {apiVersion: v1, kind: Node, metadata: {name: n1, labels: {topology.kubernetes.io/zone: '', \
                node.kubernetes.io/instance-type: ecs.c7.xlarge}}, status: {allocatable: {cpu: '4', memory: 8Gi, pods: '9'}}}\n\
                - {apiVersion: v1, kind: Node, metadata: {name: v1, labels: {topology.kubernetes.io/zone: '', type: \
                virtual-kubelet}}, status: {allocatable: {cpu: '4', memory: 8Gi, pods: '9'}}}\n\
                - {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: d}, spec: {nodeName: gone, containers: [{name: c, \
                image: i}]}}\n";
    let session = Session::new().with("dump.yaml", dump);
    let printed = session.run("import dump.yaml --out c").printed();
    for expected in [
        "The label topology.kubernetes.io/zone of these nodes is empty and was left out: n1, v1.",
        "1 pod is bound to nodes that were not printed (gone): a run leaves it out.",
    ] {
        assert!(printed.contains(expected), "{expected}: {printed}");
    }
    let scenario = session.read("c/scenario.yaml");
    assert!(!scenario.contains("zones:") && scenario.contains("    v1:\n      name: v1\n"), "{scenario}");
    assert!(!session.read("c/manifests/nodes.yaml").contains("topology.kubernetes.io/zone"));
    assert_eq!(session.run("validate c/scenario.yaml").code, 0);
}

#[test]
fn an_autoscaler_in_motion_is_listed() {
    let session = Session::new()
        .with("dump.yaml", DUMP.replace("    desiredReplicas: 6\n", "    desiredReplicas: 9\n"));
    let printed = session.run("import dump.yaml --out c").printed();
    assert!(printed.contains("was on its way from 6 to 9 pods"), "{printed}");
    let scenario = session.read("c/scenario.yaml");
    assert!(scenario.contains("# - traffic.unservedShare <= 1%"), "{scenario}");
}
