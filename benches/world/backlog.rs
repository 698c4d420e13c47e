//! A scheduling queue with pods that wait.

use overspill::random::Stream;
use overspill::scheduler::Rejectors;
use overspill::scheduler::event::ClusterEvent;
use overspill::scheduler::queue::{Place, Queue, Settings};
use overspill::{Cluster, PodId, PodSpec, PreemptionMode, Scheduler, SimTime, Span, TieBreak};
use serde_json::json;

use crate::pod::pod;
use crate::world::scheduler;

/// Longer than any backoff.
const PAUSE: Span = Span::from_secs(20);

/// A queue, and who asks it.
pub(crate) struct Backlog {
    cluster: Cluster,
    scheduler: Scheduler,
    queue: Queue,
    spec: PodSpec,
    now: SimTime,
    created: u32,
}

impl Backlog {
    /// With so many pods in activeQ.
    pub(crate) fn new(waiting: usize) -> Self {
        let mut backlog = Self {
            cluster: Cluster::new(),
            scheduler: scheduler(&json!({}), TieBreak::Name, PreemptionMode::Off),
            queue: Queue::new(Settings::default()),
            spec: pod("p").requests("cpu", "100m").spec(),
            now: SimTime::ZERO,
            created: 0,
        };
        (0..waiting).for_each(|_| backlog.add());
        backlog
    }

    /// A pod comes, and the one whose turn it is is placed.
    pub(crate) fn pass(&mut self) {
        self.add();
        let placed = self.pop();
        self.queue.done(placed);
        self.cluster.remove_pod(placed);
    }

    /// All pods are tried and rejected; later room is made, and all stand in activeQ again.
    pub(crate) fn reject_and_wake(&mut self) {
        let waiting = self.queue.len(Place::Active);
        for _ in 0..waiting {
            let rejected = self.pop();
            self.queue.unschedulable(rejected, Rejectors::from(["NodeResourcesFit"]), self.now);
        }
        self.now += PAUSE;
        let event = ClusterEvent::PodDelete(&self.spec);
        self.queue.happened(&event, &self.cluster, &self.scheduler, self.now);
        assert_eq!(self.queue.len(Place::Active), waiting, "room helps all of them");
    }

    fn add(&mut self) {
        self.now += Span::from_millis(1);
        let class = self.cluster.intern(self.spec.clone());
        let draws = Stream::of(0, self.created);
        self.created += 1;
        let id = self.cluster.create_pod("p", class, draws, self.now);
        self.queue.add(id, &self.cluster, &self.scheduler, self.now);
    }

    fn pop(&mut self) -> PodId {
        self.queue.pop().expect("a pod is waiting").pod
    }
}
