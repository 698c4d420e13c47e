//! The gateway and its cluster as manifests, and what becomes of its pods.

use std::fmt::Write as _;

use overspill::scenario::inventory::{Inventory, Stocked};
use overspill::scenario::{scheduler_config, take_stock};
use overspill::scheduler::{PreemptionMode, Registry, Scheduler, SchedulerConfig, TieBreak};
use overspill::simulation::one_shot::{AttemptRecord, Victims, place};
use overspill_manifest::{Decoder, Source, read_data, read_documents};

/// What selects the gateway's pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Nothing,
    Service,
    ReplicaSet,
    Both,
}

/// In which zones nodes stand, one letter per node, the first again after the last; empty for no zone labels.
pub(crate) type Zones = &'static str;

/// A cluster and a gateway of 50 pods.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    pub(crate) ecs: usize,
    pub(crate) virtual_nodes: usize,
    pub(crate) ecs_zones: Zones,
    pub(crate) virtual_zones: Zones,
    pub(crate) owner: Owner,
    /// cpu and memory of an ECS node.
    pub(crate) ecs_size: (&'static str, &'static str),
    /// cpu and memory of a virtual node.
    pub(crate) virtual_size: (&'static str, &'static str),
    /// Whether virtual nodes have the label kubernetes.io/hostname.
    pub(crate) virtual_hostname: bool,
    /// What a pod requests, as YAML.
    pub(crate) requests: &'static str,
    /// Preference for virtual nodes and for ECS nodes.
    pub(crate) weights: (u32, u32),
    /// More of the pod's specification, as YAML of one line.
    pub(crate) pod: &'static str,
    /// A profile of a KubeSchedulerConfiguration, as YAML of one line.
    pub(crate) profile: &'static str,
}

impl Default for Gateway {
    /// One ECS node, one virtual node, no zones, a Service and a ReplicaSet.
    fn default() -> Self {
        Self {
            ecs: 1,
            virtual_nodes: 1,
            ecs_zones: "",
            virtual_zones: "",
            owner: Owner::Both,
            ecs_size: ("8", "16Gi"),
            virtual_size: ("2300", "6Ti"),
            virtual_hostname: true,
            requests: "cpu: 500m, memory: 512Mi",
            weights: (20, 80),
            pod: "",
            profile: "",
        }
    }
}

/// What became of the pods, in order.
#[derive(Debug)]
pub(crate) struct Placements(pub(crate) Vec<AttemptRecord>);

/// As many as it takes to fill three ECS nodes of 16 pods each.
const PODS: usize = 50;

impl Gateway {
    /// Places the pods one after the other. Of equal nodes the smallest name is taken: `ecs-…` before `virtual-…`.
    pub(crate) fn place(&self) -> Placements {
        let registry = Registry::upstream();
        let config = self.config(&registry);
        let mut scheduler = Scheduler::new(config.profiles, TieBreak::Name, PreemptionMode::On);
        let (mut cluster, pending) = self.inventory().cluster();
        assert_eq!(pending.len(), PODS);
        let report = place(&mut cluster, &mut scheduler, &pending, Victims::Report);
        Placements(report.results)
    }

    fn config(&self, registry: &Registry) -> SchedulerConfig {
        if self.profile.is_empty() {
            return SchedulerConfig::default_with(registry);
        }
        let text = format!("kind: KubeSchedulerConfiguration\nprofiles: [{}]\n", self.profile);
        let file = read_data(&Source::new("scheduler.yaml", text)).expect("a configuration is YAML");
        scheduler_config(&file, registry).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn inventory(&self) -> Inventory {
        let read = read_documents(&Source::new("gateway.yaml", self.manifests()));
        let mut decoder = Decoder::new(true);
        let decoded = read.documents.iter().enumerate().filter_map(|(document, untyped)| {
            let object = decoder.decode(untyped)?;
            Some(overspill::scenario::LoadedObject { stocked: Stocked::Object(object), document })
        });
        let objects: Vec<_> = decoded.collect();
        assert_eq!((read.diagnostics, decoder.finish()), (vec![], vec![]));
        let (mut inventory, warnings) =
            take_stock(&read.documents, &objects).expect("the manifests are right");
        assert_eq!(warnings, []);
        inventory.add_missing_replicas(1);
        inventory
    }

    fn manifests(&self) -> String {
        let mut text = String::new();
        for number in 0..self.ecs {
            let (name, labels) = (format!("ecs-{number}"), "mykey4pod: asmgateway");
            text.push_str(&node(&name, true, labels, zone(self.ecs_zones, number), self.ecs_size, 110));
        }
        for number in 0..self.virtual_nodes {
            let (name, labels) = (format!("virtual-{number}"), "type: virtual-kubelet");
            let zone = zone(self.virtual_zones, number);
            text.push_str(&node(&name, self.virtual_hostname, labels, zone, self.virtual_size, 1000));
        }
        if matches!(self.owner, Owner::Service | Owner::Both) {
            text.push_str("apiVersion: v1\nkind: Service\nmetadata: {name: gateway}\n");
            text.push_str("spec: {selector: {app: gateway}, ports: [{port: 80}]}\n---\n");
        }
        if matches!(self.owner, Owner::ReplicaSet | Owner::Both) {
            text.push_str("apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: gateway-1}\n");
            let selector = "{matchLabels: {app: gateway}}";
            let _ = write!(text, "spec: {{replicas: {PODS}, selector: {selector}, template: ");
            let _ = writeln!(text, "{{metadata: {{labels: {{app: gateway}}}}, spec: {}}}}}", self.pod_spec());
        } else {
            for number in 0..PODS {
                let metadata = format!("{{name: gateway-{number:02}, labels: {{app: gateway}}}}");
                let _ = write!(text, "apiVersion: v1\nkind: Pod\nmetadata: {metadata}\n");
                let _ = write!(text, "spec: {}\n---\n", self.pod_spec());
            }
        }
        text
    }

    fn pod_spec(&self) -> String {
        let term =
            |key, value| format!("matchExpressions: [{{key: {key}, operator: In, values: [{value}]}}]");
        let (ecs, virtual_node) = (term("mykey4pod", "asmgateway"), term("type", "virtual-kubelet"));
        let (virtual_weight, ecs_weight) = self.weights;
        format!(
            "{{containers: [{{name: proxy, resources: {{requests: {{{requests}}}}}}}], \
             tolerations: [{{key: virtual-kubelet.io/provider, operator: Exists}}], \
             affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: \
             {{nodeSelectorTerms: [{{{ecs}}}, {{{virtual_node}}}]}}, \
             preferredDuringSchedulingIgnoredDuringExecution: \
             [{{weight: {ecs_weight}, preference: {{{ecs}}}}}, \
             {{weight: {virtual_weight}, preference: {{{virtual_node}}}}}]}}}}, {more}}}",
            requests = self.requests,
            more = self.pod,
        )
    }
}

fn zone(zones: Zones, number: usize) -> Option<char> {
    zones.chars().cycle().nth(number)
}

fn node(
    name: &str,
    has_hostname: bool,
    labels: &str,
    zone: Option<char>,
    (cpu, memory): (&str, &str),
    pods: u32,
) -> String {
    let hostname = if has_hostname { format!(", kubernetes.io/hostname: {name}") } else { String::new() };
    let zone =
        zone.map_or(String::new(), |zone| format!(", topology.kubernetes.io/zone: cn-hangzhou-{zone}"));
    let taint = "{key: virtual-kubelet.io/provider, value: alibabacloud, effect: NoSchedule}";
    let taints = if labels.contains("virtual-kubelet") { taint } else { "" };
    format!(
        "apiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{{labels}{hostname}{zone}}}}}\n\
         spec: {{taints: [{taints}]}}\n\
         status: {{allocatable: {{cpu: \"{cpu}\", memory: {memory}, pods: {pods}}}}}\n---\n"
    )
}

impl Placements {
    /// The number, from 1, of the first pod that is not on an ECS node.
    pub(crate) fn first_elsewhere(&self) -> Option<usize> {
        self.0.iter().position(|record| !on_ecs(record)).map(|index| index + 1)
    }

    /// The number of the first pod that an ECS node took although a virtual node was as good, if that is before any
    /// pod is elsewhere.
    pub(crate) fn first_tie(&self) -> Option<usize> {
        let before = self.first_elsewhere().map_or(self.0.len(), |number| number - 1);
        let is_tie = |record: &AttemptRecord| record.best.iter().any(|name| !is_ecs(name));
        self.0[..before].iter().position(is_tie).map(|index| index + 1)
    }

    /// How many of the first `count` pods are on ECS nodes.
    pub(crate) fn on_ecs(&self, count: usize) -> usize {
        self.0[..count].iter().filter(|record| on_ecs(record)).count()
    }

    /// Whether no pod is elsewhere while an ECS node could have taken it.
    pub(crate) fn fills_ecs_first(&self) -> bool {
        self.0.iter().all(|record| on_ecs(record) || !record.feasible.iter().any(|name| is_ecs(name)))
    }
}

fn is_ecs(name: &str) -> bool {
    name.starts_with("ecs-")
}

fn on_ecs(record: &AttemptRecord) -> bool {
    record.chosen.as_deref().is_some_and(is_ecs)
}
