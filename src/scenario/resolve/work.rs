//! Jobs, what their pods and bare pods do, and how long sidecars take.

use std::collections::BTreeMap;

use overspill_manifest::{Diagnostic, JsonPath, code};

use super::Resolver;
use crate::capacity::Law;
use crate::object::{ContainerRole, PodSpec, Title};
use crate::scenario::file;
use crate::scenario::inventory::{CronJob, Inventory, Job};
use crate::scenario::read::Locator;
use crate::simulation::action::ObjectName;
use crate::simulation::scenario::{CronJobSetup, JobSetup, SidecarSetup, WorkSetup};
use crate::units::Span;

/// How long a sidecar takes to be ready, and to stop, where the scenario does not say (estimate).
const SIDECAR: Law = Law::Constant(Span::from_secs(1));

/// The work of everything that is named by `of`: by title.
pub(super) type Works = BTreeMap<String, WorkSetup>;

impl Resolver<'_> {
    pub(super) fn sidecars(&mut self) -> Option<SidecarSetup> {
        let given = self.spec().sidecars.clone();
        let path = Locator::spec().key("sidecars");
        let ready = self.law(&path.key("ready"), given.ready.as_ref(), SIDECAR);
        let stop = self.law(&path.key("stop"), given.stop.as_ref(), SIDECAR);
        Some(SidecarSetup { ready: ready?, stop: stop? })
    }

    /// What each Job and bare pod does of which the scenario says so. `templates` are all there ever are, by title.
    pub(super) fn works(&mut self, templates: &BTreeMap<String, &PodSpec>) -> Works {
        let loaded = self.loaded;
        let mut works = Works::new();
        for (name, work) in &loaded.file.spec.work {
            let path = Locator::spec().key("work").key(name);
            let Some(template) = templates.get(&work.of) else {
                if self.workloads_complete {
                    let known = templates.keys().map(String::as_str);
                    self.unknown_name(&path.key("of"), "Jobs, CronJobs and bare pods", &work.of, known);
                }
                continue;
            };
            let Some(setup) = self.work(work, template, &path) else { continue };
            if works.insert(work.of.clone(), setup).is_some() {
                let message = format!("another entry says already what {} does", work.of);
                self.say(&code::DO_NOT_FIT, &path.key("of"), message);
            }
        }
        works
    }

    fn work(&mut self, work: &file::Work, template: &PodSpec, path: &JsonPath) -> Option<WorkSetup> {
        let duration = self.law(&path.key("duration"), Some(&work.duration), Law::Constant(Span::ZERO));
        let share = work.failure_share.unwrap_or(0.0);
        if !(0.0..=1.0).contains(&share) {
            self.say(&code::DO_NOT_FIT, &path.key("failureShare"), "must be between 0 and 1");
            return None;
        }
        let main = || template.containers.iter().filter(|one| one.role == ContainerRole::Main);
        let container = work.container.as_ref().or_else(|| main().next().map(|first| &first.name))?;
        if main().all(|one| one.name != *container) {
            let path = path.key("container");
            let known: Vec<_> = main().map(|one| one.name.as_str()).collect();
            self.unknown_name(&path, "containers", container, known);
            return None;
        }
        // The share of all numbers of 64 bits.
        let fails_below = (share * 18_446_744_073_709_551_616.0) as u128;
        Some(WorkSetup { container: container.clone(), duration: duration?, fails_below })
    }

    /// Adds a Job to those that are there at some time. Without a duration nobody could say when it ends.
    pub(super) fn add_job(&mut self, jobs: &mut Vec<JobSetup>, job: &Job, works: &Works, at_start: bool) {
        let title = job.title();
        let Some(work) = works.get(&title).cloned() else {
            self.miss_work(&title);
            return;
        };
        jobs.push(setup_of(job, title, work, at_start));
    }

    /// Adds a CronJob likewise.
    pub(super) fn add_cron_job(
        &mut self,
        cron_jobs: &mut Vec<CronJobSetup>,
        one: &CronJob,
        works: &Works,
        at_start: bool,
    ) {
        let title = one.title();
        let Some(work) = works.get(&title).cloned() else {
            self.miss_work(&title);
            return;
        };
        let job = setup_of(&one.job, one.job.title(), work, false);
        cron_jobs.push(CronJobSetup { title, name: one.name.clone(), at_start, spec: one.spec.clone(), job });
    }

    /// Tells that nobody says how long the work of something takes; what is wrong with an entry was told already.
    fn miss_work(&mut self, title: &str) {
        if self.loaded.file.spec.work.values().any(|work| work.of == *title) {
            return;
        }
        let Title { kind, namespace, name } = Title::of(title);
        let message = format!("nobody says how long the work of {title} takes");
        let help = format!(
            "write `work: {{{name}: {{of: {title}, duration: {{constant: 5m}}}}}}` into the scenario's spec"
        );
        let at_name = JsonPath::root().key("metadata").key("name");
        let place = self.place_of(kind, namespace.unwrap_or_default(), name, &at_name);
        self.diagnostics.push(Diagnostic::new(&code::NO_DURATION, message).at(place).help(help));
    }
}

fn setup_of(job: &Job, title: String, work: WorkSetup, at_start: bool) -> JobSetup {
    JobSetup {
        title,
        name: job.name.clone(),
        at_start,
        spec: job.spec,
        had: job.had,
        template: job.template.clone(),
        work,
    }
}

/// The templates of all Jobs, CronJobs and bare pods among `inventories`, by title.
pub(super) fn templates<'a>(
    inventories: impl Iterator<Item = &'a Inventory>,
) -> BTreeMap<String, &'a PodSpec> {
    let mut templates = BTreeMap::new();
    for inventory in inventories {
        templates.extend(inventory.jobs.iter().map(|job| (job.title(), &job.template)));
        templates.extend(inventory.cron_jobs.iter().map(|one| (one.title(), &one.job.template)));
        let bare = inventory.pods.iter().filter(|pod| pod.spec.owner.is_none());
        templates.extend(bare.map(|pod| (format!("Pod/{}/{}", pod.spec.namespace, pod.name), &*pod.spec)));
    }
    templates
}

/// The work of bare pods, by their names.
pub(super) fn of_pods(works: &Works) -> BTreeMap<ObjectName, WorkSetup> {
    let name = |title: &str| {
        let (namespace, name) = title.strip_prefix("Pod/")?.split_once('/')?;
        Some(ObjectName { namespace: namespace.to_owned(), name: name.to_owned() })
    };
    works.iter().filter_map(|(title, work)| Some((name(title)?, work.clone()))).collect()
}
