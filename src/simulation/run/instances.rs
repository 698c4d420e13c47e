//! ECI instances: what a class of pods is billed as, worked out once per class.

use rustc_hash::FxHashMap;

use crate::capacity::{
    BilledSpec, BilledSpecError, ContainerKind, ContainerResources, IGNORE_RESOURCE_ENV,
    USE_SPECS_ANNOTATION, billed_spec,
};
use crate::cost::PriceList;
use crate::id::ClassId;
use crate::object::{Container, ContainerRole, PodSpec, ResourceList};
use crate::units::{Bytes, MilliCpu, Price};

/// What a class of pods becomes on a virtual node.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    /// The billed specification.
    pub(super) spec: BilledSpec,
    /// What it costs.
    pub(super) price: Price,
}

/// Instances by class.
#[derive(Debug, Default)]
pub(super) struct Instances {
    by_class: FxHashMap<ClassId, Result<Instance, String>>,
}

impl Instances {
    /// The instance of a class; the error says why none can be created.
    pub(super) fn of(
        &mut self,
        class: ClassId,
        pod: &PodSpec,
        prices: &PriceList,
    ) -> Result<Instance, String> {
        self.by_class.entry(class).or_insert_with(|| make(pod, prices)).clone()
    }

    /// A pod of `old` becomes one of `new`: its instance stays what it was created as.
    pub(super) fn inherit(&mut self, old: ClassId, new: ClassId) {
        if let Some(instance) = self.by_class.get(&old).cloned() {
            self.by_class.entry(new).or_insert(instance);
        }
    }

    /// Whether an instance was asked for and none can be created.
    pub(super) fn is_refused(&self, class: ClassId) -> bool {
        self.by_class.get(&class).is_some_and(Result::is_err)
    }

    /// The instance of a class that was asked for before.
    pub(super) fn known(&self, class: ClassId) -> Option<&Instance> {
        self.by_class.get(&class)?.as_ref().ok()
    }
}

fn make(pod: &PodSpec, prices: &PriceList) -> Result<Instance, String> {
    let candidates = billed_specs(pod, &prices.region).map_err(|error| error.to_string())?;
    let spec = candidates.into_iter().next().ok_or("no specification is left to create")?;
    let price = prices.billed(&spec).map_err(|error| error.to_string())?;
    Ok(Instance { spec, price })
}

/// Why no ECI instance can be created for a pod, if that is so: nothing on offer is large enough, or it has no price.
pub fn why_no_instance(pod: &PodSpec, prices: &PriceList) -> Option<String> {
    make(pod, prices).err()
}

/// The specifications that a pod may be billed as, in the order in which they are tried.
fn billed_specs(pod: &PodSpec, region: &str) -> Result<Vec<BilledSpec>, BilledSpecError> {
    let containers: Vec<_> = pod.containers.iter().map(container).collect();
    billed_spec(&containers, pod.annotations.get(USE_SPECS_ANNOTATION), region)
}

fn container(container: &Container) -> ContainerResources {
    let cpu = |list: &ResourceList| list.get("cpu").map(|quantity| MilliCpu(quantity.milli_value()));
    let memory = |list: &ResourceList| list.get("memory").map(|quantity| Bytes(quantity.value()));
    ContainerResources {
        kind: match container.role {
            ContainerRole::Main => ContainerKind::Main,
            ContainerRole::Init => ContainerKind::Init,
            ContainerRole::Sidecar => ContainerKind::Sidecar,
        },
        cpu_request: cpu(&container.requests),
        cpu_limit: cpu(&container.limits),
        memory_request: memory(&container.requests),
        memory_limit: memory(&container.limits),
        ignored: container.env.get(IGNORE_RESOURCE_ENV) == Some("TRUE"),
    }
}
