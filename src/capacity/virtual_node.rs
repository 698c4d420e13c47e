//! What a virtual node looks like to Kubernetes.
//!
//! Names, the type label and the taint: ACK, "Schedule pods to elastic container instances through virtual nodes".

use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, MilliCpu};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "virtual-node-labels",
        statement: "A virtual node stands for one zone, has the label type=virtual-kubelet and the taint \
                    virtual-kubelet.io/provider=alibabacloud:NoSchedule, and carries the labels of its zone \
                    and region.",
        source: "ACK, \"Schedule pods to elastic container instances through virtual nodes\"; zone and \
                 region labels are inferred",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "virtual-node-capacity",
        statement: "A virtual node advertises 5000 vCPU, 20 TiB, 5000 pods unless the scenario says \
                    otherwise.",
        source: "not published; the open-source provider advertises 1000 vCPU, 4 TiB, 1000 pods",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "virtual-node-fixed",
        statement: "Labels, annotations and taints of a virtual node cannot be changed by its users.",
        source: "ACK, \"Virtual nodes\"",
        confidence: Confidence::Documented,
    },
];

pub use crate::object::taint::VIRTUAL_NODE_TAINT_KEY as TAINT_KEY;
/// Value of that taint.
pub const TAINT_VALUE: &str = "alibabacloud";
/// Effect of that taint.
pub const TAINT_EFFECT: &str = "NoSchedule";

/// The label by which pods select virtual nodes, and its value.
pub const TYPE_LABEL: (&str, &str) = ("type", "virtual-kubelet");

/// What a virtual node advertises as capacity and as allocatable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VirtualCapacity {
    /// Processors.
    pub cpu: MilliCpu,
    /// Memory.
    pub memory: Bytes,
    /// Ephemeral storage.
    pub ephemeral_storage: Bytes,
    /// Pods.
    pub pods: u32,
}

impl Default for VirtualCapacity {
    /// 5000 vCPU, 20 TiB, 100 TiB of disk, 5000 pods (estimate: ACK does not publish what its virtual nodes advertise;
    /// the open-source provider's own default is 1000 vCPU, 4 Ti, 1000 pods).
    fn default() -> Self {
        Self {
            cpu: MilliCpu::from_cores(5000),
            memory: Bytes::from_gib(20 << 10),
            ephemeral_storage: Bytes::from_gib(100 << 10),
            pods: 5000,
        }
    }
}

/// The name of the virtual node of `zone`; there is one per zone with a vSwitch.
pub fn name(zone: &str) -> String {
    format!("virtual-kubelet-{zone}")
}

/// The region that `zone` lies in: its name without the last letter, as in `cn-hangzhou-j` and `ap-southeast-1a`.
pub fn region_of(zone: &str) -> &str {
    let without_letter = zone.strip_suffix(|last: char| last.is_ascii_lowercase()).unwrap_or(zone);
    match without_letter.strip_suffix('-') {
        Some(region) => region,
        None if without_letter.ends_with(|last: char| last.is_ascii_digit()) => without_letter,
        None => zone,
    }
}

/// The labels of the virtual node of `zone`, sorted by key. The type and role labels are documented or observed, the
/// others inferred from what virtual-kubelet and the cloud provider set (estimate).
pub fn labels(zone: &str) -> Vec<(&'static str, String)> {
    let (type_key, type_value) = TYPE_LABEL;
    vec![
        ("beta.kubernetes.io/os", "linux".to_owned()),
        ("kubernetes.io/arch", "amd64".to_owned()),
        ("kubernetes.io/hostname", name(zone)),
        ("kubernetes.io/os", "linux".to_owned()),
        ("kubernetes.io/role", "agent".to_owned()),
        ("topology.kubernetes.io/region", region_of(zone).to_owned()),
        ("topology.kubernetes.io/zone", zone.to_owned()),
        (type_key, type_value.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_the_zone_without_its_letter() {
        for (zone, region) in [
            ("cn-hangzhou-j", "cn-hangzhou"),
            ("cn-beijing-i", "cn-beijing"),
            ("ap-southeast-1a", "ap-southeast-1"),
            ("eu-central-1b", "eu-central-1"),
            ("zone", "zone"),
        ] {
            assert_eq!(region_of(zone), region, "{zone}");
        }
    }

    /// rule: virtual-node-labels
    #[test]
    fn labels_name_the_node_its_zone_and_its_type() {
        let labels = labels("cn-hangzhou-j");
        let value = |key| &labels.iter().find(|(known, _)| *known == key).unwrap().1;
        assert_eq!(value("kubernetes.io/hostname"), "virtual-kubelet-cn-hangzhou-j");
        assert_eq!(value("topology.kubernetes.io/region"), "cn-hangzhou");
        assert_eq!(value("type"), "virtual-kubelet");
        assert!(labels.is_sorted());
        let taint = format!("{TAINT_KEY}={TAINT_VALUE}:{TAINT_EFFECT}");
        assert_eq!(taint, "virtual-kubelet.io/provider=alibabacloud:NoSchedule", "as kubectl prints it");
    }

    /// rule: virtual-node-capacity
    #[test]
    fn default_capacity_prints_as_it_would_in_a_manifest() {
        let capacity = VirtualCapacity::default();
        assert_eq!(capacity.memory.to_string(), "20Ti");
        assert_eq!(capacity.ephemeral_storage.to_string(), "100Ti");
    }
}
