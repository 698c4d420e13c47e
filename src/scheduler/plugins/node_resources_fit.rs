//! NodeResourcesFit: what a pod requests must be free; emptier or fuller nodes score better.

mod strategy;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::cluster::{Cluster, Owners};
use crate::object::resources::is_extended;
use crate::object::{NodeSpec, PodSpec, Resources};
use crate::scheduler::event::{ClusterEvent, PodChange, WOKEN_BY_ANY_TAINT_CHANGE};
use crate::scheduler::framework::{
    About, Code, FilterPlugin, FilterReach, Normalize, Plugin, Rejection, ScorePlugin, ScoreReach,
};
use crate::units::{Bytes, MilliCpu};

pub(crate) use strategy::{Counted, cpu_and_memory, true_request};
pub use strategy::{ResourceWeight, ShapePoint, Strategy};

const ABOUT: About = About {
    name: "NodeResourcesFit",
    formula: "rejects a node where pods, cpu, memory, ephemeral storage or a named resource do not suffice; \
              LeastAllocated unless configured otherwise: Σ w·(free·100/allocatable)/Σ w after placement, over cpu \
              and memory, 100m and 200 MiB for a container without request",
    default_weight: 1,
    source: "framework/plugins/noderesources/fit.go:564, resource_allocation.go:89, least_allocated.go:52",
};

/// `NodeResourcesFitArgs`.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// How nodes are scored.
    pub strategy: Strategy,
    /// Extended resources that the filter does not look at.
    pub ignored: BTreeSet<String>,
    /// Groups of extended resources (the part before the slash) that it does not look at.
    pub ignored_groups: BTreeSet<String>,
}

#[derive(Clone)]
struct NodeResourcesFit {
    args: Args,
}

/// The plugin.
pub fn plugin(args: Args) -> Plugin {
    let part = NodeResourcesFit { args };
    Plugin::new(ABOUT).filtering(part.clone()).scoring(part)
}

/// What a pod lacks on a node; all of it, in upstream's order. `free` and `whole` differ when the node has pods.
struct Shortage {
    reasons: Vec<std::borrow::Cow<'static, str>>,
    unresolvable: bool,
}

impl Shortage {
    fn note(&mut self, reason: impl Into<std::borrow::Cow<'static, str>>, more_than_whole: bool) {
        self.reasons.push(reason.into());
        self.unresolvable |= more_than_whole;
    }
}

impl NodeResourcesFit {
    fn is_ignored(&self, name: &str) -> bool {
        let group = name.split('/').next().unwrap_or(name);
        is_extended(name) && (self.args.ignored.contains(name) || self.args.ignored_groups.contains(group))
    }

    /// Whether `request` fits beside `taken` and `pods` other pods; nothing is said of why not.
    fn fits(&self, request: &Resources, node: &NodeSpec, taken: &Resources, pods: usize) -> bool {
        let whole = &node.allocatable;
        (pods as i64) < node.allocatable_pods
            && (request.cpu <= MilliCpu::ZERO || request.cpu <= whole.cpu - taken.cpu)
            && (request.memory <= Bytes::ZERO || request.memory <= whole.memory - taken.memory)
            && (request.ephemeral <= Bytes::ZERO || request.ephemeral <= whole.ephemeral - taken.ephemeral)
            && request.scalar.iter().all(|(name, &amount)| {
                amount <= 0 || self.is_ignored(name) || amount <= whole.scalar(name) - taken.scalar(name)
            })
    }

    /// The same, with all that is lacking.
    fn fit(
        &self,
        request: &Resources,
        node: &NodeSpec,
        taken: &Resources,
        pods: usize,
    ) -> Result<(), Rejection> {
        if self.fits(request, node, taken, pods) {
            return Ok(());
        }
        let whole = &node.allocatable;
        let mut short = Shortage { reasons: Vec::new(), unresolvable: false };
        if pods as i64 + 1 > node.allocatable_pods {
            short.note("Too many pods", false);
        }
        if request.cpu > MilliCpu::ZERO && request.cpu > whole.cpu - taken.cpu {
            short.note("Insufficient cpu", request.cpu > whole.cpu);
        }
        if request.memory > Bytes::ZERO && request.memory > whole.memory - taken.memory {
            short.note("Insufficient memory", request.memory > whole.memory);
        }
        if request.ephemeral > Bytes::ZERO && request.ephemeral > whole.ephemeral - taken.ephemeral {
            short.note("Insufficient ephemeral-storage", request.ephemeral > whole.ephemeral);
        }
        for (name, &amount) in
            request.scalar.iter().filter(|(name, amount)| **amount > 0 && !self.is_ignored(name))
        {
            if amount > whole.scalar(name) - taken.scalar(name) {
                short.note(format!("Insufficient {name}"), amount > whole.scalar(name));
            }
        }
        debug_assert!(!short.reasons.is_empty(), "a pod that does not fit lacks something");
        let code = if short.unresolvable { Code::UnschedulableAndUnresolvable } else { Code::Unschedulable };
        Err(Rejection { code, reasons: short.reasons })
    }

    fn fits_empty(&self, pod: &PodSpec, node: &NodeSpec) -> bool {
        self.fits(&pod.requests.filter, node, &Resources::default(), 0)
    }
}

/// Whether a node offers more pods, or more of something that the pod requests.
fn grew_for(pod: &PodSpec, old: &NodeSpec, new: &NodeSpec) -> bool {
    let (request, before, after) = (&pod.requests.filter, &old.allocatable, &new.allocatable);
    new.allocatable_pods > old.allocatable_pods
        || request.cpu > MilliCpu::ZERO && after.cpu > before.cpu
        || request.memory > Bytes::ZERO && after.memory > before.memory
        || request.ephemeral > Bytes::ZERO && after.ephemeral > before.ephemeral
        || request.scalar.iter().any(|(name, &amount)| amount > 0 && after.scalar(name) > before.scalar(name))
}

/// Whether a scale-down frees something that the pod requests, or is the pod's own.
fn frees(pod: &PodSpec, change: &PodChange<'_>) -> bool {
    let (request, before, after) =
        (&pod.requests.filter, &change.old.requests.placed, &change.new.requests.placed);
    change.own
        || request.cpu > MilliCpu::ZERO && after.cpu < before.cpu
        || request.memory > Bytes::ZERO && after.memory < before.memory
        || request.ephemeral > Bytes::ZERO && after.ephemeral < before.ephemeral
        || request.scalar.iter().any(|(name, &amount)| amount > 0 && after.scalar(name) < before.scalar(name))
}

impl FilterPlugin for NodeResourcesFit {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> FilterReach {
        let (part, pod) = (self.clone(), Arc::clone(pod));
        FilterReach::Usage(Box::new(move |node| {
            part.fit(&pod.requests.filter, &node.spec, &node.requested, node.pods.len())
        }))
    }

    fn wakes(&self, pod: &PodSpec, event: &ClusterEvent<'_>, _: &Cluster) -> bool {
        match event {
            ClusterEvent::NodeAdd(node) => self.fits_empty(pod, node),
            ClusterEvent::NodeAllocatable(change) => {
                self.fits_empty(pod, change.new) && grew_for(pod, change.old, change.new)
            }
            ClusterEvent::NodeTaint(_) => WOKEN_BY_ANY_TAINT_CHANGE,
            ClusterEvent::PodDelete(_) => true,
            ClusterEvent::PodScaleDown(change) => frees(pod, change),
            _ => false,
        }
    }
}

impl ScorePlugin for NodeResourcesFit {
    fn reach(&self, pod: &Arc<PodSpec>, _: &Owners) -> ScoreReach {
        let (strategy, pod) = (self.args.strategy.clone(), Arc::clone(pod));
        ScoreReach::Usage(Box::new(move |node| Some(strategy.score(&pod.requests, node))))
    }

    fn normalize(&self) -> Normalize {
        Normalize::Identity
    }
}
