//! Everything that is in the cluster and asks something of it: nodes, pods, workloads, autoscalers, the mesh, traffic,
//! and what a user does to them in the course of time.

use super::comings::Moment;
use super::known::Known;
use super::timeline::Later;
use super::{Resolver, known};
use crate::cost::PriceList;
use crate::id::WorkloadId;
use crate::scenario::coming::Manifests;
use crate::scenario::inventory::{Inventory, Workload};
use crate::simulation::action::{ObjectName, TimedAction};
use crate::simulation::scenario::{
    AutoscalerSetup, MeshSetup, NodeSetup, PodSetup, TrafficSetup, WorkloadSetup,
};

/// Who is there, and who asks for what.
pub(super) struct Population {
    pub(super) nodes: Vec<NodeSetup>,
    pub(super) pods: Vec<PodSetup>,
    pub(super) workloads: Vec<WorkloadSetup>,
    pub(super) autoscalers: Vec<AutoscalerSetup>,
    pub(super) traffic: Vec<TrafficSetup>,
    pub(super) mesh: Option<MeshSetup>,
    pub(super) timeline: Vec<TimedAction>,
    pub(super) namespaces: Vec<String>,
    pub(super) services: Vec<ObjectName>,
    /// What each step of the timeline brings.
    pub(super) later: Vec<Later>,
    /// What there is at the start and after each step; the steps are left out where the manifests are broken.
    pub(super) moments: Vec<Moment>,
}

impl Resolver<'_> {
    pub(super) fn population(&mut self, inventory: &Inventory, prices: &PriceList) -> Population {
        let nodes = self.nodes(inventory, prices);
        let mut workloads = Vec::new();
        for workload in &inventory.workloads {
            add_workload(&mut workloads, workload, true);
        }
        let loaded = self.loaded;
        let start = Manifests { documents: &loaded.documents, inventory };
        let later = self.later_objects(&mut workloads);
        let mut autoscalers = self.autoscalers(start, &workloads, true);
        let mesh = self.mesh(&nodes);
        self.check_gateways(inventory, &nodes);
        // Steps look objects up: where some of the manifests are broken, nobody knows what is there.
        let (timeline, moments) = if self.workloads_complete {
            self.timeline(inventory, &nodes, &workloads, &mut autoscalers, &later)
        } else {
            let known =
                Known::at_start(inventory, &self.namespaces(inventory), &nodes, &workloads, &autoscalers);
            let specs = nodes.iter().map(|node| node.spec.clone()).collect();
            (Vec::new(), vec![known.moment(None, specs)])
        };
        let services = inventory.service_names.iter().cloned();
        Population {
            pods: Self::pods(inventory, &nodes),
            traffic: self.traffic(inventory, &workloads),
            namespaces: self.namespaces(inventory),
            services: services.map(|(namespace, name)| ObjectName { namespace, name }).collect(),
            nodes,
            workloads,
            autoscalers,
            mesh,
            timeline,
            later,
            moments,
        }
    }

    /// The namespaces at the start; a source's namespace is there too.
    pub(super) fn namespaces(&self, inventory: &Inventory) -> Vec<String> {
        let mut all = known::namespaces(inventory);
        all.extend(self.spec().sources.values().filter_map(|source| source.namespace.clone()));
        all.sort();
        all.dedup();
        all
    }
}

/// Adds a workload to those that are there at some time.
pub(super) fn add_workload(workloads: &mut Vec<WorkloadSetup>, workload: &Workload, at_start: bool) {
    let title = workload.title();
    let first = workloads.iter().position(|other| other.title == title).unwrap_or(workloads.len());
    workloads.push(WorkloadSetup {
        title,
        replica_set: workload.replica_set.clone(),
        replicas: workload.replicas,
        at_start,
        first_of_title: WorkloadId(first as u32),
        selector: workload.selector.clone(),
        template: workload.template.clone(),
    });
}
