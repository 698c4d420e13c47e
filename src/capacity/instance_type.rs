//! ECS instance types: their size, and how many pod addresses their network interfaces carry.

use overspill_manifest::did_you_mean;

use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, MilliCpu};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "terway-max-pods",
    statement: "With Terway in shared-ENI mode a node takes the addresses of all its network interfaces \
                but the first as pods, and three pods of the host network.",
    source: "ACK, \"Work with Terway\"",
    confidence: Confidence::Documented,
}];

/// An ECS instance type.
#[derive(Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// Its name, such as `ecs.c7.xlarge`.
    pub name: &'static str,
    /// Processors.
    pub cpu: MilliCpu,
    /// Nominal memory, more than the machine's kernel shows.
    pub memory: Bytes,
    /// Elastic network interfaces, the primary one included.
    pub enis: u32,
    /// Private IPv4 addresses per network interface.
    pub ips_per_eni: u32,
    /// Where the figures come from.
    pub source: &'static str,
    /// What they rest on.
    pub confidence: Confidence,
}

/// The pods of the host network that Terway adds to those with addresses of their own.
const HOST_NETWORK_PODS: u32 = 3;

impl InstanceType {
    /// The most pods of a node with Terway in shared-ENI mode: the addresses of all interfaces but the primary, and
    /// three pods of the host network. Source: ACK, "Work with Terway", maximum number of pods on a node.
    pub const fn terway_max_pods(&self) -> u32 {
        (self.enis - 1) * self.ips_per_eni + HOST_NETWORK_PODS
    }
}

const COMPUTE: &str = "ECS instance families, compute-optimized (AlibabaCloudDocs/ecs)";
const GENERAL: &str = "ECS instance families, general purpose (AlibabaCloudDocs/ecs)";

const fn documented(
    name: &'static str,
    cores: i64,
    gib: i64,
    (enis, ips_per_eni): (u32, u32),
    source: &'static str,
) -> InstanceType {
    InstanceType {
        name,
        cpu: MilliCpu::from_cores(cores),
        memory: Bytes::from_gib(gib),
        enis,
        ips_per_eni,
        source,
        confidence: Confidence::Documented,
    }
}

/// The instance types that pools may be made of.
pub const INSTANCE_TYPES: &[InstanceType] = &[
    documented("ecs.c6.large", 2, 4, (2, 6), COMPUTE),
    documented("ecs.c6.xlarge", 4, 8, (3, 10), COMPUTE),
    documented("ecs.c6.2xlarge", 8, 16, (4, 10), COMPUTE),
    documented("ecs.c6.4xlarge", 16, 32, (8, 20), COMPUTE),
    documented("ecs.g6.large", 2, 8, (2, 6), GENERAL),
    documented("ecs.g6.xlarge", 4, 16, (3, 10), GENERAL),
    documented("ecs.g6.2xlarge", 8, 32, (4, 10), GENERAL),
    documented("ecs.g6.4xlarge", 16, 64, (8, 20), GENERAL),
    documented("ecs.c7.large", 2, 4, (3, 6), COMPUTE),
    documented("ecs.c7.xlarge", 4, 8, (4, 15), COMPUTE),
    documented("ecs.c7.2xlarge", 8, 16, (4, 15), COMPUTE),
    documented("ecs.c7.4xlarge", 16, 32, (8, 30), COMPUTE),
    documented("ecs.g7.large", 2, 8, (3, 6), GENERAL),
    documented("ecs.g7.xlarge", 4, 16, (4, 15), GENERAL),
    documented("ecs.g7.2xlarge", 8, 32, (4, 15), GENERAL),
    documented("ecs.g7.4xlarge", 16, 64, (8, 30), GENERAL),
];

/// A name that is no instance type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown ECS instance type {name:?}{}", help.as_ref().map(|help| format!(": {help}")).unwrap_or_default())]
pub struct UnknownInstanceType {
    /// The name.
    pub name: String,
    /// What may have been meant.
    pub help: Option<String>,
}

/// The instance type called `name`.
pub fn instance_type(name: &str) -> Result<&'static InstanceType, UnknownInstanceType> {
    INSTANCE_TYPES.iter().find(|known| known.name == name).ok_or_else(|| UnknownInstanceType {
        name: name.to_owned(),
        help: did_you_mean(name, "instance types", INSTANCE_TYPES.iter().map(|known| known.name)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_from_the_name() {
        for known in INSTANCE_TYPES {
            let (family, size) = known.name["ecs.".len()..].split_once('.').unwrap();
            let cores = match size {
                "large" => 2,
                "xlarge" => 4,
                "2xlarge" => 8,
                "4xlarge" => 16,
                _ => panic!("{size}"),
            };
            let gib_per_core = if family.starts_with('c') { 2 } else { 4 };
            assert_eq!(known.cpu, MilliCpu::from_cores(cores), "{}", known.name);
            assert_eq!(known.memory, Bytes::from_gib(cores * gib_per_core), "{}", known.name);
        }
        assert_eq!(INSTANCE_TYPES.len(), 16);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        assert_eq!(instance_type("ecs.c7.2xlarge").unwrap().enis, 4);
        let error = instance_type("ecs.c7.3xlarge").unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown ECS instance type \"ecs.c7.3xlarge\": did you mean `ecs.c7.2xlarge` or `ecs.c7.4xlarge` or \
             `ecs.c7.xlarge`?"
        );
        let error = instance_type("m5.large").unwrap_err().to_string();
        assert!(
            error.starts_with("unknown ECS instance type \"m5.large\": known instance types: ecs.c6.large,")
        );
    }
}
