//! Everything that is in the cluster and asks something of it: nodes, pods, workloads, autoscalers, the mesh, traffic,
//! and what a user does to them in the course of time.

use std::collections::BTreeSet;

use super::comings::Moment;
use super::known::Known;
use super::kruise::Candidates;
use super::timeline::{Later, There};
use super::work::Works;
use super::{Incoming, Resolver, known, work};
use crate::cost::PriceList;
use crate::id::WorkloadId;
use crate::object::ResourceKind;
use crate::object::volume::FileObject;
use crate::scenario::coming::Manifests;
use crate::scenario::inventory::{DaemonSet, Inventory, Workload};
use crate::simulation::action::{ObjectName, TimedAction};
use crate::simulation::admitted::Admission;
use crate::simulation::scenario::{
    AutoscalerSetup, CronJobSetup, CustomMetricsSetup, DaemonSetSetup, JobSetup, KruiseSetup, MeshSetup,
    NodeSetup, PodSetup, TrafficSetup, WorkSetup, WorkloadSetup,
};
use std::collections::BTreeMap;

/// Who is there, and who asks for what.
pub(super) struct Population {
    pub(super) nodes: Vec<NodeSetup>,
    pub(super) pods: Vec<PodSetup>,
    pub(super) workloads: Vec<WorkloadSetup>,
    pub(super) daemon_sets: Vec<DaemonSetSetup>,
    pub(super) autoscalers: Vec<AutoscalerSetup>,
    pub(super) jobs: Vec<JobSetup>,
    pub(super) cron_jobs: Vec<CronJobSetup>,
    pub(super) pod_work: BTreeMap<ObjectName, WorkSetup>,
    pub(super) traffic: Vec<TrafficSetup>,
    pub(super) custom_metrics: CustomMetricsSetup,
    pub(super) mesh: Option<MeshSetup>,
    pub(super) kruise: Option<KruiseSetup>,
    pub(super) timeline: Vec<TimedAction>,
    pub(super) namespaces: Vec<String>,
    pub(super) services: Vec<ObjectName>,
    /// What each step of the timeline brings.
    pub(super) later: Vec<Later>,
    /// What there is at the start and after each step; the steps are left out where the manifests are broken.
    pub(super) moments: Vec<Moment>,
    pub(super) kept: Vec<(ResourceKind, ObjectName)>,
    pub(super) known_files: BTreeSet<FileObject>,
}

impl Population {
    /// What changes pods as they come.
    pub(super) fn admission(&self) -> Admission<'_> {
        Admission { mesh: self.mesh.as_ref(), kruise: self.kruise.as_ref() }
    }
}

impl Resolver<'_> {
    pub(super) fn population(
        &mut self,
        inventory: &Inventory,
        prices: &PriceList,
        incoming: &Incoming,
    ) -> Population {
        let nodes = self.nodes(inventory, prices);
        let mut workloads = Vec::new();
        for workload in &inventory.workloads {
            add_workload(&mut workloads, workload, true);
        }
        let loaded = self.loaded;
        let start = Manifests { documents: &loaded.documents, inventory };
        let mut daemon_sets: Vec<_> = inventory.daemon_sets.iter().map(|one| setup_of(one, true)).collect();
        let mut later = self.later_objects(&mut workloads, &mut daemon_sets);
        let works = self.works(&work::templates(inventories(inventory, &later)));
        let jobs = self.jobs(inventory, &mut later, &works);
        let cron_jobs = self.cron_jobs(inventory, &mut later, &works);
        let pod_work = work::of_pods(&works);
        let mut autoscalers = self.autoscalers(start, &workloads, true);
        let mesh = self.mesh(&nodes);
        self.check_gateways(inventory, &nodes);
        let candidates = Candidates { inventory, later: &later, nodes: &nodes, incoming };
        let kruise = self.kruise(&candidates);
        let known_files = candidates.files().cloned().collect();
        self.doubt_files(&candidates, &known_files, kruise.as_ref());
        // Steps look objects up: where some of the manifests are broken, nobody knows what is there.
        let there = There {
            inventory,
            nodes: &nodes,
            daemon_sets: &daemon_sets,
            jobs: &jobs,
            cron_jobs: &cron_jobs,
            prices,
        };
        let (timeline, moments) = if self.workloads_complete {
            self.timeline(&there, &mut workloads, &mut autoscalers, &later)
        } else {
            let known = Known::at_start(&there, &self.namespaces(inventory), &workloads, &autoscalers);
            let specs = nodes.iter().map(|node| node.spec.clone()).collect();
            (Vec::new(), vec![known.moment(None, specs)])
        };
        let inventories: Vec<_> =
            [inventory].into_iter().chain(later.iter().map(|step| &step.inventory)).collect();
        let custom_metrics = self.custom_metrics(&inventories, &workloads, &jobs);
        let services = inventory.service_names.iter().cloned();
        Population {
            pods: Self::pods(inventory, &nodes, &jobs),
            jobs,
            cron_jobs,
            pod_work,
            traffic: self.traffic(inventory, &workloads),
            custom_metrics,
            namespaces: self.namespaces(inventory),
            services: services.map(|(namespace, name)| ObjectName { namespace, name }).collect(),
            known_files,
            kept: inventory.kept().map(|one| (one.kind(), one.name())).collect(),
            nodes,
            workloads,
            daemon_sets,
            autoscalers,
            mesh,
            kruise,
            timeline,
            later,
            moments,
        }
    }

    /// Every Job that there ever is, but for those that CronJobs make.
    fn jobs(&mut self, inventory: &Inventory, later: &mut [Later], works: &Works) -> Vec<JobSetup> {
        let mut jobs = Vec::new();
        for job in &inventory.jobs {
            self.add_job(&mut jobs, job, works, true);
        }
        for step in later {
            step.first_job = jobs.len() as u32;
            for job in &step.inventory.jobs {
                self.add_job(&mut jobs, job, works, false);
            }
        }
        jobs
    }

    /// Every CronJob that there ever is.
    fn cron_jobs(&mut self, inventory: &Inventory, later: &mut [Later], works: &Works) -> Vec<CronJobSetup> {
        let mut cron_jobs = Vec::new();
        for one in &inventory.cron_jobs {
            self.add_cron_job(&mut cron_jobs, one, works, true);
        }
        for step in later {
            step.first_cron_job = cron_jobs.len() as u32;
            for one in &step.inventory.cron_jobs {
                self.add_cron_job(&mut cron_jobs, one, works, false);
            }
        }
        cron_jobs
    }

    /// The namespaces at the start; a source's namespace is there too.
    pub(super) fn namespaces(&self, inventory: &Inventory) -> Vec<String> {
        let mut all = known::namespaces(inventory);
        all.extend(self.spec().sources.values().filter_map(|source| source.namespace.clone()));
        all.extend(self.spec().pod_traces.values().filter_map(|trace| trace.namespace.clone()));
        all.sort();
        all.dedup();
        all
    }
}

/// What there is at the start, and what each step brings.
fn inventories<'i>(start: &'i Inventory, later: &'i [Later]) -> impl Iterator<Item = &'i Inventory> {
    [start].into_iter().chain(later.iter().map(|step| &step.inventory))
}

/// A DaemonSet that is there at some time.
pub(super) fn setup_of(set: &DaemonSet, at_start: bool) -> DaemonSetSetup {
    DaemonSetSetup {
        name: set.name.clone(),
        at_start,
        selector: set.selector.clone(),
        template: set.template.clone(),
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
        rollout: workload.rollout,
        stateful: workload.stateful,
        waits: workload.waits(),
        adopted: workload.is_adopted(),
    });
}
