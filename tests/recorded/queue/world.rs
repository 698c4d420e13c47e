//! A cluster, a scheduler and the queue between them, driven as the recorder drove the real ones.

use std::collections::BTreeMap;

use overspill::cluster::Cluster;
use overspill::id::{NodeId, PodId};
use overspill::object::PodSpec;
use overspill::scheduler::event::ClusterEvent;
use overspill::scheduler::queue::{Place, Popped, Settings};
use overspill::scheduler::{
    NO_NODES, Outcome, PreemptionMode, Queue, Registry, Scheduler, SchedulerConfig, TieBreak,
};
use overspill::units::{SimTime, Span};
use serde_json::{Map, Value, json};

use super::seconds;
use crate::decisions::inventory;

/// Everything that a timeline acts on.
pub(super) struct World {
    pub(super) cluster: Cluster,
    pub(super) queue: Queue,
    pub(super) scheduler: Scheduler,
    /// The pods as they were last written, by `NAMESPACE/NAME`.
    pub(super) pods: BTreeMap<String, (PodId, Value)>,
    /// The nodes as they were last written, by name.
    pub(super) nodes: BTreeMap<String, Value>,
    /// Whether pods leave backoffQ one by one.
    pops_from_backoff: bool,
    /// How many pods were ever added.
    pub(super) added: u32,
}

fn settings(options: &Value) -> Settings {
    let span = |key: &str, default: Span| options[key].as_u64().map_or(default, Span::from_secs);
    let defaults = Settings::default();
    Settings {
        initial_backoff: span("podInitialBackoffSeconds", defaults.initial_backoff),
        max_backoff: span("podMaxBackoffSeconds", defaults.max_backoff),
        pop_from_backoff: options["popFromBackoffQ"].as_bool().unwrap_or(defaults.pop_from_backoff),
    }
}

fn name_of(object: &Value) -> String {
    object["metadata"]["name"].as_str().expect("an object has a name").to_owned()
}

/// `NAMESPACE/NAME` of a pod.
pub(super) fn full_name_of(pod: &Value) -> String {
    format!("{}/{}", pod["metadata"]["namespace"].as_str().unwrap_or("default"), name_of(pod))
}

/// The recorder's word for a place.
fn word(place: Place) -> &'static str {
    match place {
        Place::Active => "active",
        Place::Backoff => "backoff",
        Place::ErrorBackoff => "error",
        Place::Unschedulable => "unsched",
        Place::Gated => "gated",
        Place::InFlight => "in flight",
    }
}

impl World {
    /// The world at the start of a timeline.
    pub(super) fn new(timeline: &Value) -> Self {
        let mut config = SchedulerConfig::default_with(&Registry::upstream());
        for profile in &mut config.profiles {
            profile.percentage_of_nodes_to_score = 100;
        }
        let (cluster, waiting) = inventory(timeline).cluster();
        assert!(waiting.is_empty(), "a pod that is there from the start is bound");
        let ids: BTreeMap<_, _> = cluster.pods().map(|(id, _)| (cluster.full_name(id), id)).collect();
        let objects = |list: &str| timeline[list].as_array().into_iter().flatten().cloned();
        let pods = objects("pods").map(|pod| (full_name_of(&pod), pod));
        let settings = settings(&timeline["options"]);
        Self {
            queue: Queue::new(settings),
            pops_from_backoff: settings.pop_from_backoff,
            scheduler: Scheduler::new(config.profiles, TieBreak::Name, PreemptionMode::On),
            pods: pods.map(|(name, pod)| (name.clone(), (ids[&name], pod))).collect(),
            nodes: objects("nodes").map(|node| (name_of(&node), node)).collect(),
            cluster,
            added: 0,
        }
    }

    /// Tells the queue of an event.
    pub(super) fn happened(&mut self, event: &ClusterEvent<'_>, now: SimTime) {
        self.queue.happened(event, &self.cluster, &self.scheduler, now);
    }

    /// One scheduling cycle.
    pub(super) fn cycle(&mut self, now: SimTime) -> Value {
        let Popped { pod, attempt, from } = self.queue.pop().expect("the queue is ready");
        let mut record = json!({
            "t": seconds(now), "pod": self.cluster.full_name(pod), "attempt": attempt, "from": word(from),
        });
        let tried = self.scheduler.attempt(&self.cluster, pod, attempt);
        match &tried.outcome {
            &Outcome::Chosen(node) => {
                record["node"] = self.cluster.node(node).name().into();
                self.bind(pod, node, now);
                return record;
            }
            Outcome::Unschedulable(failure) => {
                let rejectors = tried.evaluation().rejectors();
                record["plugins"] = rejectors.iter().copied().collect();
                record["message"] = failure.text.full().into();
                self.queue.unschedulable(pod, rejectors, now);
            }
            Outcome::NoNodes => {
                record["error"] = true.into();
                record["message"] = NO_NODES.into();
                self.queue.error(pod, now);
            }
        }
        record["to"] = self.queue.get(pod).map(|pod| word(pod.place())).into();
        record["backoffUntil"] = self.queue.backoff_until(pod).map_or(Value::Null, seconds);
        record
    }

    /// Binds a pod that was in flight.
    fn bind(&mut self, pod: PodId, node: NodeId, now: SimTime) {
        self.queue.done(pod);
        self.cluster.bind(pod, node);
        let spec = self.spec(pod);
        self.happened(&ClusterEvent::PodAdd(&spec), now);
    }

    /// What stands where.
    pub(super) fn state(&self) -> Value {
        let names = |place| {
            self.queue.list(place).into_iter().map(|pod| self.cluster.full_name(pod)).collect::<Vec<_>>()
        };
        let sorted = |place| {
            let mut names = names(place);
            names.sort();
            names
        };
        let mut state = json!({
            "active": names(Place::Active),
            "backoff": self.backoff(Place::Backoff),
            "unsched": sorted(Place::Unschedulable),
            "gated": sorted(Place::Gated),
        });
        if self.queue.len(Place::ErrorBackoff) > 0 {
            state["error"] = self.backoff(Place::ErrorBackoff);
        }
        state
    }

    /// Pods that back off with the ends of their backoffs. Where pods are not popped one by one the recorder sorted
    /// them by name.
    fn backoff(&self, place: Place) -> Value {
        let pods = self.queue.list(place).into_iter().map(|pod| {
            let expiry = self.queue.backoff_until(pod).expect("a pod that backs off has failed");
            (expiry, self.cluster.full_name(pod))
        });
        let mut pods: Vec<_> = pods.collect();
        let popped_in_order = place == Place::Backoff && self.pops_from_backoff;
        if !popped_in_order {
            pods.sort();
        }
        pods.into_iter().map(|(expiry, name)| json!([name, seconds(expiry)])).collect()
    }

    /// Names of the pods on each node.
    pub(super) fn bound(&self) -> Value {
        let nodes = self.cluster.nodes().map(|node| {
            let mut pods: Vec<_> = node.pods.iter().map(|&pod| self.cluster.full_name(pod)).collect();
            pods.sort();
            (node.name().to_owned(), Value::from(pods))
        });
        nodes.collect::<Map<_, _>>().into()
    }

    /// What a pod is.
    pub(super) fn spec(&self, pod: PodId) -> PodSpec {
        PodSpec::clone(self.cluster.spec_of(pod))
    }
}
