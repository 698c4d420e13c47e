//! Nodes and namespaces.

use serde_json::{Value, json};

use super::duration::age;
use super::{Column, Item, NONE, Seen, UNKNOWN, column, object, wide};
use crate::object::NodeSpec;
use crate::simulation::snapshot::{NamespaceView, NodeView};

pub(super) const COLUMNS: &[Column] = &[
    column("NAME"),
    column("STATUS"),
    column("ROLES"),
    column("AGE"),
    column("VERSION"),
    wide("INTERNAL-IP"),
    wide("EXTERNAL-IP"),
    wide("OS-IMAGE"),
    wide("KERNEL-VERSION"),
    wide("CONTAINER-RUNTIME"),
];

pub(super) const NAMESPACE_COLUMNS: &[Column] = &[column("NAME"), column("STATUS"), column("AGE")];

pub(super) fn items<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    seen.snapshot.nodes.iter().map(|node| item(seen, node)).collect()
}

fn item<'a>(seen: &'a Seen<'_>, node: &'a NodeView) -> Item<'a> {
    let written = seen.written.find("Node", "", &node.spec.name, seen.snapshot.at);
    let info = |field: &str| {
        let pointer = format!("/status/nodeInfo/{field}");
        let text = written.as_deref().and_then(|value| value.pointer(&pointer)).and_then(Value::as_str);
        text.unwrap_or(UNKNOWN).to_owned()
    };
    Item {
        namespace: String::new(),
        name: node.spec.name.clone(),
        labels: node.spec.labels.clone(),
        cells: vec![
            node.spec.name.clone(),
            status(&node.spec),
            roles(&node.spec),
            age(seen.snapshot.at, node.created),
            info("kubeletVersion"),
            NONE.to_owned(),
            NONE.to_owned(),
            info("osImage"),
            info("kernelVersion"),
            info("containerRuntimeVersion"),
        ],
        value: Box::new(move || object::node(node)),
    }
}

/// Nodes of a scenario say nothing of their conditions: they are ready.
fn status(node: &NodeSpec) -> String {
    let ready = match node.conditions.get("Ready") {
        None | Some("True") => "Ready",
        Some(_) => "NotReady",
    };
    let cordoned = if node.unschedulable { ",SchedulingDisabled" } else { "" };
    format!("{ready}{cordoned}")
}

/// The roles that the labels tell (pkg/printers/internalversion/printers.go `findNodeRoles`).
fn roles(node: &NodeSpec) -> String {
    let role = |(key, value): (&String, &String)| {
        let named = key.strip_prefix("node-role.kubernetes.io/").filter(|role| !role.is_empty());
        let own = Some(value.as_str()).filter(|value| key == "kubernetes.io/role" && !value.is_empty());
        named.or(own).map(str::to_owned)
    };
    let mut roles: Vec<_> = node.labels.0.iter().filter_map(role).collect();
    roles.sort();
    roles.dedup();
    if roles.is_empty() { NONE.to_owned() } else { roles.join(",") }
}

pub(super) fn namespaces<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    let phase = |one: &NamespaceView| if one.terminating { "Terminating" } else { "Active" };
    let item = |one: &'a NamespaceView| Item {
        namespace: String::new(),
        name: one.name.clone(),
        labels: one.labels.clone(),
        cells: vec![one.name.clone(), phase(one).to_owned(), age(seen.snapshot.at, one.created)],
        value: Box::new(move || {
            json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": object::metadata("", &one.name, &one.labels, None, one.created),
                "status": { "phase": phase(one) },
            })
        }),
    };
    seen.snapshot.namespaces.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Labels;

    #[track_caller]
    fn check(labels: &[(&str, &str)], expected: &str) {
        let labels: Labels = labels.iter().copied().collect();
        assert_eq!(roles(&NodeSpec { labels, ..NodeSpec::named("n") }), expected);
    }

    #[test]
    fn roles_come_from_labels() {
        check(&[], "<none>");
        check(&[("kubernetes.io/role", "agent")], "agent");
        check(&[("node-role.kubernetes.io/worker", ""), ("kubernetes.io/role", "agent")], "agent,worker");
    }

    #[test]
    fn a_cordoned_node_says_so() {
        let node = NodeSpec { unschedulable: true, ..NodeSpec::named("n") };
        assert_eq!(status(&node), "Ready,SchedulingDisabled");
        let conditions = Labels::from_iter([("Ready", "Unknown")]);
        assert_eq!(status(&NodeSpec { conditions, ..NodeSpec::named("n") }), "NotReady");
    }
}
