//! The state of the simulated cluster, and the only place that changes it.
//!
//! Invariants, checked by [`Cluster::check`]: what a node has requested is the sum over its pods; a bound pod stands on
//! exactly one node; the node order holds every node once.

mod changes;
mod files;
mod images;
mod node;
mod node_tree;
mod owners;
mod pod;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::id::{ClassId, NodeId, PodId};
use crate::object::image::NodeImage;
use crate::object::{Labels, NodeSpec, PodSpec, Selector};
use crate::random::Stream;
use crate::rule::Rule;
use crate::sparse::Sparse;
use crate::units::SimTime;

pub use changes::{Change, Changes, Era};
pub use files::Files;
pub use images::Images;
pub use node::{ClassCount, Node};
pub use owners::{Budget, Owners, Service};
pub use pod::Pod;

/// What the scheduler sees of the state beside its objects.
pub(crate) const RULES: &[&[Rule]] = &[node_tree::RULES, images::RULES];

/// Nodes, pods and what selects them.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    nodes: Vec<Option<Node>>,
    node_ids: FxHashMap<Arc<str>, NodeId>,
    tree: node_tree::NodeTree,
    order: OnceLock<Vec<NodeId>>,
    images: Images,
    pods: Sparse<Pod>,
    classes: Vec<Arc<PodSpec>>,
    class_ids: FxHashMap<Arc<PodSpec>, ClassId>,
    nominated: Vec<(NodeId, PodId)>,
    namespaces: BTreeMap<String, Labels>,
    owners: Owners,
    files: Files,
    now: SimTime,
    changes: Changes,
    /// Bound pods with any inter-pod affinity or anti-affinity.
    with_affinity: usize,
}

impl Cluster {
    /// A cluster without nodes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node. Its name must be free.
    pub fn add_node(&mut self, spec: NodeSpec) -> NodeId {
        let id = self.reserve_node();
        self.add_reserved_node(id, spec);
        id
    }

    /// The index of a node that is to come: its machine is there, and nobody sees it yet.
    pub fn reserve_node(&mut self) -> NodeId {
        self.nodes.push(None);
        NodeId(self.nodes.len() as u32 - 1)
    }

    /// Adds a node whose index was reserved. Its name must be free.
    pub fn add_reserved_node(&mut self, id: NodeId, spec: NodeSpec) {
        let taken = self.node_ids.insert(spec.name.as_str().into(), id);
        assert!(taken.is_none(), "node {} was added twice", spec.name);
        self.tree.add(id, &spec.zone_key());
        self.images.add(id, &spec.images);
        self.nodes[id.index()] = Some(Node::new(id, spec));
        self.reorder();
    }

    /// Removes a node whose pods were removed before.
    pub fn remove_node(&mut self, id: NodeId) -> NodeSpec {
        let node = self.nodes[id.index()].take().expect("only a node that exists is removed");
        assert!(node.pods.is_empty(), "node {} is removed with pods on it", node.spec.name);
        self.node_ids.remove(node.spec.name.as_str());
        self.tree.remove(id, &node.spec.zone_key());
        self.images.remove(id, &node.spec.images);
        self.nominated.retain(|(nominated, _)| *nominated != id);
        self.reorder();
        node.spec
    }

    /// Replaces what a node says of itself; its name stays.
    pub fn update_node(&mut self, id: NodeId, spec: NodeSpec) -> NodeSpec {
        let node = self.nodes[id.index()].as_mut().expect("only a node that exists is updated");
        debug_assert_eq!(node.spec.name, spec.name, "a node keeps its name");
        let old = std::mem::replace(&mut node.spec, spec);
        let new = &node.spec;
        let moves = (old.zone_key() != new.zone_key()).then(|| new.zone_key());
        if old.images != new.images {
            self.images.remove(id, &old.images);
            self.images.add(id, &new.images);
        }
        let is_of_images = old.differs_at_most_in_images(new);
        self.changes.note(if is_of_images { Change::Images(id) } else { Change::Spec(id) });
        if let Some(zone) = moves {
            self.tree.remove(id, &old.zone_key());
            self.tree.add(id, &zone);
            self.reorder();
        }
        old
    }

    /// A node has further images, of names that it did not have.
    pub fn add_images(&mut self, id: NodeId, images: Vec<NodeImage>) {
        self.images.add(id, &images);
        for name in images.iter().flat_map(|image| &image.names) {
            let image = self.images.number(name).expect("an image that was just added has a number");
            self.changes.note(Change::Image { node: id, image });
        }
        let node = self.nodes[id.index()].as_mut().expect("only a node that exists gets images");
        node.spec.images.extend(images);
    }

    /// Nodes are visited in another order from now on.
    fn reorder(&mut self) {
        self.order.take();
        self.changes.reordered();
    }

    /// What has changed of late.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Whether a bound pod has inter-pod affinity or anti-affinity of any kind.
    pub fn has_pods_with_affinity(&self) -> bool {
        self.with_affinity > 0
    }

    /// Whether a node is being freed for a pending pod.
    pub fn has_nominations(&self) -> bool {
        !self.nominated.is_empty()
    }

    /// The node `id`, which must exist.
    pub fn node(&self, id: NodeId) -> &Node {
        self.nodes[id.index()].as_ref().expect("a node that is asked for exists")
    }

    /// The node `id`, unless it is gone.
    pub fn find_node(&self, id: NodeId) -> Option<&Node> {
        self.nodes[id.index()].as_ref()
    }

    /// The node of this name.
    pub fn node_named(&self, name: &str) -> Option<&Node> {
        self.node_ids.get(name).map(|&id| self.node(id))
    }

    /// All nodes in order of addition.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().flatten()
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.node_ids.len()
    }

    /// Nodes in the order in which a scheduling attempt visits them (backend/cache/node_tree.go).
    pub fn order(&self) -> &[NodeId] {
        self.order.get_or_init(|| self.tree.order())
    }

    /// The images of all nodes.
    pub fn images(&self) -> &Images {
        &self.images
    }

    /// The class of pods with this specification.
    pub fn intern(&mut self, spec: impl Into<Arc<PodSpec>>) -> ClassId {
        let spec = spec.into();
        if let Some(&id) = self.class_ids.get(&spec) {
            return id;
        }
        let id = ClassId(self.classes.len() as u32);
        self.classes.push(Arc::clone(&spec));
        self.class_ids.insert(spec, id);
        id
    }

    /// What the pods of a class have in common.
    pub fn class(&self, id: ClassId) -> &Arc<PodSpec> {
        &self.classes[id.index()]
    }

    /// Creates a pod that is bound to no node.
    pub fn create_pod(&mut self, name: &str, class: ClassId, draws: Stream, created: SimTime) -> PodId {
        PodId(self.pods.push(Pod::new(name, class, draws, created)) as u32)
    }

    /// The pod `id`, which must exist.
    pub fn pod(&self, id: PodId) -> &Pod {
        self.find_pod(id).expect("a pod that is asked for exists")
    }

    /// The pod `id`, unless it is gone.
    pub fn find_pod(&self, id: PodId) -> Option<&Pod> {
        self.pods.get(id.index())
    }

    fn pod_mut(&mut self, id: PodId) -> &mut Pod {
        self.pods.get_mut(id.index()).expect("a pod that is changed exists")
    }

    /// All pods in order of creation.
    pub fn pods(&self) -> impl Iterator<Item = (PodId, &Pod)> {
        self.pods.iter().map(|(number, pod)| (PodId(number as u32), pod))
    }

    /// What the pod has in common with its class.
    pub fn spec_of(&self, id: PodId) -> &Arc<PodSpec> {
        self.class(self.pod(id).class)
    }

    /// `NAMESPACE/NAME` of a pod.
    pub fn full_name(&self, id: PodId) -> String {
        format!("{}/{}", self.spec_of(id).namespace, self.pod(id).name)
    }

    /// Binds a pod to a node: from now on its requests are taken.
    pub fn bind(&mut self, pod: PodId, node: NodeId) {
        let spec = Arc::clone(self.spec_of(pod));
        self.nominate(pod, None);
        let target = self.nodes[node.index()].as_mut().expect("a pod is bound to a node that exists");
        let bound = self.pods.get_mut(pod.index()).expect("a pod that is bound exists");
        assert!(bound.node.is_none(), "pod {} is bound twice", bound.name);
        bound.node = Some(node);
        bound.place_on_node = target.take(pod, bound.class, &spec);
        self.with_affinity += usize::from(spec.has_pod_affinity());
        self.changes.note(Change::Pods { node, class: bound.class, live: 1 });
    }

    /// Marks a pod as terminating: it keeps its requests and no longer counts where upstream leaves such pods out.
    pub fn terminate(&mut self, id: PodId) {
        let pod = self.pod_mut(id);
        if std::mem::replace(&mut pod.terminating, true) {
            return;
        }
        let (node, class) = (pod.node, pod.class);
        if let Some(node) = node {
            let node = self.nodes[node.index()].as_mut().expect("a bound pod's node exists");
            node.count_mut(class).live -= 1;
            self.changes.note(Change::Pods { node: node.id, class, live: -1 });
        }
    }

    /// Removes a pod; a bound one frees its requests.
    pub fn remove_pod(&mut self, id: PodId) -> Pod {
        self.nominate(id, None);
        let pod = self.pods.take(id.index()).expect("only a pod that exists is removed");
        if let Some(node) = pod.node {
            let spec = Arc::clone(self.class(pod.class));
            self.with_affinity -= usize::from(spec.has_pod_affinity());
            let live = -i8::from(!pod.terminating);
            self.changes.note(Change::Pods { node, class: pod.class, live });
            let node = self.nodes[node.index()].as_mut().expect("a bound pod's node exists");
            if let Some((moved, place)) = node.release(id, &pod, &spec) {
                self.pod_mut(moved).place_on_node = place as u32;
            }
        }
        pod
    }

    /// Puts a pod that was just removed back, bound to nothing.
    fn put_back(&mut self, id: PodId, pod: Pod) {
        self.pods.put_back(id.index(), pod);
    }

    /// How many pods there are.
    pub fn pod_count(&self) -> usize {
        self.pods.living()
    }

    /// Takes a bound pod off its node without forgetting it: what a "what if" needs.
    pub fn unbind(&mut self, id: PodId) {
        let pod = self.remove_pod(id);
        self.put_back(id, Pod { node: None, ..pod });
    }

    /// Binds a bound pod to another node.
    pub fn rebind(&mut self, id: PodId, node: NodeId) {
        self.unbind(id);
        self.bind(id, node);
    }

    /// Gives a pod another class, as after a change of its labels, tolerations or gates.
    pub fn reclassify(&mut self, id: PodId, class: ClassId) {
        let node = self.pod(id).node;
        let nominated = self.pod(id).nominated;
        let mut pod = self.remove_pod(id);
        let terminating = std::mem::replace(&mut pod.terminating, false);
        self.put_back(id, Pod { class, node: None, ..pod });
        if let Some(node) = node {
            self.bind(id, node);
        }
        if terminating {
            self.terminate(id);
        }
        self.nominate(id, nominated);
    }

    /// Sets or clears the node that is being freed for a pending pod.
    pub fn nominate(&mut self, id: PodId, node: Option<NodeId>) {
        let pod = self.pod_mut(id);
        if pod.nominated == node {
            return;
        }
        pod.nominated = node;
        self.nominated.retain(|(_, nominated)| *nominated != id);
        if let Some(node) = node {
            self.nominated.push((node, id));
        }
    }

    /// Pending pods nominated to a node, in order of nomination.
    pub fn nominated_to(&self, node: NodeId) -> impl Iterator<Item = PodId> {
        self.nominated.iter().filter(move |(place, _)| *place == node).map(|&(_, pod)| pod)
    }

    /// Sets a pod's start time, which preemption compares.
    pub fn start_pod(&mut self, id: PodId, seconds: i64) {
        self.pod_mut(id).start_seconds = seconds;
    }

    /// What time it is: pods have waited since their creation until now.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Sets the time, which never goes back.
    pub fn set_now(&mut self, now: SimTime) {
        debug_assert!(now >= self.now, "time does not go back");
        self.now = now;
    }

    /// Marks a bound pod as one that ran before the run began.
    pub fn mark_ran_before(&mut self, id: PodId) {
        self.pod_mut(id).ran_before = true;
    }

    /// Makes a namespace known, or replaces its labels.
    pub fn set_namespace(&mut self, name: &str, labels: Labels) {
        self.changes.namespaces_changed();
        self.namespaces.insert(name.to_owned(), labels);
    }

    /// Forgets a namespace.
    pub fn remove_namespace(&mut self, name: &str) {
        self.changes.namespaces_changed();
        self.namespaces.remove(name);
    }

    /// The labels of a namespace, if it is known.
    pub fn namespace_labels(&self, name: &str) -> Option<&Labels> {
        self.namespaces.get(name)
    }

    /// Names of the namespaces whose labels a selector selects, in order of name.
    pub fn namespaces_selected_by<'a>(&'a self, selector: &Selector) -> Vec<&'a str> {
        self.namespaces
            .iter()
            .filter(|(_, labels)| selector.matches(labels))
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// Services, workload selectors and disruption budgets.
    pub fn owners(&self) -> &Owners {
        &self.owners
    }

    /// The same, to be changed.
    pub fn owners_mut(&mut self) -> &mut Owners {
        self.changes.owners_changed();
        &mut self.owners
    }

    /// Sets how many disruptions each budget allows now, in their order. No filter and no score asks for them.
    pub fn allow_disruptions(&mut self, allowed: &[i64]) {
        self.owners.allow_disruptions(allowed);
    }

    /// ConfigMaps, Secrets, and who may read them.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The same, to be changed.
    pub fn files_mut(&mut self) -> &mut Files {
        &mut self.files
    }

    /// Checks every invariant; the error says which one is broken.
    pub fn check(&self) -> Result<(), String> {
        for node in self.nodes() {
            node.check(self)?;
        }
        for node in self.nodes() {
            let is_there = |&id: &PodId| {
                let pod = self.pod(id);
                pod.node == Some(node.id)
            };
            if !node.pods.iter().all(is_there) {
                return Err(format!("node {} lists a pod that is not there", node.name()));
            }
        }
        if self.order().len() != self.node_count() {
            return Err("the node order does not hold every node once".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
