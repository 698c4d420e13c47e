//! The service mesh: what is injected where, and what the documents ask for before that works.

use overspill_manifest::{Diagnostic, Document, JsonPath, On, code};
use serde_json::Value;

use super::Resolver;
use super::versions::version;
use crate::admission::istio::{DEFAULT_REVISION, INJECTION_LABEL, Policy, REVISION_LABEL, Sidecar};
use crate::capacity::{Law, virtual_node};
use crate::object::selector::{Operator, Requirement};
use crate::object::{NodeClass, PodSpec, ResourceList, Selector};
use crate::scenario::file::{ClusterType, LabelOperator, LabelSelector, Mesh, Proxy};
use crate::scenario::inventory::Inventory;
use crate::scenario::read::Locator;
use crate::simulation::scenario::{MeshSetup, NodeSetup, SourceSetup};
use crate::units::Span;

/// The first version of ASM that injects sidecars into pods on ECI (ASM, "Manage pods on ECI through virtual nodes").
const FIRST_VERSION_ON_ECI: [u32; 4] = [1, 7, 5, 41];
/// How long a started proxy takes to be ready, where the scenario does not say (estimate).
const PROXY_READY: Law = Law::Uniform { min: Span::from_secs(1), max: Span::from_secs(2) };

impl Resolver<'_> {
    /// The mesh, if the scenario has one.
    pub(super) fn mesh(&mut self, nodes: &[NodeSetup]) -> Option<MeshSetup> {
        let loaded = self.loaded;
        let given = loaded.file.spec.mesh.as_ref()?;
        let path = Locator::spec().key("mesh");
        let on_eci = nodes.iter().any(|node| node.spec.class == NodeClass::Virtual);
        self.check_version(&path.key("version"), given, on_eci);
        self.check_cluster_type(&path.key("clusterType"), given);
        let policy = self.policy(&path, given);
        for document in loaded.documents.iter().filter(|document| document.kind == "Namespace") {
            self.diagnostics.extend(unserved(document, &policy.revision));
        }
        let sidecar = self.sidecar(&path.key("proxy"), given);
        let proxy_ready = self.law(&path.key("ready"), given.ready.as_ref(), PROXY_READY);
        let cost = self.cost(&path, given.cpu_per_thousand_requests);
        Some(MeshSetup { policy, sidecar, proxy_ready: proxy_ready?, cost: cost? })
    }

    fn check_version(&mut self, path: &JsonPath, mesh: &Mesh, on_eci: bool) {
        let Some(text) = &mesh.version else { return };
        let Some(version) = version(text) else {
            self.say(&code::WRONG_VALUE, path, format!("{text:?} is not a version such as 1.18.0.131"));
            return;
        };
        if on_eci && version.as_slice() < FIRST_VERSION_ON_ECI.as_slice() {
            let help = "update the ASM instance, or take the virtual nodes away".to_owned();
            let message = "ASM injects sidecars into pods on ECI from version 1.7.5.41 on";
            self.say_with_help(&code::DO_NOT_FIT, path, message, Some(help));
        }
    }

    fn check_cluster_type(&mut self, path: &JsonPath, mesh: &Mesh) {
        if mesh.cluster_type == Some(ClusterType::Ask) {
            let help = "take ackStandard, ackPro or ackDedicated, and send pods to virtual nodes".to_owned();
            let message = "an ASK cluster, where every pod runs on ECI by itself, is not simulated";
            self.say_with_help(&code::NOT_SIMULATED_YET, path, message, Some(help));
        }
    }

    fn policy(&mut self, path: &JsonPath, given: &Mesh) -> Policy {
        Policy {
            revision: given.revision.clone().unwrap_or_else(|| DEFAULT_REVISION.to_owned()),
            auto_inject: given.auto_inject.unwrap_or(true),
            namespaces_by_default: given.enable_namespaces_by_default.unwrap_or(false),
            never: self.selectors(&path.key("neverInjectSelector"), &given.never_inject_selector),
            always: self.selectors(&path.key("alwaysInjectSelector"), &given.always_inject_selector),
        }
    }

    fn selectors(&mut self, path: &JsonPath, given: &[LabelSelector]) -> Vec<Selector> {
        let each = given.iter().enumerate();
        each.map(|(index, selector)| self.selector(&path.index(index), selector)).collect()
    }

    fn selector(&mut self, path: &JsonPath, given: &LabelSelector) -> Selector {
        let equal = given.match_labels.iter().map(|(key, value)| Requirement::equals(key, value));
        let mut requirements: Vec<_> = equal.collect();
        for (index, one) in given.match_expressions.iter().enumerate() {
            let (operator, has_values) = match one.operator {
                LabelOperator::In => (Operator::In, true),
                LabelOperator::NotIn => (Operator::NotIn, true),
                LabelOperator::Exists => (Operator::Exists, false),
                LabelOperator::DoesNotExist => (Operator::DoesNotExist, false),
            };
            if one.values.is_empty() == has_values {
                let path = path.key("matchExpressions").index(index);
                self.say(&code::REFUSED, &path, "In and NotIn need `values`, Exists and DoesNotExist none");
            }
            requirements.push(Requirement { key: one.key.clone(), operator, values: one.values.clone() });
        }
        Selector { requirements }
    }

    fn sidecar(&mut self, path: &JsonPath, given: &Mesh) -> Sidecar {
        let Proxy { image, cpu, memory, cpu_limit, memory_limit } = &given.proxy;
        let mut sidecar = Sidecar {
            native: given.native_sidecar.unwrap_or(false),
            holds_application: given.hold_application_until_proxy_starts.unwrap_or(false),
            cni: given.cni.unwrap_or(false),
            ..Sidecar::default()
        };
        if let Some(image) = image {
            sidecar.image.clone_from(image);
        }
        let put = |list: &mut ResourceList, name: &str, given: &Option<crate::scenario::notation::Amount>| {
            list.extend(given.map(|amount| (name.to_owned(), amount.0)));
        };
        put(&mut sidecar.requests, "cpu", cpu);
        put(&mut sidecar.requests, "memory", memory);
        put(&mut sidecar.limits, "cpu", cpu_limit);
        put(&mut sidecar.limits, "memory", memory_limit);
        if let Err(problem) = sidecar.check() {
            self.say(&code::DO_NOT_FIT, path, problem.to_string());
        }
        sidecar
    }

    /// Tells which pods have annotations that make no proxy.
    pub(super) fn check_proxies(&mut self, mesh: &MeshSetup, inventory: &Inventory, sources: &[SourceSetup]) {
        let wrong = |pod: &PodSpec| mesh.sidecar.sized(pod).err().map(|problem| problem.to_string());
        let mut told = Vec::new();
        let manifests = Locator::spec().key("manifests");
        for workload in &inventory.workloads {
            told.extend(wrong(&workload.template).map(|why| (manifests.clone(), workload.title(), why)));
        }
        for job in &inventory.jobs {
            told.extend(wrong(&job.template).map(|why| (manifests.clone(), job.title(), why)));
        }
        for pod in inventory.pods.iter().filter(|pod| pod.node.is_none()) {
            let title = format!("Pod/{}/{}", pod.spec.namespace, pod.name);
            told.extend(wrong(&pod.spec).map(|why| (manifests.clone(), title, why)));
        }
        for source in sources {
            let path = Locator::spec().key("sources").key(&source.name).key("template");
            told.extend(wrong(&source.template).map(|why| (path, format!("source {}", source.name), why)));
        }
        for (path, title, why) in told {
            self.say(&code::REFUSED, &path, format!("{title}: {why}"));
        }
    }

    /// Warns of gateways that are to overflow to virtual nodes where there are none.
    pub(super) fn check_gateways(&mut self, inventory: &Inventory, nodes: &[NodeSetup]) {
        if self.spec().mesh.is_none()
            && let Some(gateway) = inventory.gateways.first()
        {
            let message = format!(
                "{} is made by ASM, and the scenario has no mesh: nothing that ASM asks for is checked",
                gateway.title
            );
            let help = "write `mesh: {clusterType: ackPro}`, with the type of your cluster".to_owned();
            self.say_with_help(&code::WITHOUT_EFFECT, &Locator::spec().key("mesh"), message, Some(help));
        }
        if nodes.iter().any(|node| node.spec.class == NodeClass::Virtual) {
            return;
        }
        for gateway in &inventory.gateways {
            let overflows = inventory
                .workloads
                .iter()
                .filter(|workload| workload.title() == gateway.workload)
                .flat_map(|workload| &workload.template.tolerations)
                .any(|toleration| toleration.key == virtual_node::TAINT_KEY);
            if overflows {
                let path = Locator::spec().key("virtualNodes");
                let message = format!("{} tolerates virtual nodes, and there are none", gateway.title);
                let help =
                    "ack-virtual-node makes one for each zone: write `virtualNodes: {ZONE: {}}`".to_owned();
                self.say_with_help(&code::WITHOUT_EFFECT, &path, message, Some(help));
            }
        }
    }
}

/// What is doubtful about the labels of a namespace: they look as if they asked for sidecars, and do not.
fn unserved(namespace: &Document, revision: &str) -> Option<Diagnostic> {
    let labels = JsonPath::root().key("metadata").key("labels");
    let value = |label: &str| labels.key(label).get(&namespace.value).and_then(Value::as_str);
    let (label, message) = match (value(INJECTION_LABEL), value(REVISION_LABEL)) {
        (Some("disabled"), _) | (None, None) => return None,
        (Some("enabled"), _) if revision == DEFAULT_REVISION => return None,
        (Some("enabled"), _) => (
            INJECTION_LABEL,
            format!("the mesh's revision is {revision}, which only {REVISION_LABEL} asks for"),
        ),
        (Some(other), _) => {
            (INJECTION_LABEL, format!("{other:?} turns injection off: only `enabled` turns it on"))
        }
        (None, Some(named)) if named == revision => return None,
        (None, Some(named)) => (REVISION_LABEL, format!("the mesh's revision is {revision}, not {named}")),
    };
    let place = namespace.place(&labels.key(label), On::Value);
    Some(Diagnostic::new(&code::WITHOUT_EFFECT, message).at(place))
}
