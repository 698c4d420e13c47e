//! SidecarSets, their bindings, ConfigMaps and Secrets.

use serde_json::{Value, json};

use super::duration::age;
use super::{Column, Item, Seen, column, object};
use crate::object::ResourceKind;
use crate::simulation::snapshot::{KeptView, SidecarSetView};

/// OpenKruise's printer columns (apis/apps/v1alpha1/sidecarset_types.go).
pub(super) const SIDECAR_SET_COLUMNS: &[Column] =
    &[column("NAME"), column("MATCHED"), column("UPDATED"), column("READY"), column("AGE")];
/// What kubectl prints of a custom resource that names no columns.
pub(super) const BINDING_COLUMNS: &[Column] = &[column("NAME"), column("AGE")];
pub(super) const CONFIG_MAP_COLUMNS: &[Column] = &[column("NAME"), column("DATA"), column("AGE")];
pub(super) const SECRET_COLUMNS: &[Column] = &[column("NAME"), column("TYPE"), column("DATA"), column("AGE")];

pub(super) fn items<'a>(seen: &'a Seen<'_>, kind: ResourceKind) -> Vec<Item<'a>> {
    seen.snapshot.kept.iter().filter(|one| one.kind == kind).map(|one| item(seen, one)).collect()
}

fn item<'a>(seen: &'a Seen<'_>, one: &'a KeptView) -> Item<'a> {
    let KeptView { kind, namespace, name, created } = one;
    let written = seen.written.find(kind.kind(), namespace, name, seen.snapshot.at);
    let counts =
        seen.snapshot.sidecar_sets.iter().find(|set| *kind == ResourceKind::SidecarSet && set.name == *name);
    let mut cells = vec![name.clone()];
    match kind {
        ResourceKind::SidecarSet => {
            let counts = counts.map(|set| [set.matched, set.updated, set.ready]).unwrap_or_default();
            cells.extend(counts.map(|count| count.to_string()));
        }
        ResourceKind::ConfigMap => cells.push(entries(written.as_deref(), &["data", "binaryData"])),
        ResourceKind::Secret => {
            let own = written.as_deref().and_then(|value| value.get("type")).and_then(Value::as_str);
            cells.push(own.unwrap_or("Opaque").to_owned());
            cells.push(entries(written.as_deref(), &["data", "stringData"]));
        }
        _ => {}
    }
    cells.push(age(seen.snapshot.at, *created));
    Item {
        namespace: namespace.clone(),
        name: name.clone(),
        labels: object::own_labels(written.as_deref()),
        cells,
        value: Box::new(move || whole(written.as_deref(), one, counts)),
    }
}

/// How many entries the maps of an object have.
fn entries(written: Option<&Value>, maps: &[&str]) -> String {
    let count = |map: &&str| {
        written.and_then(|value| value.get(map)).and_then(Value::as_object).map_or(0, serde_json::Map::len)
    };
    maps.iter().map(count).sum::<usize>().to_string()
}

fn whole(written: Option<&Value>, one: &KeptView, counts: Option<&SidecarSetView>) -> Value {
    let mut value = object::as_written(one.kind.kind(), written, &one.namespace, &one.name, one.created);
    if !matches!(one.kind, ResourceKind::SidecarSet | ResourceKind::SidecarSetResourceBinding)
        && let Some(map) = value.as_object_mut()
    {
        // These keep what they hold beside their metadata, and have no `spec`.
        map.remove("spec");
        for key in ["type", "immutable", "data", "binaryData", "stringData"] {
            if let Some(own) = written.and_then(|value| value.get(key)) {
                map.insert(key.to_owned(), own.clone());
            }
        }
    }
    if let Some(SidecarSetView { matched, updated, ready, .. }) = counts {
        value["status"] = json!({ "matchedPods": matched, "updatedPods": updated, "readyPods": ready });
    }
    value
}
