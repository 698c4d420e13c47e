//! A cluster in steady state, at about 60 % of its cpu: each decision is followed by a bind and by the end of the oldest pod.

use std::collections::VecDeque;

use overspill::cluster::Service;
use overspill::id::ClassId;
use overspill::object::Labels;
use overspill::random::Stream;
use overspill::scheduler::{Evaluator, Outcome};
use overspill::{Cluster, PodId, PreemptionMode, Scheduler, SimTime, TieBreak};
use serde_json::json;

use crate::node::{ANode, node};
use crate::pod::{APod, pod, selector};
use crate::setting::{Pods, Setting};
use crate::world::scheduler;

/// Zones of a half, three tenths and a fifth of the nodes.
const ZONES: [&str; 10] = ["h", "h", "i", "h", "i", "h", "j", "h", "i", "j"];
/// Nodes have 8 cores; this much of them is requested.
const FILLED_MILLI_CPU: i64 = 4_800;
/// Of so many nodes one is virtual where there are any.
const VIRTUAL_EVERY: usize = 50;

/// A cluster and its scheduler between two decisions.
pub(crate) struct Steady {
    cluster: Cluster,
    scheduler: Scheduler,
    classes: Vec<ClassId>,
    alive: VecDeque<PodId>,
    created: u32,
}

impl Steady {
    /// The cluster of a setting, filled by its own scheduler.
    pub(crate) fn new(setting: Setting) -> Self {
        let mut cluster = Cluster::new();
        cluster.set_namespace("default", Labels::default());
        for index in 0..setting.nodes {
            cluster.add_node(a_node(index, setting.pods).0);
        }
        let classes: Vec<ClassId> =
            (0..setting.classes).map(|index| add_class(&mut cluster, index, setting.pods)).collect();
        let requested: i64 = classes.iter().map(|&class| cluster.class(class).requests.filter.cpu.0).sum();
        let pods = setting.nodes as i64 * FILLED_MILLI_CPU * setting.classes as i64 / requested;
        let percentage = if setting.all_scored { 100 } else { 0 };
        let config = json!({"percentageOfNodesToScore": percentage});
        let made = |evaluator| {
            scheduler(&config, TieBreak::Random { seed: 1 }, PreemptionMode::On).with_evaluator(evaluator)
        };
        let scheduler = made(Evaluator::Cached);
        let mut steady = Self { cluster, scheduler, classes, alive: VecDeque::new(), created: 0 };
        (0..pods).for_each(|_| steady.place());
        if setting.evaluator != Evaluator::Cached {
            steady.scheduler = made(setting.evaluator);
        }
        steady
    }

    /// A pod comes, is placed and bound, and the oldest one goes.
    pub(crate) fn step(&mut self) {
        self.place();
        let oldest = self.alive.pop_front().expect("a pod was just placed");
        self.cluster.remove_pod(oldest);
    }

    fn place(&mut self) {
        let class = self.classes[self.created as usize % self.classes.len()];
        let draws = Stream::of(0, self.created);
        self.created += 1;
        let id = self.cluster.create_pod("pod", class, draws, SimTime::ZERO);
        let attempt = self.scheduler.attempt(&self.cluster, id, 1);
        let Outcome::Chosen(node) = attempt.outcome else {
            panic!("pod {} found no node: {:?}", self.created, attempt.outcome);
        };
        self.cluster.bind(id, node);
        self.alive.push_back(id);
    }
}

fn a_node(index: usize, pods: Pods) -> ANode {
    let zone = ZONES[index % ZONES.len()];
    let node = node(&format!("node-{index:05}")).zone(zone);
    match pods {
        Pods::Plain | Pods::Spread => node,
        Pods::Gateway if index % VIRTUAL_EVERY == VIRTUAL_EVERY - 1 => node
            .millis(1_000_000)
            .mib(4 << 20)
            .pods(5_000)
            .label("type", "virtual-kubelet")
            .taint("virtual-kubelet.io/provider", "alibabacloud", overspill::object::Effect::NoSchedule),
        Pods::Gateway => node.label("pool", "gateway"),
    }
}

/// Requests of 100m to 800m and of 128 MiB to 1.9 GiB: no two classes ask for the same.
fn add_class(cluster: &mut Cluster, index: usize, pods: Pods) -> ClassId {
    let name = format!("app-{index}");
    let cpu = format!("{}m", 100 * (1 + index % 8));
    let memory = format!("{}Mi", 128 * (1 + (index / 8 + 3 * (index % 8)) % 15));
    let mut pod = pod(&name).label("app", &name).requests("cpu", &cpu).requests("memory", &memory);
    if pods != Pods::Plain {
        pod = owned(cluster, pod, &name);
    }
    if pods == Pods::Gateway {
        pod = pod.tolerates("virtual-kubelet.io/provider", "alibabacloud", None);
        pod = pod.prefers(80, "pool", "gateway").prefers(20, "type", "virtual-kubelet");
    }
    cluster.intern(pod.spec())
}

/// The pod as one of a ReplicaSet behind a Service.
fn owned(cluster: &mut Cluster, pod: APod, name: &str) -> APod {
    let (namespace, labels) = ("default".to_owned(), Labels::from_iter([("app", name)]));
    let owners = cluster.owners_mut();
    owners.add_service(Service { namespace, name: name.to_owned(), selector: labels });
    owners.add_workload("ReplicaSet", "default", name, selector("app", name));
    pod.owned_by(name)
}
