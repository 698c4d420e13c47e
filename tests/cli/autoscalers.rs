//! What `get` shows of autoscalers with metrics of all types.

use crate::session::Session;

const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

const SCENARIO: &str = "apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {name: small}
spec:
  horizon: 10m
  manifests: [manifests.yaml]
  priceList: prices.yaml
  pools: {node: {instanceType: ecs.c7.xlarge, count: 2}}
  traffic:
    web: {to: Deployment/default/web, rate: {constant: 2000/s}, cpuPerThousandRequests: 100m,
          memoryPerThousandRequests: 16Mi, baseMemory: 32Mi}
  metrics:
    queue: {from: {series: {constant: 90/s}}}
";

const MANIFESTS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: web, resources: {requests: {cpu: 100m, memory: 50Mi}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: resources}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 4
  maxReplicas: 4
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
    - {type: ContainerResource, containerResource: {name: memory, container: app, target: {type: Utilization, averageUtilization: 80}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: customs}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 4
  maxReplicas: 4
  metrics:
    - {type: Pods, pods: {metric: {name: requests_per_second}, target: {type: AverageValue, averageValue: 500}}}
    - {type: External, external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 20}}}
    - {type: Object, object: {describedObject: {apiVersion: v1, kind: Service, name: front}, metric: {name: requests_per_second}, target: {type: Value, value: 2500}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: lost}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 4
  maxReplicas: 4
  metrics:
    - {type: External, external: {metric: {name: nothing}, target: {type: Value, value: 20}}}
";

#[test]
fn targets_are_printed_as_kubectl_does() {
    let session = Session::new().with("scenario.yaml", SCENARIO).with("prices.yaml", PRICES);
    let session = session.with("manifests.yaml", MANIFESTS);
    let ran = session.run("run scenario.yaml --out run");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let printed = session.run("get run hpa --at 9m").printed();
    let row = |name: &str| printed.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(row("resources").contains("cpu: 50%/60%, memory: 80%/80%"), "{printed}");
    assert!(row("customs").contains("500/500, 22500m/20 (avg) + 1 more..."), "{printed}");
    assert!(row("lost").contains("<unknown>/20"), "{printed}");
    let json = session.run("get run hpa -o json --at 9m").printed();
    let list: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let items = list["items"].as_array().unwrap();
    let of = |name: &str| &items.iter().find(|one| one["metadata"]["name"] == name).unwrap()["status"];
    let current = serde_json::json!({
        "type": "Object",
        "object": {
            "describedObject": {"kind": "Service", "name": "front"},
            "metric": {"name": "requests_per_second"},
            "current": {"value": "2k"},
        },
    });
    assert_eq!(of("customs")["currentMetrics"][2], current);
    let conditions = of("lost")["conditions"].as_array().unwrap();
    let active = conditions.iter().find(|one| one["type"] == "ScalingActive").unwrap();
    assert_eq!((&active["status"], &active["reason"]), (&"False".into(), &"FailedGetExternalMetric".into()));
}
