//! OpenKruise: what the documents ask for before SidecarSets work, and SidecarSets that do nothing.

use overspill_manifest::{self as api, Code, Diagnostic, Document, JsonPath, Object, On, Place, code};

use super::timeline::Later;
use super::versions::version;
use super::{Incoming, Resolver};
use crate::admission::sidecar_set::{COMPUTE_CLASS, IGNORED_NAMESPACES, SERVED_CLASSES};
use crate::capacity::Law;
use crate::object::sidecar_set::{PodCount, ResourceBinding, VIRTUAL_NODE_LABEL};
use crate::object::volume::FileObject;
use crate::object::{Container, ContainerRole, Labels, NodeClass, PodSpec, SidecarSet};
use crate::scenario::file::{ClusterType, Kruise};
use crate::scenario::inventory::Inventory;
use crate::scenario::read::{LoadedObject, Locator};
use crate::simulation::admitted::is_daemon;
use crate::simulation::scenario::{KruiseSetup, NodeSetup};
use crate::units::Span;

/// How long the postStart hook of a hot upgrade takes (estimate).
const DEFAULT_MIGRATION: Law = Law::Constant(Span::from_secs(5));

/// The first versions that inject into pods on virtual nodes (ACK, "Inject sidecar containers into ACS pods in virtual
/// nodes", prerequisites): field, first version, what it is of.
const FIRST: [(&str, [u32; 2], &str); 3] = [
    ("version", [1, 3], "ack-kruise 1.3.0"),
    ("virtualNodeVersion", [2, 13], "ack-virtual-node 2.13.0"),
    ("kubernetesVersion", [1, 22], "Kubernetes 1.22"),
];

/// Everybody who may be injected.
pub(super) struct Candidates<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) later: &'a [Later],
    pub(super) nodes: &'a [NodeSetup],
    pub(super) incoming: &'a Incoming,
}

impl Candidates<'_> {
    pub(super) fn inventories(&self) -> impl Iterator<Item = &Inventory> {
        std::iter::once(self.inventory).chain(self.later.iter().map(Later::inventory))
    }

    /// The ConfigMaps and Secrets that are there at some time.
    pub(super) fn files(&self) -> impl Iterator<Item = &FileObject> {
        self.inventories().flat_map(|one| &one.files)
    }

    /// What SidecarSets may read at some time.
    pub(super) fn bindings(&self) -> impl Iterator<Item = &ResourceBinding> {
        self.inventories().flat_map(|one| &one.bindings)
    }

    pub(super) fn sidecar_sets(&self) -> impl Iterator<Item = &SidecarSet> {
        self.inventories().flat_map(|one| &one.sidecar_sets)
    }

    fn has_virtual_nodes(&self) -> bool {
        self.nodes.iter().any(|node| node.spec.class == NodeClass::Virtual)
    }

    /// Those that a SidecarSet may select at some time. Pods of DaemonSets never start on virtual nodes.
    pub(super) fn selected(&self, set: &SidecarSet) -> impl Iterator<Item = &PodSpec> {
        let may_be = |pod: &&PodSpec| !(set.is_for_virtual_nodes() && is_daemon(pod)) && may_select(set, pod);
        self.pods().filter(may_be)
    }

    /// What all pods that are still to come are like.
    fn pods(&self) -> impl Iterator<Item = &PodSpec> {
        let workloads = self.inventories().flat_map(|one| one.workloads.iter().map(|one| &one.template));
        let waiting = |one: &&crate::scenario::inventory::PodEntry| one.node.is_none();
        let pods =
            self.inventories().flat_map(move |one| one.pods.iter().filter(waiting).map(|pod| &*pod.spec));
        let daemons = self.inventories().flat_map(|one| one.daemon_sets.iter().map(|one| &one.template));
        let jobs = self.inventories().flat_map(|one| one.jobs.iter().map(|one| &one.template));
        let cron_jobs = self.inventories().flat_map(|one| one.cron_jobs.iter().map(|one| &one.job.template));
        let jobs = jobs.chain(cron_jobs);
        workloads.chain(jobs).chain(daemons).chain(pods).chain(self.incoming.templates())
    }
}

impl Resolver<'_> {
    /// OpenKruise, if the scenario has it.
    pub(super) fn kruise(&mut self, candidates: &Candidates<'_>) -> Option<KruiseSetup> {
        let loaded = self.loaded;
        self.refuse_newer_features();
        let sets: Vec<_> = candidates.sidecar_sets().collect();
        let Some(given) = &loaded.file.spec.kruise else {
            for set in sets {
                let message = format!("SidecarSet {} does nothing: the scenario has no OpenKruise", set.name);
                let help = "write `kruise: {}` under the scenario's `spec`".to_owned();
                self.doubt_set(set, &["metadata", "name"], &message, Some(help));
            }
            return None;
        };
        let is_serverless = sets.iter().any(|set| set.is_for_virtual_nodes());
        self.check_versions(given, is_serverless && candidates.has_virtual_nodes());
        let serverless = given.sidecar_set_serverless_pod.unwrap_or(false);
        for set in sets {
            self.doubt_sidecar_set(set, candidates, serverless);
        }
        self.check_shared_names(candidates);
        let path = Locator::spec().key("kruise").key("migration");
        let migration = self.law(&path, given.migration.as_ref(), DEFAULT_MIGRATION)?;
        Some(KruiseSetup { serverless, migration })
    }

    fn check_versions(&mut self, given: &Kruise, is_needed: bool) {
        let path = Locator::spec().key("kruise");
        let texts = [&given.version, &given.virtual_node_version, &given.kubernetes_version];
        for ((field, first, what), text) in FIRST.iter().zip(texts) {
            let Some(text) = text else { continue };
            match version(text) {
                None => {
                    let message = format!("{text:?} is not a version such as 1.3.0");
                    self.say(&code::WRONG_VALUE, &path.key(field), message);
                }
                Some(version) if is_needed && version.as_slice() < first.as_slice() => {
                    let message = format!("sidecars come into pods on virtual nodes from {what} on");
                    let help = "update it, or take the virtual nodes away".to_owned();
                    self.say_with_help(&code::DO_NOT_FIT, &path.key(field), message, Some(help));
                }
                Some(_) => {}
            }
        }
        let path = path.key("clusterType");
        match given.cluster_type {
            Some(ClusterType::Ask) => {
                let help = "take ackPro or ackDedicated, and send pods to virtual nodes".to_owned();
                let message = "a serverless cluster, where every pod runs on ECI by itself, is not simulated";
                self.say_with_help(&code::NOT_SIMULATED_YET, &path, message, Some(help));
            }
            Some(ClusterType::AckStandard) if is_needed => {
                let message = "sidecars come into pods on virtual nodes in ACK Pro and dedicated clusters";
                let help = "take ackPro or ackDedicated".to_owned();
                self.say_with_help(&code::DO_NOT_FIT, &path, message, Some(help));
            }
            _ => {}
        }
    }

    /// Warns of a SidecarSet that does less than it looks like.
    fn doubt_sidecar_set(&mut self, set: &SidecarSet, candidates: &Candidates<'_>, serverless: bool) {
        let selector = ["spec", "selector"];
        if set.is_for_virtual_nodes() {
            if !candidates.has_virtual_nodes() {
                let message =
                    format!("SidecarSet {} is for pods on virtual nodes, and there are none", set.name);
                self.doubt_set(set, &selector, &message, None);
                return;
            }
            if !serverless {
                let message = format!(
                    "SidecarSet {} injects nothing: the feature gate SidecarSetServerlessPod is off",
                    set.name
                );
                let help = "write `sidecarSetServerlessPod: true` under `kruise`; in a cluster it is set among \
                            the featureGates of the API server";
                self.doubt_set(set, &selector, &message, Some(help.to_owned()));
            }
            if !set.init_containers.is_empty() {
                let message =
                    "init containers come at creation only, when no pod has the label of virtual nodes";
                self.doubt_set(set, &["spec", "initContainers"], message, None);
            }
        }
        let only = set.selector.requirements.iter().find(|one| one.key == COMPUTE_CLASS);
        if let Some(only) = only.filter(|_| set.is_for_virtual_nodes()) {
            let is_open = |class: &str| {
                let labels: Labels = [(COMPUTE_CLASS, class)].into_iter().collect();
                only.matches(&labels)
            };
            if !SERVED_CLASSES.iter().any(|class| is_open(class)) && !only.matches(&Labels::default()) {
                let message = "on virtual nodes only CPU pods of the compute classes general-purpose and \
                               performance are injected";
                self.doubt_set(set, &selector, message, None);
                return;
            }
        }
        self.doubt_names(set, candidates);
        self.doubt_upgrades(set);
        if !candidates.selected(set).any(|_| true) {
            let message = format!("SidecarSet {} selects none of the pods", set.name);
            let help = "pods are selected by the labels of their own template, not by those of a Deployment";
            self.doubt_set(set, &selector, &message, Some(help.to_owned()));
        }
    }

    /// Warns of pods whose own container gives way to one of the SidecarSet.
    fn doubt_names(&mut self, set: &SidecarSet, candidates: &Candidates<'_>) {
        let names: Vec<_> = set.names_in_pods().collect();
        let gives_way = |one: &&Container| {
            one.role == ContainerRole::Main && !one.is_injected() && names.contains(&one.name)
        };
        let own = candidates.selected(set).find_map(|pod| pod.containers.iter().find(gives_way));
        if let Some(own) = own {
            let message =
                format!("pods have a container {} of their own, which the sidecar replaces", own.name);
            let help =
                "give the sidecar another name; one with a hot upgrade has the names NAME-1 and NAME-2";
            self.doubt_set(set, &["spec", "containers"], &message, Some(help.to_owned()));
        }
    }

    /// Warns of a SidecarSet that never upgrades a pod, without saying that it does not.
    fn doubt_upgrades(&mut self, set: &SidecarSet) {
        let update = &set.update;
        if !update.rolling || update.paused {
            return;
        }
        if matches!(update.max_unavailable, PodCount::Pods(0) | PodCount::Percent(0)) {
            let path = ["spec", "updateStrategy", "maxUnavailable"];
            let message = "no pod is ever upgraded: none may be unavailable";
            let help = "write at least 1; `paused: true` stops upgrades".to_owned();
            self.doubt_set(set, &path, message, Some(help));
        }
        if let PodCount::Percent(share @ 101..) = update.partition {
            let message = format!("no pod is ever upgraded: {share}% of them stay as they are");
            self.doubt_set(set, &["spec", "updateStrategy", "partition"], &message, None);
        }
    }

    /// Two SidecarSets may not bring containers of one name into one pod.
    fn check_shared_names(&mut self, candidates: &Candidates<'_>) {
        for inventory in candidates.inventories() {
            let sets = &inventory.sidecar_sets;
            for (index, set) in sets.iter().enumerate() {
                for other in &sets[..index] {
                    let shared = set.containers.iter().find(|one| {
                        other.containers.iter().any(|other| other.container.name == one.container.name)
                    });
                    let both = candidates.pods().any(|pod| may_select(set, pod) && may_select(other, pod));
                    if let Some(shared) = shared.filter(|_| both) {
                        let name = &shared.container.name;
                        let message = format!("container {name} already exists in SidecarSet {}", other.name);
                        self.say_of_set(&code::REFUSED, set, &["spec", "containers"], &message, None);
                    }
                }
            }
        }
    }

    /// Refuses what OpenKruise learnt after 1.3, which virtual nodes do not support, and older revisions.
    fn refuse_newer_features(&mut self) {
        let loaded = self.loaded;
        let later = loaded.timeline.iter().map(|step| (&step.documents, &step.objects));
        for (documents, objects) in std::iter::once((&loaded.documents, &loaded.objects)).chain(later) {
            let told = objects.iter().flat_map(|one| newer_features(one, documents));
            self.diagnostics.extend(told);
        }
    }

    fn doubt_set(&mut self, set: &SidecarSet, path: &[&str], message: &str, help: Option<String>) {
        self.say_of_set(&code::WITHOUT_EFFECT, set, path, message, help);
    }

    pub(super) fn say_of_set(
        &mut self,
        code: &Code,
        set: &SidecarSet,
        path: &[&str],
        message: &str,
        help: Option<String>,
    ) {
        let path = path.iter().fold(JsonPath::root(), |path, key| path.key(key));
        let place = self.place_of_set(&set.name, &path);
        self.diagnostics.push(Diagnostic::new(code, message).at(place).help(help));
    }

    fn place_of_set(&self, name: &str, path: &JsonPath) -> Option<Place> {
        let is_it = |document: &&Document| document.kind == "SidecarSet" && document.name == name;
        let later = self.loaded.timeline.iter().flat_map(|step| &step.documents);
        let document = self.loaded.documents.iter().chain(later).find(is_it)?;
        Some(document.place(path, On::Key))
    }
}

/// Whether a pod may be injected by a SidecarSet at some time, whatever labels its namespace has then.
fn may_select(set: &SidecarSet, pod: &PodSpec) -> bool {
    let mut labels = pod.labels.clone();
    if set.is_for_virtual_nodes() {
        labels.set(VIRTUAL_NODE_LABEL, "true");
    }
    let named = set.namespaces.as_ref().filter(|all| !all.names.is_empty());
    set.selector.matches(&labels)
        && set.namespace.as_ref().is_none_or(|only| *only == pod.namespace)
        && named.is_none_or(|all| all.names.contains(&pod.namespace))
        && !IGNORED_NAMESPACES.contains(&pod.namespace.as_str())
}

/// What of a SidecarSet is newer than OpenKruise 1.3, or speaks of older revisions.
fn newer_features(loaded: &LoadedObject, documents: &[Document]) -> Vec<Diagnostic> {
    let Some(Object::SidecarSet(set)) = loaded.object() else { return Vec::new() };
    let document = &documents[loaded.document];
    let spec = JsonPath::root().key("spec");
    let mut told = Vec::new();
    let mut tell = |path: &JsonPath, message: &str| {
        let place = document.place(path, On::Key);
        told.push(Diagnostic::new(&code::NOT_SIMULATED_YET, message).at(place));
    };
    let each = |list: &[api::SidecarContainer]| list.iter().cloned().enumerate().collect::<Vec<_>>();
    for (field, list) in [("initContainers", &set.spec.init_containers), ("containers", &set.spec.containers)]
    {
        for (index, one) in each(list) {
            let path = spec.key(field).index(index);
            if one.resources_policy.is_some() {
                tell(
                    &path.key("resourcesPolicy"),
                    "`resourcesPolicy` is newer than OpenKruise 1.3, which is what is simulated",
                );
            }
            if one.restart_policy.as_deref() == Some("Always") {
                let message = "native sidecars are newer than OpenKruise 1.3, which is what is simulated";
                tell(&path.key("restartPolicy"), message);
            }
        }
    }
    if set.spec.injection_strategy.as_ref().is_some_and(|one| one.revision.is_some()) {
        let path = spec.key("injectionStrategy").key("revision");
        tell(&path, "older revisions of a SidecarSet are not simulated: the newest is injected");
    }
    told
}
