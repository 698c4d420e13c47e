//! One course: a random cluster, random profiles, and one step after another.

use overspill::object::{Effect, LABEL_ZONE, Labels, NodeSpec, Taint};
use overspill::random::{Purpose, Stream, generator};
use overspill::scheduler::{Evaluator, Outcome, Reached};
use overspill::{Cluster, NodeId, PodId, PreemptionMode, Scheduler, SimTime, TieBreak};
use rand::{Rng, RngExt};
use serde_json::{Value, json};

use crate::node::{ANode, node};
use crate::pod::{APod, evenly_over, labelled, pod, pods_with, rather_evenly_over, selector};
use crate::world::scheduler;

/// How large the cluster is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// All nodes are looked at.
    Small,
    /// Some of over a hundred nodes in four uneven zones are enough.
    Sampled,
    /// So many zones that codes run out.
    ManyDomains,
}

/// A course and what it has come by.
pub(crate) struct Course {
    draws: Box<dyn Rng>,
    cluster: Cluster,
    reference: Scheduler,
    cached: Scheduler,
    size: Size,
    nodes_made: usize,
    pods_made: u32,
    bound: Vec<PodId>,
    classes: Vec<APod>,
    pub(crate) nominated: usize,
    pub(crate) removed_at_start: usize,
    pub(crate) late_classes: usize,
    pub(crate) attempts: usize,
}

/// Two profiles: the default one, and one with other plugins, weights and sampling.
fn configuration(draws: &mut dyn Rng) -> Value {
    let strategies = ["LeastAllocated", "MostAllocated"];
    let strategy = strategies[draws.random_range(0..2)];
    let weight = draws.random_range(1..5);
    let sampled = [0, 10, 60, 100][draws.random_range(0..4)];
    json!({
        "percentageOfNodesToScore": sampled,
        "profiles": [
            {"schedulerName": "default-scheduler"},
            {
                "schedulerName": "other",
                "plugins": {"score": {
                    "disabled": [{"name": "NodeResourcesBalancedAllocation"}, {"name": "NodeAffinity"}],
                    "enabled": [{"name": "NodeAffinity", "weight": weight}],
                }},
                "pluginConfig": [{"name": "NodeResourcesFit", "args": {"scoringStrategy": {
                    "type": strategy, "resources": [{"name": "cpu", "weight": 3}, {"name": "memory", "weight": 1}],
                }}}],
            },
        ],
    })
}

impl Course {
    pub(crate) fn new(seed: u64, size: Size) -> Self {
        let mut draws = Box::new(generator(seed, Purpose::Arrival, Stream::of(0, 0)));
        let config = configuration(&mut *draws);
        let make = || scheduler(&config, TieBreak::Random { seed }, PreemptionMode::On);
        let mut course = Self {
            draws,
            cluster: Cluster::new(),
            reference: make(),
            cached: make().with_evaluator(Evaluator::Cached),
            size,
            nodes_made: 0,
            pods_made: 0,
            bound: Vec::new(),
            classes: Vec::new(),
            nominated: 0,
            removed_at_start: 0,
            late_classes: 0,
            attempts: 0,
        };
        course.cluster.set_namespace("default", Labels::default());
        let owned = selector("app", "web");
        course.cluster.owners_mut().add_workload("ReplicaSet", "default", "web", owned);
        let count = match size {
            Size::Small => 3 + course.below(12),
            Size::Sampled => 110 + course.below(120),
            Size::ManyDomains => 150,
        };
        (0..count).for_each(|_| course.add_node());
        (0..3).for_each(|_| course.add_class());
        course
    }

    fn below(&mut self, end: usize) -> usize {
        self.draws.random_range(0..end)
    }

    pub(crate) fn reached(&self) -> Reached {
        self.cached.reached()
    }

    /// Something happens.
    pub(crate) fn step(&mut self) {
        match self.below(21) {
            0 => self.add_node(),
            1 => self.remove_node(),
            2 => self.change_node(|draws, spec| {
                let zone = format!("z{}", draws.random_range(0..3));
                spec.labels.set(LABEL_ZONE, &zone);
            }),
            3 => self
                .change_node(|draws, spec| spec.labels.set("disk", ["ssd", "hdd"][draws.random_range(0..2)])),
            4 => self.change_node(|draws, spec| {
                let effects = [Effect::NoSchedule, Effect::PreferNoSchedule];
                let (key, value) = ("dedicated".to_owned(), "x".to_owned());
                let taint = Taint { key, value, effect: effects[draws.random_range(0..2)] };
                spec.taints = if spec.taints.is_empty() { vec![taint] } else { Vec::new() };
            }),
            5 => self.change_node(|draws, spec| {
                let image =
                    node("x").image(["web:latest", "log:latest"][draws.random_range(0..2)], 700).0.images;
                spec.images = if spec.images.is_empty() { image } else { Vec::new() };
            }),
            6 if self.classes.len() < 12 => {
                self.late_classes += 1;
                self.add_class();
            }
            7 => self.terminate(),
            8 | 9 => self.evict(),
            10 => self.pull(),
            _ => self.schedule(),
        }
        self.cluster.check().expect("every invariant holds");
    }

    fn add_node(&mut self) {
        self.nodes_made += 1;
        let mut one: ANode =
            node(&format!("n{}", self.nodes_made)).millis(1_000 + 500 * self.below(8) as i64);
        one = one.mib(1_024 * (1 + self.below(8) as i64));
        one = match self.size {
            Size::ManyDomains => one.zone(&format!("z{}", self.nodes_made)),
            // Uneven zones, and some nodes without one.
            _ => match self.below(8) {
                0 => one,
                zone => one.zone(["a", "b", "b", "c", "c", "c", "d"][zone - 1]),
            },
        };
        if self.below(3) == 0 {
            one = one.label("disk", "ssd");
        }
        self.cluster.add_node(one.0);
    }

    fn any_node(&mut self) -> Option<NodeId> {
        let nodes: Vec<NodeId> = self.cluster.order().to_vec();
        let place = self.below(nodes.len().max(1));
        nodes.get(place).copied()
    }

    fn remove_node(&mut self) {
        let order = self.cluster.order();
        if order.len() < 3 {
            return;
        }
        // Often the node at which the next search would start.
        let start = order[self.reference.next_start() % order.len()];
        let at_start = self.below(2) == 0;
        let chosen = if at_start { Some(start) } else { self.any_node() };
        let Some(node) = chosen else { return };
        self.removed_at_start += usize::from(node == start);
        for pod in self.cluster.node(node).pods.clone() {
            self.remove(pod);
        }
        self.cluster.remove_node(node);
    }

    fn change_node(&mut self, change: impl FnOnce(&mut dyn Rng, &mut NodeSpec)) {
        let Some(node) = self.any_node() else { return };
        let mut spec = self.cluster.node(node).spec.clone();
        change(&mut *self.draws, &mut spec);
        self.cluster.update_node(node, spec);
    }

    /// A node has one more image.
    fn pull(&mut self) {
        let Some(node) = self.any_node() else { return };
        let name = ["web:latest", "log:latest", "other:latest"][self.below(3)];
        if self.cluster.images().on_node(name, node).is_none() {
            let images = crate::node::node("x").image(name, 300).0.images;
            self.cluster.add_images(node, images);
        }
    }

    fn add_class(&mut self) {
        let name = format!("class-{}", self.classes.len());
        let mut one = pod(&name)
            .requests("cpu", ["0", "100m", "250m", "1"][self.below(4)])
            .requests("memory", ["64Mi", "500Mi", "1Gi"][self.below(3)])
            .image(["web", "log", "none"][self.below(3)]);
        // In a cluster of many domains all pods are spread by default.
        let kind = if self.size == Size::ManyDomains { 0 } else { self.below(12) };
        one = match kind {
            0..=3 => one.label("app", "web").owned_by("web"),
            4 => one.prefers(80, "disk", "ssd").prefers(20, "disk", "hdd"),
            5 => one.only_where(labelled("disk", "ssd")),
            6 => one.label("app", "s").spread(evenly_over(LABEL_ZONE, selector("app", "s"))),
            7 => one.label("app", "s").spread(rather_evenly_over(LABEL_ZONE, selector("app", "s"))),
            8 => one.label("app", "near").prefers_near(30, pods_with("app", "web", LABEL_ZONE)),
            9 => {
                one.label("app", "apart").only_apart_from(pods_with("app", "apart", "kubernetes.io/hostname"))
            }
            10 => one.host_port(8_080),
            _ => one.priority(10),
        };
        if self.below(3) == 0 {
            one = one.tolerates("dedicated", "x", None);
        }
        if self.below(4) == 0 {
            one = one.with(|spec| "other".clone_into(&mut spec.scheduler_name));
        }
        self.classes.push(one);
    }

    fn create(&mut self) -> PodId {
        let class = self.below(self.classes.len());
        let spec = self.classes[class].spec();
        self.pods_made += 1;
        let class = self.cluster.intern(spec);
        let draws = Stream::of(1, self.pods_made);
        self.cluster.create_pod(&format!("p{}", self.pods_made), class, draws, SimTime::ZERO)
    }

    fn any_bound(&mut self) -> Option<PodId> {
        let place = self.below(self.bound.len().max(1));
        self.bound.get(place).copied()
    }

    fn terminate(&mut self) {
        if let Some(pod) = self.any_bound() {
            self.cluster.terminate(pod);
        }
    }

    fn evict(&mut self) {
        if let Some(pod) = self.any_bound() {
            self.remove(pod);
        }
    }

    fn remove(&mut self, pod: PodId) {
        self.bound.retain(|&other| other != pod);
        self.cluster.remove_pod(pod);
    }

    /// A new pod is placed by both, and bound where they say.
    fn schedule(&mut self) {
        let pod = self.create();
        // Now and then a node is being freed for some pod.
        let waiting =
            if self.below(12) == 0 { self.any_node().map(|node| (self.create(), node)) } else { None };
        if let Some((other, node)) = waiting {
            self.cluster.nominate(other, Some(node));
            self.nominated += 1;
        }
        self.attempts += 1;
        let expected = self.reference.attempt(&self.cluster, pod, 1);
        let found = self.cached.attempt(&self.cluster, pod, 1);
        let said = |one: &overspill::scheduler::Attempt| match &one.outcome {
            Outcome::Chosen(node) => (Some(*node), one.ties, one.examined, String::new()),
            Outcome::Unschedulable(failure) => (None, 0, one.examined, failure.text.event_text()),
            Outcome::NoNodes => (None, 0, one.examined, "no nodes".to_owned()),
        };
        assert_eq!(said(&found), said(&expected), "pod {} of {}", self.pods_made, self.cluster.node_count());
        assert_eq!(self.cached.next_start(), self.reference.next_start());
        if let (Outcome::Chosen(_), None) = (&expected.outcome, &waiting) {
            self.same_verdicts(pod, &expected, &found);
        }
        match expected.outcome {
            Outcome::Chosen(node) => {
                self.cluster.bind(pod, node);
                self.bound.push(pod);
            }
            _ => {
                self.cluster.remove_pod(pod);
            }
        }
        if let Some((other, _)) = waiting {
            self.cluster.remove_pod(other);
        }
    }

    /// Both say the same of every node that they looked at.
    fn same_verdicts(
        &self,
        pod: PodId,
        expected: &overspill::scheduler::Attempt,
        found: &overspill::scheduler::Attempt,
    ) {
        let sorted = |scheduler: &Scheduler, attempt| {
            let mut all: Vec<_> = scheduler.verdicts(&self.cluster, pod, attempt).collect();
            all.sort();
            all
        };
        let only_named = expected.evaluation().restricted_by.is_empty();
        if only_named {
            assert_eq!(sorted(&self.cached, found), sorted(&self.reference, expected));
        }
    }
}
