//! ECI instance specifications: which exist where, and which one a pod's needs are rounded up to.

mod table;

use std::fmt;
use std::str::FromStr;

use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, MilliCpu, Quantity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "eci-specs",
        statement: "ECI offers 44 combinations of vCPUs and memory in every region, and 62 more in twelve \
                    named ones, where no spot instance has them.",
        source: "ECI, \"ECI Pod overview\" (help.aliyun.com/document_detail/114662.html)",
        confidence: Confidence::Documented,
    },
    Rule {
        id: "eci-spec-rounding",
        statement: "What a pod needs is rounded up to the combination on offer with the fewest vCPUs, then \
                    the least memory.",
        source: "ECI, \"Specify the compute specification of an elastic container instance\" \
                 (help.aliyun.com/document_detail/451261.htm); it says \"nearest\", the order is an estimate \
                 that meets all its examples",
        confidence: Confidence::Documented,
    },
];

/// The size of an ECI instance; prints as ECI writes it, `2-4Gi` or `0.25-0.5Gi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EciSpec {
    /// Processors.
    pub cpu: MilliCpu,
    /// Memory.
    pub memory: Bytes,
}

/// Where a combination is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Regions {
    /// In every region that has ECI; usable for spot instances too.
    All,
    /// In a list of named regions only, and never for spot instances.
    Named,
}

/// One combination on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Offer {
    /// Its size.
    pub spec: EciSpec,
    /// Its network bandwidth, in and out together, in Mbit/s.
    pub bandwidth_mbit: u32,
    /// Where it is offered.
    pub regions: Regions,
}

impl Offer {
    /// Whether spot instances may have this size.
    pub fn allows_spot(self) -> bool {
        self.regions == Regions::All
    }
}

/// Why there is no specification.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EciSpecError {
    /// The text is not written as a specification.
    #[error("{0:?} is not an ECI specification: write vCPUs and memory like 2-4Gi or 0.5-1Gi")]
    Syntax(String),
    /// No combination is large enough.
    #[error(
        "no ECI specification of region {region} has {cpu} vCPU and {memory} of memory: \
         ask for less (at most {most})"
    )]
    TooLarge {
        /// Processors asked for.
        cpu: MilliCpu,
        /// Memory asked for.
        memory: Bytes,
        /// The region.
        region: String,
        /// The largest combination that could have been had.
        most: EciSpec,
    },
}

impl EciSpec {
    /// What a pod without any resources becomes. Source: "Specify the compute specification of an elastic container
    /// instance" (help.aliyun.com/document_detail/451261.htm).
    pub const DEFAULT: Self = Self { cpu: MilliCpu::from_cores(2), memory: Bytes::from_gib(4) };

    /// The smallest specification of `region` that has at least `cpu` and `memory`.
    ///
    /// The documentation says "nearest" without defining it; here: fewest vCPUs, then least memory. That is also the
    /// cheapest, except above 256 GiB between 33 and 52 vCPUs (estimate).
    pub fn round_up(cpu: MilliCpu, memory: Bytes, region: &str) -> Result<Self, EciSpecError> {
        Self::round_up_among(offers(region), Self { cpu, memory }, region)
    }

    /// The same, among some of the combinations of `region`.
    pub(super) fn round_up_among(
        offers: impl Iterator<Item = Offer>,
        Self { cpu, memory }: Self,
        region: &str,
    ) -> Result<Self, EciSpecError> {
        let mut most = Self { cpu: MilliCpu::ZERO, memory: Bytes::ZERO };
        offers
            .map(|offer| offer.spec)
            .inspect(|spec| most = most.max(*spec))
            .filter(|spec| spec.cpu >= cpu && spec.memory >= memory)
            .min()
            .ok_or_else(|| EciSpecError::TooLarge { cpu, memory, region: region.to_owned(), most })
    }
}

/// The combinations on offer in `region`, an identifier such as `cn-hangzhou`.
pub fn offers(region: &str) -> impl Iterator<Item = Offer> {
    let has_named = table::NAMED_REGIONS.contains(&region);
    table::ROWS.iter().filter(move |row| row.regions == Regions::All || has_named).flat_map(|row| {
        row.memory.mib().map(|mib| Offer {
            spec: EciSpec { cpu: MilliCpu(row.milli_cpu), memory: Bytes::from_mib(mib) },
            bandwidth_mbit: row.bandwidth_mbit,
            regions: row.regions,
        })
    })
}

impl FromStr for EciSpec {
    type Err = EciSpecError;

    /// Reads `2-4Gi`; the combination need not be on offer.
    fn from_str(text: &str) -> Result<Self, EciSpecError> {
        let refuse = || EciSpecError::Syntax(text.to_owned());
        let (cpu, memory) = text.split_once('-').ok_or_else(refuse)?;
        let plain = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !plain(cpu) || !memory.strip_suffix("Gi").is_some_and(plain) {
            return Err(refuse());
        }
        let quantity = |text: &str| text.parse::<Quantity>().map_err(|_| refuse());
        let (cpu, memory) = (MilliCpu(quantity(cpu)?.milli_value()), Bytes(quantity(memory)?.value()));
        if cpu == MilliCpu::ZERO || memory == Bytes::ZERO {
            return Err(refuse());
        }
        Ok(Self { cpu, memory })
    }
}

impl EciSpec {
    /// vCPUs and GiB as decimal numbers.
    fn numbers(self) -> [String; 2] {
        [decimal(i128::from(self.cpu.0), 1000), decimal(i128::from(self.memory.0), 1 << 30)]
    }

    /// As the platform writes it onto a pod: with a decimal at least, `2.0-4.0Gi`.
    pub fn annotation(self) -> String {
        let [cpu, memory] =
            self.numbers().map(|text| if text.contains('.') { text } else { format!("{text}.0") });
        format!("{cpu}-{memory}Gi")
    }
}

impl fmt::Display for EciSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [cpu, memory] = self.numbers();
        write!(f, "{cpu}-{memory}Gi")
    }
}

/// `numerator / denominator` with at most three places, rounded down; exact for everything on offer.
fn decimal(numerator: i128, denominator: i128) -> String {
    let thousandths = numerator * 1000 / denominator;
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(need: (i64, i64), region: &str, expected: &str) {
        let (milli, mib) = need;
        let spec = EciSpec::round_up(MilliCpu(milli), Bytes::from_mib(mib), region).unwrap();
        assert_eq!(spec.to_string(), expected, "{milli}m {mib}Mi in {region}");
    }

    /// rule: eci-specs
    #[test]
    fn the_table_has_44_combinations_everywhere_and_62_more_in_named_regions() {
        assert_eq!(offers("eu-central-1").count(), 44);
        assert_eq!(offers("cn-hangzhou").count(), 106);
        assert_eq!(offers("cn-hangzhou").filter(|offer| !offer.allows_spot()).count(), 62);
        let mut specs: Vec<EciSpec> = offers("cn-hangzhou").map(|offer| offer.spec).collect();
        specs.sort_unstable();
        specs.dedup();
        assert_eq!(specs.len(), 106, "no combination is listed twice");
    }

    /// Source: help.aliyun.com/document_detail/114662.html: vCPU, memory in GiB, Gbit/s; `a..b` in steps of 2. The first
    /// table is offered everywhere, the second in named regions.
    const DOCUMENTED: [&str; 2] = [
        "0.25: 0.5 1: 0.08 | 0.5: 1 2: 0.08 | 1: 2 4 8: 0.1 | 2: 1 2 4 8 16: 1 | 4: 2 4 8 16 32: 1.5 | \
         8: 4 8 16 32 64: 2 | 12: 12 24 48 96: 2.5 | 16: 16 32 64 128: 3 | 24: 24 48 96 192: 4.5 | \
         32: 32 64 128 256: 6 | 52: 96 192 384: 12.5 | 64: 128 256 512: 20",
        "2: 6 10 12 14: 1 | 4: 6 10 12 14 18 20 22 24 26 28 30: 1.5 | 6: 6..48: 1.5 | \
         8: 10..14 18..30 34..62: 2.5",
    ];

    /// The lines `2-4Gi 1000` of a documented table.
    fn documented(table: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for row in table.split('|') {
            let columns: Vec<&str> = row.split(':').map(str::trim).collect();
            let mbit = columns[2].parse::<f64>().unwrap() * 1000.0;
            for sizes in columns[1].split(' ') {
                let (from, to) = sizes.split_once("..").unwrap_or((sizes, sizes));
                if from == to {
                    lines.push(format!("{}-{from}Gi {mbit}", columns[0]));
                    continue;
                }
                let (from, to): (u32, u32) = (from.parse().unwrap(), to.parse().unwrap());
                let steps = (from..=to).step_by(2);
                lines.extend(steps.map(|gib| format!("{}-{gib}Gi {mbit}", columns[0])));
            }
        }
        lines.sort();
        lines
    }

    /// rule: eci-specs
    #[test]
    fn the_offers_are_those_of_the_documentation() {
        let offered = |regions| {
            let offers = offers("cn-hangzhou").filter(|offer| offer.regions == regions);
            let mut lines: Vec<_> =
                offers.map(|offer| format!("{} {}", offer.spec, offer.bandwidth_mbit)).collect();
            lines.sort();
            lines
        };
        assert_eq!(offered(Regions::All), documented(DOCUMENTED[0]));
        assert_eq!(offered(Regions::Named), documented(DOCUMENTED[1]));
    }

    #[test]
    fn bandwidth_is_the_tables() {
        let bandwidth = |text: &str| {
            let spec = text.parse().unwrap();
            offers("cn-beijing").find(|offer| offer.spec == spec).unwrap().bandwidth_mbit
        };
        let found = ["0.25-0.5Gi", "1-8Gi", "2-6Gi", "6-48Gi", "8-16Gi", "8-62Gi", "64-512Gi"].map(bandwidth);
        assert_eq!(found, [80, 100, 1_000, 1_500, 2_000, 2_500, 20_000]);
    }

    /// Source: help.aliyun.com/document_detail/451261.htm, the rounding examples.
    /// rule: eci-spec-rounding
    #[test]
    fn documented_examples_round_as_documented() {
        check((7_000, 13 * 1024), "cn-hangzhou", "8-14Gi");
        check((3_000, 6 * 1024), "cn-hangzhou", "4-6Gi");
        check((4_250, 8_704), "cn-hangzhou", "6-10Gi");
        check((4_000, 8 * 1024), "cn-hangzhou", "4-8Gi");
        check((2_000, 3 * 1024), "eu-central-1", "2-4Gi");
    }

    #[test]
    fn named_regions_have_finer_steps() {
        check((2_000, 5 * 1024), "ap-southeast-1", "2-6Gi");
        check((2_000, 5 * 1024), "ap-southeast-2", "2-8Gi");
        check((5_000, 1), "cn-chengdu", "6-6Gi");
        check((5_000, 1), "us-west-1", "8-4Gi");
    }

    #[test]
    fn edges_of_the_table() {
        check((0, 0), "cn-hangzhou", "0.25-0.5Gi");
        check((250, 513), "cn-hangzhou", "0.25-1Gi");
        check((251, 0), "cn-hangzhou", "0.5-1Gi");
        check((2_000, 0), "cn-hangzhou", "2-1Gi");
        check((40_000, 300 * 1024), "cn-hangzhou", "52-384Gi");
        check((64_000, 512 * 1024), "cn-hangzhou", "64-512Gi");
        for (cpu, memory) in [(64_001, 1), (1, (512 << 10) + 1)] {
            let error = EciSpec::round_up(MilliCpu(cpu), Bytes::from_mib(memory), "cn-hangzhou");
            assert!(matches!(error, Err(EciSpecError::TooLarge { .. })), "{error:?}");
        }
    }

    #[test]
    fn what_is_not_a_specification_is_refused() {
        for text in ["", "2", "2-4", "2-4G", "2-4gi", "-4Gi", "2-Gi", "2m-4Gi", "0-4Gi", "2-0Gi", "2--4Gi"] {
            assert_eq!(text.parse::<EciSpec>(), Err(EciSpecError::Syntax(text.to_owned())));
        }
    }

    #[test]
    fn every_combination_reads_as_it_prints() {
        for Offer { spec, .. } in offers("cn-hangzhou") {
            assert_eq!(spec.to_string().parse::<EciSpec>().unwrap(), spec);
        }
    }

    proptest! {
        /// What is on offer is large enough and minimal: nothing with fewer vCPUs, or as many and less memory, fits.
        #[test]
        fn rounding_is_minimal_and_idempotent(cpu in 0_i64..=64_000, mib in 0_i64..=262_144, named: bool) {
            let region = if named { "cn-hangzhou" } else { "us-east-1" };
            let (cpu, memory) = (MilliCpu(cpu), Bytes::from_mib(mib));
            let spec = EciSpec::round_up(cpu, memory, region).unwrap();
            prop_assert!(spec.cpu >= cpu && spec.memory >= memory);
            for Offer { spec: other, .. } in offers(region) {
                prop_assert!(other >= spec || other.cpu < cpu || other.memory < memory, "{other} beats {spec}");
            }
            prop_assert_eq!(EciSpec::round_up(spec.cpu, spec.memory, region).unwrap(), spec);
        }
    }
}
