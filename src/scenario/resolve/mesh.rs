//! The service mesh: what is injected where, and what the documents ask for before that works.

use overspill_manifest::{Diagnostic, Document, JsonPath, On, code};
use serde_json::Value;

use super::Resolver;
use super::versions::version;
use crate::admission::istio::{DEFAULT_REVISION, INJECT, INJECTION_LABEL, Policy, REVISION_LABEL, Sidecar};
use crate::capacity::{Law, virtual_node};
use crate::object::selector::{Operator, Requirement};
use crate::object::{NodeClass, ResourceList, Selector};
use crate::scenario::coming::Coming;
use crate::scenario::file::{ClusterType, LabelOperator, LabelSelector, Mesh, Proxy};
use crate::scenario::inventory::Inventory;
use crate::scenario::read::Locator;
use crate::simulation::admitted::Admission;
use crate::simulation::scenario::{MeshSetup, NodeSetup};
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
        let later = loaded.timeline.iter().flat_map(|step| &step.documents);
        for document in loaded.documents.iter().chain(later).filter(|document| document.kind == "Namespace") {
            self.diagnostics.extend(unserved_namespace(document, &policy.revision));
        }
        let sidecar = self.sidecar(&path.key("proxy"), given);
        let proxy_ready = self.law(&path.key("ready"), given.ready.as_ref(), PROXY_READY);
        let cost = self.cost(&path, given.cpu_per_thousand_requests);
        let memory = self.memory_cost(&path, given.memory_per_thousand_requests);
        Some(MeshSetup { policy, sidecar, proxy_ready: proxy_ready?, cost: cost?, memory: memory? })
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

    /// Tells which pods have annotations that make no proxy, and which ask for a sidecar in vain.
    pub(super) fn check_injection(&mut self, admission: Admission<'_>, comings: &[Coming<'_>]) {
        let Some(mesh) = admission.mesh else { return };
        for coming in comings.iter().filter(|coming| coming.node.is_none()) {
            let is_injected =
                coming.states.iter().any(|state| admission.is_proxied(coming.spec, &state.cluster));
            let problem = mesh.sidecar.sized(coming.spec).err().filter(|_| is_injected);
            if let Some(problem) = problem {
                let mut path = JsonPath::root().key("metadata").key("annotations");
                if let Some(annotation) = problem.annotation(coming.spec) {
                    path = path.key(annotation);
                }
                let message = format!("{}: {problem}", coming.title);
                self.diagnostics.push(coming.warn(&code::REFUSED, &path, message));
            }
            self.diagnostics.extend(asked_in_vain(coming, is_injected));
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

/// A request for a sidecar that nobody hears.
fn asked_in_vain(coming: &Coming<'_>, is_injected: bool) -> Option<Diagnostic> {
    let metadata = JsonPath::root().key("metadata");
    let (label, annotation) = (coming.spec.labels.get(INJECT), coming.spec.annotations.get(INJECT));
    let is_known = |value| matches!(value, "true" | "false");
    let (field, message, help) = match (label, annotation) {
        (Some(value), _) if !is_known(value) => (
            "labels",
            format!("`{INJECT}` has no effect with the value {value:?}"),
            "write \"true\" or \"false\"",
        ),
        (None, Some("true")) if !is_injected => (
            "annotations",
            format!("the annotation `{INJECT}` cannot ask for a sidecar by itself: these pods get none"),
            "write it as a label, or label their namespace",
        ),
        (None, Some(value)) if !is_known(value) => (
            "annotations",
            format!("`{INJECT}` has no effect with the value {value:?}"),
            "write \"true\" or \"false\"",
        ),
        _ => return None,
    };
    let path = metadata.key(field).key(INJECT);
    Some(coming.warn(&code::WITHOUT_EFFECT, &path, message).help(help.to_owned()))
}

/// What is doubtful about the labels of a namespace: they look as if they asked for sidecars, and do not. Which label,
/// and why.
pub(super) fn unserved<'l>(
    value: impl Fn(&str) -> Option<&'l str>,
    revision: &str,
) -> Option<(&'static str, String)> {
    match (value(INJECTION_LABEL), value(REVISION_LABEL)) {
        (Some("disabled"), _) | (None, None) => None,
        (Some("enabled"), _) if revision == DEFAULT_REVISION => None,
        (Some("enabled"), _) => Some((
            INJECTION_LABEL,
            format!("the mesh's revision is {revision}, which only {REVISION_LABEL} asks for"),
        )),
        (Some(other), _) => {
            Some((INJECTION_LABEL, format!("{other:?} turns injection off: only `enabled` turns it on")))
        }
        (None, Some(named)) if named == revision => None,
        (None, Some(named)) => {
            Some((REVISION_LABEL, format!("the mesh's revision is {revision}, not {named}")))
        }
    }
}

fn unserved_namespace(namespace: &Document, revision: &str) -> Option<Diagnostic> {
    let labels = JsonPath::root().key("metadata").key("labels");
    let written = namespace.value();
    let value = |label: &str| labels.key(label).get(&written).and_then(Value::as_str);
    let (label, message) = unserved(value, revision)?;
    let place = namespace.place(&labels.key(label), On::Value);
    Some(Diagnostic::new(&code::WITHOUT_EFFECT, message).at(place))
}
