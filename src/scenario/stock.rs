//! Manifests to an [`Inventory`], with what the API server would refuse told at its line.

use std::collections::BTreeSet;

use overspill_manifest::{Diagnostic, Document, JsonPath, Object, On, code};
use serde_json::Value;

use super::inventory::{Inventory, ObjectProblem};
use super::order_of_units::not_simulated;
use super::problem;
use super::read::LoadedObject;
use crate::admission::priority::PriorityClasses;

/// Takes stock of `objects`, which `documents` tell the places of. The second value is what is worth knowing.
///
/// # Errors
///
/// Everything that the API server would refuse.
pub fn take_stock(
    documents: &[Document],
    objects: &[LoadedObject],
) -> Result<(Inventory, Vec<Diagnostic>), Vec<Diagnostic>> {
    let inventory = Inventory::of(objects.iter().map(|loaded| &loaded.stocked))
        .map_err(|problems| told(&problems, documents, objects))?;
    let early = not_simulated(documents, objects);
    if !early.is_empty() {
        return Err(early);
    }
    let mut warnings = Vec::new();
    warnings.extend(objects.iter().filter_map(|loaded| unstated_replicas(loaded, documents, &inventory)));
    warnings.extend(objects.iter().filter_map(|loaded| idle_bounds(loaded, documents)));
    Ok((inventory, warnings))
}

/// Takes stock of objects that come into a cluster with these priority classes.
pub(super) fn take_later_stock(
    documents: &[Document],
    objects: &[LoadedObject],
    priorities: &PriorityClasses,
) -> Result<Inventory, Vec<Diagnostic>> {
    Inventory::admitted(objects.iter().map(|loaded| &loaded.stocked), priorities)
        .map_err(|problems| told(&problems, documents, objects))
}

fn told(problems: &[ObjectProblem], documents: &[Document], objects: &[LoadedObject]) -> Vec<Diagnostic> {
    let told = |one: &ObjectProblem| {
        let document = &documents[objects[one.object].document];
        problem::told(&one.problem, &code::REFUSED, &document.value(), &document.origin)
    };
    problems.iter().map(told).collect()
}

/// One warning about all pods that are bound to nodes which are not among `nodes`.
pub fn missing_nodes<'n>(
    documents: &[Document],
    inventory: &Inventory,
    nodes: impl IntoIterator<Item = &'n str>,
) -> Option<Diagnostic> {
    let nodes: BTreeSet<&str> = nodes.into_iter().collect();
    let is_missing = |name: &String| !nodes.contains(name.as_str());
    let count = inventory.pods.iter().filter(|pod| pod.node.as_ref().is_some_and(is_missing)).count();
    if count == 0 {
        return None;
    }
    let path = JsonPath::root().key("spec").key("nodeName");
    let first = documents.iter().filter(|document| document.is_bound_pod()).find_map(|document| {
        let value = document.value();
        let name = path.get(&value).and_then(Value::as_str)?;
        (!nodes.contains(name)).then(|| document.place(&path, On::Value))
    });
    let message = match count {
        1 => "a pod is bound to a node that is not there, and is left out".to_owned(),
        count => format!("{count} pods are bound to nodes that are not there, and are left out"),
    };
    let help = "`kubectl get nodes,pods,…` prints both".to_owned();
    Some(Diagnostic::new(&code::NODE_IS_MISSING, message).at(first?).help(help))
}

/// A gateway that a user may expect to grow.
fn idle_bounds(loaded: &LoadedObject, documents: &[Document]) -> Option<Diagnostic> {
    let Some(Object::IstioGateway(gateway)) = loaded.object() else { return None };
    let spec = &gateway.spec;
    let most = spec.max_replicas.filter(|&most| most != spec.replica_count.unwrap_or(1))?;
    if spec.autoscale_enabled == Some(true) {
        return None;
    }
    let message = format!("this gateway has no autoscaler: it never has {most} pods by itself");
    let path = JsonPath::root().key("spec").key("maxReplicas");
    let place = documents[loaded.document].place(&path, On::Key);
    let help = "write `autoscaleEnabled: true` to have one".to_owned();
    Some(Diagnostic::new(&code::WITHOUT_EFFECT, message).at(place).help(help))
}

/// A ReplicaSet that a user may expect to make a pod.
fn unstated_replicas(
    loaded: &LoadedObject,
    documents: &[Document],
    inventory: &Inventory,
) -> Option<Diagnostic> {
    let Some(Object::ReplicaSet(set)) = loaded.object() else { return None };
    if set.spec.as_ref().is_some_and(|spec| spec.replicas.is_some()) {
        return None;
    }
    let name = set.metadata.name.as_deref()?;
    let has_pods =
        inventory.pods.iter().filter_map(|pod| pod.spec.owner.as_ref()).any(|owner| owner.name == name);
    if has_pods {
        return None;
    }
    let message = "this ReplicaSet does not say how many pods it keeps: none are made for it";
    let place = documents[loaded.document].place(&JsonPath::root().key("spec"), On::Key);
    let help = "write `replicas: 1` to have one".to_owned();
    Some(Diagnostic::new(&code::REPLICAS_NOT_STATED, message).at(place).help(help))
}
