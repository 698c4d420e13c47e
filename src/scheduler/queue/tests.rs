//! Each rule of the queue, each of its surprises, and laws that hold whatever happens.

mod changes;
mod laws;
mod rules;
mod surprises;

use super::*;
use crate::object::{NodeSpec, Resources};
use crate::random::Stream;
use crate::scheduler::event::NodeChange;
use crate::scheduler::{Outcome, PreemptionMode, Registry, SchedulerConfig, TieBreak};
use crate::units::{MilliCpu, Span};

const FIT: &str = "NodeResourcesFit";

/// A cluster, a scheduler and a queue at one moment.
struct World {
    cluster: Cluster,
    scheduler: Scheduler,
    queue: Queue,
    now: SimTime,
}

/// Upstream's defaults without the feature gate SchedulerPopFromBackoffQ.
fn gate_off() -> Settings {
    Settings { pop_from_backoff: false, ..Settings::default() }
}

/// A pod that asks for this much cpu, in thousandths.
fn asking(cpu: i64) -> PodSpec {
    let mut spec = PodSpec::empty("default");
    spec.requests.filter.cpu = MilliCpu(cpu);
    spec.requests.placed.cpu = MilliCpu(cpu);
    spec
}

fn important(priority: i32) -> PodSpec {
    PodSpec { priority, ..asking(100) }
}

fn gated(gates: &[&str]) -> PodSpec {
    PodSpec { gates: gates.iter().map(|&gate| gate.to_owned()).collect(), ..asking(100) }
}

fn node(name: &str, cpu: i64) -> NodeSpec {
    let allocatable = Resources { cpu: MilliCpu(cpu), ..Resources::default() };
    NodeSpec { allocatable, allocatable_pods: 110, ..NodeSpec::named(name) }
}

fn seconds(at: f64) -> SimTime {
    SimTime::ZERO + Span::from_secs_f64(at)
}

impl World {
    fn with(settings: Settings) -> Self {
        let config = SchedulerConfig::default_with(&Registry::upstream());
        Self {
            cluster: Cluster::new(),
            scheduler: Scheduler::new(config.profiles, TieBreak::Name, PreemptionMode::Off),
            queue: Queue::new(settings),
            now: SimTime::ZERO,
        }
    }

    fn new() -> Self {
        Self::with(Settings::default())
    }

    /// It is so many seconds after the start.
    fn at(&mut self, at: f64) -> &mut Self {
        self.now = seconds(at);
        self
    }

    fn add(&mut self, spec: PodSpec) -> PodId {
        let ordinal = self.cluster.pods().count() as u32;
        let class = self.cluster.intern(spec);
        let name = format!("p{ordinal}");
        let pod = self.cluster.create_pod(&name, class, Stream::of(0, ordinal), self.now);
        self.queue.add(pod, &self.cluster, &self.scheduler, self.now);
        pod
    }

    /// Pops the pod whose turn it is.
    #[track_caller]
    fn pop(&mut self) -> PodId {
        self.queue.pop().expect("a pod's turn has come").pod
    }

    /// A pod, whose turn it must be, is tried and rejected.
    #[track_caller]
    fn reject(&mut self, pod: PodId, by: &'static str) {
        assert_eq!(self.pop(), pod);
        self.queue.unschedulable(pod, Rejectors::from([by]), self.now);
    }

    /// A new pod that is tried and rejected.
    fn rejected(&mut self, spec: PodSpec, by: &'static str) -> PodId {
        let pod = self.add(spec);
        self.reject(pod, by);
        pod
    }

    /// A pod, whose turn it must be, is tried and fails by an error.
    #[track_caller]
    fn fail_by_error(&mut self, pod: PodId) {
        assert_eq!(self.pop(), pod);
        self.queue.error(pod, self.now);
    }

    fn happens(&mut self, event: &ClusterEvent<'_>) {
        self.queue.happened(event, &self.cluster, &self.scheduler, self.now);
    }

    /// A bound pod goes, which NodeResourcesFit always takes for help.
    fn room(&mut self) {
        self.happens(&ClusterEvent::PodDelete(&asking(1)));
    }

    /// A pod's specification changes.
    fn update(&mut self, pod: PodId, change: impl FnOnce(&mut PodSpec)) {
        let old = PodSpec::clone(self.cluster.spec_of(pod));
        let mut new = old.clone();
        change(&mut new);
        let class = self.cluster.intern(new);
        self.cluster.reclassify(pod, class);
        self.queue.updated(pod, &old, &self.cluster, &self.scheduler, self.now);
    }

    fn flush(&mut self, timer: Timer) {
        self.queue.flush(timer, self.now);
    }

    /// Tries pods until none is ready, binding those that fit; the answer is who was bound, in order.
    fn run(&mut self) -> Vec<PodId> {
        let mut bound = Vec::new();
        while let Some(Popped { pod, attempt, .. }) = self.queue.pop() {
            assert!(attempt < 100, "pod {pod} is tried again and again at {}", self.now);
            let tried = self.scheduler.attempt(&self.cluster, pod, attempt);
            match tried.outcome {
                Outcome::Chosen(node) => {
                    self.queue.done(pod);
                    self.cluster.bind(pod, node);
                    let spec = self.cluster.spec_of(pod).clone();
                    self.happens(&ClusterEvent::PodAdd(&spec));
                    bound.push(pod);
                }
                Outcome::Unschedulable(_) => {
                    self.queue.unschedulable(pod, tried.evaluation().rejectors(), self.now);
                }
                Outcome::NoNodes => self.queue.error(pod, self.now),
            }
        }
        bound
    }

    #[track_caller]
    fn stands(&self, pod: PodId, place: Place) {
        self.queue.check().unwrap();
        assert_eq!(self.queue.get(pod).map(QueuedPod::place), Some(place), "pod {pod} at {}", self.now);
    }
}
