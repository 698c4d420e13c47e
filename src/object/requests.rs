//! What a pod requests: the arithmetic of containers, init containers, native sidecars, overhead, pod-level
//! resources and in-place resize.
//!
//! Source: component-helpers/resource/helpers.go `PodRequests`, framework/types.go `calculateResource`.

use std::collections::BTreeMap;

use super::pod::{Container, ContainerRole};
use super::{Resources, resources};
use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, MilliCpu, Quantity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "pod-requests",
        statement: "A pod requests the sum over its containers and native sidecars, or, if more, an init \
                    container beside the sidecars that started before it; pod-level requests replace the \
                    sum, overhead comes on top.",
        source: "staging/src/k8s.io/component-helpers/resource/helpers.go `PodRequests`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "non-zero-requests",
        statement: "In scores a container without a request counts for 100m of cpu and 200 MiB of memory.",
        source: "pkg/scheduler/util/pod_resources.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "resize-requests",
        statement: "While a resize is in progress a pod on a node takes up the larger of what it had, has \
                    and will have.",
        source: "staging/src/k8s.io/component-helpers/resource/helpers.go `determineContainerReqs`",
        confidence: Confidence::Source,
    },
];

/// Quantities by resource name.
pub type ResourceList = BTreeMap<String, Quantity>;

/// Cpu that a container without a cpu request counts for in scores (util/pod_resources.go:29).
pub const DEFAULT_CPU_REQUEST: Quantity = Quantity::from_milli(100);
/// Memory that a container without a memory request counts for in scores, 200 MiB (util/pod_resources.go:31).
pub const DEFAULT_MEMORY_REQUEST: Quantity = Quantity::from_units(200 << 20);

/// Resources that may stand at pod level (component-helpers/resource/helpers.go `supportedPodLevelResources`).
pub fn is_pod_level(name: &str) -> bool {
    name == "cpu" || name == "memory" || name.starts_with("hugepages-")
}

/// What a pod counts for, in every way that the scheduler counts it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Requests {
    /// What must be free for the pod to be placed.
    pub filter: Resources,
    /// What it counts for in scores of NodeResourcesFit: with the defaults for containers that request nothing.
    pub score_cpu: MilliCpu,
    /// The same for memory.
    pub score_memory: Bytes,
    /// What it takes up once it is on a node.
    pub placed: Resources,
    /// The same with the defaults: what scores see of pods already there.
    pub placed_non_zero_cpu: MilliCpu,
    /// The same for memory.
    pub placed_non_zero_memory: Bytes,
}

/// What the arithmetic reads of a pod.
#[derive(Clone, Copy, Debug)]
pub struct RequestInput<'a> {
    /// All containers, init containers in their order.
    pub containers: &'a [Container],
    /// `spec.resources.requests` of the pod, if given.
    pub pod_level: Option<&'a ResourceList>,
    /// `spec.overhead`.
    pub overhead: &'a ResourceList,
    /// Whether a resize of the running pod was found infeasible.
    pub resize_infeasible: bool,
}

/// Works out everything that a pod counts for.
pub fn requests_of(input: RequestInput<'_>) -> Requests {
    let defaults = Defaults { cpu: true, memory: true };
    let filter = pod_requests(input, Defaults::NONE, false);
    // The scores of NodeResourcesFit do not look at pod-level requests of the pod being placed, only at those of pods
    // already there: so recorded, case kind k1.
    let score = pod_requests(RequestInput { pod_level: None, ..input }, defaults, false);
    let placed = pod_requests(input, Defaults::NONE, true);
    let missing = match input.pod_level {
        // With pod-level requests only what the whole pod lacks is filled in (framework/types.go:1095).
        Some(requests) if requests.keys().any(|name| is_pod_level(name)) => {
            Defaults { cpu: !placed.contains_key("cpu"), memory: !placed.contains_key("memory") }
        }
        _ => defaults,
    };
    let non_zero = pod_requests(input, missing, true);
    Requests {
        filter: to_resources(&filter),
        score_cpu: cpu(&score),
        score_memory: memory(&score),
        placed: to_resources(&placed),
        placed_non_zero_cpu: cpu(&non_zero),
        placed_non_zero_memory: memory(&non_zero),
    }
}

/// What containers request together, without overhead or pod-level requests.
pub fn aggregate(containers: &[Container]) -> ResourceList {
    let overhead = &ResourceList::new();
    let input = RequestInput { containers, pod_level: None, overhead, resize_infeasible: false };
    container_requests(input, Defaults::NONE, false)
}

/// Which of the two defaults stand in for a missing request of a container.
#[derive(Clone, Copy)]
struct Defaults {
    cpu: bool,
    memory: bool,
}

impl Defaults {
    const NONE: Self = Self { cpu: false, memory: false };
}

fn pod_requests(input: RequestInput<'_>, defaults: Defaults, with_status: bool) -> ResourceList {
    let mut sum = container_requests(input, defaults, with_status);
    for (name, quantity) in input.pod_level.into_iter().flatten().filter(|(name, _)| is_pod_level(name)) {
        sum.insert(name.clone(), *quantity);
    }
    add(&mut sum, input.overhead);
    sum
}

/// The sum over containers and sidecars, or what the most demanding moment of initialisation needs if that is more.
fn container_requests(input: RequestInput<'_>, defaults: Defaults, with_status: bool) -> ResourceList {
    let mut sum = ResourceList::new();
    let mut sidecars = ResourceList::new();
    let mut initialising = ResourceList::new();
    for container in input.containers {
        let infeasible = input.resize_infeasible;
        let mut requests = match container.role {
            ContainerRole::Init => container.requests.clone(),
            _ if with_status => container.with_status(infeasible),
            _ => container.requests.clone(),
        };
        fill_in(&mut requests, defaults);
        match container.role {
            ContainerRole::Main => add(&mut sum, &requests),
            ContainerRole::Sidecar => {
                add(&mut sum, &requests);
                add(&mut sidecars, &requests);
                raise(&mut initialising, &sidecars);
            }
            ContainerRole::Init => {
                add(&mut requests, &sidecars);
                raise(&mut initialising, &requests);
            }
        }
    }
    raise(&mut sum, &initialising);
    sum
}

fn fill_in(requests: &mut ResourceList, defaults: Defaults) {
    if defaults.cpu {
        requests.entry("cpu".to_owned()).or_insert(DEFAULT_CPU_REQUEST);
    }
    if defaults.memory {
        requests.entry("memory".to_owned()).or_insert(DEFAULT_MEMORY_REQUEST);
    }
}

/// Adds `more` to `list`, resource by resource.
fn add(list: &mut ResourceList, more: &ResourceList) {
    for (name, quantity) in more {
        let entry = list.entry(name.clone()).or_default();
        *entry = *entry + *quantity;
    }
}

/// Raises `list` to `floor`, resource by resource.
pub(super) fn raise(list: &mut ResourceList, floor: &ResourceList) {
    for (name, quantity) in floor {
        let entry = list.entry(name.clone()).or_insert(*quantity);
        *entry = (*entry).max(*quantity);
    }
}

fn cpu(list: &ResourceList) -> MilliCpu {
    MilliCpu(list.get("cpu").copied().unwrap_or_default().milli_value())
}

fn memory(list: &ResourceList) -> Bytes {
    Bytes(list.get("memory").copied().unwrap_or_default().value())
}

/// A list in the scheduler's units. `pods` is counted apart, and native resources that the scheduler does not know
/// are dropped (framework/types.go `Resource.Add`).
pub fn to_resources(list: &ResourceList) -> Resources {
    let counted = |name: &str| !matches!(name, "cpu" | "memory" | "ephemeral-storage" | "pods");
    Resources {
        cpu: cpu(list),
        memory: memory(list),
        ephemeral: Bytes(list.get("ephemeral-storage").copied().unwrap_or_default().value()),
        scalar: list
            .iter()
            .filter(|(name, _)| counted(name) && resources::is_scalar(name))
            .map(|(name, quantity)| (name.clone(), quantity.value()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(pairs: &[(&str, &str)]) -> ResourceList {
        pairs.iter().map(|(name, quantity)| ((*name).to_owned(), quantity.parse().unwrap())).collect()
    }

    fn container(role: ContainerRole, requests: &[(&str, &str)]) -> Container {
        Container { role, requests: list(requests), ..Container::named("c") }
    }

    fn requests(
        containers: &[Container],
        pod_level: Option<&ResourceList>,
        overhead: &ResourceList,
    ) -> Requests {
        requests_of(RequestInput { containers, pod_level, overhead, resize_infeasible: false })
    }

    /// rule: pod-requests
    #[test]
    fn sidecars_add_and_plain_init_containers_only_raise() {
        let containers = [
            container(ContainerRole::Init, &[("cpu", "1")]),
            container(ContainerRole::Sidecar, &[("cpu", "200m")]),
            container(ContainerRole::Init, &[("cpu", "900m")]),
            container(ContainerRole::Main, &[("cpu", "500m")]),
        ];
        let cpu = requests(&containers, None, &list(&[])).filter.cpu;
        assert_eq!(cpu, MilliCpu(1100), "900m beside the sidecar that started before it");
    }

    /// rule: pod-requests
    #[test]
    fn overhead_comes_on_top_of_pod_level_requests() {
        let containers = [container(ContainerRole::Main, &[("cpu", "3")])];
        let got =
            requests(&containers, Some(&list(&[("cpu", "2")])), &list(&[("cpu", "250m"), ("memory", "1Mi")]));
        assert_eq!(got.filter.cpu, MilliCpu(2250));
        assert_eq!(got.filter.memory, Bytes::from_mib(1));
    }

    /// rule: non-zero-requests
    #[test]
    fn only_a_missing_request_gets_the_default() {
        let containers = [
            container(ContainerRole::Main, &[]),
            container(ContainerRole::Main, &[("cpu", "0"), ("memory", "0")]),
        ];
        let got = requests(&containers, None, &list(&[]));
        assert_eq!((got.filter.cpu, got.score_cpu), (MilliCpu(0), MilliCpu(100)));
        assert_eq!(got.placed_non_zero_memory, Bytes::from_mib(200));
    }

    /// rule: resize-requests
    #[test]
    fn a_resize_in_progress_counts_the_larger_of_what_was_and_will_be() {
        let mut resized = container(ContainerRole::Main, &[("cpu", "1")]);
        resized.status = Some((list(&[("cpu", "2")]), list(&[("cpu", "1500m")])));
        let got = requests(std::slice::from_ref(&resized), None, &list(&[]));
        assert_eq!((got.filter.cpu, got.placed.cpu), (MilliCpu(1000), MilliCpu(2000)));
    }
}
