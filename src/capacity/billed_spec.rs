//! Which instance a pod is billed for; on ECI by its resources, or its annotation, rounded up to what is on offer.
//!
//! Source of the rules: "Specify the compute specification of an elastic container instance"
//! (help.aliyun.com/document_detail/451261.htm). The bill follows *limits* where the scheduler follows requests.

use std::fmt;

use super::acs::AcsSpec;
use super::eci_spec::{EciSpec, EciSpecError};
use super::instance_type::{InstanceType, UnknownInstanceType, instance_type};
use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, MilliCpu};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "eci-billed-resources",
        statement: "An ECI instance is sized by the sum of the containers' limits, or requests where there \
                    are none; a pod with neither gets 2 vCPU and 4 GiB.",
        source: "ECI, \"Specify the compute specification of an elastic container instance\" \
                 (help.aliyun.com/document_detail/451261.htm); that each resource of each container falls \
                 back by itself is an estimate",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-ignored-containers",
        statement: "A container with `__ECI_RESOURCE_IGNORE__=TRUE` adds nothing to the size.",
        source: "ECI, \"Specify the compute specification of an elastic container instance\" \
                 (help.aliyun.com/document_detail/451261.htm)",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-init-containers",
        statement: "An init container raises the size if it needs more, beside the sidecars before it, than \
                    all that run later; a native sidecar adds to the sum.",
        source: "Kubernetes' own effective request (KEP-753); ECI documents the sum alone",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "eci-use-specs",
        statement: "The annotation k8s.aliyun.com/eci-use-specs replaces the sum: up to five specifications \
                    or ECS types in order of preference, each rounded up.",
        source: "ECI, \"Specify the compute specification of an elastic container instance\" \
                 (help.aliyun.com/document_detail/451261.htm)",
        confidence: Confidence::Documented,
    },
];

/// The annotation that names specifications outright, in order of preference: `2-4Gi,4-8Gi,ecs.c6.xlarge`.
pub const USE_SPECS_ANNOTATION: &str = "k8s.aliyun.com/eci-use-specs";

/// The environment variable that, set to `TRUE`, keeps a container out of the sum.
pub const IGNORE_RESOURCE_ENV: &str = "__ECI_RESOURCE_IGNORE__";

/// As many specifications as the annotation may name.
const MOST_CANDIDATES: usize = 5;

/// How a container takes part in a pod's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContainerKind {
    /// Runs for the pod's whole life, beside the others.
    Main,
    /// Runs to its end before the next container starts.
    Init,
    /// A native sidecar, an init container with `restartPolicy: Always`: starts in its turn and keeps running.
    Sidecar,
}

/// What one container of a pod says about its resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerResources {
    /// How it takes part.
    pub kind: ContainerKind,
    /// `resources.requests.cpu`.
    pub cpu_request: Option<MilliCpu>,
    /// `resources.limits.cpu`.
    pub cpu_limit: Option<MilliCpu>,
    /// `resources.requests.memory`.
    pub memory_request: Option<Bytes>,
    /// `resources.limits.memory`.
    pub memory_limit: Option<Bytes>,
    /// Whether the container carries what keeps it out of the sum: on ECI [`IGNORE_RESOURCE_ENV`]`=TRUE`.
    pub ignored: bool,
}

impl ContainerResources {
    /// A container of `kind` that says nothing.
    pub const fn none(kind: ContainerKind) -> Self {
        let (cpu_request, cpu_limit, memory_request, memory_limit) = (None, None, None, None);
        Self { kind, cpu_request, cpu_limit, memory_request, memory_limit, ignored: false }
    }

    /// What the container adds on ECI: of each resource its limit, else its request, else nothing.
    fn need(&self) -> Need {
        Need {
            cpu: self.cpu_limit.or(self.cpu_request).unwrap_or_default(),
            memory: self.memory_limit.or(self.memory_request).unwrap_or_default(),
        }
    }

    /// Its requests alone.
    pub(super) fn requests(&self) -> Need {
        Need { cpu: self.cpu_request.unwrap_or_default(), memory: self.memory_request.unwrap_or_default() }
    }

    /// Its limits alone.
    pub(super) fn limits(&self) -> Need {
        Need { cpu: self.cpu_limit.unwrap_or_default(), memory: self.memory_limit.unwrap_or_default() }
    }
}

/// One instance that a pod may be created as; prints as `2-4Gi`, `ecs.c6.xlarge` or `acs 2-4Gi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BilledSpec {
    /// By vCPU and memory, at the price of both.
    Eci(EciSpec),
    /// An ECS instance type, at that type's price.
    Ecs(&'static InstanceType),
    /// By vCPU and memory too, at the prices of ACS.
    Acs(AcsSpec),
}

impl BilledSpec {
    /// Whether it is an instance of ACS, which neither has to do with ECI's stock nor with its quota.
    pub fn is_acs(&self) -> bool {
        matches!(self, Self::Acs(_))
    }

    /// The processors of the instance.
    pub fn cpu(&self) -> MilliCpu {
        match self {
            Self::Eci(spec) => spec.cpu,
            Self::Ecs(instance_type) => instance_type.cpu,
            Self::Acs(spec) => spec.size.cpu,
        }
    }

    /// The memory of the instance.
    pub fn memory(&self) -> Bytes {
        match self {
            Self::Eci(spec) => spec.memory,
            Self::Ecs(instance_type) => instance_type.memory,
            Self::Acs(spec) => spec.size.memory,
        }
    }

    /// As ECI writes it onto the pod: `2.0-4.0Gi` or `ecs.c6.xlarge`. ACS writes nothing.
    pub fn annotation(&self) -> String {
        match self {
            Self::Eci(spec) => spec.annotation(),
            Self::Ecs(instance_type) => instance_type.name.to_owned(),
            Self::Acs(_) => String::new(),
        }
    }
}

impl fmt::Display for BilledSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Eci(spec) => spec.fmt(f),
            Self::Ecs(instance_type) => f.write_str(instance_type.name),
            Self::Acs(spec) => spec.fmt(f),
        }
    }
}

/// Why a pod cannot become an ECI instance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BilledSpecError {
    /// A specification cannot be read, or nothing on offer is large enough.
    #[error(transparent)]
    Spec(#[from] EciSpecError),
    /// The annotation names an ECS instance type that is not known.
    #[error(transparent)]
    InstanceType(#[from] UnknownInstanceType),
    /// The annotation names too many specifications.
    #[error("{USE_SPECS_ANNOTATION} names {0} specifications: at most {MOST_CANDIDATES} are tried")]
    TooMany(usize),
}

/// The instances that a pod may be created as in `region`, in the order in which they are tried: the candidates of
/// `use_specs` (the value of [`USE_SPECS_ANNOTATION`]), each rounded up, or else the one that its containers come to.
///
/// `containers` are in the pod's order, init containers and sidecars first.
pub fn billed_spec(
    containers: &[ContainerResources],
    use_specs: Option<&str>,
    region: &str,
) -> Result<Vec<BilledSpec>, BilledSpecError> {
    let rounded = |wanted| match wanted {
        Wanted::Ecs(instance_type) => Ok(BilledSpec::Ecs(instance_type)),
        Wanted::Eci(size) => Ok(BilledSpec::Eci(EciSpec::round_up(size.cpu, size.memory, region)?)),
    };
    wanted(containers, use_specs)?.into_iter().map(rounded).collect()
}

/// One instance as it is asked for, before it is rounded up to what is on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// At least this much.
    Eci(EciSpec),
    /// This type.
    Ecs(&'static InstanceType),
}

/// What a pod asks for, in order of preference.
pub(super) fn wanted(
    containers: &[ContainerResources],
    use_specs: Option<&str>,
) -> Result<Vec<Wanted>, BilledSpecError> {
    if let Some(list) = use_specs {
        return candidates(list);
    }
    let need = pod_need(containers, ContainerResources::need);
    let size = EciSpec { cpu: need.cpu, memory: need.memory };
    Ok(vec![Wanted::Eci(if need == Need::default() { EciSpec::DEFAULT } else { size })])
}

fn candidates(list: &str) -> Result<Vec<Wanted>, BilledSpecError> {
    let names: Vec<&str> = list.split(',').map(str::trim).collect();
    if names.len() > MOST_CANDIDATES {
        return Err(BilledSpecError::TooMany(names.len()));
    }
    names.into_iter().map(candidate).collect()
}

fn candidate(name: &str) -> Result<Wanted, BilledSpecError> {
    if name.starts_with("ecs.") {
        return Ok(Wanted::Ecs(instance_type(name)?));
    }
    Ok(Wanted::Eci(name.parse()?))
}

/// So much of each resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) cpu: MilliCpu,
    pub(super) memory: Bytes,
}

impl Need {
    fn plus(self, other: Self) -> Self {
        Self { cpu: self.cpu + other.cpu, memory: self.memory + other.memory }
    }

    fn max(self, other: Self) -> Self {
        Self { cpu: self.cpu.max(other.cpu), memory: self.memory.max(other.memory) }
    }
}

/// What must run at once, where each container needs `need_of` it: main containers and sidecars, or, if more, an init container beside the sidecars that
/// started before it.
///
/// ECI documents the sum over containers only; that init containers count as in Kubernetes' own effective request
/// (KEP-753) and that a container without limits counts with its requests beside others with limits are estimates.
pub(super) fn pod_need(
    containers: &[ContainerResources],
    need_of: impl Fn(&ContainerResources) -> Need,
) -> Need {
    let (mut running, mut sidecars, mut starting) = (Need::default(), Need::default(), Need::default());
    for container in containers.iter().filter(|container| !container.ignored) {
        let need = need_of(container);
        match container.kind {
            ContainerKind::Main => running = running.plus(need),
            ContainerKind::Sidecar => sidecars = sidecars.plus(need),
            ContainerKind::Init => starting = starting.max(sidecars.plus(need)),
        }
    }
    running.plus(sidecars).max(starting)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: ContainerKind = ContainerKind::Main;

    /// A container with limits in thousandths of a vCPU and MiB.
    fn limits(kind: ContainerKind, milli: i64, mib: i64) -> ContainerResources {
        ContainerResources {
            cpu_limit: Some(MilliCpu(milli)),
            memory_limit: Some(Bytes::from_mib(mib)),
            ..ContainerResources::none(kind)
        }
    }

    /// A container with requests in thousandths of a vCPU and MiB.
    fn requests(kind: ContainerKind, milli: i64, mib: i64) -> ContainerResources {
        ContainerResources {
            cpu_request: Some(MilliCpu(milli)),
            memory_request: Some(Bytes::from_mib(mib)),
            ..ContainerResources::none(kind)
        }
    }

    fn ignored(container: ContainerResources) -> ContainerResources {
        ContainerResources { ignored: true, ..container }
    }

    #[track_caller]
    fn check(containers: &[ContainerResources], expected: &str) {
        let specs = billed_spec(containers, None, "cn-hangzhou").unwrap();
        assert_eq!(specs.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    }

    #[track_caller]
    fn check_annotation(list: &str, expected: &[&str]) {
        let specs = billed_spec(&[limits(MAIN, 8_000, 16_384)], Some(list), "cn-hangzhou").unwrap();
        assert_eq!(specs.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{list}");
    }

    /// Source: help.aliyun.com/document_detail/451261.htm, the table of what the specification is taken from.
    /// rule: eci-billed-resources
    #[test]
    fn limits_come_before_requests_and_nothing_is_two_vcpu_and_four_gib() {
        check(&[], "2-4Gi");
        check(&[ContainerResources::none(MAIN)], "2-4Gi");
        check(&[limits(MAIN, 1_000, 2_048)], "1-2Gi");
        check(&[requests(MAIN, 1_000, 2_048)], "1-2Gi");
        let both = ContainerResources { cpu_request: Some(MilliCpu(100)), ..limits(MAIN, 4_000, 8_192) };
        check(&[both], "4-8Gi");
    }

    /// Source: help.aliyun.com/document_detail/451261.htm, the example of two containers and a sidecar.
    /// rule: eci-ignored-containers
    #[test]
    fn an_ignored_sidecar_does_not_push_the_pod_to_the_next_size() {
        let (app, sidecar) = (limits(MAIN, 2_000, 4_096), limits(MAIN, 250, 512));
        check(&[app, app, sidecar], "6-10Gi");
        check(&[app, app, ignored(sidecar)], "4-8Gi");
        check(&[ignored(app)], "2-4Gi");
    }

    #[test]
    fn an_injected_envoy_alone_is_billed_by_its_limits() {
        let envoy = ContainerResources {
            cpu_request: Some(MilliCpu(100)),
            memory_request: Some(Bytes::from_mib(128)),
            ..limits(MAIN, 2_000, 1_024)
        };
        check(&[ContainerResources::none(MAIN), envoy], "2-1Gi");
        check(&[limits(MAIN, 1_000, 200), limits(MAIN, 500, 256)], "2-1Gi");
    }

    #[test]
    fn each_resource_of_each_container_falls_back_to_its_request() {
        check(&[limits(MAIN, 1_000, 1_024), requests(MAIN, 1_000, 1_024)], "2-2Gi");
        let mixed = ContainerResources { cpu_limit: Some(MilliCpu(2_000)), ..requests(MAIN, 100, 5_000) };
        check(&[mixed], "2-6Gi");
        let cpu_only =
            ContainerResources { cpu_limit: Some(MilliCpu(4_000)), ..ContainerResources::none(MAIN) };
        check(&[cpu_only], "4-2Gi");
    }

    /// rule: eci-init-containers
    #[test]
    fn init_containers_count_if_larger_and_sidecars_always() {
        let app = limits(MAIN, 2_000, 4_096);
        check(&[limits(ContainerKind::Init, 1_000, 1_024), app], "2-4Gi");
        check(&[limits(ContainerKind::Init, 4_000, 1_024), app], "4-4Gi");
        check(&[ignored(limits(ContainerKind::Init, 4_000, 1_024)), app], "2-4Gi");
        let sidecar = limits(ContainerKind::Sidecar, 2_000, 4_096);
        check(&[sidecar, app], "4-8Gi");
        // An init container runs beside the sidecars before it, not those after it.
        let large = limits(ContainerKind::Init, 4_000, 8_192);
        check(&[sidecar, large, app], "6-12Gi");
        check(&[large, sidecar, app], "4-8Gi");
    }

    /// rule: eci-use-specs
    #[test]
    fn the_annotation_replaces_the_sum_and_keeps_its_order() {
        check_annotation("2-4Gi", &["2-4Gi"]);
        check_annotation("4-8Gi, 2-4Gi,ecs.c6.xlarge", &["4-8Gi", "2-4Gi", "ecs.c6.xlarge"]);
        check_annotation("3-5Gi", &["4-6Gi"]);
    }

    /// Source: ECI, "ECI Pod Annotation", its example of eci-instance-spec.
    /// rule: eci-annotations
    #[test]
    fn the_platform_writes_sizes_with_a_decimal() {
        let annotation = |list| billed_spec(&[], Some(list), "cn-hangzhou").unwrap()[0].annotation();
        assert_eq!(annotation("2-4Gi"), "2.0-4.0Gi");
        assert_eq!(annotation("0.25-0.5Gi"), "0.25-0.5Gi");
        assert_eq!(annotation("ecs.c6.large"), "ecs.c6.large");
    }

    #[test]
    fn an_instance_type_has_its_own_size() {
        let specs = billed_spec(&[], Some("ecs.g7.xlarge"), "cn-hangzhou").unwrap();
        assert_eq!((specs[0].cpu(), specs[0].memory()), (MilliCpu::from_cores(4), Bytes::from_gib(16)));
    }

    #[test]
    fn wrong_annotations_say_what_is_wrong() {
        let message = |list| billed_spec(&[], Some(list), "cn-hangzhou").unwrap_err().to_string();
        assert!(message("1-2Gi,1-2Gi,1-2Gi,1-2Gi,1-2Gi,1-2Gi").contains("names 6 specifications"));
        assert!(message("").contains("\"\" is not an ECI specification"));
        assert!(message("ecs.c6.xlrge").contains("did you mean `ecs.c6.xlarge`"));
        assert!(message("65-128Gi").contains("no ECI specification"));
    }
}
