//! What is done to the cluster from outside.

use k8s_openapi::api::core::v1::{Node, Pod};
use overspill::admission::priority::PriorityClasses;
use overspill::id::PodId;
use overspill::object::kubernetes::node_spec;
use overspill::object::{NodeSpec, PodSpec};
use overspill::random::Stream;
use overspill::scenario::inventory::{PodEntry, pod_entry};
use overspill::scheduler::event::{ClusterEvent, node_events, pod_events};
use overspill::units::SimTime;
use serde_json::Value;

use super::world::{World, full_name_of};

fn read_node(node: &Value) -> NodeSpec {
    let node: Node = serde_json::from_value(node.clone()).expect("a recorded node decodes");
    node_spec(&node).expect("a recorded node is valid")
}

fn read_pod(pod: &Value) -> PodEntry {
    let pod: Pod = serde_json::from_value(pod.clone()).expect("a recorded pod decodes");
    pod_entry(&pod, &PriorityClasses::of(std::iter::empty())).expect("a recorded pod is valid")
}

/// Puts the entries of `more` into the object `target`.
fn merge(target: &mut Value, more: &Value) {
    for (key, value) in more.as_object().into_iter().flatten() {
        target[key] = value.clone();
    }
}

impl World {
    /// Does what an action says; `false` if what it is about is not there, or, to be added, is there.
    pub(super) fn act(&mut self, action: &Value, now: SimTime) -> bool {
        let name = action["name"].as_str().unwrap_or_default();
        let node = action["node"]["metadata"]["name"].as_str().unwrap_or(name).to_owned();
        let pod = if action["pod"].is_object() { full_name_of(&action["pod"]) } else { name.to_owned() };
        let operation = action["op"].as_str().unwrap_or_default();
        let is_there = match operation {
            "addPod" | "deletePod" | "updatePod" => self.pods.contains_key(&pod),
            _ => self.nodes.contains_key(&node),
        };
        if is_there == operation.starts_with("add") {
            return false;
        }
        match operation {
            "addPod" => self.add_pod(pod, &action["pod"], now),
            "deletePod" => self.delete_pod(&pod, now),
            "updatePod" => self.update_pod(&pod, action, now),
            "addNode" => self.add_node(node, &action["node"], now),
            "updateNode" => self.update_node(&node, action, now),
            "deleteNode" => self.delete_node(&node, action["pods"] == "before", now),
            other => panic!("{other:?} is no action"),
        }
        true
    }

    fn add_pod(&mut self, name: String, pod: &Value, now: SimTime) {
        self.added += 1;
        let id = read_pod(pod).create(&mut self.cluster, Stream::of(1, self.added), now);
        self.pods.insert(name, (id, pod.clone()));
        self.queue.add(id, &self.cluster, &self.scheduler, now);
    }

    fn delete_pod(&mut self, name: &str, now: SimTime) {
        let (id, _) = self.pods.remove(name).expect("the pod is there");
        let spec = self.spec(id);
        let gone = self.cluster.remove_pod(id);
        if gone.node.is_some() {
            self.happened(&ClusterEvent::PodDelete(&spec), now);
        } else {
            self.queue.deleted(id);
        }
    }

    fn update_pod(&mut self, name: &str, action: &Value, now: SimTime) {
        let (id, pod) = self.pods.get_mut(name).expect("the pod is there");
        let id = *id;
        if action["labels"].is_object() {
            pod["metadata"]["labels"] = action["labels"].clone();
        }
        if let Some(more) = action["addTolerations"].as_array() {
            let mut all = pod["spec"]["tolerations"].as_array().cloned().unwrap_or_default();
            all.extend(more.iter().cloned());
            pod["spec"]["tolerations"] = all.into();
        }
        if let (Some(gone), Some(gates)) =
            (action["removeGates"].as_array(), pod["spec"]["schedulingGates"].as_array_mut())
        {
            gates.retain(|gate| !gone.contains(&gate["name"]));
        }
        merge(&mut pod["spec"]["containers"][0]["resources"]["requests"], &action["requests"]);
        let spec = read_pod(pod).spec;
        self.replace_pod(id, &spec, now);
    }

    fn replace_pod(&mut self, id: PodId, spec: &PodSpec, now: SimTime) {
        let old = self.spec(id);
        let class = self.cluster.intern(spec.clone());
        self.cluster.reclassify(id, class);
        if self.cluster.pod(id).node.is_some() {
            for event in pod_events(&old, spec, false) {
                self.happened(&event, now);
            }
        } else {
            self.queue.updated(id, &old, &self.cluster, &self.scheduler, now);
        }
    }

    fn add_node(&mut self, name: String, node: &Value, now: SimTime) {
        let spec = read_node(node);
        self.nodes.insert(name, node.clone());
        self.cluster.add_node(spec.clone());
        self.happened(&ClusterEvent::NodeAdd(&spec), now);
    }

    fn update_node(&mut self, name: &str, action: &Value, now: SimTime) {
        let node = self.nodes.get_mut(name).expect("the node is there");
        for (field, path) in [
            ("labels", "metadata"),
            ("annotations", "metadata"),
            ("taints", "spec"),
            ("unschedulable", "spec"),
            ("conditions", "status"),
        ] {
            if !action[field].is_null() {
                node[path][field] = action[field].clone();
            }
        }
        merge(&mut node["status"]["allocatable"], &action["allocatable"]);
        let new = read_node(node);
        let id = self.cluster.node_named(name).expect("the node is there").id;
        let old = self.cluster.update_node(id, new.clone());
        for event in node_events(&old, &new) {
            self.happened(&event, now);
        }
    }

    /// A node's pods go with it; the event of the node comes after or before theirs, and before the node is gone.
    fn delete_node(&mut self, name: &str, pods_first: bool, now: SimTime) {
        self.nodes.remove(name);
        let node = self.cluster.node_named(name).expect("the node is there");
        let (id, spec) = (node.id, node.spec.clone());
        let mut pods: Vec<_> = node.pods.iter().map(|&pod| self.cluster.full_name(pod)).collect();
        pods.sort();
        let event = ClusterEvent::NodeDelete(&spec);
        if !pods_first {
            self.happened(&event, now);
        }
        for pod in pods {
            self.delete_pod(&pod, now);
        }
        if pods_first {
            self.happened(&event, now);
        }
        self.cluster.remove_node(id);
    }
}
