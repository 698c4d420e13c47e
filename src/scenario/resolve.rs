//! From a scenario as typed to a scenario as meant: defaults filled in, names looked up, what does not go together told.

mod arrivals;
mod comings;
mod control_plane;
mod descheduler;
mod doubts;
mod eci;
mod files;
mod instances;
mod known;
mod kruise;
mod laws;
mod load;
mod members;
mod mesh;
mod metrics;
mod node_autoscaler;
mod nodes;
mod places;
mod platform;
mod pod_traces;
mod pods;
mod population;
mod run_on;
mod service;
mod shape;
mod size;
mod spot;
mod timeline;
mod trace;
mod versions;
mod work;

use jiff::Timestamp;
use overspill_manifest::{Code, Diagnostic, Document, JsonPath, On, Place, code, did_you_mean, locate};

use super::coming::{Coming, Manifests};
use super::file::Spec;
use super::inventory::Inventory;
use super::read::{Loaded, Locator};
use super::stock::{missing_nodes, take_stock};
use super::unmodelled::{Concerns, unmodelled};
use super::{outlook, price_list, scheduler_config};
use crate::cluster::Cluster;
use crate::cost::PriceList;
use crate::expression::{Expression, Scope};
use crate::object::{LABEL_INSTANCE_TYPE, PodSpec, Requirement, Selector};
use crate::scheduler::{Evaluator, Registry, SchedulerConfig};
use crate::simulation::Scenario;
use crate::simulation::scenario::{NodeSetup, PodTraceSetup, SourceSetup};
use crate::units::{SimTime, Span};
use population::Population;

/// A scenario that can run, and what is worth knowing about it.
pub struct Resolved {
    /// The scenario.
    pub scenario: Scenario,
    /// What is expected of its results.
    pub expectations: Vec<Expression>,
    /// Objects as patches of the timeline leave them, with the instants from which they are so.
    pub patched: Vec<(SimTime, Document)>,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
}

/// Works out what a scenario means. Everything that is wrong is told at once, warnings included.
pub fn resolve(loaded: &Loaded, registry: &Registry) -> Result<Resolved, Vec<Diagnostic>> {
    let mut resolver =
        Resolver { loaded, diagnostics: Vec::new(), workloads_complete: true, patched: Vec::new() };
    let expectations = resolver.expectations();
    let scenario = resolver.scenario(registry);
    let (mut diagnostics, patched) = (resolver.diagnostics, resolver.patched);
    let concerns = concerns(loaded);
    let later = loaded.timeline.iter().map(|step| step.documents.as_slice());
    for documents in [loaded.documents.as_slice()].into_iter().chain(later) {
        diagnostics.extend(unmodelled(documents, &concerns));
    }
    locate(&mut diagnostics);
    match scenario.filter(|_| !diagnostics.iter().any(Diagnostic::is_error)) {
        Some(scenario) => Ok(Resolved { scenario, expectations, patched, warnings: diagnostics }),
        None => Err(diagnostics),
    }
}

/// What fields would have to concern to be told of, if they are not modelled.
fn concerns(loaded: &Loaded) -> Vec<Concerns> {
    let mesh = loaded.file.spec.mesh.is_none().then_some(Concerns::Mesh);
    [Concerns::Placement, Concerns::Course].into_iter().chain(mesh).collect()
}

/// The pods that come and that no controller makes.
struct Incoming {
    sources: Vec<SourceSetup>,
    traces: Vec<PodTraceSetup>,
}

impl Incoming {
    /// What these pods are like, of a trace those that stand for the others.
    fn templates(&self) -> impl Iterator<Item = &PodSpec> {
        let of_traces = self.traces.iter().flat_map(PodTraceSetup::examples);
        self.sources.iter().map(|source| &source.template).chain(of_traces)
    }
}

/// The scenario that is resolved, and what was wrong with it so far.
struct Resolver<'a> {
    loaded: &'a Loaded,
    diagnostics: Vec<Diagnostic>,
    /// Whether all workloads of the manifests are known: some may be broken.
    workloads_complete: bool,
    /// What patches of the timeline have made.
    patched: Vec<(SimTime, Document)>,
}

impl Resolver<'_> {
    fn spec(&self) -> &Spec {
        &self.loaded.file.spec
    }

    /// Tells something about the value at `path` of the scenario file.
    fn say(&mut self, code: &Code, path: &JsonPath, message: impl Into<String>) {
        self.say_with_help(code, path, message, None);
    }

    fn say_with_help(
        &mut self,
        code: &Code,
        path: &JsonPath,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.say_at(self.loaded.locator.value(path), code, message, help);
    }

    /// Tells something about a place in any file, or about none.
    fn say_at(
        &mut self,
        place: impl Into<Option<Place>>,
        code: &Code,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.diagnostics.push(Diagnostic::new(code, message).at(place).help(help));
    }

    /// The place of `path` in the manifest or the step of an object.
    fn place_of(&self, kind: &str, namespace: &str, name: &str, path: &JsonPath) -> Option<Place> {
        let later = self.loaded.timeline.iter().flat_map(|step| &step.documents);
        let mut all = self.loaded.documents.iter().chain(later);
        all.find(|document| document.is(kind, namespace, name)).map(|one| one.place(path, On::Value))
    }

    fn scenario(&mut self, registry: &Registry) -> Option<Scenario> {
        self.check_places();
        self.check_node_total();
        let (prices, scheduler, inventory) = (self.prices(), self.scheduler(registry), self.inventory());
        let horizon = self.horizon();
        let incoming = Incoming { sources: self.sources(horizon), traces: self.pod_traces(horizon) };
        let (eci, acs, ecs, shutdown) = (self.eci(), self.acs(), self.ecs(), self.shutdown());
        let sidecars = self.sidecars();
        let population = self.inhabitants(inventory.as_ref(), prices.as_ref(), &incoming, horizon);
        let image_sizes = self.image_sizes();
        let default_image_size = self.default_image_size();
        let (metrics_resolution, sample_every) = (self.metrics_resolution(), self.sample_every(horizon));
        let metrics_age = self.metrics_age(metrics_resolution);
        let connection = scheduler.as_ref().map(|scheduler| scheduler.client_connection);
        let timing = self.timing(connection.unwrap_or_default());
        let eci = eci.map(|eci| self.eci_zones(eci, &population.nodes));
        if let (Some(eci), Some(acs), Some(prices), Some(inventory)) = (&eci, &acs, &prices, &inventory) {
            let platform = instances::Platform { eci, acs, prices, admission: population.admission() };
            let manifests = comings::all_manifests(self.loaded, inventory, &population);
            let comings = comings::comings(self.loaded, &manifests, &population, &incoming);
            self.diagnostics.extend(run_on::of_jobs(&comings, &population.jobs, population.admission()));
            self.diagnostics.extend(instances::of_instances(&comings, &platform));
            self.diagnostics.extend(instances::of_selectors(&manifests));
            self.diagnostics.extend(instances::of_daemons(&manifests, &population.nodes));
            if let Some(scheduler) = &scheduler {
                let surroundings = inventory.surroundings();
                self.doubt_returns(&comings, &population, surroundings.owners(), &scheduler.profiles);
            }
        }
        let starts_at = self.starts_at();
        let descheduler = self.descheduler();
        let node_autoscaler = match (&prices, &scheduler) {
            (Some(prices), Some(scheduler)) => self.node_autoscaler(prices, &scheduler.profiles),
            _ => None,
        };
        let (prices, scheduler) = (prices?, scheduler?);
        Some(Scenario {
            node_autoscaler,
            name: self.loaded.file.metadata.name.clone(),
            horizon,
            default_seed: self.spec().seed.unwrap_or(1),
            surroundings: with_owners(inventory?.surroundings(), &incoming.traces),
            nodes: population.nodes,
            pods: population.pods,
            workloads: population.workloads,
            daemon_sets: population.daemon_sets,
            autoscalers: population.autoscalers,
            jobs: population.jobs,
            cron_jobs: population.cron_jobs,
            starts_at: starts_at?,
            pod_work: population.pod_work,
            sidecars: sidecars?,
            timeline: population.timeline,
            namespaces: population.namespaces,
            services: population.services,
            kept: population.kept,
            known_files: population.known_files,
            traffic: population.traffic,
            custom_metrics: population.custom_metrics,
            sources: incoming.sources,
            pod_traces: incoming.traces,
            image_sizes,
            default_image_size,
            eci: eci?,
            acs: acs?,
            ecs: ecs?,
            mesh: population.mesh,
            kruise: population.kruise,
            shutdown: shutdown?,
            scale_in: self.scale_in(),
            descheduler,
            timing,
            metrics_resolution,
            metrics_age,
            prices,
            queue: (&scheduler).into(),
            profiles: scheduler.profiles,
            evaluator: Evaluator::default(),
            sample_every,
            is_representative: self.spec().representative,
        })
    }

    /// Tells where pods will not be able to go, unless nodes or tolerations may be missing because of an error.
    fn look_ahead(&mut self, manifests: &[Manifests<'_>], comings: &[Coming<'_>], nodes: &[NodeSetup]) {
        if self.diagnostics.iter().any(Diagnostic::is_error) {
            return;
        }
        let mut nodes: Vec<_> = nodes.iter().map(|node| node.spec.clone()).collect();
        nodes.extend(self.nodes_to_come());
        self.diagnostics.extend(outlook::outlook(manifests, comings, &nodes));
    }

    /// The population, checked. Where the manifests or the price list are broken, what does not depend on them is
    /// checked all the same.
    fn inhabitants(
        &mut self,
        inventory: Option<&Inventory>,
        prices: Option<&PriceList>,
        incoming: &Incoming,
        horizon: SimTime,
    ) -> Population {
        self.workloads_complete = inventory.is_some() && self.loaded.objects_complete;
        let nothing = Inventory::default();
        let inventory = inventory.unwrap_or(&nothing);
        let stand_in = PriceList::free(instance_types(self.spec(), inventory));
        let population = self.population(inventory, prices.unwrap_or(&stand_in), incoming);
        let loaded = self.loaded;
        let manifests = comings::all_manifests(loaded, inventory, &population);
        let comings = comings::comings(loaded, &manifests, &population, incoming);
        self.check_pod_total(&manifests, &population, incoming, horizon);
        // Nodes that a pool leaves out are not missed.
        let names = population.nodes.iter().map(|node| node.spec.name.as_str());
        let names = names.chain(inventory.nodes.iter().map(|node| node.name.as_str()));
        self.diagnostics.extend(missing_nodes(&loaded.documents, inventory, names));
        self.look_ahead(&manifests, &comings, &population.nodes);
        self.check_injection(population.admission(), &comings);
        self.doubt_autoscalers(&manifests, &comings, &population);
        self.doubt_memory(inventory, &population, horizon);
        population
    }

    fn horizon(&mut self) -> SimTime {
        let horizon = SimTime(self.spec().horizon.0.0);
        if horizon == SimTime::ZERO {
            let message = "must be longer than 0s: nothing happens in no time";
            self.say(&code::DO_NOT_FIT, &Locator::spec().key("horizon"), message);
        }
        horizon
    }

    /// The instant of the calendar at which the run starts.
    fn starts_at(&mut self) -> Option<Timestamp> {
        let Some(text) = self.spec().starts_at.clone() else { return Some(Timestamp::UNIX_EPOCH) };
        let read = text.parse::<Timestamp>().ok();
        if read.is_none() {
            let message = format!("{text:?} is not an instant");
            let help = "write it as RFC 3339 has it, such as 2026-01-05T08:00:00+08:00".to_owned();
            self.say_with_help(&code::DO_NOT_FIT, &Locator::spec().key("startsAt"), message, Some(help));
        }
        read
    }

    fn prices(&mut self) -> Option<PriceList> {
        let file = self.loaded.price_list.as_ref()?;
        price_list(file).map_err(|problems| self.diagnostics.extend(problems)).ok()
    }

    fn scheduler(&mut self, registry: &Registry) -> Option<SchedulerConfig> {
        let Some(file) = &self.loaded.scheduler_configuration else {
            return Some(SchedulerConfig::default_with(registry));
        };
        scheduler_config(file, registry).map_err(|problems| self.diagnostics.extend(problems)).ok()
    }

    fn expectations(&mut self) -> Vec<Expression> {
        let mut parsed = Vec::new();
        for (index, text) in self.spec().expect.clone().iter().enumerate() {
            let path = Locator::spec().key("expect").index(index);
            match Expression::parse(text, Scope::Run) {
                Ok(expression) => {
                    self.doubt_latency(&path, text);
                    parsed.push(expression);
                }
                Err(error) => {
                    let help = error.problem.help();
                    self.say_with_help(&code::DO_NOT_FIT, &path, error.problem.to_string(), help);
                }
            }
        }
        parsed
    }

    fn inventory(&mut self) -> Option<Inventory> {
        let loaded = self.loaded;
        match take_stock(&loaded.documents, &loaded.objects) {
            Ok((inventory, warnings)) => {
                self.diagnostics.extend(warnings);
                Some(inventory)
            }
            Err(problems) => {
                self.diagnostics.extend(problems);
                None
            }
        }
    }

    /// `what` of the name `wanted`, or a diagnostic that offers the nearest.
    fn unknown_name<'n>(
        &mut self,
        path: &JsonPath,
        what: &str,
        wanted: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let help = did_you_mean(wanted, what, known);
        self.say_with_help(
            &code::UNKNOWN_NAME,
            path,
            format!("there is no `{wanted}` among the {what}"),
            help,
        );
    }

    fn sample_every(&mut self, horizon: SimTime) -> Span {
        let second = Span::from_secs(1);
        match self.spec().output.sample_every {
            Some(given) if given.0 < second || given.0.0 % second.0 != 0 => {
                let path = Locator::spec().key("output").key("sampleEvery");
                self.say(&code::DO_NOT_FIT, &path, "must be a whole number of seconds");
                second
            }
            Some(given) => given.0,
            None => Span(SimTime(horizon.0.div_ceil(1000)).round_up_to(second).0.max(second.0)),
        }
    }
}

/// A cluster that knows the ReplicaSets of traces too.
fn with_owners(mut cluster: Cluster, traces: &[PodTraceSetup]) -> Cluster {
    for (label, pod) in traces.iter().flat_map(PodTraceSetup::owned) {
        if let (Some(owner), Some(app)) = (&pod.owner, pod.labels.get(label)) {
            let selector = Selector { requirements: vec![Requirement::equals(label, app)] };
            cluster.owners_mut().add_workload(&owner.kind, &pod.namespace, &owner.name, selector);
        }
    }
    cluster
}

/// The instance types that something is priced by.
fn instance_types(spec: &Spec, inventory: &Inventory) -> impl Iterator<Item = String> {
    let of_pools = spec.pools.values().filter_map(|pool| pool.instance_type.clone());
    let of_nodes = inventory.nodes.iter().filter_map(|node| node.labels.get(LABEL_INSTANCE_TYPE));
    of_pools.chain(of_nodes.map(ToOwned::to_owned))
}
