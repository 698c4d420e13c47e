//! The ACS instance that a pod's containers come to.

use std::fmt;

use super::table::acs_sizes;
use super::wish::{ComputeClass, ComputeQos, REQUIRED_SPEC, Wish};
use crate::capacity::billed_spec::{Need, pod_need};
use crate::capacity::{ContainerResources, EciSpec};
use crate::units::{Bytes, MilliCpu};

/// The most vCPUs that every account may have in one instance.
const MOST_CPU: MilliCpu = MilliCpu::from_cores(16);
/// The most memory that every account may have in one instance.
const MOST_MEMORY: Bytes = Bytes::from_gib(128);

/// An ACS instance; prints as `acs 2-4Gi`, with its class and QoS where they are not the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcsSpec {
    /// Its processors.
    pub class: ComputeClass,
    /// How sure they are.
    pub qos: ComputeQos,
    /// Its size.
    pub size: EciSpec,
}

impl fmt::Display for AcsSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "acs {}", self.size)?;
        if self.class != ComputeClass::default() {
            write!(f, " {}", self.class)?;
        }
        if self.qos != ComputeQos::default() {
            write!(f, " {}", self.qos)?;
        }
        Ok(())
    }
}

/// Why a pod cannot become an ACS instance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcsError {
    /// Nothing on offer is large enough.
    #[error("no ACS specification has {cpu} vCPU and {memory} of memory: ask for less (at most {most})")]
    TooLarge {
        /// Processors asked for.
        cpu: MilliCpu,
        /// Memory asked for.
        memory: Bytes,
        /// The largest specification.
        most: EciSpec,
    },
    /// The instance is larger than what every account may have.
    #[error(
        "ACS gives {0} on approval only, as everything above 16 vCPU or 128 GiB: ask for less, or say that you have it \
         (spec.acs.largeSpecs: true)"
    )]
    NeedsApproval(EciSpec),
    /// The annotation names less than the containers request.
    #[error("{REQUIRED_SPEC} is {required}, less than the {requested} that the containers request")]
    LessThanRequested {
        /// What it names.
        required: EciSpec,
        /// What they request.
        requested: EciSpec,
    },
}

/// The instance that a pod with these containers becomes, and whether it is more than was asked for. `approved` says
/// whether the account may have large ones.
pub fn acs_spec(
    containers: &[ContainerResources],
    wish: Wish,
    approved: bool,
) -> Result<(AcsSpec, bool), AcsError> {
    let wanted = wanted(containers, wish.required)?;
    let size = round_up(wanted)?;
    if !approved && (size.cpu > MOST_CPU || size.memory > MOST_MEMORY) {
        return Err(AcsError::NeedsApproval(size));
    }
    Ok((AcsSpec { class: wish.class, qos: wish.qos, size }, size != wanted))
}

/// What is asked for: what the annotation says, or the larger of requests and limits, resource by resource.
fn wanted(containers: &[ContainerResources], required: Option<EciSpec>) -> Result<EciSpec, AcsError> {
    let requests = size(pod_need(containers, ContainerResources::requests));
    let limits = size(pod_need(containers, ContainerResources::limits));
    if let Some(required) = required {
        return if required.cpu < requests.cpu || required.memory < requests.memory {
            Err(AcsError::LessThanRequested { required, requested: requests })
        } else {
            Ok(required)
        };
    }
    let (cpu, memory) = (requests.cpu.max(limits.cpu), requests.memory.max(limits.memory));
    let is_nothing = cpu == MilliCpu::ZERO && memory == Bytes::ZERO;
    // ACS' default is ECI's.
    Ok(if is_nothing { EciSpec::DEFAULT } else { EciSpec { cpu, memory } })
}

fn size(need: Need) -> EciSpec {
    EciSpec { cpu: need.cpu, memory: need.memory }
}

/// The specification with the fewest vCPUs, then the least memory, that has room for `wanted`.
fn round_up(wanted: EciSpec) -> Result<EciSpec, AcsError> {
    let EciSpec { cpu, memory } = wanted;
    let mut most = EciSpec { cpu: MilliCpu::ZERO, memory: Bytes::ZERO };
    acs_sizes()
        .inspect(|size| most = *size)
        .find(|size| size.cpu >= cpu && size.memory >= memory)
        .ok_or(AcsError::TooLarge { cpu, memory, most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::{ContainerKind, billed_spec};

    const MAIN: ContainerKind = ContainerKind::Main;

    /// A container with requests and limits, each in thousandths of a vCPU and MiB.
    fn container(requests: (i64, i64), limits: (i64, i64)) -> ContainerResources {
        let cpu = |milli| (milli > 0).then_some(MilliCpu(milli));
        let memory = |mib| (mib > 0).then_some(Bytes::from_mib(mib));
        ContainerResources {
            cpu_request: cpu(requests.0),
            memory_request: memory(requests.1),
            cpu_limit: cpu(limits.0),
            memory_limit: memory(limits.1),
            ..ContainerResources::none(MAIN)
        }
    }

    fn of(containers: &[ContainerResources], required: Option<&str>) -> Result<String, String> {
        let wish = Wish { required: required.map(|text| text.parse().unwrap()), ..Wish::default() };
        let spec = acs_spec(containers, wish, false).map_err(|error| error.to_string())?;
        Ok(spec.0.size.to_string())
    }

    #[track_caller]
    fn check(containers: &[ContainerResources], expected: &str) {
        assert_eq!(of(containers, None).as_deref(), Ok(expected));
    }

    /// Source: "ACS pod overview": the larger cumulative value; nothing is 2 vCPU and 4 GiB.
    /// rule: acs-billed-resources
    #[test]
    fn of_each_resource_the_larger_sum_counts() {
        check(&[], "2-4Gi");
        check(&[ContainerResources::none(MAIN)], "2-4Gi");
        check(&[container((1000, 2048), (0, 0))], "1-2Gi");
        check(&[container((100, 100), (1000, 2048))], "1-2Gi");
        // Sums are compared, not containers: 2.5 vCPU are requested, 2 are the limits' sum.
        check(&[container((2000, 1024), (0, 0)), container((500, 1024), (2000, 4096))], "2.5-4Gi");
    }

    /// Source: "ACS pod overview", its example: 2 vCPU and 3.5 GiB become 2 vCPU and 4 GiB.
    /// rule: acs-spec-rounding
    #[test]
    fn what_is_not_on_offer_is_rounded_up() {
        check(&[container((2000, 3584), (0, 0))], "2-4Gi");
        check(&[container((2000, 4096), (0, 0))], "2-4Gi");
        check(&[container((100, 100), (0, 0))], "0.25-0.5Gi");
        check(&[container((250, 1025), (0, 0))], "0.25-2Gi");
        check(&[container((250, 2049), (0, 0))], "0.5-3Gi");
        check(&[container((501, 100), (0, 0))], "1-1Gi");
        check(&[container((1001, 100), (0, 0))], "1.5-2Gi");
        check(&[container((1000, 8193), (0, 0))], "1.5-9Gi");
        check(&[container((16_000, 131_072), (0, 0))], "16-128Gi");
    }

    /// The pod of "Use SidecarSet on virtual nodes", alone and with a sidecar of 0.5 vCPU and 256 MiB, beside what ECI
    /// makes of it.
    /// rule: acs-spec-rounding
    #[test]
    fn the_documents_nginx_is_smaller_than_on_eci() {
        let nginx = container((100, 100), (1000, 200));
        let filebeat = container((0, 0), (500, 256));
        let eci = |containers: &[_]| billed_spec(containers, None, "cn-hangzhou").unwrap()[0].to_string();
        check(&[nginx], "1-1Gi");
        assert_eq!(eci(&[nginx]), "1-2Gi");
        check(&[nginx, filebeat], "1.5-2Gi");
        assert_eq!(eci(&[nginx, filebeat]), "2-1Gi");
    }

    /// rule: acs-ignored-containers
    #[test]
    fn an_ignored_container_adds_nothing() {
        let sidecar = ContainerResources { ignored: true, ..container((0, 0), (500, 256)) };
        check(&[container((0, 0), (1000, 200)), sidecar], "1-1Gi");
        check(&[sidecar], "2-4Gi");
    }

    /// Source: "ACS pod overview", rules 1 to 4 of the annotation and its example.
    /// rule: acs-required-spec
    #[test]
    fn the_annotation_names_the_size() {
        let burstable = container((1000, 2048), (2000, 3584));
        assert_eq!(of(&[burstable], Some("2-4Gi")).as_deref(), Ok("2-4Gi"));
        assert_eq!(of(&[burstable], Some("1-3Gi")).as_deref(), Ok("1-3Gi"));
        assert_eq!(of(&[ContainerResources::none(MAIN)], Some("0.5-1Gi")).as_deref(), Ok("0.5-1Gi"));
        assert_eq!(of(&[], Some("1.2-2.5Gi")).as_deref(), Ok("1.5-3Gi"));
        assert_eq!(
            of(&[burstable], Some("1-1Gi")).unwrap_err(),
            "alibabacloud.com/pod-required-spec is 1-1Gi, less than the 1-2Gi that the containers request"
        );
    }

    /// rule: acs-approval
    #[test]
    fn large_instances_need_approval() {
        let large = container((16_001, 1024), (0, 0));
        let refused = of(&[large], None).unwrap_err();
        assert!(refused.starts_with("ACS gives 24-24Gi on approval only"), "{refused}");
        let spec = acs_spec(&[large], Wish::default(), true).unwrap();
        assert_eq!((spec.0.size.to_string().as_str(), spec.1), ("24-24Gi", true));
        // As much memory as 16 vCPU have, and no more.
        assert!(of(&[container((1000, 131_073), (0, 0))], None).is_err());
        assert_eq!(
            acs_spec(&[container((64_001, 1024), (0, 0))], Wish::default(), true).unwrap_err().to_string(),
            "no ACS specification has 64001m vCPU and 1Gi of memory: ask for less (at most 64-512Gi)"
        );
    }

    #[test]
    fn an_instance_prints_with_what_is_not_usual_about_it() {
        let print = |class, qos| AcsSpec { class, qos, size: EciSpec::DEFAULT }.to_string();
        assert_eq!(print(ComputeClass::GeneralPurpose, ComputeQos::Default), "acs 2-4Gi");
        assert_eq!(print(ComputeClass::Performance, ComputeQos::Default), "acs 2-4Gi performance");
        assert_eq!(print(ComputeClass::GeneralPurpose, ComputeQos::BestEffort), "acs 2-4Gi best-effort");
        assert_eq!(
            print(ComputeClass::Performance, ComputeQos::BestEffort),
            "acs 2-4Gi performance best-effort"
        );
    }
}
