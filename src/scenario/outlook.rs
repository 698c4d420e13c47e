//! Where pods will be able to go, told before they are created: what a person would want to know beforehand.

mod conflicts;
pub(super) mod eligibility;
pub(super) mod keys;
mod policies;
mod profile;

use std::rc::Rc;

use overspill_manifest::{Diagnostic, Document};

use super::coming::{Coming, Manifests, State};
use super::inventory::Inventory;
use crate::object::NodeSpec;

pub(super) use conflicts::doubtful_namespace_label;

/// Warnings about all pods that are still to be placed, and about what sends them somewhere: the manifests of the start
/// come first among `manifests`. Without nodes nothing is said of where pods fit.
pub(super) fn outlook(
    manifests: &[Manifests<'_>],
    comings: &[Coming<'_>],
    nodes: &[NodeSpec],
) -> Vec<Diagnostic> {
    let mut told: Vec<_> = manifests.iter().flat_map(|one| conflicts::of_namespaces(one.documents)).collect();
    if let Some(start) = manifests.first() {
        told.extend(profile::of_profile(start, nodes));
        told.extend(policies::of_policies(start, comings));
    }
    told.extend(manifests.iter().flat_map(|one| keys::of_owners(one.documents)));
    for coming in comings.iter().filter(|coming| coming.node.is_none()) {
        told.extend(keys::of_pods(coming));
        told.extend(in_every_state(coming));
    }
    told
}

/// What may become of pods whatever they find, each thing once.
fn in_every_state(coming: &Coming<'_>) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = Vec::new();
    for state in &coming.states {
        let mut now = conflicts::of_pods(coming, &state.cluster);
        if !state.nodes.is_empty() {
            now.extend(eligibility::of_pods(coming, state));
        }
        now.retain(|one| !told.contains(one));
        told.append(&mut now);
    }
    told
}

/// The same of manifests without a scenario, whose nodes are those of the manifests.
pub fn outlook_of_manifests(documents: &[Document], inventory: &Inventory) -> Vec<Diagnostic> {
    let manifests = Manifests { documents, inventory };
    let state =
        Rc::new(State { cluster: inventory.surroundings(), nodes: inventory.nodes.as_slice().into() });
    let templates = manifests.templates().map(|(_, coming)| coming);
    let mut comings: Vec<_> =
        templates.chain(manifests.jobs()).chain(manifests.cron_jobs()).chain(manifests.bare_pods()).collect();
    for coming in &mut comings {
        coming.may_find(&state);
    }
    outlook(&[manifests], &comings, &inventory.nodes)
}
