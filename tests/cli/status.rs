//! What `get`, `explain` and `run` say of pods that ECI takes, holds up or had before the run, and of ASM gateways.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

/// A small cluster with these manifests and what `spec` adds to it, run into `run`; and what the run printed.
fn ran(manifests: &str, spec: &str) -> (Session, String) {
    let text = format!(
        "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: small}}\nspec:\n  horizon: 30m\n  \
         manifests: [manifests.yaml]\n  priceList: prices.yaml\n  pools: {{node: {{instanceType: ecs.c7.xlarge, count: \
         1}}}}\n  virtualNodes: {{cn-hangzhou-j: {{}}}}\n{spec}"
    );
    let session = Session::new().with("scenario.yaml", text).with("prices.yaml", PRICES);
    let session = session.with("manifests.yaml", manifests);
    let ran = session.run("run scenario.yaml --out run");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (session, ran.stdout)
}

fn pod(name: &str, labels: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n\
         spec: {{containers: [{{name: c, image: x, resources: {{limits: {{cpu: 2, memory: 4Gi}}}}}}], {spec}}}\n"
    )
}

const ECI: &str = "alibabacloud.com/eci: 'true'";

/// A pod's conditions at an instant: `type=status` with the reason, if there is one.
#[track_caller]
fn conditions(session: &Session, name: &str, at: &str) -> Vec<String> {
    let json = session.run(&format!("get run pod {name} -o json --at {at}")).printed();
    let pod: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let all = pod["status"]["conditions"].as_array().expect("a pod has conditions");
    all.iter()
        .map(|one| {
            assert!(one["lastTransitionTime"].is_string(), "{one}");
            let text = |key: &str| one[key].as_str().unwrap_or_default();
            format!("{}={} {}", text("type"), text("status"), text("reason")).trim_end().to_owned()
        })
        .collect()
}

/// rule: eci-room
#[test]
fn a_pod_that_eci_holds_up_says_why_in_its_conditions() {
    let manifests = pod("first", ECI, "") + &pod("second", ECI, "");
    let (session, printed) = ran(&manifests, "  eci: {quota: 2, sandbox: {constant: 6s}}\n");
    assert!(printed.contains("held up   1 pod by the vCPU quota\n"), "{printed}");
    let scheduled = "PodScheduled=True";
    let ready = |is: &str| [format!("Ready={is}"), format!("ContainersReady={is}")];
    let expected = |middle: &[&str], is: &str| -> Vec<String> {
        let front = std::iter::once(scheduled).chain(middle.iter().copied()).map(str::to_owned);
        front.chain(ready(is)).collect()
    };
    let created = "ContainerInstanceCreated=True";
    assert_eq!(conditions(&session, "first", "3s"), expected(&[created, "SandboxReady=False"], "False"));
    assert_eq!(conditions(&session, "first", "20m"), expected(&[created, "SandboxReady=True"], "True"));
    let waits = "ContainerInstanceCreated=False QuotaExceeded";
    assert_eq!(conditions(&session, "second", "20m"), expected(&[waits], "False"));
    let yaml = session.run("get run pod second -o yaml --at 20m").printed();
    assert!(yaml.contains("message: Create ECI failed because the vCPU quota is exceeded."), "{yaml}");
    let (session, printed) = ran(&pod("only", ECI, ""), "  eci: {stock: {cn-hangzhou-j: {'*': 0}}}\n");
    assert!(printed.contains("held up   1 pod by stock\n"), "{printed}");
    let waits = "ContainerInstanceCreated=False NoStock";
    assert_eq!(conditions(&session, "only", "20m"), expected(&[waits], "False"));
}

#[test]
fn a_pod_that_fits_nowhere_says_so_in_its_conditions() {
    let (session, printed) = ran(&pod("lost", "", "nodeSelector: {no: such}"), "");
    assert!(!printed.contains("held up"), "{printed}");
    assert_eq!(conditions(&session, "lost", "20m"), ["PodScheduled=False Unschedulable"]);
}

/// A pod that was on a virtual node before the run is billed, so it has an instance, and what is written of one.
///
/// rule: eci-annotations
#[test]
fn a_pod_from_before_the_run_has_its_instance_and_its_story() {
    let (session, _) = ran(&pod("old", "", "nodeName: virtual-kubelet-cn-hangzhou-j"), "");
    let yaml = session.run("get run pod old -o yaml").printed();
    for written in ["instance-id: eci-", "instance-spec: 2.0-4.0Gi", "instance-zone: cn-hangzhou-j"] {
        assert!(yaml.contains(written), "{written} in {yaml}");
    }
    let told = session.run("explain run default/old").printed();
    assert!(told.contains("on virtual-kubelet-cn-hangzhou-j since before the run\n"), "{told}");
    assert!(!told.contains("overflow"), "{told}");
}

/// rule: eci-label
#[test]
fn an_explanation_names_what_has_sent_a_pod_to_eci() {
    let namespace =
        format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: default, labels: {{{ECI}}}}}\n");
    let profile = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: eci-profile, namespace: kube-system}\n\
                   data: {selectors: '[{\"name\": \"a\", \"objectSelector\": {\"matchLabels\": {\"app\": \"a\"}}}]'}\n";
    let chooses = "nodeSelector: {type: virtual-kubelet}, tolerations: [{operator: Exists}]";
    for (manifests, words) in [
        (pod("p", ECI, ""), "its label sends it to ECI, past the scheduler"),
        (namespace + &pod("p", "", ""), "a label of its namespace sends it to ECI, past the scheduler"),
        (profile.to_owned() + &pod("p", "app: a", ""), "the eci-profile sends it to ECI, past the scheduler"),
        (pod("p", "", chooses), "the pod allows virtual nodes only"),
    ] {
        let told = ran(&manifests, "").0.run("explain run default/p").printed();
        assert!(told.contains(&format!("bound to virtual-kubelet-cn-hangzhou-j: {words}\n")), "{told}");
    }
}

/// rule: asm-gateway
#[test]
fn what_a_gateway_becomes_can_be_looked_at() {
    let gateway = "apiVersion: istio.alibabacloud.com/v1beta1
kind: IstioGateway
metadata: {name: edge}
spec:
  autoscaleEnabled: true
  maxReplicas: 4
  ports: [{name: http2, port: 80, targetPort: 8080, protocol: HTTP2}, {name: https, port: 443}]
";
    let (session, _) = ran(gateway, "  mesh: {clusterType: ackPro}\n");
    let rows = |args: &str| {
        let printed = session.run(args).printed();
        let row = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        printed.lines().skip(1).map(row).collect::<Vec<_>>()
    };
    assert_eq!(
        rows("get run svc -n istio-system -o wide --at 90s"),
        ["istio-edge LoadBalancer <none> <pending> 80/TCP,443/TCP 90s app=istio-edge,istio=edge"]
    );
    let yaml =
        |kind: &str| session.run(&format!("get run {kind} istio-edge -n istio-system -o yaml")).printed();
    let deployment = yaml("deploy");
    for line in
        ["    spec:", "        image: proxyv2", "            memory: 256Mi", "  selector:", "  replicas: 1"]
    {
        assert!(
            deployment.lines().any(|own| own.trim_end() == line || own.trim() == line.trim()),
            "{line}: {deployment}"
        );
    }
    let autoscaler = yaml("hpa");
    for line in ["maxReplicas: 4", "kind: Deployment", "averageUtilization: 80"] {
        assert!(autoscaler.contains(line), "{line}: {autoscaler}");
    }
    assert!(yaml("svc").contains("targetPort: 8080"));
}

/// rule: cost-cluster-fee
#[test]
fn a_cluster_costs_its_fee_where_the_list_has_one() {
    let fee = "  clusterFee: {price: 0.09/h, source: a guess, date: '2025', confidence: estimate}\n";
    let text = "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {name: small}\nspec:\n  horizon: 30m\n  \
                manifests: [manifests.yaml]\n  priceList: prices.yaml\n  pools: {node: {instanceType: ecs.c7.xlarge, count: 1, billing: savingsPlan}}\n  \
                expect: [cost.cluster == 0.045, cost.ecs == 0.039, cost.total == 0.084, cost.virtual == 0]\n";
    let session = Session::new().with("scenario.yaml", text).with("manifests.yaml", pod("p", "", ""));
    let session = session.with("prices.yaml", format!("{PRICES}{fee}"));
    let printed = session.run("run scenario.yaml --out run").stdout;
    assert!(printed.contains("cluster 0.045"), "{printed}");
    assert!(printed.contains("4 of 4 expectations hold"), "{printed}");
}

/// rule: policy-max
#[test]
fn an_explanation_tells_a_full_unit_from_a_node_that_is_not_eligible() {
    let policy = "---
apiVersion: scheduling.alibabacloud.com/v1alpha1
kind: ResourcePolicy
metadata: {name: p}
spec: {selector: {app: web}, strategy: prefer, units: [{resource: ecs, max: 1}, {resource: eci}]}
";
    let small = |name| pod(name, "app: web", "").replace("cpu: 2, memory: 4Gi", "cpu: 1, memory: 1Gi");
    let (session, _) = ran(&(policy.to_owned() + &small("a") + &small("b")), "");
    let told = session.run("explain run default/b").printed();
    assert!(told.contains("were in a unit of the ResourcePolicy that has its 1 pod already"), "{told}");
    let bound = "bound to virtual-kubelet-cn-hangzhou-j: overflow, a unit of its ResourcePolicy before this one is full";
    assert!(told.contains(bound), "{told}");
}
