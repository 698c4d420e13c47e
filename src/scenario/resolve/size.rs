//! How large a scenario may be: what no machine could simulate is told before it is tried.

use overspill_manifest::{JsonPath, Place, code};

use super::known::{Key, workload_key};
use super::population::Population;
use super::{Incoming, Resolver};
use crate::scenario::coming::{Manifests, place_in};
use crate::scenario::file::Pool;
use crate::scenario::read::Locator;
use crate::simulation::scenario::{JobSetup, PodTraceSetup, SourceSetup};
use crate::units::SimTime;

/// The most nodes of a scenario's pools and zones: forty times what upstream supports in a cluster (Kubernetes,
/// "Considerations for large clusters": 5000 nodes). At about a kilobyte each they fit any machine.
const MOST_NODES: u64 = 200_000;
/// The most pods that may be expected over a run: a thousand times a day of a very busy cluster, and about what fits
/// the memory of a large machine.
const MOST_PODS: u64 = 20_000_000;

/// How many pods something may make, and where it is written.
struct Expected {
    pods: u64,
    place: Option<Place>,
    help: &'static str,
}

impl Resolver<'_> {
    /// How many nodes a pool gets: none of any pool where all together are too many, and an error tells why.
    pub(super) fn node_count(&self, pool: &Pool) -> u32 {
        if self.node_total() > MOST_NODES { 0 } else { pool.count }
    }

    fn node_total(&self) -> u64 {
        let spec = self.spec();
        let most = |pool: &Pool| pool.count.max(pool.autoscale.as_ref().map_or(0, |one| one.max));
        let in_pools: u64 = spec.pools.values().map(|pool| u64::from(most(pool))).sum();
        in_pools + spec.virtual_nodes.len() as u64
    }

    /// Tells the largest pool if there are too many nodes.
    pub(super) fn check_node_total(&mut self) {
        let total = self.node_total();
        let largest = self.spec().pools.iter().max_by_key(|(_, pool)| pool.count);
        let Some((name, pool)) = largest.filter(|_| total > MOST_NODES) else { return };
        let message = format!("{} of {total} nodes: a scenario has at most {MOST_NODES}", pool.count);
        let path = Locator::spec().key("pools").key(name).key("count");
        let help = "a lower `count`, or fewer and larger nodes".to_owned();
        self.say_with_help(&code::DO_NOT_FIT, &path, message, Some(help));
    }

    /// Tells who makes most of the pods if there are too many.
    pub(super) fn check_pod_total(
        &mut self,
        manifests: &[Manifests<'_>],
        population: &Population,
        incoming: &Incoming,
        horizon: SimTime,
    ) {
        let mut expected = of_workloads(manifests, population);
        expected.extend(population.jobs.iter().map(|job| of_job(manifests, job)));
        expected.extend(incoming.sources.iter().map(|source| self.of_source(source, horizon)));
        expected.extend(incoming.traces.iter().map(|trace| self.of_trace(trace, horizon)));
        let total = expected.iter().fold(0_u64, |total, one| total.saturating_add(one.pods));
        let most = expected.into_iter().max_by_key(|one| one.pods);
        let Some(most) = most.filter(|_| total > MOST_PODS) else { return };
        let message =
            format!("{} of {total} pods are expected from here: a run has at most {MOST_PODS}", most.pods);
        self.say_at(most.place, &code::DO_NOT_FIT, message, Some(most.help.to_owned()));
    }

    /// As many pods as a trace has until the horizon.
    fn of_trace(&self, trace: &PodTraceSetup, horizon: SimTime) -> Expected {
        let path = Locator::spec().key("podTraces").key(&trace.name);
        Expected {
            pods: trace.trace.count_until(horizon) as u64,
            place: Some(self.loaded.locator.value(&path.key("file"))),
            help: "use a part of the trace with `from`, `to` and `where`, or shorten the horizon",
        }
    }

    /// As many pods as a source is expected to make over the run.
    fn of_source(&self, source: &SourceSetup, horizon: SimTime) -> Expected {
        let arrivals = source.arrivals.expected(source.start, source.end.min(horizon));
        let pods = (arrivals * source.batch.mean()) as u64;
        let path = Locator::spec().key("sources").key(&source.name);
        Expected {
            pods: pods.min(source.max.unwrap_or(u64::MAX)),
            place: Some(self.loaded.locator.value(&path.key("arrivals"))),
            help: "lower the rate, give the source a `max` or an earlier `end`, or shorten the horizon",
        }
    }
}

/// As many pods as each workload has at most at a time.
fn of_workloads(manifests: &[Manifests<'_>], population: &Population) -> Vec<Expected> {
    let spec = JsonPath::root().key("spec");
    let stated = population.workloads.iter().map(|workload| {
        let Key { kind, namespace, name } = workload_key(workload);
        let place = place_in(manifests, kind.kind(), &namespace, &name, &spec.key("replicas"));
        Expected { pods: u64::from(workload.replicas), place, help: "lower `replicas`" }
    });
    let mut expected: Vec<_> = stated.collect();
    for autoscaler in &population.autoscalers {
        let (namespace, name) = (&autoscaler.namespace, &autoscaler.name);
        let one = &mut expected[autoscaler.workload.0 as usize];
        let most = u64::try_from(autoscaler.spec.max_replicas).unwrap_or(0);
        if most > one.pods {
            let place =
                place_in(manifests, "HorizontalPodAutoscaler", namespace, name, &spec.key("maxReplicas"));
            *one = Expected { pods: most, place, help: "lower `maxReplicas`" };
        }
    }
    expected
}

/// As many pods as a Job makes if none of them fails.
fn of_job(manifests: &[Manifests<'_>], job: &JobSetup) -> Expected {
    let (namespace, path) = (&job.template.namespace, JsonPath::root().key("spec"));
    Expected {
        pods: u64::from(job.spec.completions.unwrap_or(job.spec.parallelism)),
        place: place_in(manifests, "Job", namespace, &job.name, &path),
        help: "lower `completions` or `parallelism`",
    }
}
