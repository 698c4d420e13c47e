//! From what `kubectl get … -o yaml` printed of a cluster to a scenario that runs.
//!
//! Objects stay what they are, without what only the server that printed them needs ([`LeftOut`]), and bound pods stay on
//! their nodes. The scenario beside them says what Kubernetes does not know: pools, so that their sizes can be varied,
//! prices, and the load of today.

mod annotations;
mod checks;
mod cleaning;
mod load;
mod pools;
mod text;

use std::collections::BTreeMap;

use overspill_manifest::{Diagnostic, Document, to_yaml};

use super::drafting::{Load, PRICES_FILE};
use super::inventory::Inventory;
use super::{Manifests, take_stock};
use crate::cost::{Billing, PriceList};
use crate::object::{NodeClass, NodeSpec, ResourceKind};
use crate::units::Price;

use pools::FoundPool;

pub use cleaning::LeftOut;

/// What is asked for beside what kubectl printed.
#[derive(Debug)]
pub struct Wishes<'w> {
    /// How the scenario is called.
    pub name: String,
    /// The price list.
    pub prices: &'w PriceList,
    /// Its text, which is kept beside the scenario.
    pub prices_text: String,
    /// The load that a workload is to have, instead of today's.
    pub load: Option<Load>,
    /// Which workload, as KIND/NAMESPACE/NAME; it can be left out where one only has an autoscaler.
    pub to: Option<String>,
}

/// A scenario in the making.
#[derive(Debug)]
pub struct Imported {
    /// What is to be written, by relative name.
    pub files: BTreeMap<String, String>,
    /// What was found.
    pub findings: Findings,
    /// What is worth knowing about the objects themselves.
    pub warnings: Vec<Diagnostic>,
}

/// What an import has found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Pools, in the order of their first nodes.
    pub pools: Vec<PoolRow>,
    /// Names of virtual nodes, with their zones.
    pub virtual_nodes: Vec<(String, Option<String>)>,
    /// How many pods are bound.
    pub bound: usize,
    /// How many wait for a node.
    pub waiting: usize,
    /// What was left out.
    pub left_out: Vec<String>,
    /// What nobody told, or what cannot be known here.
    pub unknown: Vec<String>,
}

/// A pool as a user is told of it.
#[derive(Debug)]
pub struct PoolRow {
    /// Its name.
    pub name: String,
    /// How many nodes it has.
    pub nodes: usize,
    /// Their instance type.
    pub instance_type: Option<String>,
    /// Their zones.
    pub zones: Vec<String>,
    /// How they are paid for.
    pub billing: Billing,
    /// What one of them costs, if the price list knows.
    pub price: Option<Price>,
}

impl PoolRow {
    /// How it is paid for, as a scenario writes it.
    pub const fn billing_name(&self) -> &'static str {
        match self.billing {
            Billing::Payg => "payg",
            Billing::Subscription => "subscription",
            Billing::Spot => "spot",
            Billing::SavingsPlan => "savingsPlan",
        }
    }
}

/// Turns what was printed into a scenario.
///
/// # Errors
///
/// What keeps it from running, with its places.
pub fn import(manifests: &Manifests, wishes: &Wishes<'_>) -> Result<Imported, Vec<Diagnostic>> {
    let (inventory, warnings) = take_stock(&manifests.documents, &manifests.objects)?;
    checks::check(&inventory, &manifests.documents)?;
    let mut left_out = LeftOut::of(&manifests.documents);
    let mut files = manifest_files(&manifests.documents, &inventory, &mut left_out);
    let (pools, others) = pools::pools(&inventory.nodes);
    let streams =
        load::streams(&inventory, &manifests.documents, wishes).map_err(|problem| vec![*problem])?;
    let mut findings = Findings { left_out: left_out.told(), ..Findings::default() };
    findings.pools = pools.iter().map(|pool| row(pool, wishes.prices)).collect();
    let virtual_nodes = inventory.nodes.iter().filter(|node| node.class == NodeClass::Virtual);
    findings.virtual_nodes =
        virtual_nodes.map(|node| (node.name.clone(), checks::zone(node).map(str::to_owned))).collect();
    findings.waiting = inventory.pods.iter().filter(|pod| pod.node.is_none() && !pod.terminating).count();
    findings.bound = inventory.pods.iter().filter(|pod| pod.node.is_some()).count();
    findings.unknown = checks::unknown(&inventory, &findings, &others, wishes.prices, &streams);
    let draft =
        text::Draft { wishes, inventory: &inventory, pools: &pools, streams: &streams, findings: &findings };
    files.insert("scenario.yaml".to_owned(), draft.written());
    files.insert(PRICES_FILE.to_owned(), wishes.prices_text.clone());
    Ok(Imported { files, findings, warnings })
}

fn row(pool: &FoundPool<'_>, prices: &PriceList) -> PoolRow {
    let part = prices.factor(pool.billing());
    PoolRow {
        name: pool.name.clone(),
        nodes: pool.nodes.len(),
        instance_type: pool.instance_type.map(str::to_owned),
        zones: pool.zones().into_iter().map(str::to_owned).collect(),
        billing: pool.billing(),
        price: pool.instance_type.and_then(|kind| prices.node(kind, part).ok()),
    }
}

/// What the manifests become: a file for each kind, its objects in the order in which they were printed.
fn manifest_files(
    documents: &[Document],
    inventory: &Inventory,
    left_out: &mut LeftOut,
) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for document in documents {
        if checks::scales_nothing(document, inventory) {
            left_out.idle_autoscalers += 1;
            continue;
        }
        let Some(value) = left_out.clean(document) else { continue };
        let file = files.entry(format!("manifests/{}.yaml", plural(&document.kind))).or_default();
        if !file.is_empty() {
            file.push_str("---\n");
        }
        file.push_str(&to_yaml(&value));
    }
    files
}

/// The kind in the plural, as kubectl takes it.
fn plural(kind: &str) -> String {
    let known = ResourceKind::from_name(kind).map(|kind| kind.plural().to_owned());
    known.unwrap_or_else(|| {
        let lower = kind.to_lowercase();
        match lower.strip_suffix('y') {
            Some(stem) if !stem.ends_with('a') => format!("{stem}ies"),
            _ if lower.ends_with('s') => format!("{lower}es"),
            _ => format!("{lower}s"),
        }
    })
}

/// What is allocatable on a node, as a scenario writes it.
fn allocatable(node: &NodeSpec) -> Vec<(String, String)> {
    let has = &node.allocatable;
    let own = [
        ("cpu", has.cpu.to_string()),
        ("memory", has.memory.to_string()),
        ("ephemeral-storage", has.ephemeral.to_string()),
        ("pods", node.allocatable_pods.to_string()),
    ];
    let more = has.scalar.iter().filter(|(_, amount)| **amount != 0);
    let more = more.map(|(name, amount)| (name.clone(), amount.to_string()));
    own.into_iter().map(|(name, amount)| (name.to_owned(), amount)).chain(more).collect()
}
