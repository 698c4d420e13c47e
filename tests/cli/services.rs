//! Services: what is checked of them, and what `get` prints.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

fn scenario(spec: &str) -> Session {
    let text = format!(
        "apiVersion: overspill/v1alpha1\nkind: Scenario\nmetadata: {{name: small}}\nspec:\n  horizon: 30m\n  \
         priceList: prices.yaml\n  pools: {{node: {{instanceType: ecs.c7.xlarge, count: 1, billing: payg}}}}\n{spec}"
    );
    Session::new().with("scenario.yaml", text).with("prices.yaml", PRICES)
}

fn rows(session: &Session, args: &str) -> Vec<String> {
    let printed = session.run(args).printed();
    let row = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    printed.lines().skip(1).map(row).collect()
}

/// rule: asm-gateway
#[test]
fn what_a_gateway_of_the_timeline_becomes_can_be_looked_at() {
    let gateway = |port: u32| {
        format!(
            "{{manifest: {{apiVersion: istio.alibabacloud.com/v1beta1, kind: IstioGateway, metadata: {{name: edge}}, \
             spec: {{ports: [{{name: http, port: {port}}}]}}}}}}"
        )
    };
    let session = scenario(&format!(
        "  mesh: {{clusterType: ackPro}}\n  timeline:\n    - {{at: 5m, create: {}}}\n    - {{at: 10m, apply: {}}}\n",
        gateway(80),
        gateway(81)
    ));
    session.run("run scenario.yaml --quiet --out run").printed();
    let services = |at: &str| rows(&session, &format!("get run svc -n istio-system -o wide --at {at}"));
    let labels = "app=istio-edge,istio=edge";
    assert_eq!(services("6m"), [format!("istio-edge LoadBalancer <none> <pending> 80/TCP 60s {labels}")]);
    assert_eq!(services("11m"), [format!("istio-edge LoadBalancer <none> <pending> 81/TCP 6m {labels}")]);
    let deployments = rows(&session, "get run deploy -n istio-system --show-labels");
    assert!(deployments[0].contains("app=istio-edge"), "{deployments:?}");
}
