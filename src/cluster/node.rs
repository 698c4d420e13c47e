//! One node and what is taken of it.

use super::{Cluster, Pod};
use crate::id::{ClassId, NodeId, PodId};
use crate::object::pod::HostPort;
use crate::object::{NodeSpec, PodSpec, Resources};
use crate::units::{Bytes, MilliCpu};

/// Among so many pods one is searched for; where there are more, each has its place noted.
const SEARCHED: usize = 64;

/// How many pods of one class a node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassCount {
    /// The class.
    pub class: ClassId,
    /// All of them.
    pub all: u32,
    /// Those that are not terminating.
    pub live: u32,
}

/// A node with what its pods take (framework/types.go `NodeInfo`).
///
/// Its fields stand in memory as they stand here: what every attempt reads of many nodes, amounts taken and what
/// [`NodeSpec`] has first, lies side by side.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Node {
    /// Cpu its pods request, each container that requests none counted with 100m.
    pub non_zero_cpu: MilliCpu,
    /// Memory its pods request, each container that requests none counted with 200Mi.
    pub non_zero_memory: Bytes,
    /// Its pods, in no particular order.
    pub pods: Vec<PodId>,
    /// What its pods request.
    pub requested: Resources,
    /// What it says of itself.
    pub spec: NodeSpec,
    /// Its index.
    pub id: NodeId,
    /// Its pods counted by class, in order of class.
    pub per_class: Vec<ClassCount>,
    /// Host ports that its pods have taken. A set, as upstream has it (framework/types.go `HostPortInfo`): of two pods
    /// that came to a node with the same port, the first to go frees it.
    pub host_ports: Vec<HostPort>,
}

impl Node {
    pub(super) fn new(id: NodeId, spec: NodeSpec) -> Self {
        Self {
            id,
            spec,
            requested: Resources::default(),
            non_zero_cpu: MilliCpu::ZERO,
            non_zero_memory: Bytes::ZERO,
            pods: Vec::new(),
            per_class: Vec::new(),
            host_ports: Vec::new(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    pub(super) fn count_mut(&mut self, class: ClassId) -> &mut ClassCount {
        let place = match self.per_class.binary_search_by_key(&class, |count| count.class) {
            Ok(place) => place,
            Err(place) => {
                self.per_class.insert(place, ClassCount { class, all: 0, live: 0 });
                place
            }
        };
        &mut self.per_class[place]
    }

    /// Adds a pod; the answer is its place in `pods`.
    pub(super) fn take(&mut self, id: PodId, class: ClassId, spec: &PodSpec) -> u32 {
        self.requested.add(&spec.requests.placed);
        self.non_zero_cpu += spec.requests.placed_non_zero_cpu;
        self.non_zero_memory += spec.requests.placed_non_zero_memory;
        for port in &spec.host_ports {
            if !self.host_ports.contains(port) {
                self.host_ports.push(port.clone());
            }
        }
        let count = self.count_mut(class);
        count.all += 1;
        count.live += 1;
        self.pods.push(id);
        self.pods.len() as u32 - 1
    }

    /// Takes a pod away; the answer is the pod that has moved, and its place, where that is to be noted.
    pub(super) fn release(&mut self, id: PodId, pod: &Pod, spec: &PodSpec) -> Option<(PodId, usize)> {
        self.requested.subtract(&spec.requests.placed);
        self.non_zero_cpu -= spec.requests.placed_non_zero_cpu;
        self.non_zero_memory -= spec.requests.placed_non_zero_memory;
        self.host_ports.retain(|taken| !spec.host_ports.contains(taken));
        let count = self.count_mut(pod.class);
        count.all -= 1;
        count.live -= u32::from(!pod.terminating);
        if count.all == 0 {
            self.per_class.retain(|count| count.all > 0);
        }
        let place = self.place_of(id, pod);
        self.pods.swap_remove(place);
        if self.pods.len() <= SEARCHED {
            None
        } else {
            self.pods.get(place).copied().map(|moved| (moved, place))
        }
    }

    /// Where a pod stands among the node's pods. On a node with few it is searched for: to keep the places of pods that
    /// move there would touch a second pod for each that goes.
    fn place_of(&self, id: PodId, pod: &Pod) -> usize {
        let noted = pod.place_on_node as usize;
        if self.pods.get(noted) == Some(&id) {
            return noted;
        }
        self.pods.iter().position(|&one| one == id).expect("a bound pod stands on its node")
    }

    /// Checks that what is taken is the sum over the pods.
    pub(super) fn check(&self, cluster: &Cluster) -> Result<(), String> {
        let mut recount = Node::new(self.id, NodeSpec::named(self.name()));
        for &pod in &self.pods {
            let state = cluster.pod(pod);
            recount.take(pod, state.class, cluster.class(state.class));
            if state.terminating {
                recount.count_mut(state.class).live -= 1;
            }
        }
        let named = |scalar: &std::collections::BTreeMap<String, i64>| {
            scalar
                .iter()
                .filter(|(_, amount)| **amount != 0)
                .map(|(k, v)| (k.clone(), *v))
                .collect::<Vec<_>>()
        };
        let holds = (self.requested.cpu, self.requested.memory, self.requested.ephemeral)
            == (recount.requested.cpu, recount.requested.memory, recount.requested.ephemeral)
            && named(&self.requested.scalar) == named(&recount.requested.scalar)
            && (self.non_zero_cpu, self.non_zero_memory) == (recount.non_zero_cpu, recount.non_zero_memory)
            && self.per_class == recount.per_class
            && self.host_ports.iter().all(|port| recount.host_ports.contains(port));
        if holds { Ok(()) } else { Err(format!("node {} has requested what its pods do not", self.name())) }
    }
}
