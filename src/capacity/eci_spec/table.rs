//! The vCPU and memory combinations that ECI offers, as its documentation lists them.

use super::Regions;

/// The combinations of one number of vCPUs that share regions and bandwidth.
pub(super) struct Row {
    /// Thousandths of a vCPU.
    pub(super) milli_cpu: i64,
    /// The memory sizes on offer.
    pub(super) memory: Memory,
    /// Network bandwidth, in and out together, in Mbit/s.
    pub(super) bandwidth_mbit: u32,
    /// Where the row is offered.
    pub(super) regions: Regions,
}

/// Memory sizes in the unit in which the documentation lists them.
pub(super) enum Memory {
    /// Half gibibytes, for the smallest row.
    HalfGib(&'static [i64]),
    /// Gibibytes.
    Gib(&'static [i64]),
}

impl Memory {
    /// The sizes in MiB.
    pub(super) fn mib(&self) -> impl Iterator<Item = i64> {
        let (sizes, unit) = match self {
            Self::HalfGib(sizes) => (*sizes, 512),
            Self::Gib(sizes) => (*sizes, 1024),
        };
        sizes.iter().map(move |size| size * unit)
    }
}

const fn everywhere(milli_cpu: i64, memory: Memory, bandwidth_mbit: u32) -> Row {
    Row { milli_cpu, memory, bandwidth_mbit, regions: Regions::All }
}

const fn named(milli_cpu: i64, gib: &'static [i64], bandwidth_mbit: u32) -> Row {
    Row { milli_cpu, memory: Memory::Gib(gib), bandwidth_mbit, regions: Regions::Named }
}

/// Source: "ECI Pod overview", section on supported vCPU and memory specifications
/// (help.aliyun.com/document_detail/114662.html).
pub(super) const ROWS: &[Row] = &[
    everywhere(250, Memory::HalfGib(&[1, 2]), 80),
    everywhere(500, Memory::Gib(&[1, 2]), 80),
    everywhere(1_000, Memory::Gib(&[2, 4, 8]), 100),
    everywhere(2_000, Memory::Gib(&[1, 2, 4, 8, 16]), 1_000),
    named(2_000, &[6, 10, 12, 14], 1_000),
    everywhere(4_000, Memory::Gib(&[2, 4, 8, 16, 32]), 1_500),
    named(4_000, &[6, 10, 12, 14, 18, 20, 22, 24, 26, 28, 30], 1_500),
    named(
        6_000,
        &[6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48],
        1_500,
    ),
    everywhere(8_000, Memory::Gib(&[4, 8, 16, 32, 64]), 2_000),
    named(
        8_000,
        &[10, 12, 14, 18, 20, 22, 24, 26, 28, 30, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62],
        2_500,
    ),
    everywhere(12_000, Memory::Gib(&[12, 24, 48, 96]), 2_500),
    everywhere(16_000, Memory::Gib(&[16, 32, 64, 128]), 3_000),
    everywhere(24_000, Memory::Gib(&[24, 48, 96, 192]), 4_500),
    everywhere(32_000, Memory::Gib(&[32, 64, 128, 256]), 6_000),
    everywhere(52_000, Memory::Gib(&[96, 192, 384]), 12_500),
    everywhere(64_000, Memory::Gib(&[128, 256, 512]), 20_000),
];

/// The regions that offer the rows of [`Regions::Named`]: Hangzhou, Shanghai, Qingdao, Beijing, Zhangjiakou, Hohhot,
/// Ulanqab, Shenzhen, Heyuan, Guangzhou, Chengdu and Singapore. Same source as [`ROWS`].
pub(super) const NAMED_REGIONS: [&str; 12] = [
    "cn-hangzhou",
    "cn-shanghai",
    "cn-qingdao",
    "cn-beijing",
    "cn-zhangjiakou",
    "cn-huhehaote",
    "cn-wulanchabu",
    "cn-shenzhen",
    "cn-heyuan",
    "cn-guangzhou",
    "cn-chengdu",
    "ap-southeast-1",
];
