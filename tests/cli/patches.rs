//! Objects that were patched, as `get` prints them.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

const SCENARIO: &str = "apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {name: small}
spec:
  horizon: 30m
  priceList: prices.yaml
  manifests: [web.yaml]
  pools: {node: {instanceType: ecs.c7.xlarge, count: 1, billing: payg}}
  timeline:
    - {at: 5m, patch: {resource: service/default/web, patch: {metadata: {labels: {team: a}}, spec: {ports: [{port: 443}]}}}}
    - {at: 10m, patch: {resource: service/default/web, type: json, patch: [{op: remove, path: /spec/ports/1}]}}
    - {at: 15m, patch: {resource: deployment/default/web, patch: {metadata: {labels: {team: b}}, spec: {template: {spec: {containers: [{name: web, image: w2}]}}}}}}
    - {at: 20m, apply: {manifest: {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: 8080}]}}}}
    - {at: 25m, patch: {resource: node/node-1, type: merge, patch: {metadata: {annotations: {why: test}}}}}
";

const WEB: &str = "apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: w1}]}}
";

#[test]
fn get_shows_objects_as_their_patches_leave_them() {
    let session =
        Session::new().with("scenario.yaml", SCENARIO).with("prices.yaml", PRICES).with("web.yaml", WEB);
    session.run("run scenario.yaml --quiet --out run").printed();
    let row = |args: &str| {
        let printed = session.run(&format!("get run {args}")).printed();
        printed.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("svc --at 4m --show-labels"), "web ClusterIP <none> <none> 80/TCP 4m <none>");
    assert_eq!(row("svc --at 6m --show-labels"), "web ClusterIP <none> <none> 443/TCP,80/TCP 6m team=a");
    assert_eq!(row("svc --at 11m"), "web ClusterIP <none> <none> 443/TCP 11m");
    assert_eq!(row("svc --at 21m"), "web ClusterIP <none> <none> 8080/TCP 21m");
    let deployment = row("deploy -o wide --show-labels --at 16m");
    assert!(deployment.contains(" w2 ") && deployment.ends_with("team=b"), "{deployment}");
    assert!(session.run("get run node node-1 -o yaml").printed().contains("why: test"));
}
