//! What ACK leaves for pods of a node: capacity less what the system keeps and the eviction threshold.
//!
//! Source: ACK, "Resource reservation policy"; the eviction threshold from ACK's page on kubelet parameters. Rounding
//! of memory to whole MiB follows from the documentation's sample node, 7925980Ki → 5824732Ki.

use super::instance_type::InstanceType;
use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, MilliCpu};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "node-reservation",
        statement: "Of a node's cpu ACK keeps 6 % of the first core, 1 % of the second, 0.5 % of two more \
                    and 0.25 % of the rest; of its memory 11 MiB for each pod and 255 MiB, a quarter at \
                    most, and 300 MiB as eviction threshold (other brackets before Kubernetes 1.28).",
        source: "ACK, \"Resource reservation policy\"",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "node-memory-capacity",
        statement: "A machine shows 95.5 % of its nominal memory as capacity.",
        source: "sample nodes of ACK's documentation show 3 to 6 per cent less than nominal",
        confidence: Confidence::Estimate,
    },
];

/// The share of its nominal memory that a machine's kernel shows, in thousandths (estimate: documentation samples of
/// 8 GiB machines show 7660952 kB and 7925980 Ki, 3 to 6 per cent less).
pub const MEMORY_CAPACITY_PERMILLE: u32 = 955;

/// kubelet's hard eviction threshold of `memory.available`.
const EVICTION_THRESHOLD: Bytes = Bytes::from_mib(300);

/// The formulas of one range of Kubernetes versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReservationRule {
    /// Kubernetes 1.20 to 1.27.
    From1_20To1_27,
    /// Kubernetes 1.28 and later.
    #[default]
    Since1_28,
}

impl ReservationRule {
    /// The rule of Kubernetes 1.`minor`; `None` before 1.20, which has none documented.
    pub const fn for_minor_version(minor: u32) -> Option<Self> {
        match minor {
            0..20 => None,
            20..28 => Some(Self::From1_20To1_27),
            _ => Some(Self::Since1_28),
        }
    }

    /// The cpu that the system keeps of `capacity`, rounded up to a thousandth of a core.
    pub fn reserved_cpu(self, capacity: MilliCpu) -> MilliCpu {
        let ten_thousandths = match self {
            Self::Since1_28 => {
                let brackets = [(1_000, 600), (1_000, 100), (2_000, 50), (i64::MAX, 25)];
                bracketed(capacity.0, &brackets)
            }
            // A flat tenth of a core for the first four.
            Self::From1_20To1_27 => {
                let brackets = [(60_000, 250), (64_000, 125), (i64::MAX, 50)];
                1_000_000 + bracketed(capacity.0 - 4_000, &brackets)
            }
        };
        MilliCpu(ten_thousandths.div_euclid(10_000) + i64::from(ten_thousandths % 10_000 != 0))
    }

    /// The memory that the system keeps of `capacity` on a node of up to `max_pods` pods, in whole MiB.
    pub fn reserved_memory(self, capacity: Bytes, max_pods: u32) -> Bytes {
        let per_pod = Bytes::from_mib(11 * i64::from(max_pods) + 255);
        let reserved = match self {
            Self::Since1_28 => per_pod.min(Bytes(capacity.0 / 4)),
            Self::From1_20To1_27 => {
                let gib = |gib| Bytes::from_gib(gib).0;
                let brackets = [(gib(4), 25), (gib(4), 20), (gib(8), 10), (gib(112), 6), (i64::MAX, 2)];
                Bytes(bracketed(capacity.0, &brackets) / 100)
            }
        };
        Bytes::from_mib(reserved.0 >> 20)
    }

    /// What is left of `capacity` for the pods of a node of up to `max_pods`.
    pub fn allocatable_memory(self, capacity: Bytes, max_pods: u32) -> Bytes {
        let kept = self.reserved_memory(capacity, max_pods) + EVICTION_THRESHOLD;
        (capacity - kept).max(Bytes::ZERO)
    }
}

/// Σ over the brackets of what of `amount` falls into each times its rate, as income tax is reckoned.
fn bracketed(amount: i64, brackets: &[(i64, i64)]) -> i64 {
    let mut rest = amount.max(0);
    let mut sum = 0;
    for (width, rate) in brackets {
        let inside = rest.min(*width);
        sum += inside * rate;
        rest -= inside;
    }
    sum
}

/// How ACK turns a machine into a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The formulas in force.
    pub rule: ReservationRule,
    /// The share of nominal memory that is there at all, in thousandths.
    pub memory_capacity_permille: u32,
}

impl Default for Reservation {
    fn default() -> Self {
        Self { rule: ReservationRule::default(), memory_capacity_permille: MEMORY_CAPACITY_PERMILLE }
    }
}

/// What a node reports, as `status.capacity` and `status.allocatable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeSize {
    /// All processors.
    pub cpu_capacity: MilliCpu,
    /// All memory.
    pub memory_capacity: Bytes,
    /// Processors that pods may request.
    pub cpu_allocatable: MilliCpu,
    /// Memory that pods may request.
    pub memory_allocatable: Bytes,
    /// Pods, both capacity and allocatable.
    pub pods: u32,
}

impl Reservation {
    /// The node that a machine of `instance_type` becomes when it may run `max_pods` pods: with Terway
    /// [`InstanceType::terway_max_pods`], with Flannel what was chosen when the cluster was created.
    pub fn node_size(&self, instance_type: &InstanceType, max_pods: u32) -> NodeSize {
        let permille = i128::from(self.memory_capacity_permille);
        // kubelet reports memory in whole KiB.
        let kib = i128::from(instance_type.memory.0) * permille / (1000 << 10);
        let memory_capacity = Bytes((kib as i64) << 10);
        NodeSize {
            cpu_capacity: instance_type.cpu,
            memory_capacity,
            cpu_allocatable: instance_type.cpu - self.rule.reserved_cpu(instance_type.cpu),
            memory_allocatable: self.rule.allocatable_memory(memory_capacity, max_pods),
            pods: max_pods,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::{INSTANCE_TYPES, instance_type};

    /// One row: type, most pods, allocatable cpu, reserved MiB, allocatable MiB of nominal and of 0.955 of it.
    ///
    /// Rows of c7: ACK "Resource reservation policy", its own example table; the others by its formulas.
    #[rustfmt::skip]
    const TABLE: [(&str, u32, i64, i64, i64, i64); 16] = [
        ("ecs.c6.large",     9,  1_930,   354,  3_442,  3_258),
        ("ecs.c6.xlarge",   23,  3_920,   508,  7_384,  7_015),
        ("ecs.c6.2xlarge",  33,  7_910,   618, 15_466, 14_729),
        ("ecs.c6.4xlarge", 143, 15_890, 1_828, 30_640, 29_165),
        ("ecs.g6.large",     9,  1_930,   354,  7_538,  7_169),
        ("ecs.g6.xlarge",   23,  3_920,   508, 15_576, 14_839),
        ("ecs.g6.2xlarge",  33,  7_910,   618, 31_850, 30_375),
        ("ecs.g6.4xlarge", 143, 15_890, 1_828, 63_408, 60_459),
        ("ecs.c7.large",    15,  1_930,   420,  3_376,  3_192),
        ("ecs.c7.xlarge",   48,  3_920,   783,  7_109,  6_740),
        ("ecs.c7.2xlarge",  48,  7_910,   783, 15_301, 14_564),
        ("ecs.c7.4xlarge", 213, 15_890, 2_598, 29_870, 28_395),
        ("ecs.g7.large",    15,  1_930,   420,  7_472,  7_103),
        ("ecs.g7.xlarge",   48,  3_920,   783, 15_301, 14_564),
        ("ecs.g7.2xlarge",  48,  7_910,   783, 31_685, 30_210),
        ("ecs.g7.4xlarge", 213, 15_890, 2_598, 62_638, 59_689),
    ];

    fn nearest_mib(bytes: Bytes) -> i64 {
        (bytes.0 + (1 << 19)) >> 20
    }

    /// rule: node-reservation
    /// rule: node-memory-capacity
    /// rule: terway-max-pods
    #[test]
    fn every_instance_type_leaves_what_the_table_says() {
        assert_eq!(
            TABLE.map(|row| row.0).as_slice(),
            INSTANCE_TYPES.iter().map(|t| t.name).collect::<Vec<_>>()
        );
        for (name, pods, cpu, reserved, nominal, shown) in TABLE {
            let machine = instance_type(name).unwrap();
            assert_eq!(machine.terway_max_pods(), pods, "{name}");
            let rule = ReservationRule::Since1_28;
            assert_eq!(rule.reserved_memory(machine.memory, pods), Bytes::from_mib(reserved), "{name}");
            let whole = Reservation { rule, memory_capacity_permille: 1000 }.node_size(machine, pods);
            assert_eq!(whole.memory_allocatable, Bytes::from_mib(nominal), "{name}");
            let usual = Reservation::default().node_size(machine, pods);
            assert_eq!(nearest_mib(usual.memory_allocatable), shown, "{name}");
            assert_eq!((usual.cpu_capacity, usual.cpu_allocatable), (machine.cpu, MilliCpu(cpu)), "{name}");
            assert_eq!(usual.pods, pods);
        }
    }

    /// Source: ACK, "Resource reservation policy", sample node of Kubernetes 1.20 to 1.27.
    /// rule: node-reservation
    #[test]
    fn the_sample_node_of_the_documentation_is_met_to_the_kibibyte() {
        let rule = ReservationRule::From1_20To1_27;
        let capacity = Bytes(7_925_980 << 10);
        assert_eq!(rule.allocatable_memory(capacity, 64), Bytes(5_824_732 << 10));
        assert_eq!(rule.reserved_memory(capacity, 64), Bytes::from_mib(1752));
    }

    #[test]
    fn reserved_cpu_by_version_and_size() {
        let reserved = |minor, cores| {
            let rule = ReservationRule::for_minor_version(minor).unwrap();
            rule.reserved_cpu(MilliCpu::from_cores(cores)).0
        };
        assert_eq!([1, 2, 4, 8, 16, 32].map(|cores| reserved(28, cores)), [60, 70, 80, 90, 110, 150]);
        assert_eq!(
            [2, 4, 32, 64, 128, 192].map(|cores| reserved(27, cores)),
            [100, 100, 800, 1600, 2400, 2720]
        );
        assert_eq!(reserved(34, 5), 83, "82.5 thousandths round up");
        assert_eq!(ReservationRule::for_minor_version(19), None);
    }

    #[test]
    fn reserved_memory_is_at_most_a_quarter_and_grows_by_brackets_before_1_28() {
        let reserved = |rule: ReservationRule, gib| rule.reserved_memory(Bytes::from_gib(gib), 213).0 >> 20;
        assert_eq!(reserved(ReservationRule::Since1_28, 4), 1024);
        assert_eq!(reserved(ReservationRule::Since1_28, 16), 2598);
        let old = ReservationRule::From1_20To1_27;
        assert_eq!([4, 8, 16, 128, 256].map(|gib| reserved(old, gib)), [1024, 1843, 2662, 9543, 12165]);
    }
}
