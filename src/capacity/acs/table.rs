//! The vCPU and memory combinations that ACS offers, as its documentation lists them.

use crate::capacity::EciSpec;
use crate::units::{Bytes, MilliCpu};

/// The combinations of one number of vCPUs.
struct Row {
    /// Thousandths of a vCPU.
    milli_cpu: i64,
    memory: Memory,
}

/// Memory sizes in the way in which the documentation lists them.
enum Memory {
    /// Half gibibytes, for the smallest row.
    HalfGib(&'static [i64]),
    /// Gibibytes.
    Gib(&'static [i64]),
    /// Every whole number of gibibytes from the first to the second.
    Steps(i64, i64),
}

impl Memory {
    /// The sizes in MiB.
    fn mib(&self) -> Vec<i64> {
        match *self {
            Self::HalfGib(sizes) => sizes.iter().map(|size| size * 512).collect(),
            Self::Gib(sizes) => sizes.iter().map(|size| size * 1024).collect(),
            Self::Steps(from, to) => (from..=to).map(|size| size * 1024).collect(),
        }
    }
}

const fn row(milli_cpu: i64, memory: Memory) -> Row {
    Row { milli_cpu, memory }
}

const fn steps(milli_cpu: i64, from: i64, to: i64) -> Row {
    row(milli_cpu, Memory::Steps(from, to))
}

/// Source: "ACS pod overview", resource specifications of general computing types. Performance has the same sizes and
/// more bandwidth.
const ROWS: &[Row] = &[
    row(250, Memory::HalfGib(&[1, 2, 4])),
    steps(500, 1, 4),
    steps(1_000, 1, 8),
    steps(1_500, 2, 12),
    steps(2_000, 2, 16),
    steps(2_500, 3, 20),
    steps(3_000, 3, 24),
    steps(3_500, 4, 28),
    steps(4_000, 4, 32),
    steps(4_500, 5, 36),
    steps(5_000, 5, 40),
    steps(5_500, 6, 44),
    steps(6_000, 6, 48),
    steps(6_500, 7, 52),
    steps(7_000, 7, 56),
    steps(7_500, 8, 60),
    steps(8_000, 8, 64),
    steps(8_500, 9, 68),
    steps(9_000, 9, 72),
    steps(9_500, 10, 76),
    steps(10_000, 10, 80),
    steps(10_500, 11, 84),
    steps(11_000, 11, 88),
    steps(11_500, 12, 92),
    steps(12_000, 12, 96),
    steps(12_500, 13, 100),
    steps(13_000, 13, 104),
    steps(13_500, 14, 108),
    steps(14_000, 14, 112),
    steps(14_500, 15, 116),
    steps(15_000, 15, 120),
    steps(15_500, 16, 124),
    steps(16_000, 16, 128),
    row(24_000, Memory::Gib(&[24, 48, 96, 192])),
    row(32_000, Memory::Gib(&[32, 64, 128, 256])),
    row(48_000, Memory::Gib(&[48, 96, 192, 384])),
    row(64_000, Memory::Gib(&[64, 128, 256, 512])),
];

/// Every size that ACS offers to CPU pods, in order of vCPUs and then of memory.
pub fn acs_sizes() -> impl Iterator<Item = EciSpec> {
    ROWS.iter().flat_map(|row| {
        let size = |mib| EciSpec { cpu: MilliCpu(row.milli_cpu), memory: Bytes::from_mib(mib) };
        row.memory.mib().into_iter().map(size)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: "ACS pod overview": vCPU and memory in GiB.
    const DOCUMENTED: &str = "0.25: 0.5 1 2 | 0.5: 1 2 3 4 | 24: 24 48 96 192 | 32: 32 64 128 256 | \
                              48: 48 96 192 384 | 64: 64 128 256 512";

    /// Every half vCPU from 1 to 16 has memory from as many GiB, rounded up, to eight times as many.
    fn documented() -> Vec<String> {
        let mut sizes = Vec::new();
        for row in DOCUMENTED.split('|') {
            let (cpu, memory) = row.split_once(':').unwrap();
            sizes.extend(memory.split_whitespace().map(|gib| format!("{}-{gib}Gi", cpu.trim())));
        }
        for halves in 2_i64..=32 {
            let cpu = halves as f64 / 2.0;
            sizes.extend(((halves + 1) / 2..=halves * 4).map(|gib| format!("{cpu}-{gib}Gi")));
        }
        sizes.sort();
        sizes
    }

    /// rule: acs-specs
    #[test]
    fn the_sizes_are_those_of_the_documentation() {
        let mut sizes: Vec<_> = acs_sizes().map(|size| size.to_string()).collect();
        assert_eq!(sizes.len(), 1891);
        sizes.sort();
        assert_eq!(sizes, documented());
    }

    #[test]
    fn sizes_come_in_order() {
        assert!(acs_sizes().zip(acs_sizes().skip(1)).all(|(one, next)| one < next));
    }
}
