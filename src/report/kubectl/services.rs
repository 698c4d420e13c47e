//! Services.

use serde_json::Value;

use super::duration::age;
use super::{Column, Item, NONE, Seen, column, object, wide};
use crate::simulation::snapshot::ServiceView;

pub(super) const COLUMNS: &[Column] = &[
    column("NAME"),
    column("TYPE"),
    column("CLUSTER-IP"),
    column("EXTERNAL-IP"),
    column("PORT(S)"),
    column("AGE"),
    wide("SELECTOR"),
];

pub(super) fn items<'a>(seen: &'a Seen<'_>) -> Vec<Item<'a>> {
    seen.snapshot.services.iter().map(|service| item(seen, service)).collect()
}

fn item<'a>(seen: &'a Seen<'_>, service: &'a ServiceView) -> Item<'a> {
    let ServiceView { namespace, name, created } = service;
    let written = seen.written.find("Service", namespace, name, seen.snapshot.at);
    let text =
        |pointer: &str| written.as_deref().and_then(|value| value.pointer(pointer)).and_then(Value::as_str);
    let selector =
        written.as_deref().map(|value| object::labels_at(value, "/spec/selector")).unwrap_or_default();
    Item {
        namespace: namespace.clone(),
        name: name.clone(),
        labels: object::own_labels(written.as_deref()),
        cells: vec![
            name.clone(),
            text("/spec/type").unwrap_or("ClusterIP").to_owned(),
            text("/spec/clusterIP").unwrap_or(NONE).to_owned(),
            external_ip(written.as_deref()),
            ports(written.as_deref()),
            age(seen.snapshot.at, *created),
            if selector.is_empty() { NONE.to_owned() } else { selector.to_string() },
        ],
        value: Box::new(move || object::as_written("Service", written.as_deref(), namespace, name, *created)),
    }
}

/// The EXTERNAL-IP column (pkg/printers/internalversion/printers.go `getServiceExternalIP`): addresses that are written,
/// the name behind an ExternalName; nothing gives a load balancer its own here unless it asks for one.
fn external_ip(service: Option<&Value>) -> String {
    let text = |pointer: &str| service.and_then(|value| value.pointer(pointer)).and_then(Value::as_str);
    let given = service.and_then(|value| value.pointer("/spec/externalIPs")).and_then(Value::as_array);
    let given = given.into_iter().flatten().filter_map(Value::as_str);
    match text("/spec/type") {
        Some("ExternalName") => text("/spec/externalName").unwrap_or(NONE).to_owned(),
        kind => {
            let is_balanced = kind == Some("LoadBalancer");
            let own = text("/spec/loadBalancerIP").filter(|_| is_balanced);
            let all: Vec<_> = own.into_iter().chain(given).collect();
            let none = if is_balanced { "<pending>" } else { NONE };
            if all.is_empty() { none.to_owned() } else { all.join(",") }
        }
    }
}

/// `80/TCP,443:30443/TCP`.
fn ports(service: Option<&Value>) -> String {
    let listed = service.and_then(|value| value.pointer("/spec/ports")).and_then(Value::as_array);
    let port = |one: &Value| {
        let protocol = one.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
        let node = one.get("nodePort").map(|node| format!(":{node}")).unwrap_or_default();
        Some(format!("{}{node}/{protocol}", one.get("port")?))
    };
    let ports: Vec<_> = listed.into_iter().flatten().filter_map(port).collect();
    if ports.is_empty() { NONE.to_owned() } else { ports.join(",") }
}
