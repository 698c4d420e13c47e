//! From a scenario as typed to a scenario as meant: defaults filled in, names looked up, what does not go together told.

mod known;
mod laws;
mod load;
mod mesh;
mod nodes;
mod platform;
mod pods;
mod timeline;

use overspill_manifest::{Code, Diagnostic, JsonPath, Rules, code, decode_value, did_you_mean, locate};

use super::file::Spec;
use super::inventory::Inventory;
use super::read::{Loaded, Locator};
use super::unmodelled::{Concerns, unmodelled};
use super::{scheduler_config, take_stock};
use crate::cost::{PriceList, PriceListFile};
use crate::expression::{Expression, Scope};
use crate::id::WorkloadId;
use crate::scheduler::{Registry, SchedulerConfig};
use crate::simulation::Scenario;
use crate::simulation::action::ObjectName;
use crate::simulation::scenario::WorkloadSetup;
use crate::units::{SimTime, Span};

/// A scenario that can run, and what is worth knowing about it.
pub struct Resolved {
    /// The scenario.
    pub scenario: Scenario,
    /// What is expected of its results.
    pub expectations: Vec<Expression>,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
}

/// Works out what a scenario means. Everything that is wrong is told at once, warnings included.
pub fn resolve(loaded: &Loaded, registry: &Registry) -> Result<Resolved, Vec<Diagnostic>> {
    let mut resolver = Resolver { loaded, diagnostics: Vec::new() };
    let expectations = resolver.expectations();
    let scenario = resolver.scenario(registry);
    let mut diagnostics = resolver.diagnostics;
    let mut concerns = vec![Concerns::Placement, Concerns::Course];
    if loaded.file.spec.mesh.is_none() {
        concerns.push(Concerns::Mesh);
    }
    let later = loaded.timeline.iter().map(|step| step.documents.as_slice());
    for documents in [loaded.documents.as_slice()].into_iter().chain(later) {
        diagnostics.extend(unmodelled(documents, &concerns));
    }
    locate(&mut diagnostics);
    match scenario.filter(|_| !diagnostics.iter().any(Diagnostic::is_error)) {
        Some(scenario) => Ok(Resolved { scenario, expectations, warnings: diagnostics }),
        None => Err(diagnostics),
    }
}

/// The scenario that is resolved, and what was wrong with it so far.
struct Resolver<'a> {
    loaded: &'a Loaded,
    diagnostics: Vec<Diagnostic>,
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
        let place = self.loaded.locator.value(path);
        self.diagnostics.push(Diagnostic::new(code, message).at(place).help(help));
    }

    fn scenario(&mut self, registry: &Registry) -> Option<Scenario> {
        let prices = self.prices();
        let scheduler = self.scheduler(registry);
        let inventory = self.inventory();
        let spec = self.spec();
        let horizon = SimTime(spec.horizon.0.0);
        if horizon == SimTime::ZERO {
            self.say(
                &code::DO_NOT_FIT,
                &Locator::spec().key("horizon"),
                "must be longer than 0s: nothing happens in no time",
            );
        }
        let image_sizes = self.image_sizes();
        let (eci, ecs, shutdown) = (self.eci(), self.ecs(), self.shutdown());
        let latencies = self.latencies();
        let default_image_size = self.default_image_size();
        let (metrics_resolution, sample_every) = (self.metrics_resolution(), self.sample_every(horizon));
        let sources = self.sources(horizon);
        let (inventory, prices, scheduler) = (inventory?, prices?, scheduler?);
        let nodes = self.nodes(&inventory, &prices);
        let mut workloads = Vec::new();
        for workload in &inventory.workloads {
            add_workload(&mut workloads, workload, true);
        }
        let later = self.later_objects(&mut workloads);
        let pods = Self::pods(&inventory, &nodes);
        let mut autoscalers = self.autoscalers(&inventory, &workloads, true);
        let mesh = self.mesh(&nodes);
        if let Some(mesh) = &mesh {
            self.check_proxies(mesh, &inventory, &sources);
        }
        self.check_gateways(&inventory, &nodes);
        let timeline = self.timeline(&inventory, &nodes, &workloads, &mut autoscalers, &later);
        let traffic = self.traffic(&inventory, &workloads);
        let mut surroundings = crate::cluster::Cluster::new();
        inventory.describe(&mut surroundings);
        let name = self.loaded.file.metadata.name.clone();
        Some(Scenario {
            name,
            horizon,
            seed: self.spec().seed.unwrap_or(1),
            surroundings,
            nodes,
            pods,
            workloads,
            autoscalers,
            timeline,
            namespaces: self.namespaces(&inventory),
            services: inventory.service_names.into_iter().map(object_name).collect(),
            traffic,
            sources,
            image_sizes,
            default_image_size,
            eci: eci?,
            ecs: ecs?,
            mesh,
            shutdown: shutdown?,
            latencies,
            metrics_resolution,
            prices,
            queue: (&scheduler).into(),
            profiles: scheduler.profiles,
            sample_every,
        })
    }

    /// The namespaces at the start; a source's namespace is there too.
    fn namespaces(&self, inventory: &Inventory) -> Vec<String> {
        let mut all = known::namespaces(inventory);
        all.extend(self.spec().sources.values().filter_map(|source| source.namespace.clone()));
        all.sort();
        all.dedup();
        all
    }

    fn prices(&mut self) -> Option<PriceList> {
        let file = &self.loaded.price_list;
        let reading = decode_value::<PriceListFile>(&file.value, Rules::default());
        let wrong = reading.errors.iter().chain(&reading.unknown);
        let told: Vec<_> = wrong.map(|error| Diagnostic::of_field(error, &file.origin)).collect();
        let is_whole = told.is_empty();
        self.diagnostics.extend(told);
        let errors = match reading.value.filter(|_| is_whole)?.resolve() {
            Ok(prices) => return Some(prices),
            Err(errors) => errors,
        };
        for error in errors {
            let path = error.at().split('/').skip(1).fold(JsonPath::root(), |path, key| path.key(key));
            let place = file.origin.place(&path, overspill_manifest::On::Value);
            self.diagnostics.push(Diagnostic::new(&code::DO_NOT_FIT, error.to_string()).at(place));
        }
        None
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
            match Expression::parse(text, Scope::Run) {
                Ok(expression) => parsed.push(expression),
                Err(error) => {
                    let path = Locator::spec().key("expect").index(index);
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

fn add_workload(workloads: &mut Vec<WorkloadSetup>, workload: &super::inventory::Workload, at_start: bool) {
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

fn object_name((namespace, name): (String, String)) -> ObjectName {
    ObjectName { namespace, name }
}
