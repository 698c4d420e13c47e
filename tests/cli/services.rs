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
        "  mesh: {{clusterType: ackPro}}\n  timeline:\n    - {{at: 0s, create: {{manifest: {{apiVersion: v1, kind: Namespace, metadata: \
         {{name: istio-system}}}}}}}}\n    - {{at: 5m, create: {}}}\n    - {{at: 10m, apply: {}}}\n",
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

#[test]
fn services_are_checked_as_the_api_server_checks_them() {
    let told = |spec: &str| {
        let session = scenario("  manifests: [s.yaml]\n").with(
            "s.yaml",
            format!("apiVersion: v1\nkind: Service\nmetadata: {{name: s}}\nspec: {{{spec}}}\n"),
        );
        session.run("validate scenario.yaml").refused()
    };
    for (spec, words) in [
        ("type: Foo", "\"Foo\" is no type of Services"),
        ("type: ExternalName", "externalName"),
        ("ports: [{port: 0}]", "0 is no port: those are 1 to 65535"),
        ("ports: [{port: 80, targetPort: 99999}]", "99999 is no port"),
        ("ports: [{port: 80, targetPort: 'a--b'}]", "is no name of a port"),
        ("type: NodePort, ports: [{port: 80, nodePort: 70000}]", "70000 is no port"),
        ("ports: [{port: 80, protocol: HTTP}]", "\"HTTP\" is no protocol of Services"),
    ] {
        let message = told(spec);
        assert!(message.contains(words) && message.contains("s.yaml"), "{spec}: {message}");
    }
}

#[test]
fn the_addresses_that_are_written_are_printed() {
    let service = |name: &str, spec: &str| {
        format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n")
    };
    let manifests = service("a", "externalIPs: [1.2.3.4, 1.2.3.5], ports: [{port: 80, targetPort: http}]")
        + &service("b", "type: ExternalName, externalName: db.example.com")
        + &service("c", "type: LoadBalancer, ports: [{port: 80}]")
        + &service(
            "d",
            "type: LoadBalancer, loadBalancerIP: 9.9.9.9, externalIPs: [1.2.3.4], ports: [{port: 80}]",
        );
    let session = scenario("  manifests: [s.yaml]\n").with("s.yaml", manifests);
    session.run("run scenario.yaml --quiet --out run").printed();
    assert_eq!(
        rows(&session, "get run svc --at 90s"),
        [
            "a ClusterIP <none> 1.2.3.4,1.2.3.5 80/TCP 90s",
            "b ExternalName <none> db.example.com <none> 90s",
            "c LoadBalancer <none> <pending> 80/TCP 90s",
            "d LoadBalancer <none> 9.9.9.9,1.2.3.4 80/TCP 90s",
        ]
    );
}
