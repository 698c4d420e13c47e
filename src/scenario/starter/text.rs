//! What the files of a starter say.

use std::fmt::Write as _;

use super::{Method, Starter, TARGET_PERCENT};
use crate::scenario::drafting::{PRICES_FILE, scalar};
use crate::units::Bytes;

/// The label by which pods tell ECS nodes from virtual ones.
const POOL_LABEL: (&str, &str) = ("pool", "base");

/// A strict order of ECS before ECI.
pub(super) const POLICY: &str =
    "# ACK's ResourcePolicy: pods go to the first unit that has room, and leave the last one first.
apiVersion: scheduling.alibabacloud.com/v1alpha1
kind: ResourcePolicy
metadata: {name: web, namespace: demo}
spec:
  selector: {app: web}
  strategy: prefer
  units:
    - resource: ecs
      nodeSelector: {pool: base}
    - resource: eci
";

impl Starter {
    pub(super) fn scenario(&self) -> String {
        let mut text = self.head();
        text.push_str(&self.places());
        text.push_str(&self.traffic());
        text.push_str(&self.expectations());
        let _ = write!(
            text,
            "  # Variations, each a map of PATH to the value that stands there instead:
  #   overspill compare scenario.yaml
  variants:
    one-more-node: {{pools.base.count: {more}}}
    busier-pods:
      \"manifests/HorizontalPodAutoscaler/demo/web:/spec/metrics/0/resource/target/averageUtilization\": {busier}
",
            more = u64::from(self.nodes) + 1,
            busier = TARGET_PERCENT + 15,
        );
        text
    }

    fn head(&self) -> String {
        let Self { name, nodes, .. } = self;
        let kind = self.instance_type.name;
        let beside =
            if self.virtual_zone.is_some() { "a virtual node beside them" } else { "nothing beside them" };
        format!(
            "# {name}: an autoscaled Deployment on {nodes} ECS nodes of {kind}, with {beside}. Written by `overspill init`.
#
{commands}#
# Every field and its default: overspill schema. What the Deployment is like: manifests/web.yaml.
apiVersion: overspill/v1alpha1
kind: Scenario
metadata: {{name: {title}}}
spec:
  # How long is simulated: until what has come has gone again.
  horizon: {horizon}
  # What all randomness is drawn from; `overspill run --seeds 1..30` takes many.
  seed: 1
  # Kubernetes manifests, files or folders: put your own there.
  manifests: [manifests/]
  # A KubeSchedulerConfiguration; default: upstream's default profile.
  # schedulerConfiguration: scheduler.yaml
  # List prices of China (Hangzhou): put your contract's there.
  priceList: {PRICES_FILE}
",
            title = scalar(name),
            commands = self.commands(),
            horizon = self.load.horizon(),
        )
    }

    /// What to do with it, as lines of comment.
    fn commands(&self) -> String {
        let name = &self.name;
        let commands = [
            ("run scenario.yaml".to_owned(), format!("simulates it; results go to out/{name}")),
            (format!("explain out/{name} POD"), "says why a pod is where it is".to_owned()),
            ("validate scenario.yaml".to_owned(), "says what is wrong after a change".to_owned()),
        ];
        let width = commands.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
        let lines =
            commands.iter().map(|(command, what)| format!("#   overspill {command:width$}   {what}\n"));
        lines.collect()
    }

    fn places(&self) -> String {
        let (label, value) = POOL_LABEL;
        let mut text = format!(
            "  # ECS nodes that are equal, paid for as long as they exist.
  pools:
    base:
      # It tells price and size; what is for pods follows from ACK's formulas.
      instanceType: {kind}
      count: {nodes}
      # Nodes are spread over them in turn.
      zones: [{zone}]
      # payg, subscription, spot or savingsPlan.
      billing: payg
      # What is taken off:
      # discount: 15%
      labels: {{{label}: {value}}}
      # Pods must tolerate these:
      # taints: [\"dedicated=web:NoSchedule\"]
",
            kind = self.instance_type.name,
            nodes = self.nodes,
            zone = scalar(&self.zone),
        );
        if let Some(zone) = &self.virtual_zone {
            let _ = write!(
                text,
                "  # Virtual nodes, by zone: free themselves, each of their pods is an ECI instance that is paid for by the second.
  virtualNodes:
    {}:
      # The free addresses of the zone's vSwitch: each instance takes one. Default: no bound.
      vswitchIps: 1000
  eci:
    # The account's vCPU quota: `default` (500), `raised` (no bound) or a number.
    quota: default
",
                scalar(zone)
            );
        }
        text
    }

    fn traffic(&self) -> String {
        format!(
            "  # Requests to workloads, by any name.
  traffic:
    requests:
      to: Deployment/demo/web
      # Other shapes: constant, step, ramp, spike, diurnal, flashCrowd, trace and more, their sums and products.
      rate: {shape}
      # The cpu that a thousand requests per second take.
      cpuPerThousandRequests: {cpu}
",
            shape = self.load.shape(),
            cpu = self.cpu_per_thousand_requests,
        )
    }

    fn expectations(&self) -> String {
        let (settles, absorbs) = (self.settles(), self.absorbs_its_spike());
        let conditions = match self.method {
            Method::EciLabel => [
                (true, "overflow.directed == overflow.pods"),
                (true, "pending.waitSeconds.p99 <= 1m"),
                (settles, "pods.pendingAtEnd == 0"),
            ],
            Method::None => [
                (true, "overflow.pods == 0"),
                (settles, "pods.pendingAtEnd == 0"),
                (true, "cost.virtual == 0"),
            ],
            _ => [
                (absorbs, "traffic.unservedShare <= 5%"),
                (true, "pending.waitSeconds.p99 <= 1m"),
                (settles, "pods.pendingAtEnd == 0"),
            ],
        };
        let mut text = "  # What is to hold; `overspill run` exits with 1 where something does not. Metrics: docs/metrics.md.
  expect:
"
        .to_owned();
        for (holds, condition) in conditions {
            // What these numbers may not keep is there to be raised or dropped.
            let _ = writeln!(text, "    {}- {condition}", if holds { "" } else { "# " });
        }
        text
    }

    /// The Deployment, its Service and its autoscaler.
    pub(super) fn web(&self) -> String {
        let labels = match self.method {
            Method::EciLabel => {
                "        app: web\n        # Every pod becomes an ECI instance, past the scheduler.\n        \
                 alibabacloud.com/eci: \"true\"\n"
            }
            _ => "        app: web\n",
        };
        format!(
            "apiVersion: v1
kind: Namespace
metadata: {{name: demo}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: demo}}
spec:
  replicas: {replicas}
  selector:
    matchLabels: {{app: web}}
  template:
    metadata:
      labels:
{labels}    spec:
{placement}      containers:
        - name: web
          image: registry.example.com/web:1
          resources:
            requests: {{cpu: {cpu}, memory: {memory}}}
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: demo}}
spec:
  selector: {{app: web}}
  ports: [{{port: 80}}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web, namespace: demo}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  minReplicas: {replicas}
  maxReplicas: {most}
  metrics:
    - type: Resource
      resource:
        name: cpu
        # In per cent of what pods request.
        target: {{type: Utilization, averageUtilization: {TARGET_PERCENT}}}
",
            replicas = self.replicas,
            placement = self.placement(),
            cpu = scalar(&self.cpu.to_string()),
            memory = scalar(&Bytes(self.memory.value()).to_string()),
            most = self.most_replicas(),
        )
    }

    /// What the pods say of the nodes that they want.
    fn placement(&self) -> String {
        let (label, value) = POOL_LABEL;
        match self.method {
            Method::Affinity => format!(
                "      # ECS nodes are preferred 80 to 20. The default topology spread speaks against it: see the README.
      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 80
              preference: {{matchExpressions: [{{key: {label}, operator: In, values: [{value}]}}]}}
            - weight: 20
              preference: {{matchExpressions: [{{key: type, operator: In, values: [virtual-kubelet]}}]}}
      # Without this no pod goes to a virtual node.
      tolerations:
        - {{key: virtual-kubelet.io/provider, operator: Equal, value: alibabacloud, effect: NoSchedule}}
"
            ),
            Method::ResourcePolicy => {
                "      # manifests/policy.yaml says where pods go; the scheduler adds what they have to tolerate.\n".to_owned()
            }
            Method::EciLabel | Method::None => String::new(),
        }
    }
}
