//! PodDisruptionBudgets as `get` prints them, and what is refused of them.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: w}]}}
---
";

fn session(spec: &str, timeline: &str) -> Session {
    let scenario = format!(
        "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: small}}\nspec:\n  horizon: 30m\n  \
         priceList: prices.yaml\n  manifests: [web.yaml]\n  pools: {{node: {{instanceType: ecs.c7.xlarge, count: 2, billing: \
         payg}}}}\n{timeline}"
    );
    let budget = format!(
        "{WEB}apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: web}}\nspec: {{selector: {{matchLabels: {{app: \
         web}}}}, {spec}}}\n"
    );
    Session::new().with("scenario.yaml", scenario).with("prices.yaml", PRICES).with("web.yaml", budget)
}

#[test]
fn budgets_show_what_they_allow_now() {
    let timeline =
        "  timeline:\n    - {at: 10m, drain: {node: node-1}}\n    - {at: 20m, uncordon: {node: node-1}}\n";
    let session = session("maxUnavailable: 50%", timeline);
    let told = session.run("run scenario.yaml --out run").stdout;
    assert!(told.contains("drains    1 drain done; 2 pods evicted\n"), "{told}");
    let print = |args: &str| session.run(args).printed();
    let row = |at: &str| {
        let printed = print(&format!("get run pdb --at {at}"));
        printed.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("5m"), "web N/A 50% 2 5m");
    assert_eq!(row("600s"), "web N/A 50% 0 10m", "both that the node had have just been evicted");
    let yaml = print("get run poddisruptionbudgets.policy web -o yaml --at 5m");
    assert!(yaml.contains("disruptionsAllowed: 2") && yaml.contains("expectedPods: 4"), "{yaml}");
    let node = |at: &str| print(&format!("get run nodes node-1 --at {at}"));
    assert!(node("15m").contains("Ready,SchedulingDisabled") && !node("25m").contains("Disabled"));
}

#[test]
fn budgets_are_checked_as_the_api_server_checks_them() {
    for (spec, words) in [
        ("minAvailable: 1, maxUnavailable: 1", "minAvailable and maxUnavailable cannot be both set"),
        ("minAvailable: 101%", "must not be greater than 100%"),
        ("maxUnavailable: -1", "must be greater than or equal to 0"),
        ("minAvailable: half", "must be an integer or percentage (e.g '5%')"),
        ("unhealthyPodEvictionPolicy: Never", "\"Never\" must be AlwaysAllow or IfHealthyBudget"),
    ] {
        let told = session(spec, "").run("validate scenario.yaml").refused();
        assert!(told.contains(words), "{told}");
    }
}
