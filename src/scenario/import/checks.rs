//! What keeps an import from making a scenario, and what it cannot know.

use std::collections::{BTreeMap, BTreeSet};

use overspill_manifest::{Diagnostic, Document, JsonPath, On, code, did_you_mean};

use super::load::Stream;
use super::{Findings, LeftOut};
use crate::cost::PriceList;
use crate::object::{LABEL_REGION, LABEL_ZONE, NodeSpec, Owner};
use crate::scenario::inventory::{CronJob, Inventory, Job, Workload};

/// Names that are listed before the rest is counted.
const NAMED: usize = 6;

/// Refuses what would not be the cluster that was printed.
pub(super) fn check(inventory: &Inventory, documents: &[Document]) -> Result<(), Vec<Diagnostic>> {
    let mut told = Vec::new();
    if inventory.nodes.is_empty() {
        let message = "there is no Node among these objects: nothing tells how large the cluster is";
        let help =
            "`kubectl get nodes,pods,deployments,replicasets,… -A -o yaml` prints them together".to_owned();
        told.push(Diagnostic::new(&code::DO_NOT_FIT, message).help(help));
    }
    told.extend(missing_replica_sets(inventory, documents));
    if told.is_empty() { Ok(()) } else { Err(told) }
}

/// Pods of a Deployment of which the ReplicaSet was not printed: the Deployment would make all of them a second time.
fn missing_replica_sets(inventory: &Inventory, documents: &[Document]) -> Option<Diagnostic> {
    let known = owners(inventory);
    let is_missing = |namespace: &str, owner: &Owner| {
        let is_deployments = |one: &Workload| {
            let rest = owner.name.strip_prefix(&one.name).and_then(|rest| rest.strip_prefix('-'));
            one.kind == "Deployment"
                && one.namespace == namespace
                && rest.is_some_and(|hash| !hash.contains('-'))
        };
        owner.kind == "ReplicaSet"
            && !known.contains(&("ReplicaSet", namespace, owner.name.as_str()))
            && inventory.workloads.iter().any(is_deployments)
    };
    let mut orphans = inventory.pods.iter().filter_map(|pod| {
        let owner = pod.spec.owner.as_ref().filter(|owner| is_missing(&pod.spec.namespace, owner))?;
        Some((pod, owner))
    });
    let (pod, owner) = orphans.next()?;
    let more = orphans.count();
    let more = if more > 0 { format!(", and {more} more pods likewise") } else { String::new() };
    let message = format!("ReplicaSet {}, which owns this pod, was not printed{more}", owner.name);
    let path = JsonPath::root().key("metadata").key("ownerReferences");
    let place = documents.iter().find(|one| one.is("Pod", &pod.spec.namespace, &pod.name));
    let place = place.map(|one| one.place(&path, On::Key));
    let help = "its Deployment would make these pods a second time: print replicasets too".to_owned();
    Some(Diagnostic::new(&code::DO_NOT_FIT, message).at(place).help(help))
}

/// Everything that owns pods: kind, namespace and name.
fn owners(inventory: &Inventory) -> BTreeSet<(&str, &str, &str)> {
    let mut known = BTreeSet::new();
    for one in &inventory.workloads {
        let kind = if one.stateful.is_some() { "StatefulSet" } else { "ReplicaSet" };
        known.insert((kind, one.namespace.as_str(), one.replica_set.as_str()));
        known.extend(one.other_sets.iter().map(|set| (kind, one.namespace.as_str(), set.as_str())));
    }
    known.extend(
        inventory.daemon_sets.iter().map(|one| ("DaemonSet", one.namespace.as_str(), one.name.as_str())),
    );
    known.extend(inventory.jobs.iter().map(|one| ("Job", one.namespace.as_str(), one.name.as_str())));
    known
}

/// Whether a document is an autoscaler of a workload that was not printed or is not simulated.
pub(super) fn scales_nothing(document: &Document, inventory: &Inventory) -> bool {
    if document.kind != "HorizontalPodAutoscaler" {
        return false;
    }
    let is_it =
        |name: &str, namespace: &str| name == document.name && namespace == document.namespace_or_default();
    let own = inventory.autoscalers.iter().find(|one| is_it(&one.name, &one.namespace));
    own.is_some_and(|own| !has_workload(inventory, &own.target))
}

/// The workload called `title`.
pub(super) fn workload<'i>(inventory: &'i Inventory, title: &str) -> Result<&'i Workload, Box<Diagnostic>> {
    let title = inventory.scaled_as(title);
    let found = inventory.workloads.iter().find(|one| one.title() == title);
    found.ok_or_else(|| {
        let titles: Vec<String> = inventory.workloads.iter().map(Workload::title).collect();
        let help = did_you_mean(title, "workloads", titles.iter().map(String::as_str));
        let message = format!("--to: there is no `{title}` among the workloads");
        Box::new(Diagnostic::new(&code::UNKNOWN_NAME, message).help(help))
    })
}

/// The only workload of these, which a rate is meant for that names none.
pub(super) fn only_one<'i>(
    inventory: &'i Inventory,
    titles: &[String],
) -> Result<&'i Workload, Box<Diagnostic>> {
    if let [only] = titles {
        return workload(inventory, only);
    }
    let message = match titles.len() {
        0 => "--rate: no workload has an autoscaler that goes by cpu".to_owned(),
        count => format!("--rate: {count} workloads have autoscalers that go by cpu: {}", listed(titles)),
    };
    let help = "say with --to KIND/NAMESPACE/NAME which of them serves it".to_owned();
    Err(Box::new(Diagnostic::new(&code::UNKNOWN_NAME, message).help(help)))
}

/// The zone of a node; a label without a value names none.
pub(super) fn zone(node: &NodeSpec) -> Option<&str> {
    node.labels.get(LABEL_ZONE).filter(|zone| !zone.is_empty())
}

/// What nobody told, one sentence each.
pub(super) fn unknown(
    inventory: &Inventory,
    findings: &Findings,
    others: &[&NodeSpec],
    prices: &PriceList,
    streams: &[Stream<'_>],
) -> Vec<String> {
    let mut told = prices_unknown(inventory, findings, prices);
    if !others.is_empty() {
        let names: Vec<String> = others.iter().map(|node| node.name.clone()).collect();
        told.push(format!(
            "Nodes that no label puts into a pool of their own stand for themselves, at the price of their type: {}.",
            listed(&names)
        ));
    }
    told.extend(zones_unknown(inventory));
    told.extend(nodes_unknown(inventory));
    told.extend(owners_unknown(inventory));
    told.extend(loads_unknown(inventory, streams));
    let work = working(inventory);
    if !work.is_empty() {
        told.push(format!("How long work takes is not known, and 5m in `work`: {}.", listed(&work)));
    }
    told
}

fn prices_unknown(inventory: &Inventory, findings: &Findings, prices: &PriceList) -> Vec<String> {
    let unpriced = findings.pools.iter().filter(|pool| pool.price.is_none());
    let mut told: Vec<String> = unpriced
        .map(|pool| {
            let kind = pool.instance_type.as_deref().unwrap_or("an instance type that no label tells");
            format!(
                "Price list {} has no price of {kind}: pool {} counts as free until you write its `price`.",
                prices.name, pool.name
            )
        })
        .collect();
    let regions = inventory.nodes.iter().filter_map(|node| node.labels.get(LABEL_REGION));
    let others: BTreeSet<&str> =
        regions.filter(|region| !region.is_empty() && *region != prices.region).collect();
    told.extend(others.into_iter().map(|region| {
        format!("Price list {} is that of {}, and nodes are in {region}.", prices.name, prices.region)
    }));
    told
}

/// Nodes whose zone is written down without a value.
fn zones_unknown(inventory: &Inventory) -> Option<String> {
    let is_empty = |node: &&NodeSpec| node.labels.get(LABEL_ZONE) == Some("");
    let names: Vec<String> = inventory.nodes.iter().filter(is_empty).map(|node| node.name.clone()).collect();
    (!names.is_empty()).then(|| {
        format!("The label {LABEL_ZONE} of these nodes is empty and was left out: {}.", listed(&names))
    })
}

/// Pods on nodes that were not printed.
fn nodes_unknown(inventory: &Inventory) -> Option<String> {
    let known: BTreeSet<&str> = inventory.nodes.iter().map(|node| node.name.as_str()).collect();
    let named = inventory.pods.iter().filter_map(|pod| pod.node.as_deref());
    let missing: Vec<&str> = named.filter(|node| !known.contains(node)).collect();
    let names: BTreeSet<&str> = missing.iter().copied().collect();
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let (pods, left_out) = if missing.len() == 1 {
        ("pod is", "a run leaves it out")
    } else {
        ("pods are", "a run leaves them out")
    };
    (!missing.is_empty()).then(|| {
        let count = missing.len();
        format!("{count} {pods} bound to nodes that were not printed ({}): {left_out}.", listed(&names))
    })
}

/// Autoscaled workloads of which nobody tells what their pods use.
fn loads_unknown(inventory: &Inventory, streams: &[Stream<'_>]) -> Vec<String> {
    let is_known = |title: &str| streams.iter().any(|stream| stream.workload.title() == title);
    let targets = inventory.autoscalers.iter().map(|one| &one.target);
    let unknown = targets.filter(|target| !is_known(target) && has_workload(inventory, target));
    let moving = streams.iter().filter_map(|stream| {
        let (current, desired) = stream.moving?;
        Some(format!(
            "The autoscaler of {} was on its way from {current} to {desired} pods: the load that {current} pods use tells \
             less than all of it.",
            stream.workload.title()
        ))
    });
    let told = |target: &String| {
        format!(
            "Nobody tells what the pods of {target} use: without `traffic` its autoscaler goes down to its minimum."
        )
    };
    unknown.map(told).chain(moving).collect()
}

fn has_workload(inventory: &Inventory, title: &str) -> bool {
    inventory.workloads.iter().any(|one| one.title() == title)
}

/// Jobs and CronJobs, whose work takes a time that nobody prints.
pub(super) fn working(inventory: &Inventory) -> Vec<String> {
    let jobs = inventory.jobs.iter().map(Job::title);
    jobs.chain(inventory.cron_jobs.iter().map(CronJob::title)).collect()
}

/// Pods that run on as they are and that nobody makes anew.
fn owners_unknown(inventory: &Inventory) -> Vec<String> {
    let known = owners(inventory);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for pod in &inventory.pods {
        let Some(owner) = &pod.spec.owner else { continue };
        if !known.contains(&(owner.kind.as_str(), pod.spec.namespace.as_str(), owner.name.as_str())) {
            *counts.entry(&owner.kind).or_default() += 1;
        }
    }
    let told = |(kind, count): (&str, usize)| {
        let pods = if count == 1 { "pod belongs" } else { "pods belong" };
        format!(
            "{count} {pods} to what was not printed or is not simulated ({kind}): they are not made anew."
        )
    };
    counts.into_iter().map(told).collect()
}

/// Names with commas between them.
pub(super) fn listed(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names[..names.len().min(NAMED)].join(", "))
}

impl LeftOut {
    /// What was left out, one sentence each.
    pub(super) fn told(&self) -> Vec<String> {
        let counted = |counts: &BTreeMap<String, usize>| {
            let mut all: Vec<_> = counts.iter().collect();
            all.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            listed(&all.into_iter().map(|(name, count)| format!("{name} ({count})")).collect::<Vec<_>>())
        };
        let mut told = Vec::new();
        if !self.kinds.is_empty() {
            told.push(format!("Objects of kinds that are not simulated: {}.", counted(&self.kinds)));
        }
        if !self.fields.is_empty() {
            told.push(format!("Fields that are not known here: {}.", counted(&self.fields)));
        }
        let counts = [
            (self.ended_pods, "Pods that have succeeded or failed"),
            (self.ended_jobs, "Jobs that have completed or failed"),
            (self.idle_autoscalers, "Autoscalers of what was not printed"),
            (self.contents, "Contents of ConfigMaps and Secrets"),
            (
                self.containers,
                "Commands, arguments and variables of containers, and what their probes and hooks call",
            ),
            (self.pods, "Host aliases, pull secrets and parameters of volumes, of pods and templates"),
            (self.annotations, "Annotations that no run reads"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        told.extend(counts.map(|(count, what)| format!("{what} ({count}).")));
        told
    }
}
